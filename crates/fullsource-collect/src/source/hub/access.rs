//! Which hub is asked, and with what token. Taken from an environment that is handed in.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use url::Url;

/// The hub that `hf:` locators mean where the environment names no other.
const ENDPOINT: &str = "https://huggingface.co";
/// Bytes of a token file; a token has some 40.
const TOKEN_BYTES: u64 = 8 << 10;

/// A hub, and the token for it.
#[derive(Debug, Clone)]
pub struct HubAccess {
    /// Where the hub answers: scheme, host and perhaps a path, without a `/` at its end.
    endpoint: String,
    /// Sent to the endpoint's origin alone, and only where it refuses to answer without.
    token: Option<Secret>,
}

/// Why an environment gives no access.
#[derive(Debug, thiserror::Error)]
pub enum HubAccessError {
    /// `HF_ENDPOINT` is no address.
    #[error("`HF_ENDPOINT` is no `https:` address without user name, query and fragment")]
    Endpoint,
    /// The token file is there and cannot be read.
    #[error("the token file `{}` cannot be read: {source}", path.display())]
    TokenFile {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The token has characters that no header can have. It is not shown.
    #[error("the hub token from {0} is not one word of ASCII characters")]
    Token(&'static str),
}

/// A credential. It has no text form, so that no message can show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The credential itself, for the one header that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// A token as a variable or a file holds it; `None` where that is empty.
    fn read(text: &str, from: &'static str) -> Result<Option<Self>, HubAccessError> {
        match text.trim() {
            "" => Ok(None),
            token if token.bytes().all(|b| b.is_ascii_graphic()) => {
                Ok(Some(Self(token.to_owned())))
            }
            _ => Err(HubAccessError::Token(from)),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl HubAccess {
    /// The access that the hub's own tools would have with these environment variables: `HF_ENDPOINT`;
    /// `HF_TOKEN`, or else the file that `HF_TOKEN_PATH`, `HF_HOME`, `XDG_CACHE_HOME` or `HOME` lead to.
    /// `HF_HUB_DISABLE_IMPLICIT_TOKEN` switches tokens off. Reads the token file.
    pub fn from_environment(
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, HubAccessError> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
        let endpoint = read_endpoint(&endpoint).ok_or(HubAccessError::Endpoint)?;
        Ok(Self { endpoint, token: find_token(&set)? })
    }

    /// Where the hub answers, without a `/` at its end.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The token, where there is one.
    pub(crate) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }
}

fn read_endpoint(text: &str) -> Option<String> {
    let url: Url = text.trim().parse().ok()?;
    // Whether `http` may be is for the network layer to say, by the hosts that it allows.
    let plain = matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then(|| url.as_str().trim_end_matches('/').to_owned())
}

fn find_token(set: &dyn Fn(&str) -> Option<String>) -> Result<Option<Secret>, HubAccessError> {
    let off = set("HF_HUB_DISABLE_IMPLICIT_TOKEN");
    if off
        .is_some_and(|off| matches!(off.to_ascii_uppercase().as_str(), "1" | "ON" | "YES" | "TRUE"))
    {
        return Ok(None);
    }
    if let Some(token) = set("HF_TOKEN") {
        return Secret::read(&token, "`HF_TOKEN`");
    }
    let Some(path) = token_path(set) else { return Ok(None) };
    match read_file(&path) {
        Ok(text) => Secret::read(&text, "the token file"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(HubAccessError::TokenFile { path, source }),
    }
}

fn token_path(set: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let home = set("HOME").map(PathBuf::from);
    let directory = |name: &str| {
        let text = set(name)?;
        match (text.strip_prefix("~/"), &home) {
            (Some(below), Some(home)) => Some(home.join(below)),
            _ => Some(PathBuf::from(text)),
        }
    };
    let cache = || directory("XDG_CACHE_HOME").or_else(|| Some(home.as_ref()?.join(".cache")));
    directory("HF_TOKEN_PATH").or_else(|| {
        let hub_home = directory("HF_HOME").or_else(|| Some(cache()?.join("huggingface")))?;
        Some(hub_home.join("token"))
    })
}

fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(TOKEN_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(variables: &[(&str, &str)]) -> Result<HubAccess, HubAccessError> {
        let variables: std::collections::HashMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        HubAccess::from_environment(&|name| variables.get(name).cloned())
    }

    fn token(variables: &[(&str, &str)]) -> Option<String> {
        access(variables).unwrap().token().map(|token| token.expose().to_owned())
    }

    #[test]
    fn an_empty_environment_means_the_hub_and_no_token() {
        let access = access(&[]).unwrap();
        assert_eq!(access.endpoint(), "https://huggingface.co");
        assert!(access.token().is_none());
    }

    #[test]
    fn the_endpoint_may_have_a_path_and_nothing_else() {
        let endpoint = |text| access(&[("HF_ENDPOINT", text)]).map(|access| access.endpoint);
        assert_eq!(endpoint("https://hub.example/mirror/").unwrap(), "https://hub.example/mirror");
        assert_eq!(endpoint(" https://Hub.Example ").unwrap(), "https://hub.example");
        for bad in [
            "hub.example",
            "ftp://hub.example",
            "https://u:p@hub.example",
            "https://h/?x=1",
            "https://h/#x",
        ] {
            assert!(matches!(endpoint(bad), Err(HubAccessError::Endpoint)), "{bad}");
        }
    }

    #[test]
    fn a_token_is_found_where_the_hub_keeps_it() {
        let home = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let root = home.path().to_str().unwrap();
        assert_eq!(token(&[("HOME", root)]), None);
        write(".cache/huggingface/token", "hf_home\n");
        let other = write("other/token", " hf_other \r\n");
        let xdg = write("xdg/huggingface/token", "hf_xdg");
        let xdg = xdg.strip_suffix("/huggingface/token").unwrap();
        assert_eq!(token(&[("HOME", root)]).unwrap(), "hf_home");
        assert_eq!(token(&[("HOME", root), ("XDG_CACHE_HOME", xdg)]).unwrap(), "hf_xdg");
        assert_eq!(token(&[("HOME", root), ("HF_HOME", "~/other")]).unwrap(), "hf_other");
        assert_eq!(token(&[("HOME", root), ("HF_TOKEN_PATH", &other)]).unwrap(), "hf_other");
        assert_eq!(token(&[("HOME", root), ("HF_TOKEN", "hf_env")]).unwrap(), "hf_env");
        assert_eq!(token(&[("HOME", root), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "true")]), None);
    }

    #[test]
    fn a_token_that_no_header_can_have_is_refused_and_not_shown() {
        let error = access(&[("HF_TOKEN", "hf_se cret")]).unwrap_err();
        assert!(!error.to_string().contains("cret"), "{error}");
        let shown = format!("{:?}", access(&[("HF_TOKEN", "hf_secret")]).unwrap());
        assert!(!shown.contains("hf_secret"), "{shown}");
    }
}
