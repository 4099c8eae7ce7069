//! Where the files of a release lie: beside its bundle.

use fullsource_format::locator::{HubKind, Locator, LocatorError};
use url::Url;

use crate::net::{Net, Request, Response};
use crate::source::hub::{HubAccess, Secret};
use crate::source::{Trouble, TroubleKind};

/// The directory that paths are resolved against.
#[derive(Clone)]
pub struct Base {
    directory: Url,
    token: Option<Secret>,
}

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::net::shown(&self.directory))
    }
}

/// Why a text names no place that a release can be fetched from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// Not an address.
    #[error("`{0}` is neither an https: address nor hf:models/ORG/NAME@COMMIT")]
    Form(String),
    /// A user name or a password in it.
    #[error("an address holds no user name or password")]
    UserInfo,
    /// A hub locator that is not pinned, or not one.
    #[error(transparent)]
    Locator(#[from] LocatorError),
}

impl Base {
    /// The directory in which a bundle lies. The bundle's query and fragment are its own.
    pub fn beside(bundle: &Url) -> Result<Self, BaseError> {
        let mut directory = checked(bundle.clone())?;
        let mut segments = directory.path_segments_mut().map_err(|()| form(bundle))?;
        segments.pop().push("");
        drop(segments);
        Ok(Self { directory, token: None })
    }

    /// A directory by its own address, with or without a `/` at its end.
    pub fn directory(address: &Url) -> Result<Self, BaseError> {
        let mut directory = checked(address.clone())?;
        let mut segments = directory.path_segments_mut().map_err(|()| form(address))?;
        segments.pop_if_empty().push("");
        drop(segments);
        Ok(Self { directory, token: None })
    }

    /// A repository of a hub at a commit, or a directory of it. A token is shown to the hub alone, and
    /// only where it does not answer without.
    pub fn hub(locator: &str, hub: &HubAccess) -> Result<Self, BaseError> {
        let Locator::Hub { kind, name, commit, path } = locator.parse()? else {
            return Err(BaseError::Form(locator.to_owned()));
        };
        let endpoint = || BaseError::Form(hub.endpoint().to_owned());
        let mut directory = checked(hub.endpoint().parse().map_err(|_| endpoint())?)?;
        let mut segments = directory.path_segments_mut().map_err(|()| endpoint())?;
        segments.pop_if_empty();
        if kind == HubKind::Datasets {
            segments.push("datasets");
        }
        segments.extend(name.split('/')).push("resolve").push(&commit.to_string());
        segments.extend(path.iter().flat_map(|path| path.parts())).push("");
        drop(segments);
        Ok(Self { directory, token: hub.token().cloned() })
    }

    /// The address of a file below.
    pub fn file(&self, path: &str) -> Url {
        let mut url = self.directory.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }

    /// The bytes of a small file below.
    pub fn document(&self, net: &Net, path: &str, limit: u64) -> Result<Vec<u8>, Trouble> {
        self.send(net, Request::get(&self.file(path)))?.into_bytes(limit)
    }

    /// Asks without a credential first; with it where the door is closed.
    pub(super) fn send(&self, net: &Net, request: Request) -> Result<Response, Trouble> {
        match (net.send(&request), &self.token) {
            (Err(closed), Some(token)) if closed.kind == TroubleKind::Closed => {
                let token = format!("Bearer {}", token.expose());
                net.send(&request.secret("authorization", &token))
            }
            (answer, _) => answer,
        }
    }
}

fn checked(mut url: Url) -> Result<Url, BaseError> {
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return Err(form(&url));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BaseError::UserInfo);
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn form(url: &Url) -> BaseError {
    BaseError::Form(crate::net::shown(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn files_lie_beside_their_bundle_and_every_part_is_encoded() {
        let bundle = url("https://example.org/a%20b/fullsource.sigstore.json?token=1#x");
        let base = Base::beside(&bundle).unwrap();
        for (path, address) in [
            ("model.safetensors", "https://example.org/a%20b/model.safetensors"),
            ("tokenizer/vocab.txt", "https://example.org/a%20b/tokenizer/vocab.txt"),
            ("a b?c#d%2e", "https://example.org/a%20b/a%20b%3Fc%23d%252e"),
            ("%2e%2e/x", "https://example.org/a%20b/%252e%252e/x"),
            ("模型", "https://example.org/a%20b/%E6%A8%A1%E5%9E%8B"),
            ("http://x:y@z", "https://example.org/a%20b/http://x:y@z"),
        ] {
            let encoded = base.file(path);
            assert_eq!(encoded.host_str(), Some("example.org"));
            if !path.contains("//") {
                assert_eq!(encoded.as_str(), address);
            }
        }
        let root = Base::beside(&url("https://example.org/b.json")).unwrap();
        assert_eq!(root.file("c").as_str(), "https://example.org/c");
    }

    #[test]
    fn a_directory_may_be_named_with_or_without_its_slash() {
        for text in ["https://example.org/a", "https://example.org/a/"] {
            let base = Base::directory(&url(text)).unwrap();
            assert_eq!(base.file("b/c").as_str(), "https://example.org/a/b/c");
        }
        assert_eq!(Base::directory(&url("https://u:p@h/a")).unwrap_err(), BaseError::UserInfo);
        for text in ["file:///etc", "data:,x", "ftp://example.org/"] {
            assert!(matches!(Base::directory(&url(text)), Err(BaseError::Form(_))), "{text}");
        }
    }

    #[test]
    fn a_hub_serves_files_of_a_commit() {
        let endpoint =
            |name: &str| (name == "HF_ENDPOINT").then(|| "https://hub.example/".to_owned());
        let hub = HubAccess::from_environment(&endpoint).unwrap();
        let commit = "a".repeat(40);
        let at = |locator: &str| Base::hub(locator, &hub).map(|base| base.file("x/y"));
        let models = at(&format!("hf:models/org/name@{commit}")).unwrap();
        assert_eq!(models.path(), format!("/org/name/resolve/{commit}/x/y"));
        let data = at(&format!("hf:datasets/org/name@{commit}#path=sub/dir")).unwrap();
        assert_eq!(data.path(), format!("/datasets/org/name/resolve/{commit}/sub/dir/x/y"));
        for wrong in ["hf:models/org/name@main", "https://example.org/"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}
