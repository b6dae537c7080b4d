//! Skewed traits made fit for distances, in the open: what was done to each column is part of the model, as numbers that anyone can
//! apply again.
//!
//! Distances add up squares, so a trait counts by its spread, and one customer far out counts as much as thousands. Hence, in this order:
//! a missing value is filled, an extreme one is pulled in, a skewed trait is counted by its orders of magnitude, and all are given one
//! spread.

mod refusal;
#[cfg(test)]
mod tests;

pub use self::refusal::refuse;
use super::error::ClusterError;
use super::points::Points;
use crate::rank::quantile;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// When a column is counted by its logarithm, `ln(1 + x)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Logarithm {
    /// Where no value is below 0, the skewness is above this, and the logarithm is less skewed.
    Above(f64),
    /// Always; refuses values of −1 and below.
    Always,
    /// Never.
    Never,
}

/// What is done with a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Missing {
    /// It is taken to be the median of the known ones.
    Median,
    /// It is taken to be this number.
    Value(f64),
    /// It is refused.
    Refuse,
}

/// How spread is made alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Mean 0 and standard deviation 1 (with n − 1 below).
    Deviation,
    /// Columns are in one unit already and stay as they are.
    None,
}

/// How a column is prepared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct How {
    /// Whether it is counted by its logarithm.
    pub logarithm: Logarithm,
    /// Values beyond these quantiles are set to them; none for no such bounds.
    pub winsorise: Option<(f64, f64)>,
    /// What a missing value is.
    pub missing: Missing,
    /// Whether it is given mean 0 and spread 1.
    pub scale: Scale,
}

impl Default for How {
    fn default() -> How {
        let winsorise = Some((0.01, 0.99));
        How { logarithm: Logarithm::Above(1.0), winsorise, missing: Missing::Median, scale: Scale::Deviation }
    }
}

/// What is done to the values of a column: with x filled and set between `low` and `high`, `(x − centre) / scale`, where x is
/// `ln(1 + x)` if `logarithm` says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreparedColumn {
    /// Its name.
    pub name: String,
    /// What stands for a missing value, in the column's own unit; none where a missing value is refused.
    pub fill: Option<f64>,
    /// The least value that counts, in the column's own unit; none for no bound.
    pub low: Option<f64>,
    /// The greatest value that counts, in the column's own unit; none for no bound.
    pub high: Option<f64>,
    /// Whether `ln(1 + x)` takes the place of x.
    pub logarithm: bool,
    /// What is taken away.
    pub centre: f64,
    /// What the rest is divided by, above 0.
    pub scale: f64,
}

impl PreparedColumn {
    /// The prepared value; none for a value that is infinite, or missing where that is refused, or without a logarithm.
    pub fn apply(&self, value: f64) -> Option<f64> {
        let value = if value.is_nan() { self.fill? } else { value };
        let bounded = self.bounded(value);
        let prepared = ((if self.logarithm { bounded.ln_1p() } else { bounded }) - self.centre) / self.scale;
        (value.is_finite() && prepared.is_finite()).then_some(prepared)
    }

    /// The value in the column's own unit that a prepared one stands for.
    pub fn undo(&self, prepared: f64) -> f64 {
        let value = prepared * self.scale + self.centre;
        if self.logarithm { value.exp_m1() } else { value }
    }

    fn bounded(&self, value: f64) -> f64 {
        let above = self.low.map_or(value, |low| value.max(low));
        self.high.map_or(above, |high| above.min(high))
    }
}

/// What is done to each column before distances are taken: learned from the rows that a model is fitted to, applied to all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    /// The columns in their order.
    pub columns: Vec<PreparedColumn>,
}

impl Preparation {
    /// Learns how to prepare columns, NaN being a missing value; `how` says it for each.
    ///
    /// # Errors
    /// [`ClusterError`] for no columns, columns of unequal lengths or without a `how` each, settings out of range, what [`refuse`]
    /// refuses, missing values that are to be refused, and columns in which bounds or logarithms leave nothing that differs.
    pub fn fit(names: &[&str], columns: &[&[f64]], how: &[How]) -> Result<Preparation, ClusterError> {
        check_lengths(names, columns)?;
        if how.len() != columns.len() {
            let hint = "give each column its settings";
            return Err(ClusterError::Option { option: "how", value: how.len() as f64, hint });
        }
        let fitted: Vec<Result<PreparedColumn, ClusterError>> = names
            .par_iter()
            .zip(columns)
            .zip(how)
            .map(|((name, values), how)| fit_column(name, values, how))
            .collect();
        Ok(Preparation { columns: fitted.into_iter().collect::<Result<_, _>>()? })
    }

    /// The prepared rows of columns in the same order.
    ///
    /// # Errors
    /// [`ClusterError`] for columns of unequal lengths or another number, and with its place for a value that is infinite, missing where
    /// that is refused, or without the logarithm that it should have.
    pub fn apply(&self, columns: &[&[f64]]) -> Result<Points, ClusterError> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        check_lengths(&names, columns)?;
        let n_columns = columns.len();
        let mut values = vec![0.0; columns[0].len() * n_columns];
        for (place, (prepared, column)) in self.columns.iter().zip(columns).enumerate() {
            for (row, value) in column.iter().enumerate() {
                let refused =
                    || ClusterError::NotFinite { column: prepared.name.clone(), row, value: *value };
                values[row * n_columns + place] = prepared.apply(*value).ok_or_else(refused)?;
            }
        }
        Points::new(values, n_columns)
    }
}

