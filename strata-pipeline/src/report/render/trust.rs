//! How far the data can be trusted: what each layer lacks and what that costs, which columns have something wrong, who was
//! found behind the ids, what was no customer's doing, and how fresh it all is.

use strata_spec::definition::Layer;

use super::super::data::{ColumnQuality, IdentityData, QualityData, Reason, ReportData, capitalised, share};
use super::html::{Column, Field, Row, escape, table};
use super::layer::heading;
use super::number::{count, counted, instant, percent, percent_in_words};
use super::sources::{block, half};

/// So many columns are shown before the rest is folded away.
const SHOWN: usize = 10;

/// So many gaps are told for a layer.
const GAPS: usize = 2;

/// What can be wrong with a value, the gravest first, and the class of its bar.
const FAULTS: [(&str, &str); 6] = [
    ("missing", "f0"),
    ("invalid", "f1"),
    ("inconsistent", "f2"),
    ("duplicated", "f3"),
    ("outlying", "f4"),
    ("stale", "f5"),
];

pub(super) fn html(data: &ReportData) -> String {
    let Some(quality) = &data.quality else { return String::new() };
    [
        block("What each layer can say", "", &layers(quality)),
        block("Columns with something wrong", "", &columns(quality)),
        block("Who is who", "", &quality.identity.as_ref().map(identity).unwrap_or_default()),
        half("Perhaps not what it seems", &flagged(quality)),
        half("How fresh it is", &freshness(data, quality)),
        half("Changed since the last run", &changes(quality)),
    ]
    .concat()
}

