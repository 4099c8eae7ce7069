//! Addresses of the hub's API. Every name is percent-encoded byte by byte, so that none of them can
//! be anything but a name.

use fullsource_format::digest::GitId;
use fullsource_format::locator::HubKind;
use url::Url;

use crate::source::Trouble;

/// A repository of a hub.
#[derive(Debug, Clone, Copy)]
pub(super) struct Repository<'a> {
    pub(super) endpoint: &'a str,
    pub(super) kind: HubKind,
    pub(super) name: &'a str,
}

impl Repository<'_> {
    /// What a browser shows; also what a report says was asked.
    pub(super) fn page(&self) -> String {
        let kind = if self.kind == HubKind::Models { "" } else { "datasets/" };
        format!("{}/{kind}{}", self.endpoint, encoded(self.name))
    }

    /// What the hub knows of a revision, or of the default branch: its commit and these fields.
    pub(super) fn revision(&self, revision: Option<&str>, fields: &[&str]) -> Result<Url, Trouble> {
        let revision =
            revision.map(|revision| format!("/revision/{}", encoded(revision).replace('/', "%2F")));
        let mut url = parsed(&format!("{}{}", self.api(), revision.unwrap_or_default()))?;
        url.query_pairs_mut().extend_pairs(fields.iter().map(|field| ("expand", field)));
        Ok(url)
    }

    /// A page of the listing of everything below a directory, the root if the path is empty.
    pub(super) fn tree(
        &self,
        commit: &GitId,
        directory: &str,
        cursor: Option<&str>,
    ) -> Result<Url, Trouble> {
        let slash = if directory.is_empty() { "" } else { "/" };
        let mut url =
            parsed(&format!("{}/tree/{commit}{slash}{}", self.api(), encoded(directory)))?;
        let cursor = cursor.map(|cursor| ("cursor", cursor));
        let pairs = [("recursive", "true"), ("expand", "false")];
        url.query_pairs_mut().extend_pairs(pairs.into_iter().chain(cursor));
        Ok(url)
    }

    /// Where it is asked what lies at paths of a commit.
    pub(super) fn paths_info(&self, commit: &GitId) -> Result<Url, Trouble> {
        parsed(&format!("{}/paths-info/{commit}", self.api()))
    }

    /// A file's bytes.
    pub(super) fn file(&self, commit: &GitId, path: &str) -> Result<Url, Trouble> {
        parsed(&format!("{}/resolve/{commit}/{}", self.page(), encoded(path)))
    }

    fn api(&self) -> String {
        let kind = if self.kind == HubKind::Models { "models" } else { "datasets" };
        format!("{}/api/{kind}/{}", self.endpoint, encoded(self.name))
    }
}

fn parsed(text: &str) -> Result<Url, Trouble> {
    text.parse().map_err(|_| Trouble::faulty("the name makes no address of the hub"))
}

/// A path whose parts hold nothing that an address would read as its own.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";

    #[test]
    fn addresses_are_those_of_the_api() {
        let commit: GitId = COMMIT.parse().unwrap();
        let endpoint = "https://hub.example";
        let models = Repository { endpoint, kind: HubKind::Models, name: "org/name" };
        let datasets = Repository { endpoint, kind: HubKind::Datasets, name: "squad" };
        let text = |url: Result<Url, Trouble>| url.unwrap().to_string();
        assert_eq!(
            text(models.revision(Some("refs/pr/1"), &["sha", "gated"])),
            "https://hub.example/api/models/org/name/revision/refs%2Fpr%2F1?expand=sha&expand=gated"
        );
        assert_eq!(
            text(datasets.revision(None, &["sha"])),
            "https://hub.example/api/datasets/squad?expand=sha"
        );
        assert_eq!(
            text(models.tree(&commit, "", Some("a+b="))),
            format!(
                "https://hub.example/api/models/org/name/tree/{COMMIT}?recursive=true&expand=false&cursor=a%2Bb%3D"
            )
        );
        assert_eq!(
            text(datasets.file(&commit, "Größe/a b#?%\\\n.txt")),
            format!(
                "https://hub.example/datasets/squad/resolve/{COMMIT}/Gr%C3%B6%C3%9Fe/a%20b%23%3F%25%5C%0A.txt"
            )
        );
    }
}
