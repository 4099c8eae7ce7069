//! No form says more than the report, and none lets a text of a release mean anything.

use fullsource_verify::finding::{Code, Layer, Severity};
use fullsource_verify::report::{Report, Verdict};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::origin::Origin;
use super::style::Style;
use super::{badge, github, html, junit, markdown, sarif, text};

/// What a release's producer may have written anywhere.
const HOSTILE: &str = "<b>&#64;x</b> ]]> `y` | @me \u{1b}[31m\u{202e}\n::error::z\r##[error]\u{0}\u{ffff}\
    ::stop-commands::t %0A [a](https://evil.example)";

/// A report that says what is given, and full marks beside it.
fn report(verdict: &str, findings: Value, more: &Value) -> Report {
    let top = json!({ "established": 4, "possible": 4 });
    let both = json!({ "availability": top, "freedom": top });
    let mut report = json!({
        "_type": fullsource_verify::report::TYPE,
        "verdict": verdict,
        "release": { "name": "tiny", "producer": "Example Lab" },
        "signers": [{ "keyId": "k", "keyType": "ed25519", "standing": "producer" }],
        "class": { "headline": "full-source-transitive", "availability": top, "freedom": top,
                   "claimed": both, "linkage": "asserted", "rungs": [] },
        "artifacts": [],
        "findings": findings,
        "notChecked": [],
    });
    for (name, value) in more.as_object().unwrap() {
        report[name] = value.clone();
    }
    // rep-20: one is not there without the other.
    if findings_of(&report).any(|finding| finding["code"] == "files-not-read") {
        report["files"] = unread_files();
    }
    Report::parse(report.to_string().as_bytes()).unwrap()
}

fn finding(code: Code, severity: Severity, artifact: Option<&str>, text: &str) -> Value {
    let mut finding =
        json!({ "code": code, "severity": severity, "message": text, "help": text, "rule": "x" });
    if let Some(id) = artifact {
        finding["artifact"] = id.into();
    }
    finding
}

fn spoilt(text: &str, count: usize) -> Report {
    let kinds = [Severity::Error, Severity::Incomplete, Severity::Warning, Severity::Note];
    let each = kinds.iter().flat_map(|kind| vec![*kind; count]);
    let findings = each.map(|kind| finding(Code::PickleCode, kind, Some(text), text)).collect();
    let more = json!({
        "release": { "name": text, "version": text, "producer": text },
        "notChecked": [text],
        "artifacts": [{ "id": text, "roles": [text], "status": "unchecked" }],
        "restrictions": [{ "artifact": text, "license": text, "takes": [text], "by": text, "clause": text }],
    });
    report("fail", findings, &more)
}

const RUNGS: [&str; 4] = ["open-", "recipe", "full-source", "available"];

#[test]
fn a_badge_names_a_rung_of_a_signed_pass_alone() {
    let passed = report("pass", json!([]), &json!({}));
    assert!(badge::svg(&passed).contains("full-source-transitive (asserted)"));
    assert!(badge::shields(&passed).unwrap().contains("full-source-transitive (asserted)"));
    let observed = json!([{ "keyId": "k", "keyType": "ed25519", "standing": "observer" }]);
    for (verdict, signers, says) in [
        ("fail", None, "failed"),
        ("error", None, "error"),
        ("incomplete", None, "incomplete"),
        ("incomplete", Some(json!([])), "unverified"),
        ("pass", Some(observed), "unverified"),
    ] {
        let more = signers.map_or(json!({}), |signers| json!({ "signers": signers }));
        let report = report(verdict, json!([]), &more);
        for badge in [badge::svg(&report), badge::shields(&report).unwrap()] {
            assert!(badge.contains(says), "{verdict}: {badge}");
            assert!(!RUNGS.iter().any(|rung| badge.contains(rung)), "{verdict}: {badge}");
        }
        let shields: Value = serde_json::from_str(&badge::shields(&report).unwrap()).unwrap();
        assert_eq!(shields["isError"], verdict != "pass");
    }
}

/// A pass whose files were taken for what they were.
fn unread() -> Report {
    let finding = finding(Code::FilesNotRead, Severity::Warning, None, "x");
    report("pass", json!([finding]), &json!({}))
}

fn unread_files() -> Value {
    let unread = json!({ "files": 7, "bytes": 8_000_000, "since": "2026-01-31T12:00:00Z" });
    json!({ "covered": 7, "intact": 7, "totalBytes": 8_000_000, "digests": "all", "unread": unread })
}

fn findings_of(report: &Value) -> impl Iterator<Item = &Value> {
    report["findings"].as_array().into_iter().flatten()
}

