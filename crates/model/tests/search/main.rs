//! Guarantees of greedy and beam search, on models with random weights.

mod agreement;
#[cfg(feature = "ndarray")]
mod backends;
mod batches;
mod methods;
mod properties;
mod rules;
mod sampling;
mod specification;
mod subject;

use burn::tensor::Device;
use model::search::{Normalization, beam, greedy};
use model::{ModelConfig, SearchConfig, parameters};

use agreement::near;
use specification::exhaustive;
use subject::{END, MARKS, Rows, configs, model, peaked};

const NORMALIZATIONS: [Normalization; 3] = [
    Normalization::None,
    Normalization::Average,
    Normalization::Gnmt,
];

/// A vocabulary of three words beside the marks.
const TINY: usize = 7;

fn assert_exhaustive(device: &Device, config: &ModelConfig, seed: u64, search: &SearchConfig) {
    let model = peaked(config, TINY, seed, device);
    let sources = [vec![4, 7, END], vec![10, END], vec![5, 5, 8, 6, END]];
    let wanted: Vec<_> = sources
        .iter()
        .map(|source| exhaustive(&model, source, search))
        .collect();
    let batch = Rows::new(&sources);
    // The best one, and then the order of them all.
    for n_best in [1, wanted[0].len()] {
        let found = beam(&model, batch.padded(), search, &MARKS, n_best, false);
        for (found, wanted) in found.iter().zip(&wanted) {
            assert_eq!(found.len(), n_best);
            for (found, (score, tokens)) in found.iter().zip(wanted) {
                assert_eq!(&found.tokens, tokens);
                assert!(
                    near(found.score, *score, 1e-4),
                    "{} is not {score}",
                    found.score
                );
            }
        }
    }
}

#[test]
fn a_wide_beam_finds_the_best_of_all_sequences() {
    for (place, config) in configs().iter().enumerate() {
        for normalization in NORMALIZATIONS {
            for allow_unknown in [false, true] {
                let search = SearchConfig {
                    beam: 100,
                    normalization,
                    length_penalty: 0.8,
                    max_length: 3,
                    allow_unknown,
                    ..crate::subject::short()
                };
                assert_exhaustive(&Device::flex(), config, place as u64, &search);
            }
        }
    }
}

#[test]
fn a_translation_is_cut_at_its_limit_for_each_source() {
    let model = model(0, 1);
    let mut values = parameters::collect(&model);
    values.get_mut("output.bias").unwrap().data[END as usize] = -1e4;
    let model = parameters::place(model, values).unwrap();
    let batch = Rows::new(&[vec![4, END], vec![END], vec![6, 7, 8, END]]);
    let mut config = crate::subject::short();
    for (max_length, wanted) in [(200, [16, 13, 22]), (15, [15, 13, 15])] {
        config.max_length = max_length;
        let found = beam(&model, batch.padded(), &config, &MARKS, 2, false);
        let lengths = found.iter().map(|found| found[0].tokens.len());
        assert_eq!(lengths.collect::<Vec<_>>(), wanted);
        let found = greedy(&model, batch.padded(), &config, &MARKS, false);
        let lengths = found.iter().map(|found| found.tokens.len());
        assert_eq!(lengths.collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn no_sentences_have_no_translations() {
    let model = model(0, 1);
    let none = Rows::new(&[]);
    let config = crate::subject::short();
    assert!(greedy(&model, none.padded(), &config, &MARKS, true).is_empty());
    assert!(beam(&model, none.padded(), &config, &MARKS, 2, true).is_empty());
}
