//! Running one vector: a copy of its release, the entries that git cannot hold, and the program.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::program;

/// A vector as it lies on disk.
#[derive(Debug, Clone)]
pub struct Vector {
    /// `area/what`.
    pub name: String,
    /// Its directory.
    pub directory: PathBuf,
    /// `case.json`.
    pub case: Value,
}

/// What a run came to, or should come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code.
    pub exit: i64,
    /// The verdict of the report.
    pub verdict: String,
    /// Codes of all findings that are more than notes.
    pub findings: BTreeSet<String>,
}

/// Every vector below `root`, by name.
pub fn vectors(root: &Path) -> io::Result<Vec<Vector>> {
    let mut found = Vec::new();
    collect(root, root, &mut found)?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn collect(root: &Path, directory: &Path, found: &mut Vec<Vector>) -> io::Result<()> {
    let file = directory.join("case.json");
    if file.is_file() {
        let case = serde_json::from_slice(&std::fs::read(file)?)?;
        let name = directory.strip_prefix(root).unwrap_or(directory).to_string_lossy().into_owned();
        found.push(Vector { name, directory: directory.to_owned(), case });
        return Ok(());
    }
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(root, &entry.path(), found)?;
        }
    }
    Ok(())
}

impl Vector {
    /// A text field of `case.json`; empty where it is not there.
    pub fn text(&self, field: &str) -> &str {
        self.case[field].as_str().unwrap_or_default()
    }

    /// What has to come out.
    pub fn expected(&self) -> Outcome {
        let expect = &self.case["expect"];
        Outcome {
            exit: expect["exit"].as_i64().unwrap_or(-1),
            verdict: expect["verdict"].as_str().unwrap_or_default().to_owned(),
            findings: texts(&expect["findings"]).map(str::to_owned).collect(),
        }
    }

    /// What the program says: its outcome, its report, and what it wrote to standard error.
    pub fn run(&self) -> io::Result<(Outcome, Value, String)> {
        let copy = tempfile::tempdir()?;
        let mut command = Command::new(program::fullsource());
        if self.case.get("document").is_some() {
            command.args(["check", "--format", "json"]).arg(self.path(self.text("document")));
        } else {
            // What a vector says of places outside, its evidence says.
            command.args(["verify", "--format", "json", "--offline"]);
            self.verify(&mut command, copy.path())?;
        }
        let output = command.output()?;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let findings = report["findings"].as_array().into_iter().flatten();
        let weighty = findings.filter(|finding| finding["severity"] != "note");
        let outcome = Outcome {
            exit: output.status.code().map_or(-1, i64::from),
            verdict: report["verdict"].as_str().unwrap_or("no report").to_owned(),
            findings: weighty.filter_map(|f| f["code"].as_str().map(str::to_owned)).collect(),
        };
        Ok((outcome, report, String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn verify(&self, command: &mut Command, copy: &Path) -> io::Result<()> {
        if self.case.get("release").is_some() {
            let target = copy.join("release");
            copy_tree(&self.path(self.text("release")), &target)?;
            for step in self.case["make"].as_array().into_iter().flatten() {
                make(step, &target)?;
            }
            command.arg(target);
        }
        for (field, option) in
            [("bundle", "--bundle"), ("keys", "--key"), ("rebuilds", "--rebuild")]
        {
            for name in texts(&self.case[field]) {
                command.arg(option).arg(self.path(name));
            }
        }
        let files = ["trust", "revoked", "statement", "evidence"];
        for field in files.into_iter().filter(|field| self.case.get(field).is_some()) {
            command.arg(format!("--{field}")).arg(self.path(self.text(field)));
        }
        let values = [
            ("threshold", "--threshold"),
            ("now", "--now"),
            ("statementId", "--statement-id"),
            ("expectRelease", "--expect"),
            ("digests", "--digests"),
            ("require", "--require"),
        ];
        for (field, option) in values {
            match &self.case[field] {
                Value::Null => {}
                Value::String(text) => drop(command.args([option, text])),
                value => drop(command.args([option, &value.to_string()])),
            }
        }
        match self.text("policy") {
            "" => {}
            name if !name.ends_with(".toml") => drop(command.args(["--policy", name])),
            file => drop(command.arg("--policy").arg(self.path(file))),
        }
        if self.case["acceptEvidence"] == true {
            command.arg("--accept-evidence");
        }
        Ok(())
    }
}

/// The texts in an array.
pub fn texts(array: &Value) -> impl Iterator<Item = &str> {
    array.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// Makes an entry that git cannot hold, or takes one away.
fn make(step: &Value, target: &Path) -> io::Result<()> {
    let place = |field: &str| step[field].as_str().map(|path| target.join(path));
    if let Some(gone) = place("remove") {
        return if gone.is_dir() {
            std::fs::remove_dir_all(gone)
        } else {
            std::fs::remove_file(gone)
        };
    }
    if let Some(directory) = place("directory") {
        return std::fs::create_dir_all(directory);
    }
    let fields = ["file", "symlink", "fifo"];
    let path = fields.into_iter().find_map(place).ok_or_else(|| unknown(step))?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    if let Some(size) = step["size"].as_u64() {
        return std::fs::File::create(path)?.set_len(size);
    }
    match (step.get("symlink"), step.get("fifo")) {
        (Some(_), _) => symlink(step["to"].as_str().unwrap_or_default(), &path),
        (_, Some(_)) => match Command::new("mkfifo").arg(path).status()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("mkfifo failed")),
        },
        _ => std::fs::write(path, step["text"].as_str().ok_or_else(|| unknown(step))?),
    }
}

fn unknown(step: &Value) -> io::Error {
    io::Error::other(format!("a step of `make` that nobody knows: {step}"))
}

#[cfg(unix)]
fn symlink(to: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, path)
}

#[cfg(windows)]
fn symlink(to: &str, path: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(to, path)
}
