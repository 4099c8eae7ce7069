//! Paths of the release: what the author means by one, and which licence text is nearest to it.

use std::path::{Path, PathBuf};

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::read_file;
use fullsource_collect::progress::Progress;
use fullsource_collect::read::license_text::{LICENSE_BYTES, LicenseText};
use fullsource_collect::tree;
use fullsource_format::evidence::{ContentFact, ContentFactKind};
use fullsource_format::index::FileTable;
use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::release_dir;
use fullsource_verify::finding::Code;

use super::super::init::is_license;
use crate::exit::Failure;
use crate::{look, output};

/// Licence texts that are read: each is compared with the whole SPDX list.
const TEXTS: usize = 64;

/// The file or directory of the release that a text names; none where nothing of that name is there.
pub(super) fn find(
    release: &Path,
    text: &str,
    said: &mut Vec<String>,
) -> Result<Option<FileSelector>, Failure> {
    if text.is_empty() || text.contains("://") {
        return Ok(None);
    }
    let (inside, beside) = (release.join(text), PathBuf::from(text));
    let is_there = |path: &&PathBuf| path.symlink_metadata().is_ok();
    let Some(path) = [&inside, &beside].into_iter().find(is_there) else { return Ok(None) };
    let Some(name) = output::name_in(release, path) else {
        let text =
            format!("`{}` lies outside of the release, where others cannot look", path.display());
        let help = "put it into the release, or give the address where it is published; a repository \
                    of the hub is `hf:ORG/NAME`";
        return Err(Failure::usage(text, help));
    };
    let selector = selector(&path.clone(), &name)?;
    if text.contains('/') && !text.ends_with('/') && !text.contains('.') {
        said.push(format!(
            "`{selector}` is there, so it is taken for that; of the hub it is `hf:{text}`"
        ));
    } else if selector.to_string() != text {
        said.push(format!("`{text}` is taken for `{selector}` of the release"));
    }
    Ok(Some(selector))
}

fn selector(path: &Path, name: &str) -> Result<FileSelector, Failure> {
    let refused = |error: std::io::Error| Failure::system("read", path, &error);
    let invalid = |error| Failure::of(Code::NameInvalid, format!("`{}`: {error}", path.display()));
    let parsed: RelPath = name.parse().map_err(invalid)?;
    let about = path.symlink_metadata().map_err(refused)?;
    let none = |what: &str| {
        Err(Failure::usage(
            format!("`{name}` is {what}: `sign` does not sign it"),
            "name regular files of the release, or a directory that holds some",
        ))
    };
    if about.is_dir() {
        return match release_dir::left_out_directory(name) {
            true => none("left out of every release"),
            false => Ok(FileSelector::Below(parsed)),
        };
    }
    let left_out = release_dir::left_out_file(name, &|_| false).is_some();
    match (about.is_file(), left_out) {
        (true, false) => Ok(FileSelector::File(parsed)),
        (true, true) => none("left out of every release"),
        (false, _) if about.is_symlink() => none("a symbolic link"),
        (false, _) => none("neither a file nor a directory"),
    }
}

/// The licence texts in a directory of the release, or the nearest above it, as facts; paths are
/// those of the release.
pub(super) fn license_facts(
    release: &Path,
    selector: &FileSelector,
    progress: &Progress,
) -> Result<Vec<ContentFact>, Failure> {
    let root = look::open(release)?;
    let mut texts = Vec::new();
    let above = match selector {
        FileSelector::Below(path) => {
            let files = files_below(&root, release, path, progress)?;
            let paths =
                files.iter().filter_map(|file| format!("{path}/{}", file.path).parse().ok());
            texts.extend(paths.filter(is_text));
            path.as_str()
        }
        FileSelector::File(path) => parent(path.as_str()),
    };
    let mut directory = Some(above);
    while let Some(above) = directory.filter(|_| texts.is_empty()) {
        texts = texts_in(release, above);
        directory = (!above.is_empty()).then(|| parent(above));
    }
    texts.sort_unstable();
    Ok(texts.iter().take(TEXTS).flat_map(|path| facts_of(&root, path)).collect())
}

/// The files below a directory; at least one.
fn files_below(
    root: &Directory,
    release: &Path,
    path: &RelPath,
    progress: &Progress,
) -> Result<FileTable, Failure> {
    let shown = release.join(path.as_str());
    let directory = root.below(path).map_err(|error| Failure::system("read", &shown, &error))?;
    let prune = |below: &str| release_dir::left_out_directory(&format!("{path}/{below}"));
    let tree = tree::walk(&directory, &prune, progress)
        .map_err(|error| look::tree_failure(&shown, &error))?;
    if tree.files.is_empty() {
        let text = format!("there are no files in `{}`", shown.display());
        return Err(Failure::of(Code::FilesUncovered, text));
    }
    Ok(tree.files)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn is_text(path: &RelPath) -> bool {
    is_license(&path.file_name().to_lowercase(), &path.extension().unwrap_or_default())
}

/// Licence texts directly in a directory of the release.
fn texts_in(release: &Path, directory: &str) -> Vec<RelPath> {
    let Ok(entries) = release.join(directory).read_dir() else { return Vec::new() };
    let files =
        entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let path = |name: &str| match directory {
        "" => name.parse().ok(),
        directory => format!("{directory}/{name}").parse().ok(),
    };
    let names = files.filter_map(|entry| path(entry.file_name().to_str()?));
    names.filter(is_text).collect()
}

fn facts_of(root: &Directory, path: &RelPath) -> Vec<ContentFact> {
    let unknown = ContentFact::new(ContentFactKind::LicenseUnknown).at(path.as_str());
    let bytes = read_file(root, path, LICENSE_BYTES as u64).ok();
    let text = bytes.and_then(|bytes| LicenseText::recognize(&bytes).ok());
    let Some(license) = text.and_then(|text| text.license) else { return vec![unknown] };
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "from 0 to 1000")]
    let score = if license.exact { 1000 } else { ((license.score * 1000.0) as u64).min(999) };
    let ids = std::iter::once(&license.id).chain(&license.same_text);
    let fact = |id| {
        ContentFact::new(ContentFactKind::LicenseText).at(path.as_str()).saying(id).counting(score)
    };
    ids.map(fact).collect()
}
