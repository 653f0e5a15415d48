//! From a PyTorch state dict to a model.

use super::layer::Layer;
use super::matrix::{cut, shaped, transposed};
use super::names;
use super::{COLUMNS, CONCAT, KEY, QUERY, ROWS, SAME, TRANSPOSED};
use crate::attention::{AttentionKind, Query};
use crate::cell::{Cell, CellKind};
use crate::decoder::ContextKind;
use crate::parameters::{Parameters, Values};
use network::{ModelConfig, Network, NetworkError};

/// The parameters of the model that `config` describes, from a PyTorch state dict.
///
/// The two biases of a recurrent layer are added; of a GRU's third block, the second bias stays apart
/// as `hidden_bias`. A tied output layer's own `output.weight` may be there when it equals
/// `decoder.embedding.weight`. Parameters that PyTorch has no name for keep ours. What is missing altogether, [`crate::parameters::place`] will tell.
///
/// # Errors
/// When a part of a recurrent layer is missing, when a tensor that has to be cut or added has another
/// shape than `config` says, or when a name is none of these.
pub fn import(config: &ModelConfig, state: &Parameters) -> Result<Parameters, NetworkError> {
    let mut left = state.clone();
    let mut found = Parameters::new();
    let (hidden, memory) = (
        config.hidden_size,
        config.encoder.memory_size(config.hidden_size),
    );
    if config.tie_embeddings && left.get("output.weight") == left.get("decoder.embedding.weight") {
        left.remove("output.weight");
    }
    for (ours, theirs) in SAME {
        if let Some(values) = left.remove(theirs) {
            found.insert(ours.into(), values);
        }
    }
    for (ours, theirs) in TRANSPOSED {
        if let Some(values) = left.remove(theirs) {
            found.insert(ours.into(), transposed(&values));
        }
    }
    for (ours, theirs) in ROWS.into_iter().chain(COLUMNS) {
        if let Some(Values { data, .. }) = left.remove(theirs) {
            let shape = vec![data.len()];
            found.insert(ours.into(), Values { shape, data });
        }
    }
    if let Some(values) = left.remove(CONCAT) {
        let values = shaped(CONCAT, values, vec![hidden, hidden + memory])?;
        let halves = cut(&transposed(&values), [hidden, memory]);
        found.extend([QUERY, KEY].map(String::from).into_iter().zip(halves));
    }
    for layer in Layer::all(|layer| state.contains_key(&layer.theirs("weight_hh"))) {
        import_layer(config, &layer, &mut left, &mut found)?;
    }
    found.extend(names::import(&mut left));
    // What PyTorch has no name for keeps ours; there, the sizes of vocabularies do not matter.
    Network::new(config, [1, 1])?.visit(|name, _| {
        if !found.contains_key(name) {
            found.extend(left.remove_entry(name));
        }
    });
    match left.into_keys().next() {
        Some(name) => Err(NetworkError::UnknownParameter { name }),
        None => Ok(found),
    }
}

/// The rows of the first decoder layer's input weight: the word's, and those of each of [`BESIDE`].
fn first_inputs(config: &ModelConfig) -> [usize; 3] {
    let memory = config.encoder.memory_size(config.hidden_size);
    let attention = &config.attention;
    let feed = match attention.query() {
        _ if !config.feeds() => 0,
        Query::Before => attention.context_size(memory, config.hidden_size),
        Query::After => config.hidden_size,
    };
    let every_step = config.context == Some(ContextKind::EveryStep);
    let fixed = attention.kind.pools() || (attention.kind == AttentionKind::None && every_step);
    [config.embedding_size, feed, if fixed { memory } else { 0 }]
}

fn import_layer(
    config: &ModelConfig,
    layer: &Layer,
    left: &mut Parameters,
    found: &mut Parameters,
) -> Result<(), NetworkError> {
    let kind = if layer.stack == "encoder.rnn" {
        config.encoder.kind.cell()
    } else {
        config.decoder.kind.cell()
    };
    let Some(kind) = kind else {
        let name = layer.theirs("weight_hh");
        return Err(NetworkError::UnknownParameter { name });
    };
    let gates = Cell::new(kind, None).gates();
    let mut take = |part: &str| {
        let name = layer.theirs(part);
        let values = left.remove(&name);
        values.ok_or(NetworkError::MissingParameter { name })
    };
    let hidden_weight = take("weight_hh")?;
    let hidden = hidden_weight.shape.last().copied().unwrap_or_default();
    let columns = gates * hidden;
    let hidden_weight = shaped(
        &layer.theirs("weight_hh"),
        hidden_weight,
        vec![columns, hidden],
    )?;
    found.insert(layer.ours("hidden_weight"), transposed(&hidden_weight));

    let input_weight = take("weight_ih")?;
    if layer.beside().is_empty() {
        found.insert(layer.ours("input_weight"), transposed(&input_weight));
    } else {
        let rows = first_inputs(config);
        let expected = vec![columns, rows.iter().sum()];
        let both = shaped(&layer.theirs("weight_ih"), input_weight, expected)?;
        let [word, beside @ ..] = cut(&transposed(&both), rows);
        found.insert(layer.ours("input_weight"), word);
        let beside = layer.beside().iter().zip(beside);
        let there = beside.filter(|(_, weight)| weight.shape[0] > 0);
        found.extend(there.map(|(&name, weight)| (name.to_owned(), weight)));
    }

    let mut bias = shaped(&layer.theirs("bias_ih"), take("bias_ih")?, vec![columns])?;
    let second = shaped(&layer.theirs("bias_hh"), take("bias_hh")?, vec![columns])?;
    let added = if kind == CellKind::Gru {
        2 * hidden
    } else {
        columns
    };
    for (sum, value) in bias.data.iter_mut().zip(&second.data[..added]) {
        *sum += value;
    }
    found.insert(layer.ours("bias"), bias);
    if kind == CellKind::Gru {
        let data = second.data[added..].to_vec();
        found.insert(
            layer.ours("hidden_bias"),
            Values {
                shape: vec![hidden],
                data,
            },
        );
    }
    Ok(())
}
