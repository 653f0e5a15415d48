//! The encoder of a batch of sentences.

use super::reader::split;
use super::walk::{Direction, Walked};
use super::weight::{Affine, Packing, Weight};
use super::words::Words;
use kernels::buffer::Buffer;
use kernels::matmul::Matrix;
use kernels::parallel;
use network::cell::Cell;
use network::tree::{RecurrentEncoder, RecurrentLayer};
use network::{Shaped, Values};
use operations::cell::cpu::Parameters;
use operations::operands::Listed;

use super::stack::Stack;

/// Fewer sentences than this a walk do not fill the matrix kernel's registers.
const FEWEST: usize = 8;

/// Recurrent layers over word vectors, with packed weights.
#[derive(Debug)]
pub struct Encoder {
    cell: Cell,
    hidden: usize,
    words: Words,
    /// Of each layer above the first, for all directions side by side.
    inputs: Vec<Affine>,
    layers: Vec<Vec<Direction>>,
    stack: Stack,
    threads: usize,
}

/// The last state of a layer, both directions side by side.
#[derive(Clone, Debug)]
pub(super) struct LastState {
    /// `[B, M]`
    pub hidden: Buffer,
    /// `[B, M]`; empty for cells without a cell state.
    pub cell: Buffer,
}

/// Output of the encoder for a batch of `B` sentences.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The memory of the sentences one after another: `[all their words, M]`.
    pub(super) memory: Buffer,
    /// Where each sentence begins among the words, and the end of the last: `B + 1` numbers.
    pub(super) starts: Vec<usize>,
    /// Of each layer, the lowest first.
    pub(super) states: Vec<LastState>,
}

impl Encoded {
    /// `B`
    pub fn sentences(&self) -> usize {
        self.starts.len() - 1
    }

    /// The highest layer's last state.
    pub(super) fn top(&self) -> &LastState {
        &self.states[self.states.len() - 1]
    }
}

/// Where each sentence begins among all positions, and the end of the last.
pub(super) fn starts(lengths: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut starts = vec![0];
    for length in lengths {
        starts.push(starts[starts.len() - 1] + length);
    }
    starts
}

/// The matrices of several directions side by side, `[rows, sum of their columns]`.
fn beside(directions: &[&RecurrentLayer<Values>], rows: usize) -> Vec<f32> {
    let row = |row: usize| {
        directions.iter().flat_map(move |weights| {
            let columns = weights.bias.data.len();
            &weights.input_weight.data[row * columns..(row + 1) * columns]
        })
    };
    (0..rows).flat_map(row).copied().collect()
}

impl Encoder {
    /// Packs an encoder.
    ///
    /// # Panics
    /// When a list has another length than its documented shape, or there is no layer.
    pub fn new(weights: RecurrentEncoder<Values>, packing: &Packing) -> Self {
        let RecurrentEncoder {
            embedding,
            layers,
            starts,
            stack,
        } = weights;
        let layers: Vec<Vec<&RecurrentLayer<Values>>> = layers
            .iter()
            .map(|layer| {
                std::iter::once(&layer.forward)
                    .chain(&layer.backward)
                    .collect()
            })
            .collect();
        let (cell, hidden) = (layers[0][0].cell, layers[0][0].hidden_size());
        let size = embedding.columns();
        let input = |layer: &[&RecurrentLayer<Values>], rows: usize| {
            let bias: Vec<f32> = layer.iter().flat_map(|w| &w.bias.data).copied().collect();
            Affine::new(&beside(layer, rows), rows, Some(&bias), packing)
        };
        let words = Words::new(&embedding.data, size, input(&layers[0], size));
        let inputs = layers[1..]
            .iter()
            .map(|layer| input(layer, layer.len() * hidden))
            .collect();
        let columns = cell.gates() * hidden;
        let direction = |depth: usize, index: usize, weights: &RecurrentLayer<Values>| Direction {
            cell,
            hidden,
            start: starts.get(depth).map(|start| {
                let of = |states: &[f32]| {
                    let mut parts = states.chunks_exact(hidden);
                    parts.nth(index).map_or_else(Vec::new, <[f32]>::to_vec)
                };
                let cell = start.cell.as_ref();
                (
                    of(&start.hidden.data),
                    cell.map_or_else(Vec::new, |cell| of(&cell.data)),
                )
            }),
            weight: Weight::new(
                Matrix::new(&weights.hidden_weight.data, hidden, columns),
                packing,
            ),
            parameters: Parameters::of(weights).map(|given: Option<&Values>| {
                given.map_or_else(Vec::new, |values| values.data.clone())
            }),
            reverse: index == 1,
        };
        let pack = |(depth, layer): (usize, &Vec<&RecurrentLayer<Values>>)| {
            let directions = layer.iter().enumerate();
            directions
                .map(|(index, weights)| direction(depth, index, weights))
                .collect()
        };
        Self {
            cell,
            hidden,
            words,
            inputs,
            layers: layers.iter().enumerate().map(pack).collect(),
            stack: Stack(stack),
            threads: packing.threads,
        }
    }

