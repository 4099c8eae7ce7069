//! A command in a place, run again and again with a fault at each of its system calls, and what is
//! there afterwards: the state before it, or the state after it, or what a caller has to explain.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]
#![allow(clippy::print_stdout, reason = "a scene says how many faults it saw")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::command::{Outcome, Place, Run};
use crate::injector::{Call, Errno, Fault, Plan, When, traced};
use crate::state::State;
use crate::syscalls::Kind;

/// Asks for every single call, not for some of each kind.
const ALL: &str = "FULLSOURCE_EVERY_CALL";
/// Calls of one name that are struck where not all are: the first and the last.
const OF_A_NAME: usize = 2;

fn every_call() -> bool {
    std::env::var_os(ALL).is_some()
}

/// What a disk says that takes no more, is broken, or is read-only.
pub fn disk() -> Vec<Errno> {
    let all = [Errno::ENOSPC, Errno::EIO, Errno::EDQUOT, Errno::EROFS];
    all[..if every_call() { 4 } else { 1 }].to_vec()
}

/// What a system says whose tables of open files are full.
pub fn tables() -> Vec<Errno> {
    let all = [Errno::EMFILE, Errno::ENFILE];
    all[..if every_call() { 2 } else { 1 }].to_vec()
}

/// A command, and the state of its place before and after it.
pub struct Scene<'a> {
    name: &'a str,
    place: &'a Place,
    run: Run,
    /// Before it.
    pub old: State,
    /// After it.
    pub new: State,
    /// What it asks the system for.
    pub calls: Vec<Call>,
    same: fn(&mut State),
}

/// What is there after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// What was there before.
    Old,
    /// What is there after an undisturbed run.
    New,
    /// Neither.
    Between,
}

/// A run that a fault befell.
#[derive(Debug)]
pub struct Struck {
    /// What befell it.
    pub fault: Fault,
    /// The call that it befell.
    pub call: Call,
    /// How the run ended.
    pub outcome: Outcome,
    /// What is there afterwards.
    pub ending: Ending,
    /// All of it, without what is left behind.
    pub state: State,
    /// Temporary files that are left behind.
    pub left: Vec<PathBuf>,
}

impl<'a> Scene<'a> {
    /// Runs the command twice, so that its calls and its two states are known. Leaves the old one.
    pub fn new(name: &'a str, place: &'a Place, run: Run) -> Self {
        Self::like(name, place, run, |_| {})
    }

    /// The same where two runs do not write the same bytes: `same` makes their states equal.
    pub fn like(name: &'a str, place: &'a Place, run: Run, same: fn(&mut State)) -> Self {
        let plan = Plan { fault: Fault::None, meant: &|_| false, when: When::Once(0) };
        let old = State::of(place.path());
        let listed = traced(&run, &plan);
        let told = &listed.outcome;
        assert!([0, 3].contains(&told.exit), "{name}: {}{}", told.stdout, told.stderr);
        let mut new = State::of(place.path());
        same(&mut new);
        old.restore(place.path());
        let differences = old.differences(&State::of(place.path()));
        assert!(differences.is_empty(), "{name}: {differences:?}");
        Self { name, place, run, old, new, calls: listed.calls, same }
    }

    /// Strikes each of the calls that are meant, each in a run of its own, and shows what came of it.
    /// Afterwards the old state is there again.
    pub fn strike(&self, fault: Fault, meant: &dyn Fn(&Call) -> bool, see: &dyn Fn(&Struck)) {
        let chosen = self.chosen(meant);
        assert!(!chosen.is_empty(), "{}: {fault:?} befalls nothing", self.name);
        let mut count = BTreeMap::new();
        for number in &chosen {
            if let Some(struck) = self.once(fault, meant, When::Once(*number)) {
                *count.entry(struck.ending).or_insert(0) += 1;
                see(&struck);
            }
            self.old.restore(self.place.path());
        }
        println!("{}: {fault:?} at {} calls: {count:?}", self.name, chosen.len());
    }

    /// Runs it with a fault. None where the fault did not come to pass: threads differ between runs.
    pub fn once(&self, fault: Fault, meant: &dyn Fn(&Call) -> bool, when: When) -> Option<Struck> {
        let traced = traced(&self.run, &Plan { fault, meant, when });
        let call = traced.struck.map(|number| traced.calls[number].clone())?;
        let mut state = State::of(self.place.path());
        let left = state.take(is_temporary);
        let is_old = state == self.old;
        (self.same)(&mut state);
        let ending = match () {
            () if is_old => Ending::Old,
            () if state == self.new => Ending::New,
            () => Ending::Between,
        };
        Some(Struck { fault, call, outcome: traced.outcome, ending, state, left })
    }

    /// Whether a call is about what lies in the place.
    pub fn is_here(&self, call: &Call) -> bool {
        Path::new(&call.target).starts_with(self.place.path().canonicalize().unwrap())
    }

