//! Whether a model can be trusted: it is fitted on what was known at an earlier instant, and what it then predicts is held against
//! what has happened since, beside rules of thumb.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};
use strata_models::clv::gamma_gamma::GammaGamma;
use strata_models::clv::purchases::{Customer, Horizon, RepeatPurchases};
use strata_models::clv::timing::TimingModel;
use strata_models::clv::validate::baseline::{last_period, mean_of_all, rate_so_far};
use strata_models::clv::validate::{
    Cohort, Comparison, Holdout, Measure, Measures, Resampling, ValidationError, by_frequency, by_prediction,
    judge, track,
};
use strata_spec::definition::Model;

use super::past::Past;
use super::prediction::{fit_spend_on, fit_timing_on};
use crate::function::Bounds;

/// So many resamples tell whether a difference is chance.
const RESAMPLING: Resampling = Resampling { n_resamples: 200, confidence: 0.95 };
/// Customers with so many repeat purchases and more are one group, as in the literature.
const LAST_GROUP: u32 = 7;
const N_PARTS: u32 = 10;
/// Of so many customers at most it is seen whether intervals hold: their share is right within half a percent.
const MOST_INTERVALS: usize = 10_000;

/// What became of a model's predictions, for the model's row; in words why nothing can be said where nothing can.
///
/// `among` is the place of the model's condition in [`Past::among`].
///
/// `level` is that of the intervals that some score gives, which are held against what happened, too.
pub(super) fn validate(
    past: &Past,
    model: Model,
    among: Option<usize>,
    level: Option<f64>,
    seed: u64,
) -> Result<Value, String> {
    let had_bought = |row: &usize| !past.frequency[*row].is_nan();
    let is_of = |row: &usize| among.is_none_or(|among| past.among[among][*row]);
    let rows: Vec<usize> = (0..past.frequency.len()).filter(had_bought).filter(is_of).collect();
    let of = |column: &[f64]| -> Vec<f64> { rows.iter().map(|row| column[*row]).collect() };
    let [frequency, recency, tenure] =
        [&past.frequency, &past.recency, &past.tenure].map(|column| of(column));
    let timing = fit_timing_on(model, [&frequency, &recency, &tenure], None)?;
    let monetary_value = of(&past.monetary_value);
    let spend = fit_spend_on(&frequency, &monetary_value);
    let timing_model = timing.model;

    let horizon = Horizon::new(past.days).map_err(|error| error.to_string())?;
    let customers = RepeatPurchases::new(&frequency, &recency, &tenure).map_err(|error| error.to_string())?;
    let expected = timing_model.expected_purchases_all(&customers, horizon);
    let purchases = of(&past.purchases_since);
    let pace: Vec<f64> =
        (0..rows.len()).map(|row| rate_so_far(frequency[row], tenure[row], past.days)).collect();
    let alike = vec![mean_of_all(&frequency, &tenure, past.days); rows.len()];
    let of_purchases = Contest {
        predicted: &expected,
        actual: &purchases,
        baselines: vec![("rate_so_far", pace), ("mean_of_all", alike)],
    };
    let in_words = |error: ValidationError| error.to_string();
    let holdout = Holdout::new(&expected, &purchases).map_err(in_words)?;
    let counts: Vec<u32> = frequency.iter().map(|count| *count as u32).collect();
    let groups = by_frequency(&holdout, &counts, LAST_GROUP).map_err(in_words)?;
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| {
            json!({
                "frequency": group.frequency,
                "and_more": group.and_more,
                "n": group.n,
                "expected": group.mean_predicted,
                "actual": group.mean_actual,
                "standard_error": group.standard_error,
            })
        })
        .collect();
    let value = match &spend {
        Ok(spend) => {
            let known = (frequency.as_slice(), monetary_value.as_slice());
            let mut value = of_value(past, &rows, &spend.model, &expected, known, seed)?;
            if let Some(level) = level {
                let bounds = Bounds::new(&timing, spend, (past.days, 0.0), level);
                value["interval"] = covered(past, &rows, &bounds, level)?;
            }
            Some(value)
        }
        Err(_) => None,
    };
    Ok(json!({
        "at": past.at.to_rfc3339(),
        "days": past.days,
        "n_customers": rows.len(),
        "is_everybody": past.is_everybody,
        "parameters": timing.names.iter().zip(&timing.optimum.parameters).map(|(name, value)| (name.clone(), json!(value))).collect::<serde_json::Map<_, _>>(),
        "purchases": of_purchases.told(seed)?,
        "value": value,
        "by_frequency": groups,
        "course": course(past, &rows, &timing_model)?,
    }))
}

