//! Covariances and correlations of items: what all statistics of a scale are made of.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::error::{PsychometricsError, Warning};
use crate::clv::symmetric::Symmetric;

/// Which respondents count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// Those who answered every item.
    Listwise,
    /// For each pair of items those who answered both.
    Pairwise,
}

/// Covariances (n − 1 below) and correlations of items.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The items.
    pub items: Vec<String>,
    /// Their covariances.
    pub covariances: Symmetric,
    /// Their correlations.
    pub correlations: Symmetric,
    /// How many respondents: with all answers, or pairwise with any.
    pub n: usize,
    /// What was changed.
    pub warnings: Vec<Warning>,
}

impl Moments {
    /// The moments of the items of a table. Refuses items that do not vary, and fewer than three respondents, in all or for a pair.
    ///
    /// Pairwise correlations need not be those of any data; where their least eigenvalue is below 10⁻⁸ they are smoothed
    /// ([`smoothed`]), which a warning says. Pairwise covariances are left as they are, as their sums are unbiased.
    pub fn of(answers: &Answers<'_>, missing: Missing) -> Result<Moments, PsychometricsError> {
        match missing {
            Missing::Pairwise => Moments::of_pairs(answers, missing),
            Missing::Listwise => {
                let complete = answers.complete();
                if complete.len() == answers.n_respondents() {
                    return Moments::of_pairs(answers, missing);
                }
                too_few("a listwise covariance", complete.len())?;
                Moments::of_pairs(&answers.of_respondents(&complete)?, missing)
            }
        }
    }

    /// The moments of standardised items whose correlations are published. Refuses what is no correlation matrix.
    pub fn of_correlations(
        items: Vec<String>,
        correlations: Symmetric,
        n: usize,
    ) -> Result<Moments, PsychometricsError> {
        let order = correlations.order();
        let refuse = |reason: String| {
            let hint = "give a 1 on the diagonal, values from -1 to 1 beside it, and a name for each row";
            Err(PsychometricsError::Design { place: "the correlations".to_owned(), reason, hint })
        };
        if order == 0 || items.len() != order {
            return refuse(format!("{order} rows and {} names", items.len()));
        }
        for row in 0..order {
            for column in 0..=row {
                let r = correlations.at(row, column);
                if r.is_nan() || r.abs() > 1.0 || row == column && (r - 1.0).abs() > 1e-9 {
                    return refuse(format!("{r} in row {row}, column {column}"));
                }
            }
        }
        let mut moments =
            Moments { items, covariances: correlations.clone(), correlations, n, warnings: vec![] };
        moments.smooth();
        Ok(moments)
    }

    /// How many items there are.
    pub fn n_items(&self) -> usize {
        self.items.len()
    }

    /// The items at these places alone.
    pub fn of_items(&self, places: &[usize]) -> Moments {
        Moments {
            items: places.iter().map(|place| self.items[*place].clone()).collect(),
            covariances: self.covariances.of(places),
            correlations: self.correlations.of(places),
            n: self.n,
            warnings: self.warnings.clone(),
        }
    }

    fn of_pairs(answers: &Answers<'_>, missing: Missing) -> Result<Moments, PsychometricsError> {
        let n_items = answers.n_items();
        let means: Vec<f64> = (0..n_items).into_par_iter().map(|item| mean(answers.column(item))).collect();
        let pairs: Vec<(usize, usize)> =
            (0..n_items).flat_map(|one| (0..=one).map(move |other| (one, other))).collect();
        let found: Vec<Pair> = pairs
            .par_iter()
            .map(|(one, other)| {
                let columns = (answers.column(*one), answers.column(*other));
                Pair::of(columns, (means[*one], means[*other]))
            })
            .collect();
        let (mut covariances, mut correlations) = (Symmetric::zeros(n_items), Symmetric::zeros(n_items));
        for ((one, other), pair) in pairs.iter().zip(&found) {
            too_few("a correlation", pair.n)?;
            let constant = |item: usize, among| {
                Err(PsychometricsError::ConstantItem { item: answers.items()[item].clone(), among })
            };
            let among = match missing {
                _ if one == other => "those who answered",
                Missing::Listwise => "those who answered every item",
                Missing::Pairwise => "those who answered both items of a pair",
            };
            if !pair.varies(0) {
                return constant(*one, among);
            }
            if !pair.varies(1) {
                return constant(*other, among);
            }
            covariances.set(*one, *other, pair.covariance());
            correlations.set(*one, *other, if one == other { 1.0 } else { pair.correlation() });
        }
        let n = match missing {
            Missing::Listwise => answers.n_respondents(),
            Missing::Pairwise => answered_any(answers),
        };
        let items = answers.items().to_vec();
        let mut moments = Moments { items, covariances, correlations, n, warnings: vec![] };
        if missing == Missing::Pairwise {
            moments.smooth();
        }
        Ok(moments)
    }

