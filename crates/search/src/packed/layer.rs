//! One layer of the decoder: products with the parents' states, then every row's cell.

use std::ops::Range;

use super::weight::{Left, Packing, Weight};
use kernels::buffer::Buffer;
use kernels::matmul::Matrix;
use kernels::parallel;
use kernels::rows;
use network::Values;
use network::cell::Cell;
use network::tree::RecurrentLayer;
use operations::cell::cpu::{self as cell, Gates, Parameters};
use operations::operands::Listed;

/// Some units of a layer, with all their gates.
#[derive(Debug)]
struct Block {
    units: Range<usize>,
    /// Weight of the layer below (in the first layer: of the input that is fed); `[.., G * units]`.
    input: Option<Weight>,
    /// `[H, G * units]`
    hidden: Weight,
    /// Of the gates of these units.
    parameters: Parameters<Vec<f32>>,
}

/// A packed layer. Its gates lie block by block: all gates of the first block's units, then those of the
/// second's.
#[derive(Debug)]
pub(super) struct Layer {
    cell: Cell,
    hidden: usize,
    /// `[G*H]`, in the layer's order.
    bias: Vec<f32>,
    blocks: Vec<Block>,
}

/// Blocks begin at multiples of this many units: whole vectors on every processor.
const GRAIN: usize = 32;

/// Cuts `units` into at most `count` consecutive blocks of about one width.
fn cut(units: usize, count: usize) -> Vec<Range<usize>> {
    let grains = units.div_ceil(GRAIN);
    let count = count.clamp(1, grains.max(1));
    let edge = |block: usize| (grains * block / count * GRAIN).min(units);
    (0..count)
        .map(|block| edge(block)..edge(block + 1))
        .collect()
}

/// Columns `range` of `data`, `[rows, columns]`.
fn columns_of(data: &[f32], columns: usize, range: &Range<usize>) -> Vec<f32> {
    data.chunks_exact(columns)
        .flat_map(|row| &row[range.clone()])
        .copied()
        .collect()
}

/// The units of each block of a layer. A gate that is normalised has all its units in one.
fn blocks(weights: &RecurrentLayer<Values>, packing: &Packing) -> Vec<Range<usize>> {
    let count = match weights.gate_norm {
        Some(_) => 1,
        None => packing.threads,
    };
    cut(weights.hidden_size(), count)
}

/// The order of the columns of `[.., G*H]` in a packed layer.
pub(super) fn gate_order(weights: &RecurrentLayer<Values>, packing: &Packing) -> Vec<usize> {
    let (gates, hidden) = (weights.cell.gates(), weights.hidden_size());
    let blocks = blocks(weights, packing).into_iter();
    blocks
        .flat_map(|units| {
            (0..gates).flat_map(move |gate| units.clone().map(move |unit| gate * hidden + unit))
        })
        .collect()
}

/// `[.., columns]` with its columns in another order.
pub(super) fn reorder(data: &[f32], order: &[usize]) -> Vec<f32> {
    data.chunks_exact(order.len())
        .flat_map(|row| order.iter().map(|&column| row[column]))
        .collect()
}

/// The states of a layer between steps.
#[derive(Clone, Debug)]
pub(super) struct LayerState {
    /// `[rows, H]`
    pub hidden: Buffer,
    /// `[rows, H]`; empty for cells without a cell state.
    pub cell: Buffer,
}

/// Inputs of a layer in one step. Several rows may continue the same parent, and an origin is a parent that some row
/// continues.
pub(super) struct Inputs<'a> {
    /// First summand of a row's gates, `[G*H]` in the layer's order: the word's share, or the bias.
    pub first: &'a (dyn Fn(usize) -> &'a [f32] + Sync),
    /// Sentences' shares of the gates, or no numbers, and the sentence of each row.
    pub share: Option<(&'a [f32], &'a [usize])>,
    /// Input that is fed, of each origin.
    pub fed: Option<&'a [f32]>,
    /// The new states of the layer below, of each row.
    pub below: Option<&'a [f32]>,
    /// The layer's states of each origin, `[origins, H]`.
    pub origins: &'a [f32],
    /// The origin of each row.
    pub places: &'a [usize],
    /// The cell states of the parents, `[parents, H]`.
    pub cells: &'a [f32],
    /// The parent of each row.
    pub parents: &'a [usize],
}

/// The left-hand sides of a step's products.
struct Products<'a> {
    /// The layer's states of each origin.
    origins: Left<'a>,
    /// Input that is fed, or the output of the layer below.
    input: Option<Left<'a>>,
}

