//! What the stage decided and counted, for `strata check` and for whoever asks where a row went.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Int64Type};
use strata_lake::datafusion::error::{DataFusionError, Result};
use strata_lake::datafusion::functions_aggregate::expr_fn::count;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::DataFrame;
use tokio::task::JoinSet;

use super::currency::CurrencyUse;
use super::evidence::Decision;
use super::fingerprint::{Fingerprints, fingerprint};
use super::identity::IdentityReport;
use super::mapping::raw_column;
use super::repeats::Repeats;
use super::typed::TypedRows;

/// What became of the sources' rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// How ambiguous dates and numbers were read.
    pub decisions: Vec<Decision>,
    /// What became of the rows of each mapping, in the manifest's order.
    pub mappings: Vec<MappingReport>,
    /// What became of the customers' identifiers.
    pub identity: IdentityReport,
    /// Which currencies orders were paid in.
    pub currencies: Vec<CurrencyUse>,
    /// The project's currency, given or found in the data.
    pub currency: Option<String>,
    /// Raw rows that could not be read at all, by source and problem.
    pub problems: Vec<ReasonCount>,
    /// Orders that are events instead, by the event's name.
    pub withdrawn_orders: Vec<ReasonCount>,
    /// Lines left out because their order was withdrawn.
    pub n_lines_of_withdrawn_orders: u64,
    /// Rows refused because an earlier source holds the same order, or the same id for another person.
    pub n_claimed_twice: u64,
    /// Lines refused because neither they nor any order say when.
    pub n_undated_lines: u64,
    /// Orders made of lines alone.
    pub n_orders_from_lines: u64,
    /// Orders without a customer.
    pub n_guest_orders: u64,
}

/// What became of the rows that one source brings for one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MappingReport {
    /// The source.
    pub source: String,
    /// The canonical table.
    pub table: String,
    /// Rows that are good.
    pub n_good: i64,
    /// Rows refused, by reason.
    pub refused: Vec<ReasonCount>,
    /// Rows kept without a value that could not be read or be true, by reason.
    pub dropped: Vec<ReasonCount>,
    /// Good rows that say what others say.
    pub repeats: Repeats,
    /// Rows with a value that could be read, by mapped column; refused rows count too.
    pub known: BTreeMap<String, i64>,
    /// Subjects of whom an earlier source says something else, by mapped column.
    pub inconsistent: BTreeMap<String, i64>,
}

impl MappingReport {
    /// Whether every row has a value in a mapped column.
    pub(crate) fn is_known(&self, column: &str) -> bool {
        let n_refused: i64 = self.refused.iter().map(|refused| refused.n_rows).sum();
        self.known.get(column) == Some(&(self.n_good + n_refused))
    }

    /// How many good rows are left when what is said twice counts once.
    pub(crate) fn n_once(&self) -> u64 {
        let repeated = self.repeats.n_identical + self.repeats.n_superseded;
        u64::try_from(self.n_good).unwrap_or_default().saturating_sub(repeated)
    }
}

/// A reason, without the values of single rows, and how many rows it holds for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// The reason.
    pub reason: String,
    /// How many.
    pub n_rows: i64,
}

/// Counts the good rows of a mapping, the others by reason, and the values of every column. One scan, and another where
/// something was refused or dropped. Says too whether no two rows have one key, where all are good and `keys` names any: a
/// second scan for that would cost most of the first.
pub(crate) async fn of_mapping(rows: &TypedRows, keys: &[String]) -> Result<(MappingReport, Option<bool>)> {
    let mut report = MappingReport {
        source: rows.source.clone(),
        table: rows.table.as_str().to_owned(),
        ..MappingReport::default()
    };
    let columns: Vec<&str> = rows.mapping.columns.iter().map(|column| column.name.as_str()).collect();
    let counted = [REASON, DROPPED].into_iter().chain(columns.iter().copied());
    let (counts, fingerprints) = count_known(&rows.frame, counted, keys).await?;
    let [n_rows, n_refused, n_dropped, n_known @ ..] = counts.as_slice() else { return Ok((report, None)) };
    report.n_good = n_rows - n_refused;
    report.known = columns.iter().map(|column| (*column).to_owned()).zip(n_known.iter().copied()).collect();
    let are_unique = match *n_refused == 0 && !keys.is_empty() {
        true => Some(fingerprints.all_differ().await?),
        false => None,
    };
    if *n_refused == 0 && *n_dropped == 0 {
        return Ok((report, are_unique));
    }
    let told = raw_column(REASON).is_not_null().or(raw_column(DROPPED).is_not_null());
    for (values, n_rows) in by_values(rows.frame.clone().filter(told)?, &[REASON, DROPPED]).await? {
        let mut values = values.into_iter();
        if let Some(reason) = values.next().flatten() {
            add(&mut report.refused, reason, n_rows);
        }
        for reason in values.flatten().flat_map(|all| all.split("; ").map(str::to_owned).collect::<Vec<_>>())
        {
            add(&mut report.dropped, reason, n_rows);
        }
    }
    Ok((report, are_unique))
}

