//! What ends a command that does not end itself.

use std::fs;
use std::time::Duration;

use fullsource_rebuild::sandbox::{End, Job, Limits};

use crate::{LIMITS, Test, python, run, said, shell};

pub(crate) const TESTS: &[Test] = &[
    ("a_fork_bomb_is_ended", a_fork_bomb_is_ended),
    ("a_full_disk_is_told_from_an_error", a_full_disk_is_told_from_an_error),
    ("files_without_end_are_ended", files_without_end_are_ended),
    ("memory_without_end_is_ended", memory_without_end_is_ended),
    ("memory_that_was_let_go_of_counts", memory_that_was_let_go_of_counts),
    ("who_lost_its_first_thread_is_seen", who_lost_its_first_thread_is_seen),
    ("what_sockets_hold_counts", what_sockets_hold_counts),
    ("memory_that_is_shared_counts_once", memory_that_is_shared_counts_once),
    ("time_ends_what_ignores_signals", time_ends_what_ignores_signals),
    ("who_speaks_without_end_is_heard_last", who_speaks_without_end_is_heard_last),
    ("a_scratch_directory_is_held_to_the_disk", a_scratch_directory_is_held_to_the_disk),
    ("what_has_no_name_counts_on_a_disk", what_has_no_name_counts_on_a_disk),
    ("a_scratch_directory_goes_with_all_that_is_in_it", a_scratch_directory_goes),
];

fn a_fork_bomb_is_ended() {
    let script = "import os\nwhile True:\n    \
        try: os.fork()\n    \
        except OSError: pass";
    let ran = run(&python(script));
    assert_eq!(ran.end, End::Processes, "{}", said(&ran));
    assert!(ran.wall < Duration::from_secs(30), "{:?}", ran.wall);
    // Between two looks it is the kernel that holds it, as it does not for root.
    let script = "import os, resource\n\
        print(resource.getrlimit(resource.RLIMIT_NPROC), os.stat('/proc/self').st_uid)";
    assert_eq!(said(&run(&python(script))), "(72, 72) 1000\n");
}

fn a_full_disk_is_told_from_an_error() {
    // It takes the error for nothing, and says that all went well.
    let script = "import os\n\
        file = os.open('/work/file', os.O_CREAT | os.O_WRONLY)\n\
        try:\n    \
            while True: os.write(file, b'x' * 65536)\n\
        except OSError as error: print(error.errno, flush=True)\n";
    let ran = run(&python(script));
    assert_eq!(ran.end, End::Disk);
    assert!(matches!(said(&ran).as_str(), "28\n" | ""), "{}", said(&ran));
    // The one limit is that of all places, together.
    let ran =
        run(&shell("for at in output work tmp dev/shm; do head -c 20M /dev/zero >/$at/x; done"));
    assert_eq!(ran.end, End::Disk, "{}", said(&ran));
}

fn files_without_end_are_ended() {
    let ran = run(&python(
        "import os\nfor i in range(10_000_000): os.close(os.open(f'/work/{i}', os.O_CREAT))",
    ));
    assert!(matches!(ran.end, End::Disk | End::Memory), "{:?} {}", ran.end, said(&ran));
}

fn memory_without_end_is_ended() {
    let anonymous = "kept = []\nwhile True: kept.append(b'x' * 1_000_000)";
    let shared = "import mmap\nkept = []\nwhile True:\n    \
        kept.append(mmap.mmap(-1, 1_000_000))\n    \
        kept[-1].write(b'x' * 1_000_000)";
    let files = "kept = open('/dev/shm/x', 'wb')\nwhile True: kept.write(b'x' * 1_000_000)";
    for script in [anonymous, shared, files] {
        let limits = Limits { memory: 256 << 20, disk: 1 << 30, ..LIMITS };
        let ran = run(&Job { limits, ..python(script) });
        assert_eq!(ran.end, End::Memory, "{script}: {}", said(&ran));
        assert!(ran.peak_memory < 512 << 20, "{}", ran.peak_memory);
    }
}

/// By a process, and not by the kernel.
fn memory_that_was_let_go_of_counts() {
    let mapped = "import mmap\nkept = []\nfor _ in range(600):\n    \
        kept.append(mmap.mmap(-1, 1 << 20))\n    \
        kept[-1].write(b'x' * (1 << 20))\n    \
        kept[-1].madvise(mmap.MADV_DONTNEED)";
    let segments = "import ctypes\nlibc = ctypes.CDLL(None)\n\
        libc.shmat.restype = ctypes.c_void_p\nfor _ in range(200):\n    \
        at = libc.shmat(libc.shmget(0, 1 << 20, 0o1600), None, 0)\n    \
        ctypes.memset(at, 1, 1 << 20); libc.shmdt(ctypes.c_void_p(at))";
    for script in [mapped, segments] {
        let limits = Limits { memory: 256 << 20, ..LIMITS };
        let private = "\nkept = bytearray(b'x' * (100 << 20))\nimport time; time.sleep(1)";
        let ran = run(&Job { limits, ..python(&format!("{script}{private}")) });
        assert_eq!(ran.end, End::Memory, "{script}: {}", said(&ran));
        assert!(ran.peak_memory < 512 << 20, "{}", ran.peak_memory);
    }
}

