//! What the model computes, and how to change it: one layer of gated recurrent units (GRU).
//!
//! The model reads a text character by character and keeps a memory `h` of `hidden` numbers. With `x`
//! the row of the input table for the character just read, and `p` the memory times the recurrent
//! weights, each cut into three parts `_r`, `_z`, `_n`:
//!
//! ```text
//! r  = sigmoid(x_r + p_r)            how much of the memory to use for the new content
//! z  = sigmoid(x_z + p_z)            how much of the memory to keep
//! s  = p_n + bias
//! n  = tanh(x_n + r * s)             the new content
//! h' = n + z * (h - n)               the new memory
//! ```
//!
//! The chances of the next character are `softmax(h' * output weights + output bias)`. The *loss* is
//! -ln of the chance given to the character that really came; its gradient is found by walking the
//! same path backwards (Cho et al. 2014, in the variant that cuDNN and PyTorch use).
//!
//! A shard is several stretches of text at once. Its rows are ordered by time, then by stretch.

use crate::math::{exp, ln, sigmoid, tanh};
use crate::matrix::{Left, Right, add_product};
use crate::model::{Parameters, Shape, Tensor};
use crate::tokenizer::Token;

/// The parameters, and copies of them laid out for fast products. Made once per step.
#[derive(Debug)]
pub struct Weights<'a> {
    parameters: &'a Parameters,
    recurrent: Right,
    recurrent_turned: Right,
    output: Right,
    output_turned: Right,
}

impl<'a> Weights<'a> {
    /// Lays out the parameters.
    pub fn new(parameters: &'a Parameters) -> Self {
        let Shape { vocabulary, hidden } = parameters.shape;
        let recurrent = parameters.tensor(Tensor::RecurrentWeight);
        let output = parameters.tensor(Tensor::OutputWeight);
        Self {
            parameters,
            recurrent: Right::over_columns(recurrent, hidden, 3 * hidden),
            recurrent_turned: Right::over_rows(recurrent, hidden, 3 * hidden),
            output: Right::over_columns(output, hidden, vocabulary),
            output_turned: Right::over_rows(output, hidden, vocabulary),
        }
    }
}

/// The memory in which one thread works through a shard; it is kept from step to step.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The memory `h` before the first character and after each.
    hidden: Vec<f32>,
    /// `r z n s` of each row.
    gates: Vec<f32>,
    /// The outputs, then the gradient with regard to them.
    logits: Vec<f32>,
    /// The gradient with regard to the memory, in the same places.
    hidden_gradient: Vec<f32>,
    /// The gradient with regard to `p`.
    product_gradient: Vec<f32>,
    /// `p` of the current time.
    product: Vec<f32>,
    left: Left,
    right: Right,
}

/// Several stretches of text of one length, learnt from together.
#[derive(Debug, Clone, Copy)]
pub struct Shard<'a> {
    /// The stretches: each token but the last is read, each but the first predicted.
    pub examples: &'a [&'a [Token]],
    /// What one prediction counts in the gradient: 1 / predictions of the whole batch.
    pub scale: f32,
}

impl Shard<'_> {
    fn times(&self) -> usize {
        self.examples.first().map_or(0, |example| example.len().saturating_sub(1))
    }

    fn rows(&self) -> usize {
        self.times() * self.examples.len()
    }

    /// The token read in a row.
    fn read(&self, row: usize) -> usize {
        usize::from(self.examples[row % self.examples.len()][row / self.examples.len()])
    }

    /// The token to be predicted in a row.
    fn predicted(&self, row: usize) -> usize {
        usize::from(self.examples[row % self.examples.len()][row / self.examples.len() + 1])
    }
}

/// Adds the gradient of a shard to `gradient` and returns the sum of its losses, in nats.
pub fn learn(
    weights: &Weights,
    shard: Shard,
    gradient: &mut Parameters,
    work: &mut Workspace,
) -> f64 {
    read_forward(weights, shard, work);
    let loss = predict(weights, shard, work);
    learn_output(weights, shard, gradient, work);
    read_backward(weights, shard, gradient, work);
    learn_recurrent(weights, shard, gradient, work);
    loss
}

