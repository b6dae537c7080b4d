//! What customers are worth: how lifetime values spread, and what each tier is of customers and of revenue.

use strata_spec::name::UNASSIGNED;

use super::super::data::{ClassData, ReportData, SegmentationData, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, money, percent, percent_in_words};
use super::plot::{ABOVE, BELOW, Figure, Mark, PLOT, bin_label, columns, counted_of, hit, numbers};

pub(super) fn html(data: &ReportData) -> String {
    distribution(data) + &data.segmentation("clv_tier").map(shares).unwrap_or_default()
}

fn distribution(data: &ReportData) -> String {
    let Some(clv) = &data.plots.clv else { return String::new() };
    let n: u64 = clv.bins.iter().map(|bin| bin.n).sum();
    if n == 0 || clv.bins.len() < 2 {
        return String::new();
    }
    let currency = data.currency.as_deref();
    let unit = currency.unwrap_or_default();
    // Every label would not fit: as many as a phone has room for.
    let step = clv.bins.len().div_ceil(6);
    let marks: Vec<Mark> = clv
        .bins
        .iter()
        .enumerate()
        .map(|(place, bin)| {
            let is_last = place + 1 == clv.bins.len();
            let label = match () {
                () if is_last && bin.to.is_none() => bin_label(bin, false),
                () if place.is_multiple_of(step) && place + step <= clv.bins.len() => {
                    super::plot::tick(bin.from)
                }
                () => String::new(),
            };
            Mark {
                label,
                tip: format!("{unit} {}: {}", bin_label(bin, false), counted_of(bin.n, n, "buyers"))
                    .trim()
                    .to_owned(),
                value: bin.n as f64,
                kind: if bin.to.is_none() { "of-r open" } else { "of-r" }.to_owned(),
            }
        })
        .collect();
    let (shapes, hits) = columns(&marks, 16.0);
    let middle = match (clv.median, clv.mean) {
        (Some(median), Some(mean)) => {
            format!(
                "Buyers by lifetime value; median {}, mean {}",
                money(median, currency),
                money(mean, currency)
            )
        }
        _ => "Buyers by lifetime value".to_owned(),
    };
    let with_revenue = clv.bins.iter().any(|bin| bin.revenue.is_some());
    let mut heads = vec![("Lifetime value", Column::Text), ("Buyers", Column::Number), ("%", Column::Number)];
    if with_revenue {
        heads.push(("Revenue so far", Column::Number));
    }
    let rows: Vec<Row> = clv
        .bins
        .iter()
        .map(|bin| {
            let of_all = share(bin.n as f64, n as f64).map_or_else(|| "–".to_owned(), percent);
            let mut fields = vec![
                Field::new(bin_label(bin, false), ""),
                Field::new(count(bin.n), ""),
                Field::new(of_all, ""),
            ];
            if with_revenue {
                fields.push(Field::new(
                    bin.revenue.map_or_else(|| "–".to_owned(), |sum| escape(&money(sum, currency))),
                    "",
                ));
            }
            Row::of(fields)
        })
        .collect();
    Figure {
        id: "clv",
        title: "Lifetime value",
        about: &middle,
        spoken: &format!("{} {middle}", count(n)),
        kind: "chart",
        height: ABOVE + PLOT + BELOW,
        shapes: &shapes,
        hits: &hits,
        after: &numbers(&table("Buyers by lifetime value", "simple", &heads, &rows)),
    }
    .html()
}

/// The tiers twice, one above the other: as parts of the buyers, and as parts of their revenue.
fn shares(tiers: &SegmentationData) -> String {
    let named: Vec<&ClassData> =
        tiers.classes.iter().filter(|class| class.name != UNASSIGNED && class.n_members > 0).collect();
    let n: u64 = named.iter().map(|class| class.n_members).sum();
    let revenue: f64 = named.iter().filter_map(|class| class.revenue).sum();
    let parts: Option<Vec<(String, f64, f64)>> = named
        .iter()
        .map(|class| {
            let of_revenue = share(class.revenue?, revenue).filter(|part| *part >= 0.0)?;
            Some((class.label().0, share(class.n_members as f64, n as f64)?, of_revenue))
        })
        .collect();
    let Some(parts) = parts.filter(|parts| parts.len() > 1) else { return String::new() };
    let (top, height) = (22.0, 40.0);
    let second = top + height + 40.0;
    let total = second + height + 4.0;
    let (mut shapes, mut hits) = (String::new(), String::new());
    for (title, y, of_revenue) in [("Buyers", top, false), ("Their revenue so far", second, true)] {
        shapes.push_str(&format!(r#"<text class="lead" x="0" y="{:.1}">{title}</text>"#, y - 8.0));
        let mut x = 0.0;
        for (place, (name, n, revenue)) in parts.iter().enumerate() {
            let part = if of_revenue { *revenue } else { *n };
            let width = part * 100.0;
            // Shades run from the most valuable tier, the darkest, to the least.
            let step = 4 - (place * 4 / (parts.len() - 1)).min(4);
            shapes.push_str(&format!(
                r#"<rect class="q{step}" x="{x:.2}%" y="{y:.1}" width="{:.2}%" height="{height:.1}"/>"#,
                (width - 0.3).max(0.1)
            ));
            if width >= 9.0 {
                let ink = if step >= 3 { "on-dark" } else { "on-light" };
                shapes.push_str(&format!(
                    r#"<text class="{ink}" x="{:.2}%" y="{:.1}" text-anchor="middle">{}</text>"#,
                    x + width / 2.0,
                    y + height / 2.0 + 4.5,
                    percent_in_words(part)
                ));
            }
            let tip = format!(
                "{name}: {} of buyers, {} of their revenue",
                percent_in_words(*n),
                percent_in_words(*revenue)
            );
            hits.push_str(&hit(x, y / total * 100.0, width, height / total * 100.0, &tip));
            x += width;
        }
    }
    let keys: String = parts
        .iter()
        .enumerate()
        .map(|(place, (name, ..))| {
            let step = 4 - (place * 4 / (parts.len() - 1)).min(4);
            format!(r#"<li><i class="q{step}"></i>{}</li>"#, escape(name))
        })
        .collect();
    let spoken: Vec<String> = parts
        .iter()
        .map(|(name, n, revenue)| {
            format!("{name}: {} of buyers, {} of revenue", percent_in_words(*n), percent_in_words(*revenue))
        })
        .collect();
    Figure {
        id: "tiers",
        title: "What each tier brings",
        about: "Tiers of lifetime value, as parts of the buyers and of what they have paid",
        spoken: &spoken.join("; "),
        kind: "tiers",
        height: total,
        shapes: &shapes,
        hits: &hits,
        after: &format!(r#"<div class="legend"><ul>{keys}</ul></div>"#),
    }
    .html()
}
