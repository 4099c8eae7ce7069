//! The promise of this trainer: the same input gives the same bits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::num::NonZeroUsize;
use std::path::Path;

use tiny_lm::Error;
use tiny_lm::checkpoint::{State, fingerprint};
use tiny_lm::config::{ModelConfig, TrainingConfig};
use tiny_lm::corpus::Corpus;
use tiny_lm::gru::softmax;
use tiny_lm::model::{Parameters, Shape};
use tiny_lm::tokenizer::Tokenizer;
use tiny_lm::train::Trainer;

const TEXT: &str = "it was the best of times, it was the worst of times, it was the age of wisdom, \
                    it was the age of foolishness, it was the epoch of belief, it was the epoch of incredulity";

const TRAINING: &str = r#"{
    "seed": 42, "steps": 12, "batch_examples": 11, "shard_examples": 2, "window": 9,
    "learning_rate": "0.02", "final_learning_rate": "0.001", "warmup_steps": 3,
    "beta1": "0.9", "beta2": "0.99", "epsilon": "0.00000001", "gradient_clip": "0.5"
}"#;

/// A training small enough for a test, with a last shard that is not full.
struct Run {
    model: ModelConfig,
    training: TrainingConfig,
    tokenizer: Tokenizer,
    corpus: Corpus,
}

impl Run {
    fn new() -> Self {
        let tokenizer = Tokenizer::of_text(TEXT);
        let training: TrainingConfig = serde_json::from_str(TRAINING).unwrap();
        let corpus = Corpus::new(TEXT, &tokenizer, training.window).unwrap();
        let model_type = "tiny-gru".into();
        let model = ModelConfig { model_type, vocab_size: tokenizer.size(), hidden_size: 13 };
        Self { model, training, tokenizer, corpus }
    }

    fn shape(&self) -> Shape {
        Shape::from(&self.model)
    }

    fn fingerprint(&self) -> String {
        fingerprint(&self.model, &self.training, self.corpus.tokens())
    }

    fn init(&self) -> State {
        State::init(self.shape(), self.training.seed)
    }

    fn advance(&self, state: &mut State, until: u64, threads: usize) -> Result<Vec<f64>, Error> {
        let threads = NonZeroUsize::new(threads).unwrap();
        let mut losses = Vec::new();
        Trainer::new(&self.training, &self.corpus, self.shape(), threads).run(
            state,
            until,
            |_, loss| {
                losses.push(loss);
                Ok(())
            },
        )?;
        Ok(losses)
    }
}

fn bits(parameters: &Parameters) -> Vec<u32> {
    parameters.values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn at_any_number_of_threads() {
    let run = Run::new();
    let mut alone = run.init();
    let losses = run.advance(&mut alone, 12, 1).unwrap();
    assert!(losses[11] < losses[0], "it learns: {losses:?}");
    for threads in 2..=9 {
        let mut state = run.init();
        assert_eq!(run.advance(&mut state, 12, threads).unwrap(), losses);
        assert_eq!(bits(&state.parameters), bits(&alone.parameters), "{threads} threads");
    }
}

#[test]
fn in_one_go_or_in_segments_through_files() {
    let run = Run::new();
    let folder = tempfile::tempdir().unwrap();
    let mut whole = run.init();
    run.advance(&mut whole, 12, 2).unwrap();

    let mut state = run.init();
    for (until, threads) in [(1, 1), (5, 3), (11, 2), (12, 1)] {
        run.advance(&mut state, until, threads).unwrap();
        let file = folder.path().join(format!("{until}.safetensors"));
        state.save(&file, &run.fingerprint()).unwrap();
        state = State::load(&file, run.shape(), &run.fingerprint()).unwrap();
    }
    assert_eq!(state, whole);
}

#[test]
fn whatever_machine_and_build_this_is() {
    let run = Run::new();
    let mut state = run.init();
    run.advance(&mut state, 12, 2).unwrap();
    // FNV-1a over the bits of all parameters, as they came out where this test was written.
    let hash = bits(&state.parameters)
        .iter()
        .flat_map(|bits| bits.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    assert_eq!(format!("{hash:016x}"), "5b46de1408b7d8bb");
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let run = Run::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoint.safetensors");
    run.init().save(&file, &run.fingerprint()).unwrap();

    let mut other = Run::new();
    other.training.seed += 1;
    let error = State::load(&file, other.shape(), &other.fingerprint()).unwrap_err();
    assert!(matches!(error, Error::ForeignCheckpoint { .. }), "{error}");

    run.init().parameters.save(&file).unwrap();
    let error = State::load(&file, run.shape(), &run.fingerprint()).unwrap_err();
    assert!(error.to_string().contains("not a checkpoint"), "{error}");
}

#[test]
fn steps_behind_or_beyond_are_refused() {
    let run = Run::new();
    let mut state = run.init();
    for until in [0, 13] {
        let error = run.advance(&mut state, until, 1).unwrap_err();
        assert!(matches!(error, Error::StepRange { .. }), "{error}");
    }
}

#[test]
fn generating_computes_what_training_computed() {
    // Two programs for one model: the fast one that trains and the plain one that generates.
    let run = Run::new();
    let mut state = run.init();
    run.advance(&mut state, 12, 1).unwrap();
    let tokens = run.tokenizer.encode("it was the age").unwrap();
    let weights = tiny_lm::gru::Weights::new(&state.parameters);
    let mut gradient = Parameters::zeros(run.shape());
    let shard = tiny_lm::gru::Shard { examples: &[&tokens], scale: 1.0 };
    let loss = tiny_lm::gru::learn(&weights, shard, &mut gradient, &mut Default::default());
    let bits = tiny_lm::generate::evaluate(&state.parameters, &tokens);
    let nats = bits * std::f64::consts::LN_2 * (tokens.len() - 1) as f64;
    assert!((nats - loss).abs() < 1e-12, "{nats} and {loss}");
}

#[test]
fn chances_add_up() {
    let mut chances = [1.0, -30.0, 3.0, 1000.0, 999.0];
    softmax(&mut chances);
    assert!((chances.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{chances:?}");
}

#[test]
fn broken_files_are_refused() {
    let run = Run::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    run.init().parameters.save(&file).unwrap();
    let good = std::fs::read(&file).unwrap();
    let longer = [&good[..], &[0]].concat();
    let oversized = [&u64::MAX.to_le_bytes()[..], &good[8..]].concat();
    for broken in
        [&good[..0], &good[..7], &good[..100], &good[..good.len() - 1], &longer, &oversized]
    {
        std::fs::write(&file, broken).unwrap();
        let error = Parameters::load(&file, run.shape()).unwrap_err();
        assert!(matches!(error, Error::Tensors { .. }), "{error}");
    }
    let error = Parameters::load(Path::new("/nowhere/model"), run.shape()).unwrap_err();
    assert!(matches!(error, Error::Read { .. }), "{error}");
}
