//! Sentences of a card that take back what its licence grants.
//!
//! Only wording that forbids or permits counts: an instruction to *you*, a use that *must not* be or
//! *is prohibited*, a purpose behind *only*. Advice does not, however strong: `should not`, `is not
//! intended`, `out of scope`, `we do not recommend`. A sentence must speak of the thing itself, or be
//! too short to speak of anything else. What stands in code, in front matter, in comments, in
//! questions, and the notice that Apache-2.0 asks for do not count.

use super::facts::one_line;

/// Sentences that are told of one card.
const SENTENCES: usize = 5;
/// A sentence of so few words stands for itself: `For research purposes only.`
const SHORT: usize = 7;

/// What a card speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Code alone: `the dataset` in its README is somebody else's.
    Code,
    /// A model, data, or a document of them.
    Model,
}

/// The sentences, as they stand, at most [`SENTENCES`].
pub(super) fn restrictions(card: &str, subject: Subject) -> Vec<String> {
    let sentences = blocks(card).into_iter().flat_map(|block| sentences(&block));
    let found = sentences.filter(|sentence| restricts(sentence, subject));
    found
        .map(|sentence| one_line(sentence.trim_start_matches(['-', '*', '#', '>', ' '])))
        .take(SENTENCES)
        .collect()
}

/// Paragraphs, headings and entries of lists, without front matter, code and comments.
fn blocks(card: &str) -> Vec<String> {
    let (mut blocks, mut block) = (Vec::new(), String::new());
    let (mut fenced, mut comment) = (false, false);
    for line in body(card).lines().map(str::trim) {
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
        }
        let hidden = fenced || comment || line.starts_with("```") || line.starts_with("<!--");
        comment = (comment || line.contains("<!--")) && !line.contains("-->");
        let starts = ["#", "- ", "* ", "+ ", "|", ">"].iter().any(|mark| line.starts_with(mark));
        if hidden || line.is_empty() || starts {
            blocks.push(std::mem::take(&mut block));
        }
        if !hidden {
            block = block + line + " ";
        }
        if line.starts_with('#') {
            blocks.push(std::mem::take(&mut block));
        }
    }
    blocks.push(block);
    blocks
}

fn body(card: &str) -> &str {
    let card = card.trim_start_matches('\u{feff}').trim_start();
    let Some(rest) = card.strip_prefix("---\n").or(card.strip_prefix("---\r\n")) else {
        return card;
    };
    rest.find("\n---").map_or("", |at| &rest[at + 4..])
}

/// Splits behind `.`, `!`, `?` and `;` with white space after them.
fn sentences(block: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    let mut ended = false;
    for c in block.chars() {
        if ended && c.is_whitespace() {
            sentences.push(String::new());
        }
        ended = matches!(c, '.' | '!' | '?' | ';');
        if let Some(sentence) = sentences.last_mut() {
            sentence.push(c);
        }
    }
    sentences
}

fn restricts(sentence: &str, subject: Subject) -> bool {
    let words = words(sentence);
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    if sentence.trim_end().ends_with('?') || has(EXEMPT) {
        return false;
    }
    let short = words.split_ascii_whitespace().count() <= SHORT;
    let itself = has(if subject == Subject::Code { CODE } else { MODEL });
    let duty = DUTIES.iter().any(|duty| {
        words.split_once(duty).is_some_and(|(_, object)| {
            let object: Vec<&str> = object.split_ascii_whitespace().take(4).collect();
            let nouns = if subject == Subject::Code { CODE_NOUNS } else { MODEL_NOUNS };
            object.iter().any(|word| nouns.contains(word))
                || matches!(object[..], ["it" | "them", "for" | "to" | "in", ..] | ["for", ..])
        })
    });
    let commercial =
        has(&[" commercial use ", " commercial usage ", " commercial purposes ", " commercially "]);
    let refused = has(REFUSED);
    let passive = PASSIVE.iter().any(|passive| {
        words.split_once(passive).is_some_and(|(_, after)| {
            ["to ", "for ", "in ", "by ", "commercially ", "without "]
                .iter()
                .any(|p| after.starts_with(p))
        })
    });
    duty || (itself || short) && (has(ONLY) || commercial && refused)
        || itself && (passive || has(USE) && refused || has(GOVERNED))
}

/// Lower case, marks of Markdown and punctuation as spaces, one space before, between and behind.
fn words(sentence: &str) -> String {
    let mut text = String::from(" ");
    let mut address = false;
    let mut before = ' ';
    for c in sentence.chars() {
        // The address behind the text of a link.
        address = address && c != ')' || c == '(' && before == ']';
        before = c;
        if !address && c.is_alphanumeric() {
            text.extend(c.to_lowercase());
        } else if c != '\'' && c != '\u{2019}' && !text.ends_with(' ') {
            text.push(' ');
        }
    }
    if !text.ends_with(' ') {
        text.push(' ');
    }
    text.replace(" noncommercial ", " non commercial ")
}

