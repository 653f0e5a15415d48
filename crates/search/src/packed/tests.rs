//! Properties of the search's decoder beside right numbers, which are tested where models are.

use kernels::instruction_sets::{Cap, capped};
use kernels::testing::{assert_close, random, under_each_cap, wide};
use network::cell::CellKind;
use network::{ModelConfig, Network, Shape, Values, tree};

use super::*;
use crate::steps::{Answer, Ask};

const HIDDEN: usize = 72;
const WORDS: usize = 300;

/// A model of two layers with additive attention and input feeding.
fn model(kind: CellKind, packing: &Packing) -> (Encoder, Decoder) {
    let mut config = ModelConfig {
        embedding_size: 20,
        hidden_size: HIDDEN,
        ..ModelConfig::default()
    };
    config.encoder.kind = kind.into();
    config.decoder.kind = kind.into();
    (config.encoder.layers, config.decoder.layers) = (2, 2);
    let mut seed = 0;
    let network = Network::<Shape>::new(&config, [WORDS, WORDS]).unwrap();
    let network = network.try_map(|_, shape| {
        seed += 1;
        let data = random(shape.size(), seed).iter().map(|x| 0.4 * x).collect();
        let shape = shape.0;
        Ok(Values { shape, data })
    });
    let Network {
        encoder,
        decoder,
        output,
    } = network.unwrap();
    let (tree::Encoder::Recurrent(encoder), tree::Decoder::Recurrent(decoder)) = (encoder, decoder)
    else {
        panic!("both are recurrent");
    };
    (
        Encoder::new(encoder, packing),
        Decoder::new(*decoder, &output, HIDDEN, packing),
    )
}

fn ask() -> Ask {
    Ask {
        count: 3,
        barred: vec![0, 2],
        attention: true,
        everything: true,
    }
}

/// Returns the answer of each step, which reads a word for each sentence's row.
fn say(model: &(Encoder, Decoder), sentences: &[&[u32]], words: &[Vec<u32>]) -> Vec<Answer> {
    let (encoder, decoder) = model;
    let (memory, mut state) = decoder.start(encoder.encode(sentences));
    let parents: Vec<usize> = (0..sentences.len()).collect();
    let step = |words: &Vec<u32>| decoder.step(words, &parents, &memory, &mut state, &ask());
    words.iter().map(step).collect()
}

fn packings(threads: usize) -> [Packing; 3] {
    [
        (Precision::Full, false),
        (Precision::Full, true),
        (Precision::Int8, false),
    ]
    .map(|(precision, few_rows)| Packing {
        precision,
        few_rows,
        threads,
    })
}

fn assert_same(found: &Answer, wanted: &Answer) {
    assert_eq!(found.candidates, wanted.candidates);
    assert_eq!(found.attention, wanted.attention);
    assert_eq!(found.log_probabilities, wanted.log_probabilities);
}

const SENTENCES: [&[u32]; 4] = [&[5, 9, 3], &[7, 8, 120, 299, 41, 3], &[3], &[11, 5, 5, 3]];

#[test]
fn no_bit_depends_on_the_threads() {
    for cell in [CellKind::Gru, CellKind::Lstm] {
        for kind in 0..3 {
            let words = [vec![2; 4], vec![7, 8, 250, 7]];
            let answers = [1, 2, 5].map(|threads| {
                let model = model(cell, &packings(threads)[kind]);
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                let run = || kernels::parallel::inside(|| say(&model, &SENTENCES, &words));
                pool.build().unwrap().install(run)
            });
            for other in &answers[1..] {
                for (found, wanted) in other.iter().zip(&answers[0]) {
                    assert_same(found, wanted);
                }
            }
        }
    }
}

