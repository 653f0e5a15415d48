//! Another backend searches alike.

#![allow(deprecated)] // The ndarray backend is kept for choice; upstream marks it deprecated.

use burn::tensor::Device;
use model::SearchConfig;
use model::search::{beam, greedy};

use crate::agreement::{assert_all_same, assert_sound};
use crate::assert_exhaustive;
use crate::subject::{END, MARKS, Rows, TARGET_WORDS, configs, peaked, small};

#[test]
fn another_backend_searches_alike() {
    let sources = [vec![4, 9, END], vec![END], vec![7, 5, 10, 8, 6, END]];
    let batch = Rows::new(&sources);
    let config = SearchConfig {
        beam: 3,
        max_length: 7,
        ..crate::subject::short()
    };
    for (place, of) in configs().iter().enumerate() {
        let model = |device: &Device| peaked(of, TARGET_WORDS, place as u64, device);
        let (flex, other) = (model(&Device::flex()), model(&Device::ndarray()));
        let wanted = beam(&flex, batch.padded(), &config, &MARKS, 3, true);
        let found = beam(&other, batch.padded(), &config, &MARKS, 3, true);
        for ((found, wanted), source) in found.iter().zip(&wanted).zip(&sources) {
            assert_all_same(found, wanted);
            assert_sound(&other, source, &config, &found[0]);
        }
        let one = SearchConfig {
            beam: 1,
            ..config.clone()
        };
        let greedily = greedy(&other, batch.padded(), &one, &MARKS, true);
        assert_all_same(
            &greedily,
            &greedy(&flex, batch.padded(), &one, &MARKS, true),
        );
        let beams = beam(&other, batch.padded(), &one, &MARKS, 1, true);
        assert_all_same(&beams.concat(), &greedily);
        let alone = Rows::new(&sources[..1]);
        assert_all_same(
            &beam(&other, alone.padded(), &config, &MARKS, 3, true)[0],
            &found[0],
        );
    }
    let search = SearchConfig {
        beam: 50,
        max_length: 3,
        ..config
    };
    assert_exhaustive(&Device::ndarray(), &small(), 4, &search);
}
