//! Manifests of well-known releases, written from public facts: each stands where
//! `examples/wild/README.md` says.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use fullsource_format::digest::Sha256;
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::{Artifact, Availability, Manifest};
use fullsource_tests::program;
use fullsource_verify::Status;
use fullsource_verify::class::{Interval, OutputTerms, Seen, Standing};
use fullsource_verify::licenses::{self, Freedom, Subject};
use fullsource_verify::lineage::{self, Link, Member};

/// One manifest of somebody else's release.
struct Record {
    file: String,
    statement: Sha256,
    manifest: Manifest,
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/wild")
}

fn page() -> String {
    std::fs::read_to_string(directory().join("README.md")).unwrap()
}

/// All of them, by file name.
fn records() -> Vec<Record> {
    let entries = std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let manifests = entries.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut records: Vec<_> = manifests.map(|path| record(&path)).collect();
    records.sort_by(|a, b| a.file.cmp(&b.file));
    records
}

fn record(path: &Path) -> Record {
    let document = std::fs::read(path).unwrap();
    Record {
        file: path.file_name().unwrap().to_str().unwrap().to_owned(),
        statement: Sha256::of(&document),
        manifest: Manifest::parse(&document, UnknownFields::Refuse).unwrap(),
    }
}

/// Nobody has looked: what is not declared to be missing is unchecked.
fn unlooked(artifact: &Artifact) -> Seen {
    let status = match artifact.availability {
        Availability::Withheld => Status::Withheld,
        Availability::RecipeOnly => Status::RecipeOnly,
        Availability::Public | Availability::Gated => Status::Unchecked,
    };
    Seen::of(status, artifact.availability)
}

/// The manifests here of the models that one was made from: `ORG/NAME` is the artifact's name, and
/// the end of the other's `uri`.
fn links(record: &Record, all: &[Record]) -> Vec<Link> {
    let models =
        record.manifest.artifacts().iter().filter(|artifact| {
            artifact.roles.iter().any(|role| role.as_str().starts_with("model."))
        });
    let found = models.filter_map(|artifact| {
        let uri = format!("https://huggingface.co/{}", artifact.name.as_ref()?.as_str());
        let same = |other: &&Record| {
            other.manifest.release().uri.as_ref().is_some_and(|known| known.as_str() == uri)
        };
        let statement = all.iter().find(same)?.statement;
        Some(Link { artifact: artifact.id.clone(), statement, meant: None })
    });
    found.collect()
}

fn member<'a>(record: &'a Record, all: &[Record]) -> Member<'a> {
    Member {
        statement: record.statement,
        manifest: &record.manifest,
        seen: record.manifest.artifacts().iter().map(unlooked).collect(),
        by_producer: false,
        contradictions: Vec::new(),
        unclaimed_weights: None,
        layers: Vec::new(),
        parents: links(record, all),
    }
}

/// Where each stands, claimed and verified, by file name.
fn standings(all: &[Record]) -> BTreeMap<String, (Standing, Standing)> {
    let members: Vec<_> = all.iter().map(|record| member(record, all)).collect();
    let stand = |record: &Record| {
        let lineage = lineage::judge(record.statement, &members, OutputTerms::Count).unwrap();
        (record.file.clone(), (lineage.class.claimed(), lineage.class.verified()))
    };
    all.iter().map(stand).collect()
}

/// The rows of the page's table: by file, where it stands and what decides.
fn rows(page: &str) -> BTreeMap<String, (Standing, String)> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let row = |line: &str| {
        let cells = cells(line);
        let file = cells[0].split_once("](")?.1.strip_suffix(')')?.to_owned();
        let standing =
            Standing { availability: interval(&cells[1])?, freedom: interval(&cells[2])? };
        Some((file, (standing, cells[3].clone())))
    };
    page.lines().filter(|line| line.starts_with("| [")).filter_map(row).collect()
}

/// `0..3`
fn interval(text: &str) -> Option<Interval> {
    let (established, possible) = text.split_once("..")?;
    Some(Interval { established: established.parse().ok()?, possible: possible.parse().ok()? })
}

#[test]
fn every_manifest_passes_check() {
    for record in records() {
        let path = directory().join(&record.file);
        let output = Command::new(program::fullsource()).arg("check").arg(path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn every_release_stands_where_the_page_says() {
    let records = records();
    assert!(records.len() >= 10);
    let standings = standings(&records);
    let claimed = standings.iter().map(|(file, (claimed, _))| (file.clone(), *claimed));
    let said = rows(&page()).into_iter().map(|(file, (standing, _))| (file, standing));
    assert_eq!(said.collect::<BTreeMap<_, _>>(), claimed.collect());
}

/// What decides is said of the lowest rung that is out of reach, on each chain.
#[test]
fn what_decides_is_said_of_the_right_rung() {
    let names = ["weights:", "recipe:", "source:", "origin:"];
    for (file, (Standing { availability, freedom }, decides)) in rows(&page()) {
        for reached in [availability.possible, freedom.possible] {
            let name = names[usize::from(reached)];
            assert!(decides.contains(name), "{file}: `{decides}` lacks `{name}`");
        }
    }
}

#[test]
fn nothing_is_established_where_nobody_looked() {
    for (file, (claimed, verified)) in standings(&records()) {
        let established = (verified.availability.established, verified.freedom.established);
        assert_eq!(established, (0, 0), "{file}");
        assert_eq!(verified.availability.possible, claimed.availability.possible, "{file}");
        assert_eq!(verified.freedom.possible, claimed.freedom.possible, "{file}");
    }
}

/// Somebody else's release: no closure, no files of ours, and every place pinned.
#[test]
fn nothing_is_said_in_the_name_of_the_producer() {
    for Record { file, manifest, .. } in records() {
        assert_eq!(manifest.as_wire().closure, None, "{file}");
        assert!(manifest.artifacts().iter().all(|artifact| artifact.files.is_empty()), "{file}");
    }
}

/// "Where is the freedom?" is answered for every licence that is not libre.
#[test]
fn every_restricted_licence_is_explained() {
    let page = page();
    for Record { file, manifest, .. } in records() {
        for artifact in manifest.artifacts() {
            let Some(license) = &artifact.license else { continue };
            for role in &artifact.roles {
                let judged = licenses::judge(license, Subject::Of(role.category()));
                if judged.freedom != Freedom::Restricted {
                    continue;
                }
                for (id, _) in judged.limits() {
                    assert!(page.contains(&format!("`{id}`")), "{file}: {id} is not explained");
                }
            }
        }
    }
}
