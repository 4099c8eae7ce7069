//! An HTTP server on loopback that serves a directory, with ranges and entity tags as nginx has them,
//! and with faults where a rule says so.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What goes wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is dropped after so many bytes of the body.
    Cut(u64),
    /// One bit of the byte at this offset of the file is turned.
    Corrupt(u64),
    /// The answer has this status and no file.
    Status(u16),
    /// The answer comes so late.
    Delay(Duration),
    /// The body comes at so many bytes a second.
    Slow(u64),
    /// `Content-Length` says so many bytes more, or less, than come.
    Length(i64),
    /// The file has these bytes more than on the disk.
    Longer(&'static [u8]),
    /// Ranges are not known: every answer is the whole file.
    NoRanges,
    /// There is no entity tag, so that a client cannot know what it goes on with.
    NoTag,
    /// Another entity tag with each answer; what goes on with an older one gets the whole file.
    OtherTag,
    /// An answer that goes on starts so many bytes too early, and says that it does not.
    Overlap(u64),
    /// The file lies on another server, at this address.
    Redirect(String),
    /// Who does not show this token gets nothing.
    Closed(&'static str),
}

/// Which requests a fault befalls.
#[derive(Debug, Clone)]
pub struct Rule {
    ending: String,
    left: Option<u32>,
    fault: Fault,
}

impl Rule {
    /// A fault of every answer about files whose paths end like this.
    pub fn always(ending: &str, fault: Fault) -> Self {
        Self { ending: ending.to_owned(), left: None, fault }
    }

    /// A fault of the first answers alone.
    pub fn times(times: u32, ending: &str, fault: Fault) -> Self {
        Self { left: Some(times), ..Self::always(ending, fault) }
    }
}

/// One request and its answer.
#[derive(Debug, Clone, Default)]
pub struct Served {
    /// The path, decoded, without its first `/`.
    pub path: String,
    /// The first byte asked for, where it is not the file's.
    pub from: Option<u64>,
    /// Header fields by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the body that were sent.
    pub bytes: u64,
}

/// A server that runs until it is dropped.
pub struct HttpServer {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    rules: Mutex<Vec<Rule>>,
    /// Requests, and the bytes that went out for each so far.
    log: Mutex<Vec<(Served, Arc<AtomicU64>)>>,
    stop: AtomicBool,
}

impl HttpServer {
    /// Serves what lies below a directory.
    pub fn start(root: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            root: root.to_owned(),
            rules: Mutex::default(),
            log: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if served.stop.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&served)) else { continue };
                thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    let mut reader = BufReader::new(stream);
                    while let Ok(true) = shared.exchange(&mut reader) {}
                });
            }
        });
        Self { port, shared }
    }

    /// Its origin, as `--allow-host` takes it.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.origin())
    }

    /// Adds a fault.
    pub fn add(&self, rule: Rule) {
        self.shared.rules.lock().unwrap().push(rule);
    }

    /// Takes all faults back, and forgets what was served.
    pub fn reset(&self) {
        self.shared.rules.lock().unwrap().clear();
        self.shared.log.lock().unwrap().clear();
    }

    /// What was served so far, in the order in which it was asked for.
    pub fn log(&self) -> Vec<Served> {
        let log = self.shared.log.lock().unwrap();
        let now = |bytes: &AtomicU64| bytes.load(Ordering::Relaxed);
        log.iter().map(|(served, bytes)| Served { bytes: now(bytes), ..served.clone() }).collect()
    }

    /// Bytes of bodies that were sent so far.
    pub fn bytes(&self) -> u64 {
        self.log().iter().map(|served| served.bytes).sum()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// An answer before it is sent.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    length: i64,
    cut: Option<u64>,
    rate: Option<u64>,
}

impl Answer {
    fn status(status: u16) -> Self {
        let body = format!("status {status}\n").into_bytes();
        Self { status, headers: Vec::new(), body, length: 0, cut: None, rate: None }
    }
}

impl Shared {
    /// One request and one answer; false where the connection is not kept.
    fn exchange(&self, reader: &mut BufReader<TcpStream>) -> io::Result<bool> {
        let Some(mut served) = request(reader)? else { return Ok(false) };
        let faults = self.faults(&served.path);
        let answer = self.answer(&served, &faults);
        served.status = answer.status;
        let kept = answer.cut.is_none() && answer.length == 0;
        let sent = Arc::new(AtomicU64::new(0));
        self.log.lock().unwrap().push((served, Arc::clone(&sent)));
        send(reader.get_mut(), &answer, &sent)?;
        Ok(kept)
    }

