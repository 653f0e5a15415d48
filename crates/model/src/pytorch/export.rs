//! From a model to a PyTorch state dict.

use super::layer::Layer;
use super::matrix::{stacked, transposed};
use super::names;
use super::{COLUMNS, CONCAT, KEY, QUERY, ROWS, SAME, TRANSPOSED, VALUE};
use crate::parameters::{Parameters, Values};

/// A model's parameters, as [`crate::parameters::collect`] names them, as a PyTorch state dict.
///
/// Parameters that `parameters` lacks are left out; names that are none of a model's stay as they
/// are. Gradients are exported in the same way, but `bias_hh` then has only the gradient of the GRU's
/// third block: the other blocks have that of `bias_ih`, and zeros here.
pub fn export(parameters: &Parameters) -> Parameters {
    let mut left = parameters.clone();
    let mut found = Parameters::new();
    let alone = |name: &str| !left.contains_key(name);
    if alone("decoder.attention.query.bias")
        && alone(VALUE)
        && let (Some(query), Some(key)) = (left.get(QUERY), left.get(KEY))
    {
        let both = stacked(&[query.clone(), key.clone()]);
        found.insert(CONCAT.into(), transposed(&both));
        left.remove(QUERY);
        left.remove(KEY);
    }
    for (ours, theirs) in SAME {
        if let Some(values) = left.remove(ours) {
            found.insert(theirs.into(), values);
        }
    }
    for (ours, theirs) in TRANSPOSED {
        if let Some(values) = left.remove(ours) {
            found.insert(theirs.into(), transposed(&values));
        }
    }
    for (ours, theirs) in ROWS.into_iter().chain(COLUMNS) {
        if let Some(Values { data, .. }) = left.remove(ours) {
            let column = COLUMNS.contains(&(ours, theirs));
            let (rows, columns) = if column {
                (data.len(), 1)
            } else {
                (1, data.len())
            };
            let shape = vec![rows, columns];
            found.insert(theirs.into(), Values { shape, data });
        }
    }
    for layer in Layer::all(|layer| parameters.contains_key(&layer.ours("hidden_weight"))) {
        let mut inputs: Vec<Values> = left
            .remove(&layer.ours("input_weight"))
            .into_iter()
            .collect();
        inputs.extend(layer.beside().iter().filter_map(|&name| left.remove(name)));
        if !inputs.is_empty() {
            found.insert(layer.theirs("weight_ih"), transposed(&stacked(&inputs)));
        }
        if let Some(weight) = left.remove(&layer.ours("hidden_weight")) {
            found.insert(layer.theirs("weight_hh"), transposed(&weight));
        }
        if let Some(bias) = left.remove(&layer.ours("bias")) {
            let mut second = vec![0.0; bias.data.len()];
            if let Some(inner) = left.remove(&layer.ours("hidden_bias")) {
                let start = second.len() - inner.data.len().min(second.len());
                second.truncate(start);
                second.extend(inner.data);
            }
            let (shape, data) = (bias.shape.clone(), second);
            found.insert(layer.theirs("bias_hh"), Values { shape, data });
            found.insert(layer.theirs("bias_ih"), bias);
        }
    }
    found.extend(names::export(&mut left));
    found.extend(left);
    found
}
