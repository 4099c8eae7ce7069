//! Every claim of `SECURITY.md` names what shows it, and that is there.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// The rows of tables whose last column is `shown by`: a claim, and the column.
fn claims(page: &str) -> Vec<(&str, &str)> {
    let mut claims = Vec::new();
    let mut shown = false;
    for line in page.lines() {
        let Some(row) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
            shown &= line.starts_with("|---");
            continue;
        };
        let Some((claim, by)) = row.rsplit_once(" | ") else { continue };
        if shown {
            claims.push((claim, by));
        }
        shown |= by == "shown by";
    }
    claims
}

/// What stands in backticks: `vectors: AREA/CASE`, `hostile: AREA/CASE`, or `FILE: TEST`.
fn is_there(reference: &str) -> bool {
    let Some((place, name)) = reference.split_once(": ") else { return false };
    match place {
        "vectors" => root().join("tests/vectors").join(name).join("case.json").is_file(),
        "hostile" => name.split_once('/').is_some_and(|(area, case)| hostile(area, case)),
        file => {
            let test = read(file);
            test.lines().any(|line| line.trim_start().starts_with(&format!("fn {name}(")))
        }
    }
}

/// Whether the list of hostile cases has one, in its area.
fn hostile(area: &str, case: &str) -> bool {
    let page = read("tests/hostile/cases.md");
    let section = page.split("\n## ").find(|section| section.starts_with(&format!("{area}\n")));
    section.is_some_and(|section| section.contains(&format!("\n| {case} |")))
}

#[test]
fn each_claim_names_what_shows_it() {
    let page = read("SECURITY.md");
    let claims = claims(&page);
    assert!(claims.len() > 20, "the tables are not read: {claims:?}");
    let mut missing = Vec::new();
    for (claim, by) in claims {
        let references: Vec<_> = by.split('`').skip(1).step_by(2).collect();
        if references.is_empty() {
            missing.push(format!("nothing: {claim}"));
        }
        let gone = references.into_iter().filter(|reference| !is_there(reference));
        missing.extend(gone.map(|reference| format!("`{reference}`: {claim}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
