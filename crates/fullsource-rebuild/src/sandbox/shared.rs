//! Memory that is no process's own, and that no process's own numbers tell.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixDatagram;
use std::time::Instant;

use rustix::fs::{MemfdFlags, fstat, major, memfd_create, minor};
use rustix::net::sockopt::{socket_recv_buffer_size, socket_send_buffer_size};

/// Counting may take one part of the time in so many.
const RARELY: u32 = 4;

/// Counts it again and again.
pub(super) struct Shared {
    /// The device, as `maps` writes it, of what is mapped without a file of a file system.
    device: String,
    /// What one socket may hold: programs cannot raise it, and the last message may go over it.
    of_a_socket: u64,
    mapped: u64,
    again: Instant,
}

impl Shared {
    pub(super) fn new() -> Self {
        let file = memfd_create("device", MemfdFlags::CLOEXEC).and_then(fstat);
        let device = file.map(|about| written(about.st_dev)).unwrap_or_else(|_| written(1));
        let buffer = UnixDatagram::unbound().ok().and_then(|socket| {
            let sent = socket_send_buffer_size(&socket).ok()?;
            Some(sent.max(socket_recv_buffer_size(&socket).ok()?))
        });
        let of_a_socket = 2 * buffer.unwrap_or(212_992) as u64;
        Self { device, of_a_socket, mapped: 0, again: Instant::now() }
    }

    /// Bytes of it, in these processes and in none.
    pub(super) fn bytes(&mut self, processes: &[u32]) -> u64 {
        let began = Instant::now();
        if began >= self.again {
            // Segments of System V the kernel counts itself.
            let mapped = mapped(processes, &self.device, |name| !name.starts_with("/SYSV"));
            self.mapped = mapped.into_values().fold(0, u64::saturating_add);
            self.again = Instant::now() + began.elapsed() * (RARELY - 1);
        }
        self.mapped.saturating_add(segments())
    }

    /// What all sockets may hold, also those that are closed, but whose words are not read yet.
    pub(super) fn sockets(&self) -> u64 {
        let table = fs::read_to_string("/proc/self/net/sockstat").unwrap_or_default();
        let used = table.lines().find_map(|line| line.strip_prefix("sockets: used "));
        let used: u64 = used.and_then(|used| used.trim().parse().ok()).unwrap_or(0);
        used.saturating_mul(self.of_a_socket)
    }
}

/// What the inodes of a device hold that are mapped. Pages that were let go of by one process stay,
/// as long as any part of theirs is mapped anywhere.
pub(super) fn mapped(
    processes: &[u32],
    device: &str,
    is_meant: impl Fn(&str) -> bool,
) -> HashMap<u64, u64> {
    let mut bytes: HashMap<u64, u64> = HashMap::new();
    for process in processes {
        let table = fs::read(format!("/proc/{process}/maps")).unwrap_or_default();
        let table = String::from_utf8_lossy(&table);
        for map in table.lines().filter_map(|line| Map::parse(line, device, &is_meant)) {
            let size = map.held(*process);
            let known = bytes.entry(map.inode).or_default();
            *known = size.max(*known);
        }
    }
    bytes
}

/// A device as `maps` writes it.
pub(super) fn written(device: u64) -> String {
    format!("{:02x}:{:02x}", major(device), minor(device))
}

/// A line of `maps`.
struct Map {
    from: u64,
    to: u64,
    offset: u64,
    inode: u64,
}

impl Map {
    /// Where it is of this device, and its name is one that is meant.
    fn parse(line: &str, device: &str, is_meant: impl Fn(&str) -> bool) -> Option<Self> {
        let mut words = line.splitn(6, ' ');
        let (from, to) = words.next()?.split_once('-')?;
        let hex = |word| u64::from_str_radix(word, 16).ok();
        let offset = hex(words.nth(1)?)?;
        let is_there = words.next()? == device;
        let inode = words.next()?.parse().ok()?;
        let is_meant = is_meant(words.next().unwrap_or_default().trim_start());
        (is_there && is_meant).then_some(Self { from: hex(from)?, to: hex(to)?, offset, inode })
    }

    /// What its inode holds. Only root of the machine is told; to others it is all that is mapped.
    fn held(&self, process: u32) -> u64 {
        let Self { from, to, .. } = self;
        match fs::metadata(format!("/proc/{process}/map_files/{from:x}-{to:x}")) {
            Ok(about) if about.ino() == self.inode => about.blocks() * 512,
            _ => self.offset.saturating_add(to.saturating_sub(*from)),
        }
    }
}

/// Segments of System V are there while nobody has them mapped.
fn segments() -> u64 {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let of = |line: &str, name: &str| {
        let at = names.iter().position(|it| *it == name)?;
        line.split_whitespace().nth(at)?.parse::<u64>().ok()
    };
    lines
        .map(|line| of(line, "rss").unwrap_or(0).saturating_add(of(line, "swap").unwrap_or(0)))
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_maps_is_read() {
        let line = "7f761a2bc000-7f761cabc000 rw-s 00001000 00:01 445759    /dev/zero (deleted)";
        let any = |_: &str| true;
        let map = Map::parse(line, "00:01", any).unwrap();
        assert_eq!((map.to - map.from, map.offset, map.inode), (40 << 20, 4096, 445_759));
        assert!(Map::parse(line, "00:02", any).is_none());
        assert!(Map::parse(line, "00:01", |name| name != "/dev/zero (deleted)").is_none());
    }
}
