//! Samples come as often as the model says.

use std::collections::HashMap;

use burn::tensor::Device;
use model::search::Precision;
use model::search::{Favour, Method, searcher};
use model::{Hypothesis, SearchConfig};

use crate::TINY;
use crate::methods::search;
use crate::specification::exhaustive;
use crate::subject::{END, configs, peaked};

const SAMPLES: usize = 20_000;

fn sampling(max_length: usize) -> SearchConfig {
    SearchConfig {
        method: Method::Sample,
        max_length,
        seed: Some(7),
        ..crate::subject::short()
    }
}

/// Fails if `counts` would come of `probabilities` less than once in a thousand times, by Pearson's chi-square
/// test. Outcomes that are expected less than five times count as one.
fn assert_fit(counts: &[usize], probabilities: &[f64]) {
    let all: usize = counts.iter().sum();
    let sum: f64 = probabilities.iter().sum();
    let (mut rare, mut rare_expected) = (0, 0.0);
    let (mut statistic, mut classes) = (0.0, 0);
    let mut add = |count: usize, expected: f64| {
        statistic += (count as f64 - expected).powi(2) / expected;
        classes += 1;
    };
    for (&count, probability) in counts.iter().zip(probabilities) {
        let expected = all as f64 * probability / sum;
        if expected < 5.0 {
            rare += count;
            rare_expected += expected;
        } else {
            add(count, expected);
        }
    }
    if rare_expected > 0.0 {
        add(rare, rare_expected);
    }
    let freedom = f64::from(classes - 1);
    // Wilson and Hilferty (1931).
    let spread = 2.0 / (9.0 * freedom);
    let limit = freedom * (1.0 - spread + 3.09 * spread.sqrt()).powi(3);
    println!("chi-square {statistic:.1} with {freedom} degrees of freedom, limit {limit:.1}");
    assert!(
        freedom >= 1.0 && statistic < limit,
        "{statistic} is not below {limit}"
    );
}

fn count(samples: &[Hypothesis], of: impl Fn(&Hypothesis) -> Vec<u32>) -> HashMap<Vec<u32>, usize> {
    let mut counts = HashMap::new();
    for sample in samples {
        *counts.entry(of(sample)).or_insert(0) += 1;
    }
    counts
}

#[test]
fn whole_sentences_come_as_often_as_they_are_probable() {
    for (place, of) in configs().iter().enumerate() {
        let model = peaked(of, TINY, 60 + place as u64, &Device::flex());
        let searcher = searcher(&model, Precision::Full, Favour::Throughput);
        let source = vec![4, 7, 5, END];
        // All words may be drawn, so that the probabilities are the model's own up to two marks.
        let config = SearchConfig {
            normalization: model::search::Normalization::None,
            allow_unknown: true,
            ..sampling(1)
        };
        let samples = search(&searcher, std::slice::from_ref(&source), &config, SAMPLES).remove(0);
        assert_eq!(samples.len(), SAMPLES);
        let counts = count(&samples, |sample| sample.tokens.clone());
        let all = exhaustive(&model, &source, &config);
        let found: Vec<usize> = all
            .iter()
            .map(|(_, words)| counts.get(words).copied().unwrap_or(0))
            .collect();
        assert_eq!(found.iter().sum::<usize>(), SAMPLES);
        let probabilities: Vec<f64> = all.iter().map(|(score, _)| score.exp()).collect();
        assert_fit(&found, &probabilities);
        // Longer ones: each word is drawn from what may come after the words before it.
        let config = SearchConfig {
            max_length: 3,
            ..config
        };
        let samples = search(&searcher, std::slice::from_ref(&source), &config, SAMPLES).remove(0);
        let counts = count(&samples, |sample| sample.tokens.clone());
        let all = exhaustive(&model, &source, &config);
        let found: Vec<usize> = all
            .iter()
            .map(|(_, words)| counts.get(words).copied().unwrap_or(0))
            .collect();
        assert_eq!(found.iter().sum::<usize>(), SAMPLES);
        // Forbidden marks take a share at every word; what is left is divided anew.
        let share = |words: &[u32]| -> f64 {
            (1..=words.len())
                .map(|length| {
                    let siblings = siblings(&model, &source, &words[..length]);
                    let wanted = siblings.iter().find(|(word, _)| *word == words[length - 1]);
                    let sum: f64 = siblings.iter().map(|(_, probability)| probability).sum();
                    wanted.map_or(0.0, |(_, probability)| probability / sum)
                })
                .product()
        };
        let probabilities: Vec<f64> = all.iter().map(|(_, words)| share(words)).collect();
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-4);
        assert_fit(&found, &probabilities);
    }
}

