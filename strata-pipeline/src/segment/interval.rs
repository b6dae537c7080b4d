//! Memberships as intervals: what is true now, merged with what was true at the last run.
//!
//! An interval `[entered_at, left_at)` is one stay in one class or segment under one version of its definition;
//! `left_at` is null while it lasts. A later run closes the intervals of those who are no longer in and opens one for each who
//! is new. A run at the instant of an earlier one first forgets what that one did, so that running twice is running once.

use strata_lake::Engine;
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::{JoinType, ScalarValue};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions::expr_fn as functions;
use strata_lake::datafusion::functions_nested::expr_fn as arrays;
use strata_lake::datafusion::logical_expr::{
    Expr, LogicalPlanBuilder, Operator, binary_expr, cast, lit, when,
};
use strata_lake::datafusion::prelude::ident;

use crate::compile::{DivisionKind, Program, data_type};
use crate::run::Run;

/// The columns of the table, in order.
const COLUMNS: [&str; 8] =
    ["subject", "subject_id", "segmentation", "segment", "version", "entered_at", "left_at", "run_id"];

/// Plans the whole table.
pub(super) fn plan(
    run: &Run,
    engine: &Engine,
    divided: &[(&Program, DataFrame)],
    before: Option<DataFrame>,
) -> Result<DataFrame> {
    let mut now: Option<DataFrame> = None;
    for (program, divisions) in divided {
        let members = current(engine, program, divisions.clone())?;
        now = Some(match now {
            Some(others) => others.union(members)?,
            None => members,
        });
    }
    let Some(now) = now else {
        return strata_lake::datafusion::common::plan_err!("there is nothing to divide");
    };
    let as_of = crate::compile::instant(run.as_of);
    let merged = match before {
        None => opened(run, now)?,
        Some(before) => merge(run, rewind(before, &as_of)?, now)?,
    };
    let order = ["segmentation", "segment", "subject", "subject_id", "entered_at"];
    merged.select_columns(&COLUMNS)?.sort(order.iter().map(|name| ident(*name).sort(true, true)).collect())
}

/// One row for each class and segment that a subject is in now.
///
/// The divisions of a subject are gathered in one list and unfolded, so that the wide table is read once however
/// many divisions there are. A member of the list is the division's number, a colon, and the class.
fn current(engine: &Engine, program: &Program, divisions: DataFrame) -> Result<DataFrame> {
    let id = program.subject.id_column();
    let text = |text: Option<&str>| lit(ScalarValue::Utf8(text.map(str::to_owned)));
    let mut codes = Vec::new();
    let mut names = Vec::new();
    for (number, division) in (0_i64..).zip(program.levels.iter().flatten()) {
        let column = ident(division.column());
        let prefix = format!("{number}:");
        let (segmentation, segment) = match division.kind {
            DivisionKind::Classes(_) => {
                codes.push(binary_expr(lit(prefix), Operator::StringConcat, column));
                (Some(division.name.as_str()), None)
            }
            DivisionKind::Members { .. } => {
                codes.push(when(column, lit(prefix)).end()?);
                (None, Some(division.name.as_str()))
            }
        };
        names.push(vec![lit(number), text(segmentation), text(segment), text(Some(&division.version.0))]);
    }
    if names.is_empty() {
        names.push(vec![lit(-1_i64), text(None), text(None), text(None)]);
    }
    let named = ["number", "segmentation", "name", "version"];
    let columns = (1..).zip(named).map(|(at, name)| ident(format!("column{at}")).alias(name));
    let names = LogicalPlanBuilder::values(names)?.project(columns)?.build()?;
    let names = DataFrame::new(engine.context().state(), names);
    let codes = if codes.is_empty() { vec![lit(ScalarValue::Utf8(None))] } else { codes };
    let number = cast(functions::split_part(ident("code"), lit(":"), lit(1_i64)), DataType::Int64);
    let class_start = functions::strpos(ident("code"), lit(":")) + lit(1_i64);
    divisions
        .select(vec![ident(id).alias("subject_id"), arrays::make_array(codes).alias("code")])?
        .unnest_columns(&["code"])?
        .filter(ident("code").is_not_null())?
        .select(vec![
            ident("subject_id"),
            number.alias("code_number"),
            functions::substr(ident("code"), cast(class_start, DataType::Int64)).alias("class"),
        ])?
        .join(names, JoinType::Inner, &["code_number"], &["number"], None)?
        .select(vec![
            lit(program.subject.as_str()).alias("subject"),
            ident("subject_id"),
            ident("segmentation"),
            functions::coalesce(vec![ident("name"), ident("class")]).alias("segment"),
            ident("version"),
        ])
}

