//! What the groups are like, trait by trait. It is a real table, so that it reads without colours.

use super::super::super::data::{Feature, Groups, ReportData};
use super::super::html::escape;
use super::super::number::{count, decimal, percent_in_words};
use super::mark::mark;
use crate::models::{Cluster, Typical};

/// The limits between shades in standard deviations, and what the shades mean.
const LIMITS: [f64; 4] = [-1.0, -0.3, 0.3, 1.0];
const MEANINGS: [&str; 5] =
    ["far below (under −1)", "below", "about as all (−0.3 to 0.3)", "above", "far above (over 1)"];

pub(super) fn html(data: &ReportData, groups: &Groups, place: usize) -> String {
    let clusters = &groups.found.clusters;
    if clusters.is_empty() || groups.features.is_empty() {
        return String::new();
    }
    let heads: String = clusters
        .iter()
        .enumerate()
        .map(|(at, cluster)| {
            format!(r#"<th scope="col">{}<span>{}</span></th>"#, mark(at), escape(cluster.label()))
        })
        .collect();
    let rows: String = groups
        .features
        .iter()
        .map(|feature| {
            let unit = match feature.unit.as_deref() {
                Some("currency") => data.currency.clone(),
                Some("share") | None => None,
                Some(unit) => Some(unit.to_owned()),
            };
            let unit = unit.map(|unit| format!(" <small>{}</small>", escape(&unit))).unwrap_or_default();
            let cells: String = clusters.iter().map(|cluster| cell(feature, cluster)).collect();
            format!(r#"<tr><th scope="row">{}{unit}</th>{cells}</tr>"#, escape(&feature.title))
        })
        .collect();
    let legend: String = MEANINGS
        .iter()
        .enumerate()
        .map(|(step, meaning)| format!(r#"<li><i class="d{step}"></i>{meaning}</li>"#))
        .collect();
    format!(
        r#"<figure class="plot profile"><figcaption><h3 id="profile-{place}">What they are like</h3><p>In each cell what is usual in the group (the median, or the most frequent text), and below how many standard deviations the group’s mean is from that of all, which the colour shows.</p></figcaption><div class="wide-table" tabindex="0" role="region" aria-labelledby="profile-{place}"><table class="cells" style="min-width:{:.1}rem"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div><div class="legend"><span>Mean, against all</span><ul>{legend}</ul></div></figure>"#,
        super::super::cross::width(clusters.len()),
    )
}

fn cell(feature: &Feature, cluster: &Cluster) -> String {
    let usual = cluster.typical.get(&feature.name).and_then(Option::as_ref);
    let from_all =
        cluster.standardised.get(&feature.name).copied().flatten().filter(|from_all| from_all.is_finite());
    let shown = usual.map_or_else(|| "–".to_owned(), |usual| typical(usual, feature));
    let (kind, below, told) = match from_all {
        Some(from_all) => {
            let step = LIMITS.iter().take_while(|limit| from_all > **limit).count();
            let side = if from_all < 0.0 { "below" } else { "above" };
            (
                format!("d{step}"),
                format!("<small>{}</small>", signed(from_all)),
                format!(
                    "; the mean is {} standard deviations {side} that of all",
                    decimal(from_all.abs(), 1)
                ),
            )
        }
        None => ("few".to_owned(), String::new(), String::new()),
    };
    format!(
        r#"<td class="{kind} tip" data-tip="{}, {}: usually {}{told}">{}{below}</td>"#,
        escape(cluster.label()),
        escape(&feature.title),
        escape(&shown),
        escape(&shown)
    )
}

/// What is usual, with the digits that say something.
fn typical(usual: &Typical, feature: &Feature) -> String {
    match usual {
        Typical::Truth(is_so) => (if *is_so { "yes" } else { "no" }).to_owned(),
        Typical::Text(text) => text.clone(),
        Typical::Number(value) if feature.unit.as_deref() == Some("share") => percent_in_words(*value),
        Typical::Number(value) => number(*value),
    }
}

fn number(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    match size {
        size if (1e7..1e15).contains(&size) => format!("{}\u{a0}M", decimal(value / 1e6, 1)),
        size if size.fract() == 0.0 => decimal(value, 0),
        _ => {
            let text = decimal(value, decimals);
            match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text,
            }
        }
    }
}

fn signed(value: f64) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    // So far away it does not matter how far.
    match value.abs() {
        size if size >= 1e4 => format!("{}over {}", if value > 0.0 { "+" } else { "−" }, count(10_000)),
        _ => format!("{sign}{}", decimal(value, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_values_have_the_digits_that_say_something() {
        for (value, expected) in [
            (5.0, "5"),
            (0.25, "0.25"),
            (48.26, "48.3"),
            (1234.5, "1,235"),
            (-3.5, "−3.5"),
            (12_345_678.0, "12.3\u{a0}M"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(number(value), expected);
        }
        let share = Feature { unit: Some("share".to_owned()), ..Feature::default() };
        assert_eq!(typical(&Typical::Number(0.25), &share), "25%");
        assert_eq!(typical(&Typical::Truth(false), &share), "no");
    }

    #[test]
    fn colours_follow_the_mean() {
        let feature = Feature { name: "n".to_owned(), title: "Orders".to_owned(), unit: None };
        for (from_all, expected) in [
            (Some(-1.2), r#"<td class="d0 tip""#),
            (Some(-1.0), r#"<td class="d0 tip""#),
            (Some(-0.5), r#"<td class="d1 tip""#),
            (Some(0.0), r#"<td class="d2 tip""#),
            (Some(0.5), r#"<td class="d3 tip""#),
            (Some(1.1), r#"<td class="d4 tip""#),
            (None, r#"<td class="few tip""#),
        ] {
            let cluster = Cluster {
                title: "Often".to_owned(),
                typical: [("n".to_owned(), Some(Typical::Number(5.0)))].into(),
                standardised: [("n".to_owned(), from_all)].into(),
                ..Cluster::default()
            };
            let cell = cell(&feature, &cluster);
            assert!(cell.starts_with(expected) && cell.contains("Often, Orders: usually 5"), "{cell}");
        }
    }
}
