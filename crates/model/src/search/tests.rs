//! Both ways to make steps agree.

use burn::tensor::Device;

use super::tensors::Tensors;
use super::{Answer, Ask, Favour, Model, PackedNetwork, Precision, Steps};
use crate::attention::{AttentionKind, Query};
use crate::bridge::BridgeKind;
use crate::cell::{CellKind, Nonlinearity};
use crate::decoder::{ContextKind, DecoderKind};
use crate::encoder::{EncoderKind, InitialState};
use crate::parameters::{collect, place};
use crate::{Images, ModelConfig, Padded, Seq2Seq};
use network::config::LayerNorm;

const CELLS: [CellKind; 3] = [CellKind::Rnn, CellKind::Gru, CellKind::Lstm];
const ENCODERS: [EncoderKind; 4] = [
    EncoderKind::Rnn,
    EncoderKind::Gru,
    EncoderKind::Lstm,
    EncoderKind::Conv,
];
const ATTENTIONS: [AttentionKind; 11] = AttentionKind::ALL;
const BRIDGES: [BridgeKind; 5] = [
    BridgeKind::Tanh,
    BridgeKind::TanhCell,
    BridgeKind::Copy,
    BridgeKind::Zero,
    BridgeKind::Learned,
];

/// A model of every kind in turn.
fn config(number: usize) -> ModelConfig {
    let bit = |place: usize| (number * 2_654_435_761) >> place & 1 == 1;
    let norm = |given: bool, gates: bool| match (given, gates) {
        (false, _) => LayerNorm::Off,
        (true, false) => LayerNorm::Outputs,
        (true, true) => LayerNorm::Gates,
    };
    let mut config = ModelConfig {
        embedding_size: 6,
        hidden_size: 10,
        input_feeding: bit(7),
        tie_embeddings: bit(11),
        bridge: BRIDGES[number % BRIDGES.len()],
        ..ModelConfig::default()
    };
    config.encoder.kind = ENCODERS[number / 2 % 4];
    config.decoder.kind = CELLS[number % 3].into();
    config.encoder.layers = 1 + usize::from(bit(13));
    config.decoder.layers = 1 + usize::from(bit(17));
    if config.encoder.kind != EncoderKind::Conv {
        config.encoder.bidirectional = Some(bit(19));
        config.encoder.residual = Some(bit(20));
        config.encoder.layer_norm = Some(norm(bit(22), bit(26)));
        config.encoder.initial_state = bit(24).then_some(InitialState::Learned);
    }
    config.decoder.residual = Some(bit(21));
    config.decoder.layer_norm = Some(norm(bit(25), bit(27)));
    if config.decoder.kind == CellKind::Rnn && bit(23) {
        config.decoder.nonlinearity = Some(Nonlinearity::Relu);
    }
    let kind = ATTENTIONS[number % ATTENTIONS.len()];
    config.attention.kind = kind;
    if kind == AttentionKind::None {
        config.context = bit(29).then_some(ContextKind::EveryStep);
    }
    if kind.pools() {
        config.attention.max_source_length = Some(6);
        config.attention.single_vector = (kind == AttentionKind::TimeDense).then_some(bit(18));
    }
    if kind.asks() {
        config.attention.query = bit(29).then_some(Query::Before);
        config.encoder.hidden_size = (kind != AttentionKind::LuongDot).then_some(8);
    }
    if kind.is_additive() {
        config.attention.coverage = Some(bit(15));
    }
    if kind.is_local() {
        config.attention.window = Some(1 + usize::from(bit(16)));
    }
    if kind == AttentionKind::MultiHead {
        config.attention.heads = Some(2);
    }
    config
}

