//! Every vector gives what it promises, and every rule that can be broken has a vector.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fullsource_tests::program;
use fullsource_tests::run::{Vector, vectors};
use fullsource_tests::spec::Spec;
use serde_json::Value;

/// Runs only the vectors whose names start so.
const ONLY: &str = "VECTORS_ONLY";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

#[test]
fn every_vector_gives_what_it_promises() {
    let only = std::env::var(ONLY).unwrap_or_default();
    let mut all = vectors(&root()).unwrap();
    all.retain(|vector| vector.name.starts_with(&only));
    assert!(!all.is_empty(), "no vectors");
    program::fullsource();
    let spec = Spec::read().unwrap();
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(vector) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    faults.lock().unwrap().extend(difference(vector, &spec));
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    assert!(faults.is_empty(), "{} of {} differ:\n{}", faults.len(), all.len(), faults.join("\n"));
}

fn difference(vector: &Vector, spec: &Spec) -> Option<String> {
    let expected = vector.expected();
    let (name, rule) = (&vector.name, vector.text("rule"));
    match vector.run() {
        Err(error) => Some(format!("{name}: {error}")),
        Ok((got, report, _)) if got == expected => misshapen(&report, spec)
            .or_else(|| other_class(&vector.case["expect"], &report))
            .map(|fault| format!("{name} ({rule}): its report: {fault}")),
        Ok((got, _, stderr)) => Some(format!(
            "{name} ({rule}): expected {} {} {:?}, got {} {} {:?} {}",
            expected.exit,
            expected.verdict,
            expected.findings,
            got.exit,
            got.verdict,
            got.findings,
            stderr.lines().next().unwrap_or_default()
        )),
    }
}

/// What differs from the class that a case states, which is what it wants to state of it; null:
/// nothing is said.
fn other_class(expect: &Value, report: &Value) -> Option<String> {
    let wanted = expect.get("class")?;
    let Some(fields) = wanted.as_object() else {
        return report.get("class").map(|class| format!("a class: {class}"));
    };
    let differ = |(name, want): (&String, &Value)| {
        let have = report.pointer(place_of(name)).unwrap_or(&Value::Null);
        (have != want).then(|| format!("{name} is {have}, and not {want}"))
    };
    let faults: Vec<String> = fields.iter().filter_map(differ).collect();
    (!faults.is_empty()).then(|| faults.join("; "))
}

/// Where a report has a field of `expect.class`.
fn place_of(name: &str) -> &'static str {
    match name {
        "A" => "/class/availability/established",
        "pA" => "/class/availability/possible",
        "F" => "/class/freedom/established",
        "pF" => "/class/freedom/possible",
        "cA" => "/class/claimed/availability/established",
        "cF" => "/class/claimed/freedom/established",
        "dA" => "/class/delta/availability/established",
        "dF" => "/class/delta/freedom/established",
        "linkage" => "/class/linkage",
        "headline" => "/class/headline",
        "osaid" => "/frameworks/osaid/answer",
        "debian" => "/frameworks/debian/answer",
        "fsf" => "/frameworks/fsf/answer",
        "mof" => "/frameworks/mof/class/established",
        _ => "/nowhere",
    }
}

/// What rep-1, rep-2, rep-4, rep-6 and rep-10 find in a report.
fn misshapen(report: &Value, spec: &Spec) -> Option<String> {
    let required = ["_type", "verdict", "signers", "artifacts", "findings", "notChecked"];
    if let Some(field) = required.into_iter().find(|field| report.get(field).is_none()) {
        return Some(format!("no `{field}` (rep-1)"));
    }
    if report["_type"] != "https://fullsource.dev/report/v0.1" {
        return Some("another `_type` (rep-1)".to_owned());
    }
    if report.get("class").is_some() != report.get("frameworks").is_some() {
        return Some("a `class` without `frameworks`, or the reverse (rep-10)".to_owned());
    }
    if report.get("release").is_some() != report.get("statement").is_some() {
        return Some("`release` and `statement` do not come together (rep-2)".to_owned());
    }
    let codes: Vec<String> = spec.findings().into_iter().map(|section| section.code).collect();
    let findings = report["findings"].as_array()?;
    for finding in findings {
        let rule = finding["rule"].as_str().unwrap_or_default();
        let target = rule.strip_prefix("spec/v0.1/").and_then(|rule| rule.split_once('#'));
        if !target.is_some_and(|(page, anchor)| spec.anchors(page).contains(anchor)) {
            return Some(format!("`{rule}` leads nowhere (rep-6)"));
        }
    }
    let text = |finding: &Value, field: &str| finding[field].as_str().map(str::to_owned);
    let weight = ["error", "incomplete", "warning", "note"];
    let order = |finding: &Value| {
        let severity = weight.iter().position(|w| finding["severity"] == *w);
        let code = codes.iter().position(|code| finding["code"] == *code);
        (severity, code, text(finding, "artifact"), text(finding, "path"))
    };
    let sorted = findings.is_sorted_by_key(order);
    (!sorted).then(|| "findings are not in order (rep-4)".to_owned())
}

