//! What models of purchases are fitted on: how many subjects share each history. Counted by the engine, so that a cluster counts
//! as one machine does, and fitting sees none of them.

use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions_aggregate::expr_fn::count;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::definition::{purchases_of, spend_of};
use strata_spec::table::Subject;

/// Columns of numbers, one row for each history, and how many subjects have it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counted<const N: usize> {
    pub(super) columns: [Vec<f64>; N],
    pub(super) n: Vec<f64>,
}

/// How many subjects there are of each number of repeat purchase days, recency and tenure.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn histories(
    profile: &DataFrame,
    subject: Subject,
    among: Option<&Expr>,
) -> Result<Counted<3>> {
    let purchases = purchases_of(subject);
    let bought = ident(purchases[0]).is_not_null();
    counted(of(profile, among)?.filter(bought)?, purchases).await
}

/// How many of those who bought again there are of each number of repeat purchase days and mean spend, and how many of them have a mean
/// spend that is not positive.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn spends(
    profile: &DataFrame,
    subject: Subject,
    among: Option<&Expr>,
) -> Result<(Counted<2>, u64)> {
    let [frequency, ..] = purchases_of(subject);
    let repeated = of(profile, among)?.filter(ident(frequency).gt_eq(lit(1)))?;
    let mut counts = counted(repeated, [frequency, spend_of(subject)]).await?;
    let is_positive: Vec<bool> = counts.columns[1].iter().map(|spend| *spend > 0.0).collect();
    let left_out: f64 = counts.n.iter().zip(&is_positive).filter(|(_, keep)| !**keep).map(|(n, _)| n).sum();
    let mut keep = is_positive.iter().cycle();
    let [frequency, spend] = &mut counts.columns;
    for column in [frequency, spend, &mut counts.n] {
        column.retain(|_| keep.next() == Some(&true));
    }
    Ok((counts, left_out as u64))
}

fn of(profile: &DataFrame, among: Option<&Expr>) -> Result<DataFrame> {
    match among {
        Some(among) => profile.clone().filter(among.clone()),
        None => Ok(profile.clone()),
    }
}

/// A missing number is none that is positive.
const MISSING: f64 = f64::NAN;

async fn counted<const N: usize>(rows: DataFrame, names: [&str; N]) -> Result<Counted<N>> {
    let by = names.map(|name| cast(ident(name), DataType::Float64).alias(name)).to_vec();
    let counts = rows.select(by)?.aggregate(names.map(ident).to_vec(), vec![count(lit(1)).alias("n")])?;
    let batches = counts.collect().await?;
    let mut rows: Vec<([f64; N], f64)> = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in &batches {
        let columns = std::array::from_fn::<_, N, _>(|at| batch.column(at).as_primitive::<Float64Type>());
        let n = strata_lake::arrow::compute::cast(batch.column(N), &DataType::Float64)?;
        let n = n.as_primitive::<Float64Type>();
        rows.extend((0..batch.num_rows()).map(|row| {
            let value = |at: usize| match columns[at].is_null(row) {
                true => MISSING,
                false => columns[at].value(row),
            };
            (std::array::from_fn(value), n.value(row))
        }));
    }
    // Whatever order the engine found them in, sums come out the same.
    rows.sort_unstable_by(|(a, _), (b, _)| {
        a.iter()
            .zip(b)
            .map(|(a, b)| a.total_cmp(b))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut counted =
        Counted { columns: std::array::from_fn(|_| Vec::with_capacity(rows.len())), n: Vec::new() };
    for (values, n) in rows {
        counted.columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        counted.n.push(n);
    }
    Ok(counted)
}
