//! Sampling: words drawn from the model's distribution.

use random::{Place, Purpose, Stream};

use super::Hypothesis;
use super::required::Required;
use super::rules::{Next, Rules};
use super::steps::{Candidate, Steps};
use super::task::Task;
use super::trace::{Path, Trace};

/// A sample on its way.
#[derive(Debug)]
struct Row {
    /// The place of its sentence in the batch that was given.
    sentence: usize,
    /// Its number among the sentence's samples.
    number: usize,
    stream: Stream,
    path: Path,
    sum: f64,
    word: u32,
    /// Its row in the step before.
    parent: usize,
}

/// `count` translations of each sentence, of `lengths` words, in the order in which they are drawn.
///
/// Each is drawn with a stream of random numbers of its own, which belongs to the seed, the sentence's number in
/// the input and the sample's number. Scores and log-probabilities are the model's own, whatever the temperature. A
/// sample of which the rules leave no next word is left out.
pub(super) fn sample(
    steps: &mut dyn Steps,
    lengths: &[usize],
    task: &Task<'_>,
    count: usize,
) -> Vec<Vec<Hypothesis>> {
    let rules: Vec<Rules<'_>> = lengths
        .iter()
        .enumerate()
        .map(|(index, &source)| Rules::new(task, index, source))
        .collect();
    let mut rows: Vec<Row> = (0..lengths.len())
        .flat_map(|sentence| (0..count).map(move |number| (sentence, number)))
        .map(|(sentence, number)| Row {
            sentence,
            number,
            stream: Stream::new(Place {
                seed: task.config.seed(),
                purpose: Purpose::Sample,
                step: task.numbers.get(sentence).copied().unwrap_or(sentence) as u64,
                index: number as u64,
            }),
            path: None,
            sum: 0.0,
            word: task.marks.start,
            parent: sentence,
        })
        .collect();
    let mut results = vec![vec![None; count]; lengths.len()];
    let mut ask = task.ask(1);
    ask.everything = true;
    let nothing = Required::default().start();
    let mut length = 0;
    while !rows.is_empty() {
        length += 1;
        let words: Vec<u32> = rows.iter().map(|row| row.word).collect();
        let parents: Vec<usize> = rows.iter().map(|row| row.parent).collect();
        let mut answer = steps.step(&words, &parents, &ask);
        let vocabulary = answer.log_probabilities.len() / words.len();
        let mut place = 0;
        rows.retain_mut(|row| {
            row.parent = place;
            place += 1;
            let rules = &rules[row.sentence];
            let all = &answer.log_probabilities[row.parent * vocabulary..][..vocabulary];
            let next = rules.next(&row.path, &nothing);
            let drawn = Drawing::new(all, &next, &ask.barred, task);
            let Some(candidate) = drawn.draw(&mut row.stream) else {
                return false;
            };
            let seen = answer.attention.get_mut(row.parent);
            let seen = seen.map(std::mem::take).unwrap_or_default();
            row.word = candidate.token;
            row.sum += f64::from(candidate.log_probability);
            row.path = Trace::extend(&row.path, candidate.token, seen);
            let ended = task.ends(candidate.token, length, rules.limit);
            if ended {
                let found = task.complete(&row.path.take(), row.sum);
                results[row.sentence][row.number] = Some(found);
            }
            !ended
        });
    }
    results
        .into_iter()
        .map(|samples| samples.into_iter().flatten().collect())
        .collect()
}

/// The words among which one is drawn, with their weights.
#[derive(Debug)]
struct Drawing {
    candidates: Vec<Candidate>,
    weights: Vec<f64>,
}

