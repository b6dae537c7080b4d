//! Lowers an aggregate of the language to the engine's filtered aggregate.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::functions_aggregate::expr_fn as aggregates;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, cast, lit, when};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Aggregate, AggregateFunction, CalendarUnit, Literal, Term};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::Setting;
use super::kind::{Typed, article, placed};
use crate::function as own;

/// The engine's aggregate and the kind of its value.
pub(super) fn lower(
    setting: &Setting<'_>,
    aggregate: &Aggregate,
    arguments: Vec<Typed>,
    filter: Option<Expr>,
) -> Result<(Expr, Kind), SpecError> {
    let function = aggregate.function;
    let wrong = |typed: &Typed, wanted: &str| {
        let found = typed.kind.map_or("nothing", article);
        let error = SpecError::new(format!("`{}` needs {wanted} and was given {found}", function.name()));
        placed(error.with_hint(format!("write `{}`", function.example())), aggregate.at)
    };
    let first = arguments.first().cloned();
    let argument = || first.clone().unwrap_or(Typed::new(lit(1_i64), Kind::Integer));
    let number = |typed: Typed| match typed.kind {
        Some(Kind::Integer | Kind::Number) => Ok(cast(typed.expr, DataType::Float64)),
        _ => Err(wrong(&typed, "a number")),
    };
    let day = |typed: Typed| match typed.kind {
        Some(Kind::Timestamp) => Ok(own::local_date().call(vec![typed.expr, lit(setting.timezone.name())])),
        Some(Kind::Date) => Ok(typed.expr),
        _ => Err(wrong(&typed, "a time")),
    };
    let kept = argument().kind.unwrap_or(Kind::Text);
    let mut order = None;
    let mut distinct = aggregate.distinct;
    let (figure, kind) = match function {
        AggregateFunction::Count if aggregate.distinct && kept == Kind::Text => {
            // The engine's own keeps a set for each subject.
            distinct = false;
            (own::distinct_texts().call(vec![argument().expr]), Kind::Integer)
        }
        AggregateFunction::Count => (aggregates::count(argument().expr), Kind::Integer),
        AggregateFunction::Sum if kept == Kind::Integer => (aggregates::sum(argument().expr), Kind::Integer),
        // A mean never comes here itself: it is its sum over its count.
        AggregateFunction::Sum | AggregateFunction::Avg => {
            (own::number_sum().call(vec![number(argument())?]), Kind::Number)
        }
        AggregateFunction::Min => (aggregates::min(argument().expr), kept),
        AggregateFunction::Max => (aggregates::max(argument().expr), kept),
        AggregateFunction::Median => (aggregates::median(number(argument())?), Kind::Number),
        AggregateFunction::StdDev => (aggregates::stddev(number(argument())?), Kind::Number),
        AggregateFunction::Percentile => {
            let share = match aggregate.arguments.get(1) {
                Some(Term::Literal(Literal::Number(share))) if (0.0..=1.0).contains(share) => *share,
                Some(Term::Literal(Literal::Integer(share @ (0 | 1)))) => *share as f64,
                _ => {
                    return Err(placed(
                        SpecError::new("the second argument of `percentile` is a constant from 0 to 1"),
                        aggregate.at,
                    ));
                }
            };
            let value = number(argument())?;
            order = Some(vec![value.clone().sort(true, false)]);
            (aggregates::percentile_cont(value.sort(true, false), lit(share)), Kind::Number)
        }
        AggregateFunction::Mode => match kept {
            Kind::Text | Kind::Json => (own::mode_text().call(vec![argument().expr]), Kind::Text),
            Kind::Integer => (own::mode_integer().call(vec![argument().expr]), Kind::Integer),
            _ => return Err(wrong(&argument(), "a text or a whole number")),
        },
        AggregateFunction::ModeShare => {
            (own::mode_share().call(vec![cast(argument().expr, DataType::Utf8)]), Kind::Number)
        }
        AggregateFunction::FirstValue | AggregateFunction::LastValue => {
            // Of rows at one instant, the one with the least value counts as the earliest.
            let forward = function == AggregateFunction::FirstValue;
            let value = argument().expr;
            let time = ident(aggregate.table.time_column());
            let by_time = vec![time.sort(forward, false), value.clone().sort(forward, false)];
            order = Some(by_time.clone());
            (aggregates::first_value(value, by_time), kept)
        }
        AggregateFunction::Every => {
            let holds = match argument() {
                Typed { expr, kind: Some(Kind::Boolean) } => expr,
                Typed { kind: None, .. } => lit(ScalarValue::Boolean(None)),
                other => return Err(wrong(&other, "a condition")),
            };
            (aggregates::min(truth_number(holds)?), Kind::Boolean)
        }
        AggregateFunction::ActivePeriods => {
            let (unit, least) = periods(aggregate)?;
            let first_month = lit(i64::from(setting.fiscal_year_start));
            let period = own::period_of().call(vec![day(argument())?, lit(unit.as_str()), first_month]);
            let figure = match least {
                1 => own::active_days().call(vec![period]),
                least => own::frequent_days().call(vec![period, lit(least)]),
            };
            (figure, Kind::Integer)
        }
        AggregateFunction::ActiveDays => (own::active_days().call(vec![day(argument())?]), Kind::Integer),
        AggregateFunction::MedianGapDays => {
            (own::median_gap_days().call(vec![day(argument())?]), Kind::Number)
        }
        AggregateFunction::GapVariation => (own::gap_variation().call(vec![day(argument())?]), Kind::Number),
        AggregateFunction::FirstDaySum => {
            let value = arguments.get(1).cloned().unwrap_or_else(argument);
            (own::first_day_sum().call(vec![day(argument())?, number(value)?]), Kind::Number)
        }
        AggregateFunction::LatestMean => {
            let key = cast(arguments.get(1).cloned().unwrap_or_else(argument).expr, DataType::Utf8);
            let least = match aggregate.arguments.get(2) {
                Some(Term::Literal(Literal::Integer(least @ 1..))) => lit(*least),
                _ => {
                    let error = "the third argument of `latest_mean` is a number of keys, 1 or more";
                    return Err(placed(SpecError::new(error), aggregate.at));
                }
            };
            let time = ident(aggregate.table.time_column());
            let arguments = vec![own::row_key().call(vec![key]), time, number(argument())?, least];
            (own::latest_mean().call(arguments), Kind::Number)
        }
    };
    Ok((with_options(figure, order, distinct, kept_rows(aggregate, &argument().expr, filter))?, kind))
}

