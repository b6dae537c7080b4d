//! How the value of a term goes on while nothing but time passes.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_spec::condition::{Arithmetic, Column, Comparison, Interval, Literal, Scope, State, Term};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::super::kind::Typed;
use super::super::lower::{Frame, Lowering};
use super::{Wakes, as_time};
use crate::function::{self as own, Turn};

/// A term's course: when it can become another value by a step, and how it moves between steps.
pub(super) struct Course {
    pub(super) steps: Wakes,
    pub(super) motion: Motion,
}

/// How a value moves.
pub(super) enum Motion {
    /// Not at all.
    Still,
    /// It is one of these times.
    Times(Times),
    /// It is one of these counts of whole days or years, or a number beside them that stands still.
    Counts(Vec<Count>),
    /// In a way that nothing is known of.
    Any,
}

/// Times of which a value is one: some stand still, others are `as_of` moved by a length of time.
#[derive(Clone, Default)]
pub(super) struct Times {
    pub(super) still: Vec<Expr>,
    pub(super) moving: Vec<Interval>,
}

/// Something that counts.
pub(super) enum Count {
    /// Whole days from a time to `as_of`, moved by so many seconds.
    Days(Expr, i64),
    /// The same the other way.
    DaysLeft(Expr, i64),
    /// Completed years since a day.
    Years(Expr),
    /// Days to the next anniversary of a day.
    ToAnniversary(Expr),
}

impl Course {
    pub(super) const STILL: Course = Course { steps: Vec::new(), motion: Motion::Still };

    pub(super) fn steps(steps: Wakes) -> Course {
        Course { steps, motion: Motion::Still }
    }
}

impl Times {
    pub(super) fn moving(by: Interval) -> Times {
        Times { still: Vec::new(), moving: vec![by] }
    }

    pub(super) fn with(mut self, other: Times) -> Times {
        self.still.extend(other.still);
        self.moving.extend(other.moving);
        self
    }

    pub(super) fn with_still(mut self, still: Expr) -> Times {
        self.still.push(still);
        self
    }
}

impl<'a> Lowering<'a> {
    pub(super) fn course(&mut self, term: &Term, frame: Frame) -> Result<Course, SpecError> {
        Ok(match term {
            Term::Literal(_) | Term::Rank { .. } => Course::STILL,
            Term::Column(column) => self.column_course(column, frame)?,
            Term::AsOf => {
                Course { steps: Vec::new(), motion: Motion::Times(Times::moving(Interval::default())) }
            }
            Term::Aggregate(aggregate) => Course::steps(self.figure_wakes(aggregate)?),
            Term::Arithmetic { left, operator, right } => {
                self.arithmetic_course(left, *operator, right, frame)?
            }
            Term::Call { function, arguments, .. } => self.call_course(*function, arguments, frame)?,
            Term::Case { branches, otherwise } => {
                let mut steps = Vec::new();
                for (condition, _) in branches {
                    steps.extend(self.wakes(condition, frame)?);
                }
                let values = branches.iter().map(|(_, value)| value).chain(otherwise.as_deref());
                let mut course = self.one_of(values, frame)?;
                course.steps.extend(steps);
                course
            }
            Term::Since { state, .. } => match state {
                State::Member(group) => self.member_since_course(term, group)?,
                State::Value { .. } => {
                    let since = self.term(term, frame)?;
                    // Where it has begun just now, as far as is known, it begins anew all the time.
                    let times = Times::moving(Interval::default()).with_still(since.expr);
                    Course { steps: Vec::new(), motion: Motion::Times(times) }
                }
            },
            Term::Truth(condition) => Course::steps(self.wakes(condition, frame)?),
        })
    }

    /// A trait goes on as what it is computed of. Scores, and traits of a company's customers, are held as they are.
    fn column_course(&mut self, column: &Column, frame: Frame) -> Result<Course, SpecError> {
        match self.own_trait(column, frame) {
            Some(value) => self.course(value, Frame::Subject),
            None => Ok(Course::STILL),
        }
    }

