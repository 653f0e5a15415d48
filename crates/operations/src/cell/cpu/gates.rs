//! A cell's gates with their parameters, row by row.

mod normalised;

use std::ops::Range;

use super::{Backward, Forward, Pointwise, gru, lstm, rnn};
use crate::operands::operands;
use kernels::instruction_sets::Capped;
use kernels::lanes::column_sums;
use kernels::rows;
use kernels::storage::zeros;
use network::cell::Cell;
use network::tree::RecurrentLayer;

operands! {
    /// One of something for each parameter of a cell's gates, beside the weights of their products.
    pub struct Parameters {
        /// `[H]`: the bias inside the GRU's reset product; nothing for other cells.
        hidden_bias,
        /// `[G*H]`, of gates that are normalised.
        gain,
        /// As `gain`.
        norm_bias,
    }
}

impl<T: Default> Parameters<T> {
    /// Of a cell without others.
    pub fn of_hidden_bias(hidden_bias: T) -> Self {
        Self {
            hidden_bias,
            gain: T::default(),
            norm_bias: T::default(),
        }
    }
}

impl Parameters<Vec<f32>> {
    /// Borrowed.
    pub fn each_ref(&self) -> Parameters<&[f32]> {
        Parameters {
            hidden_bias: &self.hidden_bias,
            gain: &self.gain,
            norm_bias: &self.norm_bias,
        }
    }
}

impl<'a, T> Parameters<Option<&'a T>> {
    /// Of a layer.
    pub fn of(layer: &'a RecurrentLayer<T>) -> Self {
        let norm = layer.gate_norm.as_ref();
        Self {
            hidden_bias: layer.hidden_bias.as_ref(),
            gain: norm.map(|norm| &norm.gain),
            norm_bias: norm.map(|norm| &norm.bias),
        }
    }
}

/// A cell with the parameters of its gates.
#[derive(Clone, Copy, Debug)]
pub struct Gates<'a> {
    /// The formula.
    pub cell: Cell,
    /// Empty where the cell has none.
    pub parameters: Parameters<&'a [f32]>,
}

impl Gates<'_> {
    /// Refuses parameters of other sizes than those of `hidden` units.
    ///
    /// # Panics
    /// When there are such.
    pub fn check(&self, hidden: usize) {
        let hidden_bias = if self.cell.has_hidden_bias() {
            hidden
        } else {
            0
        };
        assert_eq!(
            self.parameters.hidden_bias.len(),
            hidden_bias,
            "hidden_bias is [H] for the GRU, else empty"
        );
        for values in [self.parameters.gain, self.parameters.norm_bias] {
            let expected = if self.normalises() {
                self.width(hidden)
            } else {
                0
            };
            assert_eq!(
                values.len(),
                expected,
                "gain and norm_bias are [G*H] or empty"
            );
        }
    }

    /// Whether sums are normalised before the nonlinearities.
    fn normalises(&self) -> bool {
        !self.parameters.gain.is_empty()
    }

    /// Numbers of a row's gates, `G*H`.
    pub fn width(&self, hidden: usize) -> usize {
        self.cell.gates() * hidden
    }

    /// The same where the gradients at the projected input and at the hidden product differ, else 0.
    pub fn own_width(&self, hidden: usize) -> usize {
        match self.cell.has_own_recurrent_gradient() {
            true => self.width(hidden),
            false => 0,
        }
    }

    /// Numbers of a row's cell state, 0 without one.
    pub fn cell_width(&self, hidden: usize) -> usize {
        match self.cell.has_cell_state() {
            true => hidden,
            false => 0,
        }
    }

    /// Numbers that a row keeps of a step for the backward pass, besides its states.
    pub fn kept(&self, hidden: usize) -> usize {
        let own = match self.normalises() {
            true => normalised::kept(self.cell, hidden),
            false => 0,
        };
        self.cell.kept() * hidden + own
    }

    /// Computes one row's new state.
    pub fn forward(&self, row: Forward) {
        if self.normalises() {
            return normalised::forward(self.cell, &self.parameters, row);
        }
        let hidden_bias = self.parameters.hidden_bias;
        match self.cell {
            Cell::Rnn(nonlinearity) => rnn::RowForward { nonlinearity, row }.run(),
            Cell::Gru => gru::RowForward { hidden_bias, row }.run(),
            Cell::Lstm => lstm::RowForward(row).run(),
        }
    }

    /// Computes one row's gradients before the products with the transposed weights.
    pub fn backward(&self, row: Backward) {
        if self.normalises() {
            return normalised::backward(self.cell, &self.parameters, row);
        }
        match self.cell {
            Cell::Rnn(nonlinearity) => rnn::RowBackward { nonlinearity, row }.run(),
            Cell::Gru => gru::RowBackward(row).run(),
            Cell::Lstm => lstm::RowBackward(row).run(),
        }
    }
}

