//! Look-alikes: types learned from what is known of everybody.
//!
//! Respondents are dealt to parts, a customer's rows to one. For each part f, another one calibrates and the rest is learned from: there the
//! ridge is chosen, leaving out one part after the other; half of the calibrating part gives the temperature, the other half the
//! threshold of conformal sets; and part f, which has done none of this, gets its estimates. The model that is kept is made the same way,
//! with all parts but one to learn from, so that the estimates are of just such a model.

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::conformal::{Threshold, TypeSet};
use super::error::{TypingError, check_option, check_types};
use super::feature::{Encoding, Feature, check_features};
use super::folds::Folds;
use super::logit::{Logit, LogitSettings, fit, softmax};
use super::temperature;
use crate::learn::chance::Places;

/// How look-alikes are learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookAlikeSettings {
    /// The ridges to choose from, the greatest first.
    pub ridges: Vec<f64>,
    /// Into how many parts respondents are dealt; 3 or more.
    pub n_folds: usize,
    /// How often a conformal set should hold the truth.
    pub coverage: f64,
}

impl Default for LookAlikeSettings {
    fn default() -> LookAlikeSettings {
        LookAlikeSettings { ridges: vec![1000.0, 100.0, 10.0, 1.0], n_folds: 5, coverage: 0.9 }
    }
}

/// A learned model. All fields are plain, so that it can be kept anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookAlike {
    /// How features become terms.
    pub encoding: Encoding,
    /// What terms say.
    pub logit: Logit,
    /// The ridge that was chosen.
    pub ridge: f64,
    /// What scores are divided by.
    pub temperature: f64,
    /// What is in a conformal set.
    pub threshold: Threshold,
}

/// What models say of respondents that they have not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfFold {
    /// The probabilities of types, row after row.
    pub probabilities: Vec<f64>,
    /// The conformal sets.
    pub sets: Vec<TypeSet>,
    /// The ridge of each part's model.
    pub ridges: Vec<f64>,
}

