//! One section for each layer that the data supports, and the way to them.

use strata_spec::definition::Layer;

use super::super::data::ReportData;
use super::html::{anchor, escape};
use super::{classes, heat};

/// The question that a layer answers.
fn question(layer: Layer) -> &'static str {
    match layer {
        Layer::Demographic => "who they are",
        Layer::Geographic => "where they are",
        Layer::Firmographic => "what company they are or work for",
        Layer::Behavioural => "what they do",
        Layer::Journey => "how far along they are",
        Layer::Value => "what they are worth",
        Layer::Psychometric => "what they think and feel",
        Layer::Composite => "layers combined",
    }
}

/// The layer's name as a heading.
pub(super) fn heading(layer: Layer) -> &'static str {
    match layer {
        Layer::Demographic => "Demographic",
        Layer::Geographic => "Geographic",
        Layer::Firmographic => "Firmographic",
        Layer::Behavioural => "Behavioural",
        Layer::Journey => "Journey",
        Layer::Value => "Value",
        Layer::Psychometric => "Psychometric",
        Layer::Composite => "Composite",
    }
}

/// Value comes first, since it is what most people look for.
fn layers() -> impl Iterator<Item = Layer> {
    let first = [Layer::Value, Layer::Journey, Layer::Behavioural];
    first.into_iter().chain(Layer::ALL.into_iter().filter(move |layer| !first.contains(layer)))
}

fn has(data: &ReportData, layer: Layer) -> bool {
    data.segmentations.iter().any(|segmentation| segmentation.layer == layer)
}

/// Links to the parts of the page. A layer that the data says nothing of is named, and leads to the reason.
pub(super) fn navigation(data: &ReportData) -> String {
    let mut links = Vec::new();
    if !data.segments.is_empty() {
        links.push(r##"<a href="#segments">Your segments</a>"##.to_owned());
    }
    for layer in layers() {
        if has(data, layer) {
            links.push(format!(r##"<a href="#{}">{}</a>"##, layer.as_str(), heading(layer)));
        } else if data.left_out.iter().any(|left_out| left_out.layer == layer) {
            links.push(format!(
                r##"<a class="none" href="#left-out">{}<span class="unseen"> (not in this data)</span></a>"##,
                heading(layer)
            ));
        }
    }
    if !data.months.is_empty() {
        links.push(r##"<a href="#months">Month by month</a>"##.to_owned());
    }
    links.push(r##"<a href="#data">The data</a>"##.to_owned());
    let items: String = links.iter().map(|link| format!("<li>{link}</li>")).collect();
    format!(r#"<nav aria-label="Parts of this report"><ul>{items}</ul></nav>"#)
}

/// All sections.
pub(super) fn sections(data: &ReportData) -> String {
    layers()
        .filter(|layer| has(data, *layer))
        .map(|layer| {
            let cards: String = data
                .segmentations
                .iter()
                .filter(|segmentation| segmentation.layer == layer)
                .map(|segmentation| {
                    let grid = data.grid.as_ref().filter(|_| segmentation.name == "rfm");
                    let heat = grid.map(|grid| heat::html(data, grid)).unwrap_or_default();
                    classes::card(data, segmentation, &heat)
                })
                .collect();
            let id = layer.as_str();
            format!(
                r#"<section class="part" id="{id}" aria-labelledby="{}"><header class="head"><h2 id="{}">{}</h2><p>{}</p></header>{cards}</section>"#,
                anchor("h", id),
                anchor("h", id),
                heading(layer),
                escape(question(layer)),
            )
        })
        .collect()
}
