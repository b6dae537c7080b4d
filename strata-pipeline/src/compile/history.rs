//! Lowers what is asked of the past of a property: `changed(plan)`, `was(plan, 'free')`, `since(plan, 'free')`.
//!
//! The table `property_history` has a row for each change of a property of a subject, with the value before, and rows without
//! a property that say when a history begins: a subject's own, or, without a subject, that of all. So the value at an instant is
//! the one before the first change after it, and the present one where none came; and where a history begins first, nothing
//! was known.

use std::collections::BTreeMap;

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::functions::expr_fn as functions;
use strata_lake::datafusion::functions_aggregate::expr_fn as aggregates;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, lit, when};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{At, Column, Condition, Literal, State, Term, When, Window};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::kind::{Typed, constant, data_type, instant, placed};
use super::lower::{Frame, Lowering};
use super::{column_name, window};

/// Figures over the table of changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct HistoryFigures {
    /// Over the rows of each subject.
    pub own: BTreeMap<String, HistoryFigure>,
    /// Over the rows that speak of all subjects.
    pub all: BTreeMap<String, HistoryFigure>,
}

/// A figure, and the type of its value.
#[derive(Debug, Clone)]
pub(crate) struct HistoryFigure {
    pub figure: Expr,
    pub kind: Kind,
}

impl HistoryFigures {
    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.all.is_empty()
    }
}

/// A property that is asked for, and how its values are compared.
struct Property<'a> {
    column: &'a Column,
    kind: Kind,
    /// The name of what is being lowered; figures beside it have names that begin with it.
    name: String,
}

