//! What a server says of itself before it is asked anything, in each version of git's protocol.

use std::io::Read;

use super::object::id_written;
use super::packet::Packets;
use super::refs::{REF_BYTES, REFS, Ref};
use crate::git_tree::ObjectFormat;
use crate::source::Trouble;
use crate::tree::escaped;

/// How a server speaks.
pub(super) enum Dialect {
    /// Version 2: refs are asked for.
    Two { capabilities: Vec<String> },
    /// Versions 0 and 1: refs were told at once.
    Zero { capabilities: Vec<String>, refs: Vec<Ref> },
}

/// Reads what a server says of itself.
pub(super) fn advertised<R: Read>(
    packets: &mut Packets<R>,
) -> Result<(ObjectFormat, Dialect), Trouble> {
    let mut first = owned(packets)?;
    if first.as_deref() == Some(b"# service=git-upload-pack") {
        // A flush follows.
        while packets.line()?.is_some() {}
        first = owned(packets)?;
    }
    if first.as_deref() == Some(b"version 2") {
        let (mut capabilities, mut bytes) = (Vec::new(), 0);
        while let Some(line) = packets.line()? {
            bytes += line.len();
            bounded(capabilities.len(), bytes)?;
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
    let (mut next, mut bytes) = (Some(line), 0);
    while let Some(line) = next {
        take_ref(&line, format, &mut refs)?;
        bytes += line.len();
        bounded(refs.len(), bytes)?;
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
pub(super) fn listed(line: &[u8], format: ObjectFormat) -> Option<Ref> {
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

/// Whether as many of a server's lines, and so many bytes of them, may be kept.
pub(super) fn bounded(lines: usize, bytes: usize) -> Result<(), Trouble> {
    if lines > REFS || bytes > REF_BYTES {
        return Err(Trouble::skipped(format!("more than {REFS} branches and tags")));
    }
    Ok(())
}

pub(super) fn unread(line: &[u8]) -> Trouble {
    match line.strip_prefix(b"ERR ") {
        Some(words) => Trouble::unreachable(format!("the server answers: {}", escaped(words))),
        None => Trouble::faulty(format!("no ref of a repository: `{}`", escaped(line))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::Message;
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
