//! The reader of other makers' JSON: with fractions, and with Python's constants.
#![no_main]

use fullsource_collect::read::json::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    let ours = Value::parse(document, 10_000);
    let theirs = serde_json::from_slice::<serde_json::Value>(document);
    if let Ok(value) = &ours {
        match theirs {
            Ok(theirs) => assert!(same(value, &theirs), "{value:?}\n{theirs}"),
            // Nesting that serde_json does not go down.
            Err(error) if error.to_string().starts_with("recursion limit") => {}
            // A number too large for a double is a number all the same.
            Err(_) => assert!(has_strange_number(value), "{value:?}"),
        }
    }
});

fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Theirs;
    match (ours, theirs) {
        (Value::Null, Theirs::Null) => true,
        (Value::Bool(a), Theirs::Bool(b)) => a == b,
        (Value::Number(a), Theirs::Number(b)) => {
            a.parse::<f64>().ok().zip(b.as_f64()).is_some_and(|(a, b)| is_near(a, b))
        }
        (Value::String(a), Theirs::String(b)) => a == b,
        (Value::Array(a), Theirs::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        // Fewer of theirs would be a duplicate key.
        (Value::Object(a), Theirs::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

/// serde_json's doubles may be off in their last bits: it reads them fast and not exactly.
fn is_near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 4.0 * f64::EPSILON * a.abs()
}

fn has_strange_number(value: &Value) -> bool {
    match value {
        Value::Number(text) => text.parse::<f64>().is_ok_and(|n| !n.is_finite()),
        Value::Array(items) => items.iter().any(has_strange_number),
        Value::Object(fields) => fields.iter().any(|(_, value)| has_strange_number(value)),
        _ => false,
    }
}
