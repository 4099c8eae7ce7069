//! A program run with each of its system calls in hand: listed, refused, cut short, or its last.
//!
//! The kernel stops a traced thread before and after every call (`ptrace`), the raw ones included, and
//! the count goes over all threads. A call that a fault befalls is really refused, and one that is
//! cut short is really done for fewer bytes: nothing is pretended to the program alone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::time::Duration;

use nix::libc::{AT_FDCWD, PTRACE_SYSCALL_INFO_ENTRY, SYS_openat2, c_ulonglong, user_regs_struct};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

pub use nix::errno::Errno;

use crate::command::{Outcome, Run, Started};
use crate::program::fullsource;
use crate::syscalls::{self, Kind, Place};

/// When a traced run has ended at the latest.
const DEADLINE: Duration = Duration::from_secs(120);

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: the calls are listed.
    None,
    /// The program is killed instead of it.
    KillBefore,
    /// It is done, and the program is killed before it knows.
    KillAfter,
    /// It is not done, and fails so.
    Error(Errno),
    /// It is done for about half of the bytes, or of the buffers, that it asks for.
    Short,
}

/// Which of the calls that are meant it befalls, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// This one.
    Once(usize),
    /// This one and all after it.
    From(usize),
    /// Every second one, the first included: what is tried again succeeds.
    EverySecond,
}

/// What goes wrong in a run.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// With the calls that are meant.
    pub fault: Fault,
    /// Which are meant.
    pub meant: &'a dyn Fn(&Call) -> bool,
    /// Which of them.
    pub when: When,
}

/// A call as it was asked for, and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// The file: its path, or what its descriptor stands for.
    pub target: String,
    /// The second path of those that have two.
    pub second: String,
    /// What it gave, less than zero where it failed. None where the program did not live to see it.
    pub result: Option<i64>,
}

/// A traced run.
#[derive(Debug)]
pub struct Traced {
    /// How it ended.
    pub outcome: Outcome,
    /// Its calls, in the order in which they were entered.
    pub calls: Vec<Call>,
    /// The first call that the fault befell.
    pub struck: Option<usize>,
}

/// Runs a program to its end, with a fault.
pub fn traced(run: &Run, plan: &Plan<'_>) -> Traced {
    let started = run.start();
    let main = Pid::from_raw(started.id() as i32);
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(main, options).expect("a test may trace the programs that it starts (ptrace)");
    let mut tracer = Tracer {
        plan,
        main,
        started,
        entered: BTreeMap::new(),
        calls: Vec::new(),
        meant: 0,
        struck: None,
    };
    tracer.started.go();
    let exit = tracer.serve();
    let Tracer { started, calls, struck, .. } = tracer;
    Traced { outcome: started.ended(exit), calls, struck }
}

struct Tracer<'a> {
    plan: &'a Plan<'a>,
    main: Pid,
    started: Started,
    /// Threads that are inside a call.
    entered: BTreeMap<Pid, Entered>,
    calls: Vec<Call>,
    /// Calls so far that are meant by the plan.
    meant: usize,
    struck: Option<usize>,
}

/// A call that a thread is inside of.
struct Entered {
    /// Its number in the list.
    call: usize,
    befallen: bool,
    /// The registers before it.
    before: user_regs_struct,
}

