//! Groups that were found as text: the verdict, sizes, what they are like, the rules that tell them, and how many were considered.

use strata_pipeline::error::Error;
use strata_pipeline::models::{
    self, ClusterChoice, Clusters, Model, Typical, group_changes, group_sentences, told_by_rules,
};

use super::show::{Cells, digits, titled};
use super::{count, lines};
use crate::cli::output;
use crate::cli::prose::{Rung, ladder, wrapped};

/// The groups of a segmentation.
pub(super) fn show(model: &Model, found: &Clusters, width: Option<usize>) -> Result<(), Error> {
    let verdict = models::verdict_title(found);
    lines(wrapped(&format!("{}: {} ({verdict})", model.name, found.title), "", "  ", width))?;
    let among = match (found.n_rows, found.is_everybody) {
        (0, _) => String::new(),
        (n, true) => format!(" among {} {}", count(n), model.subject),
        (n, false) => format!(" among {} {}, a sample", count(n), model.subject),
    };
    if !found.features.is_empty() {
        let looked = format!("looked for by {} in {}{among}", found.method(), found.features.join(", "));
        lines(wrapped(&looked, "", "  ", width))?;
    }
    output::line("")?;
    for sentence in group_sentences(found) {
        lines(wrapped(&sentence, "", "  ", width))?;
    }
    sizes(model, found, width)?;
    profile(found, width)?;
    rules(found, width)?;
    choices(&found.choices, found.n_clusters, width)?;
    let changes = group_changes(found);
    if !changes.is_empty() {
        output::line("")?;
    }
    changes.iter().try_for_each(|change| lines(wrapped(change, "", "  ", width)))
}

fn sizes(model: &Model, found: &Clusters, width: Option<usize>) -> Result<(), Error> {
    if found.clusters.is_empty() {
        return Ok(());
    }
    let rows: Vec<Cells> = found
        .clusters
        .iter()
        .map(|cluster| {
            vec![
                Some(cluster.name.clone()),
                Some(count(cluster.n)),
                percent(cluster.share),
                two(cluster.jaccard),
                two(cluster.silhouette),
                Some(cluster.title.clone()),
            ]
        })
        .collect();
    let heads = ["group", model.subject.as_str(), "share", "stability", "silhouette", "title"];
    titled("how large they are", &heads, &[false, true, true, true, true, false], &rows, width)
}

/// A group below the other, since a terminal has no room for them side by side.
fn profile(found: &Clusters, width: Option<usize>) -> Result<(), Error> {
    let rows: Vec<Cells> = found
        .clusters
        .iter()
        .flat_map(|cluster| {
            found.features.iter().filter_map(|feature| {
                let usual = cluster.typical.get(feature).and_then(Option::as_ref).map(typical);
                let from_all = cluster.standardised.get(feature).copied().flatten();
                let row = vec![
                    Some(cluster.name.clone()),
                    Some(feature.clone()),
                    usual,
                    from_all.map(|z| format!("{z:+.1}")),
                ];
                row.iter().skip(2).any(Option::is_some).then_some(row)
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let title =
        "what they are like: the usual value, and how many standard deviations the mean is from that of all";
    titled(title, &["group", "trait", "usual", "from all"], &[false, false, true, true], &rows, width)
}

fn rules(found: &Clusters, width: Option<usize>) -> Result<(), Error> {
    let Some(told) = told_by_rules(found) else { return Ok(()) };
    output::line("")?;
    lines(wrapped(&told, "", "  ", width))?;
    if !found.has_rules() {
        return Ok(());
    }
    let share = |share: Option<f64>| percent(share).unwrap_or_else(|| "–".to_owned());
    let rungs: Vec<Rung> = found
        .clusters
        .iter()
        .flat_map(|cluster| {
            cluster.rules.iter().map(|rule| Rung {
                numbers: vec![share(rule.precision), share(rule.coverage)],
                texts: vec![format!("{}: {}", cluster.name, rule.text)],
            })
        })
        .collect();
    lines(ladder(&["precision", "coverage", "rule"], &rungs, width))
}

fn choices(choices: &[ClusterChoice], taken: Option<u64>, width: Option<usize>) -> Result<(), Error> {
    if choices.is_empty() {
        return Ok(());
    }
    let rows: Vec<Cells> = choices
        .iter()
        .map(|choice| {
            vec![
                Some(choice.n_clusters.to_string()),
                two(choice.jaccard),
                two(choice.jaccard_null),
                percent(choice.explained),
                percent(choice.explained_null),
                two(choice.silhouette),
                two(choice.prediction_strength),
                percent(choice.smallest_share),
                choice.criterion.map(|criterion| format!("{criterion:.1}")),
            ]
        })
        .collect();
    let title = match taken {
        Some(n) => format!("how many: {n}; beside stability and what is explained, the same without groups"),
        None => "how many were considered; beside stability and what is explained, the same without groups"
            .to_owned(),
    };
    let heads = [
        "groups",
        "stability",
        "without",
        "explained",
        "without",
        "silhouette",
        "prediction",
        "smallest",
        "criterion",
    ];
    titled(&title, &heads, &[true; 9], &rows, width)
}

fn typical(usual: &Typical) -> String {
    match usual {
        Typical::Truth(is_so) => (if *is_so { "yes" } else { "no" }).to_owned(),
        Typical::Text(text) => text.clone(),
        Typical::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
        Typical::Number(value) => digits(*value),
    }
}

fn two(value: Option<f64>) -> Option<String> {
    value.map(|value| format!("{value:.2}"))
}

fn percent(share: Option<f64>) -> Option<String> {
    share.map(|share| format!("{:.1} %", 100.0 * share))
}
