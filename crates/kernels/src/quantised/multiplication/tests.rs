use proptest::prelude::*;

use super::*;
use crate::testing::{random, under_each_cap};

/// Weights and activations with zero rows and columns and with extremes.
fn numbers(count: usize, width: usize, seed: u64) -> Vec<f32> {
    let mut values = random(count, seed);
    for (index, value) in values.iter_mut().enumerate() {
        let (row, column) = (index / width, index % width);
        if row % 7 == 3 || column % 11 == 5 {
            *value = 0.0;
        } else if row % 5 == 2 {
            *value = value.signum();
        }
    }
    values
}

/// One row quantised as the definition says.
fn quantised(row: &[f32]) -> (Vec<i64>, f32) {
    let largest = row.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
    let integer = |x: &f32| (x * inverse).round_ties_even() as i64;
    (row.iter().map(integer).collect(), largest / 127.0)
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// The product from the integers, in 64 bits.
fn reference(a: &[f32], b: &Quantised, start: Option<&[f32]>) -> Vec<f32> {
    let (values, scales) = b.to_parts();
    let (k, n) = (b.rows(), b.columns());
    let mut out = Vec::new();
    for (row, a) in a.chunks_exact(k).enumerate() {
        let (a, scale) = quantised(a);
        for column in 0..n {
            let products = (0..k).map(|i| a[i] * i64::from(values[i * n + column]));
            let value = products.sum::<i64>() as f32 * scales[column] * scale;
            out.push(start.map_or(value, |start| start[row * n + column] + value));
        }
    }
    out
}

fn check(m: usize, k: usize, n: usize) {
    under_each_cap(|| check_once(m, k, n));
}

fn check_once(m: usize, k: usize, n: usize) {
    let (a, weight) = (numbers(m * k, k, 1), numbers(k * n, n, 2));
    let b = Quantised::new(Matrix::new(&weight, k, n));
    for column in 0..n {
        let source: Vec<f32> = weight.iter().skip(column).step_by(n).copied().collect();
        let (values, scale) = quantised(&source);
        let (parts, scales) = b.to_parts();
        let packed = parts.iter().skip(column).step_by(n);
        assert!(packed.map(|&x| i64::from(x)).eq(values));
        assert_eq!(scales[column], scale);
    }
    let start = random(m * n, 3);
    let plain = bits(&reference(&a, &b, None));
    let added = bits(&reference(&a, &b, Some(&start)));
    let matrix = Matrix::new(&a, m, k);
    for path in Path::all() {
        let mut out = vec![f32::NAN; m * n];
        matmul_along(path, matrix, &b, &mut out, false);
        assert_eq!(bits(&out), plain, "{path:?}");
        out.copy_from_slice(&start);
        matmul_along(path, matrix, &b, &mut out, true);
        assert_eq!(bits(&out), added, "{path:?}, added");
    }
    let mut out = vec![f32::NAN; m * n];
    multiply(matrix, &b, &mut out, false);
    assert_eq!(bits(&out), plain, "one thread");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn every_path_gives_the_exact_sums(m in 1usize..41, k in 1usize..200, n in 1usize..100) {
        check(m, k, n);
    }

    #[test]
    fn the_product_is_near_the_one_in_floats(m in 1usize..6, k in 1usize..300, n in 1usize..40) {
        let (a, weight) = (random(m * k, 4), random(k * n, 5));
        let (x, w) = (Matrix::new(&a, m, k), Matrix::new(&weight, k, n));
        let (mut exact, mut out) = (vec![0.0; m * n], vec![0.0; m * n]);
        crate::matmul::matmul(x, w, &mut exact, false);
        matmul(x, &Quantised::new(w), &mut out, false);
        // Each factor, at most 1, is off by at most half a step of 1 / 127.
        let bound = k as f32 * (1.0 + 0.25 / 127.0) / 127.0 + 1e-4;
        for (x, y) in exact.iter().zip(&out) {
            prop_assert!((x - y).abs() <= bound, "{x} {y}");
        }
    }
}

#[test]
fn whole_tiles() {
    check(48, 256, 96);
    check(70, 1280, 64);
}

#[test]
fn strides_do_not_matter() {
    let (m, k, n) = (5, 70, 37);
    let turn = |data: &[f32], rows: usize, columns: usize| -> Vec<f32> {
        (0..rows * columns)
            .map(|i| data[i % rows * columns + i / rows])
            .collect()
    };
    let (a, weight) = (random(m * k, 1), random(k * n, 2));
    let (a_turned, weight_turned) = (turn(&a, m, k), turn(&weight, k, n));
    let mut plain = vec![0.0; m * n];
    let mut turned = plain.clone();
    let b = Quantised::new(Matrix::new(&weight, k, n));
    matmul(Matrix::new(&a, m, k), &b, &mut plain, false);
    let b = Quantised::new(Matrix::new(&weight_turned, n, k).transposed());
    let left = Matrix::new(&a_turned, k, m).transposed();
    matmul(left, &b, &mut turned, false);
    assert_eq!(bits(&plain), bits(&turned));
}

#[test]
fn extremes_sum_exactly() {
    // 33 rows of activations of 127 and weights of -128, which only `from_parts` can give.
    let (m, k, n) = (33, 5000, 40);
    let b = Quantised::from_parts(&vec![-128; k * n], &vec![1.0; n], k, n);
    for sign in [1.0, -1.0] {
        let a = vec![127.0 * sign; m * k];
        for path in Path::all() {
            let mut out = vec![0.0; m * n];
            matmul_along(path, Matrix::new(&a, m, k), &b, &mut out, false);
            let sum = -128.0 * 127.0 * k as f32 * sign;
            assert!(out.iter().all(|&x| x == sum), "{path:?}");
        }
    }
}

#[test]
fn the_longest_sums_fit() {
    let k = 1 << 17;
    let b = Quantised::from_parts(&vec![-128; k], &[1.0], k, 1);
    let a = vec![127.0; k];
    for path in Path::all() {
        let mut out = [0.0];
        matmul_along(path, Matrix::new(&a, 1, k), &b, &mut out, false);
        assert_eq!(out, [-(127.0 * 128.0 * k as f32)], "{path:?}");
    }
}

#[test]
#[should_panic(expected = "at most 131072 rows")]
fn longer_sums_are_refused() {
    let k = (1 << 17) + 1;
    Quantised::from_parts(&vec![0; k], &[1.0], k, 1);
}

#[test]
fn parts_come_back() {
    let (k, n) = (67, 35);
    let values: Vec<i8> = (0..k * n).map(|i| (i * 37 % 256) as u8 as i8).collect();
    let scales: Vec<f32> = (0..n).map(|i| 0.25 * i as f32).collect();
    let b = Quantised::from_parts(&values, &scales, k, n);
    assert_eq!((b.rows(), b.columns()), (k, n));
    assert_eq!(b.to_parts(), (values.clone(), scales.clone()));
    let numbers = b.dequantise();
    for i in 0..k * n {
        assert_eq!(numbers[i], f32::from(values[i]) * scales[i % n]);
    }
    let weight = random(k * n, 1);
    let b = Quantised::new(Matrix::new(&weight, k, n));
    let (values, scales) = b.to_parts();
    let again = Quantised::from_parts(&values, &scales, k, n);
    let a = random(k, 2);
    let (mut first, mut second) = (vec![0.0; n], vec![0.0; n]);
    matmul(Matrix::new(&a, 1, k), &b, &mut first, false);
    matmul(Matrix::new(&a, 1, k), &again, &mut second, false);
    assert_eq!(bits(&first), bits(&second));
}

#[test]
fn what_is_not_finite_shows() {
    let (m, k, n) = (3, 70, 33);
    for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let (mut a, mut weight) = (random(m * k, 1), random(k * n, 2));
        a[k + 69] = bad;
        weight[4 * n + 32] = bad;
        let b = Quantised::new(Matrix::new(&weight, k, n));
        for path in Path::all() {
            let mut out = vec![0.0; m * n];
            matmul_along(path, Matrix::new(&a, m, k), &b, &mut out, false);
            for (index, value) in out.iter().enumerate() {
                let shows = index / n == 1 || index % n == 32;
                assert_eq!(value.is_nan(), shows, "{path:?} {bad} {index}");
            }
        }
    }
}

