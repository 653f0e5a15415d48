//! The recurrent encoder.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::{Encoded, InitialState};
use crate::cell::{Cell, RecurrentLayer, State};
use crate::dropout::{Noise, layer_dropout};
use crate::embedding::{embed, embedding_table};
use crate::initial::Initialiser;
use crate::stack::Stack;
use network::ModelConfig;
use network::Padded;
use network::config::RecurrentConfig;
use operations::join::{Order, join};
use operations::lengths::Lengths;
use operations::recurrent::Direction;

/// One layer in one or two directions.
#[derive(Module, Debug)]
pub struct DirectedLayer {
    /// From the first token to the last.
    pub forward: RecurrentLayer,
    /// From each sentence's own last token to the first.
    pub backward: Option<RecurrentLayer>,
}

/// Learned initial state of a layer, from which its walks start.
#[derive(Module, Debug)]
pub struct LearnedState {
    /// Of each direction, `[directions, hidden]`; zero at first.
    pub hidden: Param<Tensor<2>>,
    /// The same for cells with a memory.
    pub cell: Option<Param<Tensor<2>>>,
}

impl LearnedState {
    fn new(initial: &Initialiser, cell: Cell, directions: usize, hidden: usize) -> Self {
        let zeros = || initial.uniform("zero", [directions, hidden], 0.0);
        Self {
            hidden: zeros(),
            cell: cell.has_cell_state().then(zeros),
        }
    }

    /// The state of a direction for `rows` rows.
    fn state(&self, direction: usize, rows: usize) -> State {
        let state = |states: &Param<Tensor<2>>| {
            let state = states.val().narrow(0, direction, 1);
            state.repeat_dim(0, rows)
        };
        State {
            hidden: state(&self.hidden),
            cell: self.cell.as_ref().map(state),
        }
    }
}

/// Embedding and recurrent layers of any cell, in one direction or two. What bridges get of each
/// layer is its last state itself, whatever is done to its output.
#[derive(Module, Debug)]
pub struct RecurrentEncoder {
    /// `[vocabulary, embedding]`.
    pub embedding: Param<Tensor<2>>,
    /// Bottom layer first.
    pub layers: Vec<DirectedLayer>,
    /// Of each layer; empty where walks start from zeros.
    pub starts: Vec<LearnedState>,
    /// Residual connections and layer normalisation of the layers' outputs.
    pub stack: Stack,
}

impl RecurrentEncoder {
    /// The encoder that `config` describes, for a vocabulary of `vocabulary`.
    ///
    /// # Panics
    /// When `config` is of a kind without a cell.
    pub fn new(initial: &Initialiser, config: &ModelConfig, vocabulary: usize) -> Self {
        let part = &config.encoder;
        let cell = part.cell().expect("a recurrent encoder has a cell");
        let bidirectional = part.bidirectional();
        let (embedding, size) = (config.embedding_size, part.memory_size(config.hidden_size));
        let hidden = if bidirectional { size / 2 } else { size };
        let layers = (0..part.layers)
            .map(|layer| {
                let initial = initial.part(&format!("layers.{layer}"));
                let input = if layer == 0 { embedding } else { size };
                let direction =
                    |name| RecurrentLayer::new(&initial.part(name), part, input, hidden);
                DirectedLayer {
                    forward: direction("forward"),
                    backward: bidirectional.then(|| direction("backward")),
                }
            })
            .collect();
        let directions = 1 + usize::from(bidirectional);
        let learned = match part.initial_state.unwrap_or_default() {
            InitialState::Zero => 0,
            InitialState::Learned => part.layers,
        };
        Self {
            embedding: embedding_table(initial, vocabulary, embedding),
            layers,
            starts: (0..learned)
                .map(|_| LearnedState::new(initial, cell, directions, hidden))
                .collect(),
            stack: Stack::new(initial, part, size),
        }
    }

    /// Encodes a batch of sentences. With `noise`, units are dropped.
    pub fn encode(&self, source: Padded<'_>, noise: Option<&Noise>) -> Encoded {
        let lengths = Lengths::new(source.lengths, source.time, &self.embedding.device());
        let mut values = embed(&self.embedding, source, noise);
        let mut states = Vec::with_capacity(self.layers.len());
        let top = self.layers.len() - 1;
        let stack = self.stack.parameters();
        let plain = stack.is_plain(self.layers.len());
        for (depth, layer) in self.layers.iter().enumerate() {
            // Attention reads whole sentences.
            let order = if depth == top && plain {
                Order::BatchMajor
            } else {
                Order::TimeMajor
            };
            let below = stack.keeps(depth).then(|| values.clone());
            if depth > 0 {
                values = layer_dropout(values, noise);
            }
            let run = |layer: &RecurrentLayer, direction| {
                let reverse = direction == Direction::Backward;
                let start = match self.starts.get(depth) {
                    Some(start) => start.state(usize::from(reverse), source.rows()),
                    None => layer.zero_state(source.rows()),
                };
                let layer = layer.parameters();
                layer.run(values.clone(), None, &lengths, direction, start)
            };
            let (forward, last) = run(&layer.forward, Direction::Forward);
            if let Some(backward) = &layer.backward {
                let (backward, first) = run(backward, Direction::Backward);
                values = join(forward, Some(backward), order);
                states.push(beside(last, first));
            } else {
                values = join(forward, None, order);
                states.push(last);
            }
            if !plain {
                values = lengths.clear(stack.finish(depth, values, below));
            }
        }
        Encoded {
            memory: match plain {
                true => values,
                false => join(values, None, Order::BatchMajor),
            },
            states,
            lengths,
        }
    }
}

/// The states of two directions side by side.
fn beside(left: State, right: State) -> State {
    let join = |left: Tensor<2>, right: Tensor<2>| Tensor::cat(vec![left, right], 1);
    State {
        hidden: join(left.hidden, right.hidden),
        cell: left
            .cell
            .zip(right.cell)
            .map(|(left, right)| join(left, right)),
    }
}
