//! The training loop: draw, learn in shards, add up, move.

use std::num::NonZeroUsize;
use std::thread;

use crate::Error;
use crate::checkpoint::State;
use crate::config::TrainingConfig;
use crate::corpus::Corpus;
use crate::gru::{Shard, Weights, Workspace, learn};
use crate::model::{Parameters, Shape};
use crate::tokenizer::Token;

/// Everything a step needs beside the [`State`]; the memory is kept from step to step.
#[derive(Debug)]
pub struct Trainer<'a> {
    config: &'a TrainingConfig,
    corpus: &'a Corpus,
    /// One per thread.
    workspaces: Vec<Workspace>,
    /// One per shard: the gradient and the sum of the losses.
    shards: Vec<(Parameters, f64)>,
}

impl<'a> Trainer<'a> {
    /// Prepares a training. The number of threads decides how long it takes, and nothing else.
    pub fn new(
        config: &'a TrainingConfig,
        corpus: &'a Corpus,
        shape: Shape,
        threads: NonZeroUsize,
    ) -> Self {
        let shards = config.batch_examples.div_ceil(config.shard_examples);
        let threads = threads.get().min(shards);
        Self {
            config,
            corpus,
            workspaces: (0..threads).map(|_| Workspace::default()).collect(),
            shards: vec![(Parameters::zeros(shape), 0.0); shards],
        }
    }

    /// Takes steps until `until` are done in all, and tells `watch` the state and the mean loss, in
    /// nats per character, after each.
    pub fn run(
        &mut self,
        state: &mut State,
        until: u64,
        mut watch: impl FnMut(&State, f64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let steps = self.config.steps;
        if state.step >= until || until > steps {
            return Err(Error::StepRange { start: state.step, until, steps });
        }
        while state.step < until {
            let loss = self.step(state);
            watch(state, loss)?;
        }
        Ok(())
    }

    /// One step. Returns the mean loss of its batch.
    fn step(&mut self, state: &mut State) -> f64 {
        let (corpus, config) = (self.corpus, self.config);
        let batch: Vec<&[Token]> =
            (0..config.batch_examples).map(|_| corpus.draw(&mut state.random)).collect();
        self.learn_in_shards(&batch, &state.parameters);
        add_as_tree(&mut self.shards);
        let (gradient, loss) = &self.shards[0];
        state.step += 1;
        state.moments.apply(&mut state.parameters, gradient, state.step, config);
        loss / (config.batch_examples * config.window) as f64
    }

    /// Leaves gradient and loss of each shard in its place. Which thread computes it does not matter:
    /// no thread sees what another does.
    fn learn_in_shards(&mut self, batch: &[&[Token]], parameters: &Parameters) {
        let weights = Weights::new(parameters);
        let scale = 1.0 / (self.config.batch_examples * self.config.window) as f32;
        let shard_examples = self.config.shard_examples;
        let shards_per_thread = self.shards.len().div_ceil(self.workspaces.len());
        let work = self
            .shards
            .chunks_mut(shards_per_thread)
            .zip(batch.chunks(shards_per_thread * shard_examples))
            .zip(&mut self.workspaces);
        thread::scope(|scope| {
            for ((shards, examples), workspace) in work {
                let weights = &weights;
                scope.spawn(move || {
                    for ((gradient, loss), examples) in
                        shards.iter_mut().zip(examples.chunks(shard_examples))
                    {
                        gradient.values.fill(0.0);
                        *loss = learn(weights, Shard { examples, scale }, gradient, workspace);
                    }
                });
            }
        });
    }
}

/// Adds all shards into the first, as a tree: 0+1, 2+3, ..., then 0+2, 4+6, ..., then 0+4, ...
/// The shape of the tree follows from the number of shards alone.
fn add_as_tree(shards: &mut [(Parameters, f64)]) {
    let mut distance = 1;
    while distance < shards.len() {
        for pair in shards.chunks_mut(2 * distance).filter(|pair| pair.len() > distance) {
            let (left, right) = pair.split_at_mut(distance);
            left[0].0.add(&right[0].0);
            left[0].1 += right[0].1;
        }
        distance *= 2;
    }
}
