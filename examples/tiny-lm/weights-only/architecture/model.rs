//! The parameters of the model: five tensors, one after the other in one list of numbers.

use std::ops::Range;

use crate::config::ModelConfig;
use crate::random::SplitMix64;

/// One tensor of the model. They are stored in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tensor {
    /// What each character adds to the three gates: `[vocabulary, 3 * hidden]`.
    InputWeight,
    /// What the memory adds to the three gates: `[hidden, 3 * hidden]`.
    RecurrentWeight,
    /// Added to the memory's part of the third gate: `[hidden]`.
    RecurrentBias,
    /// What the memory says about the next character: `[hidden, vocabulary]`.
    OutputWeight,
    /// How frequent each character is anyway: `[vocabulary]`.
    OutputBias,
}

impl Tensor {
    /// All tensors in their order.
    pub const ALL: [Self; 5] = [
        Self::InputWeight,
        Self::RecurrentWeight,
        Self::RecurrentBias,
        Self::OutputWeight,
        Self::OutputBias,
    ];

    /// The name in the safetensors file.
    pub fn name(self) -> &'static str {
        match self {
            Self::InputWeight => "input.weight",
            Self::RecurrentWeight => "recurrent.weight",
            Self::RecurrentBias => "recurrent.bias",
            Self::OutputWeight => "output.weight",
            Self::OutputBias => "output.bias",
        }
    }

    /// Rows and columns, or the length alone; stored row after row.
    pub fn shape(self, shape: Shape) -> Vec<usize> {
        let Shape { vocabulary, hidden } = shape;
        match self {
            Self::InputWeight => vec![vocabulary, 3 * hidden],
            Self::RecurrentWeight => vec![hidden, 3 * hidden],
            Self::RecurrentBias => vec![hidden],
            Self::OutputWeight => vec![hidden, vocabulary],
            Self::OutputBias => vec![vocabulary],
        }
    }
}

/// The two numbers that all sizes follow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Characters known.
    pub vocabulary: usize,
    /// Numbers remembered.
    pub hidden: usize,
}

impl From<&ModelConfig> for Shape {
    fn from(config: &ModelConfig) -> Self {
        Self { vocabulary: config.vocab_size, hidden: config.hidden_size }
    }
}

impl Shape {
    /// Where a tensor lies in the list of all parameters.
    fn range(self, tensor: Tensor) -> Range<usize> {
        let size = |tensor: Tensor| tensor.shape(self).iter().product::<usize>();
        let start =
            Tensor::ALL.into_iter().take_while(|earlier| *earlier != tensor).map(size).sum();
        start..start + size(tensor)
    }
}

/// A number for each parameter: the parameters themselves, a gradient, or what Adam remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// The sizes.
    pub shape: Shape,
    /// All numbers, tensor after tensor.
    pub values: Vec<f32>,
}

impl Parameters {
    /// All zero.
    pub fn zeros(shape: Shape) -> Self {
        Self { shape, values: vec![0.0; shape.range(Tensor::OutputBias).end] }
    }

    /// The random start, drawn in the order of storage: the input table evenly between ±1/2, the other
    /// weights between ±1/√hidden; biases are 0.
    pub fn random(shape: Shape, random: &mut SplitMix64) -> Self {
        let mut parameters = Self::zeros(shape);
        let narrow = 1.0 / (shape.hidden as f32).sqrt();
        for (tensor, limit) in [
            (Tensor::InputWeight, 0.5),
            (Tensor::RecurrentWeight, narrow),
            (Tensor::OutputWeight, narrow),
        ] {
            for value in parameters.tensor_mut(tensor) {
                *value = (2.0 * random.unit() - 1.0) * limit;
            }
        }
        parameters
    }

    /// The numbers of one tensor.
    pub fn tensor(&self, tensor: Tensor) -> &[f32] {
        &self.values[self.shape.range(tensor)]
    }

    /// The numbers of one tensor, to be changed.
    pub fn tensor_mut(&mut self, tensor: Tensor) -> &mut [f32] {
        let range = self.shape.range(tensor);
        &mut self.values[range]
    }

    /// Adds other numbers, one by one.
    pub fn add(&mut self, other: &Self) {
        for (value, more) in self.values.iter_mut().zip(&other.values) {
            *value += more;
        }
    }
}
