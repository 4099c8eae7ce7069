//! The network as the command line sets it: what may be asked, with which credentials, at what cost.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use fullsource_collect::net::{Net, NetError, Settings};
use fullsource_collect::source::Access;
use fullsource_collect::source::swh::{self, Archive};
use fullsource_verify::finding::Code;

use crate::cli::{Asking, Looking, Reach};
use crate::exit::Failure;
use crate::{input, signals};

/// Places looked at at once where nobody says otherwise: most of the time is spent waiting.
const JOBS: NonZeroUsize = NonZeroUsize::new(8).unwrap();

/// Bytes of a file of certificates. A system's whole collection has a quarter of a megabyte.
const CERTIFICATES: usize = 4 << 20;

/// The network for a look. It is not touched before the first question.
pub(crate) fn net(args: &Asking) -> Result<Net, Failure> {
    let mut settings = Settings { offline: args.offline, ..reach(&args.reach)? };
    settings.max_bytes = args.max_bytes.unwrap_or(settings.max_bytes);
    settings.total = args.timeout.unwrap_or(settings.total);
    opened(settings)
}

/// A network without a budget of its own: what is fetched is bounded by what was signed.
pub(crate) fn unbounded(args: &Reach) -> Result<Net, Failure> {
    opened(Settings { total: Duration::MAX, max_bytes: u64::MAX, ..reach(args)? })
}

fn reach(args: &Reach) -> Result<Settings, Failure> {
    let ca_pem = args.ca_file.iter().map(|path| input::read(path, CERTIFICATES));
    Ok(Settings {
        allow: args.allow_host.clone(),
        ca_pem: ca_pem.collect::<Result<_, _>>()?,
        stop: signals::stop_flag(),
        ..Settings::default()
    })
}

fn opened(settings: Settings) -> Result<Net, Failure> {
    Net::new(settings).map_err(|error| match &error {
        NetError::Certificates(_) => {
            Failure::usage(&error, "`--ca-file` takes certificates in PEM form (BEGIN CERTIFICATE)")
        }
        NetError::System(_) => {
            Failure::of(Code::TargetUnreadable, &error).helping("check the system's certificates")
        }
    })
}

/// Credentials and endpoints, from the environment that the tools of each place use, and whether
/// Software Heritage may be asked.
pub(crate) fn access(args: &Asking) -> Result<Access, Failure> {
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let access =
        Access::from_environment(std::env::vars_os().filter_map(text)).map_err(|error| {
            Failure::usage(error, "correct the environment variable or the file, or remove it")
        })?;
    let archive = match args.ask_software_heritage {
        true => swh::ARCHIVE.parse().map_or(Archive::NotAsked, Archive::At),
        false => Archive::NotAsked,
    };
    Ok(Access { archive, ..access })
}

/// The same, with the directories that may be looked at.
pub(crate) fn local_access(args: &Looking) -> Result<Access, Failure> {
    let mut access = access(&args.asking)?;
    for path in &args.allow_path {
        let real = path.canonicalize().map_err(|error| Failure::system("read", path, &error))?;
        access.directories.push(real);
    }
    Ok(access)
}

/// How many places are looked at at once.
pub(crate) fn jobs(args: &Looking) -> NonZeroUsize {
    args.jobs.unwrap_or(JOBS)
}

/// A directory for temporary files, which goes away at the end.
pub(crate) fn temporary() -> Result<tempfile::TempDir, Failure> {
    let place: PathBuf = std::env::temp_dir();
    tempfile::Builder::new()
        .prefix("fullsource-")
        .tempdir()
        .map_err(|error| Failure::system("make a temporary directory in", &place, &error))
}

/// Reads an amount of bytes: a number, and `k`, `M`, `G` or `T` for powers of 1000, with `i` for powers
/// of 1024.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor = match unit.trim_end_matches(['B', 'b']) {
        "" => 1,
        "k" | "K" => 1000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1_u64 << 40,
        _ => return Err("write it like 500M, 20G or 4Gi".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "write it like 500M, 20G or 4Gi".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "that is more than can be counted".to_owned())
}

/// Reads a time: a number and `s`, `m`, `h` or `d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let seconds = match unit {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err("write it like 90s, 30m, 2h or 30d".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "write it like 90s, 30m, 2h or 30d".to_owned())?;
    let seconds = number.checked_mul(seconds).filter(|seconds| (1..1 << 40).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "that is no time to wait".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_times_are_read_as_people_write_them() {
        assert_eq!(bytes("0"), Ok(0));
        assert_eq!(bytes("20G"), Ok(20_000_000_000));
        assert_eq!(bytes("4GiB"), Ok(4 << 30));
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        for text in ["", "G", "1.5G", "-1", "20000000000G", "5 M", "5X"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for text in ["", "h", "0s", "1y", "-5s", "99999999999999999999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
