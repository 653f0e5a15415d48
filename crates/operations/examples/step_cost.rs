//! Cost of one training step of a 512-unit input-feeding LSTM decoder with a bidirectional encoder,
//! part by part: milliseconds and GFLOP/s, the best and the median of a number of rounds.
//!
//! `cargo run -p operations --example step_cost [rounds]`; `ATTUNE_ISA=avx2` and the like in front cap the instruction sets.

use std::time::Instant;

use kernels::instruction_sets::{UnknownCap, from_environment};
use kernels::matmul::{Matrix, Packed, matmul, matmul_packed};
use network::Energy;
use network::cell::Cell;
use operations::attention::cpu::steps;
use operations::cell::cpu::Parameters;
use operations::cross_entropy::cpu as cross_entropy;
use operations::decoder::cpu as decoder;
use operations::optimiser::cpu::{Adam, adam, squared_norm};
use operations::recurrent::cpu as recurrent;

fn numbers(count: usize, scale: f32) -> Vec<f32> {
    let mut state = 0x1234_5678_9abc_def0u64 ^ count as u64;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * scale
        })
        .collect()
}

/// Prints a part's best and median time and returns the best, in milliseconds.
fn measure(name: &str, gflop: f64, rounds: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (best, median) = (times[0], times[rounds / 2]);
    println!(
        "{name:<34} {gflop:>7.2} GFLOP  best {best:>7.2} ms {:>6.1} GFLOP/s  median {median:>7.2} ms {:>6.1}",
        gflop / best * 1e3,
        gflop / median * 1e3
    );
    best
}

const BATCH: usize = 64;
const SOURCE: usize = 8;
const TARGET: usize = 11;
const EMBEDDING: usize = 256;
const HIDDEN: usize = 512;
const CLASSES: usize = 2800;

fn products(rounds: usize) {
    for (m, k, n) in [
        (64, 512, 2048),
        (64, 2048, 512),
        (64, 256, 1024),
        (512, 704, 2048),
        (1024, 1024, 1024),
    ] {
        let (a, b) = (numbers(m * k, 1.0), numbers(k * n, 1.0));
        let mut out = vec![0.0; m * n];
        let gflop = 2e-9 * (m * k * n) as f64;
        let packed = Packed::new(Matrix::new(&b, k, n));
        measure(
            &format!("{m} x {k} x {n}, packed"),
            gflop,
            20 * rounds,
            || {
                matmul_packed(Matrix::new(&a, m, k), &packed, &mut out, false);
            },
        );
        measure(&format!("{m} x {k} x {n}"), gflop, 20 * rounds, || {
            matmul(
                Matrix::new(&a, m, k),
                Matrix::new(&b, k, n),
                &mut out,
                false,
            );
        });
        measure(
            &format!("{m} x {k} x {n}, both transposed"),
            gflop,
            20 * rounds,
            || {
                let (a, b) = (
                    Matrix::new(&a, k, m).transposed(),
                    Matrix::new(&b, n, k).transposed(),
                );
                matmul(a, b, &mut out, false);
            },
        );
    }
}

