//! Columns that say the same in every row: a source's name, and whatever a source does not tell. They are most of a table's columns, and
//! rows on their way to their parts go without them.

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::error::Result;

/// The columns of some rows that say the same in each, and what; none for a column in which rows differ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Constants(Vec<Option<ScalarValue>>);

impl Constants {
    /// Of rows of which nothing is known.
    pub(super) fn none(n_columns: usize) -> Constants {
        Constants(vec![None; n_columns])
    }

    /// Of these rows, of which there is one at least. The column `by` which they are divided counts as one in which they differ.
    pub(super) fn of(rows: &RecordBatch, by: usize) -> Result<Constants> {
        let columns = rows.columns().iter().enumerate();
        let constants = columns.map(|(at, column)| match column.data_type() {
            _ if at == by => Ok(None),
            // Numbers are seldom equal, and as cheap to carry as to compare.
            DataType::Utf8 => {
                let first = ScalarValue::try_from_array(column, 0)?;
                Ok(Some(first).filter(|first| holds(first, column)))
            }
            kind if column.null_count() == column.len() => ScalarValue::try_from(kind).map(Some),
            _ => Ok(None),
        });
        constants.collect::<Result<_>>().map(Constants)
    }

    /// Whether these rows say so too.
    pub(super) fn hold_in(&self, rows: &RecordBatch) -> bool {
        let mut both = self.0.iter().zip(rows.columns());
        both.all(|(constant, column)| constant.as_ref().is_none_or(|constant| holds(constant, column)))
    }

    /// What is the same in these rows and in those.
    pub(super) fn and(&self, other: &Constants) -> Constants {
        let both = self.0.iter().zip(&other.0);
        Constants(both.map(|(one, other)| one.clone().filter(|one| other.as_ref() == Some(one))).collect())
    }

    /// The columns in which rows differ.
    pub(super) fn varying(&self) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, constant)| constant.is_none()).map(|(at, _)| at).collect()
    }

    /// All columns, given those in which rows differ.
    pub(super) fn with(&self, varying: &[ArrayRef], n_rows: usize) -> Result<Vec<ArrayRef>> {
        let mut varying = varying.iter();
        let columns = self.0.iter().filter_map(|constant| match constant {
            Some(constant) => Some(constant.to_array_of_size(n_rows)),
            None => varying.next().cloned().map(Ok),
        });
        columns.collect()
    }
}

/// Whether a column says this in every row.
fn holds(constant: &ScalarValue, column: &ArrayRef) -> bool {
    match constant {
        ScalarValue::Utf8(Some(text)) => {
            column.null_count() == 0 && column.as_string::<i32>().iter().all(|each| each == Some(text))
        }
        _ => column.null_count() == column.len(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use strata_lake::arrow::array::{Int64Array, StringArray};

    use super::*;

    fn rows(columns: [&[Option<&str>]; 3], numbers: &[Option<i64>]) -> RecordBatch {
        let texts = columns.map(|texts| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef);
        let numbers: ArrayRef = Arc::new(Int64Array::from(numbers.to_vec()));
        let columns = ["id", "source", "note"].into_iter().zip(texts).chain([("number", numbers)]);
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
    }

    #[test]
    fn what_is_the_same_in_every_row_is_left_out_and_comes_back() {
        let one = rows([&[Some("c"), Some("c")], &[Some("shop"); 2], &[None; 2]], &[None; 2]);
        let of_one = Constants::of(&one, 0).unwrap();
        assert_eq!(of_one.varying(), [0], "that by which rows are divided is carried in any case");
        let back = of_one.with(&[Arc::clone(one.column(0))], 2).unwrap();
        assert_eq!(back, one.columns());

        let other = rows([&[Some("c")], &[Some("shop")], &[Some("")]], &[Some(1)]);
        assert!(!of_one.hold_in(&other));
        let both = of_one.and(&Constants::of(&other, 0).unwrap());
        assert_eq!(both.varying(), [0, 2, 3], "no text is not an empty one, and numbers are carried");
        assert!(both.hold_in(&one) && both.hold_in(&other));
        let mixed = rows([&[Some("c"); 2], &[Some("shop"), None], &[None; 2]], &[None; 2]);
        assert!(!both.hold_in(&mixed), "a text that is missing is another");
    }
}
