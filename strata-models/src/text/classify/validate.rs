//! How good a classifier is on texts that it has not seen, whether it is worth having at all, and whether more labels would help.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Classifier, ClassifierSettings, LEAST_PROBABILITY, Labelled, Learner, check};
use crate::learn::chance::Places;
use crate::proportion::wilson;
use crate::text::error::TextError;
use crate::text::words::Room;

/// How a classifier is validated.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidationSettings {
    /// In how many parts texts are left out, text i in part `i mod n_folds`: 2 or more.
    pub n_folds: usize,
    /// With which shares of the labels it is trained besides, to see what more of them bring; above 0 and below 1.
    pub curve: Vec<f64>,
    /// What the labels of those shares are drawn from.
    pub seed: u64,
}

impl Default for ValidationSettings {
    fn default() -> ValidationSettings {
        ValidationSettings { n_folds: 10, curve: vec![0.25, 0.5, 0.75], seed: 0 }
    }
}

/// What a classifier is worth, each text having been classified by one that had not seen it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// How many texts.
    pub n_texts: usize,
    /// The share of texts whose likeliest class is theirs.
    pub accuracy: f64,
    /// Between what that share lies with 95 % confidence (Wilson).
    pub interval: (f64, f64),
    /// The mean of `−ln p` of the right class, in nats; p is held 1e-15 away from 0.
    pub log_loss: f64,
    /// The share right of always taking the most frequent class.
    pub majority: f64,
    /// The share right that complement naive Bayes has.
    pub bayes: f64,
    /// The share right that the same learner has by the words of the texts, where it learned from their points.
    pub by_words: Option<f64>,
    /// How many texts it was not sure of.
    pub n_unsure: usize,
    /// The share right among the others; none where there are none.
    pub accuracy_when_sure: Option<f64>,
    /// How many texts are left if it must be surer, and the share right among them.
    pub certainty: Vec<CertaintyPoint>,
    /// By class, in the order of the classes.
    pub classes: Vec<ClassQuality>,
    /// By class (row) how many texts are taken for which class (column).
    pub confusion: Vec<Vec<u64>>,
    /// How the share right grows with labels; the last point has all of them.
    pub curve: Vec<CurvePoint>,
}

/// How well a class is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassQuality {
    /// The class.
    pub class: String,
    /// How many texts have it.
    pub n_texts: u64,
    /// The share of texts taken for it that are of it; none where none is taken for it.
    pub precision: Option<f64>,
    /// The share of texts of it that are taken for it.
    pub recall: Option<f64>,
}

/// What it costs to be surer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CertaintyPoint {
    /// The least probability at which a class is assigned.
    pub least: f64,
    /// How many texts get one.
    pub n_sure: usize,
    /// The share right among them; none where there are none.
    pub accuracy: Option<f64>,
}

/// The least probabilities that are tried.
const CERTAINTIES: [f64; 5] = [LEAST_PROBABILITY, 0.6, 0.7, 0.8, 0.9];

/// What labels bring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// How many labels were learned from, on average over the parts.
    pub n_labels: f64,
    /// The share right.
    pub accuracy: f64,
}

impl Validation {
    /// Whether it is better than always taking the most frequent class, with 95 % confidence.
    pub fn is_worthwhile(&self) -> bool {
        self.interval.0 > self.majority
    }
}

/// Validates a classifier. All figures but the one of naive Bayes and the majority are those of the learner in the settings.
///
/// # Errors
/// As [`Classifier::train`]; fewer than 2 folds, or more than texts; a share of the curve out of its range.
pub fn validate(
    labelled: &Labelled<'_>,
    settings: &ClassifierSettings,
    validation: &ValidationSettings,
) -> Result<Validation, TextError> {
    check(labelled, settings)?;
    let n_folds = validation.n_folds;
    if n_folds < 2 || n_folds > labelled.n_texts() {
        let hint = "give a number from 2 to the number of texts, usually 10";
        return Err(TextError::Option { option: "n_folds", value: n_folds as f64, hint });
    }
    if let Some(share) = validation.curve.iter().find(|share| !(**share > 0.0 && **share < 1.0)) {
        return Err(TextError::Option {
            option: "curve",
            value: *share,
            hint: "give shares between 0 and 1",
        });
    }
    let folds: Vec<Fold> = (0..n_folds).map(|fold| Fold::of(labelled, fold, n_folds)).collect();
    let seen = classify(labelled, settings, &folds, 1.0, validation.seed)?;
    let bayes = if settings.learner == Learner::ComplementBayes {
        share_right(labelled, &seen)
    } else {
        let settings = ClassifierSettings { learner: Learner::ComplementBayes, ..settings.clone() };
        share_right(labelled, &classify(labelled, &settings, &folds, 1.0, validation.seed)?)
    };
    let by_words = match (settings.learner, &labelled.points) {
        (Learner::Logistic, Some(_)) => {
            let labelled = Labelled { points: None, ..labelled.clone() };
            Some(share_right(&labelled, &classify(&labelled, settings, &folds, 1.0, validation.seed)?))
        }
        _ => None,
    };
    let mut curve = vec![];
    for share in validation.curve.iter().chain(&[1.0]) {
        let accuracy = if *share < 1.0 {
            share_right(labelled, &classify(labelled, settings, &folds, *share, validation.seed)?)
        } else {
            share_right(labelled, &seen)
        };
        let n_labels: usize =
            folds.iter().map(|fold| fold.part(labelled, *share, validation.seed).len()).sum();
        curve.push(CurvePoint { n_labels: n_labels as f64 / n_folds as f64, accuracy });
    }
    Ok(Validation { by_words, ..summary(labelled, &seen, bayes, curve) })
}

