//! The CPU's fused operations against the plain-tensor reference, which another backend runs.

#![cfg(feature = "ndarray")]
#![allow(deprecated)] // The ndarray backend is kept for choice; upstream marks it deprecated.

use burn::tensor::Device;
use model::attention::{AttentionKind, Query};
use model::cell::{CellKind, Nonlinearity};
use model::decoder::{ContextKind, DecoderKind};
use model::dropout::{DropoutKind, Noise};
use model::encoder::{EncoderKind, InitialState};
use model::parameters::{self, Parameters};
use model::{Input, ModelConfig, Padded, Pairs, Seq2Seq};
use network::config::LayerNorm;

const SOURCE: usize = 11;
const TARGET: usize = 13;

/// Three ragged pairs, one of a single token.
fn pairs() -> Pairs<'static> {
    Pairs {
        source: Input::Words(Padded {
            ids: &[4, 9, 7, 5, 3, 8, 6, 3, 0, 0, 3, 0, 0, 0, 0],
            lengths: &[5, 3, 1],
            time: 5,
        }),
        input: Padded {
            ids: &[2, 5, 0, 0, 2, 7, 8, 9, 2, 12, 4, 0],
            lengths: &[2, 4, 3],
            time: 4,
        },
        output: Padded {
            ids: &[5, 3, 0, 0, 7, 8, 9, 3, 12, 4, 3, 0],
            lengths: &[2, 4, 3],
            time: 4,
        },
    }
}

fn small() -> ModelConfig {
    ModelConfig {
        embedding_size: 6,
        hidden_size: 10,
        ..ModelConfig::default()
    }
}

/// The loss and the gradients of `config` on a device.
fn run(config: &ModelConfig, device: &Device, noise: Option<&Noise>) -> (f32, Parameters) {
    let device = device.clone().autodiff();
    let model = Seq2Seq::new(config, SOURCE, TARGET, 5, &device).unwrap();
    let loss = model.loss(pairs(), 0.1, noise);
    let found = parameters::gradients(&model, &loss.sum.backward());
    (loss.sum.into_scalar::<f32>(), found)
}

fn assert_close(name: &str, left: &Parameters, right: &Parameters) {
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        right.keys().collect::<Vec<_>>(),
        "{name}"
    );
    for (parameter, a) in left {
        let b = &right[parameter];
        assert_eq!(a.shape, b.shape, "{name}: {parameter}");
        let scale = a
            .data
            .iter()
            .fold(1e-3f32, |most, value| most.max(value.abs()));
        for (x, y) in a.data.iter().zip(&b.data) {
            assert!(
                (x - y).abs() <= 1e-4 * scale,
                "{name}: {parameter}: {x} is not {y}"
            );
        }
    }
}

fn agree(name: &str, config: &ModelConfig) {
    let config = config.clone().effective();
    for noisy in [false, true] {
        let noise = || {
            let kind = config.dropout_kind;
            noisy.then(|| Noise::new(3, 1, config.dropout, kind))
        };
        let (fused, fused_gradients) = run(&config, &Device::flex(), noise().as_ref());
        let (plain, plain_gradients) = run(&config, &Device::ndarray(), noise().as_ref());
        assert!(
            (fused - plain).abs() <= 1e-5 * plain.abs(),
            "{name}: {fused} is not {plain}"
        );
        assert_close(name, &fused_gradients, &plain_gradients);
    }
}

#[test]
fn every_cell_agrees_in_one_and_two_layers() {
    for kind in [CellKind::Rnn, CellKind::Gru, CellKind::Lstm] {
        for layers in [1, 2] {
            for bidirectional in [false, true] {
                for input_feeding in [false, true] {
                    let mut config = small();
                    config.input_feeding = input_feeding;
                    config.encoder.kind = kind.into();
                    config.encoder.layers = layers;
                    config.encoder.bidirectional = Some(bidirectional);
                    config.decoder.kind = kind.into();
                    config.decoder.layers = layers;
                    let name =
                        format!("{kind} x{layers}, {bidirectional}, feeding {input_feeding}");
                    agree(&name, &config);
                }
            }
        }
    }
}

