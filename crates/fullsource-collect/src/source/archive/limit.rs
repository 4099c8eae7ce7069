//! How much of an archive is unpacked.

use fullsource_format::limits;

use super::super::Trouble;

/// The most that an archive may come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Bytes of all that is unpacked.
    pub total_bytes: u64,
    /// Bytes of a zip that are kept in the temporary directory.
    pub spooled_bytes: u64,
    /// Files, symbolic links and directories, named or implied.
    pub entries: usize,
    /// Unpacked bytes to one served byte, once more than 64 MiB are unpacked.
    pub ratio: u64,
}

impl Default for ArchiveLimits {
    /// 2 TiB, unpacked or kept; [`limits::FILES`] entries; 2000 to one.
    fn default() -> Self {
        Self {
            total_bytes: 2 << 40,
            spooled_bytes: 2 << 40,
            entries: limits::FILES,
            // Deflate packs 1032 to one at best, zstd any run of one byte.
            ratio: 2000,
        }
    }
}

/// Bytes to which the ratio does not apply: a small file of zeros is no bomb.
const RATIO_FREE: u64 = 64 << 20;

/// The archive goes on beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Over {
    #[error("the archive holds more than {0} bytes unpacked")]
    Total(u64),
    #[error("the zip has more than {0} bytes, which is more than is kept at once")]
    Spooled(u64),
    #[error("the archive holds more than {0} files and directories")]
    Entries(usize),
    #[error("the archive unpacks to more than {0} times its size")]
    Ratio(u64),
}

impl From<Over> for Trouble {
    fn from(over: Over) -> Self {
        Self::skipped(over.to_string())
    }
}

impl ArchiveLimits {
    /// Whether this many bytes may have been unpacked of this many served ones.
    pub(super) fn check(&self, unpacked: u64, served: u64) -> Result<(), Over> {
        if unpacked > self.total_bytes {
            Err(Over::Total(self.total_bytes))
        } else if unpacked > RATIO_FREE && unpacked > self.ratio.saturating_mul(served) {
            Err(Over::Ratio(self.ratio))
        } else {
            Ok(())
        }
    }
}
