//! Training signals beside the right words, and the words that a model reads meanwhile.

mod forcing;
mod losses;
mod staged;

use model::attention::AttentionKind;
use model::decoder::DecoderKind;
use model::encoder::EncoderKind;
use model::{Input, ModelConfig, Padded, Pairs};

const WORDS: usize = 10;

/// Three ragged pairs.
const PAIRS: Pairs<'static> = Pairs {
    source: Input::Words(Padded {
        ids: &[4, 8, 7, 3, 5, 3, 0, 0, 6, 4, 3, 0],
        lengths: &[4, 2, 3],
        time: 4,
    }),
    input: Padded {
        ids: &[2, 5, 6, 4, 0, 2, 7, 8, 9, 6, 2, 5, 0, 0, 0],
        lengths: &[4, 5, 2],
        time: 5,
    },
    output: Padded {
        ids: &[5, 6, 4, 3, 0, 7, 8, 9, 6, 3, 5, 3, 0, 0, 0],
        lengths: &[4, 5, 2],
        time: 5,
    },
};

fn config(decoder: DecoderKind, attention: AttentionKind, feeding: bool) -> ModelConfig {
    let mut config = ModelConfig {
        embedding_size: 6,
        hidden_size: 8,
        input_feeding: feeding,
        ..ModelConfig::default()
    };
    config.encoder.kind = EncoderKind::Gru;
    config.decoder.kind = decoder;
    config.attention.kind = attention;
    if ![DecoderKind::Conv, DecoderKind::Cgru].contains(&decoder) {
        config.decoder.layers = 2;
    }
    config
}
