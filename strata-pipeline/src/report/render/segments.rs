//! The project's own segments, a card each: what they are for, how large they are, what they bring, who came and went, and
//! what sets their members apart.

use super::super::data::{ReportData, SegmentData, share};
use super::super::findings::differ::differences;
use super::classes::bars;
use super::html::{anchor, escape, sentence};
use super::layer::heading;
use super::number::{count, counted, decimal, money, percent};

/// So many are shown before the rest is folded away.
const SHOWN: usize = 12;

pub(super) fn html(data: &ReportData) -> String {
    if data.segments.is_empty() {
        return String::new();
    }
    let longest = data
        .segments
        .iter()
        .flat_map(|segment| [of_members(data, segment), of_revenue(data, segment)])
        .flatten()
        .fold(0.0, f64::max);
    let cards: Vec<String> = data.segments.iter().map(|segment| card(data, segment, longest)).collect();
    let (shown, rest) = cards.split_at(cards.len().min(SHOWN));
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!(
            r#"<details><summary>{}</summary><div class="cards">{}</div></details>"#,
            counted(rest.len() as u64, "more segment", "more segments"),
            rest.concat()
        )
    };
    let undecided = if data.segments.iter().any(|segment| segment.n_undecided > 0) {
        r#"<p class="note">Undecided: the data does not tell whether they belong; they are not counted as members.</p>"#
    } else {
        ""
    };
    format!(
        r#"<section class="part" id="segments" aria-labelledby="h-segments"><header class="head"><h2 id="h-segments">Your segments</h2><p>whom you asked for</p></header><div class="cards">{}</div>{rest}{undecided}</section>"#,
        shown.concat()
    )
}

fn card(data: &ReportData, segment: &SegmentData, longest: f64) -> String {
    let goal =
        segment.goal.as_ref().map(|goal| format!(r#"<p class="goal"><i>Goal:</i> {}</p>"#, escape(goal)));
    let about = segment.about.as_ref().map(|about| format!("<p>{}</p>", escape(about)));
    let currency = data.currency.as_deref();
    let muted = if segment.n_members == 0 { " muted" } else { "" };
    format!(
        r#"<article class="segment{muted}" id="{}"><header><h3>{}</h3>{}{}<p class="small">{} · <code>{}</code></p></header>{}<dl>{}</dl>{}</article>"#,
        anchor("segment", &segment.name),
        escape(&segment.title),
        goal.unwrap_or_default(),
        about.unwrap_or_default(),
        heading(segment.layer),
        escape(&segment.name),
        bars(longest, of_members(data, segment), of_revenue(data, segment)),
        figures(data, segment),
        apart(segment, currency),
    )
}

fn figures(data: &ReportData, segment: &SegmentData) -> String {
    let currency = data.currency.as_deref();
    let of = |part: Option<f64>, whole: &str| {
        part.map(|part| format!("{} of {whole}", percent(part))).unwrap_or_default()
    };
    let mut shown = vec![(
        r#"<i class="dot of-n"></i>"#,
        if segment.subject == strata_spec::table::Subject::Customers { "Customers" } else { "Companies" },
        count(segment.n_members),
        of(of_members(data, segment), "all"),
    )];
    if let Some(revenue) = segment.revenue {
        let note = of(of_revenue(data, segment), "all");
        shown.push((r#"<i class="dot of-r"></i>"#, "Revenue", money(revenue, currency), note));
    }
    let n_orders = segment.portrait.n_orders.map(|n| n as f64);
    if let Some(mean) = segment.revenue.zip(n_orders).and_then(|(revenue, n)| share(revenue, n)) {
        shown.push(("", "Mean order", money(mean, currency), String::new()));
    }
    if let Some(days) = segment.portrait.median_days_since_last_order.filter(|days| days.is_finite()) {
        shown.push(("", "Last order", format!("{} days ago", decimal(days, 0)), "median".to_owned()));
    }
    if data.has_history {
        let note = "joined and left".to_owned();
        let change = format!("{} / {}", changed('+', segment.n_entered), changed('−', segment.n_left));
        shown.push(("", "Since the run before", change, note));
    }
    if segment.n_undecided > 0 {
        shown.push(("", "Undecided", count(segment.n_undecided), String::new()));
    }
    shown
        .iter()
        .map(|(dot, what, value, note)| {
            let note =
                if note.is_empty() { String::new() } else { format!(r#"<dd class="sub">{note}</dd>"#) };
            format!("<div><dt>{dot}{what}</dt><dd>{}</dd>{note}</div>", escape(value))
        })
        .collect()
}

fn apart(segment: &SegmentData, currency: Option<&str>) -> String {
    let told: String = differences(&segment.portrait, None, currency)
        .iter()
        .map(|parts| format!("<li>{}</li>", sentence(parts)))
        .collect();
    if told.is_empty() {
        return told;
    }
    format!(r#"<div class="apart"><h4>What sets them apart</h4><ul>{told}</ul></div>"#)
}

fn changed(sign: char, n: u64) -> String {
    if n == 0 { format!("{sign}0") } else { format!("{sign}{}", count(n)) }
}

fn of_members(data: &ReportData, segment: &SegmentData) -> Option<f64> {
    share(segment.n_members as f64, data.n_of(segment.subject) as f64)
}

fn of_revenue(data: &ReportData, segment: &SegmentData) -> Option<f64> {
    share(segment.revenue?, data.revenue_of(segment.subject)?)
}
