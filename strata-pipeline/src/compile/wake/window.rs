//! When time alone takes a time into a window or out of it.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{CalendarUnit, Interval, Term, Window};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::super::kind::Typed;
use super::super::lower::{Frame, Lowering};
use super::course::{Motion, Times, keep_their_order, negative};
use super::{Wakes, as_time, unit};
use crate::function::{self as own, Turn, length_of};

impl Lowering<'_> {
    pub(super) fn window_wakes(
        &mut self,
        time: Option<&Term>,
        window: Window,
        frame: Frame,
    ) -> Result<Wakes, SpecError> {
        let time = match (time, frame) {
            (Some(time), _) => time,
            (None, Frame::Rows(table)) => {
                let column = Typed::new(ident(table.time_column()), Kind::Timestamp);
                return Ok(self.windows(column, window));
            }
            (None, Frame::Subject) => return Ok(Vec::new()),
        };
        let course = self.course(time, frame)?;
        let mut wakes = course.steps;
        match course.motion {
            Motion::Still => {
                let typed = self.term(time, frame)?;
                wakes.extend(self.windows(typed, window));
            }
            Motion::Times(times) => wakes.extend(self.moving_windows(&times, window)),
            _ => wakes.push(self.at_once()),
        }
        Ok(wakes)
    }

    /// When a window takes in a time or a day that stands still, or lets go of it.
    pub(super) fn windows(&self, time: Typed, window: Window) -> Wakes {
        let (edges, periods) = (edges(window), periods(window));
        let mut wakes: Wakes = edges
            .into_iter()
            .map(|(turn, by)| match time.kind {
                Some(Kind::Date) => {
                    let mut arguments = vec![cast(time.expr.clone(), DataType::Date32), lit(turn.as_str())];
                    arguments.extend(self.moving(by));
                    own::wake_day().call(arguments)
                }
                _ => self.pass(time.expr.clone(), turn, by),
            })
            .collect();
        if let Some((of, from, to)) = periods {
            let instant = as_time(self.as_instant(time));
            wakes.push(self.period_wake(instant, of, from, to));
        }
        wakes
    }

    fn period_wake(&self, time: Expr, of: CalendarUnit, from: i32, to: i32) -> Expr {
        let first_month = lit(i64::from(self.setting.fiscal_year_start));
        let offsets = [from, to].map(|offset| lit(i64::from(offset)));
        let [from, to] = offsets;
        own::wake_period().call(vec![time, unit(of), from, to, first_month, lit(self.as_of()), self.zone()])
    }

    /// The same of a time that moves itself, or may.
    fn moving_windows(&self, times: &Times, window: Window) -> Wakes {
        let mut wakes = Vec::new();
        for time in &times.still {
            wakes.extend(self.windows(Typed::new(time.clone(), Kind::Timestamp), window));
        }
        let moving = |by: &Interval| Times { still: times.still.clone(), moving: vec![*by] };
        for by in &times.moving {
            wakes.extend(self.passes(&moving(by), None));
            let some_are_near = edges(window).iter().any(|(_, edge)| !keep_their_order(*edge, *by));
            if some_are_near || periods(window).is_some() {
                wakes.push(self.at_next_minute());
            }
        }
        wakes
    }

    /// Whether the edges of a window of the past always stand in their order; where not, when they next may not.
    pub(super) fn order_of_edges(&self, window: Window) -> Wakes {
        match window {
            Window::Ago { from, to } if !keep_their_order(negative(from), negative(to)) => {
                vec![self.at_next_minute()]
            }
            Window::Last(length) if !keep_their_order(negative(length), Interval::default()) => {
                vec![self.at_next_minute()]
            }
            Window::ToDate { .. } => vec![self.at_midnight()],
            _ => Vec::new(),
        }
    }
}

/// The edges of a window that move with `as_of`, and what of them it is that a time is in for.
fn edges(window: Window) -> Vec<(Turn, Interval)> {
    match window {
        Window::Last(length) => {
            vec![(Turn::Reached, negative(length)), (Turn::Reached, Interval::default())]
        }
        Window::Next(length) => vec![(Turn::Reached, Interval::default()), (Turn::Reached, length)],
        Window::Ago { from, to } => vec![(Turn::Reached, negative(from)), (Turn::Reached, negative(to))],
        Window::ToDate { unit, offset } => {
            length_of(unit, offset).map(|length| (Turn::Reached, length)).into_iter().collect()
        }
        Window::Period { .. } | Window::Periods { .. } => Vec::new(),
    }
}

/// The periods that a window is of: from so many units after the present one to so many, that one excluded.
fn periods(window: Window) -> Option<(CalendarUnit, i32, i32)> {
    match window {
        Window::Period { unit, offset } | Window::ToDate { unit, offset } => Some((unit, offset, offset + 1)),
        Window::Periods { unit, count } if count < 0 => Some((unit, count, 0)),
        Window::Periods { unit, count } => Some((unit, 1, count + 1)),
        _ => None,
    }
}
