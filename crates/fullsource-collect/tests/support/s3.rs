//! A real S3 server, and looks at it.

#![allow(dead_code, reason = "each test uses a part")]

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use fullsource_collect::net::{Net, Settings};
use fullsource_collect::progress::Progress;
use fullsource_collect::source::object::{Environment, look};
use fullsource_collect::source::{Context, Told, Trouble};
use fullsource_format::locator::Store;

use crate::gathering_sink::GatheringSink;
use crate::server::Server;

pub(crate) const SECRET: &str = "wJalrXUtnFEMI-recognisable";
pub(crate) const KEY_ID: &str = "AKIARECOGNISABLE";

/// An S3 server of its own.
pub(crate) fn moto() -> Server {
    Server::start("moto_server", "pip install 'moto[server]'", |command, address| {
        command.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
    })
}

/// One server for all tests that run at this time and do not change how it answers.
pub(crate) fn shared() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let server = Arc::new(moto());
        *shared = Arc::downgrade(&server);
        server
    })
}

pub(crate) fn bucket(server: &Server, name: &str) {
    assert_eq!(server.ask("PUT", &format!("/{name}"), &[], b"").status, 200);
}

pub(crate) fn put(server: &Server, key: &str, acl: &str, bytes: &[u8]) {
    let headers = [("x-amz-acl", acl), ("content-type", "application/octet-stream")];
    assert_eq!(server.ask("PUT", &format!("/{key}"), &headers, bytes).status, 200, "{key}");
}

pub(crate) const PUBLIC: &str = "public-read";
pub(crate) const PRIVATE: &str = "private";

pub(crate) struct Look {
    pub(crate) endpoint: String,
    pub(crate) environment: Vec<(&'static str, String)>,
    pub(crate) settings: Settings,
    pub(crate) sink: GatheringSink,
}

impl Look {
    pub(crate) fn at(endpoint: &str) -> Self {
        let sink = GatheringSink::default();
        let settings = Settings::danger_loopback();
        Self { endpoint: endpoint.to_owned(), environment: Vec::new(), settings, sink }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub(crate) fn with_key(self) -> Self {
        self.with("AWS_ACCESS_KEY_ID", KEY_ID).with("AWS_SECRET_ACCESS_KEY", SECRET)
    }

    pub(crate) fn environment(&self) -> Environment {
        let endpoint = [("AWS_ENDPOINT_URL", self.endpoint.clone())];
        let all = endpoint.iter().chain(&self.environment);
        Environment::of(all.map(|(name, value)| ((*name).to_owned(), value.clone())))
    }

    pub(crate) fn s3(&self, address: &str) -> Result<Told, Trouble> {
        self.look(Store::S3, address)
    }

    pub(crate) fn look(&self, store: Store, address: &str) -> Result<Told, Trouble> {
        let net = Net::new(self.settings.clone()).unwrap();
        let (progress, temporary) = (Progress::default(), tempfile::tempdir().unwrap());
        let context = Context {
            net: &net,
            progress: &progress,
            threads: NonZeroUsize::new(4).unwrap(),
            temporary: temporary.path(),
        };
        look(store, address, &self.environment(), &context, &self.sink)
    }

    pub(crate) fn trouble(&self, address: &str) -> Trouble {
        self.s3(address).expect_err(address)
    }
}
