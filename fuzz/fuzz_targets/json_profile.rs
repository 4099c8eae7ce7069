//! The JSON profile: takes nothing that serde_json does not take, and nothing that breaks `json-1`
//! to `json-7` by a second, slower reading.
#![no_main]

use fullsource_format::json;
use fullsource_fuzz::{LIMIT, assert_inside};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|document: &[u8]| {
    match json::check_profile(document, LIMIT) {
        Ok(()) => {
            let value: Value = serde_json::from_slice(document).expect("the profile is JSON");
            assert!(keeps_profile(&value, 1), "{value}");
            assert_eq!(count_keys(&value), count_colons(document), "a key was lost");
        }
        Err(error) => {
            assert_inside(document, &error);
            assert!(error.fault.is_profile());
        }
    }
});

fn keeps_profile(value: &Value, depth: usize) -> bool {
    match value {
        Value::Number(n) => match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => n < 1 << 53,
            (None, Some(n)) => n.unsigned_abs() < 1 << 53,
            _ => false,
        },
        Value::Array(items) => depth <= 32 && items.iter().all(|v| keeps_profile(v, depth + 1)),
        Value::Object(fields) => depth <= 32 && fields.values().all(|v| keeps_profile(v, depth + 1)),
        _ => true,
    }
}

fn count_keys(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count_keys).sum(),
        Value::Object(fields) => fields.len() + fields.values().map(count_keys).sum::<usize>(),
        _ => 0,
    }
}

/// The colons outside strings: one for each key that stands in the document.
fn count_colons(document: &[u8]) -> usize {
    let (mut in_string, mut escaped, mut colons) = (false, false, 0);
    for byte in document {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b':' if !in_string => colons += 1,
            _ => {}
        }
    }
    colons
}
