//! The project's own segments: what they are for, how large they are, who came and went.

use super::super::data::{ReportData, SegmentData, share};
use super::classes::bars;
use super::html::{Column, Field, Row, escape, table};
use super::layer::heading;
use super::number::{count, decimal, decimals_of, percent};

pub(super) fn html(data: &ReportData) -> String {
    if data.segments.is_empty() {
        return String::new();
    }
    let with_revenue = data.segments.iter().any(|segment| of_revenue(data, segment).is_some());
    let with_undecided = data.segments.iter().any(|segment| segment.n_undecided > 0);
    let unit = data
        .currency
        .as_ref()
        .map(|currency| format!(" <small>{}</small>", escape(currency)))
        .unwrap_or_default();
    let revenue_head = format!("Revenue{unit}");
    let bars_head =
        if with_revenue { r#"<i class="dot of-n"></i>members <i class="dot of-r"></i>revenue"# } else { "" };
    let mut heads = vec![
        ("Segment", Column::Text),
        (bars_head, Column::Bars),
        ("Members", Column::Number),
        ("%", Column::Number),
    ];
    if with_revenue {
        heads.extend([(revenue_head.as_str(), Column::Number), ("%", Column::Number)]);
    }
    if with_undecided {
        heads.push(("Undecided", Column::Number));
    }
    if data.has_history {
        heads.extend([("Joined", Column::Number), ("Left", Column::Number)]);
    }
    let decimals = decimals_of(data.segments.iter().filter_map(|segment| segment.revenue));
    let longest = data
        .segments
        .iter()
        .flat_map(|segment| [of_members(data, segment), of_revenue(data, segment)])
        .flatten()
        .fold(0.0, f64::max);
    let rows: Vec<Row> = data
        .segments
        .iter()
        .map(|segment| {
            let shown = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
            let mut fields = vec![
                Field::new(title(segment), ""),
                Field::new(bars(longest, of_members(data, segment), of_revenue(data, segment)), ""),
                Field::new(count(segment.n_members), segment.subject.as_str()),
                Field::new(shown(of_members(data, segment)), ""),
            ];
            if with_revenue {
                let amount =
                    segment.revenue.map_or_else(|| "–".to_owned(), |amount| decimal(amount, decimals));
                let label = format!("{} revenue", data.currency.as_deref().unwrap_or_default());
                fields.extend([
                    Field::new(amount, label.trim()),
                    Field::new(shown(of_revenue(data, segment)), ""),
                ]);
            }
            if with_undecided {
                fields.push(Field::new(count(segment.n_undecided), "undecided"));
            }
            if data.has_history {
                fields.extend([
                    Field::new(changed('+', segment.n_entered), "joined"),
                    Field::new(changed('−', segment.n_left), "left"),
                ]);
            }
            Row { fields, is_muted: segment.n_members == 0 }
        })
        .collect();
    let undecided = if with_undecided {
        r#"<p class="note">Undecided: the data does not tell whether they belong; they are not counted as members.</p>"#
    } else {
        ""
    };
    let kind = if with_revenue { "classes own" } else { "classes own plain" };
    format!(
        r#"<section class="part" id="segments" aria-labelledby="h-segments"><header class="head"><h2 id="h-segments">Your segments</h2><p>whom you asked for</p></header><div class="what">{}{undecided}</div></section>"#,
        table("Your segments", kind, &heads, &rows)
    )
}

fn title(segment: &SegmentData) -> String {
    let mut html = format!("<b>{}</b>", escape(&segment.title));
    if let Some(goal) = &segment.goal {
        html.push_str(&format!(r#"<span class="goal"><i>Goal:</i> {}</span>"#, escape(goal)));
    }
    html.push_str(&format!(r#"<span class="why">{}"#, heading(segment.layer)));
    if let Some(about) = &segment.about {
        html.push_str(&format!(" · {}", escape(about)));
    }
    html.push_str(&format!(" · <code>{}</code></span>", escape(&segment.name)));
    html
}

fn changed(sign: char, n: u64) -> String {
    if n == 0 { "0".to_owned() } else { format!("{sign}{}", count(n)) }
}

fn of_members(data: &ReportData, segment: &SegmentData) -> Option<f64> {
    share(segment.n_members as f64, data.n_of(segment.subject) as f64)
}

fn of_revenue(data: &ReportData, segment: &SegmentData) -> Option<f64> {
    share(segment.revenue?, data.revenue_of(segment.subject)?)
}
