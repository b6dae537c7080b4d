//! What has changed beyond the usual: shares outside their usual range as sentences, traits that have shifted as bars beside the limits
//! of their index, and properties that changed with what changed with them.

use super::super::data::{Drift, LifeChanges, ReportData, capitalised, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, counted, decimal, percent};
use super::plot::{Figure, hit, numbers, round_up, tick};
use crate::drift::{self, Kind, Level, MODERATE, Move, Property, SIGNIFICANT};

/// So many sentences, bars, properties and moves are shown.
const SENTENCES: usize = 8;
const BARS: usize = 12;
const PROPERTIES: usize = 6;
const MOVES: usize = 5;

/// The height of a bar with its name, in pixels, and of the space above for the limits.
const ROW: f64 = 34.0;
const TOP: f64 = 20.0;

pub(super) fn html(data: &ReportData) -> String {
    let Some(drift) = &data.drift else { return String::new() };
    let said = sentences(drift);
    let life = data.life_changes.as_ref().map(life).unwrap_or_default();
    format!(
        r#"<section class="part" id="drift" aria-labelledby="h-drift"><header class="head"><h2 id="h-drift">Drift</h2><p>what has changed beyond the usual since earlier runs</p></header>{said}{}{life}</section>"#,
        bars(drift),
    )
}

