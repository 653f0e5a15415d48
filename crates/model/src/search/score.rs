//! Scores of given translations.

use ::search::Average;

use crate::seq2seq::{Pairs, Seq2Seq};

/// The log-probability of each real target token of each pair by several models with the same vocabularies, the end
/// mark's last; see [`Seq2Seq::score`].
pub fn score(models: &[&Seq2Seq], pairs: Pairs<'_>, average: Average) -> Vec<Vec<f32>> {
    if let [model] = models {
        return model.score(pairs);
    }
    let each: Vec<Vec<f32>> = models
        .iter()
        .map(|model| {
            model
                .distributions(pairs)
                .into_data()
                .iter::<f32>()
                .collect()
        })
        .collect();
    let each: Vec<&[f32]> = each.iter().map(Vec::as_slice).collect();
    let (rows, time) = (pairs.output.rows(), pairs.output.time);
    let mixed = average.of(&each, rows * time);
    let vocabulary = mixed.len() / (rows * time).max(1);
    let token = |row: usize, step: usize| {
        let word = pairs.output.ids[row * time + step] as usize;
        mixed[(step * rows + row) * vocabulary + word]
    };
    let lengths = pairs.output.lengths.iter().enumerate();
    lengths
        .map(|(row, &length)| (0..length).map(|step| token(row, step)).collect())
        .collect()
}
