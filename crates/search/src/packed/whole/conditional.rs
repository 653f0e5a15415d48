//! The conditional GRU, one step for any number of rows.

use kernels::buffer::Buffer;
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;
use network::{Shaped, Values, tree};

use crate::packed::attention_memory::Memory;
use crate::packed::bridge::Bridge;
use crate::packed::encoder::Encoded;
use crate::packed::layer::{Inputs, Layer, gate_order, reorder};
use crate::packed::output::Output;
use crate::packed::past::Past;
use crate::packed::reader::{Queries, QueryRows, Reader};
use crate::packed::source::remember;
use crate::packed::weight::{Affine, Packing};
use crate::packed::words::Words;
use crate::packed::writer::Writer;
use crate::steps::{Answer, Ask};

/// A packed decoder of two transitions round the attention.
#[derive(Debug)]
pub(super) struct ConditionalDecoder {
    hidden: usize,
    words: Words,
    first: Layer,
    second: Layer,
    reader: Reader,
    /// Projection of states to queries; none where states are queries.
    query: Option<Affine>,
    /// Projection of several heads' contexts side by side to a context.
    join: Option<Affine>,
    /// The combination's rows for the state, with its bias.
    for_state: Affine,
    /// The combination's rows for the context.
    for_context: Affine,
    bridge: Bridge,
    output: Output,
}

/// The rows of a batch between steps.
#[derive(Clone, Debug)]
pub(super) struct ConditionalState {
    /// `[rows, H]`
    hidden: Buffer,
    /// The sentence of each row.
    sentences: Vec<usize>,
    past: Past,
}

impl ConditionalDecoder {
    /// Packs a decoder.
    ///
    /// # Panics
    /// When it has other than two transitions and an attention.
    pub fn new(
        weights: tree::ConditionalDecoder<Values>,
        output: &tree::Output<Values>,
        memory: usize,
        packing: &Packing,
    ) -> Self {
        let ([first, second], Some(attention)) = (&weights.layers[..], weights.attention) else {
            panic!("a conditional decoder has two transitions and an attention");
        };
        let hidden = first.hidden_size();
        let order = gate_order(first, packing);
        let size = weights.embedding.columns();
        let words = Affine::new(
            &reorder(&first.input_weight.data, &order),
            size,
            Some(&reorder(&first.bias.data, &order)),
            packing,
        );
        let (state_rows, context_rows) = weights.combine.weight.data.split_at(hidden * hidden);
        let combine_bias = weights.combine.bias.as_ref().map(|bias| &bias.data[..]);
        let context_size = context_rows.len() / hidden;
        let heads = attention.heads.as_ref();
        let join = heads.map(|heads| Affine::of(&heads.output, heads.output.inputs(), packing));
        let (reader, query) = Reader::new(attention, memory, None, packing);
        let context_weight = Some(&second.input_weight.data[..]);
        Self {
            hidden,
            words: Words::new(&weights.embedding.data, size, words),
            first: Layer::new(None, first, packing),
            second: Layer::new(context_weight, second, packing),
            reader,
            query: query
                .map(|query| Affine::new(&query.weight, hidden, Some(&query.bias), packing)),
            join,
            for_state: Affine::new(state_rows, hidden, combine_bias, packing),
            for_context: Affine::new(context_rows, context_size, None, packing),
            bridge: Bridge::new(weights.bridge, memory, packing),
            output: Output::new(output, &weights.embedding, hidden, packing),
        }
    }

    /// The contexts of rows whose first transition gave `query_rows.states`, and their weights.
    fn contexts(&self, query_rows: &QueryRows<'_>, memory: &Memory) -> (Buffer, Vec<Vec<f32>>) {
        let mut queries = match &self.query {
            Some(query) => query.apply(query_rows.states),
            None => query_rows.states.clone(),
        };
        let rows = query_rows.sentences.len();
        let mut contexts = Buffer::new(rows * memory.width());
        let queries = Queries {
            width: queries.len() / rows,
            rows: &mut queries,
            query_rows,
        };
        let seen = self.reader.read(queries, memory, &mut contexts, |_| {});
        match &self.join {
            Some(join) => (join.apply(&contexts), seen),
            None => (contexts, seen),
        }
    }
}

/// The states after a transition from `before`, `[rows, H]`; `first` is what each of `rows` has its gates begin with.
fn transition<'a>(
    layer: &Layer,
    rows: &'a [usize],
    first: &'a (dyn Fn(usize) -> &'a [f32] + Sync),
    below: Option<&'a [f32]>,
    before: &'a [f32],
) -> Buffer {
    let inputs = Inputs {
        first,
        share: None,
        fed: None,
        below,
        origins: before,
        places: rows,
        cells: &[],
        parents: rows,
    };
    layer.step(&inputs).hidden
}

impl Writer for ConditionalDecoder {
    type State = ConditionalState;

    fn start(&self, encoded: Encoded) -> (Memory, ConditionalState) {
        let mut states = self.bridge.states(&encoded, 1, self.hidden, false);
        let hidden = states.remove(0).hidden;
        let sentences: Vec<usize> = (0..encoded.sentences()).collect();
        let memory = remember(encoded, Some(&self.reader), None);
        let sums = match self.reader.covers() {
            true => {
                let lengths = memory.lengths(&sentences);
                lengths.map(|length| vec![0.0; length]).collect()
            }
            false => Vec::new(),
        };
        let state = ConditionalState {
            hidden,
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
        state: &mut ConditionalState,
        ask: &Ask,
    ) -> Answer {
        assert_eq!(words.len(), parents.len(), "a row has a word and a parent");
        if words.is_empty() {
            return Answer::default();
        }
        let mut before = Buffer::new(words.len() * self.hidden);
        for (row, &parent) in before.chunks_exact_mut(self.hidden).zip(parents) {
            row.copy_from_slice(&state.hidden[parent * self.hidden..][..self.hidden]);
        }
        let rows: Vec<usize> = (0..words.len()).collect();
        let sentences: Vec<usize> = parents.iter().map(|&row| state.sentences[row]).collect();
        let past = state.past.of(parents);
        let shares = self.words.shares(words.iter().copied());
        let word = |row: usize| shares.row(row);
        let asking = transition(&self.first, &rows, &word, None, &before);
        drop(shares);
        let query_rows = QueryRows {
            states: &asking,
            sentences: &sentences,
            past: &past,
            attention: ask.attention || self.reader.covers(),
        };
        let (contexts, seen) = self.contexts(&query_rows, memory);
        let bias = |_: usize| self.second.bias();
        let hidden = transition(&self.second, &rows, &bias, Some(&contexts), &asking);
        let mut outputs = self.for_state.apply(&hidden);
        let of_contexts = self.for_context.apply(&contexts);
        for (output, share) in outputs.iter_mut().zip(of_contexts.iter()) {
            *output += share;
        }
        TanhInPlace(&mut outputs).run();
        let mut answer = self.output.answer(&outputs, words.len(), ask);
        let past = past.and(&seen);
        if ask.attention {
            answer.attention = seen;
        }
        *state = ConditionalState {
            hidden,
            sentences,
            past,
        };
        answer
    }
}
