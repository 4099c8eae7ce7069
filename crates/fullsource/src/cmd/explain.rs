//! `fullsource explain`: what a finding or a word means, and the rules behind it, as the spec has them.

mod words;

use std::process::ExitCode;

use fullsource_verify::finding::Code;

use crate::cli::Explain;
use crate::exit::{Exit, Failure};
use crate::{output, suggest};

/// The pages of the spec, as this version was built with them.
const PAGES: &[(&str, &str)] = &[
    ("classification.md", include_str!("../../../../spec/v0.1/classification.md")),
    ("digest.md", include_str!("../../../../spec/v0.1/digest.md")),
    ("envelope.md", include_str!("../../../../spec/v0.1/envelope.md")),
    ("evidence.md", include_str!("../../../../spec/v0.1/evidence.md")),
    ("fetching.md", include_str!("../../../../spec/v0.1/fetching.md")),
    ("file-index.md", include_str!("../../../../spec/v0.1/file-index.md")),
    ("findings.md", include_str!("../../../../spec/v0.1/findings.md")),
    ("json.md", include_str!("../../../../spec/v0.1/json.md")),
    ("keys.md", include_str!("../../../../spec/v0.1/keys.md")),
    ("limits.md", include_str!("../../../../spec/v0.1/limits.md")),
    ("locator.md", include_str!("../../../../spec/v0.1/locator.md")),
    ("looking.md", include_str!("../../../../spec/v0.1/looking.md")),
    ("manifest.md", include_str!("../../../../spec/v0.1/manifest.md")),
    ("policy.md", include_str!("../../../../spec/v0.1/policy.md")),
    ("rebuild.md", include_str!("../../../../spec/v0.1/rebuild.md")),
    ("report.md", include_str!("../../../../spec/v0.1/report.md")),
    ("statement.md", include_str!("../../../../spec/v0.1/statement.md")),
    ("verification.md", include_str!("../../../../spec/v0.1/verification.md")),
];

pub(crate) fn run(args: &Explain) -> Result<ExitCode, Failure> {
    let text = match args.name.as_deref() {
        None => list(),
        Some(name) => match Code::from_text(name) {
            Some(code) => finding(code),
            None => words::list(name)
                .or_else(|| words::word(name))
                .or_else(|| rule(name))
                .ok_or_else(|| unknown(name))?,
        },
    };
    output::write(None, text.as_bytes())?;
    Ok(Exit::Done.into())
}

/// Every code, with its severity.
fn list() -> String {
    Code::ALL.iter().map(|code| format!("{:<20} {}\n", code.as_str(), code.severity())).collect()
}

/// What a finding means, in one line.
pub(crate) fn meaning(code: Code) -> String {
    let section = page("findings.md").map(|page| section(page, code.as_str())).unwrap_or_default();
    let text = plain(section).split_whitespace().collect::<Vec<_>>().join(" ");
    let means = text.split("- Means: ").nth(1).and_then(|rest| rest.split(" - Do: ").next());
    means.unwrap_or(&text).to_owned()
}

/// The section of a finding, and the rules that it names.
fn finding(code: Code) -> String {
    let section = page("findings.md").map(|page| section(page, code.as_str())).unwrap_or_default();
    let mut out = format!("{code}\n{}\n", plain(section));
    for id in rules_of(section) {
        if let Some(rule) = rule(id) {
            out.push_str(&format!("\n{rule}"));
        }
    }
    out.push_str(&format!("\nspec/v0.1/findings.md#{code}\n"));
    out
}

/// A rule by its id, with the place where it stands.
fn rule(id: &str) -> Option<String> {
    let start = format!("- **{id}**");
    PAGES.iter().find_map(|(name, page)| {
        let from = page.find(&start)?;
        let text = page.get(from..)?;
        // What belongs to a rule is indented below it.
        let own =
            |(nth, line): &(usize, &str)| *nth == 0 || line.is_empty() || line.starts_with("  ");
        let lines: Vec<&str> =
            text.lines().enumerate().take_while(own).map(|(_, line)| line).collect();
        let text = lines.join("\n");
        Some(format!("{}\n  (spec/v0.1/{name}#{id})\n", plain(&text)))
    })
}

fn page(name: &str) -> Option<&'static str> {
    PAGES.iter().find(|(page, _)| *page == name).map(|(_, text)| *text)
}

/// What stands under the heading of a code.
fn section<'a>(page: &'a str, code: &str) -> &'a str {
    let heading = format!("### `{code}`\n");
    let Some(from) = page.find(&heading) else { return "" };
    let text = page.get(from + heading.len()..).unwrap_or_default();
    let end = text.find("\n#").unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim()
}

/// The ids in the links of a section.
fn rules_of(section: &str) -> Vec<&str> {
    let links = section.split("](").filter_map(|before| before.rsplit_once('['));
    links.map(|(_, id)| id).filter(|id| id.contains('-') && !id.contains(' ')).collect()
}

/// Markdown for a terminal: without anchors and addresses of links.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['<', ']']) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        rest = if let Some(after) = from.strip_prefix("](") {
            after.split_once(')').map_or("", |(_, after)| after)
        } else if from.starts_with("<a ") {
            from.split_once("</a>").map_or("", |(_, after)| after)
        } else {
            out.extend(from.chars().next());
            from.get(1..).unwrap_or_default()
        };
    }
    out.push_str(rest);
    out.replace("[", "").replace("**", "").trim_end().to_owned()
}

fn unknown(name: &str) -> Failure {
    let text = format!("`{name}` is no code of a finding, no rule, no role, no stage and no rung");
    let known = Code::ALL.iter().map(|code| code.as_str()).chain(words::all());
    let help = "`fullsource explain` alone lists the codes; then there are `explain roles`, `stages` and \
                `rungs`; rules are like ver-48";
    Failure::usage(text, suggest::helped(name, known.chain(suggest::rungs()), help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_with_its_rules() {
        for code in Code::ALL {
            let text = finding(*code);
            assert!(text.contains("Means:") && text.contains("Do:"), "{text}");
            assert!(text.matches("(spec/v0.1/").count() >= 1, "{text}");
            assert!(!text.contains("<a id"), "{text}");
        }
    }

    #[test]
    fn a_rule_ends_before_the_next() {
        let text = rule("ver-78").unwrap();
        assert!(text.contains("pins by itself") && !text.contains("ver-57"), "{text}");
        assert!(rule("ver-9999").is_none());
    }
}
