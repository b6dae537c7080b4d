//! One section for each layer that the data says anything of: what it means here, its plots, and its segmentations.

use strata_spec::definition::Layer;

use super::super::data::ReportData;
use super::super::findings::layer::{lead, meaning};
use super::html::{anchor, escape, sentence};
use super::{cadence, classes, clicked, cross, funnel, heat, mind, people, ranked, surveys, worth};

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

/// Whether the data says anything of a layer.
pub(super) fn has(data: &ReportData, layer: Layer) -> bool {
    data.segmentations.iter().any(|segmentation| segmentation.layer == layer)
        || data.plots.crosses.iter().any(|cross| cross.layer == layer)
        || !plots(data, layer).is_empty()
        // What nobody was asked is worth knowing as well.
        || (layer == Layer::Psychometric && !surveys::html(data).is_empty())
}

/// All sections, in the order of the layers.
pub(super) fn sections(data: &ReportData) -> String {
    Layer::ALL.into_iter().filter(|layer| has(data, *layer)).map(|layer| section(data, layer)).collect()
}

fn section(data: &ReportData, layer: Layer) -> String {
    let id = layer.as_str();
    let meaning = meaning(data, layer);
    let meaning = if meaning.is_empty() {
        String::new()
    } else {
        format!(r#"<p class="meaning">{}</p>"#, sentence(&meaning))
    };
    let plots = plots(data, layer);
    let plots = if plots.is_empty() { plots } else { format!(r#"<div class="plots">{plots}</div>"#) };
    let crosses = data.plots.crosses.iter().enumerate().filter(|(_, cross)| cross.layer == layer);
    let crosses: String = crosses.map(|(place, cross)| cross::html(cross, place)).collect();
    let lead = lead(data, layer).filter(|_| !is_ranked(layer));
    let asked = if layer == Layer::Psychometric { surveys::html(data) } else { String::new() };
    let cards: String = data
        .segmentations
        .iter()
        .filter(|segmentation| segmentation.layer == layer)
        .map(|segmentation| {
            let grid = data.grid.as_ref().filter(|_| segmentation.name == "rfm");
            let map = grid.map(|grid| heat::html(data, grid)).unwrap_or_default();
            let is_open = !map.is_empty() || lead.is_some_and(|lead| lead.name == segmentation.name);
            classes::card(data, segmentation, &map, is_open)
        })
        .collect();
    let cards = if cards.is_empty() { cards } else { format!(r#"<div class="blocks">{cards}</div>"#) };
    format!(
        r#"<section class="part" id="{id}" aria-labelledby="{head}"><header class="head"><h2 id="{head}">{}</h2><p>{}</p></header>{meaning}{plots}{asked}{crosses}{cards}</section>"#,
        heading(layer),
        escape(question(layer)),
        head = anchor("h", id),
    )
}

/// Layers whose leading segmentations are shown as rankings; their tables are folded away below.
fn is_ranked(layer: Layer) -> bool {
    matches!(layer, Layer::Demographic | Layer::Geographic | Layer::Firmographic)
}

fn plots(data: &ReportData, layer: Layer) -> String {
    let ranking = |names: &[&str], n: usize| -> String {
        let of_name = |name: &&str| data.segmentation(name).filter(|each| each.layer == layer);
        let rankings = names.iter().filter_map(of_name).map(|each| ranked::html(data, each));
        rankings.filter(|html| !html.is_empty()).take(n).collect()
    };
    match layer {
        Layer::Demographic => {
            let pyramid = people::html(data);
            let n = if pyramid.is_empty() { 2 } else { 1 };
            let names = ["life_stage", "income_band", "age_band", "generation", "household", "gender"];
            pyramid + &ranking(&names, n)
        }
        Layer::Geographic => ranking(&["region", "country", "company_country", "urbanity"], 2),
        Layer::Firmographic => {
            let names = ["company_size", "industry", "customer_company_size", "customer_industry"];
            ranking(&names, 2)
        }
        Layer::Behavioural => cadence::html(data) + &clicked::html(data),
        Layer::Journey => funnel::html(data),
        Layer::Value => worth::html(data),
        Layer::Psychometric => mind::html(data),
        Layer::Composite => String::new(),
    }
}
