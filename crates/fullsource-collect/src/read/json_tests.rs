use proptest::prelude::*;

use super::*;

fn fault(text: &str) -> JsonFault {
    Value::parse(text.as_bytes(), 1000).unwrap_err().fault
}

#[test]
fn what_two_readers_would_see_differently_is_refused() {
    assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), JsonFault::Duplicate("a".into()));
    assert_eq!(fault("\u{feff}{}"), JsonFault::ByteOrderMark);
    assert_eq!(fault(r#""\ud800""#), JsonFault::Surrogate);
    assert_eq!(fault(r#""\ud800\u0041""#), JsonFault::Surrogate);
    assert_eq!(fault(r#""\udc00""#), JsonFault::Surrogate);
    assert_eq!(fault("\"\t\""), JsonFault::Control);
    assert_eq!(fault("{} {}"), JsonFault::Expected("the end of the document"));
    assert_eq!(fault("01"), JsonFault::Number);
    assert_eq!(fault("[1,]"), JsonFault::Expected("a value"));
    assert_eq!(fault(&"[".repeat(129)), JsonFault::Depth);
    assert_eq!(fault(&format!("[{}1]", "1,".repeat(1000))), JsonFault::Values(1000));
    assert_eq!(fault(""), JsonFault::End);
}

#[test]
fn what_python_writes_is_read() {
    let value = Value::parse(b"{\"a\": [NaN, -Infinity, 1e-12], \"\\ud83d\\ude00\": null}", 9);
    let value = value.unwrap();
    assert_eq!(value.get("a").unwrap().items()[1], Value::Number("-Infinity".into()));
    assert_eq!(value.get("\u{1f600}"), Some(&Value::Null));
}

#[test]
fn errors_point_at_the_place() {
    let error = Value::parse(b"{\n  \"a\": 1,\n  \"a\": 2\n}", 9).unwrap_err();
    assert_eq!((error.line, error.column), (3, 3));
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Value::parse(&bytes, 100);
    }

    #[test]
    fn what_is_accepted_serde_json_accepts(text in r#"([\[\]{},:"\\u0-9a-d.eE+ -]|true|null){0,24}"#) {
        if Value::parse(text.as_bytes(), 100).is_ok() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        }
    }
}
