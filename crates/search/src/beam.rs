//! Beam search over a batch of sentences, in one group or several.

use std::cmp::Ordering;

use super::Hypothesis;
use super::allocation::share;
use super::required::Progress;
use super::rules::{Next, Rules, candidates};
use super::steps::{Answer, Candidate, Steps};
use super::stopping::Standing;
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
    progress: Progress,
}

/// A complete hypothesis.
#[derive(Debug)]
struct Finished {
    hypothesis: Hypothesis,
    /// Whether it has all that it must contain.
    met: bool,
}

/// A continuation of a live hypothesis.
#[derive(Debug)]
struct Continuation {
    /// Value that it is ranked by: its log-probability, less the penalty for saying what others say.
    rank: f64,
    /// Its live hypothesis in the group.
    beam: usize,
    candidate: Candidate,
}

/// Hypotheses that compete with each other.
#[derive(Debug)]
struct Group {
    live: Vec<Live>,
    finished: Vec<Finished>,
}

/// A sentence on its way.
#[derive(Debug)]
struct Sentence<'a> {
    /// Its place in the batch that was given.
    index: usize,
    rules: Rules<'a>,
    groups: Vec<Group>,
}

/// A step as a sentence sees it.
#[derive(Clone, Copy)]
struct Step<'a> {
    task: &'a Task<'a>,
    answer: &'a Answer,
    /// Words that may come next in each row.
    nexts: &'a [Next],
    /// Hypotheses of a group.
    width: usize,
    /// Words that each row gives.
    count: usize,
    /// Tokens, this one included.
    length: usize,
}

impl Group {
    /// Keeps the best `count` finished hypotheses, best first, those that lack something last.
    fn keep(&mut self, count: usize) {
        let order = |a: &Finished, b: &Finished| {
            let scores = descending(a.hypothesis.score, b.hypothesis.score);
            b.met.cmp(&a.met).then(scores)
        };
        self.finished.sort_by(order);
        self.finished.truncate(count);
    }

    /// Whether it has ended.
    fn is_over(&self, rules: &Rules<'_>, step: &Step<'_>) -> bool {
        let wanted = step.task.n_best.min(step.width);
        let worst = self.finished.get(wanted - 1).filter(|worst| worst.met);
        let standing = Standing {
            live: self
                .live
                .iter()
                .map(|live| live.log_probability)
                .reduce(f64::max),
            length: step.length,
            limit: rules.limit,
            finished: self.finished.iter().filter(|one| one.met).count(),
            worst: worst.map(|worst| worst.hypothesis.score),
            wanted,
            width: step.width,
        };
        standing.is_over(step.task.config)
    }

    /// All continuations worth a look of the live hypotheses, whose rows begin at `first`, best first. `said` are
    /// the words that other groups have just said.
    fn continuations(
        &self,
        rules: &Rules<'_>,
        step: &Step<'_>,
        first: usize,
        said: &[u32],
    ) -> Vec<Continuation> {
        let strength = step.task.config.diversity();
        let mut all = Vec::with_capacity(self.live.len() * step.count);
        for (beam, live) in self.live.iter().enumerate() {
            let row = first + beam;
            let steps = rules.required.steps(&live.progress);
            let found = candidates(step.answer, row, &step.nexts[row], step.count, &steps);
            for &candidate in &*found {
                let log_probability = live.log_probability + f64::from(candidate.log_probability);
                let alike = said.iter().filter(|&&word| word == candidate.token).count();
                all.push(Continuation {
                    rank: log_probability - strength * alike as f64,
                    beam,
                    candidate,
                });
            }
        }
        all.sort_by(|a, b| descending(a.rank, b.rank).then(a.beam.cmp(&b.beam)));
        all
    }

    /// Takes the best continuations and adds their words to `said`.
    fn advance(&mut self, rules: &Rules<'_>, step: &Step<'_>, first: usize, said: &mut Vec<u32>) {
        let mut all = self.continuations(rules, step, first, said);
        let progress = |one: &Continuation| {
            let before = &self.live[one.beam].progress;
            rules.required.advance(before, one.candidate.token)
        };
        if rules.required.is_empty() {
            all.truncate(step.width);
        } else {
            let most = rules.required.total();
            let bank = |one: &Continuation| most - rules.required.need(&progress(one));
            let banks: Vec<usize> = all.iter().map(bank).collect();
            let mut kept = share(step.width, &banks, most).into_iter().peekable();
            let mut index = 0;
            all.retain(|_| {
                index += 1;
                kept.next_if_eq(&(index - 1)).is_some()
            });
        }
        let mut next = Vec::with_capacity(step.width);
        for one in all {
            let (parent, word) = (first + one.beam, one.candidate.token);
            said.push(word);
            let before = &self.live[one.beam];
            let log_probability = before.log_probability + f64::from(one.candidate.log_probability);
            let progress = progress(&one);
            let seen = step.answer.attention.get(parent);
            let path = Trace::extend(&before.path, word, seen.cloned().unwrap_or_default());
            if step.task.ends(word, step.length, rules.limit) {
                self.finished.push(Finished {
                    hypothesis: step.task.complete(&path, log_probability),
                    met: rules.are_met(&progress),
                });
            } else {
                next.push(Live {
                    path,
                    log_probability,
                    word,
                    parent,
                    progress,
                });
            }
        }
        self.live = next;
        self.keep(step.width);
        if self.is_over(rules, step) {
            self.live.clear();
        }
    }
}

