use base64::Engine as _;

use super::super::json::Value;
use super::*;

/// A source that cannot seek, and gives few bytes at a time.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(7);
        self.0.read(&mut buffer[..length])
    }
}

impl Source for Drip<'_> {
    fn skip(&mut self, length: u64) -> io::Result<()> {
        match self.0.split_at_checked(length as usize) {
            Some((_, rest)) => self.0 = rest,
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        Ok(())
    }
}

fn case(name: &str) -> Vec<u8> {
    let cases = Value::parse(include_bytes!("../../testdata/pickles.json"), 10_000).unwrap();
    let case = cases.items().iter().find(|case| case.get("name").unwrap().as_str() == Some(name));
    let base64 = case.unwrap_or_else(|| panic!("{name}")).get("base64").unwrap();
    base64::engine::general_purpose::STANDARD.decode(base64.as_str().unwrap()).unwrap()
}

fn read_case(name: &str, form: PickleForm) -> (Vec<String>, Option<String>) {
    let file = read(&mut Drip(&case(name)), form, &Sizes::new());
    (file.imports.found.iter().map(ToString::to_string).collect(), file.unread)
}

fn system() -> Vec<String> {
    vec!["posix.system".to_owned()]
}

#[test]
fn pickles_in_files_of_torch_and_numpy_are_found() {
    for good in ["zip-sized", "zip-streamed", "legacy", "npy", "torch"] {
        assert_eq!(read_case(good, PickleForm::Maybe), (vec![], None), "{good}");
    }
    for evil in [
        "zip-sized-evil",
        "zip-sized-evil-last",
        "zip-streamed-evil",
        "zip-streamed-evil-last",
        "zip-deflated-evil",
        "zip-deflated-streamed-evil",
        "legacy-evil",
        "two-pickles",
        "npy-object",
        "npy-fields",
        "npz-object",
    ] {
        assert_eq!(read_case(evil, PickleForm::Maybe), (system(), None), "{evil}");
    }
}

#[test]
fn an_archive_that_another_reader_would_see_otherwise_is_not_read() {
    for (name, unread) in [
        ("zip-cut", "as a zip archive: it ends too early"),
        ("zip-behind", "as a zip archive: there is something behind the end of the archive"),
        ("zip-two", "as a zip archive: there is something behind the end of the archive"),
        ("zip-other-directory", "as a zip archive: its end points at another directory"),
    ] {
        assert_eq!(read_case(name, PickleForm::Maybe).1.as_deref(), Some(unread), "{name}");
    }
}

#[test]
fn other_bytes_are_no_pickle_where_a_name_does_not_say_so() {
    assert_eq!(read_case("raw-tokens", PickleForm::Maybe), (vec![], None));
    assert!(read_case("raw-tokens", PickleForm::Certain).1.is_some());
    assert_eq!(read_case("behind", PickleForm::Certain), (vec![], None));
    // An unpickler would have called it by then.
    let file = read(&mut Drip(b"cos\nsystem\n\xff"), PickleForm::Maybe, &Sizes::new());
    assert_eq!((file.imports.found.len(), file.unread.is_some()), (1, true));
}

#[test]
fn any_damage_to_an_archive_hides_nothing() {
    let whole = case("zip-streamed-evil");
    for end in 0..whole.len() {
        let file = read(&mut Drip(&whole[..end]), PickleForm::Certain, &Sizes::new());
        assert!(end == 0 || file.unread.is_some(), "{end}");
    }
}
