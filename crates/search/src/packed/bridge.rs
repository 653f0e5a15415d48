//! From the encoder's last state to the decoder's first.

use super::encoder::{Encoded, LastState};
use super::weight::{Affine, Packing, Precision};
use kernels::buffer::Buffer;
use kernels::elementwise::TanhInPlace;
use kernels::instruction_sets::Capped;
use network::kind::BridgeKind;
use network::{Values, tree};

/// A packed bridge.
#[derive(Debug)]
pub(super) enum Bridge {
    Tanh(Affine),
    TanhCell(Affine),
    Copy(Option<Affine>),
    Zero,
    Learned { hidden: Vec<f32>, cell: Vec<f32> },
}

impl Bridge {
    pub(super) fn new(weights: tree::Bridge<Values>, memory: usize, packing: &Packing) -> Self {
        // Once a sentence: in full precision whatever the rest is.
        let packing = &Packing {
            precision: Precision::Full,
            ..*packing
        };
        let project = weights.project.as_ref();
        let project = project.map(|layer| Affine::of(layer, memory, packing));
        let numbers = |states: Option<Values>| states.map_or_else(Vec::new, |states| states.data);
        match (weights.kind, project) {
            (BridgeKind::Tanh, Some(project)) => Bridge::Tanh(project),
            (BridgeKind::TanhCell, Some(project)) => Bridge::TanhCell(project),
            (BridgeKind::Tanh | BridgeKind::TanhCell | BridgeKind::Copy, project) => {
                Bridge::Copy(project)
            }
            (BridgeKind::Zero, _) => Bridge::Zero,
            (BridgeKind::Learned, _) => Bridge::Learned {
                hidden: numbers(weights.hidden),
                cell: numbers(weights.cell),
            },
        }
    }

    /// The first state of each of `layers` layers of `hidden` units: hidden states and, with `has_cell`,
    /// cell states, `[B, H]`.
    pub(super) fn states(
        &self,
        encoded: &Encoded,
        layers: usize,
        hidden: usize,
        has_cell: bool,
    ) -> Vec<LastState> {
        let batch = encoded.sentences();
        let zeros = || Buffer::zeros(batch * hidden);
        let cell_zeros = || Buffer::zeros(if has_cell { batch * hidden } else { 0 });
        let of = |layer: usize| match self {
            Bridge::Tanh(weight) | Bridge::TanhCell(weight) => {
                let mut hidden = weight.apply(&encoded.top().hidden);
                TanhInPlace(&mut hidden).run();
                let cell = match self {
                    Bridge::TanhCell(_) if has_cell => hidden.clone(),
                    _ => cell_zeros(),
                };
                LastState { hidden, cell }
            }
            Bridge::Copy(weight) => {
                let state = match encoded.states.len() == layers {
                    true => &encoded.states[layer],
                    false => encoded.top(),
                };
                let project = |values: &Buffer| match weight {
                    Some(weight) => weight.apply(values),
                    None => values.clone(),
                };
                let cell = match has_cell && !state.cell.is_empty() {
                    true => project(&state.cell),
                    false => cell_zeros(),
                };
                let hidden = project(&state.hidden);
                LastState { hidden, cell }
            }
            Bridge::Zero => LastState {
                hidden: zeros(),
                cell: cell_zeros(),
            },
            Bridge::Learned { hidden: all, cell } => {
                let repeat = |all: &[f32]| {
                    let width = all.len() / layers;
                    let mut out = Buffer::new(batch * width);
                    for row in out.chunks_exact_mut(width.max(1)) {
                        row.copy_from_slice(&all[layer * width..(layer + 1) * width]);
                    }
                    out
                };
                LastState {
                    hidden: repeat(all),
                    cell: repeat(cell),
                }
            }
        };
        (0..layers).map(of).collect()
    }
}
