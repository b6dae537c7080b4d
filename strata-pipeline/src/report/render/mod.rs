//! The report as one HTML file that needs nothing but itself: no script, no font, no request.

mod cadence;
mod classes;
mod clicked;
mod clusters;
mod contents;
mod cross;
mod drift;
mod executive;
mod expected;
mod flow;
mod funnel;
mod goal;
mod heat;
mod html;
mod journey;
mod layer;
mod market;
mod meter;
mod migration;
mod mind;
mod next;
pub(super) mod number;
mod opening;
mod people;
mod personas;
mod plot;
mod ranked;
mod sankey;
mod segments;
mod sources;
mod states;
mod story;
mod suggested;
mod surveys;
#[cfg(test)]
mod tests;
mod together;
mod trend;
mod trust;
mod wanted;
mod worth;

use super::data::ReportData;
use html::escape;

const STYLE: &str = concat!(include_str!("report.css"), include_str!("plots.css"), include_str!("print.css"));

/// Four beds of rock, one above the other.
const MARK: &str = r#"<svg class="mark" width="26" height="22" viewBox="0 0 26 22" aria-hidden="true"><path class="s1" d="M2 4c5-4 8 1 12-1s6-2 10 0v3H2z"/><path class="s2" d="M2 8h22v3c-4-1-7 1-11 0s-8-1-11 1z"/><path class="s3" d="M2 14c4-2 7-1 11 0s7-1 11 0v2H2z"/><path class="s4" d="M2 18h22v2H2z"/></svg>"#;

/// The whole page.
pub(crate) fn render(data: &ReportData) -> String {
    let title = if data.title.trim().is_empty() { "Customers" } else { data.title.as_str() };
    let body: String = [
        contents::html(data),
        format!(r#"<div class="opening">{}</div>"#, opening::html(data, title, MARK)),
        format!(
            "<main>{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}</main>",
            executive::html(data),
            trend::html(data),
            sources::html(data),
            layer::sections(data),
            clusters::html(data),
            suggested::html(data),
            expected::html(data),
            segments::html(data),
            personas::html(data),
            story::html(data),
            together::html(data),
            meter::html(data),
            market::html(data),
            journey::html(data),
            migration::html(data),
            drift::html(data),
            next::html(data),
        ),
        next::commands(data),
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
