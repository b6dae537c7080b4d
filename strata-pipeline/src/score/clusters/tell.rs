//! What is told of clusters: the verdict with its evidence, what is typical of each, the rules that tell it, and a map.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use strata_models::cluster::axes;
use strata_models::cluster::choice::Evidence;
use strata_models::cluster::clustering::{Method, Rows};
use strata_models::cluster::partition::OUTSIDE;
use strata_models::cluster::rules::{Column, Condition, RuleOptions, Rules, Test, rules};
use strata_models::cluster::silhouette::silhouette;
use strata_models::cluster::stability::NullKind;
use strata_spec::name::UNASSIGNED;

use super::name::Name;
use super::read::Sampled;
use super::{Chosen, SILHOUETTE_ROWS};

/// So many subjects are on the map.
const MAP_ROWS: usize = 1_000;

/// The verdict, and what was found for each number of clusters.
pub(super) fn choice(told: &mut Value, chosen: &Chosen, is_given: bool) {
    let is_against = is_given && chosen.verdict == "do_not_segment";
    told["verdict"] = json!(if is_against { "as_told" } else { chosen.verdict });
    told["sentence"] = json!(chosen.sentence);
    told["reasons"] = json!(chosen.reasons);
    told["n_clusters"] = json!(chosen.n_clusters);
    let evidence = chosen.choice.iter().flat_map(|choice| &choice.evidence);
    told["choices"] = evidence.map(of_evidence).collect::<Vec<Value>>().into();
}

fn of_evidence(found: &Evidence) -> Value {
    let permuted = found.stability.nulls.iter().find(|kind| kind.kind == NullKind::Permuted);
    json!({
        "n_clusters": found.n_clusters,
        "criterion": found.criterion,
        "silhouette": found.silhouette,
        "prediction_strength": found.prediction_strength,
        "jaccard": found.stability.minimum,
        "jaccard_null": permuted.map(|found| found.percentile_95),
        "explained": found.explained.share,
        "explained_null": found.explained.null_percentile_95,
        "smallest_share": found.usefulness.smallest_share,
    })
}

/// What clusters are like.
pub(super) struct Profile {
    /// How many subjects each has.
    pub(super) sizes: Vec<usize>,
    /// By column of numbers.
    pub(super) numbers: Vec<NumberProfile>,
    /// By column of texts.
    pub(super) texts: Vec<TextProfile>,
}

/// What clusters are like in a column of numbers.
pub(super) struct NumberProfile {
    pub(super) name: String,
    /// The median of each cluster; none where nobody has a value.
    pub(super) medians: Vec<Option<f64>>,
    /// The mean of each cluster after preparation, in standard deviations from the mean of all.
    pub(super) standardised: Vec<f64>,
}

/// What clusters are like in a column of texts.
pub(super) struct TextProfile {
    pub(super) name: String,
    /// The value of each cluster that is the most frequent beside all others, and how many times as frequent as among all.
    pub(super) most_frequent: Vec<Option<(String, f64)>>,
}

impl Profile {
    pub(super) fn of(sampled: &Sampled, labels: &[Option<u32>], n_clusters: usize) -> Profile {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); n_clusters];
        for (row, label) in labels.iter().enumerate() {
            if let Some(members) = label.and_then(|label| members.get_mut(label as usize)) {
                members.push(row);
            }
        }
        let numbers = sampled.numbers.iter().map(|(name, values)| NumberProfile::of(name, values, &members));
        let texts = sampled.texts.iter().map(|(name, values)| TextProfile::of(name, values, &members));
        Profile {
            numbers: numbers.collect(),
            texts: texts.collect(),
            sizes: members.iter().map(Vec::len).collect(),
        }
    }
}

impl NumberProfile {
    fn of(name: &str, values: &[f64], members: &[Vec<usize>]) -> NumberProfile {
        // On the scale on which clusters were found; where a column cannot be prepared it tells nobody apart.
        let alone = Rows { numbers: vec![(name, values)], texts: vec![] };
        let prepared = alone.prepared(Method::KMeans).ok().map(|(_, points)| points);
        let medians = members.iter().map(|rows| median(rows.iter().map(|row| values[*row]).collect()));
        let mean = |rows: &Vec<usize>| {
            let values = prepared.as_ref().map(|points| points.values());
            values.map_or(0.0, |values| {
                rows.iter().map(|row| values[*row]).sum::<f64>() / rows.len().max(1) as f64
            })
        };
        NumberProfile {
            name: name.to_owned(),
            medians: medians.collect(),
            standardised: members.iter().map(mean).collect(),
        }
    }
}

