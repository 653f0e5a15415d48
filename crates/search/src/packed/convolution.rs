//! The decoder of convolutions, one step for any number of rows.

use rten_simd::ops::NumOps;
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::Sigmoid;

use super::attention_memory::Memory;
use super::bridge::Bridge;
use super::decoder::product;
use super::encoder::{Encoded, LastState};
use super::output::Output;
use super::past::Past;
use super::reader::{Queries, QueryRows, Reader};
use super::source::{Fixed, remember};
use super::weight::{Affine, Packing};
use super::words::Words;
use super::writer::Writer;
use crate::steps::{Answer, Ask};
use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use kernels::lanes;
use network::tree::{self, Convolution, Heads, Linear};
use network::{Shaped, Values};

/// A sum of two parts of equal variance is multiplied by this (Gehring et al., 2017, section 3.5).
pub(super) const HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Gated convolutions over the words before, each layer with attention (Gehring et al., 2017), with packed weights.
#[derive(Debug)]
pub struct ConvDecoder {
    hidden: usize,
    words: Words,
    positions: Words,
    layers: Vec<Layer>,
    reader: Option<Reader>,
    /// Projection of a layer's queries to those of the heads, with several heads.
    heads: Option<Affine>,
    fixed: Option<Fixed>,
    bridge: Bridge,
    output: Output,
}

/// A packed layer.
#[derive(Debug)]
struct Layer {
    /// How many inputs of `H` numbers an output sees.
    width: usize,
    /// `[width * H, 2H]`
    convolution: Affine,
    asking: Option<LayerAttention>,
}

/// Projections of a layer's attention: of its output to queries, and of contexts to its output.
#[derive(Debug)]
struct LayerAttention {
    /// `[H, H]`
    query: Affine,
    /// `[width of a context, H]`
    context: Affine,
}

/// Inputs of attention that all layers of a step share.
struct LayerQuery<'a> {
    /// Input of the first layer, `[rows, H]`.
    entered: &'a Buffer,
    /// The sentence of each row.
    sentences: &'a [usize],
    memory: &'a Memory,
    /// Whether the weights are wanted.
    attention: bool,
}

/// The rows of a batch between steps.
#[derive(Clone, Debug)]
pub struct ConvState {
    /// The last `width - 1` inputs of each layer side by side, the oldest first: `[rows, (width - 1) * H]`.
    layers: Vec<Buffer>,
    /// How many words were read.
    position: usize,
    /// The sentence of each row.
    sentences: Vec<usize>,
}

impl Layer {
    fn new(
        weights: &Convolution<Values>,
        asking: Option<(&Linear<Values>, &Linear<Values>)>,
        heads: Option<&Heads<Values>>,
        packing: &Packing,
    ) -> Self {
        let (width, hidden) = (weights.width(), weights.bias.data.len() / 2);
        let asking = asking.map(|(query, context)| {
            // W_o and what the layer makes of a context are one product.
            let joined =
                heads.map(|heads| product(&heads.output.weight.data, &context.weight.data, hidden));
            let weight = joined.as_deref().unwrap_or(&context.weight.data);
            let bias = context.bias.as_ref().map(|bias| &bias.data[..]);
            LayerAttention {
                query: Affine::of(query, hidden, packing),
                context: Affine::new(weight, weight.len() / hidden, bias, packing),
            }
        });
        let (weight, bias) = (&weights.weight.data, &weights.bias.data);
        Self {
            width,
            convolution: Affine::new(weight, width * hidden, Some(bias), packing),
            asking,
        }
    }
}

