//! One byte of a signed release is damaged, anywhere: the verdict is never `pass` with another
//! payload, file, file name or index. A byte of the bundle outside its payload may change nothing.
//!
//! 2,000 trials; `FULLSOURCE_DAMAGE_TRIALS=100000` for more. The trials are the same in every run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_collect::release::Look;
use fullsource_format::digest::Sha256;
use fullsource_format::envelope::{self, Envelope, Verified};
use fullsource_format::evidence::{self, Digests, Evidence, StatementRef, Tool};
use fullsource_format::index::{self, FileRecord, FileTable, read_index};
use fullsource_format::json::UnknownFields;
use fullsource_format::key::SecretKey;
use fullsource_format::manifest::{FileEntry, IndexRef, Manifest, Tree, TreeDigest, wire};
use fullsource_format::release_dir;
use fullsource_format::statement::{
    self, Covered, Statement, Subject, SubjectDigest, WireStatement,
};
use fullsource_format::text::Count;
use fullsource_format::{bundle, limits};
use fullsource_verify::judge::{Claim, FilesAndIndexes, Provenance, Verifier, judge};
use fullsource_verify::policy::Policy;
use fullsource_verify::report::Verdict;
use fullsource_verify::signers::Trust;
use serde_json::json;
use tempfile::TempDir;

/// Trials on one release before the next is made.
const TRIALS_EACH: u64 = 50;
/// One release in so many has more files than a statement has subjects.
const INDEXED_EVERY: u64 = 10;

#[test]
fn a_damaged_release_never_passes() {
    let asked = std::env::var("FULLSOURCE_DAMAGE_TRIALS");
    let trials: u64 = asked.map_or(2_000, |n| n.parse().unwrap());
    let mut random = Random(20_260_101);
    let mut tally = Tally::default();
    for release in 0..trials.div_ceil(TRIALS_EACH) {
        let indexed = release % INDEXED_EVERY == 0;
        let release = Release::signed(&mut random, indexed);
        assert_eq!(release.verdict(&release.bundle, Digests::All), Judged::Verdict(Verdict::Pass));
        for _ in 0..TRIALS_EACH {
            release.trial(&mut random, &mut tally);
        }
    }
    println!("{tally:#?}");
    assert!(tally.bundle > 0 && tally.file > 0 && tally.name > 0 && tally.index > 0);
    assert!(tally.bundle_passed > 0, "key hints are no part of what is judged");
}

/// How many trials there were of each kind.
#[derive(Debug, Default)]
struct Tally {
    bundle: u64,
    bundle_passed: u64,
    file: u64,
    name: u64,
    index: u64,
}

/// A signed release in a directory of its own.
struct Release {
    directory: TempDir,
    files: BTreeMap<String, Vec<u8>>,
    index: Option<Vec<u8>>,
    bundle: Vec<u8>,
    payload: Vec<u8>,
    keys: Vec<SecretKey>,
    threshold: u32,
}

/// What came of a release.
#[derive(Debug, PartialEq)]
enum Judged {
    /// No trusted key made a signature over a statement that can be read.
    Refused,
    /// The index is not the one that was signed.
    IndexLost,
    Verdict(Verdict),
}