#[test]
fn every_rule_that_can_be_broken_has_a_vector() {
    let spec = Spec::read().unwrap();
    let rules = spec.rules();
    let named: BTreeSet<String> =
        vectors(&root()).unwrap().iter().map(|vector| vector.text("rule").to_owned()).collect();
    let excused = excused();
    let unknown: Vec<_> = named.iter().filter(|rule| !rules.contains_key(*rule)).collect();
    assert!(unknown.is_empty(), "vectors name rules that the spec does not have: {unknown:?}");
    let missing: Vec<_> = rules
        .keys()
        .filter(|rule| !named.contains(*rule) && !excused.contains_key(*rule))
        .collect();
    assert!(missing.is_empty(), "rules without a vector and without an excuse: {missing:?}");
    let idle: Vec<_> =
        excused.keys().filter(|rule| named.contains(*rule) || !rules.contains_key(*rule)).collect();
    assert!(idle.is_empty(), "excuses for rules that have a vector or do not exist: {idle:?}");
}

/// `unvectored.txt`: a rule, a colon, and why no vector can break it.
fn excused() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("unvectored.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (rule, reason) =
                line.split_once(": ").unwrap_or_else(|| panic!("no reason: {line}"));
            (rule.to_owned(), reason.to_owned())
        })
        .collect()
}

/// An excuse that names a test names one that is there.
#[test]
fn excuses_name_tests_that_exist() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (rule, reason) in excused() {
        for path in reason.split('`').skip(1).step_by(2).filter(|path| path.contains('/')) {
            assert!(repository.join(path).exists(), "{rule}: `{path}` does not exist");
        }
    }
}

#[test]
fn every_finding_code_has_a_vector() {
    let given: BTreeSet<String> =
        vectors(&root()).unwrap().iter().flat_map(|vector| vector.expected().findings).collect();
    // Notes are not compared; the vectors that give them pass.
    let notes = ["file-excluded", "entry-ignored", "parent-local"];
    let codes = Spec::read().unwrap().findings().into_iter().map(|section| section.code);
    let missing: Vec<_> =
        codes.filter(|code| !given.contains(code) && !notes.contains(&code.as_str())).collect();
    assert!(missing.is_empty(), "finding codes without a vector: {missing:?}");
}

/// The seven attacks that have to be shown refused.
#[test]
fn the_known_attacks_are_refused() {
    let all = vectors(&root()).unwrap();
    for name in [
        "artifacts/toy-weights-beside-real-weights",
        "artifacts/sha256-of-one-blake3-of-another",
        "files/sha256-of-one-blake3-of-another",
        "index/lists-what-is-not-there",
        "statement/predicate-type-one-byte-off",
        "files/old-statement-beside-new-weights",
        "envelope/key-in-the-bundle",
        "trust/no-namespaces",
    ] {
        let vector = all.iter().find(|vector| vector.name == name);
        let vector = vector.unwrap_or_else(|| panic!("`{name}` is gone"));
        assert!(matches!(vector.expected().exit, 1 | 4), "`{name}` is not refused");
    }
}

/// The generator gives what lies in the repository.
#[test]
fn the_vectors_are_those_of_the_generator() {
    let fresh = tempfile::tempdir().unwrap();
    fullsource_tests::vectors::write(fresh.path(), &fullsource_tests::vectors::all()).unwrap();
    let (mut made, mut kept) = (BTreeMap::new(), BTreeMap::new());
    files(fresh.path(), fresh.path(), &mut made);
    files(&root(), &root(), &mut kept);
    kept.retain(|path, _| path.contains('/'));
    let differ = made.keys().chain(kept.keys()).filter(|path| made.get(*path) != kept.get(*path));
    let differ: BTreeSet<_> = differ.collect();
    assert!(
        differ.is_empty(),
        "run `cargo run -p fullsource-tests --bin make-vectors`; these differ: {differ:?}"
    );
}

fn files(root: &Path, directory: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            found.insert(name, std::fs::read(path).unwrap());
        }
    }
}
