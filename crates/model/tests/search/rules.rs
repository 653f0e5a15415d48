//! Searches with rules against all translations that keep to them.

use burn::tensor::Device;
use model::search::Precision;
use model::search::{Constraints, Favour, Method, Normalization, Task, searcher};
use model::{Hypothesis, SearchConfig, Seq2Seq};

use crate::TINY;
use crate::agreement::near;
use crate::specification::exhaustive;
use crate::subject::{END, MARKS, Rows, configs, peaked};

/// Whether `words` contain `phrase`.
fn contains(words: &[u32], phrase: &[u32]) -> bool {
    words.windows(phrase.len()).any(|part| part == phrase)
}

fn repeats(words: &[u32], size: usize) -> bool {
    let mut parts = words.windows(size.max(1)).enumerate();
    size > 0 && parts.any(|(place, part)| contains(&words[..place + size - 1], part))
}

/// All translations that keep to `config` and `constraints`, best first.
fn wanted(
    model: &Seq2Seq,
    source: &[u32],
    config: &SearchConfig,
    constraints: &Constraints,
) -> Vec<(f64, Vec<u32>)> {
    let limit = crate::specification::limit(config, source);
    let mut all = exhaustive(model, source, config);
    all.retain(|(_, words)| {
        // What must be said is said before the last place, which is for the end.
        let early = &words[..words.len().min(limit - 1)];
        words.starts_with(&constraints.prefix)
            && words.len() >= config.min_length
            && !repeats(words, config.no_repeat_ngram)
            && constraints
                .required
                .iter()
                .all(|phrase| contains(early, phrase))
            && !constraints
                .forbidden
                .iter()
                .any(|phrase| contains(words, phrase))
    });
    all
}

fn found(
    model: &Seq2Seq,
    source: &[u32],
    config: &SearchConfig,
    constraints: &Constraints,
    n_best: usize,
) -> Vec<Hypothesis> {
    let searcher = searcher(model, Precision::Full, Favour::Throughput);
    // Company with other wishes.
    let batch = Rows::new(&[vec![6, END], source.to_vec(), vec![4, 4, 9, 5, END]]);
    let other = Constraints {
        prefix: vec![5],
        ..Constraints::default()
    };
    let constraints = [other, constraints.clone(), Constraints::default()];
    let task = Task {
        n_best,
        constraints: &constraints,
        ..Task::new(config, &MARKS)
    };
    searcher
        .search(batch.padded(), &task)
        .unwrap()
        .swap_remove(1)
}

fn some_constraints() -> Vec<Constraints> {
    let plain = Constraints::default();
    vec![
        plain.clone(),
        Constraints {
            prefix: vec![5, 4],
            ..plain.clone()
        },
        Constraints {
            forbidden: vec![vec![4], vec![5, 6], vec![6, 6]],
            ..plain.clone()
        },
        Constraints {
            required: vec![vec![6]],
            ..plain.clone()
        },
        Constraints {
            required: vec![vec![4, 6, 4]],
            ..plain.clone()
        },
        Constraints {
            prefix: vec![6],
            required: vec![vec![6, 5]],
            forbidden: vec![vec![4]],
        },
    ]
}

