//! The commands that come after a draft, as they can be typed.

use std::path::Path;

use fullsource_format::manifest::Manifest;
use fullsource_format::release_dir;

/// The commands. `elsewhere`: what is not in the directory, by its role, and where it is.
pub(super) fn steps(
    dir: &Path,
    target: &Path,
    manifest: &Manifest,
    elsewhere: &[(&'static str, String)],
) -> Vec<String> {
    let in_place = *target == dir.join(release_dir::MANIFEST);
    let (file, dir) = (quoted(&target.to_string_lossy()), quoted(&dir.to_string_lossy()));
    let stage = manifest.stages().first();
    let of_stage = stage.map_or(String::new(), |stage| format!(" --stage {}", stage.id));
    let learns_more = stage.is_some_and(|stage| !stage.models.is_empty());
    let mut steps = Vec::new();
    for (role, place) in elsewhere {
        let role = match *role {
            "data." if learns_more => "data.sft",
            "data." => "data.pretraining",
            role => role,
        };
        let to = if in_place { &dir } else { &file };
        steps.push(format!("fullsource add {role} {} --manifest {to}{of_stage}", quoted(place)));
    }
    if target.as_os_str() == "-" {
        return steps;
    }
    steps.push(format!("fullsource check {file}"));
    steps.push("fullsource keygen --out release   # once".to_owned());
    let manifest = if in_place { String::new() } else { format!(" --manifest {file}") };
    steps.push(format!("fullsource sign {dir} --key release.key{manifest}"));
    steps.push(format!("fullsource verify {dir} --key release.pub"));
    steps
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,%".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    let word = if word.starts_with('-') { format!("./{word}") } else { word.to_owned() };
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_word_stays_one_word_for_a_shell() {
        assert_eq!(quoted("https://x.example/a@b"), "https://x.example/a@b");
        assert_eq!(quoted("my model"), "'my model'");
        assert_eq!(quoted("it's; rm -rf ~"), "'it'\\''s; rm -rf ~'");
        assert_eq!(quoted("-o"), "'./-o'");
        assert_eq!(quoted(""), "''");
    }
}
