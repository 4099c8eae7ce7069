//! Every example of docs/ci.md and the GitLab template, executed. (Their validators are judges: see
//! tests/judges/ci.py.)

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use fullsource_tests::action::{Desk, Texts, root, yaml};
use fullsource_tests::program::fullsource;
use serde_json::Value;

/// An exit code, what comes with it, and what was asked.
type Case<'a> = (i32, &'a str, &'a [(&'a str, &'a str)]);

/// The page's code blocks: language and text.
fn blocks() -> Vec<(String, String)> {
    let page = fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let mut found = Vec::new();
    let mut parts = page.split("```");
    parts.next();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap();
        found.push((language.to_owned(), text.to_owned()));
    }
    found
}

/// The block that starts with this line.
fn block(first: &str) -> String {
    let all = blocks();
    let found = all.iter().find(|(_, text)| text.lines().next() == Some(first));
    found.unwrap_or_else(|| panic!("no block that starts with `{first}`")).1.clone()
}

fn texts(map: &Value) -> Texts {
    let fields = map.as_object().unwrap().iter();
    fields.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

#[test]
fn the_page_has_the_blocks_that_are_executed_here_and_by_the_judges() {
    let languages: Vec<_> = blocks().into_iter().map(|(language, _)| language).collect();
    let known = ["yaml", "yaml", "yaml", "yaml", "sh", "sh", "json", "lua", "toml", "sh"];
    assert_eq!(languages, known, "execute the new block, too");
}

#[test]
fn the_workflow_runs() {
    let workflow = yaml(&block("# .github/workflows/verify.yml"));
    let steps = workflow["jobs"]["verify"]["steps"].as_array().unwrap();
    let ours = |step: &&Value| step["uses"].as_str().is_some_and(|u| u.starts_with("OWNER/"));
    let step = steps.iter().find(ours).unwrap();
    let desk = Desk::new();
    let mut inputs = texts(&step["with"]);
    inputs.insert("binary".into(), fullsource().to_str().unwrap().into());
    let job = desk.runner.action(&inputs);
    assert_eq!(job.exit, 0, "{}", job.log);
    // What later steps ask of it, it has.
    let text = workflow.to_string();
    let asked: Vec<_> = text.split("steps.fullsource.outputs.").skip(1).collect();
    assert!(asked.len() > 3);
    for rest in asked {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap();
        assert!(Path::new(&job.outputs[&rest[..end]]).exists(), "{}", &rest[..end]);
    }
}

#[test]
fn the_page_names_every_input_and_output_of_the_action() {
    let page = fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let action = yaml(&fs::read_to_string(root().join("action.yml")).unwrap());
    for part in ["inputs", "outputs"] {
        for name in action[part].as_object().unwrap().keys() {
            assert!(page.contains(&format!("`{name}`")), "{part}: `{name}`");
        }
    }
    assert!(action["inputs"]["require"].get("default").is_none());
    assert_eq!(action["inputs"]["require"]["required"], true);
}

/// A repository with what the template fetches, and the id of its commit.
fn repository(at: &Path) -> String {
    let script = "mkdir \"$1\" && cp -R ci \"$1\" && cd \"$1\" && git init --quiet && git add . && \
        git -c user.name=x -c user.email=x@example.org commit --quiet -m x && git rev-parse HEAD";
    let made = Command::new("sh").args(["-c", script, "sh"]).arg(at).current_dir(root()).output();
    let id = String::from_utf8(made.unwrap().stdout).unwrap();
    assert_eq!(id.trim().len(), 40, "{id}");
    id.trim().to_owned()
}

/// A project whose job runs the template's script as GitLab's runner does.
struct Project {
    desk: Desk,
    variables: Texts,
}

impl Project {
    fn new() -> Self {
        let desk = Desk::new();
        let example = yaml(&block("# .gitlab-ci.yml"));
        let job = &example["verify the model"];
        assert_eq!(job["extends"], ".fullsource-verify");
        let mut variables = texts(&job["variables"]);
        // What is elsewhere in the example is here.
        let source = desk.runner.temp.join("fullsource.git");
        variables.insert("FULLSOURCE_COMMIT".into(), repository(&source));
        variables.insert("FULLSOURCE_GIT".into(), source.to_str().unwrap().into());
        let binary = fullsource().to_str().unwrap();
        variables.insert("FULLSOURCE_BINARY".into(), binary.into());
        Self { desk, variables }
    }

    /// Runs the job with other variables.
    fn run(&self, changes: &[(&str, &str)]) -> (i32, String) {
        let template = yaml(&fs::read_to_string(root().join("ci/gitlab.yml")).unwrap());
        let script = template[".fullsource-verify"]["script"][0].as_str().unwrap().to_owned();
        let mut command = Command::new("sh");
        command.args(["-e", "-c", &format!("exec 2>&1\n{script}")]);
        command.current_dir(&self.desk.runner.workspace).stdin(Stdio::null());
        command.env("TMPDIR", &self.desk.runner.temp).envs(&self.variables);
        for (name, value) in changes {
            command.env(name, value);
        }
        let done = command.output().unwrap();
        (done.status.code().unwrap(), String::from_utf8_lossy(&done.stdout).into_owned())
    }
}

#[test]
fn the_template_runs_and_keeps_each_exit_code_apart() {
    let project = Project::new();
    let (exit, log) = project.run(&[]);
    assert_eq!(exit, 0, "{log}");
    assert!(log.contains("PASS  tiny-lm 1.0"), "{log}");
    let cases: &[Case<'_>] = &[
        (1, "is required", &[("FULLSOURCE_TARGET", "weights-only")]),
        (2, "proves no openness", &[("FULLSOURCE_REQUIRE", "")]),
        (3, "INCOMPLETE", &[("FULLSOURCE_KEY", "")]),
        (4, "nowhere", &[("FULLSOURCE_TARGET", "nowhere")]),
        (2, "FULLSOURCE_GIT", &[("FULLSOURCE_GIT", "")]),
        (4, "", &[("FULLSOURCE_COMMIT", "0123456789abcdef0123456789abcdef01234567")]),
        (4, "not the full id", &[("FULLSOURCE_COMMIT", "HEAD")]),
        (4, "", &[("FULLSOURCE_COMMIT", "--upload-pack=touch pwned;")]),
        (2, "", &[("FULLSOURCE_REQUIRE", "$(touch pwned);`touch pwned`")]),
    ];
    for (exit, says, changes) in cases {
        let (found, log) = project.run(changes);
        assert_eq!(found, *exit, "{changes:?}: {log}");
        assert!(log.contains(says), "{changes:?}: {log}");
    }
    project.desk.expect_no_trace();
}

#[test]
fn the_template_leaves_the_artifacts_that_it_names_and_may_verify_the_whole_project() {
    let project = Project::new();
    let template = yaml(&fs::read_to_string(root().join("ci/gitlab.yml")).unwrap());
    let artifacts = &template[".fullsource-verify"]["artifacts"];
    assert_eq!(artifacts["when"], "always");
    fs::rename(project.desk.at("model"), project.desk.runner.temp.join("model")).unwrap();
    fs::remove_dir_all(project.desk.at("weights-only")).unwrap();
    fs::remove_dir_all(project.desk.at("keys")).unwrap();
    fs::remove_dir(&project.desk.runner.workspace).unwrap();
    fs::rename(project.desk.runner.temp.join("model"), &project.desk.runner.workspace).unwrap();
    let key = root().join("examples/tiny-lm/release.pub");
    let changes = [("FULLSOURCE_TARGET", "."), ("FULLSOURCE_KEY", key.to_str().unwrap())];
    let (exit, log) = project.run(&changes);
    assert_eq!(exit, 0, "{log}");
    let report = project.desk.at(artifacts["reports"]["junit"].as_str().unwrap());
    assert!(fs::read_to_string(report).unwrap().contains("<testsuite"));
    assert!(project.desk.at("fullsource-report/report.html").is_file());
}

#[test]
fn the_commands_of_the_page_run_as_they_stand() {
    let desk = Desk::new();
    let path = format!(
        "{}:{}",
        fullsource().parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    for (_, script) in blocks().into_iter().filter(|(language, _)| language == "sh") {
        let mut command = Command::new("sh");
        command.args(["-exc", &script]).current_dir(&desk.runner.workspace).env("PATH", &path);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{script}{}", String::from_utf8_lossy(&done.stderr));
    }
    for name in ["report.json", "summary.md", "report.xml"] {
        assert!(fs::metadata(desk.at(name)).unwrap().len() > 100, "{name}");
    }
    let settings: Value = serde_json::from_str(&block("{")).unwrap();
    let schema = settings["json.schemas"][0]["url"].as_str().unwrap();
    let shipped = fs::read(root().join("schemas/manifest.schema.json")).unwrap();
    assert_eq!(fs::read(desk.at(schema)).unwrap(), shipped);
    assert!(block("vim.lsp.config('jsonls', {").contains("fullsource.schema.json"));
    let policy = block("#:schema ./policy.schema.json");
    assert!(desk.at("policy.schema.json").is_file());
    fs::write(desk.at("policy.toml"), policy).unwrap();
    let done =
        Command::new(fullsource()).args(["check", "policy.toml"]).current_dir(desk.at("")).output();
    assert!(done.unwrap().status.success());
}
