//! The manifest as a file: found, read, and replaced whole, so that nobody's change is lost.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fullsource_format::json::UnknownFields;
use fullsource_format::limits;
use fullsource_format::manifest::Manifest;
use fullsource_format::release_dir;
use fullsource_verify::finding::Code;
use rustix::fs::FlockOperation;

use crate::exit::Failure;
use crate::output::{self, Existing, PLAIN};
use crate::{input, signals};

/// The manifest that is edited.
#[derive(Debug)]
pub(super) struct Target {
    /// As the user names it.
    pub(super) shown: PathBuf,
    /// The directory of the release.
    pub(super) release: PathBuf,
    /// Where its bytes are: links are followed, not replaced.
    real: PathBuf,
}

/// A manifest with its bytes.
pub(super) struct Read {
    pub(super) text: String,
    pub(super) manifest: Manifest,
}

/// How long another `add` may hold the lock: it does so only while it writes.
const PATIENCE: Duration = Duration::from_secs(30);

impl Target {
    /// The manifest of a directory, or the manifest itself.
    pub(super) fn find(path: &Path) -> Result<Self, Failure> {
        let shown = match path.is_dir() {
            true if path.as_os_str() == "." => PathBuf::from(release_dir::MANIFEST),
            true => path.join(release_dir::MANIFEST),
            false => path.to_owned(),
        };
        let refused = |error: std::io::Error| {
            let failure = Failure::system("read", &shown, &error);
            match error.kind() {
                std::io::ErrorKind::NotFound => failure.helping(
                    "`fullsource init DIR` drafts a manifest; `--manifest` names one elsewhere",
                ),
                _ => failure,
            }
        };
        let real = shown.canonicalize().map_err(refused)?;
        let parent = shown.parent().filter(|parent| !parent.as_os_str().is_empty());
        let release = parent.unwrap_or(Path::new(".")).canonicalize().map_err(refused)?;
        Ok(Self { shown, release, real })
    }

    /// Reads it as a producer's document: strictly.
    pub(super) fn read(&self) -> Result<Read, Failure> {
        let bytes = input::read_regular(&self.shown, limits::DOCUMENT_BYTES)?;
        self.parsed(bytes)
    }

    fn parsed(&self, bytes: Vec<u8>) -> Result<Read, Failure> {
        let manifest = Manifest::parse(&bytes, UnknownFields::Refuse)
            .map_err(|error| input::manifest_failure(&self.shown, &bytes, &error))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| Failure::of(Code::ManifestMalformed, error))?;
        Ok(Read { text, manifest })
    }

    /// Replaces the manifest by what `edit` makes of it as it is now.
    ///
    /// Two runs of this do not meet: the directory is locked from the reading to the writing, so the
    /// second edits what the first wrote. An editor takes no lock: the file is read again just before
    /// it is replaced, and left alone where it changed.
    pub(super) fn replace(
        &self,
        edit: impl FnOnce(&Read) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        let _lock = lock(self.real.parent().unwrap_or(Path::new("/")), &self.shown)?;
        let before = self.read()?;
        let after = self.parsed(edit(&before)?.into_bytes())?;
        let mut pending =
            output::prepare(&self.real, after.text.as_bytes(), PLAIN, Existing::Replace)?;
        if let Ok(about) = fs::metadata(&self.real) {
            // Where it cannot be kept, a new file's permissions are as good.
            let _ = pending.file().set_permissions(about.permissions());
        }
        let now = input::read_regular(&self.shown, limits::DOCUMENT_BYTES)?;
        if now != before.text.as_bytes() {
            return Err(self.busy("changed while this command ran"));
        }
        pending.place()
    }

    fn busy(&self, what: &str) -> Failure {
        busy(&self.shown, what)
    }
}

fn busy(shown: &Path, what: &str) -> Failure {
    let text = format!("`{}` {what}; nothing was written", shown.display());
    let failure = Failure::of(Code::TargetUnreadable, text).helping("run the command again");
    Failure { code: "output-unwritable", ..failure }
}

/// Locks a directory until the file is dropped. Where the file system has no locks there is none;
/// that the manifest changed is found all the same, but for an instant.
fn lock(directory: &Path, shown: &Path) -> Result<Option<File>, Failure> {
    let Ok(file) = File::open(directory) else { return Ok(None) };
    let start = Instant::now();
    loop {
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Some(file)),
            Err(rustix::io::Errno::WOULDBLOCK) if start.elapsed() > PATIENCE => {
                return Err(busy(shown, "is locked by another program"));
            }
            Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => {
                signals::unless_stopped()?;
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(_) => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = r#"{"release": {"name": "m", "producer": {"name": "p"}}}"#;
    const AFTER: &str = r#"{"release": {"name": "n", "producer": {"name": "p"}}}"#;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join(release_dir::MANIFEST);
        fs::write(&path, BEFORE).unwrap();
        (place, path)
    }

    #[test]
    fn what_an_editor_wrote_meanwhile_stays() {
        let (place, path) = place();
        let target = Target::find(place.path()).unwrap();
        let failure = target.replace(|_| {
            fs::write(&path, AFTER).unwrap();
            Ok(BEFORE.to_owned())
        });
        let failure = failure.unwrap_err();
        assert!(failure.message.contains("changed while"), "{}", failure.message);
        assert_eq!(fs::read_to_string(&path).unwrap(), AFTER);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_manifest_is_not_written() {
        let (place, path) = place();
        let target = Target::find(place.path()).unwrap();
        assert!(target.replace(|_| Ok("{}".to_owned())).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), BEFORE);
    }

    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let (place, path) = place();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.json");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let target = Target::find(&link).unwrap();
        assert_eq!(target.release, elsewhere.path().canonicalize().unwrap());
        target.replace(|_| Ok(AFTER.to_owned())).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(place.path().join(release_dir::MANIFEST)).unwrap(), AFTER);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o664);
    }
}
