//! Repositories of the hub that tests ask, and what its listing says of them.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::collections::BTreeMap;

use fullsource_format::digest::{GitId, Sha256};
use serde_json::{Value, json};

#[derive(Clone)]
pub struct File {
    pub bytes: Vec<u8>,
    /// Kept outside git, in the file store.
    pub lfs: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// Listed to everybody, its files only given to members.
    Files,
    /// Nothing of it without being a member, though everybody is told that it exists.
    All,
    Private,
    Disabled,
}

#[derive(Clone)]
pub struct Repo {
    /// `models` or `datasets`.
    pub kind: &'static str,
    pub name: &'static str,
    pub commit: String,
    /// What else leads to the commit: branches, tags, ids of tag objects.
    pub refs: Vec<String>,
    pub files: BTreeMap<String, File>,
    pub submodules: Vec<(String, String)>,
    pub gate: Gate,
    pub card: Value,
    /// Entries on a page of the listing.
    pub page: usize,
}

impl Repo {
    pub fn new(kind: &'static str, name: &'static str) -> Self {
        Self {
            kind,
            name,
            commit: "3b18e512dba79e4c8300dd08aeb37f8e728b8dad".to_owned(),
            refs: vec!["main".to_owned()],
            files: BTreeMap::new(),
            submodules: Vec::new(),
            gate: Gate::Open,
            card: Value::Null,
            page: 1000,
        }
    }

    pub fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.files.insert(path.to_owned(), File { bytes: bytes.to_vec(), lfs: false });
        self
    }

    pub fn lfs(mut self, path: &str, bytes: &[u8]) -> Self {
        self.files.insert(path.to_owned(), File { bytes: bytes.to_vec(), lfs: true });
        self
    }

    pub fn gate(self, gate: Gate) -> Self {
        Self { gate, ..self }
    }

    pub fn page(self, page: usize) -> Self {
        Self { page, ..self }
    }

    fn directories(&self) -> Vec<String> {
        let paths = self.files.keys();
        let mut all: Vec<String> = paths
            .flat_map(|path| path.match_indices('/').map(|(end, _)| path[..end].to_owned()))
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// Everything below a directory, or the one entry that the path names.
    pub fn entries(&self, chosen: &dyn Fn(&str) -> bool) -> Vec<Value> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        for path in self.directories() {
            let entry =
                json!({ "type": "directory", "oid": "0".repeat(40), "size": 0, "path": path });
            entries.push((path, entry));
        }
        for (path, file) in &self.files {
            entries.push((path.clone(), file.entry(path)));
        }
        for (path, commit) in &self.submodules {
            let entry = json!({ "type": "unknown", "oid": commit, "size": 0, "path": path });
            entries.push((path.clone(), entry));
        }
        entries.retain(|(path, _)| chosen(path));
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.into_iter().map(|(_, entry)| entry).collect()
    }
}

impl File {
    fn entry(&self, path: &str) -> Value {
        let size = self.bytes.len();
        if !self.lfs {
            return json!({ "type": "file", "oid": self.blob(), "size": size, "path": path });
        }
        let lfs = json!({ "oid": self.sha256(), "size": size, "pointerSize": 130 });
        let pointer = File { bytes: self.sha256().into_bytes(), lfs: false }.blob();
        json!({ "type": "file", "oid": pointer, "size": size, "path": path, "lfs": lfs })
    }

    pub fn sha256(&self) -> String {
        Sha256::of(&self.bytes).to_string()
    }

    pub fn blob(&self) -> String {
        let mut hasher = sha1dc::Hasher::default();
        hasher.update(format!("blob {}\0", self.bytes.len()).as_bytes());
        hasher.update(&self.bytes);
        GitId::Sha1(hasher.finalize().unwrap().to_bytes()).to_string()
    }
}
