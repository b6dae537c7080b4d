//! Where visitors click: a map of the most clicked pages, what they click and how far they scroll as tables, and who clicks otherwise.

use super::super::data::{ReportData, capitalised};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, counted, decimal, percent, percent_in_words};
use super::plot::numbers;
use crate::heat::{Clicks, Difference, Page, SHADES, aspect, layers};

/// So many classes are drawn beside everybody, those with most clicks.
const MOST_CLASSES: usize = 3;
/// So many differences are told.
const MOST_DIFFERENCES: usize = 5;

pub(super) fn html(data: &ReportData) -> String {
    data.clicked.iter().enumerate().filter_map(|(place, page)| figure(data, page, place)).collect()
}

fn figure(data: &ReportData, page: &Page, place: usize) -> Option<String> {
    let clicks = page.clicks.as_ref()?;
    let pages = match page.n_pages {
        1 => String::new(),
        n => format!(" on {}", counted(n as u64, "page", "pages")),
    };
    let outside = match clicks.map.n_outside {
        0 => String::new(),
        n => format!("; {} outside of the page", count(n as u64)),
    };
    let about = format!(
        "{} of {}{pages}{outside}. The map shows the first {} pixels of the page from its top; across it is as wide as the window, on phones and large screens alike.",
        counted(clicks.n_clicks as u64, "click", "clicks"),
        counted(clicks.n_visitors as u64, "visitor", "visitors"),
        decimal(clicks.map.height, 0),
    );
    Some(format!(
        r#"<figure class="plot wide clicked"><figcaption><h3>Where they click: <code>{}</code></h3><p>{about}</p></figcaption><div class="beside"><div>{}{}</div><div>{}{}{}</div></div>{}</figure>"#,
        escape(&page.page),
        map(page, clicks, "everybody", &format!("clicked-{place}")),
        legend(),
        selectors(clicks),
        reached(page),
        differences(data, page),
        classes(data, page, place),
    ))
}

/// The map, with what it shows in words.
fn map(page: &Page, clicks: &Clicks, who: &str, id: &str) -> String {
    let paths: String = layers(&clicks.map)
        .iter()
        .enumerate()
        .filter(|(_, layer)| !layer.is_empty())
        .map(|(shade, layer)| format!(r#"<path class="h{shade}" d="{layer}"/>"#))
        .collect();
    let most: Vec<String> = clicks
        .selectors
        .iter()
        .take(3)
        .map(|each| format!("{} ({})", each.selector, percent_in_words(each.share)))
        .collect();
    let most = if most.is_empty() { String::new() } else { format!("; most clicked: {}", most.join(", ")) };
    let spoken = format!("{} of {who}{most}", counted(clicks.n_clicks as u64, "click", "clicks"));
    let (columns, rows) = (clicks.map.n_columns, clicks.map.n_rows);
    format!(
        r#"<svg class="sheet" role="img" aria-labelledby="{id}-t {id}-d" viewBox="0 0 {columns} {rows}" preserveAspectRatio="none" shape-rendering="crispEdges" style="aspect-ratio:1/{:.3}"><title id="{id}-t">Where {who} clicks on {}</title><desc id="{id}-d">{}</desc>{paths}</svg>"#,
        aspect(page, &clicks.map),
        escape(&page.page),
        escape(&spoken),
        who = escape(who),
    )
}

fn legend() -> String {
    let steps: String = (0..SHADES).map(|shade| format!(r#"<i class="h{shade}"></i>"#)).collect();
    format!(
        r#"<div class="legend steps-of"><span>few clicks</span><span>{steps}</span><span>hottest place</span></div>"#
    )
}

fn selectors(clicks: &Clicks) -> String {
    if clicks.selectors.is_empty() {
        return r#"<p class="small">What they click is not told: nothing that has a name was clicked by ten visitors.</p>"#
            .to_owned();
    }
    let rows: Vec<Row> = clicks
        .selectors
        .iter()
        .map(|each| {
            Row::of(vec![
                Field::new(format!("<code>{}</code>", escape(&each.selector)), ""),
                Field::new(count(each.n_clicks as u64), ""),
                Field::new(percent(each.share), ""),
            ])
        })
        .collect();
    let heads = [("Clicked", Column::Text), ("Clicks", Column::Number), ("Of all", Column::Number)];
    table("What visitors click", "simple", &heads, &rows)
}

fn reached(page: &Page) -> String {
    let Some(half) = page.reach.iter().find(|step| step.depth >= 0.5) else { return String::new() };
    let end = page.reach.last().unwrap_or(half);
    let rows: Vec<Row> = page
        .reach
        .iter()
        .map(|step| {
            Row::of(vec![Field::new(percent_in_words(step.depth), ""), Field::new(percent(step.share), "")])
        })
        .collect();
    let heads = [("Of the page", Column::Text), ("Of views", Column::Number)];
    format!(
        r#"<p class="reached">Of {} <strong>{}</strong> reach the middle of the page and <strong>{}</strong> its end.</p>{}"#,
        counted(page.n_views as u64, "view", "views"),
        percent_in_words(half.share),
        percent_in_words(end.share),
        numbers(&table("How far views reach", "simple", &heads, &rows)),
    )
}

fn differences(data: &ReportData, page: &Page) -> String {
    let told = |each: &Difference| {
        format!(
            r#"<li>{} click <code>{}</code> {}: <strong>{}</strong> of a customer’s clicks, {} of others’ <span class="why">({} to {} points, n = {})</span></li>"#,
            escape(&capitalised(&label(data, page, &each.class))),
            escape(&each.selector),
            if each.difference > 0.0 { "more" } else { "less" },
            percent_in_words(each.share),
            percent_in_words(each.elsewhere),
            points(each.interval.0),
            points(each.interval.1),
            count(each.n_customers as u64),
        )
    };
    let told: String = page.differences.iter().take(MOST_DIFFERENCES).map(told).collect();
    if told.is_empty() {
        return told;
    }
    format!(r#"<h4>Who clicks otherwise</h4><ul class="told">{told}</ul>"#)
}

/// The maps of the classes with most clicks, folded away.
fn classes(data: &ReportData, page: &Page, place: usize) -> String {
    let mut drawn: Vec<(&str, &Clicks)> = page
        .classes
        .iter()
        .filter_map(|class| Some((class.class.as_str(), class.clicks.as_ref()?)))
        .collect();
    drawn.sort_by_key(|(_, clicks)| std::cmp::Reverse(clicks.n_clicks));
    drawn.truncate(MOST_CLASSES);
    if drawn.len() < 2 {
        return String::new();
    }
    let maps: String = drawn
        .iter()
        .enumerate()
        .map(|(of, (class, clicks))| {
            let label = label(data, page, class);
            format!(
                r#"<div><p class="small">{}: {} of {}</p>{}</div>"#,
                escape(&capitalised(&label)),
                counted(clicks.n_clicks as u64, "click", "clicks"),
                counted(clicks.n_visitors as u64, "customer", "customers"),
                map(page, clicks, &label, &format!("clicked-{place}-{of}")),
            )
        })
        .collect();
    format!(
        r#"<details class="numbers"><summary>The classes with most clicks</summary><div class="sheets">{maps}</div></details>"#
    )
}

/// The class as the report calls it elsewhere.
fn label(data: &ReportData, page: &Page, class: &str) -> String {
    let segmentation = page.by.as_deref().and_then(|by| data.segmentation(by));
    let known = segmentation.and_then(|known| known.classes.iter().find(|each| each.name == class));
    known.map_or_else(|| class.to_owned(), |class| class.label().0)
}

fn points(share: f64) -> String {
    decimal(share * 100.0, 1)
}
