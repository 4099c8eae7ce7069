//! Where findings can be pointed at: the manifest, the files of the release, the documents that were read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use fullsource_format::json::{Item, Position, Positions, items};
use fullsource_format::{limits, release_dir};
use fullsource_verify::finding::{Code, Finding, Layer};

use crate::exit::Failure;
use crate::input;

/// The files that a report is about, as they were named on the command line.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    /// The release directory.
    directory: Option<PathBuf>,
    /// The manifest, or the statement that holds one.
    manifest: Option<(PathBuf, Vec<u8>)>,
    /// What is pointed at where there is nothing better: a bundle, a saved report.
    document: Option<PathBuf>,
    /// The documents that were checked by themselves.
    pub(crate) checked: Vec<PathBuf>,
}

impl Origin {
    /// Of a release directory, with the manifest that lies in it.
    pub(crate) fn of_release(directory: &Path) -> Self {
        let bundles = [release_dir::BUNDLE, release_dir::ENVELOPE];
        let mut bundles = bundles.map(|name| directory.join(name)).into_iter();
        let manifest = directory.join(release_dir::MANIFEST);
        // What nobody signed decides nothing here: where it cannot be read, nothing points into it.
        let bytes = input::read_regular(&manifest, limits::DOCUMENT_BYTES).ok();
        Self {
            directory: Some(directory.to_owned()),
            manifest: bytes.map(|bytes| (manifest, bytes)),
            document: bundles.find(|path| path.is_file()),
            checked: Vec::new(),
        }
    }

    /// Of a document that holds all that there is.
    pub(crate) fn of_document(path: &Path) -> Self {
        Self { document: Some(path.to_owned()), ..Self::default() }
    }

    /// Of documents that were checked by themselves.
    pub(crate) fn of_checked(paths: &[PathBuf]) -> Self {
        Self { checked: paths.to_vec(), ..Self::default() }
    }

    /// The same, pointing at this document where nothing better is known.
    pub(crate) fn or_document(mut self, path: &Path) -> Self {
        self.document = Some(path.to_owned());
        self
    }

    /// The same with this manifest or statement. The files of its release are taken to lie beside it.
    ///
    /// Fails where it cannot be read.
    pub(crate) fn with_manifest(mut self, path: &Path) -> Result<Self, Failure> {
        let bytes = input::read(path, limits::DOCUMENT_BYTES)?;
        self.directory = self.directory.or_else(|| path.parent().map(Path::to_owned));
        self.manifest = Some((path.to_owned(), bytes));
        Ok(self)
    }

    /// What is needed to point findings at places.
    pub(crate) fn spots(&self) -> Spots<'_> {
        let manifest = self.manifest.as_ref().map(|(path, bytes)| Manifest::of(path, bytes));
        Spots { origin: self, manifest }
    }
}

/// A file, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The path, relative to the working directory where it lies below that; of a release that lies nowhere
    /// known, relative to the release.
    pub(crate) path: String,
    /// Whether it is relative to a release that lies nowhere known.
    pub(crate) in_release: bool,
    /// Where in the file.
    pub(crate) position: Option<Position>,
}

/// Points findings at places.
pub(crate) struct Spots<'a> {
    origin: &'a Origin,
    manifest: Option<Manifest<'a>>,
}

impl Spots<'_> {
    /// The place to mend what a finding is about.
    pub(crate) fn of(&self, finding: &Finding) -> Option<Spot> {
        let path = finding.path.as_deref();
        match (path, finding.code.layer()) {
            (Some("-"), _) => None,
            // A document by its own name, not what an envelope holds.
            (Some(path), _) if finding.place.is_some() || is_input(finding, path) => {
                Some(spot(Path::new(path), finding.place))
            }
            (Some(path), Layer::Files | Layer::Artifacts) if finding.artifact.is_none() => {
                Some(self.file(path))
            }
            (_, Layer::Signature | Layer::Input) => self.document().or_else(|| self.manifest(None)),
            _ => {
                let artifact = finding.artifact.as_deref();
                let position = artifact.and_then(|id| self.artifact(id, Some(finding.code)));
                self.manifest(position).or_else(|| self.document())
            }
        }
    }

    /// Where an artifact stands in the manifest; the field that a code is about, where it is about one.
    pub(crate) fn artifact(&self, id: &str, code: Option<Code>) -> Option<Position> {
        let manifest = self.manifest.as_ref()?;
        let item = manifest.artifacts.get(id)?;
        let field = code.and_then(field).and_then(|name| item.fields.get(name));
        Some(manifest.positions.at(*field.unwrap_or(&item.offset)))
    }

    /// Where a stage stands in the manifest.
    pub(crate) fn stage(&self, id: &str) -> Option<Position> {
        let manifest = self.manifest.as_ref()?;
        Some(manifest.positions.at(manifest.stages.get(id)?.offset))
    }

    /// The manifest, at a place.
    pub(crate) fn manifest(&self, position: Option<Position>) -> Option<Spot> {
        Some(spot(self.manifest.as_ref()?.path, position))
    }

    fn document(&self) -> Option<Spot> {
        self.origin.document.as_deref().map(|path| spot(path, None))
    }

    fn file(&self, path: &str) -> Spot {
        match &self.origin.directory {
            Some(directory) => spot(&directory.join(path), None),
            None => Spot { path: path.to_owned(), in_release: true, position: None },
        }
    }
}

fn is_input(finding: &Finding, path: &str) -> bool {
    finding.code.layer() == Layer::Input && Path::new(path).exists()
}

/// What stands where in a manifest.
struct Manifest<'a> {
    path: &'a Path,
    positions: Positions<'a>,
    artifacts: HashMap<String, Item>,
    stages: HashMap<String, Item>,
}

impl<'a> Manifest<'a> {
    fn of(path: &'a Path, document: &'a [u8]) -> Self {
        let by_id = |name: &str| -> HashMap<String, Item> {
            // A statement holds its manifest as the predicate.
            let found =
                ["", "/predicate"].iter().map(|root| items(document, &format!("{root}/{name}")));
            found.flatten().map(|item| (item.id.clone(), item)).collect()
        };
        let (artifacts, stages) = (by_id("artifacts"), by_id("stages"));
        Self { path, positions: Positions::of(document), artifacts, stages }
    }
}

/// The field of an artifact that a finding is about.
const fn field(code: Code) -> Option<&'static str> {
    match code {
        Code::LicenseMismatch | Code::LicenseUnknown | Code::LicenseRefused => Some("license"),
        Code::ArtifactMismatch | Code::ArtifactWeak => Some("digest"),
        Code::ArtifactAbsent | Code::CommitUnreachable => Some("locators"),
        Code::ParentMismatch | Code::ParentAbsent | Code::ParentUnchecked => Some("statement"),
        _ => None,
    }
}

fn spot(path: &Path, position: Option<Position>) -> Spot {
    let path = below_working_directory(path).unwrap_or_else(|| path.to_owned());
    Spot { path: path.to_string_lossy().into_owned(), in_release: false, position }
}

/// The path from the working directory to what lies below it; else the whole path from the root.
fn below_working_directory(path: &Path) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    // The last name may be of a file that is missing, or of a link.
    let name = path.file_name()?;
    let parent = here.join(path.parent()?);
    let parent = parent.canonicalize().or_else(|_| std::path::absolute(&parent)).ok()?;
    let whole = parent.join(name);
    match whole.strip_prefix(here.canonicalize().ok()?) {
        Ok(below) => Some(below.to_owned()),
        Err(_) => Some(whole),
    }
}
