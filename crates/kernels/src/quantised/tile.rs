//! A tile of a product: how many rows it takes, and where its sums go.

use super::weights::COLUMNS;

/// How many of `rows` to take first, so that they divide into nearly equal parts of at most `most`.
pub(super) fn even(rows: usize, most: usize) -> usize {
    rows.div_ceil(rows.div_ceil(most))
}

/// Where the products of some rows and a panel go.
pub(super) struct Target<'a, 'b> {
    /// A piece of each row.
    pub out: &'a mut [&'b mut [f32]],
    /// Where in the pieces the panel begins.
    pub column: usize,
    /// The scales of the rows.
    pub row_scales: &'a [f32],
    /// The scales of the columns.
    pub scales: &'a [f32; COLUMNS],
    /// Whether to add to what is there.
    pub accumulate: bool,
}

impl Target<'_, '_> {
    /// Adds the offsets to the sums of each row, scales them and stores them.
    #[inline(always)]
    pub fn put(self, sums: &[[i32; COLUMNS]], offsets: &[i32; COLUMNS]) {
        // Copies stay in registers: what is stored cannot change them.
        let (own_scales, own_offsets) = (*self.scales, *offsets);
        let rows = self.out.iter_mut().zip(self.row_scales).zip(sums);
        for ((out, &row_scale), sums) in rows {
            let out = &mut out[self.column..];
            if let Some(out) = out.first_chunk_mut::<COLUMNS>() {
                let values = scale(sums, &own_offsets, &own_scales, row_scale);
                if self.accumulate {
                    for (out, value) in out.iter_mut().zip(values) {
                        *out += value;
                    }
                } else {
                    *out = values;
                }
            } else {
                put_some(out, sums, offsets, self.scales, row_scale, self.accumulate);
            }
        }
    }
}

#[inline(always)]
fn scale(
    sums: &[i32; COLUMNS],
    offsets: &[i32; COLUMNS],
    scales: &[f32; COLUMNS],
    row_scale: f32,
) -> [f32; COLUMNS] {
    let mut values = [0.0; COLUMNS];
    for column in 0..COLUMNS {
        let sum = sums[column] + offsets[column];
        values[column] = sum as f32 * scales[column] * row_scale;
    }
    values
}

/// A row of the last panel, of which fewer columns exist. Apart from the loop above, which it would slow
/// down.
#[cold]
#[inline(never)]
fn put_some(
    out: &mut [f32],
    sums: &[i32; COLUMNS],
    offsets: &[i32; COLUMNS],
    scales: &[f32; COLUMNS],
    row_scale: f32,
    accumulate: bool,
) {
    let values = scale(sums, offsets, scales, row_scale);
    for (out, value) in out.iter_mut().zip(values) {
        *out = if accumulate { *out + value } else { value };
    }
}

#[cfg(test)]
mod tests {
    use super::even;

    #[test]
    fn rows_divide_evenly() {
        assert_eq!(even(64, 12), 11);
        assert_eq!(even(53, 12), 11);
        assert_eq!(even(13, 12), 7);
        assert_eq!(even(6, 12), 6);
    }
}
