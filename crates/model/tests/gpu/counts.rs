//! Launches: at least three times fewer than in plain tensor operations.

use burn::tensor::Device;
use model::{ModelConfig, Seq2Seq, launches, parameters, sequence};

use crate::device::gpu;
use crate::{PAIRS, WORDS, sized};

/// The launches of a loss with its gradients.
fn training(device: &Device) -> usize {
    let device = device.clone().autodiff();
    let model = Seq2Seq::new(&sized(ModelConfig::default()), WORDS, WORDS, 5, &device).unwrap();
    let work = || {
        let loss = model.loss(PAIRS, 0.1, None);
        parameters::gradients(&model, &loss.sum.backward())
    };
    // The first time, products are tried out.
    work();
    launches::count(work).1.total()
}

#[test]
fn a_fused_operation_is_a_third_of_the_launches_or_less() {
    let Some((gpu, _guard)) = gpu() else { return };
    let fused = training(&gpu);
    sequence::use_reference(true);
    let plain = training(&gpu);
    sequence::use_reference(false);
    println!("training: fused {fused}, plain {plain}");
    assert!(fused > 0 && 3 * fused <= plain, "{fused} and {plain}");
    // Nothing of all this lies on a GPU.
    assert_eq!(training(&Device::flex()), 0);
}
