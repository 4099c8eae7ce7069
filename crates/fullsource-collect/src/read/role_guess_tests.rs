use proptest::prelude::*;

use super::*;

fn paths(names: &[&str]) -> Vec<RelPath> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn guess(names: &[&str]) -> Vec<String> {
    let guesses = guess_roles(&paths(names), &ReadFacts::default());
    let line = |g: &RoleGuess| {
        let files: Vec<_> = g.files.iter().map(RelPath::as_str).collect();
        format!("{} {}: {}", g.id, g.role, files.join(" "))
    };
    guesses.artifacts.iter().map(line).collect()
}

#[test]
fn a_directory_as_the_hub_has_it() {
    let found = guess(&[
        "README.md",
        "LICENSE.txt",
        "config.json",
        "generation_config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "pytorch_model.bin",
        "tokenizer.json",
        "tokenizer.model",
        "special_tokens_map.json",
        "vocab.txt",
        "merges.txt",
        "modeling_x.py",
        "training_args.bin",
        "checkpoint-500/model.safetensors",
        "checkpoint-500/config.json",
        "checkpoint-500/optimizer.pt",
        "eval_results.json",
        "paper.pdf",
        "train.py",
    ]);
    assert_eq!(
        found,
        [
            "code-architecture code.architecture: modeling_x.py",
            "code-training code.training: train.py",
            "config-model config.model: config.json generation_config.json",
            "config-training config.training: training_args.bin",
            "doc-license doc.license: LICENSE.txt",
            "doc-model-card doc.model-card: README.md",
            "doc-paper doc.paper: paper.pdf",
            "eval-results eval.results: eval_results.json",
            "tokenizer-model tokenizer.model: merges.txt special_tokens_map.json tokenizer.json tokenizer.model vocab.txt",
            "weights weights.final: model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json",
            "weights-pytorch_model-bin weights.final: pytorch_model.bin",
            "weights-intermediate weights.intermediate: checkpoint-500/config.json checkpoint-500/model.safetensors",
            "weights-optimizer weights.optimizer: checkpoint-500/optimizer.pt",
        ]
    );
}

#[test]
fn forms_of_one_model_are_artifacts_of_their_own() {
    assert_eq!(
        guess(&["m-Q4_K_M.gguf", "m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf"]),
        [
            "weights weights.final: m-Q4_K_M.gguf",
            "weights-m-q8_0-gguf weights.final: m-Q8_0-00001-of-00002.gguf m-Q8_0-00002-of-00002.gguf",
        ]
    );
    assert_eq!(
        guess(&["model_index.json", "unet/x.safetensors", "vae/y.safetensors"]),
        [
            "config-model config.model: model_index.json",
            "weights weights.final: unet/x.safetensors vae/y.safetensors",
        ]
    );
    assert_eq!(
        guess(&["onnx/model.onnx", "onnx/model.onnx_data"]),
        ["weights weights.final: onnx/model.onnx onnx/model.onnx_data",]
    );
}

#[test]
fn what_was_read_decides_over_names() {
    let index = br#"{"weight_map": {"a": "part.one", "b": "gone.safetensors"}}"#;
    let mut facts = ReadFacts::default();
    facts.indexes.insert(
        "sub/model.safetensors.index.json".parse().unwrap(),
        SafetensorsIndex::parse(index).unwrap(),
    );
    let config = br#"{"peft_type": "LORA"}"#;
    facts.configs.insert("x.json".parse().unwrap(), ModelConfig::parse(config).unwrap());
    let files = paths(&["sub/model.safetensors.index.json", "sub/part.one", "odd.xyz"]);
    let guesses = guess_roles(&files, &facts);
    assert_eq!(guesses.artifacts.len(), 1);
    assert_eq!(guesses.artifacts[0].files.len(), 2);
    assert_eq!(guesses.unplaced, paths(&["odd.xyz"]));
    assert_eq!(guesses.missing_shards[0].1.as_str(), "sub/gone.safetensors");
    assert_eq!(guesses.stage_kind, Some("adapter"));
}

#[test]
fn every_guess_is_of_the_registry() {
    let files = paths(&[
        "README.md",
        "NOTICE",
        "data_card.md",
        "config.json",
        "mergekit_config.yml",
        "hparams.yaml",
        "tokenizer.json",
        "a.safetensors",
        "reward_head.bin",
        "imatrix.gguf",
        "modeling_a.py",
        "eval.py",
        "train.py",
        "crawl.py",
        "prepare.py",
        "quantize.py",
        "generate.py",
        "uv.lock",
        "Dockerfile",
        "rust-toolchain.toml",
        "trainer_state.json",
        "results.json",
        "report.pdf",
        "paper.pdf",
        "step_1/optimizer.pt",
        "step_1/model.pt",
    ]);
    let guesses = guess_roles(&files, &ReadFacts::default());
    assert_eq!(guesses.unplaced, []);
    assert!(guesses.artifacts.len() > 20);
    for guess in guesses.artifacts {
        let role: fullsource_format::role::Role = guess.role.parse().unwrap();
        assert!(role.is_registered(), "{role:?}");
    }
}

#[test]
fn names_that_prove_nothing_are_hints() {
    let files = paths(&["train_gpt.py", "data/filter.py", "requirements.txt", "license_check.py"]);
    let guesses = guess_roles(&files, &ReadFacts::default());
    assert!(guesses.artifacts.iter().all(|guess| guess.certainty == Certainty::Hint));
    assert!(guesses.artifacts.iter().all(|guess| guess.role != "doc.license"));
}

proptest! {
    #[test]
    fn every_file_is_placed_once(names in proptest::collection::vec(
        r"(checkpoint-1/|data/|x/){0,2}(model|train|README|LICENSE|optimizer|a-1-of-2|\.)(\.(safetensors|bin|py|json|md|index\.json|onnx_data))?", 0..12)
    ) {
        let files: BTreeSet<RelPath> = names.iter().filter_map(|name| name.parse().ok()).collect();
        let files: Vec<_> = files.into_iter().collect();
        let guesses = guess_roles(&files, &ReadFacts::default());
        let mut placed = guesses.unplaced.clone();
        placed.extend(guesses.artifacts.iter().flat_map(|guess| guess.files.clone()));
        placed.sort();
        prop_assert_eq!(placed, files);
        let ids: BTreeSet<_> = guesses.artifacts.iter().map(|guess| &guess.id).collect();
        prop_assert_eq!(ids.len(), guesses.artifacts.len());
    }
}
