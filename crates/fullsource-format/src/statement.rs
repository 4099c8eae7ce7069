//! The statement: an in-toto Statement v1 whose predicate is a manifest.
//!
//! Spec: `spec/v0.1/statement.md`.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::index::{self, FileIndex, FileRecord, FileTable};
use crate::json::{JsonError, Profiled, UnknownFields};
use crate::limits;
use crate::locator::Locator;
use crate::manifest::{self, IndexRef, Manifest};
use crate::path::{FileSelector, RelPath};
use crate::release_dir;
use crate::violation::{Fault, Violation};

/// `_type` of every statement (`stm-1`).
pub const TYPE: &str = "https://in-toto.io/Statement/v1";
/// `predicateType` of a fullsource statement (`stm-2`), compared as it stands.
pub const PREDICATE_TYPE: &str = "https://fullsource.dev/model-provenance/v0.1";

/// The statement as JSON holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "fullsource statement")]
pub struct WireStatement {
    /// The type of an in-toto Statement v1.
    #[serde(rename = "_type")]
    #[schemars(extend("const" = TYPE))]
    pub statement_type: String,
    /// The files of the release, or its file index.
    #[schemars(length(min = 1, max = 1000))]
    pub subject: Vec<Subject>,
    /// The type of the predicate.
    #[schemars(extend("const" = PREDICATE_TYPE))]
    pub predicate_type: String,
    /// The manifest.
    pub predicate: manifest::wire::Manifest,
}

/// One file that a statement is about. What else is known of it stands in the predicate, since other
/// verifiers take nothing here but a name and SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Its path in the release.
    pub name: RelPath,
    /// Its SHA-256.
    pub digest: SubjectDigest,
}

/// The digest of a subject: SHA-256 and nothing else, for a verifier, too (`stm-4`). A further digest
/// that is read past is one that may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectDigest {
    /// SHA-256 of the file.
    pub sha256: Sha256,
}

/// The head of any in-toto statement, read before the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(rename = "_type")]
    statement_type: String,
    predicate_type: String,
}

/// Why a payload is not a statement of this format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The document cannot be read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Another `_type`.
    #[error("`_type` is `{0}`, not `{TYPE}`")]
    Type(String),
    /// Another `predicateType`.
    #[error("`predicateType` is `{0}`, not `{PREDICATE_TYPE}`")]
    PredicateType(String),
    /// Rules between its parts are broken: all that are.
    #[error("{} rule(s) of the statement are broken, the first: {}", .0.len(), .0[0])]
    Rules(Vec<Violation>),
}

/// Why bytes are not the file index that a statement binds.
#[derive(Debug, thiserror::Error)]
pub enum IndexUnlike {
    /// They have another size or SHA-256.
    #[error("what lies there is not the index that was signed")]
    Other,
    /// They are no index.
    #[error(transparent)]
    Malformed(#[from] index::IndexError),
    /// It contradicts the statement.
    #[error("{0}")]
    Violation(Violation),
}

/// A statement whose rules hold.
#[derive(Debug, Clone)]
pub struct Statement {
    manifest: Manifest,
    covered: Covered,
}

/// The files that a statement is about.
#[derive(Debug, Clone)]
pub enum Covered {
    /// Every file is a subject.
    Listed(FileTable),
    /// The only subject is the file index.
    Indexed(IndexRef),
}

impl Statement {
    /// Reads a statement from its payload bytes.
    pub fn parse(payload: &[u8], unknown: UnknownFields) -> Result<Self, StatementError> {
        Self::read(Profiled::of(payload, limits::DOCUMENT_BYTES)?, unknown)
    }

    /// Reads a statement from a payload that keeps the profile.
    pub fn read(payload: Profiled<'_>, unknown: UnknownFields) -> Result<Self, StatementError> {
        let payload = payload.within(limits::DOCUMENT_BYTES)?.with_room(manifest::VALUE_BYTES)?;
        let head: Head = payload.read(UnknownFields::Ignore)?;
        if head.statement_type != TYPE {
            return Err(StatementError::Type(head.statement_type));
        }
        if head.predicate_type != PREDICATE_TYPE {
            return Err(StatementError::PredicateType(head.predicate_type));
        }
        let wire: WireStatement = payload.read(unknown)?;
        Self::try_from(wire).map_err(StatementError::Rules)
    }

    /// What the statement says.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The files that it is about.
    pub const fn covered(&self) -> &Covered {
        &self.covered
    }

