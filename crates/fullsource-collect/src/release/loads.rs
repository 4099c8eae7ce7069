//! What configurations make a framework load (`ver-37` to `ver-42`).

use std::collections::BTreeSet;

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{EntryKind, EntrySeen, Fact};
use fullsource_format::index::{FileRecord, FileTable};
use fullsource_format::loadable::{Loadable, loadable};
use fullsource_format::path::RelPath;
use fullsource_format::text::Text;

use super::entry;
use crate::directory::Directory;
use crate::hash::read_file;
use crate::read::json::Value;
use crate::read::remote_code::remote_code;

/// Bytes of a configuration, a tokenizer or an index of shards (`lim-15`).
const READ_BYTES: u64 = 128 << 20;
/// JSON values of one configuration or index.
const VALUES: usize = 4_000_000;

/// Reads every configuration and every index of shards among the files. One whose bytes are not
/// those that were hashed changed meanwhile, and is added to the entries as such.
pub(super) fn facts(
    directory: &Directory,
    files: &FileTable,
    entries: &mut Vec<EntrySeen>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    for file in files.iter() {
        let Ok(path) = file.path.parse::<RelPath>() else { continue };
        let Some(kind) = Kind::of(&path) else { continue };
        match read(directory, &path, &file) {
            Ok(Some(document)) => facts.extend(kind.facts(&path, &document)),
            Ok(None) => {
                let detail = "it is not what was hashed";
                entries.push(entry(file.path, EntryKind::Unstable, detail));
            }
            Err(reason) => {
                facts.push(Fact::ConfigUnread { path, value: Text::clipped(&reason) });
            }
        }
    }
    facts
}

/// Whether what lies at a path is read for what it makes a framework load.
pub(super) fn reads(path: &str) -> bool {
    path.parse().is_ok_and(|path| Kind::of(&path).is_some())
}

#[derive(Clone, Copy)]
enum Kind {
    Config,
    Shards,
}

impl Kind {
    // ver-37
    fn of(path: &RelPath) -> Option<Self> {
        if path.file_name().to_ascii_lowercase().ends_with(".index.json") {
            return Some(Self::Shards);
        }
        let json = path.extension().is_some_and(|extension| extension == "json");
        let class = loadable(path).filter(|_| json)?;
        matches!(class, Loadable::Config | Loadable::Tokenizer).then_some(Self::Config)
    }

    fn facts(self, path: &RelPath, document: &Value) -> Vec<Fact> {
        match self {
            Self::Config => code_elsewhere(path, document),
            Self::Shards => shards(path, document),
        }
    }
}

/// The document, or none where the bytes are not those that were hashed.
fn read(
    directory: &Directory,
    path: &RelPath,
    hashed: &FileRecord,
) -> Result<Option<Value>, String> {
    let bytes = read_file(directory, path, READ_BYTES).map_err(|error| error.to_string())?;
    if hashed.sha256.is_some_and(|sha256| sha256 != Sha256::of(&bytes)) {
        return Ok(None);
    }
    Value::parse(&bytes, VALUES).map(Some).map_err(|error| error.to_string())
}

// ver-41
fn code_elsewhere(path: &RelPath, document: &Value) -> Vec<Fact> {
    let Ok(found) = remote_code(document) else {
        let value = Text::clipped("it points to code more often than is read");
        return vec![Fact::ConfigUnread { path: path.clone(), value }];
    };
    let elsewhere: BTreeSet<String> =
        found.into_iter().filter(|code| code.repository.is_some()).map(|c| c.reference).collect();
    let fact =
        |value: String| Fact::RemoteCode { path: path.clone(), value: Text::clipped(&value) };
    elsewhere.into_iter().map(fact).collect()
}

// ver-40, evd-17
fn shards(path: &RelPath, document: &Value) -> Vec<Fact> {
    let map = document.get("weight_map").map(Value::entries).unwrap_or_default();
    let names: BTreeSet<&str> = map.iter().filter_map(|(_, name)| name.as_str()).collect();
    let directory = path.as_str().rsplit_once('/').map(|(directory, _)| directory);
    let target = |name: &str| match (name.parse::<RelPath>(), directory) {
        (Ok(_), Some(directory)) => format!("{directory}/{name}"),
        _ => name.to_owned(),
    };
    let fact = |name| Fact::WeightMap { path: path.clone(), target: Text::clipped(&target(name)) };
    names.into_iter().map(fact).collect()
}
