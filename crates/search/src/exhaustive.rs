//! Exhaustive search: the best of all translations.

use super::Hypothesis;
use super::beam::beam;
use super::error::SearchError;
use super::required::Progress;
use super::rules::{Next, Rules};
use super::score::Normalization;
use super::steps::Steps;
use super::task::Task;
use super::trace::{Path, Trace};

/// Most hypotheses that are followed at the same time.
const MOST: usize = 1 << 15;

/// A score must be worse by this share to be out of the race: the same sentence's score may differ in the last
/// digits from search to search.
const SLACK: f64 = 1e-4;

/// A partial hypothesis.
#[derive(Debug)]
struct Open {
    path: Path,
    log_probability: f64,
    word: u32,
    /// Its row in the step before.
    parent: usize,
    progress: Progress,
}

/// The best translations found so far.
#[derive(Debug)]
struct Best {
    count: usize,
    found: Vec<Hypothesis>,
    /// A score that `count` translations are known to have at least.
    least: f64,
}

impl Best {
    fn add(&mut self, hypothesis: Hypothesis) {
        let better = |other: &Hypothesis| other.score >= hypothesis.score;
        let place = self.found.partition_point(better);
        if place < self.count {
            self.found.insert(place, hypothesis);
            self.found.truncate(self.count);
            if let Some(last) = self.found.get(self.count - 1) {
                self.least = self.least.max(last.score);
            }
        }
    }

    fn may_still_be(&self, bound: f64) -> bool {
        bound >= self.least - SLACK * self.least.abs()
    }
}

/// A score that the best `task.n_best` translations of a sentence have at least, found by beam search, which may also
/// give some that lack what they must contain.
pub(super) fn floor(steps: &mut dyn Steps, length: usize, task: &Task<'_>) -> f64 {
    let constraints = task.constraints.first();
    let found = beam(steps, &[length], task).into_iter().flatten();
    let mut met = found.filter(|found| constraints.is_none_or(|all| all.are_met(&found.tokens)));
    let last = met.nth(task.n_best - 1);
    last.map_or(f64::NEG_INFINITY, |last| last.score)
}

/// The `n_best` best of all translations of one sentence, the `index`th of its batch, of `length` words; `floor` is
/// a score that they have at least.
///
/// All prefixes of a length are followed together, but for those that cannot become one of the best any more under
/// the score's bound (Stahlberg and Byrne 2019, section 4).
///
/// # Errors
/// When too many prefixes stay in the race.
pub(super) fn exhaustive(
    steps: &mut dyn Steps,
    index: usize,
    length: usize,
    task: &Task<'_>,
    floor: f64,
) -> Result<Vec<Hypothesis>, SearchError> {
    let rules = Rules::new(task, index, length);
    let mut best = Best {
        count: task.n_best,
        found: Vec::new(),
        least: floor,
    };
    let mut open = vec![Open {
        path: None,
        log_probability: 0.0,
        word: task.marks.start,
        parent: 0,
        progress: rules.required.start(),
    }];
    let mut ask = task.ask(1);
    ask.everything = true;
    let mut length = 0;
    while !open.is_empty() {
        length += 1;
        let words: Vec<u32> = open.iter().map(|one| one.word).collect();
        let parents: Vec<usize> = open.iter().map(|one| one.parent).collect();
        let answer = steps.step(&words, &parents, &ask);
        let vocabulary = answer.log_probabilities.len() / words.len();
        let mut longer = Vec::new();
        for (parent, before) in open.iter().enumerate() {
            let all = &answer.log_probabilities[parent * vocabulary..][..vocabulary];
            let next = rules.next(&before.path, &before.progress);
            let allowed = |word: &u32| match &next {
                Next::Only(words) => words.contains(word),
                Next::But(words) => !words.contains(word) && !ask.barred.contains(word),
            };
            for word in (0..vocabulary as u32).filter(allowed) {
                let log_probability = before.log_probability + f64::from(all[word as usize]);
                let ends = task.ends(word, length, rules.limit);
                let bound = match ends {
                    true => task.config.score(log_probability, length),
                    false => task.config.bound(log_probability, length, rules.limit),
                };
                if !best.may_still_be(bound) {
                    continue;
                }
                let seen = answer.attention.get(parent).cloned().unwrap_or_default();
                let path = Trace::extend(&before.path, word, seen);
                let progress = rules.required.advance(&before.progress, word);
                if !ends {
                    longer.push(Open {
                        path,
                        log_probability,
                        word,
                        parent,
                        progress,
                    });
                } else if rules.are_met(&progress) {
                    best.add(task.complete(&path, log_probability));
                }
            }
            if longer.len() > MOST {
                return Err(SearchError::TooManyHypotheses {
                    most: MOST,
                    length,
                    advice: match task.config.normalization {
                        Normalization::None => "",
                        _ => ", set `search.normalization = \"none\"`",
                    },
                });
            }
        }
        let hope = |one: &Open| task.config.bound(one.log_probability, length, rules.limit);
        longer.retain(|one| best.may_still_be(hope(one)));
        open = longer;
    }
    Ok(best.found)
}
