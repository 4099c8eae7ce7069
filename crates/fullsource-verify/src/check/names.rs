//! The names under which a manifest lists things, for what cards and configurations name (`ver-77`).

use std::collections::HashSet;

use fullsource_format::manifest::Manifest;

/// The parts of all names and places in a manifest, in lower case.
pub(crate) struct Names(HashSet<String>);

impl Names {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let mut names = Self(HashSet::new());
        let release = manifest.release();
        names.add(release.name.as_str());
        release.uri.iter().for_each(|uri| names.add(uri.as_str()));
        for artifact in manifest.artifacts() {
            names.add(artifact.id.as_str());
            artifact.name.iter().for_each(|name| names.add(name.as_str()));
            let elsewhere = artifact.statement.iter().flat_map(|statement| &statement.locators);
            let places = artifact.locators.iter().chain(elsewhere);
            places.for_each(|pinned| names.add(&pinned.uri.to_string()));
        }
        names
    }

    /// Adds the parts of a text. A fragment selects within what is named.
    fn add(&mut self, text: &str) {
        let named = text.split('#').next().unwrap_or_default().to_lowercase();
        let parts = named.split(['/', '@', '?']).filter(|part| !part.is_empty());
        self.0.extend(parts.map(|part| part.strip_suffix(".git").unwrap_or(part).to_owned()));
    }

    /// Whether something is listed under a name, whoever owns it: mirrors have owners of their own.
    pub(crate) fn has(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.0.contains(name.rsplit('/').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_whole_part() {
        let mut names = Names(HashSet::new());
        ["hf:models/Org/base@3b18#path=w", "https://e.org/lab/Tool.git", "s3://bucket/set/"]
            .into_iter()
            .for_each(|text| names.add(text));
        for listed in ["org/base", "Other/BASE", "base", "lab/tool", "set"] {
            assert!(names.has(listed), "{listed}");
        }
        for other in ["org/base-1b", "bas", "w", "path=w", "", "base/"] {
            assert!(!names.has(other), "{other}");
        }
    }
}
