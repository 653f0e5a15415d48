//! Residual connections and normalisation of a layer's output.

use network::Values;
use network::tree::Stack;

use crate::graph::{Graph, Value};

/// The output of the layer at `depth` with these `states`, above a layer with the output `below`.
pub(crate) fn finish(
    graph: &mut Graph,
    stack: &Stack<Values>,
    depth: usize,
    states: &Value,
    below: Option<&Value>,
) -> Value {
    let below = below.filter(|_| stack.residual && depth > 0);
    let sums = match below {
        Some(below) => graph.add(states, below),
        None => states.clone(),
    };
    match stack.norms.get(depth) {
        Some(norm) => graph.normalised(&sums, norm),
        None => sums,
    }
}
