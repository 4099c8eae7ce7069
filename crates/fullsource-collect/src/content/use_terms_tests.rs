use super::*;

fn found(card: &str) -> usize {
    restrictions(card, Subject::Model).len()
}

#[test]
fn wording_that_restricts_is_found() {
    for sentence in [
        "This model is intended for research purposes only.",
        "The dataset is for **non-commercial use only**.",
        "For research use only.",
        "# Non-commercial use only",
        "You may not use the model for any commercial purpose.",
        "You agree not to use this model to harm others.",
        "Commercial use is strictly prohibited.",
        "Commercial use of this model is not permitted without a licence.",
        "This model may not be used for surveillance.",
        "The models must not be used by military organisations.",
        "Use of this model for generating spam is forbidden.",
        "The weights are released solely for academic research.",
        "These models may only be used for research.",
        "Users must not use the outputs to train other models.",
        "The use of the model is governed by the [Acceptable Use Policy](https://e.org/p).",
        "NonCommercial \u{2014} You may not use the material for commercial purposes.",
        "The data can only be used for non-commercial purposes.",
        "This dataset is limited to\nnon-commercial research.",
    ] {
        assert_eq!(found(sentence), 1, "{sentence}");
    }
}

#[test]
fn advice_and_talk_of_other_things_are_not() {
    for sentence in [
        "## Out-of-Scope Use",
        "The model should not be used to intentionally create hostile or alienating environments.",
        "Using the model in high-stakes settings is out of scope for this model.",
        "The model is not intended for clinical use.",
        "It is not designed for critical decisions nor for uses with any material consequences.",
        "We do not recommend to use the model in production.",
        "This model is intended for research.",
        "OLMo is intended for research and educational use in accordance with our Responsible Use Guidelines.",
        "Intentionally using the model for harm is a misuse of this model.",
        "The model may not be suitable for all tasks.",
        "you may not use this file except in compliance with the License.",
        "Can I use this model for commercial purposes only?",
        "Unlike Llama, which is for non-commercial use only, this model is free.",
        "This model is free for research and commercial use.",
        "Its use is not limited to research.",
        "This option must not be used with `--fast`.",
        "You must not use tabs.",
        "Do not use special tokens in the prompt.",
        "ImageNet, on which we evaluate, is for academic research only and must be asked for at its site.",
        "```\n# This model is for research purposes only\n```",
        "<!-- This model is for research purposes only. -->",
        "---\nlicense: mit\nnote: this model is for research purposes only\n---\n# Hello",
        "Developers should consider common limitations of language models as they select use cases.",
        "License: Apache 2.0. Commercial use is allowed.",
    ] {
        assert_eq!(found(sentence), 0, "{sentence}: {:?}", restrictions(sentence, Subject::Model));
    }
}

#[test]
fn a_readme_of_code_speaks_of_the_code() {
    let other = "The dataset is available for non-commercial research purposes only.";
    assert_eq!(restrictions(other, Subject::Code).len(), 0);
    let own = "This code is for research purposes only.";
    assert_eq!(restrictions(own, Subject::Code), [own]);
}

#[test]
fn sentences_are_told_as_they_stand_and_few() {
    let card = "# Model\n\nHello. This model is for\nresearch purposes only! Bye.\n";
    assert_eq!(restrictions(card, Subject::Model), ["This model is for research purposes only!"]);
    let many = "You may not use the model. ".repeat(50);
    assert_eq!(found(&many), SENTENCES);
}
