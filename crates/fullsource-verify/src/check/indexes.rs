//! The file indexes of artifacts: bound, and in accord with what the artifact claims.
//!
//! Spec: `spec/v0.1/file-index.md`, rules `idx-6` to `idx-11`.

use std::collections::HashMap;

use fullsource_format::digest::{Digest, DigestSet, Match};
use fullsource_format::index::{FileIndex, FileRecord, FileTable};
use fullsource_format::manifest::{Artifact, IndexRef, Manifest};
use fullsource_format::text::Id;

use super::artifacts;
use crate::finding::{Code, Finding};

/// What lies in the release under the name of an artifact's file index.
#[derive(Debug, Clone)]
pub enum ArtifactIndex {
    /// The bytes that the manifest names.
    Read(FileIndex),
    /// No regular file.
    Missing,
    /// Other bytes.
    Differs,
    /// Something that could not be read, and why.
    Unreadable(String),
    /// The bytes that the manifest names, which are no file index, and why.
    Malformed(String),
}

/// What the indexes came to: a finding for each that is wrong, with its artifact.
pub(crate) fn check(
    manifest: &Manifest,
    covered: &FileTable,
    indexes: &HashMap<Id, ArtifactIndex>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for artifact in manifest.artifacts() {
        let Some(stated) = &artifact.index else { continue };
        let fault = match indexes.get(&artifact.id) {
            None => Some((Code::FileUnchecked, "nobody looked at the file index".to_owned())),
            Some(ArtifactIndex::Missing) => Some((Code::FileMissing, "it is not there".to_owned())),
            Some(ArtifactIndex::Differs) => {
                Some((Code::FileChanged, "it is not the index that was signed".to_owned()))
            }
            Some(ArtifactIndex::Unreadable(reason)) => {
                Some((Code::FileUnreadable, format!("it could not be read: {reason}")))
            }
            Some(ArtifactIndex::Malformed(reason)) => Some((Code::IndexMalformed, reason.clone())),
            Some(ArtifactIndex::Read(index)) => contradiction(artifact, stated, covered, index),
        };
        findings.extend(fault.map(|(code, text)| {
            Finding::new(code, text).at(stated.name.as_str()).of(artifact.id.as_str())
        }));
    }
    findings
}

fn contradiction(
    artifact: &Artifact,
    stated: &IndexRef,
    covered: &FileTable,
    index: &FileIndex,
) -> Option<(Code, String)> {
    // idx-8
    if index.digests.merkle_root != stated.merkle_root {
        let text = format!("its Merkle root is not the stated {}", stated.merkle_root);
        return Some((Code::IndexConflict, text));
    }
    // idx-10
    let entries = DigestSet::from(Digest::DirHash(index.digests.dir_hash));
    let claimed = artifact.digest.as_ref().map(|claimed| claimed.compare(&entries));
    if let Some(Match::Differs { claimed, .. }) = claimed {
        return Some((Code::ArtifactMismatch, format!("its dirHash is not the claimed {claimed}")));
    }
    let bytes = index.digests.total_bytes;
    if artifact.size.is_some_and(|size| size.0 != bytes) {
        let text = format!("it lists {bytes} bytes, not what the artifact claims");
        return Some((Code::ArtifactMismatch, text));
    }
    // idx-11
    let selected = artifacts::selected(artifact, covered);
    let root = artifact.root().len();
    let same = |(file, entry): (FileRecord<'_>, FileRecord<'_>)| {
        (&file.path[root..], file.size, file.sha256) == (entry.path, entry.size, entry.sha256)
    };
    let files = selected.iter().map(|nth| covered.record(*nth));
    let agrees = selected.len() == index.files.len() && files.zip(index.files.iter()).all(same);
    if selected.is_empty() || agrees {
        return None;
    }
    Some((Code::IndexConflict, "it does not list exactly the artifact's files".to_owned()))
}
