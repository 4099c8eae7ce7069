//! Running a stage again.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Format, Looking, TrustArgs};
use crate::network;

/// Run the stages of a release again, in a sandbox, and hold what comes out against what is claimed.
///
/// Brings the declared inputs, each held against its digest; runs the command of a stage, or of its
/// segments, without a network, seeing nothing but them; and compares the outputs: bytes first, then
/// tensor by tensor or member by member. It runs what the release brings: the sandbox is the kernel's own,
/// and without it nothing runs.
///
/// Ends with 0 where what came out meets the claim, 1 where something else came out, 3 where nothing
/// could be run or held against anything.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource rebuild ./my-model --key release.pub\n  \
    fullsource rebuild ./my-model --key release.pub --stage pretrain --threads 2 --tool ~/toolchain\n  \
    fullsource rebuild ./my-model --key release.pub --segments 3 --seed 'drawn on 1 May'\n  \
    fullsource rebuild ./my-model --key release.pub --attest rebuild.sigstore.json --key me.key")]
pub(crate) struct Rebuild {
    /// The release directory.
    pub(crate) target: PathBuf,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// A bundle or envelope elsewhere; may be given several times.
    #[arg(long = "bundle", value_name = "FILE")]
    pub(crate) bundles: Vec<PathBuf>,
    /// Of several statements, the one with this id (64 hexadecimal digits).
    #[arg(long, value_name = "SHA256")]
    pub(crate) statement_id: Option<String>,
    /// Run this stage; may be given several times. Without it, all that say how they are run.
    #[arg(long = "stage", value_name = "ID")]
    pub(crate) stages: Vec<String>,
    /// Run so many segments of each stage, drawn by the seed and weighted by their cost; `all` of them.
    #[arg(long, value_name = "K|all", conflicts_with = "segment")]
    pub(crate) segments: Option<Segments>,
    /// Run this segment; may be given several times.
    #[arg(long = "segment", value_name = "ID")]
    pub(crate) segment: Vec<String>,
    /// What the draw and the probe start from. Choose it after the release was published.
    #[arg(long, value_name = "TEXT")]
    pub(crate) seed: Option<String>,
    /// Alter one record of a data input, run once more, and tell how much of the outputs changed.
    #[arg(long)]
    pub(crate) probe: bool,
    /// Threads that a command is told of and given processors for. [default: those of the stage, else 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) threads: Option<u32>,
    /// A directory with tools that the system has not, such as a compiler's: shown read-only at its place,
    /// its `bin` on the path. May be given several times.
    #[arg(long = "tool", value_name = "DIR")]
    pub(crate) tools: Vec<PathBuf>,
    /// End a command after this time, such as 90s or 2h.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = network::duration)]
    pub(crate) wall: Duration,
    /// End a command at so much memory, such as 4G.
    #[arg(long, value_name = "SIZE", default_value = "4Gi", value_parser = network::bytes)]
    pub(crate) memory: u64,
    /// Let a command write so much.
    #[arg(long, value_name = "SIZE", default_value = "2Gi", value_parser = network::bytes)]
    pub(crate) disk: u64,
    /// Processes and threads of a command at once.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub(crate) processes: u64,
    /// Let commands write below this directory instead of to memory. What is written is removed.
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// Write a signed attestation of the outcome here. Name your secret key with `--key`, too: its form tells
    /// it from the producer's public one.
    #[arg(long, value_name = "FILE")]
    pub(crate) attest: Option<PathBuf>,
    /// Read the passphrase of the secret key from the first line of this file instead of asking.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Say what would be run and what it costs, and run nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Run what the release brings with all that you may do, where there is no sandbox. No attestation of
    /// it counts.
    #[arg(long)]
    pub(crate) danger_no_sandbox: bool,
    #[command(flatten)]
    pub(crate) looking: Looking,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write the outcome to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How many segments are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segments {
    /// So many, drawn.
    Drawn(usize),
    /// Every one.
    All,
}

impl std::str::FromStr for Segments {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => match text.parse() {
                Ok(number) if number > 0 => Ok(Self::Drawn(number)),
                _ => Err("write a number from 1 on, or `all`".to_owned()),
            },
        }
    }
}
