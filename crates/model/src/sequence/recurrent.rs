//! A recurrent layer over a whole sequence, on the CPU's own kernels.

use burn::tensor::Tensor;
use kernels::recurrent::{Inputs, Saved, Shape, backward, forward};

use crate::cell::{Cell, Nonlinearity, RecurrentLayer, State};
use crate::host::{Operand, Operation, apply};
use crate::padded::Lengths;

/// The kernels' name of a cell.
pub(crate) fn kernel(cell: Cell) -> kernels::cell::Cell {
    use kernels::cell::{Cell as Kernel, Nonlinearity as Shape};
    match cell {
        Cell::Rnn(Nonlinearity::Tanh) => Kernel::Rnn(Shape::Tanh),
        Cell::Rnn(Nonlinearity::Relu) => Kernel::Rnn(Shape::Relu),
        Cell::Gru => Kernel::Gru,
        Cell::Lstm => Kernel::Lstm,
    }
}

#[derive(Debug, Clone)]
struct Recurrent {
    cell: Cell,
    shape: Shape,
    lengths: Vec<usize>,
    reverse: bool,
}

impl Recurrent {
    /// Inputs in the order of [`fused`]; those a cell does not have are stand-ins of one number.
    fn inputs<'a>(&'a self, [projected, weight, bias, hidden, cell]: [&'a [f32]; 5]) -> Inputs<'a> {
        Inputs {
            projected,
            hidden_weight: weight,
            hidden_bias: if self.cell == Cell::Gru { bias } else { &[] },
            initial_hidden: hidden,
            initial_cell: if self.cell.has_memory() { cell } else { &[] },
            lengths: &self.lengths,
            reverse: self.reverse,
        }
    }

    fn states(&self) -> usize {
        self.shape.batch * self.shape.hidden
    }
}

impl Operation<5> for Recurrent {
    type Saved = Saved;

    fn forward(&self, inputs: [&[f32]; 5], _gradients: bool) -> (Vec<f32>, Saved) {
        let found = forward(kernel(self.cell), self.shape, &self.inputs(inputs));
        let mut output = found.hidden;
        output.extend(found.final_hidden);
        output.extend(found.final_cell);
        (output, found.saved)
    }

    fn backward(&self, inputs: [&[f32]; 5], saved: &Saved, gradient: &[f32]) -> [Vec<f32>; 5] {
        let (hidden, last) = gradient.split_at(self.shape.time * self.states());
        let (last_hidden, last_cell) = last.split_at(self.states());
        let found = backward(
            kernel(self.cell),
            self.shape,
            &self.inputs(inputs),
            saved,
            hidden,
            last_hidden,
            last_cell,
        );
        let stand_in = |values: Vec<f32>| if values.is_empty() { vec![0.0] } else { values };
        [
            found.projected,
            found.hidden_weight,
            stand_in(found.hidden_bias),
            found.initial_hidden,
            stand_in(found.initial_cell),
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
    let device = projected.device();
    let stand_in = || Operand::new(Tensor::<1>::zeros([1], &device));
    let inputs = [
        Operand::new(projected),
        Operand::new(weights.weight),
        weights.bias.map_or_else(stand_in, Operand::new),
        Operand::new(start.hidden),
        start.cell.map_or_else(stand_in, Operand::new),
    ];
    let states = batch * hidden;
    let parts = if layer.cell.has_memory() { 2 } else { 1 };
    let (packed, _) = apply(operation, inputs, [(time + parts) * states]);
    let part =
        |start: usize, count: usize| packed.clone().narrow(0, start * states, count * states);
    let state = State {
        hidden: part(time, 1).reshape([batch, hidden]),
        cell: (parts == 2).then(|| part(time + 1, 1).reshape([batch, hidden])),
    };
    (part(0, time).reshape([time, batch, hidden]), state)
}
