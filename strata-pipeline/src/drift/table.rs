//! What has changed beyond the usual, as the rows of the table `drift`.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_spec::error::ErrorCode;

use super::{Ask, Row, drift};
use crate::error::{Context, Error, Result};
use crate::query::{Answer, View};

/// The table of what has changed beyond the usual.
pub const DRIFT: &str = "drift";

/// What has changed at the view's run since the runs before: `subject`, `kind` (`share` or `psi`), `name`, `value`, `before`, `low`,
/// `high`, `alert` (`none`, `watch`, `alert` or `too_few_runs`) and `n_earlier_runs`. Without an earlier run there is no `psi`.
pub(crate) async fn batch(view: &View) -> Result<RecordBatch> {
    let found = drift(view, &Ask::default()).await?;
    let run_id = StringArray::from(vec![view.complete.run_id.as_str(); found.rows.len()]);
    batch_of(columns(&found.rows).into_iter().chain([("run_id", Arc::new(run_id) as ArrayRef)]))
}

/// Rows as an answer.
pub(super) fn answer(view: &View, rows: &[Row]) -> Result<Answer> {
    let batch = batch_of(columns(rows))?;
    let frame = view.engine().context().read_batch(batch);
    Ok(Answer(frame.context("cannot show what has changed")?))
}

fn columns(rows: &[Row]) -> [(&'static str, ArrayRef); 9] {
    let texts =
        |of: fn(&Row) -> &str| Arc::new(StringArray::from_iter_values(rows.iter().map(of))) as ArrayRef;
    let numbers =
        |of: fn(&Row) -> Option<f64>| Arc::new(rows.iter().map(of).collect::<Float64Array>()) as ArrayRef;
    let n_earlier = rows.iter().map(|row| i64::try_from(row.n_earlier).unwrap_or(i64::MAX));
    [
        ("subject", texts(|row| row.subject.as_str())),
        ("kind", texts(|row| row.kind.as_str())),
        ("name", texts(|row| &row.name)),
        ("value", numbers(|row| Some(row.value))),
        ("before", numbers(|row| row.before)),
        ("low", numbers(|row| row.low)),
        ("high", numbers(|row| row.high)),
        ("alert", texts(|row| row.level.as_str())),
        ("n_earlier_runs", Arc::new(Int64Array::from_iter_values(n_earlier))),
    ]
}

fn batch_of(columns: impl IntoIterator<Item = (&'static str, ArrayRef)>) -> Result<RecordBatch> {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns)
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot describe what has changed").caused_by(error))
}
