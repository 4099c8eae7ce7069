//! File systems whose times can be relied on.

use crate::directory::Directory;

/// Whether a change of a file's bytes is known to change its times here, at once and by this machine's
/// clock. It is not where the files lie on another machine (NFS, SMB, FUSE: another clock, and attributes
/// that are remembered for a while), in memory (tmpfs: what is mapped changes without a trace), or where a
/// program can set all times (FAT).
#[cfg(target_os = "linux")]
pub(super) fn keeps_times(directory: &Directory) -> bool {
    /// statfs(2): ext2 to ext4, XFS, Btrfs, F2FS, ZFS, bcachefs, overlayfs.
    const KNOWN: &[u32] = &[
        0x0000_ef53,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0x2fc1_2fc1,
        0xca45_1a4e,
        0x794c_7630,
    ];
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a magic number")]
    #[allow(clippy::unnecessary_cast, reason = "of another type on other machines")]
    directory.volume().is_ok_and(|about| KNOWN.contains(&(about.f_type as u32)))
}

/// Elsewhere nobody has tried it.
#[cfg(not(target_os = "linux"))]
pub(super) const fn keeps_times(_: &Directory) -> bool {
    false
}
