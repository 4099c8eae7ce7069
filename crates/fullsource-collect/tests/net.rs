//! The network against real servers on loopback.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

mod support {
    pub mod http_server;
}

use std::io::Read;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use fullsource_collect::net::{Net, Proxies, Request, Settings};
use fullsource_collect::source::{Trouble, TroubleKind};
use support::http_server::{HttpServer, Reply};

fn net() -> Net {
    Net::new(Settings::danger_loopback()).unwrap()
}

fn read(net: &Net, server: &HttpServer, path: &str) -> Result<Vec<u8>, Trouble> {
    net.send(&Request::get(&server.url(path)))?.into_bytes(1 << 30)
}

fn kind<T: std::fmt::Debug>(result: Result<T, Trouble>) -> TroubleKind {
    result.unwrap_err().kind
}

#[test]
fn statuses_mean_what_the_spec_says() {
    let server = HttpServer::start(|asked| Reply::status(asked.target[1..].parse().unwrap()));
    for (status, expected) in [
        (404, TroubleKind::Absent),
        (410, TroubleKind::Absent),
        (401, TroubleKind::Closed),
        (403, TroubleKind::Closed),
        (451, TroubleKind::Closed),
        (429, TroubleKind::Unreachable),
        (500, TroubleKind::Unreachable),
        (503, TroubleKind::Unreachable),
        (418, TroubleKind::Unreachable),
        // Nothing, and a part that nobody asked for.
        (204, TroubleKind::Unreachable),
        (206, TroubleKind::Unreachable),
    ] {
        assert_eq!(kind(read(&net(), &server, &format!("/{status}"))), expected, "{status}");
    }
    let times = |path: &str| server.asked().iter().filter(|asked| asked.target == path).count();
    assert_eq!((times("/404"), times("/503"), times("/429")), (1, 4, 4));
}

#[test]
fn what_passes_is_waited_out() {
    let left = AtomicU32::new(2);
    let server = HttpServer::start(move |_| {
        match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(2) => Reply::status(503).header("retry-after", "1"),
            Ok(_) => Reply::status(429).header("ratelimit", "\"api\";r=0;t=1"),
            Err(_) => Reply::ok("here"),
        }
    });
    let start = Instant::now();
    assert_eq!(read(&net(), &server, "/").unwrap(), b"here");
    assert!(start.elapsed() >= Duration::from_secs(2), "the pause asked for is kept");
}

#[test]
fn a_cut_connection_is_taken_up_where_it_broke() {
    let content: Vec<u8> = (0..3_000_000u32).map(|i| (i.wrapping_mul(i) >> 9) as u8).collect();
    let served = content.clone();
    let server = HttpServer::start(move |asked| Reply {
        cut: Some(700_000),
        ..Reply::file(asked, &served, "\"v1\"")
    });
    assert_eq!(read(&net(), &server, "/f").unwrap(), content);
    let starts: Vec<_> = server.asked().iter().map(|asked| asked.from()).collect();
    assert_eq!(starts.len(), 5, "{starts:?}");
}

#[test]
fn without_a_validator_nothing_is_pasted_together() {
    let content = vec![7u8; 1_000_000];
    for tag in ["W/\"weak\"", ""] {
        let served = content.clone();
        let server = HttpServer::start(move |asked| Reply {
            cut: Some(10),
            ..Reply::file(asked, &served, tag)
        });
        assert_eq!(kind(read(&net(), &server, "/f")), TroubleKind::Unreachable);
    }
    // A file that was replaced meanwhile is not the rest of the old one.
    let count = AtomicU32::new(0);
    let server = HttpServer::start(move |asked| {
        let nth = count.fetch_add(1, Ordering::SeqCst);
        let cut = (nth == 0).then_some(1000);
        Reply { cut, ..Reply::file(asked, &vec![nth as u8; 100_000], &format!("\"v{nth}\"")) }
    });
    assert_eq!(kind(read(&net(), &server, "/f")), TroubleKind::Unreachable);
}

#[test]
fn too_few_bytes_and_silence_are_no_content() {
    let server = HttpServer::start(|_| Reply { length: Some(100), ..Reply::ok("short") });
    assert_eq!(kind(read(&net(), &server, "/")), TroubleKind::Unreachable);
    let settings =
        Settings { idle: Duration::from_millis(300), tries: 1, ..Settings::danger_loopback() };
    let hasty = Net::new(settings).unwrap();
    let slow = HttpServer::start(|asked| match asked.target.as_str() {
        "/late" => Reply { delay: Duration::from_secs(2), ..Reply::ok("x") },
        _ => Reply { stall: Duration::from_secs(2), ..Reply::ok("xxxx") },
    });
    for path in ["/late", "/stalls"] {
        let start = Instant::now();
        assert_eq!(kind(read(&hasty, &slow, path)), TroubleKind::Unreachable, "{path}");
        assert!(start.elapsed() < Duration::from_millis(1500), "{path}");
    }
}

