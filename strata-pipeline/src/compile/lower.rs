//! Lowers words to the engine's expressions: the one place that says what a [`Term`] or [`Condition`] means.
//!
//! Kinds are checked on the way, so that comparing a text with a number is an error in the definition and not a
//! surprise in the data. Every aggregate met on the way is registered once, by the hash of its text, and stands for
//! a column of its table's scan.

use std::collections::{BTreeMap, BTreeSet};

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::functions::expr_fn as functions;
use strata_lake::datafusion::logical_expr::{self as expr, Expr, Operator, binary_expr, cast, lit, when};
use strata_spec::condition::{
    Aggregate, AggregateFunction, At, Comparison, Condition, Function, Group, Literal, Node, PatternKind,
    Term, Window,
};
use strata_spec::error::SpecError;
use strata_spec::table::{Kind, Table};

use super::history::HistoryFigures;
use super::kind::{Typed, article, common_kind, constant, hint_for_kinds, instant, placed};
use super::plan::Figures;
use super::rank::Places;
use super::{Setting, call, column_name, figure, window};
use crate::function as own;

/// What a bare name is a column of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// The subject.
    Subject,
    /// The rows of an aggregate's table.
    Rows(Table),
}

/// Lowers definitions at one instant, and collects what they need of each table.
pub(super) struct Lowering<'a> {
    pub setting: &'a Setting<'a>,
    /// The kinds of traits and scores known so far.
    pub known: BTreeMap<String, Kind>,
    /// What each table's scan has to compute.
    pub figures: BTreeMap<Table, Figures>,
    /// Columns of the subject's company that the subject's own conditions speak of.
    pub company_columns: BTreeSet<String>,
    /// The subject's own columns that definitions speak of.
    pub own_columns: BTreeSet<String>,
    /// Whether conditions are being lowered, whose figures the profile has to carry to later stages.
    pub carrying: bool,
    /// Whether those conditions say who has a score.
    pub scoring: bool,
    /// The figures to be carried.
    pub carried: BTreeSet<String>,
    /// The definition that is being lowered, by kind and name.
    pub user: Option<User>,
    /// The definitions that use each figure.
    pub users: BTreeMap<String, BTreeSet<User>>,
    /// What is asked of earlier values of properties.
    pub history: HistoryFigures,
    /// What is computed of figures before the traits are.
    pub derived: BTreeMap<String, Expr>,
    /// Places among all subjects that the definitions at hand ask for.
    pub places: Places,
    /// Segments and classes whose earlier members are asked for.
    pub groups: BTreeMap<String, Group>,
    /// The kinds of the traits of customers, once a company's definition has asked for one.
    pub customer_traits: Option<BTreeMap<String, Kind>>,
}

