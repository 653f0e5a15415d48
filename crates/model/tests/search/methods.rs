//! Guarantees of every search method.

use burn::tensor::Device;
use model::search::Precision;
use model::search::{
    Average, Constraints, EarlyStopping, Favour, Method, Normalization, Searcher, Task, Utility,
    ensemble, searcher,
};
use model::{Hypothesis, SearchConfig, Seq2Seq, parameters};

use crate::agreement::{assert_all_same, assert_sound};
use crate::subject::{END, MARKS, Rows, configs, model};

pub(crate) fn search(
    searcher: &Searcher,
    sources: &[Vec<u32>],
    config: &SearchConfig,
    n_best: usize,
) -> Vec<Vec<Hypothesis>> {
    let batch = Rows::new(sources);
    let task = Task {
        n_best,
        attention: true,
        ..Task::new(config, &MARKS)
    };
    searcher.search(batch.padded(), &task).unwrap()
}

/// `count` sentences of one to eight words.
pub(crate) fn sentences(count: usize) -> Vec<Vec<u32>> {
    let word = |place: usize| 4 + ((place * 2_654_435_761) >> 7) as u32 % 8;
    (0..count)
        .map(|number| {
            let words = (0..number % 8).map(|place| word(17 * number + place));
            words.chain([END]).collect()
        })
        .collect()
}

fn every_method() -> Vec<SearchConfig> {
    let base = SearchConfig {
        max_length: 12,
        ..crate::subject::short()
    };
    let with = |change: &dyn Fn(&mut SearchConfig)| {
        let mut config = base.clone();
        change(&mut config);
        config
    };
    vec![
        with(&|config| config.beam = 1),
        with(&|_| {}),
        with(&|config| {
            config.coverage_penalty = 0.3;
            config.normalization = Normalization::Gnmt;
        }),
        with(&|config| {
            config.min_length = 4;
            config.no_repeat_ngram = 2;
            config.early_stopping = EarlyStopping::Heuristic;
        }),
        with(&|config| {
            config.method = Method::DiverseBeam;
            config.beam = 6;
            config.groups = Some(3);
        }),
        with(&|config| {
            config.method = Method::Sample;
            config.temperature = Some(1.3);
            config.top_k = Some(6);
            config.top_p = Some(0.9);
        }),
        with(&|config| {
            config.method = Method::Mbr;
            config.samples = Some(5);
            config.utility = Some(Utility::Bleu);
        }),
        with(&|config| {
            config.method = Method::Exhaustive;
            config.max_length = 3;
        }),
    ]
}

#[test]
fn no_output_depends_on_the_batch() {
    let sources = sentences(13);
    for which in 0..configs().len() {
        let model = model(which, 11);
        // Rows of the CPU's own kernels do not know of each other. The products of tensors add up in an order
        // that depends on their shape.
        let packed =
            searcher(&model, Precision::Int8, Favour::Throughput).precision() == Precision::Int8;
        for searcher in [
            searcher(&model, Precision::Full, Favour::Throughput),
            pair(&model, which, Average::Probabilities),
        ] {
            for config in every_method() {
                let together = search(&searcher, &sources, &config, 3);
                for size in [1, 4] {
                    let parts = sources.chunks(size).enumerate();
                    for (part, sources) in parts {
                        let numbers: Vec<usize> = (0..sources.len())
                            .map(|place| part * size + place)
                            .collect();
                        let batch = Rows::new(sources);
                        let task = Task {
                            n_best: 3,
                            attention: true,
                            numbers: &numbers,
                            ..Task::new(&config, &MARKS)
                        };
                        let found = searcher.search(batch.padded(), &task).unwrap();
                        let wanted = &together[part * size..][..sources.len()];
                        if packed {
                            assert_eq!(found, wanted, "{:?}", config.method);
                        }
                        for (found, wanted) in found.iter().zip(wanted) {
                            assert_all_same(found, wanted);
                        }
                    }
                }
            }
        }
    }
}

