//! Claimed sources behind a proxy: asked for as the environment says, and written down as such.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

#[path = "../../crates/fullsource-collect/tests/support/http_server.rs"]
mod http_server;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use fullsource_tests::command::Place;
use http_server::{HttpServer, Reply};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const DATA: &[u8] = b"{\"text\": \"a letter\"}\n{\"text\": \"another letter\"}\n";

/// A proxy that opens tunnels (CONNECT) to one server, whatever is asked for, and notes down what was.
struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&log);
                thread::spawn(move || tunnel(stream, server, &log));
            }
        });
        Self { port, asked }
    }
}

fn tunnel(client: TcpStream, server: u16, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).ok().filter(|count| *count > 0)?;
    }
    log.lock().unwrap().push(head.lines().next()?.to_owned());
    let upstream = TcpStream::connect(("127.0.0.1", server)).ok()?;
    let mut client = client;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let (mut up, mut down) = (upstream.try_clone().ok()?, upstream);
    let mut from_client = reader;
    thread::spawn(move || std::io::copy(&mut from_client, &mut up));
    std::io::copy(&mut down, &mut client).ok()?;
    Some(())
}

#[test]
fn the_environments_proxy_is_used_and_told_and_no_proxy_is_honoured() {
    let server = HttpServer::start_tls(|asked| match asked.target.as_str() {
        "/letters.jsonl" => Reply::file(asked, DATA, "\"1\""),
        _ => Reply::status(404),
    });
    let proxy = Proxy::before(server.port());
    let place = Place::new();
    let path = place.at("demo/fullsource.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let url = server.url("/letters.jsonl").to_string();
    let sha256: String = Sha256::digest(DATA).iter().map(|byte| format!("{byte:02x}")).collect();
    manifest["artifacts"].as_array_mut().unwrap().push(json!({
        "id": "letters", "roles": ["data.sft"], "license": "CC0-1.0", "locators": [url],
        "digest": { "sha256": sha256 }
    }));
    fs::write(&path, manifest.to_string()).unwrap();
    fs::write(place.at("ca.pem"), server.authority()).unwrap();
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    let verify = |environment: &str| {
        let args = ["verify", "demo", "--key", "alice.pub", "--ca-file", "ca.pem"];
        let more = ["--save-evidence", "evidence.json"];
        let environment = format!(
            "unset HTTP_PROXY ALL_PROXY https_proxy http_proxy all_proxy no_proxy NO_PROXY; {environment}"
        );
        let done = place.command(&[&args[..], &more].concat()).shell(&environment).run();
        let evidence: Value =
            serde_json::from_slice(&fs::read(place.at("evidence.json")).unwrap()).unwrap();
        let seen = evidence["artifacts"].as_array().unwrap().iter();
        let letters = seen.clone().find(|seen| seen["id"] == "letters").unwrap().clone();
        (done, letters["observations"][0].clone())
    };
    // The address that the proxy asks is not known here: nothing is refused, and the route is told.
    let through = format!("export HTTPS_PROXY=http://127.0.0.1:{}", proxy.port);
    let (done, seen) = verify(&through);
    done.expect(0, &["PASS"]);
    assert_eq!((&seen["status"], &seen["route"]), (&json!("seen"), &json!("proxy")), "{seen}");
    let wanted = format!("CONNECT localhost:{} HTTP/1.1", server.port());
    assert_eq!(*proxy.asked.lock().unwrap(), [wanted]);
    // Where the environment excepts the host, it is asked straight, and the address rules hold.
    let (done, seen) = verify(&format!("{through} NO_PROXY=localhost"));
    done.expect(3, &["--allow-host"]);
    assert_eq!((&seen["status"], &seen["route"]), (&json!("skipped"), &Value::Null), "{seen}");
    assert_eq!(proxy.asked.lock().unwrap().len(), 1);
    // An address that is none of the public ones is refused by its number, proxy or not.
    let literal = url.replace("localhost", "127.0.0.1");
    manifest["artifacts"][2]["locators"] = json!([literal]);
    fs::write(&path, manifest.to_string()).unwrap();
    place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    let (done, seen) = verify(&through);
    done.expect(3, &[]);
    assert_eq!(seen["status"], json!("skipped"), "{seen}");
    assert_eq!(proxy.asked.lock().unwrap().len(), 1);
}
