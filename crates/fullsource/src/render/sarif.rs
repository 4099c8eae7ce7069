//! The report as SARIF 2.1.0, for code scanning: one rule for each code of a finding, one result for each
//! finding, at the place in the manifest, or at the file, where it is to be mended.
//!
//! The format: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

mod log;

use std::collections::{BTreeMap, HashMap};

use fullsource_format::digest::Sha256;
use fullsource_verify::finding::{Code, Finding, Severity};
use fullsource_verify::report::{Report, Verdict};

use super::escape::shown;
use super::origin::{Origin, Spot, Spots};
use super::words;
use crate::cmd::explain;
use crate::exit::Failure;
use log::{
    ArtifactLocation, BaseId, Configuration, Driver, Fingerprint, Invocation, Location, Log,
    LogicalLocation, Message, PhysicalLocation, Region, ReportingDescriptor, Run, RunProperties,
    SarifResult, Tool,
};

/// The rule of a verdict that no finding explains, behind those of the codes.
const VERDICT: &str = "verdict";

/// What a release's files are relative to, where it lies nowhere known.
const RELEASE: &str = "RELEASE";

/// Places of things that are missing, beside the one finding that they explain.
const RELATED: usize = 100;

/// The whole log, of one run.
pub(super) fn report(report: &Report, origin: &Origin) -> Result<String, Failure> {
    let spots = origin.spots();
    let mut results = Vec::new();
    let mut nths: HashMap<Sha256, usize> = HashMap::new();
    for finding in report.findings() {
        let mut result = of_finding(report, finding, &spots);
        let key = key(finding);
        let nth = nths.entry(key).and_modify(|nth| *nth += 1).or_insert(1);
        result.partial_fingerprints = Fingerprint { finding: format!("{key}:{nth}") };
        results.push(result);
    }
    let heavy = results.iter().any(|result| result.level == "error");
    if report.verdict() != Verdict::Pass && !heavy {
        results.push(of_verdict(report, &spots));
    }
    let in_release = results.iter().flat_map(|result| &result.locations);
    let in_release = in_release.filter_map(|location| location.physical_location.as_ref());
    let in_release =
        in_release.into_iter().any(|place| place.artifact_location.uri_base_id.is_some());
    let base = || (RELEASE, BaseId { description: Message::of("the release directory") });
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver() },
            invocations: [invocation(report)],
            original_uri_base_ids: in_release.then(base).into_iter().collect(),
            column_kind: "unicodeCodePoints",
            results,
            properties: properties(report),
        }],
    };
    super::pretty(&log)
}

fn driver() -> Driver {
    let mut rules: Vec<_> = Code::ALL.iter().map(|code| rule(*code)).collect();
    rules.push(ReportingDescriptor {
        id: VERDICT,
        name: "VerdictAlone".to_owned(),
        full_description: Message::of("The report says so, and no finding of it says why."),
        short_description: Message::of("The verdict is no pass"),
        help: Message::of("read the whole report (spec/v0.1/report.md)"),
        default_configuration: Configuration { level: "error" },
    });
    Driver {
        name: "fullsource",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules,
    }
}

