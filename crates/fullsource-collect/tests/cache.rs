//! One cache, several processes: this test starts itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant, SystemTime};

use fullsource_collect::cache::{Bounds, Cache};
use fullsource_format::digest::Sha256;

/// Names the cache, in a process that the test starts.
const CACHE: &str = "FULLSOURCE_TEST_CACHE";
/// What it does there.
const DEED: &str = "FULLSOURCE_TEST_DEED";

fn content(nth: usize) -> Vec<u8> {
    (0..1 << 18).map(|i| (i * 31 + nth) as u8).collect()
}

fn start(cache: &Path, deed: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_process_of_its_own", "--include-ignored"])
        .env(CACHE, cache)
        .env(DEED, deed)
        .spawn()
        .unwrap()
}

/// Not a test by itself: what the other processes do.
#[test]
#[ignore = "started by the tests below"]
fn a_process_of_its_own() {
    let Some(path) = std::env::var_os(CACHE) else { return };
    let cache = Cache::open(Path::new(&path)).unwrap();
    match std::env::var(DEED).unwrap().as_str() {
        "churn" => churn(&cache),
        "prune" => {
            // Until it is killed; it does not outlive a test that failed.
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(60) {
                cache.prune(Bounds::default(), SystemTime::now()).unwrap();
            }
        }
        _ => {
            struct Endless;
            impl std::io::Read for Endless {
                fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                    std::thread::sleep(Duration::from_millis(1));
                    Ok(buffer.len())
                }
            }
            let _ = cache.put(Endless, None);
        }
    }
}

/// Puts, gets and prunes the same few objects over and over. What is got is always whole.
fn churn(cache: &Cache) {
    for round in 0..40 {
        let content = content(round % 4);
        let digest = Sha256::of(&content);
        assert_eq!(cache.put(&content[..], Some(digest)).unwrap(), digest);
        if let Some(mut file) = cache.get(&digest).unwrap() {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            assert!(bytes == content);
        }
        if round % 8 == 7 {
            let bounds = Bounds { bytes: Some(1 << 18), age: None };
            cache.prune(bounds, SystemTime::now()).unwrap();
        }
        cache.usage().unwrap();
    }
    // Small ones: the moment between a file's making and its lock comes often.
    for nth in 0..400_u32 {
        cache.put(&nth.to_le_bytes()[..], None).unwrap();
    }
}

#[test]
fn processes_share_a_cache_without_a_lock_on_it() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("cache");
    let mut pruner = start(&path, "prune");
    let started: Vec<_> = (0..3).map(|_| start(&path, "churn")).collect();
    let ended: Vec<_> = started.into_iter().map(|mut child| child.wait().unwrap()).collect();
    let still_pruning = pruner.try_wait().unwrap().is_none();
    pruner.kill().unwrap();
    pruner.wait().unwrap();
    assert!(still_pruning && ended.iter().all(ExitStatus::success), "{ended:?}");
    let cache = Cache::open(&path).unwrap();
    assert_eq!(cache.usage().unwrap().unfinished, 0);
}

#[test]
fn a_put_that_was_killed_leaves_what_a_prune_removes() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("cache");
    let cache = Cache::open(&path).unwrap();
    let mut child = start(&path, "endless");
    while cache.usage().unwrap().unfinished_bytes == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // It is alive: what it writes is left alone.
    assert_eq!(cache.prune(Bounds::default(), SystemTime::now()).unwrap().unfinished, 0);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(cache.usage().unwrap().unfinished, 1);
    let pruned = cache.prune(Bounds::default(), SystemTime::now()).unwrap();
    assert_eq!((pruned.unfinished, pruned.objects), (1, 0));
    assert_eq!(cache.usage().unwrap().unfinished, 0);
}
