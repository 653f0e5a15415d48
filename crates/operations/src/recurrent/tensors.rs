//! On tensors.

use burn::tensor::Tensor;

use super::cpu::{Inputs, Saved, Shape, backward, forward};
#[cfg(gpu)]
use super::gpu;
use super::reference;
use crate::affine::{Activation, affine};
use crate::cell::cpu::Parameters;
use crate::cell::{Cell, Recurrence, State};
use crate::host::{Back, Operand, Operation, apply};
use crate::lengths::Lengths;
use crate::operands::{Listed, operands};
use crate::path::{Path, path};

/// Which way a layer walks over a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the first token to the last.
    Forward,
    /// From each sentence's own last token to its first.
    Backward,
}

/// Parameters of a recurrent layer. Gates lie side by side in PyTorch's order.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The formula.
    pub cell: Cell,
    /// `[input, gates * hidden]`.
    pub input_weight: Tensor<2>,
    /// `[gates * hidden]`.
    pub bias: Tensor<1>,
    /// Recurrent weights, which multiply the hidden state.
    pub recurrence: Recurrence,
}

impl Layer {
    /// The input's share of the gates: `[rows, input]` to `[rows, gates * hidden]`.
    pub fn project(&self, input: Tensor<2>) -> Tensor<2> {
        let (weight, bias) = (self.input_weight.clone(), self.bias.clone());
        affine(input, weight, Some(bias), Activation::Identity)
    }

    /// Runs the layer over `inputs`, `[time, batch, input]`, with `beside`, `[batch, gates * hidden]`, added to the
    /// gates of every step. See [`recurrent`].
    pub fn run(
        &self,
        inputs: Tensor<3>,
        beside: Option<Tensor<2>>,
        lengths: &Lengths,
        direction: Direction,
        start: State,
    ) -> (Tensor<3>, State) {
        let [time, rows, size] = inputs.dims();
        let projected = self.project(inputs.reshape([time * rows, size]));
        let columns = projected.dims()[1];
        let mut projected = projected.reshape([time, rows, columns]);
        if let Some(beside) = beside {
            projected = projected + beside.unsqueeze();
        }
        recurrent(
            self.cell,
            &self.recurrence,
            projected,
            lengths,
            direction,
            start,
        )
    }
}

/// Runs a cell over `projected`, `[time, batch, gates * hidden]`, from `start`.
///
/// Returns the hidden states `[time, batch, hidden]`, zero at padding, and the last state. Padding
/// never changes a state: it is held there.
pub fn recurrent(
    cell: Cell,
    weights: &Recurrence,
    projected: Tensor<3>,
    lengths: &Lengths,
    direction: Direction,
    start: State,
) -> (Tensor<3>, State) {
    match path(&projected) {
        Path::Host => fused(cell, weights, projected, lengths, direction, start),
        #[cfg(gpu)]
        Path::Gpu if weights.fits_gpu() => {
            gpu::recurrent(cell, weights, projected, lengths, direction, start)
        }
        _ => reference::recurrent(cell, weights, projected, lengths, direction, start),
    }
}

operands! {
    /// Operands of a layer, on the host and on a GPU.
    pub(super) struct Operands {
        projected,
        hidden_weight,
        initial_hidden,
        initial_cell,
    }
    with {
        parameters: Parameters,
    }
}

pub(super) const OPERANDS: usize = Operands::<()>::COUNT;

#[derive(Debug, Clone)]
struct Recurrent {
    cell: Cell,
    shape: Shape,
    lengths: Vec<usize>,
    direction: Direction,
}

impl Recurrent {
    fn inputs<'a>(&'a self, operands: [&'a [f32]; OPERANDS]) -> Inputs<'a> {
        let given = Operands::from_array(operands);
        Inputs {
            projected: given.projected,
            hidden_weight: given.hidden_weight,
            parameters: given.parameters,
            initial_hidden: given.initial_hidden,
            initial_cell: given.initial_cell,
            lengths: &self.lengths,
            reverse: self.direction == Direction::Backward,
        }
    }
}

impl Operation<OPERANDS, 3> for Recurrent {
    type Saved = Saved;

    fn reads_input(&self) -> [bool; OPERANDS] {
        let mut reads = Operands::from_array([true; OPERANDS]);
        // The gates that came of it are saved.
        reads.projected = false;
        reads.into_array()
    }

    fn forward(&self, inputs: [&[f32]; OPERANDS], _gradients: bool) -> ([Vec<f32>; 3], Saved) {
        let found = forward(self.cell, self.shape, &self.inputs(inputs));
        let results = [found.hidden, found.final_hidden, found.final_cell];
        (results, found.saved)
    }

    fn backward(self, back: Back<'_, Saved, OPERANDS, 3>) -> [Vec<f32>; OPERANDS] {
        let [hidden, final_hidden, final_cell] = back.gradients;
        let found = backward(
            self.cell,
            self.shape,
            &self.inputs(back.inputs),
            &back.saved,
            hidden,
            final_hidden,
            final_cell,
        );
        let gradients = Operands {
            projected: found.projected,
            hidden_weight: found.hidden_weight,
            parameters: found.cell.parameters,
            initial_hidden: found.cell.initial_hidden,
            initial_cell: found.cell.initial_cell,
        };
        gradients.into_array()
    }
}

/// [`recurrent`] on the host.
fn fused(
    cell: Cell,
    weights: &Recurrence,
    projected: Tensor<3>,
    lengths: &Lengths,
    direction: Direction,
    start: State,
) -> (Tensor<3>, State) {
    let [time, batch, _] = projected.dims();
    let hidden = weights.weight.dims()[0];
    let shape = Shape {
        time,
        batch,
        hidden,
    };
    let operation = Recurrent {
        cell,
        shape,
        lengths: lengths.host().to_vec(),
        direction,
    };
    let operands = Operands {
        projected: Operand::new(projected),
        hidden_weight: Operand::new(weights.weight.clone()),
        parameters: weights.parameters().map(Operand::maybe),
        initial_hidden: Operand::new(start.hidden),
        initial_cell: Operand::maybe(start.cell),
    };
    let cells = if cell.has_cell_state() { batch } else { 0 };
    let shapes: [&[usize]; 3] = [&[time, batch, hidden], &[batch, hidden], &[cells, hidden]];
    let [values, last_hidden, last_cell] = apply(operation, operands.into_array(), shapes);
    let state = State {
        hidden: last_hidden.tensor(),
        cell: cell.has_cell_state().then(|| last_cell.tensor()),
    };
    (values.tensor(), state)
}
