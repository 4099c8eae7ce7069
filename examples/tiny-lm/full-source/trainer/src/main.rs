//! `tiny-lm`: trains the tiny language model, and writes text with it.

mod options;

use std::fs;
use std::io::{ErrorKind, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use options::{Options, Problem};
use tiny_lm::Error;
use tiny_lm::checkpoint::{State, fingerprint};
use tiny_lm::config::{ModelConfig, TrainingConfig};
use tiny_lm::corpus::{Corpus, read_text};
use tiny_lm::generate::{evaluate, generate};
use tiny_lm::model::{Parameters, Shape};
use tiny_lm::random::SplitMix64;
use tiny_lm::tokenizer::Tokenizer;
use tiny_lm::train::Trainer;

const USAGE: &str = "\
tiny-lm: the trainer of a tiny language model; the same input gives the same bits everywhere

tiny-lm tokenizer --data FILE|DIR --out tokenizer.json
    makes the vocabulary: every character of the text

tiny-lm train --config config.json --data FILE|DIR --out FILE [options]
    trains; --out gets the finished model, or, when --until stops earlier, a checkpoint
    --training FILE         the settings        [default: training.json beside --config]
    --tokenizer FILE        the vocabulary      [default: tokenizer.json beside --config]
    --from FILE|init        go on from a checkpoint                      [default: init]
    --until STEP            stop after this step                [default: the last step]
    --checkpoints DIR       write checkpoints here as step-NNNNNN.safetensors, ...
    --checkpoint-every N    ... after every N steps                       [default: 500]
    --threads N             how many threads work; changes the time only [default: all]

tiny-lm generate --model DIR [options]
    writes text with the model in DIR (model.safetensors, config.json, tokenizer.json)
    --prompt TEXT           what to go on from               [default: an empty line]
    --bytes N               at most this much text                        [default: 400]
    --seed S                other seeds, other texts                        [default: 0]
    --temperature T         lower is more careful                         [default: 0.6]

tiny-lm evaluate --model DIR --data FILE|DIR
    prints how surprised the model is by a text, in bits per character
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(problem)) => {
            tell(&format!(
                "error: {problem}\n help: run `tiny-lm help` to see all commands and options"
            ));
            ExitCode::from(2)
        }
        Err(Failure::Work(error)) => {
            tell(&format!("error: {error}\n help: {}", error.help()));
            ExitCode::FAILURE
        }
    }
}

/// Why a command ended early: it was asked wrongly, or it could not do its work.
enum Failure {
    Usage(Problem),
    Work(Error),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Usage(problem)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Work(error)
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let (command, rest) = arguments.split_first().ok_or(Problem::NoCommand)?;
    let options = Options::new(rest);
    match command.as_str() {
        "tokenizer" => run_tokenizer(options?),
        "train" => run_train(options?),
        "generate" => run_generate(options?),
        "evaluate" => run_evaluate(options?),
        "help" | "--help" | "-h" => print(USAGE, Path::new("standard output")),
        other => Err(Problem::UnknownCommand { command: other.into() }.into()),
    }
}

fn run_tokenizer(mut options: Options) -> Result<(), Failure> {
    let data: PathBuf = options.need("data")?;
    let out: PathBuf = options.need("out")?;
    options.finish()?;
    let tokenizer = Tokenizer::of_text(&read_text(&data)?);
    let json = tokenizer.to_json().map_err(|source| Error::Json { path: out.clone(), source })?;
    fs::write(&out, json).map_err(|source| Error::Write { path: out.clone(), source })?;
    tell(&format!("`{}`: {} characters", out.display(), tokenizer.size()));
    Ok(())
}

