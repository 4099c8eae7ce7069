//! Places as editors count them, many of them in one read of a document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::value_at;

/// A place in a document as editors count it: the column counts characters (Unicode code points).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

/// Bytes between two counts that are kept.
const STEP: usize = 4096;

/// Counts of a document, so that each of many places is found without reading all before it again.
pub struct Positions<'d> {
    document: &'d [u8],
    newlines: Vec<usize>,
    /// Characters before every [`STEP`]th byte.
    counted: Vec<usize>,
}

impl<'d> Positions<'d> {
    /// Reads a document once.
    pub fn of(document: &'d [u8]) -> Self {
        let newlines = document.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let newlines = newlines.map(|(offset, _)| offset).collect();
        let mut counted = vec![0];
        for part in document.chunks(STEP) {
            counted.push(counted.last().copied().unwrap_or(0) + characters(part));
        }
        Self { document, newlines, counted }
    }

    /// The place of a byte; of the end, where the document has fewer.
    pub fn at(&self, offset: usize) -> Position {
        let offset = offset.min(self.document.len());
        let before = self.newlines.partition_point(|newline| *newline < offset);
        let start = before.checked_sub(1).map_or(0, |last| self.newlines[last] + 1);
        let column = self.characters_before(offset) - self.characters_before(start);
        Position { line: before as u64 + 1, column: column as u64 + 1 }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        self.counted[step] + characters(&self.document[step * STEP..offset])
    }
}

/// Characters of UTF-8 that start in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// An item of a list, by its `id`: where it starts in the document, and where its fields' values do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Offset of its first byte.
    pub offset: usize,
    /// Offsets of the values of its fields.
    pub fields: BTreeMap<String, usize>,
}

/// The items with an `id` in the list at a JSON Pointer, in one read of the document. What is no such list
/// has none, and neither has what is no JSON.
pub fn items(document: &[u8], pointer: &str) -> Vec<Item> {
    let list = value_at(document, pointer);
    let list = list.and_then(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()).ok());
    let items = list.into_iter().flatten();
    items.filter_map(|item| item_of(document, item)).collect()
}

fn item_of(document: &[u8], item: &RawValue) -> Option<Item> {
    let offset = |value: &RawValue| value.get().as_ptr() as usize - document.as_ptr() as usize;
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(item.get()).ok()?;
    let id = serde_json::from_str(fields.get("id")?.get()).ok()?;
    let fields = fields.into_iter().map(|(name, value)| (name, offset(value))).collect();
    Some(Item { id, offset: offset(item), fields })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::place_of;

    #[test]
    fn columns_count_characters_across_kept_counts() {
        let text = format!("é\n{}x\n模y", "模".repeat(STEP));
        let positions = Positions::of(text.as_bytes());
        let at = |what: &str| positions.at(text.find(what).unwrap());
        assert_eq!(at("é"), Position { line: 1, column: 1 });
        assert_eq!(at("x"), Position { line: 2, column: STEP as u64 + 1 });
        assert_eq!(at("y"), Position { line: 3, column: 2 });
        assert_eq!(at("\n"), Position { line: 1, column: 2 });
        assert_eq!(positions.at(usize::MAX), Position { line: 3, column: 3 });
        assert_eq!(Positions::of(b"").at(7), Position { line: 1, column: 1 });
        let even = "x".repeat(2 * STEP);
        assert_eq!(Positions::of(even.as_bytes()).at(2 * STEP).column, 2 * STEP as u64 + 1);
    }

    #[test]
    fn items_stand_where_a_single_look_finds_them() {
        let document = br#"{"a": {"list": [ {"id": "x", "n": 1}, 7, {"no": "id"},
            {"n": [2], "id": "y/z"} ]}}"#;
        let found = items(document, "/a/list");
        let ids: Vec<_> = found.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, ["x", "y/z"]);
        assert_eq!(found[0].offset, place_of(document, "/a/list/0").offset);
        assert_eq!(found[1].fields["n"], place_of(document, "/a/list/3/n").offset);
        assert_eq!(items(document, "/a"), []);
        assert_eq!(items(document, "/b"), []);
        assert_eq!(items(b"{", "/a"), []);
    }
}