#[test]
fn the_smallest_and_the_largest_numbers_do_no_harm() {
    for (value, expected) in [(1e-45, 0.0), (1e-31, 0.0), (2e-30, 2e-30), (1e38, 1e38)] {
        let b = Quantised::new(Matrix::new(&[1.0], 1, 1));
        let mut out = [0.0];
        matmul(Matrix::new(&[value], 1, 1), &b, &mut out, false);
        assert!(
            (out[0] - expected).abs() <= 1e-6 * expected,
            "{value}: {out:?}"
        );
    }
}

#[test]
fn no_inner_dimension_gives_zero_and_no_rows_or_columns_nothing() {
    let b = Quantised::new(Matrix::new(&[], 0, 3));
    let mut out = [5.0; 6];
    matmul(Matrix::new(&[], 2, 0), &b, &mut out, true);
    assert_eq!(out, [5.0; 6]);
    matmul(Matrix::new(&[], 2, 0), &b, &mut out, false);
    assert_eq!(out, [0.0; 6]);
    matmul(Matrix::new(&[], 0, 0), &b, &mut [], false);
    let b = Quantised::new(Matrix::new(&[], 2, 0));
    matmul(Matrix::new(&[1.0; 6], 3, 2), &b, &mut [], false);
}

#[test]
fn the_bits_do_not_depend_on_the_threads() {
    let (m, k, n) = (150, 300, 700);
    let (a, weight) = (random(m * k, 1), random(k * n, 2));
    let b = Quantised::new(Matrix::new(&weight, k, n));
    let run = |threads, m| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let mut out = vec![0.0; m * n];
        pool.install(|| matmul(Matrix::new(&a[..m * k], m, k), &b, &mut out, false));
        bits(&out)
    };
    for m in [1, 5, 40, 150] {
        assert_eq!(run(1, m), run(3, m));
        assert_eq!(run(1, m), run(40, m));
    }
}
