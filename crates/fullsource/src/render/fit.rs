//! Lines that are wider than a terminal, broken between words and hung under the text that they go on
//! with. What goes to a file or a pipe keeps its lines.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};

/// Columns of a label and the gap behind it: what goes on after a break starts below the text.
const LABEL: usize = 14;

/// Breaks lines that have more columns.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if textwrap::core::display_width(line) <= columns {
            out.push_str(line);
        } else {
            out.push_str(&broken(line, columns));
        }
        out.push_str(end);
    }
    out
}

fn broken(line: &str, columns: usize) -> String {
    let plain = without_colour(line);
    let indent = plain.len() - plain.trim_start_matches(' ').len();
    let hang = hang(&plain, indent);
    // On a narrow terminal a deep indent leaves no room for a word.
    let hang = if hang * 3 > columns { indent.min(columns / 4) } else { hang };
    let below = " ".repeat(hang);
    let options = Options::new(columns)
        .subsequent_indent(&below)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(line, options).join("\n")
}

/// Words, each with the spaces behind it. The box before a step of a ladder stays with its step.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut starts = vec![0];
    for (at, _) in line.match_indices(' ').filter(|(at, _)| !line[at + 1..].starts_with(' ')) {
        let before = line[..at].trim_end_matches(' ');
        let boxed = ["[x]", "[?]", "[ ]"].iter().any(|step| before.ends_with(step));
        if !boxed && !line[at..].starts_with(" ]") {
            starts.push(at + 1);
        }
    }
    let ends: Vec<_> = starts[1..].iter().copied().chain([line.len()]).collect();
    Box::new(starts.into_iter().zip(ends).map(|(start, end)| Word::from(&line[start..end])))
}

/// The column of the text behind a bullet or a label; two more than the indent where there is neither.
fn hang(plain: &str, indent: usize) -> usize {
    let text = &plain[indent..];
    if text.starts_with("- ") {
        return indent + 2;
    }
    let label = text.find("  ").filter(|end| *end < LABEL);
    let behind =
        label.map(|end| end + text[end..].len() - text[end..].trim_start_matches(' ').len());
    indent + behind.filter(|column| *column <= LABEL).unwrap_or(2)
}

fn without_colour(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn what_fits_stays_and_what_does_not_hangs_under_its_text() {
        let text = "PASS  a\n  signed by  somebody, producer\n    - one thing and another\n";
        assert_eq!(fit(text, 80), text);
        let hung = "PASS  a\n  signed by  somebody, producer\n    - one thing and another\n\
            \x20 class      one two three four five six\n             seven\n";
        let long = format!("{text}  class      one two three four five six seven\n");
        assert_eq!(fit(&long, 42), hung);
        // There is no room under the text.
        assert_eq!(
            fit("  signed by  somebody, producer\n", 24),
            "  signed by  somebody,\n  producer\n"
        );
        assert_eq!(
            fit("    - one thing and another\n", 20),
            "    - one thing and\n      another\n"
        );
    }

    #[test]
    fn a_step_keeps_its_box() {
        let ladder = "  there      [x] weights  [?] recipe  [ ] source";
        for columns in 14..48 {
            let lines = fit(ladder, columns);
            for step in ["[x] weights", "[?] recipe", "[ ] source"] {
                assert!(lines.contains(step), "{columns}: {lines}");
            }
        }
    }

    #[test]
    fn colours_take_no_columns_and_wide_letters_two() {
        let coloured = "  \u{1b}[2mclass     \u{1b}[0m aaaa bbbb";
        assert_eq!(fit(coloured, 22), coloured);
        assert_eq!(fit("模型模型 模型", 10), "模型模型\n  模型");
    }

    #[test]
    fn no_width_is_too_narrow_for_any_text() {
        let text = "  signed by  a-word-of-many-letters 模型\n\n    - \u{1b}[1mx\u{1b}[0m y\n";
        for columns in 1..60 {
            let letters = |text: &str| -> String { text.split_whitespace().collect() };
            assert_eq!(letters(&fit(text, columns)), letters(text), "{columns}");
        }
    }
}
