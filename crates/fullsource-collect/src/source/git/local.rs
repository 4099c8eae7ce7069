//! A repository on this machine. It is somebody else's: nothing in it is run, no configuration but its
//! object format is read, and nothing that it points to outside is followed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use fullsource_format::digest::GitId;
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use super::object::{Kind, id_written, tag_target};
use super::pack::{Desk, OBJECT_BYTES};
use super::reach::{self, Missing, Reach};
use super::refs::{REFS, Ref};
use super::store::Objects;
use crate::directory::Directory;
use crate::git_tree::ObjectFormat;
use crate::source::{Context, Trouble};

/// Bytes of a file of references.
const PACKED_REFS_BYTES: u64 = 512 << 20;
/// Bytes of a configuration.
const CONFIG_BYTES: u64 = 4 << 20;
/// Directories in each other below `refs`.
const REF_DEPTH: usize = 64;
/// Names that stand for names that stand for names: git stops here, too.
const SYMBOLIC: usize = 5;

/// A repository that lies open.
pub(super) struct Local {
    directory: Directory,
    pub(super) objects: Objects,
    /// Whether its refs are files: not so with `extensions.refStorage = reftable`.
    files: bool,
}

impl Local {
    /// Opens a repository, bare or with a working tree.
    pub(super) fn open(path: &Path) -> Result<Self, Trouble> {
        let (path, directory) = root(path)?;
        let config = read(&directory, b"config", CONFIG_BYTES)?.unwrap_or_default();
        let config = configured(&config)?;
        let (sha256, reftable) = (is(&config, "objectformat", "sha256"), is_reftable(&config));
        let format = if sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
        let objects = Objects::open(&path, &directory, format)?;
        Ok(Self { directory, objects, files: !reftable })
    }

    /// Whether a branch or a tag leads to a commit.
    pub(super) fn reach(&self, commit: GitId, context: &Context<'_>) -> Result<Reach, Trouble> {
        let refs = self.refs()?;
        if reach::is_tip(&refs, &commit) {
            return Ok(Reach::Reached);
        }
        reach::walk(&self.objects, &refs, &commit, Missing::Hole, context)
    }

    /// All refs, and `HEAD` where it leads to one.
    pub(super) fn refs(&self) -> Result<Vec<Ref>, Trouble> {
        if !self.files {
            return Err(Trouble::skipped(
                "the repository keeps its refs in tables, which are not read",
            ));
        }
        let mut found = BTreeMap::new();
        if let Some(packed) = read(&self.directory, b"packed-refs", PACKED_REFS_BYTES)? {
            for line in packed.split(|byte| *byte == b'\n') {
                let Some(space) = line.iter().position(|byte| *byte == b' ') else { continue };
                let (id, name) = (&line[..space], &line[space + 1..]);
                if let Some(id) = id_written(id, self.objects.format) {
                    found.insert(name.to_vec(), Said::Id(id));
                }
            }
        }
        if let Ok(directory) = self.directory.open_directory(b"refs") {
            self.below(&directory, b"refs", 0, &mut found)?;
        }
        if let Some(head) = read(&self.directory, b"HEAD", CONFIG_BYTES)? {
            let said = said(&head, self.objects.format);
            found.extend(said.map(|said| (b"HEAD".to_vec(), said)));
        }
        if found.len() > REFS {
            return Err(Trouble::skipped(format!("more than {REFS} branches and tags")));
        }
        let desk = &mut Desk::default();
        Ok(found.keys().filter_map(|name| self.followed(name, &found, desk)).collect())
    }

    fn below(
        &self,
        directory: &Directory,
        path: &[u8],
        depth: usize,
        found: &mut BTreeMap<Vec<u8>, Said>,
    ) -> Result<(), Trouble> {
        let unread = |error: io::Error| Trouble::faulty(format!("`refs`: {error}"));
        for listed in directory.list().map_err(unread)? {
            let name = listed.map_err(unread)?.name;
            let full = [path, b"/", name.as_slice()].concat();
            if let Ok(inner) = directory.open_directory(&name) {
                if depth < REF_DEPTH {
                    self.below(&inner, &full, depth + 1, found)?;
                }
            } else if let Some(content) = read(directory, &name, CONFIG_BYTES)? {
                found.extend(said(&content, self.objects.format).map(|said| (full, said)));
            }
        }
        Ok(())
    }

    /// A ref with what it leads to in the end, or `None` where that is nothing.
    fn followed(
        &self,
        name: &[u8],
        found: &BTreeMap<Vec<u8>, Said>,
        desk: &mut Desk,
    ) -> Option<Ref> {
        let mut said = found.get(name)?;
        let mut target = None;
        for _ in 0..SYMBOLIC {
            match said {
                Said::Id(id) => {
                    let peeled = self.peeled(*id, desk);
                    return Some(Ref { name: name.to_vec(), id: *id, peeled, target });
                }
                Said::Name(next) => {
                    target = target.or_else(|| Some(next.clone()));
                    said = found.get(next)?;
                }
            }
        }
        None
    }

