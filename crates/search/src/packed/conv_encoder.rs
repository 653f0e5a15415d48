//! The encoder of convolutions over words.

use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use network::{Shaped, Values, tree};

use super::convolution::{Gate, HALF, add};
use super::encoder::{Encoded, LastState, starts};
use super::weight::{Affine, Packing, Precision};
use super::words::Words;

/// Word vectors with positions and gated convolutions (Gehring et al., 2017), with packed weights.
#[derive(Debug)]
pub(super) struct ConvEncoder {
    memory: usize,
    words: Words,
    positions: Words,
    layers: Vec<Layer>,
}

/// A packed layer.
#[derive(Debug)]
struct Layer {
    /// How many inputs of `M` numbers an output sees.
    width: usize,
    /// `[width * M, 2M]`
    convolution: Affine,
}

impl ConvEncoder {
    /// Packs an encoder: in full precision whatever the rest is, as it reads a sentence once.
    pub(super) fn new(weights: tree::ConvEncoder<Values>, packing: &Packing) -> Self {
        let packing = &Packing {
            precision: Precision::Full,
            few_rows: false,
            ..*packing
        };
        let (memory, size) = (weights.enter.outputs(), weights.embedding.columns());
        let enter = |bias| Affine::new(&weights.enter.weight.data, size, bias, packing);
        let enter_bias = weights.enter.bias.as_ref().map(|bias| &bias.data[..]);
        let layers = weights.convolutions.iter().map(|layer| {
            let (width, bias) = (layer.width(), Some(&layer.bias.data[..]));
            Layer {
                width,
                convolution: Affine::new(&layer.weight.data, width * memory, bias, packing),
            }
        });
        Self {
            memory,
            words: Words::new(&weights.embedding.data, size, enter(None)),
            positions: Words::new(&weights.positions.table.data, size, enter(enter_bias)),
            layers: layers.collect(),
        }
    }

    /// Encodes `sentences`; none is empty.
    ///
    /// # Panics
    /// When a word is not in the vocabulary.
    pub(super) fn encode(&self, sentences: &[&[u32]]) -> Encoded {
        let starts = starts(sentences.iter().map(|sentence| sentence.len()));
        let entered = self.enter(sentences);
        let mut memory = entered.clone();
        for layer in &self.layers {
            let sums = layer
                .convolution
                .apply(&self.windows(layer, &memory, &starts));
            let mut found = Buffer::new(memory.len());
            let rows = found.chunks_exact_mut(self.memory);
            for (output, sums) in rows.zip(sums.chunks_exact(2 * self.memory)) {
                Gate { sums, output }.run();
            }
            add(&mut found, &memory, HALF);
            memory = found;
        }
        add(&mut memory, &entered, HALF);
        let hidden = means(&memory, &starts, self.memory);
        Encoded {
            memory,
            starts,
            states: vec![LastState {
                hidden,
                cell: Buffer::new(0),
            }],
        }
    }

    /// Returns the input of the first layer, `[all words, M]`: words and their positions.
    fn enter(&self, sentences: &[&[u32]]) -> Buffer {
        let count: usize = sentences.iter().map(|sentence| sentence.len()).sum();
        let mut out = Buffer::new(count * self.memory);
        let last = self.positions.count() - 1;
        let longest = sentences.iter().map(|sentence| sentence.len()).max();
        let places = (0..longest.unwrap_or(0)).map(|place| place.min(last) as u32);
        let positions = self.positions.shares(places);
        let words = self
            .words
            .shares(sentences.iter().copied().flatten().copied());
        let places = sentences.iter().flat_map(|sentence| 0..sentence.len());
        let rows = out.chunks_exact_mut(self.memory).zip(places);
        for (word, (out, place)) in rows.enumerate() {
            let parts = words.row(word).iter().zip(positions.row(place));
            for (out, (word, place)) in out.iter_mut().zip(parts) {
                *out = word + place;
            }
        }
        out
    }

    /// Returns the window of `values` that each output of a layer sees, `[all words, width * M]`: zeros stand around a
    /// sentence, one more behind it than before where the width is even, as PyTorch pads to "same".
    fn windows(&self, layer: &Layer, values: &[f32], starts: &[usize]) -> Buffer {
        let (size, before) = (self.memory, (layer.width - 1) / 2);
        let mut out = Buffer::new(values.len() * layer.width);
        let mut rows = out.chunks_exact_mut(size * layer.width);
        for ends in starts.windows(2) {
            for (word, row) in (ends[0]..ends[1]).zip(rows.by_ref()) {
                for (step, part) in row.chunks_exact_mut(size).enumerate() {
                    let seen = (word + step).checked_sub(before);
                    match seen.filter(|seen| (ends[0]..ends[1]).contains(seen)) {
                        Some(seen) => part.copy_from_slice(&values[seen * size..][..size]),
                        None => part.fill(0.0),
                    }
                }
            }
        }
        out
    }
}

/// The mean vector of each sentence of `memory`, `[B, size]`.
pub(super) fn means(memory: &[f32], starts: &[usize], size: usize) -> Buffer {
    let mut out = Buffer::zeros((starts.len() - 1) * size);
    for (mean, ends) in out.chunks_exact_mut(size.max(1)).zip(starts.windows(2)) {
        for vector in memory[ends[0] * size..ends[1] * size].chunks_exact(size.max(1)) {
            add(mean, vector, 1.0);
        }
        let share = 1.0 / (ends[1] - ends[0]).max(1) as f32;
        mean.iter_mut().for_each(|value| *value *= share);
    }
    out
}
