//! Golden questions: the few items that tell a type nearly as well as all of them.
//!
//! Forward selection: of all items the one is added with which discriminant analysis is right most often on respondents that it has not
//! seen, until there are eight or one more would gain less than a point. Accuracies flatter a little, since each is the best of several.

use std::collections::HashMap;

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::discriminant::{Clouds, Scores, Sums};
use super::error::{TypingError, check_option, check_types};
use super::folds::Folds;
use crate::learn::chance::Places;
use crate::psychometrics::answers::Answers;

/// How golden questions are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GoldenSettings {
    /// The share of the covariance that is replaced by its mean diagonal; above 0 to 1.
    pub shrink: f64,
    /// The most items.
    pub most_items: usize,
    /// An item that gains less accuracy is not asked.
    pub least_gain: f64,
    /// Into how many parts respondents are dealt for cross-validation; 2 or more.
    pub n_folds: usize,
    /// A person with a less likely type is not typed.
    pub least_posterior: f64,
}

impl Default for GoldenSettings {
    fn default() -> GoldenSettings {
        GoldenSettings { shrink: 1e-3, most_items: 8, least_gain: 0.01, n_folds: 5, least_posterior: 0.5 }
    }
}

/// The chosen questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// The items in the order in which they were chosen, with the accuracy of all up to each.
    pub steps: Vec<Step>,
    /// What would have been next, and was not worth asking; none where the items or their number were at an end.
    pub refused: Option<Step>,
    /// The share of the commonest type: what is right without any question.
    pub base_rate: f64,
    /// How many respondents answered every item; only these count here.
    pub n_complete: usize,
    /// What types a person.
    pub tool: TypingTool,
}

/// An item and the cross-validated accuracy with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The item.
    pub item: String,
    /// The share of respondents whose type is told.
    pub accuracy: f64,
}

/// Items and what their answers say. All fields are plain, so that it can be kept anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypingTool {
    /// The items, in the order of the means.
    pub items: Vec<String>,
    /// Where the types lie.
    pub clouds: Clouds,
    /// The scores where all items are answered.
    pub scores: Scores,
    /// A person with a less likely type is not typed.
    pub least_posterior: f64,
}

/// What a tool says of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// The type; none where it is not likely enough, or nothing was answered.
    pub of_type: Option<u16>,
    /// The posterior of each type; the prior where nothing was answered.
    pub posterior: Vec<f64>,
}

/// Chooses golden questions for the types of these respondents.
///
/// # Errors
/// A type with fewer complete respondents than folds; settings out of range; items that do not vary.
pub fn choose(
    answers: &Answers<'_>,
    types: &[u16],
    n_types: usize,
    settings: &GoldenSettings,
    random: &mut impl RngCore,
) -> Result<Golden, TypingError> {
    check(answers, types, settings)?;
    let complete = answers.complete();
    let own: Vec<u16> = complete.iter().map(|row| types[*row]).collect();
    check_types(types, n_types, 0)?;
    check_types(&own, n_types, settings.n_folds)?;
    let people: Vec<u64> = (0..complete.len() as u64).collect();
    let folds = Folds::of(&people, settings.n_folds, Places::new(random));
    let search = Search::new(answers, &complete, types, n_types, &folds, settings);
    let base_rate = search.all.n.iter().copied().fold(0.0, f64::max) / complete.len() as f64;
    let (mut chosen, mut steps, mut refused) = (Vec::new(), Vec::<Step>::new(), None);
    let varies = |item: &usize| search.all.variance(*item) > 1e-12;
    let mut left: Vec<usize> = (0..answers.n_items()).filter(varies).collect();
    while chosen.len() < settings.most_items {
        let tried: Vec<(usize, f64)> =
            left.par_iter().filter_map(|item| Some((*item, search.accuracy(&chosen, *item)?))).collect();
        let best = tried.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((item, accuracy)) = best else { break };
        let step = Step { item: answers.items()[item].clone(), accuracy };
        if steps.last().is_some_and(|last| accuracy - last.accuracy < settings.least_gain) {
            refused = Some(step);
            break;
        }
        chosen.push(item);
        left.retain(|other| *other != item);
        steps.push(step);
    }
    if chosen.is_empty() {
        return Err(TypingError::Nothing { what: "item" });
    }
    let clouds = search.all.clouds(&chosen, &search.centre, settings.shrink);
    let items = chosen.iter().map(|item| answers.items()[*item].clone()).collect();
    let tool = TypingTool::new(items, clouds, settings.least_posterior)?;
    Ok(Golden { steps, refused, base_rate, n_complete: complete.len(), tool })
}

impl TypingTool {
    /// A tool from clouds whose columns are these items.
    ///
    /// # Errors
    /// A covariance that cannot be inverted.
    pub fn new(items: Vec<String>, clouds: Clouds, least_posterior: f64) -> Result<TypingTool, TypingError> {
        let places: Vec<usize> = (0..items.len()).collect();
        match clouds.scores(&places) {
            Some(scores) => Ok(TypingTool { items, clouds, scores, least_posterior }),
            None => Err(TypingError::Singular { items: items.join(", ") }),
        }
    }

