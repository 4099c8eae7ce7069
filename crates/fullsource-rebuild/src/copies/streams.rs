//! A file of an input, looked through as it is, as text, and inside of whatever is packed in it, wherever it starts.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};

use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::tree::escaped;

use super::covered::Covered;
use super::opened::{SIPPED, is_refusal, opened};
use super::regions::Windows;
use super::replay::Replay;
use super::scan::Stretch;
use super::starts::{HEAD, Packer, Start, Starts, Verdict};
use super::tee::Tee;

/// What is packed in what is packed.
pub(super) const DEPTH: u32 = 4;
/// Hits of one file that are kept to be told.
const HITS: usize = 100_000;
/// Bytes that may come out of a file in any case, and how many times its own bytes: what arc-11 allows an archive.
const FREE: u64 = 64 << 20;
const RATIO: u64 = 2000;
/// Starts that are tried in any case, and bytes of a file to one more: in programs one byte in forty looks like one.
const TRIES: (u64, u64) = (10_000, 16);
/// Bytes that may come out of what is tried in vain, and how many times the bytes of a file.
const WASTE: (u64, u64) = (64 << 20, 16);
/// Bytes that come out of nothing by chance: what gave so many was packed, though it breaks off.
const CHANCE: u64 = 256 << 10;

/// What is found in a file. What cannot be read to its end is looked through as far as it can, and noted as unseen.
pub(super) fn look(
    windows: &Windows<'_>,
    path: &str,
    bytes: &mut dyn Read,
    progress: &Progress,
) -> Result<Found, Stopped> {
    let search = Search {
        windows,
        progress,
        starts: RefCell::new(Starts::new()),
        found: RefCell::default(),
        spent: Spent::default(),
    };
    if let Err(broken) = search.look(path, bytes, 0, true) {
        windows.note_unseen(path, &broken.why);
    }
    progress.check()?;
    Ok(search.found.into_inner())
}

/// What was found in a file and in all that it holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) covered: Covered,
    pub(super) hits: Vec<Hit>,
}

/// A stretch, and the file and the member that it was found in.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) path: String,
    pub(super) stretch: Stretch,
}

/// A look through one file.
pub(super) struct Search<'a> {
    pub(super) windows: &'a Windows<'a>,
    progress: &'a Progress,
    pub(super) starts: RefCell<Starts>,
    found: RefCell<Found>,
    spent: Spent,
}

/// What the look took.
#[derive(Debug, Default)]
struct Spent {
    /// Bytes of the file.
    read: Cell<u64>,
    /// Bytes that came out of all that is packed.
    unpacked: Cell<u64>,
    tries: Cell<u64>,
    wasted: Cell<u64>,
}

/// A stream broke off, behind so many bytes.
pub(super) struct Broken {
    count: u64,
    pub(super) why: io::Error,
}

