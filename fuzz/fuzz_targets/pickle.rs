//! Pickles: a walk ends where the pickle does, and what is behind changes nothing; a pickle that is cut
//! imports no more than the whole one; a file never fails to answer.
#![no_main]

use fullsource_collect::read::pickle::{Imports, walk};
use fullsource_collect::read::pickle_file::{PickleForm, read_stream};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let mut imports = Imports::default();
    if let Ok(walked) = walk(&mut &file[..], &mut imports) {
        let walked = usize::try_from(walked).expect("no more than there is");
        assert_eq!(file[walked - 1], b'.', "a pickle ends with STOP");
        let mut again = Imports::default();
        let alone = walk(&mut &file[..walked], &mut again).expect("it was walked before");
        assert_eq!((alone as usize, &again), (walked, &imports));
        let mut cut = Imports::default();
        walk(&mut &file[..walked - 1], &mut cut).expect_err("it has no end");
        assert_eq!(cut, imports);
    }
    let certain = read_stream(&mut &file[..], PickleForm::Certain);
    let maybe = read_stream(&mut &file[..], PickleForm::Maybe);
    assert_eq!(certain.imports, maybe.imports);
    assert!(maybe.unread.is_none() || maybe.unread == certain.unread);
    // A whole pickle at the start is seen whatever the file is.
    if imports.any && !file.starts_with(b"PK\x03\x04") && !file.starts_with(b"\x93NUMPY") {
        assert!(imports.found.is_subset(&certain.imports.found) || certain.imports.more);
    }
});
