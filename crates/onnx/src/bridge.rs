//! From the encoder's last states to the decoder's first.

use network::kind::BridgeKind;
use network::tree::Bridge;
use network::{Shaped, Values};

use crate::cell::CellState;
use crate::encoder::Encoded;
use crate::graph::{Graph, Value};

/// A decoder's layers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layers {
    /// How many.
    pub count: usize,
    /// Units of each.
    pub hidden: usize,
    /// Whether they have cell states.
    pub has_cell: bool,
}

/// The first state of each layer.
pub(crate) fn states(
    graph: &mut Graph,
    bridge: &Bridge<Values>,
    encoded: &Encoded,
    layers: Layers,
) -> Vec<CellState> {
    let batch = graph.length(&encoded.top().hidden, 0);
    let mut zeros = || graph.zeros(&batch, layers.hidden);
    match bridge.kind {
        BridgeKind::Zero => {
            let zeros = zeros();
            let state = CellState {
                hidden: zeros.clone(),
                cell: layers.has_cell.then_some(zeros),
            };
            vec![state; layers.count]
        }
        BridgeKind::Tanh | BridgeKind::TanhCell => {
            let zeros = zeros();
            let top = &encoded.top().hidden;
            let projected = match &bridge.project {
                Some(project) => graph.linear(top, project),
                None => top.clone(),
            };
            let hidden = graph.tanh(&projected);
            let cell = match bridge.kind {
                BridgeKind::TanhCell => hidden.clone(),
                _ => zeros,
            };
            let state = CellState {
                hidden,
                cell: layers.has_cell.then_some(cell),
            };
            vec![state; layers.count]
        }
        BridgeKind::Copy => {
            let zeros = zeros();
            let copy = |layer: usize| {
                let state = match encoded.states.len() == layers.count {
                    true => &encoded.states[layer],
                    false => encoded.top(),
                };
                let mut project = |values: &Value| match &bridge.project {
                    Some(project) => graph.linear(values, project),
                    None => values.clone(),
                };
                let cell = state.cell.as_ref().map(&mut project);
                CellState {
                    hidden: project(&state.hidden),
                    cell: layers
                        .has_cell
                        .then(|| cell.unwrap_or_else(|| zeros.clone())),
                }
            };
            (0..layers.count).map(copy).collect()
        }
        BridgeKind::Learned => {
            let zeros = zeros();
            let mut repeat = |values: &Values, layer: usize| {
                let width = values.columns();
                let own = graph.floats(&[1, width], &values.data[layer * width..][..width]);
                graph.add(&zeros, &own)
            };
            let learned = |layer: usize| CellState {
                hidden: match &bridge.hidden {
                    Some(values) => repeat(values, layer),
                    None => zeros.clone(),
                },
                cell: bridge.cell.as_ref().map(|values| repeat(values, layer)),
            };
            (0..layers.count).map(learned).collect()
        }
    }
}
