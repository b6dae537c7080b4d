//! Customers held against the market: of each segmentation the index of its classes, as bars that begin at the market's 100, with
//! the interval that chance leaves open.

use super::super::data::{ReportData, capitalised};
use super::html::{Column, Field, Row, anchor, escape, table};
use super::number::{count, counted, decimal, percent};
use crate::market::{Class, Counts, Division, MarketIndex, percent as market_percent, sentences_with};

/// So many classes of a segmentation are shown.
const MOST: usize = 12;
/// The scale goes at least so far, and at most so far; what lies beyond ends at its edge.
const SCALE: (f64, f64) = (200.0, 400.0);

pub(super) fn html(data: &ReportData) -> String {
    let parts: String = shown(data).map(|market| part(data, market)).collect();
    if parts.is_empty() {
        return parts;
    }
    format!(
        r#"<section class="part" id="market" aria-labelledby="h-market"><header class="head"><h2 id="h-market">Against the market</h2><p>where you are strong, and what is left to win</p></header>{parts}</section>"#
    )
}

/// The markets that something can be said of.
pub(super) fn shown(data: &ReportData) -> impl Iterator<Item = &MarketIndex> {
    data.markets.iter().filter(|market| market.divisions.iter().any(has_index))
}

fn has_index(division: &Division) -> bool {
    division.classes.iter().any(|class| division.measures(class).index.is_some())
}

fn part(data: &ReportData, market: &MarketIndex) -> String {
    let top = top(market);
    // The only one needs no name beside the section's.
    let heading = match data.markets.as_slice() {
        [_] => String::new(),
        _ => format!("<h3>{}</h3>", escape(&market.name)),
    };
    let figures: String = market
        .divisions
        .iter()
        .filter(|division| !division.is_segment && has_index(division))
        .map(|division| {
            let classes: Vec<&Class> =
                division.classes.iter().filter(|class| class.counts != Counts::default()).collect();
            let rows = classes.iter().take(MOST).map(|class| row(division, class, top)).collect();
            let n_more = classes.len().saturating_sub(MOST) as u64;
            figure(market, &title_of(data, division), &about(market, division, n_more), rows)
        })
        .collect();
    let segments: Vec<Row> = market
        .divisions
        .iter()
        .filter(|division| division.is_segment && has_index(division))
        .flat_map(|division| division.classes.iter().map(move |class| row(division, class, top)))
        .take(MOST)
        .collect();
    let segments = match segments.is_empty() {
        true => String::new(),
        false => figure(
            market,
            "Your segments",
            "Each against all of whom it is known whether they are in it.",
            segments,
        ),
    };
    let name = |division: &Division, class: &Class| match division.is_segment {
        true => class.title.clone(),
        false => format!("{}: {}", title_of(data, division), label(class)),
    };
    let said: String = sentences_with(market, &name)
        .iter()
        .map(|sentence| escape(&capitalised(&sentence.replace(" %", "%"))))
        .map(|sentence| format!("<li>{}</li>", sentence.replace("`among`", "<code>among</code>")))
        .collect();
    format!(
        r#"<div class="against" id="{}">{heading}<p class="small">{} of the market in {}. 100 is the share that a class has of the market; the line shows where chance would let the index lie in 95 of 100 cases.</p><ul class="said">{said}</ul>{figures}{segments}{}</div>"#,
        anchor("market", &market.name),
        decimal(market.n_market, 0),
        counted(market.n_rows, "row", "rows"),
        left_out(data, market),
    )
}

fn about(market: &MarketIndex, division: &Division, n_more: u64) -> String {
    let mut about = String::new();
    if division.unassigned != Counts::default() {
        about.push_str(&format!(
            "{} {} and {} of the market are in none, and in no share.",
            decimal(division.unassigned.n_customers, 0),
            market.subject.as_str(),
            decimal(division.unassigned.n_market, 0),
        ));
    }
    if n_more > 0 {
        about.push_str(&format!(" {} more classes are in the table market_index.", count(n_more)));
    }
    about
}

