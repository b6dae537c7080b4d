//! The fitted model: classes, what they answer, how sure memberships are, and how well all that fits.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::answers::{Answers, MISSING};
use super::em::LEAST_FACTOR;
use super::patterns::Covariates;
use crate::cluster::error::ClusterError;

/// Classes that nobody has named, within each of which the answers to all items are independent of each other.
///
/// `P(x) = Σ_k π_k Π_j p_jk(x_j)` over the items that are answered: what is missing is skipped, which is
/// right where it is missing at random given the rest. Classes come in the order of their shares, the largest
/// first.
///
/// Lazarsfeld, P. F. and Henry, N. W. (1968). Latent Structure Analysis. Linzer, D. A. and Lewis, J. B.
/// (2011). poLCA: an R package for polytomous variable latent class analysis. Journal of Statistical Software
/// 42 (10).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatentClasses {
    /// The items and what each class answers.
    pub items: Vec<ItemProfile>,
    /// The part of all rows that is expected in each class.
    pub shares: Vec<f64>,
    /// How covariates say beforehand which class a row belongs to; none without covariates, where the shares say it.
    pub membership: Option<Membership>,
    /// The fit in figures.
    pub fit: Fit,
    /// How the search went.
    pub search: Search,
}

/// One item in all classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemProfile {
    /// How it is called.
    pub name: String,
    /// Its weight on the log-likelihood.
    pub weight: f64,
    /// For each class the probability of each category.
    pub probabilities: Vec<Vec<f64>>,
}

/// A multinomial logit: `ln (π_k / π_0) = β_k0 + Σ_m β_km z_m` for each class k but the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    /// How the covariates are called.
    pub covariates: Vec<String>,
    /// For each class but the first, the constant and the coefficient of each covariate, in the covariates' own units.
    pub coefficients: Vec<Vec<f64>>,
    /// Their standard errors, from the outer products of the scores of all parameters; none where the rows do not tell them.
    pub standard_errors: Option<Vec<Vec<f64>>>,
}

/// The fit in figures. `N` is the sum of the rows' weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// `Σ ln P(x)`, where item weights are exponents of the `p_jk`.
    pub log_likelihood: f64,
    /// `N`.
    pub n_rows: f64,
    /// `K − 1 + K Σ_j (C_j − 1)`, and `K − 1` for each covariate.
    pub n_parameters: usize,
    /// `−2 ln L + 2 n_parameters`; smaller is better.
    pub aic: f64,
    /// `−2 ln L + n_parameters ln N`; smaller is better.
    pub bic: f64,
    /// `bic + 2 Σ −p ln p` over all rows' memberships p (Biernacki, Celeux & Govaert 2000); smaller is better.
    pub icl: f64,
    /// `1 − Σ −p ln p / (N ln K)`: 1 where all memberships are certain, 0 where they say nothing. One class is certain.
    pub relative_entropy: f64,
}

/// How the search went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// How many starts there were; one for one class, which has one maximum.
    pub n_starts: usize,
    /// How many of them ended at the best likelihood. An end that was found once may not be the best there is.
    pub n_best_found: usize,
    /// Whether the best search ended by the tolerance, not by the number of its steps.
    pub converged: bool,
    /// How many steps of expectation and maximisation it took.
    pub n_iterations: usize,
}

/// Rows' memberships: for each row the probability of each class.
#[derive(Debug, Clone, PartialEq)]
pub struct Memberships {
    n_classes: usize,
    /// Row after row.
    values: Vec<f64>,
}

impl Memberships {
    /// How many classes there are.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The probability of each class, row by row.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.n_classes)
    }

    /// All probabilities, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The likeliest class of each row; of equally likely ones the larger class, which comes first.
    pub fn likeliest(&self) -> Vec<usize> {
        let likeliest = |row: &[f64]| {
            (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
        };
        self.rows().map(likeliest).collect()
    }
}

impl LatentClasses {
    /// How many classes there are.
    pub fn n_classes(&self) -> usize {
        self.shares.len()
    }

