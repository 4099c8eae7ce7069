//! Shards of one `*.safetensors.index.json`, which the other side may hold in other shards or in one file.

use std::collections::{BTreeMap, BTreeSet};

use fullsource_collect::hash::read_file;
use fullsource_collect::read::safetensors_index::{INDEX_BYTES, SafetensorsIndex};
use fullsource_format::path::RelPath;

use super::looked::{Both, Looked};
use super::set::{Kind, Set};

/// Files open at once, of one set.
const OPEN: usize = 400;
const INDEX: &str = ".safetensors.index.json";

/// A file, or the index of several.
pub(super) struct Source {
    path: RelPath,
    is_index: bool,
}

/// What both sides hold under one name, of which one at least has shards.
pub(super) struct Sharded {
    pub(super) claimed: Source,
    pub(super) made: Source,
}

/// All of them, by their names in order.
pub(super) fn all(both: &Both<'_>) -> Vec<Sharded> {
    let indexes = |side: &Looked<'_>| -> BTreeSet<String> {
        let paths = side.files.iter().map(|file| file.path);
        paths.filter(|path| path.ends_with(INDEX)).map(str::to_owned).collect()
    };
    let all = &indexes(&both.claimed) | &indexes(&both.made);
    all.iter().filter_map(|index| sharded(both, index)).collect()
}

fn sharded(both: &Both<'_>, index: &str) -> Option<Sharded> {
    let file = index.strip_suffix(".index.json")?;
    let source = |path: &str, is_index| Some(Source { path: path.parse().ok()?, is_index });
    let has = |side: &Looked<'_>, path: &str| side.files.get(path).is_some();
    let (claimed, made) = match (has(&both.claimed, index), has(&both.made, index)) {
        (true, true) => (source(index, true)?, source(index, true)?),
        (true, false) if !has(&both.claimed, file) && has(&both.made, file) => {
            (source(index, true)?, source(file, false)?)
        }
        (false, true) if has(&both.claimed, file) && !has(&both.made, file) => {
            (source(file, false)?, source(index, true)?)
        }
        _ => return None,
    };
    Some(Sharded { claimed, made })
}

impl Source {
    pub(super) const fn path(&self) -> &RelPath {
        &self.path
    }

    /// Its tensors, and the files that it is made of; what is the matter where it has none.
    pub(super) fn read(&self, side: &Looked<'_>) -> Result<(Set, Vec<RelPath>), String> {
        if !self.is_index {
            let file = side.open(&self.path).map_err(|trouble| trouble.to_string())?;
            return Ok((Set::of_file(file, Kind::Safetensors)?, vec![self.path.clone()]));
        }
        let bytes = read_file(side.root, &self.path, INDEX_BYTES as u64);
        let bytes = bytes.map_err(|error| error.to_string())?;
        let (mut held_by, base) = (BTreeMap::new(), base_of(&self.path));
        let index = SafetensorsIndex::parse_mapping(&bytes, &mut |tensor, file| {
            if let Ok(path) = format!("{base}{file}").parse() {
                held_by.insert(tensor.to_owned(), path);
            }
        });
        let index = index.map_err(|error| error.to_string())?;
        if index.files.len() > OPEN {
            return Err(format!(
                "the index has {} shards, at most {OPEN} are read",
                index.files.len()
            ));
        }
        let shards: BTreeSet<RelPath> = held_by.values().cloned().collect();
        let mut files = Vec::new();
        for path in &shards {
            if side.files.get(path.as_str()).is_none() {
                return Err(format!("the shard `{path}` is not there"));
            }
            files.push((path.clone(), side.open(path).map_err(|trouble| trouble.to_string())?));
        }
        let set = Set::of_shards(files, &held_by)?;
        Ok((set, shards.into_iter().chain([self.path.clone()]).collect()))
    }
}

/// What the paths in an index start from.
fn base_of(path: &RelPath) -> &str {
    let end = path.as_str().rfind('/').map_or(0, |slash| slash + 1);
    path.as_str().get(..end).unwrap_or_default()
}
