//! The spec, its registries and the code say the same.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use fullsource_format::loadable::{Loadable, loadable};
use fullsource_format::manifest::StageKind;
use fullsource_format::{
    bundle, envelope, evidence, limits, locator, rebuild, release_dir, role, statement,
};
use fullsource_tests::spec::Spec;
use fullsource_verify::finding::Code;
use toml::{Table, Value};

fn registry(name: &str) -> Table {
    Spec::read().unwrap().registry(name).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map_or(Vec::new(), |items| items.iter().filter_map(Value::as_str).collect())
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_table().unwrap().keys().map(String::as_str).collect()
}

fn sorted(mut items: Vec<&str>) -> Vec<&str> {
    items.sort_unstable();
    items
}

#[test]
fn roles_are_those_of_the_code() {
    let registry = registry("roles.toml");
    let mut roles = Vec::new();
    for (category, names) in registry["roles"].as_table().unwrap() {
        roles.extend(texts(names).into_iter().map(|name| format!("{category}.{name}")));
    }
    let roles = roles.iter().map(String::as_str).collect();
    assert_eq!(sorted(roles), sorted(role::REGISTERED.to_vec()));
    assert_eq!(texts(&registry["not-applicable"]), role::MAY_BE_NOT_APPLICABLE);
}

#[test]
fn stage_kinds_are_those_of_the_code() {
    let registry = registry("stage-kinds.toml");
    assert_eq!(sorted(keys(&registry["kinds"])), sorted(StageKind::REGISTERED.to_vec()));
    for (kind, about) in registry["kinds"].as_table().unwrap() {
        let parsed: StageKind = kind.parse().unwrap();
        assert_eq!(about["training"].as_bool(), Some(!parsed.is_transform()), "{kind}");
        assert_eq!(about["no-data"].as_str() == Some("yes"), parsed.is_transform(), "{kind}");
    }
}

#[test]
fn locator_schemes_are_those_of_the_code() {
    let registry = registry("locators.toml");
    assert_eq!(sorted(keys(&registry["schemes"])), sorted(locator::SCHEMES.to_vec()));
}

#[test]
fn types_are_those_of_the_code() {
    let registry = registry("algorithms.toml");
    assert_eq!(registry["bundle"]["write"].as_str(), Some(bundle::MEDIA_TYPE));
    assert_eq!(texts(&registry["bundle"]["read"]), bundle::READ_MEDIA_TYPES);
    let types = |name: &str| registry["types"][name].as_str().unwrap().to_owned();
    assert_eq!(types("statement"), statement::TYPE);
    assert_eq!(types("predicate"), statement::PREDICATE_TYPE);
    assert_eq!(types("evidence"), evidence::TYPE);
    assert_eq!(types("rebuild"), rebuild::PREDICATE_TYPE);
    assert_eq!(types("evidence-payload"), envelope::EVIDENCE_PAYLOAD_TYPE);
}

#[test]
fn reserved_names_are_those_of_the_code() {
    let registry = registry("reserved-names.toml");
    let reserved = [
        release_dir::MANIFEST,
        release_dir::BUNDLE,
        release_dir::ENVELOPE,
        release_dir::FILE_INDEX,
    ];
    assert_eq!(sorted(texts(&registry["reserved"])), sorted(reserved.to_vec()));
    assert_eq!(registry["artifact-index-suffix"].as_str(), Some(release_dir::INDEX_ENDING));
    assert_eq!(texts(&registry["ignored-suffixes"]), [release_dir::SIGNATURE_ENDING]);
    assert_eq!(texts(&registry["ignored-names"]), release_dir::VERSION_CONTROL);
    assert_eq!(texts(&registry["ignored-directories"]), [release_dir::HUB_RECORDS]);
}

fn class(name: &str) -> Loadable {
    match name {
        "training-state" => Loadable::TrainingState,
        "tokenizer" => Loadable::Tokenizer,
        "config" | "config-like" => Loadable::Config,
        "code" => Loadable::Code,
        "weights" => Loadable::Weights,
        other => panic!("a class that the code does not have: {other}"),
    }
}

