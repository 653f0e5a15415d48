//! Memory and fixed context of a batch, which all its steps read.

use super::attention_memory::Memory;
use super::encoder::Encoded;
use super::pool::Pool;
use super::reader::Reader;
use super::weight::Affine;
use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use network::{Values, tree};

/// A context that is the same at all steps.
#[derive(Debug)]
pub(super) struct Fixed {
    /// Projection of it to its share of the input of every step.
    pub share: Affine,
    /// Pool that makes it of the memory; without it, it is the top layer's last state.
    pub pool: Option<tree::Pool<Values>>,
}

/// The memory of a batch for a decoder that reads it with `reader` and has the context `fixed`.
pub(super) fn remember(encoded: Encoded, reader: Option<&Reader>, fixed: Option<&Fixed>) -> Memory {
    let (mut share, mut seen) = (Buffer::new(0), Vec::new());
    if let Some(fixed) = fixed {
        share = match &fixed.pool {
            None => fixed.share.apply(&encoded.top().hidden),
            Some(pool) => {
                let (contexts, weights) = pooled(pool, &encoded);
                seen = weights;
                fixed.share.apply(&contexts)
            }
        };
    }
    let memory = match reader {
        Some(reader) => reader.remember(&encoded.starts, encoded.memory),
        None => Memory {
            starts: encoded.starts,
            keys: Buffer::new(0),
            exponential: Vec::new(),
            values: Buffer::new(0),
            share: Buffer::new(0),
            seen: Vec::new(),
        },
    };
    Memory {
        share,
        seen,
        ..memory
    }
}

/// The fixed contexts of all sentences, `[B, M]`, and the weights of their positions.
fn pooled(weights: &tree::Pool<Values>, encoded: &Encoded) -> (Buffer, Vec<Vec<f32>>) {
    let positions = encoded.starts[encoded.sentences()];
    let width = encoded.memory.len() / positions.max(1);
    let mut contexts = Buffer::new(encoded.sentences() * width);
    let sentences = encoded.starts.windows(2);
    let pool = |(ends, context): (&[usize], &mut [f32])| {
        Pool {
            weights,
            memory: &encoded.memory[ends[0] * width..ends[1] * width],
            context,
        }
        .run()
    };
    let seen = sentences
        .zip(contexts.chunks_exact_mut(width.max(1)))
        .map(pool)
        .collect();
    (contexts, seen)
}
