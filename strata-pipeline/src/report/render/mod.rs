//! The report as one HTML file that needs nothing but itself: no script, no font, no request.

mod classes;
mod flow;
mod heat;
mod html;
mod layer;
pub(super) mod number;
mod opening;
mod segments;
mod sources;
#[cfg(test)]
mod tests;
mod trend;

use super::data::ReportData;
use html::escape;

const STYLE: &str = include_str!("report.css");

/// Four beds of rock, one above the other.
const MARK: &str = r#"<svg class="mark" width="26" height="22" viewBox="0 0 26 22" aria-hidden="true"><path class="s1" d="M2 4c5-4 8 1 12-1s6-2 10 0v3H2z"/><path class="s2" d="M2 8h22v3c-4-1-7 1-11 0s-8-1-11 1z"/><path class="s3" d="M2 14c4-2 7-1 11 0s7-1 11 0v2H2z"/><path class="s4" d="M2 18h22v2H2z"/></svg>"#;

/// The whole page.
pub(crate) fn render(data: &ReportData) -> String {
    let title = if data.title.trim().is_empty() { "Customers" } else { data.title.as_str() };
    let body: String = [
        opening::html(data, title, MARK),
        layer::navigation(data),
        format!(
            "<main>{}{}{}{}{}</main>",
            segments::html(data),
            layer::sections(data),
            trend::html(data),
            sources::html(data),
            going_on(data)
        ),
    ]
    .concat();
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title} – Strata</title>
<style>{STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"#,
        title = escape(title),
    )
}

fn going_on(data: &ReportData) -> String {
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
    format!(
        r#"<section class="part" id="next"><header class="head"><h2>How to go on</h2><p>in the project’s folder</p></header><dl class="steps">{steps}</dl>
<p class="note">This page holds counts and sums only, no customer’s data, and loads nothing from the network. Run {}.</p></section>"#,
        escape(&data.run_id)
    )
}