impl<'a> Sentence<'a> {
    fn new(task: &Task<'a>, index: usize, source: usize) -> Self {
        let rules = Rules::new(task, index, source);
        let group = || Group {
            live: vec![Live {
                path: None,
                log_probability: 0.0,
                word: task.marks.start,
                parent: index,
                progress: rules.required.start(),
            }],
            finished: Vec::new(),
        };
        let groups = (0..task.config.groups()).map(|_| group()).collect();
        Self {
            index,
            rules,
            groups,
        }
    }

    fn live(&self) -> impl Iterator<Item = &Live> {
        self.groups.iter().flat_map(|group| &group.live)
    }

    /// Moves all groups one word on; the rows begin at `first`.
    fn advance(&mut self, step: &Step<'_>, mut first: usize) {
        let mut said = Vec::new();
        for group in &mut self.groups {
            let rows = group.live.len();
            if rows > 0 {
                group.advance(&self.rules, step, first, &mut said);
            }
            first += rows;
        }
    }

    /// The best `count` of all groups, each once, best first.
    fn best(self, count: usize) -> Vec<Hypothesis> {
        let finished = self.groups.into_iter().flat_map(|group| group.finished);
        let mut all = Group {
            live: Vec::new(),
            finished: finished.collect(),
        };
        all.keep(usize::MAX);
        let mut best: Vec<Hypothesis> = Vec::with_capacity(count);
        for Finished { hypothesis, .. } in all.finished {
            let known = |other: &Hypothesis| other.tokens == hypothesis.tokens;
            if best.len() < count && !best.iter().any(known) {
                best.push(hypothesis);
            }
        }
        best
    }
}

fn descending(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}

/// The `n_best` best translations for each sentence, of `lengths` words, best first.
///
/// A hypothesis that ends leaves the beam; its place is taken by another. A group ends by the config's rule, or
/// when no hypothesis is live. `task.config.beam` is at least `task.n_best`, which is at least one, and a multiple
/// of the number of groups.
pub(super) fn beam(
    steps: &mut dyn Steps,
    lengths: &[usize],
    task: &Task<'_>,
) -> Vec<Vec<Hypothesis>> {
    let mut results = vec![Vec::new(); lengths.len()];
    let mut sentences: Vec<Sentence<'_>> = lengths
        .iter()
        .enumerate()
        .map(|(index, &source)| Sentence::new(task, index, source))
        .collect();
    let groups = task.config.groups();
    // Words that other groups have said may be passed over: there are fewer than places in the whole beam.
    let count = task.config.beam;
    let width = count / groups;
    let mut length = 0;
    while !sentences.is_empty() {
        length += 1;
        let live = || sentences.iter().flat_map(Sentence::live);
        let words: Vec<u32> = live().map(|live| live.word).collect();
        let parents: Vec<usize> = live().map(|live| live.parent).collect();
        let mut nexts = Vec::with_capacity(words.len());
        for sentence in &sentences {
            let next = |live: &Live| sentence.rules.next(&live.path, &live.progress);
            nexts.extend(sentence.live().map(next));
        }
        let barred = nexts.iter().map(Next::barred).max().unwrap_or(0);
        let mut ask = task.ask(count + barred);
        ask.everything = nexts.iter().any(Next::is_bound)
            || sentences.iter().any(|one| !one.rules.required.is_empty());
        let answer = steps.step(&words, &parents, &ask);
        let step = Step {
            task,
            answer: &answer,
            nexts: &nexts,
            width,
            count,
            length,
        };
        let mut first = 0;
        let mut left = Vec::with_capacity(sentences.len());
        for mut sentence in sentences {
            let rows = sentence.live().count();
            sentence.advance(&step, first);
            first += rows;
            if sentence.live().next().is_some() {
                left.push(sentence);
            } else {
                let index = sentence.index;
                results[index] = sentence.best(task.n_best);
            }
        }
        sentences = left;
    }
    results
}
