//! Matrix products: in three loops, by Burn, and by the kernels in single precision and 8-bit integers.

use std::fmt;

use burn::tensor::{Device, Tensor, TensorData};
use divan::Bencher;
use kernels::matmul::{Matrix, Packed, matmul, matmul_packed};
use kernels::quantised::{self, Quantised};

use crate::subject::numbers;

/// Who multiplies.
#[derive(Debug, Clone, Copy)]
enum By {
    ThreeLoops,
    Burn,
    Kernel,
    Packed,
    Int8,
}

const ALL: [By; 5] = [By::ThreeLoops, By::Burn, By::Kernel, By::Packed, By::Int8];

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            By::ThreeLoops => "reference: three loops",
            By::Burn => "reference: Burn",
            By::Kernel => "kernel",
            By::Packed => "kernel, right side packed before",
            By::Int8 => "kernel, right side 8-bit before",
        })
    }
}

/// Up to so many rows, search packs weights in another form.
const FEW_ROWS: usize = 8;

/// `out = a b`, by the definition; the order of the loops is the one that reads rows.
fn three_loops([rows, inner, columns]: [usize; 3], a: &[f32], b: &[f32], out: &mut [f32]) {
    for row in 0..rows {
        let out = &mut out[row * columns..][..columns];
        out.fill(0.0);
        for (x, b) in a[row * inner..][..inner].iter().zip(b.chunks(columns)) {
            for (out, y) in out.iter_mut().zip(b) {
                *out += x * y;
            }
        }
    }
}

fn multiply(bencher: Bencher, by: By, shape: [usize; 3]) {
    let [rows, inner, columns] = shape;
    let (a, b) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
    let mut out = vec![0.0; rows * columns];
    let left = Matrix::new(&a, rows, inner);
    let right = Matrix::new(&b, inner, columns);
    match by {
        By::ThreeLoops => bencher.bench_local(|| three_loops(shape, &a, &b, &mut out)),
        By::Burn => {
            let tensor = |values: &[f32], shape| {
                let data = TensorData::new(values.to_vec(), shape);
                Tensor::<2>::from_data(data, &Device::flex())
            };
            let (a, b) = (tensor(&a, [rows, inner]), tensor(&b, [inner, columns]));
            bencher.bench_local(|| divan::black_box_drop(a.clone().matmul(b.clone())));
        }
        By::Kernel => bencher.bench_local(|| matmul(left, right, &mut out, false)),
        By::Packed => {
            let right = match rows <= FEW_ROWS {
                true => Packed::for_few_rows(right),
                false => Packed::new(right),
            };
            bencher.bench_local(|| matmul_packed(left, &right, &mut out, false));
        }
        By::Int8 => {
            let right = Quantised::new(right);
            bencher.bench_local(|| quantised::matmul(left, &right, &mut out, false));
        }
    }
}

#[divan::bench(args = ALL, name = "8 x 64 by 64 x 256")]
fn small(bencher: Bencher, by: By) {
    multiply(bencher, by, [8, 64, 256]);
}

#[divan::bench(args = ALL, name = "1 x 1280 by 1280 x 2048: one row")]
fn one_row(bencher: Bencher, by: By) {
    multiply(bencher, by, [1, 1280, 2048]);
}

#[divan::bench(args = ALL, name = "64 x 1280 by 1280 x 2048: a step")]
fn step(bencher: Bencher, by: By) {
    multiply(bencher, by, [64, 1280, 2048]);
}

#[divan::bench(args = ALL, name = "704 x 512 by 512 x 2800: all words")]
fn output_layer(bencher: Bencher, by: By) {
    multiply(bencher, by, [704, 512, 2800]);
}
