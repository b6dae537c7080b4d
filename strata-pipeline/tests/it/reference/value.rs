//! Values as plain Rust, and what it means that one equals or precedes another.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use strata_pipeline::spec::condition::{Interval, Literal};

use super::calendar::midnight;

/// A value of a column or a term.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Date(NaiveDate),
    Time(DateTime<Utc>),
    Length(Interval),
}

/// A row by column; a column that is not there is null.
pub(crate) type Row = BTreeMap<String, Value>;

/// True, false, or unknown.
pub(crate) type Truth = Option<bool>;

impl Value {
    pub(crate) fn of_literal(literal: &Literal) -> Value {
        match literal {
            Literal::Null => Value::Null,
            Literal::Text(text) => Value::Text(text.clone()),
            Literal::Integer(number) => Value::Integer(*number),
            Literal::Number(number) => Value::Number(*number),
            Literal::Boolean(truth) => Value::Boolean(*truth),
            Literal::Date(date) => Value::Date(*date),
            Literal::Timestamp(at) => Value::Time(*at),
            Literal::Interval(length) => Value::Length(*length),
        }
    }

    pub(crate) fn of_truth(truth: Truth) -> Value {
        truth.map_or(Value::Null, Value::Boolean)
    }

    pub(crate) fn is_null(&self) -> bool {
        *self == Value::Null
    }

    pub(crate) fn truth(&self) -> Truth {
        match self {
            Value::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The instant that a value stands for: a date stands for its beginning.
    pub(crate) fn instant(&self, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Value::Time(at) => Some(*at),
            Value::Date(day) => Some(midnight(*day, zone)),
            _ => None,
        }
    }

    /// The day in which a value lies.
    pub(crate) fn day(&self, zone: Tz) -> Option<NaiveDate> {
        match self {
            Value::Time(at) => Some(at.with_timezone(&zone).date_naive()),
            Value::Date(day) => Some(*day),
            _ => None,
        }
    }

    /// What a list compares its elements with.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Value::Null | Value::Length(_) => None,
            Value::Text(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Boolean(truth) => Some(truth.to_string()),
            Value::Date(day) => Some(day.to_string()),
            Value::Time(at) => Some(at.to_rfc3339()),
        }
    }
}

/// How two values compare; unknown where one is missing.
pub(crate) fn compare(left: &Value, right: &Value, zone: Tz) -> Option<Ordering> {
    use Value::{Boolean, Date, Integer, Null, Number, Text, Time};
    match (left, right) {
        (Null, _) | (_, Null) => None,
        (Text(left), Text(right)) => Some(left.cmp(right)),
        (Integer(left), Integer(right)) => Some(left.cmp(right)),
        (Integer(_) | Number(_), Integer(_) | Number(_)) => left.number()?.partial_cmp(&right.number()?),
        (Boolean(left), Boolean(right)) => Some(left.cmp(right)),
        (Date(left), Date(right)) => Some(left.cmp(right)),
        (Date(_) | Time(_), Date(_) | Time(_)) => Some(left.instant(zone)?.cmp(&right.instant(zone)?)),
        (Text(text), Date(_) | Time(_)) => compare(&time_of(text), right, zone),
        (Date(_) | Time(_), Text(text)) => compare(left, &time_of(text), zone),
        (left, right) => panic!("{left:?} stands beside {right:?}"),
    }
}

pub(crate) fn equal(left: &Value, right: &Value, zone: Tz) -> Truth {
    compare(left, right, zone).map(|order| order == Ordering::Equal)
}

/// A text constant that stands beside a time.
fn time_of(text: &str) -> Value {
    match (text.parse(), text.parse()) {
        (Ok(day), _) => Value::Date(day),
        (_, Ok(at)) => Value::Time(at),
        _ => panic!("`{text}` is not a time"),
    }
}