    /// The files in the bytes of its file index, which are held against what it says of them (`idx-6`,
    /// `idx-8`).
    pub fn open_index(&self, stated: &IndexRef, bytes: &[u8]) -> Result<FileTable, IndexUnlike> {
        if bytes.len() as u64 != stated.size.0 || Sha256::of(bytes) != stated.sha256 {
            return Err(IndexUnlike::Other);
        }
        let index = index::read_index(bytes, UnknownFields::Ignore)?;
        match self.index_violations(stated, &index).into_iter().next() {
            Some(violation) => Err(IndexUnlike::Violation(violation)),
            None => Ok(index.files),
        }
    }

    /// Holds a file index, whose SHA-256 is the subject's, against what the statement says of it
    /// and of the files in it (`idx-8`).
    pub fn index_violations(&self, stated: &IndexRef, index: &FileIndex) -> Vec<Violation> {
        let root = index.digests.merkle_root;
        let mut found = self.left_out(&index.files);
        if !found.is_empty() {
            return found;
        }
        if root != stated.merkle_root {
            let fault = Fault::MerkleRoot { stated: stated.merkle_root, computed: root };
            found.push(Violation { pointer: in_predicate("/tree/index/merkleRoot"), fault });
        }
        found.extend(self.file_violations(&index.files));
        found
    }

    // idx-4
    fn left_out(&self, files: &FileTable) -> Vec<Violation> {
        let reserved = files
            .iter()
            .filter(|file| release_dir::left_out_file(file.path, &|_| true).is_some())
            .filter_map(|file| file.path.parse().ok());
        let pointer = in_predicate("/tree/index");
        let violation =
            |path| Violation { pointer: pointer.clone(), fault: Fault::IndexListsReserved(path) };
        reserved.map(violation).collect()
    }

    /// Holds covered files against what `tree` and the artifacts say of them (`stm-12`, `stm-13`).
    pub fn file_violations(&self, files: &FileTable) -> Vec<Violation> {
        let mut found = tree_violations(&self.manifest, files);
        found.extend(selector_violations(&self.manifest, files));
        found
    }
}

impl TryFrom<WireStatement> for Statement {
    type Error = Vec<Violation>;

