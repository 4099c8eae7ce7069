//! The hand-written gradient against its definition: how the loss changes when a parameter does.

use tiny_lm::gru::{Shard, Weights, Workspace, learn};
use tiny_lm::model::{Parameters, Shape, Tensor};
use tiny_lm::random::SplitMix64;
use tiny_lm::tokenizer::Token;

const SHAPE: Shape = Shape { vocabulary: 7, hidden: 10 };

/// Three stretches of text with six predictions each.
fn examples() -> Vec<Vec<Token>> {
    let mut random = SplitMix64::new(5);
    (0..3).map(|_| (0..7).map(|_| random.below(7) as Token).collect()).collect()
}

/// Parameters larger than at the start of a training, so that every gate is at work.
fn parameters() -> Parameters {
    let mut parameters = Parameters::zeros(SHAPE);
    let mut random = SplitMix64::new(6);
    parameters.values.fill_with(|| 1.6 * random.unit() - 0.8);
    parameters
}

fn loss_and_gradient(parameters: &Parameters) -> (f64, Parameters) {
    let examples = examples();
    let examples: Vec<&[Token]> = examples.iter().map(Vec::as_slice).collect();
    let mut gradient = Parameters::zeros(SHAPE);
    let shard = Shard { examples: &examples, scale: 1.0 };
    let loss = learn(&Weights::new(parameters), shard, &mut gradient, &mut Workspace::default());
    (loss, gradient)
}

#[test]
fn every_parameter_has_the_gradient_that_finite_differences_show() {
    let parameters = parameters();
    let (_, gradient) = loss_and_gradient(&parameters);
    let step = 1.0 / 128.0;
    for place in 0..parameters.values.len() {
        let loss_at = |change: f32| {
            let mut changed = parameters.clone();
            changed.values[place] += change;
            loss_and_gradient(&changed).0
        };
        let expected = (loss_at(step) - loss_at(-step)) / f64::from(2.0 * step);
        let found = f64::from(gradient.values[place]);
        assert!(
            (found - expected).abs() < 2e-3 + 2e-3 * expected.abs(),
            "parameter {place}: gradient {found}, difference quotient {expected}"
        );
    }
}

#[test]
fn no_tensor_is_left_out() {
    let (_, gradient) = loss_and_gradient(&parameters());
    for tensor in Tensor::ALL {
        let largest =
            gradient.tensor(tensor).iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        assert!(largest > 0.1, "{} has no gradient", tensor.name());
    }
}