    /// What a trait of the subject is computed of.
    pub(super) fn own_trait(&self, column: &Column, frame: Frame) -> Option<&'a Term> {
        let is_own = self.setting.kind_of(self.setting.subject.table(), &column.name).is_some();
        if (column.scope, frame) != (Scope::Subject, Frame::Subject) || is_own {
            return None;
        }
        self.setting.definitions.traits.get(column.name.as_str()).map(|definition| &definition.value)
    }

    fn arithmetic_course(
        &mut self,
        left: &Term,
        by: Arithmetic,
        right: &Term,
        frame: Frame,
    ) -> Result<Course, SpecError> {
        let Term::Literal(Literal::Interval(length)) = right else {
            let mut wakes = self.changes(left, frame)?;
            wakes.extend(self.changes(right, frame)?);
            return Ok(Course::steps(wakes));
        };
        let signed = if by == Arithmetic::Subtract { negative(*length) } else { *length };
        if *left == Term::AsOf {
            return Ok(Course { steps: Vec::new(), motion: Motion::Times(Times::moving(signed)) });
        }
        let course = self.course(left, frame)?;
        Ok(match course.motion {
            Motion::Still => course,
            _ => Course { motion: Motion::Any, ..course },
        })
    }

    /// The course of a value that is one of several, one at a time, by an order among them or whatever is there.
    pub(super) fn one_of<'t>(
        &mut self,
        terms: impl Iterator<Item = &'t Term>,
        frame: Frame,
    ) -> Result<Course, SpecError> {
        let mut steps = Vec::new();
        let mut times = Times::default();
        let mut counts = Vec::new();
        let mut is_any = false;
        for term in terms {
            let course = self.course(term, frame)?;
            steps.extend(course.steps);
            match course.motion {
                Motion::Still => {
                    let typed = self.term(term, frame)?;
                    if matches!(typed.kind, Some(Kind::Timestamp | Kind::Date)) {
                        let instant = self.as_instant(typed);
                        times.still.push(instant.expr);
                    }
                }
                Motion::Times(other) => times = times.with(other),
                Motion::Any => is_any = true,
                Motion::Counts(other) => counts.extend(other),
            }
        }
        let motion = match () {
            () if is_any => Motion::Any,
            () if !times.moving.is_empty() => Motion::Times(times),
            () if !counts.is_empty() => Motion::Counts(counts),
            () => Motion::Still,
        };
        Ok(Course { steps, motion })
    }

    /// When the order of any two of these times changes. `by` says how the one that stands still is held against the one that
    /// moves, where there is one of each and that is all that is asked.
    pub(super) fn passes(&self, times: &Times, by: Option<Comparison>) -> Wakes {
        let turn = match by {
            _ if times.still.len() + times.moving.len() > 2 => Turn::Either,
            Some(Comparison::Less | Comparison::GreaterOrEqual) => Turn::Passed,
            Some(Comparison::LessOrEqual | Comparison::Greater) => Turn::Reached,
            _ => Turn::Either,
        };
        let pairs = times.still.iter().flat_map(|time| times.moving.iter().map(move |by| (time, *by)));
        let mut wakes: Wakes = pairs.map(|(time, by)| self.pass(time.clone(), turn, by)).collect();
        let near = |one: &Interval, other: &Interval| !keep_their_order(*one, *other);
        let some_are_near = (1..times.moving.len())
            .any(|at| times.moving[..at].iter().any(|other| near(&times.moving[at], other)));
        if some_are_near {
            wakes.push(self.at_next_minute());
        }
        wakes
    }

    /// When `as_of`, moved by a length, reaches or passes a time.
    pub(super) fn pass(&self, time: Expr, turn: Turn, by: Interval) -> Expr {
        let time = as_time(Typed { expr: time, kind: None });
        let mut arguments = vec![time, lit(turn.as_str())];
        arguments.extend(self.moving(by));
        own::wake_time().call(arguments)
    }

    /// `as_of` and a length, as the functions of wake times take them.
    pub(super) fn moving(&self, by: Interval) -> Vec<Expr> {
        let (months, days) = (lit(i64::from(by.months)), lit(i64::from(by.days)));
        vec![lit(self.as_of()), months, days, lit(by.seconds), self.zone()]
    }

    /// When something that moves between steps can be another value.
    pub(super) fn motion_wakes(&self, motion: Motion) -> Wakes {
        match motion {
            Motion::Still => Vec::new(),
            Motion::Times(_) | Motion::Any => vec![self.at_once()],
            Motion::Counts(counts) => counts.iter().map(|count| self.count_wake(count, None)).collect(),
        }
    }

    /// When how a count is held against a number can be answered otherwise; or, without one, when it becomes another.
    pub(super) fn count_wake(&self, count: &Count, number: Option<(Typed, Comparison)>) -> Expr {
        let turn = match number {
            Some((_, Comparison::GreaterOrEqual | Comparison::Less)) => Turn::Reached,
            Some((_, Comparison::Greater | Comparison::LessOrEqual)) => Turn::Passed,
            _ => Turn::Either,
        };
        let number = match number {
            Some((number, _)) => cast(number.expr, DataType::Float64),
            None => lit(ScalarValue::Float64(None)),
        };
        let turn = lit(turn.as_str());
        let as_of = lit(self.as_of());
        match count {
            Count::Days(from, seconds) => {
                own::wake_count().call(vec![from.clone(), as_of, lit(*seconds), lit(false), number, turn])
            }
            Count::DaysLeft(from, seconds) => {
                own::wake_count().call(vec![from.clone(), as_of, lit(*seconds), lit(true), number, turn])
            }
            Count::Years(day) => own::wake_years().call(vec![day.clone(), as_of, self.zone(), number]),
            Count::ToAnniversary(day) => {
                own::wake_anniversary().call(vec![day.clone(), as_of, self.zone(), number])
            }
        }
    }
}

pub(super) fn negative(length: Interval) -> Interval {
    Interval { months: -length.months, days: -length.days, seconds: -length.seconds }
}

/// Whether `as_of` moved by the one length always stands in the same order to `as_of` moved by the other, however long the
/// months and days are.
pub(super) fn keep_their_order(one: Interval, other: Interval) -> bool {
    if one == other || (one.months, one.days) == (other.months, other.days) {
        return true;
    }
    let months = i64::from(one.months) - i64::from(other.months);
    let days = i64::from(one.days) - i64::from(other.days);
    let rest = (one.seconds - other.seconds) as f64 / 86_400.0;
    let [low, high] = [28, 31].map(|days_of_month| (months * days_of_month + days) as f64 + rest);
    // A zone may skip a day.
    low.min(high) > 2.0 || low.max(high) < -2.0
}
