//! Whether a content is hollow: files that are there and hold nothing of their kind.
//!
//! Only what leaves no doubt counts. A content with one file that is none of these is not hollow, and
//! neither is one whose files are pointers, or which has its content in a submodule: that is partial.

use std::collections::BTreeSet;

use fullsource_format::role::Role;

use super::kind::FileKind;
use super::legal::Recognized;
use crate::read::json::Value;

/// What a file is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Nothing, or white space.
    Empty,
    /// Of a version control system's housekeeping.
    Housekeeping,
    Readme,
    License,
    /// Of the project's own kind.
    Manifest,
    UrlList,
    EmptyIndex,
    /// A pointer of Git LFS.
    Pointer,
    Other,
}

/// Files whose names say nothing and whose whole content is looked at. A content with more of them is
/// not hollow.
pub(super) const LOOKED_AT: u64 = 8;
/// Bytes of such a file.
pub(super) const SMALL: usize = 64 << 10;
/// JSON values of such a file.
const VALUES: usize = 1_000;

impl Class {
    /// By the name, where the name is enough.
    pub(super) const fn of_kind(kind: FileKind) -> Option<Self> {
        match kind {
            FileKind::License | FileKind::Notice | FileKind::UsePolicy => Some(Self::License),
            FileKind::Card => Some(Self::Readme),
            FileKind::Manifest => Some(Self::Manifest),
            FileKind::Housekeeping => Some(Self::Housekeeping),
            _ => None,
        }
    }

    /// By the whole content of a small file.
    pub(super) fn of_content(content: &[u8], recognized: &Recognized) -> Self {
        let text = String::from_utf8_lossy(content);
        let legal = ["licen", "permission is hereby granted", "redistribution and use"];
        let lower = text.to_lowercase();
        if text.trim_start().starts_with(['{', '[']) {
            return of_json(content);
        }
        let may_be_legal = legal.iter().any(|word| lower.contains(word));
        if may_be_legal
            && recognized.license(content).is_some_and(|(_, per_mille)| per_mille >= 950)
        {
            return Self::License;
        }
        Self::Other
    }
}

fn of_json(content: &[u8]) -> Class {
    let Ok(document) = Value::parse(content, VALUES) else { return Class::Other };
    let types = ["predicateType", "$schema", "_type"];
    let ours = |value: &str| value.contains("fullsource.dev/");
    if types.iter().any(|key| document.get(key).and_then(Value::as_str).is_some_and(ours)) {
        return Class::Manifest;
    }
    let nothing = |value: &Value| value.entries().is_empty() && value.items().is_empty();
    let collection = |value: &Value| matches!(value, Value::Array(_) | Value::Object(_));
    let lists = document.entries().iter().filter(|(key, _)| LISTS.contains(&key.as_str()));
    let lists: Vec<&Value> = lists.map(|(_, value)| value).collect();
    let others = document.entries().iter().filter(|(key, _)| !LISTS.contains(&key.as_str()));
    let bare = others.filter(|(key, _)| key != "metadata").all(|(_, value)| nothing(value));
    let empty_lists =
        !lists.is_empty() && lists.iter().all(|list| collection(list) && nothing(list));
    if collection(&document) && nothing(&document) || empty_lists && bare {
        return Class::EmptyIndex;
    }
    Class::Other
}

/// Members of an index that hold its entries.
const LISTS: &[&str] = &[
    "files",
    "entries",
    "shards",
    "index",
    "weight_map",
    "items",
    "documents",
    "data",
    "rows",
    "examples",
    "urls",
];

/// Why the content is hollow for one of the roles, one of
/// [`HOLLOW`](fullsource_format::evidence::HOLLOW). `empty_index` says that the content is given by a
/// file index without entries.
pub(super) fn hollow(
    classes: &BTreeSet<Class>,
    roles: &[Role],
    empty_index: bool,
) -> Option<&'static str> {
    if empty_index {
        return Some("empty-index");
    }
    if roles.is_empty() {
        return hollow_for(classes, "");
    }
    roles.iter().find_map(|role| hollow_for(classes, role.as_str()))
}

