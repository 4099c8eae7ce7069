//! A repository behind HTTP, asked in git's own protocol (gitprotocol-http): version 2, and version 0
//! where the server speaks no other.

use std::io::Read;

use fullsource_format::digest::GitId;
use url::Url;

use super::object::id_written;
use super::packet::{Message, Packet, Packets, SideBand};
use super::refs::{REFS, Ref};
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

enum Dialect {
    /// Version 2: refs are asked for.
    Two { capabilities: Vec<String> },
    /// Versions 0 and 1: refs were told at once.
    Zero { capabilities: Vec<String>, refs: Vec<Ref> },
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
    Pack(SideBand<Response>),
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
        let mut refs = Vec::new();
        while let Some(line) = packets.line()? {
            refs.push(listed(line, self.format).ok_or_else(|| unread(line))?);
            bounded(&refs)?;
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
                    // Version 0 goes on with the pack behind one NAK or ACK.
                    let last = if two {
                        line == b"packfile"
                    } else {
                        line == b"NAK" || line.starts_with(b"ACK ")
                    };
                    if last {
                        return Ok((Answer::Pack(SideBand::new(packets)), shortened));
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
        for capability in ["no-progress", "shallow", "filter"] {
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

/// The address of a part of the repository.
fn below(repository: &Url, part: &str) -> Url {
    let mut url = repository.clone();
    let path = format!("{}/{part}", repository.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

/// Reads what a server says of itself.
fn advertised<R: Read>(packets: &mut Packets<R>) -> Result<(ObjectFormat, Dialect), Trouble> {
    let mut first = owned(packets)?;
    if first.as_deref() == Some(b"# service=git-upload-pack") {
        // A flush follows.
        while packets.line()?.is_some() {}
        first = owned(packets)?;
    }
    if first.as_deref() == Some(b"version 2") {
        let mut capabilities = Vec::new();
        while let Some(line) = packets.line()? {
            capabilities.push(String::from_utf8_lossy(line).into_owned());
        }
        let format = format_among(&capabilities)?;
        return Ok((format, Dialect::Two { capabilities }));
    }
    if first.as_deref() == Some(b"version 1") {
        first = owned(packets)?;
    }
    told_at_once(packets, first)
}

/// Versions 0 and 1: refs, with what the server can do behind the first.
fn told_at_once<R: Read>(
    packets: &mut Packets<R>,
    first: Option<Vec<u8>>,
) -> Result<(ObjectFormat, Dialect), Trouble> {
    let mut capabilities = Vec::new();
    let mut refs: Vec<Ref> = Vec::new();
    let Some(mut line) = first else {
        return Ok((ObjectFormat::Sha1, Dialect::Zero { capabilities, refs }));
    };
    if let Some(words) = line.strip_prefix(b"ERR ") {
        return Err(Trouble::unreachable(format!("the server answers: {}", escaped(words))));
    }
    if let Some(end) = line.iter().position(|byte| *byte == 0) {
        let behind = line.split_off(end);
        let words = String::from_utf8_lossy(&behind[1..]).into_owned();
        capabilities = words.split(' ').map(str::to_owned).collect();
    }
    let format = format_among(&capabilities)?;
    let mut next = Some(line);
    while let Some(line) = next {
        take_ref(&line, format, &mut refs)?;
        bounded(&refs)?;
        next = owned(packets)?;
    }
    for pair in capabilities.iter().filter_map(|line| line.strip_prefix("symref=")) {
        let pair = pair.split_once(':');
        let named = |name: &str| refs.iter().position(|known| known.name == name.as_bytes());
        if let Some((at, target)) = pair.and_then(|(name, target)| Some((named(name)?, target))) {
            refs[at].target = Some(target.into());
        }
    }
    Ok((format, Dialect::Zero { capabilities, refs }))
}

fn take_ref(line: &[u8], format: ObjectFormat, refs: &mut Vec<Ref>) -> Result<(), Trouble> {
    if line.starts_with(b"shallow ") {
        return Ok(());
    }
    let mut found = listed(line, format).ok_or_else(|| unread(line))?;
    if found.name == b"capabilities^{}" {
        return Ok(());
    }
    match found.name.strip_suffix(b"^{}") {
        // The line behind that of a tag object says where it leads.
        Some(name) => {
            if let Some(tag) = refs.last_mut().filter(|tag| tag.name == name) {
                tag.peeled = Some(found.id);
            }
        }
        None => {
            found.peeled = None;
            refs.push(found);
        }
    }
    Ok(())
}

/// Reads `ID NAME`, and behind it `symref-target:NAME` and `peeled:ID`.
fn listed(line: &[u8], format: ObjectFormat) -> Option<Ref> {
    let mut words = line.split(|byte| *byte == b' ');
    let id = id_written(words.next()?, format)?;
    let name = words.next()?.to_vec();
    let (mut peeled, mut target) = (None, None);
    for word in words {
        if let Some(digits) = word.strip_prefix(b"peeled:") {
            peeled = Some(id_written(digits, format)?);
        } else if let Some(name) = word.strip_prefix(b"symref-target:") {
            target = Some(name.to_vec());
        }
    }
    Some(Ref { name, id, peeled, target })
}

fn owned<R: Read>(packets: &mut Packets<R>) -> Result<Option<Vec<u8>>, Trouble> {
    Ok(packets.line()?.map(<[u8]>::to_vec))
}

fn format_among(capabilities: &[String]) -> Result<ObjectFormat, Trouble> {
    let formats = capabilities.iter().find_map(|line| line.strip_prefix("object-format="));
    match formats {
        None | Some("sha1") => Ok(ObjectFormat::Sha1),
        Some("sha256") => Ok(ObjectFormat::Sha256),
        Some(other) => {
            let text = format!("the repository's ids are of `{}`", escaped(other.as_bytes()));
            Err(Trouble::faulty(text))
        }
    }
}

fn bounded(refs: &[Ref]) -> Result<(), Trouble> {
    if refs.len() > REFS {
        return Err(Trouble::skipped(format!("more than {REFS} branches and tags")));
    }
    Ok(())
}

fn unread(line: &[u8]) -> Trouble {
    match line.strip_prefix(b"ERR ") {
        Some(words) => Trouble::unreachable(format!("the server answers: {}", escaped(words))),
        None => Trouble::faulty(format!("no ref of a repository: `{}`", escaped(line))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

    fn read(message: Message) -> Result<(ObjectFormat, Dialect), Trouble> {
        advertised(&mut Packets::new(message.into_bytes().as_slice()))
    }

    #[test]
    fn the_oldest_dialect_is_read() {
        let service = || Message::default().line("# service=git-upload-pack").flush();
        let message = service()
            .line(format!("{ID} HEAD\0multi_ack shallow object-format=sha1"))
            .line(format!("{ID} refs/tags/v1"))
            .line(format!("{ID} refs/tags/v1^{{}}"))
            .flush();
        let Ok((ObjectFormat::Sha1, Dialect::Zero { capabilities, refs })) = read(message) else {
            panic!("not read");
        };
        assert_eq!(capabilities.len(), 3);
        assert_eq!(refs.len(), 2);
        assert!(refs[0].peeled.is_none() && refs[1].peeled.is_some());
        let empty = format!("{} capabilities^{{}}\0shallow", "0".repeat(40));
        let read_empty = read(service().line(empty).flush());
        assert!(matches!(read_empty, Ok((_, Dialect::Zero { refs, .. })) if refs.is_empty()));
    }

    #[test]
    fn an_unknown_hash_and_a_line_that_is_no_ref_are_refused() {
        let two = |line: &str| Message::default().line("version 2").line(line).flush();
        assert!(matches!(read(two("object-format=sha256")), Ok((ObjectFormat::Sha256, _))));
        assert!(read(two("object-format=md5")).is_err());
        assert!(read(Message::default().line("hello").flush()).is_err());
        assert!(read(Message::default().line("ERR no").flush()).is_err());
    }
}
