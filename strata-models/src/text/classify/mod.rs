//! A classifier of texts that a firm trains with labels of its own: which department a message is for, what a complaint is about.
//!
//! [`words`](super::words) make a text a row of numbers, or a model of a language makes it a point; a multinomial logistic regression (see
//! `logistic`) learns from labelled ones, or complement naive Bayes (see `bayes`) from words where an answer is wanted at once. [`validate`] says
//! how good it is on texts that it has not seen, and whether more labels would help. What it is not sure of, it leaves alone.

mod bayes;
mod descend;
mod logistic;
mod ready;
#[cfg(test)]
pub(super) mod tests;
pub mod validate;

use serde::{Deserialize, Serialize};

use super::error::TextError;
use super::vectors::Vectors;
use super::words::{TfIdf, WordSettings};
pub use ready::{Assigned, LEAST_PROBABILITY, Ready, ReadyForPoints};

/// Fewer labels of a class than this are not learned from.
pub const FEWEST_LABELS: usize = 20;

/// Texts with their labels, checked.
#[derive(Debug, Clone)]
pub struct Labelled<'a> {
    texts: Vec<&'a str>,
    /// Points, and which of them is each text's, where it is these that are learned from.
    points: Option<(&'a Vectors, Vec<usize>)>,
    /// The place of each text's class.
    codes: Vec<u32>,
    /// In alphabetical order.
    classes: Vec<String>,
}

/// What learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Learner {
    /// Multinomial logistic regression, on points where the texts have some: the better one, and its probabilities mean something.
    Logistic,
    /// Complement naive Bayes: one pass over the texts, and on words alone.
    ComplementBayes,
}

/// How a classifier is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifierSettings {
    /// What learns.
    pub learner: Learner,
    /// How far the regression follows the labels: the weight of the sum of losses against half the squares of the coefficients, above 0.
    pub c: f64,
    /// The most steps of the regression.
    pub max_iterations: usize,
    /// How many labels each class needs.
    pub fewest_labels: usize,
    /// Which words count.
    pub words: WordSettings,
}

impl Default for ClassifierSettings {
    fn default() -> ClassifierSettings {
        ClassifierSettings {
            learner: Learner::Logistic,
            c: 10.0,
            max_iterations: 500,
            fewest_labels: FEWEST_LABELS,
            words: WordSettings::default(),
        }
    }
}

/// A trained classifier. All fields are plain, so that it can be kept anywhere; [`Classifier::ready`] makes it one that classifies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classifier {
    /// What learned.
    pub learner: Learner,
    /// The classes, in alphabetical order.
    pub classes: Vec<String>,
    /// How many labels of each class it learned from.
    pub n_labels: Vec<u64>,
    /// What it looks at in a text.
    pub features: Features,
    /// What each word, or number of a point, says for each class, one after another. Of two classes the first has zeros.
    pub coefficients: Vec<f64>,
    /// What a text says for each class before it is read.
    pub intercepts: Vec<f64>,
    /// How the search for them ended.
    pub fit: Fit,
}

/// What a classifier looks at in a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Features {
    /// The words that it knows.
    Words(TfIdf),
    /// The text's point.
    Points {
        /// How many numbers it has.
        n_dimensions: usize,
    },
}

/// How a fit ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Whether the optimum was reached.
    pub converged: bool,
    /// How many steps were made.
    pub n_iterations: usize,
    /// The largest part of the gradient of the mean loss at the end.
    pub most_gradient: f64,
}

