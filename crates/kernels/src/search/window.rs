//! Which positions rows may look at.

use std::ops::Range;

use super::parameters;
use super::weight::{Affine, Packing};
use crate::decoder::attention::Squash;
use crate::instruction_sets::Capped;
use crate::window::{Bell, Reach, center, monotonic, predictive};

/// A packed [`parameters::Reach`].
pub(super) type Window = Reach<Affine, Vec<f32>>;

/// What one row sees of its sentence.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub positions: Range<usize>,
    /// What multiplies the weights of these positions, the first being position 0.
    pub bell: Option<Bell>,
}

impl Window {
    pub(super) fn new(reach: parameters::Reach, packing: &Packing) -> Self {
        match reach {
            Reach::Everywhere => Self::Everywhere,
            Reach::Monotonic { window } => Self::Monotonic { window },
            Reach::Predictive {
                window,
                weight,
                vector,
            } => Self::Predictive {
                window,
                weight: Affine::new(&weight, vector.len(), None, packing),
                vector,
            },
        }
    }

    /// What rows with `states`, `[rows, H]`, see at step `step` of sentences of `lengths`.
    pub(super) fn views(
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
                Squash(&mut squashed).run();
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
