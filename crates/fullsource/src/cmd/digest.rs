//! `fullsource digest`: the digests of a file or a directory, as manifests have them.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use fullsource_collect::directory::Directory;
use fullsource_collect::git_tree::{ObjectFormat, git_tree};
use fullsource_collect::hash::{Wanted, hash_files};
use fullsource_collect::progress::Progress;
use fullsource_collect::tree::{self, Tree};
use fullsource_format::index::{self, FileTable};
use fullsource_verify::finding::Code;

use crate::cli::{Digest, Format};
use crate::exit::{Exit, Failure};
use crate::{look, output, render};

pub(crate) fn run(args: &Digest) -> Result<ExitCode, Failure> {
    let about = std::fs::metadata(&args.path)
        .map_err(|error| Failure::system("read", &args.path, &error))?;
    let lines = look::watched("hashing", |progress| {
        if about.is_dir() {
            of_directory(args, look::threads(), progress)
        } else if args.git || args.index.is_some() {
            let text =
                format!("`{}` is no directory: it has no tree and no index", args.path.display());
            Err(Failure::usage(text, "leave `--git` and `--index` out"))
        } else {
            of_file(&args.path, look::threads(), progress)
        }
    })?;
    let text = match args.format {
        Format::Text => lines.iter().map(|(name, value)| format!("{name} {value}\n")).collect(),
        Format::Json => {
            let object: serde_json::Map<_, _> =
                lines.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            format!("{:#}\n", serde_json::Value::from(object))
        }
    };
    if args.index.is_some() {
        output::tell(&text)?
    } else {
        output::print(text.as_bytes())?
    }
    Ok(Exit::Done.into())
}

type Lines = Vec<(&'static str, String)>;

fn of_file(path: &Path, threads: NonZeroUsize, progress: &Progress) -> Result<Lines, Failure> {
    // A link that the user names is followed; below a directory none is.
    let real = path.canonicalize().map_err(|e| Failure::system("read", path, &e))?;
    let directory = look::open(real.parent().unwrap_or(Path::new("/")))?;
    let name = real.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
        let text = format!("the name of `{}` is not UTF-8", path.display());
        Failure::of(Code::NameInvalid, text)
    })?;
    let size = std::fs::metadata(path).map_err(|e| Failure::system("read", path, &e))?.len();
    let mut files = FileTable::builder();
    let record = index::FileRecord { path: name, size, sha256: None, blake3: None };
    files.push(record).map_err(|error| Failure::of(Code::NameInvalid, error))?;
    let mut files = files.build().map_err(|error| Failure::of(Code::NameInvalid, error))?;
    hashed(&directory, &mut files, threads, progress)?;
    let record = files.record(0);
    let mut lines = Vec::new();
    lines.extend(record.sha256.map(|digest| ("sha256", digest.to_string())));
    lines.extend(record.blake3.map(|digest| ("blake3", digest.to_string())));
    lines.push(("size", size.to_string()));
    Ok(lines)
}

fn of_directory(
    args: &Digest,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Lines, Failure> {
    let directory = look::open(&args.path)?;
    let Tree { mut files, others } = tree::walk(&directory, &|_| false, progress)
        .map_err(|error| look::tree_failure(&args.path, &error))?;
    if let Some(other) = others.iter().find(|o| matters(&o.kind)) {
        let reason = match &other.kind {
            tree::EntryKind::InvalidName(reason) => reason.to_string(),
            tree::EntryKind::Unreadable(reason) => format!("it cannot be read: {reason}"),
            _ => "it is not a file".to_owned(),
        };
        return Err(Failure::of(Code::TargetUnreadable, format!("`{}`: {reason}", other.path)));
    }
    hashed(&directory, &mut files, threads, progress)?;
    let undefined = |error| Failure::of(Code::NameInvalid, error);
    let pairs = files.iter().filter_map(|file| Some((file.path, file.sha256?)));
    let mut lines = vec![("dirHash", index::dir_hash(pairs).map_err(undefined)?.to_string())];
    if args.git {
        for (name, format) in
            [("gitTree", ObjectFormat::Sha1), ("gitTree-sha256", ObjectFormat::Sha256)]
        {
            let id = git_tree(&directory, format, threads, progress)
                .map_err(|error| Failure::of(Code::TargetUnreadable, error))?;
            lines.push((name, id.to_string()));
        }
    }
    lines.push(("files", files.len().to_string()));
    lines.push(("size", files.total_bytes().to_string()));
    if let Some(path) = &args.index {
        let (digests, pending) = output::prepare_index(path, &files)?;
        pending.place()?;
        lines.push(("index", digests.sha256.to_string()));
        lines.push(("merkleRoot", digests.merkle_root.to_string()));
    }
    Ok(lines)
}

/// Whether an entry makes the digest of a directory one of something else: one that might be a file.
const fn matters(kind: &tree::EntryKind) -> bool {
    matches!(kind, tree::EntryKind::Unreadable(_) | tree::EntryKind::InvalidName(_))
}

fn hashed(
    directory: &Directory,
    files: &mut FileTable,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<(), Failure> {
    let troubles = hash_files(directory, files, Wanted::Both, threads, progress)
        .map_err(|_| Failure::interrupted())?;
    match troubles.first() {
        None => Ok(()),
        Some((index, trouble)) => {
            let path = render::escape::shown(files.record(*index).path);
            Err(Failure::of(Code::TargetUnreadable, format!("`{path}`: {trouble}")))
        }
    }
}
