//! Text into terms: columns and what they are columns of, constants, arithmetic, `case`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use sqlparser::ast::{
    BinaryOperator, CaseWhen, DataType, Expr, Ident, Interval as SqlInterval, UnaryOperator, Value,
    ValueWithSpan,
};
use sqlparser::tokenizer::Location;

use super::parse::{Reader, literal_text, snippet, start_of};
use super::{Arithmetic, Column, Comparison, Condition, Interval, Literal, Scope, Term, grammar};
use crate::error::{SpecError, nearest};
use crate::table::{Kind, Subject, Table};

/// How many terms `a + b + c …` may have: trees are walked by recursion.
const MAX_TERMS: usize = 100;

impl Reader<'_> {
    /// A value; a condition stands for its truth value.
    pub(super) fn term(self, expression: &Expr) -> Result<Term, SpecError> {
        match expression {
            Expr::Nested(inner) => self.term(inner),
            Expr::BinaryOp { op, .. } if arithmetic(op).is_some() => self.term_only(expression),
            Expr::UnaryOp { op: UnaryOperator::Not, .. }
            | Expr::BinaryOp { .. }
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNotFalse(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::Between { .. }
            | Expr::InList { .. }
            | Expr::Like { .. }
            | Expr::ILike { .. } => self.condition(expression).map(Term::truth),
            Expr::Function(function) => match self.condition_call(function)? {
                Some(condition) => Ok(Term::truth(condition)),
                None => self.term_only(expression),
            },
            _ => self.term_only(expression),
        }
    }

    /// A value that is not a condition.
    pub(super) fn term_only(self, expression: &Expr) -> Result<Term, SpecError> {
        self.deeper()?.term_here(expression)
    }

    fn term_here(self, expression: &Expr) -> Result<Term, SpecError> {
        let start = start_of(expression);
        match expression {
            Expr::Nested(inner) => self.term_only(inner),
            Expr::Identifier(name) => self.name(name),
            Expr::CompoundIdentifier(parts) => self.qualified_name(parts),
            Expr::Value(value) => self.literal(value, false).map(Term::Literal),
            Expr::TypedString(typed) => {
                let text = match &typed.value.value {
                    Value::SingleQuotedString(text) => text,
                    _ => return Err(self.error(start, "expected a text in single quotes")),
                };
                let literal = match typed.data_type {
                    DataType::Date => parse_date(text).map(Literal::Date),
                    _ => parse_timestamp(text).map(Literal::Timestamp),
                };
                literal.map(Term::Literal).map_err(|error| self.placed(start, error))
            }
            Expr::Interval(interval) => self.interval(interval).map(Term::interval),
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.term_only(expr),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.negative(expr),
            Expr::BinaryOp { left, op, right } => match arithmetic(op) {
                Some(_) => self.sum(expression),
                None => Err(self.unknown_operator(left, op, right)),
            },
            Expr::Function(function) => self.term_call(function),
            Expr::Case { operand, conditions, else_result, .. } => {
                let branches = conditions
                    .iter()
                    .map(|branch| self.branch(operand.as_deref(), branch))
                    .collect::<Result<Vec<_>, _>>()?;
                let otherwise = else_result.as_ref().map(|term| self.term(term).map(Box::new)).transpose()?;
                Ok(Term::Case { branches, otherwise })
            }
            Expr::Cast { .. } => Err(self.error(start, "a condition has no casts").with_hint(
                "columns have types already; give the column its type where the source is mapped, in the manifest",
            )),
            Expr::Tuple(_) => Err(self
                .error(start, "a list in parentheses is not a value")
                .with_hint("a list stands after `in`, as `country in ('DE', 'AT')`")),
            other => Err(self
                .error(start, format!("`{}` is not part of the language", snippet(other)))
                .with_hint("a value is a column, a text in single quotes, a number or a function")),
        }
    }

    fn name(self, name: &Ident) -> Result<Term, SpecError> {
        let start = name.span.start;
        let unquoted = name.quote_style.is_none();
        if unquoted && name.value.eq_ignore_ascii_case("as_of") {
            return Ok(Term::AsOf);
        }
        if unquoted && grammar::is_clock(&name.value) {
            return Err(self
                .error(start, format!("`{}` would change the result from run to run", name.value))
                .with_hint("write `as_of`, the instant at which everything is evaluated"));
        }
        if name.value.is_empty() {
            return Err(self.error(start, "the name of a column is empty"));
        }
        if unquoted && let Some(table) = Table::parse(&name.value.to_lowercase()) {
            return Err(self.error(start, format!("`{table}` is a table, not a value")).with_hint(format!(
                "count its rows by `count({table})`; a column of that name is written \"{table}\""
            )));
        }
        let scope = if self.rows.is_some() { Scope::Row } else { Scope::Subject };
        Ok(Term::Column(Column { scope, name: name.value.clone(), at: self.at(start) }))
    }

    fn qualified_name(self, parts: &[Ident]) -> Result<Term, SpecError> {
        let start = parts.first().map_or(Location::empty(), |part| part.span.start);
        let [qualifier, name] = parts else {
            return Err(self
                .error(start, "a column has at most one name before it")
                .with_hint("write `orders.amount` inside an aggregate, or `customer.city`"));
        };
        let scope = self.scope(qualifier, name)?;
        Ok(Term::Column(Column { scope, name: name.value.clone(), at: self.at(start) }))
    }

    fn scope(self, qualifier: &Ident, name: &Ident) -> Result<Scope, SpecError> {
        let start = qualifier.span.start;
        let column = &name.value;
        match (qualifier.value.to_lowercase().as_str(), self.subject) {
            ("subject", _) | ("customer", Subject::Customers) | ("company", Subject::Companies) => {
                return Ok(Scope::Subject);
            }
            ("company", Subject::Customers) => return Ok(Scope::Company),
            ("customer", Subject::Companies) => {
                return Err(self.error(start, "a company has many customers, not one").with_hint(format!(
                    "use an aggregate over them, as `count(customers) filter (where {column} = …)`"
                )));
            }
            _ => {}
        }
        let Some(table) = Table::parse(&qualifier.value.to_lowercase()) else {
            let tables = Table::ALL.into_iter().map(Table::as_str).chain(["customer", "company"]);
            let error = self.error(start, format!("unknown table `{}`", qualifier.value));
            return Err(match nearest(&qualifier.value, tables) {
                Some(near) => error.with_hint(format!("did you mean `{near}.{column}`?")),
                None => error.with_hint(format!("the tables are {}", table_names())),
            });
        };
        match self.rows {
            Some(rows) if rows == table => Ok(Scope::Row),
            Some(rows) => Err(self
                .error(start, format!("this aggregate ranges over `{rows}`, not over `{table}`"))
                .with_hint(format!("use columns of `{rows}`, or a second aggregate, over `{table}`"))),
            None if self.subject.table() == table => Err(self
                .error(start, format!("`{table}.{column}` stands outside an aggregate"))
                .with_hint(format!("the subject's own columns have no table before them: `{column}`"))),
            None => Err(self
                .error(
                    start,
                    format!("`{table}.{column}` stands outside an aggregate, but a subject has many rows"),
                )
                .with_hint(format!(
                    "say which figure of them is meant, as `{}`",
                    aggregate_of(table, column)
                ))),
        }
    }

    fn literal(self, value: &ValueWithSpan, negative: bool) -> Result<Literal, SpecError> {
        let start = value.span.start;
        match &value.value {
            Value::Null => Ok(Literal::Null),
            Value::Boolean(value) => Ok(Literal::Boolean(*value)),
            Value::SingleQuotedString(text) => Ok(Literal::Text(text.clone())),
            Value::Number(digits, false) => {
                let digits = if negative { format!("-{digits}") } else { digits.clone() };
                parse_number(&digits).map_err(|error| self.placed(start, error))
            }
            other => Err(self
                .error(start, format!("`{other}` is not a constant of the language"))
                .with_hint("constants are numbers, texts in single quotes, `true`, `false`, `null`, `date '2026-03-01'`")),
        }
    }

    pub(super) fn interval(self, interval: &SqlInterval) -> Result<Interval, SpecError> {
        let start = start_of(&interval.value);
        let unusual = interval.leading_precision.is_some()
            || interval.last_field.is_some()
            || interval.fractional_seconds_precision.is_some();
        if unusual {
            return Err(self
                .error(start, "an interval has a number and a unit, nothing more")
                .with_hint("write `interval '1 year 2 months'`"));
        }
        let value = match &*interval.value {
            Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) => Some(digits.as_str()),
            other => literal_text(other),
        };
        let value =
            value.ok_or_else(|| self.error(start, "an interval is written as `interval '60 days'`"))?;
        let words = match &interval.leading_field {
            Some(unit) => format!("{value} {}", unit.to_string().to_lowercase()),
            None => value.to_owned(),
        };
        Interval::parse(&words).map_err(|error| self.placed(start, error))
    }

    /// `-x`: a constant below zero, or `0 - x`.
    fn negative(self, inner: &Expr) -> Result<Term, SpecError> {
        if let Expr::Value(value @ ValueWithSpan { value: Value::Number(..), .. }) = inner {
            return self.literal(value, true).map(Term::Literal);
        }
        let negated = |interval: Interval| {
            Some(Interval {
                months: interval.months.checked_neg()?,
                days: interval.days.checked_neg()?,
                seconds: interval.seconds.checked_neg()?,
            })
        };
        match self.term_only(inner)? {
            Term::Literal(Literal::Interval(interval)) => negated(interval)
                .map(Term::interval)
                .ok_or_else(|| self.error(start_of(inner), "the length of time is too long")),
            term => Ok(Term::Arithmetic {
                left: Box::new(Term::Literal(Literal::Integer(0))),
                operator: Arithmetic::Subtract,
                right: Box::new(term),
            }),
        }
    }

    /// `a + b - c`, which sqlparser nests to the left, without recursion on the left.
    fn sum(self, expression: &Expr) -> Result<Term, SpecError> {
        let mut steps = Vec::new();
        let mut rest = expression;
        while let Expr::BinaryOp { left, op, right } = rest
            && let Some(operator) = arithmetic(op)
        {
            steps.push((operator, &**right));
            rest = left;
        }
        if steps.len() > MAX_TERMS {
            return Err(self
                .error(start_of(expression), format!("a sum has at most {MAX_TERMS} parts"))
                .with_hint("move parts of it into traits"));
        }
        let mut sum = self.term(rest)?;
        for (operator, right) in steps.into_iter().rev() {
            sum = Term::Arithmetic { left: Box::new(sum), operator, right: Box::new(self.term(right)?) };
        }
        Ok(sum)
    }

    fn branch(self, operand: Option<&Expr>, branch: &CaseWhen) -> Result<(Condition, Term), SpecError> {
        let condition = match operand {
            None => self.condition(&branch.condition)?,
            Some(operand) => Condition::Compare {
                left: self.term(operand)?,
                operator: Comparison::Equal,
                right: self.term(&branch.condition)?,
            },
        };
        Ok((condition, self.term(&branch.result)?))
    }

    fn unknown_operator(self, left: &Expr, operator: &BinaryOperator, right: &Expr) -> SpecError {
        let (left_text, right_text) = (snippet(left), snippet(right));
        let error =
            self.error(start_of(left), format!("the operator `{operator}` is not part of the language"));
        match operator {
            BinaryOperator::StringConcat => {
                error.with_hint(format!("write `concat({left_text}, {right_text})`"))
            }
            BinaryOperator::BitwiseXor | BinaryOperator::PGExp => {
                error.with_hint(format!("write `power({left_text}, {right_text})`"))
            }
            BinaryOperator::PGLikeMatch => error.with_hint("write `like`"),
            BinaryOperator::PGILikeMatch => error.with_hint("write `ilike`"),
            BinaryOperator::Spaceship => error.with_hint("write `is not distinct from`"),
            _ => error.with_hint("the operators are = <> < <= > >= + - * / % and `and`, `or`, `not`"),
        }
    }
}

