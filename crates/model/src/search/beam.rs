//! Beam search over a batch of sentences.

use std::cmp::Ordering;

use super::Hypothesis;
use super::steps::{Answer, Candidate, Steps};
use super::task::Task;
use super::trace::{Path, Trace};

/// A partial hypothesis.
#[derive(Debug, Clone)]
struct Live {
    path: Path,
    log_probability: f64,
    word: u32,
    /// Its row in the step before.
    parent: usize,
}

/// A sentence on its way.
#[derive(Debug)]
struct Sentence {
    /// Its place in the batch that was given.
    index: usize,
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
    fn is_done(&self, task: &Task<'_>, length: usize) -> bool {
        if self.live.is_empty() {
            return true;
        }
        let Some(worst) = self.finished.get(task.n_best - 1) else {
            return false;
        };
        let config = task.config;
        let hope = |live: &Live| config.bound(live.log_probability, length, self.limit);
        self.live.iter().all(|live| hope(live) <= worst.score)
    }

    /// Takes the best continuations of the live hypotheses, whose rows begin at `first`.
    fn advance(&mut self, answer: &Answer, first: usize, task: &Task<'_>, length: usize) {
        let mut all: Vec<(f64, usize, Candidate)> = Vec::new();
        for (beam, live) in self.live.iter().enumerate() {
            for candidate in &answer.candidates[first + beam] {
                let sum = live.log_probability + f64::from(candidate.log_probability);
                all.push((sum, beam, *candidate));
            }
        }
        all.sort_by(|a, b| descending(a.0, b.0).then(a.1.cmp(&b.1)));
        let mut next = Vec::with_capacity(task.config.beam);
        for (log_probability, beam, candidate) in all.into_iter().take(task.config.beam) {
            let parent = first + beam;
            let seen = answer.attention.get(parent).cloned().unwrap_or_default();
            let path = Trace::extend(&self.live[beam].path, candidate.token, seen);
            if task.ends(candidate.token, length, self.limit) {
                let (tokens, attention) = Trace::unroll(&path);
                self.finished.push(Hypothesis {
                    score: task.config.score(log_probability, tokens.len()),
                    tokens,
                    log_probability,
                    attention,
                });
            } else {
                next.push(Live {
                    path,
                    log_probability,
                    word: candidate.token,
                    parent,
                });
            }
        }
        self.live = next;
    }
}

fn descending(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}

/// The `n_best` best translations for each sentence, of `lengths` words, best first.
///
/// A hypothesis that ends leaves the beam; its place is taken by another. A sentence is finished when no live
/// hypothesis can still beat the worst one kept under the score's own bound, or when none is live.
/// `task.config.beam` is at least `task.n_best`, which is at least one.
pub(super) fn beam(
    steps: &mut dyn Steps,
    lengths: &[usize],
    task: &Task<'_>,
) -> Vec<Vec<Hypothesis>> {
    let mut results = vec![Vec::new(); lengths.len()];
    let mut sentences: Vec<Sentence> = lengths
        .iter()
        .enumerate()
        .map(|(index, &source)| Sentence {
            index,
            limit: task.limit(source),
            live: vec![Live {
                path: None,
                log_probability: 0.0,
                word: task.marks.start,
                parent: index,
            }],
            finished: Vec::new(),
        })
        .collect();
    let width = task.config.beam;
    let ask = task.ask(width);
    let mut length = 0;
    while !sentences.is_empty() {
        length += 1;
        let live = || sentences.iter().flat_map(|sentence| &sentence.live);
        let words: Vec<u32> = live().map(|live| live.word).collect();
        let parents: Vec<usize> = live().map(|live| live.parent).collect();
        let answer = steps.step(&words, &parents, &ask);
        let mut first = 0;
        sentences.retain_mut(|sentence| {
            let beams = sentence.live.len();
            sentence.advance(&answer, first, task, length);
            first += beams;
            sentence.keep(width);
            let done = sentence.is_done(task, length);
            if done {
                sentence.keep(task.n_best);
                results[sentence.index] = std::mem::take(&mut sentence.finished);
            }
            !done
        });
    }
    results
}
