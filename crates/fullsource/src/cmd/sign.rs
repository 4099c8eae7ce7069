//! `fullsource sign`: hash, fill in, sign, write.

mod refuse;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fullsource_collect::release::Look;
use fullsource_format::evidence::Digests;
use fullsource_format::index::{self, FileTable, IndexDigests};
use fullsource_format::json::UnknownFields;
use fullsource_format::key::SecretKey;
use fullsource_format::manifest::{FileEntry, IndexRef, Manifest, Tree, TreeDigest, wire};
use fullsource_format::path::RelPath;
use fullsource_format::release_dir::{self, Glob};
use fullsource_format::statement::{self, Statement, Subject, SubjectDigest, WireStatement};
use fullsource_format::text::Count;
use fullsource_format::{bundle, envelope, limits};
use fullsource_verify::finding::Code;

use crate::cli::Sign;
use crate::exit::{Exit, Failure};
use crate::output::{self, Existing, PLAIN, Pending};
use crate::render::escape::shown;
use crate::{input, look, trust};

pub(crate) fn run(args: &Sign) -> Result<ExitCode, Failure> {
    let keys = keys(args)?;
    match (&args.dir, &args.statement) {
        (Some(dir), None) => sign_release(args, dir, &keys),
        (_, Some(statement)) => sign_statement(args, statement, &keys),
        (None, None) => Err(Failure::usage("nothing to sign", "name a release directory")),
    }
}

fn sign_release(args: &Sign, dir: &Path, keys: &[SecretKey]) -> Result<ExitCode, Failure> {
    let directory = look::open(dir)?;
    let path = args.manifest.clone().unwrap_or_else(|| dir.join(release_dir::MANIFEST));
    let manifest = excluding(read_manifest(&path)?, &args.exclude)?;
    let excluded = manifest.as_wire().tree.as_ref().map_or(&[][..], |tree| &tree.excluded);
    refuse::output_in_the_way(args, excluded)?;
    let seen = look::watched("hashing", |progress| {
        Look {
            directory: &directory,
            manifest: &manifest,
            covered: None,
            digests: Digests::All,
            threads: look::threads(),
            progress,
        }
        .release()
    })
    .map_err(|error| look::tree_failure(dir, &error))?;
    refuse::unsignable(args, dir, &seen)?;
    let index = index_file(dir, &seen.files)?;
    let wire = filled(manifest.into_wire(), &seen.files, index.as_ref().map(|(d, _)| d))?;
    let statement = self::statement(&seen.files, wire);
    let payload = serde_json::to_vec(&statement)
        .map_err(|error| Failure::of(Code::StatementMalformed, error))?;
    read_back(&payload, index.is_some().then_some(&seen.files))?;
    let name = bundle_name(keys);
    let bundle = signed(&payload, keys);
    if to_stdout(args) {
        // The index first: a bundle without its index could not be verified.
        index.map_or(Ok(()), |(_, pending)| pending.place())?;
        output::print(bundle.as_bytes())?;
        return Ok(Exit::Done.into());
    }
    let out = args.output.clone().unwrap_or_else(|| dir.join(name));
    let bundle = output::prepare(&out, bundle.as_bytes(), PLAIN, Existing::Replace)?;
    place(index.map(|(_, pending)| pending), bundle)?;
    let text = format!(
        "signed {} files ({}) as {}\nstatement {}\n",
        seen.files.len(),
        crate::render::text::size(seen.files.total_bytes()),
        shown(&out.display().to_string()),
        fullsource_format::digest::Sha256::of(&payload)
    );
    output::tell(&text)?;
    warn_of_another(dir, name);
    Ok(Exit::Done.into())
}

/// Gives both their names, one right after the other: what can fail for long is done before.
fn place(index: Option<Pending>, bundle: Pending) -> Result<(), Failure> {
    let Some(index) = index else { return bundle.place() };
    bundle.sync()?;
    index.place()?;
    let help = "sign again: the new index is in its place, and the bundle is still the old one";
    bundle.place().map_err(|failure| failure.helping(help))
}

fn to_stdout(args: &Sign) -> bool {
    args.output.as_ref().is_some_and(|path| path.as_os_str() == "-")
}

/// Says where the release holds another bundle, which a verifier reads too (`ver-3`).
fn warn_of_another(dir: &Path, written: &str) {
    let names = [release_dir::BUNDLE, release_dir::ENVELOPE];
    for other in names.iter().filter(|name| **name != written) {
        let path = dir.join(other);
        if input::may_be_there(&path) {
            let text = format!("`{}` is there too, from another signing", path.display());
            let help = "remove it if its statement is an older one: two that differ do not verify";
            let failure = Failure::of(Code::StatementConflict, text).helping(help);
            crate::render::diagnostic::print_as("warning", &failure);
        }
    }
}

fn sign_statement(args: &Sign, path: &Path, keys: &[SecretKey]) -> Result<ExitCode, Failure> {
    refuse::output_in_the_way(args, &[])?;
    let payload = input::read(path, limits::DOCUMENT_BYTES)?;
    Statement::parse(&payload, UnknownFields::Refuse)
        .map_err(|error| input::statement_failure(path, &payload, &error))?;
    output::write(args.output.as_deref(), signed(&payload, keys).as_bytes())?;
    Ok(Exit::Done.into())
}