/// The words that may stand last in `words`, with their probabilities after the words before.
fn siblings(model: &model::Seq2Seq, source: &[u32], words: &[u32]) -> Vec<(u32, f64)> {
    let before = &words[..words.len() - 1];
    let allowed = [1u32, 3, 4, 5, 6];
    let targets: Vec<Vec<u32>> = allowed
        .iter()
        .map(|word| [before, &[*word]].concat())
        .collect();
    let scores = crate::specification::log_probabilities(model, source, &targets);
    allowed
        .into_iter()
        .zip(scores.into_iter().map(f64::exp))
        .collect()
}

#[test]
fn temperature_and_cuts_shape_the_distribution() {
    let model = peaked(&configs()[0], 15, 3, &Device::flex());
    let searcher = searcher(&model, Precision::Full, Favour::Throughput);
    let source = vec![4, 7, 5, END];
    let everything = exhaustive(
        &model,
        &source,
        &SearchConfig {
            normalization: model::search::Normalization::None,
            ..sampling(1)
        },
    );
    for (temperature, top_k, top_p) in [
        (1.0, 0, 1.0),
        (0.5, 0, 1.0),
        (2.0, 0, 1.0),
        (1.0, 4, 1.0),
        (1.0, 0, 0.8),
        (1.5, 6, 0.7),
    ] {
        let config = SearchConfig {
            temperature: Some(temperature),
            top_k: Some(top_k),
            top_p: Some(top_p),
            ..sampling(1)
        };
        let mut weights: Vec<f64> = everything
            .iter()
            .map(|(score, _)| (score / temperature).exp())
            .collect();
        if top_k > 0 {
            weights.truncate(top_k);
        }
        let all: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let enough = weights.iter().take_while(|weight| {
            let short = sum < top_p * all;
            sum += **weight;
            short
        });
        let kept = enough.count();
        let samples = search(&searcher, std::slice::from_ref(&source), &config, SAMPLES).remove(0);
        let counts = count(&samples, |sample| sample.tokens.clone());
        let found: Vec<usize> = everything
            .iter()
            .map(|(_, words)| counts.get(words).copied().unwrap_or(0))
            .collect();
        assert_eq!(found[..kept].iter().sum::<usize>(), SAMPLES, "{config:?}");
        assert_fit(&found[..kept], &weights[..kept]);
    }
}

#[test]
fn a_seed_says_which_samples_come() {
    let model = peaked(&configs()[0], 15, 3, &Device::flex());
    let searcher = searcher(&model, Precision::Full, Favour::Throughput);
    let sources = [vec![4, 7, 5, END], vec![4, 7, 5, END]];
    let found = search(&searcher, &sources, &sampling(10), 4);
    assert_eq!(found, search(&searcher, &sources, &sampling(10), 4));
    // The same sentence in another place is drawn anew, and so is every sample.
    assert_ne!(found[0], found[1]);
    let words = |found: &Hypothesis| found.tokens.clone();
    assert!(found[0].iter().any(|one| words(one) != words(&found[0][0])));
    // Fewer samples are the first of them.
    let fewer = search(&searcher, &sources, &sampling(10), 2);
    assert_eq!(fewer[0], found[0][..2]);
    let other = SearchConfig {
        seed: Some(8),
        ..sampling(10)
    };
    assert_ne!(found, search(&searcher, &sources, &other, 4));
}
