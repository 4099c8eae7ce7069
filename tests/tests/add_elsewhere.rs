//! `fullsource add` on places elsewhere: real servers on loopback, with TLS under a throw-away
//! authority where a locator takes nothing less.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[allow(dead_code, unreachable_pub, reason = "no test needs all of it")]
#[path = "../../crates/fullsource-collect/tests/support"]
mod support {
    pub mod git_repository;
    pub mod git_server;
    pub mod http_server;
    pub mod hub_repo;
    pub mod hub_server;
    pub mod tls_front;
}

use std::fs;
use std::path::Path;

use fullsource_format::digest::Sha256;
use fullsource_tests::command::{Outcome, Place};
use serde_json::{Value, json};
use support::git_repository::Repository;
use support::git_server::GitServer;
use support::http_server::{HttpServer, Reply};
use support::hub_repo::{Gate, Repo};
use support::hub_server::{HubServer, MEMBER};
use support::tls_front::TlsFront;

/// A release, and how its producer asks servers.
struct Producer {
    place: Place,
    environment: String,
    options: Vec<String>,
}

impl Producer {
    fn new() -> Self {
        // Neither a token nor a proxy of whoever runs the tests.
        let environment = "export HF_HUB_DISABLE_IMPLICIT_TOKEN=1; unset HF_TOKEN DOCKER_CONFIG \
                           HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy";
        Self { place: Place::new(), environment: environment.to_owned(), options: Vec::new() }
    }

    /// Who allows a server with TLS, and trusts its authority.
    fn trusting(authority: &str, port: u16) -> Self {
        let mut it = Self::new();
        fs::write(it.place.at("ca.pem"), authority).unwrap();
        let host = format!("127.0.0.1:{port}");
        it.options = ["--allow-host", &host, "--ca-file", "ca.pem"].map(str::to_owned).to_vec();
        it
    }

    /// Who uses a hub on loopback.
    fn with_hub(server: &HubServer) -> Self {
        let mut it = Self::new();
        it.environment += &format!("; export HF_ENDPOINT={}", server.endpoint());
        for url in [server.hub.url(""), server.store.url("")] {
            it.allow(&format!("http://localhost:{}", url.port().unwrap()));
        }
        it
    }

    fn allow(&mut self, host: &str) {
        self.options.extend(["--allow-host".to_owned(), host.to_owned()]);
    }

    fn run(&self, args: &[&str]) -> Outcome {
        let options = self.options.iter().map(String::as_str);
        let args: Vec<&str> = args.iter().copied().chain(options).collect();
        self.place.command(&args).shell(&self.environment).run()
    }

    fn add(&self, role: &str, locator: &str, more: &[&str]) -> Outcome {
        self.run(&[&["add", role, locator, "--manifest", "demo"], more].concat())
    }

    /// The artifact that was added last, or the one with an id.
    fn artifact(&self, id: &str) -> Value {
        let manifest: Value = serde_json::from_str(&self.manifest()).unwrap();
        let all = manifest["artifacts"].as_array().unwrap();
        let found = all.iter().find(|artifact| artifact["id"] == id);
        found.unwrap_or_else(|| panic!("no `{id}`: {manifest}")).clone()
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.place.at("demo/fullsource.json")).unwrap()
    }

    /// Fails where an outcome is another, or where anything was written.
    #[track_caller]
    fn refused(&self, role: &str, locator: &str, more: &[&str], exit: i32, says: &[&str]) {
        let before = self.place.listing();
        self.add(role, locator, more).expect(exit, says);
        assert_eq!(self.place.listing(), before, "{locator}");
    }
}

/// Repositories below a directory, by git's own server behind TLS.
fn git_over_tls(root: &Path) -> (TlsFront, u16) {
    let url: url::Url = GitServer::start(root).url("", "").parse().unwrap();
    let front = TlsFront::before(([127, 0, 0, 1], url.port().unwrap()).into());
    let port = front.address.port();
    (front, port)
}

/// A repository with a program under an MIT licence, and the id of its commit.
fn trainer(root: &Path) -> (Repository, String) {
    let repository = Repository::init(&root.join("train.git"), "sha1");
    repository.write("src/train.py", "print(1)\n");
    let license = Path::new(env!("CARGO_MANIFEST_DIR")).join("../LICENSE-MIT");
    repository.write("LICENSE", fs::read(license).unwrap());
    let commit = repository.commit("one");
    (repository, commit)
}