    fn smooth(&mut self) {
        if let Some((correlations, least_eigenvalue)) = smoothed(&self.correlations) {
            self.correlations = correlations;
            self.warnings.push(Warning::Smoothed { least_eigenvalue });
        }
    }
}

/// The nearest thing to a correlation matrix where this is none: eigenvalues below 10⁻⁸ are lifted to 10⁻⁶ and the diagonal is brought
/// back to 1. With the least eigenvalue there was; none where nothing is to be done.
pub fn smoothed(correlations: &Symmetric) -> Option<(Symmetric, f64)> {
    let eigen = correlations.eigen();
    let least = eigen.iter().map(|(value, _)| *value).fold(f64::INFINITY, f64::min);
    if least >= 1e-8 {
        return None;
    }
    let order = correlations.order();
    let lifted = |row: usize, column: usize| -> f64 {
        let lift = |value: f64| if value < 1e-8 { 1e-6 } else { value };
        eigen.iter().map(|(value, vector)| lift(*value) * vector[row] * vector[column]).sum()
    };
    let roots: Vec<f64> = (0..order).map(|row| lifted(row, row).sqrt()).collect();
    let mut smoothed = Symmetric::zeros(order);
    for row in 0..order {
        for column in 0..row {
            smoothed.set(row, column, lifted(row, column) / (roots[row] * roots[column]));
        }
        smoothed.set(row, row, 1.0);
    }
    Some((smoothed, least))
}

fn too_few(what: &'static str, found: usize) -> Result<(), PsychometricsError> {
    if found < 3 {
        return Err(PsychometricsError::TooFewRespondents { what, needed: 3, found });
    }
    Ok(())
}

/// The mean of what is answered; 0 of nothing.
fn mean(column: &[f64]) -> f64 {
    let (sum, n) =
        column.iter().fold((0.0, 0_u64), |(sum, n), x| if x.is_nan() { (sum, n) } else { (sum + x, n + 1) });
    if n > 0 { sum / n as f64 } else { 0.0 }
}

fn answered_any(answers: &Answers<'_>) -> usize {
    let any =
        |respondent: usize| (0..answers.n_items()).any(|item| !answers.column(item)[respondent].is_nan());
    (0..answers.n_respondents()).filter(|respondent| any(*respondent)).count()
}

/// Sums over respondents who answered two items, of answers minus each item's mean.
struct Pair {
    n: usize,
    sums: [f64; 2],
    squares: [f64; 2],
    product: f64,
}

impl Pair {
    fn of(columns: (&[f64], &[f64]), means: (f64, f64)) -> Pair {
        let mut pair = Pair { n: 0, sums: [0.0; 2], squares: [0.0; 2], product: 0.0 };
        let mut n = 0.0;
        for (x, y) in columns.0.iter().zip(columns.1) {
            let (x, y) = (x - means.0, y - means.1);
            let answered = !(x + y).is_nan();
            let (x, y) = if answered { (x, y) } else { (0.0, 0.0) };
            n += if answered { 1.0 } else { 0.0 };
            pair.sums = [pair.sums[0] + x, pair.sums[1] + y];
            pair.squares = [pair.squares[0] + x * x, pair.squares[1] + y * y];
            pair.product += x * y;
        }
        pair.n = n as usize;
        pair
    }

    fn variance(&self, which: usize) -> f64 {
        let n = self.n as f64;
        (self.squares[which] - self.sums[which] * self.sums[which] / n) / (n - 1.0)
    }

    fn varies(&self, which: usize) -> bool {
        self.variance(which) > 1e-12 * (self.squares[which] / self.n as f64) && self.squares[which] > 1e-280
    }

    fn covariance(&self) -> f64 {
        let n = self.n as f64;
        (self.product - self.sums[0] * self.sums[1] / n) / (n - 1.0)
    }

    fn correlation(&self) -> f64 {
        (self.covariance() / (self.variance(0).sqrt() * self.variance(1).sqrt())).clamp(-1.0, 1.0)
    }
}
