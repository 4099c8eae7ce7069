//! JSON Schemas (draft 2020-12) of the documents, made from their types. They describe what a
//! producer writes: a field that the format does not name is an error (`json-8`).

use fullsource_format::evidence::Evidence;
use fullsource_format::manifest::wire::Manifest;
use fullsource_format::rebuild::WireAttestation;
use fullsource_format::statement::WireStatement;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::compare::Diff;
use crate::policy::WirePolicy;
use crate::report::Report;

/// The schema of a manifest.
pub fn manifest() -> Value {
    schema_of::<Manifest>("manifest")
}

/// The schema of a statement.
pub fn statement() -> Value {
    schema_of::<WireStatement>("statement")
}

/// The schema of evidence.
pub fn evidence() -> Value {
    schema_of::<Evidence>("evidence")
}

/// The schema of an attestation of a rebuild.
pub fn rebuild() -> Value {
    schema_of::<WireAttestation>("rebuild")
}

/// The schema of a report.
pub fn report() -> Value {
    schema_of::<Report>("report")
}

/// The schema of a comparison.
pub fn diff() -> Value {
    schema_of::<Diff>("diff")
}

/// The schema of a policy, as JSON holds what its TOML says.
pub fn policy() -> Value {
    schema_of::<WirePolicy>("policy")
}

fn schema_of<T: JsonSchema>(name: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    RecursiveTransform(close).transform(&mut schema);
    RecursiveTransform(without_null).transform(&mut schema);
    RecursiveTransform(titled).transform(&mut schema);
    let id = format!("https://fullsource.dev/schema/v0.1/{name}.json");
    schema.insert("$id".to_owned(), id.into());
    schema.to_value()
}

/// Refuses fields that an object does not name.
fn close(schema: &mut Schema) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
}

/// Takes `null` from what an optional field may be: the field is left out instead (`json-9`).
fn without_null(schema: &mut Schema) {
    let null = serde_json::json!({ "type": "null" });
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(mut choices)) = schema.remove("anyOf") else { return };
    choices.retain(|choice| *choice != null);
    match (choices.len(), choices.first()) {
        (1, Some(Value::Object(only))) => {
            let only = only.clone();
            for (key, value) in only {
                schema.insert(key, value);
            }
        }
        _ => drop(schema.insert("anyOf".to_owned(), choices.into())),
    }
}

/// Gives each field a title, for editors and forms: its name in words.
fn titled(schema: &mut Schema) {
    let Some(Value::Object(fields)) = schema.get_mut("properties") else { return };
    for (name, field) in fields {
        if let Some(field) = field.as_object_mut() {
            field.entry("title").or_insert_with(|| words(name).into());
            // What tells the members of a union apart is written by nobody.
            if field.contains_key("const") {
                field.entry("description").or_insert_with(|| "Which of them it is.".into());
            }
        }
    }
}

/// `derivedFrom` as `Derived from`. What has a spelling of its own keeps it.
fn words(name: &str) -> String {
    const SPELLED: &[(&str, &str)] = &[
        ("sha256", "SHA-256"),
        ("blake3", "BLAKE3"),
        ("uri", "URI"),
        ("prng", "PRNG"),
        ("flop", "FLOP"),
        ("mof", "MOF"),
        ("osaid", "OSAID"),
        ("fsf", "FSF"),
        ("kwh", "kWh"),
        ("ai", "AI"),
        ("eu", "EU"),
    ];
    let mut text = String::new();
    for c in name.trim_start_matches(['_', '$']).chars() {
        match c {
            '-' => text.push(' '),
            'A'..='Z' => text.extend([' ', c.to_ascii_lowercase()]),
            _ => text.push(c),
        }
    }
    let spelled = |word: &str| {
        SPELLED
            .iter()
            .find(|(plain, _)| *plain == word)
            .map_or(word.to_owned(), |(_, own)| (*own).to_owned())
    };
    let text = text.split(' ').map(spelled).collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