impl Search<'_> {
    /// Looks through a stream, and through what is packed in it. `whole`: it starts where something was stored, so
    /// that what has no mark may start there, too.
    pub(super) fn look(
        &self,
        path: &str,
        bytes: &mut dyn Read,
        depth: u32,
        whole: bool,
    ) -> Result<(), Broken> {
        let mut stream = Replay::new(Tee::new(bytes, self, path, depth));
        let mut whole = whole;
        while let (ahead, last) = stream.ahead(HEAD)
            && !ahead.is_empty()
        {
            let length = ahead.len();
            let place = if whole { Some(0) } else { Starts::candidate(ahead, 0) };
            // The last bytes are looked at again, with those that follow.
            let most = if last { length } else { length + 1 - HEAD };
            match place.filter(|place| *place < most) {
                Some(place) => {
                    stream.skip(place);
                    self.try_start(path, &mut stream, depth, std::mem::take(&mut whole));
                }
                None => stream.skip(most),
            }
        }
        let (seen, count, broken) = stream.into_tee().into_seen();
        let mut found = self.found.borrow_mut();
        for seen in seen {
            found.covered.add_all(&seen.covered);
            let room = HITS.saturating_sub(found.hits.len());
            let stretches = seen.stretches.into_iter().take(room);
            found.hits.extend(stretches.map(|stretch| Hit { path: path.to_owned(), stretch }));
        }
        broken.map_or(Ok(()), |why| Err(Broken { count, why }))
    }

    /// Opens what starts here, if anything does, and goes behind it; else behind the first byte.
    fn try_start(&self, path: &str, stream: &mut Replay<'_, '_>, depth: u32, whole: bool) {
        match self.tell(stream, whole) {
            Verdict::Open(_) if self.is_spent() => {
                let why = "more starts in it like something packed than are tried";
                self.windows.note_unseen(path, &why);
                stream.skip_all();
            }
            Verdict::Nothing | Verdict::More(_) => stream.skip(1),
            Verdict::Closed(what) => {
                self.note_closed(path, what);
                stream.skip(1);
            }
            Verdict::Open(start) if depth >= DEPTH => {
                self.note_deep(path, &start);
                stream.skip(1);
            }
            Verdict::Open(start) => self.open(&start, path, stream, depth, whole),
        }
    }

    fn tell(&self, stream: &mut Replay<'_, '_>, whole: bool) -> Verdict {
        let mut most = HEAD;
        loop {
            let (ahead, last) = stream.ahead(most);
            // Not while it reads on: texts in it may start something, too.
            let mut starts = self.starts.borrow_mut();
            let verdict = match starts.tell(ahead, last) {
                Verdict::Nothing if whole => starts.tell_whole(ahead, last),
                verdict => verdict,
            };
            match verdict {
                Verdict::More(more) if more > most => most = more,
                verdict => return verdict,
            }
        }
    }

    fn open(
        &self,
        start: &Start,
        path: &str,
        stream: &mut Replay<'_, '_>,
        depth: u32,
        whole: bool,
    ) {
        let member = start.member.as_deref().map(|name| format!("{path}#{}", escaped(name)));
        let inner = member.as_deref().unwrap_or(path);
        stream.mark();
        stream.skip(start.skip);
        let looked = match opened(start.packer, stream) {
            Ok(mut inside) => self.look(inner, &mut inside, depth + 1, true),
            Err(why) => Err(Broken { count: 0, why }),
        };
        let Err(Broken { count, why }) = looked else {
            stream.forget_mark();
            if matches!(start.packer, Packer::Lzma | Packer::ZipLzma(_)) {
                stream.step_back(SIPPED);
            }
            return;
        };
        // What breaks off in the stream itself is told of that.
        if stream.broken() {
            return;
        }
        self.spent.tries.set(self.spent.tries.get() + 1);
        self.spent.wasted.set(self.spent.wasted.get() + count);
        let went_back = stream.go_back();
        if whole && has_mark(start) || count >= CHANCE || !went_back || is_refusal(&why) {
            self.windows.note_unseen(inner, &why);
        }
        if went_back {
            stream.skip(1);
        }
    }

    /// Whether no more starts are tried.
    fn is_spent(&self) -> bool {
        let Spent { read, tries, wasted, .. } = &self.spent;
        tries.get() + self.starts.borrow().trials > TRIES.0 + read.get() / TRIES.1
            || wasted.get() > WASTE.0 + WASTE.1 * read.get()
    }

    /// Counts what was read of the file, or came out of something packed in it.
    pub(super) fn count(&self, length: usize, depth: u32) {
        self.progress.add_bytes(length);
        let Spent { read, unpacked, .. } = &self.spent;
        let counted = if depth == 0 { read } else { unpacked };
        counted.set(counted.get() + length as u64);
    }

    /// Fails where it is to be stopped, and where too much came out.
    pub(super) fn may_go_on(&self) -> io::Result<()> {
        self.progress.check().map_err(io::Error::other)?;
        let Spent { read, unpacked, .. } = &self.spent;
        if unpacked.get() > FREE.max(RATIO.saturating_mul(read.get())) {
            let why = "it unpacks to more than is read";
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, why));
        }
        Ok(())
    }

    /// Notes that something is packed in a way that is not opened.
    pub(super) fn note_closed(&self, path: &str, what: &str) {
        self.windows.note_unseen(path, &format!("it holds {what}, which is not opened"));
    }

    /// Notes that something is packed in too much else; not what may look like it by chance, as numbers of a table
    /// do that are decoded.
    pub(super) fn note_deep(&self, path: &str, start: &Start) {
        if has_mark(start) {
            self.windows.note_unseen(path, &format!("something is packed in {DEPTH} others"));
        }
    }

    /// Notes what cannot be told of a stream that was kept.
    pub(super) fn note_unseen(&self, path: &str, why: &io::Error) {
        self.windows.note_unseen(path, why);
    }
}

/// Whether something that stands at the start of a file is there by more than chance.
const fn has_mark(start: &Start) -> bool {
    !matches!(
        start,
        Start { packer: Packer::Deflate, skip: 0..=2, .. } | Start { packer: Packer::Lzma, .. }
    )
}
