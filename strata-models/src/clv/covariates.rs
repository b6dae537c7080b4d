//! Pareto/NBD with what else is known of customers: their first channel, their country, whether they answered a letter.
//!
//! A customer with covariates z has `αᵢ = α exp(−γ·z)`, so that he buys `exp(γ·z)` times as often, and `βᵢ = β exp(−δ·z)`, so that he leaves
//! `exp(δ·z)` times as fast. Given these he is an ordinary Pareto/NBD customer. Covariates do not change over time.
//!
//! Fader, P. S. and Hardie, B. G. S. (2007). Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models.
//! brucehardie.com/notes/019.

use rayon::prelude::*;

use super::error::{FitError, InputError};
use super::fit::{Fit, FitOptions};
use super::optimise::{Evaluation, Scale, maximise};
use super::pareto::{NAMES, Pareto};
use super::pareto_likelihood::{N_SUMS, UPPER, add_row};
use super::purchases::{Customer, Horizon, RepeatPurchases};
use super::sample::in_units;
use super::special::{digamma, ln_gamma, trigamma};
use super::symmetric::Symmetric;
use super::timing::TimingModel;

/// Columns of numbers about customers, one value per row; categories are columns of 0 and 1, one fewer than there are categories.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Covariates {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl Covariates {
    /// These columns by name. Refuses values that are not finite, and unequal lengths. No columns are no covariates.
    pub fn new(columns: Vec<(String, Vec<f64>)>) -> Result<Covariates, InputError> {
        let n_rows = columns.first().map_or(0, |(_, values)| values.len());
        for (name, values) in &columns {
            let refused =
                |reason: String, hint| Err(InputError::Covariate { name: name.clone(), reason, hint });
            if values.len() != n_rows {
                let reason = format!("has {} rows where the first covariate has {n_rows}", values.len());
                return refused(reason, "give every covariate a value for each customer");
            }
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                let reason = format!("row {row} is {}, not a finite number", values[row]);
                return refused(reason, "fill what is missing, or add a column that says it is missing");
            }
        }
        let (names, columns) = columns.into_iter().unzip();
        Ok(Covariates { names, columns })
    }

    /// What the columns are called.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// `Σ coefficient · z` of a row.
    fn effect(&self, row: usize, coefficients: &[f64]) -> f64 {
        self.columns.iter().zip(coefficients).map(|(column, coefficient)| column[row] * coefficient).sum()
    }

    /// Refuses columns that do not fit the customers or do not vary.
    fn check(&self, n_rows: usize) -> Result<(), InputError> {
        for (name, values) in self.names.iter().zip(&self.columns) {
            let refused =
                |reason: String, hint| Err(InputError::Covariate { name: name.clone(), reason, hint });
            if values.len() != n_rows {
                let reason = format!("has {} rows where there are {n_rows} customers", values.len());
                return refused(reason, "give every covariate a value for each customer");
            }
            if deviation(values) == 0.0 {
                let reason = "has one value for everybody".to_owned();
                return refused(
                    reason,
                    "leave it out: it says nothing that the model's own parameters do not",
                );
            }
        }
        Ok(())
    }
}

/// Pareto/NBD with covariates.
#[derive(Debug, Clone, PartialEq)]
pub struct ParetoCovariates {
    /// The model of a customer whose covariates are all 0.
    pub base: Pareto,
    /// γ, the coefficients of the covariates of buying.
    pub buying: Vec<f64>,
    /// δ, the coefficients of the covariates of leaving.
    pub leaving: Vec<f64>,
}

