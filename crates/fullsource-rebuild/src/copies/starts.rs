//! Where something packed starts in a stream: behind a line that runs it, behind a picture, anywhere.
//!
//! What a start must look like is what the most lenient reader takes, not what the best writer writes: a field that
//! no reader looks at is not looked at here. Where little is left to look at, the first bytes are unpacked on trial.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// Bytes that tell whether something starts, as a rule.
pub(super) const HEAD: usize = 512;
/// The longest header before what a zip or gzip packed: name and extra fields.
const LONG: usize = 30 + 2 * 0xffff + HEAD;
/// Bytes of Deflate without which there is hardly a window in it, and which nothing else looks like by chance.
const LEAST: u64 = 48;
/// Bytes of stored blocks that are gone through to the first that is not.
const STORED: usize = 1 << 20;
/// How often a trial takes what came out: of zeros much does.
const ROUNDS: usize = 100;
/// The largest window of a Zstandard frame, as a power of two, and bytes of it: what is kept in memory.
const WINDOW_LOG: u32 = fullsource_collect::source::archive::ZSTD_WINDOW_LOG;

/// What a packer made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packer {
    /// Deflate without a header.
    Deflate,
    Zstd,
    Xz,
    Bzip2,
    /// `.lzma`.
    Lzma,
    /// LZMA in a zip, of so many bytes, or with an end mark.
    ZipLzma(Option<u64>),
}

/// Something packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) packer: Packer,
    /// Bytes of a header before it.
    pub(super) skip: usize,
    /// The member of a zip that it is.
    pub(super) member: Option<Vec<u8>>,
}

/// What starts at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Nothing,
    /// So many bytes are needed to tell.
    More(usize),
    /// Something that is not opened.
    Closed(&'static str),
    Open(Start),
}

/// Pairs of bytes that something may start with, as bits.
const PAIRS: [u64; 1024] = pairs();

const fn pairs() -> [u64; 1024] {
    const FIXED: [&[u8; 2]; 13] = [
        b"\x1f\x8b",
        b"\x28\xb5",
        b"PK",
        b"\xfd7",
        b"BZ",
        b"]\0",
        b"7z",
        b"Ra",
        b"\x04\x22",
        b"\x02\x21",
        b"LZ",
        b"\x89L",
        b"\xff\x06",
    ];
    let mut bits = [0; 1024];
    let mut nth = 0;
    while nth < FIXED.len() {
        set(&mut bits, *FIXED[nth]);
        nth += 1;
    }
    let mut nth = 0;
    while nth < 8 * 256 {
        let (size, flags) = ((nth / 256 * 16 + 8) as u8, (nth % 256) as u8);
        if is_zlib(size, flags) {
            set(&mut bits, [size, flags]);
        }
        nth += 1;
    }
    bits
}

const fn set(bits: &mut [u64; 1024], pair: [u8; 2]) {
    let pair = u16::from_le_bytes(pair) as usize;
    bits[pair / 64] |= 1 << (pair % 64);
}

/// RFC 1950, without a dictionary.
const fn is_zlib(size: u8, flags: u8) -> bool {
    u16::from_be_bytes([size, flags]).is_multiple_of(31) && flags & 0x20 == 0
}

const fn may_start(first: u8, second: u8) -> bool {
    let pair = u16::from_le_bytes([first, second]) as usize;
    PAIRS[pair / 64] & 1 << (pair % 64) != 0
}

/// Tells starts from what looks like them.
pub(super) struct Starts {
    trial: Decompress,
    /// Trials so far.
    pub(super) trials: u64,
}

impl Starts {
    pub(super) fn new() -> Self {
        Self { trial: Decompress::new(false), trials: 0 }
    }

    /// The first place, from one on, where something may start.
    pub(super) fn candidate(bytes: &[u8], from: usize) -> Option<usize> {
        let pairs = bytes.get(from..)?.windows(2);
        let found = pairs.map(|pair| may_start(pair[0], pair[1])).position(|may| may);
        found.map(|nth| from + nth)
    }

