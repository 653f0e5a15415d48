//! Launches: at least three times fewer than in plain tensor operations.

use burn::tensor::Device;
use model::search::greedy;
use model::{ModelConfig, SearchConfig, Seq2Seq, parameters};
use operations::{launches, use_reference};

use crate::device::gpu;
use crate::search::{MARKS, peaked};
use crate::{PAIRS, SOURCE, WORDS, sized};

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

/// The launches of one step of greedy search.
fn step(device: &Device) -> usize {
    let model = peaked(&sized(ModelConfig::default()), device);
    let of_words = |max_length| {
        let search = SearchConfig {
            max_length,
            ..SearchConfig::default()
        };
        let work = || greedy(&model, SOURCE, &search, &MARKS, false);
        let longest = work().iter().map(|found| found.tokens.len()).max();
        assert_eq!(longest, Some(max_length));
        launches::count(work).1.total()
    };
    of_words(3) - of_words(2)
}

#[test]
fn a_fused_operation_is_a_third_of_the_launches_or_less() {
    let Some((gpu, _guard)) = gpu() else { return };
    let counts = |device| [training(device), step(device)];
    let fused = counts(&gpu);
    use_reference(true);
    let plain = counts(&gpu);
    use_reference(false);
    println!("training and a step of search: fused {fused:?}, plain {plain:?}");
    for (fused, plain) in fused.iter().zip(plain) {
        assert!(*fused > 0 && 3 * fused <= plain, "{fused} and {plain}");
    }
    // Nothing of all this lies on a GPU.
    assert_eq!([training(&Device::flex()), step(&Device::flex())], [0, 0]);
}
