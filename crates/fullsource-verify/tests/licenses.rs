//! The freedom table of the code is the one of the registry.

#![allow(clippy::unwrap_used)]

use fullsource_verify::licenses::{By, DEPRECATED, EXCEPTIONS, Freedom, ROWS, Right};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    #[serde(rename = "version")]
    _version: String,
    #[serde(rename = "spdx")]
    _spdx: String,
    exceptions: Vec<String>,
    deprecated: BTreeMap<String, String>,
    licenses: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    ids: Vec<String>,
    code: Freedom,
    data: Freedom,
    weights: Freedom,
    doc: Freedom,
    outputs: Freedom,
    source: String,
    #[serde(rename = "read")]
    _read: Option<bool>,
    #[serde(default)]
    limits: Vec<Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    by: By,
    freedoms: Vec<Right>,
    clause: String,
    says: String,
}

fn registry() -> Registry {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/v0.1/registry/licenses.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn rows_are_those_of_the_registry() {
    let registry = registry();
    assert_eq!(registry.exceptions, EXCEPTIONS);
    let deprecated: Vec<_> =
        registry.deprecated.iter().map(|(old, now)| (old.as_str(), now.as_str())).collect();
    assert_eq!(deprecated, DEPRECATED);
    assert_eq!(registry.licenses.len(), ROWS.len());
    for (said, row) in registry.licenses.iter().zip(ROWS) {
        assert_eq!(said.ids, row.ids);
        let columns = [row.code, row.data, row.weights, row.doc, row.outputs];
        let said_columns = [said.code, said.data, said.weights, said.doc, said.outputs];
        assert_eq!(columns, said_columns, "{:?}", row.ids);
        assert_eq!(said.limits.len(), row.limits.len(), "{:?}", row.ids);
        for (said, limit) in said.limits.iter().zip(row.limits) {
            assert_eq!((said.by, &said.freedoms[..]), (limit.by, limit.rights));
            assert_eq!((&said.clause[..], &said.says[..]), (limit.clause, limit.says));
        }
    }
}

#[test]
fn every_row_has_a_source_and_every_restricted_one_a_limit() {
    let mut ids = BTreeSet::new();
    for row in registry().licenses {
        assert!(!row.source.is_empty() && !row.ids.is_empty(), "{:?}", row.ids);
        let columns = [row.code, row.data, row.weights, row.doc];
        let restricted = columns.contains(&Freedom::Restricted);
        assert_eq!(restricted, !row.limits.is_empty(), "{:?}", row.ids);
        for limit in &row.limits {
            assert!(!limit.freedoms.is_empty() && !limit.clause.is_empty(), "{:?}", row.ids);
        }
        for id in row.ids {
            assert!(ids.insert(id.to_ascii_lowercase()), "{id} stands twice");
        }
    }
    for (old, now) in registry().deprecated {
        assert!(!ids.contains(&old.to_ascii_lowercase()), "{old} is deprecated and has a row");
        let known = ids.contains(&now.to_ascii_lowercase()) || now == "bzip2-1.0.6";
        assert!(known, "{old} is replaced by {now}, which has no row");
    }
}
