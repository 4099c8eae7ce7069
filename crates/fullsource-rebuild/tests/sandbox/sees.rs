//! What a command sees, and what it can reach.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use fullsource_collect::hash::read_file;
use fullsource_collect::progress::Progress;
use fullsource_collect::tree::walk;
use fullsource_rebuild::sandbox::{self, End, Job, SandboxError};

use crate::{Test, python, run, said, shell, shown};

pub(crate) const TESTS: &[Test] = &[
    ("the_rest_of_the_machine_is_not_there", the_rest_of_the_machine_is_not_there),
    ("what_is_given_cannot_be_changed", what_is_given_cannot_be_changed),
    ("each_lock_is_shut_by_itself", each_lock_is_shut_by_itself),
    ("an_input_behind_a_shut_directory_is_seen", an_input_behind_a_shut_directory_is_seen),
    ("nothing_is_made_where_something_is_shown", nothing_is_made_where_something_is_shown),
    ("there_is_no_network", there_is_no_network),
    ("the_kernel_refuses_what_nobody_needs", the_kernel_refuses_what_nobody_needs),
    ("links_and_pipes_in_the_output_lead_nowhere", links_and_pipes_in_the_output_lead_nowhere),
    ("what_was_made_is_read_whatever_its_modes", what_was_made_is_read_whatever_its_modes),
];

fn the_rest_of_the_machine_is_not_there() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("given")).unwrap();
    fs::write(place.path().join("given/file"), "seen\n").unwrap();
    fs::write(place.path().join("sibling"), "").unwrap();
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    let sibling = place.path().join("sibling");
    let script = format!(
        "for place in /etc/shadow /etc/hostname /etc/ssh /var /sys /boot /old /new /disk '{home}' \
         '{}' '{}' /input/given/../sibling /dev/tty /dev/kmsg /dev/vda /dev/sda; do \
         test -e \"$place\" && echo \"there is $place\"; done; cat /input/given/file; ls /input",
        env!("CARGO_MANIFEST_DIR"),
        sibling.display(),
    );
    let given = shown(&place.path().join("given"), "/input/given");
    let ran = run(&Job { shown: vec![given], ..shell(&script) });
    assert_eq!((said(&ran).as_str(), ran.end), ("seen\ngiven\n", End::Exited(0)));
}

fn what_is_given_cannot_be_changed() {
    let place = tempfile::tempdir().unwrap();
    let given = place.path().join("given");
    fs::create_dir(&given).unwrap();
    fs::write(given.join("file"), "as it was").unwrap();
    // Not even where everybody may.
    fs::set_permissions(given.join("file"), fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(&given, fs::Permissions::from_mode(0o777)).unwrap();
    let script = "change() { (\"$@\") 2>/dev/null && echo \"changed: $*\"; }\n\
        write() { (echo x >\"$1\") 2>/dev/null && echo \"written: $1\"; }\n\
        write /input/given/file; write /input/given/new; write /usr/new; write /etc/passwd; \
        write /etc/new; write /new; write /proc/self/comm; write /dev/new; write /input/new\n\
        change mv /input/given/file /input/given/other; change rm /input/given/file; \
        change chmod 600 /input/given/file; change touch /input/given/file; \
        change mount -o remount,rw /input/given; change umount /proc; \
        change mknod /work/null c 1 3; change chown 0 /work; true";
    let ran = run(&Job { shown: vec![shown(&given, "/input/given")], ..shell(script) });
    assert_eq!((said(&ran).as_str(), ran.end), ("", End::Exited(0)));
    assert_eq!(fs::read_to_string(given.join("file")).unwrap(), "as it was");
    assert_eq!(fs::read_dir(&given).unwrap().count(), 1);
}

/// What is mounted read-only Landlock refuses, too, and each would hide that the other one is
/// missing.
fn each_lock_is_shut_by_itself() {
    let ran = run(&shell("grep -v ' ro,' /proc/self/mounts | cut -d' ' -f2 | sort"));
    assert_eq!(said(&ran), "/dev/shm\n/output\n/tmp\n/work\n");
    let told = sandbox::environment(&shell("true"), &Progress::default()).unwrap().sandbox;
    let version = told.as_str().split("landlock ").nth(1).and_then(|rest| rest.split(',').next());
    let version: u32 = version.and_then(|version| version.parse().ok()).unwrap_or(0);
    if version < 4 {
        println!("not tested: this kernel's Landlock is `{}`", told.as_str());
        return;
    }
    // From its fourth version on it holds TCP, which no mount does.
    let bind = "import socket\n\
        try: socket.socket().bind(('127.0.0.1', 0))\n\
        except OSError as error: print(error.errno)";
    assert_eq!(said(&run(&python(bind))), "13\n");
}

fn an_input_behind_a_shut_directory_is_seen() {
    let place = tempfile::tempdir().unwrap();
    let shut = place.path().join("shut");
    fs::create_dir_all(shut.join("given")).unwrap();
    fs::write(shut.join("given/file"), "seen").unwrap();
    fs::write(shut.join("one"), "alone").unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o700)).unwrap();
    let given = vec![shown(&shut.join("given"), "/input/a"), shown(&shut.join("one"), "/input/b")];
    let ran = run(&Job { shown: given, ..shell("cat /input/a/file /input/b") });
    assert_eq!((said(&ran).as_str(), ran.end), ("seenalone", End::Exited(0)));
}

