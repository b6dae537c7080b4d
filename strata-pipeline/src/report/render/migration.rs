//! Who went from which class to which between two instants, and what they are worth.

use std::cmp::Ordering;

use super::super::data::{ClassData, MigrationData, Move, ReportData, capitalised, share};
use super::html::{Column, Field, Row, anchor, escape, table};
use super::number::{count, counted, instant, money, percent, percent_in_words};
use super::plot::shade;
use super::sankey;

/// So many segmentations are shown before the rest is folded away.
const SHOWN: usize = 3;

/// So many moves are told one by one.
const MOST: usize = 8;

/// Who was not on file at the earlier instant, and who is no longer at the later one.
pub(super) const CAME: &str = "Not on file";
pub(super) const WENT: &str = "No longer on file";

pub(super) fn html(data: &ReportData) -> String {
    let parts: Vec<String> = data
        .migrations
        .iter()
        .filter(|migration| migration.moves.iter().any(|each| each.n > 0))
        .map(|migration| part(data, migration))
        .collect();
    let (shown, rest) = parts.split_at(parts.len().min(SHOWN));
    if shown.is_empty() {
        return String::new();
    }
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!(
            "<details><summary>{}</summary>{}</details>",
            counted(rest.len() as u64, "more segmentation", "more segmentations"),
            rest.concat()
        )
    };
    format!(
        r#"<section class="part" id="moves" aria-labelledby="h-moves"><header class="head"><h2 id="h-moves">Who moved</h2><p>from class to class between two days</p></header>{}{rest}</section>"#,
        shown.concat()
    )
}

fn part(data: &ReportData, migration: &MigrationData) -> String {
    let sum = |keep: &dyn Fn(&Move) -> bool| -> u64 {
        migration.moves.iter().filter(|each| keep(each)).map(|each| each.n).sum()
    };
    let stayed = sum(&|each| each.from.is_some() && each.from == each.to);
    let known = sum(&|each| each.from.is_some());
    let came = sum(&|each| each.from.is_none());
    let subject = migration.subject.as_str();
    let mut meaning = format!(
        "Between {} and {}, <strong>{}</strong> of {} {subject} stayed in their class",
        instant(migration.from),
        instant(migration.to),
        share(stayed as f64, known as f64).map_or_else(|| "0%".to_owned(), percent_in_words),
        count(known),
    );
    if came > 0 {
        meaning.push_str(&format!("; <strong>{}</strong> came new", count(came)));
    }
    let moved = migration.moves.iter().filter(|each| each.from.is_some() && each.from != each.to);
    if let Some(revenue) = moved.map(|each| each.revenue).sum::<Option<f64>>().filter(|sum| *sum > 0.0) {
        let revenue = escape(&money(revenue, data.currency.as_deref()));
        meaning.push_str(&format!("; those who moved have brought <strong>{revenue}</strong> so far"));
    }
    let id = anchor("moves", &migration.segmentation);
    format!(
        r#"<article class="block" id="{id}"><h3>{}</h3><p class="meaning">{meaning}.</p><figure class="plot"><figcaption><h4 id="{id}-m">Where they went</h4><p>Rows: class then; columns: class now. In each cell how many; the shade is their share of the row.</p></figcaption><div class="wide-table" tabindex="0" role="region" aria-labelledby="{id}-m">{}</div></figure>{}<div class="pair"><figure class="plot"><figcaption><h4>The largest moves</h4><p>By what those who moved have brought so far</p></figcaption>{}</figure><figure class="plot"><figcaption><h4>Then and now</h4><p>How each class grew or shrank</p></figcaption>{}</figure></div></article>"#,
        escape(&migration.title),
        matrix(migration),
        sankey::html(migration),
        largest(data, migration),
        sizes(migration),
    )
}