impl Release {
    fn signed(random: &mut Random, indexed: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let files = random_files(random, indexed);
        for (path, bytes) in &files {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let keys: Vec<SecretKey> = (1..=random.below(2) + 1).map(|n| key(n as u8)).collect();
        let threshold = 1 + random.below(keys.len() as u64) as u32;
        let mut release = Self {
            directory,
            files,
            index: None,
            bundle: Vec::new(),
            payload: Vec::new(),
            keys,
            threshold,
        };
        let manifest = Manifest::parse(&release.draft(), UnknownFields::Refuse).unwrap();
        let seen = release.look(&manifest, None, Digests::All);
        let statement = release.statement(&seen.files, manifest.into_wire());
        release.payload = serde_json::to_vec(&statement).unwrap();
        release.bundle = match &release.keys[..] {
            [key] => bundle::sign(&release.payload, key).into_bytes(),
            keys => envelope::sign(&release.payload, keys).into_bytes(),
        };
        release
    }

    fn draft(&self) -> Vec<u8> {
        let data = self.files.keys().any(|path| path.starts_with("data/"));
        let rest = self.files.keys().filter(|path| !path.starts_with("data/"));
        let rest: Vec<&String> = rest.filter(|path| !path.ends_with(".safetensors")).collect();
        let mut artifacts = vec![json!({
            "id": "weights", "roles": ["weights.final"], "license": "MIT",
            "files": ["model.safetensors"],
        })];
        if !rest.is_empty() {
            artifacts.push(json!({
                "id": "card", "roles": ["doc.model-card"], "license": "MIT", "files": rest,
            }));
        }
        if data {
            artifacts.push(json!({
                "id": "data", "roles": ["data.pretraining"], "license": "CC0-1.0",
                "files": ["data/"],
            }));
        }
        let producer = json!({ "name": "nobody" });
        let release = json!({ "name": "damaged", "version": "1", "producer": producer });
        serde_json::to_vec(&json!({ "release": release, "artifacts": artifacts })).unwrap()
    }

    /// The statement as `fullsource sign` makes it; writes the index where there is one.
    fn statement(&mut self, files: &FileTable, mut predicate: wire::Manifest) -> WireStatement {
        let hashed = files.iter().map(|file| (file.path, file.sha256.unwrap()));
        let dir_hash = index::dir_hash(hashed).unwrap();
        let mut tree = Tree {
            file_count: Some(Count(files.len() as u64)),
            total_bytes: Some(Count(files.total_bytes())),
            digest: Some(TreeDigest { dir_hash }),
            excluded: Vec::new(),
            index: None,
        };
        let subject = |name: &str, sha256| Subject {
            name: name.parse().unwrap(),
            digest: SubjectDigest { sha256 },
        };
        let entry = |file: FileRecord<'_>| FileEntry {
            path: file.path.parse().unwrap(),
            size: Count(file.size),
            blake3: file.blake3,
        };
        let subjects = if files.len() > limits::SUBJECTS {
            let mut index = Vec::new();
            let digests = index::write_index(files, &mut index).unwrap();
            fs::write(self.directory.path().join(release_dir::FILE_INDEX), &index).unwrap();
            self.index = Some(index);
            tree.index = Some(IndexRef {
                name: release_dir::FILE_INDEX.parse().unwrap(),
                sha256: digests.sha256,
                size: Count(digests.size),
                merkle_root: digests.merkle_root,
            });
            vec![subject(release_dir::FILE_INDEX, digests.sha256)]
        } else {
            predicate.files = files.iter().map(entry).collect();
            files.iter().map(|file| subject(file.path, file.sha256.unwrap())).collect()
        };
        predicate.tree = Some(tree);
        WireStatement {
            statement_type: statement::TYPE.to_owned(),
            subject: subjects,
            predicate_type: statement::PREDICATE_TYPE.to_owned(),
            predicate,
        }
    }

    /// Damages one byte, judges, and mends it again.
    fn trial(&self, random: &mut Random, tally: &mut Tally) {
        let digests = [Digests::All, Digests::Sha256, Digests::Blake3][random.below(3) as usize];
        match (random.below(8), &self.index) {
            (0..3, _) => {
                let bundle = random.damaged(&self.bundle);
                tally.bundle += 1;
                let judged = self.verdict(&bundle, digests);
                if judged == Judged::Verdict(Verdict::Pass) {
                    tally.bundle_passed += 1;
                    for envelope in Envelope::parse_all(&bundle).unwrap() {
                        assert_eq!(envelope.danger_payload(), self.payload, "{}", shown(&bundle));
                    }
                }
            }
            (3, _) => tally.name += u64::from(self.rename_one(random, digests)),
            (4..6, Some(index)) => {
                tally.index += 1;
                self.replace(release_dir::FILE_INDEX, index, &random.damaged(index), digests);
            }
            _ => {
                tally.file += 1;
                let nth = random.below(self.files.len() as u64) as usize;
                let (path, bytes) = self.files.iter().nth(nth).unwrap();
                self.replace(path, bytes, &random.damaged(bytes), digests);
            }
        }
    }

    fn replace(&self, path: &str, whole: &[u8], damaged: &[u8], digests: Digests) {
        let at = self.directory.path().join(path);
        fs::write(&at, damaged).unwrap();
        let judged = self.verdict(&self.bundle, digests);
        assert_ne!(judged, Judged::Verdict(Verdict::Pass), "`{path}`: {}", shown(damaged));
        fs::write(&at, whole).unwrap();
    }

    /// Whether there was a place for the new name.
    fn rename_one(&self, random: &mut Random, digests: Digests) -> bool {
        let nth = random.below(self.files.len() as u64) as usize;
        let path = self.files.keys().nth(nth).unwrap();
        let (from, to) = (self.directory.path().join(path), random.renamed(path));
        let to = self.directory.path().join(to);
        if to.exists() || !to.parent().is_some_and(|parent| parent.is_dir()) {
            return false;
        }
        fs::rename(&from, &to).unwrap();
        let judged = self.verdict(&self.bundle, digests);
        assert_ne!(judged, Judged::Verdict(Verdict::Pass), "{} was {path}", to.display());
        fs::rename(&to, &from).unwrap();
        true
    }