#[test]
fn wide_beams_and_exhaustive_search_find_the_best_that_keeps_to_the_rules() {
    for (place, of) in configs().iter().enumerate() {
        let model = peaked(of, TINY, place as u64, &Device::flex());
        for normalization in crate::NORMALIZATIONS {
            for (number, constraints) in some_constraints().iter().enumerate() {
                for (min_length, no_repeat_ngram) in [(1, 0), (3, 0), (1, 2)] {
                    if no_repeat_ngram > 0 && !constraints.required.is_empty() {
                        // What must be said may be said again.
                        continue;
                    }
                    let mut config = SearchConfig {
                        beam: 400,
                        normalization,
                        length_penalty: 0.7,
                        max_length: 5,
                        min_length,
                        no_repeat_ngram,
                        ..crate::subject::short()
                    };
                    let source = vec![4, 7, 5, END];
                    let wanted = wanted(&model, &source, &config, constraints);
                    for method in [Method::Beam, Method::Exhaustive] {
                        config.method = method;
                        let all = (method == Method::Exhaustive).then_some(200);
                        for n_best in [1, 4].into_iter().chain(all) {
                            let found = found(&model, &source, &config, constraints, n_best);
                            let name = format!("model {place}, constraints {number}, {config:?}");
                            assert_eq!(found.len(), n_best.min(wanted.len()), "{name}");
                            for (found, (score, tokens)) in found.iter().zip(&wanted) {
                                assert!(near(found.score, *score, 1e-4), "{name}");
                                // Scores a rounding apart may stand in either order.
                                let alike = |(other, said): &(f64, Vec<u32>)| {
                                    *said == found.tokens && near(*other, *score, 1e-6)
                                };
                                let same = &found.tokens == tokens || wanted.iter().any(alike);
                                assert!(same, "{:?}, not {tokens:?}: {name}", found.tokens);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn narrow_beams_keep_to_the_rules_too() {
    for (place, of) in configs().iter().enumerate() {
        let model = peaked(of, TINY, 40 + place as u64, &Device::flex());
        let phrases = [vec![4, 5, 4], vec![6], vec![5, 6, 6]];
        for beam in [1, 2, 5, 10] {
            for method in [Method::Beam, Method::DiverseBeam] {
                let constraints = Constraints {
                    prefix: vec![5],
                    required: phrases.to_vec(),
                    forbidden: vec![vec![4, 4], vec![5, 5]],
                };
                let config = SearchConfig {
                    method,
                    beam,
                    // Not enough: what must be said is said all the same.
                    max_length: 3,
                    ..crate::subject::short()
                };
                let source = vec![4, 7, 5, END];
                for found in found(&model, &source, &config, &constraints, 2.min(beam)) {
                    let words = &found.tokens;
                    assert_eq!(words[0], 5);
                    // A word before each phrase, where it may not follow the one before.
                    assert!(words.len() <= 1 + 7 + 3 + 1, "{words:?}");
                    assert!(constraints.are_met(words), "{words:?}");
                    for phrase in &constraints.forbidden {
                        assert!(!contains(words, phrase), "{words:?}");
                    }
                }
            }
        }
    }
}

/// Phrases that may not follow one another have other words between them, however narrow the beam.
#[test]
fn phrases_that_must_stand_apart_do() {
    let constraints = Constraints {
        required: vec![vec![4, 4], vec![5, 5]],
        forbidden: vec![vec![4, 5], vec![5, 4]],
        ..Constraints::default()
    };
    for (place, of) in configs().iter().enumerate() {
        let model = peaked(of, TINY, 70 + place as u64, &Device::flex());
        for (method, beams) in [
            (Method::Beam, &[1, 2, 5][..]),
            (Method::DiverseBeam, &[2, 5]),
            (Method::Exhaustive, &[1, 5]),
        ] {
            for &beam in beams {
                let config = SearchConfig {
                    method,
                    beam,
                    groups: (method == Method::DiverseBeam).then_some(beam),
                    max_length: 3,
                    ..crate::subject::short()
                };
                let found = found(&model, &[4, 7, 5, END], &config, &constraints, 1);
                assert_eq!(found.len(), 1, "model {place}, {config:?}");
                let words = &found[0].tokens;
                assert!(constraints.are_met(words), "{words:?}");
                for phrase in &constraints.forbidden {
                    assert!(!contains(words, phrase), "{words:?}");
                }
            }
        }
    }
}

/// A phrase may be required and forbidden: then the search gives the best that it can.
#[test]
fn what_cannot_be_is_not_met() {
    let model = peaked(&configs()[0], TINY, 1, &Device::flex());
    let constraints = Constraints {
        required: vec![vec![5, 6]],
        forbidden: vec![vec![6]],
        ..Constraints::default()
    };
    let mut config = SearchConfig {
        max_length: 6,
        ..crate::subject::short()
    };
    let found_by = |config: &SearchConfig| found(&model, &[4, 7, END], config, &constraints, 1);
    let best = found_by(&config);
    assert!(!constraints.are_met(&best[0].tokens));
    assert!(!best[0].tokens.contains(&6));
    config.method = Method::Exhaustive;
    assert!(found_by(&config).is_empty());
}

/// Of hypotheses with the same probability, the one that looked at more of the source wins.
#[test]
fn the_coverage_penalty_is_wu_and_others() {
    for (place, of) in configs().iter().enumerate() {
        let model = peaked(of, TINY, place as u64, &Device::flex());
        if model.decoder.attention().is_none() {
            continue;
        }
        let config = SearchConfig {
            beam: 400,
            normalization: Normalization::Gnmt,
            length_penalty: 0.6,
            coverage_penalty: 0.4,
            max_length: 4,
            ..crate::subject::short()
        };
        let source = vec![4, 7, 5, END];
        let none = Constraints::default();
        let mut wanted: Vec<(f64, Vec<u32>)> = wanted(&model, &source, &config, &none)
            .into_iter()
            .map(|(score, words)| {
                let weights = crate::specification::attention(&model, &source, &words);
                let seen = |position: usize| -> f64 {
                    weights.iter().map(|row| f64::from(row[position])).sum()
                };
                // Windows leave positions out altogether.
                let logs = (0..source.len()).map(|position| seen(position).clamp(1e-6, 1.0).ln());
                (score + 0.4 * logs.sum::<f64>(), words)
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let found = found(&model, &source, &config, &none, 5);
        for (found, (score, words)) in found.iter().zip(&wanted) {
            assert!(
                near(found.score, *score, 1e-4),
                "{} is not {score}",
                found.score
            );
            assert_eq!(&found.tokens, words);
            assert!(found.attention.is_empty());
        }
    }
}
