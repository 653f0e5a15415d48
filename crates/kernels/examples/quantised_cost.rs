//! Cost of the products of one decoder step in 8-bit integers and in floats: microseconds, the best and
//! the median of a number of rounds, for one sentence (1 row), a beam of five (5), a batch (64) and a
//! batch of beams (320).
//!
//! `cargo run -p kernels --example quantised_cost [rounds] [threads]`; `ATTUNE_ISA=avx2` and the like in front cap the
//! instruction sets.

use std::time::Instant;

use kernels::instruction_sets::from_environment;
use kernels::matmul::{Matrix, Packed, matmul_packed};
use kernels::quantised::{self, Quantised};

fn numbers(count: usize) -> Vec<f32> {
    let mut state = 0x1234_5678_9abc_def0u64 ^ count as u64;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

/// The best and the median, in microseconds.
fn measure(rounds: usize, mut work: impl FnMut()) -> (f64, f64) {
    work();
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[0], times[rounds / 2])
}

/// One weight and what it is multiplied into.
struct Product {
    name: &'static str,
    left: Vec<f32>,
    quantised: Quantised,
    packed: Packed,
    out: Vec<f32>,
}

impl Product {
    fn new(name: &'static str, k: usize, n: usize) -> Self {
        let weight = numbers(k * n);
        let weight = Matrix::new(&weight, k, n);
        Self {
            name,
            left: numbers(320 * k),
            quantised: Quantised::new(weight),
            packed: Packed::new(weight),
            out: vec![0.0; 320 * n],
        }
    }

    fn integers(&mut self, m: usize) {
        let (k, n) = (self.quantised.rows(), self.quantised.columns());
        let left = Matrix::new(&self.left[..m * k], m, k);
        quantised::matmul(left, &self.quantised, &mut self.out[..m * n], false);
    }

    fn floats(&mut self, m: usize) {
        let (k, n) = (self.quantised.rows(), self.quantised.columns());
        let left = Matrix::new(&self.left[..m * k], m, k);
        matmul_packed(left, &self.packed, &mut self.out[..m * n], false);
    }
}

fn report(rounds: usize) {
    println!("threads: {}", rayon::current_num_threads());
    let mut products = [
        Product::new("LSTM", 1280, 2048),
        Product::new("combine", 1024, 512),
        Product::new("query", 512, 512),
        Product::new("output", 512, 2800),
    ];
    let weights = |product: &Product| product.quantised.rows() * product.quantised.columns();
    let total: usize = products.iter().map(weights).sum();
    for m in [1, 5, 16, 64, 320] {
        let rounds = (rounds * 16 / (16 + m)).max(5);
        let line = |name: &str, count: usize, integers: (f64, f64), floats: (f64, f64)| {
            let rate = |time: f64| (m * count) as f64 / time * 1e-3;
            println!(
                "{m:>4} rows {name:<8} int8 best {:>8.1} us {:>7.1} G/s  median {:>8.1} us   \
                 f32 best {:>8.1} us {:>6.1} G/s  median {:>8.1} us",
                integers.0,
                rate(integers.0),
                integers.1,
                floats.0,
                rate(floats.0),
                floats.1
            );
        };
        for product in &mut products {
            let integers = measure(rounds, || product.integers(m));
            let floats = measure(rounds, || product.floats(m));
            line(product.name, weights(product), integers, floats);
        }
        let integers = measure(rounds, || products.iter_mut().for_each(|p| p.integers(m)));
        let floats = measure(rounds, || products.iter_mut().for_each(|p| p.floats(m)));
        line("step", total, integers, floats);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map_or(Ok(1000), |text| text.parse())?;
    let threads = arguments.next().map_or(Ok(0), |text| text.parse())?;
    println!("instruction sets: {}", from_environment()?);
    println!(
        "G/s: thousand million multiplications a second; with 1 row also GB/s of 8-bit weights"
    );
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    pool.install(|| report(rounds));
    Ok(())
}
