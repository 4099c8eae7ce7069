//! Software Heritage ids are those that `swh.model` gives, and git's own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

mod support;

use std::os::unix::fs::{PermissionsExt as _, symlink};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_collect::swhid::Swhid;
use fullsource_format::evidence::ContentFactKind;
use serde_json::Value;
use support::git_repository::Repository;
use support::git_server::{GitServer, root};
use support::looking::*;

/// Makes the case's directory, and the commit that the vectors are of.
fn committed(repository: &Repository, case: &Value) -> String {
    for file in case["files"].as_array().unwrap() {
        let name = file["path"].as_str().unwrap();
        let path = repository.path.join(name);
        match file["symlink"].as_str() {
            Some(target) => symlink(target, path).unwrap(),
            None => {
                let content = STANDARD.decode(file["contentBase64"].as_str().unwrap()).unwrap();
                repository.write(name, &content);
                let mode = u32::from_str_radix(file["mode"].as_str().unwrap(), 8).unwrap();
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }
    repository.commit("msg")
}

#[test]
fn ids_are_those_of_the_vectors() {
    let vectors = include_str!("../testdata/git-swhids.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let (_keep, root) = root();
    let server = GitServer::start(&root);
    for case in vectors["cases"].as_array().unwrap() {
        for format in ["sha1", "sha256"] {
            let name = format!("{}-{format}", case["name"].as_str().unwrap());
            let repository = Repository::init(&root.join(&name), format);
            let commit = committed(&repository, case);
            assert_eq!(commit, case["gitCommit"][format], "{name}");
            let (told, _) = seen(&at(&server.url("plain", &name), &commit));
            let ids = facts(&told, ContentFactKind::Swhid);
            if format == "sha256" {
                assert_eq!(ids, [""; 0], "{name}");
            } else {
                let expected = [&case["swhidRev"], &case["swhidDir"]];
                assert_eq!(ids, expected.map(|id| id.as_str().unwrap()), "{name}");
            }
        }
        for file in case["files"].as_array().unwrap() {
            let Some(content) = file["contentBase64"].as_str() else { continue };
            let id = Swhid::of_bytes(&STANDARD.decode(content).unwrap()).unwrap().to_string();
            assert_eq!(id, format!("swh:1:cnt:{}", file["gitBlob"]["sha1"].as_str().unwrap()));
        }
    }
}
