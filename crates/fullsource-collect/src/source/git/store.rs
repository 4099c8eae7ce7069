//! The objects of one repository: packs, and files of one object each.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::bufread::ZlibDecoder;
use fullsource_format::digest::GitId;
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use super::object::{Found, Kind, format_of};
use super::pack::{Desk, OBJECT_BYTES, Pack};
use crate::directory::Directory;
use crate::git_tree::ObjectFormat;
use crate::source::Trouble;

/// Packs of a repository on this machine. One that is looked after has a few.
const PACKS: usize = 10_000;

/// The objects of a repository.
pub(super) struct Objects {
    pub(super) format: ObjectFormat,
    packs: Vec<Pack>,
    /// The directory `objects`, where objects lie in files of their own.
    loose: Option<Directory>,
    /// What the repository says of objects that lie elsewhere. Nobody looks there: it is somebody else's
    /// repository, and a directory that it names is its reader's.
    elsewhere: Option<&'static str>,
}

impl Objects {
    /// Objects that were sent in one pack, or none.
    pub(super) fn received(format: ObjectFormat, pack: Option<Pack>) -> Self {
        Self { format, packs: pack.into_iter().collect(), loose: None, elsewhere: None }
    }

    /// The objects below the directory of a repository.
    pub(super) fn open(
        path: &Path,
        repository: &Directory,
        format: ObjectFormat,
    ) -> Result<Self, Trouble> {
        let unread = |error: std::io::Error| Trouble::faulty(format!("`objects`: {error}"));
        let loose = repository.open_directory(b"objects").map_err(unread)?;
        let info = loose.open_directory(b"info");
        let mut elsewhere = info
            .is_ok_and(|info| info.stat(b"alternates").is_ok())
            .then_some("`objects/info/alternates` names other places, which are not read");
        let mut packs = Vec::new();
        if let Ok(directory) = loose.open_directory(b"pack") {
            let mut names = Vec::new();
            for listed in directory.list().map_err(unread)? {
                let name = listed.map_err(unread)?.name;
                if name.ends_with(b".promisor") {
                    elsewhere = Some("it is a partial clone, which is not completed");
                }
                let pair = name.strip_suffix(b".idx").map(|stem| [stem, b".pack"].concat());
                let regular = |name: &[u8]| {
                    let stat = directory.stat(name).map(|stat| stat.st_mode);
                    stat.is_ok_and(|mode| FileType::from_raw_mode(mode) == FileType::RegularFile)
                };
                if pair.is_some_and(|pack| regular(&name) && regular(&pack)) {
                    names.push(String::from_utf8_lossy(&name).into_owned());
                }
            }
            if names.len() > PACKS {
                return Err(Trouble::skipped(format!("more than {PACKS} packs")));
            }
            names.sort_unstable();
            for (number, name) in (0..).zip(names) {
                packs.push(Pack::open(&path.join("objects/pack").join(name), format, number)?);
            }
        }
        Ok(Self { format, packs, loose: Some(loose), elsewhere })
    }

    /// The object of this id, or `None` where the repository has none.
    pub(super) fn find(&self, id: &GitId, desk: &mut Desk) -> Result<Option<Found<'_>>, Trouble> {
        if format_of(id) != self.format {
            return Ok(None);
        }
        for pack in &self.packs {
            if let Some(found) = pack.find(id, desk)? {
                return Ok(Some(found));
            }
        }
        match &self.loose {
            Some(objects) => loose(objects, id),
            None => Ok(None),
        }
    }

    /// The object of this id that another one names, whose kind is known.
    pub(super) fn named(
        &self,
        id: &GitId,
        kind: Kind,
        desk: &mut Desk,
    ) -> Result<Found<'_>, Trouble> {
        let found = self.find(id, desk)?.ok_or_else(|| self.missing(kind.name(), id))?;
        if found.kind != kind {
            let (wanted, kind) = (kind.name(), found.kind.name());
            let text = format!("{id} is named as a {wanted} object and is a {kind} object");
            return Err(Trouble::faulty(text));
        }
        Ok(found)
    }

    /// The whole object of this id that another one names.
    pub(super) fn whole(
        &self,
        id: &GitId,
        kind: Kind,
        desk: &mut Desk,
    ) -> Result<Vec<u8>, Trouble> {
        self.named(id, kind, desk)?.whole(OBJECT_BYTES)
    }

    /// That an object is not there although another one, or a locator, names it.
    pub(super) fn lacking(&self, text: String, otherwise: fn(String) -> Trouble) -> Trouble {
        match self.elsewhere {
            Some(word) => Trouble::skipped(format!("{text}; {word}")),
            None => otherwise(text),
        }
    }

    fn missing(&self, kind: &str, id: &GitId) -> Trouble {
        let text = format!("the repository does not have its {kind} object {id}");
        self.lacking(text, Trouble::faulty)
    }

    /// The ids that begin with these digits; two at most from each place.
    pub(super) fn abbreviated(&self, digits: &str) -> Vec<GitId> {
        let Ok(prefix) = gix::hash::Prefix::from_hex(digits) else { return Vec::new() };
        let packed = self.packs.iter().flat_map(|pack| pack.abbreviated(prefix));
        let mut ids: Vec<GitId> =
            packed.filter_map(|bytes| super::object::id_from(&bytes, self.format)).collect();
        if let (Some(objects), Some((two, rest))) = (&self.loose, digits.split_at_checked(2)) {
            let listed = objects.open_directory(two.as_bytes());
            let names = listed.and_then(|d| d.list()?.collect::<std::io::Result<Vec<_>>>());
            let names = names.unwrap_or_default().into_iter().map(|listed| listed.name);
            let fitting = names.filter(|name| name.starts_with(rest.as_bytes()));
            let full = fitting.map(|name| [two.as_bytes(), &name].concat());
            ids.extend(full.filter_map(|hex| super::object::id_written(&hex, self.format)).take(2));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The object in a file of its own.
fn loose(objects: &Directory, id: &GitId) -> Result<Option<Found<'static>>, Trouble> {
    let broken = |what: &dyn std::fmt::Display| Trouble::faulty(format!("object {id}: {what}"));
    let hex = id.to_string();
    let (directory, name) = hex.split_at(2);
    let file = match objects.open_file(format!("{directory}/{name}").as_bytes()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(broken(&error)),
    };
    let mode = fstat(&file).map_err(|error| broken(&error))?.st_mode;
    if FileType::from_raw_mode(mode) != FileType::RegularFile {
        return Err(broken(&"not a regular file"));
    }
    let mut bytes = ZlibDecoder::new(BufReader::with_capacity(64 << 10, File::from(file)));
    let (kind, size) = header(&mut bytes).ok_or_else(|| broken(&"not an object"))?;
    Ok(Some(Found::new(id, kind, size, bytes)))
}

/// Reads `KIND SIZE\0`.
fn header(bytes: &mut impl Read) -> Option<(Kind, u64)> {
    let mut header = Vec::new();
    let mut byte = [0];
    while header.len() < 32 {
        bytes.read_exact(&mut byte).ok()?;
        if byte == [0] {
            let (kind, size) = std::str::from_utf8(&header).ok()?.split_once(' ')?;
            let digits = !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit());
            return Some((Kind::named(kind.as_bytes())?, size.parse().ok().filter(|_| digits)?));
        }
        header.extend(byte);
    }
    None
}