impl Layer {
    /// Packs a layer; `input` is what multiplies the layer below or what is fed.
    pub(super) fn new(
        input: Option<&[f32]>,
        weights: &RecurrentLayer<Values>,
        packing: &Packing,
    ) -> Self {
        let (cell, hidden) = (weights.cell, weights.hidden_size());
        let columns = cell.gates() * hidden;
        let order = gate_order(weights, packing);
        let hidden_weight = reorder(&weights.hidden_weight.data, &order);
        let input = input.map(|weight| reorder(weight, &order));
        let block = |units: Range<usize>| {
            let range = cell.gates() * units.start..cell.gates() * units.end;
            let pack = |weight: &[f32]| {
                let part = columns_of(weight, columns, &range);
                let rows = weight.len() / columns;
                Weight::new(Matrix::new(&part, rows, range.len()), packing)
            };
            Block {
                input: input.as_deref().map(pack),
                hidden: pack(&hidden_weight),
                parameters: Parameters::of(weights).map(|given: Option<&Values>| {
                    given.map_or_else(Vec::new, |values| match weights.gate_norm {
                        Some(_) => values.data.clone(),
                        None => values.data[units.clone()].to_vec(),
                    })
                }),
                units,
            }
        };
        Self {
            cell,
            hidden,
            bias: reorder(&weights.bias.data, &order),
            blocks: blocks(weights, packing).into_iter().map(block).collect(),
        }
    }

    /// Returns the bias, the first summand of the gates of a layer above the first.
    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// The new states of all rows.
    pub(super) fn step(&self, inputs: &Inputs<'_>) -> LayerState {
        let count = inputs.parents.len();
        let has_cell = self.cell.has_cell_state();
        let mut hidden = Buffer::new(count * self.hidden);
        let mut cell = Buffer::new(if has_cell { count * self.hidden } else { 0 });
        let units: Vec<_> = self
            .blocks
            .iter()
            .map(|block| block.units.clone())
            .collect();
        let hiddens = rows::split(&mut hidden, count, 1, &units);
        let cells = match has_cell {
            true => rows::split(&mut cell, count, 1, &units),
            false => units.iter().map(|_| Vec::new()).collect(),
        };
        let tasks: Vec<_> = self.blocks.iter().zip(hiddens).zip(cells).collect();
        let first = &self.blocks[0];
        let input = inputs.fed.or(inputs.below);
        let products = Products {
            origins: first.hidden.left(inputs.origins),
            input: input
                .zip(first.input.as_ref())
                .map(|(a, weight)| weight.left(a)),
        };
        parallel::each(tasks, |((block, hiddens), cells)| {
            self.block_step(block, inputs, &products, hiddens, cells);
        });
        LayerState { hidden, cell }
    }

    fn block_step(
        &self,
        block: &Block,
        inputs: &Inputs<'_>,
        products: &Products<'_>,
        mut hiddens: Vec<&mut [f32]>,
        mut cells: Vec<&mut [f32]>,
    ) {
        let (units, gates) = (&block.units, self.cell.gates());
        let own = Gates {
            cell: self.cell,
            parameters: block.parameters.each_ref(),
        };
        let width = gates * units.len();
        let columns = gates * units.start..gates * units.end;
        let multiply = |weight: &Weight, left: &Left<'_>| {
            let mut out = Buffer::new(left.rows() * width);
            weight.multiply(left, &mut out, false);
            out
        };
        let mut recurrent = multiply(&block.hidden, &products.origins);
        // What is fed belongs to origins, the layer below to rows.
        let (mut fed, mut below) = (None, None);
        if let (Some(weight), Some(left)) = (&block.input, &products.input) {
            if inputs.fed.is_none() {
                below = Some(multiply(weight, left));
            } else if self.cell == Cell::Gru {
                // The reset gate acts on the product with the state alone.
                fed = Some(multiply(weight, left));
            } else {
                weight.multiply(left, &mut recurrent, true);
            }
        }
        let mut projected = vec![0.0; width];
        let mut kept = vec![0.0; own.kept(units.len())];
        for (row, hidden) in hiddens.iter_mut().enumerate() {
            let place = inputs.places[row];
            let of = |index: usize| index * width..(index + 1) * width;
            projected.copy_from_slice(&(inputs.first)(row)[columns.clone()]);
            let mut add = |values: &[f32]| {
                for (sum, value) in projected.iter_mut().zip(values) {
                    *sum += value;
                }
            };
            if let Some(fed) = &fed {
                add(&fed[of(place)]);
            }
            if let Some(below) = &below {
                add(&below[of(row)]);
            }
            if let Some((shares, sentences)) = inputs.share.filter(|(shares, _)| !shares.is_empty())
            {
                let start = sentences[row] * gates * self.hidden;
                add(&shares[start + columns.start..start + columns.end]);
            }
            let previous = place * self.hidden;
            let parent = inputs.parents[row] * self.hidden;
            let (previous_cell, cell): (&[f32], &mut [f32]) = match cells.get_mut(row) {
                Some(cell) => (
                    &inputs.cells[parent + units.start..parent + units.end],
                    cell,
                ),
                None => (&[], &mut []),
            };
            own.forward(cell::Forward {
                projected: &projected,
                recurrent: &recurrent[of(place)],
                previous_hidden: &inputs.origins[previous + units.start..previous + units.end],
                previous_cell,
                kept: &mut kept,
                cell,
                hidden,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_consecutive_and_even() {
        for units in [1, 31, 32, 33, 100, 2800] {
            for count in [1, 2, 3, 8] {
                let ranges = cut(units, count);
                assert!(ranges.len() <= count);
                assert!(ranges.iter().all(|range| !range.is_empty()));
                let all: Vec<usize> = ranges.iter().cloned().flatten().collect();
                assert_eq!(all, (0..units).collect::<Vec<_>>());
                assert!(ranges.iter().all(|range| range.start % GRAIN == 0));
            }
        }
    }
}
