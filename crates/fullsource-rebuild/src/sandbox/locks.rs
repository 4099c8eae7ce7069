//! What the kernel refuses the command beside what the name spaces do: files by Landlock, calls by
//! seccomp.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::thread::{CapabilitySet, CapabilitySets};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::root::WRITABLE;

/// What our rules are written and tested for. Older kernels keep the part of it that they know.
const TESTED: ABI = ABI::V6;

/// No power at all.
pub(super) fn no_capabilities() -> CapabilitySets {
    let none = CapabilitySet::empty();
    CapabilitySets { effective: none, permitted: none, inheritable: none }
}

/// Reading everywhere, writing where the command may. Gives the version that the kernel holds to,
/// if any.
pub(super) fn landlock() -> Result<Option<u32>, String> {
    let files = AccessFs::from_all(TESTED);
    let reading = AccessFs::from_read(TESTED);
    let devices = AccessFs::WriteFile | AccessFs::IoctlDev | AccessFs::Truncate;
    let restricted = Ruleset::default()
        .handle_access(files)
        .and_then(|rules| rules.handle_access(AccessNet::from_all(TESTED)))
        .and_then(|rules| rules.scope(Scope::from_all(TESTED)))
        .and_then(|rules| rules.create())
        .and_then(|rules| rules.add_rules(path_beneath_rules(["/"], reading)))
        .and_then(|rules| rules.add_rules(path_beneath_rules(["/dev"], reading | devices)))
        .and_then(|rules| rules.add_rules(writable(files)))
        .and_then(|rules| rules.restrict_self());
    let restricted = restricted.map_err(|error| format!("`landlock`: {error}"))?;
    Ok(match (restricted.ruleset, restricted.landlock) {
        (RulesetStatus::NotEnforced, _) => None,
        (_, LandlockStatus::Available { effective_abi, .. }) => {
            Some(effective_abi.min(TESTED) as u32)
        }
        _ => None,
    })
}

type Rule = Result<landlock::PathBeneath<landlock::PathFd>, RulesetError>;

fn writable(access: BitFlags<AccessFs>) -> impl Iterator<Item = Rule> {
    path_beneath_rules(WRITABLE.map(|(_, at)| at), access)
}

/// Calls that nobody needs for a build or a training, and that reach what name spaces do not hold:
/// the kernel's wide and young parts, other processes, keys, clocks, and memory that belongs to no
/// process.
const REFUSED: &[libc::c_long] = &[
    // mounts, roots, name spaces
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_open_tree,
    OPEN_TREE_ATTR,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_fanotify_init,
    // other processes
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // the kernel itself
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_syslog,
    libc::SYS_acct,
    // more processors than were given
    libc::SYS_sched_setaffinity,
    // keys
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // clocks and names
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
];

/// As if the kernel were too old to know them: programs then go another way. `clone3` hides its
/// flags from a filter; a file in memory belongs to no file system with a limit; pages in a pipe
/// belong to nobody.
const UNKNOWN: &[libc::c_long] =
    &[libc::SYS_clone3, libc::SYS_memfd_create, MEMFD_SECRET, libc::SYS_vmsplice];

/// Numbers that are the same everywhere, and that some C libraries have no names for.
const MEMFD_SECRET: libc::c_long = 447;
const OPEN_TREE_ATTR: libc::c_long = 467;

/// Numbers of the same calls where a program asks for 32-bit pointers on a 64-bit kernel (x32),
/// beside those that only add this bit.
#[cfg(target_arch = "x86_64")]
const X32: &[libc::c_long] =
    &[X32_BIT | 521, X32_BIT | 528, X32_BIT | 532, X32_BIT | 539, X32_BIT | 540, X32_BIT | 541];
#[cfg(target_arch = "x86_64")]
const X32_BIT: libc::c_long = 0x4000_0000;

