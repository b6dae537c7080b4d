//! Groups that were found as text: the verdict, sizes, what they are like, the rules that tell them, and how many were considered.

use strata_pipeline::models::{
    self, ClusterChoice, Clusters, Model, Typical, group_changes, group_explanations, group_sentences,
    told_by_rules,
};

use super::count;
use super::show::digits;
use crate::cli::prose::{Rung, ladder, wrapped};
use crate::cli::table;

type Cells = Vec<Option<String>>;

/// The groups of a segmentation, in lines.
pub(super) fn text(model: &Model, found: &Clusters, width: Option<usize>) -> Vec<String> {
    let told = |text: &str| wrapped(text, "", "  ", width);
    let mut text = told(&format!("{}: {} ({})", model.name, found.title, models::verdict_title(found)));
    let among = match (found.n_rows, found.is_everybody) {
        (0, _) => String::new(),
        (n, true) => format!(" among {} {}", count(n), model.subject),
        (n, false) => format!(" among {} {}, a sample", count(n), model.subject),
    };
    if !found.features.is_empty() {
        let method = found.method();
        text.extend(told(&format!("looked for by {method} in {}{among}", found.features.join(", "))));
    }
    text.push(String::new());
    text.extend(group_sentences(found).iter().flat_map(|sentence| told(sentence)));
    text.extend(sizes(model, found, width));
    text.extend(profile(found, width));
    text.extend(rules(found, width));
    let explained = group_explanations(found);
    if !explained.is_empty() {
        text.push(String::new());
        text.extend(told(
            "what explains them, and has no part in them (all else being equal, with 95 % intervals)",
        ));
        text.extend(explained.iter().flat_map(|sentence| wrapped(&format!("- {sentence}"), "", "  ", width)));
    }
    text.extend(choices(&found.choices, found.n_clusters, width));
    let changes = group_changes(found);
    if !changes.is_empty() {
        text.push(String::new());
        text.extend(changes.iter().flat_map(|change| told(change)));
    }
    text
}

/// A table under a line that says what it is; nothing without rows.
fn titled(
    title: &str,
    heads: &[&str],
    numeric: &[bool],
    rows: &[Cells],
    width: Option<usize>,
) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let mut text = vec![String::new()];
    text.extend(wrapped(title, "", "  ", width));
    text.extend(table::lines(&heads, numeric, rows, width));
    text
}

fn sizes(model: &Model, found: &Clusters, width: Option<usize>) -> Vec<String> {
    let rows: Vec<Cells> = found
        .clusters
        .iter()
        .map(|cluster| {
            vec![
                Some(cluster.name.clone()),
                Some(count(cluster.n)),
                percent(cluster.share),
                two(cluster.silhouette),
                Some(cluster.title.clone()),
            ]
        })
        .collect();
    let heads = ["group", model.subject.as_str(), "share", "silhouette", "title"];
    titled("how large they are", &heads, &[false, true, true, true, false], &rows, width)
}

/// A group below the other, since a terminal has no room for them side by side.
fn profile(found: &Clusters, width: Option<usize>) -> Vec<String> {
    let rows: Vec<Cells> = found
        .clusters
        .iter()
        .flat_map(|cluster| {
            found.features.iter().filter_map(|feature| {
                let usual = cluster.typical.get(feature).and_then(Option::as_ref).map(typical);
                let from_all = cluster.standardised.get(feature).copied().flatten();
                let from_all = from_all.map(|from_all| format!("{from_all:+.1}"));
                let is_known = usual.is_some() || from_all.is_some();
                is_known.then(|| vec![Some(cluster.name.clone()), Some(feature.clone()), usual, from_all])
            })
        })
        .collect();
    let title =
        "what they are like: the usual value, and how many standard deviations the mean is from that of all";
    titled(title, &["group", "trait", "usual", "from all"], &[false, false, true, true], &rows, width)
}

