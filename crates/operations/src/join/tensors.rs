//! On tensors.

use burn::tensor::Tensor;

use super::cpu::{self, Order, Shape, part};
use super::reference;
use crate::host::{Back, Operand, Operation, apply};
use crate::path::{Path, path};

/// The vectors `[time, batch, part]` of one list, or of two side by side, in a new order.
pub fn join(first: Tensor<3>, second: Option<Tensor<3>>, order: Order) -> Tensor<3> {
    if path(&first) == Path::Host {
        return match (second, order) {
            (Some(second), order) => fused([first, second], order),
            (None, Order::BatchMajor) => fused([first], order),
            (None, Order::TimeMajor) => first,
        };
    }
    reference::join(first, second, order)
}

#[derive(Debug)]
struct Join<const P: usize>(Shape<P>);

impl<const P: usize> Operation<P, 1> for Join<P> {
    type Saved = ();

    fn forward(&self, parts: [&[f32]; P], _gradients: bool) -> ([Vec<f32>; 1], ()) {
        ([cpu::join(self.0, parts)], ())
    }

    fn backward(self, back: Back<'_, (), P, 1>) -> [Vec<f32>; P] {
        part(self.0, back.gradients[0])
    }
}

/// [`join`] on the host.
fn fused<const P: usize>(parts: [Tensor<3>; P], order: Order) -> Tensor<3> {
    let [time, batch, _] = parts[0].dims();
    let widths = parts.each_ref().map(|part| part.dims()[2]);
    let operation = Join(Shape {
        time,
        batch,
        widths,
        order,
    });
    let width = widths.iter().sum();
    let shape = match order {
        Order::TimeMajor => [time, batch, width],
        Order::BatchMajor => [batch, time, width],
    };
    let [joined] = apply(operation, parts.map(Operand::new), [&shape]);
    joined.tensor()
}
