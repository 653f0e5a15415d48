//! Whole models.

use burn::tensor::Device;
use model::attention::AttentionKind;
use model::cell::{CellKind, Nonlinearity};
use model::dropout::{DropoutKind, Noise};
use model::parameters::{self, Parameters};
use model::{ModelConfig, Padded, Pairs, Seq2Seq};

use crate::close::assert_close;
use crate::device::gpu;

/// As many source as target words: equal shapes are compiled once.
const WORDS: usize = 16;

/// Four ragged pairs, one of a single token.
fn pairs() -> Pairs<'static> {
    Pairs {
        source: Padded {
            ids: &[4, 9, 7, 3, 8, 6, 3, 0, 3, 0, 0, 0, 5, 5, 11, 3],
            lengths: &[4, 3, 1, 4],
            time: 4,
        },
        input: Padded {
            ids: &[2, 5, 0, 2, 7, 8, 2, 12, 4, 2, 0, 0],
            lengths: &[2, 3, 3, 1],
            time: 3,
        },
        output: Padded {
            ids: &[5, 3, 0, 7, 8, 3, 12, 4, 3, 3, 0, 0],
            lengths: &[2, 3, 3, 1],
            time: 3,
        },
    }
}

/// The loss and the gradients of `config` on a device.
fn run(config: &ModelConfig, device: &Device, noisy: bool) -> (f32, Parameters) {
    let device = device.clone().autodiff();
    let model = Seq2Seq::new(config, WORDS, WORDS, 5, &device).unwrap();
    let noise = noisy.then(|| Noise::new(3, 1, 0.3, DropoutKind::Plain));
    let loss = model.loss(pairs(), 0.1, noise.as_ref());
    let found = parameters::gradients(&model, &loss.sum.backward());
    (loss.sum.into_scalar::<f32>(), found)
}

fn agree(config: ModelConfig, noisy: bool) {
    let Some(gpu) = gpu() else { return };
    let config = ModelConfig {
        embedding_size: 16,
        hidden_size: 16,
        ..config
    };
    let config = config.effective();
    let name = format!("{config:?}");
    let start = std::time::Instant::now();
    let (wanted, gradients) = run(&config, &Device::flex(), noisy);
    let (found, others) = run(&config, &gpu, noisy);
    eprintln!("{:?}", start.elapsed());
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
    config.encoder.kind = CellKind::Gru;
    config.encoder.layers = 2;
    config.decoder.kind = CellKind::Gru;
    config.decoder.layers = 2;
    config.attention.kind = AttentionKind::LuongGeneral;
    agree(config, true);
}

#[test]
fn simple_layers_with_dot_product_attention() {
    let mut config = ModelConfig::default();
    config.encoder.kind = CellKind::Rnn;
    config.decoder.kind = CellKind::Rnn;
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
