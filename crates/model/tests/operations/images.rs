//! Operations on images other than matrix products.

use operations::image::{pooled, windows};

use super::{Family, Operation, Sizes, Work};

fn unfolded(sizes: &Sizes, work: &mut Work) {
    let pixels = [sizes.batch(), sizes.target, sizes.source, sizes.input];
    let pixels = work.input("pixels", pixels);
    work.result("windows", windows(pixels));
}

fn largest(sizes: &Sizes, work: &mut Work) {
    let (height, width) = (2 * sizes.target, 2 * sizes.source);
    let pixels = work.input("pixels", [sizes.batch(), height, width, sizes.input]);
    let widths: Vec<usize> = sizes.lengths.iter().map(|&length| 2 * length - 1).collect();
    work.result("largest", pooled(pixels, &widths));
}

pub(super) fn all() -> Vec<Operation> {
    vec![
        Operation::new(Family::Images, "windows".into(), unfolded),
        Operation::new(Family::Images, "largest".into(), largest),
    ]
}
