//! From a request to a pinned locator: what a branch, a tag or a name points to now.

use fullsource_collect::source::{Trouble, TroubleKind};
use fullsource_format::digest::{GitId, Sha256};
use fullsource_format::evidence::Observation;
use fullsource_format::locator::{GitTransport, HubKind, Locator};
use fullsource_format::path::RelPath;

use super::place::{Reference, Request};

/// Asks places. What it answers is what they say now.
pub(super) trait Resolver {
    /// The commit of a branch, a tag (what it points to, not the tag object) or, where none is named,
    /// of HEAD.
    fn git(
        &self,
        transport: GitTransport,
        repository: &str,
        reference: Option<&str>,
    ) -> Result<GitPin, Trouble>;

    /// The commit of a revision of a repository of the hub; of its default branch where none is named.
    fn hub(&self, kind: HubKind, name: &str, revision: Option<&str>) -> Result<GitId, Trouble>;

    /// The digest of what a tag of a registry points to.
    fn oci(&self, reference: &str, tag: &str) -> Result<Sha256, Trouble>;

    /// What lies at a locator: digests of the content and what it says about itself. With `unpack`,
    /// what is served at an `https:` address is an archive, whose content is meant.
    fn look(&self, locator: &Locator, unpack: bool) -> Result<Observation, Trouble>;
}

/// What a name of a git repository points to.
#[derive(Debug, Clone)]
pub(super) struct GitPin {
    /// The commit.
    pub(super) commit: GitId,
    /// The reference in full, such as `refs/heads/main`.
    pub(super) name: String,
}

/// The most parts that the name of a branch in a forge's address is tried with.
const BRANCH_PARTS: usize = 8;

/// Pins a request, and says what was where.
pub(super) fn resolve(
    request: Request,
    resolver: &dyn Resolver,
    said: &mut Vec<String>,
) -> Result<Locator, Trouble> {
    Ok(match request {
        Request::Pinned(locator) => locator,
        Request::Git { transport, repository, at, path } => {
            let (pin, inside) = match at {
                Reference::Head => (resolver.git(transport, &repository, None)?, None),
                Reference::Named(name) => {
                    let pin = resolver.git(transport, &repository, Some(&name));
                    (pin.map_err(|trouble| with_whole_id(trouble, &name))?, None)
                }
                Reference::Tail(parts) => {
                    longest(&parts, |name| resolver.git(transport, &repository, Some(name)))?
                }
            };
            let commit = pin.commit;
            said.push(format!("{} was at {commit}: pinned to it", in_words(&pin.name)));
            let path = match (inside, path) {
                (Some(inside), Some(path)) => Some(below(&inside, &path)?),
                (inside, path) => inside.or(path),
            };
            Locator::Git { transport, repository, commit, path }
        }
        Request::Hub { kind, name, revision, path } => {
            let commit = resolver.hub(kind, &name, revision.as_deref())?;
            let name_of = |revision| format!("the revision `{revision}`");
            let words = revision.map_or("the default branch".to_owned(), name_of);
            said.push(format!("{words} was at {commit}: pinned to it"));
            Locator::Hub { kind, name, commit, path }
        }
        Request::Oci { reference, tag } => {
            if tag.is_none() {
                said.push("no tag is given: `latest` is taken".to_owned());
            }
            let tag = tag.as_deref().unwrap_or("latest");
            let digest = resolver.oci(&reference, tag)?;
            said.push(format!("the tag `{tag}` was at sha256:{digest}: pinned to it"));
            Locator::Oci { reference, digest }
        }
    })
}

/// Branches may have `/` in their names. Where `a` is one, `a/b` cannot be: the first that is there
/// is the one.
fn longest(
    parts: &[String],
    ask: impl Fn(&str) -> Result<GitPin, Trouble>,
) -> Result<(GitPin, Option<RelPath>), Trouble> {
    for count in 1..=parts.len().min(BRANCH_PARTS) {
        let (name, inside) = parts.split_at(count);
        match ask(&name.join("/")) {
            Err(trouble) if trouble.kind == TroubleKind::Absent => {}
            Err(trouble) => return Err(trouble),
            Ok(pin) if inside.is_empty() => return Ok((pin, None)),
            Ok(pin) => {
                let inside = inside.join("/").parse();
                let inside = inside.map_err(|error| Trouble::absent(format!("{error}")))?;
                return Ok((pin, Some(inside)));
            }
        }
    }
    let none = Trouble::absent(format!("no branch and no tag starts `{}`", parts.join("/")));
    Err(parts.first().map_or(none.clone(), |name| with_whole_id(none, name)))
}

/// The trouble, with the way out where a name looks like the start of a commit id.
fn with_whole_id(trouble: Trouble, name: &str) -> Trouble {
    let short = (7..40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_hexdigit());
    match trouble.kind {
        TroubleKind::Absent if short => Trouble::absent(format!(
            "{}; a commit is named by all 40 or 64 digits of its id",
            trouble.detail.as_str()
        )),
        _ => trouble,
    }
}

fn below(directory: &RelPath, path: &RelPath) -> Result<RelPath, Trouble> {
    format!("{directory}/{path}").parse().map_err(|error| Trouble::absent(format!("{error}")))
}