impl ParetoCovariates {
    /// The model of greatest likelihood, given covariates of buying and of leaving; either may be empty, and both may hold the same columns.
    /// A penalty draws coefficients to 0 per standard deviation of their column. Parameters of the fit are r, α, s, β, γ and δ. Refuses
    /// what a fit without covariates refuses, columns of another length than the customers, and those that do not vary; columns of which one follows from others
    /// yield a fit that says so.
    pub fn fit(
        purchases: &RepeatPurchases,
        buying: &Covariates,
        leaving: &Covariates,
        options: &FitOptions,
    ) -> Result<Fit<ParetoCovariates>, FitError> {
        let search = options.search()?;
        buying.check(purchases.n_rows())?;
        leaving.check(purchases.n_rows())?;
        let plain = Pareto::fit(purchases, options)?;
        let time = purchases.mean_tenure();
        let both = || buying.columns.iter().chain(&leaving.columns);
        let mut units = vec![1.0, time, 1.0, time];
        units.extend(both().map(|column| 1.0 / deviation(column)));
        let mut scales = vec![Scale::Positive; 4];
        scales.extend(both().map(|_| Scale::Real));
        let mut start: Vec<f64> = plain
            .optimum
            .parameters
            .iter()
            .zip(&units)
            .map(|(p, unit)| (p / unit).clamp(1e-3, 1e3))
            .collect();
        start.resize(units.len(), 0.0);
        let likelihood = |p: &[f64]| in_units(p, &units, |p| evaluate(p, purchases, buying, leaving));
        let found = maximise(likelihood, &scales, &[start], &search);
        let optimum =
            found.ok_or(FitError::NoStart { model: "Pareto/NBD with covariates" })?.in_units(&units);
        let p = &optimum.parameters;
        let (of_buying, of_leaving) = p[4..].split_at(buying.columns.len());
        let model = ParetoCovariates {
            base: Pareto { r: p[0], alpha: p[1], s: p[2], beta: p[3] },
            buying: of_buying.to_vec(),
            leaving: of_leaving.to_vec(),
        };
        let of_buying = buying.names.iter().map(|name| format!("buying.{name}"));
        let of_leaving = leaving.names.iter().map(|name| format!("leaving.{name}"));
        let names = NAMES.map(String::from).into_iter().chain(of_buying).chain(of_leaving).collect();
        Ok(Fit { model, names, optimum })
    }

    /// The model of a customer with these covariates, in the order of the columns of the fit; missing ones count as 0.
    pub fn of_customer(&self, buying: &[f64], leaving: &[f64]) -> Pareto {
        let effect =
            |z: &[f64], coefficients: &[f64]| z.iter().zip(coefficients).map(|(z, c)| z * c).sum::<f64>();
        self.shifted(effect(buying, &self.buying), effect(leaving, &self.leaving))
    }

    /// [`TimingModel::expected_purchases`] of every row, on all cores. Refuses covariates of another length than the customers.
    pub fn expected_purchases_all(
        &self,
        purchases: &RepeatPurchases,
        buying: &Covariates,
        leaving: &Covariates,
        horizon: Horizon,
    ) -> Result<Vec<f64>, InputError> {
        self.map(purchases, buying, leaving, |model, customer| model.expected_purchases(customer, horizon))
    }

    /// [`TimingModel::p_alive`] of every row, likewise.
    pub fn p_alive_all(
        &self,
        purchases: &RepeatPurchases,
        buying: &Covariates,
        leaving: &Covariates,
    ) -> Result<Vec<f64>, InputError> {
        self.map(purchases, buying, leaving, TimingModel::p_alive)
    }

    fn map(
        &self,
        purchases: &RepeatPurchases,
        buying: &Covariates,
        leaving: &Covariates,
        value: impl Fn(&TimingModel, &Customer) -> f64 + Sync,
    ) -> Result<Vec<f64>, InputError> {
        let n_rows = purchases.n_rows();
        for (covariates, coefficients) in [(buying, &self.buying), (leaving, &self.leaving)] {
            let has_rows = covariates.columns.iter().all(|column| column.len() == n_rows);
            if !has_rows || covariates.columns.len() != coefficients.len() {
                let name = covariates.names.join(", ");
                let reason = format!(
                    "{} columns where the model has {} coefficients and there are {n_rows} customers",
                    covariates.columns.len(),
                    coefficients.len()
                );
                return Err(InputError::Covariate {
                    name,
                    reason,
                    hint: "give the columns of the fit, a value for each customer",
                });
            }
        }
        let of_row = |row: usize| {
            let model = self.shifted(buying.effect(row, &self.buying), leaving.effect(row, &self.leaving));
            value(&model.into(), purchases.row(row))
        };
        Ok((0..n_rows).into_par_iter().with_min_len(256).map(of_row).collect())
    }

    /// α exp(−γ·z) and β exp(−δ·z), kept within what a number can hold.
    fn shifted(&self, buying: f64, leaving: f64) -> Pareto {
        let times = |base: f64, effect: f64| base * (-effect).clamp(-500.0, 500.0).exp();
        let Pareto { r, alpha, s, beta } = self.base;
        Pareto { r, alpha: times(alpha, buying), s, beta: times(beta, leaving) }
    }
}

