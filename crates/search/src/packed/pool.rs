//! Fixed contexts by layers over time.

use rten_simd::ops::{FloatOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::{Exp, Tanh};

use kernels::buffer::Buffer;
use kernels::lanes;
use network::{Values, tree};

/// The context of one sentence: each feature of its memory is weighed over time by the softmax of `x' W + b`.
pub(super) struct Pool<'a> {
    pub weights: &'a tree::Pool<Values>,
    /// `[n, M]`
    pub memory: &'a [f32],
    /// `[M]`, written.
    pub context: &'a mut [f32],
}

impl SimdOp for Pool<'_> {
    /// The mean weight of each position.
    type Output = Vec<f32>;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Vec<f32> {
        let ops = isa.f32();
        let Self {
            weights,
            memory,
            context,
        } = self;
        let layer = &weights.layer;
        let (size, width) = (layer.bias.data.len(), context.len());
        let mut energies = Buffer::new(memory.len());
        let mut largest = vec![f32::NEG_INFINITY; width];
        let rows = energies.chunks_exact_mut(width).zip(&layer.bias.data);
        for (to, (energy, &bias)) in rows.enumerate() {
            energy.fill(bias);
            for (from, input) in memory.chunks_exact(width).enumerate() {
                lanes::AddScaled {
                    scale: layer.weight.data[from * size + to],
                    input,
                    output: &mut *energy,
                }
                .eval(isa);
            }
            let squashes = weights.tanh;
            lanes::map(
                isa,
                [],
                [energy, &mut largest],
                #[inline(always)]
                |[], [energy, largest]| {
                    let energy = match squashes {
                        true => Tanh::apply(isa, energy),
                        false => energy,
                    };
                    [energy, ops.max(largest, energy)]
                },
            );
        }
        let mut totals = vec![0.0; width];
        for energy in energies.chunks_exact_mut(width) {
            lanes::map(
                isa,
                [&largest],
                [energy, &mut totals],
                #[inline(always)]
                |[largest], [energy, total]| {
                    let mass = Exp::apply(isa, ops.sub(energy, largest));
                    [mass, ops.add(total, mass)]
                },
            );
        }
        context.fill(0.0);
        let positions = energies
            .chunks_exact_mut(width)
            .zip(memory.chunks_exact(width));
        let weigh = |(masses, vector): (&mut [f32], &[f32])| {
            lanes::map(
                isa,
                [&totals],
                [&mut *masses],
                #[inline(always)]
                |[total], [mass]| [ops.div(mass, total)],
            );
            let sum = lanes::sum(
                isa,
                [&*masses],
                #[inline(always)]
                |[weight]| weight,
            );
            let mean = sum / width as f32;
            if weights.single {
                masses.fill(mean);
            }
            lanes::map(
                isa,
                [masses, vector],
                [&mut *context],
                #[inline(always)]
                |[weight, value], [sum]| [ops.mul_add(weight, value, sum)],
            );
            mean
        };
        positions.map(weigh).collect()
    }
}