fn layers(quality: &QualityData) -> String {
    let mut layers: Vec<_> = quality.layers.iter().collect();
    layers.sort_by_key(|layer| Layer::ALL.iter().position(|known| *known == layer.layer));
    let heads = [
        ("Layer", Column::Text),
        ("", Column::Bars),
        ("Score", Column::Number),
        ("What the gaps cost", Column::Text),
    ];
    let rows: Vec<Row> = layers
        .into_iter()
        .map(|layer| {
            let width = if layer.score.is_finite() { layer.score.clamp(0.0, 1.0) * 100.0 } else { 0.0 };
            let bar = format!(
                r#"<svg class="bars" width="100%" height="10" aria-hidden="true"><rect class="rest" width="100%" height="10" rx="2"/><rect class="of-r" width="{width:.1}%" height="10" rx="2"/></svg>"#
            );
            let gaps: Vec<String> = layer
                .gaps
                .iter()
                .take(GAPS)
                .map(|gap| {
                    format!(
                        "{} is missing for {}: {} are in no class of “{}”.",
                        capitalised(&gap.what),
                        percent_in_words(gap.missing),
                        percent_in_words(gap.unassigned),
                        gap.segmentation
                    )
                })
                .collect();
            let cost = if gaps.is_empty() { "Nothing is missing.".to_owned() } else { gaps.join(" ") };
            Row::of(vec![
                Field::new(format!("<b>{}</b>", heading(layer.layer)), ""),
                Field::new(bar, ""),
                Field::new(percent_in_words(layer.score), ""),
                Field::new(escape(&cost), ""),
            ])
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        r#"<p>The score is the share of customers or companies that a layer’s segmentations can place, on average.</p>{}"#,
        table("What each layer can say", "layers", &heads, &rows)
    )
}

fn faults(column: &ColumnQuality) -> [u64; 6] {
    [
        column.n_missing,
        column.n_invalid,
        column.n_inconsistent,
        column.n_duplicated,
        column.n_outlying,
        column.n_stale,
    ]
}

/// The share of a column's rows that have a fault; a row with two faults counts twice.
fn badness(column: &ColumnQuality) -> f64 {
    share(faults(column).iter().sum::<u64>() as f64, column.n_rows as f64).unwrap_or(0.0)
}

fn columns(quality: &QualityData) -> String {
    let (mut wrong, mut right): (Vec<_>, Vec<_>) =
        quality.columns.iter().partition(|column| faults(column).iter().any(|n| *n > 0));
    let name = |column: &ColumnQuality| (column.column.clone(), column.source.clone());
    wrong.sort_by(|a, b| badness(b).total_cmp(&badness(a)).then_with(|| name(a).cmp(&name(b))));
    right.sort_by_key(|column| name(column));
    if quality.columns.is_empty() {
        return String::new();
    }
    let legend: String =
        FAULTS.iter().map(|(fault, kind)| format!(r#"<li><i class="{kind}"></i>{fault}</li>"#)).collect();
    let mut html = if wrong.is_empty() {
        "<p>None: every value that was read can be right.</p>".to_owned()
    } else {
        format!(r#"<div class="legend above"><span>Share of rows</span><ul>{legend}</ul></div>"#)
    };
    let rest = if wrong.len() > SHOWN + 1 { wrong.split_off(SHOWN) } else { Vec::new() };
    if !wrong.is_empty() {
        html.push_str(&column_table("Columns with something wrong", &wrong));
    }
    if !rest.is_empty() {
        html.push_str(&format!(
            "<details><summary>{} more columns with something wrong</summary>{}</details>",
            count(rest.len() as u64),
            column_table("More columns with something wrong", &rest)
        ));
    }
    if !right.is_empty() {
        let names: Vec<String> = right
            .iter()
            .map(|column| format!("<code>{}</code> ({})", escape(&column.column), escape(&column.source)))
            .collect();
        html.push_str(&format!(
            "<details><summary>{} with nothing wrong</summary><p>{}</p></details>",
            counted(right.len() as u64, "column", "columns"),
            names.join(", ")
        ));
    }
    html
}

fn column_table(caption: &str, columns: &[&ColumnQuality]) -> String {
    let heads = [
        ("Column", Column::Text),
        ("", Column::Bars),
        ("Source", Column::Text),
        ("Rows", Column::Number),
        ("What is wrong", Column::Text),
    ];
    let rows: Vec<Row> = columns
        .iter()
        .map(|column| {
            let mut x = 0.0;
            let (mut bars, mut words) = (String::new(), Vec::new());
            for ((fault, kind), n) in FAULTS.iter().zip(faults(column)).filter(|(_, n)| *n > 0) {
                let part = share(n as f64, column.n_rows as f64).unwrap_or(0.0);
                let width = (part * 100.0).clamp(0.8, (100.0_f64 - x).max(0.8));
                bars.push_str(&format!(
                    r#"<rect class="{kind}" x="{x:.2}%" width="{width:.2}%" height="10"/>"#
                ));
                x = (x + width).min(99.2);
                words.push(format!("{} {fault}", percent(part)));
            }
            Row::of(vec![
                Field::new(format!("<code>{}</code>", escape(&column.column)), ""),
                Field::new(
                    format!(
                        r#"<svg class="bars" width="100%" height="10" aria-hidden="true"><rect class="rest" width="100%" height="10"/>{bars}</svg>"#
                    ),
                    "",
                ),
                Field::new(escape(&column.source), ""),
                Field::new(count(column.n_rows), "rows"),
                Field::new(words.join(", "), ""),
            ])
        })
        .collect();
    table(caption, "layers columns", &heads, &rows)
}

fn identity(identity: &IdentityData) -> String {
    let tiles: String =
        [("Ids in the sources", identity.n_ids), ("Customers behind them", identity.n_customers)]
            .iter()
            .map(|(what, n)| format!("<div><dt>{what}</dt><dd>{}</dd></div>", count(*n)))
            .collect();
    let reasons = |title: &str, reasons: &[Reason]| {
        if reasons.is_empty() {
            return String::new();
        }
        let rows: Vec<Row> = reasons
            .iter()
            .map(|reason| {
                Row::of(vec![Field::new(escape(&reason.what), ""), Field::new(count(reason.n), "")])
            })
            .collect();
        let heads = [(title, Column::Text), ("Times", Column::Number)];
        format!("<div>{}</div>", table(title, "simple", &heads, &rows))
    };
    format!(
        r#"<dl class="tiles">{tiles}</dl><div class="pair">{}{}</div><p>The table <code>identity_refused</code> has each join that was not made; <code>strata identity duplicates</code> proposes pairs that look like one.</p>"#,
        reasons("Joined by the same", &identity.joined),
        reasons("Not joined, because", &identity.refused),
    )
}

fn flagged(quality: &QualityData) -> String {
    if quality.flagged.is_empty() {
        return String::new();
    }
    let heads = [("What", Column::Text), ("Rows", Column::Number), ("Of their table", Column::Number)];
    let rows: Vec<Row> = quality
        .flagged
        .iter()
        .map(|flagged| {
            let part = share(flagged.n as f64, flagged.n_of as f64).map_or_else(|| "–".to_owned(), percent);
            Row::of(vec![
                Field::new(escape(&flagged.what), ""),
                Field::new(count(flagged.n), "rows"),
                Field::new(part, "of their table"),
            ])
        })
        .collect();
    format!(
        "<p>They count like all others. A <code>where</code> in the manifest leaves them out.</p>{}",
        table("Flagged rows", "simple", &heads, &rows)
    )
}

fn freshness(data: &ReportData, quality: &QualityData) -> String {
    if quality.freshness.is_empty() {
        return String::new();
    }
    let with_before = quality.freshness.iter().any(|source| source.n_rows_before.is_some());
    let mut heads = vec![
        ("Source", Column::Text),
        ("Last heard of", Column::Text),
        ("Before", Column::Number),
        ("Rows", Column::Number),
    ];
    if with_before {
        heads.push(("Since the last run", Column::Number));
    }
    let mut sources: Vec<_> = quality.freshness.iter().collect();
    sources.sort_by(|a, b| a.last.cmp(&b.last).then_with(|| a.source.cmp(&b.source)));
    let rows: Vec<Row> = sources
        .into_iter()
        .map(|source| {
            let days = (data.as_of.date() - source.last.date()).num_days();
            let before = match days {
                days if days < 0 => "later".to_owned(),
                0 => "same day".to_owned(),
                1 => "1 day".to_owned(),
                days => format!("{} days", count(days.unsigned_abs())),
            };
            let mut fields = vec![
                Field::new(escape(&source.source), ""),
                Field::new(instant(source.last), ""),
                Field::new(before, ""),
                Field::new(count(source.n_rows), "rows"),
            ];
            if with_before {
                let change = source.n_rows_before.map_or_else(
                    || "new".to_owned(),
                    |before| match source.n_rows.checked_sub(before) {
                        Some(0) => "0".to_owned(),
                        Some(more) => format!("+{}", count(more)),
                        None => format!("−{}", count(before - source.n_rows)),
                    },
                );
                fields.push(Field::new(change, "since the last run"));
            }
            Row::of(fields)
        })
        .collect();
    table("How fresh the sources are", "simple stack", &heads, &rows)
}

fn changes(quality: &QualityData) -> String {
    if quality.changes.is_empty() {
        return String::new();
    }
    let heads = [("Share of", Column::Text), ("Then", Column::Number), ("Now", Column::Number)];
    let rows: Vec<Row> = quality
        .changes
        .iter()
        .map(|change| {
            Row::of(vec![
                Field::new(escape(&change.what), ""),
                Field::new(percent(change.before), ""),
                Field::new(percent(change.now), ""),
            ])
        })
        .collect();
    table("Changed since the last run", "simple", &heads, &rows)
}
