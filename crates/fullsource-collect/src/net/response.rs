//! An answer, read like a file. A cut connection is taken up again where it broke.

use std::fmt;
use std::io::{self, Read};
use std::time::Duration;

use http::header::HeaderMap;
use reqwest::Response as Answer;
use tokio::sync::mpsc::{
    Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel,
};
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
    Coming { blocks: Receiver<Block>, empty: UnboundedSender<Vec<u8>>, now: Vec<u8>, at: usize },
    Ended,
}

type Block = Result<Vec<u8>, Trouble>;

/// Blocks on their way from the network to the reader. They go round: fresh memory for each would cost
/// as much as its bytes.
const AHEAD: usize = 4;
/// Bytes of a block, if they come fast enough.
const BLOCK: usize = 256 << 10;
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
        let (empty, emptied) = unbounded_channel();
        let idle = net.settings().idle;
        if let Ok(runtime) = net.runtime() {
            runtime.spawn(pump(answer, idle, send, emptied));
        }
        Self::Coming { blocks, empty, now: Vec::new(), at: 0 }
    }
}

async fn pump(
    mut answer: Answer,
    idle: Duration,
    to: Sender<Block>,
    mut emptied: UnboundedReceiver<Vec<u8>>,
) {
    let url = shown(answer.url());
    loop {
        let mut block = emptied.try_recv().unwrap_or_default();
        block.clear();
        let end = match timeout(idle, answer.chunk()).await {
            Ok(first) => gather(&mut answer, first, &mut block).await.map_err(|error| {
                let cause = super::exchange::root_cause(&error);
                Trouble::unreachable(format!("{url}: the answer broke off: {cause}"))
            }),
            Err(_) => {
                let text = format!("{url}: nothing came for {} s", idle.as_secs());
                Err(Trouble::unreachable(text))
            }
        };
        if !block.is_empty() && to.send(Ok(block)).await.is_err() {
            return;
        }
        match end {
            Ok(End::NotYet) => {}
            Ok(End::Reached) => return,
            Err(trouble) => {
                // A reader that is gone needs no reason.
                let _ = to.send(Err(trouble)).await;
                return;
            }
        }
    }
}

enum End {
    NotYet,
    Reached,
}

/// Fills a block with what is there already.
async fn gather(
    answer: &mut Answer,
    first: reqwest::Result<Option<bytes::Bytes>>,
    block: &mut Vec<u8>,
) -> reqwest::Result<End> {
    let mut next = first;
    loop {
        match next? {
            Some(bytes) => block.extend_from_slice(&bytes),
            None => return Ok(End::Reached),
        }
        if block.len() >= BLOCK {
            return Ok(End::NotYet);
        }
        next = tokio::select! {
            biased;
            next = answer.chunk() => next,
            () = std::future::ready(()) => return Ok(End::NotYet),
        };
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Body::Coming { blocks, empty, now, at } = &mut self.body else { return Ok(0) };
            let left = &now[*at..];
            if !left.is_empty() {
                let count = left.len().min(buffer.len());
                buffer[..count].copy_from_slice(&left[..count]);
                *at += count;
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
                Some(Ok(block)) => {
                    // What no longer comes needs no memory.
                    let _ = empty.send(std::mem::replace(now, block));
                    *at = 0;
                }
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
