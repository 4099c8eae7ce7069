//! Who may be asked, what for, and what it may cost.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use fullsource_collect::net::AllowedHost;

use crate::network;

/// Who may be asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Reach {
    /// A host or network that may be asked although it is not public: HOST[:PORT], 10.0.0.0/8; with
    /// `http://` in front also by plain HTTP.
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<AllowedHost>,
    /// Trust the authorities in this file (PEM), beside the system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Vec<PathBuf>,
}

/// What is asked, and what it may cost.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Asking {
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Ask nothing outside this machine: what lies elsewhere is not looked at.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Read at most so many bytes from all places together, such as 500M or 20G. [default: 32Gi]
    #[arg(long, value_name = "SIZE", value_parser = network::bytes)]
    pub(crate) max_bytes: Option<u64>,
    /// Take at most so much time for all places together, such as 90s or 2h. [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = network::duration)]
    pub(crate) timeout: Option<Duration>,
    /// Ask the Software Heritage archive whether it has what `swh:` ids name.
    #[arg(long)]
    pub(crate) ask_software_heritage: bool,
}

/// How to look at the places that a manifest claims.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct Looking {
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// Places looked at at once. [default: 8]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Look at `git+file:` repositories below this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_path: Vec<PathBuf>,
}
