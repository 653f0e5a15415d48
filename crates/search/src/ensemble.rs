//! Several models as one.

use serde::{Deserialize, Serialize};

use super::steps::{Answer, Ask, Steps};
use crate::best::best_words;

/// How the distributions of several models become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Average {
    /// The mean of their probabilities.
    Probabilities,
    /// The mean of their log-probabilities, scaled so that probabilities sum to one: a word must please all.
    LogProbabilities,
}

impl Average {
    /// The log-probabilities of `rows` by several models, each `[rows, vocabulary]`.
    pub(crate) fn of(self, each: &[&[f32]], rows: usize) -> Vec<f32> {
        let vocabulary = each.first().map_or(0, |one| one.len()) / rows.max(1);
        let count = each.len() as f64;
        let mut mixed = Vec::with_capacity(rows * vocabulary);
        for start in (0..rows).map(|row| row * vocabulary) {
            let word = |word: usize| {
                let said = each.iter().map(|one| f64::from(one[start + word]));
                match self {
                    Average::Probabilities => (said.map(f64::exp).sum::<f64>() / count).ln(),
                    Average::LogProbabilities => said.sum::<f64>() / count,
                }
            };
            let row: Vec<f64> = (0..vocabulary).map(word).collect();
            let normaliser = match self {
                Average::Probabilities => 0.0,
                Average::LogProbabilities => row.iter().map(|one| one.exp()).sum::<f64>().ln(),
            };
            mixed.extend(row.iter().map(|one| (one - normaliser) as f32));
        }
        mixed
    }
}

/// A batch on its way through several models with the same vocabularies.
pub(super) struct Ensemble<'a> {
    pub(super) members: Vec<Box<dyn Steps + 'a>>,
    pub(super) average: Average,
}

impl Steps for Ensemble<'_> {
    fn step(&mut self, words: &[u32], parents: &[usize], ask: &Ask) -> Answer {
        let asked = Ask {
            count: 1,
            everything: true,
            ..ask.clone()
        };
        let step = |member: &mut Box<dyn Steps + '_>| member.step(words, parents, &asked);
        let answers: Vec<Answer> = self.members.iter_mut().map(step).collect();
        let each: Vec<&[f32]> = answers
            .iter()
            .map(|answer| &answer.log_probabilities[..])
            .collect();
        let rows = words.len();
        let mixed = self.average.of(&each, rows);
        let log_probabilities = match ask.everything {
            true => mixed.clone(),
            false => Vec::new(),
        };
        Answer {
            candidates: best_words(rows, mixed, None, ask),
            attention: attention(&answers),
            log_probabilities,
        }
    }
}

/// The mean attention of those that have any, over as many positions as the first of them.
fn attention(answers: &[Answer]) -> Vec<Vec<f32>> {
    let mut seeing: Vec<&Vec<Vec<f32>>> = answers
        .iter()
        .map(|answer| &answer.attention)
        .filter(|attention| !attention.is_empty())
        .collect();
    let Some(&first) = seeing.first() else {
        return Vec::new();
    };
    let sizes = |one: &Vec<Vec<f32>>| one.iter().map(Vec::len).collect::<Vec<usize>>();
    seeing.retain(|one| sizes(one) == sizes(first));
    let mean = |row: usize, position: usize| {
        let sum: f32 = seeing.iter().map(|one| one[row][position]).sum();
        sum / seeing.len() as f32
    };
    let rows = first.iter().enumerate();
    rows.map(|(row, weights)| (0..weights.len()).map(|place| mean(row, place)).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_distributions() {
        let logs = |values: [f32; 6]| values.map(f32::ln);
        let [one, other] = [
            logs([0.5, 0.25, 0.25, 0.8, 0.1, 0.1]),
            logs([0.1, 0.8, 0.1, 0.2, 0.4, 0.4]),
        ];
        let check = |average: Average, wanted: [f32; 6]| {
            let found = average.of(&[&one, &other], 2);
            for (found, wanted) in found.iter().zip(wanted) {
                assert!((found.exp() - wanted).abs() < 1e-6, "{average:?}: {found}");
            }
        };
        check(Average::Probabilities, [0.3, 0.525, 0.175, 0.5, 0.25, 0.25]);
        let first = [0.05f32, 0.2, 0.025].map(f32::sqrt);
        let second = [0.16f32, 0.04, 0.04].map(f32::sqrt);
        let sums: [f32; 2] = [first.iter().sum(), second.iter().sum()];
        let scaled = |row: [f32; 3], sum: f32| row.map(|one| one / sum);
        let [a, b, c] = scaled(first, sums[0]);
        let [d, e, f] = scaled(second, sums[1]);
        check(Average::LogProbabilities, [a, b, c, d, e, f]);
    }
}