impl<'a> Labelled<'a> {
    /// Texts and the label of each. Classes are the labels that occur.
    ///
    /// # Errors
    /// Labels that are not one a text; no texts; an empty label; one class alone.
    pub fn new<T: AsRef<str>, L: AsRef<str>>(
        texts: &'a [T],
        labels: &[L],
    ) -> Result<Labelled<'a>, TextError> {
        if labels.len() != texts.len() {
            return Err(TextError::Lengths { what: "labels", found: labels.len(), expected: texts.len() });
        }
        if let Some(place) = labels.iter().position(|label| label.as_ref().trim().is_empty()) {
            return Err(TextError::EmptyLabel { place });
        }
        let mut classes: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
        classes.sort_unstable();
        classes.dedup();
        match classes[..] {
            [] => return Err(TextError::TooFewTexts { what: "a classifier", needed: 2, found: 0 }),
            [class] => return Err(TextError::OneClass { class: class.to_owned() }),
            _ => {}
        }
        // Each label is one of the classes.
        let code = |label: &L| classes.partition_point(|class| *class < label.as_ref()) as u32;
        Ok(Labelled {
            texts: texts.iter().map(AsRef::as_ref).collect(),
            points: None,
            codes: labels.iter().map(code).collect(),
            classes: classes.into_iter().map(str::to_owned).collect(),
        })
    }

    /// The same to be learned from by the point of each text.
    ///
    /// # Errors
    /// Points that are not one a text.
    pub fn with_points(self, points: &'a Vectors) -> Result<Labelled<'a>, TextError> {
        if points.len() != self.texts.len() {
            let (found, expected) = (points.len(), self.texts.len());
            return Err(TextError::Lengths { what: "points", found, expected });
        }
        Ok(Labelled { points: Some((points, (0..points.len()).collect())), ..self })
    }

    /// The classes, in alphabetical order.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How many texts.
    pub fn n_texts(&self) -> usize {
        self.texts.len()
    }

    /// How many texts each class has.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.classes.len()];
        self.codes.iter().for_each(|code| counts[*code as usize] += 1);
        counts
    }

    /// The texts at these places, with all classes, whether they occur there or not.
    fn at(&self, places: &[usize]) -> Labelled<'a> {
        Labelled {
            texts: places.iter().map(|place| self.texts[*place]).collect(),
            points: self
                .points
                .as_ref()
                .map(|(points, own)| (*points, places.iter().map(|place| own[*place]).collect())),
            codes: places.iter().map(|place| self.codes[*place]).collect(),
            classes: self.classes.clone(),
        }
    }
}

impl Classifier {
    /// Trains a classifier.
    ///
    /// # Errors
    /// Settings out of their range; a class with too few labels; no word that counts.
    pub fn train(labelled: &Labelled<'_>, settings: &ClassifierSettings) -> Result<Classifier, TextError> {
        check(labelled, settings)?;
        Classifier::learn(labelled, settings)
    }

    fn learn(labelled: &Labelled<'_>, settings: &ClassifierSettings) -> Result<Classifier, TextError> {
        let (features, rows) = match (&labelled.points, settings.learner) {
            (Some((points, places)), Learner::Logistic) => {
                (Features::Points { n_dimensions: points.n_dimensions() }, points.rows(places))
            }
            _ => {
                let words = TfIdf::fit(&labelled.texts, &settings.words)?;
                let rows = words.rows(&labelled.texts);
                (Features::Words(words), rows)
            }
        };
        let n_classes = labelled.classes.len();
        let (coefficients, intercepts, fit) = match settings.learner {
            Learner::Logistic => logistic::fit(&rows, &labelled.codes, n_classes, settings),
            Learner::ComplementBayes => bayes::fit(&rows, &labelled.codes, n_classes),
        };
        Ok(Classifier {
            learner: settings.learner,
            classes: labelled.classes.clone(),
            n_labels: labelled.counts(),
            features,
            coefficients,
            intercepts,
            fit,
        })
    }
}

fn check(labelled: &Labelled<'_>, settings: &ClassifierSettings) -> Result<(), TextError> {
    if !(settings.c > 0.0 && settings.c.is_finite()) {
        return Err(TextError::Option {
            option: "c",
            value: settings.c,
            hint: "give a number above 0, usually 10",
        });
    }
    let counts = labelled.counts();
    let fewest = counts.iter().zip(&labelled.classes).min_by_key(|(count, _)| **count);
    match fewest {
        Some((count, class)) if (*count as usize) < settings.fewest_labels => Err(TextError::TooFewLabels {
            class: class.clone(),
            found: *count as usize,
            needed: settings.fewest_labels,
        }),
        _ => Ok(()),
    }
}
