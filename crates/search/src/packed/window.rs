//! Which positions rows may look at.

use std::ops::Range;

use super::weight::{Affine, Packing};
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;
use network::{Reach, Values, tree};
use operations::attention::window::{Bell, center, monotonic, predictive};

/// A packed reach.
pub(super) type Window = Reach<Affine, Vec<f32>>;

/// Part of its sentence that one row sees.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub positions: Range<usize>,
    /// Bell that multiplies the weights of these positions, the first being position 0.
    pub bell: Option<Bell>,
}

/// Packs a reach, and looks at what rows see.
pub(super) trait Look: Sized {
    /// Packs where rows may look.
    fn new(reach: Reach<tree::Linear<Values>, Values>, packing: &Packing) -> Self;

    /// Returns the views of rows with `states`, `[rows, H]`, at step `step` of sentences of `lengths`.
    fn views(&self, states: &[f32], lengths: impl Iterator<Item = usize>, step: usize)
    -> Vec<View>;
}

impl Look for Window {
    fn new(reach: Reach<tree::Linear<Values>, Values>, packing: &Packing) -> Self {
        let weight = |weight: tree::Linear<Values>| Affine::of(&weight, weight.inputs(), packing);
        reach.map(weight, |vector| vector.data)
    }

    fn views(
        &self,
        states: &[f32],
        lengths: impl Iterator<Item = usize>,
        step: usize,
    ) -> Vec<View> {
        let plain = |positions| View {
            positions,
            bell: None,
        };
        match self {
            Self::Everywhere => lengths.map(|length| plain(0..length)).collect(),
            Self::Monotonic { window } => lengths
                .map(|length| plain(monotonic(step, *window, length)))
                .collect(),
            Self::Predictive {
                window,
                weight,
                vector,
            } => {
                let mut squashed = weight.apply(states);
                TanhInPlace(&mut squashed).run();
                let rows = squashed.chunks_exact(vector.len()).zip(lengths);
                let view = |(squashed, length): (&[f32], usize)| {
                    let center = center(squashed, vector, length);
                    let positions = predictive(center, *window, length);
                    View {
                        bell: Some(Bell::new(center, *window, positions.start)),
                        positions,
                    }
                };
                rows.map(view).collect()
            }
        }
    }
}
