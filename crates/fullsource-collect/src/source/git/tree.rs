//! The entries of a tree object, read strictly: what no git writes, no tree has.

use std::collections::HashSet;

use fullsource_format::digest::GitId;

use super::object::id_from;
use crate::git_tree::ObjectFormat;
use crate::tree::escaped;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    File { executable: bool },
    Symlink,
    Directory,
    Submodule,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct TreeEntry<'a> {
    pub(super) mode: Mode,
    pub(super) name: &'a [u8],
    pub(super) id: GitId,
}

/// Why bytes are no tree that can be read. Names are escaped texts.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TreeFault {
    #[error("it ends within an entry")]
    Truncated,
    #[error("`{name}` has the mode `{mode}`, which is none of git's")]
    Mode { name: String, mode: String },
    #[error("it has an entry named `{0}`")]
    Name(String),
    #[error("`{0}` is not in its place, or there twice")]
    Order(String),
}

/// Reads the entries of a tree object.
pub(super) fn entries(
    content: &[u8],
    format: ObjectFormat,
) -> Result<Vec<TreeEntry<'_>>, TreeFault> {
    let mut entries: Vec<TreeEntry<'_>> = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let entry = next(&mut rest, format)?;
        let fits = entries.last().is_none_or(|last| last.sort_name().lt(entry.sort_name()));
        if !fits {
            return Err(TreeFault::Order(escaped(entry.name)));
        }
        entries.push(entry);
    }
    // A file and a directory of one name have different places.
    let mut names = HashSet::with_capacity(entries.len());
    match entries.iter().find(|entry| !names.insert(entry.name)) {
        Some(twice) => Err(TreeFault::Order(escaped(twice.name))),
        None => Ok(entries),
    }
}

fn next<'a>(rest: &mut &'a [u8], format: ObjectFormat) -> Result<TreeEntry<'a>, TreeFault> {
    let mut until = |end: u8| {
        let at = rest.iter().position(|byte| *byte == end).ok_or(TreeFault::Truncated)?;
        let before = &rest[..at];
        *rest = &rest[at + 1..];
        Ok(before)
    };
    let (mode, name) = (until(b' ')?, until(0)?);
    let length = match format {
        ObjectFormat::Sha1 => 20,
        ObjectFormat::Sha256 => 32,
    };
    let (id, after) = rest.split_at_checked(length).ok_or(TreeFault::Truncated)?;
    *rest = after;
    let id = id_from(id, format).ok_or(TreeFault::Truncated)?;
    let mode = match mode {
        b"100644" => Mode::File { executable: false },
        b"100755" => Mode::File { executable: true },
        b"120000" => Mode::Symlink,
        b"40000" => Mode::Directory,
        b"160000" => Mode::Submodule,
        other => {
            return Err(TreeFault::Mode { name: escaped(name), mode: escaped(other) });
        }
    };
    if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || is_dot_git(name) {
        return Err(TreeFault::Name(escaped(name)));
    }
    Ok(TreeEntry { mode, name, id })
}

impl TreeEntry<'_> {
    /// What an entry is sorted by: its name, a directory's with a `/` behind it.
    fn sort_name(&self) -> impl Iterator<Item = u8> {
        let slash = (self.mode == Mode::Directory).then_some(b'/');
        self.name.iter().copied().chain(slash)
    }
}

/// Whether a file system takes the name for `.git`: in any case, with characters that HFS+ leaves out,
/// or as NTFS writes it. No git lets such a name in.
fn is_dot_git(name: &[u8]) -> bool {
    let ignored = |c: &char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let text: String = String::from_utf8_lossy(name).chars().filter(|c| !ignored(c)).collect();
    let stem = text.split([':', '\\']).next().unwrap_or_default().trim_end_matches([' ', '.']);
    stem.eq_ignore_ascii_case(".git") || stem.eq_ignore_ascii_case("git~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, &str)]) -> Vec<u8> {
        let entry = |(mode, name): &(&str, &str)| format!("{mode} {name}\0{}", "i".repeat(20));
        entries.iter().map(entry).collect::<String>().into_bytes()
    }

    #[test]
    fn what_git_writes_is_read() {
        let content = tree(&[
            ("100644", ".gitignore"),
            ("100644", "a"),
            ("100755", "a.b"),
            ("40000", "ab"),
            ("120000", "ab0"),
            ("160000", "git"),
        ]);
        let read = entries(&content, ObjectFormat::Sha1).unwrap();
        assert_eq!(read.len(), 6);
        assert_eq!(read[3].mode, Mode::Directory);
        assert_eq!(entries(b"", ObjectFormat::Sha1).unwrap(), []);
    }

    #[test]
    fn what_no_git_writes_is_refused() {
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "/",
            ".git",
            ".GIT",
            ".Git",
            "git~1",
            "GIT~1",
            ".git ",
            ".git...",
            ".git::$INDEX_ALLOCATION",
            ".git\\x",
            ".g\u{200c}it",
            "\u{feff}.git",
        ] {
            let content = tree(&[("100644", name)]);
            let fault = entries(&content, ObjectFormat::Sha1).unwrap_err();
            assert!(matches!(fault, TreeFault::Name(_)), "{name}: {fault}");
        }
        for mode in ["", "0", "100664", "040000", "100600", "120755", "644"] {
            let fault = entries(&tree(&[(mode, "a")]), ObjectFormat::Sha1).unwrap_err();
            assert!(matches!(fault, TreeFault::Mode { .. }), "{mode}: {fault}");
        }
        for twice in [
            &[("100644", "a"), ("100644", "a")][..],
            &[("100644", "b"), ("100644", "a")],
            &[("40000", "a"), ("100644", "a")],
            &[("100644", "a"), ("100644", "a.b"), ("40000", "a")],
        ] {
            let fault = entries(&tree(twice), ObjectFormat::Sha1).unwrap_err();
            assert!(matches!(fault, TreeFault::Order(_)), "{twice:?}: {fault}");
        }
        let content = tree(&[("100644", "a")]);
        for end in 1..content.len() {
            assert_eq!(entries(&content[..end], ObjectFormat::Sha1), Err(TreeFault::Truncated));
        }
    }
}