fn figure(market: &MarketIndex, title: &str, about: &str, rows: Vec<Row>) -> String {
    let of_subject = format!("Of {}", market.subject.as_str());
    let heads = [
        ("", Column::Text),
        ("100 = market", Column::Bars),
        ("Index", Column::Number),
        ("95%", Column::Number),
        ("Of market", Column::Number),
        (of_subject.as_str(), Column::Number),
        ("Reached", Column::Number),
        ("Potential", Column::Number),
    ];
    format!(
        r#"<figure class="plot ranked"><figcaption><h3>{}</h3><p>{}</p></figcaption>{}</figure>"#,
        escape(title),
        escape(about),
        table(&format!("{title} against the market"), "rank", &heads, &rows)
    )
}

fn row(division: &Division, class: &Class, top: f64) -> Row {
    let measures = division.measures(class);
    let range = measures.index_range.filter(|(low, high)| low.is_finite() && high.is_finite());
    let share = |share: Option<f64>| share.map_or_else(dash, percent);
    let fields = vec![
        Field::new(escape(&if division.is_segment { class.title.clone() } else { label(class) }), ""),
        Field::new(measures.index.map_or_else(String::new, |index| bars(index, range, top)), ""),
        Field::new(measures.index.map_or_else(dash, |index| decimal(index, 0)), "Index:"),
        Field::new(
            range.map_or_else(dash, |(low, high)| format!("{}–{}", decimal(low, 0), decimal(high, 0))),
            "95%:",
        ),
        Field::new(share(measures.share_market), "Of market:"),
        Field::new(share(measures.share_customers), "Share:"),
        Field::new(
            measures.penetration.map_or_else(dash, |reached| market_percent(reached).replace(' ', "")),
            "Reached:",
        ),
        Field::new(measures.n_potential.map_or_else(dash, |n| decimal(n, 0)), "Potential:"),
    ];
    Row::of(fields)
}

/// A bar from the market's 100 to the index, and a line over its interval.
fn bars(index: f64, range: Option<(f64, f64)>, top: f64) -> String {
    let at = |value: f64| (value / top * 100.0).clamp(0.0, 100.0);
    let (from, to) = if index >= 100.0 { (at(100.0), at(index)) } else { (at(index), at(100.0)) };
    let kind = if index >= 100.0 { "of-r" } else { "of-n" };
    let range = range.map_or_else(String::new, |(low, high)| {
        format!(r#"<line class="range" x1="{:.2}%" x2="{:.2}%" y1="8" y2="8"/>"#, at(low), at(high))
    });
    let (width, market) = (to - from, at(100.0));
    format!(
        r#"<svg class="bars" width="100%" height="16" aria-hidden="true"><rect class="{kind}" x="{from:.2}%" y="3" width="{width:.2}%" height="10"/><line x1="{market:.2}%" x2="{market:.2}%" y1="0" y2="16"/>{range}</svg>"#
    )
}

/// Where the scale of a market's bars ends.
fn top(market: &MarketIndex) -> f64 {
    let all = market.divisions.iter().flat_map(|division| {
        division.classes.iter().filter_map(|class| division.measures(class).index_range)
    });
    all.map(|(_, high)| high).filter(|high| high.is_finite()).fold(SCALE.0, f64::max).min(SCALE.1)
}

/// A class by its title, without the explanation behind it.
fn label(class: &Class) -> String {
    class.title.split_once(": ").map_or(class.title.as_str(), |(short, _)| short).to_owned()
}

fn title_of(data: &ReportData, division: &Division) -> String {
    data.segmentation(&division.name).map_or_else(|| division.name.clone(), |known| known.title.clone())
}

/// What no row of the market tells, by what it lacks.
fn left_out(data: &ReportData, market: &MarketIndex) -> String {
    let title = |name: &str| {
        let segment = data.segments.iter().find(|segment| segment.name == name).map(|segment| &segment.title);
        let title = data.segmentation(name).map(|known| &known.title).or(segment);
        escape(title.map_or(name, String::as_str))
    };
    let reasons: String = market
        .left_out_by_reason()
        .into_iter()
        .map(|(reason, names)| {
            let names: Vec<String> = names.into_iter().map(title).collect();
            format!("<li>{}: {}</li>", escape(reason), names.join(", "))
        })
        .collect();
    if reasons.is_empty() {
        return reasons;
    }
    format!(
        r#"<details><summary>{} not held against the market</summary><ul class="said">{reasons}</ul></details>"#,
        counted(market.left_out.len() as u64, "segmentation or segment is", "segmentations and segments are"),
    )
}

fn dash() -> String {
    "–".to_owned()
}
