//! One update of as many numbers as a model learns, clipped to a global norm.

use divan::Bencher;
use model::initial::Initialiser;
use model::linear::Linear;
use trainer::config::{OptimizerConfig, OptimizerKind};
use trainer::optimiser::{GradientSum, Optimiser};

use crate::subject::{Case, cases, device};

/// Matrices of the size of a recurrent weight that have as many numbers as the yardstick's model.
const MATRICES: usize = 9;

fn update(bencher: Bencher, case: Case, config: &OptimizerConfig) {
    let sizes = case.begin();
    let initial = Initialiser::new(1, &device());
    let matrix = |place: usize| {
        let initial = initial.part(&place.to_string());
        Linear::new(&initial, sizes.hidden, 4 * sizes.hidden, false)
    };
    let start: Vec<Linear> = (0..MATRICES).map(matrix).collect();
    let gradients = || {
        let mut sum = GradientSum::new(1.0);
        for matrix in &start {
            sum.add(&start, matrix.weight.val().sum().backward());
        }
        sum
    };
    let mut optimiser = Optimiser::new(config, 1.0);
    let mut layers = Some(start.clone());
    bencher
        .with_inputs(gradients)
        .bench_local_values(|gradients| {
            layers = layers
                .take()
                .map(|layers| optimiser.update(layers, gradients, 1e-3).0);
        });
}

#[divan::bench(args = cases())]
fn adam(bencher: Bencher, case: Case) {
    update(bencher, case, &OptimizerConfig::default());
}

#[divan::bench(args = cases())]
fn sgd_with_momentum(bencher: Bencher, case: Case) {
    let config = OptimizerConfig {
        kind: OptimizerKind::Sgd,
        momentum: Some(0.9),
        ..OptimizerConfig::default()
    };
    update(bencher, case, &config);
}