/// What the table said just before `as_of`.
fn rewind(before: DataFrame, as_of: &Expr) -> Result<DataFrame> {
    let still_open = ident("left_at").gt_eq(as_of.clone());
    let left_at = when(still_open, lit(ScalarValue::Null)).otherwise(ident("left_at"))?;
    before.filter(ident("entered_at").lt(as_of.clone()))?.select(
        COLUMNS
            .iter()
            .map(|name| match *name {
                "left_at" => cast(left_at.clone(), timestamp()).alias("left_at"),
                name => ident(name).alias(name),
            })
            .collect::<Vec<_>>(),
    )
}

fn opened(run: &Run, members: DataFrame) -> Result<DataFrame> {
    let mut columns: Vec<Expr> = COLUMNS[..5].iter().map(|name| ident(*name)).collect();
    columns.push(crate::compile::instant(run.as_of).alias("entered_at"));
    columns.push(cast(lit(ScalarValue::Null), timestamp()).alias("left_at"));
    columns.push(lit(run.run_id.clone()).alias("run_id"));
    members.select(columns)
}

fn merge(run: &Run, before: DataFrame, now: DataFrame) -> Result<DataFrame> {
    let closed = before.clone().filter(ident("left_at").is_not_null())?;
    let open = before.filter(ident("left_at").is_null())?;
    let key =
        |prefix: &str| -> Vec<String> { COLUMNS[..5].iter().map(|name| format!("{prefix}{name}")).collect() };
    let renamed = |frame: DataFrame, prefix: &str, also: &[&str]| {
        let columns = COLUMNS[..5].iter().chain(also).map(|name| match *name {
            // Free-standing segments have no segmentation; a join's keys may not be null.
            "segmentation" => {
                functions::coalesce(vec![ident("segmentation"), lit("")]).alias(format!("{prefix}{name}"))
            }
            name => ident(name).alias(format!("{prefix}{name}")),
        });
        frame.select(columns.collect::<Vec<_>>())
    };
    let open = renamed(open, "open_", &["entered_at", "run_id"])?;
    let now = renamed(now, "now_", &[])?;
    let (open_key, now_key) = (key("open_"), key("now_"));
    let open_columns: Vec<&str> = open_key.iter().map(String::as_str).collect();
    let now_columns: Vec<&str> = now_key.iter().map(String::as_str).collect();
    let joined = open.join(now, JoinType::Full, &open_columns, &now_columns, None)?;

    let is_new = || ident("open_subject_id").is_null();
    let has_left = || ident("now_subject_id").is_null();
    let mut columns: Vec<Expr> = COLUMNS[..5]
        .iter()
        .map(|name| {
            let either =
                functions::coalesce(vec![ident(format!("open_{name}")), ident(format!("now_{name}"))]);
            match *name {
                "segmentation" => functions::nullif(either, lit("")).alias(*name),
                name => either.alias(name),
            }
        })
        .collect();
    let as_of = crate::compile::instant(run.as_of);
    columns.push(when(is_new(), as_of.clone()).otherwise(ident("open_entered_at"))?.alias("entered_at"));
    columns.push(cast(when(has_left(), as_of).end()?, timestamp()).alias("left_at"));
    columns.push(when(is_new(), lit(run.run_id.clone())).otherwise(ident("open_run_id"))?.alias("run_id"));
    joined.select(columns)?.union(closed)
}

fn timestamp() -> DataType {
    data_type(strata_spec::table::Kind::Timestamp)
}