/// Reads all stretches, from memory 0, and keeps the memory and the gates of every row.
fn read_forward(weights: &Weights, shard: Shard, work: &mut Workspace) {
    let (hidden, examples) = (weights.parameters.shape.hidden, shard.examples.len());
    let input = weights.parameters.tensor(Tensor::InputWeight);
    let bias = weights.parameters.tensor(Tensor::RecurrentBias);
    refill(&mut work.hidden, (shard.rows() + examples) * hidden);
    refill(&mut work.gates, shard.rows() * 4 * hidden);

    for time in 0..shard.times() {
        let first = time * examples;
        let (past, future) = work.hidden.split_at_mut((first + examples) * hidden);
        let before = &past[first * hidden..];
        work.left.refill_from_rows(before, examples, hidden);
        refill(&mut work.product, examples * 3 * hidden);
        add_product(&mut work.product, &work.left, &weights.recurrent);

        for example in 0..examples {
            let row = first + example;
            let x = &input[shard.read(row) * 3 * hidden..][..3 * hidden];
            let p = &work.product[example * 3 * hidden..][..3 * hidden];
            let gates = &mut work.gates[row * 4 * hidden..][..4 * hidden];
            let h = &before[example * hidden..][..hidden];
            let after = &mut future[example * hidden..][..hidden];
            step(x, p, bias, h, gates, after);
        }
    }
}

/// One character of one stretch: the five lines at the top of this file.
fn step(x: &[f32], p: &[f32], bias: &[f32], h: &[f32], gates: &mut [f32], after: &mut [f32]) {
    let [x_r, x_z, x_n] = thirds(x);
    let [p_r, p_z, p_n] = thirds(p);
    let (gates_rz, gates_ns) = gates.split_at_mut(2 * h.len());
    let (r, z) = gates_rz.split_at_mut(h.len());
    let (n, s) = gates_ns.split_at_mut(h.len());
    for i in 0..h.len() {
        r[i] = sigmoid(x_r[i] + p_r[i]);
        z[i] = sigmoid(x_z[i] + p_z[i]);
        s[i] = p_n[i] + bias[i];
        n[i] = tanh(x_n[i] + r[i] * s[i]);
        after[i] = n[i] + z[i] * (h[i] - n[i]);
    }
}

/// Predicts in every row. Leaves the gradient with regard to the outputs in `work.logits`.
fn predict(weights: &Weights, shard: Shard, work: &mut Workspace) -> f64 {
    let Shape { vocabulary, hidden } = weights.parameters.shape;
    let bias = weights.parameters.tensor(Tensor::OutputBias);
    let after = &work.hidden[shard.examples.len() * hidden..];
    refill(&mut work.logits, shard.rows() * vocabulary);
    work.left.refill_from_rows(after, shard.rows(), hidden);
    add_product(&mut work.logits, &work.left, &weights.output);

    let mut loss = 0.0;
    for (row, logits) in work.logits.chunks_exact_mut(vocabulary).enumerate() {
        for (logit, bias) in logits.iter_mut().zip(bias) {
            *logit += bias;
        }
        softmax(logits);
        let right = &mut logits[shard.predicted(row)];
        loss -= f64::from(ln(right.max(f32::MIN_POSITIVE)));
        // The gradient of -ln softmax: the chance given, less the chance that was right.
        *right -= 1.0;
        for chance in logits {
            *chance *= shard.scale;
        }
    }
    loss
}

/// Turns outputs into chances which add up to 1.
pub fn softmax(logits: &mut [f32]) {
    let largest = logits.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = exp(*logit - largest);
        sum += *logit;
    }
    for chance in logits {
        *chance /= sum;
    }
}