impl Term {
    /// A length of time.
    pub(super) fn interval(interval: Interval) -> Term {
        Term::Literal(Literal::Interval(interval))
    }
}

/// An example of a figure that makes one value of a column's many.
pub(super) fn aggregate_of(table: Table, column: &str) -> String {
    match table.column(column).map(|column| column.kind) {
        Some(Kind::Number | Kind::Integer) => format!("sum({table}.{column})"),
        Some(Kind::Timestamp | Kind::Date) => format!("max({table}.{column})"),
        _ => format!("last_value({table}.{column})"),
    }
}

/// The names of all tables, for a hint.
pub(super) fn table_names() -> String {
    Table::ALL.map(|table| format!("`{table}`")).join(", ")
}

/// Reads a number; a whole one without a point or an exponent.
pub(super) fn parse_number(digits: &str) -> Result<Literal, SpecError> {
    if digits.contains(['.', 'e', 'E']) {
        return match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Literal::Number(number)),
            _ => Err(SpecError::new(format!("the number {digits} is too great"))
                .with_hint("numbers reach to about 1.8e308")),
        };
    }
    digits.parse().map(Literal::Integer).map_err(|_| {
        SpecError::new(format!("the whole number {digits} is too great"))
            .with_hint(format!("write it as a decimal number, `{digits}.0`; an id is a text, `'{digits}'`"))
    })
}

