//! Contexts that are the same at all steps.

use network::Values;
use network::tree::Pool;

use crate::encoder::Encoded;
use crate::graph::{Attribute, Graph, Value};

/// A number that is no energy's: its exponential is zero beside any.
pub(crate) const LOWEST: f32 = -1e30;

/// The context of each sentence, `[batch, memory]`: each feature of its memory is weighed over time.
pub(crate) fn context(graph: &mut Graph, pool: &Pool<Values>, encoded: &Encoded) -> Value {
    let real = graph.unsqueeze(&encoded.mask, 2);
    let memory = graph.kept(&real, &encoded.memory, 0.0);
    let features = graph.transpose(&memory, &[0, 2, 1]);
    let count = graph.length(&encoded.memory, 1);
    let [zero, first, second] = [&[0][..], &[0], &[1]].map(|numbers| graph.ints(numbers));
    let weight = graph.weight(&pool.layer.weight);
    let rows = graph.op("Slice", &[&weight, &zero, &count, &first]);
    let weight = graph.op("Slice", &[&rows, &zero, &count, &second]);
    let bias = graph.weight(&pool.layer.bias);
    let bias = graph.op("Slice", &[&bias, &zero, &count, &first]);
    let product = graph.matmul(&features, &weight);
    let mut energies = graph.add(&product, &bias);
    if pool.tanh {
        energies = graph.tanh(&energies);
    }
    let real = graph.unsqueeze(&encoded.mask, 1);
    let energies = graph.kept(&real, &energies, LOWEST);
    let mut weights = graph.softmax(&energies, -1);
    if pool.single {
        let attributes = vec![("axes", Attribute::Ints(&[1]))];
        weights = graph.op_with("ReduceMean", &[&weights], attributes);
    }
    let weighed = graph.mul(&weights, &features);
    graph.sum(&weighed, 2, false)
}
