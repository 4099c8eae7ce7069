//! A real OCI registry (`docker-registry`), what is pushed to it, and looks at it.

#![allow(dead_code, reason = "each test uses a part")]

use std::num::NonZeroUsize;
use std::path::PathBuf;

use fullsource_collect::net::{Net, Settings};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::oci::{Logins, look, resolve};
use fullsource_collect::source::{Context, Told, Trouble};
use fullsource_format::digest::Sha256;

use crate::gathering_sink::GatheringSink;
use crate::server::Server;

/// `u:hush-hush`, as `htpasswd -B` writes it.
const HTPASSWD: &str = "u:$2y$05$CGJtEdd393/QAwtfXCD0.uv1wlxPYpFWv0MlvQOUHy4tyx/rjtPhu\n";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const EMPTY: &str = "application/vnd.oci.empty.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// `u:hush-hush` in base64.
pub(crate) const LOGIN: &str = "dTpodXNoLWh1c2g=";

pub(crate) struct Registry {
    pub(crate) server: Server,
    storage: tempfile::TempDir,
    authorization: Option<String>,
}

impl Registry {
    /// A registry for anybody.
    pub(crate) fn open() -> Self {
        Self::start("", None)
    }

    /// A registry that wants a user name and a password.
    pub(crate) fn with_password() -> Self {
        let auth = "auth:\n  htpasswd:\n    realm: r\n    path: DIRECTORY/htpasswd\n";
        Self::start(auth, Some(format!("Basic {LOGIN}")))
    }

    fn start(auth: &str, authorization: Option<String>) -> Self {
        let storage = tempfile::tempdir().unwrap();
        let directory = storage.path().to_str().unwrap().to_owned();
        std::fs::write(storage.path().join("htpasswd"), HTPASSWD).unwrap();
        let auth = auth.replace("DIRECTORY", &directory);
        let install = "apt-get install docker-registry";
        let server = Server::start("docker-registry", install, |command, address| {
            let config = format!(
                "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {directory}\n\
                 http:\n  addr: {address}\n{auth}"
            );
            let path = storage.path().join("config.yml");
            std::fs::write(&path, config).unwrap();
            command.arg("serve").arg(path);
        });
        Self { server, storage, authorization }
    }

    /// `REGISTRY/NAME` of the repository that everything is pushed to.
    pub(crate) fn name(&self) -> String {
        format!("{}/org/model", self.server.address)
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        let authorization = self.authorization.as_deref();
        authorization.map(|value| ("authorization", value)).into_iter().collect()
    }

    /// Pushes a blob, and gives what a manifest says of it.
    pub(crate) fn blob(&self, kind: &str, bytes: &[u8]) -> serde_json::Value {
        let digest = format!("sha256:{}", Sha256::of(bytes));
        let headers = self.headers();
        let started = self.server.ask("POST", "/v2/org/model/blobs/uploads/", &headers, b"");
        assert_eq!(started.status, 202);
        let location = started.header("location").unwrap();
        let path = location.split_once("://").unwrap().1.split_once('/').unwrap().1;
        let path = format!("/{path}&digest={digest}");
        let mut headers = headers.clone();
        headers.push(("content-type", "application/octet-stream"));
        assert_eq!(self.server.ask("PUT", &path, &headers, bytes).status, 201);
        serde_json::json!({"mediaType": kind, "digest": digest, "size": bytes.len()})
    }

    /// The same with the name of a file.
    pub(crate) fn titled(&self, title: &str, bytes: &[u8]) -> serde_json::Value {
        let mut blob = self.blob("application/octet-stream", bytes);
        blob["annotations"] = serde_json::json!({"org.opencontainers.image.title": title});
        blob
    }

    /// Pushes the manifest of some layers.
    pub(crate) fn manifest(&self, config: &str, layers: &[serde_json::Value]) -> Pushed {
        let config = self.blob(config, b"{}");
        self.push(
            MANIFEST,
            &serde_json::json!({
                "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
            }),
        )
    }

    pub(crate) fn push(&self, kind: &str, manifest: &serde_json::Value) -> Pushed {
        let bytes = serde_json::to_vec(manifest).unwrap();
        let mut headers = self.headers();
        headers.push(("content-type", kind));
        let digest = Sha256::of(&bytes);
        for reference in [format!("sha256:{digest}"), "v1".to_owned()] {
            let path = format!("/v2/org/model/manifests/{reference}");
            let answer = self.server.ask("PUT", &path, &headers, &bytes);
            assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        }
        Pushed { digest, bytes }
    }

    /// The file in which the registry keeps a blob.
    pub(crate) fn file(&self, digest: &Sha256) -> PathBuf {
        let digits = digest.to_string();
        let path = format!("docker/registry/v2/blobs/sha256/{}/{digits}/data", &digits[..2]);
        self.storage.path().join(path)
    }
}

/// A manifest as it was pushed.
pub(crate) struct Pushed {
    pub(crate) digest: Sha256,
    pub(crate) bytes: Vec<u8>,
}

impl Pushed {
    /// What an index says of it.
    pub(crate) fn descriptor(&self) -> serde_json::Value {
        let digest = format!("sha256:{}", self.digest);
        serde_json::json!({"mediaType": MANIFEST, "digest": digest, "size": self.bytes.len()})
    }
}

pub(crate) struct Look {
    pub(crate) logins: Logins,
    pub(crate) settings: Settings,
    pub(crate) sink: GatheringSink,
}

impl Look {
    pub(crate) fn new() -> Self {
        let sink = GatheringSink::default();
        Self { logins: Logins::none(), settings: Settings::danger_loopback(), sink }
    }

    /// With the login `u:hush-hush` at a registry.
    pub(crate) fn with_login(mut self, registry: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        let config = serde_json::json!({"auths": {registry: {"auth": LOGIN}}});
        std::fs::write(&path, config.to_string()).unwrap();
        self.logins = Logins::read(&path).unwrap();
        self
    }

    pub(crate) fn at(&self, name: &str, digest: &Sha256) -> Result<Told, Trouble> {
        self.within(|context| look(name, digest, &self.logins, context, &self.sink))
    }

    pub(crate) fn resolve(&self, reference: &str) -> Result<Sha256, Trouble> {
        self.within(|context| resolve(reference, &self.logins, context))
    }

    fn within<T>(&self, work: impl FnOnce(&Context<'_>) -> T) -> T {
        let net = Net::new(self.settings.clone()).unwrap();
        let (progress, temporary) = (Progress::default(), tempfile::tempdir().unwrap());
        work(&Context {
            net: &net,
            progress: &progress,
            threads: NonZeroUsize::new(3).unwrap(),
            temporary: temporary.path(),
        })
    }
}