impl Lowering<'_> {
    /// `changed(plan)`, `changed_from(plan, 'free', 'pro')`.
    pub(super) fn changed_value(
        &mut self,
        condition: &Condition,
        (column, from, to): (&Column, Option<&Literal>, Option<&Literal>),
        window: Option<Window>,
        at: At,
    ) -> Result<Expr, SpecError> {
        let property = self.property(column, condition.to_string(), at)?;
        let mut counted = is_change(column);
        for (side, value) in [("previous", from), ("value", to)] {
            if let Some(value) = value {
                counted = counted.and(self.has_value(&property, side, value, at)?);
            }
        }
        if let Some(window) = window {
            let (from, to) = self.edges(window, at)?;
            counted = counted.and(between(from, to));
        }
        let n_changes =
            self.own_figure(&property, "n", aggregates::count(lit(1_i64)), counted, Kind::Integer)?;
        let changed = functions::coalesce(vec![n_changes, lit(0_i64)]).gt(lit(0_i64));
        Ok(self.derived(property.name, changed))
    }

    /// `was(plan, 'free')`, ever, at an instant, or at some time of a window.
    pub(super) fn was_value(
        &mut self,
        condition: &Condition,
        (column, value): (&Column, &Literal),
        when: &When,
        at: At,
    ) -> Result<Expr, SpecError> {
        let property = self.property(column, condition.to_string(), at)?;
        let now = self.has_now(column, value, at)?;
        let as_of = self.setting.as_of.timestamp_micros();
        let (from, to) = match when {
            When::Ever => {
                let ever = self.touched(&property, value, lit(true), at)?;
                return Ok(self.derived(property.name, now.or(ever)));
            }
            When::At(term) => {
                let instant = self.constant_instant(term, at)?;
                (instant.min(as_of), instant.min(as_of))
            }
            When::In(window) => {
                let (from, to) = self.edges(*window, at)?;
                (from, to.min(as_of))
            }
        };
        if from > to {
            return Ok(lit(false));
        }
        let mut was = self.held_at(&property, "first", value, from, now.clone(), at)?;
        if from < to {
            let later = self.held_at(&property, "last", value, to, now, at)?;
            let between = self.touched(&property, value, between(from + 1, to), at)?;
            was = was.or(later).or(between);
        }
        Ok(self.derived(property.name, was))
    }

    /// `since(plan, 'free')`: the last change, where it led to the value that is there now; else the begin of the history.
    pub(super) fn since_value(
        &mut self,
        term: &Term,
        (column, value): (&Column, &Literal),
        at: At,
    ) -> Result<Typed, SpecError> {
        let property = self.property(column, term.to_string(), at)?;
        let now = self.has_now(column, value, at)?;
        let last = || aggregates::max(ident("since"));
        let own = self.own_figure(&property, "last", last(), concerns(column), Kind::Timestamp)?;
        let all = self.figure_of_all(&property, "all", last(), concerns(column))?;
        let elsewhere = is_change(column).and(self.has_other_value(&property, "value", value, at)?);
        let elsewhere = self.own_figure(&property, "other", last(), elsewhere, Kind::Timestamp)?;
        let as_of = instant(self.setting.as_of);
        let begin = functions::greatest(vec![own, all]);
        // Should the last change have led elsewhere, what is there now is there only now.
        let since = when(now.clone().and(begin.clone().eq(elsewhere).is_true()), as_of.clone())
            .when(now, functions::coalesce(vec![begin, as_of]))
            .otherwise(lit(ScalarValue::TimestampMicrosecond(None, Some("UTC".into()))))
            .map_err(|error| SpecError::new(error.to_string()))?;
        Ok(Typed::new(self.derived(property.name, since), Kind::Timestamp))
    }

    /// Whether the value was there at an instant, in microseconds.
    fn held_at(
        &mut self,
        property: &Property<'_>,
        edge: &str,
        value: &Literal,
        at_instant: i64,
        now: Expr,
        at: At,
    ) -> Result<Expr, SpecError> {
        if at_instant >= self.setting.as_of.timestamp_micros() {
            return Ok(now);
        }
        let column = property.column;
        let later = ident("since").gt(microseconds(at_instant));
        let first = || aggregates::min(ident("since"));
        let next = concerns(column).and(later.clone());
        let own =
            self.own_figure(property, &format!("{edge}_own"), first(), next.clone(), Kind::Timestamp)?;
        let all = self.figure_of_all(property, &format!("{edge}_all"), first(), next)?;
        let from_value = is_change(column).and(later).and(self.has_value(property, "previous", value, at)?);
        let from_value =
            self.own_figure(property, &format!("{edge}_from"), first(), from_value, Kind::Timestamp)?;
        let next = functions::least(vec![own, all]);
        when(next.clone().is_null(), now)
            .otherwise(next.eq(from_value).is_true())
            .map_err(|error| SpecError::new(error.to_string()))
    }

    /// Whether a change led to the value or away from it, at instants of which `then` is true.
    fn touched(
        &mut self,
        property: &Property<'_>,
        value: &Literal,
        then: Expr,
        at: At,
    ) -> Result<Expr, SpecError> {
        let to = self.has_value(property, "value", value, at)?;
        let from = self.has_value(property, "previous", value, at)?;
        let counted = is_change(property.column).and(then).and(to.or(from));
        let n =
            self.own_figure(property, "touched", aggregates::count(lit(1_i64)), counted, Kind::Integer)?;
        Ok(functions::coalesce(vec![n, lit(0_i64)]).gt(lit(0_i64)))
    }

    fn property<'c>(&mut self, column: &'c Column, text: String, at: At) -> Result<Property<'c>, SpecError> {
        let own = self.setting.subject.table();
        let kind =
            self.column(column, Frame::Subject)?.kind.filter(|_| !self.known.contains_key(&column.name));
        let name = column_name::of_text(&text);
        match kind {
            Some(kind) if own.keeps_history_of(&column.name) => Ok(Property { column, kind, name }),
            _ => {
                let error = SpecError::new(format!("no history is kept of `{}`", column.name));
                let hint = format!(
                    "it is kept of declared properties, and of the columns of {own} but for ids, names, addresses of e-mail and telephone numbers, and times of creation"
                );
                Err(placed(error.with_hint(hint), at))
            }
        }
    }

    /// Whether the property has the value now, for sure.
    fn has_now(&mut self, column: &Column, value: &Literal, at: At) -> Result<Expr, SpecError> {
        let present = self.column(column, Frame::Subject)?;
        let (present, value) =
            self.alike(present, constant(value)).map_err(|error| placed(named(error, column), at))?;
        Ok(crate::function::certainly().call(vec![present.expr.eq(value.expr)]))
    }

    /// Whether a side of a change is the value.
    fn has_value(
        &self,
        property: &Property<'_>,
        side: &str,
        value: &Literal,
        at: At,
    ) -> Result<Expr, SpecError> {
        Ok(match self.as_written(property, value, at)? {
            Some(text) => ident(side).eq(lit(text)),
            None => lit(false),
        })
    }

    fn has_other_value(
        &self,
        property: &Property<'_>,
        side: &str,
        value: &Literal,
        at: At,
    ) -> Result<Expr, SpecError> {
        Ok(match self.as_written(property, value, at)? {
            Some(text) => strata_lake::datafusion::logical_expr::binary_expr(
                ident(side),
                strata_lake::datafusion::logical_expr::Operator::IsDistinctFrom,
                lit(text),
            ),
            None => lit(true),
        })
    }

    /// A value as the table of changes writes it; none where the property cannot have it.
    fn as_written(
        &self,
        property: &Property<'_>,
        value: &Literal,
        at: At,
    ) -> Result<Option<String>, SpecError> {
        let kind = property.kind;
        let column = Typed::new(ident(&property.column.name), kind);
        let (_, value) =
            self.alike(column, constant(value)).map_err(|error| placed(named(error, property.column), at))?;
        let Expr::Literal(scalar, _) = value.expr else {
            return Err(placed(SpecError::new("the value of a property is a constant"), at));
        };
        if let (Kind::Integer, ScalarValue::Float64(Some(number))) = (kind, &scalar)
            && number.fract() != 0.0
        {
            return Ok(None);
        }
        let text = scalar.cast_to(&data_type(kind)).and_then(|scalar| scalar.cast_to(&DataType::Utf8));
        match text {
            Ok(ScalarValue::Utf8(text)) => Ok(text),
            _ => Ok(None),
        }
    }

    fn own_figure(
        &mut self,
        property: &Property<'_>,
        what: &str,
        figure: Expr,
        of: Expr,
        kind: Kind,
    ) -> Result<Expr, SpecError> {
        let name = format!("{}_{what}", property.name);
        let figure = filtered(figure, of)?;
        self.history.own.insert(name.clone(), HistoryFigure { figure, kind });
        Ok(ident(name))
    }

    fn figure_of_all(
        &mut self,
        property: &Property<'_>,
        what: &str,
        figure: Expr,
        of: Expr,
    ) -> Result<Expr, SpecError> {
        let name = format!("{}_{what}", property.name);
        let figure = filtered(figure, of)?;
        self.history.all.insert(name.clone(), HistoryFigure { figure, kind: Kind::Timestamp });
        Ok(ident(name))
    }

    /// The first and the last microsecond of a window.
    pub(super) fn edges(&self, of: Window, at: At) -> Result<(i64, i64), SpecError> {
        let stretch = window::stretch(of, self.setting.as_of, self.setting.calendar());
        let stretch =
            stretch.ok_or_else(|| placed(SpecError::new("the window is longer than the calendar"), at))?;
        Ok(stretch.microseconds())
    }

    /// An instant that is the same for all subjects, in microseconds.
    pub(super) fn constant_instant(&mut self, term: &Term, at: At) -> Result<i64, SpecError> {
        let typed = self.term(term, Frame::Subject)?;
        match self.as_instant(typed).expr {
            Expr::Literal(ScalarValue::TimestampMicrosecond(Some(instant), _), _) => Ok(instant),
            _ => Err(placed(SpecError::new(format!("`{term}` is not an instant that is known")), at)),
        }
    }
}

/// Rows that are changes of a property.
fn is_change(column: &Column) -> Expr {
    ident("property").eq(lit(column.name.clone()))
}

/// Changes of a property, and beginnings of its history.
fn concerns(column: &Column) -> Expr {
    ident("property").is_null().or(is_change(column))
}

fn between(from: i64, to: i64) -> Expr {
    ident("since").gt_eq(microseconds(from)).and(ident("since").lt_eq(microseconds(to)))
}

fn microseconds(instant: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(instant), Some("UTC".into())))
}

fn filtered(figure: Expr, of: Expr) -> Result<Expr, SpecError> {
    figure.filter(of).build().map_err(|error| SpecError::new(error.to_string()))
}

fn named(error: SpecError, column: &Column) -> SpecError {
    SpecError { message: format!("in the values of `{}`: {}", column.name, error.message), ..error }
}

/// A state of a property, taken apart.
pub(super) fn value_of(state: &State) -> Option<(&Column, &Literal)> {
    match state {
        State::Value { column, value } => Some((column, value)),
        State::Member(_) => None,
    }
}
