//! Rows of numbers, checked: what distances are taken between.

use super::error::ClusterError;

/// Points in a space: a row each, all of one length, every number finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// Row after row.
    values: Vec<f64>,
    n_columns: usize,
}

impl Points {
    /// These values, row after row, in `n_columns` columns. Refuses no rows, no columns, a last row that is not full, and numbers that
    /// are not finite; columns are named by their places.
    pub fn new(values: Vec<f64>, n_columns: usize) -> Result<Points, ClusterError> {
        if n_columns == 0 {
            return Err(ClusterError::NoColumns);
        }
        if values.is_empty() {
            return Err(ClusterError::NoRows);
        }
        let n_rows = values.len().div_ceil(n_columns);
        if !values.len().is_multiple_of(n_columns) {
            let n_values = values.len() / n_columns;
            return Err(ClusterError::Lengths { column: (n_columns - 1).to_string(), n_values, n_rows });
        }
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            let (row, column) = (place / n_columns, (place % n_columns).to_string());
            return Err(ClusterError::NotFinite { column, row, value: values[place] });
        }
        Ok(Points { values, n_columns })
    }

    /// How many points there are.
    pub fn n_rows(&self) -> usize {
        self.values.len() / self.n_columns
    }

    /// In how many dimensions.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// One point.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }

    /// All points in their order.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.n_columns)
    }

    /// All numbers, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The points at these places, in their order.
    pub fn at(&self, rows: &[usize]) -> Points {
        let values = rows.iter().flat_map(|row| self.row(*row)).copied().collect();
        Points { values, n_columns: self.n_columns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(values: &[f64], n_columns: usize, text: &str) {
        let error = Points::new(values.to_vec(), n_columns).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }

    #[test]
    fn what_is_no_table_of_numbers_is_refused() {
        refused(&[], 2, "no rows");
        refused(&[1.0], 0, "no columns");
        refused(&[1.0, 2.0, 3.0], 2, "column `1` has 1 values where there are 2 rows");
        refused(&[1.0, 2.0, f64::NAN, 4.0], 2, "row 1, column `0`: NaN is not a finite number");
        refused(&[1.0, f64::INFINITY], 1, "row 1, column `0`: inf");
    }

    #[test]
    fn rows_are_found_by_their_places() {
        let points = Points::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2).unwrap();
        assert_eq!((points.n_rows(), points.n_columns(), points.row(1)), (3, 2, &[3.0, 4.0][..]));
        assert_eq!(points.at(&[2, 0]).values(), [5.0, 6.0, 1.0, 2.0]);
    }
}
