//! Who is expected to bring what: how few hold how much, what each class is expected to bring, and who is likely gone.

use super::super::super::data::{Expected, ExpectedDivision, share};
use super::super::html::{Column, Field, Row, escape, table};
use super::super::number::{count, money, percent, percent_in_words};
use super::super::plot::{ABOVE, BELOW, Figure, Mark, PLOT, columns, counted_of, hit, numbers, scale};
use super::{WIDE, legend, path};

/// From this probability on somebody is not called likely gone; the shipped segmentation `alive` draws the line here, too.
const GONE_BELOW: u32 = 4;

pub(super) fn html(expected: &Expected, currency: Option<&str>) -> String {
    let divisions = expected.divisions.iter().map(|division| classes(division, expected.level, currency));
    [concentration(expected), alive(expected, currency)].into_iter().chain(divisions).collect()
}

/// Those who are likely gone.
pub(super) struct Gone {
    pub(super) n: u64,
    pub(super) n_all: u64,
    pub(super) share: f64,
    pub(super) revenue: Option<f64>,
}

pub(super) fn gone(expected: &Expected) -> Option<Gone> {
    let n_all: u64 = expected.alive.iter().map(|bin| bin.n).fold(0, u64::saturating_add);
    let gone = || expected.alive.iter().filter(|bin| bin.tenth < GONE_BELOW);
    let n = gone().map(|bin| bin.n).fold(0, u64::saturating_add);
    let revenues: Vec<f64> = gone().filter_map(|bin| bin.revenue).collect();
    let revenue = (!revenues.is_empty()).then(|| revenues.iter().sum());
    Some(Gone { n, n_all, share: share(n as f64, n_all as f64)?, revenue })
}

/// Which share is held by the first customers.
fn concentration(expected: &Expected) -> String {
    let is_inside = |share: f64| (0.0..=1.0 + 1e-9).contains(&share);
    let curve: Vec<_> = expected
        .curve
        .iter()
        .filter(|point| is_inside(point.customers) && is_inside(point.expected))
        .collect();
    if curve.len() < 3 {
        return String::new();
    }
    let of_all = |share: f64| share * 100.0;
    let from_nothing =
        |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> { [(0.0, 0.0)].into_iter().chain(points).collect() };
    let revenue: Vec<(f64, f64)> = curve
        .iter()
        .filter_map(|point| {
            Some((of_all(point.customers), of_all(point.revenue.filter(|share| is_inside(*share))?)))
        })
        .collect();
    let has_revenue = revenue.len() == curve.len();
    let mut shapes = scale(100.0).replace("</text>", "%</text>");
    shapes.push_str(&path("even", &[(0.0, 0.0), (100.0, 100.0)]));
    if has_revenue {
        shapes.push_str(&path("came", &from_nothing(revenue)));
    }
    let points = curve.iter().map(|point| (of_all(point.customers), of_all(point.expected))).collect();
    shapes.push_str(&path("expects", &from_nothing(points)));
    for (part, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
        let label = if part == 0.5 { "50% of customers".to_owned() } else { format!("{:.0}%", part * 100.0) };
        shapes.push_str(&format!(
            r#"<text x="{:.2}%" y="{:.1}" text-anchor="{anchor}">{label}</text>"#,
            part * WIDE,
            ABOVE + PLOT + 16.0
        ));
    }
    let tip = |customers: f64, expected: f64, revenue: Option<f64>| {
        let revenue = revenue.filter(|_| has_revenue);
        let revenue = revenue.map_or_else(String::new, |share| {
            format!(
                "; the {} ahead so far: {} of revenue",
                percent_in_words(customers),
                percent_in_words(share)
            )
        });
        format!(
            "The first {}: {} of what is expected{revenue}",
            percent_in_words(customers),
            percent_in_words(expected)
        )
    };
    let (mut hits, mut rows, mut before) = (String::new(), Vec::new(), 0.0);
    for point in &curve {
        let to = point.customers * WIDE;
        hits.push_str(&hit(
            before,
            0.0,
            (to - before).max(0.1),
            100.0,
            &tip(point.customers, point.expected, point.revenue),
        ));
        before = to;
        // Every tenth, and the first few, are enough to read.
        let hundredths = (point.customers * 100.0).round() as u64;
        if hundredths.is_multiple_of(10) || hundredths <= 4 {
            let mut fields = vec![
                Field::new(percent_in_words(point.customers), ""),
                Field::new(percent(point.expected), ""),
            ];
            if has_revenue {
                fields.push(Field::new(point.revenue.map_or_else(|| "–".to_owned(), percent), ""));
            }
            rows.push(Row::of(fields));
        }
    }
    let mut heads = vec![("First", Column::Text), ("Of what is expected", Column::Number)];
    if has_revenue {
        heads.push(("Of revenue so far", Column::Number));
    }
    let tenth = curve.iter().find(|point| point.customers >= 0.0999);
    let spoken = tenth.map_or_else(String::new, |point| tip(point.customers, point.expected, point.revenue));
    let title = "How few hold how much";
    let after = match has_revenue {
        true => legend("expected value, led by it", "revenue so far, led by that"),
        false => String::new(),
    };
    Figure {
        id: "held-by",
        title,
        about: "The share held by the first customers; the straight line is where all bring the same",
        spoken: &spoken,
        kind: "chart foresight",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: &[after, numbers(&table(title, "simple", &heads, &rows))].concat(),
    }
    .html()
}

