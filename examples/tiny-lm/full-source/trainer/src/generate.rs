//! The finished model at work: it reads a prompt, then goes on with the characters it finds likely.
//!
//! This is the whole of what is needed to *use* the model. It computes the same as [`crate::gru`], one
//! character at a time, without anything that is only for speed or for training.

use crate::Error;
use crate::gru::softmax;
use crate::math::{ln, sigmoid, tanh};
use crate::model::{Parameters, Tensor};
use crate::random::SplitMix64;
use crate::tokenizer::{Token, Tokenizer};

/// A reader in the middle of a text: the model and what it remembers.
#[derive(Debug)]
pub struct Reader<'a> {
    parameters: &'a Parameters,
    hidden: Vec<f32>,
}

impl<'a> Reader<'a> {
    /// A reader who has read nothing yet.
    pub fn new(parameters: &'a Parameters) -> Self {
        Self { parameters, hidden: vec![0.0; parameters.shape.hidden] }
    }

    /// Reads one character; see the top of [`crate::gru`] for the five lines.
    pub fn read(&mut self, token: Token) {
        let size = self.hidden.len();
        let x = &self.parameters.tensor(Tensor::InputWeight)[usize::from(token) * 3 * size..]
            [..3 * size];
        let p = vector_times_matrix(&self.hidden, self.parameters.tensor(Tensor::RecurrentWeight));
        let bias = self.parameters.tensor(Tensor::RecurrentBias);
        for (i, h) in self.hidden.iter_mut().enumerate() {
            let r = sigmoid(x[i] + p[i]);
            let z = sigmoid(x[size + i] + p[size + i]);
            let n = tanh(x[2 * size + i] + r * (p[2 * size + i] + bias[i]));
            *h = n + z * (*h - n);
        }
    }

    /// What the model finds likely next: an output for each token. Greater is likelier.
    pub fn outputs(&self) -> Vec<f32> {
        let product =
            vector_times_matrix(&self.hidden, self.parameters.tensor(Tensor::OutputWeight));
        product
            .iter()
            .zip(self.parameters.tensor(Tensor::OutputBias))
            .map(|(sum, bias)| sum + bias)
            .collect()
    }
}

/// Writes on from `prompt` until one more character would make the result longer than `bytes`. A
/// temperature below 1 makes likely characters likelier still.
pub fn generate(
    parameters: &Parameters,
    tokenizer: &Tokenizer,
    prompt: &str,
    bytes: usize,
    temperature: f32,
    random: &mut SplitMix64,
) -> Result<String, Error> {
    let mut reader = Reader::new(parameters);
    for token in tokenizer.encode(prompt)? {
        reader.read(token);
    }
    let mut text = String::new();
    loop {
        let mut chances: Vec<f32> =
            reader.outputs().iter().map(|output| output / temperature).collect();
        softmax(&mut chances);
        let token = draw(&chances, random);
        let character = tokenizer.character(usize::from(token));
        if text.len() + character.len_utf8() > bytes {
            return Ok(text);
        }
        text.push(character);
        reader.read(token);
    }
}

/// The mean loss in bits per character on a text: how surprised the model is by it.
pub fn evaluate(parameters: &Parameters, tokens: &[Token]) -> f64 {
    let mut reader = Reader::new(parameters);
    let mut loss = 0.0;
    for pair in tokens.windows(2) {
        reader.read(pair[0]);
        let mut chances = reader.outputs();
        softmax(&mut chances);
        loss -= f64::from(ln(chances[usize::from(pair[1])].max(f32::MIN_POSITIVE)));
    }
    loss / std::f64::consts::LN_2 / tokens.len().saturating_sub(1).max(1) as f64
}

/// Draws a token with these chances.
fn draw(chances: &[f32], random: &mut SplitMix64) -> Token {
    let mut rest = random.unit();
    for (token, chance) in (0..).zip(chances) {
        rest -= chance;
        if rest < 0.0 {
            return token;
        }
    }
    // Rounding left a little over: the likeliest token takes it.
    let likeliest = (0..).zip(chances).max_by(|(_, a), (_, b)| a.total_cmp(b));
    likeliest.map_or(0, |(token, _)| token)
}

/// The product of a row and a matrix; each sum runs from the first row to the last.
fn vector_times_matrix(vector: &[f32], matrix: &[f32]) -> Vec<f32> {
    let width = matrix.len() / vector.len();
    let mut product = vec![0.0; width];
    for (value, row) in vector.iter().zip(matrix.chunks_exact(width)) {
        for (sum, weight) in product.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
    product
}
