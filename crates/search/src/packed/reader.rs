//! How the decoder reads its memory.

use super::attention_memory::Memory;
use super::exponential::{Exponential, Exponentiate};
use super::heads;
use super::past::Past;
use super::weight::{Affine, Packing};
use super::window::{Look, View, Window};
use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use kernels::parallel;
use network::{Energy, Values, tree};
use operations::attention::cpu::row::{Attend, Compared, Coverage, RowEnergy, Sentence};

/// A packed attention.
#[derive(Debug)]
pub(super) struct Reader {
    /// Projection of the memory to keys; none where the memory serves.
    key: Option<Affine>,
    /// Projection of the memory to values; none where the memory serves.
    value: Option<Affine>,
    energy: Energy<Vec<f32>>,
    /// Factors of a position's sum of weights, where it counts.
    coverage: Option<Vec<f32>>,
    window: Window,
    /// How many attentions there are side by side.
    heads: usize,
    threads: usize,
}

/// Projection of states to queries.
pub(super) struct QueryProjection {
    /// `[H, A]`
    pub weight: Vec<f32>,
    /// `[A]`
    pub bias: Vec<f32>,
}

impl QueryProjection {
    fn of(layer: tree::Linear<Values>) -> Self {
        let width = layer.outputs();
        let bias = layer
            .bias
            .map_or_else(|| vec![0.0; width], |bias| bias.data);
        Self {
            weight: layer.weight.data,
            bias,
        }
    }
}

/// Queries of a read, and the rows that they belong to.
pub(super) struct Queries<'a> {
    /// For each query, itself and what its context is added to, or nothing for zeros; may be overwritten.
    pub rows: &'a mut [f32],
    /// Numbers of a query.
    pub width: usize,
    /// Whose they are.
    pub query_rows: &'a QueryRows<'a>,
}

/// Who asks in a step.
pub(super) struct QueryRows<'a> {
    /// `[queries, H]`
    pub states: &'a Buffer,
    /// The sentence of each.
    pub sentences: &'a [usize],
    /// The steps before of each.
    pub past: &'a Past,
    /// Whether the weights are wanted.
    pub attention: bool,
}

/// One query's place.
struct Place<'a> {
    sentence: usize,
    view: &'a View,
    /// The sums of the weights before; empty where they do not count.
    sums: &'a [f32],
}

impl Reader {
    /// Packs an attention over memory vectors of `memory` numbers; `value` makes values of them. Gives back
    /// what makes queries of states, where states are not queries themselves.
    pub(super) fn new(
        weights: tree::Attention<Values>,
        memory: usize,
        value: Option<&[f32]>,
        packing: &Packing,
    ) -> (Self, Option<QueryProjection>) {
        let pack = |weight: &[f32]| Affine::new(weight, memory, None, packing);
        let heads = weights.heads.as_ref();
        let value = heads
            .map(|heads| &heads.value.weight.data[..])
            .or(value)
            .map(pack);
        let reader = Self {
            key: weights.key.map(|key| pack(&key.weight.data)),
            value,
            energy: weights.energy.map(|vector| vector.data),
            coverage: weights.coverage.map(|coverage| coverage.data),
            window: Window::new(weights.reach, packing),
            heads: heads.map_or(1, |heads| heads.count),
            threads: packing.threads,
        };
        (reader, weights.query.map(QueryProjection::of))
    }

    /// Whether weights depend on those before.
    pub(super) fn covers(&self) -> bool {
        self.coverage.is_some()
    }

    /// Makes keys and values of the sentences that begin at `starts` of `memory`.
    pub(super) fn remember(&self, starts: &[usize], memory: Buffer) -> Memory {
        let width = memory.len() / starts[starts.len() - 1].max(1);
        let product = |weight: &Option<Affine>| match weight {
            Some(weight) => weight.apply(&memory),
            None => memory.clone(),
        };
        let (mut keys, mut values) = (product(&self.key), product(&self.value));
        let width = self.key.as_ref().map_or(width, Affine::columns);
        if self.heads > 1 {
            keys = heads::apart(&keys, starts, self.heads);
            values = heads::apart(&values, starts, self.heads);
        }
        let mut exponential = Vec::new();
        if self.energy.is_additive() {
            exponential.resize(starts.len() - 1, false);
        }
        // Sums of weights would make exponentials overflow.
        if self.energy.is_additive() && !self.covers() {
            let lengths: Vec<usize> = starts.windows(2).map(|ends| ends[1] - ends[0]).collect();
            let sentences = split(&mut keys, &lengths, width).zip(&mut exponential);
            parallel::each(sentences.collect(), |(keys, exponential)| {
                *exponential = Exponentiate(keys).run();
            });
        }
        Memory {
            starts: starts.to_vec(),
            keys,
            exponential,
            values,
            share: Buffer::new(0),
            seen: Vec::new(),
        }
    }