/// Sentences with one of these speak of something else, or of the contrary.
const EXEMPT: &[&str] = &[
    " except in compliance with the license ",
    " unlike ",
    " no longer ",
    " previously ",
    " formerly ",
    " originally ",
    " not limited to ",
    " not restricted to ",
    " not only for ",
    " more information needed ",
    " should not be construed ",
];

const DUTIES: &[&str] = &[
    " you may not use ",
    " you must not use ",
    " you shall not use ",
    " you may only use ",
    " you agree not to use ",
    " you agree that you will not use ",
    " users may not use ",
    " users must not use ",
    " users shall not use ",
    " users agree not to use ",
    " you are not allowed to use ",
    " you are not permitted to use ",
    " you are prohibited from using ",
];

const REFUSED: &[&str] = &[
    " prohibited ",
    " forbidden ",
    " not permitted ",
    " not allowed ",
    " disallowed ",
    " strictly banned ",
];

const USE: &[&str] = &[
    " use of this ",
    " use of the ",
    " use of our ",
    " use of these ",
    " using this ",
    " using the ",
    " using our ",
    " using these ",
];

const PASSIVE: &[&str] = &[
    " must not be used ",
    " may not be used ",
    " shall not be used ",
    " may only be used ",
    " must only be used ",
    " shall only be used ",
];

const ONLY: &[&str] = &[
    " research purposes only ",
    " research purpose only ",
    " research use only ",
    " research only ",
    " research usage only ",
    " non commercial use only ",
    " non commercial purposes only ",
    " non commercial purpose only ",
    " non commercial only ",
    " academic use only ",
    " academic purposes only ",
    " academic research only ",
    " only for research ",
    " only for academic ",
    " only for non commercial ",
    " solely for research ",
    " solely for academic ",
    " solely for non commercial ",
    " exclusively for research ",
    " exclusively for academic ",
    " exclusively for non commercial ",
    " limited to research ",
    " limited to academic ",
    " limited to non commercial ",
    " restricted to research ",
    " restricted to academic ",
    " restricted to non commercial ",
    " only be used for research ",
    " only be used for academic ",
    " only be used for non commercial ",
    " research and educational purposes only ",
    " research and education purposes only ",
    " research and non commercial use only ",
    " not for commercial use ",
    " not for commercial purposes ",
    " not be used for commercial ",
    " not be used commercially ",
    " no commercial use ",
    " not available for commercial use ",
];

const GOVERNED: &[&str] = &[
    " governed by the acceptable use policy ",
    " subject to the acceptable use policy ",
    " comply with the acceptable use policy ",
    " governed by the terms of use ",
    " subject to the terms of use ",
    " agree to the terms of use ",
    " agree to the acceptable use policy ",
    " prohibited use policy ",
];

/// How a card names what it describes.
const MODEL: &[&str] = &[
    " this model ",
    " the model ",
    " our model ",
    " these models ",
    " the models ",
    " our models ",
    " all models ",
    " model is ",
    " models are ",
    " the weights ",
    " these weights ",
    " model weights ",
    " this checkpoint ",
    " the checkpoint ",
    " the checkpoints ",
    " this dataset ",
    " the dataset ",
    " these datasets ",
    " our dataset ",
    " this data ",
    " the data ",
    " this corpus ",
    " the corpus ",
    " this data set ",
    " the data set ",
    " this release ",
    " this repository ",
    " this repo ",
    " this project ",
    " this work ",
    " the material ",
    " the materials ",
    " it is ",
    " you ",
    " users ",
    " this software ",
    " the software ",
    " this code ",
    " the outputs ",
    " this adapter ",
    " this tokenizer ",
];
const CODE: &[&str] = &[
    " this code ",
    " the code ",
    " our code ",
    " this software ",
    " the software ",
    " this repository ",
    " this repo ",
    " this project ",
    " the project ",
    " this library ",
    " this package ",
    " this program ",
    " this tool ",
    " this work ",
    " source code ",
];
const MODEL_NOUNS: &[&str] = &[
    "model",
    "models",
    "weights",
    "checkpoint",
    "checkpoints",
    "dataset",
    "datasets",
    "data",
    "corpus",
    "output",
    "outputs",
    "material",
    "materials",
    "software",
    "code",
    "adapter",
    "derivatives",
];
const CODE_NOUNS: &[&str] =
    &["software", "code", "project", "library", "program", "repository", "tool", "package"];

#[cfg(test)]
#[path = "use_terms_tests.rs"]
mod tests;