/// The gradient of the output weights, and with regard to the memory as far as the outputs need it.
fn learn_output(weights: &Weights, shard: Shard, gradient: &mut Parameters, work: &mut Workspace) {
    let Shape { vocabulary, hidden } = weights.parameters.shape;
    let after = &work.hidden[shard.examples.len() * hidden..];
    work.left.refill_from_columns(after, shard.rows(), hidden);
    work.right.refill_from_columns(&work.logits, shard.rows(), vocabulary);
    add_product(gradient.tensor_mut(Tensor::OutputWeight), &work.left, &work.right);

    let bias = gradient.tensor_mut(Tensor::OutputBias);
    for row in work.logits.chunks_exact(vocabulary) {
        for (sum, value) in bias.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let start = shard.examples.len() * hidden;
    refill(&mut work.hidden_gradient, start + shard.rows() * hidden);
    work.left.refill_from_rows(&work.logits, shard.rows(), vocabulary);
    add_product(&mut work.hidden_gradient[start..], &work.left, &weights.output_turned);
}

/// Walks back in time. The gradient of a memory is what the output there and all later rows need.
fn read_backward(weights: &Weights, shard: Shard, gradient: &mut Parameters, work: &mut Workspace) {
    let (hidden, examples) = (weights.parameters.shape.hidden, shard.examples.len());
    let input_gradient = gradient.tensor_mut(Tensor::InputWeight);
    refill(&mut work.product_gradient, shard.rows() * 3 * hidden);

    for time in (0..shard.times()).rev() {
        let first = time * examples;
        let (earlier, later) = work.hidden_gradient.split_at_mut((first + examples) * hidden);
        let d_before = &mut earlier[first * hidden..];
        for example in 0..examples {
            let row = first + example;
            let gates = &work.gates[row * 4 * hidden..][..4 * hidden];
            let h = &work.hidden[row * hidden..][..hidden];
            let d_after = &later[example * hidden..][..hidden];
            let d_p = &mut work.product_gradient[row * 3 * hidden..][..3 * hidden];
            let d_x = &mut input_gradient[shard.read(row) * 3 * hidden..][..3 * hidden];
            step_back(gates, h, d_after, d_p, d_x);
            let z = &gates[hidden..2 * hidden];
            for (i, d_h) in d_before[example * hidden..][..hidden].iter_mut().enumerate() {
                *d_h += d_after[i] * z[i];
            }
        }
        let d_p = &work.product_gradient[first * 3 * hidden..];
        work.left.refill_from_rows(d_p, examples, 3 * hidden);
        add_product(d_before, &work.left, &weights.recurrent_turned);
    }
}

/// The gradient of [`step`]: from that of the memory after it to those of `p` (set) and `x` (added).
fn step_back(gates: &[f32], h: &[f32], d_after: &[f32], d_p: &mut [f32], d_x: &mut [f32]) {
    let size = h.len();
    let (r, z) = gates[..2 * size].split_at(size);
    let (n, s) = gates[2 * size..].split_at(size);
    for i in 0..size {
        let d_z = d_after[i] * (h[i] - n[i]) * z[i] * (1.0 - z[i]);
        let d_n = d_after[i] * (1.0 - z[i]) * (1.0 - n[i] * n[i]);
        let d_r = d_n * s[i] * r[i] * (1.0 - r[i]);
        d_p[i] = d_r;
        d_p[size + i] = d_z;
        d_p[2 * size + i] = d_n * r[i];
        d_x[i] += d_r;
        d_x[size + i] += d_z;
        d_x[2 * size + i] += d_n;
    }
}

/// The gradient of the recurrent weights and their bias: all rows in one product.
fn learn_recurrent(
    weights: &Weights,
    shard: Shard,
    gradient: &mut Parameters,
    work: &mut Workspace,
) {
    let hidden = weights.parameters.shape.hidden;
    work.left.refill_from_columns(&work.hidden, shard.rows(), hidden);
    work.right.refill_from_columns(&work.product_gradient, shard.rows(), 3 * hidden);
    add_product(gradient.tensor_mut(Tensor::RecurrentWeight), &work.left, &work.right);

    let bias = gradient.tensor_mut(Tensor::RecurrentBias);
    for row in work.product_gradient.chunks_exact(3 * hidden) {
        for (sum, value) in bias.iter_mut().zip(&row[2 * hidden..]) {
            *sum += value;
        }
    }
}

fn thirds(values: &[f32]) -> [&[f32]; 3] {
    let size = values.len() / 3;
    [&values[..size], &values[size..2 * size], &values[2 * size..]]
}

/// Makes a buffer `length` zeros long without giving its memory back.
fn refill(buffer: &mut Vec<f32>, length: usize) {
    buffer.clear();
    buffer.resize(length, 0.0);
}