    fn faults(&self, path: &str) -> Vec<Fault> {
        let mut rules = self.rules.lock().unwrap();
        let hit = rules.iter_mut().filter(|rule| path.ends_with(&rule.ending));
        let hit = hit.filter(|rule| rule.left != Some(0)).map(|rule| {
            rule.left = rule.left.map(|left| left - 1);
            rule.fault.clone()
        });
        hit.collect()
    }

    fn answer(&self, served: &Served, faults: &[Fault]) -> Answer {
        let path = self.root.join(&served.path);
        let inside = path.canonicalize().is_ok_and(|path| path.starts_with(&self.root));
        let Some(mut content) = inside.then(|| fs::read(&path).ok()).flatten() else {
            return Answer::status(404);
        };
        let mut tag = Some(format!("\"{:x}\"", content.len()));
        let mut from = served.from;
        for fault in faults {
            match fault {
                Fault::Delay(time) => thread::sleep(*time),
                Fault::Status(status) => return Answer::status(*status),
                Fault::Redirect(to) => {
                    let location = format!("{to}/{}", served.path);
                    return Answer { headers: vec![("location", location)], ..Answer::status(302) };
                }
                Fault::Closed(token) => {
                    let wanted = format!("Bearer {token}");
                    if served.headers.get("authorization") != Some(&wanted) {
                        return Answer::status(401);
                    }
                }
                Fault::Corrupt(at) => content[*at as usize] ^= 1,
                Fault::Longer(more) => content.extend_from_slice(more),
                Fault::NoRanges => from = None,
                Fault::NoTag => tag = None,
                Fault::OtherTag => tag = Some(format!("\"{}\"", self.log.lock().unwrap().len())),
                Fault::Cut(_) | Fault::Slow(_) | Fault::Length(_) | Fault::Overlap(_) => {}
            }
        }
        let range = served.headers.get("if-range");
        from = from.filter(|_| range.is_none() || range == tag.as_ref());
        let mut answer = ranged(content, from, faults);
        answer.headers.extend(tag.map(|tag| ("etag", tag)));
        for fault in faults {
            match fault {
                Fault::Cut(after) => answer.cut = Some(*after),
                Fault::Slow(rate) => answer.rate = Some(*rate),
                Fault::Length(difference) => answer.length = *difference,
                _ => {}
            }
        }
        answer
    }
}

/// The file from a byte on, as RFC 9110 has it.
fn ranged(content: Vec<u8>, from: Option<u64>, faults: &[Fault]) -> Answer {
    let size = content.len() as u64;
    let Some(from) = from else { return Answer { body: content, ..Answer::status(200) } };
    if from >= size {
        let headers = vec![("content-range", format!("bytes */{size}"))];
        return Answer { headers, ..Answer::status(416) };
    }
    let early = faults.iter().find_map(|fault| match fault {
        Fault::Overlap(bytes) => Some(*bytes),
        _ => None,
    });
    let start = from.saturating_sub(early.unwrap_or(0)) as usize;
    let body = content[start..start + (size - from) as usize].to_vec();
    let headers = vec![("content-range", format!("bytes {from}-{}/{size}", size - 1))];
    Answer { headers, body, ..Answer::status(206) }
}

fn send(to: &mut TcpStream, answer: &Answer, sent: &AtomicU64) -> io::Result<()> {
    let length = answer.body.len() as i64 + answer.length;
    let mut head = format!("HTTP/1.1 {} x\r\ncontent-length: {length}\r\n", answer.status);
    head.push_str("accept-ranges: bytes\r\n");
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    to.write_all(head.as_bytes())?;
    let end = answer.cut.unwrap_or(u64::MAX).min(answer.body.len() as u64) as usize;
    // Twenty pieces a second where it is to be slow.
    let piece = answer.rate.map_or(1 << 16, |rate| (rate / 20).max(1) as usize);
    for piece in answer.body[..end].chunks(piece) {
        to.write_all(piece)?;
        sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        if answer.rate.is_some() {
            thread::sleep(Duration::from_millis(50));
        }
    }
    to.flush()
}

fn request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Served>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or_default();
    let path = decoded(target.split('?').next().unwrap_or_default().trim_start_matches('/'));
    let mut served = Served { path, ..Served::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        served.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let range = served.headers.get("range").and_then(|range| range.strip_prefix("bytes="));
    served.from = range.and_then(|range| range.split('-').next()?.parse().ok());
    Ok(Some(served))
}

/// Percent-decoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
