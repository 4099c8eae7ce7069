//! Commands that make a release: drafted, recorded, checked, signed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Asking, Format, ReportFormat};

/// Draft `fullsource.json` from what lies in a model directory.
///
/// Reads weights (safetensors, GGUF), configurations, tokenizer files, the model card's front matter
/// and licence texts, writes what they say as a manifest that can be signed at once, and lists what
/// is missing for each rung. Nothing is invented: what the files do not say is left out, and what is
/// known by name alone is listed by name alone.
///
/// On a terminal it asks for what only you know, with what was found as the answer. It never asks in a
/// pipe, nor where `CI` is set; each question has an option.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource init ./my-model\n  \
    fullsource init ./my-model --no-input --producer-name 'Example Lab' --stage sft\n  \
    fullsource init ./my-model -o -")]
pub(crate) struct Init {
    /// The model directory.
    pub(crate) dir: PathBuf,
    /// The release's name; the directory's name where absent.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The release's version.
    #[arg(long)]
    pub(crate) release_version: Option<String>,
    /// Who releases it, by name. Never guessed: `unknown producer` where absent.
    #[arg(long)]
    pub(crate) producer_name: Option<String>,
    /// The producer's identity, as trust files name it, such as https://example.org.
    #[arg(long)]
    pub(crate) producer_uri: Option<String>,
    /// The licence of all that has none here, as an SPDX expression.
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) license: Option<String>,
    /// How the weights were made, such as `pretrain`, `sft` or `quantize`: drafts that stage.
    #[arg(long, value_name = "KIND")]
    pub(crate) stage: Option<String>,
    /// Ask nothing, also on a terminal.
    #[arg(long)]
    pub(crate) no_input: bool,
    /// Replace a manifest that is already there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Write the manifest here instead; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Resolve, pin, digest and record one artifact in `fullsource.json`.
///
/// Takes what you have: a path in the release, a web address, `org/name` on the hub. What can change
/// (a branch, a tag) is pinned to what it points to now; the content is read and digested, and a
/// licence text that is unchanged is recognised. Files of the release take no digest: its statement
/// pins them. The rest of the manifest stays as it is, byte by byte. What had to be assumed is told on
/// standard error. A place that cannot be seen is not recorded.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource add code.training train/ --stage pretrain\n  \
    fullsource add data.sft data/letters.jsonl --license CC0-1.0 --name 'Letters'\n\n\
    LOCATOR may be:\n  \
    train.py, data/                   a file, a directory of the release\n  \
    https://github.com/org/repo       a repository (GitLab, Codeberg, any `.git`), at its HEAD;\n  \
    .../tree/BRANCH/DIR, .../blob/... a directory, a file of it\n  \
    git+https://HOST/PATH@REF         a repository at a branch, a tag or a commit\n  \
    org/name, hf:datasets/org/name    a repository of the hub, or its address there\n  \
    https://HOST/corpus.tar.zst       a file; an archive is unpacked\n  \
    s3://BUCKET/PREFIX/, gs:, az:     an object, or with `/` at the end all below\n  \
    oci:REGISTRY/NAME:TAG, docker://  an image, an artifact\n  \
    swh:1:dir:ID                      an id of Software Heritage")]
pub(crate) struct Add {
    /// What the artifact is for, such as `code.training` or `data.pretraining`.
    pub(crate) role: String,
    /// Where it lies.
    pub(crate) locator: String,
    /// The manifest, or the directory of the release that it lies in.
    #[arg(long, value_name = "FILE|DIR", default_value = ".")]
    pub(crate) manifest: PathBuf,
    /// The artifact's id; made of the locator's last name where absent.
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// A name to show.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its licence, as an SPDX expression. Goes before what its content says.
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) license: Option<String>,
    /// The stage that it went into; its role says how.
    #[arg(long, value_name = "ID")]
    pub(crate) stage: Option<String>,
    /// A file or a directory inside, where not all of it is meant.
    #[arg(long)]
    pub(crate) path: Option<String>,
    /// Say that not everyone can have it. Found out where a credential is needed to look.
    #[arg(long, value_enum)]
    pub(crate) availability: Option<AddAvailability>,
    /// Print the artifact, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AddAvailability {
    Gated,
}

/// Check manifests, statements, evidence, reports or policies against the format, without a look.
///
/// Every field must be one that the format names, every reference must resolve, every locator must
/// be pinned. Errors point at the line. The kind of a document is told from its contents.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource check fullsource.json\n  \
    fullsource check fullsource.json --format sarif > check.sarif")]
pub(crate) struct Check {
    /// The documents; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The output's form.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(crate) format: CheckFormat,
}

/// The forms of what a check came to. There is no badge of it: a document alone shows nothing of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people.
    Text,
    /// The report that all other forms are made from.
    Json,
    /// A job's summary, a comment on a pull request.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for what shows test results.
    Junit,
    /// Annotations of GitHub Actions, on standard output.
    Github,
}

impl CheckFormat {
    /// The same form of a report; none for what is told while it is checked.
    pub(crate) const fn of_report(self) -> Option<ReportFormat> {
        match self {
            Self::Text => None,
            Self::Json => Some(ReportFormat::Json),
            Self::Markdown => Some(ReportFormat::Markdown),
            Self::Sarif => Some(ReportFormat::Sarif),
            Self::Junit => Some(ReportFormat::Junit),
            Self::Github => Some(ReportFormat::Github),
        }
    }
}

/// Make a key pair: PREFIX.key (secret, mode 0600) and PREFIX.pub.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource keygen --out release\n  \
    fullsource keygen --out release --type p256 --passphrase")]
pub(crate) struct Keygen {
    /// Where the two files go.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) out: PathBuf,
    /// The signature scheme. p256 is the one that every other verifier reads.
    #[arg(long = "type", value_enum, default_value_t = KeyKind::Ed25519)]
    pub(crate) kind: KeyKind,
    /// Ask for a passphrase and encrypt the secret key with it.
    #[arg(long, conflicts_with = "passphrase_file")]
    pub(crate) passphrase: bool,
    /// Encrypt the secret key with the first line of this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeyKind {
    Ed25519,
    P256,
}

/// Sign a release directory, or a statement made elsewhere.
///
/// Hashes every file, fills in the manifest, and writes DIR/fullsource.sigstore.json (one key: a
/// Sigstore bundle) or DIR/fullsource.dsse.json (several keys: a DSSE envelope).
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource sign ./my-model --key release.key\n  \
    fullsource sign ./my-model --key release.key --exclude 'checkpoint-*/'\n  \
    fullsource sign --statement statement.json --key release.key -o bundle.sigstore.json")]
pub(crate) struct Sign {
    /// The release directory.
    #[arg(required_unless_present = "statement", conflicts_with = "statement")]
    pub(crate) dir: Option<PathBuf>,
    /// Sign the bytes of this statement instead.
    #[arg(long, value_name = "FILE", requires = "output")]
    pub(crate) statement: Option<PathBuf>,
    /// The secret key: PKCS#8 PEM or OpenSSH. Several keys make an envelope of several signatures.
    #[arg(long = "key", value_name = "FILE", required = true)]
    pub(crate) keys: Vec<PathBuf>,
    /// Read the passphrase from the first line of this file instead of asking.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The manifest; DIR/fullsource.json where absent.
    #[arg(long, value_name = "FILE", conflicts_with = "statement")]
    pub(crate) manifest: Option<PathBuf>,
    /// Leave out what matches; the statement lists it. A trailing `/` means all below.
    #[arg(long, value_name = "GLOB", conflicts_with = "statement")]
    pub(crate) exclude: Vec<String>,
    /// Where the bundle goes.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
