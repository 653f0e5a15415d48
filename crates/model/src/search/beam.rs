//! Beam search over a batch of sentences.

use std::cmp::Ordering;

use burn::tensor::Device;

use super::candidates::{Candidate, best, floats};
use super::trace::{Path, Trace};
use super::{Hypothesis, Marks, SearchConfig, ids};
use crate::padded::Padded;
use crate::seq2seq::Seq2Seq;

/// A partial hypothesis.
#[derive(Debug, Clone)]
struct Live {
    path: Path,
    log_probability: f64,
    word: u32,
}

/// A sentence on its way.
#[derive(Debug)]
struct Sentence {
    /// Its place in the batch that was given.
    index: usize,
    length: usize,
    limit: usize,
    live: Vec<Live>,
    finished: Vec<Hypothesis>,
}

impl Sentence {
    /// Keeps the best `count` finished hypotheses, best first.
    fn keep(&mut self, count: usize) {
        self.finished.sort_by(|a, b| descending(a.score, b.score));
        self.finished.truncate(count);
    }

    /// Whether no live hypothesis can still beat the worst that is kept.
    fn is_done(&self, config: &SearchConfig, step: usize, wanted: usize) -> bool {
        if self.live.is_empty() {
            return true;
        }
        let Some(worst) = self.finished.get(wanted - 1) else {
            return false;
        };
        let hope = |live: &Live| config.bound(live.log_probability, step, self.limit);
        self.live.iter().all(|live| hope(live) <= worst.score)
    }

    /// Takes the best continuations of the live hypotheses; gives the parent beam of each new one.
    fn advance(
        &mut self,
        candidates: &[Vec<Candidate>],
        weights: Option<&[&[f32]]>,
        config: &SearchConfig,
        marks: &Marks,
        step: usize,
    ) -> Vec<usize> {
        let mut all: Vec<(f64, usize, Candidate)> = Vec::new();
        for (beam, (live, candidates)) in self.live.iter().zip(candidates).enumerate() {
            for candidate in candidates {
                let sum = live.log_probability + f64::from(candidate.log_probability);
                all.push((sum, beam, *candidate));
            }
        }
        all.sort_by(|a, b| descending(a.0, b.0).then(a.1.cmp(&b.1)));
        let (mut next, mut parents) = (Vec::new(), Vec::new());
        for (log_probability, beam, candidate) in all.into_iter().take(config.beam) {
            let seen = weights.map_or_else(Vec::new, |rows| rows[beam][..self.length].to_vec());
            let path = Trace::extend(&self.live[beam].path, candidate.token, seen);
            if candidate.token == marks.end || step >= self.limit {
                let (tokens, attention) = Trace::unroll(&path);
                self.finished.push(Hypothesis {
                    score: config.score(log_probability, tokens.len()),
                    tokens,
                    log_probability,
                    attention,
                });
            } else {
                parents.push(beam);
                next.push(Live {
                    path,
                    log_probability,
                    word: candidate.token,
                });
            }
        }
        self.live = next;
        parents
    }
}

fn descending(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}

/// The `n_best` best translations for each sentence of a batch, best first.
///
/// A hypothesis that says the end mark leaves the beam; its place is taken by another. A sentence
/// is finished when no live hypothesis can still beat the worst one kept under the score's own
/// bound, or when none is live. The memory of a sentence is shared by its beams.
pub fn beam(
    model: &Seq2Seq,
    source: Padded<'_>,
    config: &SearchConfig,
    marks: &Marks,
    n_best: usize,
    attention: bool,
) -> Vec<Vec<Hypothesis>> {
    let device = model.device();
    let width = config.beam.max(1);
    let wanted = n_best.max(1);
    let config = &SearchConfig {
        beam: width.max(wanted),
        ..config.clone()
    };
    let width = config.beam;
    let mut results = vec![Vec::new(); source.rows()];
    if results.is_empty() {
        return results;
    }
    let (mut memory, mut state) = model.start(source);
    let mut sentences: Vec<Sentence> = (0..source.rows())
        .map(|index| Sentence {
            index,
            length: source.lengths[index],
            limit: config.limit(source.lengths[index]),
            live: vec![Live {
                path: None,
                log_probability: 0.0,
                word: marks.start,
            }],
            finished: Vec::new(),
        })
        .collect();
    // Rows of the tensors are sentence-major; at first each sentence has a single beam.
    let mut beams = 1;
    for step in 1.. {
        let words = beam_words(&sentences, beams, marks);
        let prediction = model.step(ids(&words, &device), state, &memory);
        let found = best(prediction.log_probabilities, width + 1, config, marks);
        let weights = prediction.weights.filter(|_| attention).map(|weights| {
            let time = weights.dims()[1];
            (time, floats(weights.into_data()))
        });
        let mut rows = Vec::with_capacity(sentences.len() * width);
        for (place, sentence) in sentences.iter_mut().enumerate() {
            let first = place * beams;
            let seen: Option<Vec<&[f32]>> = weights.as_ref().map(|(time, weights)| {
                weights[first * time..(first + beams) * time]
                    .chunks_exact(*time)
                    .collect()
            });
            let candidates = &found[first..first + beams];
            let parents = sentence.advance(candidates, seen.as_deref(), config, marks, step);
            sentence.keep(width);
            // Beams without a hypothesis run on idly beside the others.
            rows.extend((0..width).map(|beam| first + parents.get(beam).copied().unwrap_or(0)));
        }
        beams = width;
        let done: Vec<bool> = sentences
            .iter()
            .map(|sentence| sentence.is_done(config, step, wanted))
            .collect();
        if done.iter().any(|&done| done) {
            let left: Vec<usize> = (0..sentences.len()).filter(|&place| !done[place]).collect();
            let mut place = 0;
            sentences.retain_mut(|sentence| {
                let finished = done[place];
                place += 1;
                if finished {
                    sentence.keep(wanted);
                    results[sentence.index] = std::mem::take(&mut sentence.finished);
                }
                !finished
            });
            if left.is_empty() {
                break;
            }
            rows = left
                .iter()
                .flat_map(|&place| rows[place * width..(place + 1) * width].to_vec())
                .collect();
            memory = memory.select(&indices(&left, &device), &left);
        }
        state = prediction.state.select(&indices(&rows, &device));
    }
    results
}

/// The last word of each beam.
fn beam_words(sentences: &[Sentence], beams: usize, marks: &Marks) -> Vec<u32> {
    let words = |sentence: &Sentence| {
        let words: Vec<u32> = (0..beams)
            .map(|beam| sentence.live.get(beam).map_or(marks.end, |live| live.word))
            .collect();
        words
    };
    sentences.iter().flat_map(words).collect()
}

fn indices(rows: &[usize], device: &Device) -> burn::tensor::Tensor<1, burn::tensor::Int> {
    let rows: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
    ids(&rows, device)
}
