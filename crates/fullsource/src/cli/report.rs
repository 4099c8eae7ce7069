//! Commands that show what was found, and its forms.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Show a saved report in another form.
///
/// Judge once with `verify --format json`, then make of that what each reader needs. Also takes a
/// release directory, a bundle, a statement or a manifest, and then shows what it claims: nothing was
/// looked at, and no signature was checked.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fullsource verify ./my-model --key release.pub --format json -o report.json\n  \
    fullsource render report.json\n  \
    fullsource render report.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"\n  \
    fullsource render report.json --format sarif --manifest my-model/fullsource.json -o report.sarif\n  \
    fullsource render report.json --format html -o report.html\n  \
    fullsource render report.json --format badge -o badge.svg"
)]
pub(crate) struct Render {
    /// The report.
    #[arg(value_name = "REPORT")]
    pub(crate) subject: PathBuf,
    /// Its form.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// The manifest, or the statement, that findings point into (`sarif`, `github`); that of the release
    /// directory, where one is given.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Write it to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Compare two releases, or two reports: what changed, and why the verdict moved.
///
/// Takes saved reports (`verify --format json`), release directories, bundles, statements or manifests, the
/// earlier first. Of a release only what it claims is compared: verify both first to compare what was seen.
/// Nothing is looked at here and no signature is checked: a report is anybody's word. What nobody could see
/// is never counted as gone.
///
/// Exit codes: 0 nothing of what `--fail-on` names happened, 1 it did, 3 something could be told before and
/// cannot be told now, 2 usage, 4 a side could not be read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource diff old-report.json new-report.json\n  \
    fullsource diff ./my-model-1.0 ./my-model-1.1 --format markdown -o changes.md\n  \
    fullsource diff old-report.json new-report.json --fail-on worse,relicensed")]
pub(crate) struct Diff {
    /// The earlier release or report.
    pub(crate) before: PathBuf,
    /// The later release or report.
    pub(crate) after: PathBuf,
    /// What ends in exit code 1; several with commas between them.
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', default_value = "worse")]
    pub(crate) fail_on: Vec<FailOn>,
    /// The comparison's form.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// Write it to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What a comparison fails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Anything got worse: verdict, class, a freedom, access, a signature, a new error.
    Worse,
    /// The verdict or the class got worse, claims included.
    Verdict,
    /// An artifact is under another licence, better or worse.
    Relicensed,
    /// Anything differs.
    Any,
    /// Nothing: 0 whatever differs.
    Never,
}

/// The forms of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    Text,
    Markdown,
    Json,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people, on one screen.
    Text,
    /// The report that all other forms are made from.
    Json,
    /// One page for a browser, which needs no other file and no script.
    Html,
    /// A job's summary, a comment on a pull request.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for what shows test results.
    Junit,
    /// Annotations of GitHub Actions, on standard output.
    Github,
    /// A badge, as SVG.
    Badge,
    /// The same badge, as the JSON that a shields endpoint answers.
    Shields,
}

impl ReportFormat {
    /// Whether it points findings at the files that they are about.
    pub(crate) const fn points(self) -> bool {
        matches!(self, Self::Sarif | Self::Github)
    }
}

/// Draw how a release was made: stages, what went into them, what came out, and its parents.
///
/// Takes what `render` takes. The report of `verify --format json` shows what was verified; anything else
/// shows what is claimed, and nothing is looked at. Shapes and words tell what is verified, gated, missing,
/// withheld or not established. What is too much for a picture is drawn together and counted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  fullsource graph report.json -o graph.svg\n  \
    fullsource graph fullsource.json --format dot | dot -Tpdf -o graph.pdf\n  \
    fullsource graph ./my-model --format mermaid")]
pub(crate) struct Graph {
    /// A report, a release directory, a bundle, a statement or a manifest.
    pub(crate) subject: PathBuf,
    /// Its form.
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub(crate) format: GraphFormat,
    /// Write it to this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The forms of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A picture for a browser: one file, light and dark.
    Svg,
    /// For Graphviz.
    Dot,
    /// For Mermaid, which GitHub and GitLab show in Markdown.
    Mermaid,
}