fn run_train(mut options: Options) -> Result<(), Failure> {
    let config_path: PathBuf = options.need("config")?;
    let data: PathBuf = options.need("data")?;
    let out: PathBuf = options.need("out")?;
    let training_path =
        options.take("training")?.unwrap_or(config_path.with_file_name("training.json"));
    let tokenizer_path =
        options.take("tokenizer")?.unwrap_or(config_path.with_file_name("tokenizer.json"));
    let from = options.take("from")?.unwrap_or(PathBuf::from("init"));
    let until: Option<u64> = options.take("until")?;
    let checkpoints: Option<PathBuf> = options.take("checkpoints")?;
    let every =
        options.take("checkpoint-every")?.map_or(500, |every: std::num::NonZeroU64| every.get());
    let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let threads = options.take("threads")?.unwrap_or(all);
    options.finish()?;

    let config = ModelConfig::read(&config_path)?;
    let training = TrainingConfig::read(&training_path)?;
    let tokenizer = read_tokenizer(&tokenizer_path, &config)?;
    let corpus = Corpus::new(&read_text(&data)?, &tokenizer, training.window)?;
    let shape = Shape::from(&config);
    let run = fingerprint(&config, &training, corpus.tokens());
    let mut state = match from.to_str() {
        Some("init") => State::init(shape, training.seed),
        _ => State::load(&from, shape, &run)?,
    };
    if let Some(folder) = &checkpoints {
        fs::create_dir_all(folder)
            .map_err(|source| Error::Write { path: folder.clone(), source })?;
    }
    // Better to know now than after the training that its result has no place.
    let folder =
        out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let probe = if out.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else {
        fs::read_dir(folder).map(drop)
    };
    probe.map_err(|source| Error::Write { path: out.clone(), source })?;

    let mut journal = Journal::start();
    let mut trainer = Trainer::new(&training, &corpus, shape, threads);
    trainer.run(&mut state, until.unwrap_or(training.steps), |state, loss| {
        journal.note(state.step, loss);
        match &checkpoints {
            Some(folder) if state.step.is_multiple_of(every) => {
                state.save(&folder.join(format!("step-{:06}.safetensors", state.step)), &run)
            }
            _ => Ok(()),
        }
    })?;
    if state.step == training.steps {
        state.parameters.save(&out)?
    } else {
        state.save(&out, &run)?
    }
    Ok(())
}

/// Tells how the training goes: every 100 steps the mean loss since the last time.
struct Journal {
    start: Instant,
    sum: f64,
    steps: u32,
}

impl Journal {
    fn start() -> Self {
        Self { start: Instant::now(), sum: 0.0, steps: 0 }
    }

    fn note(&mut self, step: u64, loss: f64) {
        self.sum += loss;
        self.steps += 1;
        if step.is_multiple_of(100) {
            let (mean, seconds) =
                (self.sum / f64::from(self.steps), self.start.elapsed().as_secs_f64());
            tell(&format!("step {step:6}  loss {mean:.4} nats per character  {seconds:5.1} s"));
            (self.sum, self.steps) = (0.0, 0);
        }
    }
}

fn run_generate(mut options: Options) -> Result<(), Failure> {
    let folder: PathBuf = options.need("model")?;
    let prompt = options.take("prompt")?.unwrap_or(String::from("\n"));
    let bytes = options.take("bytes")?.unwrap_or(400);
    let seed = options.take("seed")?.unwrap_or(0);
    let temperature: f32 = options.take("temperature")?.unwrap_or(0.6);
    options.finish()?;
    if !(0.01..=100.0).contains(&temperature) {
        let value = temperature.to_string();
        return Err(
            Error::Setting { name: "temperature", value, needed: "from 0.01 to 100" }.into()
        );
    }
    let (parameters, tokenizer) = read_model(&folder)?;
    let mut random = SplitMix64::new(seed);
    let text = generate(&parameters, &tokenizer, &prompt, bytes, temperature, &mut random)?;
    print(&format!("{prompt}{text}\n"), Path::new("standard output"))
}

fn run_evaluate(mut options: Options) -> Result<(), Failure> {
    let folder: PathBuf = options.need("model")?;
    let data: PathBuf = options.need("data")?;
    options.finish()?;
    let (parameters, tokenizer) = read_model(&folder)?;
    let bits = evaluate(&parameters, &tokenizer.encode(&read_text(&data)?)?);
    print(&format!("{bits:.3} bits per character\n"), Path::new("standard output"))
}

/// Reads a finished model from the directory it was released in.
fn read_model(folder: &Path) -> Result<(Parameters, Tokenizer), Error> {
    let config = ModelConfig::read(&folder.join("config.json"))?;
    let tokenizer = read_tokenizer(&folder.join("tokenizer.json"), &config)?;
    let parameters = Parameters::load(&folder.join("model.safetensors"), Shape::from(&config))?;
    Ok((parameters, tokenizer))
}

fn read_tokenizer(path: &Path, config: &ModelConfig) -> Result<Tokenizer, Error> {
    let tokenizer = Tokenizer::read(path)?;
    if tokenizer.size() == config.vocab_size {
        Ok(tokenizer)
    } else {
        Err(Error::VocabularySize { config: config.vocab_size, tokenizer: tokenizer.size() })
    }
}

/// Writes to standard output; a closed pipe is an error like any other, not a panic.
fn print(text: &str, name: &Path) -> Result<(), Failure> {
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|source| Error::Write { path: name.into(), source }.into())
}

/// Tells the user something. That nobody listens is no reason to stop.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
