//! How the decoder reads its memory.

use rayon::prelude::*;
use rten_simd::SimdOp;

use super::attention::{Attend, Compare, Exponentiate};
use super::memory::Memory;
use super::parameters::Energy;
use super::weight::{Affine, Packing};
use crate::buffer::Buffer;

/// A packed attention.
#[derive(Debug)]
pub(super) struct Reader {
    /// What makes keys of the memory; none where the memory serves.
    key: Option<Affine>,
    /// What makes values of the memory; none where the memory serves.
    value: Option<Affine>,
    /// v of an additive energy.
    vector: Option<Vec<f32>>,
    /// What a product of query and key is multiplied by.
    scale: f32,
}

/// What reading needs of each query.
pub(super) struct Queries<'a> {
    /// For each query, itself and what its context is added to, or nothing for zeros; may be overwritten.
    pub rows: &'a mut [f32],
    /// Numbers of a query.
    pub width: usize,
    /// The sentence of each.
    pub sentences: &'a [usize],
    /// Whether the weights are wanted.
    pub attention: bool,
}

impl Reader {
    /// Packs an attention over memory vectors of `memory` numbers; `value` makes values of them. Gives back
    /// the weight and bias that make queries of states, where there is one.
    pub(super) fn new(
        energy: Energy,
        memory: usize,
        value: Option<&[f32]>,
        packing: &Packing,
    ) -> (Self, Option<(Vec<f32>, Vec<f32>)>) {
        let pack = |weight: &[f32]| Affine::new(weight, memory, None, packing);
        let value = value.map(pack);
        let plain = |key, scale| Self {
            key,
            value,
            vector: None,
            scale,
        };
        match energy {
            Energy::Dot { scale } => (plain(None, scale), None),
            Energy::General { key } => (plain(Some(pack(&key)), 1.0), None),
            Energy::Additive {
                key,
                query,
                bias,
                vector,
            } => {
                let key = Some(pack(&key));
                let reader = Self {
                    vector: Some(vector),
                    ..plain(key, 1.0)
                };
                (reader, Some((query, bias)))
            }
        }
    }

    /// Makes keys and values of the sentences that begin at `starts` of `memory`.
    pub(super) fn remember(&self, starts: &[usize], memory: Buffer) -> Memory {
        let width = memory.len() / starts[starts.len() - 1].max(1);
        let product = |weight: &Option<Affine>| match weight {
            Some(weight) => weight.apply(&memory),
            None => memory.clone(),
        };
        let (mut keys, values) = (product(&self.key), product(&self.value));
        let width = self.key.as_ref().map_or(width, Affine::columns);
        let exponential = match self.vector {
            Some(_) => {
                let lengths: Vec<usize> = starts.windows(2).map(|ends| ends[1] - ends[0]).collect();
                let sentences: Vec<&mut [f32]> = split(&mut keys, &lengths, width).collect();
                let change = |keys: &mut [f32]| Exponentiate(keys).dispatch();
                sentences.into_par_iter().map(change).collect()
            }
            None => Vec::new(),
        };
        Memory {
            starts: starts.to_vec(),
            keys,
            exponential,
            values,
            share: Buffer::new(0),
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
        let count = queries.sentences.len();
        let width = contexts.len() / count;
        let least = count.div_ceil(2 * rayon::current_num_threads());
        let stride = queries.rows.len() / count;
        queries
            .rows
            .par_chunks_mut(stride)
            .zip(contexts.par_chunks_mut(width))
            .zip(queries.sentences)
            .with_min_len(least)
            .map_init(Vec::new, |weights, ((query, context), &sentence)| {
                let positions = memory.positions(sentence);
                weights.resize(positions.len(), 0.0);
                let (query, base) = query.split_at_mut(queries.width);
                match base.is_empty() {
                    true => context.fill(0.0),
                    false => context.copy_from_slice(base),
                }
                self.attend(query, sentence, memory, weights, context);
                finish(context);
                match queries.attention {
                    true => weights.clone(),
                    false => Vec::new(),
                }
            })
            .collect()
    }

    fn attend(
        &self,
        query: &mut [f32],
        sentence: usize,
        memory: &Memory,
        weights: &mut [f32],
        context: &mut [f32],
    ) {
        let positions = memory.positions(sentence);
        let (key, value) = (query.len(), context.len());
        let keys = &memory.keys[positions.start * key..positions.end * key];
        let values = &memory.values[positions.start * value..positions.end * value];
        let mut plain;
        let (compare, keys) = match &self.vector {
            None => (Compare::Multiplicative(self.scale), keys),
            Some(vector) if !memory.exponential[sentence] => (Compare::Additive(vector), keys),
            Some(vector) if Exponentiate(query).dispatch() => (Compare::Exponential(vector), keys),
            Some(vector) => {
                // A query out of all proportion: back to the keys themselves.
                plain = Buffer::new(keys.len());
                for (plain, key) in plain.iter_mut().zip(keys) {
                    *plain = key.ln() / 2.0;
                }
                (Compare::Additive(vector), &plain[..])
            }
        };
        Attend {
            compare,
            keys,
            values,
            query,
            weights,
            context,
        }
        .dispatch();
    }
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
