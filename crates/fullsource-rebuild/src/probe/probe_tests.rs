use proptest::prelude::*;

use super::*;

fn drawn(files: &[(String, Vec<u8>)], seed: &str) -> Option<Alteration> {
    let root = tempfile::tempdir().unwrap();
    let mut paths: Vec<RelPath> = Vec::new();
    for (path, bytes) in files {
        let place = root.path().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
        paths.push(path.parse().unwrap());
    }
    paths.sort();
    let directory = Directory::open(root.path()).unwrap();
    draw(&directory, &paths, seed, &Progress::default()).unwrap()
}

/// The file that `tests/reference/probe.py` reads too, which wrote it from the spec alone.
#[test]
fn a_second_implementation_draws_the_same() {
    let vectors = include_str!("../../../../tests/reference/probes.json");
    let cases: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let unhex = |text: &str| -> Vec<u8> {
        (0..text.len() / 2)
            .map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap())
            .collect()
    };
    assert!(cases.as_array().unwrap().len() >= 15);
    for case in cases.as_array().unwrap() {
        let files: Vec<_> = case["files"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, content)| (path.clone(), unhex(content.as_str().unwrap())))
            .collect();
        let drawn = drawn(&files, case["seed"].as_str().unwrap());
        let drawn = drawn.map(|one| (one.path.as_str().to_owned(), one.offset, one.from, one.to));
        let expected = serde_json::from_value(case["drawn"].clone()).unwrap();
        assert_eq!(drawn, expected, "{}", case["about"]);
    }
}

#[test]
fn a_line_without_an_end_is_looked_at_in_part() {
    let mut long = vec![b'-'; 5 << 20];
    long[0] = b'a';
    // The letter is too far off from nearly every byte that can be drawn: none of 64 is near it, or one is.
    let files = [("long".to_owned(), long)];
    let near = (0..4).filter_map(|seed| drawn(&files, &seed.to_string()));
    assert!(near.into_iter().all(|one| (one.offset, one.from) == (0, b'a')));
}

proptest! {
    #[test]
    fn a_text_stays_a_text_of_the_same_lines(text in "[a-z0-9A-Zäé€\n ]{1,200}", seed in ".{0,6}") {
        let files = [("t".to_owned(), text.clone().into_bytes())];
        let Some(one) = drawn(&files, &seed) else { return Ok(()) };
        let mut altered = text.clone().into_bytes();
        let place = usize::try_from(one.offset).unwrap();
        prop_assert_eq!(altered[place], one.from);
        prop_assert_ne!(one.from, one.to);
        altered[place] = one.to;
        let altered = String::from_utf8(altered).unwrap();
        prop_assert_eq!(altered.lines().count(), text.lines().count());
        prop_assert!(char::from(one.to).is_ascii_alphanumeric());
    }

    #[test]
    fn any_bytes_give_another_byte(bytes in proptest::collection::vec(any::<u8>(), 1..100), seed in "[a-z]{3}") {
        let files = [("b".to_owned(), bytes.clone())];
        let Some(one) = drawn(&files, &seed) else { return Ok(()) };
        prop_assert_eq!(bytes[usize::try_from(one.offset).unwrap()], one.from);
        prop_assert_ne!(one.from, one.to);
    }
}
