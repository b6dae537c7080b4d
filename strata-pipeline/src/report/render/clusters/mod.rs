//! Groups found: whether there are any, first of all; then how large they are, what they are like, how many were taken and why, which
//! rules tell them, and what has changed since the run before.

mod choice;
mod mark;
mod profile;
mod rules;
mod scatter;

use super::super::data::{Groups, ReportData, share};
use super::html::{Column, Field, Row, escape, sentence_of, table};
use super::number::{count, decimal, percent};
use crate::models::{
    Cluster, ClusterVerdict, group_changes, group_explanations, group_sentences, verdict_title,
};
use mark::mark;

pub(super) fn html(data: &ReportData) -> String {
    if data.groups.is_empty() {
        return String::new();
    }
    let all: String =
        data.groups.iter().enumerate().map(|(place, groups)| part(data, groups, place)).collect();
    format!(
        r#"<section class="part" id="groups" aria-labelledby="h-groups"><header class="head"><h2 id="h-groups">Groups found</h2><p>whether the data falls into groups by itself, and what they are like</p></header>{all}<p class="note"><code>strata models show</code> has all figures of groups; members, revenue and portraits are with the segmentation of the same title.</p></section>"#
    )
}

/// One segmentation; `place` tells its ids from those of others.
fn part(data: &ReportData, groups: &Groups, place: usize) -> String {
    let found = &groups.found;
    let title = if found.title.trim().is_empty() { &found.segmentation } else { &found.title };
    let looked_at = [sizes(groups, place), scatter::html(groups, place)].concat();
    let looked_at =
        if looked_at.is_empty() { looked_at } else { format!(r#"<div class="plots">{looked_at}</div>"#) };
    format!(
        r#"<div class="story grouped"><h3>{}</h3><p class="small">{}</p>{}{looked_at}{}{}{}{}{}</div>"#,
        escape(title),
        about(groups),
        told(groups),
        profile::html(data, groups, place),
        rules::html(groups),
        explained(groups),
        choice::html(groups, place),
        changed(groups),
    )
}

/// How groups were looked for, in what, and among whom.
fn about(groups: &Groups) -> String {
    let found = &groups.found;
    let features: Vec<String> = groups.features.iter().map(|feature| escape(&feature.title)).collect();
    let mut about = Vec::new();
    if !found.model.is_empty() {
        about.push(format!("By {}", escape(found.method())));
    }
    if !features.is_empty() {
        about.push(format!("in {}", features.join(", ")));
    }
    if found.n_rows > 0 {
        let of = if found.is_everybody { "" } else { ", a sample" };
        about.push(format!("among {} {}{of}", count(found.n_rows), groups.subject));
    }
    about.join(" ")
}

/// The verdict, before anything else, and what speaks against it.
fn told(groups: &Groups) -> String {
    let said = group_sentences(&groups.found);
    let Some((first, rest)) = said.split_first() else { return String::new() };
    let kind = match groups.found.verdict {
        None | Some(ClusterVerdict::DoNotSegment) => "meaning doubtful",
        Some(_) => "meaning",
    };
    let rest: String = rest.iter().map(|each| format!("<li>{}</li>", sentence_of(each))).collect();
    let rest = if rest.is_empty() { rest } else { format!(r#"<ul class="told">{rest}</ul>"#) };
    format!(
        r#"<p class="{kind}"><strong>{}.</strong> {}</p>{rest}"#,
        escape(&verdict_title(&groups.found)),
        sentence_of(first)
    )
}

/// How large the groups are, and how far each of them comes back.
fn sizes(groups: &Groups, place: usize) -> String {
    let clusters = &groups.found.clusters;
    if clusters.is_empty() {
        return String::new();
    }
    let all: u64 = clusters.iter().map(|cluster| cluster.n).fold(0, u64::saturating_add);
    let of = |cluster: &Cluster| {
        cluster
            .share
            .filter(|of| (0.0..=1.0).contains(of))
            .or_else(|| share(cluster.n as f64, groups.found.n_rows.max(all) as f64))
    };
    let longest = clusters.iter().filter_map(of).fold(0.0, f64::max);
    let has_before = groups.found.matching.is_some();
    let rows: Vec<Row> = clusters
        .iter()
        .enumerate()
        .map(|(at, cluster)| {
            let new = match cluster.known_before {
                Some(false) if has_before => r#" <span class="why">new</span>"#,
                _ => "",
            };
            let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| decimal(value, 2));
            Row::of(vec![
                Field::new(format!("{}{}{new}", mark(at), escape(cluster.label())), ""),
                Field::new(
                    of(cluster).map_or_else(String::new, |of| super::classes::bars(longest, Some(of), None)),
                    "",
                ),
                Field::new(count(cluster.n), ""),
                Field::new(of(cluster).map_or_else(|| "–".to_owned(), percent), ""),
                Field::new(figure(cluster.silhouette), ""),
            ])
        })
        .collect();
    let subject = super::super::data::capitalised(groups.subject.as_str());
    let heads = [
        ("Group", Column::Text),
        ("", Column::Bars),
        (subject.as_str(), Column::Number),
        ("%", Column::Number),
        ("Silhouette", Column::Number),
    ];
    format!(
        r#"<figure class="plot ranked"><figcaption><h3 id="sizes-{place}">How large they are</h3><p>Silhouette: how much nearer {} are to their own group than to the next, from −1 to 1.</p></figcaption>{}</figure>"#,
        groups.subject,
        table("How large the groups are", "rank sizes", &heads, &rows)
    )
}

/// What explains the groups, where that was asked for.
fn explained(groups: &Groups) -> String {
    let said: String = group_explanations(&groups.found)
        .iter()
        .map(|each| format!("<li>{}</li>", sentence_of(each)))
        .collect();
    if said.is_empty() {
        return said;
    }
    format!(
        r#"<div class="apart"><h4>What explains them</h4><p class="small">These have no part in the groups. All else being equal, with 95 % intervals.</p><ul>{said}</ul></div>"#
    )
}

/// What has changed since the run before.
fn changed(groups: &Groups) -> String {
    let said: String =
        group_changes(&groups.found).iter().map(|each| format!("<li>{}</li>", sentence_of(each))).collect();
    if said.is_empty() {
        return said;
    }
    format!(r#"<div class="apart"><h4>Since the run before</h4><ul>{said}</ul></div>"#)
}