fn matrix(migration: &MigrationData) -> String {
    let named: Vec<Option<&str>> = migration.classes.iter().map(|(name, _)| Some(name.as_str())).collect();
    let holds = |end: fn(&Move) -> &Option<String>| {
        migration.moves.iter().any(|each| end(each).is_none() && each.n > 0)
    };
    let side = |is_there: bool| -> Vec<Option<&str>> {
        named.iter().copied().chain(is_there.then_some(None)).collect()
    };
    let (rows, columns) = (side(holds(|each| &each.from)), side(holds(|each| &each.to)));
    let heads: String = columns
        .iter()
        .map(|column| {
            format!(r#"<th scope="col"><span>{}</span></th>"#, escape(&title(migration, *column, WENT)))
        })
        .collect();
    let rows_html: String = rows
        .iter()
        .map(|row| {
            let n_row: u64 =
                migration.moves.iter().filter(|each| each.from.as_deref() == *row).map(|each| each.n).sum();
            let cells: String = columns.iter().map(|column| cell(migration, *row, *column, n_row)).collect();
            format!(
                r#"<tr><th scope="row">{} <small>{}</small></th>{cells}</tr>"#,
                escape(&title(migration, *row, CAME)),
                count(n_row)
            )
        })
        .collect();
    format!(
        r#"<table class="cells moves" style="min-width:{:.1}rem"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows_html}</tbody></table>"#,
        super::cross::width(columns.len())
    )
}

fn cell(migration: &MigrationData, row: Option<&str>, column: Option<&str>, n_row: u64) -> String {
    let n: u64 = migration
        .moves
        .iter()
        .filter(|each| (each.from.as_deref(), each.to.as_deref()) == (row, column))
        .map(|each| each.n)
        .sum();
    let stays = if row.is_some() && row == column { " stays" } else { "" };
    let Some(step) = shade(share(n as f64, n_row as f64)) else {
        return format!(r#"<td class="few{stays}">·</td>"#);
    };
    let of_row = share(n as f64, n_row as f64).map(percent).unwrap_or_default();
    format!(
        r#"<td class="q{step}{stays} tip" data-tip="{} → {}: {} ({of_row} of the row)">{}</td>"#,
        escape(&title(migration, row, CAME)),
        escape(&title(migration, column, WENT)),
        count(n),
        count(n)
    )
}

fn largest(data: &ReportData, migration: &MigrationData) -> String {
    let mut moves: Vec<&Move> =
        migration.moves.iter().filter(|each| each.from != each.to && each.n > 0).collect();
    let revenue = |each: &Move| each.revenue.filter(|sum| sum.is_finite()).unwrap_or(0.0);
    moves.sort_by(|a, b| {
        revenue(b)
            .total_cmp(&revenue(a))
            .then(b.n.cmp(&a.n))
            .then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to)))
    });
    if moves.is_empty() {
        return "<p>Nobody moved.</p>".to_owned();
    }
    let subject = capitalised(migration.subject.as_str());
    let heads = [("Move", Column::Text), (subject.as_str(), Column::Number), ("Revenue", Column::Number)];
    let rows: Vec<Row> = moves
        .into_iter()
        .take(MOST)
        .map(|each| {
            Row::of(vec![
                Field::new(
                    format!(
                        "{} <span class=\"why\">→</span> {}",
                        escape(&title(migration, each.from.as_deref(), CAME)),
                        escape(&title(migration, each.to.as_deref(), WENT))
                    ),
                    "",
                ),
                Field::new(count(each.n), ""),
                Field::new(
                    each.revenue
                        .map_or_else(|| "–".to_owned(), |sum| escape(&money(sum, data.currency.as_deref()))),
                    "",
                ),
            ])
        })
        .collect();
    table("The largest moves", "simple", &heads, &rows)
}

/// How many were in each class then and are now.
fn sizes(migration: &MigrationData) -> String {
    let heads = [
        ("Class", Column::Text),
        ("Then", Column::Number),
        ("Now", Column::Number),
        ("Change", Column::Number),
    ];
    let n = |end: fn(&Move) -> &Option<String>, name: &str| -> u64 {
        let of_class = migration.moves.iter().filter(|each| end(each).as_deref() == Some(name));
        of_class.map(|each| each.n).sum()
    };
    let rows: Vec<Row> = migration
        .classes
        .iter()
        .map(|(name, _)| (name, n(|each| &each.from, name), n(|each| &each.to, name)))
        .filter(|(_, then, now)| then + now > 0)
        .map(|(name, then, now)| {
            let change = match now.cmp(&then) {
                Ordering::Less => format!("−{}", count(then - now)),
                Ordering::Equal => "0".to_owned(),
                Ordering::Greater => format!("+{}", count(now - then)),
            };
            Row::of(vec![
                Field::new(escape(&title(migration, Some(name), "")), ""),
                Field::new(count(then), ""),
                Field::new(count(now), ""),
                Field::new(change, ""),
            ])
        })
        .collect();
    table("Classes then and now", "simple", &heads, &rows)
}

/// A class by a word or two; `nobody` where there is no class.
pub(super) fn title(migration: &MigrationData, name: Option<&str>, nobody: &str) -> String {
    let Some(name) = name else { return nobody.to_owned() };
    let known = migration.classes.iter().find(|(known, _)| known == name);
    let title = known.map_or(name, |(_, title)| title).to_owned();
    ClassData { name: name.to_owned(), title, ..ClassData::default() }.label().0
}
