//! What a command is told of the world: the same, whoever runs it (`reb-12`).

use std::ffi::OsString;
use std::path::Path;

use super::{Job, WORK};

/// The system: programs and libraries.
pub(super) const SYSTEM: [&str; 7] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/// Variables that libraries take their number of threads from.
const THREADS: [&str; 5] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
];
const PROGRAMS: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// All variables of the environment, where what the command sees stands below `root`.
pub(super) fn variables(job: &Job<'_>, root: &Path) -> Vec<(String, OsString)> {
    let place = |at: &str| root.join(at.trim_start_matches('/')).into_os_string();
    let mut variables: Vec<(String, OsString)> = [
        ("LC_ALL", "C.UTF-8".into()),
        ("LANG", "C.UTF-8".into()),
        ("TZ", "UTC".into()),
        ("PYTHONHASHSEED", "0".into()),
        ("SOURCE_DATE_EPOCH", job.source_date_epoch.to_string().into()),
        ("HOME", place(WORK)),
        ("TMPDIR", place("/tmp")),
        ("PATH", search_path(job)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let threads = OsString::from(job.threads.max(1).to_string());
    variables.extend(THREADS.map(|name| (name.to_owned(), threads.clone())));
    variables
}

/// The directories in which programs are sought: those of the tools, then the system's.
pub(super) fn search_path(job: &Job<'_>) -> OsString {
    let mut path = OsString::new();
    for tool in job.tools {
        let programs = tool.join("bin");
        path.push(if programs.is_dir() { programs.as_os_str() } else { tool.as_os_str() });
        path.push(":");
    }
    path.push(PROGRAMS);
    path
}