    /// Encodes `sentences`, in any order of lengths; none is empty.
    ///
    /// # Panics
    /// When a word is not in the vocabulary.
    pub fn encode(&self, sentences: &[&[u32]]) -> Encoded {
        let starts = starts(sentences.iter().map(|sentence| sentence.len()));
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(sentences[index].len()));
        let (mut memory, mut states) = (Buffer::new(0), Vec::new());
        for (depth, layer) in self.layers.iter().enumerate() {
            let columns = self.cell.gates() * self.hidden;
            let walked = if depth == 0 {
                let shares = self
                    .words
                    .shares(sentences.iter().copied().flatten().copied());
                self.walks(layer, &order, &starts, |word, direction| {
                    &shares.row(word)[direction * columns..(direction + 1) * columns]
                })
            } else {
                let projected = self.inputs[depth - 1].apply(&memory);
                self.walks(layer, &order, &starts, |word, direction| {
                    &projected[(word * layer.len() + direction) * columns..][..columns]
                })
            };
            let (outputs, state) = self.join(layer.len(), &starts, walked);
            memory = self
                .stack
                .finish(depth, &outputs, Some(&memory))
                .unwrap_or(outputs);
            states.push(state);
        }
        Encoded {
            memory,
            starts,
            states,
        }
    }

    /// Walks in every direction, in several groups of sentences at the same time. `projected` gives the
    /// gates' share of a word's place in a direction.
    fn walks<'a, 'p>(
        &self,
        layer: &[Direction],
        order: &'a [usize],
        starts: &[usize],
        projected: impl Fn(usize, usize) -> &'p [f32] + Sync,
    ) -> Vec<(&'a [usize], usize, Walked)> {
        let groups = self.threads.div_ceil(layer.len());
        let size = order.len().div_ceil(groups).next_multiple_of(FEWEST);
        let tasks: Vec<(&[usize], usize)> = order
            .chunks(size.max(1))
            .flat_map(|group| (0..layer.len()).map(move |direction| (group, direction)))
            .collect();
        let run = |group: &'a [usize], direction: usize| {
            let lengths: Vec<usize> = group
                .iter()
                .map(|&index| starts[index + 1] - starts[index])
                .collect();
            let walked = layer[direction].walk(&lengths, |row, time| {
                projected(starts[group[row]] + time, direction)
            });
            (group, direction, walked)
        };
        let mut found: Vec<_> = tasks.iter().map(|_| None).collect();
        let parts = tasks.into_iter().zip(&mut found).collect();
        parallel::each(parts, |((group, direction), found)| {
            *found = Some(run(group, direction));
        });
        found.into_iter().flatten().collect()
    }

    /// Puts the directions side by side, in the order of the sentences.
    fn join(
        &self,
        directions: usize,
        starts: &[usize],
        walked: Vec<(&[usize], usize, Walked)>,
    ) -> (Buffer, LastState) {
        let width = directions * self.hidden;
        let batch = starts.len() - 1;
        let cell_width = if self.cell.has_cell_state() { width } else { 0 };
        let mut memory = Buffer::new(starts[batch] * width);
        let mut state = LastState {
            hidden: Buffer::new(batch * width),
            cell: Buffer::new(batch * cell_width),
        };
        // Of each sentence and direction, its walk and its row there.
        let mut places = vec![(0, 0); batch * directions];
        for (walk, (group, direction, _)) in walked.iter().enumerate() {
            for (row, &index) in group.iter().enumerate() {
                places[index * directions + direction] = (walk, row);
            }
        }
        let lengths: Vec<usize> = starts.windows(2).map(|ends| ends[1] - ends[0]).collect();
        let sentences: Vec<_> = split(&mut memory, &lengths, width).collect();
        let copy = |(memory, places): (&mut [f32], &[(usize, usize)])| {
            for (time, row) in memory.chunks_exact_mut(width).enumerate() {
                for (out, &(walk, place)) in row.chunks_exact_mut(self.hidden).zip(places) {
                    let outputs = &walked[walk].2.outputs[place];
                    out.copy_from_slice(&outputs[time * self.hidden..(time + 1) * self.hidden]);
                }
            }
        };
        let parts = sentences.into_iter().zip(places.chunks(directions));
        parallel::each(parts.collect(), copy);
        for (index, &(walk, place)) in places.iter().enumerate() {
            let to = index * self.hidden..(index + 1) * self.hidden;
            let from = place * self.hidden..(place + 1) * self.hidden;
            let walked = &walked[walk].2;
            state.hidden[to.clone()].copy_from_slice(&walked.hidden[from.clone()]);
            if cell_width > 0 {
                state.cell[to].copy_from_slice(&walked.cell[from]);
            }
        }
        (memory, state)
    }
}