#[test]
fn a_branch_and_a_tag_are_pinned_to_their_commits() {
    let root = tempfile::tempdir().unwrap();
    let (repository, first) = trainer(root.path());
    repository.git(["tag", "--annotate", "--message", "one", "v1"]);
    let tag = repository.id("v1");
    repository.write("src/more.py", "print(2)\n");
    let second = repository.commit("two");
    let (front, port) = git_over_tls(root.path());
    let it = Producer::trusting(&front.authority, port);
    let place = format!("127.0.0.1:{port}/plain/train.git");

    let told = it.add("code.training", &format!("git+https://{place}@main"), &["--id", "now"]);
    told.expect(0, &["the branch `main` was at", &second, "license   MIT"]);
    let now = it.artifact("now");
    assert_eq!(now["locators"], json!([format!("git+https://{place}@{second}")]));
    assert_eq!(now["digest"]["gitTree"], repository.id("HEAD^{tree}"));
    assert_eq!(now["digest"]["dirHash"].as_str().unwrap().len(), 64);
    assert_eq!(now["license"], "MIT");
    assert_eq!(now["licenseFiles"], json!([{ "path": "LICENSE" }]));
    assert_eq!(now.get("availability"), None);

    // An annotated tag has an id of its own, which is no commit's.
    assert_ne!(tag, first);
    let told = it.add("code.evaluation", &format!("git+https://{place}@v1"), &["--path", "src"]);
    told.expect(0, &["the tag `v1` was at", &first]);
    let tagged = it.artifact("train-src");
    assert_eq!(tagged["locators"], json!([format!("git+https://{place}@{first}#path=src")]));
    assert_eq!(tagged["size"], 9);

    it.add("code.inference", &format!("https://{place}"), &["--id", "head"]).expect(0, &["main"]);
    assert_eq!(it.artifact("head")["locators"], now["locators"]);

    // What was recorded is what a verifier finds there.
    it.place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
    it.run(&["verify", "demo", "--key", "alice.pub"]).expect(0, &["PASS", "5 verified"]);
}

#[test]
fn what_does_not_answer_as_it_should_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    trainer(root.path());
    let (front, port) = git_over_tls(root.path());
    let it = Producer::trusting(&front.authority, port);
    let at = |path: &str| format!("git+https://127.0.0.1:{port}/{path}");
    let repository = at("plain/train.git");
    let missing = ["error[artifact-absent]", "no branch, no tag and no commit `nowhere`"];
    it.refused("code.training", &format!("{repository}@nowhere"), &[], 4, &missing);
    let short = format!("{repository}@0badc0de");
    it.refused("code.training", &short, &[], 4, &["all 40 or 64 digits"]);
    let no_path = format!("{repository}@main#path=nowhere");
    it.refused("code.training", &no_path, &[], 4, &["error[artifact-absent]"]);
    it.refused("code.training", &at("404/train.git"), &[], 4, &["error[artifact-absent]"]);
    it.refused("code.training", &at("403/train.git"), &[], 4, &["error[artifact-unchecked]"]);
    it.refused(
        "code.training",
        &repository,
        &["--offline"],
        4,
        &["error[artifact-unchecked]", "offline"],
    );
    it.refused("code.training", &repository, &["--max-bytes", "100"], 4, &["--max-bytes"]);

    let stranger = Producer::new();
    stranger.refused("code.training", &repository, &[], 4, &["not public", "--allow-host"]);
    let allow = format!("127.0.0.1:{port}");
    let allowed = ["--allow-host", &allow, "--timeout", "5s"];
    stranger.refused("code.training", &repository, &allowed, 4, &["does not answer"]);
}

#[test]
fn a_repository_on_this_machine_is_recorded_as_gated() {
    let it = Producer::new();
    let (_, commit) = trainer(&it.place.path().canonicalize().unwrap());
    let locator =
        format!("git+file://{}/train.git", it.place.path().canonicalize().unwrap().display());
    it.add("code.training", &locator, &["--offline"]).expect(0, &["it lies on this machine"]);
    let added = it.artifact("train");
    assert_eq!(added["locators"], json!([format!("{locator}@{commit}")]));
    assert_eq!(added["availability"], "gated");
    it.refused("code.training", &format!("{locator}@nowhere"), &[], 4, &["no branch"]);
}

#[test]
fn a_file_and_what_is_in_an_archive() {
    let it = Producer::new();
    it.place.prepare(
        "mkdir -p served/corpus-1/data; echo one > served/corpus-1/data/a.txt; \
         echo read me > served/corpus-1/README.md; tar -C served -czf served/corpus-1.tar.gz corpus-1",
    );
    let served = it.place.at("served");
    let server = HttpServer::start_tls(move |asked| {
        let file = fs::read(served.join(&asked.target[1..]));
        file.map_or_else(|_| Reply::status(404), |bytes| Reply::file(asked, &bytes, "\"1\""))
    });
    let it = Producer { place: it.place, ..Producer::trusting(server.authority(), server.port()) };
    fs::write(it.place.at("ca.pem"), server.authority()).unwrap();
    let at = |path: &str| format!("https://127.0.0.1:{}/{path}", server.port());

    it.add("data.sft", &at("corpus-1/data/a.txt"), &["--license", "CC0-1.0"]).expect(0, &[]);
    let file = it.artifact("a.txt");
    assert_eq!(file["digest"]["sha256"], Sha256::of(b"one\n").to_string());
    assert_eq!(file["digest"]["blake3"].as_str().unwrap().len(), 64);
    assert_eq!((&file["size"], &file["license"]), (&json!(4), &json!("CC0-1.0")));

    let archive = at("corpus-1.tar.gz");
    it.add("data.pretraining", &archive, &[]).expect(0, &["recorded is what is in it"]);
    let whole = it.artifact("corpus-1");
    let packed = fs::read(it.place.at("served/corpus-1.tar.gz")).unwrap();
    let pinned = json!([{ "uri": archive, "sha256": Sha256::of(&packed).to_string() }]);
    assert_eq!(whole["locators"], pinned);
    assert_eq!(whole["size"], 12);
    let selected = format!("{archive}#path=corpus-1/data");
    it.add("data.sft", &selected, &[]).expect(0, &[]);
    let part = it.artifact("corpus-1-data");
    assert_eq!(part["locators"][0]["uri"], selected);
    assert_ne!(part["digest"]["dirHash"], whole["digest"]["dirHash"]);
    let dir_hash = it.place.run(&["digest", "served/corpus-1/data"]).stdout;
    assert!(dir_hash.contains(part["digest"]["dirHash"].as_str().unwrap()), "{dir_hash}");

    it.refused("data.sft", &at("nowhere.txt"), &[], 4, &["error[artifact-absent]", "404"]);
    it.refused("data.sft", &format!("{archive}#path=no"), &[], 4, &["error[artifact-absent]"]);
    let no_archive = format!("{}#path=x", at("corpus-1/README.md"));
    it.refused("data.sft", &no_archive, &[], 4, &["no archive"]);
}

