//! Fields that changed, as the texts that they lost and gained.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A field that changed. The order of a list is no change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// The field, by its name in the report.
    pub field: String,
    /// What it held before, and holds no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// What it holds now, and did not before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new: Vec<String>,
}

/// The changed fields of one item.
#[derive(Default)]
pub(super) struct Fields(pub(super) Vec<Changed>);

impl Fields {
    /// One value, or none.
    pub(super) fn value(
        self,
        field: &str,
        before: Option<impl ToString>,
        after: Option<impl ToString>,
    ) -> Self {
        let (before, after) = (before.map(|text| text.to_string()), after.map(|t| t.to_string()));
        self.list(field, before, after)
    }

    /// A list whose order says nothing.
    pub(super) fn list(
        mut self,
        field: &str,
        before: impl IntoIterator<Item = String>,
        after: impl IntoIterator<Item = String>,
    ) -> Self {
        self.0.extend(changed(field, before, after));
        self
    }
}

/// What a list lost and gained, each as often as it did, sorted.
pub(super) fn changed(
    field: &str,
    before: impl IntoIterator<Item = String>,
    after: impl IntoIterator<Item = String>,
) -> Option<Changed> {
    let mut counts: HashMap<String, i64> = HashMap::new();
    before.into_iter().for_each(|text| *counts.entry(text).or_default() -= 1);
    after.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
    counts.retain(|_, count| *count != 0);
    if counts.is_empty() {
        return None;
    }
    let mut texts: Vec<_> = counts.into_iter().collect();
    texts.sort();
    let of = |wanted: bool| {
        let some = texts.iter().filter(|(_, count)| (*count > 0) == wanted);
        some.flat_map(|(text, count)| {
            std::iter::repeat_n(text.clone(), usize::try_from(count.unsigned_abs()).unwrap_or(1))
        })
        .collect()
    };
    Some(Changed { field: field.to_owned(), gone: of(false), new: of(true) })
}

/// What a value is called in a report.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
