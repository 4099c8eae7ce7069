//! A repository behind HTTP, asked in git's own protocol (gitprotocol-http): version 2, and version 0
//! where the server speaks no other.

use fullsource_format::digest::GitId;
use url::Url;

use super::greeting::{Dialect, advertised, bounded, listed, unread};
use super::packet::{Message, Packet, Packets, SideBand};
use super::refs::Ref;
use crate::git_tree::ObjectFormat;
use crate::net::{Net, Request, Response};
use crate::source::Trouble;
use crate::tree::escaped;

/// A server that has answered.
pub(super) struct Remote<'a> {
    net: &'a Net,
    /// The repository, behind redirects.
    base: Url,
    pub(super) format: ObjectFormat,
    pub(super) proxied: bool,
    dialect: Dialect,
}

/// What is wanted of a server.
#[derive(Default)]
pub(super) struct Wish {
    pub(super) wants: Vec<GitId>,
    /// What need not be sent again, nor its history.
    pub(super) haves: Vec<GitId>,
    /// The commits alone, without their history.
    pub(super) shallow: bool,
    /// Commits and tags alone, without trees and blobs, where the server can do that.
    pub(super) bare: bool,
}

/// What comes of a wish.
pub(super) enum Answer {
    /// The pack.
    Pack(Box<SideBand<Response>>),
    /// The server does not give what is wanted, in its words.
    Refused(String),
}

impl<'a> Remote<'a> {
    /// Asks a repository what it is.
    pub(super) fn connect(net: &'a Net, repository: &Url) -> Result<Self, Trouble> {
        let mut url = below(repository, "info/refs");
        url.query_pairs_mut().append_pair("service", "git-upload-pack");
        let request = Request::get(&url).header("git-protocol", "version=2");
        let response = net.send(&request)?;
        let media = response.header("content-type").unwrap_or_default();
        if media.split(';').next() != Some("application/x-git-upload-pack-advertisement") {
            let text = format!("{}: what answers is no git repository", response.endpoint());
            return Err(Trouble::faulty(text));
        }
        let proxied = response.proxied();
        // As git does: where the question was redirected, the others go there, too.
        let moved = response.url().path().strip_suffix("/info/refs").map(|path| {
            let mut url = response.url().clone();
            url.set_path(path);
            url.set_query(None);
            url
        });
        let base = moved.unwrap_or_else(|| repository.clone());
        let (format, dialect) = advertised(&mut Packets::new(response))?;
        Ok(Self { net, base, format, proxied, dialect })
    }

    /// What answers, as it may be shown.
    pub(super) fn endpoint(&self) -> String {
        crate::net::shown(&self.base)
    }

    /// Whether the server speaks version 2, in which every object may be wanted that is there.
    pub(super) const fn is_version_two(&self) -> bool {
        matches!(self.dialect, Dialect::Two { .. })
    }

    /// The refs whose names begin with one of these, and perhaps others.
    pub(super) fn refs(&self, prefixes: &[&str]) -> Result<Vec<Ref>, Trouble> {
        if let Dialect::Zero { refs, .. } = &self.dialect {
            return Ok(refs.clone());
        }
        let message = Message::default()
            .line("command=ls-refs")
            .lines(self.format_line())
            .delimiter()
            .line("peel")
            .line("symrefs")
            .lines(prefixes.iter().map(|prefix| format!("ref-prefix {prefix}")))
            .flush();
        let mut packets = Packets::new(self.ask(message)?);
        let (mut refs, mut bytes) = (Vec::new(), 0);
        while let Some(line) = packets.line()? {
            refs.push(listed(line, self.format).ok_or_else(|| unread(line))?);
            bytes += line.len();
            bounded(refs.len(), bytes)?;
        }
        Ok(refs)
    }

