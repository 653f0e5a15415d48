//! Single steps of a decoder for search. A step of one layer is seven launches: what it starts from
//! is gathered, then its gates' product, the cell, the state's products, attention, the output
//! layer's product and the best words.

mod best;
mod gather;
mod weights;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;

use network::cell::Cell;

use super::parameters::{Decoder, State, Words};
use super::steps::{Decoding, Prediction};
use crate::attention::{Memory, gpu as attention};
use crate::cell::gpu as cell;
use crate::gpu::layout::{empty, product, tensor, values};
use crate::gpu::node::Operand;
use gather::{Gather, gather};
use weights::Weights;

/// See [`super::decoding`].
pub(super) fn decoding(
    decoder: &Decoder,
    words: &Words,
    memory: &Memory,
    state: &State,
) -> Option<Box<dyn Decoding>> {
    let weights = Weights::new(decoder, words)?;
    let memory = Sentences::new(&weights, memory);
    let numbers = |values: &Tensor<2>| Operand::new(values.clone()).values();
    let hidden: Vec<CubeTensor> = state.layers.iter().map(|s| numbers(&s.hidden)).collect();
    let cells = state.layers.iter().map(|s| s.cell.as_ref().map(numbers));
    let top = hidden.last()?;
    Some(Box::new(Rows {
        shares: product(top, &weights.state),
        feed: numbers(&state.feed),
        cells: cells.collect(),
        hidden,
        memory,
        weights,
    }))
}

/// The sentences that rows ask.
#[derive(Debug)]
struct Sentences {
    /// `[batch, source, keys]`
    keys: CubeTensor,
    /// The memory times its half of the combination, `[batch, source, hidden]`.
    values: CubeTensor,
    /// 1 at real positions, `[source, batch]`, where anything is padded.
    mask: Option<CubeTensor>,
}

impl Sentences {
    fn new(weights: &Weights, memory: &Memory) -> Self {
        let [batch, length, width] = memory.values.dims();
        let vectors = memory.values.clone().reshape([batch * length, width]);
        let mixed = product(&Operand::new(vectors).values(), &weights.value);
        let size = mixed.meta.shape()[1];
        let mask = memory.lengths.mask();
        Self {
            keys: Operand::new(memory.keys.clone()).values(),
            values: values(tensor::<2>(&mixed).reshape([batch, length, size])),
            mask: mask.map(|mask| Operand::new(mask.clone()).values()),
        }
    }
}

/// A batch on its way.
#[derive(Debug)]
struct Rows {
    weights: Weights,
    memory: Sentences,
    /// Of each layer, bottom first: `[rows, hidden]`.
    hidden: Vec<CubeTensor>,
    /// The same for cells with a memory.
    cells: Vec<Option<CubeTensor>>,
    /// The top state's products, `[rows, keys + hidden + gates * hidden]`.
    shares: CubeTensor,
    /// f, `[rows, hidden]`.
    feed: CubeTensor,
}

impl Rows {
    /// The new rows of `values`, `[rows before, ..]`.
    fn select(values_before: &CubeTensor, places: &Tensor<1, Int>) -> CubeTensor {
        values(tensor::<2>(values_before).select(0, places.clone()))
    }

