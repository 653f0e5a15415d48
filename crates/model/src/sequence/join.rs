//! The directions of a layer side by side, on the CPU's own kernels.

use burn::tensor::Tensor;
use kernels::join::{Order, Shape, join, part};

use crate::host::{Back, Operand, Operation, apply};

#[derive(Debug)]
struct Join<const P: usize>(Shape<P>);

impl<const P: usize> Operation<P, 1> for Join<P> {
    type Saved = ();

    fn forward(&self, parts: [&[f32]; P], _gradients: bool) -> ([Vec<f32>; 1], ()) {
        ([join(self.0, parts)], ())
    }

    fn backward(self, back: Back<'_, (), P, 1>) -> [Vec<f32>; P] {
        part(self.0, back.gradients[0])
    }
}

/// See [`super::join`].
pub(super) fn fused<const P: usize>(parts: [Tensor<3>; P], order: Order) -> Tensor<3> {
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
