//! SHA-256 of one large file, alone or with BLAKE3: by one worker, and once others have nothing left
//! to do, by two, of which one reads and does BLAKE3 and the other does SHA-256 alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};

use fullsource_format::digest::Blake3;

use super::{
    BLOCK, Digests, FileTrouble, Hashers, Interrupted, Marked, OpenFile, Worker, block_at, locked,
};

/// A large file being hashed.
pub(super) struct Stream {
    pub(super) index: usize,
    pub(super) path: String,
    size: u64,
    claimed: AtomicBool,
    seat: Mutex<Seat>,
}

/// Where a helper waits for the owner of the file to notice it.
enum Seat {
    Empty,
    Offered(Offer),
    /// The file is done: nobody notices any more.
    Closed,
}

/// A helper's two ends: what it will send, and how it is told where to start.
struct Offer {
    pieces: Receiver<Piece>,
    start: Sender<Start>,
}

/// What the owner hands over. From then on it takes blocks and gives empty buffers back.
struct Start {
    file: Arc<OpenFile>,
    offset: u64,
    blake3: Option<Box<blake3::Hasher>>,
    empty: Receiver<Vec<u8>>,
}

enum Piece {
    Block(Vec<u8>),
    Trouble(FileTrouble),
    End(Option<Blake3>),
}

/// Blocks on the way from helper to owner: enough that neither waits for a switch of threads.
const AHEAD: usize = 4;

impl Stream {
    pub(super) fn new(index: usize, path: &str, size: u64) -> Self {
        let (claimed, seat) = (AtomicBool::new(false), Mutex::new(Seat::Empty));
        Self { index, path: path.to_owned(), size, claimed, seat }
    }

    /// True for the first who asks: one helper is faster than SHA-256 can follow.
    pub(super) fn claim_help(&self) -> bool {
        !self.claimed.swap(true, Ordering::Relaxed)
    }

    fn helper(&self) -> Option<Offer> {
        let mut seat = locked(&self.seat);
        match std::mem::replace(&mut *seat, Seat::Empty) {
            Seat::Offered(offer) => Some(offer),
            Seat::Empty | Seat::Closed => None,
        }
    }
}

impl Worker<'_, '_> {
    /// Hashes a large file as its owner.
    pub(super) fn run_stream(
        &self,
        stream: &Stream,
        buffer: &mut [u8],
    ) -> Result<Marked, Interrupted> {
        let digests = self.own(stream, buffer);
        // A helper that was not noticed stops waiting.
        *locked(&stream.seat) = Seat::Closed;
        digests
    }

    fn own(&self, stream: &Stream, buffer: &mut [u8]) -> Result<Marked, Interrupted> {
        let file = Arc::new(OpenFile::open(self.root, stream.path.as_bytes(), stream.size)?);
        let mut hashers = Hashers::new(self.wanted);
        let mut offset = 0;
        while offset < stream.size {
            self.progress.check()?;
            if let Some(Offer { pieces, start }) = stream.helper() {
                let (recycle, empty) = channel();
                let blake3 = hashers.blake3.take();
                let handed = Start { file: Arc::clone(&file), offset, blake3, empty };
                match start.send(handed) {
                    Ok(()) => {
                        let blake3 = self.follow(&mut hashers, &pieces, &recycle)?;
                        let marks = file.still_same()?;
                        return Ok(Digests { blake3, ..hashers.finish() }.marked(marks));
                    }
                    // The helper is gone: what was handed over comes back.
                    Err(returned) => hashers.blake3 = returned.0.blake3,
                }
            }
            let block = block_at(buffer, offset, stream.size);
            file.read_at(offset, block)?;
            hashers.update(block);
            offset += block.len() as u64;
            self.progress.add_bytes(block.len());
        }
        let marks = file.still_same()?;
        Ok(hashers.finish().marked(marks))
    }

    /// Does SHA-256 of what the helper sends, to the end.
    fn follow(
        &self,
        hashers: &mut Hashers,
        pieces: &Receiver<Piece>,
        recycle: &Sender<Vec<u8>>,
    ) -> Result<Option<Blake3>, Interrupted> {
        loop {
            self.progress.check()?;
            match pieces.recv() {
                Ok(Piece::Block(block)) => {
                    hashers.update(&block);
                    self.progress.add_bytes(block.len());
                    // The helper may have sent its last block.
                    let _ = recycle.send(block);
                }
                Ok(Piece::Trouble(trouble)) => return Err(trouble.into()),
                Ok(Piece::End(blake3)) => return Ok(blake3),
                Err(_) => return Err(FileTrouble::Unreadable(rustix::io::Errno::IO.into()).into()),
            }
        }
    }

    /// Helps with a file: offers to, and once noticed reads it to its end.
    pub(super) fn help(&self, stream: &Stream) {
        let (send, pieces) = sync_channel(AHEAD);
        let (start, started) = channel();
        {
            let mut seat = locked(&stream.seat);
            if matches!(*seat, Seat::Closed) {
                return;
            }
            *seat = Seat::Offered(Offer { pieces, start });
        }
        if let Ok(start) = started.recv() {
            let end = match read_ahead(start, &send) {
                Ok(blake3) => Piece::End(blake3),
                Err(trouble) => Piece::Trouble(trouble),
            };
            // An owner that was stopped takes nothing any more.
            let _ = send.send(end);
        }
    }
}

fn read_ahead(start: Start, pieces: &SyncSender<Piece>) -> Result<Option<Blake3>, FileTrouble> {
    let Start { file, mut offset, mut blake3, empty } = start;
    while offset < file.size() {
        let mut buffer = empty.try_recv().unwrap_or_default();
        buffer.resize(BLOCK, 0);
        let length = block_at(&mut buffer, offset, file.size()).len();
        buffer.truncate(length);
        file.read_at(offset, &mut buffer)?;
        offset += length as u64;
        if let Some(blake3) = &mut blake3 {
            blake3.update(&buffer);
        }
        if pieces.send(Piece::Block(buffer)).is_err() {
            break;
        }
    }
    Ok(blake3.map(|blake3| Blake3::new(blake3.finalize().into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Directory;
    use crate::hash::{Wanted, queue::Queue};
    use crate::progress::Progress;
    use fullsource_format::digest::Sha256;
    use fullsource_format::index::FileTable;

    #[test]
    fn with_and_without_a_helper_the_digests_are_the_same() {
        let root = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..5 * BLOCK + 77).map(|i| ((i * i) >> 7) as u8).collect();
        std::fs::write(root.path().join("f"), &content).unwrap();
        let directory = Directory::open(root.path()).unwrap();
        let progress = Progress::default();
        let mut files = FileTable::default();
        let queue = Mutex::new(Queue::new(&mut files, Wanted::Both));
        let worker =
            Worker { root: &directory, wanted: Wanted::Both, progress: &progress, queue: &queue };
        let expected = Digests {
            sha256: Some(Sha256::of(&content)),
            blake3: Some(Blake3::new(blake3::hash(&content).into())),
        };
        for helped in [true, false] {
            let stream = Stream::new(0, "f", content.len() as u64);
            let digests = std::thread::scope(|scope| {
                if helped {
                    scope.spawn(|| worker.help(&stream));
                    while !matches!(*locked(&stream.seat), Seat::Offered(_)) {
                        std::thread::yield_now();
                    }
                }
                worker.run_stream(&stream, &mut vec![0; BLOCK])
            });
            assert_eq!(digests.unwrap().digests, expected, "helped: {helped}");
            // One who comes too late does not wait.
            worker.help(&stream);
        }
        assert_eq!(progress.bytes(), 2 * content.len() as u64);
    }
}
