//! Matrix products, fast, with one order of summation.
//!
//! Each element of a product is `a0*b0 + a1*b1 + ...`, summed from zero in this order and nothing
//! else. That is what makes the result independent of vector width and optimisation: the compiler may
//! compute many *elements* at once, but not re-arrange the sum of one.
//!
//! For speed, both factors are first copied into [`Panels`], so that the inner loop reads memory
//! front to back and keeps a tile of 4 x 8 sums in registers.

/// Rows of a tile.
const ROWS: usize = 4;

/// Columns of a tile.
const COLUMNS: usize = 8;

/// A matrix cut into panels of `WIDTH` columns, each stored row after row; the last is filled up with
/// zeros.
#[derive(Debug, Clone, Default)]
pub struct Panels<const WIDTH: usize> {
    depth: usize,
    width: usize,
    values: Vec<[f32; WIDTH]>,
}

/// The left factor of a product, as panels of its rows.
pub type Left = Panels<ROWS>;

/// The right factor of a product, as panels of its columns.
pub type Right = Panels<COLUMNS>;

impl<const WIDTH: usize> Panels<WIDTH> {
    /// Panels over the columns of a `depth` x `width` matrix, which is stored row after row.
    pub fn over_columns(matrix: &[f32], depth: usize, width: usize) -> Self {
        let mut panels = Self::default();
        panels.refill_from_columns(matrix, depth, width);
        panels
    }

    /// Panels over the rows of a `width` x `depth` matrix: those over the columns of its transpose.
    pub fn over_rows(matrix: &[f32], width: usize, depth: usize) -> Self {
        let mut panels = Self::default();
        panels.refill_from_rows(matrix, width, depth);
        panels
    }

    /// [`Panels::over_columns`] in the memory of an earlier matrix.
    pub fn refill_from_columns(&mut self, matrix: &[f32], depth: usize, width: usize) {
        self.reshape(depth, width);
        for (panel, first) in self.values.chunks_exact_mut(depth).zip((0..).step_by(WIDTH)) {
            let used = WIDTH.min(width - first);
            for (line, row) in panel.iter_mut().zip(matrix.chunks_exact(width)) {
                line[..used].copy_from_slice(&row[first..first + used]);
            }
        }
    }

    /// [`Panels::over_rows`] in the memory of an earlier matrix.
    pub fn refill_from_rows(&mut self, matrix: &[f32], width: usize, depth: usize) {
        self.reshape(depth, width);
        for (panel, rows) in
            self.values.chunks_exact_mut(depth).zip(matrix[..width * depth].chunks(WIDTH * depth))
        {
            for (place, row) in rows.chunks_exact(depth).enumerate() {
                for (line, value) in panel.iter_mut().zip(row) {
                    line[place] = *value;
                }
            }
        }
    }

    fn reshape(&mut self, depth: usize, width: usize) {
        (self.depth, self.width) = (depth, width);
        self.values.clear();
        self.values.resize(width.div_ceil(WIDTH) * depth, [0.0; WIDTH]);
    }
}

/// Adds the product of `left` and `right` to `sum`, a matrix stored row after row.
pub fn add_product(sum: &mut [f32], left: &Left, right: &Right) {
    debug_assert_eq!(left.depth, right.depth);
    let depth = left.depth;
    for (column, right_panel) in right.values.chunks_exact(depth).enumerate() {
        let first = column * COLUMNS;
        let used = COLUMNS.min(right.width - first);
        for (block, left_panel) in left.values.chunks_exact(depth).enumerate() {
            let tile = multiply(left_panel, right_panel);
            let rows = sum.chunks_exact_mut(right.width).take(left.width).skip(block * ROWS);
            for (row, values) in rows.zip(&tile) {
                for (total, value) in row[first..first + used].iter_mut().zip(values) {
                    *total += value;
                }
            }
        }
    }
}

/// One tile of the product. This is where the time goes.
#[inline]
fn multiply(left: &[[f32; ROWS]], right: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; ROWS] {
    let mut tile = [[0.0; COLUMNS]; ROWS];
    for (a, b) in left.iter().zip(right) {
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                tile[row][column] += a[row] * b[column];
            }
        }
    }
    tile
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    fn random_matrix(rows: usize, columns: usize, random: &mut SplitMix64) -> Vec<f32> {
        (0..rows * columns).map(|_| random.unit() - 0.5).collect()
    }

    /// The definition, word for word.
    fn plain_product(a: &[f32], b: &[f32], rows: usize, depth: usize, columns: usize) -> Vec<f32> {
        let element = |row: usize, column: usize| {
            let mut sum = 0.0;
            for k in 0..depth {
                sum += a[row * depth + k] * b[k * columns + column];
            }
            sum
        };
        (0..rows * columns).map(|at| element(at / columns, at % columns)).collect()
    }

    fn transpose(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns).map(|at| matrix[(at % rows) * columns + at / rows]).collect()
    }

    #[test]
    fn equals_the_definition_bit_for_bit_at_odd_sizes() {
        let mut random = SplitMix64::new(1);
        for (rows, depth, columns) in [(1, 1, 1), (4, 8, 8), (5, 3, 9), (7, 130, 17), (12, 2, 31)] {
            let a = random_matrix(rows, depth, &mut random);
            let b = random_matrix(depth, columns, &mut random);
            let expected = plain_product(&a, &b, rows, depth, columns);
            let (a_turned, b_turned) = (transpose(&a, rows, depth), transpose(&b, depth, columns));
            let lefts =
                [Left::over_rows(&a, rows, depth), Left::over_columns(&a_turned, depth, rows)];
            let rights = [
                Right::over_columns(&b, depth, columns),
                Right::over_rows(&b_turned, columns, depth),
            ];
            for left in &lefts {
                for right in &rights {
                    let mut product = vec![0.0; rows * columns];
                    add_product(&mut product, left, right);
                    assert_eq!(product, expected);
                }
            }
        }
    }
}
