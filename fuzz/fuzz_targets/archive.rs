//! Archives: paths that are handed over lie below the root, each once and none below a file or a link;
//! the digest is that of all bytes; a file that is selected is the file of the whole archive.
#![no_main]

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;

use fullsource_collect::progress::Progress;
use fullsource_collect::source::archive::{ArchiveLimits, Unpacked, unpack};
use fullsource_collect::source::{Entry, Sink, SinkError, Trouble, TroubleKind, Want};
use fullsource_format::digest::{Digest, DigestSet, GitId, Sha256};
use fullsource_format::path::RelPath;
use libfuzzer_sys::fuzz_target;

/// The bytes of files, and nothing for links.
#[derive(Default)]
struct Keeper(Mutex<BTreeMap<Vec<u8>, Option<Vec<u8>>>>);

impl Keeper {
    fn put(&self, path: &[u8], content: Option<Vec<u8>>) -> Result<(), SinkError> {
        let before = self.0.lock().expect("no thread panicked").insert(path.to_vec(), content);
        assert!(before.is_none(), "a path came twice");
        Ok(())
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
        self.put(entry.path, Some(content))
    }
    fn word(&self, _: &Entry<'_>, _: &DigestSet) -> Result<(), SinkError> {
        unreachable!("an archive has the bytes")
    }
    fn symlink(&self, path: &[u8], target: &[u8]) -> Result<(), SinkError> {
        assert!(!target.is_empty() && !target.contains(&0));
        self.put(path, None)
    }
    fn submodule(&self, _: &[u8], _: &GitId) -> Result<(), SinkError> {
        unreachable!("an archive has no submodules")
    }
}

type Tree = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

fn tree(archive: &[u8], select: Option<&RelPath>) -> Result<(Unpacked, Tree), Trouble> {
    let limits = ArchiveLimits { total_bytes: 16 << 20, ..ArchiveLimits::default() };
    let (keeper, progress) = (Keeper::default(), Progress::default());
    let temporary = std::env::temp_dir();
    let unpacked = unpack(&mut &archive[..], &temporary, select, &limits, &keeper, &progress)?;
    Ok((unpacked, keeper.0.into_inner().expect("no thread panicked")))
}

fuzz_target!(|archive: &[u8]| {
    let (unpacked, whole) = match tree(archive, None) {
        Ok(read) => read,
        Err(trouble) => {
            assert!(matches!(trouble.kind, TroubleKind::Faulty | TroubleKind::Skipped));
            return;
        }
    };
    assert_eq!(unpacked.served_bytes, archive.len() as u64);
    let sha256 = Digest::Sha256(Sha256::of(archive));
    assert!(unpacked.served.digests().any(|digest| digest == sha256));
    for path in whole.keys() {
        assert!(!path.contains(&0));
        for part in path.split(|byte| *byte == b'/') {
            assert!(!matches!(part, b"" | b"." | b".."), "{path:?}");
        }
        for (end, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            assert!(!whole.contains_key(&path[..end]), "{path:?} lies below what is no directory");
        }
    }
    let file = whole.iter().find_map(|(path, content)| Some((path, content.as_ref()?)));
    let Some((path, content)) = file else { return };
    let Ok(Ok(path)) = std::str::from_utf8(path).map(str::parse::<RelPath>) else { return };
    let (again, one) = tree(archive, Some(&path)).expect("what is read whole is read in part");
    assert_eq!(again, unpacked);
    assert_eq!(one, Tree::from([(Vec::new(), Some(content.clone()))]));
});
