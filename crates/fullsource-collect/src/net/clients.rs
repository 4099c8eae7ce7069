//! The clients: those that go straight and check every address, and one for each proxy.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Proxy};
use url::Url;

use super::address::{Forbidden, Guard};
use super::{NetError, Proxies, Settings};

/// A generic name: who looks is nobody's business.
const USER_AGENT: &str = concat!("fullsource/", env!("CARGO_PKG_VERSION"));

pub(super) struct Clients {
    /// By the port for which it is, where an entry of the guard is about that port alone: who looks a
    /// name up is not told the port.
    direct: Vec<(Option<u16>, Client)>,
    proxies: Option<Matcher>,
    /// Built when a proxy is needed: most machines have none.
    proxied: std::sync::Mutex<Vec<(String, Client)>>,
    certificates: Vec<Certificate>,
    idle: std::time::Duration,
}

impl Clients {
    pub(super) fn new(
        settings: &Settings,
        guard: &Arc<Guard>,
        certificates: &[Certificate],
    ) -> Result<Self, NetError> {
        let direct = |port: Option<u16>| {
            let resolver = Arc::new(GuardedResolver { guard: Arc::clone(guard), port });
            let client = builder(certificates, settings.idle).no_proxy().dns_resolver(resolver);
            Ok((port, client.build().map_err(system)?))
        };
        let ports: BTreeSet<_> = guard.ports().map(Some).chain([None]).collect();
        let direct = ports.into_iter().map(direct).collect::<Result<_, NetError>>()?;
        let proxies = match settings.proxies {
            Proxies::FromEnvironment => Some(Matcher::from_env()),
            Proxies::None => None,
        };
        let (proxied, certificates) = (std::sync::Mutex::default(), certificates.to_vec());
        Ok(Self { direct, proxies, proxied, certificates, idle: settings.idle })
    }

    /// The client for an address, and whether it goes through a proxy.
    pub(super) fn for_url(&self, url: &Url) -> Result<(Client, bool), NetError> {
        let uri: Option<http::Uri> = url.as_str().parse().ok();
        let proxy = self.proxies.as_ref().zip(uri).and_then(|(all, uri)| all.intercept(&uri));
        let Some(proxy) = proxy else { return self.direct(url).map(|client| (client, false)) };
        let key = proxy.uri().to_string();
        let mut known = self.proxied.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, client)) = known.iter().find(|(uri, _)| *uri == key) {
            return Ok((client.clone(), true));
        }
        let mut through = Proxy::all(&key).map_err(system)?;
        if let Some(basic) = proxy.basic_auth() {
            through = through.custom_http_auth(basic.clone());
        }
        let client = builder(&self.certificates, self.idle).no_proxy().proxy(through);
        let client = client.build().map_err(system)?;
        known.push((key, client.clone()));
        Ok((client, true))
    }
}

impl Clients {
    fn direct(&self, url: &Url) -> Result<Client, NetError> {
        let port = url.port_or_known_default();
        let exact = self.direct.iter().find(|(of, _)| of.is_some() && *of == port);
        let found = exact.or_else(|| self.direct.iter().find(|(of, _)| of.is_none()));
        let none = || NetError::System("there is no client".to_owned());
        found.map(|(_, client)| client.clone()).ok_or_else(none)
    }
}

fn builder(certificates: &[Certificate], idle: std::time::Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        // Redirects are followed one by one, each checked.
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(idle)
        .http2_adaptive_window(true)
        .tls_certs_merge(certificates.iter().cloned())
}

fn system(error: reqwest::Error) -> NetError {
    NetError::System(super::exchange::root_cause(&error))
}

/// Looks names up, and gives only addresses that may be asked.
struct GuardedResolver {
    guard: Arc<Guard>,
    /// None for every port of which no entry of the guard speaks.
    port: Option<u16>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, port) = (Arc::clone(&self.guard), self.port);
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            let mut refused: Option<Forbidden> = None;
            let mut kept = Vec::new();
            for address in found {
                match guard.check_resolved(host, address.ip(), port) {
                    Ok(()) => kept.push(address),
                    Err(forbidden) => refused = Some(forbidden),
                }
            }
            // One name with a public and a private address is somebody's trick, or split DNS that
            // happens to work: the public one is asked.
            match (kept.is_empty(), refused) {
                (true, Some(forbidden)) => Err(forbidden.into()),
                _ => Ok(Box::new(kept.into_iter()) as Addrs),
            }
        })
    }
}