/// False, unknown and true as numbers in that order, of which the least decides whether all are true.
fn truth_number(holds: Expr) -> Result<Expr, SpecError> {
    when(holds.clone(), lit(2_i64))
        .when(holds.is_null(), lit(1_i64))
        .otherwise(lit(0_i64))
        .map_err(|error| SpecError::new(error.to_string()))
}

/// What the least of those numbers says; of no rows, nothing.
pub(super) fn truth_of_all(least: Expr) -> Result<Expr, SpecError> {
    when(least.clone().eq(lit(2_i64)), lit(true))
        .when(least.eq(lit(0_i64)), lit(false))
        .otherwise(lit(ScalarValue::Boolean(None)))
        .map_err(|error| SpecError::new(error.to_string()))
}

/// The unit of the calendar, and in how many rows a period counts.
fn periods(aggregate: &Aggregate) -> Result<(CalendarUnit, i64), SpecError> {
    let unit = match aggregate.arguments.get(1) {
        Some(Term::Literal(Literal::Text(unit))) => CalendarUnit::parse(unit),
        _ => Err(SpecError::new("the second argument of `active_periods` is a unit of the calendar")),
    };
    let least = match aggregate.arguments.get(2) {
        None => Ok(1),
        Some(Term::Literal(Literal::Integer(least @ 1..))) => Ok(*least),
        _ => Err(SpecError::new("the third argument of `active_periods` is a number of rows")),
    };
    let placed_here = |error| placed(error, aggregate.at);
    Ok((unit.map_err(placed_here)?, least.map_err(placed_here)?))
}

/// Which rows count. The earliest and the latest value are those of the earliest and latest row that has one.
fn kept_rows(aggregate: &Aggregate, value: &Expr, filter: Option<Expr>) -> Option<Expr> {
    match aggregate.function {
        AggregateFunction::FirstValue | AggregateFunction::LastValue => {
            let has_value = value.clone().is_not_null();
            Some(filter.map_or(has_value.clone(), |filter| filter.and(has_value)))
        }
        _ => filter,
    }
}

/// The engine's builder starts afresh with each use, so that all options have to be given in one.
fn with_options(
    figure: Expr,
    order: Option<Vec<strata_lake::datafusion::logical_expr::SortExpr>>,
    distinct: bool,
    filter: Option<Expr>,
) -> Result<Expr, SpecError> {
    if order.is_none() && !distinct && filter.is_none() {
        return Ok(figure);
    }
    let mut builder = figure.null_treatment(None);
    if let Some(order) = order {
        builder = builder.order_by(order);
    }
    if distinct {
        builder = builder.distinct();
    }
    if let Some(filter) = filter {
        builder = builder.filter(filter);
    }
    builder.build().map_err(|error| SpecError::new(error.to_string()))
}
