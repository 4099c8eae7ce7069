//! How the parameters move: Adam (Kingma and Ba 2015) with a learning rate that rises, then falls.

use crate::config::TrainingConfig;
use crate::math::power;
use crate::model::{Parameters, Shape};

/// What Adam remembers: running means of the gradient and of its square.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Mean of the gradient.
    pub first: Parameters,
    /// Mean of the squared gradient.
    pub second: Parameters,
}

impl Moments {
    /// Before the first step: nothing remembered.
    pub fn zeros(shape: Shape) -> Self {
        Self { first: Parameters::zeros(shape), second: Parameters::zeros(shape) }
    }

    /// Moves the parameters against the gradient. `step` counts from 1.
    pub fn apply(
        &mut self,
        parameters: &mut Parameters,
        gradient: &Parameters,
        step: u64,
        config: &TrainingConfig,
    ) {
        let (beta1, beta2, epsilon) = (config.beta1.0, config.beta2.0, config.epsilon.0);
        let shrink = clip_factor(gradient, config.gradient_clip.0);
        // Both means start at 0; dividing by the weight that they have seen so far undoes that.
        let first_weight = (1.0 - power(f64::from(beta1), step)) as f32;
        let second_weight = (1.0 - power(f64::from(beta2), step)) as f32;
        let rate = learning_rate(step, config);

        let moments = self.first.values.iter_mut().zip(&mut self.second.values);
        for ((value, slope), (first, second)) in
            parameters.values.iter_mut().zip(&gradient.values).zip(moments)
        {
            let slope = slope * shrink;
            *first = beta1 * *first + (1.0 - beta1) * slope;
            *second = beta2 * *second + (1.0 - beta2) * slope * slope;
            *value -= rate * (*first / first_weight) / ((*second / second_weight).sqrt() + epsilon);
        }
    }
}

/// The learning rate of a step: a straight line up over the warm-up, then one down to the last step.
fn learning_rate(step: u64, config: &TrainingConfig) -> f32 {
    let (largest, last) = (config.learning_rate.0, config.final_learning_rate.0);
    if step <= config.warmup_steps {
        return largest * (step as f32 / config.warmup_steps as f32);
    }
    let part = (step - config.warmup_steps) as f32
        / config.steps.saturating_sub(config.warmup_steps).max(1) as f32;
    largest + (last - largest) * part
}

/// What to multiply a gradient with so that it is not longer than `limit`.
fn clip_factor(gradient: &Parameters, limit: f32) -> f32 {
    let square: f64 =
        gradient.values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
    let length = square.sqrt() as f32;
    if length > limit { limit / length } else { 1.0 }
}
