//! Greedy search: the most probable word at every step.

use super::candidates::{best, floats};
use super::trace::{Path, Trace};
use super::{Hypothesis, Marks, SearchConfig, ids};
use crate::padded::Padded;
use crate::seq2seq::Seq2Seq;

/// One translation for each sentence of a batch. `attention` says whether weights are wanted.
pub fn greedy(
    model: &Seq2Seq,
    source: Padded<'_>,
    config: &SearchConfig,
    marks: &Marks,
    attention: bool,
) -> Vec<Hypothesis> {
    let device = model.device();
    let rows = source.rows();
    if rows == 0 {
        return Vec::new();
    }
    let limits: Vec<usize> = source.lengths.iter().map(|&n| config.limit(n)).collect();
    let (memory, mut state) = model.start(source);
    let mut words = vec![marks.start; rows];
    let mut paths: Vec<Path> = vec![None; rows];
    let mut sums = vec![0.0f64; rows];
    let mut done = vec![false; rows];
    for length in 1.. {
        let prediction = model.step(ids(&words, &device), state, &memory);
        state = prediction.state;
        let weights = prediction.weights.filter(|_| attention).map(|weights| {
            let time = weights.dims()[1];
            (time, floats(weights.into_data()))
        });
        let found = best(prediction.log_probabilities, 1, config, marks);
        for (row, candidates) in found.iter().enumerate() {
            let Some(candidate) = candidates.first().filter(|_| !done[row]) else {
                done[row] = true;
                continue;
            };
            let seen = weights.as_ref().map_or_else(Vec::new, |(time, weights)| {
                weights[row * time..row * time + source.lengths[row]].to_vec()
            });
            words[row] = candidate.token;
            sums[row] += f64::from(candidate.log_probability);
            paths[row] = Trace::extend(&paths[row], candidate.token, seen);
            done[row] = candidate.token == marks.end || length >= limits[row];
        }
        if done.iter().all(|&done| done) {
            break;
        }
    }
    paths
        .iter()
        .zip(sums)
        .map(|(path, log_probability)| {
            let (tokens, attention) = Trace::unroll(path);
            Hypothesis {
                score: config.score(log_probability, tokens.len()),
                tokens,
                log_probability,
                attention,
            }
        })
        .collect()
}
