//! Asks a registry: without a login first, by a token where it wants one, then with a login.
//!
//! OCI distribution 1.1; tokens as in docker's registry token protocol.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use fullsource_format::evidence::Access;
use serde::Deserialize;
use url::Url;

use super::digest::BlobDigest;
use super::logins::Logins;
use super::manifest::ACCEPT;
use super::name::Repository;
use crate::net::{Net, Request, Response};
use crate::source::Trouble;

/// Bytes of a manifest. Registries take no more.
pub(super) const MANIFEST_BYTES: u64 = 4 << 20;
/// Bytes of the answer that holds a token.
const TOKEN_BYTES: u64 = 1 << 20;

/// One repository, and who asks it.
pub(super) struct Client<'a> {
    net: &'a Net,
    base: Url,
    repository: Repository,
    logins: &'a Logins,
    /// What opened the door last.
    pass: Mutex<Pass>,
    proxied: AtomicBool,
}

#[derive(Clone)]
struct Pass {
    authorization: Option<String>,
    access: Access,
}

/// What a registry wants to be shown (RFC 9110, 11.6.1).
enum Challenge {
    Basic,
    Bearer { realm: Url, service: Option<String> },
}

impl<'a> Client<'a> {
    pub(super) fn new(
        net: &'a Net,
        repository: Repository,
        logins: &'a Logins,
    ) -> Result<Self, Trouble> {
        let base = repository.base(net)?;
        let pass = Mutex::new(Pass { authorization: None, access: Access::Anonymous });
        Ok(Self { net, base, repository, logins, pass, proxied: AtomicBool::new(false) })
    }

    pub(super) fn access(&self) -> Access {
        self.pass().access
    }

    pub(super) fn endpoint(&self) -> &str {
        self.base.as_str()
    }

    pub(super) fn proxied(&self) -> bool {
        self.proxied.load(Ordering::Relaxed)
    }

    /// A manifest, by digest or tag.
    pub(super) fn manifest(&self, reference: &str) -> Result<Response, Trouble> {
        let url = self.url("manifests", reference)?;
        self.ask(&Request::get(&url).header("accept", ACCEPT))
            .map_err(|trouble| self.missing("manifest", reference, trouble))
    }

    /// A blob.
    pub(super) fn blob(&self, digest: &BlobDigest) -> Result<Response, Trouble> {
        let url = self.url("blobs", &digest.to_string())?;
        self.ask(&Request::get(&url))
            .map_err(|trouble| self.missing("blob", &digest.to_string(), trouble))
    }

    /// Whether the registry says that it has a blob, and how long it is.
    pub(super) fn has_blob(&self, digest: &BlobDigest) -> Result<Option<u64>, Trouble> {
        let url = self.url("blobs", &digest.to_string())?;
        let answer = self.ask(&Request::head(&url));
        answer
            .map(|answer| answer.length())
            .map_err(|trouble| self.missing("blob", &digest.to_string(), trouble))
    }

    fn missing(&self, what: &str, reference: &str, trouble: Trouble) -> Trouble {
        let text = format!("{}: {what} {reference}: {}", self.repository, trouble.detail);
        Trouble::new(trouble.kind, text)
    }

    /// A reference is a digest or a tag: no part of it means anything in a URL.
    fn url(&self, kind: &str, reference: &str) -> Result<Url, Trouble> {
        let url = self.base.join(&format!("./{kind}/{reference}"));
        url.map_err(|_| Trouble::skipped(format!("`{reference}` cannot be asked for")))
    }

    /// Asks with what opened the door last; where that is refused, with a token for anybody, and then
    /// with the login, if there is one.
    fn ask(&self, request: &Request) -> Result<Response, Trouble> {
        let pass = self.pass();
        let refusal = match self.ask_as(request, &pass)? {
            Ok(answer) => return Ok(answer),
            Err(refusal) => refusal,
        };
        let login = self.logins.of(&self.repository.registry);
        let challenge = challenge(&refusal, self.net);
        let closed = Trouble::closed(format!("the answer is {}", refusal.status()));
        drop(refusal);
        if pass.access == Access::Anonymous
            && let Some(Challenge::Bearer { realm, service }) = &challenge
            && let Some(token) = self.token(realm, service.as_deref(), None)?
        {
            let pass = Pass { authorization: Some(token), access: Access::Anonymous };
            if let Ok(answer) = self.ask_as(request, &pass)? {
                self.keep(pass);
                return Ok(answer);
            }
        }
        let Some(login) = login else { return Err(closed) };
        let authorization = match &challenge {
            None => return Err(closed),
            Some(Challenge::Basic) => Some(login),
            Some(Challenge::Bearer { realm, .. }) if !is_same_site(realm, &self.base) => {
                let realm = crate::net::shown(realm);
                let text = "the login is not shown to another site";
                return Err(Trouble::closed(format!("{}; {text} ({realm})", closed.detail)));
            }
            Some(Challenge::Bearer { realm, service }) => {
                self.token(realm, service.as_deref(), Some(&login))?
            }
        };
        let pass = Pass { authorization, access: Access::Credential };
        match self.ask_as(request, &pass)? {
            Ok(answer) if pass.authorization.is_some() => {
                self.keep(pass);
                Ok(answer)
            }
            _ => Err(Trouble::closed(format!("{}, with the login too", closed.detail))),
        }
    }

