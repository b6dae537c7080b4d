//! What explains classes that run through layers: which are likelier where other segmentations, such as age or gender, have which class.
//!
//! The classes are found without these, and stay as they are ([decision 0023](../../../../docs/decisions/0023-covariates-explain.md)).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use strata_models::cluster::clustering::Clustering;
use strata_models::cluster::error::ClusterError;
use strata_models::cluster::latent_class::answers::{Answers, Item};
use strata_models::cluster::latent_class::model::Membership;
use strata_models::cluster::latent_class::patterns::{Covariates, Patterns as Counted};
use strata_models::cluster::points::Points;
use strata_spec::definition::Classes;

use super::Named;
use super::read::Patterns;
use crate::run::Run;

/// What classes are explained by.
pub(super) struct Explaining {
    /// What people call each covariate, and its classes.
    pub(super) titles: Vec<Titles>,
    /// How many subjects have which classes of the layers and of the covariates.
    pub(super) patterns: Patterns,
}

/// What people call a covariate.
pub(super) struct Titles {
    name: String,
    title: String,
    levels: BTreeMap<String, String>,
}

/// A class of a covariate that fewer subjects have explains nothing.
const FEWEST: f64 = 30.0;
/// The 97.5th percentile of a normal distribution.
const Z: f64 = 1.96;

/// What people call a segmentation and its classes.
pub(super) fn titles(run: &Run, name: &str) -> Titles {
    let definition = run.project.manifest.definitions.segmentations.get(name);
    let levels = match definition.map(|definition| &definition.classes) {
        Some(Classes::Rules(classes)) => {
            classes.iter().map(|class| (class.name.clone(), class.title.clone())).collect()
        }
        Some(Classes::By(_)) | None => BTreeMap::new(),
    };
    let title = definition.map_or_else(|| name.to_owned(), |definition| definition.header.title.clone());
    Titles { name: name.to_owned(), title, levels }
}

impl Titles {
    fn level(&self, level: &str) -> String {
        self.levels.get(level).cloned().unwrap_or_else(|| level.replace('_', " "))
    }
}

/// What was found, for the model's row; or why nothing could be.
pub(super) fn told(named: &Named, explaining: &Explaining) -> Value {
    let Clustering::LatentClass { categories, model } = &named.clustering else { return Value::Null };
    let n_layers = categories.len();
    let all: f64 = explaining.patterns.counts.iter().sum();
    let kept = Kept::of(&explaining.patterns, n_layers);
    let n: f64 = kept.rows.iter().map(|row| explaining.patterns.counts[*row]).sum();
    let mut told = json!({
        "covariates": explaining.titles.iter().map(|titles| &titles.name).collect::<Vec<_>>(),
        "n": n as u64,
        "known": if all > 0.0 { n / all } else { 0.0 },
        "reference": named.names.first(),
        "effects": [],
        "notes": notes(explaining, &kept),
    });
    if kept.contrasts().is_empty() {
        told["reason"] = json!("everybody of whom they are known has the same of each");
        return told;
    }
    let found = kept.design(&explaining.patterns, n_layers, &explaining.titles).and_then(|covariates| {
        let columns = &explaining.patterns.columns;
        let labels: Vec<Vec<Option<u16>>> = categories
            .iter()
            .zip(columns)
            .map(|(categories, column)| {
                let codes = categories.codes_of(column);
                kept.rows.iter().map(|row| codes[*row]).collect()
            })
            .collect();
        let items: Vec<Item<'_>> = categories
            .iter()
            .zip(&labels)
            .map(|(of, answers)| Item { name: &of.name, n_categories: of.values.len(), answers })
            .collect();
        let counts: Vec<f64> = kept.rows.iter().map(|row| explaining.patterns.counts[*row]).collect();
        let patterns = Counted::new(&Answers::new(&items)?, Some(&counts), Some(&covariates))?;
        model.explained_by(&patterns)
    });
    match found {
        Ok(membership) => told["effects"] = effects(named, explaining, &kept, &membership).into(),
        Err(error) => told["reason"] = json!(error.to_string()),
    }
    told
}

/// The rows of which every covariate is known, and the classes that each has, the commonest first.
struct Kept {
    rows: Vec<usize>,
    /// The classes of each covariate.
    levels: Vec<Vec<String>>,
    /// Classes that too few have.
    rare: Vec<(usize, String)>,
    /// How many are left out since they have one of those.
    n_rare: f64,
    /// How many are left out since a covariate is not known of them.
    n_unknown: f64,
}

