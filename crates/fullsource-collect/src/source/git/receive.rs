//! A pack as it comes from a server: written to a file while its entries are measured, so that none of
//! them has to fit into memory before its size is known, and then indexed by ids computed here.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flate2::bufread::ZlibDecoder;
use gix::odb::pack;
use pack::data::input::Entry;

use super::pack::{OBJECT_BYTES, Pack, faulty, hash_kind};
use crate::git_tree::ObjectFormat;
use crate::net::Net;
use crate::source::Trouble;

/// Objects of a pack, for each of which some hundred bytes are kept while it is indexed. The largest
/// public histories have some ten million.
const OBJECTS: u32 = 30_000_000;

/// Receives a pack into a directory, computes the ids of all that is in it, and opens it. `None` where it
/// is empty.
///
/// An error of `bytes` that holds a [`Trouble`] comes back as that.
pub(super) fn receive(
    bytes: &mut dyn Read,
    directory: &Path,
    format: ObjectFormat,
    threads: usize,
    net: &Net,
) -> Result<Option<Pack>, Trouble> {
    let unwritten = |error| Trouble::skipped(format!("a pack cannot be written down: {error}"));
    let directory = tempfile::tempdir_in(directory).map_err(unwritten)?.keep();
    let (data, index) = (directory.join("received.pack"), directory.join("received.idx"));
    let file = BufWriter::new(File::create_new(&data).map_err(unwritten)?);
    let bytes = BufReader::with_capacity(64 << 10, bytes);
    let mut pack = Incoming::open(bytes, file, format, net)?;
    if pack.left == 0 {
        pack.trailer()?;
        return Ok(None);
    }
    let mut index_file = BufWriter::new(File::create_new(&index).map_err(unwritten)?);
    let indexed = in_time(net, |interrupt| {
        pack::index::write_data_iter_to_stream(
            pack::index::Version::V2,
            || {
                Ok((
                    resolve,
                    pack::data::File::at(&data, hash_kind(format)).map_err(io::Error::other)?,
                ))
            },
            &mut pack,
            Some(threads),
            &mut gix::progress::Discard,
            &mut index_file,
            interrupt,
            hash_kind(format),
            Some(OBJECT_BYTES),
            pack::data::Version::V2,
        )
    })?;
    match (indexed, pack.trouble) {
        (_, Some(trouble)) => Err(trouble),
        (Err(error), None) => Err(faulty("the pack that was sent", &error)),
        (Ok(_), None) => {
            index_file.into_inner().map_err(|error| unwritten(error.into_error()))?;
            Pack::open(&index, format, 0).map(Some)
        }
    }
}

fn resolve(range: pack::data::EntryRange, file: &pack::data::File) -> Option<&[u8]> {
    file.entry_slice(range)
}

/// The entries of a pack, measured one by one on their way into a file.
struct Incoming<'a, R: BufRead> {
    bytes: Tee<R>,
    format: ObjectFormat,
    net: &'a Net,
    /// Entries to come.
    left: u32,
    /// Why there are no more: what reads them is a library with errors of its own.
    trouble: Option<Trouble>,
}

impl<'a, R: BufRead> Incoming<'a, R> {
    fn open(
        inner: R,
        file: BufWriter<File>,
        format: ObjectFormat,
        net: &'a Net,
    ) -> Result<Self, Trouble> {
        let hash = gix::hash::hasher(hash_kind(format));
        let mut bytes = Tee { inner, file, hash, passed: 0, unwritten: None };
        let mut header = [0; pack::data::header::SIZE];
        bytes.read_exact(&mut header).map_err(|error| broken(&error))?;
        let read = pack::data::header::decode(&header);
        let (_, left) = read.map_err(|error| faulty("the pack that was sent", &error))?;
        if left > OBJECTS {
            return Err(Trouble::skipped(format!("a pack of more than {OBJECTS} objects")));
        }
        Ok(Self { bytes, format, net, left, trouble: None })
    }

    fn measure(&mut self) -> Result<Entry, Trouble> {
        self.net.check()?;
        let start = self.bytes.passed;
        let length = hash_kind(self.format).len_in_bytes();
        let header = pack::data::Entry::from_read(&mut self.bytes, start, length);
        let header = header.map_err(|error| broken(&error))?;
        let size = header.decompressed_size;
        if size > OBJECT_BYTES as u64 {
            return Err(Trouble::skipped(format!("an object of {size} bytes")));
        }
        let behind = self.bytes.passed;
        let mut inflated = ZlibDecoder::new(&mut self.bytes);
        let limited = &mut (&mut inflated).take(size + 1);
        let found = io::copy(limited, &mut io::sink()).map_err(|error| broken(&error))?;
        if found != size {
            return Err(Trouble::faulty(
                "the pack that was sent: an object of another size than told",
            ));
        }
        self.left -= 1;
        let compressed_size = self.bytes.passed - behind;
        let trailer = if self.left == 0 { Some(self.trailer()?) } else { None };
        Ok(Entry {
            header: header.header,
            #[allow(clippy::cast_possible_truncation, reason = "a header has some ten bytes")]
            header_size: (behind - start) as u16,
            pack_offset: start,
            compressed: None,
            compressed_size,
            // Nobody asks for it: what is read is held against its id.
            crc32: Some(0),
            decompressed_size: size,
            trailer,
        })
    }

    /// Holds the pack against the hash at its end.
    fn trailer(&mut self) -> Result<gix::ObjectId, Trouble> {
        let hash = self.bytes.hash.clone().try_finalize();
        let mut trailer = gix::ObjectId::null(hash_kind(self.format));
        self.bytes.read_exact(trailer.as_mut_slice()).map_err(|error| broken(&error))?;
        self.bytes.file.flush().map_err(|error| broken(&error))?;
        match hash {
            Ok(hash) if hash == trailer => Ok(trailer),
            _ => Err(Trouble::faulty("the pack that was sent does not have the hash at its end")),
        }
    }
}

