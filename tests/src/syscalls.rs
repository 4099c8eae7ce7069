//! What the system calls of the program do: which of them can change a file or a name, and which file.
//!
//! The list is closed on both sides: of a call that is not here nobody has said that it writes nothing.

use nix::libc::{self, c_long};

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Opens a file that stands there, with its content.
    Open,
    /// Opens a file that it makes, or empties.
    Create,
    /// Writes to what is open, or changes its length.
    Write,
    /// Makes, moves or removes a name.
    Name,
    /// Changes permissions, owners or times.
    Attribute,
    /// Returns once something is on the disk.
    Sync,
    /// Takes a lock.
    Lock,
    /// Reads content.
    Read,
    /// Reads names, sizes, permissions.
    Look,
    /// None of these.
    Other,
}

impl Kind {
    /// Whether what is on the disk, or sure to be there, is another thing after it.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Create | Self::Write | Self::Name | Self::Attribute | Self::Sync)
    }
}

/// Where the arguments of a call say which file is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nowhere.
    None,
    /// A descriptor.
    Descriptor(usize),
    /// A path.
    Path(usize),
    /// A descriptor of a directory, and a path from there.
    At(usize, usize),
}

/// A system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syscall {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// The file.
    pub target: Place,
    /// The second of those that have two.
    pub second: Place,
}

/// The call of this number with these arguments, of which the third of `openat2` are its flags. None where nobody has said what it does.
pub fn of(number: u64, arguments: &[u64; 5]) -> Option<Syscall> {
    let number = number.cast_signed() as c_long;
    opens(number, arguments)
        .or_else(|| writes(number))
        .or_else(|| names(number))
        .or_else(|| reads(number))
        .or_else(|| depends(number, arguments))
        .or_else(|| OTHERS.iter().find(|other| other.0 == number).map(|other| plain(other.1)))
}

const fn call(name: &'static str, kind: Kind, target: Place) -> Option<Syscall> {
    Some(Syscall { name, kind, target, second: Place::None })
}

const fn plain(name: &'static str) -> Syscall {
    Syscall { name, kind: Kind::Other, target: Place::None, second: Place::None }
}

fn opens(number: c_long, arguments: &[u64; 5]) -> Option<Syscall> {
    let kind = |flags: u64| {
        let makes = (libc::O_CREAT | libc::O_TRUNC | libc::O_TMPFILE) & !libc::O_DIRECTORY;
        if flags & makes as u64 == 0 { Kind::Open } else { Kind::Create }
    };
    match number {
        libc::SYS_open => call("open", kind(arguments[1]), Place::Path(0)),
        libc::SYS_creat => call("creat", Kind::Create, Place::Path(0)),
        libc::SYS_openat => call("openat", kind(arguments[2]), Place::At(0, 1)),
        libc::SYS_openat2 => call("openat2", kind(arguments[2]), Place::At(0, 1)),
        _ => None,
    }
}

fn writes(number: c_long) -> Option<Syscall> {
    use Kind::{Attribute, Lock, Sync, Write};
    use Place::{At, Descriptor, Path};
    match number {
        libc::SYS_write => call("write", Write, Descriptor(0)),
        libc::SYS_pwrite64 => call("pwrite64", Write, Descriptor(0)),
        libc::SYS_writev => call("writev", Write, Descriptor(0)),
        libc::SYS_pwritev => call("pwritev", Write, Descriptor(0)),
        libc::SYS_pwritev2 => call("pwritev2", Write, Descriptor(0)),
        libc::SYS_sendfile => call("sendfile", Write, Descriptor(0)),
        libc::SYS_splice => call("splice", Write, Descriptor(2)),
        libc::SYS_tee => call("tee", Write, Descriptor(1)),
        libc::SYS_vmsplice => call("vmsplice", Write, Descriptor(0)),
        libc::SYS_copy_file_range => call("copy_file_range", Write, Descriptor(2)),
        libc::SYS_ftruncate => call("ftruncate", Write, Descriptor(0)),
        libc::SYS_truncate => call("truncate", Write, Path(0)),
        libc::SYS_fallocate => call("fallocate", Write, Descriptor(0)),
        libc::SYS_fsync => call("fsync", Sync, Descriptor(0)),
        libc::SYS_fdatasync => call("fdatasync", Sync, Descriptor(0)),
        libc::SYS_syncfs => call("syncfs", Sync, Descriptor(0)),
        libc::SYS_sync_file_range => call("sync_file_range", Sync, Descriptor(0)),
        libc::SYS_sync => call("sync", Sync, Place::None),
        libc::SYS_msync => call("msync", Sync, Place::None),
        libc::SYS_flock => call("flock", Lock, Descriptor(0)),
        libc::SYS_chmod => call("chmod", Attribute, Path(0)),
        libc::SYS_fchmod => call("fchmod", Attribute, Descriptor(0)),
        libc::SYS_fchmodat => call("fchmodat", Attribute, At(0, 1)),
        libc::SYS_fchmodat2 => call("fchmodat2", Attribute, At(0, 1)),
        libc::SYS_chown => call("chown", Attribute, Path(0)),
        libc::SYS_lchown => call("lchown", Attribute, Path(0)),
        libc::SYS_fchown => call("fchown", Attribute, Descriptor(0)),
        libc::SYS_fchownat => call("fchownat", Attribute, At(0, 1)),
        libc::SYS_utimensat => call("utimensat", Attribute, At(0, 1)),
        libc::SYS_utime => call("utime", Attribute, Path(0)),
        libc::SYS_utimes => call("utimes", Attribute, Path(0)),
        libc::SYS_setxattr => call("setxattr", Attribute, Path(0)),
        libc::SYS_lsetxattr => call("lsetxattr", Attribute, Path(0)),
        libc::SYS_fsetxattr => call("fsetxattr", Attribute, Descriptor(0)),
        libc::SYS_removexattr => call("removexattr", Attribute, Path(0)),
        libc::SYS_fremovexattr => call("fremovexattr", Attribute, Descriptor(0)),
        _ => None,
    }
}