fn rules(found: &Clusters, width: Option<usize>) -> Vec<String> {
    let Some(told) = told_by_rules(found) else { return Vec::new() };
    let mut text = vec![String::new()];
    text.extend(wrapped(&told, "", "  ", width));
    if !found.has_rules() {
        return text;
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
    text.extend(ladder(&["precision", "coverage", "rule"], &rungs, width));
    text
}

fn choices(choices: &[ClusterChoice], taken: Option<u64>, width: Option<usize>) -> Vec<String> {
    let mut heads = vec![
        "groups",
        "stability",
        "without",
        "explained",
        "without",
        "silhouette",
        "prediction strength",
        "smallest",
    ];
    let has_criterion = choices.iter().any(|choice| choice.criterion.is_some());
    if has_criterion {
        heads.push("criterion");
    }
    let rows: Vec<Cells> = choices
        .iter()
        .map(|choice| {
            let mut row = vec![
                Some(choice.n_clusters.to_string()),
                two(choice.jaccard),
                two(choice.jaccard_null),
                percent(choice.explained),
                percent(choice.explained_null),
                two(choice.silhouette),
                two(choice.prediction_strength),
                percent(choice.smallest_share),
            ];
            if has_criterion {
                row.push(choice.criterion.map(|criterion| format!("{criterion:.1}")));
            }
            row
        })
        .collect();
    let considered = match taken {
        Some(n) => format!("{n} of the numbers considered"),
        None => "none of the numbers considered".to_owned(),
    };
    let title =
        format!("how many: {considered}; beside stability and what is explained, the same without groups");
    titled(&title, &heads, &vec![true; heads.len()], &rows, width)
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

#[cfg(test)]
mod tests {
    use strata_pipeline::models::{
        Cluster, ClusterEffect, ClusterMatching, ClusterRule, ClusterVerdict, Explained, Kind,
    };
    use strata_pipeline::spec::table::Subject;

    use super::*;

    fn shown(found: Clusters, width: Option<usize>) -> Vec<String> {
        let (name, version) = ("habits_cluster".to_owned(), "1".to_owned());
        let is = Kind::Clusters(Box::new(found.clone()));
        text(&Model { name, subject: Subject::Customers, version, is }, &found, width)
    }

    fn found() -> Clusters {
        let cluster = |name: &str, n: u64, orders: f64, from_all: f64| Cluster {
            name: name.to_owned(),
            title: name.replace('_', " "),
            n,
            share: Some(n as f64 / 1_600.0),
            typical: [
                ("n_orders".to_owned(), Some(Typical::Number(orders))),
                ("city".to_owned(), Some(Typical::Text("Bonn".to_owned()))),
            ]
            .into(),
            standardised: [("n_orders".to_owned(), Some(from_all))].into(),
            known_before: Some(true),
            rules: vec![ClusterRule {
                text: format!("n_orders >= {orders} and days_since_last_order <= 60"),
                precision: Some(0.95),
                coverage: None,
            }],
            ..Cluster::default()
        };
        let effect = |level: &str, ratio: f64, low: f64| ClusterEffect {
            covariate: "gender".to_owned(),
            title: "Gender".to_owned(),
            level: level.to_owned(),
            against: "Men".to_owned(),
            group: Some("often_recent".to_owned()),
            odds_ratio: Some(ratio),
            low: Some(low),
            high: Some(ratio * ratio / low),
        };
        Clusters {
            title: "Habits".to_owned(),
            model: "kmeans".to_owned(),
            features: vec!["n_orders".to_owned(), "city".to_owned()],
            n_rows: 1_600,
            is_everybody: true,
            verdict: Some(ClusterVerdict::NaturalGroups),
            sentence: "There are 2 natural groups: they come back when customers are drawn again.".to_owned(),
            n_clusters: Some(2),
            choices: vec![ClusterChoice { n_clusters: 2, jaccard: Some(0.93), ..ClusterChoice::default() }],
            clusters: vec![cluster("often_recent", 600, 9.0, 1.2), cluster("seldom", 1_000, 1.5, -0.7)],
            fidelity: Some(0.93),
            readable: true,
            explained: Some(Explained {
                reference: Some("seldom".to_owned()),
                effects: vec![effect("Women", 2.0, 1.5), effect("Others", 1.3, 0.8)],
                notes: vec!["97 are left out, of whom one of these is not known: Gender".to_owned()],
                ..Explained::default()
            }),
            matching: Some(ClusterMatching { adjusted_rand: Some(0.97), ..ClusterMatching::default() }),
            ..Clusters::default()
        }
    }

    #[test]
    fn groups_are_shown_with_the_verdict_first() {
        let text = shown(found(), None).join("\n");
        for expected in [
            "habits_cluster: Habits (Natural groups)\nlooked for by k-means in n_orders, city among 1,600 customers\n\nThere are 2",
            "often_recent        600  37.5 %              often recent",
            "often_recent  n_orders      9      +1.2",
            "often_recent  city       Bonn",
            "   95.0 %         –  often_recent: n_orders >= 9 and days_since_last_order <= 60",
            "The rules name the right group for 93 % of customers",
            "- Gender, Women rather than Men: 2.00 times (1.50 to 2.67) the odds of being in “often recent” rather than in “seldom”.",
            "- 97 are left out, of whom one of these is not known: Gender.",
            "Kept since the run before: often recent; seldom.",
        ] {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
        assert!(!text.contains("criterion"), "no choice has one");
        assert!(!text.contains("Others rather than"), "its interval holds 1");
    }

    #[test]
    fn groups_fit_a_narrow_terminal() {
        for line in shown(found(), Some(50)) {
            assert!(line.chars().count() <= 50 || line.starts_with("(not shown"), "{line}");
        }
    }

    #[test]
    fn what_was_not_found_says_why() {
        let none = Clusters {
            title: "Habits".to_owned(),
            reason: Some("only 12 customers have all features".to_owned()),
            ..Clusters::default()
        };
        assert_eq!(
            shown(none, None),
            [
                "habits_cluster: Habits (No groups)",
                "",
                "No groups could be found: only 12 customers have all features."
            ]
        );
        let untold = shown(Clusters { readable: false, ..found() }, None).join("\n");
        assert!(
            untold.contains("only be shown as a scored list") && !untold.contains("n_orders >= 9"),
            "{untold}"
        );
    }
}