#[test]
fn every_attention_agrees() {
    for kind in AttentionKind::ALL {
        for query in [Query::After, Query::Before] {
            for input_feeding in [false, true] {
                for covers in [false, true] {
                    if (covers && !kind.is_additive()) || (query == Query::Before && !kind.asks()) {
                        continue;
                    }
                    let mut config = small();
                    config.input_feeding = input_feeding;
                    config.attention.kind = kind;
                    config.attention.query = kind.asks().then_some(query);
                    config.attention.coverage = covers.then_some(true);
                    config.attention.window = kind.is_local().then_some(2);
                    let name = format!("{kind} {query:?} {input_feeding} {covers}");
                    agree(&name, &config);
                }
            }
        }
    }
}

#[test]
fn other_settings_agree() {
    let mut config = small();
    config.encoder.kind = CellKind::Rnn.into();
    config.encoder.nonlinearity = Some(Nonlinearity::Relu);
    agree("relu", &config);

    let mut config = small();
    config.tie_embeddings = true;
    agree("tied through a projection", &config);
    config.embedding_size = 10;
    agree("tied", &config);

    let mut config = small();
    config.attention.kind = AttentionKind::None;
    config.context = Some(ContextKind::EveryStep);
    agree("context at every step", &config);
    config.input_feeding = false;
    agree("context at every step without feeding", &config);

    let mut config = small();
    config.dropout_kind = DropoutKind::Variational;
    config.decoder.layers = 2;
    agree("variational dropout", &config);

    let mut config = small();
    config.encoder.hidden_size = Some(14);
    config.attention.kind = AttentionKind::LuongGeneral;
    agree("sizes that differ", &config);
    for bridge in [
        model::bridge::BridgeKind::TanhCell,
        model::bridge::BridgeKind::Copy,
        model::bridge::BridgeKind::Zero,
        model::bridge::BridgeKind::Learned,
    ] {
        config.bridge = bridge;
        agree(&format!("{bridge:?}"), &config);
    }
}

#[test]
fn stacked_layers_with_options_agree() {
    for input_feeding in [false, true] {
        let mut config = small();
        config.input_feeding = input_feeding;
        (config.encoder.layers, config.decoder.layers) = (2, 2);
        config.encoder.residual = Some(true);
        config.decoder.residual = Some(true);
        agree("residual", &config);
        config.encoder.layer_norm = Some(true.into());
        config.decoder.layer_norm = Some(true.into());
        config.encoder.initial_state = Some(InitialState::Learned);
        agree("residual, normalised, learned first states", &config);
    }
}

#[test]
fn normalised_gates_agree() {
    for kind in [CellKind::Rnn, CellKind::Gru, CellKind::Lstm] {
        let mut config = small();
        config.encoder.kind = kind.into();
        config.decoder.kind = kind.into();
        (config.encoder.layers, config.decoder.layers) = (2, 2);
        config.encoder.layer_norm = Some(LayerNorm::Gates);
        config.decoder.layer_norm = Some(LayerNorm::Gates);
        agree(&format!("{kind} with normalised gates"), &config);
        config.input_feeding = false;
        agree(&format!("{kind} with normalised gates, unfed"), &config);
    }
}

#[test]
fn two_transitions_round_the_attention_agree() {
    let mut config = small();
    config.decoder.kind = DecoderKind::Cgru;
    config.input_feeding = false;
    for kind in AttentionKind::ALL {
        if kind.asks() {
            config.attention.kind = kind;
            agree(&format!("cgru with {kind}"), &config);
        }
    }
    config.attention.kind = AttentionKind::Bahdanau;
    config.attention.coverage = Some(true);
    agree("cgru with coverage", &config);
}

#[test]
fn convolutions_agree() {
    let mut config = small();
    config.encoder.kind = EncoderKind::Conv;
    config.encoder.layers = 2;
    agree("convolutions to lstm", &config);
    config.decoder.kind = DecoderKind::Conv;
    config.decoder.layers = 2;
    config.input_feeding = false;
    config.attention.kind = AttentionKind::LuongDot;
    for width in [2, 3, 5] {
        config.encoder.kernel_width = Some(width);
        config.decoder.kernel_width = Some(width);
        agree(&format!("convolutions over {width} words"), &config);
    }
    for kind in AttentionKind::ALL {
        if !kind.asks_state_by_state() {
            config.attention.kind = kind;
            agree(&format!("convolutions with {kind}"), &config);
        }
    }
}
