//! A clustering with everything it takes to say in which cluster a row is: how its columns are prepared, what its categories are, and the
//! model. Plain numbers and texts, so that it can be stored and handed to whoever scores.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::ClusterError;
use super::k_means::{KMeans, KMeansSettings};
use super::k_prototypes::rows::MixedRows;
use super::k_prototypes::{Prototypes, Settings as PrototypeSettings};
use super::latent_class::answers::{Answers, Item};
use super::latent_class::fit::Settings as ClassSettings;
use super::latent_class::model::LatentClasses;
use super::latent_class::patterns::Patterns;
use super::mixture::{GaussianMixture, MixtureOptions};
use super::points::Points;
use super::preparation::{How, Preparation};

/// How clusters are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// [`KMeans`] of prepared numbers.
    KMeans,
    /// [`GaussianMixture`] of prepared numbers, with full covariances.
    GaussianMixture,
    /// [`Prototypes`] of prepared numbers and categories.
    KPrototypes,
    /// [`LatentClasses`] of categories.
    LatentClass,
}

/// What is known of rows, by column: numbers, NaN where one is missing, and texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows<'a> {
    /// Columns of numbers with their names.
    pub numbers: Vec<(&'a str, &'a [f64])>,
    /// Columns of texts with their names.
    pub texts: Vec<(&'a str, &'a [Option<&'a str>])>,
}

/// The texts that are the categories of a column, by their codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Categories {
    /// The column.
    pub name: String,
    /// Its categories, the most frequent first.
    pub values: Vec<String>,
}

/// A clustering that was learned and can be asked about any row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Clustering {
    /// Means of numbers.
    KMeans {
        /// How numbers are prepared.
        preparation: Preparation,
        /// The centres.
        model: KMeans,
    },
    /// Normal distributions of numbers.
    GaussianMixture {
        /// How numbers are prepared.
        preparation: Preparation,
        /// The components.
        model: GaussianMixture,
    },
    /// Means of numbers and commonest categories.
    KPrototypes {
        /// How numbers are prepared.
        preparation: Preparation,
        /// The categories of each column of texts; whatever else there is has one code more.
        categories: Vec<Categories>,
        /// The centres.
        model: Prototypes,
    },
    /// Classes within which categories do not depend on each other.
    LatentClass {
        /// The categories of each column.
        categories: Vec<Categories>,
        /// The classes.
        model: LatentClasses,
    },
}

/// So many categories of a column are told apart; rarer ones are as good as missing.
const MOST_CATEGORIES: usize = 50;

impl Method {
    /// Learns so many clusters.
    ///
    /// # Errors
    /// [`ClusterError`] for columns that the method cannot take, and what it refuses.
    pub fn fit(self, rows: &Rows<'_>, n_clusters: usize, seed: u64) -> Result<Clustering, ClusterError> {
        match self {
            Method::KMeans => {
                let (preparation, points) = rows.prepared(self)?;
                let settings = KMeansSettings { n_clusters, seed, ..KMeansSettings::default() };
                Ok(Clustering::KMeans { preparation, model: KMeans::fit(&points, &settings)?.model })
            }
            Method::GaussianMixture => {
                let (preparation, points) = rows.prepared(self)?;
                let options = MixtureOptions { seed, ..MixtureOptions::new(n_clusters) };
                Ok(Clustering::GaussianMixture {
                    preparation,
                    model: GaussianMixture::fit(&points, &options)?,
                })
            }
            Method::KPrototypes => {
                let (preparation, points) = rows.prepared(self)?;
                let categories = rows.categories(self)?;
                let mixed = mixed(&categories, points, &rows.texts)?;
                let (model, _) = Prototypes::fit(&mixed, &PrototypeSettings::of(n_clusters), seed)?;
                Ok(Clustering::KPrototypes { preparation, categories, model })
            }
            Method::LatentClass => {
                let categories = rows.categories(self)?;
                let answers = answers(&categories, &rows.texts)?;
                let patterns = Patterns::new(&answers, None, None)?;
                // No probability is 0, so that nobody is impossible.
                let settings = ClassSettings { smoothing: 0.5, ..ClassSettings::of(n_clusters) };
                let model = LatentClasses::fit(&patterns, &settings, seed)?;
                Ok(Clustering::LatentClass { categories, model })
            }
        }
    }
}

impl Clustering {
    /// How many clusters there are.
    pub fn n_clusters(&self) -> usize {
        match self {
            Clustering::KMeans { model, .. } => model.centres.len(),
            Clustering::GaussianMixture { model, .. } => model.means.len(),
            Clustering::KPrototypes { model, .. } => model.means.len(),
            Clustering::LatentClass { model, .. } => model.n_classes(),
        }
    }