fn encoder(rounds: usize) -> f64 {
    let hidden = HIDDEN / 2;
    let gates = 4 * hidden;
    let rows = SOURCE * BATCH;
    let shape = recurrent::Shape {
        time: SOURCE,
        batch: BATCH,
        hidden,
    };
    let x = numbers(rows * EMBEDDING, 1.0);
    let (input_weight, hidden_weight) = (
        numbers(EMBEDDING * gates, 0.05),
        numbers(hidden * gates, 0.05),
    );
    let zeros = vec![0.0; BATCH * hidden];
    let grad = numbers(rows * hidden, 1.0);
    let lengths: Vec<usize> = (0..BATCH).map(|row| SOURCE - row * 3 / BATCH).collect();
    let mut total = 0.0;
    for (name, with_backward) in [
        ("encoder forward", false),
        ("encoder forward + backward", true),
    ] {
        let passes = if with_backward { 3.0 } else { 1.0 };
        let gflop = 2.0 * passes * 2e-9 * (rows * (EMBEDDING + hidden) * gates) as f64;
        total = measure(name, gflop, rounds, || {
            for reverse in [false, true] {
                let mut projected = vec![0.0; rows * gates];
                let x = Matrix::new(&x, rows, EMBEDDING);
                let w = Matrix::new(&input_weight, EMBEDDING, gates);
                matmul(x, w, &mut projected, false);
                let inputs = recurrent::Inputs {
                    projected: &projected,
                    hidden_weight: &hidden_weight,
                    parameters: Parameters::of_hidden_bias(&[][..]),
                    initial_hidden: &zeros,
                    initial_cell: &zeros,
                    lengths: &lengths,
                    reverse,
                };
                let output = recurrent::forward(Cell::Lstm, shape, &inputs);
                if with_backward {
                    let back = recurrent::backward(
                        Cell::Lstm,
                        shape,
                        &inputs,
                        &output.saved,
                        &grad,
                        &[],
                        &[],
                    );
                    let gradient = Matrix::new(&back.projected, rows, gates);
                    let mut grad_weight = vec![0.0; EMBEDDING * gates];
                    matmul(x.transposed(), gradient, &mut grad_weight, false);
                    let mut grad_x = vec![0.0; rows * EMBEDDING];
                    matmul(gradient, w.transposed(), &mut grad_x, false);
                }
            }
        });
    }
    total
}

fn decoder_part(cell: Cell, rounds: usize) -> f64 {
    let gates = cell.gates() * HIDDEN;
    let rows = TARGET * BATCH;
    let shape = decoder::Shape {
        time: TARGET,
        batch: BATCH,
        source: SOURCE,
        hidden: HIDDEN,
        memory: HIDDEN,
        keys: HIDDEN,
        heads: 1,
    };
    let y = numbers(rows * EMBEDDING, 1.0);
    let token_weight = numbers(EMBEDDING * gates, 0.05);
    let (input_weight, hidden_weight) =
        (numbers(HIDDEN * gates, 0.05), numbers(HIDDEN * gates, 0.04));
    let (memory, keys) = (
        numbers(BATCH * SOURCE * HIDDEN, 1.0),
        numbers(BATCH * SOURCE * HIDDEN, 0.9),
    );
    let key_weight = numbers(HIDDEN * HIDDEN, 0.05);
    let (query_weight, vector) = (numbers(HIDDEN * HIDDEN, 0.05), numbers(HIDDEN, 0.05));
    let combine_weight = numbers(2 * HIDDEN * HIDDEN, 0.05);
    let (bias, zeros) = (numbers(HIDDEN, 0.1), vec![0.0; BATCH * HIDDEN]);
    let grad = numbers(rows * HIDDEN, 1.0);
    let lengths: Vec<usize> = (0..BATCH).map(|row| SOURCE - row * 3 / BATCH).collect();
    let (gru, lstm) = (cell == Cell::Gru, cell == Cell::Lstm);
    let layer = decoder::Layer {
        input_weight: &input_weight,
        bias: &[],
        hidden_weight: &hidden_weight,
        parameters: Parameters::of_hidden_bias(if gru { &bias[..] } else { &[] }),
        initial_hidden: &zeros,
        initial_cell: if lstm { &zeros } else { &[] },
        dropout: &[],
        residual: false,
        norm: None,
    };
    let mut total = 0.0;
    for with_backward in [false, true] {
        let passes = if with_backward { 3.0 } else { 1.0 };
        let numbers = rows * ((EMBEDDING + 2 * HIDDEN) * gates + 3 * HIDDEN * HIDDEN)
            + SOURCE * BATCH * HIDDEN * HIDDEN;
        let name = if with_backward {
            "forward + backward"
        } else {
            "forward"
        };
        total = measure(
            &format!("decoder {cell:?} {name}"),
            passes * 2e-9 * numbers as f64,
            rounds,
            || {
                let mut projected = vec![0.0; rows * gates];
                let y = Matrix::new(&y, rows, EMBEDDING);
                let w = Matrix::new(&token_weight, EMBEDDING, gates);
                matmul(y, w, &mut projected, false);
                let m = Matrix::new(&memory, SOURCE * BATCH, HIDDEN);
                let wk = Matrix::new(&key_weight, HIDDEN, HIDDEN);
                let mut grad_memory = vec![0.0; memory.len()];
                matmul(m, wk, &mut grad_memory, false);
                let inputs = decoder::Inputs {
                    projected: &projected,
                    layers: vec![layer],
                    attention: steps::Inputs {
                        memory: &memory,
                        keys: &keys,
                        lengths: &lengths,
                        query_weight: &query_weight,
                        query_bias: &bias,
                        energy: Energy::Additive(&vector),
                        coverage: &[],
                        reach: decoder::Reach::Everywhere,
                    },
                    before: false,
                    combine_weight: &combine_weight,
                    combine_bias: &bias,
                };
                let output = decoder::forward(cell, shape, &inputs);
                if with_backward {
                    let back = decoder::backward(cell, shape, &inputs, &output.saved, &grad, &[]);
                    let gradient = Matrix::new(&back.projected, rows, gates);
                    let mut grad_weight = vec![0.0; EMBEDDING * gates];
                    matmul(y.transposed(), gradient, &mut grad_weight, false);
                    let mut grad_y = vec![0.0; rows * EMBEDDING];
                    matmul(gradient, w.transposed(), &mut grad_y, false);
                    let keys = Matrix::new(&back.attention.keys, SOURCE * BATCH, HIDDEN);
                    let mut grad_keys = vec![0.0; HIDDEN * HIDDEN];
                    matmul(m.transposed(), keys, &mut grad_keys, false);
                    matmul(keys, wk.transposed(), &mut grad_memory, false);
                }
            },
        );
    }
    total
}

