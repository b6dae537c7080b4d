//! Revenue and orders month by month, as bars on two scales of their own, with the same numbers as a table.

use super::super::data::{Month, ReportData};
use super::html::{Column, Field, Row, table};
use super::number::{count, decimal, decimals_of, month_name, short_month};
use super::plot::{ABOVE, BELOW, Figure, Mark, PLOT, columns};

/// So many months fit on a page; earlier ones stand in the table.
const DRAWN: usize = 60;

pub(super) fn html(data: &ReportData) -> String {
    let Some(last) = data.months.last() else { return String::new() };
    let drawn = data.months.get(data.months.len().saturating_sub(DRAWN)..).unwrap_or_default();
    let decimals = decimals_of(data.months.iter().map(|month| month.revenue));
    let unit = data.currency.as_deref().unwrap_or_default();
    let has_revenue = data.months.iter().any(|month| month.revenue != 0.0);
    let revenue = if has_revenue {
        let title = if unit.is_empty() { "Revenue".to_owned() } else { format!("Revenue, {unit}") };
        chart("revenue", &title, "of-r", drawn, |month| month.revenue)
    } else {
        String::new()
    };
    let orders = chart("orders", "Orders", "of-n", drawn, |month| month.n_orders as f64);
    let note = if drawn.iter().any(|month| !month.is_whole) {
        r#"<p class="note">Lighter bars: months that the orders do not cover from the first day to the last.</p>"#
    } else {
        ""
    };
    let heads = match has_revenue {
        true => vec![("Month", Column::Text), ("Orders", Column::Number), ("Revenue", Column::Number)],
        false => vec![("Month", Column::Text), ("Orders", Column::Number)],
    };
    let rows: Vec<Row> = data
        .months
        .iter()
        .rev()
        .map(|month| {
            let part = if month.is_whole { "" } else { r#" <span class="why">in part</span>"# };
            let mut fields = vec![
                Field::new(format!("{} {}{part}", month_name(month.month), month.year), ""),
                Field::new(count(month.n_orders), ""),
            ];
            if has_revenue {
                fields.push(Field::new(decimal(month.revenue, decimals), ""));
            }
            Row::of(fields)
        })
        .collect();
    let earlier = match data.months.len() - drawn.len() {
        0 => String::new(),
        n => format!(": the last {DRAWN} months, {n} earlier ones are in the table"),
    };
    format!(
        r#"<section class="part" id="months" aria-labelledby="h-months"><header class="head"><h2 id="h-months">Month by month</h2><p>until {} {}{earlier}</p></header><div class="plots">{revenue}{orders}</div>{note}<details class="numbers"><summary>As a table</summary>{}</details></section>"#,
        month_name(last.month),
        last.year,
        table("Orders and revenue by month", "simple", &heads, &rows),
    )
}

fn chart(id: &str, title: &str, kind: &str, months: &[Month], value: impl Fn(&Month) -> f64) -> String {
    let largest = months.iter().map(&value).filter(|value| value.is_finite()).fold(0.0, f64::max);
    let labels = labels(months);
    let marks: Vec<Mark> = months
        .iter()
        .zip(labels)
        .map(|(month, label)| {
            let part = if month.is_whole { "" } else { " (in part)" };
            Mark {
                label,
                tip: format!(
                    "{} {}{part}: {}",
                    month_name(month.month),
                    month.year,
                    decimal(value(month), 0)
                ),
                value: value(month),
                kind: format!("{kind}{}", if month.is_whole { "" } else { " part-month" }),
            }
        })
        .collect();
    let (shapes, hits) = columns(&marks, 12.0);
    let spoken = match (months.first(), months.last()) {
        (Some(first), Some(last)) => format!(
            "{title} by month from {} {} to {} {}, at most {}",
            month_name(first.month),
            first.year,
            month_name(last.month),
            last.year,
            decimal(largest, 0)
        ),
        _ => title.to_owned(),
    };
    Figure {
        id,
        title,
        about: "",
        spoken: &spoken,
        kind: "chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: "",
    }
    .html()
}

/// Few labels, so that they have room on a phone: the Januaries of many months, else at most four months, the first of each
/// year with its year.
fn labels(months: &[Month]) -> Vec<String> {
    let step = [1, 2, 3, 4, 6].into_iter().find(|step| months.len().div_ceil(*step) <= 4);
    let mut year = None;
    let mut label = |(place, month): (usize, &Month)| {
        if !step.map_or(month.month == 1, |step| place.is_multiple_of(step)) {
            return String::new();
        }
        let text = match (step, year == Some(month.year)) {
            (None, _) => month.year.to_string(),
            (_, false) => format!("{} {}", short_month(month.month), month.year),
            _ => short_month(month.month).to_owned(),
        };
        year = Some(month.year);
        text
    };
    months.iter().enumerate().map(&mut label).collect()
}
