//! Kinds of values and constants: what can stand beside what, and how it is written for the engine.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_spec::condition::{At, Literal};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

/// An expression and what kind of value it has; none for a bare null.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub expr: Expr,
    pub kind: Option<Kind>,
}

impl Typed {
    pub(super) fn new(expr: Expr, kind: Kind) -> Typed {
        Typed { expr, kind: Some(kind) }
    }
}

/// The kind that all values have; whole numbers among others are numbers.
pub(super) fn common_kind<'t>(values: impl Iterator<Item = &'t Typed>) -> Result<Option<Kind>, SpecError> {
    let mut common = None;
    for kind in values.filter_map(|value| value.kind) {
        common = match (common, kind) {
            (None, kind) => Some(kind),
            (Some(before), kind) if before == kind => Some(kind),
            (Some(Kind::Integer | Kind::Number), Kind::Integer | Kind::Number) => Some(Kind::Number),
            (Some(before), kind) => {
                return Err(SpecError::new(format!(
                    "the values are of different kinds: {} and {}",
                    article(before),
                    article(kind)
                ))
                .with_hint("give values of one kind: all texts, all numbers or all times"));
            }
        };
    }
    Ok(common)
}

/// What may be meant by someone who gives a value of one kind where another is needed.
pub(super) fn hint_for_kinds(found: Kind, wanted: Kind) -> &'static str {
    use Kind::{Boolean, Date, Integer, Json, Number, Text, Timestamp};
    match (found, wanted) {
        (Text | Json, Integer | Number) | (Integer | Number, Text | Json) => {
            "texts stand in single quotes, numbers without; what kind a column has is said where it is declared"
        }
        (Boolean, _) | (_, Boolean) => {
            "what is true or false stands by itself, as `accepts_marketing` or `not accepts_marketing`"
        }
        (Date | Timestamp, Integer | Number) | (Integer | Number, Date | Timestamp) => {
            "`days_since(created_at)` is a number of days, `year_of(created_at)` a year"
        }
        _ => "times are columns such as `created_at`, or constants such as `date '2026-03-31'`",
    }
}

pub(super) fn placed(error: SpecError, at: At) -> SpecError {
    SpecError { position: error.position.or(at.0), ..error }
}

pub(crate) fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "a text",
        Kind::Integer | Kind::Number => "a number",
        Kind::Boolean => "a yes or no",
        Kind::Date => "a date",
        Kind::Timestamp => "a time",
    }
}

pub(crate) fn instant(at: chrono::DateTime<chrono::Utc>) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(at.timestamp_micros()), Some("UTC".into())))
}

pub(super) fn timestamp_type() -> DataType {
    data_type(Kind::Timestamp)
}

/// The engine's type of a kind.
pub(crate) fn data_type(kind: Kind) -> DataType {
    use strata_lake::arrow::datatypes::TimeUnit;
    match kind {
        Kind::Text | Kind::Json => DataType::Utf8,
        Kind::Integer => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Boolean => DataType::Boolean,
        Kind::Date => DataType::Date32,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

pub(super) fn constant(literal: &Literal) -> Typed {
    match literal {
        Literal::Null => Typed { expr: lit(ScalarValue::Null), kind: None },
        Literal::Text(text) => Typed::new(lit(text.clone()), Kind::Text),
        Literal::Integer(number) => Typed::new(lit(*number), Kind::Integer),
        Literal::Number(number) => Typed::new(lit(*number), Kind::Number),
        Literal::Boolean(truth) => Typed::new(lit(*truth), Kind::Boolean),
        Literal::Date(date) => {
            let days = strata_lake::arrow::datatypes::Date32Type::from_naive_date(*date);
            Typed::new(lit(ScalarValue::Date32(Some(days))), Kind::Date)
        }
        Literal::Timestamp(at) => Typed::new(instant(*at), Kind::Timestamp),
        Literal::Interval(interval) => Typed {
            expr: lit(ScalarValue::new_interval_mdn(
                interval.months,
                interval.days,
                interval.seconds.saturating_mul(1_000_000_000),
            )),
            kind: None,
        },
    }
}

pub(super) fn number_kind(whole: bool) -> Kind {
    if whole { Kind::Integer } else { Kind::Number }
}