    fn try_from(wire: WireStatement) -> Result<Self, Vec<Violation>> {
        let mut found = Vec::new();
        let covered = covered(&mut found, &wire);
        let manifest = Manifest::try_from(wire.predicate).map_err(|inner| {
            inner.into_iter().map(|v| Violation { pointer: in_predicate(&v.pointer), ..v })
        });
        match (manifest, covered) {
            (Ok(manifest), Some(covered)) if found.is_empty() => {
                if let Covered::Listed(files) = &covered {
                    found.extend(tree_violations(&manifest, files));
                    found.extend(selector_violations(&manifest, files));
                }
                if found.is_empty() { Ok(Self { manifest, covered }) } else { Err(found) }
            }
            (manifest, _) => {
                found.extend(manifest.err().into_iter().flatten());
                Err(found)
            }
        }
    }
}

/// Pointer into the predicate of a statement.
fn in_predicate(pointer: &str) -> String {
    format!("/predicate{pointer}")
}

/// The files covered, from subjects and `files`.
fn covered(found: &mut Vec<Violation>, wire: &WireStatement) -> Option<Covered> {
    let count = wire.subject.len();
    if count == 0 {
        found.push(Violation { pointer: "/subject".into(), fault: Fault::NoSubject });
        return None;
    }
    if count > limits::SUBJECTS {
        let fault =
            Fault::LimitExceeded { what: "subjects", found: count, limit: limits::SUBJECTS };
        found.push(Violation { pointer: "/subject".into(), fault });
        return None;
    }
    match wire.predicate.tree.as_ref().and_then(|tree| tree.index.as_ref()) {
        Some(index) => indexed(found, wire, index),
        None => listed(found, wire).map(Covered::Listed),
    }
}

// stm-9
fn indexed(found: &mut Vec<Violation>, wire: &WireStatement, index: &IndexRef) -> Option<Covered> {
    let subject = &wire.subject[0];
    let bound = wire.subject.len() == 1
        && subject.name == index.name
        && index.name.as_str() == release_dir::FILE_INDEX
        && subject.digest.sha256 == index.sha256;
    if !bound {
        let fault = Fault::FilesMismatch {
            path: index.name.clone(),
            has: "the file index",
            lacks: "the only subject, by that name and digest",
        };
        found.push(Violation { pointer: in_predicate("/tree/index"), fault });
        return None;
    }
    Some(Covered::Indexed(index.clone()))
}

// stm-5, stm-6, stm-11
fn listed(found: &mut Vec<Violation>, wire: &WireStatement) -> Option<FileTable> {
    let mut entries = HashMap::new();
    for (nth, entry) in wire.predicate.files.iter().enumerate() {
        if entries.insert(&entry.path, (nth, entry)).is_some() {
            let pointer = format!("/predicate/files/{nth}/path");
            let fault = Fault::SubjectDuplicate(entry.path.clone());
            found.push(Violation { pointer, fault });
        }
    }
    let mut names = HashSet::new();
    let mut table = FileTable::builder();
    for (nth, subject) in wire.subject.iter().enumerate() {
        let path = &subject.name;
        let entry = entries.remove(path).map(|(_, entry)| entry);
        let left_out = release_dir::left_out_file(path.as_str(), &|_| true).is_some();
        if let Some(fault) = subject_fault(path, names.insert(path), left_out, entry.is_some()) {
            found.push(Violation { pointer: format!("/subject/{nth}/name"), fault });
        }
        let record = FileRecord {
            path: path.as_str(),
            size: entry.map_or(0, |entry| entry.size.0),
            sha256: Some(subject.digest.sha256),
            blake3: entry.and_then(|entry| entry.blake3),
        };
        if let Err(error) = table.push(record) {
            let fault = Fault::Files(error);
            found.push(Violation { pointer: format!("/subject/{nth}"), fault });
        }
    }
    for (path, (nth, _)) in entries {
        let fault =
            Fault::FilesMismatch { path: path.clone(), has: "in `files`", lacks: "a subject" };
        found.push(Violation { pointer: format!("/predicate/files/{nth}/path"), fault });
    }
    table.build().ok()
}

fn subject_fault(path: &RelPath, first: bool, left_out: bool, has_entry: bool) -> Option<Fault> {
    if !first {
        Some(Fault::SubjectDuplicate(path.clone()))
    } else if left_out {
        Some(Fault::SubjectReserved(path.clone()))
    } else if !has_entry {
        let path = path.clone();
        Some(Fault::FilesMismatch { path, has: "a subject", lacks: "in `files`" })
    } else {
        None
    }
}

/// Holds what `tree` states against the files themselves (`stm-12`).
fn tree_violations(manifest: &Manifest, files: &FileTable) -> Vec<Violation> {
    let Some(tree) = &manifest.as_wire().tree else { return Vec::new() };
    let mut found = Vec::new();
    let mut compare = |field: &'static str, stated: Option<String>, computed: String| {
        if let Some(stated) = stated.filter(|stated| *stated != computed) {
            let pointer = format!("/predicate/tree/{}", field.replace('.', "/"));
            let fault = Fault::TreeMismatch { field, stated, computed };
            found.push(Violation { pointer, fault });
        }
    };
    compare("fileCount", tree.file_count.map(|n| n.0.to_string()), files.len().to_string());
    let bytes = files.total_bytes().to_string();
    compare("totalBytes", tree.total_bytes.map(|n| n.0.to_string()), bytes);
    let hashed = files.iter().filter_map(|file| Some((file.path, file.sha256?)));
    let dir_hash = match index::dir_hash(hashed) {
        Ok(digest) => digest.to_string(),
        Err(error) => error.to_string(),
    };
    compare("digest.dirHash", tree.digest.map(|d| d.dir_hash.to_string()), dir_hash);
    found
}

/// Finds artifacts whose `files` select nothing that is covered (`stm-13`).
fn selector_violations(manifest: &Manifest, files: &FileTable) -> Vec<Violation> {
    let mut found = Vec::new();
    for (nth, artifact) in manifest.artifacts().iter().enumerate() {
        let named = artifact.files.iter().enumerate().map(|(n, s)| (format!("files/{n}"), s));
        let relative = artifact.locators.iter().enumerate().filter_map(|(n, pinned)| {
            let Locator::Relative(selector) = &pinned.uri else { return None };
            Some((format!("locators/{n}"), selector))
        });
        for (place, selector) in named.chain(relative) {
            let empty = match selector {
                FileSelector::File(path) => files.get(path.as_str()).is_none(),
                FileSelector::Below(directory) => files.below(directory.as_str()).is_empty(),
            };
            if empty {
                let pointer = format!("/predicate/artifacts/{nth}/{place}");
                found.push(Violation { pointer, fault: Fault::FilesUncovered(selector.clone()) });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
