//! Questions about all keys of a table that 16 bytes a key answer: does any occur twice, and are all among those of another table?
//!
//! Texts of keys are long, and tables of texts to look them up in are larger than memory's caches; numbers are sorted in a
//! fraction of the time, and heap by heap within a cache.

use futures::TryStreamExt;
use strata_lake::arrow::array::{ArrayRef, AsArray};
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::error::{DataFusionError, Result};
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::DataFrame;

use super::parse::{Function, call};

/// One heap for each value of a fingerprint's first byte.
const N_HEAPS: usize = 256;

/// Fingerprints, of which those that begin alike lie on one heap.
pub(crate) struct Fingerprints(Vec<Vec<u128>>);

/// Whether no two rows are equal in these columns.
pub(crate) async fn are_unique(rows: &DataFrame, columns: Vec<Expr>) -> Result<bool> {
    of_rows(rows, columns).await?.all_differ().await
}

/// Whether every row is equal in a column to some row of `known` in the same column.
pub(crate) async fn are_known(rows: &DataFrame, known: &DataFrame, column: &Expr) -> Result<bool> {
    let of_rows = async |rows| of_rows(rows, vec![column.clone()]).await?.in_order().await;
    let (rows, known) = futures::try_join!(of_rows(rows), of_rows(known))?;
    Ok(rows.0.iter().zip(&known.0).all(|(rows, known)| {
        let mut known = known.iter().peekable();
        rows.iter().all(|row| {
            while known.next_if(|known| *known < row).is_some() {}
            known.peek() == Some(&row)
        })
    }))
}

/// The fingerprint of each row in these columns.
pub(crate) fn fingerprint(columns: Vec<Expr>) -> Expr {
    call(Function::Fingerprint, columns)
}

async fn of_rows(rows: &DataFrame, columns: Vec<Expr>) -> Result<Fingerprints> {
    let fingerprint = fingerprint(columns).alias("_fingerprint");
    let mut batches = rows.clone().select(vec![fingerprint])?.execute_stream().await?;
    let mut fingerprints = Fingerprints::default();
    while let Some(batch) = batches.try_next().await? {
        fingerprints.add(batch.column(0));
    }
    Ok(fingerprints)
}

impl Default for Fingerprints {
    fn default() -> Self {
        Fingerprints(vec![Vec::new(); N_HEAPS])
    }
}

impl Fingerprints {
    /// Adds those in a column of them.
    pub(crate) fn add(&mut self, column: &ArrayRef) {
        let (chunks, _) = column.as_fixed_size_binary().value_data().as_chunks::<16>();
        for chunk in chunks {
            self.0[usize::from(chunk[15])].push(u128::from_le_bytes(*chunk));
        }
    }

    /// Adds others.
    pub(crate) fn append(&mut self, others: Fingerprints) {
        for (heap, mut other) in self.0.iter_mut().zip(others.0) {
            heap.append(&mut other);
        }
    }

    /// Whether no two are equal.
    pub(crate) async fn all_differ(self) -> Result<bool> {
        let in_order = self.in_order().await?;
        Ok(in_order.0.iter().all(|heap| heap.array_windows().all(|[a, b]| a != b)))
    }

    /// With each heap in ascending order.
    async fn in_order(mut self) -> Result<Fingerprints> {
        let sorting = SpawnedTask::spawn_blocking(move || {
            let (some, others) = self.0.split_at_mut(N_HEAPS / 2);
            std::thread::scope(|scope| {
                scope.spawn(|| some.iter_mut().for_each(|heap| heap.sort_unstable()));
                others.iter_mut().for_each(|heap| heap.sort_unstable());
            });
            self
        });
        sorting.join().await.map_err(|error| DataFusionError::External(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use strata_lake::arrow::array::{RecordBatch, StringArray};
    use strata_lake::datafusion::prelude::{SessionContext, col};

    use super::*;

    fn keys(keys: impl Iterator<Item = Option<String>>) -> DataFrame {
        let keys: ArrayRef = Arc::new(keys.collect::<StringArray>());
        let rows = RecordBatch::try_from_iter_with_nullable([("key", keys, true)]).unwrap();
        SessionContext::new().read_batch(rows).unwrap()
    }

    fn numbered(numbers: impl Iterator<Item = u32>) -> DataFrame {
        keys(numbers.map(|number| Some(format!("K{number}"))))
    }

    #[tokio::test]
    async fn keys_lie_on_all_heaps() {
        let found = of_rows(&numbered(0..10_000), vec![col("key")]).await.unwrap();
        assert!(found.0.iter().all(|heap| !heap.is_empty()));
        let all: BTreeSet<u128> = found.0.into_iter().flatten().collect();
        assert_eq!(all.len(), 10_000);
    }

    #[tokio::test]
    async fn a_key_twice_is_found_on_any_heap() {
        let are_unique = async |keys: DataFrame| are_unique(&keys, vec![col("key")]).await.unwrap();
        assert!(are_unique(numbered(0..3_000)).await);
        for again in [0, 1_234, 2_999] {
            assert!(!are_unique(numbered((0..3_000).chain([again]))).await, "K{again}");
        }
        assert!(are_unique(numbered(0..0)).await);
    }

    #[tokio::test]
    async fn one_unknown_key_is_found_on_any_heap() {
        let known = numbered((0..3_000).rev());
        let are_known = async |rows: DataFrame| are_known(&rows, &known, &col("key")).await.unwrap();
        assert!(are_known(numbered((0..3_000).chain(0..3_000))).await, "however often");
        assert!(are_known(numbered(7..8)).await);
        for unknown in 3_000..3_100 {
            assert!(!are_known(numbered((0..3_000).chain([unknown]))).await, "K{unknown}");
        }
        assert!(are_known(numbered(0..0)).await, "no row is unknown");
        assert!(!super::are_known(&numbered(0..1), &numbered(0..0), &col("key")).await.unwrap());
    }

    #[tokio::test]
    async fn no_key_is_a_key_like_any_other() {
        let none = || keys([None, Some(String::new())].into_iter());
        assert!(are_unique(&none(), vec![col("key")]).await.unwrap());
        assert!(!are_known(&none(), &keys([Some(String::new())].into_iter()), &col("key")).await.unwrap());
    }
}