impl ConvDecoder {
    /// Packs a decoder.
    ///
    /// # Panics
    /// When a list has another length than its documented shape.
    pub fn new(
        weights: tree::ConvDecoder<Values>,
        output: &tree::Output<Values>,
        memory: usize,
        packing: &Packing,
    ) -> Self {
        let (hidden, size) = (weights.enter.outputs(), weights.embedding.columns());
        let output = Output::new(output, &weights.embedding, hidden, packing);
        let heads = weights.attention.as_ref().and_then(|one| one.heads.clone());
        let asking = weights.attention.as_ref();
        let asking = asking.and_then(|one| one.query.clone().filter(|_| one.heads.is_some()));
        let enter = |bias| Affine::new(&weights.enter.weight.data, size, bias, packing);
        let enter_bias = weights.enter.bias.as_ref().map(|bias| &bias.data[..]);
        let layers = weights.convolutions.iter().enumerate();
        let layers = layers.map(|(depth, layer)| {
            let asking = weights.queries.get(depth).zip(weights.contexts.get(depth));
            Layer::new(layer, asking, heads.as_ref(), packing)
        });
        Self {
            hidden,
            words: Words::new(&weights.embedding.data, size, enter(None)),
            positions: Words::new(&weights.positions.table.data, size, enter(enter_bias)),
            layers: layers.collect(),
            reader: weights
                .attention
                .map(|attention| Reader::new(attention, memory, None, packing).0),
            heads: asking.map(|query| Affine::of(&query, hidden, packing)),
            fixed: weights.context_weight.map(|weight| Fixed {
                share: Affine::new(&weight.data, memory, None, packing),
                pool: weights.pool,
            }),
            bridge: Bridge::new(weights.bridge, memory, packing),
            output,
        }
    }
}

impl Writer for ConvDecoder {
    type State = ConvState;

    fn start(&self, encoded: Encoded) -> (Memory, ConvState) {
        let sentences = 0..encoded.sentences();
        let states = self
            .bridge
            .states(&encoded, self.layers.len(), self.hidden, false);
        let repeat = |(state, layer): (LastState, &Layer)| {
            let before = (layer.width - 1) * self.hidden;
            let mut out = Buffer::new(encoded.sentences() * before);
            let rows = out.chunks_exact_mut(before.max(1));
            for (row, first) in rows.zip(state.hidden.chunks_exact(self.hidden)) {
                for place in row.chunks_exact_mut(self.hidden) {
                    place.copy_from_slice(first);
                }
            }
            out
        };
        let layers = states.into_iter().zip(&self.layers).map(repeat).collect();
        let memory = remember(encoded, self.reader.as_ref(), self.fixed.as_ref());
        let state = ConvState {
            layers,
            position: 0,
            sentences: sentences.collect(),
        };
        (memory, state)
    }

    fn step(
        &self,
        words: &[u32],
        parents: &[usize],
        memory: &Memory,
        state: &mut Self::State,
        ask: &Ask,
    ) -> Answer {
        assert_eq!(words.len(), parents.len(), "a row has a word and a parent");
        if words.is_empty() {
            return Answer::default();
        }
        let rows = words.len();
        let sentences: Vec<usize> = parents.iter().map(|&row| state.sentences[row]).collect();
        let entered = self.enter(words, state.position, &sentences, memory);
        let mut values = entered.clone();
        let layer_query = LayerQuery {
            entered: &entered,
            sentences: &sentences,
            memory,
            attention: ask.attention,
        };
        let mut attention: Vec<Vec<f32>> = Vec::new();
        let mut layers = Vec::with_capacity(self.layers.len());
        for (layer, before) in self.layers.iter().zip(&state.layers) {
            let (mut found, next) = self.convolve(layer, before, parents, &values);
            layers.push(next);
            if let (Some(reader), Some(asking)) = (&self.reader, &layer.asking) {
                let (context, seen) = self.ask(reader, asking, &found, &layer_query);
                add(&mut found, &context, HALF);
                and(&mut attention, seen);
            }
            add(&mut found, &values, HALF);
            values = found;
        }
        let mut answer = self.output.answer(&values, rows, ask);
        if ask.attention {
            let count = self.layers.len() as f32;
            let weights = attention.iter_mut().flatten();
            weights.for_each(|weight| *weight /= count);
            answer.attention = match memory.seen.is_empty() {
                true => attention,
                false => sentences
                    .iter()
                    .map(|&sentence| memory.seen[sentence].clone())
                    .collect(),
            };
        }
        *state = ConvState {
            layers,
            position: state.position + 1,
            sentences,
        };
        answer
    }
}

impl ConvDecoder {
    /// Returns the input of the first layer, `[rows, H]`: words, their position, and the share of a fixed context.
    fn enter(
        &self,
        words: &[u32],
        position: usize,
        sentences: &[usize],
        memory: &Memory,
    ) -> Buffer {
        let mut out = Buffer::new(words.len() * self.hidden);
        let last = self.positions.count() - 1;
        let place = self.positions.shares([position.min(last) as u32]);
        let shares = self.words.shares(words.iter().copied());
        for (row, out) in out.chunks_exact_mut(self.hidden).enumerate() {
            let parts = shares.row(row).iter().zip(place.row(0));
            for (out, (word, place)) in out.iter_mut().zip(parts) {
                *out = word + place;
            }
            let start = sentences[row] * self.hidden;
            let share = memory.share.get(start..start + self.hidden);
            for (out, share) in out.iter_mut().zip(share.unwrap_or_default()) {
                *out += share;
            }
        }
        out
    }