const SPACES: [i32; 8] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    0x80, // CLONE_NEWTIME
];
const FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
/// Requests that put words into a terminal's mouth.
const WORDS: [u64; 2] = [0x5412, 0x541c];
/// Sizes of a socket's buffers. The kernel, too, gives less than was asked for without a word.
const BUFFERS: [i32; 2] = [libc::SO_SNDBUF, libc::SO_RCVBUF];

/// Shuts the calls. Another architecture's end the process that makes them.
pub(super) fn seccomp() -> Result<(), String> {
    let all = [(refused()?, libc::EPERM), (whole(UNKNOWN), libc::ENOSYS), (ignored()?, 0)];
    for (rules, errno) in all {
        let filter = filter(rules, errno).map_err(shown)?;
        seccompiler::apply_filter(&filter).map_err(shown)?;
    }
    Ok(())
}

type Rules = Vec<(libc::c_long, Vec<SeccompRule>)>;

fn filter(rules: Rules, errno: i32) -> Result<BpfProgram, seccompiler::BackendError> {
    let errno = SeccompAction::Errno(errno.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules.into_iter().collect(), SeccompAction::Allow, errno, arch)?.try_into()
}

fn refused() -> Result<Rules, String> {
    let mut rules = whole(REFUSED);
    #[cfg(target_arch = "x86_64")]
    rules.extend(X32.iter().map(|number| (*number, Vec::new())));
    for number in numbers(libc::SYS_clone) {
        rules.push((number, any(SPACES.map(|space| masked(0, space))).map_err(shown)?));
    }
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        for number in numbers(call) {
            rules.push((number, vec![other_families().map_err(shown)?]));
        }
    }
    for number in ioctls() {
        rules.push((number, any(WORDS.map(|word| equal(1, word))).map_err(shown)?));
    }
    Ok(rules)
}

/// What is not done, and said to be.
fn ignored() -> Result<Rules, String> {
    let level = u64::from(libc::SOL_SOCKET.unsigned_abs());
    let rule = |option: i32| {
        let option = u64::from(option.unsigned_abs());
        SeccompRule::new(vec![equal(1, level)?, equal(2, option)?])
    };
    let rules: Result<_, _> = BUFFERS.into_iter().map(rule).collect();
    Ok(vec![(libc::SYS_setsockopt, rules.map_err(shown)?)])
}

fn shown(error: impl std::fmt::Display) -> String {
    format!("`seccomp`: {error}")
}

/// Whatever their arguments.
fn whole(calls: &[libc::c_long]) -> Rules {
    calls.iter().flat_map(|call| numbers(*call)).map(|number| (number, Vec::new())).collect()
}

/// The numbers of one call.
#[cfg(target_arch = "x86_64")]
fn numbers(call: libc::c_long) -> Vec<libc::c_long> {
    vec![call, call | X32_BIT]
}
#[cfg(not(target_arch = "x86_64"))]
fn numbers(call: libc::c_long) -> Vec<libc::c_long> {
    vec![call]
}

#[cfg(target_arch = "x86_64")]
fn ioctls() -> Vec<libc::c_long> {
    vec![libc::SYS_ioctl, X32_BIT | 514]
}
#[cfg(not(target_arch = "x86_64"))]
fn ioctls() -> Vec<libc::c_long> {
    vec![libc::SYS_ioctl]
}

type Condition = Result<SeccompCondition, seccompiler::BackendError>;

fn any<const N: usize>(
    conditions: [Condition; N],
) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    conditions.into_iter().map(|condition| SeccompRule::new(vec![condition?])).collect()
}

fn other_families() -> Result<SeccompRule, seccompiler::BackendError> {
    let not = |family: i32| {
        let family = u64::from(family.unsigned_abs());
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
    };
    SeccompRule::new(FAMILIES.into_iter().map(not).collect::<Result<_, _>>()?)
}

fn masked(argument: u8, bit: i32) -> Condition {
    let bit = u64::from(bit.unsigned_abs());
    let set = SeccompCmpOp::MaskedEq(bit);
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, set, bit)
}

fn equal(argument: u8, value: u64) -> Condition {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}
