//! Vectors of several time-major lists side by side, row by row: the directions of an encoder, made the
//! memory that attention reads.

/// What comes first in the joined list.
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
    /// What comes first in the joined list.
    pub order: Order,
}

impl<const P: usize> Shape<P> {
    /// The time-major place of each vector of the joined list.
    fn places(self) -> impl Iterator<Item = usize> {
        let Self { time, batch, .. } = self;
        (0..time * batch).map(move |at| match self.order {
            Order::TimeMajor => at,
            Order::BatchMajor => at % time * batch + at / time,
        })
    }
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
    let mut joined = Vec::with_capacity(vectors * width);
    for place in shape.places() {
        for (part, width) in parts.iter().zip(shape.widths) {
            joined.extend_from_slice(&part[place * width..(place + 1) * width]);
        }
    }
    joined
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
    // From a part's place to that in the joined list, the way back has the sizes exchanged.
    let back = Shape {
        time: shape.batch,
        batch: shape.time,
        ..shape
    };
    let mut first = 0;
    shape.widths.map(|width| {
        let mut part = Vec::with_capacity(vectors * width);
        for place in back.places() {
            part.extend_from_slice(&joined[place * total + first..][..width]);
        }
        first += width;
        part
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;
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
