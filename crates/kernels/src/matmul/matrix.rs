//! Matrices in slices: one to read, one to write.

use std::marker::PhantomData;
use std::ops::Range;

/// Columns of a packed panel.
pub const COLUMNS: usize = 32;

/// A matrix in a slice, with strides.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A row-major matrix: `data` is `[rows, columns]`.
    ///
    /// # Panics
    /// When `data` does not hold exactly `rows * columns` numbers.
    #[inline]
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(
            data.len(),
            rows * columns,
            "a {rows} x {columns} matrix needs that many numbers"
        );
        Self {
            data,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// The same numbers with rows and columns exchanged; nothing moves.
    #[inline]
    pub fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// Some of the rows.
    ///
    /// # Panics
    /// When there are fewer rows.
    #[inline]
    pub fn some_rows(self, range: Range<usize>) -> Self {
        assert!(range.end <= self.rows, "the rows must exist");
        let first = (range.start * self.row_stride).min(self.data.len());
        Self {
            data: &self.data[first..],
            rows: range.len(),
            ..self
        }
    }

    /// Some of the columns.
    ///
    /// # Panics
    /// When there are fewer columns.
    #[inline]
    pub fn some_columns(self, range: Range<usize>) -> Self {
        self.transposed().some_rows(range).transposed()
    }

    /// Number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// A row-major matrix to write, or some of its rows and columns.
///
/// Several of these may lie in one slice, each with columns of its own: that is what
/// [`MatrixMut::split_columns`] makes, for threads that each write some columns.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    data: *mut f32,
    rows: usize,
    columns: usize,
    stride: usize,
    owner: PhantomData<&'a mut [f32]>,
}

// SAFETY: the numbers of a `MatrixMut` are reachable through it alone, as through a `&mut [f32]`.
unsafe impl Send for MatrixMut<'_> {}

impl<'a> MatrixMut<'a> {
    /// `data` is `[rows, columns]`.
    ///
    /// # Panics
    /// When `data` does not hold exactly `rows * columns` numbers.
    #[inline]
    pub fn new(data: &'a mut [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(
            data.len(),
            rows * columns,
            "a {rows} x {columns} matrix needs that many numbers"
        );
        Self {
            data: data.as_mut_ptr(),
            rows,
            columns,
            stride: columns,
            owner: PhantomData,
        }
    }

    /// Number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Numbers from one row to the next.
    #[inline]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// A row.
    ///
    /// # Panics
    /// When there is no such row.
    #[inline(always)]
    pub fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows, "the row must exist");
        // SAFETY: the row exists, so its `columns` numbers lie within the slice that this view was made
        // from; no other view has them, and `&mut self` lends them once at a time.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(row * self.stride), self.columns) }
    }

    /// Where the number at `row` and `column` lies.
    ///
    /// # Panics
    /// When there is none.
    #[inline(always)]
    pub fn pointer(&mut self, row: usize, column: usize) -> *mut f32 {
        assert!(
            row < self.rows && column < self.columns,
            "the place must exist"
        );
        // SAFETY: the place is within the slice that this view was made from.
        unsafe { self.data.add(row * self.stride + column) }
    }

    /// All rows.
    #[inline]
    pub fn into_rows(self) -> Vec<&'a mut [f32]> {
        let row = |row: usize| {
            // SAFETY: the row exists, and nobody else has its columns: this view is used up.
            unsafe {
                std::slice::from_raw_parts_mut(self.data.add(row * self.stride), self.columns)
            }
        };
        (0..self.rows).map(row).collect()
    }

    /// The same matrix, lent.
    #[inline]
    pub fn lend(&mut self) -> MatrixMut<'_> {
        MatrixMut { ..*self }
    }

    /// The columns before and from `column`.
    ///
    /// # Panics
    /// When there are fewer columns.
    #[inline]
    pub fn split_columns(self, column: usize) -> (Self, Self) {
        assert!(column <= self.columns, "the columns must exist");
        let low = Self {
            columns: column,
            ..self
        };
        let high = Self {
            // SAFETY: `column` is at most the number of columns: within a row, or just after the last.
            data: unsafe { self.data.add(if self.rows == 0 { 0 } else { column }) },
            columns: self.columns - column,
            ..self
        };
        (low, high)
    }

    /// The rows before and from `row`.
    ///
    /// # Panics
    /// When there are fewer rows.
    #[inline]
    pub fn split_rows(self, row: usize) -> (Self, Self) {
        assert!(row <= self.rows, "the rows must exist");
        let low = Self { rows: row, ..self };
        if row == self.rows {
            return (low, Self { rows: 0, ..self });
        }
        let high = Self {
            // SAFETY: the row exists, so its first number lies within the slice.
            data: unsafe { self.data.add(row * self.stride) },
            rows: self.rows - row,
            ..self
        };
        (low, high)
    }

    /// Views of consecutive columns, one for each of `widths`.
    ///
    /// # Panics
    /// When the widths are more than the columns.
    #[inline]
    pub fn columns_of(self, widths: impl IntoIterator<Item = usize>) -> Vec<Self> {
        let mut rest = self;
        widths
            .into_iter()
            .map(|width| {
                let (low, high) = rest.lend_whole().split_columns(width);
                rest = high;
                low
            })
            .collect()
    }

    /// Takes the view out, leaving none of its rows behind.
    fn lend_whole(&mut self) -> Self {
        let whole = Self { ..*self };
        self.rows = 0;
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_of_columns_and_rows_cover_the_matrix_once() {
        let mut data = vec![0.0; 12];
        let parts = MatrixMut::new(&mut data, 3, 4).columns_of([1, 2, 1]);
        for (index, part) in parts.into_iter().enumerate() {
            let (mut top, mut bottom) = part.split_rows(1);
            top.row(0).iter_mut().for_each(|x| *x += 1.0 + index as f32);
            for row in 0..bottom.rows() {
                bottom
                    .row(row)
                    .iter_mut()
                    .for_each(|x| *x += 10.0 + index as f32);
            }
        }
        let expected = [
            1.0, 2.0, 2.0, 3.0, 10.0, 11.0, 11.0, 12.0, 10.0, 11.0, 11.0, 12.0,
        ];
        assert_eq!(data, expected);
    }

    #[test]
    fn some_rows_and_columns_keep_their_places() {
        let data: Vec<f32> = (0..12).map(|x| x as f32).collect();
        let part = Matrix::new(&data, 3, 4).some_rows(1..3).some_columns(2..4);
        assert_eq!((part.rows(), part.columns()), (2, 2));
        assert_eq!(part.data[part.row_stride + part.column_stride], 11.0);
    }
}