fn rule(code: Code) -> ReportingDescriptor {
    let words = code.as_str().replace('-', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let title: String = first.into_iter().chain(letters).collect();
    ReportingDescriptor {
        id: code.as_str(),
        name: format!("{code:?}"),
        full_description: Message::of(explain::meaning(code)),
        short_description: Message::of(title),
        help: Message::of(format!("{} (spec/v0.1/findings.md#{code})", code.help())),
        default_configuration: Configuration { level: level(code.severity()) },
    }
}

/// What could not be established stops a job as an error does; its severity stands beside it.
const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Incomplete => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn of_finding(report: &Report, finding: &Finding, spots: &Spots<'_>) -> SarifResult {
    let physical = spots.of(finding).as_ref().map(physical);
    let logical = finding.artifact.as_deref().map(logical).into_iter().collect();
    let text = format!("{}. Help: {}", words::about(finding), finding.help);
    SarifResult {
        rule_id: finding.code.as_str(),
        rule_index: Code::ALL.iter().position(|code| *code == finding.code).unwrap_or_default(),
        level: level(finding.severity),
        message: Message::of(text),
        locations: location(physical, logical).into_iter().collect(),
        related_locations: related(report, finding, spots),
        partial_fingerprints: Fingerprint::default(),
        properties: BTreeMap::from([("severity", finding.severity.to_string())]),
    }
}

fn of_verdict(report: &Report, spots: &Spots<'_>) -> SarifResult {
    let physical = spots.manifest(None).as_ref().map(physical);
    SarifResult {
        rule_id: VERDICT,
        rule_index: Code::ALL.len(),
        level: "error",
        message: Message::of(words::in_a_line(report)),
        locations: location(physical, Vec::new()).into_iter().collect(),
        related_locations: Vec::new(),
        partial_fingerprints: Fingerprint { finding: VERDICT.to_owned() },
        properties: BTreeMap::from([("severity", report.verdict().as_str().to_owned())]),
    }
}

/// Where the things stand that a rung lacks.
fn related(report: &Report, finding: &Finding, spots: &Spots<'_>) -> Vec<Location> {
    if !matches!(finding.code, Code::ClassImpossible | Code::ClassUnproven) {
        return Vec::new();
    }
    let missing = report.class().and_then(|class| class.next.as_ref());
    let missing = missing.into_iter().flat_map(|next| &next.missing).take(RELATED);
    let place = |missing: &fullsource_verify::class::Missing| {
        let artifact = missing.artifact.as_deref().and_then(|id| spots.artifact(id, None));
        let stage = missing.stage.as_deref().and_then(|id| spots.stage(id));
        let spot = spots.manifest(Some(artifact.or(stage)?))?;
        let location = location(Some(physical(&spot)), Vec::new())?;
        Some(Location { message: Some(Message::of(&missing.text)), ..location })
    };
    missing.filter_map(place).enumerate().map(|(id, at)| Location { id: Some(id), ..at }).collect()
}

fn location(
    physical_location: Option<PhysicalLocation>,
    logical_locations: Vec<LogicalLocation>,
) -> Option<Location> {
    let anything = physical_location.is_some() || !logical_locations.is_empty();
    anything.then_some(Location { id: None, physical_location, logical_locations, message: None })
}

fn physical(spot: &Spot) -> PhysicalLocation {
    // Code scanning shows nothing without a line: the first stands for the whole file.
    let region = Region {
        start_line: spot.position.map_or(1, |position| position.line),
        start_column: spot.position.map(|position| position.column),
    };
    let uri = uri(&spot.path);
    let uri_base_id = spot.in_release.then_some(RELEASE);
    PhysicalLocation { artifact_location: ArtifactLocation { uri, uri_base_id }, region }
}

/// A path as a relative URI, and one from the root as a `file:` URI (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn logical(id: &str) -> LogicalLocation {
    LogicalLocation {
        name: shown(id),
        fully_qualified_name: format!("artifacts/{}", shown(id)),
        kind: "object",
    }
}

/// What makes two findings of two runs the same one: neither its place nor its words, which change.
fn key(finding: &Finding) -> Sha256 {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    let parts = [finding.code.to_string(), part(&finding.artifact), part(&finding.path)];
    Sha256::of(parts.join("\0").as_bytes())
}

fn invocation(report: &Report) -> Invocation {
    let verdict = report.verdict();
    Invocation {
        // Whether it ran; what it found is in the exit code.
        execution_successful: verdict != Verdict::Error,
        exit_code: verdict.exit_code(),
        exit_code_description: verdict.as_str(),
    }
}

fn properties(report: &Report) -> RunProperties {
    RunProperties {
        verdict: report.verdict().as_str(),
        summary: words::in_a_line(report),
        statement: report.statement().map(|id| id.to_string()),
        not_checked: report.not_checked().iter().map(|text| shown(text)).collect(),
    }
}
