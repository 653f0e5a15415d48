//! Whether a model fits in this machine's memory, asked before anything is allocated.

use model::ModelConfig;
use model::cell::CellKind;

use crate::config::{Config, OptimizerKind};
use crate::error::RunError;
use crate::process_memory::of_machine;

/// Bytes of a number.
const NUMBER: u128 = 4;

/// Refuses a model of which training would need more than the machine's memory, counted at the least: parameters,
/// gradients, and what the optimiser remembers.
///
/// # Errors
/// [`RunError::TooLarge`] with the number of bytes.
pub(super) fn check(config: &Config, vocabularies: [usize; 2]) -> Result<(), RunError> {
    let Some(available) = of_machine() else {
        return Ok(());
    };
    let parameters = least_parameters(&config.model, vocabularies);
    let needed = needed(config, vocabularies);
    if needed <= u128::from(available) {
        return Ok(());
    }
    let bounded = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
    Err(RunError::TooLarge {
        needed: bounded(needed),
        parameters: bounded(parameters),
        available,
    })
}

/// Bytes of the parameters, their gradients, and what the optimiser remembers, at the least.
pub(super) fn needed(config: &Config, vocabularies: [usize; 2]) -> u128 {
    let copies = match config.optimizer.kind {
        OptimizerKind::Adam | OptimizerKind::Adamw => 4,
        OptimizerKind::Sgd => 2,
    };
    least_parameters(&config.model, vocabularies) * NUMBER * copies
}

/// How many parameters the large matrices of a model have: embeddings, cells or convolutions, and the output layer.
fn least_parameters(model: &ModelConfig, [source, target]: [usize; 2]) -> u128 {
    let wide = |number: usize| number as u128;
    let (embedding, hidden) = (wide(model.embedding_size), wide(model.hidden_size));
    let memory = wide(model.encoder.memory_size(model.hidden_size));
    let gates = |cell: CellKind| match cell {
        CellKind::Rnn => 1,
        CellKind::Gru => 3,
        CellKind::Lstm => 4,
    };
    let layers =
        |count: usize, first: u128, later: u128| first + later * wide(count).saturating_sub(1);
    let encoder = match model.encoder.kind.cell() {
        Some(cell) => {
            let directions = if model.encoder.bidirectional() { 2 } else { 1 };
            let size = memory / directions;
            let of_input = |input: u128| directions * gates(cell) * size * (input + size);
            layers(model.encoder.layers, of_input(embedding), of_input(memory))
        }
        None => 0,
    };
    let decoder = match model.decoder.kind.cell() {
        Some(cell) => {
            let of_input = |input: u128| gates(cell) * hidden * (input + hidden);
            layers(model.decoder.layers, of_input(embedding), of_input(hidden))
        }
        None => 0,
    };
    let output = if model.tie_embeddings { 0 } else { hidden };
    wide(source) * embedding + wide(target) * (embedding + output) + encoder + decoder
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::Module;
    use burn::tensor::Device;
    use model::Seq2Seq;

    #[test]
    fn the_count_is_a_lower_bound_and_a_close_one() {
        let config = ModelConfig::default().effective();
        let model = Seq2Seq::new(&config, 8_000, 2_839, 1, &Device::flex()).unwrap();
        let (all, counted) = (
            model.num_params() as u128,
            least_parameters(&config, [8_000, 2_839]),
        );
        assert!(
            counted <= all && counted * 3 > all * 2,
            "{counted} of {all}"
        );
    }

    #[test]
    fn a_model_beyond_all_memory_is_refused_with_its_bytes() {
        let mut config = Config::default();
        config.model.hidden_size = 65_536;
        config.model.embedding_size = 65_536;
        config.model.decoder.layers = 100;
        let refused = check(&config, [10_000_000; 2]);
        if of_machine().is_some() {
            assert!(matches!(refused, Err(RunError::TooLarge { needed, .. }) if needed > 1 << 40));
        }
        assert!(check(&Config::default(), [8_000; 2]).is_ok());
    }
}