impl Kept {
    fn of(patterns: &Patterns, n_layers: usize) -> Kept {
        let covariates = n_layers..patterns.columns.len();
        let is_known = |row: &usize| covariates.clone().all(|place| patterns.columns[place][*row].is_some());
        let (known, unknown): (Vec<usize>, Vec<usize>) = (0..patterns.counts.len()).partition(is_known);
        let n_of = |rows: &[usize]| rows.iter().map(|row| patterns.counts[*row]).sum::<f64>();
        let mut kept = Kept {
            rows: known,
            levels: Vec::new(),
            rare: Vec::new(),
            n_rare: 0.0,
            n_unknown: n_of(&unknown),
        };
        // What is left out of one covariate may make a class of another rare.
        loop {
            let counts = covariates.clone().map(|place| (place, kept.count(patterns, place)));
            let counts: Vec<(usize, BTreeMap<String, f64>)> = counts.collect();
            let rare = counts.iter().find_map(|(place, levels)| {
                let (level, _) = levels.iter().find(|(_, n)| **n < FEWEST)?;
                Some((*place, level.clone()))
            });
            let Some((place, level)) = rare else {
                let by_count = |(_, levels): (usize, BTreeMap<String, f64>)| {
                    let mut levels: Vec<(String, f64)> = levels.into_iter().collect();
                    levels.sort_by(|one, other| other.1.total_cmp(&one.1));
                    levels.into_iter().map(|(level, _)| level).collect()
                };
                kept.levels = counts.into_iter().map(by_count).collect();
                return kept;
            };
            let has_it = |row: &usize| patterns.columns[place][*row].as_ref() == Some(&level);
            let (rare, rest): (Vec<usize>, Vec<usize>) = kept.rows.iter().copied().partition(has_it);
            kept.n_rare += n_of(&rare);
            kept.rows = rest;
            kept.rare.push((place - n_layers, level));
        }
    }

    fn count(&self, patterns: &Patterns, place: usize) -> BTreeMap<String, f64> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            if let Some(level) = &patterns.columns[place][*row] {
                *counts.entry(level.clone()).or_default() += patterns.counts[*row];
            }
        }
        counts
    }

    /// For each class of a covariate but the commonest: the covariate's place from 0, the class, and the commonest, with which it compares.
    fn contrasts(&self) -> Vec<(usize, &str, &str)> {
        let mut contrasts = Vec::new();
        for (covariate, levels) in self.levels.iter().enumerate() {
            let Some((first, rest)) = levels.split_first() else { continue };
            contrasts.extend(rest.iter().map(|level| (covariate, level.as_str(), first.as_str())));
        }
        contrasts
    }
}

impl Kept {
    /// A column for each contrast: 1 where a row has the class, 0 where it has another.
    fn design(
        &self,
        patterns: &Patterns,
        n_layers: usize,
        titles: &[Titles],
    ) -> Result<Covariates, ClusterError> {
        let contrasts = self.contrasts();
        let name =
            |(covariate, level, _): &(usize, &str, &str)| format!("{}: {level}", titles[*covariate].name);
        let has = |row: usize, (covariate, level, _): &(usize, &str, &str)| {
            let own = patterns.columns[n_layers + covariate][row].as_deref();
            f64::from(u8::from(own == Some(*level)))
        };
        let rows = self.rows.iter();
        let values = rows.flat_map(|row| contrasts.iter().map(move |contrast| has(*row, contrast)));
        let points = Points::new(values.collect(), contrasts.len())?;
        Covariates::new(contrasts.iter().map(name).collect(), points)
    }
}

/// For each class but the first, and each contrast, how the odds differ.
fn effects(named: &Named, explaining: &Explaining, kept: &Kept, found: &Membership) -> Vec<Value> {
    let mut effects = Vec::new();
    for (class, coefficients) in found.coefficients.iter().enumerate() {
        let errors = found.standard_errors.as_ref().map(|errors| &errors[class]);
        for (place, (covariate, level, against)) in kept.contrasts().into_iter().enumerate() {
            let titles = &explaining.titles[covariate];
            let log_odds = coefficients[1 + place];
            let end = |side: f64| errors.map(|errors| (log_odds + side * Z * errors[1 + place]).exp());
            effects.push(json!({
                "covariate": titles.name,
                "title": titles.title,
                "level": titles.level(level),
                "against": titles.level(against),
                "group": named.names.get(class + 1),
                "odds_ratio": finite(log_odds.exp()),
                "low": end(-1.0).and_then(finite),
                "high": end(1.0).and_then(finite),
            }));
        }
    }
    effects
}