/// The same of money: what was expected at the expected spend, and what came.
fn of_value(
    past: &Past,
    rows: &[usize],
    spend: &GammaGamma,
    expected: &[f64],
    (frequency, monetary_value): (&[f64], &[f64]),
    seed: u64,
) -> Result<Value, String> {
    let or_zero = |column: &[f64]| -> Vec<f64> {
        rows.iter().map(|row| if column[*row].is_nan() { 0.0 } else { column[*row] }).collect()
    };
    let predicted: Vec<f64> = (0..rows.len())
        .map(|row| {
            let seen = monetary_value[row] > 0.0;
            let (frequency, mean) = if seen { (frequency[row], monetary_value[row]) } else { (0.0, 0.0) };
            expected[row] * spend.expected_spend(frequency, mean).unwrap_or(0.0)
        })
        .collect();
    let actual = or_zero(&past.revenue_since);
    let revenue = or_zero(&past.revenue);
    let pace =
        rows.iter().zip(&revenue).map(|(row, revenue)| rate_so_far(*revenue, past.tenure[*row], past.days));
    let lately = or_zero(&past.revenue_lately);
    let lately = lately.iter().map(|revenue| last_period(*revenue, past.days, past.days));
    let contest = Contest {
        predicted: &predicted,
        actual: &actual,
        baselines: vec![
            ("last_period", lately.collect()),
            ("rate_so_far", pace.collect()),
            ("formula", or_zero(&past.formula)),
        ],
    };
    let holdout = Holdout::new(&predicted, &actual).map_err(|error| error.to_string())?;
    let parts = by_prediction(&holdout, N_PARTS).map_err(|error| error.to_string())?;
    let parts: Vec<Value> = parts
        .iter()
        .map(|part| {
            json!({ "part": part.part, "n": part.n, "expected": part.mean_predicted, "actual": part.mean_actual })
        })
        .collect();
    let mut told = contest.told(seed)?;
    told["by_prediction"] = parts.into();
    Ok(told)
}

/// How often the interval that an earlier fit gave held what came, of so many customers as tell that.
fn covered(past: &Past, rows: &[usize], bounds: &Bounds, level: f64) -> Result<Value, String> {
    let mut outcomes = bounds.outcomes().map_err(|error| error.to_string())?;
    let (mut n, mut n_inside, mut n_below) = (0_u64, 0_u64, 0_u64);
    for row in rows.iter().step_by(rows.len().div_ceil(MOST_INTERVALS).max(1)) {
        let customer = Customer::new(past.frequency[*row], past.recency[*row], past.tenure[*row]);
        let Ok(customer) = customer else { continue };
        let Some((low, high)) = outcomes.interval(&customer, Some(past.monetary_value[*row])) else {
            continue;
        };
        let came = if past.revenue_since[*row].is_nan() { 0.0 } else { past.revenue_since[*row] };
        n += 1;
        n_inside += u64::from((low..=high).contains(&came));
        n_below += u64::from(came < low);
    }
    Ok(json!({ "level": level, "n": n, "n_inside": n_inside, "n_below": n_below }))
}