fn sentences(drift: &Drift) -> String {
    let all: Vec<String> = drift.notable(Kind::Share).into_iter().filter_map(|row| row.sentence()).collect();
    let n_more = all.len().saturating_sub(SENTENCES);
    let n_compared = drift.rows.iter().filter(|row| row.kind == Kind::Share && row.low.is_some()).count();
    let mut html = String::new();
    if n_compared > 0 && all.is_empty() {
        html.push_str(&format!(
            r#"<p class="note">All {} classes and segments are within their usual range.</p>"#,
            count(n_compared as u64)
        ));
    }
    if !all.is_empty() {
        let shown: String = all
            .iter()
            .take(SENTENCES)
            .map(|each| format!("<li>{}.</li>", escape(&capitalised(each))))
            .collect();
        html.push_str(&format!(r#"<div class="apart"><ul>{shown}</ul></div>"#));
    }
    if n_more > 0 {
        html.push_str(&format!(
            r#"<p class="note">{} outside their usual range: <code>strata segments drift</code>.</p>"#,
            counted(n_more as u64, "more is", "more are")
        ));
    }
    if let Some(sentence) = drift.too_few() {
        html.push_str(&format!(r#"<p class="note">{}</p>"#, escape(&sentence)));
    }
    html
}

/// The traits that have shifted furthest, against the limits of their index.
fn bars(drift: &Drift) -> String {
    let mut traits: Vec<&drift::Row> =
        drift.rows.iter().filter(|row| row.kind == Kind::Psi && row.value.is_finite()).collect();
    traits.sort_by(|one, other| other.value.total_cmp(&one.value).then_with(|| one.name.cmp(&other.name)));
    let n_all = traits.len();
    let n_shifted = drift.notable(Kind::Psi).len();
    traits.truncate(BARS);
    let Some(largest) = traits.first().map(|row| row.value) else { return String::new() };
    let top = round_up(largest.max(SIGNIFICANT * 1.2));
    let at = |value: f64| share(value, top).unwrap_or(0.0).clamp(0.0, 1.0) * 100.0;
    let height = TOP + ROW * traits.len() as f64;
    let (mut shapes, mut hits) = (String::new(), String::new());
    for limit in [MODERATE, SIGNIFICANT] {
        shapes.push_str(&format!(
            r#"<line class="limit" x1="{x:.2}%" x2="{x:.2}%" y1="{TOP:.0}" y2="{height:.0}"/><text class="small" x="{x:.2}%" y="13" text-anchor="middle">{}</text>"#,
            tick(limit),
            x = at(limit),
        ));
    }
    for (place, row) in traits.iter().enumerate() {
        let y = TOP + ROW * place as f64;
        let kind = match row.level {
            Level::Alert => "f1",
            Level::Watch => "f2",
            Level::None | Level::TooFewRuns => "f0",
        };
        shapes.push_str(&format!(
            r#"<text class="lead" x="0" y="{:.1}">{}</text><rect class="{kind}" x="0" y="{:.1}" width="{:.2}%" height="10"/>"#,
            y + 14.0,
            escape(&row.name),
            y + 19.0,
            at(row.value).max(0.2),
        ));
        let tip = format!("{}: {}", row.name, decimal(row.value, 3));
        hits.push_str(&hit(0.0, y / height * 100.0, 100.0, ROW / height * 100.0, &tip));
    }
    let subject = |row: &drift::Row| capitalised(row.subject.singular());
    let rows: Vec<Row> = traits
        .iter()
        .map(|row| {
            let limit = |limit: Option<f64>| limit.map_or_else(|| "–".to_owned(), |limit| decimal(limit, 2));
            Row::of(vec![
                Field::new(escape(&row.name), ""),
                Field::new(subject(row), ""),
                Field::new(decimal(row.value, 3), ""),
                Field::new(limit(row.low), ""),
                Field::new(limit(row.high), ""),
            ])
        })
        .collect();
    let heads = [
        ("Trait", Column::Text),
        ("Of a", Column::Text),
        ("Index", Column::Number),
        ("Moderate from", Column::Number),
        ("Significant from", Column::Number),
    ];
    let about = format!(
        "Population stability index against the run before: from 0.10 on a moderate shift, from 0.25 on a significant one, unless there are so few that chance passes it. {} of {} have shifted",
        count(n_shifted as u64),
        counted(n_all as u64, "trait", "traits"),
    );
    let figure = Figure {
        id: "shifts",
        title: "Traits that have shifted furthest",
        about: &about,
        spoken: &format!("{} traits; the largest index is {}", traits.len(), decimal(largest, 2)),
        kind: "shifts",
        height,
        shapes: &shapes,
        hits: &hits,
        after: &numbers(&table("Traits that have shifted furthest", "simple", &heads, &rows)),
    };
    format!(r#"<div class="plots">{}</div>"#, figure.html())
}

fn life(changes: &LifeChanges) -> String {
    let shown: String = changes.properties.iter().take(PROPERTIES).map(property).collect();
    if shown.is_empty() {
        return shown;
    }
    let n_more = changes.properties.len().saturating_sub(PROPERTIES);
    let more = if n_more > 0 {
        format!(
            r#"<p class="note">{} changed, too: <code>strata segments life-changes</code>.</p>"#,
            counted(n_more as u64, "more property", "more properties")
        )
    } else {
        String::new()
    };
    format!("<h3>What changed in their lives</h3>{shown}{more}")
}

fn property(property: &Property) -> String {
    let n_known = property.n_changed + property.n_others;
    let value = |value: &Option<String>| escape(value.as_deref().unwrap_or("nothing"));
    let most: Vec<String> = property
        .changes
        .iter()
        .take(3)
        .map(|change| {
            format!(
                r#"{} <span class="why">→</span> {} ({})"#,
                value(&change.from),
                value(&change.to),
                count(change.n)
            )
        })
        .collect();
    let telling: Vec<&Move> = property.telling().take(MOVES).collect();
    let moves = if telling.is_empty() {
        String::new()
    } else {
        let heads = [
            ("They", Column::Text),
            ("Of them", Column::Number),
            ("Of the others", Column::Number),
            ("Lift", Column::Number),
        ];
        let rows: Vec<Row> = telling.into_iter().map(moved).collect();
        table(&format!("What {} goes with", property.name), "simple", &heads, &rows)
    };
    format!(
        r#"<article class="block"><h4>{}</h4><p>Changed of <strong>{}</strong> of {} {}, most often {}.</p>{moves}</article>"#,
        escape(&capitalised(&property.name.replace('_', " "))),
        count(property.n_changed),
        count(n_known),
        property.subject,
        most.join(", "),
    )
}

fn moved(each: &Move) -> Row {
    let part = |n: u64, part: Option<f64>| match part {
        Some(part) => format!("{} ({})", count(n), percent(part)),
        None => count(n),
    };
    let verb = if each.entered { "came into" } else { "left" };
    let lift = each.lift.map_or_else(|| "only they".to_owned(), |lift| decimal(lift, 1));
    Row::of(vec![
        Field::new(format!(r#"<span class="why">{verb}</span> {}"#, escape(&each.segment)), ""),
        Field::new(part(each.n, Some(each.share)), ""),
        Field::new(part(each.n_others, each.share_of_others), ""),
        Field::new(lift, ""),
    ])
}
