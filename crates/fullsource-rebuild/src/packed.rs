//! What gzip or Zstandard packed, as it comes out, within limits.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use fullsource_collect::source::archive::{ArchiveLimits, Format, ZSTD_WINDOW_LOG};

/// Bytes that may come out in any case: a small file of zeros is no bomb.
const FREE: u64 = 64 << 20;

/// Reads what is packed; of a stream of any other format, the stream itself. Fails where it goes on beyond what a
/// look at an archive takes.
pub(crate) fn unpacked<'a>(
    format: Format,
    bytes: impl Read + 'a,
    limits: ArchiveLimits,
) -> io::Result<Box<dyn Read + 'a>> {
    let (packed, counted) = Counted::new(bytes);
    let source = BufReader::with_capacity(64 << 10, packed);
    let inner: Box<dyn Read + 'a> = match format {
        Format::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
        Format::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(source)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
        Format::Tar | Format::Zip => return Ok(Box::new(source)),
    };
    Ok(Box::new(Limited { inner, unpacked: 0, packed: counted, limits }))
}

/// Counts what is read through it.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    fn new(inner: R) -> (Self, Rc<Cell<u64>>) {
        let count = Rc::default();
        (Self { inner, count: Rc::clone(&count) }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count.set(self.count.get() + length as u64);
        Ok(length)
    }
}

struct Limited<'a> {
    inner: Box<dyn Read + 'a>,
    unpacked: u64,
    packed: Rc<Cell<u64>>,
    limits: ArchiveLimits,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.unpacked += length as u64;
        let most = self.limits.ratio.saturating_mul(self.packed.get()).max(FREE);
        if self.unpacked > most.min(self.limits.total_bytes) {
            return Err(io::Error::other("it unpacks to more than is read"));
        }
        Ok(length)
    }
}
