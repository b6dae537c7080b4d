//! Lowers what is asked of earlier memberships: `entered('vip')`, `left('vip')`, `was_in('vip')`, `member_since('vip')`.
//!
//! The stretches of time in which a subject was in a segment or class are gathered from the table `membership` as the last run
//! left it, and joined to subjects before they are divided; whether the subject is in it now, an earlier level has decided.

use strata_lake::datafusion::logical_expr::{Expr, ScalarUDF, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{At, Change, Condition, Group, State, Term, When, Window};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::column_name;
use super::history::value_of;
use super::kind::{Typed, placed};
use super::lower::{Frame, Lowering};
use crate::function as own;

impl Lowering<'_> {
    pub(super) fn changed(
        &mut self,
        condition: &Condition,
        change: &Change,
        window: Option<Window>,
        at: At,
        frame: Frame,
    ) -> Result<Expr, SpecError> {
        outside(frame, at)?;
        match change {
            Change::Value { column, from, to } => {
                self.changed_value(condition, (column, from.as_ref(), to.as_ref()), window, at)
            }
            Change::Entered(group) => self.happened(own::began_within(), group, window, at),
            Change::Left(group) => self.happened(own::ended_within(), group, window, at),
        }
    }

    pub(super) fn was(
        &mut self,
        condition: &Condition,
        state: &State,
        when: &When,
        at: At,
        frame: Frame,
    ) -> Result<Expr, SpecError> {
        outside(frame, at)?;
        let group = match state {
            State::Member(group) => group,
            State::Value { column, value } => return self.was_value(condition, (column, value), when, at),
        };
        let (from, to) = match when {
            When::Ever => ALWAYS,
            When::At(term) => {
                let as_of = self.setting.as_of.timestamp_micros();
                let instant = self.constant_instant(term, at)?.min(as_of);
                (instant, instant)
            }
            When::In(window) => self.edges(*window, at)?,
        };
        self.asked(own::held_within(), group, &[from, to], at)
    }

    pub(super) fn since(
        &mut self,
        term: &Term,
        state: &State,
        at: At,
        frame: Frame,
    ) -> Result<Typed, SpecError> {
        outside(frame, at)?;
        match (state, value_of(state)) {
            (State::Member(group), _) => {
                Ok(Typed::new(self.asked(own::held_since(), group, &[], at)?, Kind::Timestamp))
            }
            (_, Some(value)) => self.since_value(term, value, at),
            (_, None) => Err(placed(SpecError::new("nothing is asked for"), at)),
        }
    }

    fn happened(
        &mut self,
        question: ScalarUDF,
        group: &Group,
        window: Option<Window>,
        at: At,
    ) -> Result<Expr, SpecError> {
        let (from, to) = window.map_or(Ok(ALWAYS), |window| self.edges(window, at))?;
        self.asked(question, group, &[from, to], at)
    }

    /// A question to the stretches of a group.
    fn asked(
        &mut self,
        question: ScalarUDF,
        group: &Group,
        edges: &[i64],
        at: At,
    ) -> Result<Expr, SpecError> {
        if !self.carrying || self.scoring {
            let error = SpecError::new("memberships are not known here");
            let hint =
                "they are computed from traits and scores; ask for them in a segment or a segmentation";
            return Err(placed(error.with_hint(hint), at));
        }
        let now = match group {
            Group::Segment(name) => ident(column_name::segment(name)),
            Group::Class { segmentation, class } => {
                ident(column_name::segmentation(segmentation)).eq(lit(class.clone()))
            }
        };
        let name = column_name::stretches(group);
        self.groups.insert(name.clone(), group.clone());
        let as_of = self.setting.as_of.timestamp_micros();
        let mut arguments = vec![ident(name), now, lit(as_of)];
        arguments.extend(edges.iter().map(|edge| lit(*edge)));
        Ok(question.call(arguments))
    }
}

/// From the first microsecond to the last.
const ALWAYS: (i64, i64) = (i64::MIN, i64::MAX);

fn outside(frame: Frame, at: At) -> Result<(), SpecError> {
    match frame {
        Frame::Subject => Ok(()),
        Frame::Rows(_) => Err(placed(
            SpecError::new("the past of the subject cannot be asked for inside an aggregate")
                .with_hint("move it outside: the aggregate's rows all belong to the subject"),
            at,
        )),
    }
}