fn loss(rounds: usize) -> f64 {
    let rows = TARGET * BATCH;
    let shape = cross_entropy::Shape {
        rows,
        hidden: HIDDEN,
        classes: CLASSES,
    };
    let (hidden, weight) = (numbers(rows * HIDDEN, 1.0), numbers(CLASSES * HIDDEN, 0.1));
    let bias = numbers(CLASSES, 0.1);
    // About 650 of 704 rows are real.
    let targets: Vec<i32> = (0..rows)
        .map(|row| {
            if row % 13 == 12 {
                0
            } else {
                (row * 37 % 2799 + 1) as i32
            }
        })
        .collect();
    let inputs = cross_entropy::Inputs {
        hidden: &hidden,
        weight: &weight,
        bias: &bias,
        targets: &targets,
        ignore: 0,
        weights: None,
        smoothing: 0.1,
    };
    let real = targets.iter().filter(|&&target| target != 0).count();
    measure(
        "projection + cross-entropy",
        6e-9 * (real * HIDDEN * CLASSES) as f64,
        rounds,
        || {
            cross_entropy::forward_backward(shape, &inputs);
        },
    )
}

fn update(rounds: usize) -> f64 {
    let sizes = [
        2_048_000, 716_800, 1_433_600, 3_000_000, 1_001_600, 1_000_000,
    ];
    let mut lists: Vec<[Vec<f32>; 4]> = sizes
        .iter()
        .map(|&size| {
            [
                numbers(size, 1.0),
                numbers(size, 0.1),
                vec![0.0; size],
                vec![0.0; size],
            ]
        })
        .collect();
    let mut step = Adam {
        learning_rate: 1e-3,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
        step: 0,
        gradient_scale: 1.0,
    };
    measure("norm + Adam, 9.2M parameters", 0.0, rounds, || {
        let norm: f64 = lists.iter().map(|list| squared_norm(&list[1])).sum();
        step.step += 1;
        step.gradient_scale = (1.0 / norm.sqrt()) as f32;
        for [parameter, gradient, first, second] in &mut lists {
            adam(&step, parameter, gradient, first, second);
        }
    })
}

fn main() -> Result<(), UnknownCap> {
    println!("instruction sets: {}", from_environment()?);
    let rounds = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(20);
    products(rounds);
    let total = encoder(rounds) + decoder_part(Cell::Lstm, rounds) + loss(rounds) + update(rounds);
    println!("the LSTM parts together: {total:.1} ms");
    decoder_part(Cell::Gru, rounds);
    Ok(())
}