/// Each extension and name of the registry, as a file that has it, and in upper case.
#[test]
fn loadable_files_are_those_of_the_code() {
    let registry = registry("loadable.toml");
    let mut wrong = Vec::new();
    for name in texts(&registry["order"]) {
        let about = &registry[name];
        let extensions = about.get("extensions").map_or(Vec::new(), texts);
        let names = about.get("names").map_or(Vec::new(), texts);
        let samples = extensions.iter().map(|extension| format!("some-file.{extension}"));
        let samples = samples.chain(names.iter().map(|name| name.replace('*', "17")));
        for sample in samples.flat_map(|sample| [sample.to_uppercase(), format!("sub/{sample}")]) {
            let got = loadable(&sample.parse().unwrap());
            if got != Some(class(name)) {
                wrong.push(format!("{sample}: {got:?}, the registry has {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Names near those of the registry's globs, and names of the code that the registry lacks.
#[test]
fn nothing_else_is_loadable() {
    let registry = registry("loadable.toml");
    let mut known = BTreeSet::new();
    for name in texts(&registry["order"]) {
        for list in ["extensions", "names"] {
            known.extend(
                registry[name].get(list).map_or(Vec::new(), texts).into_iter().map(str::to_owned),
            );
        }
    }
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/fullsource-format/src/loadable.rs");
    let source = std::fs::read_to_string(path).unwrap();
    let tables = source.split(": &[&str] = &[").skip(1).filter_map(|rest| rest.split("];").next());
    let code: Vec<&str> = tables
        .flat_map(|table| table.lines().filter(|line| !line.trim_start().starts_with("//")))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect();
    assert!(!code.is_empty(), "the tables of the code were not found");
    let unknown: Vec<_> = code.into_iter().filter(|name| !known.contains(*name)).collect();
    assert!(unknown.is_empty(), "names that the registry lacks: {unknown:?}");
    let odd = [
        "README.md",
        "notes.txt",
        "eval_results.json",
        "so",
        "x.sox",
        "data-1-of-2",
        "my_config.toml",
        "x.index",
        "x.meta",
        "model.ckpt.meta",
        "variables",
        "mytokenizer.yaml",
        "results_config",
        "onnx.data.txt",
    ];
    let taken: Vec<_> =
        odd.iter().filter_map(|name| Some((*name, loadable(&name.parse().unwrap())?))).collect();
    assert!(taken.is_empty(), "not in the registry, and loadable to the code: {taken:?}");
}

#[test]
fn finding_codes_are_those_of_the_code() {
    let spec: Vec<_> = Spec::read()
        .unwrap()
        .findings()
        .into_iter()
        .map(|f| (f.code, f.group, f.severities.first().cloned().unwrap_or_default()))
        .collect();
    let code: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            let group = format!("{:?}", code.layer()).to_lowercase();
            (code.to_string(), group, code.severity().to_string())
        })
        .collect();
    assert_eq!(spec, code);
}

#[test]
fn limits_are_those_of_the_code() {
    let constants: [(&str, u64); 20] = [
        ("lim-1", limits::DOCUMENT_BYTES as u64),
        ("lim-2", limits::ENVELOPE_BYTES as u64),
        ("lim-3", limits::STRING_CHARS as u64),
        ("lim-4", limits::EVIDENCE_BYTES as u64),
        ("lim-5", limits::KEY_BYTES as u64),
        ("lim-6", limits::TRUST_BYTES as u64),
        ("lim-7", limits::INDEX_BYTES),
        ("lim-8", limits::INDEX_LINE_BYTES as u64),
        ("lim-9", limits::SUBJECTS as u64),
        ("lim-10", limits::ARTIFACTS as u64),
        ("lim-11", limits::STAGES as u64),
        ("lim-12", limits::SIGNATURES as u64),
        ("lim-13", limits::FILES as u64),
        ("lim-14", limits::TREE_DEPTH as u64),
        ("lim-15", CONFIG_BYTES),
        ("lim-16", limits::LINEAGE_DEPTH as u64),
        ("lim-17", limits::ANCESTORS as u64),
        ("lim-20", limits::PARENT_INDEX_BYTES as u64),
        ("lim-21", limits::ATTESTATIONS as u64),
        ("lim-19", limits::POLICY_BYTES as u64),
    ];
    let page = &Spec::read().unwrap().pages["limits.md"];
    for (id, value) in constants {
        let row = page.lines().find(|line| line.starts_with(&format!("| {id} |"))).unwrap();
        let cell = row.split('|').nth(3).unwrap().trim();
        let number: String = cell.chars().take_while(|c| *c != ' ').filter(|c| *c != ',').collect();
        assert_eq!(number.parse(), Ok(value), "{id}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| lim-")).count();
    assert_eq!(rows, constants.len(), "a limit that this test does not know");
    let digests = &Spec::read().unwrap().pages["digest.md"];
    assert!(digests.contains(&format!("at most {} bytes", limits::PATH_BYTES)), "path-6");
    let json = &Spec::read().unwrap().pages["json.md"];
    assert!(json.contains(&format!("at most {} deep", limits::JSON_DEPTH)), "json-5");
    assert!(json.contains(&limits::MAX_INTEGER.to_string()), "json-4");
}

/// What `fullsource-collect` reads of a config; a vector shows it (`files/config-too-large`).
const CONFIG_BYTES: u64 = 128 << 20;

#[test]
fn links_resolve() {
    let spec = Spec::read().unwrap();
    let mut broken = Vec::new();
    for (page, target) in spec.links() {
        let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let file = if file.is_empty() { page.as_str() } else { file };
        if !spec.root.join(file).exists()
            || (!anchor.is_empty() && !spec.anchors(file).contains(anchor))
        {
            broken.push(format!("{page}: {target}"));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Rules of findings, and rules that the text names without a link.
#[test]
fn every_rule_that_is_named_exists() {
    let spec = Spec::read().unwrap();
    let rules = spec.rules();
    let prefixes: BTreeSet<&str> = rules.keys().filter_map(|rule| rule.split('-').next()).collect();
    let mut unknown = BTreeSet::new();
    for (page, text) in &spec.pages {
        for rule in named(text, &prefixes) {
            if !rules.contains_key(&rule) {
                unknown.insert(format!("spec/v0.1/{page}: {rule}"));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for directory in ["crates", "tests/src", "tests/reference"] {
        for (path, text) in sources(&root.join(directory)) {
            let comments: String = text.lines().filter_map(comment).collect::<Vec<_>>().join("\n");
            for rule in named(&comments, &prefixes) {
                if !rules.contains_key(&rule) {
                    let path = Path::new(&path).strip_prefix(&root).unwrap_or(Path::new(&path));
                    unknown.insert(format!("{}: {rule}", path.display()));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "rules that the spec does not have: {unknown:#?}");
}

fn comment(line: &str) -> Option<&str> {
    line.find("//").or_else(|| line.find('#')).map(|at| &line[at..])
}

/// `env-3` and the like.
fn named(text: &str, prefixes: &BTreeSet<&str>) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words
        .filter(|word| {
            word.split_once('-').is_some_and(|(prefix, number)| {
                prefixes.contains(prefix)
                    && !number.is_empty()
                    && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
        .map(str::to_owned)
        .collect()
}

fn sources(directory: &Path) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
            found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}
