//! How the values of functions go on while nothing but time passes.

use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_spec::condition::{Comparison, Function, Interval, Term};
use strata_spec::error::SpecError;
use strata_spec::table::Kind;

use super::super::lower::{Frame, Lowering};
use super::course::{Count, Course, Motion, Times};
use super::{Wakes, as_time};
use crate::function as own;

impl Lowering<'_> {
    pub(super) fn call_course(
        &mut self,
        function: Function,
        arguments: &[Term],
        frame: Frame,
    ) -> Result<Course, SpecError> {
        match (function, arguments) {
            (Function::Coalesce | Function::Least | Function::Greatest, _) => {
                let mut course = self.one_of(arguments.iter(), frame)?;
                // Which is the least changes where two pass each other.
                if let Motion::Times(times) = &course.motion {
                    let passes = self.passes(times, None);
                    course.steps.extend(passes);
                }
                Ok(course)
            }
            (Function::NullIf, [value, other]) => {
                let equal = self.compared(value, Comparison::Equal, other, frame)?;
                let mut course = self.one_of(std::iter::once(value), frame)?;
                course.steps.extend(equal);
                Ok(course)
            }
            (Function::DaysSince, [time]) => self.days_course(time, &Term::AsOf, frame),
            (Function::DaysBetween, [from, to]) => self.days_course(from, to, frame),
            (Function::YearsSince | Function::DaysToAnniversary, [time]) => {
                self.years_course(function, time, frame)
            }
            (_, [time, zone @ ..]) if function.takes_timezone() => {
                self.part_course(function, time, zone.first(), frame)
            }
            _ => {
                let mut wakes = Vec::new();
                for argument in arguments {
                    wakes.extend(self.changes(argument, frame)?);
                }
                Ok(Course::steps(wakes))
            }
        }
    }

    fn days_course(&mut self, from: &Term, to: &Term, frame: Frame) -> Result<Course, SpecError> {
        let (from_course, to_course) = (self.course(from, frame)?, self.course(to, frame)?);
        let mut steps = from_course.steps;
        steps.extend(to_course.steps);
        let motion = match (from_course.motion, to_course.motion) {
            (Motion::Still, Motion::Still) => Motion::Still,
            (Motion::Still, Motion::Times(times)) => {
                match (times.still.as_slice(), times.moving.as_slice()) {
                    ([], [Interval { months: 0, days: 0, seconds }]) => {
                        let seconds = *seconds;
                        Motion::Counts(vec![Count::Days(self.instant_of(from, frame)?, seconds)])
                    }
                    _ => {
                        let from = self.instant_of(from, frame)?;
                        steps.extend(self.day_counts(&times.with_still(from)));
                        Motion::Still
                    }
                }
            }
            (Motion::Times(times), Motion::Still) => {
                let to = self.instant_of(to, frame)?;
                match (times.still.as_slice(), times.moving.as_slice()) {
                    ([], [Interval { months: 0, days: 0, seconds }]) => {
                        Motion::Counts(vec![Count::DaysLeft(to, *seconds)])
                    }
                    _ => {
                        steps.extend(self.day_counts(&times.with_still(to)));
                        Motion::Still
                    }
                }
            }
            (Motion::Times(from), Motion::Times(to)) => {
                steps.extend(self.day_counts(&from.with(to)));
                Motion::Still
            }
            _ => Motion::Any,
        };
        Ok(Course { steps, motion })
    }

    /// When the whole days between any two of these times can be others. Two that move both keep their distance but where one
    /// of them steps, which is at full minutes.
    fn day_counts(&self, times: &Times) -> Wakes {
        let even = |by: &Interval| (by.months, by.days) == (0, 0);
        let mut wakes = Vec::new();
        for time in &times.still {
            for by in times.moving.iter().filter(|by| even(by)) {
                wakes.push(self.count_wake(&Count::Days(time.clone(), by.seconds), None));
                wakes.push(self.count_wake(&Count::DaysLeft(time.clone(), by.seconds), None));
            }
        }
        match times.moving.as_slice() {
            moving if moving.iter().all(even) => {}
            // Nearer than that it need not be known.
            _ => wakes.push(self.at_next_minute()),
        }
        wakes
    }

    fn years_course(&mut self, function: Function, time: &Term, frame: Frame) -> Result<Course, SpecError> {
        let course = self.course(time, frame)?;
        Ok(match course.motion {
            Motion::Still => {
                let day = self
                    .term(
                        &Term::Call {
                            function: Function::DayOf,
                            arguments: vec![time.clone()],
                            at: Default::default(),
                        },
                        frame,
                    )?
                    .expr;
                let count = match function {
                    Function::YearsSince => Count::Years(day),
                    _ => Count::ToAnniversary(day),
                };
                Course { motion: Motion::Counts(vec![count]), ..course }
            }
            Motion::Times(Times { still, moving }) if moving.iter().all(|by| *by == Interval::default()) => {
                // Both days go on at midnight; what stands still beside them may come to be meant.
                let mut course = Course { steps: course.steps, motion: Motion::Still };
                let times = Times { still, moving };
                course.steps.extend(self.passes(&times, None));
                course.steps.push(self.at_midnight());
                course
            }
            _ => Course { motion: Motion::Any, ..course },
        })
    }

    /// A part of a time in a zone: of one that moves, it changes at full hours and midnights of that zone.
    fn part_course(
        &mut self,
        function: Function,
        time: &Term,
        zone: Option<&Term>,
        frame: Frame,
    ) -> Result<Course, SpecError> {
        let mut course = self.course(time, frame)?;
        if let Some(zone) = zone {
            course.steps.extend(self.changes(zone, frame)?);
        }
        let times = match course.motion {
            Motion::Times(times) => times,
            _ => return Ok(course),
        };
        let zone = match zone {
            Some(zone) => self.term(zone, frame)?.expr,
            None => self.zone(),
        };
        course.motion = Motion::Still;
        course.steps.extend(self.passes(&times, None));
        let part = match function {
            Function::HourOf => "hour",
            Function::MonthOf => "month",
            Function::QuarterOf => "quarter",
            Function::YearOf => "year",
            _ => "day",
        };
        for by in &times.moving {
            let mut arguments = vec![zone.clone(), lit(part)];
            arguments.extend(self.moving(*by));
            course.steps.push(own::wake_part().call(arguments));
        }
        Ok(course)
    }

    /// A time, or the begin of a day, as an instant.
    pub(super) fn instant_of(&mut self, term: &Term, frame: Frame) -> Result<Expr, SpecError> {
        let typed = self.term(term, frame)?;
        let is_time = typed.kind == Some(Kind::Timestamp);
        let instant = self.as_instant(typed);
        Ok(if is_time { instant.expr } else { as_time(instant) })
    }
}
