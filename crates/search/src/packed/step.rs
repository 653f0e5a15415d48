//! The decoder's first state, and its steps.

use std::borrow::Cow;

use super::attention_memory::Memory;
use super::decoder::{Attention, Before, Decoder, State, beside};
use super::encoder::{Encoded, LastState};
use super::layer::{Inputs, LayerState};
use super::past::Past;
use super::reader::{Queries, QueryRows};
use super::source::remember;
use super::weight::Affine;
use super::writer::Writer;
use crate::steps::{Answer, Ask};
use kernels::buffer::Buffer;
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;

/// The rows of a step and where they come from.
struct Lineage<'a> {
    /// The row of the step before that each row continues.
    parents: &'a [usize],
    /// The rows of the step before that some row continues, each once.
    origins: Vec<usize>,
    /// Each row's place in `origins`.
    places: Vec<usize>,
    /// The sentence of each row.
    sentences: Vec<usize>,
}

impl<'a> Lineage<'a> {
    fn new(parents: &'a [usize], before: &State) -> Self {
        let mut known = vec![None; before.rows()];
        let mut origins = Vec::new();
        let place = |&parent: &usize| {
            *known[parent].get_or_insert_with(|| {
                origins.push(parent);
                origins.len() - 1
            })
        };
        let places = parents.iter().map(place).collect();
        Self {
            parents,
            origins,
            places,
            sentences: parents.iter().map(|&row| before.sentences[row]).collect(),
        }
    }

    /// The rows of `data`, `[rows of the step before, width]`, that are origins.
    fn gather<'d>(&self, data: &'d Buffer, width: usize) -> Cow<'d, Buffer> {
        let rows = data.len() / width;
        if self.origins.iter().copied().eq(0..rows) {
            return Cow::Borrowed(data);
        }
        let mut out = Buffer::new(self.origins.len() * width);
        for (out, &row) in out.chunks_exact_mut(width).zip(&self.origins) {
            out.copy_from_slice(&data[row * width..(row + 1) * width]);
        }
        Cow::Owned(out)
    }
}

impl Writer for Decoder {
    type State = State;

    fn start(&self, encoded: Encoded) -> (Memory, State) {
        let sentences = encoded.sentences();
        let has_cell = self.cell.has_cell_state();
        let states = self
            .bridge
            .states(&encoded, self.layers.len(), self.hidden, has_cell);
        let state = |LastState { hidden, cell }| LayerState { hidden, cell };
        let reader = self.attention.as_ref().map(|attention| &attention.reader);
        let memory = remember(encoded, reader, self.fixed.as_ref());
        let sentences: Vec<usize> = (0..sentences).collect();
        let covers = |one: &Attention| one.reader.covers();
        let sums = match self.attention.as_ref().is_some_and(covers) {
            true => memory
                .lengths(&sentences)
                .map(|length| vec![0.0; length])
                .collect(),
            false => Vec::new(),
        };
        let state = State {
            layers: states.into_iter().map(state).collect(),
            feed: Buffer::new(0),
            sentences,
            past: Past { steps: 0, sums },
        };
        (memory, state)
    }

    fn step(
        &self,
        words: &[u32],
        parents: &[usize],
        memory: &Memory,
        state: &mut State,
        ask: &Ask,
    ) -> Answer {
        assert_eq!(words.len(), parents.len(), "a row has a word and a parent");
        if words.is_empty() {
            return Answer::default();
        }
        let lineage = Lineage::new(parents, state);
        let before = state.layers.iter();
        let hidden: Vec<Cow<Buffer>> = before
            .map(|layer| lineage.gather(&layer.hidden, self.hidden))
            .collect();
        let covers = |one: &Attention| one.reader.covers();
        let wanted = ask.attention || self.attention.as_ref().is_some_and(covers);
        let past = state.past.of(parents);
        let (mut fed, mut attention, mut combined) = (None, Vec::new(), None);
        match &self.attention {
            Some(
                reading @ Attention {
                    before: Some(before),
                    ..
                },
            ) => {
                let sentences = lineage.origins.iter().map(|&row| state.sentences[row]);
                let query_rows = QueryRows {
                    states: &hidden[hidden.len() - 1],
                    sentences: &sentences.collect::<Vec<_>>(),
                    past: &state.past.of(&lineage.origins),
                    attention: wanted,
                };
                let (contexts, seen) = reading.ask(before, &query_rows, memory);
                if wanted {
                    let of = |&place: &usize| seen[place].clone();
                    attention = lineage.places.iter().map(of).collect();
                }
                combined = Some(before.combine.apply(&contexts));
                fed = Some(Cow::Owned(contexts));
            }
            _ if self.feeds && !state.feed.is_empty() => {
                fed = Some(lineage.gather(&state.feed, self.hidden));
            }
            _ => {}
        }
        let (layers, finished) = self.layers(
            words,
            &lineage,
            &hidden,
            fed.as_ref().map(|fed| &fed[..]),
            memory,
            state,
        );
        let top = finished
            .as_ref()
            .unwrap_or(&layers[layers.len() - 1].hidden);
        let feed = match &self.attention {
            Some(reading) if reading.before.is_none() => {
                let query_rows = QueryRows {
                    states: top,
                    sentences: &lineage.sentences,
                    past: &past,
                    attention: wanted,
                };
                let (feed, seen) = self.read(reading, &query_rows, memory);
                attention = seen;
                feed
            }
            _ => self.mix(top, combined.as_deref(), &lineage.places),
        };
        let mut answer = self.output.answer(&feed, words.len(), ask);
        let past = past.and(&attention);
        if ask.attention {
            answer.attention = match memory.seen.is_empty() {
                true => attention,
                false => {
                    let of = |&sentence: &usize| memory.seen[sentence].clone();
                    lineage.sentences.iter().map(of).collect()
                }
            };
        }
        *state = State {
            layers,
            feed,
            sentences: lineage.sentences,
            past,
        };
        answer
    }
}

