//! Rank scores over a profile: fitted on one column, applied as one expression.

use serde_json::{Value, json};
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use strata_lake::arrow::compute;
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{Case, Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_models::rank::{Cut, cuts};
use strata_spec::definition::Version;

use crate::compile::ScoreColumn;

/// A rank score with its cuts.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedRank {
    /// The score's name.
    pub name: String,
    /// The version of its definition.
    pub version: Version,
    /// The trait that is ranked.
    pub by: String,
    /// The number of parts.
    pub tiles: u32,
    /// Whether the greatest value gets score 1.
    pub descending: bool,
    /// How many subjects were ranked.
    pub n_ranked: usize,
    /// Where the parts end, in the order of the score.
    pub cuts: Vec<FittedCut>,
}

/// Where a part ends.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedCut {
    /// The last value of the part below, and how many subjects share it.
    pub cut: Cut,
    /// Of the subjects that share it, the last id that belongs below; none where all of them do.
    pub last_id: Option<ScalarValue>,
}

impl FittedRank {
    /// The cuts, for the model's row.
    pub fn parameters(&self) -> Value {
        let cuts: Vec<Value> = self
            .cuts
            .iter()
            .map(|fitted| {
                json!({
                    "value": fitted.cut.value,
                    "n_ties": fitted.cut.n_ties,
                    "n_ties_below": fitted.cut.n_ties_below,
                    "last_id": fitted.last_id.as_ref().map(ToString::to_string),
                })
            })
            .collect();
        json!({ "by": self.by, "tiles": self.tiles, "descending": self.descending, "cuts": cuts })
    }

    /// How many cuts fall among equal values.
    pub fn n_split_ties(&self) -> usize {
        self.cuts.iter().filter(|fitted| fitted.cut.splits_ties()).count()
    }
}

/// How subjects are ranked: by a column, into so many parts.
#[derive(Debug, Clone, Copy)]
pub struct Ranking<'a> {
    /// The column.
    pub by: &'a str,
    /// The number of parts.
    pub tiles: u32,
    /// Whether the greatest value gets score 1.
    pub descending: bool,
}

/// Fits a score on a profile: one pass over its column, and one over the ids of those who share a value at a cut.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn fit(
    score: &ScoreColumn,
    ranking: Ranking<'_>,
    id: &str,
    profile: DataFrame,
) -> Result<FittedRank> {
    let Ranking { by, tiles, descending } = ranking;
    let ranked = match &score.among {
        Some(among) => profile.filter(among.clone())?,
        None => profile,
    };
    let value = cast(ident(by), DataType::Float64);
    let values = ranked.clone().select(vec![value.clone().alias("value")])?.collect().await?;
    let mut values: Vec<f64> = values
        .iter()
        .flat_map(|batch| batch.column(0).as_primitive::<Float64Type>().iter().flatten())
        .filter(|value| !value.is_nan())
        .collect();
    let n_ranked = values.len();
    let cuts = cuts(&mut values, tiles, descending);
    drop(values);

    let mut split: Vec<f64> = cuts.iter().filter(|cut| cut.splits_ties()).map(|cut| cut.value).collect();
    split.dedup();
    let mut tied = Vec::new();
    if !split.is_empty() {
        let shared = value.clone().in_list(split.iter().map(|value| lit(*value)).collect(), false);
        tied = ranked
            .filter(shared)?
            .select(vec![value.alias("value"), ident(id).alias("id")])?
            .collect()
            .await?;
    }
    let mut fitted = Vec::with_capacity(cuts.len());
    let mut sorted: Option<(f64, ArrayRef)> = None;
    for cut in cuts {
        let last_id = match cut.splits_ties() {
            false => None,
            true => {
                if sorted.as_ref().is_none_or(|(value, _)| *value != cut.value) {
                    sorted = Some((cut.value, sorted_ids(&tied, cut.value)?));
                }
                let ids = sorted.as_ref().map(|(_, ids)| ids);
                ids.filter(|ids| cut.n_ties_below >= 1 && cut.n_ties_below <= ids.len())
                    .map(|ids| ScalarValue::try_from_array(ids, cut.n_ties_below - 1))
                    .transpose()?
            }
        };
        fitted.push(FittedCut { cut, last_id });
    }
    Ok(FittedRank {
        name: score.name.clone(),
        version: score.version.clone(),
        by: by.to_owned(),
        tiles,
        descending,
        n_ranked,
        cuts: fitted,
    })
}

/// The score as an expression: 1 up to the first cut, and so on; null for those who are not ranked.
///
/// # Errors
/// None that a fitted score can cause; the engine's builders return results.
pub(super) fn score_expr(score: &ScoreColumn, fitted: &FittedRank, id: &str) -> Result<Expr> {
    let value = cast(ident(&fitted.by), DataType::Float64);
    let unranked = match &score.among {
        Some(among) => value.clone().is_null().or(among.clone().is_not_true()),
        None => value.clone().is_null(),
    };
    let null = lit(ScalarValue::Int64(None));
    let mut branches = vec![(Box::new(unranked), Box::new(null))];
    for (part, fitted_cut) in fitted.cuts.iter().enumerate() {
        let end = lit(fitted_cut.cut.value);
        let before = |value: Expr, end: Expr| if fitted.descending { value.gt(end) } else { value.lt(end) };
        let up_to =
            |value: Expr, end: Expr| if fitted.descending { value.gt_eq(end) } else { value.lt_eq(end) };
        let below = match &fitted_cut.last_id {
            None => up_to(value.clone(), end),
            Some(last_id) => before(value.clone(), end.clone())
                .or(value.clone().eq(end).and(ident(id).lt_eq(lit(last_id.clone())))),
        };
        branches.push((Box::new(below), Box::new(lit(part as i64 + 1))));
    }
    let last = lit(fitted.cuts.len() as i64 + 1);
    Ok(Expr::Case(Case::new(None, branches, Some(Box::new(last)))))
}

fn sorted_ids(tied: &[strata_lake::arrow::array::RecordBatch], value: f64) -> Result<ArrayRef> {
    let mut parts = Vec::with_capacity(tied.len());
    for batch in tied {
        let values = batch.column(0).as_primitive::<Float64Type>();
        let rows: UInt32Array =
            (0..batch.num_rows() as u32).filter(|row| values.value(*row as usize) == value).collect();
        parts.push(compute::take(batch.column(1), &rows, None)?);
    }
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    Ok(compute::sort(&compute::concat(&parts)?, None)?)
}