    /// The cluster of each row, from 0; none of a row of which nothing is known.
    ///
    /// # Errors
    /// [`ClusterError`] for other columns than those that it was learned from.
    pub fn assign(&self, rows: &Rows<'_>) -> Result<Vec<Option<u32>>, ClusterError> {
        if rows.n_rows() == 0 {
            return Ok(Vec::new());
        }
        let labels: Vec<u32> = match self {
            Clustering::KMeans { preparation, model } => model.predict(&rows.points(preparation)?)?,
            Clustering::GaussianMixture { preparation, model } => {
                model.predict(&rows.points(preparation)?)?
            }
            Clustering::KPrototypes { preparation, categories, model } => {
                let mixed = mixed(categories, rows.points(preparation)?, &rows.texts)?;
                model.predict(&mixed)?.into_iter().map(|label| label as u32).collect()
            }
            Clustering::LatentClass { categories, model } => {
                let labels = model.predict(&answers(categories, &rows.texts)?, None)?;
                labels.into_iter().map(|label| label as u32).collect()
            }
        };
        Ok(labels.into_iter().enumerate().map(|(row, label)| rows.is_known(row).then_some(label)).collect())
    }

    /// The criterion by which numbers of clusters are compared, the lower the better; none of a method that has none.
    ///
    /// # Errors
    /// [`ClusterError`] for other columns than those that it was learned from.
    pub fn criterion(&self, rows: &Rows<'_>) -> Result<Option<f64>, ClusterError> {
        Ok(match self {
            Clustering::GaussianMixture { preparation, model } => {
                Some(model.criteria(&rows.points(preparation)?)?.bic)
            }
            Clustering::LatentClass { model, .. } => Some(model.fit.bic),
            Clustering::KMeans { .. } | Clustering::KPrototypes { .. } => None,
        })
    }
}

impl Rows<'_> {
    /// How many there are.
    pub fn n_rows(&self) -> usize {
        let of_numbers = self.numbers.first().map(|(_, values)| values.len());
        of_numbers.or_else(|| self.texts.first().map(|(_, values)| values.len())).unwrap_or(0)
    }

    /// Whether anything is known of a row.
    pub fn is_known(&self, row: usize) -> bool {
        self.numbers.iter().any(|(_, values)| values[row].is_finite())
            || self.texts.iter().any(|(_, values)| values[row].is_some())
    }

    /// How numbers are to be prepared, and the numbers prepared.
    ///
    /// # Errors
    /// [`ClusterError`] for columns that a method cannot take, and what the preparation refuses.
    pub fn prepared(&self, method: Method) -> Result<(Preparation, Points), ClusterError> {
        if let Some((name, _)) = self.texts.first()
            && method != Method::KPrototypes
        {
            return Err(ClusterError::Kind {
                column: (*name).to_owned(),
                kind: "texts",
                hint: "name numbers alone, or take k_prototypes",
            });
        }
        let names: Vec<&str> = self.numbers.iter().map(|(name, _)| *name).collect();
        let columns: Vec<&[f64]> = self.numbers.iter().map(|(_, values)| *values).collect();
        let preparation = Preparation::fit(&names, &columns, &vec![How::default(); names.len()])?;
        let points = preparation.apply(&columns)?;
        Ok((preparation, points))
    }

    /// The numbers, prepared as others were.
    fn points(&self, preparation: &Preparation) -> Result<Points, ClusterError> {
        // What cannot be a measure is as good as missing.
        let finite: Vec<Vec<f64>> = self
            .numbers
            .iter()
            .map(|(_, values)| values.iter().map(|x| if x.is_finite() { *x } else { f64::NAN }).collect())
            .collect();
        preparation.apply(&finite.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn categories(&self, method: Method) -> Result<Vec<Categories>, ClusterError> {
        if let Some((name, _)) = self.numbers.first()
            && method == Method::LatentClass
        {
            return Err(ClusterError::Kind {
                column: (*name).to_owned(),
                kind: "numbers",
                hint: "name categories alone, or take k_prototypes",
            });
        }
        Ok(self.texts.iter().map(|(name, values)| Categories::of(name, values)).collect())
    }
}

impl Categories {
    fn of(name: &str, values: &[Option<&str>]) -> Categories {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        values.iter().flatten().for_each(|value| *counts.entry(value).or_default() += 1);
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let values = counts.into_iter().take(MOST_CATEGORIES).map(|(value, _)| value.to_owned());
        Categories { name: name.to_owned(), values: values.collect() }
    }

    /// The codes of texts; none of a text that is no category.
    pub fn codes_of(&self, values: &[Option<String>]) -> Vec<Option<u16>> {
        self.codes(&values.iter().map(Option::as_deref).collect::<Vec<_>>())
    }

    fn codes(&self, values: &[Option<&str>]) -> Vec<Option<u16>> {
        let codes: BTreeMap<&str, u16> = self.values.iter().map(String::as_str).zip(0..).collect();
        values.iter().map(|value| value.and_then(|value| codes.get(value).copied())).collect()
    }
}

type Texts<'a> = [(&'a str, &'a [Option<&'a str>])];

