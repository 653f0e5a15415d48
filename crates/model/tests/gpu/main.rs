//! The fused operations of a GPU.

#![cfg(all(feature = "wgpu", not(feature = "fusion")))]

mod counts;
mod device;
mod kernels;
#[path = "../operations/mod.rs"]
mod operations;
mod optimiser;
mod search;
mod whole;

use model::{Input, ModelConfig, Padded, Pairs};

/// As many source as target words, and as many units as words: equal shapes are compiled once.
const WORDS: usize = 16;

/// Padded source sentences, one of a single token.
const SOURCE: Padded<'static> = Padded {
    ids: &[4, 9, 7, 3, 8, 6, 3, 0, 3, 0, 0, 0, 5, 5, 11, 3],
    lengths: &[4, 3, 1, 4],
    time: 4,
};

/// Four ragged pairs.
const PAIRS: Pairs<'static> = Pairs {
    source: Input::Words(SOURCE),
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
};

/// A model of this size.
fn sized(config: ModelConfig) -> ModelConfig {
    let config = ModelConfig {
        embedding_size: WORDS,
        hidden_size: WORDS,
        ..config
    };
    config.effective()
}
