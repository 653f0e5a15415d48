//! The most probable words of a step.

use crate::steps::{Ask, Candidate};

/// The best allowed words of each row, best first, the smaller id first among equals: of the words `ids` of each row, or of all, with
/// log-probabilities `values`, `[rows, columns]`.
pub fn best_words(
    rows: usize,
    values: Vec<f32>,
    ids: Option<Vec<u32>>,
    ask: &Ask,
) -> Vec<Vec<Candidate>> {
    let columns = values.len() / rows.max(1);
    (0..rows)
        .map(|row| {
            let part = row * columns..(row + 1) * columns;
            let names = ids.as_ref().map(|ids| &ids[part.clone()]);
            let mut kept: Vec<Candidate> = Vec::with_capacity(ask.count + 1);
            for (column, &log_probability) in values[part].iter().enumerate() {
                let full = kept.len() == ask.count;
                if full
                    && kept
                        .last()
                        .is_none_or(|worst| log_probability < worst.log_probability)
                {
                    continue;
                }
                let token = names.map_or(column as u32, |names| names[column]);
                if ask.barred.contains(&token) {
                    continue;
                }
                let place = kept.partition_point(|other| {
                    other.log_probability > log_probability
                        || (other.log_probability == log_probability && other.token < token)
                });
                let candidate = Candidate {
                    token,
                    log_probability,
                };
                kept.insert(place, candidate);
                kept.truncate(ask.count);
            }
            kept
        })
        .collect()
}
