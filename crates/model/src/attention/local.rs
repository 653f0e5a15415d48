//! Local attention.

use burn::module::{Module, Param};
use burn::tensor::activation::{sigmoid, softmax};
use burn::tensor::{Tensor, TensorData};

use super::additive::energy_vector;
use super::{Memory, QuerySteps, penalty};
use crate::initial::Initialiser;
use crate::linear::Linear;
use crate::padded::Lengths;

/// A window of 2 D + 1 positions around the position p, Luong et al. (2015), section 3.2, with the
/// bilinear energy q . (W_k m). Positions count from 0 and t is the step's number.
///
/// * Monotonic (local-m): p = t, the weights are the softmax over the window. A target longer than
///   its source stays at the source's last position.
/// * Predictive (local-p): p = S sigmoid(v . tanh(W_p q)) for a source of S positions; the softmax over
///   the window is multiplied by exp(-(i - p)^2 / (2 sigma^2)), sigma = D / 2 (equations 9 and 10). As in
///   the paper, nothing scales these weights up again: they sum to less than one.
///
/// What of a window lies outside the source is ignored.
#[derive(Module, Debug)]
pub struct Local {
    /// W_k, `[memory, hidden]`.
    pub key: Linear,
    /// W_p, `[hidden, hidden]`; local-p only.
    pub position: Option<Linear>,
    /// v, `[hidden]`; local-p only.
    pub position_vector: Option<Param<Tensor<1>>>,
    /// D.
    #[module(skip)]
    pub window: usize,
}

impl Local {
    /// For memory of `memory` units and queries of `hidden` units; `predicts` tells local-p from
    /// local-m.
    pub fn new(
        initial: &Initialiser,
        memory: usize,
        hidden: usize,
        window: usize,
        predicts: bool,
    ) -> Self {
        let position = initial.part("position");
        Self {
            key: Linear::new(&initial.part("key"), memory, hidden, false),
            position: predicts.then(|| Linear::new(&position, hidden, hidden, false)),
            position_vector: predicts.then(|| energy_vector(&position, hidden)),
            window,
        }
    }

    /// p of each query, `[batch, queries]`.
    pub(crate) fn centers(
        &self,
        query: &Tensor<3>,
        lengths: &Lengths,
        turn: QuerySteps,
    ) -> Tensor<2> {
        let [batch, queries, _] = query.dims();
        let device = query.device();
        let rows = lengths.host();
        let (Some(position), Some(vector)) = (&self.position, &self.position_vector) else {
            let center = |place: usize| {
                let step = turn.step(place % queries);
                step.min(rows[place / queries].max(1) - 1) as f32
            };
            let centers: Vec<f32> = (0..batch * queries).map(center).collect();
            return Tensor::from_data(TensorData::new(centers, [batch, queries]), &device);
        };
        let sizes: Vec<f32> = rows.iter().map(|&length| length as f32).collect();
        let sizes = Tensor::<2>::from_data(TensorData::new(sizes, [batch, 1]), &device);
        let size = query.dims()[2];
        let hidden = position.squash(query.clone().reshape([batch * queries, size]));
        let place = hidden.matmul(vector.val().unsqueeze_dim(1));
        sigmoid(place.reshape([batch, queries])) * sizes
    }

    /// Answers queries `[batch, queries, hidden]`: contexts `[batch, queries, memory]` and weights
    /// `[batch, queries, source]`.
    pub(super) fn answer(
        &self,
        query: Tensor<3>,
        memory: &Memory,
        turn: QuerySteps,
    ) -> (Tensor<3>, Tensor<3>) {
        let source = memory.keys.dims()[1];
        let centers = self.centers(&query, &memory.lengths, turn);
        let places: Vec<f32> = (0..source).map(|place| place as f32).collect();
        let places = TensorData::new(places, [1, 1, source]);
        let places = Tensor::<3>::from_data(places, &query.device());
        let distance = places - centers.unsqueeze_dim(2);
        let outside = distance.clone().abs().greater_elem(self.window as f32);
        let mut energy = query.matmul(memory.keys.clone().transpose());
        energy = energy.mask_fill(outside, -1e9);
        if let Some(penalty) = penalty(&memory.lengths) {
            energy = energy + penalty;
        }
        let mut weights = softmax(energy, 2);
        if self.position.is_some() {
            let deviation = self.window as f32 / 2.0;
            let bell = distance.square() * (-0.5 / (deviation * deviation));
            weights = weights * bell.exp();
        }
        (weights.clone().matmul(memory.values.clone()), weights)
    }
}
