//! What the cache takes up, and making it take up less.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fullsource_format::digest::Sha256;
use rustix::fs::FileType;

use super::{Cache, CacheError, digest_at, note, record};
use crate::directory::{Directory, lock_file};

/// What a cache holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Notes.
    pub notes: u64,
    /// Records of directories.
    pub records: u64,
    /// Their bytes.
    pub record_bytes: u64,
    /// Files that are being written, or were left behind by a run that was killed.
    pub unfinished: u64,
    /// Their bytes.
    pub unfinished_bytes: u64,
}

/// What may stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of all objects and records together.
    pub bytes: Option<u64>,
    /// Time since an object or a record was used last.
    pub age: Option<Duration>,
}

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Objects.
    pub objects: u64,
    /// Bytes of objects and records, and of what runs that were killed left behind.
    pub bytes: u64,
    /// Notes about objects that are no longer there.
    pub notes: u64,
    /// Records of directories.
    pub records: u64,
    /// Files that runs which were killed left behind.
    pub unfinished: u64,
}

/// A file in one of the directories.
struct Filed {
    directory: String,
    name: String,
    digest: Sha256,
    size: u64,
    used: SystemTime,
    is_record: bool,
}

impl Cache {
    /// What it holds now.
    pub fn usage(&self) -> Result<Usage, CacheError> {
        let mut usage = Usage::default();
        for object in self.filed(&self.objects)? {
            usage.objects += 1;
            usage.bytes += object.size;
        }
        usage.notes = self.filed(&self.notes)?.len() as u64;
        for record in self.filed(&self.records)? {
            usage.records += 1;
            usage.record_bytes += record.size;
        }
        self.each_unfinished(|_, size| {
            usage.unfinished += 1;
            usage.unfinished_bytes += size;
            Ok(())
        })?;
        Ok(usage)
    }

    /// Removes what is out of bounds: what runs that were killed left behind, objects and records that
    /// were last used too long before `now`, and then, the one first that was used longest ago, as many as
    /// are too much. What is being read meanwhile is read to its end.
    pub fn prune(&self, bounds: Bounds, now: SystemTime) -> Result<Pruned, CacheError> {
        let mut pruned = Pruned::default();
        self.each_unfinished(|name, size| {
            let Ok(file) = self.new.open_file(name.as_bytes()) else { return Ok(()) };
            // Held until the name is gone: whoever made the file a moment ago must not get its lock.
            let file = File::from(file);
            if lock_file(&file)? {
                self.new.remove(name)?;
                pruned.unfinished += 1;
                pruned.bytes += size;
            }
            Ok(())
        })?;
        let mut kept = HashSet::new();
        for (filed, stays) in self.within(bounds, now)? {
            if stays {
                kept.extend((!filed.is_record).then_some(filed.digest));
                continue;
            }
            self.remove_filed(&filed)?;
            pruned.objects += u64::from(!filed.is_record);
            pruned.records += u64::from(filed.is_record);
            pruned.bytes += filed.size;
        }
        pruned.notes = self.prune_notes(&kept)?;
        Ok(pruned)
    }

    /// All objects and records, the one first that was used longest ago, and whether it stays. A record that
    /// is none does not.
    fn within(&self, bounds: Bounds, now: SystemTime) -> Result<Vec<(Filed, bool)>, CacheError> {
        let records = self.filed(&self.records)?.into_iter();
        let records = records.map(|record| Filed { is_record: true, ..record });
        let mut all: Vec<_> = self.filed(&self.objects)?.into_iter().chain(records).collect();
        all.sort_by_key(|filed| filed.used);
        let mut left: u64 = all.iter().map(|filed| filed.size).sum();
        let stays = |filed: Filed| {
            let age = now.duration_since(filed.used).unwrap_or_default();
            let old = bounds.age.is_some_and(|most| age > most);
            let gone = old || bounds.bytes.is_some_and(|most| left > most);
            let gone = gone || filed.is_record && !self.is_record(&filed);
            left -= if gone { filed.size } else { 0 };
            (filed, !gone)
        };
        Ok(all.into_iter().map(stays).collect())
    }

    fn is_record(&self, filed: &Filed) -> bool {
        let directory = self.records.open_directory(filed.directory.as_bytes());
        directory.is_ok_and(|directory| record::is_of(&directory, &filed.name, &filed.digest))
    }

