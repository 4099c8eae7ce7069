//! What a command uses, as the keeper sees it from outside of it.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::End;
use super::shared::Shared;
use super::taken::taken;
use super::wire::Start;

/// The file system is a little larger than its limit, so that what fills it is seen to have gone
/// over it.
pub(super) const SLACK: u64 = 64 << 10;
/// The same of processes.
pub(super) const SPARE: u64 = 8;
/// What the name of a file costs in memory, at the least.
const OF_A_NAME: u64 = 1024;
/// A program cannot fill memory faster than this, in bytes per second.
const FASTEST: u64 = 8 << 30;
const SOONEST: Duration = Duration::from_millis(4);
const LATEST: Duration = Duration::from_millis(50);

/// Measures again and again, and says when a limit is reached.
pub(super) struct Watch<'a> {
    limits: &'a Start,
    output: &'a OwnedFd,
    /// The most that was seen.
    pub(super) peak_memory: u64,
    shared: Shared,
    disk_again: Instant,
}

impl<'a> Watch<'a> {
    pub(super) fn new(limits: &'a Start, output: &'a OwnedFd) -> Self {
        Self { limits, output, peak_memory: 0, shared: Shared::new(), disk_again: Instant::now() }
    }

    /// The limit that is reached, or how long nothing can happen.
    pub(super) fn look(&mut self) -> Result<Duration, End> {
        let disk = self.disk()?;
        let processes = self.processes()?;
        let files = disk.saturating_add(self.shared.bytes(&processes.numbers));
        let sockets = self.shared.sockets();
        let mut used = processes.private + processes.shared.max(files) + sockets;
        if used > self.limits.memory {
            // Pages that several processes share were counted for each of them.
            used = processes.shares(files) + sockets;
        }
        self.peak_memory = self.peak_memory.max(used);
        if used > self.limits.memory {
            return Err(End::Memory);
        }
        let left = self.limits.memory - used;
        let until = Duration::from_millis(left.saturating_mul(1000) / FASTEST);
        // Processes come faster than memory fills, and some are gone as fast.
        let until = if processes.threads > self.limits.processes / 4 { SOONEST } else { until };
        Ok(until.clamp(SOONEST, LATEST))
    }

    /// Bytes of memory that its files take.
    pub(super) fn disk(&mut self) -> Result<u64, End> {
        if self.limits.on_disk {
            return self.real_disk().map(|()| 0);
        }
        let Ok(about) = rustix::fs::fstatvfs(self.output) else { return Ok(0) };
        let bytes = about.f_blocks.saturating_sub(about.f_bfree).saturating_mul(about.f_frsize);
        let names = about.f_files.saturating_sub(about.f_ffree);
        if bytes > self.limits.disk || about.f_ffree == 0 {
            return Err(End::Disk);
        }
        Ok(bytes + names * OF_A_NAME)
    }

    /// A disk tells nobody what one directory takes: it is walked, for a tenth of the time at the
    /// most.
    fn real_disk(&mut self) -> Result<(), End> {
        let began = Instant::now();
        if began < self.disk_again {
            return Ok(());
        }
        let numbers: Vec<u32> = numbers().filter_map(status).map(|(number, _)| number).collect();
        let taken = taken(&numbers);
        self.disk_again = Instant::now() + began.elapsed().saturating_mul(10);
        if taken > self.limits.disk { Err(End::Disk) } else { Ok(()) }
    }

    fn processes(&self) -> Result<Processes, End> {
        let mut all = Processes::default();
        for number in numbers() {
            // One that has just ended uses nothing.
            let Some((number, status)) = status(number) else { continue };
            all.private += field(&status, "RssAnon:") + field(&status, "VmSwap:");
            all.shared += field(&status, "RssShmem:");
            all.threads += field(&status, "Threads:") / 1024;
            all.numbers.push(number);
        }
        if all.threads > self.limits.processes { Err(End::Processes) } else { Ok(all) }
    }
}

#[derive(Default)]
struct Processes {
    numbers: Vec<u32>,
    private: u64,
    shared: u64,
    threads: u64,
}

impl Processes {
    /// The same, where each page counts once.
    fn shares(&self, files: u64) -> u64 {
        let (mut private, mut shared) = (0, 0);
        for number in &self.numbers {
            let text = fs::read_to_string(format!("/proc/{number}/smaps_rollup"));
            let text = text.unwrap_or_default();
            private += field(&text, "Pss_Anon:") + field(&text, "SwapPss:");
            shared += field(&text, "Pss_Shmem:");
        }
        private + shared.max(files)
    }
}

/// All processes within but the keeper itself.
fn numbers() -> impl Iterator<Item = u32> {
    numbered("/proc").filter(|number| *number != 1)
}

fn numbered(place: &str) -> impl Iterator<Item = u32> + use<> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// What is known of a process, and the thread that shows it: the first one shows no memory once it
/// has ended.
fn status(process: u32) -> Option<(u32, String)> {
    let of = |number| Some((number, fs::read_to_string(format!("/proc/{number}/status")).ok()?));
    let first = of(process)?;
    if first.1.contains("RssAnon:") {
        return Some(first);
    }
    let threads = numbered(&format!("/proc/{process}/task"));
    let living = threads.filter_map(of).find(|(_, status)| status.contains("RssAnon:"));
    Some(living.unwrap_or(first))
}

/// A number of a table of `proc`, where it counts in KiB.
fn field(table: &str, name: &str) -> u64 {
    let line = table.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0).saturating_mul(1024)
}

/// Time of processors, of all that has ended below this process.
pub(super) fn processor_time() -> io::Result<(Duration, u64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let of = |time: nix::sys::time::TimeVal| {
        let whole = Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or(0));
        whole + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or(0))
    };
    let largest = u64::try_from(usage.max_rss()).unwrap_or(0).saturating_mul(1024);
    Ok((of(usage.user_time()) + of(usage.system_time()), largest))
}