/// A model with a decoder of convolutions of every kind in turn.
fn convolved(number: usize) -> ModelConfig {
    let bit = |place: usize| (number * 2_654_435_761) >> place & 1 == 1;
    let kinds: Vec<AttentionKind> = ATTENTIONS
        .into_iter()
        .filter(|kind| !kind.asks_state_by_state())
        .collect();
    let mut config = ModelConfig {
        embedding_size: 6,
        hidden_size: 10,
        input_feeding: false,
        tie_embeddings: bit(11),
        bridge: BRIDGES[number % BRIDGES.len()],
        ..ModelConfig::default()
    };
    config.encoder.kind = ENCODERS[number / 2 % 4];
    config.encoder.layers = 1 + usize::from(bit(13));
    config.decoder.kind = DecoderKind::Conv;
    config.decoder.layers = 1 + usize::from(bit(17));
    config.decoder.kernel_width = Some(2 + usize::from(bit(19)));
    config.decoder.max_positions = Some(if bit(20) { 2 } else { 9 });
    let kind = kinds[number % kinds.len()];
    config.attention.kind = kind;
    config.context = (kind == AttentionKind::None && bit(29)).then_some(ContextKind::EveryStep);
    if kind.pools() {
        config.attention.max_source_length = Some(6);
    }
    if kind == AttentionKind::MultiHead {
        config.attention.heads = Some(2);
    }
    let same = matches!(kind, AttentionKind::None | AttentionKind::LuongDot) || kind.pools();
    config.encoder.hidden_size = (!same).then_some(8);
    config
}

/// Random weights, some times as large as first ones are; `steep` times that in keys and queries.
fn model(config: &ModelConfig, seed: u64, factor: f32, steep: f32) -> Seq2Seq {
    let model = Seq2Seq::new(config, 12, 15, seed, &Device::flex()).unwrap();
    let mut values = collect(&model);
    for (name, values) in &mut values {
        let asks = name.contains("attention.key") || name.contains("attention.query");
        let factor = if asks { steep * factor } else { factor };
        values.data.iter_mut().for_each(|value| *value *= factor);
    }
    place(model, values).unwrap()
}

/// Walks three steps: all sentences, then beams of some, with the same parent several times, then fewer.
fn walk(steps: &mut dyn Steps) -> Vec<Answer> {
    let ask = Ask {
        count: 4,
        barred: vec![0, 2],
        attention: true,
        everything: true,
    };
    [
        (vec![2, 2, 2, 2], vec![0, 1, 2, 3]),
        (vec![5, 6, 7, 4, 4, 14], vec![0, 0, 0, 2, 3, 3]),
        (vec![9, 8, 3, 11], vec![2, 0, 5, 5]),
    ]
    .iter()
    .map(|(words, parents): &(Vec<u32>, Vec<usize>)| steps.step(words, parents, &ask))
    .collect()
}

