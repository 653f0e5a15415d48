//! Whole models.

use burn::tensor::Device;
use model::attention::AttentionKind;
use model::cell::{CellKind, Nonlinearity};
use model::dropout::{DropoutKind, Noise};
use model::parameters::{self, Parameters};
use model::{ModelConfig, Seq2Seq};

use crate::device::gpu;
use crate::{PAIRS, WORDS, sized};

/// The loss and the gradients of `config` on a device.
fn run(config: &ModelConfig, device: &Device, noisy: bool) -> (f32, Parameters) {
    let device = device.clone().autodiff();
    let model = Seq2Seq::new(config, WORDS, WORDS, 5, &device).unwrap();
    let noise = noisy.then(|| Noise::new(3, 1, 0.3, DropoutKind::Plain));
    let loss = model.loss(PAIRS, 0.1, noise.as_ref());
    let found = parameters::gradients(&model, &loss.sum.backward());
    (loss.sum.into_scalar::<f32>(), found)
}

/// Asserts that gradients differ by less than a ten-thousandth of the parameter's largest.
fn assert_close(name: &str, found: &Parameters, wanted: &Parameters) {
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>(),
        "{name}"
    );
    for (parameter, a) in wanted {
        let b = &found[parameter];
        assert_eq!(a.shape, b.shape, "{name}: {parameter}");
        let largest = a
            .data
            .iter()
            .fold(1e-3f32, |most, value| most.max(value.abs()));
        for (place, (x, y)) in a.data.iter().zip(&b.data).enumerate() {
            assert!(
                (x - y).abs() <= 1e-4 * largest,
                "{name}: {parameter} at {place}: {y} is not {x}"
            );
        }
    }
}

fn agree(config: ModelConfig, noisy: bool) {
    let Some((gpu, _guard)) = gpu() else { return };
    let config = sized(config);
    let name = format!("{config:?}");
    let (wanted, gradients) = run(&config, &Device::flex(), noisy);
    let (found, others) = run(&config, &gpu, noisy);
    assert!(
        (wanted - found).abs() < 1e-4 * wanted.abs(),
        "{name}: {found} is not {wanted}"
    );
    assert_close(&name, &others, &gradients);
}

#[test]
fn long_short_term_memory_with_additive_attention() {
    agree(ModelConfig::default(), false);
}

#[test]
fn two_gated_layers_with_bilinear_attention_and_dropout() {
    let mut config = ModelConfig::default();
    config.encoder.kind = CellKind::Gru.into();
    config.encoder.layers = 2;
    config.decoder.kind = CellKind::Gru.into();
    config.decoder.layers = 2;
    config.attention.kind = AttentionKind::LuongGeneral;
    agree(config, true);
}

#[test]
fn simple_layers_with_dot_product_attention() {
    let mut config = ModelConfig::default();
    config.encoder.kind = CellKind::Rnn.into();
    config.decoder.kind = CellKind::Rnn.into();
    config.decoder.nonlinearity = Some(Nonlinearity::Relu);
    config.attention.kind = AttentionKind::LuongDot;
    agree(config, false);
}

#[test]
fn two_layers_with_concatenated_attention() {
    let mut config = ModelConfig::default();
    config.decoder.layers = 2;
    config.attention.kind = AttentionKind::LuongConcat;
    agree(config, false);
}
