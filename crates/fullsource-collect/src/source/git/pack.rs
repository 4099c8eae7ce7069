//! Packs: many objects in one file, most of them as differences from others.

use std::io::Cursor;
use std::path::Path;

use fullsource_format::digest::GitId;
use gix::odb::pack;

use super::object::{Found, bytes_of};
use crate::git_tree::ObjectFormat;
use crate::source::Trouble;

/// Bytes of one object in a pack, which is unpacked in memory. What is larger belongs into Git LFS; the
/// large hosts take no more than 100 MiB.
pub(super) const OBJECT_BYTES: usize = 1 << 30;

/// A pack with its index. Both are mapped: a repository on this machine whose packs somebody shortens
/// while they are read ends the program, as it ends git.
pub(super) struct Pack {
    data: pack::data::File,
    index: pack::index::File,
}

/// What unpacking needs again and again: one for each thread.
#[derive(Default)]
pub(super) struct Desk {
    inflate: gix::zlib::Inflate,
    bases: Bases,
}

pub(super) const fn hash_kind(format: ObjectFormat) -> gix::hash::Kind {
    match format {
        ObjectFormat::Sha1 => gix::hash::Kind::Sha1,
        ObjectFormat::Sha256 => gix::hash::Kind::Sha256,
    }
}

impl Pack {
    /// Opens the pack beside an index (`.idx`). The number tells it from others.
    pub(super) fn open(index: &Path, format: ObjectFormat, number: u32) -> Result<Self, Trouble> {
        let hash = hash_kind(format);
        let broken = |error| faulty("a pack cannot be opened", &error);
        let mut data = pack::data::File::at(index.with_extension("pack"), hash)
            .map_err(broken)?
            .with_alloc_limit_bytes(Some(OBJECT_BYTES));
        data.id = number;
        let index = pack::index::File::at(index, hash).map_err(broken)?;
        Ok(Self { data, index })
    }

    /// The object, or `None` where the pack has none of this id.
    pub(super) fn find(&self, id: &GitId, desk: &mut Desk) -> Result<Option<Found<'_>>, Trouble> {
        let Ok(name) = gix::hash::oid::try_from_bytes(bytes_of(id)) else { return Ok(None) };
        let broken = |error| faulty(&format!("object {id}"), &error);
        let Some(entry) = self.entry(name).map_err(broken)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let resolve = |base: &gix::hash::oid, _: &mut Vec<u8>| {
            let base = self.entry(base)?;
            Ok(base.map(pack::data::decode::entry::ResolvedBase::InPack))
        };
        let Desk { inflate, bases } = desk;
        let decoded = self.data.decode_entry(entry, &mut bytes, inflate, &resolve, bases);
        let kind = decoded.map_err(broken)?.kind;
        Ok(Some(Found::new(id, kind.into(), bytes.len() as u64, Cursor::new(bytes))))
    }

    fn entry(&self, id: &gix::hash::oid) -> gix::Result<Option<pack::data::Entry>> {
        let place = self.index.lookup(id);
        place.map(|at| self.data.entry(self.index.pack_offset_at_index(at))).transpose()
    }

    /// The ids that begin with these digits, as far as the pack has them: one or several.
    pub(super) fn abbreviated(&self, prefix: gix::hash::Prefix) -> Vec<Vec<u8>> {
        let mut candidates = 0..0;
        self.index.lookup_prefix(prefix, Some(&mut candidates));
        let few = candidates.take(2);
        few.map(|at| self.index.oid_at_index(at).as_bytes().to_vec()).collect()
    }
}

/// What is wrong, in the library's words.
pub(super) fn faulty(what: &str, error: &gix::Error) -> Trouble {
    if gix::error::classify(error).is_resource_exhausted() {
        let text = format!("{what}: an object of more than {OBJECT_BYTES} bytes");
        return Trouble::skipped(text);
    }
    Trouble::faulty(format!("{what}: {error}"))
}

/// The last few objects unpacked, from which the next ones may differ.
#[derive(Default)]
struct Bases {
    kept: Vec<Base>,
    next: usize,
}

struct Base {
    pack: u32,
    offset: u64,
    kind: gix::objs::Kind,
    packed: usize,
    bytes: Vec<u8>,
}

impl Bases {
    const COUNT: usize = 64;
    /// Bytes of an object that is kept, so that a thread keeps 64 MiB at most.
    const BYTES: usize = 1 << 20;
}

impl pack::cache::DecodeEntry for Bases {
    fn put(&mut self, pack: u32, offset: u64, data: &[u8], kind: gix::objs::Kind, packed: usize) {
        if data.len() > Self::BYTES {
            return;
        }
        let base = Base { pack, offset, kind, packed, bytes: data.to_vec() };
        if self.kept.len() < Self::COUNT {
            self.kept.push(base);
        } else {
            self.kept[self.next] = base;
            self.next = (self.next + 1) % Self::COUNT;
        }
    }

    fn get(
        &mut self,
        pack: u32,
        offset: u64,
        out: &mut Vec<u8>,
    ) -> Option<(gix::objs::Kind, usize)> {
        let base = self.kept.iter().find(|base| (base.pack, base.offset) == (pack, offset))?;
        out.clear();
        out.extend_from_slice(&base.bytes);
        Some((base.kind, base.packed))
    }
}
