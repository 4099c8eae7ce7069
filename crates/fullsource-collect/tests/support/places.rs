//! Looks at all places of a manifest, on the collector's side as a test sets it.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use fullsource_collect::net::{Net, Settings};
use fullsource_collect::places::Places;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::source::{Access, swh};
use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{ContentFactKind, Observation, Status};
use fullsource_format::index::{FileRecord, FileTable, dir_hash};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use fullsource_format::text::Id;
use serde_json::{Value, json};

/// The collector's side.
pub struct Side {
    pub settings: Settings,
    pub environment: Vec<(String, String)>,
    pub directories: Vec<PathBuf>,
    pub archive: swh::Archive,
    /// Indexes by the ids of their artifacts.
    pub indexes: Vec<(&'static str, FileTable)>,
    pub jobs: usize,
}

impl Side {
    pub fn new() -> Self {
        Self {
            settings: Settings { idle: Duration::from_secs(10), ..Settings::danger_loopback() },
            environment: Vec::new(),
            directories: Vec::new(),
            archive: swh::Archive::NotAsked,
            indexes: Vec::new(),
            jobs: 4,
        }
    }

    pub fn trusting(mut self, authority: &str) -> Self {
        self.settings.ca_pem.push(authority.as_bytes().to_vec());
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn index(mut self, id: &'static str, files: &[(&str, &[u8])]) -> Self {
        self.indexes.push((id, table(files)));
        self
    }

    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.settings.max_bytes = bytes;
        self
    }

    /// The look, unless it was stopped.
    pub fn try_look(
        &self,
        artifacts: Value,
        progress: &Progress,
    ) -> Result<BTreeMap<String, Vec<Observation>>, Stopped> {
        let manifest = manifest(artifacts);
        let indexes: HashMap<Id, &FileTable> =
            self.indexes.iter().map(|(id, table)| (id.parse().unwrap(), table)).collect();
        let indexes: HashMap<&Id, &FileTable> = indexes.iter().map(|(id, t)| (id, *t)).collect();
        let access = Access::from_environment(self.environment.clone()).unwrap();
        let access = Access {
            directories: self.directories.clone(),
            archive: self.archive.clone(),
            ..access
        };
        let temporary = tempfile::tempdir().unwrap();
        let seen = Places {
            manifest: &manifest,
            indexes: &indexes,
            net: &Net::new(self.settings.clone()).unwrap(),
            access: &access,
            jobs: NonZeroUsize::new(self.jobs).unwrap(),
            temporary: temporary.path(),
            progress,
        }
        .look()?;
        let left = std::fs::read_dir(temporary.path()).unwrap().count();
        assert_eq!(left, 0, "temporary files are left over");
        Ok(seen.into_iter().map(|seen| (seen.id.to_string(), seen.observations)).collect())
    }

    pub fn look(&self, artifacts: Value) -> BTreeMap<String, Vec<Observation>> {
        self.try_look(artifacts, &Progress::default()).unwrap()
    }

    /// The one look at the one place of an artifact with the id `a`.
    pub fn one(&self, locator: &str, claims: Value) -> Observation {
        let mut artifact = json!({"id": "a", "locators": [locator]});
        artifact.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let mut seen = self.look(json!([artifact])).remove("a").unwrap();
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    }

    /// A progress that is stopped by the flag that stops the network, too.
    pub fn progress(&self) -> (Progress, Arc<AtomicBool>) {
        let flag = Arc::clone(&self.settings.stop);
        (Progress::stopped_by(Arc::clone(&flag)), flag)
    }
}

fn manifest(artifacts: Value) -> Manifest {
    let mut artifacts = artifacts;
    for artifact in artifacts.as_array_mut().unwrap() {
        let artifact = artifact.as_object_mut().unwrap();
        artifact.entry("roles").or_insert_with(|| json!(["data.pretraining"]));
    }
    let document = json!({
        "release": {"name": "m", "producer": {"name": "Lab"}},
        "artifacts": artifacts,
    });
    Manifest::parse(document.to_string().as_bytes(), UnknownFields::Refuse)
        .unwrap_or_else(|error| panic!("{error}: {document}"))
}

fn table(files: &[(&str, &[u8])]) -> FileTable {
    let mut builder = FileTable::builder();
    for (path, bytes) in files {
        let (size, sha256) = (bytes.len() as u64, Some(Sha256::of(bytes)));
        builder.push(FileRecord { path, size, sha256, blake3: None }).unwrap();
    }
    builder.build().unwrap()
}

/// The `index` of an artifact, as far as a look needs it.
pub fn index_ref() -> Value {
    let zeros = "0".repeat(64);
    json!({"name": "a.files.jsonl", "sha256": zeros, "size": 1, "merkleRoot": zeros})
}

pub fn sha256(bytes: &[u8]) -> Value {
    json!({"sha256": Sha256::of(bytes).to_string()})
}

pub fn dir_hash_of(files: &[(&str, &[u8])]) -> Value {
    let mut files = files.to_vec();
    files.sort_unstable();
    let lines = files.iter().map(|(path, bytes)| (*path, Sha256::of(bytes)));
    json!({"dirHash": dir_hash(lines).unwrap().to_string()})
}

/// Whether what was seen is what this claims.
pub fn is_equal(seen: &Observation, claimed: &Value) -> bool {
    let told = serde_json::to_value(&seen.digests).unwrap();
    let all = claimed.as_object().unwrap().iter();
    seen.status == Status::Seen
        && all.clone().count() > 0
        && all.clone().all(|(k, v)| told[k] == *v)
}

#[track_caller]
pub fn assert_equal(seen: &Observation, claimed: &Value) {
    assert!(is_equal(seen, claimed), "{claimed} is claimed, seen was {seen:#?}");
}

pub fn faults(seen: &Observation) -> Vec<String> {
    let faults = seen.facts.iter().filter(|fact| fact.kind == ContentFactKind::Fault);
    let text = |text: &Option<fullsource_format::text::Text>| {
        text.as_ref().map_or(String::new(), |text| text.as_str().to_owned())
    };
    faults.map(|fact| format!("{} {}", text(&fact.path), text(&fact.value))).collect()
}

/// An archive of these files, made by the system's tar.
pub fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let root = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let names: Vec<_> = files.iter().map(|(path, _)| *path).collect();
    let made = std::process::Command::new("tar")
        .args(["-czf", "-", "--"])
        .args(names)
        .current_dir(root.path())
        .output()
        .expect("this test needs tar (Debian: tar)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

/// Bytes that no compression makes smaller.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2) + 1;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}
