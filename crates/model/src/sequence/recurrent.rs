//! A recurrent layer over a whole sequence, on the CPU's own kernels.

use burn::tensor::Tensor;
use kernels::recurrent::{Inputs, Saved, Shape, backward, forward};

use crate::cell::{Cell, RecurrentLayer, State};
use crate::host::{Back, Operand, Operation, apply};
use crate::padded::Lengths;

/// The place of what was projected among the inputs.
const PROJECTED: usize = 0;

#[derive(Debug, Clone)]
struct Recurrent {
    cell: Cell,
    shape: Shape,
    lengths: Vec<usize>,
    reverse: bool,
}

impl Recurrent {
    /// Inputs in the order of [`fused`].
    fn inputs<'a>(&'a self, inputs: [&'a [f32]; 5]) -> Inputs<'a> {
        let [
            projected,
            hidden_weight,
            hidden_bias,
            initial_hidden,
            initial_cell,
        ] = inputs;
        Inputs {
            projected,
            hidden_weight,
            hidden_bias,
            initial_hidden,
            initial_cell,
            lengths: &self.lengths,
            reverse: self.reverse,
        }
    }
}

impl Operation<5, 3> for Recurrent {
    type Saved = Saved;

    fn reads_input(&self, input: usize) -> bool {
        // The gates that came of it are saved.
        input != PROJECTED
    }

    fn forward(&self, inputs: [&[f32]; 5], _gradients: bool) -> ([Vec<f32>; 3], Saved) {
        let found = forward(self.cell, self.shape, &self.inputs(inputs));
        let results = [found.hidden, found.final_hidden, found.final_cell];
        (results, found.saved)
    }

    fn backward(self, back: Back<'_, Saved, 5, 3>) -> [Vec<f32>; 5] {
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
        [
            found.projected,
            found.hidden_weight,
            found.hidden_bias,
            found.initial_hidden,
            found.initial_cell,
        ]
    }
}

/// See [`super::recurrent`].
pub(super) fn fused(
    layer: &RecurrentLayer,
    projected: Tensor<3>,
    lengths: &Lengths,
    reverse: bool,
    start: State,
) -> (Tensor<3>, State) {
    let [time, batch, _] = projected.dims();
    let hidden = layer.hidden_size();
    let shape = Shape {
        time,
        batch,
        hidden,
    };
    let operation = Recurrent {
        cell: layer.cell,
        shape,
        lengths: lengths.host().to_vec(),
        reverse,
    };
    let weights = layer.recurrence();
    let inputs = [
        Operand::new(projected),
        Operand::new(weights.weight),
        weights.bias.map_or_else(Operand::absent, Operand::new),
        Operand::new(start.hidden),
        start.cell.map_or_else(Operand::absent, Operand::new),
    ];
    let cells = if layer.cell.has_cell_state() {
        batch
    } else {
        0
    };
    let shapes: [&[usize]; 3] = [&[time, batch, hidden], &[batch, hidden], &[cells, hidden]];
    let [values, last_hidden, last_cell] = apply(operation, inputs, shapes);
    let state = State {
        hidden: last_hidden.tensor(),
        cell: layer.cell.has_cell_state().then(|| last_cell.tensor()),
    };
    (values.tensor(), state)
}