    /// Removes it, unless another run was faster.
    fn remove_filed(&self, filed: &Filed) -> Result<(), CacheError> {
        let root = if filed.is_record { &self.records } else { &self.objects };
        let directory = root.open_directory(filed.directory.as_bytes());
        match directory.and_then(|directory| directory.remove(&filed.name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(|error| self.refused(error)),
        }
    }

    /// Removes notes about objects that are not kept, and those that cannot be read.
    fn prune_notes(&self, kept: &HashSet<Sha256>) -> Result<u64, CacheError> {
        let mut removed = 0;
        for filed in self.filed(&self.notes)? {
            let Ok(directory) = self.notes.open_directory(filed.directory.as_bytes()) else {
                continue;
            };
            let file = directory.open_file(filed.name.as_bytes()).ok();
            let note = file.and_then(|file| note::read(file.into()));
            if note.is_none_or(|note| !kept.contains(&note.sha256)) {
                removed += u64::from(directory.remove(&filed.name).is_ok());
            }
        }
        Ok(removed)
    }

    /// The regular files that are named as digests are.
    fn filed(&self, root: &Directory) -> Result<Vec<Filed>, CacheError> {
        let mut found = Vec::new();
        for directory in names(root).map_err(|error| self.refused(error))? {
            let Ok(inside) = root.open_directory(directory.as_bytes()) else { continue };
            for name in names(&inside).map_err(|error| self.refused(error))? {
                let digest = digest_at(directory.as_bytes(), name.as_bytes());
                let (Some(digest), Some((size, used))) = (digest, regular(&inside, &name)) else {
                    continue;
                };
                let (directory, is_record) = (directory.clone(), false);
                found.push(Filed { directory, name, digest, size, used, is_record });
            }
        }
        Ok(found)
    }

    fn each_unfinished(
        &self,
        mut take: impl FnMut(&str, u64) -> io::Result<()>,
    ) -> Result<(), CacheError> {
        for name in names(&self.new).map_err(|error| self.refused(error))? {
            if let Some((size, _)) = regular(&self.new, &name) {
                match take(&name, size) {
                    // Its writer was faster.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    done => done.map_err(|error| self.refused(error))?,
                }
            }
        }
        Ok(())
    }
}

/// The names in a directory that are UTF-8; ours are.
fn names(directory: &Directory) -> io::Result<Vec<String>> {
    let names = directory.list()?.map(|listed| Ok(String::from_utf8(listed?.name).ok()));
    names.filter_map(Result::transpose).collect()
}

/// Size and time of a regular file.
#[allow(clippy::cast_sign_loss, reason = "a time before 1970 counts as 1970")]
#[allow(clippy::unnecessary_cast, reason = "of another type on other systems")]
fn regular(directory: &Directory, name: &str) -> Option<(u64, SystemTime)> {
    let about = directory.stat(name.as_bytes()).ok()?;
    let file = FileType::from_raw_mode(about.st_mode) == FileType::RegularFile;
    let used = UNIX_EPOCH + Duration::from_secs(about.st_mtime.max(0) as u64);
    let used = used + Duration::from_nanos(about.st_mtime_nsec as u64);
    file.then_some((about.st_size as u64, used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Note, place_of};
    use jiff::Timestamp;
    use std::fs::FileTimes;

    fn cache() -> (tempfile::TempDir, Cache) {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::open(&root.path().join("cache")).unwrap();
        (root, cache)
    }

    fn put_at(cache: &Cache, content: &[u8], used: SystemTime) -> Sha256 {
        let digest = cache.put(content, None).unwrap();
        let (directory, name) = place_of(&digest);
        let path = cache.path().join("objects").join(directory).join(name);
        let times = FileTimes::new().set_modified(used);
        File::options().write(true).open(path).unwrap().set_times(times).unwrap();
        digest
    }

    #[test]
    fn the_object_that_was_used_longest_ago_goes_first() {
        let (_root, cache) = cache();
        let now = SystemTime::now();
        let ago = |hours: u64| now - Duration::from_secs(hours * 3600);
        let old = put_at(&cache, &[1; 100], ago(30));
        let middle = put_at(&cache, &[2; 100], ago(20));
        let young = put_at(&cache, &[3; 100], ago(10));
        for sha256 in [old, middle, young] {
            let key = sha256.to_string();
            let note = Note { key, sha256, size: 100, etag: None, at: Timestamp::UNIX_EPOCH };
            cache.keep_note(&note).unwrap();
        }
        let usage = Usage { objects: 3, bytes: 300, notes: 3, ..Usage::default() };
        assert_eq!(cache.usage().unwrap(), usage);
        assert_eq!(cache.prune(Bounds::default(), now).unwrap(), Pruned::default());
        // It was used just now.
        assert!(cache.get(&old).unwrap().is_some());
        let bounds = Bounds { bytes: Some(250), age: None };
        let one = Pruned { objects: 1, bytes: 100, notes: 1, ..Pruned::default() };
        assert_eq!(cache.prune(bounds, now).unwrap(), one);
        assert!(cache.note(&middle.to_string()).is_none());
        let bounds = Bounds { bytes: None, age: Some(Duration::from_secs(5 * 3600)) };
        assert_eq!(cache.prune(bounds, now).unwrap(), one);
        assert!(cache.get(&old).unwrap().is_some() && cache.get(&young).unwrap().is_none());
        let all = Bounds { bytes: Some(0), age: None };
        assert_eq!(cache.prune(all, now).unwrap(), one);
        assert_eq!(cache.usage().unwrap(), Usage::default());
    }

    #[test]
    fn only_what_nobody_writes_any_more_is_removed() {
        let (_root, cache) = cache();
        let alive = cache.incoming().unwrap();
        std::fs::write(cache.path().join("new/1-1"), "left").unwrap();
        assert_eq!(cache.usage().unwrap().unfinished, 2);
        let pruned = cache.prune(Bounds::default(), SystemTime::now()).unwrap();
        assert_eq!(pruned, Pruned { bytes: 4, unfinished: 1, ..Pruned::default() });
        drop(alive);
        assert_eq!(cache.usage().unwrap(), Usage::default());
    }

    #[test]
    fn what_the_cache_did_not_put_there_stays() {
        let (_root, cache) = cache();
        let path = cache.path().join("objects/ab");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("mine"), "x").unwrap();
        let all = Bounds { bytes: Some(0), age: Some(Duration::ZERO) };
        cache.prune(all, SystemTime::now()).unwrap();
        assert!(path.join("mine").exists());
    }
}
