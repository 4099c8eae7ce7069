//! Two files held against each other: the same bytes are exact and other bytes are not; what differs in one
//! direction differs in the other; counts fit each other; a grade has what it rests on.
#![no_main]

use std::path::Path;

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_format::rebuild::{Grade, OutputMade};
use fullsource_rebuild::compare::{Form, Side, output};
use libfuzzer_sys::fuzz_target;

fn hold(claimed: &Path, made: &Path) -> OutputMade {
    let open = |path| Directory::open(path).expect("the directory was made");
    let (claimed, made) = (open(claimed), open(made));
    let files = ["w".parse().expect("a path")];
    let side = |root| Side { root, files: &files, form: Form::File };
    let id = "weights".parse().expect("an id");
    output(&id, side(&claimed), side(&made), None, &Progress::default()).expect("nobody stops it")
}

fn check(told: &OutputMade, same: bool) {
    assert_eq!(told.grade == Grade::RebuiltExact, same);
    assert_eq!(told.claimed == told.made, same);
    assert!(told.grade > Grade::NotRun, "both were read");
    assert!(told.grade != Grade::RebuiltBounded, "there is no limit");
    if told.grade == Grade::Contradicted {
        let tensors = told.tensors.as_ref().is_some_and(|tensors| tensors.differing.0 > 0);
        assert!(tensors || !told.files.is_empty() || told.detail.is_some());
    }
    if let Some(tensors) = &told.tensors {
        assert!(tensors.differing_elements <= tensors.elements);
        assert!(tensors.worst.len() as u64 <= tensors.differing.0);
    }
}

fuzz_target!(|data: &[u8]| {
    // The second file is the first one with some bytes from the end in the place of others.
    let Some(([at, length], rest)) = data.split_first_chunk::<2>() else { return };
    let (claimed, patch) = rest.split_at(rest.len().saturating_sub(usize::from(*length)));
    let mut made = claimed.to_vec();
    let at = usize::from(*at) * claimed.len() / 256;
    let end = (at + patch.len()).min(made.len());
    made.splice(at..end, patch.iter().copied());
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = |name: &str, bytes: &[u8]| {
        let place = directory.path().join(name);
        std::fs::create_dir(&place).expect("a directory");
        std::fs::write(place.join("w"), bytes).expect("a file");
        place
    };
    let (one, other) = (place("claimed", claimed), place("made", &made));
    let (there, back) = (hold(&one, &other), hold(&other, &one));
    check(&there, claimed == made);
    check(&back, claimed == made);
    let layout = |told: &OutputMade| told.grade == Grade::RebuiltCanonical;
    assert_eq!(layout(&there), layout(&back));
    let bits = |told: &OutputMade| {
        told.tensors
            .as_ref()
            .filter(|tensors| tensors.max_ulp.is_some())
            .map(|tensors| (tensors.differing_elements, tensors.max_ulp))
    };
    assert_eq!(bits(&there), bits(&back));
});