fn signed(payload: &[u8], keys: &[SecretKey]) -> String {
    match keys {
        [key] => bundle::sign(payload, key),
        keys => envelope::sign(payload, keys),
    }
}

// env-15
fn bundle_name(keys: &[SecretKey]) -> &'static str {
    if keys.len() == 1 { release_dir::BUNDLE } else { release_dir::ENVELOPE }
}

fn keys(args: &Sign) -> Result<Vec<SecretKey>, Failure> {
    let mut keys: Vec<SecretKey> = Vec::new();
    for path in &args.keys {
        let key = trust::secret_key(path, args.passphrase_file.as_deref())?;
        if keys.iter().any(|known| known.public() == key.public()) {
            let text = format!("`{}` is the same key once more", path.display());
            return Err(Failure::usage(text, "several signatures need several keys"));
        }
        keys.push(key);
    }
    Ok(keys)
}

fn read_manifest(path: &Path) -> Result<Manifest, Failure> {
    let bytes =
        input::read(path, limits::DOCUMENT_BYTES).map_err(|failure| match path.exists() {
            true => failure,
            false => failure.helping("draft a manifest with `fullsource init`, then sign"),
        })?;
    Manifest::parse(&bytes, UnknownFields::Refuse)
        .map_err(|error| input::manifest_failure(path, &bytes, &error))
}

/// The manifest with further globs of what is left out.
fn excluding(manifest: Manifest, globs: &[String]) -> Result<Manifest, Failure> {
    let mut wire = manifest.into_wire();
    let tree = wire.tree.get_or_insert_default();
    for text in globs {
        let glob = Glob::parse(text).map_err(|error| {
            Failure::usage(error, "quote the glob; `*` stays within a directory, `**` does not")
        })?;
        if !tree.excluded.contains(&glob) {
            tree.excluded.push(glob);
        }
    }
    // What follows from the files is computed anew.
    tree.index = None;
    wire.files.clear();
    Manifest::try_from(wire).map_err(|broken| {
        let text = broken.first().map_or_else(String::new, ToString::to_string);
        Failure::of(Code::ManifestMalformed, text)
    })
}

/// Writes the file index beside the release, where it has more files than subjects can name.
fn index_file(dir: &Path, files: &FileTable) -> Result<Option<(IndexDigests, Pending)>, Failure> {
    if files.len() <= limits::SUBJECTS {
        return Ok(None);
    }
    let path = dir.join(release_dir::FILE_INDEX);
    output::prepare_index(&path, files).map(Some)
}

/// The manifest as it is signed (`stm-16`, `stm-17`).
fn filled(
    mut wire: wire::Manifest,
    files: &FileTable,
    index: Option<&IndexDigests>,
) -> Result<wire::Manifest, Failure> {
    let undefined = |error| Failure::of(Code::NameInvalid, error);
    let hashed = files.iter().filter_map(|file| Some((file.path, file.sha256?)));
    let dir_hash = index::dir_hash(hashed).map_err(undefined)?;
    let excluded = wire.tree.take().map(|tree| tree.excluded).unwrap_or_default();
    let name: RelPath = release_dir::FILE_INDEX
        .parse()
        .map_err(|error| Failure::of(Code::IndexMalformed, error))?;
    wire.schema = None;
    wire.tree = Some(Tree {
        file_count: Some(Count(files.len() as u64)),
        total_bytes: Some(Count(files.total_bytes())),
        digest: Some(TreeDigest { dir_hash }),
        excluded,
        index: index.map(|digests| IndexRef {
            name,
            sha256: digests.sha256,
            size: Count(digests.size),
            merkle_root: digests.merkle_root,
        }),
    });
    if index.is_none() {
        wire.files = files.iter().filter_map(file_entry).collect();
    }
    Ok(wire)
}

fn file_entry(file: fullsource_format::index::FileRecord<'_>) -> Option<FileEntry> {
    let path = file.path.parse().ok()?;
    Some(FileEntry { path, size: Count(file.size), blake3: file.blake3 })
}

fn statement(files: &FileTable, predicate: wire::Manifest) -> WireStatement {
    let index = predicate.tree.as_ref().and_then(|tree| tree.index.as_ref());
    let subject = match index {
        Some(index) => vec![subject(index.name.clone(), index.sha256)],
        None => files
            .iter()
            .filter_map(|file| Some(subject(file.path.parse().ok()?, file.sha256?)))
            .collect(),
    };
    WireStatement {
        statement_type: statement::TYPE.to_owned(),
        subject,
        predicate_type: statement::PREDICATE_TYPE.to_owned(),
        predicate,
    }
}

fn subject(name: RelPath, sha256: fullsource_format::digest::Sha256) -> Subject {
    Subject { name, digest: SubjectDigest { sha256 } }
}

/// Reads the statement as a verifier will, so that nothing is signed that it would refuse.
fn read_back(payload: &[u8], indexed: Option<&FileTable>) -> Result<(), Failure> {
    let name = PathBuf::from("the statement to be signed");
    let statement = Statement::parse(payload, UnknownFields::Refuse)
        .map_err(|error| input::statement_failure(&name, payload, &error))?;
    let broken = indexed.map(|files| statement.file_violations(files)).unwrap_or_default();
    if broken.is_empty() { Ok(()) } else { Err(input::rules_failure(&name, payload, &broken)) }
}
