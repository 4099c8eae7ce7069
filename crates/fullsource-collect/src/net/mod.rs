//! The network: one client, whose addresses, redirects, repetitions and costs are decided here.
//!
//! Blocking on the outside, so that sources read like programs; inside, one runtime that starts with the
//! first question.
//!
//! Spec: `spec/v0.1/looking.md`, section "The network".

mod address;
mod budget;
mod clients;
mod exchange;
mod object_connector;
mod request;
mod response;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

pub use address::{AllowedHost, NotAHost, is_public};
pub use budget::Budget;
pub(crate) use exchange::root_cause;
pub(crate) use object_connector::{Coming, ObjectConnector};
pub use request::{Request, shown};
pub use response::Response;

use crate::progress::Stopped;
use crate::source::Trouble;
use address::Guard;
use clients::Clients;

/// How to ask.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Ask nothing at all.
    pub offline: bool,
    /// Hosts and networks that may be asked although they are not public.
    pub allow: Vec<AllowedHost>,
    /// Certificates (PEM) to trust beside the system's.
    pub ca_pem: Vec<Vec<u8>>,
    /// How long the other side may say nothing.
    pub idle: Duration,
    /// How long everything may take together.
    pub total: Duration,
    /// How many bytes may be read in all.
    pub max_bytes: u64,
    /// How often a question is asked before there is no answer.
    pub tries: u32,
    /// What is waited before the second try; twice as long before each further one.
    pub pause: Duration,
    /// How many redirects are followed.
    pub redirects: u32,
    /// Whether the environment's proxies are used.
    pub proxies: Proxies,
    /// Raised when everything is to stop.
    pub stop: Arc<AtomicBool>,
}

/// Whose proxies are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxies {
    /// Those of `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and alike, as curl reads them.
    FromEnvironment,
    /// None.
    None,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            offline: false,
            allow: Vec::new(),
            ca_pem: Vec::new(),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(3600),
            max_bytes: 32 << 30,
            tries: 4,
            pause: Duration::from_millis(500),
            redirects: 10,
            proxies: Proxies::FromEnvironment,
            stop: Arc::default(),
        }
    }
}

impl Settings {
    /// For tests: plain HTTP on this machine is allowed, and nothing waits long.
    #[doc(hidden)]
    pub fn danger_loopback() -> Self {
        let allow = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        Self {
            allow: allow.iter().filter_map(|host| host.parse().ok()).collect(),
            idle: Duration::from_secs(5),
            pause: Duration::from_millis(5),
            proxies: Proxies::None,
            ..Self::default()
        }
    }
}

/// Why the network cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// What was given as certificates is none.
    #[error("the certificates given cannot be read: {0}")]
    Certificates(String),
    /// The system has no certificates, no threads or no sockets to give.
    #[error("the network cannot be used: {0}")]
    System(String),
}

/// The network. Clones share one budget, one runtime, and their connections.
#[derive(Clone)]
pub struct Net {
    inner: Arc<Inner>,
    /// Answers that came to questions asked through this one.
    answers: Arc<AtomicU64>,
}

struct Inner {
    settings: Settings,
    guard: Arc<Guard>,
    certificates: Vec<reqwest::Certificate>,
    budget: Budget,
    started: OnceLock<Result<Started, NetError>>,
}

struct Started {
    clients: Clients,
    // Stops its threads when the last clone goes.
    runtime: Runtime,
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

impl Net {
    /// A network that is not touched before the first question.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        let mut certificates = Vec::new();
        for pem in &settings.ca_pem {
            let bundle = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| NetError::Certificates(error.to_string()))?;
            if bundle.is_empty() {
                let text = "there is no `BEGIN CERTIFICATE` in it".to_owned();
                return Err(NetError::Certificates(text));
            }
            certificates.extend(bundle);
        }
        let guard = Arc::new(Guard::new(settings.allow.clone()));
        let budget = Budget::new(settings.max_bytes, settings.total);
        let started = OnceLock::new();
        let inner = Inner { settings, guard, certificates, budget, started };
        Ok(Self { inner: Arc::new(inner), answers: Arc::default() })
    }

    /// How to ask.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The same network, which counts its own answers.
    pub(crate) fn counting(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), answers: Arc::default() }
    }

    /// Whether any question that was asked through this one, or a clone of it, was answered with what
    /// was asked for.
    pub(crate) fn has_answered(&self) -> bool {
        self.answers.load(Ordering::Relaxed) > 0
    }

    fn count_answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// What may still be spent.
    pub fn budget(&self) -> &Budget {
        &self.inner.budget
    }

    /// The runtime that carries the network, for libraries that need one.
    pub fn runtime(&self) -> Result<&Handle, Trouble> {
        Ok(self.started()?.runtime.handle())
    }

    /// Whether the caller allowed plain HTTP to the host of this `http:` address.
    pub(crate) fn allows_plain_http(&self, url: &url::Url) -> bool {
        url.scheme() == "http" && self.inner.guard.check_url(url).is_ok()
    }

    /// Fails once it was asked to stop.
    pub fn check(&self) -> Result<(), Stopped> {
        if self.inner.settings.stop.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) }
    }

    fn started(&self) -> Result<&Started, Trouble> {
        if self.inner.settings.offline {
            return Err(Trouble::skipped("offline"));
        }
        let started = self.inner.started.get_or_init(|| self.start());
        started.as_ref().map_err(|error| Trouble::skipped(error.to_string()))
    }

    fn start(&self) -> Result<Started, NetError> {
        let system = |error: std::io::Error| NetError::System(error.to_string());
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(2).thread_name("network").enable_all();
        let runtime = builder.build().map_err(system)?;
        let Inner { settings, guard, certificates, .. } = &*self.inner;
        let clients = Clients::new(settings, guard, certificates)?;
        Ok(Started { clients, runtime })
    }
}
