//! Several attentions side by side.

use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use network::Energy;
use operations::attention::cpu::row::{Attend, Compared, Sentence};

/// `data`, `[positions, width]`, of the sentences that begin at `starts`, with the numbers of a sentence's first head
/// at all positions first, then those of the next.
pub(super) fn apart(data: &Buffer, starts: &[usize], heads: usize) -> Buffer {
    let positions = starts[starts.len() - 1];
    let width = data.len() / positions.max(1);
    let size = width / heads;
    let mut out = Buffer::new(data.len());
    let mut parts = out.chunks_exact_mut(size.max(1));
    for ends in starts.windows(2) {
        for head in 0..heads {
            for (position, part) in (ends[0]..ends[1]).zip(&mut parts) {
                let start = position * width + head * size;
                part.copy_from_slice(&data[start..start + size]);
            }
        }
    }
    out
}

/// Writes the contexts of all heads side by side, and the mean of their weights to `weights`, which were zero. Keys and
/// values are one sentence's, laid [`apart`].
pub(super) fn attend(
    heads: usize,
    energy: Energy<&[f32]>,
    (keys, values): (&[f32], &[f32]),
    query: &[f32],
    weights: &mut [f32],
    context: &mut [f32],
) {
    let (size, count) = (query.len() / heads, weights.len());
    let mut own = vec![0.0; count];
    let parts = keys
        .chunks_exact(count * size)
        .zip(values.chunks_exact(count * size));
    let rows = query.chunks_exact(size).zip(context.chunks_exact_mut(size));
    for ((keys, values), (query, context)) in parts.zip(rows) {
        Attend {
            sentence: Sentence {
                energy: Compared {
                    energy,
                    coverage: None,
                },
                keys,
                memory: values,
                bell: None,
            },
            query,
            weights: &mut own,
            context,
        }
        .run();
        for (mean, weight) in weights.iter_mut().zip(&own) {
            *mean += weight / heads as f32;
        }
    }
}