/// What a text is left out of.
struct Fold {
    training: Vec<usize>,
    left_out: Vec<usize>,
}

/// A text classified by a classifier that had not seen it.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    likeliest: u32,
    of_own_class: f64,
    /// The probability of the likeliest class.
    probability: f64,
    is_sure: bool,
}

impl Fold {
    fn of(labelled: &Labelled<'_>, fold: usize, n_folds: usize) -> Fold {
        let (left_out, training) = (0..labelled.n_texts()).partition(|place| place % n_folds == fold);
        Fold { training, left_out }
    }

    /// A share of the texts of each class to learn from, at least one.
    fn part(&self, labelled: &Labelled<'_>, share: f64, seed: u64) -> Vec<usize> {
        if share >= 1.0 {
            return self.training.clone();
        }
        let mut of_class = vec![vec![]; labelled.classes().len()];
        let order = Places::new(&mut ChaCha8Rng::seed_from_u64(seed)).order(self.training.len());
        order.into_iter().for_each(|place| {
            let text = self.training[place];
            of_class[labelled.codes[text] as usize].push(text);
        });
        let mut part = vec![];
        for texts in of_class {
            let n = (share * texts.len() as f64).round().max(1.0) as usize;
            part.extend(texts.into_iter().take(n));
        }
        part.sort_unstable();
        part
    }
}

/// Each text classified by what was learned from the other folds, or from a share of them.
fn classify(
    labelled: &Labelled<'_>,
    settings: &ClassifierSettings,
    folds: &[Fold],
    share: f64,
    seed: u64,
) -> Result<Vec<Seen>, TextError> {
    let of_fold = |fold: &Fold| {
        let part = labelled.at(&fold.part(labelled, share, seed));
        let classifier = Classifier::learn(&part, settings)?;
        let judge = classifier.judge(labelled)?;
        let (mut room, mut probabilities) = (Room::default(), vec![]);
        let of_text = |place: &usize| {
            let assigned = judge.assign(*place, &mut room, &mut probabilities);
            let of_own_class = probabilities[labelled.codes[*place] as usize];
            Seen {
                likeliest: assigned.likeliest,
                of_own_class,
                probability: assigned.probability,
                is_sure: assigned.class.is_some(),
            }
        };
        Ok(fold.left_out.iter().map(of_text).collect())
    };
    let by_fold: Vec<Vec<Seen>> = folds.par_iter().map(of_fold).collect::<Result<_, TextError>>()?;
    let mut seen = vec![Seen::default(); labelled.n_texts()];
    for (fold, of_fold) in folds.iter().zip(by_fold) {
        fold.left_out.iter().zip(of_fold).for_each(|(place, text)| seen[*place] = text);
    }
    Ok(seen)
}

fn share_right(labelled: &Labelled<'_>, seen: &[Seen]) -> f64 {
    let n_right = seen.iter().zip(&labelled.codes).filter(|(text, code)| text.likeliest == **code).count();
    n_right as f64 / seen.len() as f64
}

fn summary(labelled: &Labelled<'_>, seen: &[Seen], bayes: f64, curve: Vec<CurvePoint>) -> Validation {
    let n_classes = labelled.classes().len();
    let mut confusion = vec![vec![0_u64; n_classes]; n_classes];
    let (mut loss, mut n_right) = (0.0, 0_u64);
    for (text, code) in seen.iter().zip(&labelled.codes) {
        confusion[*code as usize][text.likeliest as usize] += 1;
        loss -= text.of_own_class.max(1e-15).ln();
        n_right += u64::from(text.likeliest == *code);
    }
    let n = seen.len();
    let certainty = CERTAINTIES.map(|least| certainty(labelled, seen, least));
    let of_class = |(place, class): (usize, &String)| {
        let (own, n_texts) = (confusion[place][place], confusion[place].iter().sum::<u64>());
        let n_taken: u64 = confusion.iter().map(|row| row[place]).sum();
        ClassQuality {
            class: class.clone(),
            n_texts,
            precision: (n_taken > 0).then(|| own as f64 / n_taken as f64),
            recall: (n_texts > 0).then(|| own as f64 / n_texts as f64),
        }
    };
    Validation {
        n_texts: n,
        accuracy: n_right as f64 / n as f64,
        // There is a text, or there were no classes.
        interval: wilson(n_right, n as u64).unwrap_or((0.0, 1.0)),
        log_loss: loss / n as f64,
        majority: labelled.counts().into_iter().max().unwrap_or(0) as f64 / n as f64,
        bayes,
        by_words: None,
        n_unsure: n - certainty[0].n_sure,
        accuracy_when_sure: certainty[0].accuracy,
        certainty: certainty.to_vec(),
        classes: labelled.classes().iter().enumerate().map(of_class).collect(),
        confusion,
        curve,
    }
}

fn certainty(labelled: &Labelled<'_>, seen: &[Seen], least: f64) -> CertaintyPoint {
    let texts = seen.iter().zip(&labelled.codes);
    let sure = texts.filter(|(text, _)| text.is_sure && text.probability >= least);
    let (mut n_sure, mut n_right) = (0_usize, 0_usize);
    for (text, code) in sure {
        n_sure += 1;
        n_right += usize::from(text.likeliest == *code);
    }
    CertaintyPoint { least, n_sure, accuracy: (n_sure > 0).then(|| n_right as f64 / n_sure as f64) }
}