    /// The answer, or the refusal.
    fn ask_as(
        &self,
        request: &Request,
        pass: &Pass,
    ) -> Result<Result<Response, Response>, Trouble> {
        let mut request = request.clone().accept(&[401, 403]);
        if let Some(authorization) = &pass.authorization {
            request = request.secret("authorization", authorization);
        }
        let answer = self.net.send(&request)?;
        self.proxied.fetch_or(answer.proxied(), Ordering::Relaxed);
        let refused = matches!(answer.status(), 401 | 403);
        Ok(if refused { Err(answer) } else { Ok(answer) })
    }

    /// A token to read this repository, and no other whatever the registry asks for. None where it is
    /// refused.
    fn token(
        &self,
        realm: &Url,
        service: Option<&str>,
        login: Option<&str>,
    ) -> Result<Option<String>, Trouble> {
        let mut url = realm.clone();
        let scope = format!("repository:{}:pull", self.repository.name);
        url.query_pairs_mut().extend_pairs(service.map(|service| ("service", service)));
        url.query_pairs_mut().append_pair("scope", &scope);
        let mut request = Request::get(&url).accept(&[400, 401, 403, 404]);
        if let Some(login) = login {
            request = request.secret("authorization", login);
        }
        let answer = self.net.send(&request)?;
        if answer.status() != 200 {
            return Ok(None);
        }
        let told: Option<Token> = serde_json::from_slice(&answer.into_bytes(TOKEN_BYTES)?).ok();
        let token = told.and_then(|told| told.token.or(told.access_token));
        let token = token.filter(|token| !token.is_empty());
        Ok(token.map(|token| format!("Bearer {token}")))
    }

    fn pass(&self) -> Pass {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, pass: Pass) {
        *self.pass.lock().unwrap_or_else(PoisonError::into_inner) = pass;
    }
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// What the refusal asks for. A realm without TLS counts only where plain HTTP to it was allowed.
fn challenge(refusal: &Response, net: &Net) -> Option<Challenge> {
    let (scheme, parameters) = refusal.header("www-authenticate")?.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let realm: Url = parameter(parameters, "realm")?.parse().ok()?;
    let safe = realm.scheme() == "https" || net.allows_plain_http(&realm);
    let service = parameter(parameters, "service").map(str::to_owned);
    safe.then_some(Challenge::Bearer { realm, service })
}

/// The value of `name="value"` in a list of such.
fn parameter<'t>(parameters: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = parameters;
    loop {
        let (found, after) = rest.split_once('=')?;
        let found = found.trim_start_matches([',', ' ']).trim();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after.trim(), "")),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = next;
    }
}

/// Whether a login at a registry may be shown to a server of tokens: the same host, or one whose name
/// ends in the same two labels. A registry names whatever server it likes.
fn is_same_site(realm: &Url, registry: &Url) -> bool {
    let site = |url: &Url| {
        let host = url.host_str()?.trim_end_matches('.').to_owned();
        match url.host()? {
            url::Host::Domain(_) => {
                let start = host.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
                Some(host[start..].to_owned())
            }
            _ => Some(host),
        }
    };
    site(realm).is_some() && site(realm) == site(registry)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]
    use super::*;

    #[test]
    fn a_challenge_is_read() {
        let text = r#"realm="https://auth.example/t?a=b",service="r.example", scope="repository:x:pull,push",error=x"#;
        assert_eq!(parameter(text, "realm"), Some("https://auth.example/t?a=b"));
        assert_eq!(parameter(text, "service"), Some("r.example"));
        assert_eq!(parameter(text, "scope"), Some("repository:x:pull,push"));
        assert_eq!(parameter(text, "error"), Some("x"));
        assert_eq!(parameter(text, "none"), None);
        assert_eq!(parameter("realm=\"x", "realm"), None);
    }

    #[test]
    fn a_login_stays_with_its_site() {
        let same = |a: &str, b: &str| is_same_site(&a.parse().unwrap(), &b.parse().unwrap());
        assert!(same("https://auth.docker.io/token", "https://registry-1.docker.io/v2/"));
        assert!(same("https://ghcr.io/token", "https://ghcr.io/v2/"));
        assert!(same("http://127.0.0.1:1/t", "http://127.0.0.1:2/v2/"));
        assert!(!same("https://docker.io.example/t", "https://registry-1.docker.io/v2/"));
        assert!(!same("https://10.0.0.1/t", "https://9.9.0.1/v2/"));
        assert!(!same("https://evil.example/t", "https://r.other/v2/"));
    }
}