#[test]
fn redirects_are_followed_and_bounded_and_never_lower_the_scheme() {
    let server = HttpServer::start(|asked| match asked.target.as_str() {
        "/a" => Reply::redirect(302, "/b"),
        "/b" => Reply::redirect(307, "b/../c#x"),
        "/c" => Reply::ok("end"),
        "/private" => Reply::redirect(301, "https://192.168.7.7/x"),
        "/metadata" => Reply::redirect(301, "http://169.254.169.254/latest/meta-data/"),
        _ => Reply::redirect(302, "/loop"),
    });
    assert_eq!(read(&net(), &server, "/a").unwrap(), b"end");
    for path in ["/loop", "/private", "/metadata"] {
        assert_eq!(kind(read(&net(), &server, path)), TroubleKind::Skipped, "{path}");
    }
    let plain = server.url("/c");
    let secure = HttpServer::start_tls(move |_| Reply::redirect(302, plain.as_str()));
    let ca_pem = vec![secure.authority().as_bytes().to_vec()];
    let trusting = Net::new(Settings { ca_pem, ..Settings::danger_loopback() }).unwrap();
    let trouble = read(&trusting, &secure, "/").unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Skipped);
    assert!(trouble.detail.as_str().contains("from https to http"), "{trouble}");
}

#[test]
fn a_credential_stays_with_its_origin_and_out_of_every_text() {
    let stranger = HttpServer::start(|_| Reply::status(403));
    let away = stranger.url("/elsewhere?token=SECRET");
    let server = HttpServer::start(move |asked| match asked.target.as_str() {
        "/near" => Reply::redirect(302, "/far"),
        _ => Reply::redirect(302, away.as_str()),
    });
    let request =
        Request::get(&server.url("/near?sig=SECRET")).secret("authorization", "Bearer SECRET");
    assert!(!format!("{request:?}").contains("SECRET"));
    let request = Request::get(&server.url("/near")).secret("authorization", "Bearer SECRET");
    let trouble = net().send(&request).unwrap_err();
    assert!(!trouble.to_string().contains("SECRET"), "{trouble}");
    let sent = |server: &HttpServer| -> Vec<bool> {
        server.asked().iter().map(|asked| asked.headers.contains_key("authorization")).collect()
    };
    assert_eq!((sent(&server), sent(&stranger)), (vec![true, true], vec![false]));
}

#[test]
fn tls_is_held_to_its_authority() {
    let server = HttpServer::start_tls(|_| Reply::ok("secret garden"));
    let trouble = read(&net(), &server, "/").unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Unreachable);
    assert!(trouble.to_string().to_lowercase().contains("certificate"), "{trouble}");
    let ca_pem = vec![server.authority().as_bytes().to_vec()];
    let trusting = Net::new(Settings { ca_pem, ..Settings::danger_loopback() }).unwrap();
    assert_eq!(read(&trusting, &server, "/").unwrap(), b"secret garden");
    assert!(Net::new(Settings { ca_pem: vec![b"x".to_vec()], ..Settings::default() }).is_err());
}

#[test]
fn loopback_is_refused_by_name_and_by_number_unless_allowed() {
    let server = HttpServer::start_tls(|_| Reply::ok("x"));
    let net = Net::new(Settings { proxies: Proxies::None, ..Settings::default() }).unwrap();
    for host in ["localhost", "127.0.0.1", "[::1]", "2130706433"] {
        let url = format!("https://{host}:{}/", server.port()).parse().unwrap();
        let trouble = net.send(&Request::get(&url)).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Skipped, "{host}: {trouble}");
        assert!(trouble.detail.as_str().contains("--allow-host"), "{trouble}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn budgets_end_a_look() {
    let server = HttpServer::start(|_| Reply::ok(vec![0; 1_000_000]));
    let settings = Settings { max_bytes: 1_500_000, ..Settings::danger_loopback() };
    let net = Net::new(settings).unwrap();
    assert!(read(&net, &server, "/").is_ok());
    assert_eq!(kind(read(&net, &server, "/")), TroubleKind::Skipped);
    assert_eq!(server.asked().len(), 2, "what is too long is not asked for again");
    assert_eq!(net.budget().left(), 500_000);
    let offline = Net::new(Settings { offline: true, ..Settings::danger_loopback() }).unwrap();
    assert_eq!(kind(read(&offline, &server, "/")), TroubleKind::Skipped);
    let brief = Settings { total: Duration::from_millis(1), ..Settings::danger_loopback() };
    let brief = Net::new(brief).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(kind(read(&brief, &server, "/")), TroubleKind::Skipped);
}

#[test]
fn a_wish_to_stop_ends_a_wait() {
    let server =
        HttpServer::start(|_| Reply { stall: Duration::from_secs(20), ..Reply::ok("xxxx") });
    let settings = Settings { idle: Duration::from_secs(30), ..Settings::danger_loopback() };
    let stop = settings.stop.clone();
    let net = Net::new(settings).unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::SeqCst);
    });
    let start = Instant::now();
    assert_eq!(kind(read(&net, &server, "/")), TroubleKind::Stopped);
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_body_is_given_as_it_is_published() {
    let server = HttpServer::start(|asked| {
        assert_eq!(asked.headers["accept-encoding"], "identity");
        assert!(asked.headers["user-agent"].starts_with("fullsource/"));
        Reply::ok(b"\x1f\x8b not gzip at all".to_vec()).header("content-encoding", "gzip")
    });
    let mut response = net().send(&Request::get(&server.url("/"))).unwrap();
    let mut body = Vec::new();
    response.read_to_end(&mut body).unwrap();
    assert_eq!(body, b"\x1f\x8b not gzip at all");
}
