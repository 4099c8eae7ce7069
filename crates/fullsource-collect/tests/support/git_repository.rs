//! Repositories made by the git program, with the configuration of nobody.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The git program in an environment of its own.
pub fn git_command(home: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "A")
        .env("GIT_AUTHOR_EMAIL", "a@example.org")
        .env("GIT_AUTHOR_DATE", "1700000000 +0000")
        .env("GIT_COMMITTER_NAME", "C")
        .env("GIT_COMMITTER_EMAIL", "c@example.org")
        .env("GIT_COMMITTER_DATE", "1700000000 +0530");
    command
}

/// A repository with a working tree.
pub struct Repository {
    pub path: PathBuf,
}

impl Repository {
    /// An empty repository, whose branch is `main`.
    pub fn init(path: &Path, format: &str) -> Self {
        std::fs::create_dir_all(path).unwrap();
        let repository = Self { path: path.to_owned() };
        let format = format!("--object-format={format}");
        repository.git(["init", "--quiet", "--initial-branch=main", &format]);
        repository
    }

    /// Runs git, and gives what it prints, without white space at the end.
    pub fn git<const N: usize>(&self, arguments: [&str; N]) -> String {
        let output = self.git_bytes(arguments);
        String::from_utf8(output).unwrap().trim_end().to_owned()
    }

    /// Runs git, and gives what it prints.
    pub fn git_bytes<const N: usize>(&self, arguments: [&str; N]) -> Vec<u8> {
        self.run(&arguments.map(OsStr::new), b"")
    }

    /// Runs git with an input.
    pub fn run(&self, arguments: &[&OsStr], input: &[u8]) -> Vec<u8> {
        let mut child = git_command(&self.path)
            .args(arguments)
            .current_dir(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this test needs git (Debian: git)");
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {said}");
        output.stdout
    }

    /// Writes a file.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Commits all that is there, and gives the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(["add", "--all", "--force"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.id("HEAD")
    }

    /// The id that a revision has.
    pub fn id(&self, revision: &str) -> String {
        self.git(["rev-parse", revision])
    }

    /// Makes a tree object of bytes that git itself would not write.
    pub fn literal_tree(&self, content: &[u8]) -> String {
        let arguments = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
        let id = self.run(&arguments.map(OsStr::new), content);
        String::from_utf8(id).unwrap().trim().to_owned()
    }

    /// A commit of a tree, without a branch.
    pub fn commit_of_tree(&self, tree: &str) -> String {
        self.git(["commit-tree", tree, "-m", "of a tree"])
    }
}
