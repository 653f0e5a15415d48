//! Dropout with a mask that is drawn before.

use divan::{Bencher, black_box_drop};
use model::dropout::{DropoutKind, Noise};
use operations::dropout::dropout;

use crate::subject::{Case, cases, tensor};

#[divan::bench(args = cases())]
fn plain(bencher: Bencher, case: Case) {
    let sizes = case.begin();
    let shape = [sizes.target, sizes.batch, sizes.hidden];
    let values = tensor(shape, 1);
    let noise = Noise::new(1, 1, 0.3, DropoutKind::Plain);
    bencher
        .with_inputs(|| noise.mask(shape))
        .bench_local_values(|mask| {
            let dropped = mask.map(|mask| dropout(values.clone(), mask));
            black_box_drop(dropped.map(|dropped| dropped.sum().backward()));
        });
}