#[test]
fn a_repository_of_the_hub_at_its_default_branch() {
    let open = Repo::new("datasets", "lab/texts").file("README.md", b"---\nlicense: mit\n---\n");
    let open = open.lfs("data/train.parquet", b"rows and rows");
    let gated = Repo::new("models", "lab/base").lfs("model.safetensors", b"weights");
    let gated = gated.gate(Gate::Files);
    let commit = open.commit.clone();
    let server = HubServer::start(vec![open, gated]);
    let it = Producer::with_hub(&server);

    let told = it.add("data.pretraining", "lab/texts", &[]);
    told.expect(0, &["the default branch was at", "taken for the data set"]);
    let texts = it.artifact("texts");
    assert_eq!(texts["locators"], json!([format!("hf:datasets/lab/texts@{commit}")]));
    assert_eq!(texts["digest"]["dirHash"].as_str().unwrap().len(), 64);
    assert_eq!(texts.get("availability"), None);
    let file = "hf:datasets/lab/texts@main#path=data/train.parquet";
    it.add("data.sft", file, &[]).expect(0, &["the revision `main`"]);
    let file = it.artifact("texts-train.parquet");
    assert_eq!(file["digest"]["sha256"], Sha256::of(b"rows and rows").to_string());

    it.refused("model.base", "lab/base", &[], 4, &["error[artifact-unchecked]", "HF_TOKEN"]);
    it.refused("data.sft", "lab/texts@nowhere", &[], 4, &["error[artifact-absent]"]);
    let login = format!("; export HF_HUB_DISABLE_IMPLICIT_TOKEN= HF_TOKEN={MEMBER}");
    let member = Producer { environment: it.environment.clone() + &login, ..it };
    let told = member.add("model.base", "lab/base", &[]);
    told.expect(0, &["it was read with a credential: recorded as `gated`", "access    gated"]);
    assert!(!format!("{told:?}").contains(MEMBER));
    assert_eq!(member.artifact("base")["availability"], "gated");
}

#[test]
fn the_tag_of_a_registry_is_pinned_to_a_digest() {
    let layer = b"weights".to_vec();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.empty.v1+json",
            "digest": format!("sha256:{}", Sha256::of(b"{}")), "size": 2,
        },
        "layers": [{
            "mediaType": "application/octet-stream",
            "digest": format!("sha256:{}", Sha256::of(&layer)), "size": layer.len(),
        }],
    });
    let manifest = manifest.to_string().into_bytes();
    let digest = Sha256::of(&manifest).to_string();
    let blob = format!("/v2/lab/model/blobs/sha256:{}", Sha256::of(&layer));
    let (pinned, weights) = (format!("/v2/lab/model/manifests/sha256:{digest}"), layer.clone());
    let server = HttpServer::start_tls(move |asked| match asked.target.as_str() {
        "/v2/" => Reply::ok("{}"),
        "/v2/lab/model/manifests/v1" => oci_manifest(&manifest),
        path if path == pinned => oci_manifest(&manifest),
        path if path == blob => Reply::ok(weights.clone()),
        path if path.contains("/blobs/") => Reply::ok("{}"),
        _ => Reply::status(404),
    });
    let it = Producer::trusting(server.authority(), server.port());
    let image = format!("oci:127.0.0.1:{}/lab/model", server.port());
    it.add("model.base", &format!("{image}:v1"), &[]).expect(0, &["the tag `v1` was at", &digest]);
    let added = it.artifact("model");
    assert_eq!(added["locators"], json!([format!("{image}@sha256:{digest}")]));
    assert_eq!(added["digest"]["sha256"], Sha256::of(&layer).to_string());
    it.refused("model.base", &format!("{image}:v2"), &[], 4, &["error[artifact-absent]"]);
}

fn oci_manifest(bytes: &[u8]) -> Reply {
    Reply::ok(bytes).header("content-type", "application/vnd.oci.image.manifest.v1+json")
}
