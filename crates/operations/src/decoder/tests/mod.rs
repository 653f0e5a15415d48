//! The decoder against its equations in double precision, and its gradients against their differences.

mod problem;
mod reference;

use super::cpu::*;
use kernels::testing::random;
use network::cell::{Cell, Nonlinearity};
use problem::{Focus, Problem};

const CELLS: [Cell; 4] = [
    Cell::Lstm,
    Cell::Gru,
    Cell::Rnn(Nonlinearity::Tanh),
    Cell::Rnn(Nonlinearity::Relu),
];

#[test]
fn additive_values_and_gradients() {
    let shape = Shape {
        time: 3,
        batch: 2,
        source: 3,
        hidden: 4,
        memory: 5,
        keys: 3,
        heads: 1,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 1, true, &[3, 1]).check(true);
    }
}

#[test]
fn multiplicative_values_and_gradients() {
    let shape = Shape {
        time: 3,
        batch: 2,
        source: 4,
        hidden: 4,
        memory: 3,
        keys: 4,
        heads: 1,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 1, false, &[2, 4]).check(true);
    }
}

#[test]
fn several_layers_with_and_without_dropout() {
    let shape = Shape {
        time: 3,
        batch: 2,
        source: 2,
        hidden: 3,
        memory: 2,
        keys: 3,
        heads: 1,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 2, true, &[2, 1]).check(true);
        Problem::with(cell, shape, 3, false, &[1, 2], false, Focus::default()).check(true);
    }
}

#[test]
fn weights_that_depend_on_more_than_query_and_keys() {
    let shape = Shape {
        time: 4,
        batch: 3,
        source: 5,
        hidden: 4,
        memory: 3,
        keys: 4,
        heads: 1,
    };
    let lengths = [5, 1, 3];
    let plain = Focus::default();
    let near = Focus {
        window: Some(1),
        ..plain
    };
    let predicted = Focus {
        predicts: true,
        window: Some(2),
        ..plain
    };
    let covered = Focus {
        coverage: true,
        ..plain
    };
    for cell in CELLS {
        for before in [false, true] {
            for (focus, additive) in [
                (plain, true),
                (plain, false),
                (covered, true),
                (near, false),
                (predicted, false),
            ] {
                let focus = Focus { before, ..focus };
                for layers in [1, 2] {
                    let dropout = layers > 1;
                    Problem::with(cell, shape, layers, additive, &lengths, dropout, focus)
                        .check(true);
                }
            }
        }
    }
}

#[test]
fn several_heads() {
    let shape = Shape {
        time: 3,
        batch: 3,
        source: 4,
        hidden: 4,
        memory: 6,
        keys: 8,
        heads: 2,
    };
    let one = Shape { heads: 1, ..shape };
    let single = Shape {
        memory: 8,
        heads: 8,
        ..shape
    };
    let states = Shape { keys: 4, ..shape };
    for cell in CELLS {
        for (shape, asks, before) in [
            (shape, true, false),
            (shape, true, true),
            (one, true, false),
            (single, true, false),
            (states, false, false),
        ] {
            let focus = Focus {
                asks,
                before,
                ..Focus::default()
            };
            for layers in [1, 2] {
                Problem::with(cell, shape, layers, false, &[4, 1, 3], layers > 1, focus)
                    .check(true);
            }
        }
    }
}

#[test]
fn layers_that_give_more_than_their_states() {
    let shape = Shape {
        time: 3,
        batch: 2,
        source: 2,
        hidden: 4,
        memory: 2,
        keys: 4,
        heads: 1,
    };
    for cell in CELLS {
        for (residual, norm, before, gates) in [
            (true, false, false, false),
            (false, true, false, false),
            (true, true, false, false),
            (true, true, true, false),
            (false, false, false, true),
            (true, true, true, true),
        ] {
            let focus = Focus {
                residual,
                norm,
                before,
                gates,
                ..Focus::default()
            };
            for additive in [false, true] {
                Problem::with(cell, shape, 3, additive, &[2, 1], true, focus).check(true);
            }
        }
    }
}

#[test]
fn one_of_everything() {
    let shape = Shape {
        time: 1,
        batch: 1,
        source: 1,
        hidden: 1,
        memory: 1,
        keys: 1,
        heads: 1,
    };
    for cell in CELLS {
        Problem::new(cell, shape, 1, true, &[1]).check(true);
        Problem::new(cell, shape, 2, false, &[1]).check(true);
    }
}

#[test]
fn values_of_odd_sizes() {
    let shape = Shape {
        time: 6,
        batch: 11,
        source: 9,
        hidden: 37,
        memory: 43,
        keys: 29,
        heads: 1,
    };
    let lengths: Vec<usize> = (0..11).map(|row| 1 + row * 5 % 9).collect();
    for cell in CELLS {
        Problem::new(cell, shape, 2, true, &lengths).check(false);
        Problem::new(cell, Shape { keys: 37, ..shape }, 1, false, &lengths).check(false);
        let heads = Shape {
            memory: 69,
            keys: 57,
            heads: 3,
            ..shape
        };
        let asks = Focus {
            asks: true,
            ..Focus::default()
        };
        Problem::with(cell, heads, 1, false, &lengths, false, asks).check(false);
    }
}

const TWO_HEADS: Shape = Shape {
    time: 1,
    batch: 1,
    source: 2,
    hidden: 3,
    memory: 4,
    keys: 4,
    heads: 2,
};

#[test]
#[should_panic(expected = "the heads divide A and M")]
fn heads_that_do_not_divide_the_keys_are_refused() {
    let shape = Shape {
        keys: 3,
        ..TWO_HEADS
    };
    let problem = Problem::new(Cell::Lstm, shape, 1, false, &[2]);
    forward(Cell::Lstm, shape, &problem.inputs());
}

#[test]
#[should_panic(expected = "several heads have multiplicative energies")]
fn heads_with_additive_energies_are_refused() {
    let problem = Problem::new(Cell::Lstm, TWO_HEADS, 1, true, &[2]);
    forward(Cell::Lstm, TWO_HEADS, &problem.inputs());
}

#[test]
fn equal_inputs_give_equal_bits_on_any_number_of_threads() {
    let shape = Shape {
        time: 4,
        batch: 19,
        source: 5,
        hidden: 33,
        memory: 18,
        keys: 21,
        heads: 1,
    };
    let lengths: Vec<usize> = (0..19).map(|row| 1 + row % 5).collect();
    let heads = Shape { heads: 3, ..shape };
    let asks = Focus {
        asks: true,
        ..Focus::default()
    };
    let problems = CELLS.into_iter().flat_map(|cell| {
        [
            (cell, shape, Problem::new(cell, shape, 2, true, &lengths)),
            (
                cell,
                heads,
                Problem::with(cell, heads, 2, false, &lengths, true, asks),
            ),
        ]
    });
    for (cell, shape, problem) in problems {
        let grad = random(4 * 19 * 33, 5);
        let grad_weights = random(4 * 19 * 5, 6);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let inputs = problem.inputs();
                let output = forward(cell, shape, &inputs);
                let back = backward(cell, shape, &inputs, &output.saved, &grad, &grad_weights);
                let layer = back.layers[1].hidden_weight.clone();
                (
                    output.outputs,
                    back.attention.memory,
                    back.attention.keys,
                    back.attention.vector,
                    back.attention.query_weight,
                    back.combine_weight,
                    layer,
                )
            })
        };
        assert_eq!(run(1), run(1));
        assert_eq!(run(1), run(3));
    }
}
