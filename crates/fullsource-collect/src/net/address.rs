//! Addresses that may be asked: those of the public internet, and what the caller allows by name.
//!
//! A manifest is somebody else's text, and so is every redirect. Neither must make this program ask the
//! machine it runs on, the network around it, or a cloud's metadata service (`look-20`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

/// A host or a network that may be asked although it is not public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    plain_http: bool,
    who: Who,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Name(String),
    Network(IpNet),
}

/// A text that names no host and no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no host: HOST, HOST:PORT, an address, a network such as 10.0.0.0/8, or one of them \
     behind `http://` to allow plain HTTP"
)]
pub struct NotAHost(pub String);

impl FromStr for AllowedHost {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let no_host = || NotAHost(text.chars().take(80).collect());
        let (plain_http, rest) = match text.strip_prefix("http://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("https://").unwrap_or(text)),
        };
        if let Ok(network) = rest.parse::<IpNet>() {
            return Ok(Self { plain_http, who: Who::Network(network.trunc()), port: None });
        }
        if let Ok(address) = rest.parse::<IpAddr>() {
            return Ok(Self { plain_http, who: Who::Network(address.into()), port: None });
        }
        // `example:` keeps a port that is the default of `https`.
        let url: Url = format!("example://{rest}").parse().map_err(|_| no_host())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(no_host)?;
        let bare = url.path().is_empty() && url.query().is_none() && url.username().is_empty();
        if !bare || url.fragment().is_some() || url.password().is_some() || host.contains('%') {
            return Err(no_host());
        }
        let inner = host.trim_start_matches('[').trim_end_matches(']');
        let who = match inner.parse::<IpAddr>() {
            Ok(address) => Who::Network(address.into()),
            Err(_) => Who::Name(host.to_ascii_lowercase()),
        };
        Ok(Self { plain_http, who, port: url.port() })
    }
}

impl AllowedHost {
    fn names(&self, host: &str) -> bool {
        matches!(&self.who, Who::Name(name) if name == host.trim_end_matches('.'))
    }

    fn holds(&self, address: IpAddr) -> bool {
        matches!(&self.who, Who::Network(network) if network.contains(&address.to_canonical()))
    }

    fn port_fits(&self, port: u16) -> bool {
        self.port.is_none_or(|allowed| allowed == port)
    }
}

/// Why a place is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forbidden {
    #[error("`{0}` has an address that is not public ({1}); `--allow-host {0}` allows it")]
    Address(String, IpAddr),
    #[error("`{0}` is asked by plain HTTP only where `--allow-host http://{0}` says so")]
    PlainHttp(String),
    #[error("`{0}:` is not spoken")]
    Scheme(String),
    #[error("the address holds a user name or a password")]
    UserInfo,
    #[error("the address names no host")]
    NoHost,
}

/// Which places may be asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard {
    allowed: Vec<AllowedHost>,
}

impl Guard {
    pub(crate) const fn new(allowed: Vec<AllowedHost>) -> Self {
        Self { allowed }
    }

    /// The ports for which some entry says something of its own.
    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> {
        self.allowed.iter().filter_map(|entry| entry.port)
    }

    /// Whether this may be asked, as far as it tells before its name is looked up.
    pub(crate) fn check_url(&self, url: &Url) -> Result<(), Forbidden> {
        let Some(host) = url.host() else { return Err(Forbidden::NoHost) };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::UserInfo);
        }
        let port = url.port_or_known_default().unwrap_or(0);
        let entries = || self.allowed.iter().filter(move |entry| entry.port_fits(port));
        let text = url.host_str().unwrap_or_default();
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        match url.scheme() {
            "https" => {}
            "http" => {
                let fits = |entry: &AllowedHost| {
                    entry.names(text) || literal.is_some_and(|address| entry.holds(address))
                };
                if !entries().any(|entry| entry.plain_http && fits(entry)) {
                    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
                    return Err(Forbidden::PlainHttp(format!("{text}{port}")));
                }
            }
            other => return Err(Forbidden::Scheme(other.to_owned())),
        }
        let Some(address) = literal else { return Ok(()) };
        if is_public(address) || entries().any(|entry| entry.holds(address)) {
            return Ok(());
        }
        Err(Forbidden::Address(text.to_owned(), address))
    }

    /// Whether an address that a name was resolved to may be asked at a port; none stands for one of
    /// which no entry speaks.
    pub(crate) fn check_resolved(
        &self,
        host: &str,
        address: IpAddr,
        port: Option<u16>,
    ) -> Result<(), Forbidden> {
        let allowed = |entry: &AllowedHost| {
            (entry.port.is_none() || entry.port == port)
                && (entry.names(host) || entry.holds(address))
        };
        if is_public(address) || self.allowed.iter().any(allowed) {
            return Ok(());
        }
        Err(Forbidden::Address(host.to_owned(), address))
    }
}