/// A model and another of the same kind.
fn pair(one: &Seq2Seq, which: usize, average: Average) -> Searcher {
    ensemble(
        [one, &model(which, 12)],
        Precision::Full,
        Favour::Throughput,
        average,
    )
}

#[test]
fn what_methods_find_is_sound() {
    let sources = sentences(9);
    for which in 0..configs().len() {
        let model = model(which, 5);
        let searcher = searcher(&model, Precision::Full, Favour::Throughput);
        for config in every_method() {
            if config.coverage_penalty > 0.0 {
                continue;
            }
            let all = search(&searcher, &sources, &config, 3);
            for (source, found) in sources.iter().zip(all) {
                assert!(!found.is_empty());
                for found in &found {
                    assert_sound(&model, source, &config, found);
                }
            }
        }
    }
}

#[test]
fn an_ensemble_of_one_model_twice_is_that_model() {
    let sources = sentences(9);
    for average in [Average::Probabilities, Average::LogProbabilities] {
        let model = model(1, 3);
        let alone = searcher(&model, Precision::Full, Favour::Throughput);
        let twice = ensemble(
            [&model, &model],
            Precision::Full,
            Favour::Throughput,
            average,
        );
        let config = SearchConfig {
            max_length: 8,
            ..crate::subject::short()
        };
        let wanted = search(&alone, &sources, &config, 2);
        for (found, wanted) in search(&twice, &sources, &config, 2).iter().zip(&wanted) {
            assert_all_same(found, wanted);
        }
    }
}

/// A sentence's probability under the mean of probabilities, word by word.
#[test]
fn an_ensemble_averages_what_its_members_say() {
    let (one, other) = (model(0, 21), model(0, 22));
    let sources = sentences(6);
    let config = SearchConfig {
        max_length: 6,
        ..crate::subject::short()
    };
    let models = [&one, &other];
    let together = ensemble(
        models,
        Precision::Full,
        Favour::Throughput,
        Average::Probabilities,
    );
    for (source, found) in sources.iter().zip(search(&together, &sources, &config, 2)) {
        for found in found {
            let said = models.map(|model| by_word(model, source, &found.tokens));
            let wanted: f64 = said[0]
                .iter()
                .zip(&said[1])
                .map(|(one, other)| ((one.exp() + other.exp()) / 2.0).ln())
                .sum();
            assert!((found.log_probability - wanted).abs() < 1e-4);
        }
    }
}

fn by_word(model: &Seq2Seq, source: &[u32], target: &[u32]) -> Vec<f64> {
    let input = [&[MARKS.start], &target[..target.len() - 1]].concat();
    let rows = [source.to_vec(), input, target.to_vec()].map(|row| Rows::new(&[row]));
    let found = model.score(model::Pairs {
        source: rows[0].padded().into(),
        input: rows[1].padded(),
        output: rows[2].padded(),
    });
    found[0].iter().map(|&word| f64::from(word)).collect()
}

#[test]
fn one_group_is_a_plain_beam_and_groups_differ() {
    let sources = sentences(20);
    let model = model(0, 8);
    let searcher = searcher(&model, Precision::Full, Favour::Throughput);
    let mut config = SearchConfig {
        beam: 6,
        max_length: 8,
        ..crate::subject::short()
    };
    let plain = search(&searcher, &sources, &config, 6);
    config.method = Method::DiverseBeam;
    config.groups = Some(1);
    assert_eq!(search(&searcher, &sources, &config, 6), plain);
    config.groups = Some(3);
    let first_words = |all: &[Vec<Hypothesis>]| -> usize {
        let distinct = |found: &Vec<Hypothesis>| {
            let mut words: Vec<u32> = found.iter().map(|one| one.tokens[0]).collect();
            words.sort_unstable();
            words.dedup();
            words.len()
        };
        all.iter().map(distinct).sum()
    };
    let mut counts = vec![first_words(&plain)];
    for diversity in [0.0, 1.0, 100.0] {
        config.diversity = Some(diversity);
        let found = search(&searcher, &sources, &config, 6);
        for found in &found {
            for (place, one) in found.iter().enumerate() {
                assert!(
                    found[..place]
                        .iter()
                        .all(|other| other.tokens != one.tokens)
                );
            }
            assert!(found.is_sorted_by(|a, b| a.score >= b.score));
        }
        counts.push(first_words(&found));
    }
    println!("first words: plain and by diversity {counts:?}");
    assert!(counts[1] < counts[2] && counts[2] <= counts[3] && counts[0] < counts[3]);
    // Three groups of two that must not agree begin with at least three words.
    assert!(counts[3] >= 3 * sources.len());
}