impl TextProfile {
    fn of(name: &str, values: &[Option<String>], members: &[Vec<usize>]) -> TextProfile {
        let mut of_all: BTreeMap<&str, f64> = BTreeMap::new();
        values.iter().flatten().for_each(|value| *of_all.entry(value).or_default() += 1.0);
        let n_all: f64 = of_all.values().sum();
        let most_frequent = |rows: &Vec<usize>| {
            let mut own: BTreeMap<&str, f64> = BTreeMap::new();
            rows.iter()
                .filter_map(|row| values[*row].as_deref())
                .for_each(|value| *own.entry(value).or_default() += 1.0);
            let n: f64 = own.values().sum();
            let most = own.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
            Some((most.0.to_owned(), most.1 / n / (of_all.get(most.0)? / n_all)))
        };
        TextProfile { name: name.to_owned(), most_frequent: members.iter().map(most_frequent).collect() }
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|value| value.is_finite());
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Describes the clusters.
pub(super) fn clusters(
    told: &mut Value,
    sampled: &Sampled,
    labels: &[Option<u32>],
    profile: &Profile,
    names: &[Name],
    known: &[Option<String>],
    seed: u64,
) {
    let n_all: usize = profile.sizes.iter().sum();
    told["n_clusters"] = json!(names.len());
    let rules = found_rules(sampled, labels, seed);
    let readable = rules.as_ref().is_some_and(|rules| rules.readable);
    told["fidelity"] = json!(rules.as_ref().map(|rules| rules.fidelity));
    told["readable"] = json!(readable);
    let silhouettes = map(told, sampled, labels);
    let described = names.iter().enumerate().map(|(cluster, name)| {
        let own = rules.iter().flat_map(|rules| &rules.rules).filter(|rule| readable && rule.cluster as usize == cluster);
        json!({
            "name": name.word,
            "title": name.title,
            "n": profile.sizes[cluster],
            "share": profile.sizes[cluster] as f64 / n_all.max(1) as f64,
            "silhouette": silhouettes.get(cluster),
            "typical": typical(profile, cluster),
            "standardised": profile.numbers.iter().map(|column| (column.name.clone(), json!(column.standardised[cluster]))).collect::<Map<_, _>>(),
            "known_before": known[cluster].is_some(),
            "rules": own.map(|rule| json!({
                "text": in_language(&rule.conditions, sampled.is_of_layers),
                "precision": rule.precision,
                "coverage": rule.coverage,
            })).collect::<Vec<_>>(),
        })
    });
    told["clusters"] = described.collect::<Vec<_>>().into();
}

fn typical(profile: &Profile, cluster: usize) -> Map<String, Value> {
    let numbers = profile.numbers.iter().map(|column| (column.name.clone(), json!(column.medians[cluster])));
    let texts = profile.texts.iter().map(|column| {
        (column.name.clone(), json!(column.most_frequent[cluster].as_ref().map(|(value, _)| value)))
    });
    numbers.chain(texts).collect()
}

fn found_rules(sampled: &Sampled, labels: &[Option<u32>], seed: u64) -> Option<Rules> {
    let numbers = sampled.numbers.iter().map(|(name, values)| {
        let finite: Vec<f64> = values.iter().map(|x| if x.is_finite() { *x } else { f64::NAN }).collect();
        Column::numbers(name, &finite).ok()
    });
    let texts = sampled
        .texts
        .iter()
        .map(|(name, values)| Column::categories(name, values.iter().map(Option::as_deref)).ok());
    let columns: Vec<Column> = numbers.chain(texts).collect::<Option<_>>()?;
    let labels: Vec<u32> = labels.iter().map(|label| label.unwrap_or(OUTSIDE)).collect();
    rules(&columns, &labels, &RuleOptions::default(), seed).ok()
}

/// Conditions as a definition writes them.
fn in_language(conditions: &[Condition], is_of_layers: bool) -> String {
    let one = |condition: &Condition| {
        let name = &condition.column;
        let test = match &condition.test {
            Test::Below(bound) => format!("{name} < {bound}"),
            Test::AtLeast(bound) => format!("{name} >= {bound}"),
            Test::In(values) if is_of_layers => {
                let none = condition.or_missing.then_some(UNASSIGNED);
                let classes = values.iter().map(String::as_str).chain(none);
                let classes: Vec<String> =
                    classes.map(|class| format!("in_class('{name}', '{class}')")).collect();
                return if classes.len() == 1 {
                    classes.concat()
                } else {
                    format!("({})", classes.join(" or "))
                };
            }
            Test::In(values) => {
                let quoted: Vec<String> =
                    values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
                format!("{name} in ({})", quoted.join(", "))
            }
        };
        if condition.or_missing { format!("({test} or {name} is null)") } else { test }
    };
    conditions.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// Puts some subjects on a map, and says how well each cluster is apart.
fn map(told: &mut Value, sampled: &Sampled, labels: &[Option<u32>]) -> Vec<Option<f64>> {
    let numbers = Sampled { numbers: sampled.numbers.clone(), texts: Vec::new(), ..*sampled };
    let Ok((_, points)) = numbers.rows(&[]).prepared(Method::KMeans) else { return Vec::new() };
    let known: Vec<usize> = (0..labels.len()).filter(|row| labels[*row].is_some()).collect();
    let every = |n: usize| -> Vec<usize> {
        let n = n.min(known.len());
        (0..n).map(|place| known[place * known.len() / n]).collect()
    };
    let label = |row: &usize| labels[*row].unwrap_or_default();
    let shown = every(MAP_ROWS);
    if shown.is_empty() {
        return Vec::new();
    }
    let seen = axes::map(&points.at(&shown));
    let rounded = |x: f64| (x * 1e3).round() / 1e3;
    let places = seen.places.iter().zip(&shown);
    told["map"] =
        places.map(|([x, y], row)| json!([rounded(*x), rounded(*y), label(row)])).collect::<Vec<_>>().into();
    told["axes"] = json!(seen.shares);
    let measured = every(SILHOUETTE_ROWS);
    let own: Vec<u32> = measured.iter().map(label).collect();
    silhouette(&points.at(&measured), &own).map(|found| found.clusters).unwrap_or_default()
}
