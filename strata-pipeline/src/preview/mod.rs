//! What definitions would say that no run has evaluated yet: a condition not saved, an edited project, a list of priorities.
//!
//! All of it is over the tables of the last complete run and writes nothing. What is compiled is compiled by `compile`, as in a
//! run; what the run has computed already is taken from its profile and scores, as long as it still means the same.

mod basis;
mod condition;
mod coverage;
mod diff;
mod draw;

use strata_lake::arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray};
use strata_spec::error::ErrorCode;

use crate::error::{Error, Result};

pub(crate) use basis::{Basis, held_places};
pub use condition::{Ask, Clause, Preview, condition};
pub(crate) use condition::{clauses_of, refused};
pub use coverage::{ClassCoverage, Coverage, coverage};
pub use diff::{Change, Diff, Difference, How, diff};

/// How many subjects a sample shows.
pub const SAMPLE: usize = 10;

/// A column of truths.
pub(crate) fn truths(batch: &RecordBatch, at: usize) -> Result<&BooleanArray> {
    batch.column(at).as_boolean_opt().ok_or_else(|| of_another_type(batch, at))
}

/// A column of texts.
pub(crate) fn texts(batch: &RecordBatch, at: usize) -> Result<&StringArray> {
    batch.column(at).as_string_opt::<i32>().ok_or_else(|| of_another_type(batch, at))
}

fn of_another_type(batch: &RecordBatch, at: usize) -> Error {
    let found = batch.column(at).data_type();
    Error::new(ErrorCode::Internal, format!("an answer has a column of another type than asked: {found}"))
}