fn who_lost_its_first_thread_is_seen() {
    let script = "import ctypes, os, platform, threading, time\n\
        def fill():\n    \
            time.sleep(0.2); kept = b'x' * (300 << 20); time.sleep(1); os._exit(0)\n\
        threading.Thread(target=fill).start()\n\
        ctypes.CDLL(None).syscall(60 if platform.machine() == 'x86_64' else 93, 0)";
    let limits = Limits { memory: 256 << 20, ..LIMITS };
    let ran = run(&Job { limits, ..python(script) });
    assert_eq!(ran.end, End::Memory, "{}", said(&ran));
}

fn what_sockets_hold_counts() {
    // What was closed counts while its words are not read, and no buffer can be made larger.
    let fill = "import socket, time\nkept = []\ndef fill(wish):\n    \
            writer, reader = socket.socketpair()\n    \
            writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, wish)\n    \
            writer.setblocking(False)\n    \
            kept.append(reader)\n    \
            sent = 0\n    \
            try:\n        \
                while True: sent += writer.send(b'x' * 4096)\n    \
            except BlockingIOError: return sent\n";
    let many = format!("{fill}for _ in range(1500): fill(1 << 30)\ntime.sleep(1)");
    let limits = Limits { memory: 256 << 20, ..LIMITS };
    let ran = run(&Job { limits, ..python(&many) });
    assert_eq!(ran.end, End::Memory, "{}", said(&ran));
    let few = format!("{fill}for _ in range(50): fill(1000)\nprint(fill(1000) == fill(1 << 30))");
    let ran = run(&Job { limits, ..python(&few) });
    assert_eq!((said(&ran).as_str(), ran.end), ("True\n", End::Exited(0)));
}

fn memory_that_is_shared_counts_once() {
    let script = "import os, time\n\
        kept = bytearray(b'x' * 150_000_000)\n\
        for _ in range(4):\n    \
            if os.fork() == 0: time.sleep(0.5); os._exit(0)\n\
        for _ in range(4): os.wait()";
    let limits = Limits { memory: 300_000_000 + (64 << 20), ..LIMITS };
    let ran = run(&Job { limits, ..python(script) });
    assert_eq!(ran.end, End::Exited(0), "{}", said(&ran));
    assert!(ran.peak_memory > 150_000_000, "{}", ran.peak_memory);
}

fn time_ends_what_ignores_signals() {
    let limits = Limits { wall: Duration::from_secs(1), ..LIMITS };
    let script =
        "trap '' TERM HUP INT QUIT; (trap '' TERM; while :; do :; done) & while :; do :; done";
    let ran = run(&Job { limits, ..shell(script) });
    assert_eq!(ran.end, End::Time);
    assert!((1.0..3.0).contains(&ran.wall.as_secs_f64()), "{:?}", ran.wall);
    assert!(ran.cpu > Duration::from_millis(50), "{:?}", ran.cpu);
}

fn who_speaks_without_end_is_heard_last() {
    let limits = Limits { wall: Duration::from_secs(2), ..LIMITS };
    let ran = run(&Job { limits, ..shell("(sleep 1; exec >&2; yes last) & yes; wait") });
    assert_eq!((ran.end, ran.said.len()), (End::Time, 64 << 10));
}

fn a_scratch_directory_is_held_to_the_disk() {
    let place = tempfile::tempdir().unwrap();
    let scratch = Some(place.path().to_owned());
    let one = "head -c 100M /dev/zero >/work/one";
    let many =
        "for i in 1 2 3 4 5 6 7 8; do head -c 20M /dev/zero >/work/$i; sleep 0.1; done; sleep 9";
    for script in [one, many] {
        let ran = run(&Job { scratch: scratch.clone(), ..shell(script) });
        assert!(matches!(ran.end, End::Disk | End::Exited(153)), "{script}: {:?}", ran.end);
        drop(ran);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

fn what_has_no_name_counts_on_a_disk() {
    let place = tempfile::tempdir().unwrap();
    let make = "import mmap, os, time\nkept = []\ndef fill(end):\n    \
            kept.append(open('it', 'w+b', 0))\n    \
            kept[-1].write(b'x' * (20 << 20))\n    \
            end()\n";
    let unlinked = "for _ in range(5): fill(lambda: os.unlink('it'))";
    let mapped = "def end():\n    \
            kept.append(mmap.mmap(kept[-1].fileno(), 0))\n    \
            kept.pop(-2).close(); os.closerange(3, 99); os.unlink('it')\n\
        for _ in range(5): fill(end)";
    let deep = "for i in range(2500): os.mkdir('deeper'); os.chdir('deeper')\n\
        for i in range(5): fill(lambda: os.rename('it', str(i)))";
    let linked = "fill(lambda: [os.link('it', str(i)) for i in range(5)])\n\
        fill(lambda: os.unlink('it'))";
    let ends = [unlinked, mapped, deep].map(|script| (script, End::Disk));
    for (script, end) in ends.into_iter().chain([(linked, End::Exited(0))]) {
        let job = python(&format!("{make}{script}\ntime.sleep(1)"));
        let ran = run(&Job { scratch: Some(place.path().to_owned()), ..job });
        assert_eq!(ran.end, end, "{script}: {}", said(&ran));
    }
}

fn a_scratch_directory_goes() {
    let place = tempfile::tempdir().unwrap();
    let script = "cd /output && for i in $(seq 300); do mkdir -p d/d/d/d/d/d/d/d/d/d && cd d; done; \
        cd /work && mkdir shut && touch shut/file $(seq 2000) && ln -s / link && mkfifo pipe && \
        chmod 0 shut && echo there";
    let ran = run(&Job { scratch: Some(place.path().to_owned()), ..shell(script) });
    assert_eq!((said(&ran).as_str(), ran.end), ("there\n", End::Exited(0)));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    drop(ran);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}