fn hollow_for(classes: &BTreeSet<Class>, role: &str) -> Option<&'static str> {
    let mut left = classes.clone();
    left.remove(&Class::Empty);
    left.remove(&Class::Housekeeping);
    if left.is_empty() {
        return Some("empty");
    }
    let document = role.starts_with("doc.") || role.starts_with("eval.");
    let listing = document || role == "data.index" || role.starts_with("env.");
    let counts = |class: &Class| match class {
        Class::Readme => document,
        Class::License => role == "doc.license",
        Class::UrlList => listing,
        // A config may be one without settings.
        Class::EmptyIndex => role.starts_with("config."),
        Class::Manifest => false,
        _ => true,
    };
    if left.iter().any(counts) {
        return None;
    }
    let order = [
        (Class::UrlList, "url-list"),
        (Class::EmptyIndex, "empty-index"),
        (Class::Readme, "readme-only"),
        (Class::License, "license-only"),
        (Class::Manifest, "manifest-only"),
    ];
    order.iter().find(|(class, _)| left.contains(class)).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::*;

    fn of(classes: &[Class], role: &str) -> Option<&'static str> {
        let roles: Vec<Role> =
            (!role.is_empty()).then(|| role.parse().unwrap()).into_iter().collect();
        hollow(&classes.iter().copied().collect(), &roles, false)
    }

    #[test]
    fn each_role_has_its_own_content() {
        for (classes, role, value) in [
            (&[][..], "data.sft", Some("empty")),
            (&[Empty, Housekeeping], "code.training", Some("empty")),
            (&[Empty], "doc.license", Some("empty")),
            (&[Readme, Housekeeping], "code.training", Some("readme-only")),
            (&[Readme, License], "weights.final", Some("readme-only")),
            (&[Readme], "doc.model-card", None),
            (&[License], "data.sft", Some("license-only")),
            (&[License], "doc.license", None),
            (&[License], "doc.paper", Some("license-only")),
            (&[Manifest], "config.training", Some("manifest-only")),
            (&[UrlList, Readme], "data.pretraining", Some("url-list")),
            (&[UrlList], "data.index", None),
            (&[UrlList], "env.lock", None),
            (&[EmptyIndex], "data.sft", Some("empty-index")),
            (&[EmptyIndex], "config.model", None),
            (&[Other, Readme, License], "data.sft", None),
            (&[Pointer], "weights.final", None),
            (&[Readme], "", Some("readme-only")),
        ] {
            assert_eq!(of(classes, role), value, "{classes:?} {role}");
        }
        let two: Vec<Role> = ["doc.model-card", "weights.final"].map(|r| r.parse().unwrap()).into();
        assert_eq!(hollow(&[Readme].into(), &two, false), Some("readme-only"));
        assert_eq!(hollow(&[Other].into(), &two, true), Some("empty-index"));
    }

    #[test]
    fn small_files_are_told_by_their_content() {
        let class = |text: &str| Class::of_content(text.as_bytes(), &Recognized::default());
        for empty in
            ["[]", " {} ", "{\"files\": []}", "{\"metadata\":{\"total_size\":0},\"weight_map\":{}}"]
        {
            assert_eq!(class(empty), EmptyIndex, "{empty}");
        }
        for other in
            ["{\"a\": {\"b\": 1}, \"files\": []}", "{\"a\": 1}", "[1]", "hello", "[", "licensed"]
        {
            assert_eq!(class(other), Other, "{other}");
        }
        assert_eq!(class("{\"_type\": \"https://fullsource.dev/evidence/v0.1\"}"), Manifest);
        assert_eq!(class(include_str!("../../../../LICENSE-MIT")), License);
    }
}