/// Gradients that go from step to step on the way back, of every row of a batch.
#[derive(Clone, Debug)]
pub struct Carried {
    /// `[B, H]`: of the state.
    pub hidden: Vec<f32>,
    /// `[B, H]`: of the cell state, LSTM only.
    pub cell: Vec<f32>,
    /// `[B, 2*G*H]`: of a normalisation's gains and biases, one sum a row; empty without one.
    sums: Vec<f32>,
}

impl Carried {
    /// Zeros for a batch of `batch` rows.
    pub fn zeros(gates: &Gates, batch: usize, hidden: usize) -> Self {
        Self {
            hidden: zeros(batch * hidden),
            cell: zeros(batch * gates.cell_width(hidden)),
            sums: zeros(batch * 2 * gates.parameters.gain.len()),
        }
    }

    /// The gradients after the walk back, with those of the hidden products of all steps, `[T, B, own_width]`.
    pub fn finish(self, gates: &Gates, recurrent: &[f32], hidden: usize) -> Gradients {
        let own = gates.own_width(hidden);
        let width = gates.parameters.gain.len();
        let mut gain = column_sums(&self.sums, 2 * width);
        let norm_bias = gain.split_off(width);
        Gradients {
            parameters: Parameters {
                gain,
                norm_bias,
                // The bias inside the reset product is the new gate's.
                hidden_bias: column_sums(recurrent, own).split_off(own / 3 * 2),
            },
            initial_hidden: self.hidden,
            initial_cell: self.cell,
        }
    }

    /// The rows of each range.
    pub fn parts(&mut self, batch: usize, ranges: &[Range<usize>]) -> Vec<CarriedRows<'_>> {
        let [hidden, cell, sums] =
            [&mut self.hidden, &mut self.cell, &mut self.sums].map(|values| {
                let width = values.len() / batch.max(1);
                rows::pieces(values, width, ranges)
            });
        let rows = hidden.zip(cell).zip(sums);
        rows.map(|((hidden, cell), sums)| CarriedRows { hidden, cell, sums })
            .collect()
    }
}

/// Gradients of a recurrence, but for the weights of its products.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// Of the gates.
    pub parameters: Parameters<Vec<f32>>,
    /// `[B, H]`
    pub initial_hidden: Vec<f32>,
    /// `[B, H]` for the LSTM, else empty.
    pub initial_cell: Vec<f32>,
}

/// What [`Carried`] has of some rows.
#[derive(Debug)]
pub struct CarriedRows<'a> {
    /// `[rows, H]`: in: the gradient of the new state from later steps; out: of the previous state by ways that do not
    /// pass through the hidden weight.
    pub hidden: &'a mut [f32],
    /// `[rows, H]`: in: the gradient of the new cell state; out: of the previous one. LSTM only.
    pub cell: &'a mut [f32],
    /// `[rows, 2*G*H]`, added to: of gains, then of biases; empty without them.
    sums: &'a mut [f32],
}

impl CarriedRows<'_> {
    /// What it has of one of its rows, of `hidden` units.
    pub fn row(&mut self, row: usize, hidden: usize) -> CarriedRows<'_> {
        let rows = self.hidden.len() / hidden;
        let of = |width: usize| row * width..(row + 1) * width;
        let (cells, sums) = (self.cell.len() / rows, self.sums.len() / rows);
        CarriedRows {
            hidden: &mut self.hidden[of(hidden)],
            cell: &mut self.cell[of(cells)],
            sums: &mut self.sums[of(sums)],
        }
    }
}
