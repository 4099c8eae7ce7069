//! Archives as tools write them, and as nobody should.

mod damage;
mod limits;
mod selection;
mod tar_bytes;
mod tar_refused;
mod tools;
mod zip_bytes;
mod zip_refused;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;

use fullsource_format::digest::{Blake3, Digest, DigestSet, GitId, Sha256};
use fullsource_format::path::RelPath;

use super::super::{Entry, Sink, SinkError, Trouble, TroubleKind, Want};
use super::{ArchiveLimits, Unpacked, unpack};
use crate::progress::Progress;

/// What was handed over under a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Got {
    File { content: Vec<u8>, executable: bool },
    Symlink(Vec<u8>),
}

type Tree = BTreeMap<Vec<u8>, Got>;

/// Keeps all that it is handed.
#[derive(Default)]
struct Keeper(Mutex<Tree>);

impl Keeper {
    fn put(&self, path: &[u8], got: Got) -> Result<(), SinkError> {
        match self.0.lock().unwrap().insert(path.to_vec(), got) {
            None => Ok(()),
            Some(_) => Err(SinkError::Refused("a path came twice".to_owned())),
        }
    }
}

impl Sink for Keeper {
    fn want(&self, _: &Entry<'_>) -> Want {
        Want::Bytes
    }
    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        let mut content = Vec::new();
        bytes.read_to_end(&mut content)?;
        assert_eq!(entry.size, Some(content.len() as u64));
        self.put(entry.path, Got::File { content, executable: entry.executable })
    }
    fn word(&self, _: &Entry<'_>, _: &DigestSet) -> Result<(), SinkError> {
        unreachable!("an archive has the bytes")
    }
    fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), SinkError> {
        self.put(path, Got::Symlink(target.to_vec()))
    }
    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        unreachable!("an archive has no submodules")
    }
}

fn run(
    mut bytes: &[u8],
    select: Option<&str>,
    limits: &ArchiveLimits,
) -> Result<(Unpacked, Tree), Trouble> {
    let keeper = Keeper::default();
    let select: Option<RelPath> = select.map(|path| path.parse().unwrap());
    let temporary = std::env::temp_dir();
    let progress = Progress::default();
    let unpacked = unpack(&mut bytes, &temporary, select.as_ref(), limits, &keeper, &progress)?;
    assert!(bytes.is_empty(), "all that is served is read");
    Ok((unpacked, keeper.0.into_inner().unwrap()))
}

/// Unpacks all of an archive, whose digests must be those of its bytes.
fn tree(bytes: &[u8]) -> Result<Tree, Trouble> {
    let (unpacked, tree) = run(bytes, None, &ArchiveLimits::default())?;
    assert_eq!(unpacked.served_bytes, bytes.len() as u64);
    let blake3 = Blake3::new(blake3::hash(bytes).into());
    let sha256 = DigestSet::from(Digest::Sha256(Sha256::of(bytes)));
    assert_eq!(unpacked.served, sha256.with(Digest::Blake3(blake3)));
    Ok(tree)
}

fn file(content: &[u8]) -> Got {
    Got::File { content: content.to_vec(), executable: false }
}

/// Checks that each archive is refused, and for the reason that its row names.
fn refused(rows: Vec<(&str, Vec<u8>, &str)>) {
    for (case, bytes, reason) in rows {
        match tree(&bytes) {
            Ok(tree) => panic!("{case}: unpacked to {tree:?}"),
            Err(Trouble { kind, detail }) => {
                assert_eq!(kind, TroubleKind::Faulty, "{case}: {detail}");
                assert!(detail.as_str().contains(reason), "{case}: {detail}");
            }
        }
    }
}
