//! What a CI service does with our definitions: the steps of a composite action run as GitHub's runner
//! runs them, and its log, outputs and summary read as the runner reads them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::fullsource;

/// Texts by name: inputs, outputs, environment variables.
pub type Texts = BTreeMap<String, String>;

/// A YAML file of this repository.
pub fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A directory of its own, with the example in it, and a runner there.
#[derive(Debug)]
pub struct Desk {
    root: TempDir,
    /// The runner.
    pub runner: Runner,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// One whose temporary directory has a plain name.
    pub fn new() -> Self {
        Self::with_temp("temp")
    }

    /// One whose temporary directory has this name.
    pub fn with_temp(temp: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let (workspace, temp) = (root.path().join("workspace"), root.path().join(temp));
        fs::create_dir_all(&temp).unwrap();
        fs::create_dir(&workspace).unwrap();
        copy_example(&workspace);
        Self { root, runner: Runner { workspace, temp } }
    }

    /// Runs the action with these inputs, and the binary of the tests.
    pub fn run(&self, inputs: &[(&str, &str)]) -> Job {
        let mut texts: Texts =
            inputs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        texts.entry("binary".into()).or_insert_with(|| fullsource().to_str().unwrap().into());
        self.runner.action(&texts)
    }

    /// No text became a program: nothing made a file of this name.
    #[track_caller]
    pub fn expect_no_trace(&self) {
        let found = Command::new("find").arg(self.root.path()).args(["-name", "pwned*"]).output();
        assert_eq!(String::from_utf8(found.unwrap().stdout).unwrap(), "");
    }

    /// A path in its workspace.
    pub fn at(&self, name: &str) -> PathBuf {
        self.runner.workspace.join(name)
    }
}

/// The example's two releases and its public key, as docs/ci.md has them.
fn copy_example(to: &Path) {
    let script = "cp -R \"$0/examples/tiny-lm/full-source\" model && \
        cp -R \"$0/examples/tiny-lm/weights-only\" weights-only && \
        mkdir keys && cp \"$0/examples/tiny-lm/release.pub\" keys/lab.pub";
    let done = Command::new("sh").args(["-c", script]).arg(root()).current_dir(to).status();
    assert!(done.unwrap().success());
}

/// A machine that runs one job.
#[derive(Debug)]
pub struct Runner {
    /// Where the job's steps run.
    pub workspace: PathBuf,
    /// `RUNNER_TEMP`.
    pub temp: PathBuf,
}

/// How a job ended.
#[derive(Debug)]
pub struct Job {
    /// The exit code of the step that failed, else 0.
    pub exit: i32,
    /// What the steps wrote, both streams as one.
    pub log: String,
    /// The outputs of the action.
    pub outputs: Texts,
    /// The summary.
    pub summary: String,
}

impl Runner {
    /// Runs the steps of `action.yml` that are scripts. Steps that use other actions are passed over.
    pub fn action(&self, inputs: &Texts) -> Job {
        let action = yaml(&fs::read_to_string(root().join("action.yml")).unwrap());
        let mut known = Texts::new();
        for (name, about) in action["inputs"].as_object().unwrap() {
            let default = about["default"].as_str().unwrap_or_default();
            let value = inputs.get(name).map_or(default, String::as_str);
            known.insert(format!("inputs.{name}"), value.to_owned());
        }
        let unknown = inputs.keys().find(|name| action["inputs"].get(name).is_none());
        assert_eq!(unknown, None, "an input that the action does not have");
        let mut job =
            Job { exit: 0, log: String::new(), outputs: Texts::new(), summary: String::new() };
        for step in action["runs"]["steps"].as_array().unwrap() {
            let wanted = step["if"].as_str().is_none_or(|condition| holds(condition, &known));
            if job.exit == 0 && wanted && step.get("run").is_some() {
                self.step(step, &mut known, &mut job);
            }
        }
        for (name, output) in action["outputs"].as_object().unwrap() {
            let value = evaluated(output["value"].as_str().unwrap(), &known);
            job.outputs.insert(name.clone(), value);
        }
        job
    }

    fn step(&self, step: &Value, known: &mut Texts, job: &mut Job) {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "an expression in a script: {script}");
        assert_eq!(step["shell"], "bash");
        let (output, summary) = (self.temp.join("output"), self.temp.join("summary"));
        for file in [&output, &summary] {
            fs::write(file, "").unwrap();
        }
        let mut command = Command::new("bash");
        // As the runner calls it.
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c"]);
        command.arg(format!("exec 2>&1\n{script}")).current_dir(&self.workspace);
        command.env("GITHUB_ACTION_PATH", root()).env("RUNNER_TEMP", &self.temp);
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        command.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, evaluated(value.as_str().unwrap(), known));
        }
        let done = command.stdin(Stdio::null()).output().unwrap();
        job.exit = done.status.code().unwrap();
        job.log += &String::from_utf8_lossy(&done.stdout);
        job.summary += &fs::read_to_string(&summary).unwrap();
        let id = step["id"].as_str().unwrap_or("none");
        for (name, value) in file_command(&fs::read_to_string(&output).unwrap()) {
            known.insert(format!("steps.{id}.outputs.{name}"), value);
        }
    }
}

/// A text with its expressions worked out: names, and `||` between them.
fn evaluated(text: &str, known: &Texts) -> String {
    let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
    let (expression, after) = rest.split_once("}}").unwrap();
    let names = expression.split("||").map(str::trim);
    let mut values = names.map(|name| known.get(name).map_or("", String::as_str));
    let value = values.find(|value| !value.is_empty()).unwrap_or_default();
    format!("{before}{value}{}", evaluated(after, known))
}

/// Whether a condition holds: comparisons with texts, and `&&` between them.
fn holds(condition: &str, known: &Texts) -> bool {
    condition.split("&&").all(|part| {
        let (name, text, equal) = match (part.split_once("=="), part.split_once("!=")) {
            (Some((name, text)), _) => (name, text, true),
            (_, Some((name, text))) => (name, text, false),
            _ => panic!("a condition that this runner does not know: {part}"),
        };
        let value = known.get(name.trim()).map_or("", String::as_str);
        (value == text.trim().trim_matches('\'')) == equal
    })
}

/// What a step wrote to `GITHUB_OUTPUT`: `NAME=VALUE`, or `NAME<<END`, lines, `END`.
pub fn file_command(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let heredoc = line.split_once("<<").filter(|(name, _)| !name.contains('='));
        if let Some((name, end)) = heredoc {
            let value: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
            found.push((name.to_owned(), value.join("\n")));
        } else {
            let (name, value) = line.split_once('=').expect("a line that the runner refuses");
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    found
}

/// The commands that a runner reads in a log: lines that start with `::`, and whatever follows `##[`.
pub fn commands(log: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut stopped: Option<String> = None;
    for line in log.split(['\n', '\r']) {
        let line = line.trim_start();
        if let Some(token) = &stopped {
            if line == format!("::{token}::") {
                stopped = None;
            }
        } else if let Some(token) = line.strip_prefix("::stop-commands::") {
            stopped = Some(token.to_owned());
        } else if line.starts_with("::") {
            found.push(line.to_owned());
        } else if let Some(start) = line.find("##[") {
            found.push(line[start..].to_owned());
        }
    }
    assert_eq!(stopped, None, "commands stay stopped");
    found
}
