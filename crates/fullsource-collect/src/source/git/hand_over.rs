//! From the tree of a commit to a sink: one thread reads trees, others the files that they name.

use std::io::Read as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use fullsource_format::digest::{DigestSet, GitId};
use fullsource_format::limits;
use fullsource_format::path::RelPath;

use super::object::{Found, Kind};
use super::pack::Desk;
use super::store::Objects;
use super::tree::{Mode, TreeEntry, entries};
use crate::source::{Context, Entry, Sink, SinkError, Trouble, TroubleKind, Want};
use crate::tree::escaped;

/// What was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A tree, of this id.
    Tree(GitId),
    /// A file, of this blob.
    File(GitId),
}

/// Bytes of a symbolic link's target: the longest path of Linux, and some.
const TARGET_BYTES: u64 = 8192;
/// Bytes of trees that are open at a time, one for each directory on the way down. Packed, the same
/// could be a few bytes. One directory of some five million entries fits.
const OPEN_BYTES: usize = 256 << 20;
/// Files that are named and not yet read.
const QUEUE: usize = 1024;

/// Hands over what lies at a path of a commit's tree, or the whole of it.
pub(super) fn hand_over(
    objects: &Objects,
    tree: GitId,
    path: Option<&RelPath>,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Content, Trouble> {
    let mut walk = Walk { objects, context, sink, desk: Desk::default(), entries: 0, open: 0 };
    let (mode, id) = match path {
        None => (Mode::Directory, tree),
        Some(path) => walk.select(tree, path)?,
    };
    match mode {
        Mode::Directory => {
            walk.whole(&id)?;
            Ok(Content::Tree(id))
        }
        Mode::File { .. } => {
            give(objects, &Item { path: Vec::new(), mode, id }, context, sink, &mut walk.desk)?;
            Ok(Content::File(id))
        }
        Mode::Symlink | Mode::Submodule => {
            let path = path.map_or("", RelPath::as_str);
            let what = if mode == Mode::Symlink { "symbolic link" } else { "submodule" };
            Err(Trouble::faulty(format!("`{path}` is a {what}, no file and no directory")))
        }
    }
}

/// A file or a symbolic link on its way.
struct Item {
    path: Vec<u8>,
    mode: Mode,
    id: GitId,
}

struct Walk<'a> {
    objects: &'a Objects,
    context: &'a Context<'a>,
    sink: &'a dyn Sink,
    desk: Desk,
    entries: usize,
    open: usize,
}

/// Why the walk ended early: its own trouble, or nobody takes what it finds any more.
enum Ended {
    Trouble(Trouble),
    Nobody,
}

impl From<Trouble> for Ended {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Walk<'_> {
    /// Follows a path down to what it names.
    fn select(&mut self, tree: GitId, path: &RelPath) -> Result<(Mode, GitId), Trouble> {
        let absent = || Trouble::absent(format!("the commit has no `{path}`"));
        let mut here = (Mode::Directory, tree);
        for part in path.parts() {
            if here.0 != Mode::Directory {
                return Err(absent());
            }
            let content = self.objects.whole(&here.1, Kind::Tree, &mut self.desk)?;
            let listed = read_tree(&content, &here.1, self.objects)?;
            let found = listed.iter().find(|entry| entry.name == part.as_bytes());
            here = found.map(|entry| (entry.mode, entry.id)).ok_or_else(absent)?;
        }
        Ok(here)
    }

    /// Reads a tree to its depths, with helpers for the files.
    fn whole(&mut self, tree: &GitId) -> Result<(), Trouble> {
        let (queue, items) = sync_channel(QUEUE);
        let items = Mutex::new(Some(items));
        let (objects, context, sink) = (self.objects, self.context, self.sink);
        std::thread::scope(|scope| {
            let items = &items;
            let helpers: Vec<_> = (0..context.threads.get())
                .map(|_| scope.spawn(move || take(objects, items, context, sink)))
                .collect();
            let walked = self.descend(tree, &mut Vec::new(), 0, &queue);
            drop(queue);
            let mut outcome = Ok(());
            for helper in helpers {
                let helped = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                outcome = outcome.and(helped);
            }
            match walked {
                Err(Ended::Trouble(trouble)) => outcome.and(Err(trouble)),
                Ok(()) | Err(Ended::Nobody) => outcome,
            }
        })
    }