    /// Whether a call opens a file or a directory of the place.
    pub fn opens(&self, call: &Call) -> bool {
        matches!(call.kind, Kind::Open | Kind::Create) && self.is_here(call)
    }

    /// The command once more, undisturbed.
    pub fn again(&self) -> Outcome {
        self.run.run()
    }

    /// What is there now, to be compared with the states of the scene.
    pub fn now(&self) -> State {
        let mut state = State::of(self.place.path());
        (self.same)(&mut state);
        state
    }

    /// Removes what a killed run left behind, as the help says.
    pub fn remove(&self, left: &[PathBuf]) {
        for path in left.iter().rev().map(|path| self.place.at(path)) {
            let removed = match path.is_dir() {
                true => std::fs::remove_dir(&path),
                false => std::fs::remove_file(&path),
            };
            removed.unwrap();
        }
    }

    /// Numbers of the calls to strike: all, or some of each name, the first and the last among them.
    fn chosen(&self, meant: &dyn Fn(&Call) -> bool) -> BTreeSet<usize> {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (number, call) in self.calls.iter().filter(|call| meant(call)).enumerate() {
            by_name.entry(call.name).or_default().push(number);
        }
        let all = every_call();
        let some = |numbers: Vec<usize>| {
            let steps = if all { numbers.len() } else { OF_A_NAME.min(numbers.len()) };
            let last = numbers.len() - 1;
            let step = move |i: usize| numbers[i * last / steps.saturating_sub(1).max(1)];
            (0..steps).map(step).collect::<Vec<_>>()
        };
        by_name.into_values().flat_map(some).collect()
    }
}

/// Whether a path is one of a file that is being written.
pub fn is_temporary(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let beside = name.starts_with(".fullsource-") && name.ends_with(".tmp");
    let apart = path.contains(".fullsource-partial") || path.contains("cache/new/");
    beside || apart || path.starts_with("tmp/")
}

impl Call {
    /// Whether it can change what is on a disk.
    pub fn changes(&self) -> bool {
        self.kind.changes() && self.is_on_disk()
    }

    /// Whether it is about a file or a directory: no socket, no pipe, nothing of the kernel's.
    pub fn is_on_disk(&self) -> bool {
        let kernel = ["/dev/", "/proc/", "/sys/"];
        self.target.starts_with('/') && !kernel.iter().any(|at| self.target.starts_with(at))
    }

    /// Whether a signal can interrupt it on some file system: what waits for a disk, a pipe or a lock.
    pub fn may_be_interrupted(&self) -> bool {
        let waits = matches!(self.kind, Kind::Open | Kind::Create | Kind::Read | Kind::Lock);
        let writes = matches!(self.name, "write" | "ftruncate" | "fsync");
        (waits || writes) && self.is_on_disk() && !self.is_of_the_system()
    }

    /// Whether it is what the loader does before the program runs.
    fn is_of_the_system(&self) -> bool {
        ["/etc/", "/usr/", "/lib"].iter().any(|at| self.target.contains(at))
    }
}

impl Struck {
    /// Fails with what happened.
    #[track_caller]
    pub fn check(&self, holds: bool, what: &str) {
        let Self { fault, call, outcome, ending, left, .. } = self;
        assert!(
            holds,
            "{what}: {fault:?} at {call:?}: {ending:?}, left {left:?}, exit {}: {}{}",
            outcome.exit, outcome.stdout, outcome.stderr
        );
    }

    /// That a run which met an error says so, by its cause, and leaves nothing; or did not mind it.
    #[track_caller]
    pub fn check_told(&self) {
        let Fault::Error(errno) = self.fault else { panic!("no error was injected") };
        let told = (self.outcome.stdout.clone() + &self.outcome.stderr).to_lowercase();
        self.check(!told.contains("panicked"), "a panic");
        let apart = |path: &PathBuf| path.starts_with("out/.fullsource-partial");
        let kept = self.left.iter().all(apart) || self.call.name.starts_with("unlink");
        self.check(kept, "left behind");
        let is_told = told.contains(words(errno));
        match (self.outcome.exit, self.ending) {
            (0, Ending::New) => return,
            // A report that is no pass says why by itself; a draft tells what it does not know.
            (1 | 3, Ending::New) => return,
            (0, _) => return self.check(is_told, "success without its result"),
            _ => {}
        }
        self.check(is_told, "the cause is not told");
        self.check(told.contains("help: "), "no help");
        let lies = told.contains("nothing was written") && self.ending != Ending::Old;
        self.check(!lies, "something was written");
    }
}

/// What the system calls an error.
fn words(errno: Errno) -> &'static str {
    match errno {
        Errno::ENOSPC => "no space left on device",
        Errno::EDQUOT => "quota exceeded",
        Errno::EIO => "input/output error",
        Errno::EMFILE => "too many open files",
        Errno::ENFILE => "too many open files in system",
        Errno::EINTR => "interrupted system call",
        Errno::EROFS => "read-only file system",
        _ => panic!("`{errno}` has no words here yet"),
    }
}
