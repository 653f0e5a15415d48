//! Every operation by itself: as the CPU's kernels do it.

use burn::tensor::Device;

use crate::device::gpu;
use crate::operations::{Family, SIZES, all, assert_close};

fn agree(sizes: &str, families: &[Family]) {
    let Some((gpu, _guard)) = gpu() else { return };
    let sizes = SIZES.iter().find(|other| other.name == sizes).unwrap();
    for family in families {
        let mut compared = 0;
        for operation in all().iter().filter(|other| other.family == *family) {
            let found = operation.outcome(sizes, &gpu);
            let wanted = operation.outcome(sizes, &Device::flex());
            assert_close(&operation.name(sizes), &found, &wanted, 5.0);
            compared += 1;
        }
        assert!(compared > 1, "{family:?}");
    }
}

#[test]
fn operations_agree_for_one_of_everything() {
    use Family::{CrossEntropy, Decoder, Recurrent};
    agree("one of everything", &[Recurrent, Decoder, CrossEntropy]);
}

#[test]
fn operations_agree_at_odd_sizes() {
    use Family::{CrossEntropy, Decoder};
    agree("one step of odd sizes", &[Decoder, CrossEntropy]);
}

#[test]
#[ignore = "a software adapter tries out products of each new size for some ten seconds"]
fn every_operation_agrees_at_all_sizes() {
    use Family::{Attention, CrossEntropy, Decoder, Recurrent, Rows};
    for sizes in &SIZES {
        agree(
            sizes.name,
            &[Recurrent, Decoder, Attention, CrossEntropy, Rows],
        );
    }
}
