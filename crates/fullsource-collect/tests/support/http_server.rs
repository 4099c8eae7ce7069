//! A real HTTP server on loopback that answers as a test says, truthfully or not; with TLS under a
//! throw-away authority where asked.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A question as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub target: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Asked {
    /// The first byte asked for by `Range`, where one is.
    pub fn from(&self) -> Option<usize> {
        self.headers.get("range")?.strip_prefix("bytes=")?.split('-').next()?.parse().ok()
    }
}

/// An answer, with the ways in which it may be broken.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Says this `Content-Length` instead of the true one.
    pub length: Option<usize>,
    /// Drops the connection after so many bytes of the body.
    pub cut: Option<usize>,
    /// Waits before the answer.
    pub delay: Duration,
    /// Waits in the middle of the body.
    pub stall: Duration,
}

impl Reply {
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), ..Self::default() }
    }

    pub fn status(status: u16) -> Self {
        Self { status, body: format!("status {status}").into_bytes(), ..Self::default() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("location", to)
    }

    /// A file with a strong validator, whole or from the byte that was asked for.
    pub fn file(asked: &Asked, content: &[u8], tag: &str) -> Self {
        let tagged = |reply: Self| reply.header("etag", tag).header("accept-ranges", "bytes");
        let same = asked.headers.get("if-range").is_none_or(|wanted| wanted == tag);
        match asked.from().filter(|from| same && *from < content.len()) {
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", content.len() - 1, content.len());
                let part = Self { status: 206, ..Self::ok(&content[from..]) };
                tagged(part.header("content-range", &range))
            }
            None => tagged(Self::ok(content)),
        }
    }
}

/// A server that runs until it is dropped.
pub struct HttpServer {
    port: u16,
    tls: Option<String>,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: TcpStream,
}

type Handler = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

impl HttpServer {
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::run(Arc::new(answer), None)
    }

    /// The same with TLS, for the name `localhost` and 127.0.0.1.
    pub fn start_tls(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let (config, authority) = certificates();
        Self::run(Arc::new(answer), Some((config, authority)))
    }

    fn run(answer: Handler, tls: Option<(Arc<rustls::ServerConfig>, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (first, _) = listener.accept().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (config, authority) = tls.unzip();
        {
            let asked = Arc::clone(&asked);
            listener.set_nonblocking(true).unwrap();
            thread::spawn(move || {
                first.set_nonblocking(true).unwrap();
                let mut first = first;
                loop {
                    // Closed by the test's end when the server is dropped.
                    if matches!(first.read(&mut [0]), Ok(0)) {
                        return;
                    }
                    let Ok((stream, _)) = listener.accept() else {
                        thread::sleep(Duration::from_millis(2));
                        continue;
                    };
                    stream.set_nonblocking(false).unwrap();
                    let (answer, asked, config) = (answer.clone(), asked.clone(), config.clone());
                    thread::spawn(move || serve(stream, config, &answer, &asked));
                }
            });
        }
        Self { port, tls: authority, asked, stop }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The address of a path, by name.
    pub fn url(&self, path: &str) -> url::Url {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://localhost:{}{path}", self.port).parse().unwrap()
    }

    /// The authority's certificate (PEM).
    pub fn authority(&self) -> &str {
        self.tls.as_deref().unwrap()
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        let _ = self.stop.shutdown(Shutdown::Both);
    }
}

pub fn certificates() -> (Arc<rustls::ServerConfig>, String) {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let secret = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], secret)
        .unwrap();
    (Arc::new(config), authority.pem())
}

fn serve(
    stream: TcpStream,
    config: Option<Arc<rustls::ServerConfig>>,
    answer: &Handler,
    asked: &Mutex<Vec<Asked>>,
) {
    match config {
        None => {
            let mut reader = BufReader::new(stream);
            while exchange(&mut reader, answer, asked).is_some() {}
        }
        Some(config) => {
            let Ok(session) = rustls::ServerConnection::new(config) else { return };
            let mut reader = BufReader::new(rustls::StreamOwned::new(session, stream));
            while exchange(&mut reader, answer, asked).is_some() {}
            let _ = reader.get_mut().sock.shutdown(Shutdown::Both);
        }
    }
}

/// One question and one answer; none where the connection is at its end.
fn exchange<S: Read + Write>(
    reader: &mut BufReader<S>,
    answer: &Handler,
    log: &Mutex<Vec<Asked>>,
) -> Option<()> {
    let asked = read_request(reader)?;
    log.lock().unwrap().push(asked.clone());
    let reply = answer(&asked);
    thread::sleep(reply.delay);
    let out = reader.get_mut();
    let length = reply.length.unwrap_or(reply.body.len());
    let mut head = format!("HTTP/1.1 {} x\r\ncontent-length: {length}\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    out.write_all(head.as_bytes()).ok()?;
    if asked.method != "HEAD" && reply.status != 304 {
        let end = reply.cut.unwrap_or(reply.body.len()).min(reply.body.len());
        let (first, second) = reply.body[..end].split_at(end / 2);
        out.write_all(first).ok()?;
        out.flush().ok()?;
        thread::sleep(reply.stall);
        out.write_all(second).ok()?;
    }
    out.flush().ok()?;
    (reply.cut.is_none() && length == reply.body.len()).then_some(())
}

fn read_request<S: Read>(reader: &mut BufReader<S>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, target, headers, body })
}