    fn descend(
        &mut self,
        tree: &GitId,
        path: &mut Vec<u8>,
        depth: usize,
        queue: &SyncSender<Item>,
    ) -> Result<(), Ended> {
        if depth > limits::TREE_DEPTH {
            let text =
                format!("`{}`: deeper than {} directories", escaped(path), limits::TREE_DEPTH);
            return Err(Trouble::skipped(text).into());
        }
        let content = self.objects.whole(tree, Kind::Tree, &mut self.desk)?;
        self.open += content.len();
        if self.open > OPEN_BYTES {
            let text = format!("`{}`: directories of more than {OPEN_BYTES} bytes", escaped(path));
            return Err(Trouble::skipped(text).into());
        }
        for entry in read_tree(&content, tree, self.objects)? {
            self.context.progress.check().map_err(Trouble::from)?;
            self.entries += 1;
            if self.entries > limits::FILES {
                let text = format!("more than {} entries", limits::FILES);
                return Err(Trouble::skipped(text).into());
            }
            let above = path.len();
            if above > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(entry.name);
            if path.len() > limits::PATH_BYTES {
                let text = format!("a path of more than {} bytes", limits::PATH_BYTES);
                return Err(Trouble::faulty(text).into());
            }
            match entry.mode {
                Mode::Directory => self.descend(&entry.id, path, depth + 1, queue)?,
                Mode::Submodule => {
                    self.sink.submodule(path, &entry.id).map_err(|error| refused(error, path))?;
                }
                mode @ (Mode::File { .. } | Mode::Symlink) => {
                    let item = Item { path: path.clone(), mode, id: entry.id };
                    queue.send(item).map_err(|_| Ended::Nobody)?;
                }
            }
            path.truncate(above);
        }
        self.open -= content.len();
        Ok(())
    }
}

fn read_tree<'a>(
    content: &'a [u8],
    id: &GitId,
    objects: &Objects,
) -> Result<Vec<TreeEntry<'a>>, Trouble> {
    let fault = |fault| Trouble::faulty(format!("the tree object {id}: {fault}"));
    entries(content, objects.format).map_err(fault)
}

/// Takes items until there are no more. Trouble closes the queue, so that the walk and the other helpers
/// end, too.
fn take(
    objects: &Objects,
    items: &Mutex<Option<Receiver<Item>>>,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<(), Trouble> {
    let locked = || items.lock().unwrap_or_else(PoisonError::into_inner);
    let mut desk = Desk::default();
    loop {
        let item = locked().as_ref().and_then(|items| items.recv().ok());
        let Some(item) = item else { return Ok(()) };
        if let Err(trouble) = give(objects, &item, context, sink, &mut desk) {
            locked().take();
            return Err(trouble);
        }
    }
}

fn give(
    objects: &Objects,
    item: &Item,
    context: &Context<'_>,
    sink: &dyn Sink,
    desk: &mut Desk,
) -> Result<(), Trouble> {
    context.progress.check()?;
    context.net.budget().time()?;
    let Item { path, mode, id } = item;
    let found = objects.named(id, Kind::Blob, desk)?;
    let Mode::File { executable } = *mode else { return give_symlink(found, path, sink) };
    let entry = Entry { path, size: Some(found.size), executable };
    match sink.want(&entry) {
        Want::Bytes => {}
        Want::Name => {
            let named = sink.word(&entry, &DigestSet::default());
            return named.map_err(|error| refused(error, path));
        }
        Want::Word => {
            let text = format!("`{}`: over the budget, with {} bytes", escaped(path), found.size);
            return Err(Trouble::skipped(text));
        }
    }
    let mut bytes = found.bytes;
    sink.file(&entry, &mut bytes).map_err(|error| refused(error, path))?;
    // Whatever the sink read: only an end that was reached has been held against the id.
    std::io::copy(&mut bytes, &mut std::io::sink()).map_err(|error| Trouble::of(&error))?;
    Ok(())
}

fn give_symlink(found: Found<'_>, path: &[u8], sink: &dyn Sink) -> Result<(), Trouble> {
    let mut target = Vec::new();
    let mut bytes = found.bytes.take(TARGET_BYTES + 1);
    bytes.read_to_end(&mut target).map_err(|error| Trouble::of(&error))?;
    if target.len() as u64 > TARGET_BYTES {
        let text =
            format!("`{}`: a symbolic link of more than {TARGET_BYTES} bytes", escaped(path));
        return Err(Trouble::faulty(text));
    }
    sink.symlink(path, &target).map_err(|error| refused(error, path))
}

fn refused(error: SinkError, path: &[u8]) -> Trouble {
    match error {
        SinkError::Read(error) => {
            let Trouble { kind, detail } = Trouble::of(&error);
            // What broke says what; where says this.
            if kind == TroubleKind::Stopped {
                return Trouble { kind, detail };
            }
            Trouble::new(kind, format!("`{}`: {}", escaped(path), detail.as_str()))
        }
        SinkError::Refused(why) => Trouble::faulty(why),
        SinkError::Stopped(stopped) => stopped.into(),
    }
}
