//! A classifier of texts that a firm trains with labels of its own: which department a message is for, what a complaint is about.
//!
//! [`words`](super::words) make a text a row of numbers; a multinomial logistic regression (see `logistic`) learns from labelled ones, or
//! complement naive Bayes (see `bayes`) where an answer is wanted at once. [`validate`] says how good it is on texts that it has not seen,
//! and whether more labels would help. What it is not sure of, it leaves alone.

mod bayes;
mod descend;
mod logistic;
#[cfg(test)]
pub(super) mod tests;
pub mod validate;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::TextError;
use super::words::{Reader, Room, TfIdf, WordSettings};

/// Fewer labels of a class than this are not learned from.
pub const FEWEST_LABELS: usize = 20;

/// Texts with their labels, checked.
#[derive(Debug, Clone)]
pub struct Labelled<'a> {
    texts: Vec<&'a str>,
    /// The place of each text's class.
    codes: Vec<u32>,
    /// In alphabetical order.
    classes: Vec<String>,
}

/// What learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Learner {
    /// Multinomial logistic regression: the better one, and its probabilities mean something.
    Logistic,
    /// Complement naive Bayes: one pass over the texts.
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
    /// The words that it knows.
    pub words: TfIdf,
    /// What each word says for each class, word after word. Of two classes the first has zeros.
    pub coefficients: Vec<f64>,
    /// What a text says for each class before it is read.
    pub intercepts: Vec<f64>,
    /// How the search for them ended.
    pub fit: Fit,
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

/// A classifier made ready for texts.
#[derive(Debug, Clone)]
pub struct Ready<'a> {
    classifier: &'a Classifier,
    reader: Reader<'a>,
}

/// What a text is taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assigned {
    /// The place of the class; none where the classifier is not sure, or knows no word of the text.
    pub class: Option<u32>,
    /// The place of the likeliest class, sure or not.
    pub likeliest: u32,
    /// Its probability.
    pub probability: f64,
}

/// A class less likely than this is not assigned.
pub const LEAST_PROBABILITY: f64 = 0.5;

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
            codes: labels.iter().map(code).collect(),
            classes: classes.into_iter().map(str::to_owned).collect(),
        })
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

    /// Checks the classifier and makes it ready.
    ///
    /// # Errors
    /// Parts of a kept classifier that do not hold together.
    pub fn ready(&self) -> Result<Ready<'_>, TextError> {
        let n_classes = self.classes.len();
        let n_words = self.words.words.len();
        if n_classes < 2 {
            return Err(TextError::Model { what: "classes", found: n_classes, expected: 2 });
        }
        for (what, found, expected) in [
            ("weights of words", self.words.weights.len(), n_words),
            ("intercepts", self.intercepts.len(), n_classes),
            ("coefficients", self.coefficients.len(), n_words * n_classes),
        ] {
            if found != expected {
                return Err(TextError::Model { what, found, expected });
            }
        }
        Ok(Ready { classifier: self, reader: self.words.reader() })
    }

    fn learn(labelled: &Labelled<'_>, settings: &ClassifierSettings) -> Result<Classifier, TextError> {
        let words = TfIdf::fit(&labelled.texts, &settings.words)?;
        let rows = words.rows(&labelled.texts);
        let n_classes = labelled.classes.len();
        let (coefficients, intercepts, fit) = match settings.learner {
            Learner::Logistic => logistic::fit(&rows, &labelled.codes, n_classes, settings),
            Learner::ComplementBayes => bayes::fit(&rows, &labelled.codes, n_classes),
        };
        Ok(Classifier {
            learner: settings.learner,
            classes: labelled.classes.clone(),
            n_labels: labelled.counts(),
            words,
            coefficients,
            intercepts,
            fit,
        })
    }
}

impl Ready<'_> {
    /// The classes, in alphabetical order.
    pub fn classes(&self) -> &[String] {
        &self.classifier.classes
    }

    /// The probability of each class. Naive Bayes is surer than it should be, or less sure: only the order of its figures means something.
    pub fn probabilities(&self, text: &str) -> Vec<f64> {
        let mut probabilities = vec![];
        self.read(text, &mut Room::default(), &mut probabilities);
        probabilities
    }

    /// What a text is taken for.
    pub fn assign(&self, text: &str) -> Assigned {
        self.assign_with(text, &mut Room::default(), &mut vec![])
    }

    /// What each of many texts is taken for, worked on side by side.
    pub fn assign_all<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<Assigned> {
        let of_part = |texts: &[T]| -> Vec<Assigned> {
            let (mut room, mut probabilities) = (Room::default(), vec![]);
            texts.iter().map(|text| self.assign_with(text.as_ref(), &mut room, &mut probabilities)).collect()
        };
        texts.par_chunks(1024).map(of_part).collect::<Vec<_>>().concat()
    }

    fn assign_with(&self, text: &str, room: &mut Room, probabilities: &mut Vec<f64>) -> Assigned {
        let knows_a_word = self.read(text, room, probabilities);
        let (mut likeliest, mut probability) = (0, 0.0);
        for (class, p) in (0_u32..).zip(probabilities.iter()) {
            if *p > probability {
                (likeliest, probability) = (class, *p);
            }
        }
        let is_sure = knows_a_word && probability >= LEAST_PROBABILITY;
        Assigned { class: is_sure.then_some(likeliest), likeliest, probability }
    }

    /// Puts the probability of each class in place, and says whether a word of the text is known.
    fn read(&self, text: &str, room: &mut Room, probabilities: &mut Vec<f64>) -> bool {
        probabilities.clear();
        probabilities.extend(&self.classifier.intercepts);
        let mut knows_a_word = false;
        let n_classes = probabilities.len();
        for (word, value) in self.reader.cells(text, room) {
            knows_a_word = true;
            let word = word as usize * n_classes;
            let coefficients = &self.classifier.coefficients[word..word + n_classes];
            probabilities.iter_mut().zip(coefficients).for_each(|(sum, other)| *sum += value * other);
        }
        logistic::exponentiate(probabilities);
        knows_a_word
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
