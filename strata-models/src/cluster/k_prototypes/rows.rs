//! Rows of numbers and categories, checked.

use crate::cluster::error::ClusterError;
use crate::cluster::latent_class::answers::MOST_CATEGORIES;
use crate::cluster::points::Points;

/// Rows of numbers and categories.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedRows {
    pub(super) numbers: Points,
    pub(super) n_categories: Vec<usize>,
    /// Row after row.
    codes: Vec<u16>,
}

impl MixedRows {
    /// Rows of these numbers and of these columns of categories, each with the number of its categories, from
    /// 2 to [`MOST_CATEGORIES`]. Columns are named by their places among the categories. Refuses no column of
    /// categories (that is k-means), columns of other lengths, and codes that are no category.
    pub fn new(numbers: Points, categories: &[(&[u16], usize)]) -> Result<MixedRows, ClusterError> {
        let n_rows = numbers.n_rows();
        if categories.is_empty() {
            return Err(ClusterError::NoColumns);
        }
        let mut codes = vec![0; n_rows * categories.len()];
        for (place, (column, n_categories)) in categories.iter().enumerate() {
            let (name, n_categories) = (place.to_string(), *n_categories);
            if column.len() != n_rows {
                return Err(ClusterError::Lengths { column: name, n_values: column.len(), n_rows });
            }
            if n_categories < 2 {
                return Err(ClusterError::Constant { column: name });
            }
            if n_categories > MOST_CATEGORIES {
                return Err(ClusterError::Categories { column: name, n_categories, most: MOST_CATEGORIES });
            }
            if let Some(row) = column.iter().position(|code| usize::from(*code) >= n_categories) {
                let category = usize::from(column[row]);
                return Err(ClusterError::NoSuchCategory { column: name, row, category, n_categories });
            }
            let cells = codes[place..].iter_mut().step_by(categories.len());
            cells.zip(*column).for_each(|(cell, code)| *cell = *code);
        }
        let n_categories = categories.iter().map(|(_, n)| *n).collect();
        Ok(MixedRows { numbers, n_categories, codes })
    }

    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.numbers.n_rows()
    }

    /// The rows at these places, in their order.
    pub(super) fn at(&self, rows: &[usize]) -> MixedRows {
        let codes = rows.iter().flat_map(|row| self.code_row(*row)).copied().collect();
        MixedRows { numbers: self.numbers.at(rows), n_categories: self.n_categories.clone(), codes }
    }

    pub(super) fn codes(&self) -> std::slice::ChunksExact<'_, u16> {
        self.codes.chunks_exact(self.n_categories.len())
    }

    pub(super) fn code_row(&self, row: usize) -> &[u16] {
        let width = self.n_categories.len();
        &self.codes[row * width..(row + 1) * width]
    }
}