    /// The layers' step from what [`gather`] found: `recurrent` and `held` are the top layer's.
    /// Layers below it need the `places` of the rows that are continued.
    fn layers(
        &mut self,
        input: &CubeTensor,
        recurrent: &CubeTensor,
        held: Option<CubeTensor>,
        places: Option<Tensor<1, Int>>,
    ) {
        let weights = &self.weights;
        let [rows, size] = [input.meta.shape()[0], weights.size];
        let top = weights.layers.len() - 1;
        let mut projected = product(input, &weights.input);
        for (depth, layer) in weights.layers.iter().enumerate() {
            let own;
            let (before, recurrent) = match &places {
                Some(places) if depth < top => {
                    let hidden = Self::select(&self.hidden[depth], places);
                    own = product(&hidden, &layer.hidden_weight);
                    let cell = &self.cells[depth];
                    let cell = cell.as_ref().map(|cell| Self::select(cell, places));
                    (Some(cell.unwrap_or(hidden)), &own)
                }
                _ => (held.clone(), recurrent),
            };
            if let Some(weight) = &layer.input_weight {
                projected = product(&self.hidden[depth - 1], weight);
            }
            // Only the GRU reads the state before: for others any buffer of that size will do.
            let previous = before.as_ref().unwrap_or(recurrent);
            let has_memory = weights.kind.has_cell_state();
            let hidden = empty(input, [rows, size]);
            let cell = has_memory.then(|| empty(input, [rows, size]));
            cell::forward(&cell::Forward {
                kind: weights.kind,
                rows,
                size,
                projected: (&projected, 0),
                beside: Some(&layer.bias),
                recurrent,
                bias: layer.hidden_bias.as_ref(),
                mask: None,
                previous_hidden: previous,
                previous_cell: before.as_ref().filter(|_| has_memory),
                hidden: &hidden,
                cell: cell.as_ref(),
                kept: None,
                output: None,
                drop: None,
                dropped: None,
                time: (0, 1),
                last: false,
            });
            (self.hidden[depth], self.cells[depth]) = (hidden, cell);
        }
    }
}

impl Decoding for Rows {
    fn look_at(&mut self, memory: &Memory) {
        self.memory = Sentences::new(&self.weights, memory);
    }

    fn step(
        &mut self,
        words: &[u32],
        places: &[usize],
        count: usize,
        everything: bool,
    ) -> Prediction {
        let (rows, size) = (words.len(), self.weights.size);
        let device = tensor::<2>(&self.feed).device();
        let ids = words.iter().map(|&word| word as i32);
        let ids: Vec<i32> = ids
            .chain(places.iter().map(|&place| place as i32))
            .collect();
        let both = Tensor::<1, Int>::from_data(TensorData::new(ids, [2 * rows]), &device);
        let given = both.clone().try_into_primitive::<CubeBackend>();
        // It was made on this GPU.
        let given = given.unwrap_or_else(|error| unreachable!("{error:?}"));

        let top = self.weights.layers.len() - 1;
        let gates = self.weights.kind.gates() * size;
        let like = &self.feed;
        let held = match self.weights.kind {
            Cell::Lstm => self.cells[top].as_ref(),
            Cell::Gru => Some(&self.hidden[top]),
            Cell::Rnn(_) => None,
        };
        let columns = self.weights.input.meta.shape()[0];
        let input = empty(like, [rows, columns]);
        let recurrent = empty(like, [rows, gates]);
        let new_held = held.map(|_| empty(like, [rows, size]));
        gather(&Gather {
            places: &given,
            table: &self.weights.embedding,
            feed: self.weights.feeds.then_some(&self.feed),
            shares: &self.shares,
            held,
            input: &input,
            recurrent: &recurrent,
            new_held: new_held.as_ref(),
        });
        let parents = (top > 0).then(|| both.narrow(0, rows, rows));
        self.layers(&input, &recurrent, new_held, parents);

        let weights = &self.weights;
        self.shares = product(&self.hidden[top], &weights.state);
        let seen = empty(&input, [rows, self.memory.values.meta.shape()[1]]);
        let output = empty(&input, [rows, size]);
        attention::forward(&attention::Forward {
            energy: weights.energy.as_ref(),
            keys: &self.memory.keys,
            values: &self.memory.values,
            mask: self.memory.mask.as_ref(),
            shares: &self.shares,
            query: (!weights.energy.is_additive()).then_some(&self.hidden[top]),
            query_bias: weights.query_bias.as_ref(),
            bias: &weights.combine_bias,
            weights: &seen,
            queries: None,
            output: &output,
        });
        let logits = weights.logits(&output);
        self.feed = output;
        let bias = &weights.output_bias;
        let (words, log_probabilities) = best::best(&logits, bias, count);
        let all = || log_softmax(tensor::<2>(&logits) + tensor::<1>(bias).unsqueeze(), 1);
        Prediction {
            words,
            log_probabilities,
            weights: tensor(&seen),
            everything: everything.then(all),
        }
    }
}
