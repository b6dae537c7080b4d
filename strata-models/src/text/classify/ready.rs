//! A trained classifier at work: what a text is taken for, by its words or by its point.

use rayon::prelude::*;

use super::{Classifier, Features, Labelled, logistic};
use crate::text::error::TextError;
use crate::text::vectors::Vectors;
use crate::text::words::{Reader, Room};

/// A class less likely than this is not assigned.
pub const LEAST_PROBABILITY: f64 = 0.5;

/// Texts that are worked on one after another.
const PART: usize = 1024;

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

/// A classifier of words made ready for texts.
#[derive(Debug, Clone)]
pub struct Ready<'a> {
    classifier: &'a Classifier,
    reader: Reader<'a>,
}

/// A classifier of points made ready for them.
#[derive(Debug, Clone)]
pub struct ReadyForPoints<'a> {
    classifier: &'a Classifier,
    n_dimensions: usize,
}

/// Either, for texts whose labels are known.
pub(super) enum Judge<'a> {
    Words(Ready<'a>, &'a [&'a str]),
    Points(ReadyForPoints<'a>, &'a Vectors, &'a [usize]),
}

impl Classifier {
    /// Checks the classifier and makes it ready for texts.
    ///
    /// # Errors
    /// A classifier that looks at points; parts of a kept classifier that do not hold together.
    pub fn ready(&self) -> Result<Ready<'_>, TextError> {
        let Features::Words(words) = &self.features else {
            return Err(TextError::Features { looks_at: "points of texts", given: "their words" });
        };
        self.check(words.words.len())?;
        match (words.weights.len(), words.words.len()) {
            (found, expected) if found != expected => {
                Err(TextError::Model { what: "weights of words", found, expected })
            }
            _ => Ok(Ready { classifier: self, reader: words.reader() }),
        }
    }

    /// Checks the classifier and makes it ready for points.
    ///
    /// # Errors
    /// A classifier that looks at words; parts of a kept classifier that do not hold together.
    pub fn ready_for_points(&self) -> Result<ReadyForPoints<'_>, TextError> {
        let Features::Points { n_dimensions } = self.features else {
            return Err(TextError::Features { looks_at: "words of texts", given: "their points" });
        };
        self.check(n_dimensions)?;
        Ok(ReadyForPoints { classifier: self, n_dimensions })
    }

    /// For the texts of which labels are known, by whichever it looks at.
    pub(super) fn judge<'a>(&'a self, labelled: &'a Labelled<'_>) -> Result<Judge<'a>, TextError> {
        match (&self.features, &labelled.points) {
            (Features::Points { .. }, Some((points, places))) => {
                Ok(Judge::Points(self.ready_for_points()?, points, places))
            }
            _ => Ok(Judge::Words(self.ready()?, &labelled.texts)),
        }
    }

    fn check(&self, n_features: usize) -> Result<(), TextError> {
        let n_classes = self.classes.len();
        if n_classes < 2 {
            return Err(TextError::Model { what: "classes", found: n_classes, expected: 2 });
        }
        for (what, found, expected) in [
            ("intercepts", self.intercepts.len(), n_classes),
            ("coefficients", self.coefficients.len(), n_features * n_classes),
        ] {
            if found != expected {
                return Err(TextError::Model { what, found, expected });
            }
        }
        Ok(())
    }

    /// Puts the probability of each class in place, and says whether there is anything to go by.
    fn weigh(&self, cells: impl Iterator<Item = (u32, f64)>, probabilities: &mut Vec<f64>) -> bool {
        probabilities.clear();
        probabilities.extend(&self.intercepts);
        let mut knows_any = false;
        let n_classes = probabilities.len();
        for (feature, value) in cells {
            knows_any = true;
            let begin = feature as usize * n_classes;
            let coefficients = &self.coefficients[begin..begin + n_classes];
            probabilities.iter_mut().zip(coefficients).for_each(|(sum, other)| *sum += value * other);
        }
        logistic::exponentiate(probabilities);
        knows_any
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
        self.classifier.weigh(self.reader.cells(text, &mut Room::default()), &mut probabilities);
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
        texts.par_chunks(PART).map(of_part).collect::<Vec<_>>().concat()
    }

    fn assign_with(&self, text: &str, room: &mut Room, probabilities: &mut Vec<f64>) -> Assigned {
        let knows_a_word = self.classifier.weigh(self.reader.cells(text, room), probabilities);
        assigned(probabilities, knows_a_word)
    }
}

impl ReadyForPoints<'_> {
    /// The classes, in alphabetical order.
    pub fn classes(&self) -> &[String] {
        &self.classifier.classes
    }

    /// What the text of each point is taken for, worked on side by side.
    ///
    /// # Errors
    /// Points that have another number of dimensions than those that were learned from.
    pub fn assign_all(&self, points: &Vectors) -> Result<Vec<Assigned>, TextError> {
        let (found, expected) = (points.n_dimensions(), self.n_dimensions);
        if found != expected {
            return Err(TextError::Model { what: "dimensions", found: expected, expected: found });
        }
        let places: Vec<usize> = (0..points.len()).collect();
        let of_part = |places: &[usize]| -> Vec<Assigned> {
            let mut probabilities = vec![];
            places.iter().map(|place| self.assign_with(points.row(*place), &mut probabilities)).collect()
        };
        Ok(places.par_chunks(PART).map(of_part).collect::<Vec<_>>().concat())
    }

    fn assign_with(&self, point: &[f32], probabilities: &mut Vec<f64>) -> Assigned {
        self.classifier.weigh((0..).zip(point.iter().map(|value| f64::from(*value))), probabilities);
        assigned(probabilities, true)
    }
}

impl Judge<'_> {
    /// What one of the texts is taken for; leaves the probability of each class behind.
    pub(super) fn assign(&self, place: usize, room: &mut Room, probabilities: &mut Vec<f64>) -> Assigned {
        match self {
            Judge::Words(ready, texts) => ready.assign_with(texts[place], room, probabilities),
            Judge::Points(ready, points, places) => {
                ready.assign_with(points.row(places[place]), probabilities)
            }
        }
    }
}

fn assigned(probabilities: &[f64], knows_any: bool) -> Assigned {
    let (mut likeliest, mut probability) = (0, 0.0);
    for (class, p) in (0_u32..).zip(probabilities) {
        if *p > probability {
            (likeliest, probability) = (class, *p);
        }
    }
    let is_sure = knows_any && probability >= LEAST_PROBABILITY;
    Assigned { class: is_sure.then_some(likeliest), likeliest, probability }
}
