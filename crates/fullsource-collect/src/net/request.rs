//! What is asked.

use std::fmt;

use http::Method;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use url::{Origin, Url};

/// One question to one place.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) secrets: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) accept: Vec<u16>,
    pub(super) follow: bool,
}

impl Request {
    /// Asks for what lies at an address.
    pub fn get(url: &Url) -> Self {
        Self::of(Method::GET, url)
    }

    /// Asks for the headers alone.
    pub fn head(url: &Url) -> Self {
        Self::of(Method::HEAD, url)
    }

    /// Asks with a body. It must be a question that may be asked twice.
    pub fn post(url: &Url, body: Vec<u8>) -> Self {
        Self { body, ..Self::of(Method::POST, url) }
    }

    fn of(method: Method, url: &Url) -> Self {
        let mut url = url.clone();
        url.set_fragment(None);
        let (headers, secrets) = (HeaderMap::new(), HeaderMap::new());
        Self { method, url, headers, secrets, body: Vec::new(), accept: Vec::new(), follow: true }
    }

    /// The same with a header. One whose name or value no header can have is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        insert(&mut self.headers, name, value);
        self
    }

    /// The same with a credential: not shown anywhere, and dropped when a redirect leads to another
    /// origin.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        insert(&mut self.secrets, name, value);
        for value in self.secrets.values_mut() {
            value.set_sensitive(true);
        }
        self
    }

    /// The same, from a byte on.
    #[must_use]
    pub fn from(self, offset: u64) -> Self {
        self.header("range", &format!("bytes={offset}-"))
    }

    /// The same, where answers of these statuses are answers like any other, and no trouble.
    #[must_use]
    pub fn accept(mut self, statuses: &[u16]) -> Self {
        self.accept.extend_from_slice(statuses);
        self
    }

    /// The same, where a redirect is the answer.
    #[must_use]
    pub const fn without_redirects(mut self) -> Self {
        self.follow = false;
        self
    }

    /// Where it goes.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The same question to the place that a redirect names.
    pub(super) fn redirected(mut self, to: Url, status: u16) -> Self {
        if origin(&to) != origin(&self.url) {
            self.secrets.clear();
        }
        // RFC 9110, 15.4: 303 is answered by GET; what else was POSTed is POSTed again.
        if status == 303 && self.method != Method::HEAD {
            self.method = Method::GET;
            self.body.clear();
        }
        self.url = to;
        self
    }
}

fn origin(url: &Url) -> Origin {
    url.origin()
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::try_from(name.to_ascii_lowercase());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, shown(&self.url))
    }
}

/// An address as it may be shown: without a query, which may hold a signature.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
