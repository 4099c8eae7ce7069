//! The words that a releaser chooses among: roles, kinds of stages, rungs.

use fullsource_verify::class::{Chain, TOP, name};

/// What each registered role is for, in the order of the registry.
const ROLES: &[(&str, &str)] = &[
    ("weights.final", "the weights that are released"),
    ("weights.intermediate", "weights on the way: checkpoints, other stages"),
    ("weights.optimizer", "the state of the optimiser"),
    ("weights.reward", "the weights of a reward model"),
    ("config.model", "what shape the model has: `config.json`"),
    ("config.training", "the settings that a training ran with"),
    ("config.transform", "the settings of a merge, a quantisation, a conversion"),
    ("tokenizer.model", "the tokenizer"),
    ("code.architecture", "code that describes the model"),
    ("code.inference", "code that runs the model"),
    ("code.training", "code that trained it"),
    ("code.preprocessing", "code that prepared the data"),
    ("code.data-collection", "code that collected the data"),
    ("code.transform", "code that merged, quantised or converted it"),
    ("code.simulator", "code that stood in for data"),
    ("code.evaluation", "code that measured it"),
    ("data.pretraining", "data of a stage `pretrain`"),
    ("data.midtraining", "data of a stage `midtrain`"),
    ("data.sft", "data of a stage `sft`: examples of what to answer"),
    ("data.preference", "data of a stage `preference`: which answer is better"),
    ("data.rl-prompts", "data of a stage `rl`: what was asked"),
    ("data.synthetic", "data that a model made"),
    ("data.calibration", "data that a quantisation was fitted to"),
    ("data.tokenizer", "data that the tokenizer was made from"),
    ("data.evaluation", "data that it was measured on, not trained on"),
    ("data.index", "a list of where data is, not the data"),
    ("doc.model-card", "the model card"),
    ("doc.data-card", "the card of a data set"),
    ("doc.data-information", "what is in the data, and how it was got and prepared"),
    ("doc.annotation-guidelines", "what those who wrote or labelled data were told"),
    ("doc.technical-report", "a technical report"),
    ("doc.paper", "a paper"),
    ("doc.training-content-summary", "the summary of training content that the AI Act asks for"),
    ("doc.license", "the text of a licence"),
    ("doc.compute", "what it took to train"),
    ("env.lock", "exact versions of all libraries: a lock file"),
    ("env.container", "the image that it ran in"),
    ("env.toolchain", "compilers and drivers"),
    ("env.system", "the machine and its operating system"),
    ("log.training", "the log of a training"),
    ("eval.results", "what was measured"),
    ("attestation.rebuild", "somebody's word that they made it again"),
    ("model.base", "the model that a stage started from"),
    ("model.teacher", "the model that it learned from"),
    ("model.reward", "the model that judged it"),
];

/// What each registered kind of stage is, in the order of the registry.
const KINDS: &[(&str, &str)] = &[
    ("pretrain", "trained from nothing"),
    ("midtrain", "trained on, on chosen data, before it was tuned"),
    ("sft", "fine-tuned on examples, a teacher's text among them"),
    ("preference", "tuned on which answers are better"),
    ("rl", "tuned by reward"),
    ("distill", "trained with the teacher in the loop"),
    ("train", "any other fit: counts, forests"),
    ("merge", "several models made one"),
    ("quantize", "fewer bits for each parameter"),
    ("prune", "parameters removed"),
    ("convert", "another file format"),
    ("adapter", "a small part trained beside a base model"),
];

/// What each rung needs, in short, beside all below it.
const RUNGS: [&str; TOP as usize] = [
    "the weights, and what it takes to run them",
    "how every stage was run, and the word that all is listed",
    "every data set",
    "where the data comes from, and the environment",
];

/// The lists by name.
pub(super) const LISTS: [&str; 3] = ["roles", "stages", "rungs"];

/// A whole list.
pub(super) fn list(name: &str) -> Option<String> {
    match name {
        "roles" => Some(table(ROLES)),
        "stages" => Some(table(KINDS)),
        "rungs" => Some((1..=TOP).map(rung).collect()),
        _ => None,
    }
}

/// One word of a list.
pub(super) fn word(word: &str) -> Option<String> {
    if let Some((chain, number)) = fullsource_verify::class::rung_named(word) {
        let asks = match chain {
            Chain::Availability => "Is it there?",
            Chain::Freedom => "May anyone use it, for anything?",
        };
        return Some(format!("{asks}\n{}", rung(number)));
    }
    let row = ROLES.iter().chain(KINDS).find(|(known, _)| *known == word);
    row.map(|row| table(std::slice::from_ref(row)))
}

/// All words, for who mistypes one.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().chain(ROLES.iter().chain(KINDS).map(|(word, _)| *word))
}

fn table(rows: &[(&str, &str)]) -> String {
    rows.iter().map(|(word, means)| format!("{word:<29} {means}\n")).collect()
}

fn rung(number: u8) -> String {
    let (there, free) = (name(Chain::Availability, number), name(Chain::Freedom, number));
    let needs = RUNGS[usize::from(number) - 1];
    format!("{number} {there:<27} free: {free:<23} {needs}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fullsource_format::manifest::StageKind;
    use fullsource_format::role::REGISTERED;

    #[test]
    fn every_registered_word_is_told() {
        assert_eq!(ROLES.iter().map(|(role, _)| *role).collect::<Vec<_>>(), REGISTERED);
        let kinds: Vec<_> = KINDS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, StageKind::REGISTERED);
        assert!(LISTS.iter().all(|name| list(name).is_some()));
        assert!(word("full-source").unwrap().contains("every data set"));
    }
}