impl Decoder {
    /// The new states of all layers, and what the highest gives where that is not its states.
    fn layers(
        &self,
        words: &[u32],
        lineage: &Lineage<'_>,
        hidden: &[Cow<Buffer>],
        fed: Option<&[f32]>,
        memory: &Memory,
        state: &State,
    ) -> (Vec<LayerState>, Option<Buffer>) {
        let shares = self.words.shares(words.iter().copied());
        let mut layers: Vec<LayerState> = Vec::with_capacity(self.layers.len());
        // What the layer below gives where that is not its states.
        let mut finished: Option<Buffer> = None;
        for (depth, layer) in self.layers.iter().enumerate() {
            let states = layers.last().map(|below| &below.hidden);
            let below = finished.as_ref().or(states).map(|below| &below[..]);
            let word = |row: usize| shares.row(row);
            let bias = |_: usize| layer.bias();
            let new = layer.step(&Inputs {
                first: if depth == 0 { &word } else { &bias },
                share: (depth == 0).then_some((&memory.share[..], &lineage.sentences[..])),
                fed: fed.filter(|_| depth == 0),
                below,
                origins: &hidden[depth],
                places: &lineage.places,
                cells: &state.layers[depth].cell,
                parents: lineage.parents,
            });
            let next = self.stack.finish(depth, &new.hidden, below);
            layers.push(new);
            finished = next;
        }
        (layers, finished)
    }

    /// The outputs of states that ask after the step, and the weights.
    fn read(
        &self,
        reading: &Attention,
        query_rows: &QueryRows<'_>,
        memory: &Memory,
    ) -> (Buffer, Vec<Vec<f32>>) {
        let QueryRows {
            states, sentences, ..
        } = *query_rows;
        let mixed = self.mix.apply(states);
        if let Some(join) = &reading.join {
            return self.read_by_head(reading, join, &mixed, query_rows, memory);
        }
        let mut outputs = Buffer::new(sentences.len() * self.hidden);
        let mut rows = if reading.mixed {
            mixed
        } else {
            // Dot products ask with the state itself.
            beside(states, &mixed, sentences.len())
        };
        let queries = Queries {
            rows: &mut rows,
            width: reading.width,
            query_rows,
        };
        let squash = |row: &mut [f32]| TanhInPlace(row).run();
        let seen = reading.reader.read(queries, memory, &mut outputs, squash);
        (outputs, seen)
    }

    /// As [`Decoder::read`], with several heads: `mixed` has for each row its query and what the contexts' share
    /// is added to.
    fn read_by_head(
        &self,
        reading: &Attention,
        join: &Affine,
        mixed: &[f32],
        query_rows: &QueryRows<'_>,
        memory: &Memory,
    ) -> (Buffer, Vec<Vec<f32>>) {
        let (rows, width) = (query_rows.sentences.len(), reading.width);
        let mixed = mixed.chunks_exact(width + self.hidden);
        let mut queries = Buffer::new(rows * width);
        for (query, mixed) in queries.chunks_exact_mut(width).zip(mixed.clone()) {
            query.copy_from_slice(&mixed[..width]);
        }
        let mut contexts = Buffer::new(rows * width);
        let queries = Queries {
            rows: &mut queries,
            width,
            query_rows,
        };
        let seen = reading.reader.read(queries, memory, &mut contexts, |_| {});
        let mut outputs = join.apply(&contexts);
        for (output, mixed) in outputs.chunks_exact_mut(self.hidden).zip(mixed) {
            for (output, base) in output.iter_mut().zip(&mixed[width..]) {
                *output += base;
            }
        }
        TanhInPlace(&mut outputs).run();
        (outputs, seen)
    }

    /// The outputs of states that ask nothing; `combined` is the contexts' share of each origin.
    fn mix(&self, states: &[f32], combined: Option<&[f32]>, places: &[usize]) -> Buffer {
        let mut outputs = self.mix.apply(states);
        if let Some(combined) = combined {
            for (out, &place) in outputs.chunks_exact_mut(self.hidden).zip(places) {
                let share = &combined[place * self.hidden..(place + 1) * self.hidden];
                for (out, share) in out.iter_mut().zip(share) {
                    *out += share;
                }
            }
        }
        TanhInPlace(&mut outputs).run();
        outputs
    }
}

impl Attention {
    /// Contexts `[queries, M]` of states that ask before the step, and their weights.
    fn ask(
        &self,
        before: &Before,
        query_rows: &QueryRows<'_>,
        memory: &Memory,
    ) -> (Buffer, Vec<Vec<f32>>) {
        let mut rows = match &before.query {
            Some(weight) => weight.apply(query_rows.states),
            None => query_rows.states.clone(),
        };
        let mut contexts = Buffer::new(query_rows.sentences.len() * memory.width());
        let queries = Queries {
            rows: &mut rows,
            width: self.width,
            query_rows,
        };
        let seen = self.reader.read(queries, memory, &mut contexts, |_| {});
        match &self.join {
            Some(join) => (join.apply(&contexts), seen),
            None => (contexts, seen),
        }
    }
}
