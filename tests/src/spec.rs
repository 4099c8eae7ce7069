//! The pages of `spec/v0.1` as data: rules, headings and links.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The pages and what is on them.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Where they lie.
    pub root: PathBuf,
    /// Text of each page, by its file name.
    pub pages: BTreeMap<String, String>,
}

/// A finding code of `findings.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingSection {
    /// The heading.
    pub code: String,
    /// The group that it stands in.
    pub group: String,
    /// Its severities, the default first.
    pub severities: Vec<String>,
}

impl Spec {
    /// Reads the pages of this repository.
    pub fn read() -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/v0.1");
        let mut pages = BTreeMap::new();
        for entry in std::fs::read_dir(&root)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if let Some(name) = name.filter(|name| name.ends_with(".md")) {
                pages.insert(name, std::fs::read_to_string(&path)?);
            }
        }
        Ok(Self { root, pages })
    }

    /// A registry, as TOML.
    pub fn registry(&self, name: &str) -> io::Result<toml::Table> {
        let text = std::fs::read_to_string(self.root.join("registry").join(name))?;
        text.parse().map_err(io::Error::other)
    }

    /// The ids of all rules, with their page.
    pub fn rules(&self) -> BTreeMap<String, String> {
        let mut rules = BTreeMap::new();
        for (page, text) in &self.pages {
            for rest in text.split("<a id=\"").skip(1) {
                let id = rest.split('"').next().unwrap_or_default();
                rules.insert(id.to_owned(), page.clone());
            }
        }
        rules
    }

    /// The anchors of a page: rules, and headings as GitHub names them.
    pub fn anchors(&self, page: &str) -> BTreeSet<String> {
        let text = self.pages.get(page).map_or("", String::as_str);
        let ids = text.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let headings = text.lines().filter(|line| line.starts_with('#')).map(slug);
        ids.map(str::to_owned).chain(headings).collect()
    }

    /// The targets of all relative links: page and target.
    pub fn links(&self) -> Vec<(String, String)> {
        let of = |(page, text): (&String, &String)| {
            let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            let relative = targets.filter(|target| !target.contains("://"));
            relative.map(|target| (page.clone(), target.to_owned())).collect::<Vec<_>>()
        };
        self.pages.iter().flat_map(of).collect()
    }

    /// The sections of `findings.md`.
    pub fn findings(&self) -> Vec<FindingSection> {
        let (mut found, mut group) = (Vec::new(), String::new());
        for line in self.pages.get("findings.md").map_or("", String::as_str).lines() {
            if let Some(name) = line.strip_prefix("## Group ") {
                group = name.trim_matches('`').to_owned();
            } else if let Some(code) = line.strip_prefix("### ") {
                let code = code.trim_matches('`').to_owned();
                found.push(FindingSection { code, group: group.clone(), severities: Vec::new() });
            } else if let (Some(list), Some(last)) =
                (line.strip_prefix("- Severity: "), found.last_mut())
            {
                last.severities =
                    list.split(", ").map(|s| s.trim_matches('`').to_owned()).collect();
            }
        }
        found
    }
}

fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().replace(' ', "-")
}
