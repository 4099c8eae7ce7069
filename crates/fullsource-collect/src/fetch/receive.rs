//! One file, over as many connections as it takes.

use std::io::{self, Read as _};

use fullsource_format::index::FileRecord;

use super::part::Part;
use super::{Difference, Fetch, Missed};
use crate::net::{Request, Response};
use crate::source::{Trouble, TroubleKind};

/// Bytes taken at once. Small enough to stay in a core's own cache between two digests.
const BLOCK: usize = 256 << 10;
/// Connections that bring next to nothing, before a file is given up.
const TRIES: u32 = 4;
/// Bytes that make a connection worth another one.
const PROGRESS: u64 = 1 << 20;

/// What one file took.
pub(super) struct Came {
    /// Bytes over the network.
    pub(super) received: u64,
    /// Bytes that an earlier run had left.
    pub(super) resumed: u64,
}

/// How a connection ended.
enum End {
    /// The answer was read to its end; or broken off, with what was said.
    Over(Option<Trouble>),
    /// It serves another file.
    Differs(Difference),
}

impl<'a> Fetch<'a> {
    /// Receives a file up to the point where its digests hold.
    pub(super) fn receive(&self, record: &FileRecord<'_>) -> Result<(Part<'a>, Came), Missed> {
        let mut part = Part::open(self.receiving, record)?;
        match self.whole(&mut part, record) {
            Ok(came) => Ok((part, came)),
            Err(missed) => {
                if part.is_empty()? {
                    part.discard()?;
                }
                Err(missed)
            }
        }
    }

    fn whole(&self, part: &mut Part<'_>, record: &FileRecord<'_>) -> Result<Came, Missed> {
        part.read_again(record.size, self.progress)?;
        self.progress.check()?;
        let mut came = Came { received: 0, resumed: part.length() };
        let mut first = true;
        loop {
            let in_pieces = self.rest(part, record, &mut came)? || came.resumed > 0;
            let Some(difference) = part.difference(record) else { return Ok(came) };
            part.restart()?;
            // Pieces of two files make a third one: once more, from the start.
            if !(first && in_pieces) {
                return Err(Missed::Differs(difference));
            }
            first = false;
            came.resumed = 0;
        }
    }

    /// Receives what is missing of a file. Tells whether it came in several pieces.
    fn rest(
        &self,
        part: &mut Part<'_>,
        record: &FileRecord<'_>,
        came: &mut Came,
    ) -> Result<bool, Missed> {
        let mut tries = TRIES;
        let mut furthest = part.length();
        let mut pieces = 0;
        while part.length() < record.size {
            let response = self.ask(part, record)?;
            pieces += 1;
            let before = part.length();
            let end = self.stream(part, record, response, &mut pieces)?;
            came.received += part.length() - before;
            let trouble = match end {
                End::Differs(difference) => {
                    part.restart()?;
                    return Err(Missed::Differs(difference));
                }
                End::Over(_) if part.length() == record.size => break,
                End::Over(Some(trouble)) if trouble.kind != TroubleKind::Unreachable => {
                    return Err(trouble.into());
                }
                End::Over(trouble) => trouble,
            };
            if part.length() >= furthest + PROGRESS {
                (furthest, tries) = (part.length(), TRIES);
            }
            tries -= 1;
            if tries == 0 {
                let text = format!("the answer ends after {} bytes", part.length());
                return Err(trouble.unwrap_or_else(|| Trouble::unreachable(text)).into());
            }
        }
        Ok(pieces > 1)
    }

    /// Asks for what is missing. Where the other side does not go on where we stopped, the part
    /// starts anew with the answer.
    fn ask(&self, part: &mut Part<'_>, record: &FileRecord<'_>) -> Result<Response, Missed> {
        let url = self.base.file(record.path);
        let from = part.length();
        if from > 0 {
            let request = Request::get(&url).from(from).accept(&[416]);
            let response = self.base.send(self.net, request)?;
            let starts = format!("bytes {from}-");
            let goes_on = |range: &str| range.starts_with(&starts);
            match response.status() {
                206 if response.header("content-range").is_some_and(goes_on) => {
                    return Ok(response);
                }
                200 => {
                    part.restart()?;
                    return Ok(response);
                }
                _ => part.restart()?,
            }
        }
        let response = self.base.send(self.net, Request::get(&url))?;
        match response.status() {
            200 => Ok(response),
            status => {
                let text = format!("{}: the answer is {status}", response.endpoint());
                Err(Trouble::unreachable(text).into())
            }
        }
    }

    fn stream(
        &self,
        part: &mut Part<'_>,
        record: &FileRecord<'_>,
        mut response: Response,
        pieces: &mut u32,
    ) -> Result<End, Missed> {
        if let Some(served) = size_of(&response, part.length()).filter(|size| *size != record.size)
        {
            return Ok(End::Differs(Difference::Size { served, signed: record.size }));
        }
        let mut buffer = vec![0; BLOCK];
        loop {
            self.progress.check()?;
            let left = usize::try_from(record.size - part.length()).unwrap_or(usize::MAX);
            // One more than is left: whether it ends there.
            let wanted = buffer.len().min(left.saturating_add(1));
            let (filled, end) = fill(&mut response, &mut buffer[..wanted]);
            if filled > left {
                return Ok(End::Differs(Difference::Longer(record.size)));
            }
            part.push(&buffer[..filled])?;
            self.progress.add_bytes(filled);
            if let Some(end) = end {
                *pieces += response.resumptions();
                return Ok(End::Over(end));
            }
        }
    }
}

/// The size of the whole file, where an answer that goes on at an offset tells it.
fn size_of(response: &Response, from: u64) -> Option<u64> {
    match response.header("content-range") {
        Some(range) if response.status() == 206 => range.rsplit_once('/')?.1.parse().ok(),
        _ => response.length().map(|length| length.saturating_add(from)),
    }
}

/// Fills a buffer as far as the answer goes; at its end, whether it was one or trouble.
fn fill(from: &mut Response, buffer: &mut [u8]) -> (usize, Option<Option<Trouble>>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => return (filled, Some(None)),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(Some(Trouble::of(&error)))),
        }
    }
    (filled, None)
}