    /// What starts with these bytes, which are all there are where they are the `last`.
    pub(super) fn tell(&mut self, bytes: &[u8], last: bool) -> Verdict {
        let verdict = match bytes {
            [0x1f, 0x8b, 8, ..] => gzip(bytes),
            [b'P', b'K', 3, 4, ..] => zip(bytes),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd(bytes),
            [0xfd, b'7', b'z', b'X', b'Z', 0, 0, ..=15, ..] => open(Packer::Xz, 0),
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if is_bzip2(rest) => open(Packer::Bzip2, 0),
            [b']', 0, 0, ..] if is_lzma(bytes) => open(Packer::Lzma, 0),
            [size, flags, ..] if size & 0x8f == 8 && is_zlib(*size, *flags) => {
                open(Packer::Deflate, 2)
            }
            _ => closed(bytes).map_or(Verdict::Nothing, Verdict::Closed),
        };
        match verdict {
            Verdict::More(_) if last => Verdict::Nothing,
            Verdict::Open(start) => self.tried(start, bytes, last),
            verdict => verdict,
        }
    }

    /// What a whole file may be, without a mark by which it could be found elsewhere.
    pub(super) fn tell_whole(&mut self, bytes: &[u8], last: bool) -> Verdict {
        let verdict = match bytes {
            [..=224, rest @ ..] if is_lzma_of_size(rest) => open(Packer::Lzma, 0),
            [0x1f, 0x9d, 0x89..=0x90, ..] => Verdict::Closed("what compress packed"),
            _ => open(Packer::Deflate, 0),
        };
        match verdict {
            Verdict::Open(start) => self.tried(start, bytes, last),
            verdict => verdict,
        }
    }

    /// Deflate has no mark of its own: some of it is unpacked.
    fn tried(&mut self, start: Start, bytes: &[u8], last: bool) -> Verdict {
        if start.packer != Packer::Deflate {
            return Verdict::Open(start);
        }
        let packed = bytes.get(start.skip..).unwrap_or_default();
        let stored = match stored(packed) {
            Stored::Bytes(stored) if last || packed.len() >= stored + HEAD / 2 => stored,
            Stored::Bytes(stored) => return Verdict::More(start.skip + stored + HEAD),
            Stored::Cut(stored) if !last => return Verdict::More(start.skip + stored + HEAD),
            Stored::Cut(_) | Stored::Nothing => return Verdict::Nothing,
        };
        // A member of a zip is known by its header, however little it is.
        let least = if start.member.is_some() { 0 } else { LEAST };
        let most = packed.len().min(stored + HEAD);
        match self.inflates(&packed[..most], last, (stored as u64) + least) {
            true => Verdict::Open(start),
            false => Verdict::Nothing,
        }
    }