    /// Returns the output of a layer's convolution, `[rows, H]`, for `values` and the inputs `before`, and the inputs
    /// that the next step sees.
    fn convolve(
        &self,
        layer: &Layer,
        before: &Buffer,
        parents: &[usize],
        values: &[f32],
    ) -> (Buffer, Buffer) {
        let (hidden, kept) = (self.hidden, (layer.width - 1) * self.hidden);
        let mut windows = Buffer::new(parents.len() * (kept + hidden));
        let mut next = Buffer::new(parents.len() * kept);
        let rows = windows.chunks_exact_mut(kept + hidden).zip(parents);
        for ((window, &parent), value) in rows.zip(values.chunks_exact(hidden)) {
            window[..kept].copy_from_slice(&before[parent * kept..(parent + 1) * kept]);
            window[kept..].copy_from_slice(value);
        }
        let rows = windows.chunks_exact(kept + hidden);
        for (next, window) in next.chunks_exact_mut(kept.max(1)).zip(rows) {
            next.copy_from_slice(&window[hidden..]);
        }
        let sums = layer.convolution.apply(&windows);
        let mut found = Buffer::new(values.len());
        let rows = found.chunks_exact_mut(hidden);
        for (output, sums) in rows.zip(sums.chunks_exact(2 * hidden)) {
            Gate { sums, output }.run();
        }
        (found, next)
    }

    /// Returns the projected contexts, `[rows, H]`, that a layer with the output `found` asks for, and the weights.
    fn ask(
        &self,
        reader: &Reader,
        asking: &LayerAttention,
        found: &[f32],
        layer_query: &LayerQuery<'_>,
    ) -> (Buffer, Vec<Vec<f32>>) {
        let LayerQuery {
            entered,
            sentences,
            memory,
            attention,
        } = *layer_query;
        let mut queries = asking.query.apply(found);
        add(&mut queries, entered, 1.0);
        if let Some(heads) = &self.heads {
            queries = heads.apply(&queries);
        }
        let past = Past {
            steps: 0,
            sums: Vec::new(),
        };
        let query_rows = QueryRows {
            states: entered,
            sentences,
            past: &past,
            attention,
        };
        let width = memory.width();
        let mut contexts = Buffer::new(sentences.len() * width);
        let queries = Queries {
            width: queries.len() / sentences.len(),
            rows: &mut queries,
            query_rows: &query_rows,
        };
        let seen = reader.read(queries, memory, &mut contexts, |_| {});
        // A mean of n vectors has 1 / n of their variance (section 3.5).
        let rows = contexts.chunks_exact_mut(width.max(1));
        for (context, length) in rows.zip(memory.lengths(sentences)) {
            let root = (length as f32).sqrt();
            context.iter_mut().for_each(|value| *value *= root);
        }
        (asking.context.apply(&contexts), seen)
    }
}

/// `sums = (sums + more) * factor`
pub(super) fn add(sums: &mut [f32], more: &[f32], factor: f32) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum = (*sum + more) * factor;
    }
}

/// Adds `more` to the weights of each row.
fn and(sums: &mut Vec<Vec<f32>>, more: Vec<Vec<f32>>) {
    if sums.is_empty() {
        *sums = more;
        return;
    }
    for (sums, more) in sums.iter_mut().zip(more) {
        add(sums, &more, 1.0);
    }
}

/// `a * sigmoid(b)` for the halves of a row's sums.
pub(super) struct Gate<'a> {
    /// `[2H]`
    pub sums: &'a [f32],
    /// `[H]`, written.
    pub output: &'a mut [f32],
}

impl SimdOp for Gate<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let (values, gates) = self.sums.split_at(self.output.len());
        lanes::map(
            isa,
            [values, gates],
            [self.output],
            #[inline(always)]
            |[value, gate], _| [ops.mul(value, Sigmoid::apply(isa, gate))],
        );
    }
}
