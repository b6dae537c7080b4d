//! Explaining classes by covariates that have no part in them.
//!
//! The probabilities of answers stay as they were found without covariates, and the multinomial logit of the classes alone is fitted, by
//! the greatest `Σ n ln Σ_k π_k(z) f_k(x)`: so no covariate moves a class, and rows whose class is uncertain count in each in part, which
//! leaves the coefficients unbiased. Standard errors are those of both parts together at these estimates, so that the probabilities of
//! answers count as estimated and not as known.
//!
//! Bakk, Z. and Kuha, J. (2018). Two-step estimation of models between latent classes and external variables. Psychometrika 83, 871–892.

use super::em::{Parameters, Problem};
use super::fit::{MOST_CLASSES, membership};
use super::model::{LatentClasses, Membership};
use super::patterns::Patterns;
use crate::cluster::error::ClusterError;

impl LatentClasses {
    /// How the covariates of these patterns tell the classes, which were found without them. Class by class against the first.
    ///
    /// Refuses one class, classes that hang on covariates, patterns without covariates or of other items, and coefficients that do not
    /// settle.
    pub fn explained_by(&self, patterns: &Patterns) -> Result<Membership, ClusterError> {
        let items = patterns.items.iter().map(|item| (item.name.as_str(), item.n_categories));
        let own = self.items.iter().map(|item| (item.name.as_str(), item.probabilities[0].len()));
        if !own.clone().eq(items.clone()) {
            let say = |(name, n): (&str, usize)| format!("{name} of {n} categories");
            let (expected, found): (Vec<String>, Vec<String>) =
                (own.map(say).collect(), items.map(say).collect());
            let (expected, found) = (expected.join(", "), found.join(", "));
            return Err(ClusterError::OtherColumns { what: "items", expected, found });
        }
        let refuse =
            |reason, hint| Err(ClusterError::NotFound { model: "an explanation of classes", reason, hint });
        if self.n_classes() < 2 || self.n_classes() > MOST_CLASSES {
            return refuse("there is one class for all", "explain two classes or more");
        }
        if self.membership.is_some() {
            return refuse("the classes hang on covariates themselves", "fit them without");
        }
        if patterns.groups.names.is_empty() {
            return refuse("there are no covariates", "give one or more");
        }
        let found = match self.n_classes() {
            2 => explained::<2>(self, patterns),
            3..=4 => explained::<4>(self, patterns),
            5..=8 => explained::<8>(self, patterns),
            9..=16 => explained::<16>(self, patterns),
            _ => explained::<MOST_CLASSES>(self, patterns),
        };
        match found {
            Some(membership) => Ok(membership),
            None => refuse("its coefficients do not settle", "leave out covariates that only one class has"),
        }
    }
}

/// A step that adds no more than this for each row is the last.
const TOLERANCE: f64 = 1e-10;

const MOST_STEPS: usize = 5000;

fn explained<const L: usize>(classes: &LatentClasses, patterns: &Patterns) -> Option<Membership> {
    let n_classes = classes.n_classes();
    let weights: Vec<f64> = classes.items.iter().map(|item| item.weight).collect();
    let problem = Problem { patterns, n_classes, item_weights: &weights, smoothing: 0.0 };
    let mut lines = vec![[1.0; L]; patterns.n_lines()];
    for (item, own) in patterns.items.iter().zip(&classes.items) {
        for (category, line) in lines[item.lines()].iter_mut().enumerate() {
            for (p, class) in line.iter_mut().zip(&own.probabilities) {
                *p = class[category];
            }
        }
    }
    let mut coefficients = vec![[0.0; L]; patterns.groups.width()];
    for (constant, share) in coefficients[0].iter_mut().zip(&classes.shares) {
        *constant = share.max(f64::MIN_POSITIVE).ln();
    }
    let mut parameters = Parameters { lines, coefficients };
    let mut before = f64::NEG_INFINITY;
    for _ in 0..MOST_STEPS {
        let step = problem.step(&parameters);
        parameters.coefficients = step.parameters.coefficients;
        if step.log_likelihood - before <= TOLERANCE * patterns.weight {
            return Some(membership(&problem, &classes.items, &from_the_first(&parameters, n_classes)));
        }
        before = step.log_likelihood;
    }
    None
}

/// The coefficients of each class less those of the first.
fn from_the_first<const L: usize>(parameters: &Parameters<L>, n_classes: usize) -> Vec<Vec<f64>> {
    let of_class = |class: usize| parameters.coefficients.iter().map(|row| row[class] - row[0]).collect();
    (0..n_classes).map(of_class).collect()
}
