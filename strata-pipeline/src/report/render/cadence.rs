//! The rhythm of buying: how long customers pause between orders, and on which day and at which hour they order.

use super::super::data::{Cadence, Distribution, ReportData, share};
use super::super::findings::layer::WEEKDAYS;
use super::html::{Column, Field, Row, table};
use super::number::{count, decimal, percent};
use super::plot::{ABOVE, BELOW, Figure, Mark, PLOT, bin_label, columns, counted_of, hit, numbers, shade};

/// The height of an hour's cell, in pixels, and the width of a weekday's name, in percent.
const CELL: f64 = 21.0;
const NAME: f64 = 9.0;

pub(super) fn html(data: &ReportData) -> String {
    let Some(cadence) = &data.plots.cadence else { return String::new() };
    let week = match &cadence.hours {
        Some(hours) => by_hour(hours),
        None => by_weekday(cadence),
    };
    cadence.gaps.as_ref().map(gaps).unwrap_or_default() + &week
}

fn gaps(gaps: &Distribution) -> String {
    let n: u64 = gaps.bins.iter().map(|bin| bin.n).sum();
    if n == 0 {
        return String::new();
    }
    let marks: Vec<Mark> = gaps
        .bins
        .iter()
        .map(|bin| {
            let days = bin_label(bin, true);
            Mark {
                tip: format!("{days} days: {}", counted_of(bin.n, n, "pauses")),
                label: days,
                value: bin.n as f64,
                kind: "of-r".to_owned(),
            }
        })
        .collect();
    let (shapes, hits) = columns(&marks, 16.0);
    let half = gaps.median.map(|median| format!("; half are at most {} days long", decimal(median, 0)));
    let about = format!("Days from one purchase day to the next{}", half.unwrap_or_default());
    let most = gaps.bins.iter().max_by_key(|bin| bin.n).map(|bin| bin_label(bin, true));
    let rows: Vec<Row> = gaps
        .bins
        .iter()
        .map(|bin| {
            let of_all = share(bin.n as f64, n as f64).map_or_else(|| "–".to_owned(), percent);
            Row::of(vec![
                Field::new(bin_label(bin, true), ""),
                Field::new(count(bin.n), ""),
                Field::new(of_all, ""),
            ])
        })
        .collect();
    let heads = [("Days", Column::Text), ("Pauses", Column::Number), ("%", Column::Number)];
    Figure {
        id: "gaps",
        title: "Pauses between orders",
        about: &about,
        spoken: &format!("{} pauses by length; most last {} days", count(n), most.unwrap_or_default()),
        kind: "chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: &numbers(&table("Pauses between orders by days", "simple", &heads, &rows)),
    }
    .html()
}

fn by_hour(hours: &[[u64; 24]; 7]) -> String {
    let n: u64 = hours.iter().flatten().sum();
    let largest = hours.iter().flatten().copied().max().unwrap_or(0);
    if n == 0 {
        return String::new();
    }
    let (slot, height) = ((100.0 - NAME) / 24.0, CELL * 7.0 + BELOW);
    let (mut shapes, mut hits) = (String::new(), String::new());
    for (row, (day, cells)) in WEEKDAYS.iter().zip(hours).enumerate() {
        let y = CELL * row as f64;
        let short = day.get(..3).unwrap_or(day);
        shapes.push_str(&format!(r#"<text x="0" y="{:.1}">{short}</text>"#, y + CELL * 0.68));
        for (hour, cell) in cells.iter().enumerate() {
            let x = NAME + slot * hour as f64;
            let step = shade(share(*cell as f64, largest as f64)).map_or(0, |step| step);
            shapes.push_str(&format!(
                r#"<rect class="q{step}" x="{x:.2}%" y="{:.1}" width="{:.2}%" height="{:.1}"/>"#,
                y + 0.5,
                slot - 0.25,
                CELL - 1.0
            ));
            let tip =
                format!("{day}, {hour:02}:00 to {:02}:00: {}", hour + 1, counted_of(*cell, n, "orders"));
            hits.push_str(&hit(x, y / height * 100.0, slot, CELL / height * 100.0, &tip));
        }
    }
    for hour in [0, 6, 12, 18] {
        shapes.push_str(&format!(
            r#"<text x="{:.2}%" y="{:.1}">{hour:02}:00</text>"#,
            NAME + slot * f64::from(hour),
            CELL * 7.0 + 16.0
        ));
    }
    let spoken = format!(
        "{} orders by weekday and hour; at most {} in one hour of the week",
        count(n),
        count(largest)
    );
    Figure {
        id: "hours",
        title: "When they order",
        about: "Orders by weekday and hour; the stronger the shade, the more",
        spoken: &spoken,
        kind: "hours",
        height,
        shapes: &shapes,
        hits: &hits,
        after: &numbers(&hours_table(hours)),
    }
    .html()
}

/// Four spans of a day are enough in words; the picture has every hour.
fn hours_table(hours: &[[u64; 24]; 7]) -> String {
    let heads = [
        ("Day", Column::Text),
        ("0 to 6", Column::Number),
        ("6 to 12", Column::Number),
        ("12 to 18", Column::Number),
        ("18 to 24", Column::Number),
        ("Orders", Column::Number),
    ];
    let row = |(day, cells): (&&str, &[u64; 24])| {
        let mut fields = vec![Field::new(*day, "")];
        fields.extend(cells.chunks(6).map(|span| Field::new(count(span.iter().sum()), "")));
        fields.push(Field::new(count(cells.iter().sum()), ""));
        Row::of(fields)
    };
    let rows: Vec<Row> = WEEKDAYS.iter().zip(hours).map(row).collect();
    table("Orders by weekday and hours", "simple", &heads, &rows)
}

fn by_weekday(cadence: &Cadence) -> String {
    let Some(days) = cadence.weekdays else { return String::new() };
    let n: u64 = days.iter().sum();
    if n == 0 {
        return String::new();
    }
    let marks: Vec<Mark> = WEEKDAYS
        .iter()
        .zip(days)
        .map(|(day, orders)| Mark {
            label: day.get(..3).unwrap_or(day).to_owned(),
            tip: format!("{day}: {}", counted_of(orders, n, "orders")),
            value: orders as f64,
            kind: "of-r".to_owned(),
        })
        .collect();
    let (shapes, hits) = columns(&marks, 12.5);
    let rows: Vec<Row> = WEEKDAYS
        .iter()
        .zip(days)
        .map(|(day, n)| Row::of(vec![Field::new(*day, ""), Field::new(count(n), "")]))
        .collect();
    let heads = [("Day", Column::Text), ("Orders", Column::Number)];
    Figure {
        id: "weekdays",
        title: "When they order",
        about: "Orders by weekday; the data has no time of day",
        spoken: &format!("{} orders by weekday", count(n)),
        kind: "chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: &numbers(&table("Orders by weekday", "simple", &heads, &rows)),
    }
    .html()
}
