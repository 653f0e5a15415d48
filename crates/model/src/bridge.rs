//! From the encoder's last state to the decoder's first.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
pub use network::kind::BridgeKind;

use crate::cell::State;
use crate::initial::Initialiser;
use crate::linear::Linear;

/// Makes a decoder's first state.
#[derive(Module, Debug)]
pub struct Bridge {
    /// For `tanh`, and for `copy` between different sizes: `[memory, hidden]`.
    pub project: Option<Linear>,
    /// For `learned`: `[layers, hidden]`.
    pub hidden: Option<Param<Tensor<2>>>,
    /// For `learned` and cells with a memory: `[layers, hidden]`.
    pub cell: Option<Param<Tensor<2>>>,
    /// Which member of the family.
    #[module(skip)]
    pub kind: BridgeKind,
    /// Whether the decoder's states have a memory cell.
    #[module(skip)]
    pub has_memory: bool,
    /// The decoder's depth.
    #[module(skip)]
    pub layers: usize,
}

impl Bridge {
    /// From an encoder state of `memory` units to `layers` decoder states of `hidden` units, with
    /// memory cells or not.
    pub fn new(
        initial: &Initialiser,
        kind: BridgeKind,
        memory: usize,
        hidden: usize,
        has_memory: bool,
        layers: usize,
    ) -> Self {
        let initial = initial.part("bridge");
        let projects = kind.squashes() || (kind == BridgeKind::Copy && memory != hidden);
        let learned = |name| {
            let bound = 1.0 / (hidden as f32).sqrt();
            initial.uniform(name, [layers, hidden], bound)
        };
        let learns = kind == BridgeKind::Learned;
        Self {
            project: projects.then(|| Linear::new(&initial, memory, hidden, kind.squashes())),
            hidden: learns.then(|| learned("hidden")),
            cell: (learns && has_memory).then(|| learned("cell")),
            kind,
            has_memory,
            layers,
        }
    }

    /// The decoder's first states, bottom layer first, from the encoder's last ones.
    pub fn forward(&self, encoder: &[State], hidden: usize) -> Vec<State> {
        let top = &encoder[encoder.len() - 1];
        let zeros = |like: &Tensor<2>| Tensor::zeros([like.dims()[0], hidden], &like.device());
        let memory = |cell: Option<Tensor<2>>, like: &Tensor<2>| {
            self.has_memory.then(|| cell.unwrap_or_else(|| zeros(like)))
        };
        let project = |values: Tensor<2>| match &self.project {
            Some(project) => project.rows(values),
            None => values,
        };
        match self.kind {
            BridgeKind::Tanh | BridgeKind::TanhCell => {
                let hidden = match &self.project {
                    Some(project) => project.squash(top.hidden.clone()),
                    None => top.hidden.clone().tanh(),
                };
                let squashed = (self.kind == BridgeKind::TanhCell).then(|| hidden.clone());
                let cell = memory(squashed, &hidden);
                vec![State { hidden, cell }; self.layers]
            }
            BridgeKind::Copy => (0..self.layers)
                .map(|layer| {
                    let same_depth = encoder.len() == self.layers;
                    let state = if same_depth { &encoder[layer] } else { top };
                    let hidden = project(state.hidden.clone());
                    let cell = memory(state.cell.clone().map(project), &hidden);
                    State { hidden, cell }
                })
                .collect(),
            BridgeKind::Zero => {
                let hidden = zeros(&top.hidden);
                let cell = memory(None, &hidden);
                vec![State { hidden, cell }; self.layers]
            }
            BridgeKind::Learned => (0..self.layers)
                .map(|layer| {
                    let rows = top.hidden.dims()[0];
                    let state = |states: &Param<Tensor<2>>| {
                        states.val().narrow(0, layer, 1).repeat_dim(0, rows)
                    };
                    State {
                        hidden: match &self.hidden {
                            Some(states) => state(states),
                            None => zeros(&top.hidden),
                        },
                        cell: self.cell.as_ref().map(state),
                    }
                })
                .collect(),
        }
    }
}