fn in_words(reference: &str) -> String {
    match (reference.strip_prefix("refs/heads/"), reference.strip_prefix("refs/tags/")) {
        (Some(branch), _) => format!("the branch `{branch}`"),
        (_, Some(tag)) => format!("the tag `{tag}`"),
        _ => format!("`{reference}`"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use fullsource_format::evidence::Status;

    use super::*;

    pub(crate) const COMMIT: &str = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";

    /// Places in memory.
    #[derive(Default)]
    pub(crate) struct Places {
        /// `REPOSITORY REFERENCE` to the reference in full.
        pub(crate) references: BTreeMap<String, &'static str>,
        /// Locators to what is seen there.
        pub(crate) seen: BTreeMap<String, Observation>,
    }

    impl Places {
        /// Something that is seen.
        pub(crate) fn with(mut self, locator: &str, change: impl FnOnce(&mut Observation)) -> Self {
            let locator = locator.replace("COMMIT", COMMIT);
            let at = jiff::Timestamp::UNIX_EPOCH;
            let mut observation = Observation::new(&locator, at, Status::Seen);
            change(&mut observation);
            self.seen.insert(locator, observation);
            self
        }

        /// A reference of a repository.
        pub(crate) fn at(mut self, repository: &str, name: &str, full: &'static str) -> Self {
            self.references.insert(format!("{repository} {name}"), full);
            self
        }

        fn reference(&self, repository: &str, name: &str) -> Result<&'static str, Trouble> {
            let found = self.references.get(&format!("{repository} {name}"));
            found.copied().ok_or_else(|| Trouble::absent("no such reference"))
        }
    }

    impl Resolver for Places {
        fn git(
            &self,
            _: GitTransport,
            repository: &str,
            reference: Option<&str>,
        ) -> Result<GitPin, Trouble> {
            let name = self.reference(repository, reference.unwrap_or("HEAD"))?.to_owned();
            Ok(GitPin { commit: COMMIT.parse().unwrap(), name })
        }
        fn hub(&self, _: HubKind, name: &str, revision: Option<&str>) -> Result<GitId, Trouble> {
            self.reference(name, revision.unwrap_or("main"))?;
            Ok(COMMIT.parse().unwrap())
        }
        fn oci(&self, reference: &str, tag: &str) -> Result<Sha256, Trouble> {
            self.reference(reference, tag).map(|_| Sha256::new([0x11; 32]))
        }
        fn look(&self, locator: &Locator, _: bool) -> Result<Observation, Trouble> {
            let found = self.seen.get(&locator.to_string());
            found.cloned().ok_or_else(|| Trouble::absent("nothing lies there"))
        }
    }

    fn pinned(text: &str, places: &Places) -> Result<(String, Vec<String>), Trouble> {
        let role = "model.base".parse().unwrap();
        let request = super::super::place::read(text, &role, &mut Vec::new()).unwrap();
        let mut said = Vec::new();
        let locator = resolve(request, places, &mut said)?.to_string();
        Ok((locator.replace(COMMIT, "COMMIT"), said))
    }

    #[test]
    fn names_are_pinned_to_what_they_point_to() {
        let places = Places::default()
            .at("github.com/o/r.git", "HEAD", "refs/heads/trunk")
            .at("github.com/o/r.git", "v1", "refs/tags/v1")
            .at("o/m", "main", "")
            .at("ghcr.io/o/i", "latest", "");
        for (text, locator, words) in [
            (
                "https://github.com/o/r",
                "git+https://github.com/o/r.git@COMMIT",
                "the branch `trunk` was at 3b18e512dba79e4c8300dd08aeb37f8e728b8dad: pinned to it",
            ),
            (
                "https://github.com/o/r/tree/v1/a/b",
                "git+https://github.com/o/r.git@COMMIT#path=a/b",
                "the tag `v1` was at",
            ),
            ("o/m#path=x", "hf:models/o/m@COMMIT#path=x", "the default branch was at"),
        ] {
            let (found, said) = pinned(text, &places).unwrap();
            assert_eq!(found, locator);
            assert!(said[0].starts_with(words), "{said:?}");
        }
        let (image, said) = pinned("docker://ghcr.io/o/i", &places).unwrap();
        assert_eq!(image, format!("oci:ghcr.io/o/i@sha256:{}", "11".repeat(32)));
        assert_eq!(said.len(), 2);
    }

    #[test]
    fn a_branch_may_have_slashes_in_its_name() {
        let places = Places::default().at("github.com/o/r.git", "a/b", "refs/heads/a/b");
        let (found, _) = pinned("https://github.com/o/r/tree/a/b/c", &places).unwrap();
        assert_eq!(found, "git+https://github.com/o/r.git@COMMIT#path=c");
        let none = pinned("https://github.com/o/r/tree/x/y", &places).unwrap_err();
        assert_eq!(none.kind, TroubleKind::Absent);
        for short in ["https://github.com/o/r/commit/3b18e51", "https://github.com/o/r.git@3b18e51"]
        {
            let trouble = pinned(short, &places).unwrap_err();
            assert!(trouble.detail.as_str().contains("all 40 or 64 digits"), "{trouble}");
        }
    }
}
