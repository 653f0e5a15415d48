//! The output layer and the label-smoothed loss.

use divan::{Bencher, black_box_drop};
use operations::cross_entropy::{Targets, cross_entropy};

use crate::subject::{Case, Sentences, cases, tensor};

#[divan::bench(args = cases())]
fn label_smoothed(bencher: Bencher, case: Case) {
    let sizes = case.begin();
    let (rows, words) = (sizes.target * sizes.batch, sizes.vocabulary);
    let targets = Sentences::new(sizes.batch, sizes.target, words);
    let targets = Targets::new(targets.padded());
    let hidden = tensor([rows, sizes.hidden], 1);
    let (weight, bias) = (tensor([words, sizes.hidden], 2), tensor([words], 3));
    bencher.bench_local(|| {
        let (hidden, weight, bias) = (hidden.clone(), weight.clone(), bias.clone());
        let loss = cross_entropy(hidden, weight, bias, &targets, 0.1);
        black_box_drop(loss.sum.backward());
    });
}
