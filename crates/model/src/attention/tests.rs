//! Properties of every attention.

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;

use super::*;
use crate::initial::Initialiser;

const HIDDEN: usize = 6;

fn config(kind: AttentionKind) -> AttentionConfig {
    AttentionConfig {
        kind,
        window: kind.is_local().then_some(1),
        heads: (kind == AttentionKind::MultiHead).then_some(3),
        max_source_length: kind.pools().then_some(7),
        ..AttentionConfig::default()
    }
}

/// Every attention that asks, those with coverage too, for memory of `memory` units.
fn asking(memory: usize) -> Vec<(String, Attention)> {
    let initial = Initialiser::new(7, &Device::flex());
    let mut found = Vec::new();
    for kind in AttentionKind::ALL {
        for covers in [false, true] {
            if kind == AttentionKind::LuongDot && memory != HIDDEN || covers && !kind.is_additive()
            {
                continue;
            }
            let config = AttentionConfig {
                coverage: covers.then_some(true),
                ..config(kind)
            };
            let attention = Attention::of(&config, &initial, memory, HIDDEN);
            let name = format!("{kind}, coverage {covers}");
            found.extend(attention.map(|attention| (name, attention)));
        }
    }
    found
}

/// Numbers in [-2, 2) that differ from place to place.
fn numbers(shape: [usize; 3], seed: u64) -> Tensor<3> {
    let count = shape.iter().product();
    let values = Initialiser::new(seed, &Device::flex()).numbers("numbers", count, 2.0);
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn assert_close(name: &str, found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len(), "{name}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(
            (found - wanted).abs() < 1e-5,
            "{name}: {found} is not {wanted}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn weights_are_shares_of_the_real_positions(
        lengths in prop::collection::vec(1usize..7, 1..4),
        (more, steps) in (0usize..3, 1usize..9),
        (seed, even) in (0u64..1000, any::<bool>()),
    ) {
        let size = if even { HIDDEN } else { 4 };
        let time = lengths.iter().max().unwrap() + more;
        let memory = numbers([lengths.len(), time, size], seed);
        let query = numbers([lengths.len(), steps, HIDDEN], seed + 1);
        let sizes = Lengths::new(&lengths, time, &Device::flex());
        for (name, attention) in asking(size) {
            let remembered = attention.remember(memory.clone(), &sizes);
            let (contexts, weights) = attention.attend(query.clone(), &remembered);
            prop_assert_eq!(weights.dims(), [lengths.len(), steps, time], "{}", name);
            if attention.value.is_none() {
                let sums = weights.clone().matmul(memory.clone());
                assert_close(&name, &values(contexts), &values(sums));
            }
            let predicts = attention.position.is_some();
            for (place, row) in values(weights).chunks(time).enumerate() {
                let length = lengths[place / steps];
                let sum: f32 = row.iter().sum();
                prop_assert!(sum <= 1.0 + 1e-5 && (predicts || sum >= 1.0 - 1e-5), "{name}: {row:?}");
                prop_assert!(row[..length].iter().all(|&weight| weight >= 0.0), "{name}: {row:?}");
                // The fall at a window's end is exp(-2).
                prop_assert!(sum > 0.13, "{name}: {row:?}");
                prop_assert!(row[length..].iter().all(|&weight| weight == 0.0), "{name}: {row:?}");
            }
        }
    }

    #[test]
    fn step_by_step_is_all_at_once(
        lengths in prop::collection::vec(1usize..6, 1..4),
        (steps, seed) in (1usize..8, 0u64..1000),
    ) {
        let (rows, time) = (lengths.len(), *lengths.iter().max().unwrap());
        let memory = numbers([rows, time, HIDDEN], seed);
        let query = numbers([rows, steps, HIDDEN], seed + 1);
        let sizes = Lengths::new(&lengths, time, &Device::flex());
        for (name, attention) in asking(HIDDEN) {
            let remembered = attention.remember(memory.clone(), &sizes);
            let (_, wanted) = attention.attend(query.clone(), &remembered);
            let mut past = Past::none(rows, time, attention.covers(), &memory);
            let mut found = Vec::new();
            for step in 0..steps {
                let query = query.clone().narrow(1, step, 1);
                let (_, weights) = attention.attend_after(query, &remembered, &past);
                past = past.and(&weights.clone().reshape([rows, time]));
                found.push(weights);
            }
            assert_close(&name, &values(Tensor::cat(found, 1)), &values(wanted));
        }
    }

    #[test]
    fn layers_over_time_share_out_each_feature(
        lengths in prop::collection::vec(1usize..9, 1..4),
        (more, seed) in (0usize..4, 0u64..1000),
    ) {
        let (rows, time) = (lengths.len(), lengths.iter().max().unwrap() + more);
        let memory = numbers([rows, time, 3], seed);
        let sizes = Lengths::new(&lengths, time, &Device::flex());
        for (kind, single) in
            [(AttentionKind::TimeDense, false), (AttentionKind::TimeDense, true), (AttentionKind::TanhPool, false)]
        {
            let initial = Initialiser::new(seed, &Device::flex());
            let config = AttentionConfig { single_vector: single.then_some(true), ..config(kind) };
            let pool = Pool::of(&config, &initial).unwrap();
            prop_assert_eq!(pool.positions(), 8);
            let (context, weights) = pool.pool(&memory, &sizes);
            for (row, (weights, &length)) in values(weights.clone()).chunks(time).zip(&lengths).enumerate() {
                prop_assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{row}: {weights:?}");
                prop_assert!(weights[..length].iter().all(|&weight| weight > 0.0), "{weights:?}");
                prop_assert!(weights[length..].iter().all(|&weight| weight == 0.0), "{weights:?}");
            }
            if single {
                let sums = weights.unsqueeze_dim::<3>(1).matmul(memory.clone());
                assert_close("context", &values(context), &values(sums));
            }
        }
    }
}