/// Customers by the probability that they are customers still.
fn alive(expected: &Expected, currency: Option<&str>) -> String {
    let Some(gone) = gone(expected) else { return String::new() };
    let label = |tenth: u32| match tenth {
        0 => "0%".to_owned(),
        tenth => (tenth * 10).to_string(),
    };
    let between = |tenth: u32| format!("{}–{}%", tenth * 10, tenth * 10 + 10);
    let marks: Vec<Mark> = expected
        .alive
        .iter()
        .map(|bin| {
            let revenue =
                bin.revenue.map_or_else(String::new, |sum| format!("; {} so far", money(sum, currency)));
            Mark {
                label: label(bin.tenth),
                tip: format!("{}: {}{revenue}", between(bin.tenth), counted_of(bin.n, gone.n_all, "buyers")),
                value: bin.n as f64,
                kind: if bin.tenth < GONE_BELOW { "of-n" } else { "of-r" }.to_owned(),
            }
        })
        .collect();
    let (shapes, hits) = columns(&marks, 16.0);
    let brought =
        gone.revenue.map_or_else(String::new, |sum| format!(", who brought {} so far", money(sum, currency)));
    let about = format!(
        "Buyers by the probability of another order, ever; below {}0% are {}{brought}",
        GONE_BELOW,
        counted_of(gone.n, gone.n_all, "buyers")
    );
    let has_revenue = expected.alive.iter().any(|bin| bin.revenue.is_some());
    let mut heads = vec![("Probability", Column::Text), ("Buyers", Column::Number), ("%", Column::Number)];
    if has_revenue {
        heads.push(("Revenue so far", Column::Number));
    }
    let rows: Vec<Row> = expected
        .alive
        .iter()
        .map(|bin| {
            let of_all = share(bin.n as f64, gone.n_all as f64).map_or_else(|| "–".to_owned(), percent);
            let mut fields = vec![
                Field::new(between(bin.tenth), ""),
                Field::new(count(bin.n), ""),
                Field::new(of_all, ""),
            ];
            if has_revenue {
                let revenue = bin.revenue.map_or_else(|| "–".to_owned(), |sum| escape(&money(sum, currency)));
                fields.push(Field::new(revenue, ""));
            }
            Row::of(fields)
        })
        .collect();
    let title = "Who is likely gone";
    let legend = r#"<div class="legend"><ul><li><i class="of-n"></i>likely gone</li><li><i class="of-r"></i>may well be back</li></ul></div>"#;
    Figure {
        id: "gone",
        title,
        about: &about,
        spoken: &about,
        kind: "chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: &[legend.to_owned(), numbers(&table(title, "simple", &heads, &rows))].concat(),
    }
    .html()
}

/// What each class is expected to bring: of all, and of a customer.
fn classes(division: &ExpectedDivision, level: Option<f64>, currency: Option<&str>) -> String {
    // Intervals are shown of all classes or of none.
    let level = level.filter(|_| division.classes.iter().all(|class| class.interval.is_some()));
    let n_all: u64 = division.classes.iter().map(|class| class.n).fold(0, u64::saturating_add);
    let all: f64 = division.classes.iter().map(|class| class.expected).sum();
    let part = |value: f64, of: f64| share(value, of).filter(|part| (0.0..=1.0).contains(part));
    let largest = division
        .classes
        .iter()
        .flat_map(|class| [part(class.n as f64, n_all as f64), part(class.expected, all)])
        .flatten()
        .fold(0.0, f64::max);
    let bar = |value: Option<f64>, kind: &str, y: u32| {
        let width =
            value.and_then(|value| share(value, largest)).map_or(0.0, |part| part.clamp(0.0, 1.0) * 100.0);
        format!(r#"<rect class="{kind}" x="0" y="{y}" width="{width:.2}%" height="6"/>"#)
    };
    let rows: Vec<Row> = division
        .classes
        .iter()
        .map(|class| {
            let (of_n, of_value) = (part(class.n as f64, n_all as f64), part(class.expected, all));
            let words = |part: Option<f64>| part.map_or_else(|| "–".to_owned(), percent_in_words);
            let bars = format!(
                r#"<svg class="bars" width="100%" height="16" role="img" aria-label="{} of customers, {} of what is expected">{}{}</svg>"#,
                words(of_n),
                words(of_value),
                bar(of_n, "of-n", 1),
                bar(of_value, "of-r", 9),
            );
            let mean = share(class.expected, class.n as f64).map_or_else(|| "–".to_owned(), |mean| money(mean, currency));
            let interval = class.interval.filter(|_| level.is_some()).map(|(low, high)| {
                let ends = format!("{} to {}", money(low, currency), money(high, currency));
                Field::new(escape(&ends), "")
            });
            let cells = vec![
                Field::new(escape(&class.title), ""),
                Field::new(bars, ""),
                Field::new(count(class.n), ""),
                Field::new(escape(&money(class.expected, currency)), ""),
                Field::new(escape(&mean), ""),
            ];
            Row::of(cells.into_iter().chain(interval).collect())
        })
        .collect();
    // Many classes have a row to themselves.
    let wide = if division.classes.len() > 6 { " wide" } else { "" };
    let between = level.map(|level| format!("{:.0}% between", 100.0 * level));
    let mut heads = vec![
        ("", Column::Text),
        ("", Column::Bars),
        ("Customers", Column::Number),
        ("Expected", Column::Number),
        ("Of each", Column::Number),
    ];
    heads.extend(between.as_deref().map(|between| (between, Column::Number)));
    let note = level.map_or_else(String::new, |level| {
        format!(
            r#"<p class="note">With a probability of {:.0}% a typical customer of the class brings an amount between those in the last column.</p>"#,
            100.0 * level
        )
    });
    format!(
        r#"<figure class="plot ranked{wide}"><figcaption><h3>Expected by class: {}</h3><p><span class="dot of-n"></span>of customers <span class="dot of-r"></span>of what is expected</p></figcaption>{}{note}</figure>"#,
        escape(&division.title),
        table(&format!("Expected by class: {}", division.title), "rank foreseen", &heads, &rows)
    )
}
