use super::*;
use serde::Deserialize;

fn fault(document: &[u8]) -> (usize, usize, JsonFault) {
    let error = check_profile(document, 1 << 20).expect_err("the profile refuses this");
    (error.place.line, error.place.column, error.fault)
}

#[test]
fn duplicate_keys_are_found_however_they_are_escaped() {
    let (line, column, fault) = fault(b"{\"a\": 1,\n  \"\\u0061\": 2}");
    assert_eq!((line, column), (2, 3));
    assert_eq!(fault, JsonFault::DuplicateKey("a".into()));
}

#[test]
fn a_key_that_stands_twice_is_found_among_many() {
    for count in [2, 16, 17, 40] {
        let keys = |keys: &mut dyn Iterator<Item = usize>| {
            let fields: Vec<_> = keys.map(|nth| format!("\"k{nth}\":0")).collect();
            format!("{{{}}}", fields.join(","))
        };
        assert_eq!(check_profile(keys(&mut (0..count)).as_bytes(), 999), Ok(()));
        for twice in [0, count - 1] {
            let document = keys(&mut (0..count).chain([twice]));
            let twice = JsonFault::DuplicateKey(format!("k{twice}"));
            assert_eq!(fault(document.as_bytes()).2, twice);
        }
    }
}

/// A reader of an error sees the key marked, whatever stands in it and before it.
#[test]
fn a_key_that_stands_twice_is_marked_from_quote_to_quote() {
    for key in [r#"a"#, r#"a\"b"#, r#"a\\"#, r#"a\\\"b"#, r#""#, r#"\""#] {
        let document = format!(r#"{{"{key}":1, "{key}":2}}"#);
        let place = check_profile(document.as_bytes(), 999).unwrap_err().place;
        let marked = &document[place.offset..place.offset + place.length];
        assert_eq!(marked, format!(r#""{key}""#), "{document}");
        assert_eq!(place.offset, document.rfind(", ").unwrap() + 2, "{document}");
    }
}

#[test]
fn a_document_has_as_many_bytes_as_it_may() {
    assert_eq!(check_profile(b"[1]", 3), Ok(()));
    for limit in [2, 1] {
        let error = check_profile(b"[1]", limit).unwrap_err();
        assert_eq!(error.fault, JsonFault::TooLarge { found: 3, limit });
    }
}

#[test]
fn numbers_are_small_integers() {
    for bad in ["9007199254740992", "-9007199254740992", "1.0", "1e3", "-0", "1e400"] {
        let error = check_profile(format!("[{bad}]").as_bytes(), 99).unwrap_err();
        assert!(matches!(error.fault, JsonFault::Number | JsonFault::Syntax(_)), "{bad}: {error}");
    }
    assert_eq!(check_profile(b"[9007199254740991, -1, 0]", 99), Ok(()));
}

#[test]
fn depth_counts_from_the_document() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(check_profile(nested(32).as_bytes(), 999), Ok(()));
    let error = check_profile(nested(33).as_bytes(), 999).unwrap_err();
    assert_eq!(error.fault, JsonFault::TooDeep);
}

#[test]
fn encodings_other_than_plain_utf8_are_refused() {
    assert_eq!(fault(b"\xef\xbb\xbf{}").2, JsonFault::ByteOrderMark);
    assert_eq!(fault(b"[\"\xff\"]"), (1, 3, JsonFault::NotUtf8));
    assert!(matches!(fault(br#"["\ud800"]"#).2, JsonFault::Syntax(_)));
    assert!(matches!(fault(b"{} x").2, JsonFault::Syntax(_)));
    assert!(matches!(fault(b"").2, JsonFault::Syntax(_)));
    assert!(matches!(fault(b"\"tab\there\"").2, JsonFault::Syntax(_)));
}

#[derive(Debug, Deserialize)]
struct Inner {
    #[allow(dead_code)]
    n: u32,
}
#[derive(Debug, Deserialize)]
struct Outer {
    #[allow(dead_code)]
    list: Vec<Inner>,
}

#[test]
fn a_value_of_the_wrong_type_is_pointed_at() {
    let document = b"{\"list\": [{\"n\": 1},\n {\"n\": \"x\"}]}";
    let error = parse::<Outer>(document, 999, UnknownFields::Refuse).unwrap_err();
    assert_eq!(error.pointer, "/list/1/n");
    assert_eq!((error.place.line, error.place.column, error.place.length), (2, 8, 3));
}

#[test]
fn an_array_is_no_object() {
    for document in [&b"[[]]"[..], b"{\"list\": [[1]]}"] {
        let error = parse::<Outer>(document, 999, UnknownFields::Ignore).unwrap_err();
        assert!(error.to_string().contains("array, expected an object"), "{error}");
    }
}

#[test]
fn unknown_fields_are_refused_to_producers_only() {
    let document = b"{\"list\": [{\"n\": 1, \"m\": {}}]}";
    assert!(parse::<Outer>(document, 999, UnknownFields::Ignore).is_ok());
    let error = parse::<Outer>(document, 999, UnknownFields::Refuse).unwrap_err();
    assert_eq!(error.pointer, "/list/0/m");
    assert_eq!(error.fault, JsonFault::UnknownField("m".into()));
}
