//! The batches of a training, as its config asks for them.

use data::DataError;
use data::batching::{BatchConfig, Prefetched};

use crate::backend::Choice;
use crate::config::Config;

/// Lengths are padded up to a multiple of this.
pub(crate) fn pad_multiple(config: &Config, choice: &Choice) -> usize {
    match config.train.pad_multiple {
        0 if choice.compiles_shapes() => 8,
        0 => 1,
        multiple => multiple,
    }
}

/// How a data set is cut into batches.
pub(crate) fn batch_config(config: &Config, pad_multiple: usize) -> BatchConfig {
    BatchConfig {
        // One that is to be found is found before the first batch.
        size: config.train.batch_size.known().unwrap_or(1),
        unit: config.train.batch_unit,
        multiple_of: pad_multiple,
        listed: config.data.most_in_memory,
        seed: config.seed,
        ..BatchConfig::default()
    }
}

/// Takes the batches of one update, never across an epoch's end. False when there are no more.
///
/// # Errors
/// Those of making a batch.
pub(crate) fn fill(
    waiting: &mut Vec<Prefetched>,
    stream: &mut impl Iterator<Item = Result<Prefetched, DataError>>,
    count: usize,
) -> Result<bool, DataError> {
    while waiting.len() < count {
        let Some(next) = stream.next() else {
            break;
        };
        let next = next?;
        let last = next.is_last;
        waiting.push(next);
        if last {
            break;
        }
    }
    Ok(!waiting.is_empty())
}
