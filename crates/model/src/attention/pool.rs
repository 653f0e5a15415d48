//! Fixed contexts: layers over the time axis of a source of limited length.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData, activation::softmax};

use super::{AttentionConfig, AttentionKind, TanhPool, TimeDense};
use crate::initial::Initialiser;
use operations::lengths::Lengths;

/// First values are uniform within this.
const BOUND: f32 = 0.05;

/// One member of the family.
#[derive(Module, Debug)]
pub enum Pool {
    /// A layer over time.
    TimeDense(TimeDense),
    /// A layer over time with a hyperbolic tangent.
    TanhPool(TanhPool),
}

/// x' W + b for a source's features over time: x' is `[features, T]`.
#[derive(Module, Debug)]
pub struct TimeLayer {
    /// W, `[T, T]`: from each position, to each position.
    pub weight: Param<Tensor<2>>,
    /// b, `[T]`.
    pub bias: Param<Tensor<1>>,
}

impl TimeLayer {
    /// A layer for sources of up to `positions` positions.
    pub fn new(initial: &Initialiser, positions: usize) -> Self {
        let bias = initial.numbers("bias", positions, BOUND);
        Self {
            weight: initial.uniform("weight", [positions, positions], BOUND),
            bias: initial.vector(bias),
        }
    }

    /// T.
    pub fn positions(&self) -> usize {
        self.bias.dims()[0]
    }

    /// The energy of each feature at each position, `[batch, time, features]`, of a memory of that
    /// shape, of which `time` is at most T. Padded rows of the memory count as zeros.
    pub(super) fn energies(&self, memory: Tensor<3>, lengths: &Lengths) -> Tensor<3> {
        let time = memory.dims()[1];
        let real = match mask(lengths, time) {
            Some(mask) => memory * mask,
            None => memory,
        };
        let weight = self.weight.val().narrow(0, 0, time).narrow(1, 0, time);
        let bias = self.bias.val().narrow(0, 0, time);
        // Features stay last, so that W is multiplied from the left, transposed.
        weight.transpose().unsqueeze::<3>().matmul(real) + bias.reshape([1, time, 1])
    }
}

/// 1 at real positions, `[batch, time, 1]`, where anything is padded.
fn mask(lengths: &Lengths, time: usize) -> Option<Tensor<3>> {
    let mask = lengths.mask()?.clone().narrow(0, 0, time);
    Some(mask.transpose().unsqueeze_dim(2))
}

/// The softmax over time of `energies`, `[batch, time, features]`; zero at padding.
pub(super) fn over_time(energies: Tensor<3>, lengths: &Lengths) -> Tensor<3> {
    let time = energies.dims()[1];
    match mask(lengths, time) {
        Some(mask) => softmax(energies + (mask - 1.0) * 1e9, 1),
        None => softmax(energies, 1),
    }
}

impl Pool {
    /// The layer that makes a fixed context of the memory, as `config` describes it; `None` for kinds without one.
    pub fn of(config: &AttentionConfig, initial: &Initialiser) -> Option<Self> {
        let initial = initial.part("pool");
        // The end mark has a position too.
        let positions = config.max_source_length()? + 1;
        Some(match config.kind {
            AttentionKind::TimeDense => {
                let single = config.single_vector == Some(true);
                Pool::TimeDense(TimeDense::new(&initial, positions, single))
            }
            _ => Pool::TanhPool(TanhPool::new(&initial, positions)),
        })
    }

    /// Most positions of a source, its end mark counted.
    pub fn positions(&self) -> usize {
        self.layer().positions()
    }

    pub(crate) fn layer(&self) -> &TimeLayer {
        match self {
            Pool::TimeDense(member) => &member.layer,
            Pool::TanhPool(member) => &member.layer,
        }
    }

    /// x * a' and a' of a memory x, all `[batch, time, features]`, of which `time` is at most [`Pool::positions`].
    pub fn weigh(&self, memory: Tensor<3>, lengths: &Lengths) -> (Tensor<3>, Tensor<3>) {
        let weights = match self {
            Pool::TimeDense(member) => member.weights(memory.clone(), lengths),
            Pool::TanhPool(member) => member.weights(memory.clone(), lengths),
        };
        (memory * weights.clone(), weights)
    }

    /// The fixed context, `[batch, features]`, of a memory `[batch, time, features]`, and each
    /// position's mean weight over the features, `[batch, time]`: zero at padding, and summing to one.
    ///
    /// # Panics
    /// When a sentence has more than [`Pool::positions`] positions.
    pub fn pool(&self, memory: &Tensor<3>, lengths: &Lengths) -> (Tensor<2>, Tensor<2>) {
        let [batch, time, features] = memory.dims();
        let longest = lengths.host().iter().max().copied().unwrap_or(0);
        assert!(
            longest <= self.positions(),
            "a source is longer than the layer over time"
        );
        // Padding may go on where the layer ends.
        let used = time.min(self.positions());
        let (weighted, weights) = self.weigh(memory.clone().narrow(1, 0, used), lengths);
        let context = weighted.sum_dim(1);
        let mut mean = weights.mean_dim(2).reshape([batch, used]);
        if used < time {
            let nothing = vec![0.0f32; batch * (time - used)];
            let nothing = TensorData::new(nothing, [batch, time - used]);
            mean = Tensor::cat(vec![mean, Tensor::from_data(nothing, &memory.device())], 1);
        }
        (context.reshape([batch, features]), mean)
    }
}
