//! The flow between stages: each a row with its share, moves onwards as arcs at its right and moves back as arcs at its left, as wide as
//! they are many. The same numbers stand in the table below.

use super::super::super::data::share;
use super::super::html::{Column, Field, Row, escape, table};
use super::super::number::{count, percent, percent_in_words};
use super::super::plot::numbers;
use super::{in_order, label};
use crate::journey::{Flow, Journey, Move, Stage, Told};

/// The height of a stage, in pixels.
const ROW: f64 = 46.0;
/// The widest arc, in pixels.
const WIDEST: f64 = 16.0;
/// More arcs cannot be told apart; the rarest are in the table alone.
const MOST: usize = 24;

pub(super) fn html(journey: &Journey) -> String {
    let stages = in_order(journey);
    let total: u64 = stages.iter().map(|stage| stage.n_now).sum();
    let flow = match &journey.flow {
        Told::Known(flow) => Some(flow),
        Told::Unknown { .. } => None,
    };
    let about = match (&flow, journey.flow.why()) {
        (Some(flow), _) => format!(
            "{} moves of {} {}. Right: onwards; left: back. An arc is as wide as the moves are many; a bar is the share of all who are in the stage now.{}",
            count(flow.n_moves),
            count(flow.n_movers),
            journey.subject,
            if flow.order == 2 { " From which stage one came matters for where one goes." } else { "" },
        ),
        (None, why) => format!(
            "Who moved is not told: {}. A bar is the share of all who are in the stage now.",
            why.unwrap_or_default()
        ),
    };
    let (right, left) = flow.map(|flow| arcs(flow, &stages)).unwrap_or_default();
    let rows: String = stages
        .iter()
        .map(|stage| {
            let part = share(stage.n_now as f64, total as f64).unwrap_or(0.0).clamp(0.0, 1.0);
            format!(
                r#"<div><b>{}</b><i>{} <span>{}</span></i><svg width="100%" height="5" aria-hidden="true"><rect class="rest" width="100%" height="5"/><rect class="of-r" width="{:.2}%" height="5"/></svg></div>"#,
                escape(&label(stage)),
                count(stage.n_now),
                percent(part),
                part * 100.0,
            )
        })
        .collect();
    let draw = |side: &str, paths: &str| {
        format!(
            r#"<svg class="{side}" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{paths}</svg>"#
        )
    };
    format!(
        r#"<figure class="plot arcs"><figcaption><h3>Who goes where</h3><p>{}</p></figcaption><div class="stages" role="img" aria-label="{}" style="height:{:.0}px">{}<div class="names">{rows}</div>{}</div>{}</figure>"#,
        escape(&about),
        escape(&spoken(&stages, flow, total)),
        ROW * stages.len() as f64,
        draw("back", &left),
        draw("on", &right),
        flow.map(|flow| numbers(&moves(flow, &stages))).unwrap_or_default(),
    )
}

/// The arcs onwards and those back.
fn arcs(flow: &Flow, stages: &[&Stage]) -> (String, String) {
    let place = |name: &str| stages.iter().position(|stage| stage.name == name);
    let mut shown: Vec<(&Move, usize, usize)> = flow
        .moves
        .iter()
        .filter_map(|each| Some((each, place(&each.from)?, place(&each.to)?)))
        .filter(|(_, from, to)| from != to)
        .collect();
    shown.sort_by_key(|(each, from, to)| (std::cmp::Reverse(each.n), *from, *to));
    shown.truncate(MOST);
    let most = shown.first().map_or(1, |(each, ..)| each.n);
    let (mut right, mut left) = (String::new(), String::new());
    let (n_stages, farthest) = (stages.len() as f64, stages.len().saturating_sub(1).max(1) as f64);
    for (each, from, to) in shown {
        // Arcs leave a stage below its middle and come to it above, seen in the direction in which they go.
        let is_on = to > from;
        let (out, into) = if is_on { (0.58, 0.42) } else { (0.42, 0.58) };
        let y = |stage: usize, at: f64| (stage as f64 + at) / n_stages * 100.0;
        let reach = 12.0 + 84.0 * (to.abs_diff(from) as f64 - 1.0) / farthest;
        let (edge, bend) = if is_on { (0.0, reach * 1.3) } else { (100.0, 100.0 - reach * 1.3) };
        let width = 1.0 + (WIDEST - 1.0) * share(each.n as f64, most as f64).unwrap_or(0.0);
        let arc = format!(
            r#"<path d="M{edge:.0} {:.2}C{bend:.2} {:.2} {bend:.2} {:.2} {edge:.0} {:.2}" style="stroke-width:{width:.1}px"><title>{} → {}: {} ({} of those who left)</title></path>"#,
            y(from, out),
            y(from, out),
            y(to, into),
            y(to, into),
            escape(&label(stages[from])),
            escape(&label(stages[to])),
            count(each.n),
            percent_in_words(each.share),
        );
        if is_on { right.push_str(&arc) } else { left.push_str(&arc) }
    }
    (right, left)
}

/// The picture in words.
fn spoken(stages: &[&Stage], flow: Option<&Flow>, total: u64) -> String {
    let title = |name: &str| {
        stages.iter().find(|stage| stage.name == name).map_or_else(|| name.to_owned(), |stage| label(stage))
    };
    let sizes = stages.iter().map(|stage| {
        let part = share(stage.n_now as f64, total as f64).map(percent_in_words).unwrap_or_default();
        format!("{}: {} ({part})", label(stage), count(stage.n_now))
    });
    let mut largest: Vec<&Move> = flow.map(|flow| flow.moves.iter().collect()).unwrap_or_default();
    largest.sort_by_key(|each| std::cmp::Reverse(each.n));
    let moves = largest
        .into_iter()
        .take(5)
        .map(|each| format!("{} to {}: {} moves", title(&each.from), title(&each.to), count(each.n)));
    sizes.chain(moves).collect::<Vec<_>>().join("; ")
}

fn moves(flow: &Flow, stages: &[&Stage]) -> String {
    let place = |name: &str| stages.iter().position(|stage| stage.name == name);
    let title = |name: &str| place(name).map_or_else(|| name.to_owned(), |place| label(stages[place]));
    let heads = [
        ("From", Column::Text),
        ("To", Column::Text),
        ("Moves", Column::Number),
        ("Of those who left", Column::Number),
        ("95% interval", Column::Number),
    ];
    let mut all: Vec<&Move> = flow.moves.iter().collect();
    all.sort_by_key(|each| (place(&each.from), std::cmp::Reverse(each.n)));
    let rows: Vec<Row> = all
        .into_iter()
        .map(|each| {
            Row::of(vec![
                Field::new(escape(&title(&each.from)), ""),
                Field::new(escape(&title(&each.to)), ""),
                Field::new(count(each.n), ""),
                Field::new(percent(each.share), ""),
                Field::new(format!("{} to {}", percent(each.interval.0), percent(each.interval.1)), ""),
            ])
        })
        .collect();
    table("Moves", "simple", &heads, &rows)
}
