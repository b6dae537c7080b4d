//! Takes the figures of goals.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use strata_models::proportion::{Z, wilson};
use strata_spec::condition::Interval;
use strata_spec::definition::{Direction, Metric, Segment, Target, Whom};
use strata_spec::error::SpecError;
use strata_spec::table::{Kind, Subject};

use super::{Point, Progress, Status};
use crate::compile::{self, Mapped, Question, Setting, compile_only};
use crate::error::Result;
use crate::function::{midnight, shift};
use crate::preview::Basis;
use crate::project::Project;
use crate::replay::{Measure, Moment, Outcome, Tracked, evaluate, reaches_back};

/// Segments and their goals that are to be measured.
type Aims<'a> = Vec<(&'a Segment, &'a str, &'a Target)>;

fn aims<'a>(project: &'a Project) -> Aims<'a> {
    let segments = project.manifest.definitions.segments.values();
    let aim = |segment: &'a Segment| {
        let goal = segment.goal.as_ref()?;
        Some((segment, goal.title.as_str(), goal.target.as_deref()?))
    };
    segments.filter_map(aim).collect()
}

/// Checks that what goals measure are numbers, and that their conditions are sound.
///
/// # Errors
/// Every fault, with its place.
pub fn check(project: &Project) -> Result<()> {
    let mapped = Mapped::of(&project.manifest);
    let mut faults = Vec::new();
    for (segment, _, target) in aims(project) {
        let place = format!("segments.{}.goal.metric", segment.name);
        // What is wrong does not depend on the instant.
        let setting = Setting::of(project, &mapped, segment.header.subject, DateTime::UNIX_EPOCH);
        let (conditions, terms) = match &target.metric {
            Metric::Members | Metric::Share => continue,
            Metric::Mean(term) => (&[][..], std::slice::from_ref(term)),
            Metric::Holds(condition) => (std::slice::from_ref(condition.as_ref()), &[][..]),
        };
        match compile_only(&setting, &Question { conditions, terms, ..Question::default() }) {
            Ok(program) => faults.extend(program.asked.kinds.iter().filter_map(|kind| {
                let fault = match kind {
                    None | Some(Kind::Integer | Kind::Number | Kind::Boolean) => return None,
                    Some(kind) => SpecError::new(format!(
                        "a goal needs a number, and this is {}",
                        compile::article(*kind)
                    )),
                };
                let hint = "its mean is watched; write a condition to watch the share for whom it holds";
                Some(fault.with_hint(hint).in_place(&place))
            })),
            Err(found) => faults.extend(found.into_iter().map(|fault| match fault.place.as_deref() {
                Some(compile::ASKED) => SpecError { place: Some(place.clone()), ..fault },
                _ => fault,
            })),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(project.refused(faults)) }
}

/// Measures all goals of the project at the basis' instant.
pub(super) async fn measure(basis: &Basis<'_>) -> Result<Vec<Progress>> {
    let mut groups: BTreeMap<(Subject, Vec<DateTime<Utc>>), Aims<'_>> = BTreeMap::new();
    for aim in aims(basis.project) {
        let subject = aim.0.header.subject;
        if basis.has(subject) {
            let mut dates = dates(basis.project, aim.2, basis.as_of)?;
            let first = dates.first().copied().unwrap_or(basis.as_of);
            if !reaches_back(basis, subject, &tracked(aim.0, aim.2), first)? {
                // As it is now, and nobody was in before.
                dates = vec![basis.as_of; 2];
            }
            groups.entry((subject, dates)).or_default().push(aim);
        }
    }
    let mut measured = Vec::new();
    for ((subject, dates), aims) in groups {
        let tracked: Vec<Tracked> =
            aims.iter().map(|(segment, _, target)| tracked(segment, target)).collect();
        let Outcome { n_subjects, tracks, .. } = evaluate(basis, subject, &tracked, &dates).await?;
        for ((segment, title, target), moments) in aims.into_iter().zip(tracks) {
            let figures = dates.iter().zip(&n_subjects).zip(moments);
            let figures = figures.map(|((at, n), moment)| (*at, Figure::of(target, &moment, *n)));
            // The first date is there for who was in before the second.
            let figures: Vec<(DateTime<Utc>, Figure)> = figures.skip(1).collect();
            measured.push(Progress {
                subject,
                segment: segment.name.to_string(),
                title: title.to_owned(),
                metric: target.metric_text.clone(),
                of: word_of(target.of).to_owned(),
                is_share: matches!(target.metric, Metric::Share | Metric::Holds(_)),
                direction: target.direction,
                target: target.value,
                by: target.by,
                points: points(basis.project, target, &figures),
            });
        }
    }
    measured.sort_by(|a, b| (a.subject, &a.segment).cmp(&(b.subject, &b.segment)));
    Ok(measured)
}

fn word_of(of: Whom) -> &'static str {
    Whom::ALL.into_iter().find(|(_, each)| *each == of).map_or("members", |(word, _)| word)
}

