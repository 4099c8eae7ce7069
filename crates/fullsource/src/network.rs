//! The network, as the command line allows it.

use std::time::Duration;

use fullsource_collect::net::{Net, NetError, Settings};
use fullsource_verify::finding::Code;

use crate::cli::NetworkArgs;
use crate::exit::Failure;
use crate::{input, signals};

/// Bytes of a file of certificates. A system's whole collection has a quarter of a megabyte.
const CERTIFICATES: usize = 4 << 20;

/// A network without a budget of its own: what is fetched is bounded by what was signed.
pub(crate) fn unbounded(args: &NetworkArgs) -> Result<Net, Failure> {
    let settings = Settings { total: Duration::MAX, max_bytes: u64::MAX, ..settings(args)? };
    Net::new(settings).map_err(|error| match &error {
        NetError::Certificates(_) => Failure::usage(&error, "name a file of PEM certificates"),
        NetError::System(_) => {
            Failure::of(Code::TargetUnreadable, &error).helping("check the system's certificates")
        }
    })
}

fn settings(args: &NetworkArgs) -> Result<Settings, Failure> {
    let allow = args.allow_hosts.iter().map(|host| {
        host.parse().map_err(|error| {
            Failure::usage(error, "write `--allow-host` with a host, HOST:PORT, or a network")
        })
    });
    let ca_pem = args.ca_file.iter().map(|path| input::read(path, CERTIFICATES));
    Ok(Settings {
        allow: allow.collect::<Result<_, _>>()?,
        ca_pem: ca_pem.collect::<Result<_, _>>()?,
        stop: signals::stop_flag(),
        ..Settings::default()
    })
}