#[test]
fn files_that_were_not_read_are_told_in_every_form() {
    let (unread, origin) = (unread(), Origin::default());
    let forms = [
        text::report(&unread, Style::plain()),
        markdown::report(&unread),
        github::report(&unread, &origin),
        junit::report(&unread, &origin).unwrap(),
        sarif::report(&unread, &origin).unwrap(),
        html::page(&unread),
    ];
    for form in forms {
        let about = "7 files (8.0 MB) were taken as unchanged since they were read (2026-01-31 12:00 UTC or later)";
        assert!(form.contains("NOT READ") && form.contains(about), "{form}");
    }
    for badge in [badge::svg(&unread), badge::shields(&unread).unwrap()] {
        assert!(badge.contains("files not read"), "{badge}");
        assert!(!RUNGS.iter().any(|rung| badge.contains(rung)), "{badge}");
    }
    let shields: Value = serde_json::from_str(&badge::shields(&unread).unwrap()).unwrap();
    assert_eq!(shields["isError"], true);
    let junit = junit::report(&unread, &origin).unwrap();
    assert!(junit.contains("<skipped>7 files"), "{junit}");
}

#[test]
fn no_word_of_a_badge_is_of_the_release() {
    let mut class =
        json!({ "headline": "open-weights", "linkage": "rebuilt-bounded, self", "rungs": [] });
    for name in ["availability", "freedom"] {
        class[name] = json!({ "established": 1, "possible": 4 });
    }
    class["claimed"] = json!({ "availability": class["freedom"], "freedom": class["freedom"] });
    let more = json!({ "class": class, "rebuilds": rebuilds() });
    let badge = badge::svg(&report("pass", json!([]), &more));
    let words = "fullsource: open-weights (rebuilt within a tolerance, by its producer)";
    assert!(badge.contains(&format!("<title>{words}</title>")), "{badge}");
}

/// A rebuild by who makes it, told in hostile texts.
fn rebuilds() -> Value {
    let told = json!({ "rebuilder": HOSTILE, "self": true, "grade": "rebuilt-bounded",
                       "confirms": true, "reason": HOSTILE,
                       "audit": { "drawn": 1, "of": 2, "missWorst": HOSTILE, "missEven": HOSTILE } });
    json!({ "asked": 1, "unmade": [],
            "stages": [{ "stage": HOSTILE, "judged": true, "told": [told] }] })
}

/// Failures and errors of all suites.
fn counted(xml: &str) -> usize {
    let counts = |name: &str| {
        let start = format!(" {name}=\"");
        let found = xml.split(&start).skip(1);
        found.map(|rest| rest.split('"').next().unwrap().parse::<usize>().unwrap()).sum::<usize>()
    };
    assert_eq!(counts("failures"), xml.matches("<failure ").count());
    assert_eq!(counts("errors"), xml.matches("<error ").count());
    assert_eq!(counts("tests"), xml.matches("<testcase ").count());
    counts("failures") + counts("errors")
}

const STATUSES: [&str; 6] = ["verified", "unchecked", "absent", "withheld", "metadata", "internal"];

prop_compose! {
    /// A report with any findings, and any verdict that they allow.
    fn any_report()(
        found in prop::collection::vec(
            (select(Code::ALL), select(&["error", "incomplete", "warning", "note"][..]), prop::option::of(0..4_usize)), 0..6),
        statuses in prop::collection::vec(select(&STATUSES[..]), 0..4),
        worse in select(&["pass", "fail", "incomplete", "error"][..]),
        intact in 0..3_u64,
    ) -> Report {
        let input = found.iter().any(|(code, ..)| code.layer() == Layer::Input);
        let findings: Vec<_> = found.into_iter().map(|(code, severity, artifact)| {
            let severity = serde_json::from_value(json!(severity)).unwrap();
            finding(code, severity, artifact.map(|nth| format!("a{nth}")).as_deref(), "x")
        }).collect();
        let artifacts: Vec<_> = statuses.iter().enumerate().map(|(nth, status)| {
            json!({ "id": format!("a{nth}"), "roles": ["data.sft"], "status": status })
        }).collect();
        let files = json!({ "covered": 2, "intact": intact.min(2), "totalBytes": 1, "digests": "all" });
        let grave = findings.iter().any(|f| ["error", "incomplete"].contains(&f["severity"].as_str().unwrap()));
        let verdict = match worse {
            _ if input => "error",
            "pass" if grave => "incomplete",
            other => other,
        };
        report(verdict, json!(findings), &json!({ "artifacts": artifacts, "files": files }))
    }
}