const REASON: &str = "_reason_kind";
const DROPPED: &str = "_dropped_kind";

/// Counts rows by the values of a column, leaving nulls out.
pub(crate) async fn by_reason(frame: DataFrame, column: &str) -> Result<Vec<ReasonCount>> {
    let groups = by_values(frame, &[column]).await?;
    let named = groups.into_iter().filter_map(|(mut values, n_rows)| Some((values.pop()??, n_rows)));
    Ok(named.map(|(reason, n_rows)| ReasonCount { reason, n_rows }).collect())
}

fn add(counts: &mut Vec<ReasonCount>, reason: String, n_rows: i64) {
    match counts.iter_mut().find(|count| count.reason == reason) {
        Some(count) => count.n_rows += n_rows,
        None => counts.push(ReasonCount { reason, n_rows }),
    }
}

/// How many rows there are, and in how many of them each column is known; and the fingerprints of the rows' keys, if any are
/// named. Batches know how many nulls they have, so that counting costs nothing beside reading.
async fn count_known(
    frame: &DataFrame,
    columns: impl Iterator<Item = &str>,
    keys: &[String],
) -> Result<(Vec<i64>, Fingerprints)> {
    let mut selected: Vec<Expr> = columns.map(raw_column).collect();
    let n_columns = selected.len();
    if !keys.is_empty() {
        let keys = keys.iter().map(|key| raw_column(key)).collect();
        selected.push(fingerprint(keys).alias("_fingerprint"));
    }
    let nothing = || (vec![0; 1 + n_columns], Fingerprints::default());
    // Dropped with this future, the set stops what it has begun.
    let mut tasks: JoinSet<Result<(Vec<i64>, Fingerprints)>> = JoinSet::new();
    for mut batches in frame.clone().select(selected)?.execute_stream_partitioned().await? {
        let (mut counts, mut fingerprints) = nothing();
        tasks.spawn(async move {
            while let Some(batch) = batches.try_next().await? {
                counts[0] += batch.num_rows() as i64;
                for (count, column) in counts.iter_mut().skip(1).zip(batch.columns()) {
                    *count += (column.len() - column.logical_null_count()) as i64;
                }
                if let Some(of_keys) = batch.columns().get(n_columns) {
                    fingerprints.add(of_keys);
                }
            }
            Ok((counts, fingerprints))
        });
    }
    let (mut counts, mut fingerprints) = nothing();
    while let Some(task) = tasks.join_next().await {
        let counted = task.map_err(|error| DataFusionError::External(Box::new(error)))??;
        counts.iter_mut().zip(counted.0).for_each(|(count, n)| *count += n);
        fingerprints.append(counted.1);
    }
    Ok((counts, fingerprints))
}

/// How many rows have each combination of values.
async fn by_values(frame: DataFrame, keys: &[&str]) -> Result<Vec<(Vec<Option<String>>, i64)>> {
    let columns: Vec<_> = keys.iter().map(|name| raw_column(name)).collect();
    let counts = vec![count(lit(1)).alias("n_rows")];
    let sorted = frame.aggregate(columns.clone(), counts)?.sort_by(columns)?;
    let mut groups = Vec::new();
    for batch in sorted.collect().await? {
        let counts = batch.column(keys.len()).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let values = (0..keys.len()).map(|at| text(&batch, at, row)).collect::<Result<_>>()?;
            groups.push((values, counts.value(row)));
        }
    }
    Ok(groups)
}

fn text(batch: &RecordBatch, column: usize, row: usize) -> Result<Option<String>> {
    let cell = cast(&batch.column(column).slice(row, 1), &DataType::Utf8)?;
    Ok(cell.is_valid(0).then(|| cell.as_string::<i32>().value(0).to_owned()))
}
