//! Manifests whose stages can be run again: the example's, those of Debian's models, and those of the trainers
//! that a rebuild must tell apart.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fullsource_format::json::UnknownFields;
use fullsource_format::manifest::Manifest;
use fullsource_tests::program;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Runs a script of the repository with Python.
fn python(script: &str, arguments: &[&Path]) {
    let done = Command::new("python3").arg("-B").arg(root().join(script)).args(arguments).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The manifest there, which passes `check`.
fn checked(release: &Path) -> Manifest {
    let path = release.join("fullsource.json");
    let output = Command::new(program::fullsource()).arg("check").arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Manifest::parse(&fs::read(path).unwrap(), UnknownFields::Refuse).unwrap()
}

/// Every stage and every segment has a command, and every output is a file that is claimed.
fn assert_rebuildable(manifest: &Manifest) {
    assert!(!manifest.stages().is_empty());
    for stage in manifest.stages() {
        assert!(!stage.command.is_empty(), "{}", stage.id);
        assert!(stage.segments.iter().all(|segment| !segment.command.is_empty()), "{}", stage.id);
        for output in &stage.outputs {
            let artifact = manifest.artifacts().iter().find(|artifact| artifact.id == *output);
            assert!(!artifact.unwrap().files.is_empty(), "{output}");
        }
    }
}

#[test]
fn the_example_can_be_run_whole_and_in_segments() {
    let manifest = checked(&root().join("examples/tiny-lm/full-source"));
    assert_rebuildable(&manifest);
    assert_eq!(manifest.stages()[0].segments.len(), 3);
}

#[test]
fn debians_models_can_be_made_again_and_nothing_is_said_in_its_name() {
    let place = tempfile::tempdir().unwrap();
    for (directory, end) in [("LM", "lm"), ("ShortTexts", "txt")] {
        let directory = place.path().join("langclass").join(directory);
        fs::create_dir_all(&directory).unwrap();
        for language in ["de", "az-Cyrl"] {
            fs::write(directory.join(format!("{language}.{end}")), "x").unwrap();
        }
    }
    python("examples/wild/libexttextcat/manifest.py", &[place.path()]);
    for release in [place.path(), &root().join("examples/wild/anthy")] {
        let manifest = checked(release);
        assert_rebuildable(&manifest);
        assert_eq!(manifest.as_wire().closure, None);
    }
    assert_eq!(checked(place.path()).stages()[0].outputs.len(), 2);
}

#[test]
fn trainers_that_are_told_apart_claim_the_same() {
    let place = tempfile::tempdir().unwrap();
    python("tests/rebuild/fixtures/make.py", &[place.path()]);
    let releases: Vec<_> =
        fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(releases.len(), 12);
    for release in releases {
        assert_rebuildable(&checked(&release));
    }
}
