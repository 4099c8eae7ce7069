//! Where a statement lies, and what lies beside it.

use fullsource_format::locator::Locator;
use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::release_dir;
use url::Url;

use crate::fetch::Base;

/// A place of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The locator as the manifest has it, byte for byte.
    pub(super) written: String,
    /// Where that is.
    pub(super) at: At,
}

/// Where a bundle is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// In the release that is judged.
    Release(RelPath),
    /// Outside of it.
    Elsewhere(Locator),
    /// Nobody knows: it lies beside something beside which nothing can be found.
    Unknown,
}

impl Place {
    /// The places that a locator stands for. `of`: where the bundle lies whose manifest has it; absent
    /// for the target.
    pub(super) fn all(locator: &Locator, of: Option<&Self>) -> Vec<Self> {
        let written = locator.to_string();
        let place = |at| Self { written: written.clone(), at };
        if let Locator::Relative(FileSelector::File(path)) = locator {
            return vec![place(match of {
                None => At::Release(path.clone()),
                Some(parent) => parent.beside(path.as_str()),
            })];
        }
        if matches!(locator, Locator::Relative(_)) {
            return vec![place(At::Unknown)];
        }
        match whole_release(locator) {
            None => vec![place(At::Elsewhere(locator.clone()))],
            Some(bundles) => bundles.into_iter().map(|at| place(At::Elsewhere(at))).collect(),
        }
    }

    /// Where a file of the release lies whose bundle lies here.
    pub(super) fn beside(&self, path: &str) -> At {
        let found = match &self.at {
            At::Release(bundle) => joined(Some(bundle), path).map(At::Release),
            At::Elsewhere(bundle) => beside(bundle, path).map(At::Elsewhere),
            At::Unknown => None,
        };
        found.unwrap_or(At::Unknown)
    }
}

/// Where a locator names a whole repository: where its bundle may lie in it (`ver-3`).
fn whole_release(locator: &Locator) -> Option<Vec<Locator>> {
    let names = [release_dir::BUNDLE, release_dir::ENVELOPE];
    let named = names.iter().filter_map(|name| {
        let inside: RelPath = name.parse().ok()?;
        Some(match locator.clone() {
            Locator::Git { transport, repository, commit, path: None } => {
                Locator::Git { transport, repository, commit, path: Some(inside) }
            }
            Locator::Hub { kind, name, commit, path: None } => {
                Locator::Hub { kind, name, commit, path: Some(inside) }
            }
            _ => return None,
        })
    });
    let named: Vec<Locator> = named.collect();
    if named.is_empty() { None } else { Some(named) }
}

/// A path beside a bundle outside the release.
fn beside(bundle: &Locator, path: &str) -> Option<Locator> {
    Some(match bundle.clone() {
        Locator::Https { url, path: None } => {
            let url: Url = url.parse().ok()?;
            Locator::Https { url: Base::beside(&url).ok()?.file(path).into(), path: None }
        }
        Locator::Https { url, path: inside @ Some(_) } => {
            Locator::Https { url, path: Some(joined(inside.as_ref(), path)?) }
        }
        Locator::Git { transport, repository, commit, path: inside } => {
            let path = Some(joined(inside.as_ref(), path)?);
            Locator::Git { transport, repository, commit, path }
        }
        Locator::Hub { kind, name, commit, path: inside } => {
            let path = Some(joined(inside.as_ref(), path)?);
            Locator::Hub { kind, name, commit, path }
        }
        Locator::Object { store, address } => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            let (directory, _) = address.rsplit_once('/').filter(|_| path.chars().all(plain))?;
            Locator::Object { store, address: format!("{directory}/{path}") }
        }
        Locator::Relative(_) | Locator::Oci { .. } | Locator::Swh(_) => return None,
    })
}

/// A path, from the directory in which a file lies.
fn joined(file: Option<&RelPath>, path: &str) -> Option<RelPath> {
    match file.and_then(|file| file.as_str().rsplit_once('/')) {
        None => path.parse().ok(),
        Some((directory, _)) => format!("{directory}/{path}").parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn beside(bundle: &str, path: &str) -> Option<String> {
        let places = Place::all(&bundle.parse().unwrap(), None);
        match places[0].beside(path) {
            At::Elsewhere(locator) => Some(locator.to_string()),
            At::Release(path) => Some(path.to_string()),
            At::Unknown => None,
        }
    }

    #[test]
    fn files_of_a_release_lie_beside_its_bundle() {
        for (bundle, found) in [
            ("https://example.org/m/b.json?token=1", "https://example.org/m/t/a%20b".to_owned()),
            (
                "https://example.org/m.tar#path=m/b.json",
                "https://example.org/m.tar#path=m/t/a%20b".to_owned(),
            ),
            (&format!("hf:models/o/n@{COMMIT}"), format!("hf:models/o/n@{COMMIT}#path=t/a%20b")),
            (
                &format!("hf:models/o/n@{COMMIT}#path=x/b.json"),
                format!("hf:models/o/n@{COMMIT}#path=x/t/a%20b"),
            ),
            (
                &format!("git+https://h/r.git@{COMMIT}#path=x/b"),
                format!("git+https://h/r.git@{COMMIT}#path=x/t/a%20b"),
            ),
            ("parents/b.json", "parents/t/a b".to_owned()),
        ] {
            assert_eq!(beside(bundle, "t/a b").as_deref(), Some(&*found), "{bundle}");
        }
        assert_eq!(beside("s3://bucket/m/b.json", "t/a").as_deref(), Some("s3://bucket/m/t/a"));
        assert_eq!(beside("s3://bucket/m/b.json", "t/a b"), None);
        assert_eq!(beside(&format!("oci:h/r@sha256:{}", "a".repeat(64)), "a"), None);
    }

    #[test]
    fn a_repository_is_looked_at_under_the_names_of_bundles() {
        let locator: Locator = format!("hf:models/o/n@{COMMIT}").parse().unwrap();
        let places = Place::all(&locator, None);
        assert_eq!(places.len(), 2);
        assert!(places.iter().all(|place| place.written == locator.to_string()));
    }

    #[test]
    fn a_path_of_a_parent_is_a_path_beside_its_bundle() {
        let bundle = &Place::all(&"https://example.org/m/b.json".parse().unwrap(), None)[0];
        let places = Place::all(&"up/b.json".parse().unwrap(), Some(bundle));
        let at = At::Elsewhere("https://example.org/m/up/b.json".parse().unwrap());
        assert_eq!(places, [Place { written: "up/b.json".to_owned(), at }]);
    }
}
