//! What to do next: advice for each class that holds anyone, and what is possible in the project's folder.

use super::super::advice::{Advice, advised};
use super::super::data::{ReportData, SegmentationData, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, counted, percent_in_words};

pub(super) fn html(data: &ReportData) -> String {
    let advised = advised(data);
    let parts: String = advised
        .iter()
        .enumerate()
        .map(|(place, (segmentation, advice))| {
            let open = if place == 0 { " open" } else { "" };
            format!(
                r#"<details class="block"{open}><summary><h3>{}</h3><span>{}</span></summary>{}</details>"#,
                escape(&segmentation.title),
                counted(advice.len() as u64, "class", "classes"),
                steps(data, segmentation, advice)
            )
        })
        .collect();
    if parts.is_empty() {
        return parts;
    }
    format!(
        r#"<section class="part" id="next" aria-labelledby="h-next"><header class="head"><h2 id="h-next">What to do next</h2><p>one action for each class, and how to tell whether it worked</p></header><p class="note">Measure against a group of the same class that is left alone: what would have happened anyway is no success.</p>{parts}</section>"#
    )
}

fn steps(data: &ReportData, segmentation: &SegmentationData, advice: &[&Advice]) -> String {
    let heads = [
        ("Class", Column::Text),
        ("Do", Column::Text),
        ("Where", Column::Text),
        ("It worked if this changes", Column::Text),
    ];
    let n = data.n_of(segmentation.subject) as f64;
    let rows: Vec<Row> = advice
        .iter()
        .filter_map(|advice| {
            let class = segmentation.classes.iter().find(|class| class.name == advice.class)?;
            let of_n = share(class.n_members as f64, n).map(|part| format!(", {}", percent_in_words(part)));
            let title = format!(
                r#"<b>{}</b> <span class="why">{}{}</span>"#,
                escape(&class.label().0),
                count(class.n_members),
                of_n.unwrap_or_default()
            );
            Some(Row::of(vec![
                Field::new(title, ""),
                Field::new(escape(advice.action), ""),
                Field::new(escape(advice.channel), "Where:"),
                Field::new(escape(advice.measure), "Measure:"),
            ]))
        })
        .collect();
    table(&format!("What to do next by {}", segmentation.title), "simple stack advice", &heads, &rows)
}

/// Commands that go on from here.
pub(super) fn commands(data: &ReportData) -> String {
    let example =
        data.segments.iter().find(|segment| segment.n_members > 0).map_or("SEGMENT", |segment| &segment.name);
    let steps = [
        ("strata segments list", "every class and segment with its size"),
        (&*format!("strata export {example} --format csv"), "who is in a segment, for your mail or ad tool"),
        (
            "strata sql \"select segment, n_members from segment\"",
            "any question to the tables behind this page",
        ),
        ("strata run", "once there is new data: then this page also says who came and went"),
    ]
    .map(|(command, what)| format!("<div><dt><code>{}</code></dt><dd>{what}</dd></div>", escape(command)))
    .concat();
    let run = match data.run_id.as_str() {
        "" => String::new(),
        run => format!(" Run {}.", escape(run)),
    };
    format!(
        r#"<footer><h2>In the project’s folder</h2><dl class="steps">{steps}</dl>
<p class="note">This page holds counts, sums and means only, no customer’s data, and loads nothing from the network.{run}</p></footer>"#
    )
}
