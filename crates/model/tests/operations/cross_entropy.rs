//! The output layer and the loss.

use model::Padded;
use operations::cross_entropy::{Targets, cross_entropy};

use super::{Family, Operation, Sizes, Work};

fn run(smoothing: f64, sizes: &Sizes, work: &mut Work) {
    let rows = sizes.target * sizes.batch();
    let ids: Vec<i32> = (0..rows)
        .map(|place| (place * place % sizes.words) as i32)
        .collect();
    let words = Padded {
        ids: &ids,
        lengths: sizes.targets,
        time: sizes.target,
    };
    let hidden = work.input("hidden", [rows, sizes.hidden]);
    let weight = work.input("weight", [sizes.words, sizes.hidden]);
    let bias = work.input("bias", [sizes.words]);
    let loss = cross_entropy(hidden, weight, bias, &Targets::new(words), smoothing);
    assert_eq!(loss.tokens, sizes.targets.iter().sum::<usize>());
    work.result("loss", loss.sum);
    let likelihood = loss.negative_log_likelihood;
    work.result("likelihood", likelihood.to_device(work.device()));
}

pub(super) fn all() -> Vec<Operation> {
    let operation = |smoothing: f64| {
        let run = move |sizes: &Sizes, work: &mut Work| run(smoothing, sizes, work);
        Operation::new(Family::CrossEntropy, format!("smoothing {smoothing}"), run)
    };
    [0.0, 0.1].into_iter().map(operation).collect()
}