impl Points {
    /// The rows of columns with names, as they are.
    ///
    /// # Errors
    /// [`ClusterError`] for no rows, no columns, columns of unequal lengths, and with its place for a number that is not finite.
    pub fn from_columns(names: &[&str], columns: &[&[f64]]) -> Result<Points, ClusterError> {
        check_lengths(names, columns)?;
        for (name, column) in names.iter().zip(columns) {
            if let Some(row) = column.iter().position(|value| !value.is_finite()) {
                return Err(ClusterError::NotFinite { column: (*name).to_owned(), row, value: column[row] });
            }
        }
        let n_rows = columns[0].len();
        let values = (0..n_rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        Points::new(values, columns.len())
    }
}

fn check_lengths(names: &[&str], columns: &[&[f64]]) -> Result<(), ClusterError> {
    let Some(first) = columns.first() else { return Err(ClusterError::NoColumns) };
    if names.len() != columns.len() {
        let (n_values, n_rows) = (names.len(), columns.len());
        return Err(ClusterError::Lengths { column: "names".to_owned(), n_values, n_rows });
    }
    if first.is_empty() {
        return Err(ClusterError::NoRows);
    }
    match names.iter().zip(columns).find(|(_, column)| column.len() != first.len()) {
        None => Ok(()),
        Some((name, column)) => {
            let (n_values, n_rows) = (column.len(), first.len());
            Err(ClusterError::Lengths { column: (*name).to_owned(), n_values, n_rows })
        }
    }
}

fn fit_column(name: &str, values: &[f64], how: &How) -> Result<PreparedColumn, ClusterError> {
    refuse(name, values)?;
    check_settings(how)?;
    let column = || name.to_owned();
    let missing = values.iter().position(|value| value.is_nan());
    if let (Some(row), Missing::Refuse) = (missing, how.missing) {
        return Err(ClusterError::NotFinite { column: column(), row, value: f64::NAN });
    }
    let mut known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    known.sort_unstable_by(f64::total_cmp);
    let fill = match how.missing {
        Missing::Median => quantile(&known, 0.5),
        Missing::Value(value) => Some(value),
        Missing::Refuse => None,
    };
    let [low, high] = match how.winsorise {
        Some((low, high)) => [low, high].map(|share| quantile(&known, share)),
        None => [None, None],
    };
    let plain = PreparedColumn { name: column(), fill, low, high, logarithm: false, centre: 0.0, scale: 1.0 };
    // As many fills as there are missing values count for mean and spread, since that is what distances are taken of.
    let fills = values.iter().filter(|value| value.is_nan()).filter_map(|_| fill);
    let mut counted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    counted.extend(fills);
    counted.iter_mut().for_each(|value| *value = plain.bounded(*value));
    if counted.iter().all(|value| *value == counted[0]) {
        let n_other = known.iter().filter(|value| **value != counted[0]).count();
        return Err(ClusterError::NearlyConstant { column: column(), value: counted[0], n_other });
    }
    let least = counted.iter().copied().fold(f64::INFINITY, f64::min);
    let logarithm = match how.logarithm {
        Logarithm::Never => false,
        Logarithm::Always => true,
        Logarithm::Above(bound) => {
            let skewness = skewness(&counted, |value| value);
            least >= 0.0 && skewness > bound && self::skewness(&counted, f64::ln_1p).abs() < skewness
        }
    };
    if logarithm && least <= -1.0 {
        let hint = "values of -1 and below have no logarithm ln(1 + x): count this column as it is";
        return Err(ClusterError::Option { option: "logarithm", value: least, hint });
    }
    if logarithm {
        counted.iter_mut().for_each(|value| *value = value.ln_1p());
    }
    let (centre, scale) = match how.scale {
        Scale::None => (0.0, 1.0),
        Scale::Deviation => mean_and_deviation(&counted),
    };
    if !(centre.is_finite() && scale.is_finite() && scale > 0.0) {
        let value = counted.iter().copied().fold(0.0, |most: f64, value| most.max(value.abs()));
        return Err(ClusterError::Spread { column: column(), value });
    }
    Ok(PreparedColumn { logarithm, centre, scale, ..plain })
}

fn check_settings(how: &How) -> Result<(), ClusterError> {
    if let Some((low, high)) = how.winsorise {
        let hint = "give two quantiles from 0 to 1, the lower first";
        if !(0.0..=1.0).contains(&low) {
            return Err(ClusterError::Option { option: "winsorise", value: low, hint });
        }
        if !(high > low && high <= 1.0) {
            return Err(ClusterError::Option { option: "winsorise", value: high, hint });
        }
    }
    match (how.logarithm, how.missing) {
        (Logarithm::Above(value), _) if value.is_nan() => {
            let hint = "give the skewness from which on a column is counted by its logarithm";
            Err(ClusterError::Option { option: "logarithm", value, hint })
        }
        (_, Missing::Value(value)) if !value.is_finite() => {
            let hint = "give a finite number for missing values";
            Err(ClusterError::Option { option: "missing", value, hint })
        }
        _ => Ok(()),
    }
}

/// `m₃ / m₂^1.5` of central moments with n below: Fisher's g₁; 0 where nothing differs.
fn skewness(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().map(|value| of(*value)).sum::<f64>() / n;
    let moment = |power| values.iter().map(|value| (of(*value) - mean).powi(power)).sum::<f64>() / n;
    let square = moment(2);
    if square > 0.0 { moment(3) / square.powf(1.5) } else { 0.0 }
}

/// Mean and standard deviation with n − 1 below, of two values or more.
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}
