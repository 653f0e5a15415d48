//! Search.

use burn::tensor::Device;
use model::attention::AttentionKind;
use model::cell::CellKind;
use model::search::{beam, greedy};
use model::{Hypothesis, Marks, ModelConfig, SearchConfig, Seq2Seq, parameters};

use crate::device::gpu;
use crate::{SOURCE, WORDS, sized};

pub const MARKS: Marks = Marks {
    pad: 0,
    unknown: 1,
    start: 2,
    end: 3,
};

/// A model whose predictions are far apart.
pub fn peaked(config: &ModelConfig, device: &Device) -> Seq2Seq {
    let model = Seq2Seq::new(config, WORDS, WORDS, 5, device).unwrap();
    let mut values = parameters::collect(&model);
    for (name, values) in &mut values {
        let factor = match name.as_str() {
            "output.weight" => 3.0,
            name if name.ends_with("embedding") => 8.0,
            _ => 2.5,
        };
        values.data.iter_mut().for_each(|value| *value *= factor);
    }
    parameters::place(model, values).unwrap()
}

fn assert_same(found: &[Hypothesis], wanted: &[Hypothesis]) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found.tokens, wanted.tokens);
        let gap = (found.log_probability - wanted.log_probability).abs();
        assert!(gap < 1e-4, "{found:?} {wanted:?}");
        assert_eq!(found.attention.len(), wanted.attention.len());
        let weights = |of: &Hypothesis| of.attention.concat();
        for (found, wanted) in weights(found).iter().zip(weights(wanted)) {
            assert!((found - wanted).abs() < 1e-4, "{found} is not {wanted}");
        }
    }
}

fn agree(config: ModelConfig) {
    let Some((gpu, _guard)) = gpu() else { return };
    let config = sized(config);
    let [wanted, found] = [&Device::flex(), &gpu].map(|device| {
        let model = peaked(&config, device);
        let search = SearchConfig {
            beam: 3,
            max_length: 6,
            ..SearchConfig::default()
        };
        let greedily = greedy(&model, SOURCE, &search, &MARKS, true);
        let beams = beam(&model, SOURCE, &search, &MARKS, 3, true);
        (greedily, beams)
    });
    assert!(wanted.1.iter().any(|found| found[0].tokens.len() > 2));
    assert_same(&found.0, &wanted.0);
    for (found, wanted) in found.1.iter().zip(&wanted.1) {
        assert_same(found, wanted);
    }
}

#[test]
fn long_short_term_memory_with_additive_attention() {
    agree(ModelConfig::default());
}

#[test]
fn two_gated_layers_with_bilinear_attention_without_feeding() {
    let mut config = ModelConfig::default();
    config.encoder.kind = CellKind::Gru.into();
    config.decoder.kind = CellKind::Gru.into();
    config.decoder.layers = 2;
    config.attention.kind = AttentionKind::LuongGeneral;
    config.input_feeding = false;
    agree(config);
}

#[test]
fn simple_layers_with_dot_product_attention_and_one_embedding() {
    let mut config = ModelConfig::default();
    config.encoder.kind = CellKind::Rnn.into();
    config.decoder.kind = CellKind::Rnn.into();
    config.attention.kind = AttentionKind::LuongDot;
    config.tie_embeddings = true;
    agree(config);
}

#[test]
fn two_layers_with_concatenated_attention() {
    let mut config = ModelConfig::default();
    config.decoder.layers = 2;
    config.attention.kind = AttentionKind::LuongConcat;
    agree(config);
}
