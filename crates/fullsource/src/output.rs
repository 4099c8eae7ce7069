//! What is written: whole, or not at all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use fullsource_format::index::{self, FileTable, IndexDigests, WriteError};
use fullsource_format::loadable::is_loadable;
use fullsource_format::release_dir::{self, Glob, LeftOut};
use fullsource_verify::finding::Code;
use tempfile::{Builder, NamedTempFile};

use crate::exit::Failure;
use crate::signals;

/// What to do where something stands already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Put the new file in its place.
    Replace,
    /// Refuse.
    Keep,
}

/// A file that is written, but not in its place yet. Dropped, it leaves nothing behind.
pub(crate) struct Pending {
    temporary: NamedTempFile,
    path: PathBuf,
    existing: Existing,
}

/// Permissions of files that hold a secret key.
pub(crate) const SECRET: u32 = 0o600;
/// Permissions of other files, before the process's mask.
pub(crate) const PLAIN: u32 = 0o644;

impl Pending {
    /// A temporary file beside `path`, to be filled through [`Pending::file`].
    pub(crate) fn create(path: &Path, mode: u32, existing: Existing) -> Result<Self, Failure> {
        // From here on a signal must not leave the temporary file behind.
        signals::unless_stopped()?;
        let refused = |error: std::io::Error| Failure::unwritten(path, &error);
        if existing == Existing::Keep && path.symlink_metadata().is_ok() {
            return Err(refused(std::io::ErrorKind::AlreadyExists.into()));
        }
        if path.is_dir() {
            return Err(refused(std::io::ErrorKind::IsADirectory.into()));
        }
        // A file in the place of `/dev/null` would stay there for everyone.
        if is_stream(path) {
            let text = format!("`{}` is no regular file, and is not replaced", path.display());
            return Err(Failure::usage(text, "name a file"));
        }
        let temporary = Builder::new()
            .prefix(release_dir::TEMPORARY.0)
            .suffix(release_dir::TEMPORARY.1)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(directory_of(path))
            .map_err(refused)?;
        Ok(Self { temporary, path: path.to_owned(), existing })
    }

    /// The file to be filled.
    pub(crate) fn file(&mut self) -> &mut File {
        self.temporary.as_file_mut()
    }

    /// Syncs the file, before another one gets its name.
    pub(crate) fn sync(&self) -> Result<(), Failure> {
        let synced = self.temporary.as_file().sync_all();
        synced.map_err(|error| Failure::unwritten(&self.path, &error))
    }

    /// Syncs the file and gives it its name.
    pub(crate) fn place(self) -> Result<(), Failure> {
        self.sync()?;
        let refused = |error: &std::io::Error| Failure::unwritten(&self.path, error);
        let placed = match self.existing {
            Existing::Replace => self.temporary.persist(&self.path),
            Existing::Keep => self.temporary.persist_noclobber(&self.path),
        };
        placed.map_err(|error| refused(&error.error))?;
        let directory = directory_of(&self.path);
        // The name is there; a directory that cannot be synced does not undo it.
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
        Ok(())
    }
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The path, below a directory, that a file would have which is there or about to be written.
pub(crate) fn name_in(directory: &Path, file: &Path) -> Option<String> {
    let parent = directory_of(file).canonicalize().ok()?;
    let below = parent.strip_prefix(directory.canonicalize().ok()?).ok()?;
    Some(below.join(file.file_name()?).to_str()?.to_owned())
}

/// Refuses an output that would be a file of a release which its statement does not cover.
pub(crate) fn beside_release(dir: &Path, out: &Path, excluded: &[Glob]) -> Result<(), Failure> {
    if name_in(dir, out).is_none_or(|name| may_lie_in_release(&name, excluded)) {
        return Ok(());
    }
    let text = format!("`{}` would be a file of the release that nobody signed", out.display());
    let help = format!("write it elsewhere; a release's own bundle is {}", release_dir::BUNDLE);
    Err(Failure::usage(text, help))
}

/// Whether a verifier passes over a file of this name.
fn may_lie_in_release(name: &str, excluded: &[Glob]) -> bool {
    let ignored = release_dir::left_out_file(name, &|_| false) == Some(LeftOut::Ignored);
    let loadable = name.parse().is_ok_and(|path| is_loadable(&path));
    let passed_over = ignored || excluded.iter().any(|glob| glob.matches(name));
    passed_over && !loadable
}

/// Refuses an output in the place of a file that the same command reads.
pub(crate) fn not_an_input<'a>(
    out: &Path,
    mut inputs: impl Iterator<Item = &'a PathBuf>,
) -> Result<(), Failure> {
    let Ok(real) = out.canonicalize() else { return Ok(()) };
    if !inputs.any(|input| input.canonicalize().is_ok_and(|input| input == real)) {
        return Ok(());
    }
    let text = format!("`{}` is read by this command, and would be overwritten", out.display());
    Err(Failure::usage(text, "write the output elsewhere"))
}

