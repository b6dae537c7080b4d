//! In which of the project's own segments customers are together: a bar for each combination over the dots of its segments.
//!
//! The layout is that of Lex, A., Gehlenborg, N., Strobelt, H., Vuillemot, R. & Pfister, H. (2014). UpSet: visualization of
//! intersecting sets. IEEE Transactions on Visualization and Computer Graphics 20, 1983–1992.

use super::super::data::{ReportData, Together};
use super::html::{Column, Field, Row, escape, table};
use super::number::count;
use super::plot::{Figure, hit, numbers, round_up, tick};

/// So many combinations are drawn.
const DRAWN: usize = 16;
/// The height of the bars, and of a row of dots, in pixels.
const BARS: f64 = 110.0;
const ROW: f64 = 26.0;
const ABOVE: f64 = 18.0;
/// Names take so much of the width, in percent.
const NAMES: f64 = 34.0;

pub(super) fn html(data: &ReportData) -> String {
    let together = &data.together;
    if together.combinations.iter().all(|(sets, _)| sets.len() < 2) {
        return String::new();
    }
    let told: String = together.redundant.iter().map(|text| format!("<li>{}</li>", escape(text))).collect();
    let told = if told.is_empty() { told } else { format!(r#"<ul class="told">{told}</ul>"#) };
    format!(
        r#"<section class="part" id="together" aria-labelledby="h-together"><header class="head"><h2 id="h-together">Who is in several</h2><p>your segments, and in exactly which of them customers are</p></header>{told}<div class="upset">{}</div></section>"#,
        plot(together)
    )
}

fn plot(together: &Together) -> String {
    let drawn = &together.combinations[..together.combinations.len().min(DRAWN)];
    let most = drawn.iter().map(|(_, n)| *n).max().unwrap_or(0);
    let top = round_up(most as f64);
    let slot = (100.0 - NAMES) / drawn.len().max(1) as f64;
    let row_y = |row: usize| ABOVE + BARS + 14.0 + ROW * (row as f64 + 0.5);
    let mut shapes = format!(
        r#"<line x1="{NAMES}%" x2="100%" y1="{ABOVE}" y2="{ABOVE}"/><text x="{NAMES}%" y="{:.1}">{}</text><line x1="{NAMES}%" x2="100%" y1="{base:.1}" y2="{base:.1}"/>"#,
        ABOVE - 5.0,
        tick(top),
        base = ABOVE + BARS,
    );
    for (row, (title, n)) in together.sets.iter().enumerate() {
        let y = row_y(row);
        shapes.push_str(&format!(
            r#"<text class="lead" x="0" y="{:.1}">{} <tspan>{}</tspan></text><line x1="{NAMES}%" x2="100%" y1="{y:.1}" y2="{y:.1}"/>"#,
            y + 4.0,
            escape(&shortened(title)),
            count(*n),
        ));
    }
    let mut hits = String::new();
    for (place, (sets, n)) in drawn.iter().enumerate() {
        let x = NAMES + slot * (place as f64 + 0.5);
        let height = *n as f64 / top * BARS;
        shapes.push_str(&format!(
            r#"<rect class="of-n" x="{:.2}%" y="{:.1}" width="{:.2}%" height="{height:.1}"/>"#,
            x - slot * 0.3,
            ABOVE + BARS - height,
            slot * 0.6,
        ));
        if let (Some(first), Some(last)) = (sets.first(), sets.last()) {
            shapes.push_str(&format!(
                r#"<line class="joins" x1="{x:.2}%" x2="{x:.2}%" y1="{:.1}" y2="{:.1}"/>"#,
                row_y(*first),
                row_y(*last)
            ));
        }
        for set in sets {
            shapes.push_str(&format!(r#"<circle class="of-n" cx="{x:.2}%" cy="{:.1}" r="6"/>"#, row_y(*set)));
        }
        hits.push_str(&hit(
            x - slot / 2.0,
            0.0,
            slot,
            100.0,
            &format!("{}: {}", named(together, sets), count(*n)),
        ));
    }
    let spoken =
        drawn.first().map(|(sets, n)| format!("Most are in {}: {}", named(together, sets), count(*n)));
    Figure {
        id: "upset",
        title: "Combinations",
        about: "each customer counts in one",
        spoken: &spoken.unwrap_or_default(),
        kind: "wide",
        height: ABOVE + BARS + 14.0 + ROW * together.sets.len() as f64 + 6.0,
        shapes: &shapes,
        hits: &hits,
        after: &numbers(&listed(together)),
    }
    .html()
}

/// As much of a title as there is room for.
fn shortened(title: &str) -> String {
    const MOST: usize = 28;
    match title.chars().count() > MOST {
        true => format!("{}…", title.chars().take(MOST - 1).collect::<String>().trim_end()),
        false => title.to_owned(),
    }
}

fn named(together: &Together, sets: &[usize]) -> String {
    let titles = sets.iter().filter_map(|at| together.sets.get(*at)).map(|(title, _)| title.as_str());
    titles.collect::<Vec<_>>().join(" + ")
}

fn listed(together: &Together) -> String {
    let heads = [("In exactly these", Column::Text), ("Customers", Column::Number)];
    let row = |(sets, n): &(Vec<usize>, u64)| {
        Row::of(vec![Field::new(escape(&named(together, sets)), ""), Field::new(count(*n), "")])
    };
    let rows: Vec<Row> = together.combinations.iter().take(DRAWN * 2).map(row).collect();
    table("Combinations of segments", "simple", &heads, &rows)
}
