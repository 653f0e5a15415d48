//! An affine layer over all positions at once, `y = g(x W + b)`, with `g` the identity or the hyperbolic
//! tangent. The input may lie in several parts side by side, each with its own rows of the weight, so
//! that nothing has to be concatenated.

use rten_simd::ops::{FloatOps, NumOps};
use rten_simd::{Isa, SimdOp};

use kernels::buffer::Buffer;
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;
use kernels::lanes::{self, column_sums};
use kernels::matmul::{Matrix, Packed, matmul, matmul_together, multiply};
use kernels::{parallel, storage};

/// Rows that one task makes at most: while the bias and the tangent are applied they stay in the cache.
const TASK_ROWS: usize = 256;

/// Activation function of the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// The hyperbolic tangent.
    Tanh,
}

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape<const P: usize> {
    /// `N`, rows.
    pub rows: usize,
    /// `I_p`, numbers of one row of each part of the input.
    pub inputs: [usize; P],
    /// `O`, numbers of one row of the output.
    pub outputs: usize,
}

/// Inputs of the layer.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a, const P: usize> {
    /// `[N, I_p]` each.
    pub parts: [&'a [f32]; P],
    /// `[sum of I_p, O]`: the rows of the first part, then of the next.
    pub weight: &'a [f32],
    /// `[O]`; empty for none.
    pub bias: &'a [f32],
}

/// Gradients of the inputs, in their shapes.
#[derive(Clone, Debug)]
pub struct Gradients<const P: usize> {
    /// `[N, I_p]` each.
    pub parts: [Vec<f32>; P],
    /// `[sum of I_p, O]`
    pub weight: Vec<f32>,
    /// `[O]`; empty where there is no bias.
    pub bias: Vec<f32>,
}

impl<const P: usize> Inputs<'_, P> {
    fn check(&self, shape: Shape<P>) {
        let Shape {
            rows,
            inputs,
            outputs,
        } = shape;
        assert!(outputs > 0, "an output has at least one number");
        for (part, width) in self.parts.iter().zip(inputs) {
            assert_eq!(part.len(), rows * width, "each part is [N, I_p]");
        }
        assert_eq!(
            self.weight.len(),
            inputs.iter().sum::<usize>() * outputs,
            "weight is [sum of I_p, O]"
        );
        assert!(
            [0, outputs].contains(&self.bias.len()),
            "bias is [O] or empty"
        );
    }

    /// The weight's rows of each part.
    fn weights(&self, shape: Shape<P>) -> [Matrix<'_>; P] {
        let mut rest = self.weight;
        shape.inputs.map(|width| {
            let (own, after) = rest.split_at(width * shape.outputs);
            rest = after;
            Matrix::new(own, width, shape.outputs)
        })
    }
}

/// The output, `[N, O]`.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn forward<const P: usize>(
    activation: Activation,
    shape: Shape<P>,
    inputs: &Inputs<P>,
) -> Vec<f32> {
    inputs.check(shape);
    let Shape { rows, outputs, .. } = shape;
    let mut out = storage::list(rows * outputs);
    let threads = parallel::threads();
    let tasks = threads * rows.div_ceil(threads * TASK_ROWS).max(1);
    let each = rows.div_ceil(tasks).next_multiple_of(32).max(32);
    parallel::inside(|| {
        let packed = inputs.weights(shape).map(Packed::new);
        let tasks = out.chunks_mut(each * outputs).enumerate().collect();
        parallel::each(tasks, |(task, out): (usize, &mut [f32])| {
            let count = out.len() / outputs;
            let first = task * each;
            let mut begun = !inputs.bias.is_empty();
            if begun {
                out.chunks_exact_mut(outputs)
                    .for_each(|row| row.copy_from_slice(inputs.bias));
            }
            for (part, weight) in packed.iter().enumerate() {
                let width = shape.inputs[part];
                let input = &inputs.parts[part][first * width..(first + count) * width];
                multiply(Matrix::new(input, count, width), weight, out, begun);
                begun = true;
            }
            if activation == Activation::Tanh {
                TanhInPlace(out).run();
            }
        });
    });
    out
}

/// The gradients of [`forward`]'s inputs from those of its output: `output` is what it gave, or empty for
/// [`Activation::Identity`], `gradient` is `[N, O]`.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn backward<const P: usize>(
    activation: Activation,
    shape: Shape<P>,
    inputs: &Inputs<P>,
    output: &[f32],
    gradient: &[f32],
) -> Gradients<P> {
    inputs.check(shape);
    let Shape { rows, outputs, .. } = shape;
    assert_eq!(gradient.len(), rows * outputs, "gradient is [N, O]");
    parallel::inside(|| {
        let before;
        let numbers = match activation {
            Activation::Identity => gradient,
            Activation::Tanh => {
                assert_eq!(output.len(), rows * outputs, "output is [N, O]");
                before = before_tangent(output, gradient);
                &before[..]
            }
        };
        let gradient = Matrix::new(numbers, rows, outputs);
        let weights = inputs.weights(shape);
        let mut weight = storage::list(inputs.weight.len());
        let mut rest = &mut weight[..];
        let mut parts = [(); P].map(|()| Vec::new());
        let mut products = Vec::with_capacity(P);
        for part in 0..P {
            let width = shape.inputs[part];
            let (own, after) = rest.split_at_mut(width * outputs);
            rest = after;
            let input = Matrix::new(inputs.parts[part], rows, width);
            products.push((input.transposed(), own));
            parts[part] = storage::list(rows * width);
            let turned = weights[part].transposed();
            matmul(gradient, turned, &mut parts[part], false);
        }
        matmul_together(products, gradient, false);
        let bias = match inputs.bias {
            [] => Vec::new(),
            _ => column_sums(numbers, outputs),
        };
        Gradients {
            parts,
            weight,
            bias,
        }
    })
}

/// The gradient before the tangent.
fn before_tangent(output: &[f32], gradient: &[f32]) -> Buffer {
    let mut before = Buffer::new(gradient.len());
    let each = gradient.len().div_ceil(parallel::threads()).max(1);
    let tasks = before
        .chunks_mut(each)
        .zip(gradient.chunks(each))
        .zip(output.chunks(each));
    parallel::each(tasks.collect(), |((before, upstream), output)| {
        TangentBackward {
            upstream,
            output,
            gradient: before,
        }
        .run();
    });
    before
}

/// `gradient = upstream * (1 - output^2)`.
struct TangentBackward<'a> {
    upstream: &'a [f32],
    output: &'a [f32],
    gradient: &'a mut [f32],
}

impl SimdOp for TangentBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        lanes::map(
            isa,
            [self.upstream, self.output],
            [self.gradient],
            #[inline(always)]
            |[upstream, output], _| [ops.mul(upstream, ops.mul_sub_from(output, output, ops.one()))],
        );
    }
}