proptest! {
    #[test]
    fn what_is_no_pass_is_an_error_to_every_program(report in any_report()) {
        let passed = report.verdict().exit_code() == 0;
        let origin = Origin::default();
        let xml = junit::report(&report, &origin).unwrap();
        prop_assert_eq!(counted(&xml) == 0, passed, "{}", xml);
        let log: Value = serde_json::from_str(&sarif::report(&report, &origin).unwrap()).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        prop_assert_eq!(!results.iter().any(|result| result["level"] == "error"), passed);
        prop_assert_eq!(!github::report(&report, &origin).contains("::error "), passed);
        prop_assert!(markdown::report(&report).contains(super::words::verdict(report.verdict())));
    }

    #[test]
    fn of_any_text_every_line_of_a_job_s_log_is_a_command_of_ours(text in ".{0,80}") {
        let lines = github::report(&spoilt(&text, 1), &Origin::default());
        for line in lines.lines() {
            let ours = ["::error title=", "::warning title=", "::notice title="];
            prop_assert!(ours.iter().any(|start| line.starts_with(start)), "{line:?}");
            prop_assert!(!line.contains("##") && !line.contains(char::is_control), "{line:?}");
        }
    }
}

#[test]
fn a_step_is_given_no_more_than_it_shows() {
    let lines = github::report(&spoilt(HOSTILE, 30), &Origin::default());
    for (kind, more) in [("error", 52), ("warning", 21), ("notice", 21)] {
        let start = format!("::{kind} ");
        let found: Vec<_> = lines.lines().filter(|line| line.starts_with(&start)).collect();
        assert_eq!(found.len(), 10, "{kind}");
        assert!(found[9].ends_with(&format!("and {more} more findings")), "{}", found[9]);
    }
}

#[test]
fn summaries_fit_into_a_comment() {
    let text = markdown::report(&spoilt(&"`@a` 模".repeat(1000), 40));
    assert!(text.len() <= 60_000 && text.starts_with("## fullsource: FAIL\n"), "{}", text.len());
    let many: Vec<_> = Code::ALL
        .iter()
        .flat_map(|code| vec![finding(*code, Severity::Error, None, &"@x ".repeat(200)); 30])
        .collect();
    let text = markdown::report(&report("fail", json!(many), &json!({})));
    assert!(text.len() <= 60_000, "{}", text.len());
    assert!(text.ends_with("- and more, which the JSON has (`--format json`)\n"));
}

#[test]
fn no_text_of_a_saved_report_means_anything_to_a_terminal() {
    let class = json!({
        "headline": "closed", "linkage": "rebuilt-bounded, self", "rungs": [],
        "availability": { "established": 0, "possible": 0 },
        "freedom": { "established": 0, "possible": 0 },
        "claimed": { "availability": { "established": 0, "possible": 0 },
                     "freedom": { "established": 0, "possible": 0 } },
    });
    let signer = json!({ "keyId": HOSTILE, "keyType": HOSTILE, "standing": "producer" });
    let taken = json!({ "artifact": "a", "license": HOSTILE, "takes": [HOSTILE], "by": HOSTILE,
                        "clause": HOSTILE });
    let more = json!({ "class": class, "signers": [signer], "restrictions": [taken],
                       "rebuilds": rebuilds() });
    let text = text::report(&report("fail", json!([]), &more), Style::plain());
    let harmless = |line: &str| !line.contains(char::is_control) && !line.contains("##[");
    assert!(text.lines().all(harmless), "{text}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
}

#[test]
fn xml_holds_what_it_can() {
    let xml = junit::report(&spoilt(HOSTILE, 1), &Origin::default()).unwrap();
    let forbidden = |c: char| {
        c != '\n' && (c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202e}'))
    };
    assert!(!xml.contains(forbidden));
    assert!(xml.contains("\\u{ffff}") && !xml.contains("]]>") && !xml.contains("<b>"));
}

#[test]
fn the_same_finding_keeps_its_fingerprint() {
    let prints = |message: &str| {
        let found = finding(Code::PickleCode, Severity::Warning, Some("a"), message);
        let report = report("pass", json!([found, found]), &json!({}));
        let log: Value =
            serde_json::from_str(&sarif::report(&report, &Origin::default()).unwrap()).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|r| r["partialFingerprints"]["finding/v1"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(prints("one"), prints("other"));
    assert_ne!(prints("one")[0], prints("one")[1]);
}

#[test]
fn a_release_that_nobody_signed_is_unverified_in_every_form() {
    let report = report("incomplete", json!([]), &json!({ "signers": [] }));
    let origin = Origin::default();
    let forms = [
        markdown::report(&report),
        sarif::report(&report, &origin).unwrap(),
        junit::report(&report, &origin).unwrap(),
        github::report(&report, &origin),
        badge::svg(&report),
    ];
    assert!(forms.iter().all(|form| form.to_lowercase().contains("unverified")), "{forms:#?}");
    assert_eq!(report.verdict(), Verdict::Incomplete);
}
