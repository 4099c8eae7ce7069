//! Files taken unread: never one whose bytes changed, whatever was done to it, to the record or to the clock.
//! A look that reads everything is the judge.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fullsource_collect::cache::{Bounds, Cache, RecordTrouble};
use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_collect::record::{Fault, Record, RecordError};
use fullsource_collect::release::Look;
use fullsource_format::evidence::{Digests, EntrySeen, ReleaseSeen};
use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use tempfile::TempDir;

/// Seconds after the files were written at which a first look's clock stands, and a second's.
const EARLY: u64 = 100;
const LATE: u64 = 200;

/// A release directory, a cache, and a clock.
struct Place {
    root: TempDir,
    cache: Cache,
    start: SystemTime,
    digests: Digests,
}

impl Place {
    /// On the disk of the build, since a temporary directory may lie in memory.
    fn new(files: &[(&str, &str)]) -> Self {
        let root = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let cache = Cache::open(&root.path().join("cache")).unwrap();
        for (path, content) in files {
            let path = root.path().join("release").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Self { root, cache, start: SystemTime::now(), digests: Digests::All }
    }

    fn small() -> Self {
        Self::new(&[("a.bin", "aaaa"), ("b.bin", "bbbb"), ("deep/c.bin", "cccc")])
    }

    fn release(&self) -> PathBuf {
        self.root.path().join("release")
    }

    fn file(&self, path: &str) -> PathBuf {
        self.release().join(path)
    }

    fn record(&self, clock: u64) -> Record {
        let directory = Directory::open(&self.release()).unwrap();
        let now = self.start + Duration::from_secs(clock);
        Record::empty(&directory, &self.release(), now).unwrap()
    }

    fn look_with(&self, record: Option<&mut Record>) -> ReleaseSeen {
        let (manifest, progress) = (manifest(), Progress::default());
        let directory = Directory::open(&self.release()).unwrap();
        let look = Look {
            directory: &directory,
            manifest: &manifest,
            covered: None,
            digests: self.digests,
            threads: NonZeroUsize::new(2).unwrap(),
            progress: &progress,
        };
        record.map_or_else(|| look.release(), |record| look.release_unread(record)).unwrap()
    }

    /// A look that remembers.
    fn look(&self, clock: u64) -> ReleaseSeen {
        let mut record = self.record(clock);
        record.recall(&self.cache).unwrap();
        let seen = self.look_with(Some(&mut record));
        record.keep(&self.cache).unwrap();
        seen
    }

    /// How many files a look takes unread that comes to what a full look does.
    fn unread(&self, clock: u64) -> u64 {
        let seen = self.look(clock);
        assert_eq!(told(&seen), told(&self.look_with(None)));
        unread(&seen)
    }

    /// The one record in the cache.
    fn kept(&self) -> PathBuf {
        let below = |path: &Path| {
            let mut names = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
            (names.next().unwrap(), names.count())
        };
        let (directory, others) = below(&self.cache.path().join("records"));
        assert_eq!(others, 0);
        below(&directory).0
    }
}

fn manifest() -> Manifest {
    let text = r#"{ "release": { "name": "m", "producer": { "name": "p" } },
        "artifacts": [{ "id": "w", "roles": ["weights.final"], "files": ["a.bin"] }],
        "stages": [{ "id": "s", "kind": "pretraining", "outputs": ["w"] }] }"#;
    Manifest::parse(text.as_bytes(), UnknownFields::Refuse).unwrap()
}

fn unread(seen: &ReleaseSeen) -> u64 {
    seen.unread.map_or(0, |unread| unread.files.0)
}

type Told = (Vec<(String, u64, Option<String>, Option<String>)>, Vec<EntrySeen>);

/// What a look says of files and of all else.
fn told(seen: &ReleaseSeen) -> Told {
    let files = seen.files.iter().map(|file| {
        let (sha256, blake3) =
            (file.sha256.map(|d| d.to_string()), file.blake3.map(|d| d.to_string()));
        (file.path.to_owned(), file.size, sha256, blake3)
    });
    (files.collect(), seen.entries.clone())
}

/// Writes over bytes where they are, and sets the time of change back: `touch -d`.
fn overwrite(path: &Path, content: &str) {
    let before = path.metadata().unwrap().modified().unwrap();
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file.set_times(FileTimes::new().set_modified(before)).unwrap();
}

/// A copy with the same size and time of change.
fn copy(from: &Path, to: &Path, content: &str) {
    fs::write(to, content).unwrap();
    let times = FileTimes::new().set_modified(from.metadata().unwrap().modified().unwrap());
    OpenOptions::new().write(true).open(to).unwrap().set_times(times).unwrap();
}