fn tracked(segment: &Segment, target: &Target) -> Tracked {
    let measure = match &target.metric {
        Metric::Members | Metric::Share => None,
        Metric::Mean(term) => Some(Measure::Value(term.clone())),
        Metric::Holds(condition) => Some(Measure::Holds(condition.clone())),
    };
    let is_of_former = target.of == Whom::FormerMembers;
    Tracked { measure, is_of_former, ..Tracked::segment(segment) }
}

/// From when a goal is watched.
fn begin(target: &Target) -> NaiveDate {
    let year_before = || target.by.checked_sub_months(chrono::Months::new(12));
    target.from.or_else(year_before).unwrap_or(NaiveDate::MIN)
}

/// The dates at which a goal is measured, a month apart, back from the run or from the end of its last day, whichever is earlier;
/// and one more before them.
fn dates(project: &Project, target: &Target, as_of: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let end_of = |day: NaiveDate| midnight(day, project.timezone);
    let last = as_of.min(end_of(target.by + TimeDelta::days(1)));
    let first = end_of(begin(target));
    let mut dates = Vec::new();
    for months in 0_i32.. {
        let length = Interval { months, ..Interval::default() };
        let Some(at) = shift(last, length, -1, project.timezone) else { break };
        dates.push(at);
        if at < first || dates.len() > MOST_POINTS {
            break;
        }
    }
    dates.reverse();
    Ok(dates)
}

/// So many months of a goal are shown.
const MOST_POINTS: usize = 60;

/// What was measured at one date.
struct Figure {
    n: u64,
    value: Option<f64>,
    interval: Option<(f64, f64)>,
}

impl Figure {
    fn of(target: &Target, moment: &Moment, n_subjects: u64) -> Figure {
        let share = |n: u64, of: u64| (of > 0).then(|| n as f64 / of as f64);
        match target.metric {
            Metric::Members => {
                let scaled = |(low, high): (f64, f64)| (low * n_subjects as f64, high * n_subjects as f64);
                let value = Some(moment.n_members as f64);
                Figure { n: n_subjects, value, interval: wilson(moment.n_members, n_subjects).map(scaled) }
            }
            Metric::Share => {
                let value = share(moment.n_members, n_subjects);
                Figure { n: n_subjects, value, interval: wilson(moment.n_members, n_subjects) }
            }
            Metric::Holds(_) => {
                let values = moment.values;
                let n_yes = (values.mean * values.n as f64).round() as u64;
                Figure { n: values.n, value: share(n_yes, values.n), interval: wilson(n_yes, values.n) }
            }
            Metric::Mean(_) => {
                let values = moment.values;
                let reach = values.standard_deviation().map(|sd| Z * sd / (values.n as f64).sqrt());
                let value = (values.n > 0).then_some(values.mean);
                Figure {
                    n: values.n,
                    value,
                    interval: reach.map(|reach| (values.mean - reach, values.mean + reach)),
                }
            }
        }
    }
}

fn points(project: &Project, target: &Target, figures: &[(DateTime<Utc>, Figure)]) -> Vec<Point> {
    let end = midnight(target.by + TimeDelta::days(1), project.timezone);
    let began = figures.iter().find_map(|(at, figure)| Some((*at, figure.value?)));
    let expected = |at: DateTime<Utc>| {
        let (from, first) = began?;
        let whole = (end - from).num_seconds();
        let gone = if whole > 0 { (at - from).num_seconds() as f64 / whole as f64 } else { 1.0 };
        (at >= from).then(|| first + (target.value - first) * gone.min(1.0))
    };
    let point = |(at, figure): &(DateTime<Utc>, Figure)| Point {
        at: *at,
        n: figure.n,
        value: figure.value,
        interval: figure.interval,
        expected: expected(*at),
        status: status(target, figure.value, expected(*at), *at >= end),
    };
    figures.iter().map(point).collect()
}

fn status(target: &Target, value: Option<f64>, expected: Option<f64>, is_over: bool) -> Status {
    let Some(value) = value else { return Status::Unknown };
    let is_beyond = |mark: f64| match target.direction {
        Direction::Increase => value >= mark,
        Direction::Decrease => value <= mark,
    };
    match expected {
        _ if is_beyond(target.value) => Status::Reached,
        _ if is_over => Status::Missed,
        Some(expected) if is_beyond(expected) => Status::OnTrack,
        Some(_) => Status::Behind,
        None => Status::Unknown,
    }
}
