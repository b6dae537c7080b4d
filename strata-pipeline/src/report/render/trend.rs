//! Revenue and orders month by month, as bars on two scales of their own, with the same numbers as a table.

use super::super::data::{Month, ReportData, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, decimal, decimals_of, month_name, short_month};

/// So many months fit on a page; earlier ones stand in the table.
const DRAWN: usize = 60;

/// The height of a chart's plot, and of the space for its months below, in pixels.
const PLOT: f64 = 132.0;
const BELOW: f64 = 22.0;
const ABOVE: f64 = 18.0;

/// The part of a chart's width that bars take, in percent.
const WIDTH: f64 = 88.0;

pub(super) fn html(data: &ReportData) -> String {
    let Some(last) = data.months.last() else { return String::new() };
    let drawn = data.months.get(data.months.len().saturating_sub(DRAWN)..).unwrap_or_default();
    let decimals = decimals_of(data.months.iter().map(|month| month.revenue));
    let unit = data.currency.as_deref().unwrap_or_default();
    let has_revenue = data.months.iter().any(|month| month.revenue != 0.0);
    let revenue = if has_revenue {
        let title = if unit.is_empty() { "Revenue".to_owned() } else { format!("Revenue, {unit}") };
        chart(&title, "of-r", drawn, |month| month.revenue)
    } else {
        String::new()
    };
    let orders = chart("Orders", "of-n", drawn, |month| month.n_orders as f64);
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
            Row { fields, is_muted: false }
        })
        .collect();
    let earlier = match data.months.len() - drawn.len() {
        0 => String::new(),
        n => format!(": the last {DRAWN} months, {n} earlier ones are in the table"),
    };
    format!(
        r#"<section class="part" id="months" aria-labelledby="h-months"><header class="head"><h2 id="h-months">Month by month</h2><p>until {} {}{earlier}</p></header><div class="what charts">{revenue}{orders}</div>{note}<details class="wide"><summary>As a table</summary>{}</details></section>"#,
        month_name(last.month),
        last.year,
        table("Orders and revenue by month", "simple", &heads, &rows),
    )
}

fn chart(title: &str, kind: &str, months: &[Month], value: impl Fn(&Month) -> f64) -> String {
    let largest = months.iter().map(&value).filter(|value| value.is_finite()).fold(0.0, f64::max);
    let top = round_up(largest);
    // Right of the bars stand the scale's numbers; and a few months do not become slabs.
    let slot = (WIDTH / months.len().max(1) as f64).min(12.0);
    let bars: String = months
        .iter()
        .enumerate()
        .map(|(place, month)| {
            let height = share(value(month), top).map_or(0.0, |part| part.clamp(0.0, 1.0) * PLOT);
            let part = if month.is_whole { "" } else { " part" };
            format!(
                r#"<rect class="{kind}{part}" x="{:.3}%" y="{:.1}" width="{:.3}%" height="{height:.1}"/>"#,
                place as f64 * slot + slot * 0.12,
                ABOVE + PLOT - height,
                slot * 0.76,
            )
        })
        .collect();
    let lines: String = [0.0, 0.5, 1.0]
        .iter()
        .map(|part| {
            let y = ABOVE + PLOT * (1.0 - part);
            let label = if *part > 0.0 {
                format!(r#"<text x="100%" y="{:.1}" text-anchor="end">{}</text>"#, y - 4.0, tick(top * part))
            } else {
                String::new()
            };
            format!(r#"<line x1="0" x2="100%" y1="{y:.1}" y2="{y:.1}"/>{label}"#)
        })
        .collect();
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
    format!(
        r#"<figure class="chart"><figcaption>{title}</figcaption><svg role="img" aria-label="{}" width="100%" height="{:.0}">{lines}{bars}{}</svg></figure>"#,
        escape(&spoken),
        ABOVE + PLOT + BELOW,
        months_below(months, slot),
        title = escape(title),
    )
}

/// Few labels, so that they have room on a phone: the Januaries of many months, else at most six months, the first of each
/// year with its year.
fn months_below(months: &[Month], slot: f64) -> String {
    let step = [1, 2, 3, 4].into_iter().find(|step| months.len().div_ceil(*step) <= 6);
    let mut year = None;
    months
        .iter()
        .enumerate()
        .filter(|(place, month)| step.map_or(month.month == 1, |step| place.is_multiple_of(step)))
        .map(|(place, month)| {
            let text = match (step, year == Some(month.year)) {
                (None, _) => month.year.to_string(),
                (_, false) => format!("{} {}", short_month(month.month), month.year),
                _ => short_month(month.month).to_owned(),
            };
            year = Some(month.year);
            let y = ABOVE + PLOT + 16.0;
            format!(r#"<text x="{:.3}%" y="{y:.1}">{text}</text>"#, place as f64 * slot + slot * 0.12)
        })
        .collect()
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten; 1 where there is nothing.
fn round_up(value: f64) -> f64 {
    if !(value.is_finite() && value > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 4.0, 5.0, 8.0, 10.0];
    steps.iter().map(|step| step * power).find(|top| *top >= value).unwrap_or(10.0 * power)
}

/// A number of the scale, short enough for a phone.
fn tick(value: f64) -> String {
    let (value, unit) = match value {
        value if value >= 1e9 => (value / 1e9, "\u{a0}bn"),
        value if value >= 1e6 => (value / 1e6, "\u{a0}M"),
        value if value >= 1e4 => (value / 1e3, "k"),
        value => (value, ""),
    };
    let decimals = [0, 1, 2].into_iter().find(|decimals| {
        let scaled = value * 10_f64.powi(*decimals);
        (scaled - scaled.round()).abs() < 1e-6
    });
    format!("{}{unit}", decimal(value, usize::try_from(decimals.unwrap_or(2)).unwrap_or(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (value, expected) in [
            (0.0, 1.0),
            (f64::NAN, 1.0),
            (1.0, 1.0),
            (37.0, 40.0),
            (1201.0, 2000.0),
            (0.3, 0.4),
            (9999.0, 10000.0),
        ] {
            assert!((round_up(value) - expected).abs() < 1e-9, "{value} gave {}", round_up(value));
        }
        for (value, expected) in
            [(0.5, "0.5"), (250.0, "250"), (2500.0, "2,500"), (12_500.0, "12.5k"), (4e6, "4\u{a0}M")]
        {
            assert_eq!(tick(value), expected);
        }
    }
}
