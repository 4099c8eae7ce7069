//! What is known of a content so far, whichever thread told it.

use std::collections::BTreeSet;

use fullsource_format::digest::{Digest, DigestSet, GitId};
use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::index::{FileTable, TableError};

use super::facts::Facts;
use super::hollow::{Class, hollow};
use super::index::{self, IndexMatch};
use super::kind::FileKind;
use super::layers::Layers;
use super::listing::{File, Listed, Listing};
use super::look::Said;
use super::weights::Shapes;
use super::{Content, Wanted};
use crate::git_tree::{LeafKind, ObjectFormat};

#[derive(Debug, Default)]
pub(super) struct State {
    listing: Listing,
    /// The one file, where the content is one.
    single: Option<Single>,
    /// Whether anything came with a path.
    tree: bool,
    facts: Facts,
    shapes: Shapes,
    layers: Layers,
    classes: BTreeSet<Class>,
    files: u64,
    word_only: u64,
    compressed: u64,
    pointers: u64,
    first_pointer: Option<String>,
    submodules: u64,
    index: IndexMatch,
}

#[derive(Debug)]
struct Single {
    size: u64,
    digests: Option<DigestSet>,
    blob: Option<GitId>,
}

impl State {
    /// Adds a file. Fails with a sentence where the content cannot have it.
    /// `indexed` is the index, and the number of the file in it, where it has it.
    pub(super) fn add(
        &mut self,
        file: &File<'_>,
        indexed: Option<(&FileTable, usize)>,
        git: bool,
    ) -> Result<(), String> {
        if !file.path.is_empty() {
            self.is_tree()?;
            match indexed.filter(|(index, nth)| index::is_read_and_equal(&index.record(*nth), file))
            {
                Some((index, number)) => self.listing.mark(index, number, file, git)?,
                None => self.listing.add(file, git)?,
            }
        } else if self.tree || self.single.is_some() {
            return Err("there is more than the one file that lies there".to_owned());
        } else {
            let digests = [file.sha256.map(Digest::Sha256), file.blake3.map(Digest::Blake3)];
            let digests = set(digests.into_iter().flatten());
            self.single = Some(Single { size: file.size, digests, blob: file.blob });
        }
        self.files += 1;
        Ok(())
    }

    /// Adds a symbolic link or a submodule.
    pub(super) fn link(
        &mut self,
        path: &[u8],
        kind: LeafKind,
        id: Option<GitId>,
    ) -> Result<(), String> {
        self.is_tree()?;
        self.listing.link(path, kind, id)
    }

    fn is_tree(&mut self) -> Result<(), String> {
        if self.single.is_some() {
            return Err("there is more than the one file that lies there".to_owned());
        }
        self.tree = true;
        Ok(())
    }

    /// Takes what a file said.
    pub(super) fn hear(&mut self, path: &str, size: u64, said: Said) {
        let Said { facts, shape, layers, config, class, compressed } = said;
        facts.into_iter().for_each(|fact| self.facts.add(fact));
        shape.into_iter().for_each(|shape| self.shapes.add_weights(shape));
        self.layers.join(layers);
        config.into_iter().for_each(|config| self.shapes.add_config(path, config));
        self.classes.insert(class);
        self.compressed += if compressed { size } else { 0 };
        if class == Class::Pointer {
            self.pointers += 1;
            let first = self.first_pointer.take();
            self.first_pointer = first.into_iter().chain([path.to_owned()]).min();
        }
    }

    /// Adds a fact about the content.
    pub(super) fn add_fact(&mut self, fact: ContentFact) {
        self.facts.add(fact);
    }

    /// A file that was not read, of which its name is known.
    pub(super) fn hear_word(&mut self, kind: FileKind) {
        self.word_only += 1;
        self.hear_unread(kind);
    }

    /// A file that could not be read, of which its name is known.
    pub(super) fn hear_unread(&mut self, kind: FileKind) {
        if matches!(kind, FileKind::Safetensors | FileKind::Gguf) {
            self.layers.join(Layers::unknown());
        }
        self.classes.insert(Class::of_kind(kind).unwrap_or(Class::Other));
    }

    pub(super) fn hear_submodule(&mut self, path: &str, commit: &GitId) {
        self.submodules += 1;
        let fact = ContentFact::new(ContentFactKind::Submodule).at(path);
        self.facts.add(fact.saying(commit.to_string()));
    }

