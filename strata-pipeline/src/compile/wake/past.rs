//! Wake times of what is asked of earlier values and memberships.

use strata_lake::datafusion::functions_aggregate::expr_fn as aggregates;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{
    Arithmetic, At, Change, Column, Condition, Group, Interval, Literal, State, Term, When, Window,
};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::super::column_name;
use super::super::history::HistoryFigure;
use super::super::kind::Typed;
use super::super::lower::{Frame, Lowering};
use super::course::{Course, Motion, Times, negative};
use super::{Wakes, earliest, instant};
use crate::function::{self as own, Turn};

impl Lowering<'_> {
    pub(super) fn changed_wakes(
        &mut self,
        condition: &Condition,
        change: &Change,
        window: Option<Window>,
    ) -> Result<Wakes, SpecError> {
        let edges = match window {
            Some(window) => self.sweeps(window),
            None => Vec::new(),
        };
        match change {
            Change::Value { column, .. } => self.history_wakes(&condition.to_string(), column, edges),
            Change::Entered(group) | Change::Left(group) => self.stretches_wakes(group, edges),
        }
    }

    pub(super) fn was_wakes(
        &mut self,
        condition: &Condition,
        state: &State,
        when: &When,
    ) -> Result<Wakes, SpecError> {
        let mut edges = match when {
            When::Ever => Vec::new(),
            When::At(term) => match at(term) {
                Some(length) => vec![Sweep::Moving(length)],
                None => self.passed(term)?,
            },
            When::In(window) => self.sweeps(*window),
        };
        if let When::In(window) = when {
            edges.extend(self.order_of_edges(*window).into_iter().map(Sweep::At));
        }
        match state {
            State::Value { column, .. } => self.history_wakes(&condition.to_string(), column, edges),
            State::Member(group) => self.stretches_wakes(group, edges),
        }
    }

    /// An instant that is still to come stands for the present until it is over.
    fn passed(&mut self, term: &Term) -> Result<Vec<Sweep>, SpecError> {
        let over = self.constant_instant(term, At::default())? + 1;
        Ok((over > self.as_of()).then(|| Sweep::At(instant(over))).into_iter().collect())
    }

    /// `member_since`: it lasts or ends with the group's own condition, and what has begun just now begins anew all the time
    /// until a run notes it.
    pub(super) fn member_since_course(&mut self, term: &Term, group: &Group) -> Result<Course, SpecError> {
        let steps = self.group_wakes(group)?;
        let since = self.term(term, Frame::Subject)?;
        let times = Times::moving(Interval::default()).with_still(since.expr);
        Ok(Course { steps, motion: Motion::Times(times) })
    }

    /// What of a window moves over the past: its edges.
    fn sweeps(&self, window: Window) -> Vec<Sweep> {
        match window {
            Window::Last(length) => vec![Sweep::Moving(negative(length))],
            Window::Next(_) => Vec::new(),
            Window::Ago { from, to } => {
                vec![Sweep::Moving(negative(from)), Sweep::Moving(negative(to))]
            }
            Window::ToDate { unit, offset } => {
                let length = own::length_of(unit, offset).map(Sweep::Moving);
                length.into_iter().chain([Sweep::Calendar(window)]).collect()
            }
            Window::Period { .. } | Window::Periods { .. } => vec![Sweep::Calendar(window)],
        }
    }

    /// When edges that move reach a change of a property, or the begin of its history.
    fn history_wakes(&mut self, text: &str, column: &Column, edges: Vec<Sweep>) -> Result<Wakes, SpecError> {
        let since = || ident("since");
        let mut wakes = Vec::new();
        for edge in edges {
            match edge {
                Sweep::Moving(by) => wakes.push(self.pass(since(), Turn::Around, by)),
                Sweep::Calendar(window) => {
                    wakes.extend(self.windows(Typed::new(since(), Kind::Timestamp), window));
                }
                Sweep::At(instant) => wakes.push(instant),
            }
        }
        let Some(wake) = earliest(wakes) else { return Ok(Vec::new()) };
        // Read as such, the column is at hand.
        self.column(column, Frame::Subject)?;
        let concerns = ident("property").is_null().or(ident("property").eq(lit(column.name.clone())));
        let figure = aggregates::min(wake).filter(concerns).build();
        let figure = figure.map_err(|error| SpecError::new(error.to_string()))?;
        let name = column_name::of_text(&format!("wake of {text}"));
        let [own, all] = ["own", "all"].map(|of| format!("{name}_{of}"));
        let figure = HistoryFigure { figure, kind: Kind::Timestamp };
        self.history.own.insert(own.clone(), figure.clone());
        self.history.all.insert(all.clone(), figure);
        let both = strata_lake::datafusion::functions::expr_fn::least(vec![ident(own), ident(all)]);
        Ok(vec![self.derived(name, both)])
    }

    /// When edges that move reach the begin or the end of a stretch in a group, and when the subject can come into it or leave it.
    fn stretches_wakes(&mut self, group: &Group, edges: Vec<Sweep>) -> Result<Wakes, SpecError> {
        let mut wakes = self.group_wakes(group)?;
        let (now, name) = (self.now(group), column_name::stretches(group));
        self.groups.insert(name.clone(), group.clone());
        for edge in edges {
            wakes.push(match edge {
                Sweep::Moving(by) => {
                    let mut arguments = vec![ident(&name), now.clone()];
                    arguments.extend(self.moving(by));
                    own::wake_stretches().call(arguments)
                }
                Sweep::Calendar(window) => self.at_next_period(window),
                Sweep::At(instant) => instant,
            });
        }
        Ok(wakes)
    }

    /// The edges of periods step when a period begins. What no run has noted yet ends or begins with the present, and so is past an
    /// edge just after it.
    fn at_next_period(&self, window: Window) -> Expr {
        let unit = match window {
            Window::Period { unit, .. } | Window::Periods { unit, .. } | Window::ToDate { unit, .. } => unit,
            Window::Last(_) | Window::Next(_) | Window::Ago { .. } => return self.at_once(),
        };
        let (timezone, first_month) = (self.setting.timezone, self.setting.fiscal_year_start);
        let today = self.setting.as_of.with_timezone(&timezone).date_naive();
        let start = |offset: i32| {
            let day = own::period_start(today, unit, offset, first_month)?;
            Some(own::midnight(day, timezone).timestamp_micros())
        };
        if start(0) == Some(self.as_of()) {
            return self.at_once();
        }
        let again = own::day_again(self.as_of(), timezone);
        let next = start(1).into_iter().chain(again).filter(|at| *at > self.as_of()).min();
        next.map_or_else(|| self.at_once(), instant)
    }

    /// Whether the subject is in a group, as an earlier level has decided.
    fn now(&self, group: &Group) -> Expr {
        match group {
            Group::Segment(name) => ident(column_name::segment(name)),
            Group::Class { segmentation, class } => {
                ident(column_name::segmentation(segmentation)).eq(lit(class.clone()))
            }
        }
    }
}

/// An edge on its way over the past.
enum Sweep {
    /// `as_of`, moved by a length.
    Moving(Interval),
    /// One of calendar periods.
    Calendar(Window),
    /// One that may be elsewhere from an instant on.
    At(Expr),
}

/// `as_of - interval '30 days'`: the length by which `as_of` is moved; a constant instant does not move.
fn at(term: &Term) -> Option<Interval> {
    match term {
        Term::Arithmetic { left, operator: Arithmetic::Subtract, right } if **left == Term::AsOf => {
            match &**right {
                Term::Literal(Literal::Interval(length)) => Some(negative(*length)),
                _ => None,
            }
        }
        _ => None,
    }
}
