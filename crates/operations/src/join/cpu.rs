//! Vectors of several time-major lists side by side, row by row: the directions of an encoder, made the
//! memory that attention reads.

use kernels::{parallel, storage};

/// Leading dimension of the joined list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `[T, B, sum of W_p]`
    TimeMajor,
    /// `[B, T, sum of W_p]`
    BatchMajor,
}

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape<const P: usize> {
    /// `T`, time steps.
    pub time: usize,
    /// `B`, rows of the batch.
    pub batch: usize,
    /// `W_p`, numbers of one vector of each part.
    pub widths: [usize; P],
    /// Leading dimension of the joined list.
    pub order: Order,
}

impl<const P: usize> Shape<P> {
    /// The time-major place of the vector at `index` of the joined list.
    fn place(self, index: usize) -> usize {
        let Self { time, batch, .. } = self;
        match self.order {
            Order::TimeMajor => index,
            Order::BatchMajor => index % time * batch + index / time,
        }
    }

    /// The place in the joined list of the vector at `index` of a part.
    fn joined_place(self, index: usize) -> usize {
        let (time, batch) = (self.batch, self.time);
        Self {
            time,
            batch,
            ..self
        }
        .place(index)
    }
}

/// A list of `vectors` vectors of `width` numbers, each written by `write`, which is told its index.
fn vectors(
    vectors: usize,
    width: usize,
    write: impl Fn(usize, &mut [f32]) + Send + Sync,
) -> Vec<f32> {
    let mut list = storage::list(vectors * width);
    let each = vectors.div_ceil(parallel::threads()).max(1);
    if width > 0 {
        let tasks = list.chunks_mut(each * width).enumerate().collect();
        parallel::each(tasks, |(task, list): (usize, &mut [f32])| {
            for (index, vector) in (task * each..).zip(list.chunks_exact_mut(width)) {
                write(index, vector);
            }
        });
    }
    list
}

/// Joins `parts`, each `[T, B, W_p]`.
///
/// # Panics
/// When a slice has another length than its documented shape.
pub fn join<const P: usize>(shape: Shape<P>, parts: [&[f32]; P]) -> Vec<f32> {
    let vectors = shape.time * shape.batch;
    let width: usize = shape.widths.iter().sum();
    for (part, width) in parts.iter().zip(shape.widths) {
        assert_eq!(part.len(), vectors * width, "each part is [T, B, W_p]");
    }
    self::vectors(vectors, width, |index, mut vector| {
        let place = shape.place(index);
        for (part, width) in parts.iter().zip(shape.widths) {
            let (own, rest) = vector.split_at_mut(width);
            own.copy_from_slice(&part[place * width..(place + 1) * width]);
            vector = rest;
        }
    })
}

/// The parts of what [`join`] gave, and the gradients of its parts.
///
/// # Panics
/// When `joined` has another length than its documented shape.
pub fn part<const P: usize>(shape: Shape<P>, joined: &[f32]) -> [Vec<f32>; P] {
    let vectors = shape.time * shape.batch;
    let total: usize = shape.widths.iter().sum();
    assert_eq!(
        joined.len(),
        vectors * total,
        "joined holds T * B vectors of all parts"
    );
    let mut next = 0;
    shape.widths.map(|width| {
        let first = next;
        next += width;
        self::vectors(vectors, width, |index, vector| {
            let place = shape.joined_place(index);
            vector.copy_from_slice(&joined[place * total + first..][..width]);
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::random;
    use proptest::prelude::*;

    #[test]
    fn vectors_lie_side_by_side() {
        let shape = Shape {
            time: 2,
            batch: 2,
            widths: [2, 1],
            order: Order::BatchMajor,
        };
        let parts = [
            &[0.0, 0.1, 1.0, 1.1, 2.0, 2.1, 3.0, 3.1][..],
            &[4.0, 5.0, 6.0, 7.0],
        ];
        assert_eq!(
            join(shape, parts),
            [0.0, 0.1, 4.0, 2.0, 2.1, 6.0, 1.0, 1.1, 5.0, 3.0, 3.1, 7.0]
        );
        let order = Order::TimeMajor;
        assert_eq!(
            join(Shape { order, ..shape }, parts),
            [0.0, 0.1, 4.0, 1.0, 1.1, 5.0, 2.0, 2.1, 6.0, 3.0, 3.1, 7.0]
        );
    }

    proptest! {
        #[test]
        fn parting_undoes_joining(
            time in 0usize..5,
            batch in 0usize..5,
            widths in [0usize..4, 1usize..4],
            batch_major: bool,
        ) {
            let order = if batch_major { Order::BatchMajor } else { Order::TimeMajor };
            let shape = Shape { time, batch, widths, order };
            let parts = widths.map(|width| random(time * batch * width, width as u64));
            let joined = join(shape, parts.each_ref().map(|part| &part[..]));
            prop_assert_eq!(part(shape, &joined), parts);
        }
    }
}