/// Reads a day, `2026-03-01`.
pub(super) fn parse_date(text: &str) -> Result<NaiveDate, SpecError> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|date| (1..=9999).contains(&date.year()))
        .ok_or_else(|| {
            SpecError::new(format!("'{text}' is not a day of the calendar"))
                .with_hint("write year, month and day, as `date '2026-03-01'`")
        })
}

/// Reads an instant, `2026-03-01T12:30:00+01:00`, with a space for the `T` if one likes; without a zone it is UTC.
pub(super) fn parse_timestamp(text: &str) -> Result<DateTime<Utc>, SpecError> {
    let joined = text.trim().replacen(' ', "T", 1);
    let zoned = DateTime::parse_from_rfc3339(&joined).map(|instant| instant.to_utc()).ok();
    let naive = || {
        let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
        forms.into_iter().find_map(|form| NaiveDateTime::parse_from_str(&joined, form).ok())
    };
    let day = || parse_date(&joined).ok().map(NaiveDateTime::from);
    zoned
        .or_else(|| naive().or_else(day).map(|local| local.and_utc()))
        .filter(|instant| (1..=9999).contains(&instant.year()))
        .ok_or_else(|| {
            SpecError::new(format!("'{text}' is not an instant")).with_hint(
                "write `timestamp '2026-03-01 12:30:00'` (UTC) or `timestamp '2026-03-01T12:30:00+01:00'`",
            )
        })
}

pub(super) fn arithmetic(operator: &BinaryOperator) -> Option<Arithmetic> {
    match operator {
        BinaryOperator::Plus => Some(Arithmetic::Add),
        BinaryOperator::Minus => Some(Arithmetic::Subtract),
        BinaryOperator::Multiply => Some(Arithmetic::Multiply),
        BinaryOperator::Divide => Some(Arithmetic::Divide),
        BinaryOperator::Modulo => Some(Arithmetic::Modulo),
        _ => None,
    }
}