impl<R: BufRead> Iterator for Incoming<'_, R> {
    type Item = gix::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 || self.trouble.is_some() {
            return None;
        }
        Some(self.measure().map_err(|trouble| {
            self.trouble = Some(trouble);
            gix::error::message("no more entries").into()
        }))
    }
}

/// What is wrong where the bytes of a pack cannot be read.
fn broken(error: &io::Error) -> Trouble {
    if error.get_ref().is_some_and(|inner| inner.is::<Trouble>()) {
        return Trouble::of(error);
    }
    Trouble::faulty(format!("the pack that was sent: {error}"))
}

/// Hands bytes on, and keeps them.
struct Tee<R> {
    inner: R,
    file: BufWriter<File>,
    hash: gix::hash::Hasher,
    passed: u64,
    /// Why not all of it is in the file: consuming bytes cannot fail.
    unwritten: Option<io::Error>,
}

impl<R: BufRead> BufRead for Tee<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.unwritten.take() {
            Some(error) => Err(error),
            None => self.inner.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        // What was filled is there still: no error and no wait.
        if let Ok(buffer) = self.inner.fill_buf() {
            let passing = &buffer[..amount.min(buffer.len())];
            self.hash.update(passing);
            if let Err(error) = self.file.write_all(passing) {
                self.unwritten.get_or_insert(error);
            }
        }
        self.passed += amount as u64;
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

/// Does work that costs time in proportion to what a stranger sent, and raises its flag when the time
/// is up or everything is to stop.
fn in_time<T>(net: &Net, work: impl FnOnce(&AtomicBool) -> T) -> Result<T, Trouble> {
    let (interrupt, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let limit = || net.check().map_err(Trouble::from).and_then(|()| net.budget().time());
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                if let Err(trouble) = limit() {
                    interrupt.store(true, Ordering::Relaxed);
                    return Some(trouble);
                }
                std::thread::park_timeout(Duration::from_millis(100));
            }
            None
        });
        let done = work(&interrupt);
        over.store(true, Ordering::Relaxed);
        watch.thread().unpark();
        match watch.join() {
            Ok(None) => Ok(done),
            Ok(Some(trouble)) => Err(trouble),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Settings;
    use crate::source::TroubleKind;

    /// A pack of one blob, whose header tells a size.
    fn pack(told: u64, content: &[u8], objects: u32) -> Vec<u8> {
        let mut pack = b"PACK\0\0\0\x02".to_vec();
        pack.extend(objects.to_be_bytes());
        let (mut rest, mut byte) = (told >> 4, 3 << 4 | (told & 15) as u8);
        while rest > 0 {
            pack.push(byte | 0x80);
            (byte, rest) = ((rest & 0x7f) as u8, rest >> 7);
        }
        pack.push(byte);
        let mut packed = flate2::write::ZlibEncoder::new(&mut pack, flate2::Compression::fast());
        packed.write_all(content).unwrap();
        packed.finish().unwrap();
        let mut hash = gix::hash::hasher(gix::hash::Kind::Sha1);
        hash.update(&pack);
        pack.extend_from_slice(hash.try_finalize().unwrap().as_slice());
        pack
    }

    fn received(mut pack: &[u8]) -> Result<Option<Pack>, Trouble> {
        let directory = tempfile::tempdir().unwrap();
        let net = Net::new(Settings::danger_loopback()).unwrap();
        receive(&mut pack, directory.path(), ObjectFormat::Sha1, 2, &net)
    }

    #[test]
    fn a_pack_is_read_and_every_other_size_than_told_refused() {
        let content = vec![0; 1 << 20];
        let whole = pack(1 << 20, &content, 1);
        let read = received(&whole).unwrap().unwrap();
        let blob = crate::git_tree::GitObject::of(ObjectFormat::Sha1, "blob", &content);
        let id = blob.id(b"").unwrap();
        let found = read.find(&id, &mut super::super::pack::Desk::default()).unwrap().unwrap();
        assert_eq!(found.whole(OBJECT_BYTES).unwrap(), content);
        for told in [0, 1, (1 << 20) - 1, (1 << 20) + 1] {
            let trouble = received(&pack(told, &content, 1)).err().unwrap();
            assert_eq!(trouble.kind, TroubleKind::Faulty, "{told}: {trouble}");
        }
        for told in [OBJECT_BYTES as u64 + 1, u64::MAX >> 4] {
            let trouble = received(&pack(told, &content, 1)).err().unwrap();
            assert_eq!(trouble.kind, TroubleKind::Skipped, "{told}: {trouble}");
        }
        for length in (0..whole.len()).step_by(101) {
            assert_eq!(received(&whole[..length]).err().unwrap().kind, TroubleKind::Faulty);
        }
    }

    #[test]
    fn a_pack_of_too_many_or_no_objects_is_told() {
        let many = received(&pack(1, b"x", u32::MAX)).err().unwrap();
        assert_eq!(many.kind, TroubleKind::Skipped);
        let more = received(&pack(1, b"x", 2)).err().unwrap();
        assert_eq!(more.kind, TroubleKind::Faulty);
        let mut none = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
        let mut hash = gix::hash::hasher(gix::hash::Kind::Sha1);
        hash.update(&none);
        none.extend_from_slice(hash.try_finalize().unwrap().as_slice());
        assert!(received(&none).unwrap().is_none());
    }
}
