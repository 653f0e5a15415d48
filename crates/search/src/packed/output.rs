//! From the decoder's outputs to the next words.

use super::row::Scan;
use super::weight::{Affine, Packing};
use crate::steps::{Answer, Ask};
use kernels::instruction_sets::Capped;
use kernels::parallel;
use network::{Shaped, Values, tree};

/// A packed output layer.
#[derive(Debug)]
pub(super) struct Output {
    project: Option<Affine>,
    words: Affine,
    threads: usize,
}

/// `[rows, columns]` with rows and columns exchanged.
fn turned(data: &[f32], columns: usize) -> Vec<f32> {
    let rows = data.len() / columns;
    (0..rows * columns)
        .map(|place| data[place % rows * columns + place / rows])
        .collect()
}

impl Output {
    /// Packs the output layer of a decoder with this `embedding`, which serves as its weight where it has none of its
    /// own.
    pub(super) fn new(
        weights: &tree::Output<Values>,
        embedding: &Values,
        hidden: usize,
        packing: &Packing,
    ) -> Self {
        let weight = weights.weight.as_ref().unwrap_or(embedding);
        let size = weight.columns();
        let turned = turned(&weight.data, size);
        Self {
            project: weights
                .project
                .as_ref()
                .map(|layer| Affine::of(layer, hidden, packing)),
            words: Affine::new(&turned, size, Some(&weights.bias.data), packing),
            threads: packing.threads,
        }
    }

    /// The best words of each row of `states`, `[rows, H]`.
    pub(super) fn answer(&self, states: &[f32], rows: usize, ask: &Ask) -> Answer {
        let logits = match &self.project {
            Some(project) => self.words.apply(&project.apply(states)),
            None => self.words.apply(states),
        };
        let width = self.words.columns();
        let scan = |logits: &[f32]| {
            let (mut kept, normaliser) = Scan {
                logits,
                count: ask.count,
                barred: &ask.barred,
            }
            .run();
            for candidate in &mut kept {
                let logit = f64::from(candidate.log_probability);
                candidate.log_probability = (logit - normaliser) as f32;
            }
            (kept, normaliser)
        };
        let mut found = vec![(Vec::new(), 0.0); rows];
        let size = rows.div_ceil(self.threads);
        let parts = logits.chunks(size * width).zip(found.chunks_mut(size));
        parallel::each(parts.collect(), |(logits, found)| {
            for (logits, found) in logits.chunks_exact(width).zip(found) {
                *found = scan(logits);
            }
        });
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