/// The wider beam is better on average, though not for every sentence.
#[test]
fn a_wider_beam_finds_better_scores_on_average() {
    let sources = sentences(500);
    let model = model(0, 1);
    let searcher = searcher(&model, Precision::Full, Favour::Throughput);
    for normalization in crate::NORMALIZATIONS {
        let score = |beam| -> Vec<f64> {
            let config = SearchConfig {
                beam,
                normalization,
                max_length: 15,
                ..crate::subject::short()
            };
            let found = search(&searcher, &sources, &config, 1);
            found.iter().map(|found| found[0].score).collect()
        };
        let (greedy, beam) = (score(1), score(5));
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
        let pairs = || greedy.iter().zip(&beam);
        let worse = pairs().filter(|(greedy, beam)| beam < greedy).count();
        let better = pairs().filter(|(greedy, beam)| beam > greedy).count();
        println!(
            "{normalization:?}: greedy {:.4}, beam 5 {:.4}; better for {better}, worse for {worse} of 500",
            mean(&greedy),
            mean(&beam)
        );
        assert!(mean(&beam) > mean(&greedy));
        assert!(better > 10 * worse);
    }
}

#[test]
fn samples_cannot_be_made_to_contain_phrases() {
    let config = SearchConfig {
        method: Method::Sample,
        ..crate::subject::short()
    };
    let searcher = searcher(&model(0, 1), Precision::Full, Favour::Throughput);
    let constraints = [Constraints {
        required: vec![vec![5]],
        ..Constraints::default()
    }];
    let task = Task {
        constraints: &constraints,
        ..Task::new(&config, &MARKS)
    };
    let batch = Rows::new(&[vec![4, END]]);
    let error = searcher.search(batch.padded(), &task).unwrap_err();
    assert!(error.to_string().contains("search.method = \"sample\""));
}

#[test]
fn an_exhaustive_search_that_would_not_end_says_so() {
    let config = SearchConfig {
        method: Method::Exhaustive,
        max_length: 30,
        ..crate::subject::short()
    };
    let model = crate::subject::peaked(&configs()[0], 15, 1, &Device::flex());
    let searcher = searcher(&model, Precision::Full, Favour::Throughput);
    let batch = Rows::new(&[vec![4, 5, 6, 7, 8, END]]);
    let found = searcher.search(batch.padded(), &Task::new(&config, &MARKS));
    let message = found.unwrap_err().to_string();
    assert!(message.contains("search.max_length"), "{message}");
    assert!(message.contains("search.normalization"), "{message}");
    // A model that finds all words alike, and hardly ever an end.
    let mut values = parameters::collect(&model);
    let numbers = values.values_mut().flat_map(|values| &mut values.data);
    numbers.for_each(|value| *value = 0.0);
    values.get_mut("output.bias").unwrap().data[END as usize] = -30.0;
    let flat = parameters::place(model, values).unwrap();
    let searcher = model::search::searcher(&flat, Precision::Full, Favour::Throughput);
    let config = SearchConfig {
        normalization: Normalization::None,
        ..config
    };
    let found = searcher.search(batch.padded(), &Task::new(&config, &MARKS));
    let message = found.unwrap_err().to_string();
    assert!(message.contains("search.max_length"), "{message}");
    assert!(!message.contains("search.normalization"), "{message}");
}