/// The likelihood at (r, α, s, β, γ, δ) with both derivatives.
///
/// They are those of a plain customer by r, ln αᵢ, s and ln βᵢ, of which the second and fourth are linear in ln α, γ and ln β, δ.
fn evaluate(p: &[f64], purchases: &RepeatPurchases, buying: &Covariates, leaving: &Covariates) -> Evaluation {
    let n = p.len();
    let (gamma, delta) = p[4..].split_at(buying.columns.len());
    let chunk_sums = |begin: usize| {
        let mut sums = vec![0.0; 1 + n + n * n];
        // Each parameter moves one of r, ln αᵢ, s and ln βᵢ, by so much.
        let mut moves: Vec<(usize, f64)> = (0..4).map(|base| (base, 1.0)).collect();
        moves.resize(4 + gamma.len(), (1, 0.0));
        moves.resize(n, (3, 0.0));
        for row in begin..(begin + CHUNK).min(purchases.n_rows()) {
            let columns = buying.columns.iter().chain(&leaving.columns);
            moves[4..].iter_mut().zip(columns).for_each(|(moved, column)| moved.1 = -column[row]);
            let alpha = p[1] * (-buying.effect(row, gamma)).clamp(-300.0, 300.0).exp();
            let beta = p[3] * (-leaving.effect(row, delta)).clamp(-300.0, 300.0).exp();
            add_customer(
                &[p[0], alpha, p[2], beta],
                &moves,
                purchases.row(row),
                purchases.row_weight(row),
                &mut sums,
            );
        }
        sums
    };
    let chunks: Vec<Vec<f64>> =
        (0..purchases.n_rows()).step_by(CHUNK).collect::<Vec<_>>().into_par_iter().map(chunk_sums).collect();
    let mut sums = vec![0.0; 1 + n + n * n];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, of_chunk)| *sum += of_chunk);
    }
    // From ln α and ln β to α and β.
    let scale = |i: usize| if i == 1 || i == 3 { 1.0 / p[i] } else { 1.0 };
    let mut hessian = Symmetric::zeros(n);
    for i in 0..n {
        for j in 0..=i {
            let curvature = if i == j && (i == 1 || i == 3) { sums[1 + i] } else { 0.0 };
            hessian.set(i, j, (sums[1 + n + i * n + j] - curvature) * scale(i) * scale(j));
        }
    }
    Evaluation { value: sums[0], gradient: (0..n).map(|i| sums[1 + i] * scale(i)).collect(), hessian }
}

/// Rows that one task passes over.
const CHUNK: usize = 1024;

/// Adds a customer's likelihood and its derivatives by what moves his own parameters.
fn add_customer(own: &[f64; 4], moves: &[(usize, f64)], customer: &Customer, weight: f64, sums: &mut [f64]) {
    let [r, alpha, s, beta] = *own;
    let x = customer.frequency;
    let mut of_row = [0.0; N_SUMS];
    add_row(own, customer, 1.0, &mut of_row);
    let value = of_row[0] + ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() + s * beta.ln();
    // By r, ln αᵢ, s and ln βᵢ.
    let gradient = [
        of_row[1] + digamma(r + x) - digamma(r) + alpha.ln(),
        of_row[2] * alpha + r,
        of_row[3] + beta.ln(),
        of_row[4] * beta + s,
    ];
    let slope = [1.0, alpha, 1.0, beta];
    let mut second = [[0.0; 4]; 4];
    for (place, (i, j)) in UPPER.into_iter().enumerate() {
        second[i][j] = of_row[5 + place] * slope[i] * slope[j];
        second[j][i] = second[i][j];
    }
    second[0][0] += trigamma(r + x) - trigamma(r);
    second[1][1] += of_row[2] * alpha;
    second[3][3] += of_row[4] * beta;
    for (i, j) in [(0, 1), (2, 3)] {
        second[i][j] += 1.0;
        second[j][i] += 1.0;
    }
    let n = moves.len();
    sums[0] += weight * value;
    for (i, (base, by)) in moves.iter().enumerate() {
        sums[1 + i] += weight * by * gradient[*base];
        for (j, (other, by_other)) in moves[..=i].iter().enumerate() {
            sums[1 + n + i * n + j] += weight * by * by_other * second[*base][*other];
        }
    }
}

/// The standard deviation of a column.
fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}