/// What JSON has no number for is none.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Who was left out, and why.
fn notes(explaining: &Explaining, kept: &Kept) -> Vec<String> {
    let mut notes = Vec::new();
    if kept.n_unknown > 0.0 {
        let titles: Vec<&str> = explaining.titles.iter().map(|titles| titles.title.as_str()).collect();
        notes.push(format!(
            "{} are left out, of whom one of these is not known: {}",
            kept.n_unknown,
            titles.join(", ")
        ));
    }
    if kept.n_rare > 0.0 {
        let levels: Vec<String> = kept
            .rare
            .iter()
            .map(|(covariate, level)| {
                let titles = &explaining.titles[*covariate];
                format!("{}: {}", titles.title, titles.level(level))
            })
            .collect();
        notes.push(format!(
            "{} are left out, since fewer than {FEWEST} have what they have: {}",
            kept.n_rare,
            levels.join(", ")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use strata_models::cluster::clustering::Categories;
    use strata_models::cluster::latent_class::model::{Fit, ItemProfile, LatentClasses, Search};

    use super::*;

    /// Two classes that two layers tell apart surely.
    fn named() -> Named {
        let item = |name: &str| ItemProfile {
            name: name.to_owned(),
            weight: 1.0,
            probabilities: vec![vec![1.0, 0.0], vec![0.0, 1.0]],
        };
        let categories = |name: &str| Categories {
            name: name.to_owned(),
            values: vec!["often".to_owned(), "seldom".to_owned()],
        };
        let model = LatentClasses {
            items: vec![item("one"), item("other")],
            shares: vec![0.6, 0.4],
            membership: None,
            fit: Fit {
                log_likelihood: 0.0,
                n_rows: 1.0,
                n_parameters: 1,
                aic: 0.0,
                bic: 0.0,
                icl: 0.0,
                relative_entropy: 1.0,
            },
            search: Search { n_starts: 1, n_best_found: 1, converged: true, n_iterations: 1 },
        };
        Named {
            numbers: Vec::new(),
            texts: Vec::new(),
            names: vec!["busy".to_owned(), "quiet".to_owned()],
            clustering: Clustering::LatentClass {
                categories: vec![categories("one"), categories("other")],
                model,
            },
        }
    }

    /// How often each pattern of the two layers and of gender occurs.
    fn explaining(rows: &[(&str, Option<&str>, f64)]) -> Explaining {
        let layer = || rows.iter().map(|(layer, _, _)| Some((*layer).to_owned())).collect::<Vec<_>>();
        let gender = rows.iter().map(|(_, gender, _)| gender.map(str::to_owned)).collect();
        let titles = Titles {
            name: "gender".to_owned(),
            title: "Gender".to_owned(),
            levels: [("female".to_owned(), "Women".to_owned())].into(),
        };
        Explaining {
            titles: vec![titles],
            patterns: Patterns {
                columns: vec![layer(), layer(), gender],
                counts: rows.iter().map(|(_, _, n)| *n).collect(),
            },
        }
    }

    #[test]
    fn odds_are_those_of_the_table_and_who_tells_nothing_is_left_out() {
        let told = told(
            &named(),
            &explaining(&[
                ("often", Some("male"), 600.0),
                ("often", Some("female"), 200.0),
                ("often", Some("other"), 3.0),
                ("often", None, 97.0),
                ("seldom", Some("male"), 150.0),
                ("seldom", Some("female"), 300.0),
                ("seldom", Some("other"), 4.0),
            ]),
        );
        let effects = told["effects"].as_array().unwrap();
        assert_eq!(effects.len(), 1, "{told}");
        let effect = &effects[0];
        assert_eq!((&effect["level"], &effect["against"]), (&"Women".into(), &"male".into()));
        assert_eq!((&effect["group"], &told["reference"]), (&"quiet".into(), &"busy".into()));
        // 300 · 600 / (200 · 150), with an error of the logarithm of .129.
        let (ratio, low) = (effect["odds_ratio"].as_f64().unwrap(), effect["low"].as_f64().unwrap());
        assert!(
            (ratio - 6.0).abs() < 1e-4 && (low - 6.0 * (-1.96_f64 * 0.129_099).exp()).abs() < 1e-3,
            "{effect}"
        );
        assert_eq!(told["n"], 1250);
        let notes = told["notes"].as_array().unwrap();
        assert_eq!(notes[0], "97 are left out, of whom one of these is not known: Gender");
        assert_eq!(notes[1], "7 are left out, since fewer than 30 have what they have: Gender: other");
    }

    #[test]
    fn what_everybody_has_explains_nothing_and_the_reason_is_said() {
        let told =
            told(&named(), &explaining(&[("often", Some("male"), 60.0), ("seldom", Some("male"), 40.0)]));
        assert!(told["reason"].is_string() && told["effects"].as_array().unwrap().is_empty(), "{told}");
    }
}
