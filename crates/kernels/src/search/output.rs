//! From the decoder's outputs to the next words.

use rayon::prelude::*;
use rten_simd::SimdOp;

use super::answer::{Answer, Ask};
use super::parameters::OutputWeights;
use super::row::Scan;
use super::weight::{Affine, Packing};

/// A packed output layer.
#[derive(Debug)]
pub(super) struct Output {
    project: Option<Affine>,
    words: Affine,
}

/// `[rows, columns]` with rows and columns exchanged.
fn turned(data: &[f32], columns: usize) -> Vec<f32> {
    let rows = data.len() / columns;
    (0..rows * columns)
        .map(|place| data[place % rows * columns + place / rows])
        .collect()
}

impl Output {
    pub(super) fn new(weights: OutputWeights, hidden: usize, packing: &Packing) -> Self {
        let size = weights.weight.len() / weights.bias.len();
        let turned = turned(&weights.weight, size);
        Self {
            project: weights
                .project
                .map(|weight| Affine::new(&weight, hidden, None, packing)),
            words: Affine::new(&turned, size, Some(&weights.bias), packing),
        }
    }

    /// The best words of each row of `states`, `[rows, H]`.
    pub(super) fn answer(&self, states: &[f32], rows: usize, ask: &Ask) -> Answer {
        let logits = match &self.project {
            Some(project) => self.words.apply(&project.apply(states)),
            None => self.words.apply(states),
        };
        let width = self.words.columns();
        let scan = |row: &[f32]| {
            let (mut kept, normaliser) = Scan {
                logits: row,
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
        let found: Vec<_> = logits
            .par_chunks(width)
            .with_min_len(least)
            .map(scan)
            .collect();
        let mut answer = Answer::default();
        for (row, (candidates, normaliser)) in logits.chunks_exact(width).zip(found) {
            answer.candidates.push(candidates);
            if ask.everything {
                let log = row
                    .iter()
                    .map(|&logit| (f64::from(logit) - normaliser) as f32);
                answer.log_probabilities.extend(log);
            }
        }
        answer
    }
}
