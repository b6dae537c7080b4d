//! Lowers arithmetic: numbers combined, times moved, means.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::functions::expr_fn as functions;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_spec::condition::{Aggregate, AggregateFunction, Arithmetic, Literal, Term};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::kind::{Typed, constant, data_type, instant, number_kind};
use super::lower::{Frame, Lowering};
use crate::function::{self as own, shift};

impl Lowering<'_> {
    pub(super) fn arithmetic(
        &mut self,
        left: &Term,
        by: Arithmetic,
        right: &Term,
        frame: Frame,
    ) -> Result<Typed, SpecError> {
        if let Term::Literal(Literal::Interval(interval)) = right {
            let sign = match by {
                Arithmetic::Add => 1,
                Arithmetic::Subtract => -1,
                _ => {
                    return Err(SpecError::new("a length of time can only be added or subtracted")
                        .with_hint("write the length that is meant, as `as_of - interval '60 days'`"));
                }
            };
            if *left == Term::AsOf {
                let at =
                    shift(self.setting.as_of, *interval, sign, self.setting.timezone).ok_or_else(|| {
                        SpecError::new("the time lies outside the calendar").with_hint("shorten the length")
                    })?;
                return Ok(Typed::new(instant(at), Kind::Timestamp));
            }
            let time = self.term(left, frame)?;
            let length = constant(&Literal::Interval(*interval)).expr;
            return match time.kind {
                // The engine would count the days and months of UTC.
                Some(Kind::Timestamp) if interval.months != 0 || interval.days != 0 => {
                    let signed = |part: i64| lit(part.saturating_mul(i64::from(sign)));
                    let months_and_days = [interval.months, interval.days].map(|part| signed(part.into()));
                    let [months, days] = months_and_days;
                    let zone = lit(self.setting.timezone.name());
                    let arguments = vec![time.expr, months, days, signed(interval.seconds), zone];
                    Ok(Typed::new(own::moved().call(arguments), Kind::Timestamp))
                }
                Some(kind @ (Kind::Timestamp | Kind::Date)) => {
                    let moved = if sign > 0 { time.expr + length } else { time.expr - length };
                    Ok(Typed::new(cast(moved, data_type(kind)), kind))
                }
                _ => Err(SpecError::new(format!("`{left}` is not a time"))
                    .with_hint("a length of time is added to a time, as `created_at + interval '30 days'`")),
            };
        }
        let (left_side, right_side) = (self.term(left, frame)?, self.term(right, frame)?);
        for (side, typed) in [(left, &left_side), (right, &right_side)] {
            if !matches!(typed.kind, Some(Kind::Integer | Kind::Number) | None) {
                let error = SpecError::new(format!("`{side}` is not a number"));
                return Err(match typed.kind {
                    Some(Kind::Date | Kind::Timestamp) => {
                        error.with_hint("days_between(from, to) counts the days between two times")
                    }
                    _ => error.with_hint(
                        "texts are joined by `concat`; a column's kind is said where it is declared",
                    ),
                });
            }
        }
        let whole = left_side.kind == Some(Kind::Integer) && right_side.kind == Some(Kind::Integer);
        let (left, right) = (left_side.expr, right_side.expr);
        let not_zero = |divisor: Expr| functions::nullif(divisor, lit(0_i64));
        Ok(match by {
            Arithmetic::Divide => {
                let divisor = functions::nullif(cast(right, DataType::Float64), lit(0.0));
                Typed::new(one_zero(cast(left, DataType::Float64) / divisor), Kind::Number)
            }
            Arithmetic::Modulo if whole => Typed::new(left % not_zero(right), Kind::Integer),
            Arithmetic::Modulo => {
                let divisor = functions::nullif(cast(right, DataType::Float64), lit(0.0));
                Typed::new(one_zero(cast(left, DataType::Float64) % divisor), Kind::Number)
            }
            Arithmetic::Add => Typed::new(left + right, number_kind(whole)),
            Arithmetic::Subtract => Typed::new(left - right, number_kind(whole)),
            Arithmetic::Multiply if whole => Typed::new(left * right, Kind::Integer),
            Arithmetic::Multiply => Typed::new(one_zero(left * right), Kind::Number),
        })
    }

    /// A mean is a sum over a count, both of which others often need too. (The engine's own mean takes its type from the
    /// wrong column when its two halves run on different machines.)
    pub(super) fn mean(&mut self, aggregate: &Aggregate, frame: Frame) -> Result<Typed, SpecError> {
        let mut figure = |function| self.aggregate(&Aggregate { function, ..aggregate.clone() }, frame);
        let sum = figure(AggregateFunction::Sum).map_err(|error| SpecError {
            message: error.message.replacen("`sum` needs", "`avg` needs", 1),
            hint: error.hint.map(|hint| hint.replacen("`sum(", "`avg(", 1)),
            ..error
        })?;
        let count = figure(AggregateFunction::Count)?;
        let [sum, count] = [sum, count].map(|figure| cast(figure.expr, DataType::Float64));
        Ok(Typed::new(sum / functions::nullif(count, lit(0.0)), Kind::Number))
    }
}

/// The engine tells −0 from 0, and nobody else does.
pub(super) fn one_zero(number: Expr) -> Expr {
    number + lit(0.0)
}
