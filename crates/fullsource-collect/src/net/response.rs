//! An answer, read like a file. A cut connection is taken up again where it broke.

use std::fmt;
use std::io::{self, Read};
use std::time::Duration;

use http::header::HeaderMap;
use reqwest::Response as Answer;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;
use url::Url;

use super::Net;
use super::request::{Request, shown};
use crate::source::Trouble;

/// An answer. Its body is read by [`Read`]; an error of it holds a [`Trouble`] (see [`Trouble::of`]).
pub struct Response {
    net: Net,
    request: Request,
    status: u16,
    headers: HeaderMap,
    url: Url,
    proxied: bool,
    length: Option<u64>,
    read: u64,
    resumed: u32,
    /// How often in a row it was taken up again and nothing came, and what was read before.
    dry: (u32, u64),
    body: Body,
}

enum Body {
    Coming { blocks: Receiver<Block>, now: bytes::Bytes },
    Ended,
}

type Block = Result<bytes::Bytes, Trouble>;

/// Blocks on their way from the network to the reader.
const AHEAD: usize = 64;
/// How often in all a body is taken up again.
const RESUMPTIONS: u32 = 32;

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {:?}", self.status, self.request)
    }
}

impl Response {
    pub(super) fn new(net: Net, request: &Request, answer: Answer, proxied: bool) -> Self {
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            net.count_answer();
        }
        let headers = answer.headers().clone();
        let (url, length) = (answer.url().clone(), length_of(&headers));
        let request = request.clone();
        let body = Body::coming(&net, answer);
        let (read, resumed, dry) = (0, 0, (0, 0));
        Self { net, request, status, headers, url, proxied, length, read, resumed, dry, body }
    }

    /// The status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// A header, where it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What answered in the end.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// What answered in the end, as it may be shown.
    pub fn endpoint(&self) -> String {
        shown(&self.url)
    }

    /// How many bytes the body has, where the answer says so.
    pub const fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether a proxy stood between.
    pub const fn proxied(&self) -> bool {
        self.proxied
    }

    /// How often the body was taken up again where a connection broke.
    pub const fn resumptions(&self) -> u32 {
        self.resumed
    }

    /// The whole body, which must not be longer than this.
    pub fn into_bytes(mut self, limit: u64) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        (&mut self).take(limit + 1).read_to_end(&mut bytes).map_err(|error| Trouble::of(&error))?;
        if bytes.len() as u64 > limit {
            let text = format!("{}: more than {limit} bytes", self.endpoint());
            return Err(Trouble::faulty(text));
        }
        Ok(bytes)
    }

    /// Asks for the rest, which makes sense only where a strong validator says that it is the rest of
    /// the same (RFC 9110, 13.1.5).
    fn resume(&mut self, broken: Trouble) -> Result<(), Trouble> {
        let tag = self.header("etag").filter(|tag| tag.starts_with('"')).map(str::to_owned);
        let Some(tag) = tag.filter(|_| self.resumed < RESUMPTIONS && self.status == 200) else {
            return Err(broken);
        };
        let (times, before) = self.dry;
        self.dry = (if self.read > before { 1 } else { times + 1 }, self.read);
        let dry = self.dry.0 > self.net.settings().tries;
        if dry || self.request.method != http::Method::GET {
            return Err(broken);
        }
        self.resumed += 1;
        let again = self.request.clone().from(self.read).header("if-range", &tag);
        let rest = self.net.send(&again)?;
        let starts = format!("bytes {}-", self.read);
        let fits = rest.status == 206
            && rest.header("content-range").is_some_and(|range| range.starts_with(&starts))
            && rest.header("etag").is_none_or(|new| new == tag);
        if !fits {
            return Err(broken);
        }
        self.body = rest.body;
        Ok(())
    }
}

impl Body {
    /// Lets the runtime read ahead, some blocks at most.
    fn coming(net: &Net, answer: Answer) -> Self {
        let (send, blocks) = channel(AHEAD);
        let idle = net.settings().idle;
        if let Ok(runtime) = net.runtime() {
            runtime.spawn(pump(answer, idle, send));
        }
        Self::Coming { blocks, now: bytes::Bytes::new() }
    }
}

async fn pump(mut answer: Answer, idle: Duration, to: Sender<Block>) {
    let url = shown(answer.url());
    loop {
        let block = match timeout(idle, answer.chunk()).await {
            Ok(Ok(Some(block))) => Ok(block),
            Ok(Ok(None)) => return,
            Ok(Err(error)) => {
                let cause = super::exchange::root_cause(&error);
                Err(Trouble::unreachable(format!("{url}: the answer broke off: {cause}")))
            }
            Err(_) => {
                let text = format!("{url}: nothing came for {} s", idle.as_secs());
                Err(Trouble::unreachable(text))
            }
        };
        let broken = block.is_err();
        if to.send(block).await.is_err() || broken {
            return;
        }
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Body::Coming { blocks, now } = &mut self.body else { return Ok(0) };
            if !now.is_empty() {
                let count = now.len().min(buffer.len());
                let taken = now.split_to(count);
                buffer[..count].copy_from_slice(&taken);
                self.net.budget().charge(count as u64).map_err(io::Error::other)?;
                self.read += count as u64;
                return Ok(count);
            }
            if buffer.is_empty() {
                return Ok(0);
            }
            self.net.budget().time().map_err(io::Error::other)?;
            let next = match blocks.try_recv() {
                Ok(block) => Some(block),
                Err(_) => {
                    let runtime = self.net.runtime().map_err(io::Error::other)?;
                    let wait = self.net.until_stopped(blocks.recv());
                    runtime.block_on(wait).map_err(io::Error::other)?
                }
            };
            match next {
                Some(Ok(block)) => *now = block,
                Some(Err(trouble)) => self.resume(trouble).map_err(io::Error::other)?,
                None if self.length.is_some_and(|length| self.read < length) && self.bodied() => {
                    let text = format!("{}: it ends too early", self.endpoint());
                    self.resume(Trouble::unreachable(text)).map_err(io::Error::other)?;
                }
                None => self.body = Body::Ended,
            }
        }
    }
}

impl Response {
    /// Whether an answer to this question has a body at all.
    fn bodied(&self) -> bool {
        self.request.method != http::Method::HEAD && self.status != 304
    }
}

fn length_of(headers: &HeaderMap) -> Option<u64> {
    headers.get("content-length")?.to_str().ok()?.parse().ok()
}

impl Trouble {
    /// The trouble inside an error of reading; an error of another kind is a place that does not answer.
    pub fn of(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        inner.cloned().unwrap_or_else(|| Self::unreachable(error.to_string()))
    }
}