impl Tracer<'_> {
    /// Serves every stop of every thread, until the program has ended; its exit code.
    fn serve(&mut self) -> i32 {
        let guard = Guard::new(self.main);
        loop {
            let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            match waitpid(None, Some(flags)).unwrap() {
                WaitStatus::PtraceSyscall(thread) => {
                    // A thread may be gone at any time, with the whole program.
                    let _ = self.stopped_at_call(thread);
                    let _ = ptrace::syscall(thread, None);
                }
                // The shell may be caught on its way in: its calls are its own.
                WaitStatus::PtraceEvent(thread, ..) if link(thread, "exe") != fullsource() => {
                    let _ = ptrace::cont(thread, None);
                }
                WaitStatus::PtraceEvent(thread, ..) => drop(ptrace::syscall(thread, None)),
                WaitStatus::Stopped(thread, signal) => drop(ptrace::syscall(thread, signal)),
                WaitStatus::Exited(thread, code) if thread == self.main => {
                    guard.over();
                    return code;
                }
                WaitStatus::Signaled(thread, signal, _) if thread == self.main => {
                    guard.over();
                    return 128 + signal as i32;
                }
                _ => {}
            }
        }
    }

    fn stopped_at_call(&mut self, thread: Pid) -> nix::Result<()> {
        let registers = ptrace::getregs(thread)?;
        let entering = ptrace::syscall_info(thread)?.op == PTRACE_SYSCALL_INFO_ENTRY;
        match self.entered.remove(&thread) {
            None if entering => self.entering(thread, registers),
            Some(entered) if !entering => self.left(thread, registers, &entered),
            // Behind the call that made the program or the thread: it was entered by another one.
            _ => Ok(()),
        }
    }

    fn entering(&mut self, thread: Pid, before: user_regs_struct) -> nix::Result<()> {
        let call = described(thread, &before);
        let meant = (self.plan.meant)(&call);
        let befallen = meant && self.is_due();
        self.meant += usize::from(meant);
        if befallen {
            self.struck.get_or_insert(self.calls.len());
        }
        let fault = if befallen { self.plan.fault } else { Fault::None };
        let mut changed = before;
        match fault {
            Fault::None | Fault::KillAfter => {}
            Fault::KillBefore | Fault::Error(_) => changed.orig_rax = c_ulonglong::MAX,
            Fault::Short => shorten(call.name, &mut changed),
        }
        self.entered.insert(thread, Entered { call: self.calls.len(), befallen, before });
        self.calls.push(call);
        if changed != before {
            ptrace::setregs(thread, changed)?;
        }
        if fault == Fault::KillBefore {
            signal::kill(self.main, Signal::SIGKILL)?;
        }
        Ok(())
    }

    fn is_due(&self) -> bool {
        match self.plan.when {
            When::Once(number) => self.meant == number,
            When::From(number) => self.meant >= number,
            When::EverySecond => self.meant.is_multiple_of(2),
        }
    }

    fn left(&mut self, thread: Pid, now: user_regs_struct, entered: &Entered) -> nix::Result<()> {
        let mut after = now;
        match self.plan.fault {
            Fault::Error(errno) if entered.befallen => {
                after.rax = i64::from(-(errno as i32)).cast_unsigned();
            }
            // The program counts on its registers.
            Fault::Short if entered.befallen => {
                (after.rdx, after.r10) = (entered.before.rdx, entered.before.r10)
            }
            Fault::KillAfter if entered.befallen => signal::kill(self.main, Signal::SIGKILL)?,
            _ => {}
        }
        self.calls[entered.call].result = Some(after.rax.cast_signed());
        if after == now { Ok(()) } else { ptrace::setregs(thread, after) }
    }
}

/// Asks for half of what a call asks for.
fn shorten(name: &str, registers: &mut user_regs_struct) {
    let count = match name {
        "read" | "write" | "pread64" | "pwrite64" | "readv" | "writev" => &mut registers.rdx,
        "sendfile" => &mut registers.r10,
        _ => panic!("`{name}` cannot be cut short"),
    };
    *count = count.div_ceil(2);
}

fn described(thread: Pid, registers: &user_regs_struct) -> Call {
    let number = registers.orig_rax;
    let mut arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8];
    if number.cast_signed() == SYS_openat2 {
        // Its flags are the first word of what is pointed to.
        let mut flags = [0; 8];
        memory(thread, arguments[2], &mut flags);
        arguments[2] = u64::from_ne_bytes(flags);
    }
    let Some(syscall) = syscalls::of(number, &arguments) else {
        let _ = signal::kill(thread, Signal::SIGKILL);
        panic!(
            "nobody has said yet whether system call {number} {arguments:x?} writes: see `syscalls.rs`"
        );
    };
    let named = |place| path_at(thread, &arguments, place);
    let (target, second) = (named(syscall.target), named(syscall.second));
    Call { name: syscall.name, kind: syscall.kind, target, second, result: None }
}

/// The file that arguments mean, by its whole path; or what else a descriptor stands for.
fn path_at(thread: Pid, arguments: &[u64; 5], place: Place) -> String {
    let cwd = || link(thread, "cwd");
    let descriptor = |at: usize| match arguments[at] as i32 {
        AT_FDCWD => cwd(),
        number => link(thread, &format!("fd/{number}")),
    };
    let path = match place {
        Place::None => return String::new(),
        Place::Descriptor(at) => descriptor(at),
        Place::Path(at) => cwd().join(text_at(thread, arguments[at])),
        Place::At(directory, at) => descriptor(directory).join(text_at(thread, arguments[at])),
    };
    path.to_string_lossy().into_owned()
}

/// A text of the program that ends in a zero byte.
fn text_at(thread: Pid, address: u64) -> String {
    let mut bytes = vec![0; 4096];
    let count = memory(thread, address, &mut bytes);
    let end = bytes[..count].iter().position(|byte| *byte == 0).unwrap_or(count);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// Reads the program's memory; how many bytes.
fn memory(thread: Pid, address: u64, bytes: &mut [u8]) -> usize {
    let memory = File::open(format!("/proc/{thread}/mem"));
    memory.and_then(|memory| memory.read_at(bytes, address)).unwrap_or(0)
}

fn link(thread: Pid, name: &str) -> PathBuf {
    fs::read_link(format!("/proc/{thread}/{name}")).unwrap_or_default()
}

/// Ends a run that does not end by itself.
struct Guard(std::sync::mpsc::Sender<()>);

impl Guard {
    fn new(main: Pid) -> Self {
        let (over, ended) = std::sync::mpsc::channel::<()>();
        std::thread::spawn(move || {
            if ended.recv_timeout(DEADLINE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let _ = signal::kill(main, Signal::SIGKILL);
            }
        });
        Self(over)
    }

    fn over(self) {
        drop(self.0);
    }
}
