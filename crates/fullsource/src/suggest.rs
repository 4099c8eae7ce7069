//! The nearest known word to one that nobody knows: `did you mean`.

use fullsource_format::json::{JsonError, JsonFault};
use fullsource_format::license;
use fullsource_format::manifest::StageKind;
use fullsource_format::role;
use fullsource_format::violation::Fault;
use fullsource_verify::class::{Chain, TOP, name};
use fullsource_verify::finding::Code;
use serde_json::Value;

/// Longer words are compared with nothing: they are no misspelling of what is known here.
const CHARS: usize = 64;
/// Words that one is compared with; a manifest may have a hundred thousand ids.
const KNOWN: usize = 2000;
/// How alike two words are at least that differ in more than a few letters (Jaro: 0 to 1).
const ALIKE: f64 = 0.88;

/// The nearest of these words, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.trim().to_lowercase();
    let letters = word.chars().count();
    if letters == 0 || letters > CHARS {
        return None;
    }
    let known = known.into_iter().take(KNOWN).filter(|known| known.len() <= 2 * CHARS);
    let rated = known.filter_map(|candidate| {
        let other = candidate.to_lowercase();
        // `training` for `code.training`, `2` for nothing.
        let part = letters > 3 && other.split('.').next_back() == Some(word.as_str());
        let edits = if part { 1 } else { strsim::osa_distance(&word, &other) };
        let near = edits <= (letters / 3).clamp(1, 4) && edits < letters;
        (near || strsim::jaro(&word, &other) >= ALIKE).then_some((edits, candidate))
    });
    rated.min_by_key(|(edits, _)| *edits).map(|(_, candidate)| candidate)
}

/// `did you mean ...?` in front of a help, where a word is near.
pub(crate) fn helped<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    help: &str,
) -> String {
    meant(nearest(word, known), help)
}

/// The same, of a word that was found.
pub(crate) fn meant(word: Option<&str>, help: &str) -> String {
    match word {
        Some(word) => format!("did you mean `{word}`? {help}"),
        None => help.to_owned(),
    }
}

/// The registered role that is meant by one which is not registered.
pub(crate) fn role(word: &str) -> Option<&'static str> {
    // `training` is code before it is a configuration.
    let (code, rest): (Vec<_>, Vec<_>) =
        role::REGISTERED.iter().partition(|r| r.starts_with("code."));
    nearest(word, code.into_iter().chain(rest))
}

/// The registered kind of stage that is meant by one which is not registered.
pub(crate) fn stage_kind(word: &str) -> Option<&'static str> {
    nearest(word, StageKind::REGISTERED.iter().copied())
}

/// The licence id that is meant by one which no list has.
pub(crate) fn license(word: &str) -> Option<&'static str> {
    license::meant(word).or_else(|| nearest(word, license::listed()))
}

/// The names of all rungs, of the chain of freedom first.
pub(crate) fn rungs() -> impl Iterator<Item = &'static str> {
    [Chain::Freedom, Chain::Availability]
        .into_iter()
        .flat_map(|chain| (1..=TOP).map(move |rung| name(chain, rung)))
}

/// The help of a JSON document that cannot be read: where a field is not known, with one that is.
pub(crate) fn field(code: Code, error: &JsonError) -> String {
    let JsonFault::UnknownField(field) = &error.fault else { return code.help().to_owned() };
    let schema = match code {
        Code::ManifestMalformed | Code::StatementMalformed => {
            fullsource_verify::schema::statement()
        }
        Code::EvidenceMalformed => fullsource_verify::schema::evidence(),
        _ => return code.help().to_owned(),
    };
    let mut known = Vec::new();
    properties(&schema, &mut known);
    helped(field, known, code.help())
}

/// The names of all fields that a schema knows. Its depth is that of our own types.
fn properties<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| properties(item, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                if let ("properties", Value::Object(named)) = (key.as_str(), value) {
                    found.extend(named.keys().map(String::as_str));
                }
                properties(value, found);
            }
        }
        _ => {}
    }
}

/// The ids of a document, by which a reference to something else can be corrected.
#[derive(Default)]
pub(crate) struct Ids {
    artifacts: Vec<String>,
    stages: Vec<String>,
}

impl Ids {
    /// The ids of a manifest, or of a statement's. A document that is none has no ids.
    pub(crate) fn of(document: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(document).unwrap_or_default();
        let manifest = document.get("predicate").unwrap_or(&document);
        let ids = |list: &str| {
            let items = manifest.get(list).and_then(Value::as_array);
            let ids = items.into_iter().flatten().filter_map(|item| item.get("id")?.as_str());
            ids.map(str::to_owned).collect()
        };
        Self { artifacts: ids("artifacts"), stages: ids("stages") }
    }

    /// The help of a broken rule: where a reference leads nowhere, with an id that it may mean.
    pub(crate) fn help(&self, fault: &Fault, help: &str) -> String {
        match fault {
            Fault::ReferenceUnknown { kind, id } => {
                let known = if *kind == "stage" { &self.stages } else { &self.artifacts };
                helped(id.as_str(), known.iter().map(String::as_str), help)
            }
            Fault::NotApplicableRole(role) => {
                helped(role, role::MAY_BE_NOT_APPLICABLE.iter().copied(), help)
            }
            _ => help.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_that_is_meant() {
        for (slip, meant) in [
            ("code.trainng", "code.training"),
            ("Code.Training", "code.training"),
            ("data.pretrain", "data.pretraining"),
            ("model.weights", "model.teacher"),
            ("preprocessing", "code.preprocessing"),
            ("weight.final", "weights.final"),
        ] {
            let found = role(slip);
            let expected = (meant != "model.teacher").then_some(meant);
            assert_eq!(found, expected, "{slip}");
        }
        assert_eq!(stage_kind("pre-training"), Some("pretrain"));
        assert_eq!(stage_kind("pretraining"), Some("pretrain"));
        assert_eq!(stage_kind("quantise"), Some("quantize"));
        assert_eq!(nearest("full-sorce", rungs()), Some("full-source"));
        assert_eq!(nearest("source", rungs()), None);
    }

    #[test]
    fn a_licence_is_meant_by_what_people_write() {
        for (written, meant) in [
            ("Apache2", Some("Apache-2.0")),
            ("apache-2.0", Some("Apache-2.0")),
            ("Apache-2", Some("Apache-2.0")),
            ("mit", Some("MIT")),
            ("CC-BY-4", Some("CC-BY-4.0")),
            ("GPL-3.0-onyl", Some("GPL-3.0-only")),
            ("Acme-Proprietary", None),
        ] {
            assert_eq!(license(written), meant, "{written}");
        }
    }

    #[test]
    fn what_is_far_from_everything_means_nothing() {
        for far in ["", "x", "zzzzzz", "xyz.abc", &"a".repeat(1 << 20)] {
            assert_eq!(role(far), None);
            assert_eq!(nearest(far, ["default", "osi"]), None);
        }
    }

    #[test]
    fn a_field_that_is_not_known_is_held_against_the_schema() {
        let error = |field: &str| JsonError {
            pointer: String::new(),
            place: fullsource_format::json::Place::at(b"", 0, 1),
            fault: JsonFault::UnknownField(field.to_owned()),
        };
        let help = field(Code::ManifestMalformed, &error("licence"));
        assert!(help.starts_with("did you mean `license`? "), "{help}");
        assert_eq!(field(Code::ManifestMalformed, &error("qqqq")), Code::ManifestMalformed.help());
    }
}
