//! Whether the purchases of a whole cohort follow the expected curve, period by period, in the calibration and beyond.

use super::{ValidationError, check_column};
use rayon::prelude::*;

/// When the customers of a cohort bought first, and when again; in the model's unit of time, from the cohort's first day as 0.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// The distinct times of first purchases, ascending, each with its number of customers.
    first: Vec<(f64, f64)>,
    /// The times of repeat purchases, ascending.
    repeat: Vec<f64>,
}

impl Cohort {
    /// Checks the times. `first` has one figure a customer; `repeat` one a repeat purchase, of whomever, in any order.
    ///
    /// # Errors
    /// [`ValidationError`] when there is no customer, or a time is not finite or before 0.
    pub fn new(first: &[f64], repeat: &[f64]) -> Result<Cohort, ValidationError> {
        if first.is_empty() {
            return Err(ValidationError::Empty);
        }
        let sorted = |column, times: &[f64]| {
            check_column(column, times, times.len())?;
            if let Some(row) = times.iter().position(|time| *time < 0.0) {
                return Err(ValidationError::Negative { row, column, value: times[row] });
            }
            let mut times = times.to_vec();
            times.sort_unstable_by(f64::total_cmp);
            Ok(times)
        };
        let first = sorted("first", first)?;
        let counted = first.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as f64)).collect();
        Ok(Cohort { first: counted, repeat: sorted("repeat", repeat)? })
    }
}

/// The cohort's repeat purchases until the end of one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackingPoint {
    /// When the period ends.
    pub end: f64,
    /// The repeat purchases that are expected from the beginning on.
    pub expected: f64,
    /// Those that there were.
    pub actual: u64,
    /// The expected ones of this period alone.
    pub expected_in_period: f64,
    /// Those that there were in this period alone.
    pub actual_in_period: u64,
}

/// A cohort's course beside the expected one.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracking {
    /// Period by period.
    pub points: Vec<TrackingPoint>,
    /// How far the expected course is off at the end, as a share of what happened; none where nothing did.
    pub final_error: Option<f64>,
    /// The mean over the periods of `|expected − actual| / actual`, both from the beginning on and where something had
    /// happened.
    pub mean_absolute_percentage_error: Option<f64>,
}

/// Follows a cohort through `n_periods` periods of the length `period` (7 for weeks of days, 1 for weeks).
///
/// `expected_purchases(t)` is the model's number of repeat purchases that a new customer makes within `t` of the first one,
/// `E[X(t)]`. A customer whose first purchase was at `f` adds from then on: until `τ` the cohort is expected to make `Σ
/// E[X(τ − f)]` over those with `f < τ`.
///
/// # Errors
/// [`ValidationError`] when the period is not positive, there is no period, or the function yields no finite number.
pub fn track(
    cohort: &Cohort,
    period: f64,
    n_periods: u32,
    expected_purchases: impl Fn(f64) -> f64 + Sync,
) -> Result<Tracking, ValidationError> {
    if !(period.is_finite() && period > 0.0) {
        return Err(ValidationError::Setting {
            name: "period",
            value: period,
            expected: "positive and finite",
        });
    }
    if n_periods == 0 {
        return Err(ValidationError::Setting { name: "n_periods", value: 0.0, expected: "at least 1" });
    }
    let expected_until = |end: f64| {
        let begun = cohort.first.iter().take_while(|(first, _)| *first < end);
        begun
            .map(|(first, n)| {
                let elapsed = end - first;
                let value = expected_purchases(elapsed);
                if value.is_finite() {
                    Ok(n * value)
                } else {
                    Err(ValidationError::Expectation { elapsed, value })
                }
            })
            .sum::<Result<f64, _>>()
    };
    let ends: Vec<f64> = (1..=n_periods).map(|k| f64::from(k) * period).collect();
    let expected: Vec<f64> = ends.par_iter().map(|end| expected_until(*end)).collect::<Result<_, _>>()?;
    let actual = ends.iter().map(|end| cohort.repeat.partition_point(|time| time <= end) as u64);
    let mut points: Vec<TrackingPoint> = Vec::with_capacity(ends.len());
    for ((end, expected), actual) in ends.iter().zip(expected).zip(actual) {
        let before = points.last().map_or((0.0, 0), |point| (point.expected, point.actual));
        let (expected_in_period, actual_in_period) = (expected - before.0, actual - before.1);
        points.push(TrackingPoint { end: *end, expected, actual, expected_in_period, actual_in_period });
    }
    let error = |point: &TrackingPoint| {
        (point.actual > 0).then(|| (point.expected - point.actual as f64) / point.actual as f64)
    };
    let errors: Vec<f64> = points.iter().filter_map(error).map(f64::abs).collect();
    Ok(Tracking {
        final_error: points.last().and_then(error),
        mean_absolute_percentage_error: (!errors.is_empty())
            .then(|| errors.iter().sum::<f64>() / errors.len() as f64),
        points,
    })
}
