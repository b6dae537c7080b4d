//! Where it all comes from: files, refused rows, what could not be said and why, and what the stages warned of.

use std::collections::BTreeMap;

use super::super::data::{LeftOut, Rejected, ReportData, share};
use super::html::{Column, Field, Row, escape, table};
use super::layer::heading;
use super::number::{bytes, count, counted, percent};
use super::trust;

/// Longer lists are folded away.
const SHOWN: usize = 6;

pub(super) fn html(data: &ReportData) -> String {
    let parts = [
        block("Worth knowing", "", &warnings(data)),
        trust::html(data),
        half("Files read", &files(data)),
        rejected(data),
        left_out(data),
    ];
    format!(
        r#"<section class="part" id="data" aria-labelledby="h-data"><header class="head"><h2 id="h-data">The data</h2><p>what all this rests on, and how far it carries</p></header><div class="halves">{}</div></section>"#,
        parts.concat()
    )
}

/// A part of the section that needs half of the page's width.
pub(super) fn half(title: &str, body: &str) -> String {
    part(title, "card half", "", body)
}

/// A part of the section.
pub(super) fn block(title: &str, id: &str, body: &str) -> String {
    part(title, "card", id, body)
}

fn part(title: &str, kind: &str, id: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    let id = if id.is_empty() { String::new() } else { format!(r#" id="{id}""#) };
    format!(
        r#"<article class="{kind}"{id}><header><h3>{title}</h3></header><div class="what">{body}</div></article>"#
    )
}

fn warnings(data: &ReportData) -> String {
    if data.warnings.is_empty() {
        return String::new();
    }
    let items: String =
        data.warnings.iter().map(|warning| format!("<li>{}</li>", code_spans(warning))).collect();
    format!(r#"<ul class="warnings">{items}</ul>"#)
}

fn files(data: &ReportData) -> String {
    if data.files.is_empty() {
        return "<p>No file has been read.</p>".to_owned();
    }
    let heads = [
        ("File", Column::Text),
        ("Source", Column::Text),
        ("Rows", Column::Number),
        ("Size", Column::Number),
    ];
    let rows: Vec<Row> = data
        .files
        .iter()
        .map(|file| Row {
            fields: vec![
                Field::new(escape(&file.file), ""),
                Field::new(escape(&file.source), "source"),
                Field::new(count(file.n_rows), "rows"),
                Field::new(bytes(file.bytes), ""),
            ],
            is_muted: file.n_rows == 0,
            also: String::new(),
        })
        .collect();
    folded("Files read", &heads, rows, "files")
}

fn rejected(data: &ReportData) -> String {
    if data.files.is_empty() {
        return String::new();
    }
    let (kept, refused): (Vec<&Rejected>, Vec<&Rejected>) =
        data.rejected.iter().partition(|rejected| rejected.is_kept);
    let n = |rejected: &[&Rejected]| rejected.iter().map(|rejected| rejected.n_rows).sum::<u64>();
    let where_to = "The table <code>rejected</code> names each with its file and line.";
    let refused_body = if refused.is_empty() {
        "<p>None: every row that was read is in the tables.</p>".to_owned()
    } else {
        // A row of a file can be refused by several tables.
        let n_read: u64 = data.files.iter().map(|file| file.n_rows).sum();
        let of_read = share(n(&refused) as f64, n_read as f64)
            .filter(|share| *share <= 1.0)
            .map(|share| format!(", {} of those read", percent(share)))
            .unwrap_or_default();
        let rows = counted(n(&refused), "row", "rows");
        format!("<p>{rows}{of_read}. {where_to}</p>{}", reasons("Rows refused by reason", &refused))
    };
    let kept_body = if kept.is_empty() {
        String::new()
    } else {
        let rows = counted(
            n(&kept),
            "row was kept without a value that cannot be right",
            "rows were kept without a value that cannot be right",
        );
        format!("<p>{rows}. {where_to}</p>{}", reasons("Values dropped by reason", &kept))
    };
    half("Rows refused", &refused_body) + &half("Values dropped", &kept_body)
}

fn reasons(caption: &str, rejected: &[&Rejected]) -> String {
    let heads = [("Why", Column::Text), ("Table", Column::Text), ("Rows", Column::Number)];
    let rows: Vec<Row> = rejected
        .iter()
        .map(|rejected| Row {
            fields: vec![
                Field::new(code_spans(&rejected.reason), ""),
                Field::new(escape(&rejected.table), "table"),
                Field::new(count(rejected.n_rows), "rows"),
            ],
            is_muted: false,
            also: String::new(),
        })
        .collect();
    folded(caption, &heads, rows, "reasons")
}

/// What is missing stands once, with everything that it would allow.
fn left_out(data: &ReportData) -> String {
    if data.left_out.is_empty() {
        return String::new();
    }
    let mut by_reason: BTreeMap<&str, Vec<&LeftOut>> = BTreeMap::new();
    for left_out in &data.left_out {
        by_reason.entry(&left_out.reason).or_default().push(left_out);
    }
    let mut groups: Vec<_> = by_reason.into_iter().collect();
    groups.sort_by(|(a_reason, a), (b_reason, b)| {
        let layer = |group: &[&LeftOut]| group.first().map(|left_out| left_out.layer);
        layer(a).cmp(&layer(b)).then(b.len().cmp(&a.len())).then(a_reason.cmp(b_reason))
    });
    let heads = [("Segmentation", Column::Text), ("Layer", Column::Text), ("What is missing", Column::Text)];
    let rows: Vec<Row> = groups
        .into_iter()
        .map(|(reason, group)| {
            let titles: Vec<String> = group.iter().map(|left_out| escape(&left_out.title)).collect();
            let mut layers: Vec<&str> = group.iter().map(|left_out| heading(left_out.layer)).collect();
            layers.dedup();
            Row {
                fields: vec![
                    Field::new(titles.join(", "), ""),
                    Field::new(layers.join(", "), ""),
                    Field::new(code_spans(reason), ""),
                ],
                is_muted: false,
                also: String::new(),
            }
        })
        .collect();
    let figures = match data.n_figures_left_out {
        0 => String::new(),
        n => format!(
            " Nor {} {} behind them.",
            if n == 1 { "is" } else { "are" },
            counted(n, "figure", "figures")
        ),
    };
    let body = format!(
        "<p>{} not computed, since the data does not have what {}.{figures} Add a source, or map a column, in <code>strata.toml</code>.</p>{}",
        counted(data.left_out.len() as u64, "shipped segmentation is", "shipped segmentations are"),
        if data.left_out.len() == 1 { "it needs" } else { "they need" },
        folded("Segmentations left out", &heads, rows, "gaps")
    );
    block("Not in this data", "left-out", &body)
}

/// Names between backticks, and words with a dot or underscore inside, as code.
fn code_spans(text: &str) -> String {
    text.split(' ')
        .map(|word| {
            let bare = word.trim_matches('`');
            let is_name = bare != word
                || bare.contains('_')
                || bare.split('.').filter(|part| !part.is_empty()).count() > 1;
            if is_name { format!("<code>{}</code>", escape(bare)) } else { escape(word) }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn folded(caption: &str, heads: &[(&str, Column)], mut rows: Vec<Row>, what: &str) -> String {
    let rest = if rows.len() > SHOWN + 1 { rows.split_off(SHOWN) } else { Vec::new() };
    let shown = table(caption, "simple stack", heads, &rows);
    if rest.is_empty() {
        return shown;
    }
    format!(
        "{shown}<details><summary>{} more {what}</summary>{}</details>",
        count(rest.len() as u64),
        table(&format!("{caption}, continued"), "simple stack", heads, &rest)
    )
}