fn names(number: c_long) -> Option<Syscall> {
    use Place::{At, Path};
    let one = |name, target| call(name, Kind::Name, target);
    let two = |name, target, second| Some(Syscall { name, kind: Kind::Name, target, second });
    match number {
        libc::SYS_rename => two("rename", Path(0), Path(1)),
        libc::SYS_renameat => two("renameat", At(0, 1), At(2, 3)),
        libc::SYS_renameat2 => two("renameat2", At(0, 1), At(2, 3)),
        libc::SYS_link => two("link", Path(0), Path(1)),
        libc::SYS_linkat => two("linkat", At(0, 1), At(2, 3)),
        libc::SYS_symlink => one("symlink", Path(1)),
        libc::SYS_symlinkat => one("symlinkat", At(1, 2)),
        libc::SYS_unlink => one("unlink", Path(0)),
        libc::SYS_unlinkat => one("unlinkat", At(0, 1)),
        libc::SYS_rmdir => one("rmdir", Path(0)),
        libc::SYS_mkdir => one("mkdir", Path(0)),
        libc::SYS_mkdirat => one("mkdirat", At(0, 1)),
        libc::SYS_mknod => one("mknod", Path(0)),
        libc::SYS_mknodat => one("mknodat", At(0, 1)),
        _ => None,
    }
}

fn reads(number: c_long) -> Option<Syscall> {
    use Kind::{Look, Read};
    use Place::{At, Descriptor, Path};
    match number {
        libc::SYS_read => call("read", Read, Descriptor(0)),
        libc::SYS_pread64 => call("pread64", Read, Descriptor(0)),
        libc::SYS_readv => call("readv", Read, Descriptor(0)),
        libc::SYS_preadv => call("preadv", Read, Descriptor(0)),
        libc::SYS_getdents64 => call("getdents64", Look, Descriptor(0)),
        libc::SYS_statx => call("statx", Look, At(0, 1)),
        libc::SYS_newfstatat => call("newfstatat", Look, At(0, 1)),
        libc::SYS_fstat => call("fstat", Look, Descriptor(0)),
        libc::SYS_stat => call("stat", Look, Path(0)),
        libc::SYS_lstat => call("lstat", Look, Path(0)),
        libc::SYS_fstatfs => call("fstatfs", Look, Descriptor(0)),
        libc::SYS_statfs => call("statfs", Look, Path(0)),
        libc::SYS_access => call("access", Look, Path(0)),
        libc::SYS_faccessat => call("faccessat", Look, At(0, 1)),
        libc::SYS_faccessat2 => call("faccessat2", Look, At(0, 1)),
        libc::SYS_readlink => call("readlink", Look, Path(0)),
        libc::SYS_readlinkat => call("readlinkat", Look, At(0, 1)),
        libc::SYS_lseek => call("lseek", Look, Descriptor(0)),
        _ => None,
    }
}