impl Drawing {
    /// Of the words with log-probabilities `all` those that may come next, first narrowed down to the `top_k` most
    /// probable (Fan et al. 2018), then to the fewest that have `top_p` of what is left (Holtzman et al. 2020).
    /// Weights are probabilities to the power of one over the temperature.
    fn new(all: &[f32], next: &Next, barred: &[u32], task: &Task<'_>) -> Self {
        let candidate = |token: u32| Candidate {
            token,
            log_probability: all[token as usize],
        };
        let mut candidates: Vec<Candidate> = match next {
            Next::Only(words) => words.iter().copied().map(candidate).collect(),
            Next::But(words) => (0..all.len() as u32)
                .filter(|token| !barred.contains(token) && !words.contains(token))
                .map(candidate)
                .collect(),
        };
        let (top_k, top_p) = (task.config.top_k(), task.config.top_p());
        if top_k > 0 || top_p < 1.0 {
            // The sort is stable: of equals the one with the smaller id comes first.
            candidates.sort_by(|a, b| b.log_probability.total_cmp(&a.log_probability));
        }
        if top_k > 0 {
            candidates.truncate(top_k);
        }
        let best = candidates
            .iter()
            .map(|one| one.log_probability)
            .fold(f32::NEG_INFINITY, f32::max);
        let temperature = task.config.temperature();
        let weight = |one: &Candidate| (f64::from(one.log_probability - best) / temperature).exp();
        let mut weights: Vec<f64> = candidates.iter().map(weight).collect();
        if top_p < 1.0 {
            let enough = top_p * weights.iter().sum::<f64>();
            let mut sum = 0.0;
            let before = |weight: &&f64| {
                let short = sum < enough;
                sum += **weight;
                short
            };
            let kept = weights.iter().take_while(before).count();
            candidates.truncate(kept);
            weights.truncate(kept);
        }
        Self {
            candidates,
            weights,
        }
    }

    /// One of them, or nothing if there are none.
    fn draw(&self, stream: &mut Stream) -> Option<Candidate> {
        let target = stream.double() * self.weights.iter().sum::<f64>();
        let mut sum = 0.0;
        let passed = |weight: &f64| {
            sum += weight;
            sum > target
        };
        let place = self.weights.iter().position(passed);
        place
            .map(|place| self.candidates[place])
            // Rounding may leave the sum a little short.
            .or_else(|| self.candidates.last().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Marks, SearchConfig};
    use super::*;

    const MARKS: Marks = Marks {
        pad: 0,
        unknown: 1,
        start: 2,
        end: 3,
    };

    fn kept(config: &SearchConfig, next: &Next) -> (Vec<u32>, Vec<f64>) {
        let all: Vec<f32> = [0.05f32, 0.1, 0.05, 0.2, 0.4, 0.2]
            .iter()
            .map(|probability| probability.ln())
            .collect();
        let drawing = Drawing::new(&all, next, &[0, 1, 2], &Task::new(config, &MARKS));
        let sum: f64 = drawing.weights.iter().sum();
        (
            drawing.candidates.iter().map(|one| one.token).collect(),
            drawing.weights.iter().map(|weight| weight / sum).collect(),
        )
    }

    fn assert_near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6, "{found} is not {wanted}");
        }
    }

    #[test]
    fn what_may_come_keeps_its_proportions() {
        let mut config = SearchConfig::default();
        let any = Next::But(Vec::new());
        let (words, weights) = kept(&config, &any);
        assert_eq!(words, [3, 4, 5]);
        assert_near(&weights, &[0.25, 0.5, 0.25]);
        assert_eq!(kept(&config, &Next::But(vec![4])).0, [3, 5]);
        assert_eq!(kept(&config, &Next::Only(vec![1])).0, [1]);
        assert!(kept(&config, &Next::But(vec![3, 4, 5])).0.is_empty());
        config.temperature = Some(0.5);
        assert_near(&kept(&config, &any).1, &[1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0]);
    }

    #[test]
    fn the_least_probable_are_cut_off() {
        let any = Next::But(Vec::new());
        for (top_k, top_p, wanted) in [
            (2, 1.0, &[4, 3][..]),
            (9, 1.0, &[4, 3, 5]),
            (0, 0.5, &[4]),
            (0, 0.51, &[4, 3]),
            (0, 0.76, &[4, 3, 5]),
            (2, 0.7, &[4, 3]),
            (2, 0.6, &[4]),
        ] {
            let config = SearchConfig {
                top_k: Some(top_k),
                top_p: Some(top_p),
                ..SearchConfig::default()
            };
            assert_eq!(kept(&config, &any).0, wanted, "{top_k} {top_p}");
        }
    }
}