    /// A file that is not in the index.
    pub(super) fn extra(&mut self, path: &str) {
        self.index.add_extra(path);
    }

    /// All that is known, now that nothing more comes. `many` says that there are too many files of
    /// which the names say nothing to be hollow.
    pub(super) fn finish(mut self, wanted: &Wanted<'_>, many: bool) -> Result<Content, TableError> {
        self.classes.extend(many.then_some(Class::Other));
        if wanted.index.is_some() && self.index.extra > 0 {
            self.listing.has_no_tree("its index does not have all of it".to_owned());
        }
        let git = wanted.git.filter(|_| self.single.is_none());
        let listed = std::mem::take(&mut self.listing).finish(git, wanted.index)?;
        if wanted.facts {
            self.conclude(wanted, &listed);
        }
        let index = self.compare(wanted, &listed);
        let partial = self.pointers > 0 || self.submodules > 0;
        let (digests, size, table) = match self.single.take() {
            Some(single) => (single.digests, single.size, None),
            None => {
                let whole = wanted.index.is_none() || wanted.sample.is_none();
                (listed.digests.filter(|_| whole), listed.bytes, Some(listed.table))
            }
        };
        Ok(Content {
            digests,
            size,
            files: self.files,
            word_only: self.word_only,
            partial,
            facts: self.facts.finish(),
            table,
            index,
        })
    }

    fn compare(&mut self, wanted: &Wanted<'_>, seen: &Listed) -> Option<IndexMatch> {
        let index = wanted.index?;
        let mut result = std::mem::take(&mut self.index);
        index::compare(index, wanted.sample, seen, &mut result);
        result.facts(index.len()).into_iter().for_each(|fact| self.facts.add(fact));
        Some(result)
    }

    /// The facts about the whole.
    fn conclude(&mut self, wanted: &Wanted<'_>, listed: &Listed) {
        let fact = ContentFact::new;
        let fault = |value: String| fact(ContentFactKind::Fault).saying(value);
        let count = |kind, count: u64| (count > 0).then(|| fact(kind).counting(count));
        let pointers = count(ContentFactKind::LfsPointers, self.pointers);
        let pointers =
            pointers.zip(self.first_pointer.as_deref()).map(|(fact, path)| fact.at(path));
        // What is not there is told by the index, and is not hollow.
        let absent = self.files == 0 && wanted.index.is_some_and(|index| !index.is_empty());
        let elsewhere = absent || self.pointers > 0 || self.submodules > 0;
        let no_entry = wanted.index.is_some_and(FileTable::is_empty);
        let hollow = hollow(&self.classes, wanted.roles, no_entry).filter(|_| !elsewhere);
        let odd = listed.odd.as_ref().map(|(count, first)| {
            fault(format!("{count} names are no paths of a release, the first is `{first}`"))
        });
        let no_tree =
            listed.no_tree.as_ref().map(|why| fault(format!("it has no git tree id: {why}")));
        let swhid = self.swhid(wanted.git, listed);
        let facts = [
            pointers,
            hollow.map(|value| fact(ContentFactKind::Hollow).saying(value)),
            count(ContentFactKind::Compressed, self.compressed),
            count(ContentFactKind::WordOnly, self.word_only),
            odd,
            no_tree,
            swhid.map(|id| fact(ContentFactKind::Swhid).saying(id)),
        ];
        let shapes = self.shapes.finish();
        // look-55: of all files, or of none.
        let all = !elsewhere && wanted.sample.is_none();
        let layers = self.layers.facts().filter(|_| all);
        let facts = facts.into_iter().flatten().chain(shapes).chain(layers);
        facts.for_each(|fact| self.facts.add(fact));
    }

    /// A SWHID's digits are git's, with SHA-1.
    fn swhid(&self, git: Option<ObjectFormat>, listed: &Listed) -> Option<String> {
        if git != Some(ObjectFormat::Sha1) {
            return None;
        }
        if let Some(single) = &self.single {
            return single.blob.map(|id| format!("swh:1:cnt:{id}"));
        }
        let tree = |digest| match digest {
            Digest::GitTree(id) => Some(format!("swh:1:dir:{id}")),
            _ => None,
        };
        listed.digests.as_ref()?.digests().find_map(tree)
    }
}

fn set(digests: impl Iterator<Item = Digest>) -> Option<DigestSet> {
    digests.fold(None, |set: Option<DigestSet>, digest| Some(set.unwrap_or_default().with(digest)))
}
