//! Columns in their own units, as a marketer knows them.

use crate::cluster::error::ClusterError;
use std::collections::BTreeMap;

/// More categories than this are no help to anyone who reads rules.
const MOST_LEVELS: usize = 200;

/// A trait of all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Values,
}

/// What a trait is.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Categories.
    Categories {
        /// For each row the place of its level; none is missing.
        of_rows: Vec<Option<u32>>,
        /// The levels, by name.
        levels: Vec<String>,
    },
}

impl Column {
    /// A column of numbers, in which NaN is missing. Refuses infinite ones.
    pub fn numbers(name: &str, values: &[f64]) -> Result<Column, ClusterError> {
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            return Err(ClusterError::NotFinite { column: name.to_owned(), row, value: values[row] });
        }
        Ok(Column { name: name.to_owned(), values: Values::Numbers(values.to_vec()) })
    }

    /// A column of categories. Refuses more than 200 different ones.
    pub fn categories<'a>(
        name: &str,
        values: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Result<Column, ClusterError> {
        let values: Vec<Option<&str>> = values.into_iter().collect();
        let mut places: BTreeMap<&str, u32> = values.iter().flatten().map(|level| (*level, 0)).collect();
        if places.len() > MOST_LEVELS {
            let (n_categories, most) = (places.len(), MOST_LEVELS);
            return Err(ClusterError::Categories { column: name.to_owned(), n_categories, most });
        }
        places.values_mut().enumerate().for_each(|(place, value)| *value = place as u32);
        let of_rows = values.iter().map(|level| level.and_then(|level| places.get(level).copied())).collect();
        let levels = places.into_keys().map(str::to_owned).collect();
        Ok(Column { name: name.to_owned(), values: Values::Categories { of_rows, levels } })
    }

    /// How many rows it has.
    pub fn n_rows(&self) -> usize {
        match &self.values {
            Values::Numbers(values) => values.len(),
            Values::Categories { of_rows, .. } => of_rows.len(),
        }
    }

    /// The values of these rows, in their order.
    pub(crate) fn at(&self, rows: &[usize]) -> Column {
        let values = match &self.values {
            Values::Numbers(values) => Values::Numbers(rows.iter().map(|row| values[*row]).collect()),
            Values::Categories { of_rows, levels } => {
                let of_rows = rows.iter().map(|row| of_rows[*row]).collect();
                Values::Categories { of_rows, levels: levels.clone() }
            }
        };
        Column { name: self.name.clone(), values }
    }

    /// Whether a row has no value.
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            Values::Numbers(values) => values[row].is_nan(),
            Values::Categories { of_rows, .. } => of_rows[row].is_none(),
        }
    }
}

/// Refuses no columns, no rows, and columns that do not have that many rows.
pub(crate) fn check(columns: &[Column], n_rows: usize) -> Result<(), ClusterError> {
    if columns.is_empty() {
        return Err(ClusterError::NoColumns);
    }
    if n_rows == 0 {
        return Err(ClusterError::NoRows);
    }
    match columns.iter().find(|column| column.n_rows() != n_rows) {
        None => Ok(()),
        Some(column) => {
            let n_values = column.n_rows();
            Err(ClusterError::Lengths { column: column.name.clone(), n_values, n_rows })
        }
    }
}
