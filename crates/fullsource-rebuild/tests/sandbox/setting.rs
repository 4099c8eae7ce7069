//! What a command is told of the world.

use std::io::Read as _;
use std::time::Duration;

use fullsource_collect::hash::read_file;
use fullsource_collect::progress::Progress;
use fullsource_rebuild::sandbox::{self, End, Job, Limits};

use crate::{LIMITS, Test, ends, run, said, shell, shown};

pub(crate) const TESTS: &[Test] = &[
    ("the_setting_is_the_same_for_everybody", the_setting_is_the_same_for_everybody),
    ("what_the_caller_left_open_is_shut", what_the_caller_left_open_is_shut),
    ("an_environment_is_told", an_environment_is_told),
    ("without_a_sandbox_it_runs_all_the_same", without_a_sandbox_it_runs_all_the_same),
];

const SETTING: &str = "HOME=/work
LANG=C.UTF-8
LC_ALL=C.UTF-8
MKL_NUM_THREADS=1
NUMEXPR_NUM_THREADS=1
OMP_NUM_THREADS=1
OPENBLAS_NUM_THREADS=1
PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
PWD=/work
PYTHONHASHSEED=0
RAYON_NUM_THREADS=1
SOURCE_DATE_EPOCH=315532800
TMPDIR=/tmp
TZ=UTC
rebuild /work 0022 1 1000 1000
a/b
";

fn the_setting_is_the_same_for_everybody() {
    let script = "env | sort; echo $(hostname) $(pwd) $(umask) $(env -u OMP_NUM_THREADS nproc) $(id -u) $(id -g); \
        cd /output && ls -d a/b; ls -A /work /tmp /dev/shm | grep -v : | grep .; true";
    let directories = vec!["a/b".parse().unwrap()];
    let ran = run(&Job { directories, ..shell(script) });
    assert_eq!((said(&ran).as_str(), ran.end), (SETTING, End::Exited(0)));
}

fn what_the_caller_left_open_is_shut() {
    let script = "for fd in /proc/self/fd/*; do readlink $fd; done | grep hosts; id -G; umask; cat";
    let mut child = ends::calls("umask 077; exec 7</etc/hosts 8>&7; exec \"$@\"", script, None);
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success());
    let said: Vec<&str> = said.split_whitespace().filter(|word| *word != "65534").collect();
    assert_eq!(said, ["1000", "0022"]);
}

fn an_environment_is_told() {
    let job = Job { threads: 1, ..shell("true") };
    let told = sandbox::environment(&job, &Progress::default()).unwrap();
    assert!(told.platform.as_str().starts_with("linux/"));
    assert!(told.kernel.as_str().starts_with("Linux "));
    assert!(told.libc.as_str().contains("libc"), "{:?}", told.libc);
    let sandbox = told.sandbox.as_str();
    assert!(
        sandbox.starts_with("linux namespaces, ") && sandbox.ends_with("landlock, seccomp")
            || sandbox.contains(", landlock "),
        "{sandbox}"
    );
    let of = |name: &str| told.tools.iter().find(|tool| tool.name.as_str() == name).unwrap();
    assert!(of("sh").sha256.is_some());
    let python = of("python3").version.as_ref().unwrap();
    assert!(python.as_str().starts_with("Python 3."), "{python:?}");
    let told =
        sandbox::environment(&Job { without: Some("/".into()), ..job }, &Progress::default());
    assert_eq!(told.unwrap().sandbox.as_str(), "none");
}

fn without_a_sandbox_it_runs_all_the_same() {
    let place = tempfile::tempdir().unwrap();
    let given = place.path().join("given");
    std::fs::write(&given, "seen\n").unwrap();
    let root = place.path().join("root");
    let at = root.display();
    let script =
        format!("cat {at}/input/a; pwd; umask; env | grep -c .; echo made >{at}/output/b/c");
    let job = |script: &str| Job {
        shown: vec![shown(&given, "/input/a")],
        directories: vec!["b".parse().unwrap()],
        without: Some(root.clone()),
        ..shell(script)
    };
    let ran = run(&job(&script));
    assert_eq!(said(&ran), format!("seen\n{at}/work\n0022\n14\n"));
    assert_eq!(read_file(&ran.output, &"b/c".parse().unwrap(), 100).unwrap(), b"made\n");
    std::fs::remove_dir_all(&root).unwrap();
    let limits = Limits { wall: Duration::from_millis(500), ..LIMITS };
    let ran = run(&Job { limits, ..job("trap '' TERM; sleep 77 & sleep 77") });
    assert_eq!(ran.end, End::Time);
}
