//! Names of commits: branches, tags, `HEAD`.

use fullsource_format::digest::GitId;

use crate::source::Trouble;
use crate::tree::escaped;

/// Refs of one repository. The largest public ones have some hundred thousand.
pub(super) const REFS: usize = 500_000;
/// Bytes of their names and ids, as a server tells them.
pub(super) const REF_BYTES: usize = 64 << 20;

/// A name and what it points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ref {
    /// In full: `refs/heads/main`, `HEAD`.
    pub(super) name: Vec<u8>,
    /// The object: a commit, or a tag object.
    pub(super) id: GitId,
    /// Where that is a tag object: what it points to in the end.
    pub(super) peeled: Option<GitId>,
    /// Where the name stands for another name: that.
    pub(super) target: Option<Vec<u8>>,
}

impl Ref {
    /// Whether it is a branch or a tag: what a repository calls its own. Requests to merge and alike
    /// (`refs/pull/`, `refs/merge-requests/`) are other people's commits.
    pub(super) fn is_own(&self) -> bool {
        self.name.starts_with(b"refs/heads/") || self.name.starts_with(b"refs/tags/")
    }

    /// The commit that it leads to.
    pub(super) fn commit(&self) -> GitId {
        self.peeled.unwrap_or(self.id)
    }
}

/// The commit that a text names, and the ref that says so.
pub(super) fn named<'a>(
    refs: &'a [Ref],
    text: Option<&str>,
) -> Result<Option<(GitId, &'a Ref)>, Trouble> {
    let text = text.unwrap_or("HEAD");
    let exactly = |name: String| refs.iter().find(|known| known.name == name.as_bytes());
    if text == "HEAD" || text.starts_with("refs/") {
        return Ok(exactly(text.to_owned()).map(|found| (found.commit(), found)));
    }
    let both = (exactly(format!("refs/heads/{text}")), exactly(format!("refs/tags/{text}")));
    match both {
        (Some(branch), Some(tag)) if branch.commit() != tag.commit() => {
            let name = escaped(text.as_bytes());
            let text = format!(
                "`{name}` is both a branch and a tag; say `refs/heads/{name}` or `refs/tags/{name}`"
            );
            Err(Trouble::faulty(text))
        }
        (branch, tag) => Ok(tag.or(branch).map(|found| (found.commit(), found))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::TroubleKind;

    fn made(name: &str, id: u8, peeled: Option<u8>) -> Ref {
        let id_of = |byte| GitId::Sha1([byte; 20]);
        Ref { name: name.into(), id: id_of(id), peeled: peeled.map(id_of), target: None }
    }

    #[test]
    fn a_text_names_a_branch_or_a_tag_but_not_two_things() {
        let refs = [
            made("HEAD", 1, None),
            made("refs/heads/main", 1, None),
            made("refs/heads/both", 1, None),
            made("refs/tags/both", 2, None),
            made("refs/tags/v1", 3, Some(4)),
            made("refs/pull/1/head", 5, None),
        ];
        let commit = |text| named(&refs, text).map(|found| found.map(|(id, _)| id));
        let id = |byte| Ok(Some(GitId::Sha1([byte; 20])));
        assert_eq!(commit(None), id(1));
        assert_eq!(commit(Some("main")), id(1));
        assert_eq!(commit(Some("v1")), id(4));
        assert_eq!(commit(Some("refs/tags/both")), id(2));
        assert_eq!(commit(Some("refs/pull/1/head")), id(5));
        assert_eq!(commit(Some("pull/1/head")), Ok(None));
        assert_eq!(commit(Some("both")).unwrap_err().kind, TroubleKind::Faulty);
    }
}
