//! The decoder, one step for any number of rows.

use super::bridge::Bridge;
use super::layer::{Layer, LayerState, gate_order, reorder};
use super::output::Output;
use super::past::Past;
use super::reader::{QueryProjection, Reader};
use super::source::Fixed;
use super::weight::{Affine, Packing};
use super::words::Words;
use kernels::buffer::Buffer;
use kernels::matmul::{Matrix, matmul};
use network::cell::Cell;
use network::kind::Query;
use network::tree::{self, RecurrentDecoder};
use network::{Shaped, Values};

use super::stack::Stack;

/// A decoder with packed weights: embedding, recurrent layers, attention, output layer.
#[derive(Debug)]
pub struct Decoder {
    pub(super) cell: Cell,
    pub(super) hidden: usize,
    pub(super) words: Words,
    pub(super) layers: Vec<Layer>,
    pub(super) feeds: bool,
    /// The fixed context, its share in the order of the layer's gates.
    pub(super) fixed: Option<Fixed>,
    pub(super) stack: Stack,
    pub(super) attention: Option<Attention>,
    /// Projection of the new state: the query's columns, if they are wanted here, then the combination's.
    pub(super) mix: Affine,
    pub(super) bridge: Bridge,
    pub(super) output: Output,
}

/// How a decoder reads its memory.
#[derive(Debug)]
pub(super) struct Attention {
    pub reader: Reader,
    /// Numbers of a query.
    pub width: usize,
    /// Whether [`Decoder::mix`] makes queries.
    pub mixed: bool,
    /// Projection of the contexts of several heads side by side: to a context for a query before the step, else to the
    /// context's share of the combination.
    pub join: Option<Affine>,
    pub before: Option<Before>,
}

/// Weights for a query before the step.
#[derive(Debug)]
pub(super) struct Before {
    /// Projection of states to queries, if there is one.
    pub query: Option<Affine>,
    /// The combination's rows for the context.
    pub combine: Affine,
}

/// The rows of a batch between steps.
#[derive(Clone, Debug)]
pub struct State {
    pub(super) layers: Vec<LayerState>,
    /// `[rows, H]`: the outputs of the last step; empty before the first, when they are zero.
    pub(super) feed: Buffer,
    pub(super) sentences: Vec<usize>,
    pub(super) past: Past,
}

impl State {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.sentences.len()
    }

    /// The sentence of each row.
    pub fn sentences(&self) -> &[usize] {
        &self.sentences
    }
}

/// `[rows, left + right columns]`.
pub(super) fn beside(left: &[f32], right: &[f32], rows: usize) -> Buffer {
    let (left_width, right_width) = (left.len() / rows, right.len() / rows);
    let mut out = Buffer::new(left.len() + right.len());
    for (row, out) in out.chunks_exact_mut(left_width + right_width).enumerate() {
        out[..left_width].copy_from_slice(&left[row * left_width..(row + 1) * left_width]);
        out[left_width..].copy_from_slice(&right[row * right_width..(row + 1) * right_width]);
    }
    out
}

/// `left right`, where both have `size` columns.
pub(super) fn product(left: &[f32], right: &[f32], size: usize) -> Buffer {
    let mut out = Buffer::new(left.len());
    let left = Matrix::new(left, left.len() / size, size);
    matmul(left, Matrix::new(right, size, size), &mut out, false);
    out
}

impl Decoder {
    /// Packs a decoder.
    ///
    /// # Panics
    /// When a list has another length than its documented shape, or there is no layer.
    pub fn new(
        weights: RecurrentDecoder<Values>,
        output: &tree::Output<Values>,
        memory: usize,
        packing: &Packing,
    ) -> Self {
        let (cell, hidden) = (weights.layers[0].cell, weights.layers[0].hidden_size());
        let output = Output::new(output, &weights.embedding, hidden, packing);
        let combine_bias = weights.combine.bias.map_or_else(Vec::new, |bias| bias.data);
        let before = weights.query == Query::Before;
        let order = gate_order(&weights.layers[0], packing);
        let pack = |weight: &[f32], rows: usize, bias: Option<&[f32]>| {
            Affine::new(weight, rows, bias, packing)
        };
        let first = &weights.layers[0];
        let layers = weights.layers.iter().enumerate().map(|(depth, layer)| {
            let input = match depth {
                0 => weights.feed_weight.as_ref().map(|weight| &weight.data[..]),
                _ => Some(&layer.input_weight.data[..]),
            };
            Layer::new(input, layer, packing)
        });
        let (state_rows, context_rows) = weights.combine.weight.data.split_at(hidden * hidden);
        let (attention, mix) = match weights.attention {
            None => (None, pack(state_rows, hidden, Some(&combine_bias))),
            Some(attention) => {
                let value = (!before).then_some(context_rows);
                let join = attention.heads.as_ref().map(|heads| match before {
                    true => pack(&heads.output.weight.data, hidden, None),
                    false => {
                        let output = &heads.output.weight.data;
                        pack(&product(output, context_rows, hidden), hidden, None)
                    }
                });
                let (reader, query) = Reader::new(attention, memory, value, packing);
                let attention = Attention {
                    reader,
                    width: query.as_ref().map_or(hidden, |query| query.bias.len()),
                    mixed: !before && query.is_some(),
                    join,
                    before: before.then(|| Before {
                        query: query
                            .as_ref()
                            .map(|query| pack(&query.weight, hidden, Some(&query.bias))),
                        combine: pack(context_rows, context_rows.len() / hidden, None),
                    }),
                };
                let mix = match query.filter(|_| !before) {
                    None => pack(state_rows, hidden, Some(&combine_bias)),
                    Some(QueryProjection { weight, bias }) => {
                        let bias = [bias, combine_bias].concat();
                        pack(&beside(&weight, state_rows, hidden), hidden, Some(&bias))
                    }
                };
                (Some(attention), mix)
            }
        };
        let input = reorder(&first.input_weight.data, &order);
        let size = weights.embedding.columns();
        let words = pack(&input, size, Some(&reorder(&first.bias.data, &order)));
        Self {
            cell,
            hidden,
            words: Words::new(&weights.embedding.data, size, words),
            layers: layers.collect(),
            feeds: weights.feed_weight.is_some(),
            fixed: weights.context_weight.map(|weight| Fixed {
                share: pack(&reorder(&weight.data, &order), memory, None),
                pool: weights.pool,
            }),
            stack: Stack(weights.stack),
            attention,
            mix,
            bridge: Bridge::new(weights.bridge, memory, packing),
            output,
        }
    }
}