    /// What `fullsource verify` does, without its options.
    fn verdict(&self, bundle: &[u8], digests: Digests) -> Judged {
        let keys: Vec<_> = self.keys.iter().map(SecretKey::public).collect();
        let envelopes = Envelope::parse_all(bundle).unwrap_or_default();
        let Some(statement) = envelopes.iter().find_map(|e| e.open(&keys).ok()) else {
            return Judged::Refused;
        };
        let Some(files) = self.covered(&statement) else { return Judged::IndexLost };
        let manifest = statement.value().manifest();
        let evidence = Evidence {
            evidence_type: evidence::TYPE.to_owned(),
            statement: StatementRef { sha256: statement.id() },
            tool: Tool::this("damage", "0"),
            collected_at: now(),
            release: Some(self.look(manifest, Some(&files), digests)),
            artifacts: Vec::new(),
            parents: Vec::new(),
        };
        let trust = Trust { keys, threshold: self.threshold, ..Trust::default() };
        let verifier = Verifier {
            trust,
            policy: Policy::standard(),
            now: now(),
            require: None,
            expect: None,
            accept_evidence: false,
        };
        let bound = FilesAndIndexes { files, ..FilesAndIndexes::default() };
        let claim = Claim::signed(&statement, &bound);
        let report = judge(&claim, &evidence, Provenance::Own, &verifier);
        if std::env::var_os("FULLSOURCE_DAMAGE_SHOW").is_some() {
            println!("{:?}", report.findings());
        }
        Judged::Verdict(report.verdict())
    }

    /// The covered files; `None` where their index is not the one that was signed (`idx-6`).
    fn covered(&self, statement: &Verified<Statement>) -> Option<FileTable> {
        let stated = match statement.value().covered() {
            Covered::Listed(files) => return Some(files.clone()),
            Covered::Indexed(stated) => stated,
        };
        let bytes = fs::read(self.directory.path().join(release_dir::FILE_INDEX)).ok()?;
        let bound = bytes.len() as u64 == stated.size.0 && Sha256::of(&bytes) == stated.sha256;
        let index = bound.then(|| read_index(&bytes[..], UnknownFields::Ignore).ok())??;
        statement.value().index_violations(stated, &index).is_empty().then_some(index.files)
    }

    fn look(
        &self,
        manifest: &Manifest,
        covered: Option<&FileTable>,
        digests: Digests,
    ) -> evidence::ReleaseSeen {
        let directory = Directory::open(self.directory.path()).unwrap();
        let (threads, progress) = (NonZeroUsize::MIN, &Progress::default());
        let look = Look { directory: &directory, manifest, covered, digests, threads, progress };
        look.release().unwrap()
    }
}

/// Small files of odd names and sizes; weights, a card, and sometimes data.
fn random_files(random: &mut Random, indexed: bool) -> BTreeMap<String, Vec<u8>> {
    const NAMES: [&str; 6] =
        ["README.md", "notes.txt", "a b/c.txt", "a b/模型.txt", "x/y/z/é.csv", "q\"uote'.txt"];
    let mut files = BTreeMap::from([("model.safetensors".to_owned(), random.bytes(200))]);
    for name in NAMES {
        if random.below(2) == 0 {
            let size = random.below(300);
            files.insert(name.to_owned(), random.bytes(size));
        }
    }
    let data = if indexed { 1001 } else { random.below(4) };
    for nth in 0..data {
        let size = random.below(40);
        files.insert(format!("data/{:02}/part-{nth:04}", nth % 7), random.bytes(size));
    }
    files
}

/// A key that is the same in every run, made from a number.
fn key(number: u8) -> SecretKey {
    use base64::Engine as _;
    // PKCS#8 v1 (RFC 8410), and the seed.
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let der = [&head[..], &[number; 32]].concat();
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    SecretKey::from_text(pem.as_bytes(), None).unwrap()
}

fn now() -> jiff::Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn shown(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn bytes(&mut self, count: u64) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }

    /// One byte changed to another, removed, or added. Never equal to what it was.
    fn damaged(&mut self, whole: &[u8]) -> Vec<u8> {
        loop {
            let mut bytes = whole.to_vec();
            let place = self.below(whole.len() as u64 + 1) as usize;
            match (self.below(4), place < whole.len()) {
                (0, true) => drop(bytes.remove(place)),
                (1, true) => bytes[place] ^= 1 << self.below(8),
                (2, true) => bytes[place] = self.next() as u8,
                _ => bytes.insert(place, self.next() as u8),
            }
            if bytes != whole {
                return bytes;
            }
        }
    }

    /// The path with one byte of its last part damaged, still a name that a file can have.
    fn renamed(&mut self, path: &str) -> PathBuf {
        use std::os::unix::ffi::OsStringExt as _;
        let start = path.rfind('/').map_or(0, |slash| slash + 1);
        loop {
            let name = self.damaged(&path.as_bytes()[start..]);
            let fits = !name.is_empty() && !name.contains(&0) && !name.contains(&b'/');
            if fits && name != b"." && name != b".." {
                let bytes = [&path.as_bytes()[..start], &name].concat();
                return PathBuf::from(std::ffi::OsString::from_vec(bytes));
            }
        }
    }
}
