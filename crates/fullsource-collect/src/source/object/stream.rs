//! The bytes of one object, read like a file, taken up again where a connection broke.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use fullsource_format::locator::Store;
use futures_util::StreamExt as _;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectStore};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::answer;
use super::environment::Environment;
use super::listener::{ObjectBytes, Word};
use crate::net::Net;
use crate::progress::Progress;
use crate::source::{Trouble, TroubleKind};

/// Blocks on their way from the network to the reader.
const AHEAD: usize = 16;
/// How often in all an object is taken up again.
const RESUMPTIONS: u32 = 32;

/// An object whose bytes are about to come.
pub(super) struct Opened {
    pub(super) size: u64,
    /// The store's word on its SHA-256.
    pub(super) word: Option<Word>,
    answer: GetResult,
}

/// Asks for an object, or for its headers alone.
pub(super) async fn open(
    store: Arc<dyn ObjectStore>,
    kind: Store,
    path: Path,
    head: bool,
) -> object_store::Result<Opened> {
    let answer = store.get_opts(&path, GetOptions { head, ..options(kind) }).await?;
    let word = answer.extensions.get::<Word>().copied();
    Ok(Opened { size: answer.meta.size, word, answer })
}

fn options(kind: Store) -> GetOptions {
    let mut options = GetOptions::default();
    options.extensions.insert(ObjectBytes(kind));
    options
}

/// Why the bytes did not come to their end.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{trouble}")]
pub(super) struct Broken {
    pub(super) trouble: Trouble,
    /// The object is another one by now: it may be read again from its start.
    pub(super) changed: bool,
}

impl From<Trouble> for Broken {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, changed: false }
    }
}

impl Broken {
    /// What is inside an error of [`Bytewise`].
    pub(super) fn of(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        inner.cloned().unwrap_or_else(|| Trouble::of(error).into())
    }
}

/// Where the rest of an object is asked for.
pub(super) struct Source {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) kind: Store,
    pub(super) what: String,
    pub(super) environment: Environment,
    pub(super) path: Path,
}

/// Reads an object on an ordinary thread.
pub(super) struct Bytewise<'a> {
    net: &'a Net,
    progress: &'a Progress,
    blocks: Receiver<Result<Bytes, Broken>>,
    now: Bytes,
}

impl<'a> Bytewise<'a> {
    /// Lets the runtime read ahead, some blocks at most.
    pub(super) fn new(
        net: &'a Net,
        progress: &'a Progress,
        source: Source,
        opened: Opened,
    ) -> Result<Self, Trouble> {
        let (send, blocks) = channel(AHEAD);
        net.runtime()?.spawn(pump(source, opened, send));
        Ok(Self { net, progress, blocks, now: Bytes::new() })
    }
}

impl Read for Bytewise<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let broken = |trouble: Trouble| io::Error::other(Broken::from(trouble));
        while self.now.is_empty() && !buffer.is_empty() {
            self.progress.check().map_err(|stopped| broken(stopped.into()))?;
            let next = match self.blocks.try_recv() {
                Ok(block) => Some(block),
                Err(_) => self.net.wait(self.blocks.recv()).map_err(broken)?,
            };
            match next {
                Some(block) => self.now = block.map_err(io::Error::other)?,
                None => return Ok(0),
            }
        }
        let count = self.now.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.now.split_to(count));
        Ok(count)
    }
}

async fn pump(source: Source, opened: Opened, to: Sender<Result<Bytes, Broken>>) {
    if let Err(broken) = pumped(&source, opened, &to).await {
        // Nobody reads where the reader is gone.
        let _ = to.send(Err(broken)).await;
    }
}

async fn pumped(
    source: &Source,
    opened: Opened,
    to: &Sender<Result<Bytes, Broken>>,
) -> Result<(), Broken> {
    let (size, tag) = (opened.size, opened.answer.meta.e_tag.clone());
    // A weak validator does not say that the rest is of the same bytes (RFC 9110, 13.1.1).
    let tag = tag.filter(|tag| !tag.starts_with("W/"));
    let (mut at, mut resumed) = (0_u64, 0);
    let mut blocks = opened.answer.into_stream();
    while at < size {
        let trouble = match blocks.next().await {
            Some(Ok(block)) => {
                at += block.len() as u64;
                if at > size {
                    return Err(source.wrong(size).into());
                }
                if to.send(Ok(block)).await.is_err() {
                    return Ok(());
                }
                continue;
            }
            Some(Err(error)) => answer::trouble(&source.what, &error, &source.environment),
            None => Trouble::unreachable(format!("{}: it ends too early", source.what)),
        };
        let Some(tag) = tag.as_ref().filter(|_| resumed < RESUMPTIONS && is_passing(&trouble))
        else {
            return Err(trouble.into());
        };
        resumed += 1;
        blocks = source.rest(at, size, tag).await?.into_stream();
    }
    match blocks.next().await {
        Some(Ok(block)) if !block.is_empty() => Err(source.wrong(size).into()),
        _ => Ok(()),
    }
}

fn is_passing(trouble: &Trouble) -> bool {
    trouble.kind == TroubleKind::Unreachable
}

impl Source {
    async fn rest(&self, at: u64, size: u64, tag: &str) -> Result<GetResult, Broken> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(at..size)),
            if_match: Some(tag.to_owned()),
            ..options(self.kind)
        };
        self.store.get_opts(&self.path, options).await.map_err(|error| {
            let changed = answer::is_changed(&error);
            Broken { trouble: answer::trouble(&self.what, &error, &self.environment), changed }
        })
    }

    fn wrong(&self, size: u64) -> Trouble {
        Trouble::faulty(format!("{}: more than the {size} bytes that the store tells", self.what))
    }
}
