//! The encoder's walk over some sentences in one direction.

use super::weight::Weight;
use kernels::buffer::Buffer;
use network::cell::Cell;
use operations::cell::cpu::{self as cell, Gates, Parameters};

/// One direction of one layer.
#[derive(Debug)]
pub(super) struct Direction {
    pub cell: Cell,
    pub hidden: usize,
    /// `[H, G*H]`
    pub weight: Weight,
    /// Of the cell's gates.
    pub parameters: Parameters<Vec<f32>>,
    pub reverse: bool,
    /// The first hidden and cell states, `[H]`, unless they are zero.
    pub start: Option<(Vec<f32>, Vec<f32>)>,
}

/// Output of a walk.
pub(super) struct Walked {
    /// For each sentence of the walk `[its length, H]`.
    pub outputs: Vec<Buffer>,
    /// `[sentences, H]`
    pub hidden: Vec<f32>,
    /// `[sentences, H]`, LSTM only.
    pub cell: Vec<f32>,
}

impl Direction {
    /// Walks over sentences of `lengths`, the longest first; `projected` gives the input's share of the
    /// gates, `[G*H]`, of a sentence at a time step.
    pub(super) fn walk<'a>(
        &self,
        lengths: &[usize],
        projected: impl Fn(usize, usize) -> &'a [f32],
    ) -> Walked {
        let (count, hidden) = (lengths.len(), self.hidden);
        let own = Gates {
            cell: self.cell,
            parameters: self.parameters.each_ref(),
        };
        let (gates, cell_width) = (own.width(hidden), own.cell_width(hidden));
        let mut outputs: Vec<Buffer> = lengths
            .iter()
            .map(|length| Buffer::new(length * hidden))
            .collect();
        let (mut states, mut cells) = match &self.start {
            Some((hidden, cell)) => (hidden.repeat(count), cell.repeat(count)),
            None => (vec![0.0; count * hidden], vec![0.0; count * cell_width]),
        };
        let (mut new_state, mut new_cell) = (vec![0.0; hidden], vec![0.0; cell_width]);
        let mut recurrent = vec![0.0; count * gates];
        let mut kept = vec![0.0; own.kept(hidden)];
        let longest = lengths.first().copied().unwrap_or(0);
        for step in 0..longest {
            let time = if self.reverse {
                longest - 1 - step
            } else {
                step
            };
            let active = lengths.partition_point(|&length| length > time);
            let recurrent = &mut recurrent[..active * gates];
            if step == 0 && self.start.is_none() {
                // The first state is zero.
                recurrent.fill(0.0);
            } else {
                let left = self.weight.left_alone(&states[..active * hidden]);
                self.weight.multiply(&left, recurrent, false);
            }
            for row in 0..active {
                let state = &mut states[row * hidden..(row + 1) * hidden];
                let cell = &mut cells[row * cell_width..(row + 1) * cell_width];
                own.forward(cell::Forward {
                    projected: projected(row, time),
                    recurrent: &recurrent[row * gates..(row + 1) * gates],
                    previous_hidden: state,
                    previous_cell: cell,
                    kept: &mut kept,
                    cell: &mut new_cell,
                    hidden: &mut new_state,
                });
                state.copy_from_slice(&new_state);
                cell.copy_from_slice(&new_cell);
                outputs[row][time * hidden..(time + 1) * hidden].copy_from_slice(state);
            }
        }
        Walked {
            outputs,
            hidden: states,
            cell: cells,
        }
    }
}
