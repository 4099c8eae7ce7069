//! What a file system tells of a file without its bytes.

use rustix::fs::Stat;

/// Seconds that a file must have been left alone before it was read, for its marks to stand for its bytes.
///
/// What is written to twice within one tick of the clock has the same times both times; git takes a second
/// for that. More is needed for what a program has mapped into memory: until the system has written a
/// changed page out, it can be changed again without a change of times. Linux does so after 35 seconds
/// (`vm.dirty_expire_centisecs` and `dirty_writeback_centisecs`).
const LEFT_ALONE: i64 = 60;

/// Device, inode, size and times of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size: u64,
    /// When its bytes were last written to, as programs may set it.
    pub(super) modified: Time,
    /// When anything about it was last changed. No program can set it but by setting the clock.
    pub(super) changed: Time,
}

/// Seconds since 1970, and nanoseconds.
pub(super) type Time = (i64, u32);

impl Marks {
    /// Those of what the system told.
    #[allow(clippy::cast_sign_loss, reason = "a size is not negative")]
    #[allow(clippy::cast_possible_truncation, reason = "there are 1e9 nanoseconds")]
    #[allow(clippy::unnecessary_cast, reason = "of other types on other systems")]
    pub(crate) const fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: stat.st_size as u64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u32),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u32),
        }
    }

    /// Whether the file had been left alone for long enough when it was read at this time (`tree-16`).
    pub(super) const fn settled(&self, read: i64) -> bool {
        let before = read.saturating_sub(LEFT_ALONE);
        self.modified.0 < before && self.changed.0 < before
    }
}
