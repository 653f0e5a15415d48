//! Which words may come next in a hypothesis.

use std::borrow::Cow;

use super::SearchConfig;
use super::constraints::Constraints;
use super::method::Method;
use super::required::{Progress, Required};
use super::steps::{Answer, Candidate};
use super::task::{Ending, Task};
use super::trace::{Path, Trace};

/// Words that may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// All words but these, beside those that a step never gives.
    But(Vec<u32>),
    /// One of these.
    Only(Vec<u32>),
}

impl Next {
    /// So many candidates too many must be asked for to have enough.
    pub(super) fn barred(&self) -> usize {
        match self {
            Next::But(words) => words.len(),
            Next::Only(_) => 0,
        }
    }

    /// Whether the log-probabilities of all words are needed.
    pub(super) fn is_bound(&self) -> bool {
        matches!(self, Next::Only(_))
    }
}

/// The rules that one sentence's hypotheses follow.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    config: &'a SearchConfig,
    end: u32,
    constraints: Option<&'a Constraints>,
    pub(super) required: Required,
    /// Most words.
    pub(super) limit: usize,
    /// Whether there are rules at all.
    free: bool,
    /// Whether room is kept for a word before each phrase; an exhaustive search looks at what has none too.
    reserves: bool,
}

impl<'a> Rules<'a> {
    /// For the sentence at `index` of the batch, of `source` words.
    pub(super) fn new(task: &Task<'a>, index: usize, source: usize) -> Self {
        let marked = task.ending == Ending::Marked;
        let constraints = task.constraints.get(index).filter(|_| marked);
        let required = constraints.map_or_else(Required::default, |constraints| {
            Required::new(&constraints.required)
        });
        let asked = constraints.map_or(0, |constraints| constraints.prefix.len() + 1);
        // Where a phrase may not follow another one at once, a word comes between.
        let apart = constraints.is_some_and(|all| all.forbidden.iter().any(|one| one.len() > 1));
        let asked = asked + if apart { required.count() } else { 0 };
        let config = task.config;
        Self {
            config,
            end: task.marks.end,
            limit: task.limit(source).max(asked + required.total()),
            free: !marked
                || (config.min_length <= 1
                    && config.no_repeat_ngram == 0
                    && constraints.is_none_or(Constraints::is_empty)),
            reserves: apart && config.method != Method::Exhaustive,
            constraints,
            required,
        }
    }

    /// Returns the words that may come after those of `path`.
    pub(super) fn next(&self, path: &Path, progress: &Progress) -> Next {
        if self.free {
            return Next::But(Vec::new());
        }
        let words = Trace::words(path);
        let prefix = self.constraints.map_or(&[][..], |all| &all.prefix);
        if let Some(&word) = prefix.get(words.len()) {
            return Next::Only(vec![word]);
        }
        let mut barred = self.forbidden(&words);
        let need = self.required.need(progress);
        // Words that may follow the next one, the end not counted.
        let room = (self.limit - words.len()).saturating_sub(2);
        let spare = match self.reserves {
            true => self.required.left(progress),
            false => 0,
        };
        if need > 0 && self.required.need_anew(progress) + spare > room {
            // Not every word leaves room for what is missing.
            let after = |word| self.required.need(&self.required.advance(progress, word));
            let mut fit = self.required.missing(progress);
            fit.retain(|&word| after(word) <= room && !barred.contains(&word));
            if !fit.is_empty() {
                return Next::Only(fit);
            }
            barred.extend(self.dead_ends(&words, progress, &barred));
        }
        let steps = self.required.steps(progress);
        for word in repeated(&words, self.config.no_repeat_ngram) {
            if !barred.contains(&word) && !steps.contains(&word) {
                barred.push(word);
            }
        }
        if need > 0 || words.len() + 1 < self.config.min_length {
            barred.push(self.end);
        }
        Next::But(barred)
    }

    /// The words that would end a phrase that must not be said, each once.
    fn forbidden(&self, words: &[u32]) -> Vec<u32> {
        let mut barred = Vec::new();
        let phrases = self.constraints.map_or(&[][..], |all| &all.forbidden);
        for phrase in phrases {
            if let Some((last, before)) = phrase.split_last()
                && words.ends_with(before)
                && !barred.contains(last)
            {
                barred.push(*last);
            }
        }
        barred
    }

    /// The words after which no phrase that is missing could be gone on with, each once, but for those that are
    /// barred anyway.
    fn dead_ends(&self, words: &[u32], progress: &Progress, barred: &[u32]) -> Vec<u32> {
        let mut found = Vec::new();
        let phrases = self.constraints.map_or(&[][..], |all| &all.forbidden);
        for phrase in phrases.iter().filter(|phrase| phrase.len() > 1) {
            let word = phrase[phrase.len() - 2];
            if barred.contains(&word) || found.contains(&word) {
                continue;
            }
            let longer = [words, &[word]].concat();
            let forbidden = self.forbidden(&longer);
            let steps = self.required.steps(&self.required.advance(progress, word));
            if !steps.is_empty() && steps.iter().all(|step| forbidden.contains(step)) {
                found.push(word);
            }
        }
        found
    }

    /// Whether a hypothesis that is complete has all that it must contain.
    pub(super) fn are_met(&self, progress: &Progress) -> bool {
        self.required.need(progress) == 0
    }
}

/// The words that, after `words`, would make `size` words come a second time, each once.
fn repeated(words: &[u32], size: usize) -> Vec<u32> {
    let mut barred = Vec::new();
    if size == 0 || words.len() < size {
        return barred;
    }
    let ending = &words[words.len() + 1 - size..];
    for part in words.windows(size) {
        let (last, before) = (part[size - 1], &part[..size - 1]);
        if before == ending && !barred.contains(&last) {
            barred.push(last);
        }
    }
    barred
}

/// The up to `count` best words for row `row` of a step, and those of `steps` that are allowed.
pub(super) fn candidates<'a>(
    answer: &'a Answer,
    row: usize,
    next: &Next,
    count: usize,
    steps: &[u32],
) -> Cow<'a, [Candidate]> {
    let best = &answer.candidates[row];
    let vocabulary = answer.log_probabilities.len() / answer.candidates.len().max(1);
    let candidate = |&token: &u32| Candidate {
        token,
        log_probability: answer.log_probabilities[row * vocabulary + token as usize],
    };
    let barred = match next {
        Next::Only(words) => return words.iter().map(candidate).collect(),
        Next::But(barred) if barred.is_empty() && steps.is_empty() => {
            return Cow::Borrowed(&best[..count.min(best.len())]);
        }
        Next::But(barred) => barred,
    };
    let allowed = best.iter().filter(|found| !barred.contains(&found.token));
    let mut found: Vec<Candidate> = allowed.take(count).copied().collect();
    for word in steps {
        let known = found.iter().any(|found| found.token == *word);
        if !known && !barred.contains(word) {
            found.push(candidate(word));
        }
    }
    found.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_come_a_second_time_is_barred() {
        let words = [4, 5, 6, 4, 5, 7, 4, 5];
        assert_eq!(repeated(&words, 3), [6, 7]);
        assert_eq!(repeated(&words, 2), [6, 7]);
        assert_eq!(repeated(&words, 1), [4, 5, 6, 7]);
        assert!(repeated(&words, 4).is_empty());
        assert!(repeated(&words, 9).is_empty());
        assert!(repeated(&words, 0).is_empty());
        assert!(repeated(&[], 1).is_empty());
    }
}
