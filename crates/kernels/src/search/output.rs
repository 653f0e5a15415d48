//! From the decoder's outputs to the next words.

use rayon::prelude::*;
use rten_simd::SimdOp;

use super::answer::{Answer, Ask};
use super::blocks::Blocks;
use super::parameters::OutputWeights;
use super::row::Scan;
use super::weight::Precision;

/// A packed output layer.
#[derive(Debug)]
pub(super) struct Output {
    project: Option<Blocks>,
    words: Blocks,
}

/// `[rows, columns]` with rows and columns exchanged.
fn turned(data: &[f32], columns: usize) -> Vec<f32> {
    let rows = data.len() / columns;
    (0..rows * columns)
        .map(|place| data[place % rows * columns + place / rows])
        .collect()
}

impl Output {
    pub(super) fn new(
        weights: OutputWeights,
        hidden: usize,
        precision: Precision,
        count: usize,
    ) -> Self {
        let size = weights.weight.len() / weights.bias.len();
        let turned = turned(&weights.weight, size);
        Self {
            project: weights
                .project
                .map(|weight| Blocks::new(&weight, hidden, None, count, precision)),
            words: Blocks::new(&turned, size, Some(&weights.bias), count, precision),
        }
    }

    /// The best words of each row of `states`, `[rows, H]`.
    pub(super) fn answer(&self, states: &[f32], rows: usize, ask: &Ask) -> Answer {
        let logits = match &self.project {
            Some(project) => self.words.product(&project.multiply(states)),
            None => self.words.product(states),
        };
        let scan = |row: usize| {
            let pieces: Vec<&[f32]> = logits.row(row, &self.words).collect();
            let (mut kept, normaliser) = Scan {
                pieces: &pieces,
                count: ask.count,
                barred: &ask.barred,
            }
            .dispatch();
            for candidate in &mut kept {
                let logit = f64::from(candidate.log_probability);
                candidate.log_probability = (logit - normaliser) as f32;
            }
            (kept, normaliser)
        };
        let least = rows.div_ceil(2 * rayon::current_num_threads());
        let found: Vec<_> = (0..rows)
            .into_par_iter()
            .with_min_len(least)
            .map(scan)
            .collect();
        let mut answer = Answer::default();
        for (row, (candidates, normaliser)) in found.into_iter().enumerate() {
            answer.candidates.push(candidates);
            if ask.everything {
                let all = logits.row(row, &self.words).flatten();
                let log = all.map(|&logit| (f64::from(logit) - normaliser) as f32);
                answer.log_probabilities.extend(log);
            }
        }
        answer
    }
}