/// Whether an address is one of the public internet: none of the IANA special-purpose registries
/// (RFC 6890 and what was added since), and none that only wraps such an IPv4 address.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // this network, private use, loopback
        [0 | 10 | 127, ..] => true,
        // shared (carrier-grade NAT), link-local, private use
        [100, 64..=127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,
        // protocol assignments, documentation, 6to4 relays, AS112
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [192, 31, 196, _] | [192, 52, 193, _] => true,
        [192, 175, 48, _] => true,
        // benchmarks, documentation
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // a metadata service outside the special ranges (Alibaba's is in 100.64/10, Azure's wire server)
        [168, 63, 129, 16] => true,
        // multicast, reserved, broadcast
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let wrapped = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // NAT64 of a public address
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => wrapped(high, low),
        // Teredo, benchmarks, ORCHID and the rest of the protocol assignments; documentation
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // 6to4
        [0x2002, high, low, ..] => wrapped(high, low),
        // Only 2000::/3 is global unicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_no_public_host_are_told() {
        for text in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.100.100.200",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "168.63.129.16",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fec0::1",
            "4000::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    fn guard(allowed: &[&str]) -> Guard {
        Guard::new(allowed.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn every_spelling_of_a_forbidden_address_is_refused() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://169.254.169.254/latest",
            "https://127.1./",
            "http://example.org/",
            "ftp://example.org/",
            "https://u@example.org/",
            "https://u:p@example.org/",
        ] {
            let url: Url = url.parse().unwrap();
            assert!(guard(&[]).check_url(&url).is_err(), "{url}");
        }
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let resolved = guard(&[]).check_resolved("localhost", loopback, None);
        assert!(matches!(resolved, Err(Forbidden::Address(..))));
    }

    #[test]
    fn what_is_allowed_is_allowed_and_no_more() {
        let allows =
            |allowed: &str, url: &str| guard(&[allowed]).check_url(&url.parse().unwrap()).is_ok();
        assert!(allows("127.0.0.1", "https://127.0.0.1:8443/x"));
        assert!(!allows("127.0.0.1", "http://127.0.0.1:8443/x"));
        assert!(allows("http://127.0.0.1:8080", "http://127.0.0.1:8080/x"));
        assert!(!allows("http://127.0.0.1:8080", "http://127.0.0.1:8081/x"));
        assert!(allows("10.0.0.0/8", "https://10.9.9.9/"));
        assert!(!allows("10.0.0.0/8", "https://192.168.0.1/"));
        assert!(allows("http://mirror.local", "http://mirror.local/x"));
        assert!(!allows("http://mirror.local", "http://other.local/x"));
        assert!(allows("[::1]:443", "https://[::1]/"));
        let named = guard(&["mirror.local"]);
        let private = "10.0.0.7".parse().unwrap();
        assert!(named.check_resolved("mirror.local", private, None).is_ok());
        assert!(named.check_resolved("evil.example", private, None).is_err());
        for allowed in ["mirror.local:8443", "10.0.0.7:8443"] {
            let one_port = guard(&[allowed]);
            assert!(one_port.check_resolved("mirror.local", private, Some(8443)).is_ok());
            assert!(one_port.check_resolved("mirror.local", private, Some(22)).is_err());
            assert!(one_port.check_resolved("mirror.local", private, None).is_err());
        }
    }

    #[test]
    fn what_is_no_host_is_told() {
        for text in ["", "a b", "http://", "host/path", "user@host", "10.0.0.0/40", "host:99999"] {
            let parsed = text.parse::<AllowedHost>();
            assert!(parsed.is_err(), "{text}: {parsed:?}");
        }
    }
}