#[test]
fn a_monotonic_window_moves_on_and_stays_at_the_end() {
    let initial = Initialiser::new(1, &Device::flex());
    let Some(attention) = Attention::of(&config(AttentionKind::LocalM), &initial, HIDDEN, HIDDEN)
    else {
        unreachable!("it asks");
    };
    let sizes = Lengths::new(&[5, 2], 6, &Device::flex());
    let memory = attention.remember(numbers([2, 6, HIDDEN], 2), &sizes);
    let (_, weights) = attention.attend(numbers([2, 7, HIDDEN], 3), &memory);
    let looked: Vec<Vec<usize>> = values(weights)
        .chunks(6)
        .map(|row| (0..6).filter(|&place| row[place] > 0.0).collect())
        .collect();
    let first = [vec![0, 1], vec![0, 1, 2], vec![1, 2, 3], vec![2, 3, 4]];
    assert_eq!(looked[..4], first);
    assert_eq!(looked[4..7], vec![vec![3, 4]; 3]);
    assert_eq!(looked[7..], vec![vec![0, 1]; 7]);
}

#[test]
fn one_head_that_changes_nothing_is_a_scaled_dot_product() {
    let initial = Initialiser::new(1, &Device::flex());
    let of = |kind, heads| {
        let config = AttentionConfig {
            heads,
            ..config(kind)
        };
        Attention::of(&config, &initial, HIDDEN, HIDDEN).unwrap()
    };
    let mut heads = of(AttentionKind::MultiHead, Some(1));
    let parts = [
        &mut heads.query,
        &mut heads.key,
        &mut heads.value,
        &mut heads.output,
    ];
    for linear in parts.into_iter().flatten() {
        linear.weight = linear
            .weight
            .clone()
            .map(|_| Tensor::eye(HIDDEN, &Device::flex()));
    }
    let lengths = Lengths::new(&[3, 4], 4, &Device::flex());
    let (memory, query) = (numbers([2, 4, HIDDEN], 2), numbers([2, 3, HIDDEN], 3));
    let answer = |attention: Attention| {
        let remembered = attention.remember(memory.clone(), &lengths);
        let (contexts, weights) = attention.attend(query.clone(), &remembered);
        [values(contexts), values(weights)].concat()
    };
    let scaled = of(AttentionKind::ScaledDot, None);
    assert_close("both", &answer(heads), &answer(scaled));
}

#[test]
fn layers_over_time_start_small() {
    let initial = Initialiser::new(5, &Device::flex());
    let config = AttentionConfig {
        max_source_length: Some(40),
        ..config(AttentionKind::TanhPool)
    };
    let pool = Pool::of(&config, &initial).unwrap();
    let layer = pool.layer();
    let all = [values(layer.weight.val()), values(layer.bias.val())].concat();
    assert_eq!(all.len(), 41 * 41 + 41);
    assert!(all.iter().all(|number| number.abs() <= 0.05));
    let spread = all
        .iter()
        .fold(0.0f32, |most, number| most.max(number.abs()));
    assert!(spread > 0.049, "{spread}");
}
