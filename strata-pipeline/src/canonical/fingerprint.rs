//! Questions about all keys of a table that 16 bytes a key answer: does any occur twice, and are all among those of another table?
//!
//! Texts of keys are long, and tables of texts to look them up in are larger than memory's caches; numbers are sorted in a
//! fraction of the time.

use futures::TryStreamExt;
use strata_lake::arrow::array::{ArrayRef, AsArray};
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::error::{DataFusionError, Result};
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::DataFrame;

use super::parse::{Function, call};

/// Whether no two rows are equal in these columns.
pub(crate) async fn are_unique(rows: &DataFrame, columns: Vec<Expr>) -> Result<bool> {
    Ok(all_differ(&sorted(rows, columns).await?))
}

/// Whether no two of these, which are in order, are equal.
pub(crate) fn all_differ(fingerprints: &[u128]) -> bool {
    fingerprints.array_windows().all(|[a, b]| a != b)
}

/// The fingerprint of each row in these columns.
pub(crate) fn fingerprint(columns: Vec<Expr>) -> Expr {
    call(Function::Fingerprint, columns)
}

/// The fingerprints in a column of them.
pub(crate) fn of_column(column: &ArrayRef) -> impl Iterator<Item = u128> {
    let (chunks, _) = column.as_fixed_size_binary().value_data().as_chunks::<16>();
    chunks.iter().map(|chunk| u128::from_le_bytes(*chunk))
}

/// Whether every row is equal in a column to some row of `known` in the same column.
pub(crate) async fn are_known(rows: &DataFrame, known: &DataFrame, column: &Expr) -> Result<bool> {
    let (rows, known) =
        futures::try_join!(sorted(rows, vec![column.clone()]), sorted(known, vec![column.clone()]))?;
    let mut known = known.into_iter().peekable();
    Ok(rows.into_iter().all(|row| {
        while known.next_if(|known| *known < row).is_some() {}
        known.peek() == Some(&row)
    }))
}

/// The fingerprints of the rows, in ascending order.
async fn sorted(rows: &DataFrame, columns: Vec<Expr>) -> Result<Vec<u128>> {
    let fingerprint = fingerprint(columns).alias("_fingerprint");
    let mut batches = rows.clone().select(vec![fingerprint])?.execute_stream().await?;
    let mut fingerprints: Vec<u128> = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        fingerprints.extend(of_column(batch.column(0)));
    }
    in_order(fingerprints).await
}

/// The same in ascending order.
pub(crate) async fn in_order(mut fingerprints: Vec<u128>) -> Result<Vec<u128>> {
    let sorting = SpawnedTask::spawn_blocking(move || {
        let half = fingerprints.len() / 2;
        let (one, other) = fingerprints.split_at_mut(half);
        std::thread::scope(|scope| {
            scope.spawn(|| one.sort_unstable());
            other.sort_unstable();
        });
        // Two ascending runs: the stable sort merges them in linear time.
        fingerprints.sort();
        fingerprints
    });
    sorting.join().await.map_err(|error| DataFusionError::External(Box::new(error)))
}