#[test]
fn no_bit_depends_on_the_batch() {
    for packing in packings(2) {
        let model = model(CellKind::Lstm, &packing);
        // So many rows that every kernel for many rows is used.
        let many: Vec<&[u32]> = SENTENCES.iter().copied().cycle().take(70).collect();
        let words: Vec<u32> = (0..70).map(|row| 4 + row as u32 % 4).collect();
        let together = say(&model, &many, &[vec![2; 70], words.clone()]);
        for row in 0..70 {
            let alone = say(&model, &[many[row]], &[vec![2], vec![words[row]]]);
            for (together, alone) in together.iter().zip(&alone) {
                assert_eq!(together.candidates[row], alone.candidates[0]);
                assert_eq!(together.attention[row], alone.attention[0]);
                let all = &together.log_probabilities[row * WORDS..(row + 1) * WORDS];
                assert_eq!(all, alone.log_probabilities);
            }
        }
    }
}

#[test]
fn caps_differ_by_rounding_alone() {
    let words = [vec![2; 4], vec![7, 8, 250, 7], vec![9, 9, 41, 3]];
    for cell in [CellKind::Gru, CellKind::Lstm] {
        for packing in packings(2) {
            // An 8-bit integer may be its neighbour where what it stands for lies between the two.
            let tolerance = match packing.precision {
                Precision::Full => 1e-5,
                Precision::Int8 => 1e-3,
            };
            let answers = || say(&model(cell, &packing), &SENTENCES, &words);
            let wanted = capped(Cap::Portable, answers);
            under_each_cap(|| {
                for (found, wanted) in answers().iter().zip(&wanted) {
                    let all = &found.log_probabilities;
                    assert_close("logs", all, &wide(&wanted.log_probabilities), tolerance);
                    for (found, wanted) in found.attention.iter().zip(&wanted.attention) {
                        assert_close("weights", found, &wide(wanted), tolerance);
                    }
                }
            });
        }
    }
}

#[test]
fn rows_with_one_parent_are_rows_of_their_own() {
    for cell in [CellKind::Gru, CellKind::Lstm] {
        let (encoder, decoder) = model(cell, &packings(2)[0]);
        let start = || decoder.start(encoder.encode(&SENTENCES));
        let (memory, mut state) = start();
        decoder.step(&[2; 4], &[0, 1, 2, 3], &memory, &mut state, &ask());
        let (words, parents) = ([9, 8, 7, 6, 9], [3, 1, 1, 1, 3]);
        let shared = decoder.step(&words, &parents, &memory, &mut state, &ask());
        assert_eq!(state.sentences(), parents);
        for row in 0..5 {
            let (memory, mut state) = start();
            decoder.step(&[2; 4], &[0, 1, 2, 3], &memory, &mut state, &ask());
            let (word, parent) = (&words[row..=row], &parents[row..=row]);
            let alone = decoder.step(word, parent, &memory, &mut state, &ask());
            assert_eq!(shared.candidates[row], alone.candidates[0]);
            assert_eq!(shared.attention[row], alone.attention[0]);
        }
    }
}

#[test]
fn the_best_words_are_those_of_all() {
    let model = model(CellKind::Lstm, &packings(2)[0]);
    for answer in say(&model, &SENTENCES, &[vec![2; 4], vec![7, 8, 250, 7]]) {
        let rows = answer.log_probabilities.chunks_exact(WORDS);
        for (candidates, all) in answer.candidates.iter().zip(rows) {
            let mass: f64 = all.iter().map(|&x| f64::from(x).exp()).sum();
            assert!((mass - 1.0).abs() < 1e-5, "{mass}");
            let mut order: Vec<u32> = (0..WORDS as u32)
                .filter(|id| ![0, 2].contains(id))
                .collect();
            order.sort_by(|&a, &b| all[b as usize].total_cmp(&all[a as usize]).then(a.cmp(&b)));
            let found: Vec<u32> = candidates.iter().map(|candidate| candidate.token).collect();
            assert_eq!(found, order[..3]);
        }
        for weights in &answer.attention {
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }
}
