//! Wake times: the first instant after `as_of` at which time alone can change what a condition says of a subject.
//!
//! No row comes and no property changes; rows leave windows and enter them, days since an order become more, calendar periods
//! end. The wake time of a condition is the earliest of those of all its parts that hang on time, found by expressions over the
//! same figures, and by figures of their own in the same scans: of a row, when its filter's windows let go of it. It may be
//! too early, since not every change of a part changes the whole, and it is never too late. It is null where time changes nothing.
//!
//! Two things are held as they are, though time changes them: scores and places among all subjects, which hang on the others,
//! and what is said of a company's customers.

mod call;
mod compared;
mod course;
mod past;
mod rows;
mod window;

use strata_lake::datafusion::functions::expr_fn as functions;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{CalendarUnit, Comparison, Condition, Group, Term};
use strata_spec::definition::{Classes, Segmentation};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::column_name;
use super::kind::{Typed, timestamp_type};
use super::lower::{Frame, Lowering};

/// Instants of which the earliest counts; none where time changes nothing.
type Wakes = Vec<Expr>;

impl Lowering<'_> {
    /// The wake time of a condition about the subject.
    pub(super) fn wake(&mut self, condition: &Condition) -> Result<Expr, SpecError> {
        let wakes = self.wakes(condition, Frame::Subject)?;
        Ok(earliest(wakes).unwrap_or_else(|| lit(never())))
    }

    fn wakes(&mut self, condition: &Condition, frame: Frame) -> Result<Wakes, SpecError> {
        Ok(match condition {
            Condition::All(of) => self.joined(of, true, frame)?,
            Condition::Any(of) => self.joined(of, false, frame)?,
            Condition::Not(inner) => self.wakes(inner, frame)?,
            Condition::AtLeast { of, .. } => self.all_wakes(of, frame)?,
            Condition::Compare { left, operator, right } => self.compared(left, *operator, right, frame)?,
            Condition::Between { term, low, high, .. } => {
                let mut wakes = self.compared(term, Comparison::GreaterOrEqual, low, frame)?;
                wakes.extend(self.compared(term, Comparison::LessOrEqual, high, frame)?);
                wakes
            }
            Condition::In { term, values, .. } => {
                let mut wakes = Vec::new();
                for value in values {
                    wakes.extend(self.compared(term, Comparison::Equal, value, frame)?);
                }
                wakes
            }
            Condition::Like { term, .. } | Condition::Is(term) => self.changes(term, frame)?,
            // A time that moves, and days that are counted, are there all the time.
            Condition::IsNull { term, .. } => self.course(term, frame)?.steps,
            Condition::InWindow { time, window } => self.window_wakes(time.as_ref(), *window, frame)?,
            Condition::InSegment(name, _) => self.group_wakes(&Group::Segment(name.clone()))?,
            Condition::InClass { segmentation, class, .. } => {
                let (segmentation, class) = (segmentation.clone(), class.clone());
                self.group_wakes(&Group::Class { segmentation, class })?
            }
            Condition::Sequence(sequence) => self.sequence_wakes(sequence)?,
            Condition::Changed { change, window, .. } => self.changed_wakes(condition, change, *window)?,
            Condition::Was { state, when, .. } => self.was_wakes(condition, state, when)?,
        })
    }

    fn all_wakes(&mut self, of: &[Condition], frame: Frame) -> Result<Wakes, SpecError> {
        let mut wakes = Vec::new();
        for condition in of {
            wakes.extend(self.wakes(condition, frame)?);
        }
        Ok(wakes)
    }

    /// Where what stands still decides the whole, nothing else has to be looked at.
    fn joined(&mut self, of: &[Condition], all: bool, frame: Frame) -> Result<Wakes, SpecError> {
        let (mut still, mut wakes) = (Vec::new(), Vec::new());
        for condition in of {
            match self.wakes(condition, frame)? {
                each if each.is_empty() => still.push(condition.clone()),
                each => wakes.extend(each),
            }
        }
        if still.is_empty() || wakes.is_empty() {
            return Ok(wakes);
        }
        let still = self.fold(&still, frame, all)?;
        only_if(if all { still.is_not_false() } else { still.is_not_true() }, wakes)
    }

    /// When the value of a term can become another.
    fn changes(&mut self, term: &Term, frame: Frame) -> Result<Wakes, SpecError> {
        let course = self.course(term, frame)?;
        let mut wakes = course.steps;
        wakes.extend(self.motion_wakes(course.motion));
        Ok(wakes)
    }

    /// The wakes of the conditions by which a subject is in a segment or class.
    fn group_wakes(&mut self, group: &Group) -> Result<Wakes, SpecError> {
        let definitions = self.setting.definitions;
        Ok(match group {
            Group::Segment(name) => match definitions.segments.get(name) {
                Some(segment) => self.wakes(&segment.condition, Frame::Subject)?,
                None => Vec::new(),
            },
            Group::Class { segmentation, .. } => match definitions.segmentations.get(segmentation) {
                Some(segmentation) => self.class_wakes(segmentation)?,
                None => Vec::new(),
            },
        })
    }

    /// When a subject can come into another class. The classes after its own cannot have it before one up to its own lets go.
    fn class_wakes(&mut self, segmentation: &Segmentation) -> Result<Wakes, SpecError> {
        let classes = match &segmentation.classes {
            Classes::By(term) => return self.changes(term, Frame::Subject),
            Classes::Rules(classes) => classes,
        };
        let own = || ident(column_name::segmentation(&segmentation.name));
        let mut before: Vec<Expr> = Vec::with_capacity(classes.len());
        let mut all = Vec::new();
        for class in classes {
            let wakes = self.wakes(&class.condition, Frame::Subject)?;
            match before.is_empty() || wakes.is_empty() {
                true => all.extend(wakes),
                false => all.extend(only_if(own().in_list(before.clone(), true), wakes)?),
            }
            before.push(lit(class.name.clone()));
        }
        Ok(all)
    }

    fn as_of(&self) -> i64 {
        self.setting.as_of.timestamp_micros()
    }

    /// What changes all the time changes at once.
    fn at_once(&self) -> Expr {
        instant(self.as_of() + 1)
    }

    /// The end of the present minute: clocks change, and days begin, at full minutes.
    fn at_next_minute(&self) -> Expr {
        let minute = crate::function::MINUTE;
        instant((self.as_of().div_euclid(minute) + 1) * minute)
    }

    /// The next midnight of the project's time zone.
    fn at_midnight(&self) -> Expr {
        let midnight = crate::function::next_midnight(self.as_of(), self.setting.timezone);
        midnight.map_or_else(|| self.at_once(), instant)
    }

    fn zone(&self) -> Expr {
        lit(self.setting.timezone.name())
    }
}

