//! Which files of both sides are held against each other, and as what.

use std::collections::BTreeSet;

use fullsource_collect::hash::FileTrouble;
use fullsource_collect::progress::{Progress, Stopped};
use fullsource_collect::source::archive::Format;
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::FileDifference;

use super::found::Found;
use super::looked::{Both, Looked, Trouble};
use super::members;
use super::set::{Kind, Set};
use super::shards::{self, Sharded};
use super::tensors::{self, NotCompared};
use super::{Form, looked};

/// Holds all files of both sides against each other.
pub(super) fn hold(both: &Both<'_>, found: &mut Found, progress: &Progress) -> Result<(), Stopped> {
    let refused = both.claimed.refused.iter().chain(&both.made.refused);
    found.unseen.extend(refused.cloned());
    if !found.unseen.is_empty() {
        return Ok(());
    }
    match (both.claimed.form, both.made.form) {
        (Form::File, Form::File) => hold_files(both, found, progress),
        (Form::Tree, Form::Tree) => hold_trees(both, found, progress),
        (claimed, _) => {
            found.of_another_form(claimed);
            Ok(())
        }
    }
}

/// Two single files, whatever they are called.
fn hold_files(both: &Both<'_>, found: &mut Found, progress: &Progress) -> Result<(), Stopped> {
    let Some(claimed) = only(&both.claimed, found, "claimed") else { return Ok(()) };
    if let Some((path, trouble)) = both.made.troubles.first() {
        found.made_trouble(path, *trouble);
        return Ok(());
    }
    let Some(made) = both.made.files.iter().next() else {
        found.file(&claimed, FileDifference::Missing);
        return Ok(());
    };
    let Ok(path) = made.path.parse() else { return Ok(()) };
    let digests = both.claimed.files.get(claimed.as_str()).map(|file| (file.sha256, file.blake3));
    if digests != Some((made.sha256, made.blake3)) {
        hold_pair(both, &claimed, &path, found, progress)?;
    }
    Ok(())
}

/// The one file of a side; says so where it was not seen.
fn only(side: &Looked<'_>, found: &mut Found, which: &str) -> Option<RelPath> {
    if let Some((path, trouble)) = side.troubles.first() {
        found.not_seen(which, path, *trouble);
        return None;
    }
    let path = side.files.iter().next().and_then(|file| file.path.parse().ok());
    if path.is_none() {
        found.unseen.push(format!("there is no {which} content"));
    }
    path
}

fn hold_trees(both: &Both<'_>, found: &mut Found, progress: &Progress) -> Result<(), Stopped> {
    for (path, trouble) in &both.claimed.troubles {
        found.not_seen("claimed", path, *trouble);
    }
    let mut settled = Settled::default();
    for sharded in shards::all(both) {
        hold_shards(both, &sharded, &mut settled, found, progress)?;
    }
    let paths = both.claimed.files.iter().map(|file| file.path);
    for path in paths.filter_map(|path| path.parse::<RelPath>().ok()) {
        if settled.claimed.contains(&path)
            || both.is_same(&path)
            || both.claimed.trouble(&path).is_some()
        {
            continue;
        }
        match both.made.trouble(&path) {
            None | Some(looked::Trouble::Missing)
                if both.made.files.get(path.as_str()).is_none() || settled.made.contains(&path) =>
            {
                found.file(&path, FileDifference::Missing);
            }
            Some(trouble) => found.made_trouble(&path, trouble),
            None => hold_pair(both, &path, &path, found, progress)?,
        }
    }
    added(both, &settled, found);
    Ok(())
}

/// What was made and is not claimed.
fn added(both: &Both<'_>, settled: &Settled, found: &mut Found) {
    let made = both.made.files.iter().filter_map(|file| file.path.parse::<RelPath>().ok());
    let odd = both.made.troubles.iter().filter(|(_, trouble)| *trouble != Trouble::Missing);
    let claimed = |path: &RelPath| {
        both.claimed.files.get(path.as_str()).is_some() || both.claimed.trouble(path).is_some()
    };
    let all = made.chain(odd.map(|(path, _)| path.clone())).collect::<BTreeSet<_>>();
    for path in all.iter().filter(|path| !claimed(path) && !settled.made.contains(*path)) {
        found.file(path, FileDifference::Added);
    }
}

/// Files whose tensors were compared as parts of a set.
#[derive(Default)]
struct Settled {
    claimed: BTreeSet<RelPath>,
    made: BTreeSet<RelPath>,
}

