//! Predictions held against what happened: the course of purchases, and the means of groups.

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::super::super::data::{Expected, share};
use super::super::html::{Column, Field, Row, escape, table};
use super::super::number::{count, day, decimal, money, percent, short_month};
use super::super::plot::{
    ABOVE, BELOW, Figure, Mark, PLOT, columns_up_to, hit, numbers, round_up, scale, slot_of,
};
use super::{WIDE, legend, path};
use crate::models::{Course, FrequencyGroup, Holdout, Part};

pub(super) fn html(expected: &Expected, currency: Option<&str>) -> String {
    let Some(holdout) = expected.model.held_out() else { return String::new() };
    let course = holdout.course.as_ref().map(|course| tracking(course, expected.held_out_from));
    let value = holdout.value.as_ref().map(|value| by_prediction(&value.by_prediction, holdout, currency));
    [course.unwrap_or_default(), by_frequency(&holdout.by_frequency, holdout), value.unwrap_or_default()]
        .concat()
}

/// Repeat purchases of all together, expected and actual, and where the hold-out begins.
fn tracking(course: &Course, held_out_from: Option<NaiveDate>) -> String {
    let known: Vec<(f64, f64, f64)> = course
        .points
        .iter()
        .filter_map(|point| Some((point.days, point.expected?, point.actual?)))
        .filter(|(days, expected, actual)| {
            [*days, *expected, *actual].iter().all(|each| each.is_finite() && *each >= 0.0)
        })
        .collect();
    let Some((last, ..)) = known.last().copied().filter(|(days, ..)| *days > 0.0 && known.len() > 2) else {
        return String::new();
    };
    let top = round_up(known.iter().map(|(_, expected, actual)| expected.max(*actual)).fold(0.0, f64::max));
    let x = |days: f64| share(days, last).unwrap_or(0.0).clamp(0.0, 1.0) * 100.0;
    let y = |value: f64| share(value, top).unwrap_or(0.0) * 100.0;
    let line = |value: &dyn Fn(&(f64, f64, f64)) -> f64| -> Vec<(f64, f64)> {
        [(0.0, 0.0)].into_iter().chain(known.iter().map(|point| (x(point.0), y(value(point))))).collect()
    };
    let from = course.held_out_from.filter(|from| from.is_finite() && *from > 0.0 && *from < last);
    let date = |days: f64| {
        let since = (days - from?).round().clamp(-1e5, 1e5);
        held_out_from?.checked_add_signed(TimeDelta::days(since as i64))
    };
    let mut shapes = scale(top);
    if let Some(from) = from {
        let at = x(from) * WIDE / 100.0;
        // What is held out is shaded, and named on the side that has room.
        let (anchor, place) = if at > 60.0 { ("end", at - 1.0) } else { ("start", at + 1.0) };
        shapes.push_str(&format!(
            r#"<rect class="held-out" x="{at:.2}%" y="{ABOVE:.0}" width="{:.2}%" height="{PLOT:.0}"/><line class="target" x1="{at:.2}%" x2="{at:.2}%" y1="4" y2="{:.0}"/><text x="{place:.2}%" y="13" text-anchor="{anchor}">{}</text>"#,
            (WIDE - at).max(0.0),
            ABOVE + PLOT,
            if at > 60.0 { "known | held out" } else { "held out from here" },
        ));
    }
    shapes.push_str(&path("came", &line(&|point| point.2)));
    shapes.push_str(&path("expects", &line(&|point| point.1)));
    let month = |at: Option<NaiveDate>| at.map(|at| format!("{} {}", short_month(at.month()), at.year()));
    for (days, anchor) in [(0.0, "start"), (last, "end")] {
        let label = month(date(days)).unwrap_or_else(|| format!("day {}", decimal(days, 0)));
        shapes.push_str(&format!(
            r#"<text x="{:.2}%" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
            x(days) * WIDE / 100.0,
            ABOVE + PLOT + 16.0,
            escape(&label)
        ));
    }
    let (mut hits, mut before) = (String::new(), 0.0);
    let mut rows = Vec::new();
    for (days, expected, actual) in &known {
        let at = date(*days).map_or_else(|| format!("Day {}", decimal(*days, 0)), day);
        let tip = format!("{at}: expected {}, came {}", decimal(*expected, 0), decimal(*actual, 0));
        let to = x(*days) * WIDE / 100.0;
        hits.push_str(&hit(before, 0.0, (to - before).max(0.1), 100.0, &tip));
        before = to;
        let off = share(*expected - *actual, *actual).map_or_else(|| "–".to_owned(), signed);
        rows.push(Row::of(vec![
            Field::new(escape(&at), ""),
            Field::new(decimal(*expected, 0), ""),
            Field::new(decimal(*actual, 0), ""),
            Field::new(off, ""),
        ]));
    }
    let heads = [
        ("Until", Column::Text),
        ("Expected", Column::Number),
        ("Came", Column::Number),
        ("Off by", Column::Number),
    ];
    let off = course
        .final_error
        .filter(|off| off.is_finite())
        .map_or_else(String::new, |off| format!("; at the end {} off", signed(off)));
    let about = format!("Purchase days after the first one, all customers together, so far{off}");
    Figure {
        id: "tracking",
        title: "Expected and actual purchases",
        about: &about,
        spoken: &about,
        kind: "chart foresight",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: &[
            legend("expected", "came"),
            numbers(&table("Expected and actual purchases", "simple", &heads, &rows)),
        ]
        .concat(),
    }
    .html()
}

