//! A proxy on loopback that stands in front of a plain HTTP server and disturbs its answers.
//!
//! One request for each connection. Body offsets count the bytes of one answer's body. Where several
//! faults fit a request, the first that has times left acts.

#![allow(dead_code, reason = "each test uses a part")]

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What happens to an answer.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// The connection is cut after so many bytes of the body.
    Cut { after: u64 },
    /// Nothing comes for this long, after so many bytes of the body.
    Stall { after: u64, pause: Duration },
    /// The head comes late.
    Delay(Duration),
    /// One byte of the body is another one.
    Corrupt { at: u64 },
    /// The body ends after so many bytes, and its length says the same.
    Shorten { to: u64 },
    /// So many bytes before this offset come a second time; the length does not say so.
    Repeat { at: u64, bytes: usize },
    /// The server is not asked: this is the answer.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// The connection is closed without an answer.
    HangUp,
}

impl Act {
    /// An answer without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: Vec::new() }
    }
}

/// An [`Act`], on which requests, and how often.
pub(crate) struct Fault {
    act: Act,
    when: Box<dyn Fn(&str) -> bool + Send>,
    times: usize,
}

impl Fault {
    /// On every request, without end.
    pub(crate) fn always(act: Act) -> Self {
        Self { act, when: Box::new(|_| true), times: usize::MAX }
    }

    /// On the first requests that fit.
    pub(crate) fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// On requests whose head (request line and headers) fits.
    pub(crate) fn when(mut self, when: impl Fn(&str) -> bool + Send + 'static) -> Self {
        self.when = Box::new(when);
        self
    }
}

struct State {
    backend: SocketAddr,
    faults: Mutex<Vec<Fault>>,
    heads: Mutex<Vec<String>>,
    stop: AtomicBool,
}

/// The proxy. It stops when this is dropped.
pub(crate) struct CuttingProxy {
    address: SocketAddr,
    state: Arc<State>,
}

impl CuttingProxy {
    /// A proxy on a free port that disturbs nothing yet.
    pub(crate) fn before(backend: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (faults, heads, stop) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        let state = Arc::new(State { backend, faults, heads, stop });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.stop.load(Ordering::Relaxed) {
                    return;
                }
                let state = Arc::clone(&shared);
                // Errors of one connection are what this proxy is for.
                thread::spawn(move || drop(serve(&state, client)));
            }
        });
        Self { address, state }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a fault.
    pub(crate) fn add(&self, fault: Fault) -> &Self {
        self.state.faults.lock().unwrap().push(fault);
        self
    }

    /// Takes every fault away.
    pub(crate) fn clear(&self) {
        self.state.faults.lock().unwrap().clear();
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.state.heads.lock().unwrap().clone()
    }
}

impl Drop for CuttingProxy {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::Relaxed);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(state: &State, client: TcpStream) -> io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    let head = head(&mut from_client)?;
    if head.is_empty() {
        return Ok(());
    }
    state.heads.lock().unwrap().push(head.clone());
    let act = taken(&mut state.faults.lock().unwrap(), &head);
    let mut body = vec![0; usize::try_from(length(&head).unwrap_or(0)).unwrap()];
    from_client.read_exact(&mut body)?;
    match act {
        Some(Act::HangUp) => return client.shutdown(Shutdown::Both),
        Some(Act::Answer { status, headers, body }) => {
            return answer(client, status, &headers, &body);
        }
        Some(Act::Delay(pause)) => thread::sleep(pause),
        _ => {}
    }
    let mut server = TcpStream::connect(state.backend)?;
    server.write_all(closing(&head).as_bytes())?;
    server.write_all(&body)?;
    forward(BufReader::new(server), client, act)
}

fn taken(faults: &mut [Fault], head: &str) -> Option<Act> {
    let fault = faults.iter_mut().find(|fault| fault.times > 0 && (fault.when)(head))?;
    fault.times -= 1;
    Some(fault.act.clone())
}

/// Request or status line and headers, with the empty line behind them.
fn head(from: &mut impl io::BufRead) -> io::Result<String> {
    let mut head = String::new();
    while from.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    Ok(head)
}

fn length(head: &str) -> Option<u64> {
    let header = head.lines().find(|line| name_of(line) == "content-length")?;
    header.split_once(':')?.1.trim().parse().ok()
}

fn name_of(line: &str) -> String {
    line.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

/// The same head of a connection that ends with this answer.
fn closing(head: &str) -> String {
    let kept = head.lines().filter(|line| !line.is_empty() && name_of(line) != "connection");
    kept.map(|line| format!("{line}\r\n")).collect::<String>() + "connection: close\r\n\r\n"
}

fn forward(mut server: impl io::BufRead, client: TcpStream, act: Option<Act>) -> io::Result<()> {
    let mut to = &client;
    let mut head = closing(&head(&mut server)?);
    let mut end = u64::MAX;
    if let Some(Act::Shorten { to }) = act {
        let kept = head.lines().filter(|line| !line.is_empty());
        let kept = kept.filter(|line| name_of(line) != "content-length");
        head = kept.map(|line| format!("{line}\r\n")).collect();
        head += &format!("content-length: {to}\r\n\r\n");
        end = to;
    }
    to.write_all(head.as_bytes())?;
    let (mut at, mut buffer) = (0_u64, vec![0; 64 << 10]);
    let mut struck = false;
    loop {
        match act {
            Some(Act::Cut { after }) if at == after => return client.shutdown(Shutdown::Both),
            Some(Act::Stall { after, pause }) if at == after && !struck => {
                struck = true;
                thread::sleep(pause);
            }
            _ => {}
        }
        // A block never crosses the place where something happens.
        let next = [place_of(act.as_ref()), Some(end)].into_iter().flatten();
        let next = next.filter(|next| *next > at).min().unwrap_or(u64::MAX);
        let most = usize::try_from((next - at).min(buffer.len() as u64)).unwrap();
        let count = server.read(&mut buffer[..most])?;
        if let Some(Act::Corrupt { at: place }) = act
            && place == at
            && count > 0
        {
            buffer[0] ^= 0x55;
        }
        to.write_all(&buffer[..count])?;
        at += count as u64;
        if count == 0 || at == end {
            return client.shutdown(Shutdown::Both);
        }
        if let Some(Act::Repeat { at: place, bytes }) = act
            && at == place
        {
            to.write_all(&buffer[count.saturating_sub(bytes)..count])?;
        }
    }
}

fn place_of(act: Option<&Act>) -> Option<u64> {
    match *act? {
        Act::Cut { after } | Act::Stall { after, .. } => Some(after),
        Act::Corrupt { at } | Act::Repeat { at, .. } => Some(at),
        _ => None,
    }
}

fn answer(
    mut client: TcpStream,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} Disturbed\r\nconnection: close\r\n");
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    head += &format!("content-length: {}\r\n\r\n", body.len());
    client.write_all(head.as_bytes())?;
    client.write_all(body)?;
    client.shutdown(Shutdown::Both)
}
