//! A weight cut into blocks of columns, so that a few rows keep every thread busy.

use std::ops::Range;

use rayon::prelude::*;

use super::weight::{Precision, Weight};
use crate::buffer::Buffer;
use crate::matmul::Matrix;
use crate::rows;

/// Blocks begin at multiples of this many columns: whole vectors on every processor.
const GRAIN: usize = 32;

/// Cuts `columns` into at most `count` consecutive blocks of about one width.
pub(super) fn cut(columns: usize, count: usize) -> Vec<Range<usize>> {
    let grains = columns.div_ceil(GRAIN);
    let count = count.clamp(1, grains.max(1));
    let edge = |block: usize| (grains * block / count * GRAIN).min(columns);
    (0..count)
        .map(|block| edge(block)..edge(block + 1))
        .collect()
}

/// Columns `range` of `data`, `[rows, columns]`.
pub(super) fn columns_of(data: &[f32], columns: usize, range: &Range<usize>) -> Vec<f32> {
    data.chunks_exact(columns.max(1))
        .flat_map(|row| &row[range.clone()])
        .copied()
        .collect()
}

/// A weight of `[rows, columns]`, with a bias.
#[derive(Debug)]
pub(super) struct Blocks {
    parts: Vec<Weight>,
    ranges: Vec<Range<usize>>,
    bias: Vec<f32>,
    rows: usize,
}

/// A product whose columns lie block by block.
pub(super) struct Product {
    /// `[rows, block's columns]` each.
    pub parts: Vec<Buffer>,
}

impl Product {
    /// One row's columns, block by block.
    pub(super) fn row<'a>(
        &'a self,
        row: usize,
        blocks: &'a Blocks,
    ) -> impl Iterator<Item = &'a [f32]> {
        self.parts
            .iter()
            .zip(&blocks.ranges)
            .map(move |(part, range)| {
                let width = range.len();
                &part[row * width..(row + 1) * width]
            })
    }
}

impl Blocks {
    /// Packs `data`, `[rows, columns]`, and a bias of `columns` numbers or none, in at most `count` blocks.
    pub(super) fn new(
        data: &[f32],
        rows: usize,
        bias: Option<&[f32]>,
        count: usize,
        precision: Precision,
    ) -> Self {
        let columns = data.len() / rows.max(1);
        assert_eq!(data.len(), rows * columns, "a weight is [rows, columns]");
        let ranges = cut(columns, count);
        let pack = |range: &Range<usize>| {
            let part = columns_of(data, columns, range);
            Weight::new(Matrix::new(&part, rows, range.len()), precision)
        };
        let bias = bias.map_or_else(|| vec![0.0; columns], <[f32]>::to_vec);
        assert_eq!(bias.len(), columns, "a bias has a number a column");
        Self {
            parts: ranges.iter().map(pack).collect(),
            ranges,
            bias,
            rows,
        }
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.bias.len()
    }

    /// `a b + bias`, where `a` is `[.., rows]`, block by block.
    pub(super) fn product(&self, a: &[f32]) -> Product {
        let blocks: Vec<_> = self.parts.iter().zip(&self.ranges).collect();
        let parts = blocks
            .into_par_iter()
            .with_max_len(1)
            .map(|(weight, range)| self.part(a, weight, range))
            .collect();
        Product { parts }
    }

    /// `a b + bias`, `[a's rows, columns]`.
    pub(super) fn multiply(&self, a: &[f32]) -> Buffer {
        let count = a.len() / self.rows;
        if let [weight] = &self.parts[..] {
            return self.part(a, weight, &self.ranges[0]);
        }
        let mut out = Buffer::new(count * self.columns());
        rows::split(&mut out, count, 1, &self.ranges)
            .into_par_iter()
            .with_max_len(1)
            .zip(&self.parts)
            .zip(&self.ranges)
            .for_each(|((out, weight), range)| {
                let part = self.part(a, weight, range);
                for (out, row) in out.into_iter().zip(part.chunks_exact(range.len())) {
                    out.copy_from_slice(row);
                }
            });
        out
    }

    fn part(&self, a: &[f32], weight: &Weight, range: &Range<usize>) -> Buffer {
        let count = a.len() / self.rows;
        let mut out = Buffer::new(count * range.len());
        for row in out.chunks_exact_mut(range.len().max(1)) {
            row.copy_from_slice(&self.bias[range.clone()]);
        }
        weight.multiply(Matrix::new(a, count, self.rows), &mut out, true);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;

    #[test]
    fn cuts_are_consecutive_and_even() {
        for columns in [1, 31, 32, 33, 100, 2800] {
            for count in [1, 2, 3, 8] {
                let ranges = cut(columns, count);
                assert!(ranges.len() <= count);
                assert!(ranges.iter().all(|range| !range.is_empty()));
                let all: Vec<usize> = ranges.iter().cloned().flatten().collect();
                assert_eq!(all, (0..columns).collect::<Vec<_>>());
                assert!(ranges.iter().all(|range| range.start % GRAIN == 0));
            }
        }
    }

    #[test]
    fn blocks_change_no_bit() {
        let (rows, columns, count) = (300, 100, 5);
        let (data, a, bias) = (
            random(rows * columns, 1),
            random(count * rows, 2),
            random(columns, 3),
        );
        let whole = Blocks::new(&data, rows, Some(&bias), 1, Precision::Full).multiply(&a);
        let blocks = Blocks::new(&data, rows, Some(&bias), 3, Precision::Full);
        assert_eq!(*blocks.multiply(&a), *whole);
        let product = blocks.product(&a);
        for row in 0..count {
            let found: Vec<f32> = product.row(row, &blocks).flatten().copied().collect();
            assert_eq!(found, whole[row * columns..(row + 1) * columns]);
        }
    }
}
