//! The table of contents: links to the parts of the page.

use strata_spec::definition::Layer;

use super::super::advice::advised;
use super::super::data::ReportData;
use super::layer::{has, heading};
use super::{executive, market};

/// A layer that the data says nothing of is named, and leads to the reason.
pub(super) fn html(data: &ReportData) -> String {
    let link = |id: &str, title: &str| format!(r##"<li><a href="#{id}">{title}</a></li>"##);
    let mut links = String::new();
    if executive::any(data) {
        links.push_str(&link("executive", "In a minute"));
    }
    if !data.months.is_empty() {
        links.push_str(&link("months", "Month by month"));
    }
    links.push_str(&link("data", "The data"));
    for layer in Layer::ALL {
        if has(data, layer) {
            links.push_str(&link(layer.as_str(), heading(layer)));
        } else if data.left_out.iter().any(|left_out| left_out.layer == layer) {
            links.push_str(&format!(
                r##"<li><a class="none" href="#left-out">{}<span class="unseen"> (not in this data)</span></a></li>"##,
                heading(layer)
            ));
        }
    }
    if !data.groups.is_empty() {
        links.push_str(&link("groups", "Groups found"));
    }
    if !data.suggested.is_empty() {
        links.push_str(&link("suggested", "Suggested segments"));
    }
    if data.expected.is_some() {
        links.push_str(&link("expected", "What is expected"));
    }
    if !data.segments.is_empty() {
        links.push_str(&link("segments", "Your segments"));
    }
    if !data.personas.is_empty() {
        links.push_str(&link("personas", "Personas"));
    }
    if super::story::any(data) {
        links.push_str(&link("stories", "What became of them"));
    }
    if market::shown(data).next().is_some() {
        links.push_str(&link("market", "Against the market"));
    }
    if !data.meter.is_empty() {
        links.push_str(&link("meter", "Worth having apart"));
    }
    if super::journey::any(data) {
        links.push_str(&link("way", "The way"));
    }
    if data.migrations.iter().any(|migration| migration.moves.iter().any(|each| each.n > 0)) {
        links.push_str(&link("moves", "Who moved"));
    }
    if data.drift.is_some() {
        links.push_str(&link("drift", "Drift"));
    }
    if !advised(data).is_empty() {
        links.push_str(&link("next", "What to do next"));
    }
    format!(r#"<nav aria-label="Contents"><ul>{links}</ul></nav>"#)
}
