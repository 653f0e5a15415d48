//! Specification of search: its results, computed in the plainest way.

use burn::tensor::{Int, Tensor};
use model::search::Normalization;
use model::{Pairs, SearchConfig, Seq2Seq};

use crate::subject::{END, PAD, Rows, START, UNKNOWN};

/// The log-probability of each of `targets` as translations of one source.
pub(crate) fn log_probabilities(model: &Seq2Seq, source: &[u32], targets: &[Vec<u32>]) -> Vec<f64> {
    let sources = Rows::new(&vec![source.to_vec(); targets.len()]);
    let shifted = |target: &Vec<u32>| [&[START], &target[..target.len() - 1]].concat();
    let inputs = Rows::new(&targets.iter().map(shifted).collect::<Vec<_>>());
    let outputs = Rows::new(targets);
    let scores = model.score(Pairs {
        source: sources.padded().into(),
        input: inputs.padded(),
        output: outputs.padded(),
    });
    let sum = |words: &Vec<f32>| words.iter().map(|&word| f64::from(word)).sum();
    scores.iter().map(sum).collect()
}

/// The attention of each step when the decoder is made to say `tokens`.
pub(crate) fn attention(model: &Seq2Seq, source: &[u32], tokens: &[u32]) -> Vec<Vec<f32>> {
    let rows = Rows::new(&[source.to_vec()]);
    let (memory, mut state) = model.start(rows.padded());
    let said = tokens.iter().rev().skip(1).rev();
    std::iter::once(&START)
        .chain(said)
        .map(|&word| {
            let word = Tensor::<1, Int>::from_data([word as i32], &model.device());
            let step = model.step(word, state.clone(), &memory);
            state = step.state;
            step.weights.unwrap().into_data().iter::<f32>().collect()
        })
        .collect()
}

/// The formulas of the three kinds, written once more.
pub(crate) fn normalized(config: &SearchConfig, log_probability: f64, length: usize) -> f64 {
    let length = length as f64;
    match config.normalization {
        Normalization::None => log_probability,
        Normalization::Average => log_probability / length.powf(config.length_penalty),
        Normalization::Gnmt => {
            log_probability * 6f64.powf(config.length_penalty)
                / (5.0 + length).powf(config.length_penalty)
        }
    }
}

pub(crate) fn limit(config: &SearchConfig, source: &[u32]) -> usize {
    config.max_length.min(3 * source.len() + 10)
}

/// The words that may stand in a translation.
pub(crate) fn allowed(model: &Seq2Seq, config: &SearchConfig) -> Vec<u32> {
    let words = model.output.bias.dims()[0] as u32;
    let barred = |word| word == PAD || word == START || (word == UNKNOWN && !config.allow_unknown);
    (0..words).filter(|&word| !barred(word)).collect()
}

/// Beam search as a textbook has it: one hypothesis at a time, each continuation scored from the
/// start, no early finish.
pub(crate) fn textbook(
    model: &Seq2Seq,
    source: &[u32],
    config: &SearchConfig,
    n_best: usize,
) -> Vec<(f64, Vec<u32>)> {
    let width = config.beam.max(n_best);
    let (mut live, mut finished) = (vec![Vec::new()], Vec::new());
    for length in 1..=limit(config, source) {
        let continuations: Vec<Vec<u32>> = live
            .iter()
            .flat_map(|words: &Vec<u32>| {
                let next = allowed(model, config).into_iter();
                next.map(|word| [words.as_slice(), &[word]].concat())
            })
            .collect();
        if continuations.is_empty() {
            break;
        }
        let scores = log_probabilities(model, source, &continuations);
        let mut ranked: Vec<(f64, Vec<u32>)> = scores.into_iter().zip(continuations).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked.truncate(width);
        live.clear();
        for (score, words) in ranked {
            if words.last() == Some(&END) || length == limit(config, source) {
                finished.push((normalized(config, score, length), words));
            } else {
                live.push(words);
            }
        }
    }
    finished.sort_by(|a, b| b.0.total_cmp(&a.0));
    finished.truncate(n_best);
    finished
}

/// Every translation of at most `longest` tokens, best first.
pub(crate) fn exhaustive(
    model: &Seq2Seq,
    source: &[u32],
    config: &SearchConfig,
) -> Vec<(f64, Vec<u32>)> {
    let longest = limit(config, source);
    let (mut open, mut all) = (vec![Vec::new()], Vec::new());
    for length in 1..=longest {
        let mut longer = Vec::new();
        for words in &open {
            for word in allowed(model, config) {
                let sentence = [words.as_slice(), &[word]].concat();
                if word == END || length == longest {
                    all.push(sentence);
                } else {
                    longer.push(sentence);
                }
            }
        }
        open = longer;
    }
    let scores = log_probabilities(model, source, &all);
    let mut ranked: Vec<(f64, Vec<u32>)> = all
        .into_iter()
        .zip(scores)
        .map(|(words, score)| (normalized(config, score, words.len()), words))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked
}
