//! Lookup against its definition in double precision, and its gradient against the differences.

use super::cpu::*;
use kernels::testing::{assert_close, differences, random, under_each_cap, wide};

struct Problem {
    shape: Shape,
    ids: Vec<i32>,
    table: Vec<f32>,
    factors: Vec<f32>,
}

impl Problem {
    /// `sharing` vectors have factors of their own, after which they repeat; zero for no factors.
    fn new(shape: Shape, ids: &[i32], sharing: usize) -> Self {
        Self {
            shape,
            ids: ids.to_vec(),
            table: random(shape.words * shape.width, 1),
            factors: random(sharing * shape.width, 2),
        }
    }

    fn inputs(&self) -> Inputs<'_> {
        Inputs {
            ids: &self.ids,
            factors: &self.factors,
        }
    }

    fn reference(&self, table: &[f64]) -> Vec<f64> {
        let width = self.shape.width;
        (0..self.ids.len() * width)
            .map(|at| {
                let value = table[self.ids[at / width] as usize * width + at % width];
                match self.factors.len() {
                    0 => value,
                    period => value * f64::from(self.factors[at % period]),
                }
            })
            .collect()
    }

    /// [`Self::check_once`], under each cap.
    fn check(&self) {
        under_each_cap(|| self.check_once());
    }

    fn check_once(&self) {
        let table = wide(&self.table);
        let expected = self.reference(&table);
        let found = forward(self.shape, &self.table, &self.inputs());
        assert_close("vectors", &found, &expected, 1e-6);
        let upstream = random(found.len(), 3);
        let found = backward(self.shape, &self.inputs(), &upstream);
        let expected = differences(&table, |table| {
            let vectors = self.reference(table);
            let terms = vectors.iter().zip(&upstream);
            terms.map(|(y, &w)| y * f64::from(w)).sum()
        });
        assert_close("table", &found, &expected, 1e-4);
    }
}

#[test]
fn values_and_gradients() {
    for width in [1, 5, 17] {
        let shape = Shape { words: 7, width };
        for sharing in [0, 3, 6] {
            Problem::new(shape, &[3, 0, 3, 6, 3, 1], sharing).check();
        }
        Problem::new(shape, &[], 0).check();
        Problem::new(Shape { words: 1, width }, &[0], 1).check();
    }
}

#[test]
fn equal_inputs_give_equal_bits_on_any_number_of_threads() {
    let shape = Shape {
        words: 30,
        width: 19,
    };
    let ids: Vec<i32> = (0..200).map(|at| at * at % 31 % 30).collect();
    let problem = Problem::new(shape, &ids, 200);
    let upstream = random(200 * 19, 4);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            (
                forward(shape, &problem.table, &problem.inputs()),
                backward(shape, &problem.inputs(), &upstream),
            )
        })
    };
    assert_eq!(run(1), run(1));
    assert_eq!(run(1), run(3));
}

#[test]
#[should_panic(expected = "every id is one of 2 words")]
fn an_id_beyond_the_table_is_refused() {
    let shape = Shape { words: 2, width: 1 };
    let problem = Problem::new(shape, &[2], 0);
    forward(shape, &problem.table, &problem.inputs());
}