/// Prepares a file with these contents.
pub(crate) fn prepare(
    path: &Path,
    contents: &[u8],
    mode: u32,
    existing: Existing,
) -> Result<Pending, Failure> {
    let mut pending = Pending::create(path, mode, existing)?;
    pending.file().write_all(contents).map_err(|error| Failure::unwritten(path, &error))?;
    signals::unless_stopped()?;
    Ok(pending)
}

/// Prepares a file index, and gives what binds it.
pub(crate) fn prepare_index(
    path: &Path,
    files: &FileTable,
) -> Result<(IndexDigests, Pending), Failure> {
    let mut pending = Pending::create(path, PLAIN, Existing::Replace)?;
    let digests = index::write_index(files, pending.file()).map_err(|error| match &error {
        WriteError::Write(error) => Failure::unwritten(path, error),
        _ => Failure::of(Code::IndexMalformed, error),
    })?;
    signals::unless_stopped()?;
    Ok((digests, pending))
}

/// Writes a file whole, or standard output where the path is `-` or absent. What is no regular file, such as
/// `/dev/stdout` or a pipe with a name, is written to and stays what it is.
pub(crate) fn write(path: Option<&Path>, contents: &[u8]) -> Result<(), Failure> {
    match path {
        // Opened anew, a file behind standard output would be written from another place.
        Some(path) if path.as_os_str() == "-" || path == Path::new("/dev/stdout") => {
            print(contents)
        }
        Some(path) if is_stream(path) => {
            let stream = OpenOptions::new().append(true).open(path);
            let stream = stream.map_err(|error| Failure::unwritten(path, &error))?;
            to_stream(stream, path, contents)
        }
        Some(path) => prepare(path, contents, PLAIN, Existing::Replace)?.place(),
        None => print(contents),
    }
}

/// Whether a path leads to a device, a pipe or a socket, or to what this process has open.
fn is_stream(path: &Path) -> bool {
    let open = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"];
    let special = path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir());
    special || open.iter().any(|open| path.starts_with(open))
}

/// Writes to standard output. A reader that has gone away ends the output, not the command.
pub(crate) fn print(contents: &[u8]) -> Result<(), Failure> {
    to_stream(std::io::stdout().lock(), Path::new("standard output"), contents)
}

/// Prints what a command has done. Where that cannot be told, it is done all the same.
pub(crate) fn tell(text: &str) -> Result<(), Failure> {
    let help = "what the command was to do is done; this text alone is lost";
    print(text.as_bytes()).map_err(|failure| failure.helping(help))
}

fn to_stream(mut out: impl std::io::Write, name: &Path, contents: &[u8]) -> Result<(), Failure> {
    match out.write_all(contents).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let help = "what came out of it is not whole: run the command again";
            Err(Failure::unwritten(name, &error).helping(help))
        }
        _ => Ok(()),
    }
}