    /// Types everybody who answered some of the items.
    ///
    /// # Errors
    /// An item of the tool that is not among the answers.
    pub fn assign(&self, answers: &Answers<'_>) -> Result<Vec<Typed>, TypingError> {
        let place = |item: &String| {
            let found = answers.items().iter().position(|other| other == item);
            found.ok_or_else(|| TypingError::UnknownItem { item: item.clone() })
        };
        let places: Vec<usize> = self.items.iter().map(place).collect::<Result<_, _>>()?;
        let mut of_pattern: HashMap<Vec<usize>, Option<Scores>> = HashMap::new();
        let mut row = Vec::with_capacity(places.len());
        let assigned = (0..answers.n_respondents()).map(|person| {
            row.clear();
            row.extend(places.iter().map(|place| answers.column(*place)[person]));
            self.assign_row(&row, &mut of_pattern)
        });
        Ok(assigned.collect())
    }

    /// Types a person by the answers to the tool's items, in their order; NaN where one was not answered.
    pub fn assign_one(&self, row: &[f64]) -> Typed {
        self.assign_row(row, &mut HashMap::new())
    }

    fn assign_row(&self, row: &[f64], of_pattern: &mut HashMap<Vec<usize>, Option<Scores>>) -> Typed {
        let answered: Vec<usize> =
            (0..self.items.len()).filter(|place| row.get(*place).is_some_and(|x| x.is_finite())).collect();
        if answered.is_empty() {
            return Typed { of_type: None, posterior: self.clouds.prior.clone() };
        }
        let known: Vec<f64> = answered.iter().map(|place| row[*place]).collect();
        let posterior = if answered.len() == self.items.len() {
            self.scores.posterior(&known)
        } else {
            let scores = of_pattern.entry(answered).or_insert_with_key(|places| self.clouds.scores(places));
            scores.as_ref().map_or_else(|| self.clouds.prior.clone(), |scores| scores.posterior(&known))
        };
        let (best, most) = greatest(&posterior);
        Typed { of_type: (most >= self.least_posterior).then_some(best as u16), posterior }
    }
}

/// The place of the greatest probability, of several the first, and itself.
pub(super) fn greatest(probabilities: &[f64]) -> (usize, f64) {
    let all = probabilities.iter().copied().enumerate();
    all.fold((0, f64::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
}

fn check(answers: &Answers<'_>, types: &[u16], settings: &GoldenSettings) -> Result<(), TypingError> {
    check_option("shrink", settings.shrink, 1e-12..=1.0, "give a share above 0, usually 0.001")?;
    check_option("n_folds", settings.n_folds as f64, 2.0..=1000.0, "give 2 or more, usually 5")?;
    check_option("most_items", settings.most_items as f64, 1.0..=1000.0, "ask at least one")?;
    check_option("least_posterior", settings.least_posterior, 0.0..=1.0, "give a probability")?;
    if answers.n_respondents() != types.len() {
        let (what, n_values) = ("types".to_owned(), types.len());
        return Err(TypingError::Length { what, n_values, n_rows: answers.n_respondents() });
    }
    Ok(())
}

/// Sums by fold, from which every candidate is judged without passing over the training rows again.
struct Search<'a> {
    columns: Vec<&'a [f64]>,
    centre: Vec<f64>,
    types: &'a [u16],
    /// The rows of each fold, and the sums of all other folds.
    folds: Vec<(Vec<usize>, Sums)>,
    all: Sums,
    shrink: f64,
}

impl<'a> Search<'a> {
    fn new(
        answers: &'a Answers<'_>,
        complete: &[usize],
        types: &'a [u16],
        n_types: usize,
        folds: &Folds,
        settings: &GoldenSettings,
    ) -> Search<'a> {
        let columns: Vec<&[f64]> = (0..answers.n_items()).map(|item| answers.column(item)).collect();
        let mean =
            |column: &&[f64]| complete.iter().map(|row| column[*row]).sum::<f64>() / complete.len() as f64;
        let centre: Vec<f64> = columns.iter().map(mean).collect();
        let rows = |fold: usize| folds.rows(|of| of == fold).into_iter().map(|at| complete[at]).collect();
        let rows: Vec<Vec<usize>> = (0..settings.n_folds).map(rows).collect();
        let sums: Vec<Sums> =
            rows.par_iter().map(|rows| Sums::of(&columns, &centre, types, n_types, rows)).collect();
        let empty = || Sums::of(&columns, &centre, types, n_types, &[]);
        let without = |fold: usize| {
            let others = sums.iter().enumerate().filter(|(place, _)| *place != fold).map(|(_, sums)| sums);
            Sums::total(others).unwrap_or_else(empty)
        };
        let all = Sums::total(sums.iter()).unwrap_or_else(empty);
        let folds = rows.into_iter().enumerate().map(|(fold, rows)| (rows, without(fold))).collect();
        Search { columns, centre, types, folds, all, shrink: settings.shrink }
    }

    /// The share of respondents whose type is told by the chosen items and one more; none where they have no covariance.
    fn accuracy(&self, chosen: &[usize], item: usize) -> Option<f64> {
        let places: Vec<usize> = chosen.iter().copied().chain([item]).collect();
        let own: Vec<usize> = (0..places.len()).collect();
        let (mut right, mut n) = (0_usize, 0_usize);
        for (rows, others) in &self.folds {
            let scores = others.clouds(&places, &self.centre, self.shrink).scores(&own)?;
            let is_right = |row: &&usize| {
                let class = scores.most_likely(|place| self.columns[places[place]][**row]);
                class == usize::from(self.types[**row])
            };
            right += rows.iter().filter(is_right).count();
            n += rows.len();
        }
        Some(right as f64 / n as f64)
    }
}