fn hold_shards(
    both: &Both<'_>,
    sharded: &Sharded,
    settled: &mut Settled,
    found: &mut Found,
    progress: &Progress,
) -> Result<(), Stopped> {
    let claimed = sharded.claimed.read(&both.claimed);
    let made = sharded.made.read(&both.made);
    let ((claimed_set, claimed_files), (made_set, made_files)) = match (claimed, made) {
        (Ok(claimed), Ok(made)) => (claimed, made),
        (Err(error), _) => {
            found.as_bytes("what is claimed", sharded.claimed.path(), &error);
            return Ok(());
        }
        (_, Err(error)) => {
            found.as_bytes("what was made", sharded.made.path(), &error);
            return Ok(());
        }
    };
    if claimed_files == made_files && claimed_files.iter().all(|path| both.is_same(path)) {
        return Ok(());
    }
    let path = sharded.claimed.path();
    if hold_sets(path, &claimed_set, &made_set, found, progress)? {
        settled.claimed.extend(claimed_files);
        settled.made.extend(made_files);
    }
    Ok(())
}

/// Two files of other bytes: by what both are.
fn hold_pair(
    both: &Both<'_>,
    claimed: &RelPath,
    made: &RelPath,
    found: &mut Found,
    progress: &Progress,
) -> Result<(), Stopped> {
    let kinds = kind(&both.claimed, claimed).and_then(|a| Ok((a, kind(&both.made, made)?)));
    let held = match kinds {
        Err(trouble) => {
            found.unseen.push(format!("`{claimed}`: {trouble}"));
            return Ok(());
        }
        Ok((Kind::Archive(a), Kind::Archive(b))) => {
            hold_archives(both, (claimed, a), (made, b), found, progress)?
        }
        Ok((a @ (Kind::Safetensors | Kind::Gguf), b)) if a == b => {
            hold_tensors(both, a, claimed, made, found, progress)?
        }
        Ok(_) => false,
    };
    if !held {
        found.file(claimed, FileDifference::Differs);
    }
    Ok(())
}

fn kind(side: &Looked<'_>, path: &RelPath) -> Result<Kind, FileTrouble> {
    Kind::of(&side.open(path)?)
}

/// False where they have to be compared by bytes.
fn hold_archives(
    both: &Both<'_>,
    claimed: (&RelPath, Format),
    made: (&RelPath, Format),
    found: &mut Found,
    progress: &Progress,
) -> Result<bool, Stopped> {
    let read = |side: &Looked<'_>, (path, format): (&RelPath, Format), most| {
        let file = side.open(path).map_err(|trouble| trouble.to_string())?;
        members::read(&file, format, most, progress)
    };
    // Both at once; what is claimed is not known yet, and what was made is hostile.
    let (claimed_members, mut made_members) = std::thread::scope(|scope| {
        let other = scope.spawn(|| read(&both.claimed, claimed, u64::MAX));
        let made = read(&both.made, made, members::FREE);
        (other.join().unwrap_or_else(|_| Err("it was not read".to_owned())), made)
    });
    progress.check()?;
    if let (Ok((_, bytes)), Err(_)) = (&claimed_members, &made_members) {
        let most = members::most_made(*bytes);
        // What is claimed is so small otherwise that what goes beyond it is another one anyway.
        if most >= 2 * members::FREE {
            made_members = read(&both.made, made, most);
            progress.check()?;
        }
    }
    let (which, path, error) = match (claimed_members, made_members) {
        (Ok((claimed_members, _)), Ok((made_members, _))) => {
            found.members(claimed.0, &claimed_members, &made_members);
            return Ok(true);
        }
        (Err(error), _) => ("what is claimed", claimed.0, error),
        (_, Err(error)) => ("what was made", made.0, error),
    };
    found.as_bytes(which, path, &error);
    Ok(false)
}

/// False where they have to be compared by bytes.
fn hold_tensors(
    both: &Both<'_>,
    kind: Kind,
    claimed: &RelPath,
    made: &RelPath,
    found: &mut Found,
    progress: &Progress,
) -> Result<bool, Stopped> {
    let read = |side: &Looked<'_>, path| {
        let file = side.open(path).map_err(|trouble| trouble.to_string())?;
        Set::of_file(file, kind)
    };
    let claimed_set = match read(&both.claimed, claimed) {
        Ok(set) => set,
        Err(error) => {
            found.as_bytes("what is claimed", claimed, &error);
            return Ok(false);
        }
    };
    match read(&both.made, made) {
        Ok(made_set) => hold_sets(claimed, &claimed_set, &made_set, found, progress),
        Err(error) => {
            found.as_bytes("what was made", made, &error);
            Ok(false)
        }
    }
}

/// False where they could not be read to the end.
fn hold_sets(
    path: &RelPath,
    claimed: &Set,
    made: &Set,
    found: &mut Found,
    progress: &Progress,
) -> Result<bool, Stopped> {
    match tensors::compare(claimed, made, progress) {
        Ok(differences) => {
            found.metadata(path, &claimed.metadata, &made.metadata);
            found.tensors(differences);
            Ok(true)
        }
        Err(NotCompared::Stopped(stopped)) => Err(stopped),
        Err(NotCompared::File(trouble)) => {
            found.unseen.push(format!("`{path}`: {trouble}"));
            Ok(true)
        }
    }
}