    fn inflates(&mut self, packed: &[u8], last: bool, least: u64) -> bool {
        self.trials += 1;
        self.trial.reset(false);
        let mut room = [0; 4096];
        for _ in 0..ROUNDS + packed.len() / room.len() {
            let read = usize::try_from(self.trial.total_in()).unwrap_or(0);
            let rest = packed.get(read..).unwrap_or_default();
            match self.trial.decompress(rest, &mut room, FlushDecompress::None) {
                Ok(Status::StreamEnd) => return self.trial.total_in() >= least,
                Ok(_) if rest.is_empty() => return !last || self.trial.total_in() >= least,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        true
    }
}

/// Blocks that Deflate starts with and that are stored.
enum Stored {
    /// So many bytes, behind which another block starts.
    Bytes(usize),
    /// So many bytes, which are not all here.
    Cut(usize),
    /// All of it is stored, and is seen where it stands; or it is no Deflate.
    Nothing,
}

fn stored(packed: &[u8]) -> Stored {
    let mut at = 0;
    while at < STORED {
        match packed.get(at..).unwrap_or_default() {
            [first, ..] if first >> 1 & 3 == 3 => return Stored::Nothing,
            [first, ..] if first >> 1 & 3 != 0 => break,
            [first, a, b, c, d, ..] => {
                if (a ^ c, b ^ d) != (0xff, 0xff) || first & 1 == 1 {
                    return Stored::Nothing;
                }
                at += 5 + usize::from(u16::from_le_bytes([*a, *b]));
            }
            _ => return Stored::Cut(at),
        }
    }
    Stored::Bytes(at)
}

const fn open(packer: Packer, skip: usize) -> Verdict {
    Verdict::Open(Start { packer, skip, member: None })
}

/// RFC 1952. Of the flags those that change where the content starts; readers look at no other field.
fn gzip(bytes: &[u8]) -> Verdict {
    let Some(&flags) = bytes.get(3) else { return Verdict::More(HEAD) };
    let mut skip = 10;
    if flags & 4 != 0 {
        let Some([a, b]) = bytes.get(skip..skip + 2) else { return Verdict::More(HEAD) };
        skip += 2 + usize::from(u16::from_le_bytes([*a, *b]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let rest = bytes.get(skip..).unwrap_or_default();
            match rest.iter().position(|byte| *byte == 0) {
                Some(end) => skip += end + 1,
                None if rest.len() > LONG => return Verdict::Nothing,
                None => return Verdict::More(bytes.len().max(skip) + HEAD),
            }
        }
    }
    open(Packer::Deflate, skip + if flags & 2 != 0 { 2 } else { 0 })
}

/// A member of a zip, whatever the directory behind it says: readers go by the directory, and take of this header
/// only how long it is.
fn zip(bytes: &[u8]) -> Verdict {
    let Some(header) = bytes.first_chunk::<30>() else { return Verdict::More(HEAD) };
    let number = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let (flags, method) = (number(6), number(8));
    let name_end = 30 + usize::from(number(26));
    let skip = name_end + usize::from(number(28));
    let Some(name) = bytes.get(30..name_end).filter(|_| bytes.len() >= skip + 16) else {
        return Verdict::More(skip + HEAD);
    };
    let packer = match method {
        _ if flags & 1 != 0 && method <= 99 && !name.is_empty() => {
            return Verdict::Closed("an encrypted member of a zip");
        }
        14 if bytes[skip + 2..skip + 4] == [5, 0] => Packer::ZipLzma(zip_size(header, flags)),
        1..=6 | 9 | 10 | 98 if is_name(name) => {
            return Verdict::Closed("a member of a zip that is packed in a rare way");
        }
        // What else has a mark of its own, and what is stored stands there.
        _ => Packer::Deflate,
    };
    let member = Some(name.to_vec());
    let skip = if packer == Packer::Deflate { skip } else { skip + 4 };
    Verdict::Open(Start { packer, skip, member })
}

/// How much a member unpacks to, where it has no end mark.
fn zip_size(header: &[u8; 30], flags: u16) -> Option<u64> {
    let size = u32::from_le_bytes([header[22], header[23], header[24], header[25]]);
    (flags & 2 == 0 && size != u32::MAX).then_some(u64::from(size))
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.iter().any(u8::is_ascii_control)
}

/// RFC 8878: a frame, and the header of its first block.
fn zstd(bytes: &[u8]) -> Verdict {
    let Some([descriptor, window, rest @ ..]) = bytes.get(4..).filter(|rest| rest.len() > 16)
    else {
        return Verdict::More(4 + 18);
    };
    let single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = [usize::from(single), 2, 4, 8][usize::from(descriptor >> 6)];
    let fields = [&[*window], rest].concat();
    let fields = if single { &fields[..] } else { &fields[1..] };
    let content = fields.get(dictionary..dictionary + size).unwrap_or_default();
    let content = content.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let Some(&[a, b, c]) = fields.get(dictionary + size..).and_then(<[u8]>::first_chunk) else {
        return Verdict::Nothing;
    };
    let block = u32::from_le_bytes([a, b, c, 0]);
    if descriptor & 8 != 0 || block >> 1 & 3 == 3 || block >> 3 > 128 << 10 {
        return Verdict::Nothing;
    }
    if dictionary > 0 && fields[..dictionary].iter().any(|byte| *byte != 0) {
        return Verdict::Closed("a Zstandard frame that needs a dictionary");
    }
    let too_large = if single { content > 1 << WINDOW_LOG } else { is_wide(*window) };
    if too_large {
        return Verdict::Closed("a Zstandard frame that needs more than 128 MiB of memory");
    }
    open(Packer::Zstd, 0)
}

/// Whether a descriptor is of a larger window than is kept.
const fn is_wide(descriptor: u8) -> bool {
    let log = 10 + (descriptor >> 3) as u32;
    log > WINDOW_LOG || log == WINDOW_LOG && descriptor & 7 != 0
}

/// A block, or the end of a stream without any.
fn is_bzip2(rest: &[u8]) -> bool {
    rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17\x72\x45\x38\x50\x90")
}

/// The header of `.lzma` with an end mark, as `xz` and Python write it.
fn is_lzma(bytes: &[u8]) -> bool {
    bytes.get(5..13) == Some(&[0xff; 8]) && bytes.get(13) == Some(&0)
}

/// Behind the first byte of `.lzma`: a dictionary of a common size, and a size that can be, or none.
fn is_lzma_of_size(rest: &[u8]) -> bool {
    let (Some(dictionary), Some(size)) = (rest.first_chunk(), rest.get(4..12)) else {
        return false;
    };
    let dictionary = u32::from_le_bytes(*dictionary);
    let common = dictionary.count_ones() == 1
        || dictionary.count_ones() == 2 && dictionary & dictionary >> 1 != 0;
    let possible = size == [0xff; 8] || size[5..] == [0; 3] && size != [0; 8];
    common && dictionary >= 4096 && possible && rest.get(12) == Some(&0)
}

/// What starts here that is not opened. A program that knows of it has its mark, too: what checks the mark is held
/// against it.
fn closed(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, 0, ..] => {
            (crc(bytes.get(12..32)?).to_le_bytes() == bytes[8..12]).then_some("a 7z archive")
        }
        [b'R', b'a', b'r', b'!', 0x1a, 7, 1, 0, rest @ ..] if rest.len() > 8 => {
            let length = usize::from(rest[4]);
            let header = rest.get(4..5 + length).filter(|_| length < 0x80)?;
            (crc(header).to_le_bytes() == rest[..4]).then_some("a rar archive")
        }
        [b'R', b'a', b'r', b'!', 0x1a, 7, 0, rest @ ..] if rest.len() >= 13 => {
            (crc(&rest[2..13]).to_le_bytes()[..2] == rest[..2]).then_some("a rar archive")
        }
        [0x04, 0x22, 0x4d, 0x18, flags, size, ..] => {
            let usual = flags & 0xc2 == 0x40 && size & 0x8f == 0 && size >> 4 >= 4;
            usual.then_some("an lz4 frame")
        }
        [0x02, 0x21, 0x4c, 0x18, _, _, size, 0, ..] if *size < 0x80 => Some("an lz4 frame"),
        [b'L', b'Z', b'I', b'P', 1, size, ..] if (12..=29).contains(&(size & 31)) => {
            Some("an lzip member")
        }
        [0x89, b'L', b'Z', b'O', 0, b'\r', b'\n', 0x1a, b'\n', ..] => Some("an lzop file"),
        [0xff, 6, 0, 0, b's', b'N', b'a', b'P', b'p', b'Y', ..] => Some("a framed Snappy stream"),
        _ => None,
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
