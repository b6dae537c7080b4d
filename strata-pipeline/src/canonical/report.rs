//! What the stage decided and counted, for `strata check` and for whoever asks where a row went.

use serde::Serialize;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Int64Type};
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions_aggregate::expr_fn::count;
use strata_lake::datafusion::logical_expr::lit;
use strata_lake::datafusion::prelude::DataFrame;

use super::currency::CurrencyUse;
use super::evidence::Decision;
use super::identity::IdentityReport;
use super::mapping::raw_column;
use super::repeats::Repeats;

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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
}

/// A reason, without the values of single rows, and how many rows it holds for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// The reason.
    pub reason: String,
    /// How many.
    pub n_rows: i64,
}

/// Counts the good rows of a mapping, and the others by reason, in one scan.
pub(crate) async fn of_mapping(source: &str, table: &str, frame: DataFrame) -> Result<MappingReport> {
    let mut report =
        MappingReport { source: source.to_owned(), table: table.to_owned(), ..MappingReport::default() };
    for (values, n_rows) in counted(frame, &["_reason_kind", "_dropped_kind"]).await? {
        let mut values = values.into_iter();
        match values.next().flatten() {
            Some(reason) => add(&mut report.refused, reason, n_rows),
            None => report.n_good += n_rows,
        }
        for reason in values.flatten().flat_map(|all| all.split("; ").map(str::to_owned).collect::<Vec<_>>())
        {
            add(&mut report.dropped, reason, n_rows);
        }
    }
    Ok(report)
}

/// Counts rows by the values of a column, leaving nulls out.
pub(crate) async fn by_reason(frame: DataFrame, column: &str) -> Result<Vec<ReasonCount>> {
    let groups = counted(frame, &[column]).await?;
    let named = groups.into_iter().filter_map(|(mut values, n_rows)| Some((values.pop()??, n_rows)));
    Ok(named.map(|(reason, n_rows)| ReasonCount { reason, n_rows }).collect())
}

fn add(counts: &mut Vec<ReasonCount>, reason: String, n_rows: i64) {
    match counts.iter_mut().find(|count| count.reason == reason) {
        Some(count) => count.n_rows += n_rows,
        None => counts.push(ReasonCount { reason, n_rows }),
    }
}

type Group = (Vec<Option<String>>, i64);

async fn counted(frame: DataFrame, columns: &[&str]) -> Result<Vec<Group>> {
    let keys: Vec<_> = columns.iter().map(|name| raw_column(name)).collect();
    let sorted = frame.aggregate(keys.clone(), vec![count(lit(1)).alias("n_rows")])?.sort_by(keys)?;
    let mut groups = Vec::new();
    for batch in sorted.collect().await? {
        for row in 0..batch.num_rows() {
            let values = (0..columns.len()).map(|at| text(&batch, at, row)).collect::<Result<_>>()?;
            groups.push((values, batch.column(columns.len()).as_primitive::<Int64Type>().value(row)));
        }
    }
    Ok(groups)
}

fn text(batch: &RecordBatch, column: usize, row: usize) -> Result<Option<String>> {
    let cell = cast(&batch.column(column).slice(row, 1), &DataType::Utf8)?;
    Ok(cell.is_valid(0).then(|| cell.as_string::<i32>().value(0).to_owned()))
}