fn mixed(categories: &[Categories], points: Points, texts: &Texts<'_>) -> Result<MixedRows, ClusterError> {
    let codes: Vec<Vec<u16>> = categories
        .iter()
        .zip(texts)
        .map(|(column, (_, values))| {
            let other = column.values.len() as u16;
            column.codes(values).into_iter().map(|code| code.unwrap_or(other)).collect()
        })
        .collect();
    let columns =
        codes.iter().zip(categories).map(|(codes, column)| (codes.as_slice(), column.values.len() + 1));
    MixedRows::new(points, &columns.collect::<Vec<_>>())
}

fn answers(categories: &[Categories], texts: &Texts<'_>) -> Result<Answers, ClusterError> {
    let codes: Vec<Vec<Option<u16>>> =
        categories.iter().zip(texts).map(|(column, (_, values))| column.codes(values)).collect();
    let items: Vec<Item<'_>> = categories
        .iter()
        .zip(&codes)
        .map(|(column, answers)| Item { name: &column.name, n_categories: column.values.len(), answers })
        .collect();
    Answers::new(&items)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Texts = Vec<Option<&'static str>>;

    fn two_kinds() -> (Vec<f64>, Vec<f64>, Texts, Texts) {
        let is_of_first = |row: usize| row.is_multiple_of(3);
        let number = |low: f64, high: f64| {
            move |row: usize| if is_of_first(row) { high } else { low } + (row * 7 % 11) as f64 / 10.0
        };
        let text = |few: &'static str, many: &'static str, every: usize| {
            move |row: usize| Some(if is_of_first(row) != row.is_multiple_of(every) { few } else { many })
        };
        let rows = || 0..300;
        (
            rows().map(number(1.0, 9.0)).collect(),
            rows().map(number(20.0, 5.0)).collect(),
            rows().map(text("web", "store", 20)).collect(),
            rows().map(text("card", "cash", 17)).collect(),
        )
    }

    #[test]
    fn every_method_finds_two_kinds_of_rows_and_stores_what_it_found() {
        let (orders, days, channel, paid) = two_kinds();
        let numbers = vec![("orders", &orders[..]), ("days", &days[..])];
        let texts = vec![("channel", &channel[..]), ("paid", &paid[..])];
        let more: Vec<Option<&str>> = (0..300).map(|row| Some(["a", "b", "c"][row % 3])).collect();
        for method in [Method::KMeans, Method::GaussianMixture, Method::KPrototypes, Method::LatentClass] {
            let rows = match method {
                Method::KMeans | Method::GaussianMixture => Rows { numbers: numbers.clone(), texts: vec![] },
                Method::KPrototypes => Rows { numbers: numbers.clone(), texts: texts.clone() },
                Method::LatentClass => {
                    Rows { numbers: vec![], texts: [&texts[..], &[("third", &more[..])]].concat() }
                }
            };
            let found = method.fit(&rows, 2, 1).unwrap();
            let stored: Clustering = serde_json::from_str(&serde_json::to_string(&found).unwrap()).unwrap();
            assert_eq!((&stored, found.n_clusters()), (&found, 2), "{method:?}");
            let labels = found.assign(&rows).unwrap();
            let agrees = |row: &usize| (labels[*row] == labels[3]) == row.is_multiple_of(3);
            assert!((0..300).filter(agrees).count() >= 290, "{method:?}");
            let is_compared = matches!(method, Method::GaussianMixture | Method::LatentClass);
            assert_eq!(found.criterion(&rows).unwrap().is_some(), is_compared, "{method:?}");
        }
    }

    #[test]
    fn rows_that_are_not_known_have_no_cluster_and_wrong_columns_are_refused() {
        let (orders, days, channel, _) = two_kinds();
        let rows = Rows { numbers: vec![("orders", &orders), ("days", &days)], texts: vec![] };
        let found = Method::KMeans.fit(&rows, 2, 1).unwrap();
        let (one, other) = ([f64::NAN, 9.0, f64::INFINITY], [f64::NAN, f64::NAN, 20.0]);
        let asked = Rows { numbers: vec![("orders", &one), ("days", &other)], texts: vec![] };
        let labels = found.assign(&asked).unwrap();
        assert_eq!((labels[0], labels[1].is_some(), labels[2].is_some()), (None, true, true));
        assert_eq!(found.assign(&Rows::default()).unwrap(), []);

        let texts = vec![("channel", &channel[..])];
        let refused = |method: Method, rows: &Rows<'_>| method.fit(rows, 2, 1).unwrap_err().to_string();
        let both = Rows { numbers: rows.numbers.clone(), texts: texts.clone() };
        assert!(refused(Method::KMeans, &both).contains("column `channel` holds texts"));
        assert!(refused(Method::LatentClass, &both).contains("column `orders` holds numbers"));
        let ids: Vec<f64> = (0..300).map(f64::from).collect();
        let with_id = Rows { numbers: vec![("customer_number", &ids), ("days", &days)], texts: vec![] };
        assert!(refused(Method::KMeans, &with_id).contains("is an id"));
    }
}
