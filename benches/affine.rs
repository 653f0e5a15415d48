//! Layers over all positions of a batch: a product, a bias, a squashing function.

use divan::{Bencher, black_box_drop};
use operations::affine::{Activation, affine, affine_beside};

use crate::subject::{Case, cases, tensor};

#[divan::bench(args = cases())]
fn identity(bencher: Bencher, case: Case) {
    let sizes = case.begin();
    let (size, columns) = (sizes.embedding, 4 * sizes.hidden);
    let input = tensor([sizes.target * sizes.batch, size], 1);
    let (weight, bias) = (tensor([size, columns], 2), tensor([columns], 3));
    bencher.bench_local(|| {
        let (input, weight, bias) = (input.clone(), weight.clone(), bias.clone());
        let output = affine(input, weight, Some(bias), Activation::Identity);
        black_box_drop(output.sum().backward());
    });
}

#[divan::bench(args = cases())]
fn tanh_of_two_side_by_side(bencher: Bencher, case: Case) {
    let sizes = case.begin();
    let (rows, size) = (sizes.target * sizes.batch, sizes.hidden);
    let [left, right] = [1, 2].map(|seed| tensor([rows, size], seed));
    let (weight, bias) = (tensor([2 * size, size], 3), tensor([size], 4));
    bencher.bench_local(|| {
        let (left, right) = (left.clone(), right.clone());
        let (weight, bias) = (weight.clone(), Some(bias.clone()));
        let output = affine_beside(left, right, weight, bias, Activation::Tanh);
        black_box_drop(output.sum().backward());
    });
}