fn there_is_no_network() {
    let stream = TcpListener::bind("127.0.0.1:0").unwrap();
    stream.set_nonblocking(true).unwrap();
    // Landlock holds TCP; without a network of its own, this would come through.
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    datagrams.set_nonblocking(true).unwrap();
    let script = format!(
        "import socket, time\n\
         began = time.time()\n\
         def fails(what, *call):\n    \
             try: call[0](*call[1:])\n    \
             except OSError: return\n    \
             print(what)\n\
         fails('loopback', socket.create_connection, ('127.0.0.1', {}), 5)\n\
         fails('outside', socket.create_connection, ('192.0.2.1', 80), 5)\n\
         fails('a name', socket.getaddrinfo, 'fullsource.dev', 443)\n\
         datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
         fails('a datagram', datagram.sendto, b'x', ('127.0.0.1', {}))\n\
         for family in 40, 17, 31, 38, 16 + 28:\n    \
             fails(f'family {{family}}', socket.socket, family, socket.SOCK_STREAM)\n\
         assert time.time() - began < 5, 'nobody waits for what cannot come'\n",
        stream.local_addr().unwrap().port(),
        datagrams.local_addr().unwrap().port(),
    );
    let ran = run(&python(&script));
    assert_eq!((said(&ran).as_str(), ran.end), ("", End::Exited(0)));
    assert_eq!(stream.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(datagrams.recv(&mut [0; 9]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Whatever lies in whatever, no place for one is made in another one that is the machine's.
fn nothing_is_made_where_something_is_shown() {
    let place = tempfile::tempdir().unwrap();
    let given = place.path().join("given");
    let tool = place.path().join("tool");
    std::os::unix::fs::symlink("tool-1.0", &tool).unwrap();
    fs::create_dir_all(place.path().join("tool-1.0/bin")).unwrap();
    fs::write(place.path().join("tool-1.0/bin/it"), "#!/bin/sh\necho it runs\n").unwrap();
    let runs = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.path(), runs.clone()).unwrap();
    fs::set_permissions(place.path().join("tool-1.0/bin/it"), runs).unwrap();
    fs::create_dir(&given).unwrap();
    let tools = [tool];
    let job = |shown| Job { shown, tools: &tools, ..shell("it; ls /input") };
    let ran = run(&job(vec![shown(&given, "/input/a")]));
    assert_eq!((said(&ran).as_str(), ran.end), ("it runs\na\n", End::Exited(0)));
    let nested = vec![shown(&given, "/input/a"), shown(&given, "/input/a/b")];
    let ran = sandbox::run(&job(nested), &Progress::default());
    assert!(matches!(ran, Err(SandboxError::Unavailable(_))));
    assert_eq!(fs::read_dir(&given).unwrap().count(), 0);
    let everything = Job { tools: &["/".into()], ..shell("true") };
    assert!(sandbox::run(&everything, &Progress::default()).is_err());
}

/// By their numbers on x86_64; elsewhere by what the C library has a name for.
fn the_kernel_refuses_what_nobody_needs() {
    let script = "import ctypes, errno, fcntl, platform\n\
        libc = ctypes.CDLL(None, use_errno=True)\n\
        def refused(what, expected, call, *arguments):\n    \
            ctypes.set_errno(0)\n    \
            result, number = call(*arguments), ctypes.get_errno()\n    \
            if result != -1 or number != expected: print(what, result, number)\n\
        refused('unshare', errno.EPERM, libc.unshare, 0x10000000)\n\
        refused('mount', errno.EPERM, libc.mount, b'x', b'/tmp', b'tmpfs', 0, None)\n\
        refused('ptrace', errno.EPERM, libc.ptrace, 0, 0, 0, 0)\n\
        refused('chroot', errno.EPERM, libc.chroot, b'/tmp')\n\
        numbers = dict(keyctl=250, bpf=321, perf_event_open=298, userfaultfd=323, io_uring_setup=425,\n    \
            open_by_handle_at=304, fsopen=430, setns=308, process_vm_readv=310, add_key=248, \
    open_tree_attr=467, sched_setaffinity=203)\n\
        unknown = dict(clone3=435, memfd_create=319, memfd_secret=447, vmsplice=278)\n\
        if platform.machine() == 'x86_64':\n    \
            for name, number in numbers.items(): refused(name, errno.EPERM, libc.syscall, number, 0, 0, 0, 0, 0)\n    \
            for name, number in unknown.items(): refused(name, errno.ENOSYS, libc.syscall, number, 0, 0, 0, 0, 0)\n    \
            refused('clone', errno.EPERM, libc.syscall, 56, 0x10000000 | 17, 0, 0, 0, 0)\n    \
            refused('x32', errno.EPERM, libc.syscall, 0x40000000 | 165, 0, 0, 0, 0, 0)\n\
        try: fcntl.ioctl(0, 0x5412, b'x')\n\
        except OSError as error: print('TIOCSTI', error.errno) if error.errno != errno.EPERM else None\n";
    let ran = run(&python(script));
    assert_eq!((said(&ran).as_str(), ran.end), ("", End::Exited(0)));
}

fn links_and_pipes_in_the_output_lead_nowhere() {
    let ran = run(&shell(
        "cd /output && ln -s /etc/passwd link && ln -s /etc etc && mkfifo pipe && echo made >file",
    ));
    assert_eq!(ran.end, End::Exited(0), "{}", said(&ran));
    let began = Instant::now();
    let read = |path: &str| read_file(&ran.output, &path.parse().unwrap(), 1000);
    for lead in ["link", "etc/passwd", "pipe"] {
        assert!(read(lead).is_err(), "{lead}");
    }
    assert_eq!(read("file").unwrap(), b"made\n");
    assert!(began.elapsed() < Duration::from_secs(5));
    let tree = walk(&ran.output, &|_| false, &Progress::default()).unwrap();
    assert_eq!(tree.others.len(), 3);
}

fn what_was_made_is_read_whatever_its_modes() {
    let script =
        "cd /output && echo made >file && mkdir shut && echo in >shut/file && chmod 0 shut file";
    let ran = run(&shell(script));
    assert_eq!(ran.end, End::Exited(0), "{}", said(&ran));
    let read = |path: &str| read_file(&ran.output, &path.parse().unwrap(), 1000).unwrap();
    assert_eq!((read("file"), read("shut/file")), (b"made\n".to_vec(), b"in\n".to_vec()));
}