    /// Writes each query's context to its row of `contexts`, then hands the row to `finish`; gives the weights
    /// where they are wanted.
    pub(super) fn read(
        &self,
        queries: Queries<'_>,
        memory: &Memory,
        contexts: &mut [f32],
        finish: impl Fn(&mut [f32]) + Sync,
    ) -> Vec<Vec<f32>> {
        let Queries {
            rows,
            width: query_width,
            query_rows,
        } = queries;
        let QueryRows {
            states,
            sentences,
            past,
            attention,
        } = *query_rows;
        let count = sentences.len();
        let (stride, width) = (rows.len() / count, contexts.len() / count);
        let views = self
            .window
            .views(states, memory.lengths(sentences), past.steps);
        let mut seen = vec![Vec::new(); if attention { count } else { 0 }];
        let size = count.div_ceil(self.threads);
        let mut rest = &mut seen[..];
        let mut parts = Vec::with_capacity(self.threads);
        let chunks = rows.chunks_mut(size * stride);
        for (part, (rows, contexts)) in chunks.zip(contexts.chunks_mut(size * width)).enumerate() {
            let wanted = if attention { rows.len() / stride } else { 0 };
            let (seen, later) = std::mem::take(&mut rest).split_at_mut(wanted);
            rest = later;
            parts.push((part * size, rows, contexts, seen));
        }
        parallel::each(parts, |(first, rows, contexts, seen)| {
            let mut weights = Vec::new();
            let pairs = rows.chunks_exact_mut(stride);
            for (row, (query, context)) in pairs.zip(contexts.chunks_exact_mut(width)).enumerate() {
                let at = first + row;
                let place = Place {
                    sentence: sentences[at],
                    view: &views[at],
                    sums: past.sums.get(at).map_or(&[], |sums| sums),
                };
                weights.clear();
                weights.resize(memory.positions(place.sentence).len(), 0.0);
                let (query, base) = query.split_at_mut(query_width);
                match base.is_empty() {
                    true => context.fill(0.0),
                    false => context.copy_from_slice(base),
                }
                self.attend(query, &place, memory, &mut weights, context);
                finish(context);
                if let Some(seen) = seen.get_mut(row) {
                    seen.clone_from(&weights);
                }
            }
        });
        seen
    }

    fn attend(
        &self,
        query: &mut [f32],
        place: &Place<'_>,
        memory: &Memory,
        weights: &mut [f32],
        context: &mut [f32],
    ) {
        let View { positions, bell } = place.view;
        let start = memory.positions(place.sentence).start;
        let (first, end) = (start + positions.start, start + positions.end);
        let (key, value) = (query.len(), context.len());
        let keys = &memory.keys[first * key..end * key];
        let values = &memory.values[first * value..end * value];
        let energy = self.energy.as_ref().map(|vector| &vector[..]);
        if self.heads > 1 {
            let parts = (keys, values);
            return heads::attend(self.heads, energy, parts, query, weights, context);
        }
        let mut plain;
        let mut keys = keys;
        if let (Energy::Additive(vector), None) = (energy, &self.coverage)
            && memory.exponential[place.sentence]
        {
            if Exponentiate(query).run() {
                let sentence = Sentence {
                    energy: Exponential(vector),
                    keys,
                    memory: values,
                    bell: *bell,
                };
                return answer(sentence, query, &mut weights[positions.clone()], context);
            }
            // A query out of all proportion: back to the keys themselves.
            plain = Buffer::new(keys.len());
            for (plain, key) in plain.iter_mut().zip(keys) {
                *plain = key.ln() / 2.0;
            }
            keys = &plain;
        }
        let coverage = self.coverage.as_ref().map(|vector| Coverage {
            sums: &place.sums[positions.clone()],
            vector,
        });
        let sentence = Sentence {
            energy: Compared { energy, coverage },
            keys,
            memory: values,
            bell: *bell,
        };
        answer(sentence, query, &mut weights[positions.clone()], context);
    }
}

/// Writes the weights of a query and adds its context.
fn answer<E: RowEnergy>(
    sentence: Sentence<'_, E>,
    query: &[f32],
    weights: &mut [f32],
    context: &mut [f32],
) {
    let attend = Attend {
        sentence,
        query,
        weights,
        context,
    };
    attend.run();
}

/// Cuts `data`, `[positions, width]`, into sentences of `lengths`.
pub(super) fn split<'a>(
    mut data: &'a mut [f32],
    lengths: &'a [usize],
    width: usize,
) -> impl Iterator<Item = &'a mut [f32]> {
    lengths.iter().map(move |length| {
        let (sentence, rest) = std::mem::take(&mut data).split_at_mut(length * width);
        data = rest;
        sentence
    })
}
