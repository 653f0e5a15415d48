//! Looking word vectors up.

use divan::{Bencher, black_box_drop};
use model::dropout::{DropoutKind, Noise};
use operations::embedding::embed;

use crate::subject::{Case, Sentences, cases, tensor};

fn lookup(bencher: Bencher, case: Case, noise: Option<Noise>) {
    let sizes = case.begin();
    let (time, rows, words) = (sizes.target, sizes.batch, sizes.vocabulary);
    let sentences = Sentences::new(rows, time, words);
    let table = tensor([words, sizes.embedding], 1);
    let mask = noise.and_then(|noise| noise.mask([time, rows, sizes.embedding]));
    bencher
        .with_inputs(|| mask.clone())
        .bench_local_values(|mask| {
            let vectors = embed(table.clone(), sentences.padded(), mask);
            black_box_drop(vectors.sum().backward());
        });
}

#[divan::bench(args = cases())]
fn plain(bencher: Bencher, case: Case) {
    lookup(bencher, case, None);
}

#[divan::bench(args = cases())]
fn with_dropout(bencher: Bencher, case: Case) {
    let noise = Noise::new(1, 1, 0.3, DropoutKind::Plain);
    lookup(bencher, case, Some(noise));
}