/// A definition that uses a figure: its kind (`trait`, `segment`) and its name.
pub(crate) type User = (&'static str, String);

impl<'a> Lowering<'a> {
    pub(super) fn new(setting: &'a Setting<'a>) -> Lowering<'a> {
        Lowering {
            setting,
            known: BTreeMap::new(),
            figures: BTreeMap::new(),
            company_columns: BTreeSet::new(),
            own_columns: BTreeSet::new(),
            carrying: false,
            scoring: false,
            carried: BTreeSet::new(),
            user: None,
            users: BTreeMap::new(),
            history: HistoryFigures::default(),
            derived: BTreeMap::new(),
            places: Places::new(),
            groups: BTreeMap::new(),
            customer_traits: None,
        }
    }

    /// A column that is computed of figures once all of them are there; conditions have the profile carry it.
    pub(super) fn derived(&mut self, name: String, expr: Expr) -> Expr {
        if self.carrying {
            self.carried.insert(name.clone());
        }
        let column = strata_lake::datafusion::prelude::ident(&name);
        self.derived.insert(name, expr);
        column
    }

    pub(super) fn condition(&mut self, condition: &Condition, frame: Frame) -> Result<Expr, SpecError> {
        self.condition_here(condition, frame).map_err(|error| match condition {
            // Of several conditions, the first need not be the one that is wrong.
            Condition::All(_) | Condition::Any(_) | Condition::AtLeast { .. } => error,
            _ => placed(error, Node::Condition(condition).place()),
        })
    }

    fn condition_here(&mut self, condition: &Condition, frame: Frame) -> Result<Expr, SpecError> {
        Ok(match condition {
            Condition::All(of) => self.fold(of, frame, true)?,
            Condition::Any(of) => self.fold(of, frame, false)?,
            Condition::Not(inner) => expr::not(self.condition(inner, frame)?),
            Condition::AtLeast { count, of } => self.at_least(*count, of, frame)?,
            Condition::Compare { left, operator, right } => self.compare(left, *operator, right, frame)?,
            Condition::Between { term, low, high, negated } => {
                let from = self.compare(term, Comparison::GreaterOrEqual, low, frame)?;
                let to = self.compare(term, Comparison::LessOrEqual, high, frame)?;
                negate(from.and(to), *negated)
            }
            Condition::In { term, values, negated } => self.in_list(term, values, *negated, frame)?,
            Condition::Like { term, pattern, negated } => {
                let text = self.text(term, frame, "a pattern")?;
                let (text, pattern_text) = match (pattern.ignore_case, pattern.kind) {
                    (true, PatternKind::StartsWith | PatternKind::EndsWith | PatternKind::Contains) => {
                        (functions::lower(text), pattern.text.to_lowercase())
                    }
                    _ => (text, pattern.text.clone()),
                };
                let matched = match pattern.kind {
                    PatternKind::Like if pattern.ignore_case => text.ilike(lit(pattern_text)),
                    PatternKind::Like => text.like(lit(pattern_text)),
                    PatternKind::Regex => {
                        // `u` changes nothing. Without a flag, or with `i` alone, the engine makes `like` of simple expressions, in
                        // which a backslash means something else, and of `.*` a test that is never unknown.
                        let flags = if pattern.ignore_case { "iu" } else { "u" };
                        functions::regexp_like(text, lit(pattern_text), Some(lit(flags)))
                    }
                    PatternKind::StartsWith => functions::starts_with(text, lit(pattern_text)),
                    PatternKind::EndsWith => functions::ends_with(text, lit(pattern_text)),
                    PatternKind::Contains => functions::contains(text, lit(pattern_text)),
                };
                negate(matched, *negated)
            }
            Condition::IsNull { term, negated } => {
                let term = self.term(term, frame)?.expr;
                if *negated { term.is_not_null() } else { term.is_null() }
            }
            Condition::InWindow { time, window } => self.in_window(time.as_ref(), *window, frame)?,
            Condition::InSegment(segment, at) => self.member(column_name::segment(segment), *at, frame)?,
            Condition::InClass { segmentation, class, at } => {
                self.member(column_name::segmentation(segmentation), *at, frame)?.eq(lit(class.clone()))
            }
            Condition::Sequence(sequence) => self.sequence(sequence, frame)?,
            Condition::Changed { change, window, at } => {
                self.changed(condition, change, *window, *at, frame)?
            }
            Condition::Was { state, when, at } => self.was(condition, state, when, *at, frame)?,
            Condition::Is(term) => {
                let typed = self.term(term, frame)?;
                match typed.kind {
                    Some(Kind::Boolean) => typed.expr,
                    None => lit(ScalarValue::Boolean(None)),
                    Some(kind) => {
                        return Err(SpecError::new(format!(
                            "`{term}` is {}, not a condition",
                            article(kind)
                        ))
                        .with_hint("compare it with something"));
                    }
                }
            }
        })
    }

    pub(super) fn term(&mut self, term: &Term, frame: Frame) -> Result<Typed, SpecError> {
        self.term_here(term, frame).map_err(|error| placed(error, Node::Term(term).place()))
    }

    fn term_here(&mut self, term: &Term, frame: Frame) -> Result<Typed, SpecError> {
        Ok(match term {
            Term::Column(column) => self.column(column, frame)?,
            // Where it moves a time, arithmetic takes it.
            Term::Literal(Literal::Interval(_)) => {
                return Err(SpecError::new(format!("`{term}` is a length of time, not a value")).with_hint(
                    "add it to a time, as `created_at > as_of - interval '30 days'`; or count days: `days_since(created_at) < 30`",
                ));
            }
            Term::Literal(literal) => constant(literal),
            Term::AsOf => Typed::new(instant(self.setting.as_of), Kind::Timestamp),
            Term::Aggregate(aggregate) => self.aggregate(aggregate, frame)?,
            Term::Arithmetic { left, operator, right } => self.arithmetic(left, *operator, right, frame)?,
            Term::Call { function: function @ (Function::Consent | Function::Reachable), arguments, at } => {
                self.channel(*function, arguments, *at, frame)?
            }
            Term::Call { function, arguments, at } => {
                let arguments = arguments
                    .iter()
                    .map(|argument| self.term(argument, frame))
                    .collect::<Result<Vec<_>, _>>()?;
                call::lower(self, *function, arguments, *at)?
            }
            Term::Case { branches, otherwise } => self.case(branches, otherwise.as_deref(), frame)?,
            Term::Since { state, at } => self.since(term, state, *at, frame)?,
            Term::Rank { ranking, by, among, at } => {
                self.rank(term, (*ranking, by, among.as_deref(), *at), frame)?
            }
            Term::Truth(condition) => Typed::new(self.condition(condition, frame)?, Kind::Boolean),
        })
    }

    pub(super) fn fold(&mut self, of: &[Condition], frame: Frame, all: bool) -> Result<Expr, SpecError> {
        let mut folded = None;
        for condition in of {
            let next = self.condition(condition, frame)?;
            folded = Some(match folded {
                None => next,
                Some(before) if all => expr::and(before, next),
                Some(before) => expr::or(before, next),
            });
        }
        Ok(folded.unwrap_or_else(|| lit(all)))
    }

    /// True when `count` are true, false when so many can no longer become true, else unknown.
    fn at_least(&mut self, count: u32, of: &[Condition], frame: Frame) -> Result<Expr, SpecError> {
        let (mut certain, mut possible) = (lit(0_i64), lit(0_i64));
        let one_if = |holds: Expr| cast(holds, DataType::Int64);
        for condition in of {
            let holds = self.condition(condition, frame)?;
            certain = certain + one_if(holds.clone().is_true());
            possible = possible + one_if(holds.is_not_false());
        }
        let needed = lit(i64::from(count));
        when(certain.gt_eq(needed.clone()), lit(true))
            .when(possible.lt(needed), lit(false))
            .otherwise(lit(ScalarValue::Boolean(None)))
            .map_err(|error| SpecError::new(error.to_string()))
    }

    fn compare(
        &mut self,
        left: &Term,
        by: Comparison,
        right: &Term,
        frame: Frame,
    ) -> Result<Expr, SpecError> {
        let (left_side, right_side) = (self.term(left, frame)?, self.term(right, frame)?);
        let alike = self.alike(left_side, right_side);
        let (left_side, right_side) = alike.map_err(|error| between(left, right, error))?;
        let operator = match by {
            Comparison::Equal => Operator::Eq,
            Comparison::NotEqual => Operator::NotEq,
            Comparison::Less => Operator::Lt,
            Comparison::LessOrEqual => Operator::LtEq,
            Comparison::Greater => Operator::Gt,
            Comparison::GreaterOrEqual => Operator::GtEq,
            Comparison::DistinctFrom => Operator::IsDistinctFrom,
            Comparison::NotDistinctFrom => Operator::IsNotDistinctFrom,
        };
        Ok(binary_expr(left_side.expr, operator, right_side.expr))
    }

    fn in_list(
        &mut self,
        term: &Term,
        values: &[Term],
        negated: bool,
        frame: Frame,
    ) -> Result<Expr, SpecError> {
        let mut sought = self.term(term, frame)?;
        let mut listed = values.iter().map(|value| self.term(value, frame)).collect::<Result<Vec<_>, _>>()?;
        // Among instants a day is its beginning, and among times a text is one.
        let times = [Kind::Timestamp, Kind::Date];
        let time = times.iter().find_map(|kind| listed.iter().find(|value| value.kind == Some(*kind)));
        if let Some(time) = time.filter(|_| matches!(sought.kind, Some(Kind::Text | Kind::Date))) {
            sought = self.alike(sought, time.clone()).map_err(|error| between(term, &values[0], error))?.0;
        }
        for (value, of) in listed.iter_mut().zip(values) {
            let alike = self.alike(sought.clone(), value.clone());
            *value = alike.map_err(|error| between(term, of, error))?.1;
        }
        Ok(sought.expr.in_list(listed.into_iter().map(|value| value.expr).collect(), negated))
    }

    /// Two sides of one kind: a text constant beside a time becomes that time, a date beside an instant becomes the
    /// beginning of that day.
    pub(super) fn alike(&self, left: Typed, right: Typed) -> Result<(Typed, Typed), SpecError> {
        use Kind::{Date, Integer, Json, Number, Text, Timestamp};
        let (Some(left_kind), Some(right_kind)) = (left.kind, right.kind) else { return Ok((left, right)) };
        match (left_kind, right_kind) {
            (a, b) if a == b => Ok((left, right)),
            (Text | Json, Text | Json) => Ok((left, right)),
            (Integer | Number, Integer | Number) => Ok((left, right)),
            (Text, Date | Timestamp) => Ok((self.read_time(left, right_kind)?, right)),
            (Date | Timestamp, Text) => {
                let right = self.read_time(right, left_kind)?;
                Ok((left, right))
            }
            (Date, Timestamp) => Ok((self.as_instant(left), right)),
            (Timestamp, Date) => {
                let right = self.as_instant(right);
                Ok((left, right))
            }
            (a, b) => {
                let error = SpecError::new(format!("{} cannot be compared with {}", article(a), article(b)));
                Err(error.with_hint(hint_for_kinds(a, b)))
            }
        }
    }

    fn read_time(&self, typed: Typed, kind: Kind) -> Result<Typed, SpecError> {
        let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = &typed.expr else {
            return Err(SpecError::new(format!("a text cannot be compared with {}", article(kind)))
                .with_hint(hint_for_kinds(Kind::Text, kind)));
        };
        let date = text.parse::<chrono::NaiveDate>().ok();
        let time = text.parse::<chrono::DateTime<chrono::Utc>>().ok();
        match (kind, date, time) {
            (Kind::Date, Some(date), _) => Ok(constant(&Literal::Date(date))),
            (Kind::Timestamp, Some(date), _) => Ok(self.as_instant(constant(&Literal::Date(date)))),
            (Kind::Timestamp, _, Some(time)) => Ok(constant(&Literal::Timestamp(time))),
            _ => Err(SpecError::new(format!("`{text}` is not {}", article(kind)))
                .with_hint("write dates as '2026-03-31' and times as '2026-03-31T14:00:00Z'")),
        }
    }

    pub(super) fn as_instant(&self, typed: Typed) -> Typed {
        if typed.kind != Some(Kind::Date) {
            return typed;
        }
        if let Expr::Literal(ScalarValue::Date32(Some(days)), _) = &typed.expr
            && let Some(date) = strata_lake::arrow::datatypes::Date32Type::to_naive_date_opt(*days)
        {
            return Typed::new(
                instant(crate::function::midnight(date, self.setting.timezone)),
                Kind::Timestamp,
            );
        }
        let zone = lit(self.setting.timezone.name());
        Typed::new(crate::function::local_midnight().call(vec![typed.expr, zone]), Kind::Timestamp)
    }

    fn text(&mut self, term: &Term, frame: Frame, wanted_for: &str) -> Result<Expr, SpecError> {
        let typed = self.term(term, frame)?;
        match typed.kind {
            Some(Kind::Text | Kind::Json) | None => Ok(typed.expr),
            Some(kind) => {
                Err(SpecError::new(format!("`{term}` is {}; {wanted_for} needs a text", article(kind)))
                    .with_hint("numbers and times are compared by `=`, `<` or `between`"))
            }
        }
    }

    fn in_window(&mut self, time: Option<&Term>, of: Window, frame: Frame) -> Result<Expr, SpecError> {
        let time = match (time, frame) {
            (Some(time), _) => self.term(time, frame)?,
            (None, Frame::Rows(table)) => {
                Typed::new(strata_lake::datafusion::prelude::ident(table.time_column()), Kind::Timestamp)
            }
            (None, Frame::Subject) => {
                return Err(SpecError::new("a window outside an aggregate's filter must name a time")
                    .with_hint("as in_last(created_at, '30 days')"));
            }
        };
        let stretch = window::stretch(of, self.setting.as_of, self.setting.calendar()).ok_or_else(|| {
            SpecError::new("the window is longer than the calendar").with_hint("shorten it")
        })?;
        let (from, to) = match time.kind {
            Some(Kind::Timestamp) | None => (instant(stretch.from), instant(stretch.to)),
            Some(Kind::Date) => {
                let day = |at: chrono::DateTime<chrono::Utc>| {
                    constant(&Literal::Date(at.with_timezone(&self.setting.timezone).date_naive())).expr
                };
                (day(stretch.from), day(stretch.to))
            }
            Some(kind) => {
                return Err(SpecError::new(format!("a window needs a time, not {}", article(kind)))
                    .with_hint(hint_for_kinds(kind, Kind::Timestamp)));
            }
        };
        let after = match stretch.from_included {
            true => time.expr.clone().gt_eq(from),
            false => time.expr.clone().gt(from),
        };
        let before = match stretch.to_included {
            true => time.expr.lt_eq(to),
            false => time.expr.lt(to),
        };
        Ok(after.and(before))
    }

    fn member(&self, column: String, at: At, frame: Frame) -> Result<Expr, SpecError> {
        match frame {
            Frame::Subject => Ok(strata_lake::datafusion::prelude::ident(column)),
            Frame::Rows(_) => Err(placed(
                SpecError::new("membership cannot be asked for inside an aggregate")
                    .with_hint("move it outside: the aggregate's rows all belong to the subject"),
                at,
            )),
        }
    }

    pub(super) fn aggregate(&mut self, aggregate: &Aggregate, frame: Frame) -> Result<Typed, SpecError> {
        if frame != Frame::Subject {
            return Err(placed(
                SpecError::new("an aggregate inside an aggregate has no meaning"),
                aggregate.at,
            ));
        }
        if aggregate.function == AggregateFunction::Avg {
            return self.mean(aggregate, frame);
        }
        let rows = Frame::Rows(aggregate.table);
        let arguments = aggregate
            .arguments
            .iter()
            .map(|argument| self.term(argument, rows))
            .collect::<Result<Vec<_>, _>>()?;
        let filter = aggregate.filter.as_ref().map(|filter| self.condition(filter, rows)).transpose()?;
        let (figure, kind) = figure::lower(self.setting, aggregate, arguments, filter)?;
        let name = column_name::aggregate(aggregate);
        let figures = self.figures.entry(aggregate.table).or_default();
        if figures.aggregates.insert(name.clone(), figure).is_none() {
            let term = Term::Aggregate(Box::new(aggregate.clone()));
            figures.texts.insert(name.clone(), term.text(self.setting.subject));
            figures.kinds.insert(name.clone(), kind);
        }
        if let Some(user) = &self.user {
            self.users.entry(name.clone()).or_default().insert(user.clone());
        }
        if self.carrying {
            self.carried.insert(name.clone());
        }
        let column = strata_lake::datafusion::prelude::ident(name);
        let expr = match aggregate.function {
            AggregateFunction::Count
            | AggregateFunction::ActiveDays
            | AggregateFunction::ActivePeriods
            | AggregateFunction::Sum => own::or_zero().call(vec![column]),
            AggregateFunction::Every => figure::truth_of_all(column)?,
            _ => column,
        };
        Ok(Typed::new(expr, kind))
    }

    fn case(
        &mut self,
        branches: &[(Condition, Term)],
        otherwise: Option<&Term>,
        frame: Frame,
    ) -> Result<Typed, SpecError> {
        let mut lowered = Vec::with_capacity(branches.len());
        for (condition, value) in branches {
            lowered.push((Box::new(self.condition(condition, frame)?), self.term(value, frame)?));
        }
        let otherwise = otherwise.map(|term| self.term(term, frame)).transpose()?;
        let values = lowered.iter().map(|(_, value)| value).chain(&otherwise);
        let kind = common_kind(values)?;
        Ok(Typed {
            expr: Expr::Case(expr::Case::new(
                None,
                lowered.into_iter().map(|(condition, value)| (condition, Box::new(value.expr))).collect(),
                otherwise.map(|value| Box::new(value.expr)),
            )),
            kind,
        })
    }
}

/// Says which two values do not go together.
fn between(left: &Term, right: &Term, error: SpecError) -> SpecError {
    SpecError { message: format!("in `{left}` and `{right}`: {}", error.message), ..error }
}

fn negate(condition: Expr, negated: bool) -> Expr {
    if negated { expr::not(condition) } else { condition }
}