    /// Asks for objects.
    pub(super) fn fetch(&self, wish: &Wish) -> Result<(Answer, bool), Trouble> {
        let two = self.is_version_two();
        let message = if two { self.wish_two(wish) } else { self.wish_zero(wish) };
        let mut packets = Packets::new(self.ask(message)?);
        // Whether the server's own history ends somewhere, beside where it was asked to.
        let mut shortened = false;
        loop {
            match packets.next()? {
                Packet::Data(line) => {
                    let line = line.strip_suffix(b"\n").unwrap_or(line);
                    if let Some(words) = line.strip_prefix(b"ERR ") {
                        return Ok((Answer::Refused(escaped(words)), shortened));
                    }
                    shortened |= line.starts_with(b"shallow ") && !wish.shallow;
                    let last = if two { line == b"packfile" } else { is_last_word(line) };
                    if last {
                        return Ok((Answer::Pack(Box::new(SideBand::new(packets))), shortened));
                    }
                }
                Packet::Delimiter => {}
                Packet::Flush if two => {
                    return Err(Trouble::faulty("the answer has no pack"));
                }
                Packet::Flush => {}
            }
        }
    }

    fn wish_two(&self, wish: &Wish) -> Message {
        let filter = (wish.bare && self.can_filter()).then_some("filter tree:0");
        Message::default()
            .line("command=fetch")
            .lines(self.format_line())
            .delimiter()
            .line("ofs-delta")
            .line("no-progress")
            .lines(wish.shallow.then_some("deepen 1"))
            .lines(filter)
            .lines(wish.wants.iter().map(|id| format!("want {id}")))
            .lines(wish.haves.iter().map(|id| format!("have {id}")))
            .line("done")
            .flush()
    }

    fn wish_zero(&self, wish: &Wish) -> Message {
        let mut asked = " ofs-delta side-band-64k".to_owned();
        for capability in ["multi_ack_detailed", "no-progress", "shallow", "filter"] {
            if self.has(capability) {
                asked.push(' ');
                asked.push_str(capability);
            }
        }
        if let Some(line) = self.format_line() {
            asked.push(' ');
            asked.push_str(line);
        }
        let filter = (wish.bare && self.can_filter()).then_some("filter tree:0");
        let wants = wish.wants.iter().enumerate().map(|(number, id)| {
            let asked = if number == 0 { asked.as_str() } else { "" };
            format!("want {id}{asked}")
        });
        Message::default()
            .lines(wants)
            .lines((wish.shallow && self.has("shallow")).then_some("deepen 1"))
            .lines(filter)
            .flush()
            .lines(wish.haves.iter().map(|id| format!("have {id}")))
            .line("done")
    }

    /// Whether the server sends commits without their trees.
    pub(super) fn can_filter(&self) -> bool {
        match &self.dialect {
            Dialect::Two { capabilities } => capabilities.iter().any(|line| {
                let features = line.strip_prefix("fetch=");
                features.is_some_and(|features| features.split(' ').any(|f| f == "filter"))
            }),
            Dialect::Zero { .. } => self.has("filter"),
        }
    }

    fn has(&self, capability: &str) -> bool {
        let (Dialect::Two { capabilities } | Dialect::Zero { capabilities, .. }) = &self.dialect;
        capabilities.iter().any(|known| known == capability)
    }

    /// Git leaves the format out where it is SHA-1, and so do servers that know no other.
    fn format_line(&self) -> Option<&'static str> {
        (self.format == ObjectFormat::Sha256).then_some("object-format=sha256")
    }

    fn ask(&self, message: Message) -> Result<Response, Trouble> {
        let request = Request::post(&below(&self.base, "git-upload-pack"), message.into_bytes())
            .header("content-type", "application/x-git-upload-pack-request")
            .header("accept", "application/x-git-upload-pack-result");
        let request = match self.dialect {
            Dialect::Two { .. } => request.header("git-protocol", "version=2"),
            Dialect::Zero { .. } => request,
        };
        let response = self.net.send(&request)?;
        let media = response.header("content-type").unwrap_or_default();
        if media.split(';').next() != Some("application/x-git-upload-pack-result") {
            let text = format!("{}: the answer is not git's", response.endpoint());
            return Err(Trouble::faulty(text));
        }
        Ok(response)
    }
}

/// Whether the pack follows in version 0: behind `NAK`, or an `ACK` that says nothing but an id.
fn is_last_word(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    match words.next() {
        Some(b"NAK") => true,
        Some(b"ACK") => words.count() == 1,
        _ => false,
    }
}

/// The address of a part of the repository.
fn below(repository: &Url, part: &str) -> Url {
    let mut url = repository.clone();
    let path = format!("{}/{part}", repository.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}
