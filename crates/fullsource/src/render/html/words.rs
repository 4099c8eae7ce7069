//! The words and shapes of what a report tells in codes. Every tone has a shape and a word beside its colour.

use fullsource_verify::Status;
use fullsource_verify::class::Tri;
use fullsource_verify::finding::Severity;
use fullsource_verify::report::Verdict;
use fullsource_verify::signers::Standing;
use serde::Serialize;

use super::markup::{El, el};

/// A word with a shape and a tone.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    pub(super) word: &'static str,
    /// The class that gives it its colour and its shape.
    pub(super) tone: &'static str,
}

const GOOD: &str = "good";
const OPEN: &str = "open";
const BAD: &str = "bad";
const QUIET: &str = "quiet";

impl Tag {
    const fn new(word: &'static str, tone: &'static str) -> Self {
        Self { word, tone }
    }

    /// The tag as an element; the style puts the shape in front.
    pub(super) fn element(self) -> El {
        el("span").classes(&["tag", self.tone]).text(self.word)
    }
}

pub(super) const fn verdict(verdict: Verdict) -> Tag {
    match verdict {
        Verdict::Pass => Tag::new("PASS", GOOD),
        Verdict::Fail => Tag::new("FAIL", BAD),
        Verdict::Incomplete => Tag::new("INCOMPLETE", OPEN),
        Verdict::Error => Tag::new("ERROR", BAD),
    }
}

/// What a verdict means.
pub(super) const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "What was required holds.",
        Verdict::Fail => "Something contradicts.",
        Verdict::Incomplete => "What was required is possible, and could not be established.",
        Verdict::Error => "It could not be judged at all.",
    }
}

pub(super) const fn severity(severity: Severity) -> Tag {
    match severity {
        Severity::Error => Tag::new("error", BAD),
        Severity::Incomplete => Tag::new("incomplete", OPEN),
        Severity::Warning => Tag::new("warning", OPEN),
        Severity::Note => Tag::new("note", QUIET),
    }
}

/// Yes, no, or unknown.
pub(super) const fn tri(value: Tri) -> Tag {
    match value {
        Tri::T => Tag::new("yes", GOOD),
        Tri::U => Tag::new("unknown", OPEN),
        Tri::F => Tag::new("no", BAD),
    }
}

pub(super) const fn standing(standing: Standing) -> Tag {
    match standing {
        Standing::Producer => Tag::new("producer", GOOD),
        Standing::Observer => Tag::new("observer", OPEN),
        Standing::None => Tag::new("does not count", BAD),
    }
}

/// What a status says, in a few words.
pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Verified => "read, and all digests are equal",
        Status::Gated => "the same, behind a credential",
        Status::Mismatch => "something else was seen",
        Status::Placeholder => "there, and hollow",
        Status::Metadata => "a host's word was taken",
        Status::Partial => "some of it was seen",
        Status::Unchecked => "nobody looked, or nothing tells what it should be",
        Status::Unreachable => "no place answered",
        Status::Closed => "behind a door that was not opened",
        Status::Absent => "at none of its places",
        Status::Internal => "between two stages; needs no place",
        Status::RecipeOnly => "only how to make it again is published",
        Status::Withheld => "not published, says the publisher",
    }
}

/// The word that a report's JSON has for a value, with spaces.
pub(super) fn code(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().replace('-', " ")
}