fn batch(walk: impl FnOnce(Padded<'_>) -> Vec<Answer>) -> Vec<Answer> {
    let ids = [4, 9, 3, 0, 0, 3, 0, 0, 0, 0, 7, 5, 10, 8, 3, 11, 6, 3, 0, 0];
    walk(Padded {
        ids: &ids,
        lengths: &[3, 1, 5, 3],
        time: 5,
    })
}

fn assert_close(name: &str, found: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(found.len(), wanted.len(), "{name}");
    for (found, wanted) in found.iter().zip(wanted) {
        let error = (found - wanted).abs() / wanted.abs().max(1.0);
        assert!(error <= tolerance, "{name}: {found} is not {wanted}");
    }
}

fn compare(number: usize, steep: f32, precision: Precision, favour: Favour, tolerance: f32) {
    compare_model(&config(number), number, steep, precision, favour, tolerance);
}

fn compare_model(
    config: &ModelConfig,
    number: usize,
    steep: f32,
    precision: Precision,
    favour: Favour,
    tolerance: f32,
) {
    config.check().unwrap();
    // Dividing by the deviation of few units makes errors larger.
    let norms = [config.encoder.layer_norm, config.decoder.layer_norm];
    let tolerance = match norms.iter().flatten().all(|&norm| norm == LayerNorm::Off) {
        true => tolerance,
        false => 3.0 * tolerance,
    };
    let model = model(config, number as u64, 1.5, steep);
    let wanted = batch(|source| walk(&mut Tensors::new(&model, source)));
    let packed = PackedNetwork::new(model.network(), precision, favour);
    let found = batch(|source| walk(&mut *packed.start(source.into())));
    for (step, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        let name = format!("model {number} in {precision:?}, step {step}");
        let all = [&found.log_probabilities, &wanted.log_probabilities];
        assert_close(&name, all[0], all[1], tolerance);
        assert_eq!(found.attention.len(), wanted.attention.len(), "{name}");
        for (found, wanted) in found.attention.iter().zip(&wanted.attention) {
            assert_close(&name, found, wanted, tolerance);
        }
        assert_eq!(found.candidates.len(), wanted.candidates.len());
        for (row, (found, wanted)) in found.candidates.iter().zip(&wanted.candidates).enumerate() {
            assert_eq!(found.len(), wanted.len());
            for (found, wanted) in found.iter().zip(wanted) {
                let said = [found, wanted].map(|candidate| candidate.log_probability);
                assert_close(&name, &said[..1], &said[1..], tolerance);
                let said = all[0][row * 15 + found.token as usize];
                assert_eq!(said, found.log_probability, "{name}");
                assert!(!matches!(found.token, 0 | 2), "{name}: a barred word");
            }
        }
    }
}

#[test]
fn packed_models_say_what_tensors_say() {
    for number in 0..264 {
        for favour in [Favour::Throughput, Favour::Latency] {
            compare(number, 1.0, Precision::Full, favour, 1e-5);
        }
    }
}

#[test]
fn packed_convolutions_say_what_tensors_say() {
    for number in 0..112 {
        for (precision, favour, tolerance) in [
            (Precision::Full, Favour::Latency, 1e-5),
            (Precision::Full, Favour::Throughput, 1e-5),
            (Precision::Int8, Favour::Throughput, 0.25),
        ] {
            compare_model(
                &convolved(number),
                number,
                1.0,
                precision,
                favour,
                tolerance,
            );
        }
    }
}

/// Keys and queries far from what training makes.
#[test]
fn large_keys_and_queries_change_nothing() {
    for steep in [10.0, 30.0] {
        for number in 0..264 {
            compare(number, steep, Precision::Full, Favour::Throughput, 1e-4);
        }
    }
}

#[test]
fn integers_are_near() {
    for number in 0..132 {
        let config = config(number);
        let norms = [config.encoder.layer_norm, config.decoder.layer_norm];
        // The edge of a predicted window may move across a word, with all of its weight.
        if norms.contains(&Some(LayerNorm::Gates)) && config.attention.kind == AttentionKind::LocalP
        {
            continue;
        }
        compare(number, 1.0, Precision::Int8, Favour::Throughput, 0.1);
    }
}

#[test]
fn images_are_read_as_tensors_read_them() {
    let mut config = ModelConfig {
        embedding_size: 6,
        hidden_size: 10,
        ..ModelConfig::default()
    };
    config.encoder.kind = EncoderKind::Image;
    config.encoder.layers = 2;
    config.encoder.channels = Some(3);
    config.encoder.height = Some(8);
    config.attention.coverage = Some(true);
    config.check().unwrap();
    let model = model(&config, 5, 1.5, 1.0);
    let pixel = |place: usize| (place * 2_654_435_761 % 1000) as f32 / 1000.0;
    let pixels: Vec<f32> = (0..4 * 8 * 20).map(pixel).collect();
    let images = Images {
        pixels: &pixels,
        widths: &[20, 3, 12, 17],
        channels: 1,
        height: 8,
        width: 20,
    };
    let wanted = walk(&mut Tensors::new(&model, images));
    let packed = PackedNetwork::new(model.network(), Precision::Full, Favour::Throughput);
    let found = walk(&mut *packed.start(images.into()));
    for (found, wanted) in found.iter().zip(&wanted) {
        let all = [&found.log_probabilities, &wanted.log_probabilities];
        assert_close("images", all[0], all[1], 1e-5);
        assert_eq!(found.attention.len(), wanted.attention.len());
        for (found, wanted) in found.attention.iter().zip(&wanted.attention) {
            assert_close("images", found, wanted, 1e-5);
        }
    }
}