#[test]
fn what_nobody_touched_is_taken_unread_and_comes_to_the_same() {
    let place = Place::small();
    assert_eq!(place.unread(EARLY), 0);
    assert_eq!(place.unread(LATE), 3);
    let seen = place.look(LATE + 1);
    let told = seen.unread.unwrap();
    assert_eq!((told.files.0, told.bytes.0), (3, 12));
    let since = SystemTime::from(told.since);
    let read = place.start + Duration::from_secs(EARLY);
    assert!(read.duration_since(since).unwrap() < Duration::from_secs(1), "{since:?} {read:?}");
    let text = serde_json::to_string(&seen).unwrap();
    assert!(text.contains(r#""unread":{"files":3,"bytes":12,"since":""#), "{text}");
    assert_eq!(serde_json::from_str::<ReleaseSeen>(&text).unwrap().unread, seen.unread);
}

#[test]
fn every_kind_of_change_is_found() {
    type Change = fn(&Place);
    let changes: [(&str, u64, Change); 11] = [
        ("written over, the time set back", 2, |p| overwrite(&p.file("a.bin"), "aaab")),
        ("replaced by a file with its size and time", 2, |p| {
            copy(&p.file("a.bin"), &p.file("new"), "evil");
            fs::rename(p.file("new"), p.file("a.bin")).unwrap();
        }),
        ("two files that changed their names", 1, |p| {
            fs::rename(p.file("a.bin"), p.file("x")).unwrap();
            fs::rename(p.file("b.bin"), p.file("a.bin")).unwrap();
            fs::rename(p.file("x"), p.file("b.bin")).unwrap();
        }),
        ("another directory in the place of one", 2, |p| {
            fs::create_dir(p.file("new")).unwrap();
            copy(&p.file("deep/c.bin"), &p.file("new/c.bin"), "evil");
            fs::rename(p.file("deep"), p.root.path().join("old")).unwrap();
            fs::rename(p.file("new"), p.file("deep")).unwrap();
        }),
        ("a link in the place of a file", 2, |p| {
            copy(&p.file("a.bin"), &p.root.path().join("evil"), "evil");
            fs::remove_file(p.file("a.bin")).unwrap();
            symlink("../evil", p.file("a.bin")).unwrap();
        }),
        ("a link in the place of a directory", 2, |p| {
            fs::rename(p.file("deep"), p.root.path().join("old")).unwrap();
            symlink("../old", p.file("deep")).unwrap();
        }),
        ("grown", 2, |p| {
            let mut file = OpenOptions::new().append(true).open(p.file("b.bin")).unwrap();
            file.write_all(b"x").unwrap();
        }),
        ("gone", 2, |p| fs::remove_file(p.file("b.bin")).unwrap()),
        ("added", 3, |p| fs::write(p.file("d.bin"), "dddd").unwrap()),
        ("a second name for other bytes", 2, |p| {
            copy(&p.file("a.bin"), &p.root.path().join("evil"), "evil");
            fs::remove_file(p.file("a.bin")).unwrap();
            fs::hard_link(p.root.path().join("evil"), p.file("a.bin")).unwrap();
        }),
        ("its mode alone, for which it is read again", 2, |p| {
            fs::set_permissions(p.file("a.bin"), Permissions::from_mode(0o600)).unwrap();
        }),
    ];
    for (what, unread, change) in changes {
        let place = Place::small();
        place.look(EARLY);
        // The clock of a file system ticks every few milliseconds.
        std::thread::sleep(Duration::from_millis(20));
        change(&place);
        assert_eq!(place.unread(LATE), unread, "{what}");
    }
}

#[test]
fn what_was_changed_a_moment_before_it_was_read_is_read_again() {
    let place = Place::small();
    place.look(59);
    assert_eq!(place.unread(LATE), 0, "a minute had not passed");
    assert_eq!(place.unread(LATE + 1), 3);
}

#[test]
fn times_that_are_yet_to_come_are_never_relied_on() {
    let place = Place::small();
    let times = FileTimes::new().set_modified(place.start + Duration::from_secs(3600));
    File::open(place.file("a.bin")).unwrap().set_times(times).unwrap();
    place.look(EARLY);
    assert_eq!(place.unread(LATE), 2);
    assert_eq!(place.unread(LATE + 1), 2);
}

#[test]
fn a_clock_that_was_set_back_makes_nothing_be_relied_on() {
    let place = Place::small();
    place.look(LATE);
    overwrite(&place.file("a.bin"), "aaab");
    assert_eq!(place.unread(EARLY), 0, "the record is of a time to come");
    assert_eq!(place.unread(LATE), 3, "all were read at the earlier time");
    let early = place.start - Duration::from_secs(3600);
    let place = Place { start: early, ..Place::small() };
    place.look(EARLY);
    assert_eq!(place.unread(LATE), 0, "the files are of a time to come");
}

#[test]
fn a_record_that_is_damaged_anywhere_is_of_no_use() {
    let place = Place::small();
    place.look(EARLY);
    let (path, sound) = (place.kept(), fs::read(place.kept()).unwrap());
    std::thread::sleep(Duration::from_millis(20));
    overwrite(&place.file("a.bin"), "evil");
    let full = told(&place.look_with(None));
    let flipped = (0..sound.len()).map(|at| {
        let mut damaged = sound.clone();
        damaged[at] ^= 1 << (at % 8);
        damaged
    });
    let cut = (0..sound.len()).map(|length| sound[..length].to_vec());
    let longer = [[&sound[..], b"x"].concat(), [&sound[..], &sound].concat()];
    for damaged in flipped.chain(cut).chain(longer) {
        fs::write(&path, &damaged).unwrap();
        let mut record = place.record(LATE);
        let recalled = record.recall(&place.cache);
        assert!(matches!(recalled, Err(RecordError::Malformed(Fault::Form | Fault::Damaged))));
        let seen = place.look_with(Some(&mut record));
        assert_eq!((told(&seen), unread(&seen)), (full.clone(), 0));
    }
    fs::write(&path, &sound).unwrap();
    assert_eq!(place.unread(LATE), 2, "it was of use before");
}

#[test]
fn a_record_of_another_directory_is_of_no_use() {
    let (one, other) = (Place::small(), Place::small());
    one.look(EARLY);
    other.look(EARLY);
    fs::copy(other.kept(), one.kept()).unwrap();
    let recalled = one.record(LATE).recall(&one.cache);
    assert!(matches!(recalled, Err(RecordError::Malformed(Fault::Elsewhere))), "{recalled:?}");
    // Another directory at the same path, with the same files in it.
    other.look(EARLY);
    fs::rename(other.release(), other.root.path().join("old")).unwrap();
    fs::create_dir(other.release()).unwrap();
    for name in ["a.bin", "b.bin", "deep"] {
        fs::rename(other.root.path().join("old").join(name), other.file(name)).unwrap();
    }
    assert_eq!(other.unread(LATE), 0);
}

#[test]
fn a_record_that_others_can_write_is_not_believed() {
    let place = Place::small();
    place.look(EARLY);
    let recalled = || match place.record(LATE).recall(&place.cache) {
        Err(RecordError::Cache(trouble)) => trouble,
        other => panic!("{other:?}"),
    };
    fs::set_permissions(place.kept(), Permissions::from_mode(0o620)).unwrap();
    assert!(matches!(recalled(), RecordTrouble::Writable(0o620)));
    fs::set_permissions(place.kept(), Permissions::from_mode(0o600)).unwrap();
    let above = place.kept().parent().unwrap().to_owned();
    fs::set_permissions(&above, Permissions::from_mode(0o702)).unwrap();
    assert!(matches!(recalled(), RecordTrouble::Writable(0o702)));
    fs::set_permissions(&above, Permissions::from_mode(0o700)).unwrap();
    if rustix::process::geteuid().is_root() {
        chown(place.kept(), Some(1), None).unwrap();
        assert!(matches!(recalled(), RecordTrouble::Foreign { owner: 1, .. }));
        chown(place.kept(), Some(0), None).unwrap();
    } else {
        println!("skipped: only root can give a file to somebody else");
    }
    assert_eq!(place.unread(LATE), 3);
    let kept = place.kept();
    fs::rename(&kept, kept.with_extension("moved")).unwrap();
    symlink(kept.with_extension("moved"), &kept).unwrap();
    assert!(matches!(recalled(), RecordTrouble::NotAFile));
    fs::remove_file(&kept).unwrap();
    OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(&kept)
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    fs::set_permissions(&kept, Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(recalled(), RecordTrouble::TooLarge(_)));
}

#[test]
fn a_cache_that_takes_nothing_changes_nothing_that_is_seen() {
    let place = Place::small();
    fs::remove_dir(place.cache.path().join("records")).unwrap();
    let mut record = place.record(EARLY);
    record.recall(&place.cache).unwrap();
    assert_eq!(told(&place.look_with(Some(&mut record))), told(&place.look_with(None)));
    assert!(matches!(record.keep(&place.cache), Err(RecordError::Cache(_))));
}

#[test]
fn the_digests_that_are_asked_for_are_had_or_computed() {
    let place = Place { digests: Digests::Blake3, ..Place::small() };
    place.look(EARLY);
    assert_eq!(place.unread(LATE), 3);
    let place = Place { digests: Digests::All, ..place };
    assert_eq!(place.unread(LATE), 0);
    assert_eq!(place.unread(LATE + 1), 3);
    for digests in [Digests::Sha256, Digests::Blake3, Digests::All] {
        let place = Place { digests, start: place.start, ..Place::small() };
        place.look(EARLY);
        assert_eq!(place.unread(LATE), 3, "{digests:?}");
    }
}

#[test]
fn what_tells_frameworks_what_to_load_is_always_read() {
    let remote = r#"{ "auto_map": { "AutoModel": "other/repo--m.Model" } }"#;
    let index = r#"{ "weight_map": { "x": "a.bin" } }"#;
    let files = [("a.bin", "a"), ("config.json", remote), ("a.bin.index.json", index)];
    let place = Place::new(&files);
    let first = place.look(EARLY);
    let second = place.look(LATE);
    assert_eq!((unread(&first), unread(&second)), (0, 1));
    assert_eq!((first.facts.len(), first.facts), (2, second.facts));
}

#[test]
fn of_many_files_those_are_read_that_changed() {
    let names: Vec<_> = (0..1500).map(|nth| format!("d{:02}/f{nth:04}.bin", nth % 40)).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let place = Place::new(&files);
    place.look(EARLY);
    assert_eq!(place.unread(LATE), 1500);
    std::thread::sleep(Duration::from_millis(20));
    overwrite(&place.file(&names[777]), &names[776]);
    fs::remove_file(place.file(&names[3])).unwrap();
    assert_eq!(place.unread(LATE), 1498);
    assert_eq!(place.unread(2 * LATE), 1499);
}

#[test]
fn several_at_once_leave_one_whole_record() {
    let place = Place::small();
    std::thread::scope(|scope| {
        for clock in 0..8 {
            let place = &place;
            scope.spawn(move || {
                for _ in 0..10 {
                    place.unread(EARLY + clock);
                }
            });
        }
    });
    assert_eq!(place.unread(LATE), 3);
    assert_eq!(fs::read_dir(place.cache.path().join("new")).unwrap().count(), 0);
}

#[test]
fn a_record_that_says_nothing_new_is_not_written_again() {
    let place = Place::small();
    place.look(EARLY);
    let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&path.metadata().unwrap());
    let before = inode(&place.kept());
    place.look(LATE);
    assert_eq!(inode(&place.kept()), before);
    let mode = place.kept().metadata().unwrap().permissions().mode();
    let above = place.kept().parent().unwrap().metadata().unwrap().permissions().mode();
    assert_eq!((mode & 0o777, above & 0o777), (0o600, 0o700));
}

#[test]
fn the_cache_counts_records_and_removes_those_of_long_ago() {
    let place = Place::small();
    place.look(EARLY);
    let usage = place.cache.usage().unwrap();
    assert_eq!((usage.records, usage.objects), (1, 0));
    assert!(usage.record_bytes > 300);
    let week = Bounds { age: Some(Duration::from_secs(7 * 86_400)), ..Bounds::default() };
    let later = SystemTime::now() + Duration::from_secs(8 * 86_400);
    assert_eq!(place.cache.prune(week, SystemTime::now()).unwrap().records, 0);
    assert_eq!(place.cache.prune(week, later).unwrap().records, 1);
    place.look(EARLY);
    let small = Bounds { bytes: Some(10), ..Bounds::default() };
    assert_eq!(place.cache.prune(small, SystemTime::now()).unwrap().records, 1);
    place.look(EARLY);
    fs::write(place.kept(), "something else").unwrap();
    assert_eq!(place.cache.prune(Bounds::default(), later).unwrap().records, 1);
    assert_eq!(place.cache.usage().unwrap().records, 0);
}

#[test]
fn nothing_is_remembered_of_a_file_system_in_memory() {
    let Ok(root) = TempDir::new_in("/dev/shm") else {
        println!("skipped: there is no /dev/shm");
        return;
    };
    let directory = Directory::open(root.path()).unwrap();
    let refused = Record::empty(&directory, root.path(), SystemTime::now());
    assert!(matches!(refused, Err(RecordError::Volume(_))), "{refused:?}");
}
