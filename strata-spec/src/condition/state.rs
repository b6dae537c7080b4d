//! What held of a subject at other times than now: values of its properties, segments and classes.
//!
//! A [`State`] holds for stretches of time. Three things are asked of one: since when it holds ([`Term::Since`]),
//! whether it held at some time ([`Condition::Was`]), and whether it began or ended ([`Condition::Changed`]).

use super::{At, Column, Comparison, Condition, Interval, Literal, Term, Window};
use crate::error::SpecError;
use crate::name::{SegmentName, SegmentationName};

/// Something that holds of a subject for stretches of time.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// A property of the subject has a value: `plan, 'free'`.
    Value {
        /// The property, a column of the subject itself.
        column: Column,
        /// The value, not null.
        value: Literal,
    },
    /// The subject is in a segment or a class.
    Member(Group),
}

/// A segment, or a class of a segmentation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// `'vip'`
    Segment(SegmentName),
    /// `'rfm', 'champions'`
    Class {
        /// The segmentation.
        segmentation: SegmentationName,
        /// One of its classes, or `unassigned`.
        class: String,
    },
}

/// Something that happened at an instant.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A property changed: `changed(plan)`, `changed_from(plan, 'free')`, `changed_to(plan, 'pro')`.
    Value {
        /// The property, a column of the subject itself.
        column: Column,
        /// The value before; any where none is said.
        from: Option<Literal>,
        /// The value after; any where none is said.
        to: Option<Literal>,
    },
    /// `entered('vip')`
    Entered(Group),
    /// `left('vip')`
    Left(Group),
}

/// When something held.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// At some time, the present included.
    Ever,
    /// At an instant: a date (its beginning), a time, or `as_of` less a length of time.
    At(Term),
    /// At some time of a window.
    In(Window),
}

impl Window {
    /// Checks that something can have happened in the window.
    pub(super) fn past(self) -> Result<Window, SpecError> {
        let window = self.checked()?;
        let ahead = match window {
            Window::Next(_) => true,
            Window::Period { offset, .. } | Window::ToDate { offset, .. } => offset > 0,
            Window::Periods { count, .. } => count > 0,
            Window::Last(_) | Window::Ago { .. } => false,
        };
        if ahead {
            return Err(SpecError::new("nothing has happened yet in a window that lies ahead")
                .with_hint("write a window of the past, as `in_last('30 days')`"));
        }
        Ok(window)
    }
}

impl Term {
    /// The parts of `since(plan, 'free') <= as_of - interval '7 days'`, which is written as `has_been(plan, 'free') >=
    /// interval '7 days'`: the state, the comparison and the length of time.
    pub fn duration_beside(
        &self,
        operator: Comparison,
        other: &Term,
    ) -> Option<(&State, Comparison, Interval)> {
        use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
        match self {
            Term::Since { state, .. }
                if matches!(operator, Less | LessOrEqual | Greater | GreaterOrEqual) =>
            {
                let length = other.ago().filter(|length| !length.is_absurd())?;
                Some((state, operator.mirrored(), length))
            }
            _ => None,
        }
    }

    /// Checks that a term is an instant that is the same for every subject.
    pub(super) fn constant_instant(self) -> Result<Term, SpecError> {
        let known = match &self {
            Term::Literal(Literal::Date(_) | Literal::Timestamp(_)) => true,
            other => other.ago().is_some(),
        };
        if known {
            return Ok(self);
        }
        Err(SpecError::new(format!("`{self}` is not an instant of the past")).with_hint(
            "write `date '2026-03-01'` or `as_of - interval '30 days'`; or a window, as `in_last('30 days')`",
        ))
    }
}

impl Condition {
    /// That something changed, at any time or in a window.
    pub(super) fn changed(change: Change, window: Option<Window>, at: At) -> Result<Condition, SpecError> {
        let window = window.map(Window::past).transpose()?;
        Ok(Condition::Changed { change, window, at })
    }

    /// That a state held.
    pub(super) fn was(state: State, when: When, at: At) -> Result<Condition, SpecError> {
        let when = match when {
            When::Ever => When::Ever,
            When::At(term) => When::At(term.constant_instant()?),
            When::In(window) => When::In(window.past()?),
        };
        Ok(Condition::Was { state, when, at })
    }
}
