//! Completions, loaded into the real shells, and manual pages, held against what `--help` lists.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::Command;

use fullsource_tests::command::Place;
use fullsource_tests::program::fullsource;
use fullsource_tests::terminal::Terminal;

/// What a shell makes of `fullsource ` and these words at the tabulator key.
const LINES: [(&str, &str); 6] = [
    ("veri", "verify"),
    ("schema poli", "policy"),
    ("add code.trai", "code.training"),
    ("verify --require full-source-", "full-source-transitive"),
    ("verify --polic", "--policy"),
    ("check nam", "named-file.json"),
];

/// A directory with the script of a shell.
fn place(shell: &str) -> Place {
    let place = Place::new();
    let script = place.run(&["completions", shell]);
    script.expect(0, &["fullsource"]);
    fs::write(place.at("completions"), &script.stdout).unwrap();
    fs::write(place.at("named-file.json"), "{}").unwrap();
    place
}

/// Types each line into a shell that has loaded the script, and the tabulator key behind it.
fn type_into(shell: &str, start: &str, load: &str) {
    let place = place(shell);
    let path = fullsource().parent().unwrap().display().to_string();
    let path = format!("{path}:{}", std::env::var("PATH").unwrap());
    let mut terminal = Terminal::run(place.path(), start, &[("PATH", &path), ("PS1", "$ ")]);
    terminal.types(&format!("{load}; echo loaded $?\n"));
    terminal.reads("loaded 0");
    for (words, completed) in LINES {
        terminal.types(&format!("fullsource {words}\t"));
        terminal.reads(&completed[words.split(' ').next_back().unwrap().len()..]);
        // Ctrl-U empties the line.
        terminal.types("\u{15}");
    }
    terminal.types("exit 0\n");
    assert_eq!(terminal.ends().0, 0);
}

#[test]
fn bash_completes() {
    type_into("bash", "bash --norc --noprofile -i", "source ./completions");
}

#[test]
fn zsh_completes() {
    let load = "autoload -U compinit && compinit -u -D && source ./completions";
    type_into("zsh", "zsh -f -i", load);
}

#[test]
fn fish_completes() {
    let place = place("fish");
    for (words, completed) in LINES {
        let script = format!("source completions; complete -C 'fullsource {words}'");
        let done = Command::new("fish")
            .args(["--no-config", "-c", &script])
            .current_dir(place.path())
            .env("HOME", place.path())
            .output()
            .unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        let words: Vec<_> = said.lines().filter_map(|line| line.split('\t').next()).collect();
        assert!(words.contains(&completed), "{script}: {said}");
    }
}

/// The commands that a help text lists, and its long options.
fn listed(help: &str) -> (Vec<&str>, Vec<&str>) {
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let lines = commands.into_iter().flat_map(str::lines);
    let lines = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let lines = lines.filter_map(|line| line.split_whitespace().next());
    let options = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let options = options.flat_map(|line| line.split([' ', ',']).find(|w| w.starts_with("--")));
    (lines.collect(), options.collect())
}

#[test]
fn every_command_has_a_manual_page_that_tells_its_options() {
    let place = Place::new();
    place.prepare("mkdir man");
    place.run(&["man", "--to", "man"]).expect(0, &["pages to man"]);
    let help = place.run(&["--help"]).stdout;
    let mut pages = 1;
    for command in listed(&help).0 {
        pages += 1;
        let page = fs::read_to_string(place.at(format!("man/fullsource-{command}.1"))).unwrap();
        let printed = place.run(&["man", command]);
        assert_eq!(printed.expect(0, &[]).stdout, page);
        let plain = page.replace("\\-", "-");
        assert!(plain.contains(".SH EXAMPLES\n"), "{command}");
        for option in listed(&place.run(&[command, "--help"]).stdout).1 {
            assert!(plain.contains(option), "{command}: {option}");
        }
    }
    let there = fs::read_dir(place.at("man")).unwrap().count();
    // Those of commands below commands, too.
    assert_eq!(there, pages + 3);
    let lint = Command::new("sh")
        .args(["-c", "mandoc -T lint -W error man/*.1 && mandoc -T utf8 man/fullsource-init.1"])
        .current_dir(place.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&lint.stdout);
    assert!(lint.status.success(), "{said}");
    assert!(said.contains("fullsource init ./my-model\n"), "{said}");
}