    /// The probability of each class for each row, `π_k Π_j p_jk(x_j)^{w_j}` as a part of the sum over all
    /// classes; a row that answered nothing has the probabilities from before.
    ///
    /// A probability below 1e-30 counts as that, so that rows with an answer that no class gives belong where
    /// the others fit best. Refuses other items than those of the fit, and other covariates.
    pub fn probabilities(
        &self,
        answers: &Answers,
        covariates: Option<&Covariates>,
    ) -> Result<Memberships, ClusterError> {
        self.check(answers, covariates)?;
        let n_classes = self.n_classes();
        let logs: Vec<Vec<f64>> = self.items.iter().map(logs).collect();
        let before: Vec<f64> = self.shares.iter().map(|share| share.max(LEAST_FACTOR).ln()).collect();
        let rows: Vec<&[u16]> = answers.rows().collect();
        let mut values = vec![0.0; rows.len() * n_classes];
        values.par_chunks_mut(n_classes).zip(&rows).enumerate().for_each(|(row, (own, codes))| {
            match (&self.membership, covariates) {
                (Some(membership), Some(covariates)) => membership.scores(covariates.points().row(row), own),
                _ => own.copy_from_slice(&before),
            }
            for (logs, code) in logs.iter().zip(*codes).filter(|(_, code)| **code != MISSING) {
                let start = usize::from(*code) * n_classes;
                own.iter_mut().zip(&logs[start..]).for_each(|(sum, log)| *sum += log);
            }
            let largest = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            own.iter_mut().for_each(|value| *value = (*value - largest).exp());
            let sum: f64 = own.iter().sum();
            own.iter_mut().for_each(|value| *value /= sum);
        });
        Ok(Memberships { n_classes, values })
    }

    /// The likeliest class of each row; of equally likely ones the larger.
    pub fn predict(
        &self,
        answers: &Answers,
        covariates: Option<&Covariates>,
    ) -> Result<Vec<usize>, ClusterError> {
        Ok(self.probabilities(answers, covariates)?.likeliest())
    }

    /// The model with the figures of its fit, from the log-likelihood, the number of parameters, the weight
    /// of all rows and the entropy of their memberships.
    pub(super) fn report(
        items: Vec<ItemProfile>,
        shares: Vec<f64>,
        membership: Option<Membership>,
        search: Search,
        (log_likelihood, n_parameters, n_rows, entropy): (f64, usize, f64, f64),
    ) -> LatentClasses {
        let bic = -2.0 * log_likelihood + n_parameters as f64 * n_rows.ln();
        let classes = shares.len() as f64;
        let fit = Fit {
            log_likelihood,
            n_rows,
            n_parameters,
            aic: -2.0 * log_likelihood + 2.0 * n_parameters as f64,
            bic,
            icl: bic + 2.0 * entropy,
            relative_entropy: if shares.len() == 1 { 1.0 } else { 1.0 - entropy / (n_rows * classes.ln()) },
        };
        LatentClasses { items, shares, membership, fit, search }
    }

    fn check(&self, answers: &Answers, covariates: Option<&Covariates>) -> Result<(), ClusterError> {
        let own = self.items.iter().map(|item| (item.name.as_str(), item.probabilities[0].len()));
        let others = answers.items().iter().map(|(name, n_categories)| (name.as_str(), *n_categories));
        let differs = |what, expected: Vec<String>, found: Vec<String>| {
            let (expected, found) = (expected.join(", "), found.join(", "));
            Err(ClusterError::OtherColumns { what, expected, found })
        };
        if !own.clone().eq(others.clone()) {
            let say = |(name, n): (&str, usize)| format!("{name} of {n} categories");
            return differs("items", own.map(say).collect(), others.map(say).collect());
        }
        let own = self.membership.as_ref().map_or(&[][..], |membership| &membership.covariates);
        let others = covariates.map_or(&[][..], Covariates::names);
        if own != others {
            return differs("covariates", own.to_vec(), others.to_vec());
        }
        match covariates.map(|covariates| covariates.points().n_rows()) {
            Some(n_values) if n_values != answers.n_rows() => {
                let (column, n_rows) = (own[0].clone(), answers.n_rows());
                Err(ClusterError::Lengths { column, n_values, n_rows })
            }
            _ => Ok(()),
        }
    }
}

impl Membership {
    /// `ln (π_k / π_0)` of each class.
    fn scores(&self, values: &[f64], scores: &mut [f64]) {
        scores[0] = 0.0;
        for (score, coefficients) in scores[1..].iter_mut().zip(&self.coefficients) {
            let slopes = coefficients[1..].iter().zip(values).map(|(slope, value)| slope * value);
            *score = coefficients[0] + slopes.sum::<f64>();
        }
    }
}

/// `w ln p` of each class, category after category.
fn logs(item: &ItemProfile) -> Vec<f64> {
    let n_categories = item.probabilities[0].len();
    let of = |category: usize| item.probabilities.iter().map(move |class| class[category]);
    let factors = (0..n_categories).flat_map(of).map(|p| p.powf(item.weight).max(LEAST_FACTOR));
    factors.map(f64::ln).collect()
}
