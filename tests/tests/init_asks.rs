//! `fullsource init` on a terminal: what it asks, and that it asks nowhere else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use fullsource_tests::program::fullsource;
use fullsource_tests::terminal::Terminal;
use serde_json::{Value, json};
use tempfile::TempDir;

const ASKS: &str = "Name of the release";

/// A model directory `my-model` without a licence.
struct Place {
    root: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tiny-lm/full-source");
        fs::create_dir(place.model()).unwrap();
        for name in ["config.json", "model.safetensors", "tokenizer.json"] {
            fs::copy(example.join(name), place.model().join(name)).unwrap();
        }
        place
    }

    fn model(&self) -> PathBuf {
        self.root.path().join("my-model")
    }

    fn on_a_terminal(&self, words: &str, set: &[(&str, &str)]) -> Terminal {
        let words = words.replace("fullsource ", &format!("{} ", fullsource().display()));
        Terminal::run(self.root.path(), &words, set)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.model()).unwrap();
        let mut names: Vec<_> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&fs::read(self.model().join("fullsource.json")).unwrap()).unwrap()
    }
}

#[test]
fn what_is_answered_is_drafted() {
    let place = Place::new();
    let mut terminal = place.on_a_terminal("fullsource init my-model", &[]);
    terminal.reads("Ctrl-C ends, and nothing is written");
    terminal.answers("Name of the release [my-model]", "");
    terminal.answers("Its version", "1.0");
    terminal.answers("Who releases it [unknown producer]", "Example Lab");
    terminal.answers("Their identity", "https://lab.example");
    terminal.answers("Which one is it", "apache2");
    terminal.reads("`apache2` is on no list of licences; did you mean `Apache-2.0`?");
    terminal.answers("Which one is it", "Apache-2.0");
    terminal.answers("How the weights were made", "pretraining");
    terminal.reads("did you mean `pretrain`?");
    terminal.answers("How the weights were made", "pretrain");
    terminal.answers("The training code is not here", "https://github.com/lab/trainer");
    terminal.answers("The training data is not here", "../my corpus; rm -rf ~");
    let (exit, screen) = terminal.ends();
    assert_eq!(exit, 0, "{screen}");
    for command in [
        "fullsource add code.training https://github.com/lab/trainer --manifest my-model --stage pretrain",
        "fullsource add data.pretraining '../my corpus; rm -rf ~' --manifest my-model",
    ] {
        assert!(screen.contains(command), "{screen}");
    }
    let manifest = place.manifest();
    let producer = json!({ "name": "Example Lab", "uri": "https://lab.example" });
    let release = json!({ "name": "my-model", "version": "1.0", "producer": producer });
    assert_eq!(manifest["release"], release);
    assert_eq!(manifest["stages"][0]["kind"], "pretrain");
    assert_eq!(manifest["stages"][0]["outputs"], json!(["weights"]));
    for artifact in manifest["artifacts"].as_array().unwrap() {
        assert_eq!(artifact["license"], "Apache-2.0");
    }
}

#[test]
fn an_option_is_an_answer_and_an_unfit_answer_is_asked_again() {
    let place = Place::new();
    fs::write(place.model().join("train.py"), "print()\n").unwrap();
    let words = "fullsource init my-model --name m --producer-name L --license MIT --stage sft";
    let mut terminal = place.on_a_terminal(words, &[]);
    terminal.answers("Its version", &"9".repeat(300));
    terminal.reads("a name has 1 to 256 characters");
    terminal.answers("Its version", "2");
    terminal.answers("Their identity", "");
    terminal.answers("The training data is not here", "");
    let (exit, screen) = terminal.ends();
    assert_eq!(exit, 0, "{screen}");
    for unasked in
        [ASKS, "Who releases it", "Which one is it", "How the weights", "training code is"]
    {
        assert!(!screen.contains(unasked), "{unasked}: {screen}");
    }
    assert_eq!(place.manifest()["release"]["version"], "2");
    assert_eq!(place.manifest()["stages"][0]["id"], "sft");
}

#[test]
fn ctrl_c_and_the_end_of_input_leave_nothing() {
    for key in ["\u{3}", "\u{4}"] {
        let place = Place::new();
        let before = place.names();
        let mut terminal = place.on_a_terminal("fullsource init my-model", &[]);
        terminal.answers(ASKS, "");
        terminal.reads("Its version");
        terminal.types(key);
        let (exit, screen) = terminal.ends();
        assert_eq!(exit, 130, "{screen}");
        assert!(screen.contains("nothing was written"), "{screen}");
        assert_eq!(place.names(), before);
    }
}

#[test]
fn nobody_is_asked_where_nobody_sits() {
    for (words, set) in [
        ("fullsource init my-model --no-input", &[][..]),
        ("fullsource init my-model", &[("CI", "true")]),
        ("fullsource init my-model </dev/null", &[]),
        ("fullsource init my-model 2>/dev/null", &[]),
        ("true | fullsource init my-model", &[]),
    ] {
        let place = Place::new();
        let (exit, screen) = place.on_a_terminal(words, set).ends();
        assert_eq!(exit, 0, "{words}: {screen}");
        assert!(!screen.contains(ASKS) && screen.contains("drafted"), "{words}: {screen}");
        assert!(place.names().contains(&"fullsource.json".to_owned()), "{words}");
    }
}
