//! All objects below a prefix, as a tree.

use std::sync::Arc;

use fullsource_format::digest::DigestSet;
use fullsource_format::limits;
use futures_util::TryStreamExt as _;
use object_store::ObjectStore;
use object_store::path::Path;

use super::{Place, is_absent, refused};
use crate::net::Net;
use crate::source::several::count_each;
use crate::source::{Entry, Trouble, Want};

/// One object of a listing: its path behind the prefix, and its size.
type Listed = (Box<str>, u64);

/// What a listing came to.
enum Listing {
    All(Vec<Listed>),
    TooMany,
}

impl Place<'_> {
    /// Hands over every object below a prefix, several at once.
    pub(super) fn below(&self, prefix: &Path) -> Result<(), Trouble> {
        let what = format!("{}/", self.shown(prefix).trim_end_matches('/'));
        let context = self.context;
        let listing = self.doors.ask(&what, |store| listed(store, prefix.clone(), context.net))?;
        let listed = match listing {
            Listing::All(listed) => one_of_each(&what, listed)?,
            Listing::TooMany => {
                let text = format!("{what}: more than {} objects", limits::FILES);
                return Err(Trouble::skipped(text));
            }
        };
        let handed = count_each(context.threads, &listed, |listed| self.one(prefix, listed))?;
        if handed == 0 {
            return Err(Trouble::absent(format!("{what}: there is no object below it")));
        }
        Ok(())
    }

    /// Hands over one listed object. Does not, and says so, where it is the mark of an empty directory:
    /// an object without bytes whose key ends in `/`, which the library lists without that slash.
    fn one(&self, prefix: &Path, (name, listed): &Listed) -> Result<bool, Trouble> {
        self.context.progress.check()?;
        let key = if prefix.is_root() { name.to_string() } else { format!("{prefix}/{name}") };
        let path = Path::parse(&key)
            .map_err(|_| Trouble::faulty(format!("{}: no key", self.shown(prefix))))?;
        let entry = Entry { path: name.as_bytes(), size: Some(*listed), executable: false };
        let want = match self.sink.want(&entry) {
            Want::Word if *listed == 0 => Want::Bytes,
            // What is listed is there, but for the mark of a directory.
            Want::Name if *listed > 0 => {
                let named = self.sink.word(&entry, &DigestSet::default());
                return named.map(|()| true).map_err(refused);
            }
            want => want,
        };
        let opened = match self.opened(&path, want != Want::Bytes) {
            Err(trouble) if *listed == 0 && is_absent(&trouble) => return Ok(false),
            opened => opened?,
        };
        if *listed == 0 && opened.size != 0 {
            return Ok(false);
        }
        match want {
            Want::Bytes => self.bytes(&path, entry, opened)?,
            Want::Word => self.word(&path, &entry, opened.word)?,
            Want::Name => self.sink.word(&entry, &DigestSet::default()).map_err(refused)?,
        }
        Ok(true)
    }
}

/// All objects below a prefix. The prefix itself, as the mark of a directory, is none of them.
async fn listed(
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    net: &Net,
) -> object_store::Result<Listing> {
    let mut all = Vec::new();
    let mut pages = store.list(Some(&prefix));
    while let Some(meta) = pages.try_next().await? {
        let key = meta.location.as_ref();
        let behind = match prefix.is_root() {
            true => Some(key),
            false => key.strip_prefix(prefix.as_ref()).and_then(|rest| rest.strip_prefix('/')),
        };
        let Some(name) = behind.filter(|name| !name.is_empty()) else { continue };
        if all.len() == limits::FILES || net.budget().time().is_err() {
            return Ok(Listing::TooMany);
        }
        all.push((name.into(), meta.size));
    }
    Ok(Listing::All(all))
}

/// The listing in the order of its paths, without the marks of directories that share the name of an
/// object. What is listed twice otherwise cannot be told apart.
fn one_of_each(what: &str, mut listed: Vec<Listed>) -> Result<Vec<Listed>, Trouble> {
    listed.sort_unstable();
    let mut kept: Vec<Listed> = Vec::with_capacity(listed.len());
    for (name, size) in listed {
        match kept.last_mut() {
            Some((last, before)) if *last == name && *before == 0 => *before = size,
            Some((last, _)) if *last == name => {
                return Err(Trouble::faulty(format!("{what}: it lists `{name}` twice")));
            }
            _ => kept.push((name, size)),
        }
    }
    Ok(kept)
}