/// Calls that write with some arguments, and not with others.
fn depends(number: c_long, arguments: &[u64; 5]) -> Option<Syscall> {
    let has = |argument: u64, flag: i32| argument & flag as u64 != 0;
    let is_one_of = |argument: u64, values: &[u64]| values.contains(&argument);
    let harmless = match number {
        // A file that memory is written through changes with no call at all.
        libc::SYS_mmap => {
            let shared = has(arguments[3], libc::MAP_SHARED) && has(arguments[2], libc::PROT_WRITE);
            !shared || has(arguments[3], libc::MAP_ANONYMOUS)
        }
        libc::SYS_fcntl => is_one_of(
            arguments[1],
            &[libc::F_DUPFD_CLOEXEC, libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_SETFL]
                .map(|command| command as u64),
        ),
        // Not FICLONE and its kin.
        libc::SYS_ioctl => {
            is_one_of(arguments[1], &[libc::TCGETS, libc::TIOCGWINSZ, libc::FIONBIO, libc::FIOCLEX])
        }
        _ => return None,
    };
    let name = match number {
        libc::SYS_mmap => "mmap",
        libc::SYS_fcntl => "fcntl",
        _ => "ioctl",
    };
    harmless.then(|| plain(name))
}

/// Calls that touch no file: memory, threads, signals, clocks, sockets, and the end.
const OTHERS: &[(c_long, &str)] = &[
    (libc::SYS_execve, "execve"),
    (libc::SYS_brk, "brk"),
    (libc::SYS_munmap, "munmap"),
    (libc::SYS_mremap, "mremap"),
    (libc::SYS_mprotect, "mprotect"),
    (libc::SYS_madvise, "madvise"),
    (libc::SYS_arch_prctl, "arch_prctl"),
    (libc::SYS_prctl, "prctl"),
    (libc::SYS_prlimit64, "prlimit64"),
    (libc::SYS_set_tid_address, "set_tid_address"),
    (libc::SYS_set_robust_list, "set_robust_list"),
    (libc::SYS_rseq, "rseq"),
    (libc::SYS_clone, "clone"),
    (libc::SYS_clone3, "clone3"),
    (libc::SYS_gettid, "gettid"),
    (libc::SYS_getpid, "getpid"),
    (libc::SYS_getuid, "getuid"),
    (libc::SYS_geteuid, "geteuid"),
    (libc::SYS_getgid, "getgid"),
    (libc::SYS_getegid, "getegid"),
    (libc::SYS_getppid, "getppid"),
    (libc::SYS_getcwd, "getcwd"),
    (libc::SYS_uname, "uname"),
    (libc::SYS_sysinfo, "sysinfo"),
    (libc::SYS_umask, "umask"),
    (libc::SYS_futex, "futex"),
    (libc::SYS_membarrier, "membarrier"),
    (libc::SYS_sched_yield, "sched_yield"),
    (libc::SYS_sched_getaffinity, "sched_getaffinity"),
    (libc::SYS_sigaltstack, "sigaltstack"),
    (libc::SYS_rt_sigaction, "rt_sigaction"),
    (libc::SYS_rt_sigprocmask, "rt_sigprocmask"),
    (libc::SYS_rt_sigreturn, "rt_sigreturn"),
    (libc::SYS_restart_syscall, "restart_syscall"),
    (libc::SYS_tgkill, "tgkill"),
    (libc::SYS_getrandom, "getrandom"),
    (libc::SYS_getrusage, "getrusage"),
    (libc::SYS_clock_gettime, "clock_gettime"),
    (libc::SYS_clock_nanosleep, "clock_nanosleep"),
    (libc::SYS_nanosleep, "nanosleep"),
    (libc::SYS_poll, "poll"),
    (libc::SYS_ppoll, "ppoll"),
    (libc::SYS_epoll_create1, "epoll_create1"),
    (libc::SYS_epoll_ctl, "epoll_ctl"),
    (libc::SYS_epoll_wait, "epoll_wait"),
    (libc::SYS_epoll_pwait, "epoll_pwait"),
    (libc::SYS_eventfd2, "eventfd2"),
    (libc::SYS_pipe2, "pipe2"),
    (libc::SYS_close, "close"),
    (libc::SYS_dup, "dup"),
    (libc::SYS_fadvise64, "fadvise64"),
    (libc::SYS_socket, "socket"),
    (libc::SYS_socketpair, "socketpair"),
    (libc::SYS_bind, "bind"),
    (libc::SYS_connect, "connect"),
    (libc::SYS_getsockname, "getsockname"),
    (libc::SYS_getpeername, "getpeername"),
    (libc::SYS_setsockopt, "setsockopt"),
    (libc::SYS_getsockopt, "getsockopt"),
    (libc::SYS_sendto, "sendto"),
    (libc::SYS_sendmsg, "sendmsg"),
    (libc::SYS_sendmmsg, "sendmmsg"),
    (libc::SYS_recvfrom, "recvfrom"),
    (libc::SYS_recvmsg, "recvmsg"),
    (libc::SYS_shutdown, "shutdown"),
    (libc::SYS_exit, "exit"),
    (libc::SYS_exit_group, "exit_group"),
];
