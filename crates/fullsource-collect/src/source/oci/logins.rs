//! Who asks a registry: what docker's `config.json` says of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_format::limits;
use serde::Deserialize;

/// User names and passwords of registries.
///
/// Credential helpers are other programs and are not run.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Logins {
    /// Registry, and `USER:PASSWORD` in base64.
    basic: BTreeMap<String, String>,
}

/// Why a file of logins cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoginsError {
    /// The file cannot be opened or read.
    #[error("`{0}` cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    /// The file is no `config.json` of docker. What it says instead is not shown: it may be secret.
    #[error("`{0}` is no `config.json` of docker, as `docker login` writes it")]
    Form(PathBuf),
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Login>,
}

#[derive(Deserialize)]
struct Login {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

impl Logins {
    /// Nobody.
    pub fn none() -> Self {
        Self::default()
    }

    /// Those of a file: `~/.docker/config.json`, or wherever `DOCKER_CONFIG` and `REGISTRY_AUTH_FILE`
    /// say. A file that is not there has none.
    pub fn read(path: &Path) -> Result<Self, LoginsError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::none()),
            Err(error) => return Err(LoginsError::File(path.to_owned(), error)),
        };
        let form = || LoginsError::Form(path.to_owned());
        if bytes.len() > limits::POLICY_BYTES {
            return Err(form());
        }
        let config: Config = serde_json::from_slice(&bytes).map_err(|_| form())?;
        let known = config.auths.into_iter();
        let basic =
            known.filter_map(|(registry, login)| Some((host_of(&registry), login.basic()?)));
        Ok(Self { basic: basic.collect() })
    }

    /// The value of `Authorization` for a registry.
    pub(super) fn of(&self, registry: &str) -> Option<String> {
        self.basic.get(registry).map(|basic| format!("Basic {basic}"))
    }
}

impl Login {
    fn basic(self) -> Option<String> {
        let pair = match (self.auth, self.username, self.password) {
            (Some(auth), _, _) if !auth.is_empty() => {
                String::from_utf8(STANDARD.decode(auth).ok()?).ok()?
            }
            (_, Some(user), Some(password)) => format!("{user}:{password}"),
            _ => return None,
        };
        // An identity token stands beside an empty password.
        let (user, password) = pair.split_once(':')?;
        let whole = !user.is_empty() && !password.is_empty();
        whole.then(|| STANDARD.encode(pair.as_bytes()))
    }
}

/// `https://index.docker.io/v1/` and `ghcr.io` alike.
fn host_of(registry: &str) -> String {
    let bare = registry.split_once("://").map_or(registry, |(_, rest)| rest);
    let host = bare.split('/').next().unwrap_or_default().to_ascii_lowercase();
    match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        _ => host,
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.basic.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]
    use super::*;

    #[test]
    fn what_docker_login_writes_is_read_and_never_shown() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        let config = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "dTpodXNo"},
            "r.example:5000": {"username": "a", "password": "b"}, "t.example": {"auth": "dTo="},
            "e.example": {}}, "credsStore": "x"}"#;
        std::fs::write(&path, config).unwrap();
        let logins = Logins::read(&path).unwrap();
        assert_eq!(logins.of("docker.io").unwrap(), "Basic dTpodXNo");
        assert_eq!(logins.of("r.example:5000").unwrap(), "Basic YTpi");
        assert_eq!(logins.of("t.example"), None);
        assert_eq!(logins.of("e.example"), None);
        assert_eq!(format!("{logins:?}"), r#"{"docker.io", "r.example:5000"}"#);
        std::fs::write(&path, "hush").unwrap();
        assert!(!Logins::read(&path).unwrap_err().to_string().contains("hush"));
        assert_eq!(Logins::read(&directory.path().join("none")).unwrap(), Logins::none());
    }
}