/// Learns from respondents, whose features are at the places `persons` and whose rows belong to `customers`.
///
/// # Errors
/// A type with fewer respondents than parts; features of another length; settings out of range; no feature that varies.
pub fn learn(
    features: &[Feature<'_>],
    persons: &[usize],
    customers: &[u64],
    types: &[u16],
    n_types: usize,
    settings: &LookAlikeSettings,
    random: &mut impl RngCore,
) -> Result<(LookAlike, OutOfFold), TypingError> {
    check(features, (persons, customers), types, n_types, settings)?;
    let folds = Folds::of(customers, settings.n_folds, Places::new(random));
    let rows = Rows { features, persons, types, n_types, folds: &folds, settings };
    let out_of_fold = rows.out_of_fold(&settings.ridges)?;
    let model = rows.model(0, None, &settings.ridges)?;
    if model.encoding.n_terms() == 0 {
        return Err(TypingError::Nothing { what: "feature" });
    }
    Ok((model, out_of_fold))
}

/// Estimates as of [`learn`], at one ridge: what a shuffle of the types costs less time for.
///
/// # Errors
/// As [`learn`].
pub fn estimate(
    features: &[Feature<'_>],
    persons: &[usize],
    customers: &[u64],
    types: &[u16],
    n_types: usize,
    settings: &LookAlikeSettings,
    random: &mut impl RngCore,
) -> Result<OutOfFold, TypingError> {
    check(features, (persons, customers), types, n_types, settings)?;
    let folds = Folds::of(customers, settings.n_folds, Places::new(random));
    Rows { features, persons, types, n_types, folds: &folds, settings }.out_of_fold(&settings.ridges)
}

impl LookAlike {
    /// Writes the probabilities of a person's types; `terms` is room for the terms of a row.
    pub fn probabilities(&self, features: &[Feature<'_>], person: usize, terms: &mut [f64], to: &mut [f64]) {
        self.encoding.write(features, person, terms);
        self.logit.scores(terms, to);
        to.iter_mut().for_each(|score| *score /= self.temperature);
        softmax(to);
    }
}

fn check(
    features: &[Feature<'_>],
    (persons, customers): (&[usize], &[u64]),
    types: &[u16],
    n_types: usize,
    settings: &LookAlikeSettings,
) -> Result<(), TypingError> {
    check_option("n_folds", settings.n_folds as f64, 3.0..=1000.0, "give 3 or more, usually 5")?;
    check_option("coverage", settings.coverage, 1e-6..=1.0 - 1e-6, "give a probability, usually 0.9")?;
    check_option("number of ridges", settings.ridges.len() as f64, 1.0..=100.0, "give at least one")?;
    check_types(types, n_types, settings.n_folds)?;
    if features.is_empty() {
        return Err(TypingError::Nothing { what: "feature" });
    }
    for (what, n_values) in [("persons", persons.len()), ("customers", customers.len())] {
        if n_values != types.len() {
            return Err(TypingError::Length { what: what.to_owned(), n_values, n_rows: types.len() });
        }
    }
    let n_persons = features.first().map_or(0, |feature| feature.values.len());
    if let Some(person) = persons.iter().find(|person| **person >= n_persons) {
        return Err(TypingError::Person { what: "respondents", person: *person, n_persons });
    }
    check_features(features, n_persons)
}

/// Respondents with their parts.
struct Rows<'a> {
    features: &'a [Feature<'a>],
    persons: &'a [usize],
    types: &'a [u16],
    n_types: usize,
    folds: &'a Folds,
    settings: &'a LookAlikeSettings,
}

impl Rows<'_> {
    /// Each part by a model that has not seen it.
    fn out_of_fold(&self, ridges: &[f64]) -> Result<OutOfFold, TypingError> {
        let n_folds = self.settings.n_folds;
        let of_fold = |fold: usize| {
            let model = self.model((fold + 1) % n_folds, Some(fold), ridges)?;
            let rows = self.folds.rows(|of_row| of_row == fold);
            let probabilities = self.probabilities(&model, &rows);
            Ok::<_, TypingError>((rows, probabilities, model))
        };
        let parts: Vec<_> = (0..n_folds).into_par_iter().map(of_fold).collect::<Result<_, _>>()?;
        let mut out = OutOfFold {
            probabilities: vec![0.0; self.types.len() * self.n_types],
            sets: vec![TypeSet::default(); self.types.len()],
            ridges: vec![],
        };
        for (rows, probabilities, model) in parts {
            for (row, own) in rows.iter().zip(probabilities.chunks_exact(self.n_types)) {
                out.probabilities[row * self.n_types..(row + 1) * self.n_types].copy_from_slice(own);
                out.sets[*row] = model.threshold.set(own);
            }
            out.ridges.push(model.ridge);
        }
        Ok(out)
    }

    /// A model calibrated by one part and learned from all others, without what is left out.
    fn model(
        &self,
        calibrate: usize,
        left_out: Option<usize>,
        ridges: &[f64],
    ) -> Result<LookAlike, TypingError> {
        let learns = |fold: usize| fold != calibrate && Some(fold) != left_out;
        let ridge = self.best_ridge(&learns, ridges)?;
        let train = self.folds.rows(learns);
        let encoding = Encoding::learn(self.features, &self.persons_of(&train));
        let logit =
            self.fit(&encoding, &train, None, &LogitSettings { ridge, ..LogitSettings::default() })?;
        let threshold = Threshold { least: 0.0, n: 0 };
        let mut model = LookAlike { encoding, logit, ridge, temperature: 1.0, threshold };
        let (warm, sure) = self.folds.halves(calibrate);
        let types: Vec<u16> = warm.iter().map(|row| self.types[*row]).collect();
        model.temperature = temperature::fit(&self.scores(&model, &warm), &types, self.n_types);
        let probabilities = self.probabilities(&model, &sure);
        let of_truth = sure.iter().zip(probabilities.chunks_exact(self.n_types));
        let of_truth: Vec<f64> = of_truth.map(|(row, p)| p[usize::from(self.types[*row])]).collect();
        model.threshold = Threshold::of(&of_truth, self.settings.coverage);
        Ok(model)
    }

    /// The ridge with the least loss on parts left out one after the other.
    fn best_ridge(
        &self,
        learns: &(impl Fn(usize) -> bool + Sync),
        ridges: &[f64],
    ) -> Result<f64, TypingError> {
        if let [only] = ridges {
            return Ok(*only);
        }
        let parts: Vec<usize> = (0..self.settings.n_folds).filter(|fold| learns(*fold)).collect();
        if parts.len() < 2 {
            return Ok(ridges.first().copied().unwrap_or(1.0));
        }
        let losses = |held: &usize| {
            let train = self.folds.rows(|fold| learns(fold) && fold != *held);
            let test = self.folds.rows(|fold| fold == *held);
            let encoding = Encoding::learn(self.features, &self.persons_of(&train));
            let rows = encoding.rows(self.features, &self.persons_of(&test));
            let width = encoding.n_terms();
            let mut from: Option<Logit> = None;
            let mut losses = vec![];
            for ridge in ridges {
                let settings = LogitSettings { ridge: *ridge, tolerance: 1e-6, ..LogitSettings::default() };
                let logit = self.fit(&encoding, &train, from.as_ref(), &settings)?;
                let mut p = vec![0.0; self.n_types];
                let mut loss = 0.0;
                for (place, row) in test.iter().enumerate() {
                    logit.scores(&rows[place * width..(place + 1) * width], &mut p);
                    softmax(&mut p);
                    loss -= p[usize::from(self.types[*row])].max(1e-15).ln();
                }
                losses.push(loss);
                from = Some(logit);
            }
            Ok::<_, TypingError>(losses)
        };
        let losses: Vec<Vec<f64>> = parts.par_iter().map(losses).collect::<Result<_, _>>()?;
        let total = |place: usize| losses.iter().map(|losses| losses[place]).sum::<f64>();
        let best = (0..ridges.len()).min_by(|one, other| total(*one).total_cmp(&total(*other)));
        Ok(best.map_or(1.0, |place| ridges[place]))
    }

    fn persons_of(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter().map(|row| self.persons[*row]).collect()
    }

    fn fit(
        &self,
        encoding: &Encoding,
        rows: &[usize],
        from: Option<&Logit>,
        settings: &LogitSettings,
    ) -> Result<Logit, TypingError> {
        let values = encoding.rows(self.features, &self.persons_of(rows));
        let types: Vec<u16> = rows.iter().map(|row| self.types[*row]).collect();
        fit(&values, encoding.n_terms(), &types, self.n_types, from, settings)
    }

    fn scores(&self, model: &LookAlike, rows: &[usize]) -> Vec<f64> {
        let mut terms = vec![0.0; model.encoding.n_terms()];
        let mut scores = vec![0.0; rows.len() * self.n_types];
        for (row, to) in rows.iter().zip(scores.chunks_exact_mut(self.n_types)) {
            model.encoding.write(self.features, self.persons[*row], &mut terms);
            model.logit.scores(&terms, to);
        }
        scores
    }

    fn probabilities(&self, model: &LookAlike, rows: &[usize]) -> Vec<f64> {
        let mut scores = self.scores(model, rows);
        for p in scores.chunks_exact_mut(self.n_types) {
            p.iter_mut().for_each(|score| *score /= model.temperature);
            softmax(p);
        }
        scores
    }
}