    /// What a tag object leads to in the end.
    fn peeled(&self, id: GitId, desk: &mut Desk) -> Option<GitId> {
        let mut here = id;
        for _ in 0..SYMBOLIC {
            let found = self.objects.find(&here, desk).ok()??;
            if found.kind != Kind::Tag {
                return (here != id).then_some(here);
            }
            here = tag_target(&found.whole(OBJECT_BYTES).ok()?, self.objects.format)?;
        }
        None
    }
}

/// What the file of a ref says.
enum Said {
    Id(GitId),
    Name(Vec<u8>),
}

fn said(content: &[u8], format: ObjectFormat) -> Option<Said> {
    let line = content.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
    match line.strip_prefix(b"ref:") {
        Some(name) => Some(Said::Name(name.trim_ascii().to_vec())),
        None => id_written(line, format).map(Said::Id),
    }
}

/// The directory of the repository itself.
fn root(path: &Path) -> Result<(PathBuf, Directory), Trouble> {
    let directory = Directory::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Trouble::absent(format!("there is no directory `{}`", path.display()))
        }
        io::ErrorKind::PermissionDenied => {
            Trouble::closed(format!("`{}`: {error}", path.display()))
        }
        _ => Trouble::unreachable(format!("`{}`: {error}", path.display())),
    })?;
    if is_one(&directory)? {
        return Ok((path.to_owned(), directory));
    }
    match directory.stat(b".git").map(|stat| FileType::from_raw_mode(stat.st_mode)) {
        Ok(FileType::Directory) => {
            let inner = directory.open_directory(b".git").ok();
            let one = inner.as_ref().map_or(Ok(false), is_one)?;
            inner.filter(|_| one).map(|inner| (path.join(".git"), inner))
        }
        Ok(_) => {
            let text = format!("`{}` points to a repository elsewhere: name that", path.display());
            return Err(Trouble::skipped(text));
        }
        Err(_) => None,
    }
    .ok_or_else(|| Trouble::absent(format!("`{}` is no git repository", path.display())))
}

/// Whether a directory is a repository.
fn is_one(directory: &Directory) -> Result<bool, Trouble> {
    let kind = |name: &[u8]| directory.stat(name).map(|stat| FileType::from_raw_mode(stat.st_mode));
    if kind(b"HEAD").is_err() {
        return Ok(false);
    }
    // look-17: one whose objects lie elsewhere is there, and is not looked at.
    match (directory.open_directory(b"objects"), kind(b"objects")) {
        (Ok(_), _) => Ok(true),
        (Err(error), Ok(FileType::Symlink | FileType::Directory)) => {
            Err(Trouble::skipped(format!("its `objects` are not looked into: {error}")))
        }
        (Err(_), _) => Ok(false),
    }
}

/// The content of a small file, or `None` where there is no regular file of this name.
fn read(directory: &Directory, name: &[u8], limit: u64) -> Result<Option<Vec<u8>>, Trouble> {
    let shown = crate::tree::escaped(name);
    let unread = |error: io::Error| Trouble::faulty(format!("`{shown}`: {error}"));
    let file = match directory.open_file(name) {
        Ok(file) => file,
        Err(Errno::NOENT | Errno::LOOP) => return Ok(None),
        Err(error) => return Err(unread(error.into())),
    };
    let mode = fstat(&file).map_err(|error| unread(error.into()))?.st_mode;
    if FileType::from_raw_mode(mode) != FileType::RegularFile {
        return Ok(None);
    }
    let mut content = Vec::new();
    File::from(file).take(limit + 1).read_to_end(&mut content).map_err(unread)?;
    if content.len() as u64 > limit {
        return Err(Trouble::skipped(format!("`{shown}` has more than {limit} bytes")));
    }
    Ok(Some(content))
}

/// The `extensions` of a configuration. What it includes is not read.
fn configured(config: &[u8]) -> Result<gix::config::File, Trouble> {
    let metadata = gix::config::file::Metadata::default();
    gix::config::File::from_bytes_no_includes(config, metadata, Default::default())
        .map_err(|error| Trouble::faulty(format!("`config`: {error}")))
}

fn is(config: &gix::config::File, key: &str, value: &str) -> bool {
    let found = config.raw_value_by("extensions", None, key);
    found.is_ok_and(|found| found.eq_ignore_ascii_case(value.as_bytes()))
}

fn is_reftable(config: &gix::config::File) -> bool {
    let found = config.raw_value_by("extensions", None, "refstorage");
    found.is_ok_and(|found| !found.eq_ignore_ascii_case(b"files"))
}
