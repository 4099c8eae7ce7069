//! Looks at the hub that tests ask, and what comes of them.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;

use fullsource_collect::net::{Net, Settings};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::hub::{self, HubAccess, HubPlace};
use fullsource_collect::source::{Context, Entry, Sink, SinkError, Told, Trouble, Want};
use fullsource_format::digest::{DigestSet, GitId};
use fullsource_format::locator::HubKind;
use fullsource_format::path::RelPath;

use super::hub_repo::Repo;
use super::hub_server::HubServer;

/// Keeps what it is given; wants no bytes of files over a size.
#[derive(Default)]
pub struct Kept {
    pub files: Mutex<BTreeMap<String, Vec<u8>>>,
    pub words: Mutex<BTreeMap<String, DigestSet>>,
    pub submodules: Mutex<BTreeMap<String, GitId>>,
    pub word_over: Option<u64>,
}

pub fn text(path: &[u8]) -> String {
    String::from_utf8(path.to_vec()).unwrap()
}

impl Sink for Kept {
    fn want(&self, entry: &Entry<'_>) -> Want {
        let over = self.word_over.is_some_and(|limit| entry.size.unwrap() > limit);
        if over { Want::Word } else { Want::Bytes }
    }

    fn file(&self, entry: &Entry<'_>, bytes: &mut dyn Read) -> Result<(), SinkError> {
        let mut read = Vec::new();
        bytes.read_to_end(&mut read)?;
        assert_eq!(entry.size, Some(read.len() as u64));
        let before = self.files.lock().unwrap().insert(text(entry.path), read);
        assert!(before.is_none(), "a file counts once");
        Ok(())
    }

    fn word(&self, entry: &Entry<'_>, digests: &DigestSet) -> Result<(), SinkError> {
        self.words.lock().unwrap().insert(text(entry.path), digests.clone());
        Ok(())
    }

    fn symlink(&self, _: &[u8], _: &[u8]) -> Result<(), SinkError> {
        panic!("the hub tells of none")
    }

    fn submodule(&self, path: &[u8], commit: &GitId) -> Result<(), SinkError> {
        self.submodules.lock().unwrap().insert(text(path), *commit);
        Ok(())
    }
}

pub fn access(server: &HubServer, token: Option<&str>) -> HubAccess {
    let endpoint = server.endpoint();
    HubAccess::from_environment(&|name| match name {
        "HF_ENDPOINT" => Some(endpoint.clone()),
        "HF_TOKEN" => token.map(str::to_owned),
        _ => None,
    })
    .unwrap()
}

pub struct Look<'a> {
    pub server: &'a HubServer,
    pub repo: &'a Repo,
    pub commit: &'a str,
    pub path: Option<&'a str>,
    pub token: Option<&'a str>,
}

impl<'a> Look<'a> {
    pub fn at(server: &'a HubServer, repo: &'a Repo) -> Self {
        Self { server, repo, commit: &repo.commit, path: None, token: None }
    }

    pub fn path(self, path: &'a str) -> Self {
        Self { path: Some(path), ..self }
    }

    pub fn token(self, token: &'a str) -> Self {
        Self { token: Some(token), ..self }
    }

    pub fn hand_to(&self, sink: &Kept) -> Result<Told, Trouble> {
        let net = Net::new(Settings::danger_loopback()).unwrap();
        let progress = Progress::default();
        let threads = NonZeroUsize::MIN;
        let temporary = Path::new("/nonexistent");
        let context = Context { net: &net, progress: &progress, threads, temporary };
        let path: Option<RelPath> = self.path.map(|path| path.parse().unwrap());
        let place = HubPlace {
            kind: if self.repo.kind == "models" { HubKind::Models } else { HubKind::Datasets },
            name: self.repo.name,
            commit: self.commit.parse().unwrap(),
            path: path.as_ref(),
        };
        hub::look(&place, &access(self.server, self.token), &context, sink)
    }

    /// What the sink was given.
    pub fn seen(&self) -> (Told, BTreeMap<String, Vec<u8>>) {
        let sink = Kept::default();
        let told = self.hand_to(&sink).unwrap();
        (told, sink.files.into_inner().unwrap())
    }

    pub fn trouble(&self) -> Trouble {
        self.hand_to(&Kept::default()).unwrap_err()
    }
}

/// A repository with files of both kinds, in directories, with names of all kinds.
pub fn mixed() -> Repo {
    Repo::new("models", "org/name")
        .file("README.md", b"# model\n")
        .file("config.json", b"{}")
        .file("empty", b"")
        .file("a b/Gr\u{f6}\u{df}e #1?%41&+.txt", b"odd")
        .file("a b/-", b"dash")
        .lfs("model.safetensors", &b"weights ".repeat(10_000))
        .lfs("a b/deep/er/data.bin", &[7; 70_000])
}

pub fn contents(repo: &Repo) -> BTreeMap<String, Vec<u8>> {
    repo.files.iter().map(|(path, file)| (path.clone(), file.bytes.clone())).collect()
}
