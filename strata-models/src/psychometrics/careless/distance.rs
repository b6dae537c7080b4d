//! How far a respondent's answers lie from everybody's, given how the items go together.

use rayon::prelude::*;

use crate::learn::linear::Cholesky;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::chi_squared;
use crate::psychometrics::error::PsychometricsError;
use crate::psychometrics::moments::{Missing, Moments};

/// Squared Mahalanobis distances.
#[derive(Debug, Clone, PartialEq)]
pub struct Distances {
    /// `D² = (x − x̄)ᵀ S⁻¹ (x − x̄)` of each respondent who answered every item.
    pub squares: Vec<Option<f64>>,
    /// The items that were left out: those that do not vary, and those that the ones before them tell.
    pub dropped: Vec<String>,
    /// How many items were not.
    pub n_items: usize,
}

impl Distances {
    /// What D² exceeds with the probability `tail` where answers are normal: the quantile of χ² at as many degrees of freedom as items.
    pub fn cutoff(&self, tail: f64) -> f64 {
        chi_squared::quantile_above(tail.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON), self.n_items as f64)
    }
}

/// The distances among respondents who answered every item. Refuses as many items as such respondents, or more.
///
/// Mahalanobis, P. C. (1936). On the generalised distance in statistics. Proceedings of the National Institute of Sciences of India 2, 49–55.
pub fn distances(answers: &Answers<'_>) -> Result<Distances, PsychometricsError> {
    let complete = answers.complete();
    let (needed, found) = (answers.n_items() + 2, complete.len());
    if found < needed {
        return Err(PsychometricsError::TooFewRespondents { what: "a Mahalanobis distance", needed, found });
    }
    let varies = |item: usize| {
        let column = answers.column(item);
        complete.iter().any(|respondent| column[*respondent] != column[complete[0]])
    };
    let mut kept: Vec<usize> = (0..answers.n_items()).filter(|item| varies(*item)).collect();
    let mut squares = vec![None; answers.n_respondents()];
    let dropped = |kept: &[usize]| {
        let lost = (0..answers.n_items()).filter(|item| !kept.contains(item));
        lost.map(|item| answers.items()[item].clone()).collect()
    };
    if kept.is_empty() {
        let (item, among) = (answers.items()[0].clone(), "those who answered every item");
        return Err(PsychometricsError::ConstantItem { item, among });
    }
    let table = answers.of_respondents(&complete)?;
    let moments = Moments::of(&table.of_items(&kept), Missing::Listwise)?;
    // Correlations rather than covariances, so that one threshold says what is collinear whatever the units are.
    let mut places: Vec<usize> = (0..kept.len()).collect();
    let factor = loop {
        let part = moments.correlations.of(&places);
        let order = places.len();
        let values = (0..order * order).map(|place| part.at(place / order, place % order)).collect();
        match Cholesky::of(values, order) {
            Ok(factor) => break factor,
            Err(row) => places.remove(row),
        };
    };
    kept = places.iter().map(|place| kept[*place]).collect();
    let standard: Vec<(usize, f64, f64)> = places
        .iter()
        .zip(&kept)
        .map(|(place, item)| {
            let column = table.column(*item);
            let mean = column.iter().sum::<f64>() / found as f64;
            (*item, mean, moments.covariances.at(*place, *place).sqrt())
        })
        .collect();
    let of_row = |row: usize| {
        let z: Vec<f64> = standard
            .iter()
            .map(|(item, mean, deviation)| (table.column(*item)[row] - mean) / deviation)
            .collect();
        factor.quadratic_of_inverse(&z)
    };
    let found: Vec<f64> = (0..found).into_par_iter().map(of_row).collect();
    complete.iter().zip(found).for_each(|(respondent, square)| squares[*respondent] = Some(square));
    Ok(Distances { squares, dropped: dropped(&kept), n_items: kept.len() })
}