/// Repeat purchases of everybody who had bought by then, from the first customer's first purchase on, beside the expected ones.
fn course(past: &Past, rows: &[usize], timing: &TimingModel) -> Result<Value, String> {
    let in_words = |error: ValidationError| error.to_string();
    let Some((end, _)) = past.steps.last() else { return Ok(Value::Null) };
    let period = end / past.steps.len() as f64;
    // When each one came: the tenure counts whole days up to the instant.
    let then = end - past.days;
    let first: Vec<f64> = rows.iter().map(|row| (then - past.tenure[*row]).max(0.0)).collect();
    let mut before = 0.0;
    let mut repeat = Vec::new();
    for (at, by_then) in &past.steps {
        let so_far: f64 = rows.iter().map(|row| by_then[*row]).filter(|count| !count.is_nan()).sum();
        repeat.extend(std::iter::repeat_n(*at, (so_far - before).max(0.0) as usize));
        before = so_far;
    }
    let cohort = Cohort::new(&first, &repeat).map_err(in_words)?;
    let expected =
        |days: f64| Horizon::new(days).map_or(0.0, |horizon| timing.expected_purchases_new(horizon));
    let n_periods = u32::try_from(past.steps.len()).unwrap_or(u32::MAX);
    // A moment later, so that what happened at the end of a period is in it whatever its last digit.
    let tracking = track(&cohort, period * (1.0 + 1e-9), n_periods, expected).map_err(in_words)?;
    let points: Vec<Value> = tracking
        .points
        .iter()
        .map(|point| json!({ "days": point.end, "expected": point.expected, "actual": point.actual }))
        .collect();
    Ok(json!({ "held_out_from": then, "points": points, "final_error": tracking.final_error }))
}

/// Predictions of a model and of rules of thumb, and what happened.
struct Contest<'a> {
    predicted: &'a [f64],
    actual: &'a [f64],
    baselines: Vec<(&'static str, Vec<f64>)>,
}

impl Contest<'_> {
    fn told(&self, seed: u64) -> Result<Value, String> {
        let in_words = |error: ValidationError| error.to_string();
        let holdout = Holdout::new(self.predicted, self.actual).map_err(in_words)?;
        let columns: Vec<&[f64]> = self.baselines.iter().map(|(_, column)| column.as_slice()).collect();
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let verdict = judge(&holdout, &columns, RESAMPLING, &mut generator).map_err(in_words)?;
        let named = self.baselines.iter().zip(&verdict.baselines);
        let baselines: Vec<Value> = named
            .map(|((name, _), measures)| {
                let mut told = of_measures(measures);
                told["baseline"] = json!(name);
                told
            })
            .collect();
        let comparisons: Vec<Value> = verdict.comparisons.iter().map(|one| self.comparison(one)).collect();
        Ok(json!({
            "verdict": verdict.word(),
            "model": of_measures(&verdict.model),
            "baselines": baselines,
            "comparisons": comparisons,
        }))
    }

    fn comparison(&self, comparison: &Comparison) -> Value {
        let (low, high) = comparison.interval.unzip();
        json!({
            "measure": comparison.measure.name(),
            "baseline": self.baselines[comparison.baseline].0,
            "advantage": comparison.advantage,
            "low": low,
            "high": high,
            "outcome": comparison.outcome.name(),
        })
    }
}

fn of_measures(measures: &Measures) -> Value {
    let mut told: serde_json::Map<String, Value> =
        Measure::ALL.iter().map(|one| (one.name().to_owned(), json!(measures.get(*one)))).collect();
    // With its sign.
    told.insert("bias".into(), json!(measures.bias));
    told.insert("relative_bias".into(), json!(measures.relative_bias));
    told.insert("mean_predicted".into(), json!(measures.mean_predicted));
    told.insert("mean_actual".into(), json!(measures.mean_actual));
    told.insert("top_decile_best".into(), json!(measures.top_decile_best));
    Value::Object(told)
}