fn signed(share: f64) -> String {
    let sign = if share > 0.0 { "+" } else { "" };
    format!("{sign}{}", percent(share))
}

/// A group of customers: what was expected of each, and what came.
struct Group {
    label: String,
    n: u64,
    expected: f64,
    actual: f64,
    error: Option<f64>,
}

fn by_frequency(groups: &[FrequencyGroup], holdout: &Holdout) -> String {
    let groups: Vec<Group> = groups
        .iter()
        .filter_map(|group| {
            let more = if group.and_more { "+" } else { "" };
            Some(Group {
                label: format!("{}{more}", group.frequency),
                n: group.n,
                expected: group.expected?,
                actual: group.actual?,
                error: group.standard_error,
            })
        })
        .collect();
    calibration(&Calibration {
        id: "by-frequency",
        title: "By how often they had bought again",
        about: &format!(
            "Purchase days of a customer in the {} days held out; below, repeat purchases before",
            decimal(holdout.days, 0)
        ),
        head: "Repeats before",
        number: &|value| decimal(value, 2),
        groups: &groups,
    })
}

fn by_prediction(parts: &[Part], holdout: &Holdout, currency: Option<&str>) -> String {
    let groups: Vec<Group> = parts
        .iter()
        .filter_map(|part| {
            Some(Group {
                label: part.part.to_string(),
                n: part.n,
                expected: part.expected?,
                actual: part.actual?,
                error: None,
            })
        })
        .collect();
    calibration(&Calibration {
        id: "by-prediction",
        title: "By what was expected",
        about: &format!(
            "Revenue of a customer in the {} days held out; below, tenths by what was expected, 10 the highest",
            decimal(holdout.days, 0)
        ),
        head: "Tenth",
        number: &|value| money(value, currency),
        groups: &groups,
    })
}

/// Means expected and actual by group.
struct Calibration<'a> {
    id: &'a str,
    title: &'a str,
    about: &'a str,
    head: &'a str,
    number: &'a dyn Fn(f64) -> String,
    groups: &'a [Group],
}

fn calibration(of: &Calibration<'_>) -> String {
    let finite = |group: &&Group| group.expected.is_finite() && group.actual.is_finite();
    let groups: Vec<&Group> = of.groups.iter().filter(finite).collect();
    if groups.len() < 2 {
        return String::new();
    }
    let highest = |group: &&Group| {
        let with_error = group.actual + group.error.filter(|error| error.is_finite()).unwrap_or(0.0);
        group.expected.max(with_error)
    };
    let top = round_up(groups.iter().map(highest).fold(0.0, f64::max));
    let tip = |group: &Group| {
        let error = group.error.map_or_else(String::new, |error| format!(" ± {}", (of.number)(error)));
        format!(
            "{} {}, {} customers: expected {}, came {}{error}",
            of.head,
            group.label,
            count(group.n),
            (of.number)(group.expected),
            (of.number)(group.actual)
        )
    };
    let marks: Vec<Mark> = groups
        .iter()
        .map(|group| Mark {
            label: group.label.clone(),
            tip: tip(group),
            value: group.actual,
            kind: "of-r pale-r".to_owned(),
        })
        .collect();
    let widest = 16.0;
    let (mut shapes, hits) = columns_up_to(&marks, widest, top);
    let slot = slot_of(marks.len(), widest);
    let y = |value: f64| ABOVE + PLOT * (1.0 - share(value, top).unwrap_or(0.0).clamp(0.0, 1.0));
    for (place, group) in groups.iter().enumerate() {
        let x = place as f64 * slot;
        if let Some(error) = group.error {
            let middle = x + slot / 2.0;
            shapes.push_str(&format!(
                r#"<line class="error" x1="{middle:.2}%" x2="{middle:.2}%" y1="{:.1}" y2="{:.1}"/>"#,
                y(group.actual - error),
                y(group.actual + error)
            ));
        }
        shapes.push_str(&format!(
            r#"<line class="expects" x1="{:.2}%" x2="{:.2}%" y1="{at:.1}" y2="{at:.1}"/>"#,
            x + slot * 0.04,
            x + slot * 0.96,
            at = y(group.expected)
        ));
    }
    let rows: Vec<Row> = groups
        .iter()
        .map(|group| {
            let mut fields = vec![
                Field::new(escape(&group.label), ""),
                Field::new(count(group.n), ""),
                Field::new(escape(&(of.number)(group.expected)), ""),
                Field::new(escape(&(of.number)(group.actual)), ""),
            ];
            if groups.iter().any(|group| group.error.is_some()) {
                let error = group.error.map_or_else(|| "–".to_owned(), |error| escape(&(of.number)(error)));
                fields.push(Field::new(error, ""));
            }
            Row::of(fields)
        })
        .collect();
    let mut heads = vec![
        (of.head, Column::Text),
        ("Customers", Column::Number),
        ("Expected", Column::Number),
        ("Came", Column::Number),
    ];
    let came = if groups.iter().any(|group| group.error.is_some()) {
        heads.push(("Standard error", Column::Number));
        "came, with its standard error"
    } else {
        "came"
    };
    let spoken: Vec<String> = groups.iter().map(|group| tip(group)).collect();
    Figure {
        id: of.id,
        title: of.title,
        about: of.about,
        spoken: &spoken.join("; "),
        kind: "chart foresight",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: &[legend("expected", came), numbers(&table(of.title, "simple", &heads, &rows))].concat(),
    }
    .html()
}
