//! How far a goal has come: the figure from month to month with its interval, the target, and the straight line that leads there.

use chrono::Datelike;

use super::html::escape;
use super::number::{count, day, decimal, percent, short_month};
use super::plot::{ABOVE, BELOW, Figure, PLOT, hit, round_up};
use crate::goal::{Point, Progress, Status};

/// Where it stands, in sentences.
pub(super) fn sentence(goal: &Progress) -> Vec<String> {
    let Some(last) = goal.points.last() else { return Vec::new() };
    let Some(value) = last.value else {
        return vec![format!("Its goal, {}, has nobody to be measured of.", quoted(goal))];
    };
    let interval =
        last.interval.map(|(low, high)| format!(" ({} to {})", number(goal, low), number(goal, high)));
    let stands = match last.status {
        Status::Reached => "it is reached".to_owned(),
        Status::OnTrack => "it is on track".to_owned(),
        Status::Missed => "the day has passed, and it was missed".to_owned(),
        Status::Behind => match last.expected {
            Some(expected) => format!("it is behind, since by now {} would be due", number(goal, expected)),
            None => "it is behind".to_owned(),
        },
        Status::Unknown => "nobody can say how it stands".to_owned(),
    };
    vec![format!(
        "Its goal, {}: {}{}, and {} by {}; {stands}.",
        quoted(goal),
        number(goal, value),
        interval.unwrap_or_default(),
        number(goal, goal.target),
        day(goal.by),
    )]
}

fn quoted(goal: &Progress) -> String {
    format!("“{}”", goal.title)
}

fn number(goal: &Progress, value: f64) -> String {
    match goal {
        goal if goal.is_share => percent(value),
        goal if goal.is_count() => count(value.max(0.0).round() as u64),
        _ => decimal(value, if value.abs() < 100.0 { 2 } else { 0 }),
    }
}

/// The figure as a chart; nothing where there is nothing to draw.
pub(super) fn chart(id: &str, goal: &Progress) -> String {
    let reached = goal.points.iter().filter_map(|point| point.interval.map(|(_, high)| high).or(point.value));
    let top = round_up(reached.chain([goal.target]).filter(|value| value.is_finite()).fold(0.0, f64::max));
    if goal.points.iter().all(|point| point.value.is_none()) || goal.target < 0.0 {
        return String::new();
    }
    let y = |value: f64| ABOVE + PLOT * (1.0 - (value / top).clamp(0.0, 1.0));
    let slot = 84.0 / goal.points.len() as f64;
    let x = |place: usize| (place as f64 + 0.5) * slot;
    let mut shapes = format!(
        r#"<line x1="0" x2="100%" y1="{bottom:.1}" y2="{bottom:.1}"/><line class="target" x1="0" x2="100%" y1="{target:.1}" y2="{target:.1}"/><text x="100%" y="{above:.1}" text-anchor="end">{text}</text>"#,
        bottom = ABOVE + PLOT,
        target = y(goal.target),
        above = y(goal.target) - 4.0,
        text = escape(&number(goal, goal.target)),
    );
    let expected: Vec<(usize, f64)> =
        goal.points.iter().enumerate().filter_map(|(place, point)| Some((place, point.expected?))).collect();
    if let (Some((from, low)), Some((to, high))) = (expected.first(), expected.last())
        && from < to
    {
        shapes.push_str(&format!(
            r#"<line class="due" x1="{:.2}%" y1="{:.1}" x2="{:.2}%" y2="{:.1}"/>"#,
            x(*from),
            y(*low),
            x(*to),
            y(*high)
        ));
    }
    let mut hits = String::new();
    for (place, point) in goal.points.iter().enumerate() {
        shapes.push_str(&mark(x(place), point, y));
        let tip = point.value.map_or_else(|| "nobody".to_owned(), |value| number(goal, value));
        let tip = format!("{}: {tip} of {}", day(point.at.date_naive()), count(point.n));
        hits.push_str(&hit(place as f64 * slot, 0.0, slot, 100.0, &tip));
    }
    shapes.push_str(&labels(goal, x));
    let spoken = sentence(goal).concat();
    let about = match (goal.metric.as_str(), goal.of.as_str()) {
        ("n_members", _) => "members".to_owned(),
        ("share", _) => format!("members as a share of all {}", goal.subject),
        (metric, "former_members") => format!("{metric}, of those who were in a month before"),
        (metric, _) => metric.to_owned(),
    };
    let legend = r#"<div class="legend"><ul><li><i class="of-r"></i>figure, with the interval of 95 %</li><li><i class="pale"></i>straight line to the target</li></ul></div>"#;
    Figure {
        id: &format!("{id}-g"),
        title: &goal.title,
        about: &about,
        spoken: &spoken,
        kind: "chart goal-chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: legend,
    }
    .html()
}

/// The first and the last month, below their marks.
fn labels(goal: &Progress, x: impl Fn(usize) -> f64) -> String {
    let last = goal.points.len().saturating_sub(1);
    let places: &[usize] = if last == 0 { &[0] } else { &[0, last] };
    let labels = places.iter().filter_map(|place| Some((*place, goal.points.get(*place)?.at)));
    labels
        .map(|(place, at)| {
            format!(
                r#"<text x="{:.2}%" y="{:.1}" text-anchor="middle">{} {}</text>"#,
                x(place),
                ABOVE + PLOT + 16.0,
                short_month(at.month()),
                at.year()
            )
        })
        .collect()
}

fn mark(x: f64, point: &Point, y: impl Fn(f64) -> f64) -> String {
    let Some(value) = point.value else { return String::new() };
    let whisker = point.interval.map(|(low, high)| {
        format!(r#"<line class="whisker" x1="{x:.2}%" x2="{x:.2}%" y1="{:.1}" y2="{:.1}"/>"#, y(low), y(high))
    });
    format!(
        r#"{}<circle class="of-r" cx="{x:.2}%" cy="{:.1}" r="5"/>"#,
        whisker.unwrap_or_default(),
        y(value)
    )
}
