//! The most probable next words.

use burn::tensor::{Tensor, TensorData};

use super::{Marks, SearchConfig};
use crate::host;

/// A next word with its log-probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) token: u32,
    pub(super) log_probability: f32,
}

/// The `count` best allowed words of each row of `log_probabilities`, `[rows, vocabulary]`, best
/// first; the smaller id first among equals.
pub(super) fn best(
    log_probabilities: Tensor<2>,
    count: usize,
    config: &SearchConfig,
    marks: &Marks,
) -> Vec<Vec<Candidate>> {
    let [rows, vocabulary] = log_probabilities.dims();
    let width = vocabulary.min(count + 3); // Three marks may have to be passed over.
    let (values, ids) = if host::runs(&log_probabilities) {
        (floats(log_probabilities.into_data()), None)
    } else {
        // Only the best few leave a GPU.
        let (values, ids) = log_probabilities.topk_with_indices(width, 1);
        (floats(values.into_data()), Some(integers(ids.into_data())))
    };
    let columns = values.len() / rows.max(1);
    (0..rows)
        .map(|row| {
            let scores = &values[row * columns..(row + 1) * columns];
            let names = ids
                .as_ref()
                .map(|ids| &ids[row * columns..(row + 1) * columns]);
            let mut kept: Vec<Candidate> = Vec::with_capacity(count + 1);
            for (column, &log_probability) in scores.iter().enumerate() {
                if kept.len() == count && log_probability <= kept[count - 1].log_probability {
                    continue;
                }
                let token = names.map_or(column as u32, |names| names[column]);
                if !config.allows(token, marks) {
                    continue;
                }
                let place = kept.partition_point(|other| {
                    other.log_probability > log_probability
                        || (other.log_probability == log_probability && other.token < token)
                });
                kept.insert(
                    place,
                    Candidate {
                        token,
                        log_probability,
                    },
                );
                kept.truncate(count);
            }
            kept
        })
        .collect()
}

/// The numbers of a float tensor on the host.
pub(super) fn floats(data: TensorData) -> Vec<f32> {
    data.iter::<f32>().collect()
}

fn integers(data: TensorData) -> Vec<u32> {
    data.iter::<i64>().map(|id| id as u32).collect()
}
