//! What comes out of something packed, in bounded memory.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};
use fullsource_collect::source::archive::ZSTD_WINDOW_LOG;
use lzma_rust2::{LzmaReader, XzReader};

use super::replay::Replay;
use super::starts::Packer;

/// Memory that a decoder may take, in KiB: what Zstandard may, too.
const MEMORY: u32 = (1 << (ZSTD_WINDOW_LOG - 10)) + (2 << 10);

/// Reads what was packed, up to its end and no further.
pub(super) fn opened<'r>(
    packer: Packer,
    packed: &'r mut Replay<'_, '_>,
) -> io::Result<Box<dyn Read + 'r>> {
    Ok(match packer {
        Packer::Deflate => Box::new(Inflated::new(packed)),
        Packer::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(packed)?.single_frame();
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
        Packer::Xz => Box::new(XzReader::new_mem_limit(packed, false, MEMORY)),
        Packer::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(packed)),
        Packer::Lzma => Box::new(LzmaReader::new_mem_limit(Sips(packed), MEMORY, None)?),
        Packer::ZipLzma(size) => {
            let mut properties = [0; 5];
            packed.read_exact(&mut properties)?;
            let [first, size_of @ ..] = properties;
            let dictionary = u32::from_le_bytes(size_of);
            if lzma_rust2::lzma_get_memory_usage_by_props(dictionary, first)? > MEMORY {
                return Err(ErrorKind::OutOfMemory.into());
            }
            let size = size.unwrap_or(u64::MAX);
            Box::new(LzmaReader::new_with_props(Sips(packed), size, first, dictionary, None)?)
        }
    })
}

/// Whether an error says that something was refused for what it takes, not for what it is.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::OutOfMemory | ErrorKind::QuotaExceeded)
}

/// Gives a byte at a time: the decoder of LZMA reads ahead what it is given.
struct Sips<'r, 'a, 's>(&'r mut Replay<'a, 's>);

/// Bytes that the decoder of LZMA may have read beyond the end.
pub(super) const SIPPED: usize = 64;

impl Read for Sips<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1);
        self.0.read(&mut buffer[..most])
    }
}

/// Deflate, without what stands around it; unlike flate2's own readers, it says where the stream breaks off.
struct Inflated<'r, 'a, 's> {
    packed: &'r mut Replay<'a, 's>,
    state: Decompress,
    ended: bool,
}

impl<'r, 'a, 's> Inflated<'r, 'a, 's> {
    fn new(packed: &'r mut Replay<'a, 's>) -> Self {
        Self { packed, state: Decompress::new(false), ended: false }
    }
}

impl Read for Inflated<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !buffer.is_empty() {
            let input = self.packed.fill_buf()?;
            let (last, before) =
                (input.is_empty(), (self.state.total_in(), self.state.total_out()));
            let status = self.state.decompress(input, buffer, FlushDecompress::None);
            let status = status.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
            let read = usize::try_from(self.state.total_in() - before.0).unwrap_or(0);
            let made = usize::try_from(self.state.total_out() - before.1).unwrap_or(0);
            self.packed.consume(read);
            self.ended = status == Status::StreamEnd;
            if made > 0 {
                return Ok(made);
            }
            if last && !self.ended {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }
}