/// The earliest of several instants, some of which may be null.
fn earliest(mut wakes: Wakes) -> Option<Expr> {
    match wakes.len() {
        0 => None,
        1 => wakes.pop(),
        _ => Some(functions::least(wakes)),
    }
}

fn only_if(condition: Expr, wakes: Wakes) -> Result<Wakes, SpecError> {
    let Some(earliest) = earliest(wakes) else { return Ok(Vec::new()) };
    let guarded = when(condition, earliest).end().map_err(|error| SpecError::new(error.to_string()))?;
    Ok(vec![guarded])
}

fn instant(microseconds: i64) -> Expr {
    lit(strata_lake::datafusion::common::ScalarValue::TimestampMicrosecond(
        Some(microseconds),
        Some("UTC".into()),
    ))
}

fn never() -> strata_lake::datafusion::common::ScalarValue {
    strata_lake::datafusion::common::ScalarValue::TimestampMicrosecond(None, Some("UTC".into()))
}

/// An instant as the functions of wake times take it.
fn as_time(typed: Typed) -> Expr {
    match typed.kind {
        Some(Kind::Timestamp) => typed.expr,
        _ => strata_lake::datafusion::logical_expr::cast(typed.expr, timestamp_type()),
    }
}

/// A unit of the calendar as the functions of wake times take it.
fn unit(unit: CalendarUnit) -> Expr {
    lit(unit.as_str())
}
