//! Properties of search that hold for every model, batch and setting.

use model::SearchConfig;
use model::search::{beam, greedy};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::NORMALIZATIONS;
use crate::agreement::{assert_all_same, assert_same, assert_sound, near};
use crate::specification::textbook;
use crate::subject::{END, MARKS, MODELS, Rows, SOURCE_WORDS, model};

fn sentence() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(4..SOURCE_WORDS as u32, 0..7).prop_map(|mut words| {
        words.push(END);
        words
    })
}

fn search() -> impl Strategy<Value = SearchConfig> {
    (1usize..6, 0usize..3, 0.0f64..1.5, 1usize..12, any::<bool>()).prop_map(
        |(beam, kind, length_penalty, max_length, allow_unknown)| SearchConfig {
            beam,
            normalization: NORMALIZATIONS[kind],
            length_penalty,
            max_length,
            allow_unknown,
            ..crate::subject::short()
        },
    )
}

/// The same cases in every run, so that no near tie turns up one day.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(5),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn every_result_is_sound(
        which in 0usize..MODELS,
        seed in 0u64..1000,
        sources in prop::collection::vec(sentence(), 1..6),
        config in search(),
        n_best in 1usize..5,
    ) {
        let model = model(which, seed);
        let batch = Rows::new(&sources);
        let greedily = greedy(&model, batch.padded(), &config, &MARKS, true);
        let beams = beam(&model, batch.padded(), &config, &MARKS, n_best, true);
        prop_assert_eq!((greedily.len(), beams.len()), (sources.len(), sources.len()));
        for ((source, greedily), beams) in sources.iter().zip(&greedily).zip(&beams) {
            assert_sound(&model, source, &config, greedily);
            for found in beams {
                assert_sound(&model, source, &config, found);
            }
            prop_assert_eq!(beams.len(), n_best);
            prop_assert!(beams.is_sorted_by(|a, b| a.score >= b.score));
            for (place, found) in beams.iter().enumerate() {
                prop_assert!(beams[..place].iter().all(|other| other.tokens != found.tokens));
            }
        }
        // Attention is only reported on request, and asking changes nothing else.
        let silent = beam(&model, batch.padded(), &config, &MARKS, n_best, false);
        for (silent, beams) in silent.iter().flatten().zip(beams.iter().flatten()) {
            prop_assert!(silent.attention.is_empty());
            prop_assert_eq!((&silent.tokens, silent.score), (&beams.tokens, beams.score));
        }
    }

    #[test]
    fn a_beam_of_one_is_greedy_search(
        which in 0usize..MODELS,
        seed in 0u64..1000,
        sources in prop::collection::vec(sentence(), 1..6),
        config in search(),
    ) {
        let model = model(which, seed);
        let batch = Rows::new(&sources);
        let config = SearchConfig { beam: 1, ..config };
        let greedily = greedy(&model, batch.padded(), &config, &MARKS, true);
        let beams = beam(&model, batch.padded(), &config, &MARKS, 1, true);
        prop_assert!(beams.iter().all(|found| found.len() == 1));
        assert_all_same(&beams.concat(), &greedily);
    }

    #[test]
    fn a_sentence_is_translated_alike_in_any_batch(
        which in 0usize..MODELS,
        seed in 0u64..1000,
        sources in prop::collection::vec(sentence(), 2..6),
        config in search(),
        n_best in 1usize..4,
        turn in 0usize..6,
    ) {
        let model = model(which, seed);
        let of = |sources: &[Vec<u32>]| {
            let batch = Rows::new(sources);
            let beams = beam(&model, batch.padded(), &config, &MARKS, n_best, true);
            (greedy(&model, batch.padded(), &config, &MARKS, true), beams)
        };
        let (greedily, beams) = of(&sources);
        let mut moved = sources.clone();
        let turn = turn % sources.len();
        moved.rotate_left(turn);
        // Longer than all, so that each has padding behind it.
        moved.push(vec![5, 9, 4, 4, 7, 11, 6, 8, 10, END]);
        let (elsewhere_greedily, elsewhere) = of(&moved);
        for (place, source) in sources.iter().enumerate() {
            let (alone_greedily, alone) = of(std::slice::from_ref(source));
            let other = (place + sources.len() - turn) % sources.len();
            assert_same(&greedily[place], &alone_greedily[0]);
            assert_same(&elsewhere_greedily[other], &alone_greedily[0]);
            assert_all_same(&beams[place], &alone[0]);
            assert_all_same(&elsewhere[other], &alone[0]);
        }
        // The same question has the same answer, to the last digit.
        prop_assert!((greedily, beams) == of(&sources));
    }

}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn early_finishing_loses_nothing(
        which in 0usize..MODELS,
        seed in 0u64..1000,
        source in sentence(),
        config in search(),
        longer in 0usize..12,
        n_best in 1usize..5,
    ) {
        let config = SearchConfig { max_length: config.max_length + longer, ..config };
        let model = model(which, seed);
        let batch = Rows::new(std::slice::from_ref(&source));
        let found = &beam(&model, batch.padded(), &config, &MARKS, n_best, false)[0];
        let wanted = textbook(&model, &source, &config, n_best);
        prop_assert_eq!(found.len(), wanted.len());
        for (found, (score, tokens)) in found.iter().zip(&wanted) {
            prop_assert_eq!(&found.tokens, tokens);
            prop_assert!(near(found.score, *score, 1e-4), "{} is not {}", found.score, score);
        }
    }
}
