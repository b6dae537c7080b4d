//! Fits models of purchases, and says what they predict as an expression of the profile.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions_nested::expr_fn::array_element;
use strata_lake::datafusion::logical_expr::{Case, Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_models::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use strata_models::clv::error::FitError;
use strata_models::clv::fit::{Fit, FitOptions};
use strata_models::clv::gamma_gamma::{GammaGamma, SpendData};
use strata_models::clv::pareto::Pareto;
use strata_models::clv::purchases::RepeatPurchases;
use strata_models::clv::timing::TimingModel;
use strata_spec::definition::{End, Model, Prediction, purchases_of, spend_of};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;
use tokio::task::spawn_blocking;

use super::fitted::{FittedModel, FittedSpend, FittedTiming, ModelKey, Wanted};
use super::purchases::{Counted, histories, spends};
use crate::compile::ScoreColumn;
use crate::error::{Context, Error, Result};
use crate::function::{Bounds, Predicted, predicted, value_bounds};

/// Fits a model on a profile. That there is too little to fit it on is part of the answer.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn fit(
    key: ModelKey,
    wanted: Wanted,
    profile: DataFrame,
    subject: Subject,
) -> Result<FittedModel> {
    let reading = || format!("cannot read what the model `{}` is fitted on", key.model);
    let counts = histories(&profile, subject, wanted.among.as_ref()).await.context(reading())?;
    let spent = match wanted.spend {
        true => Some(spends(&profile, subject, wanted.among.as_ref()).await.context(reading())?),
        false => None,
    };
    let model = key.model;
    let fitting = spawn_blocking(move || {
        let timing = fit_timing(model, &counts);
        let spend = spent.map(|(counts, n_left_out)| fit_spend(&counts, n_left_out));
        (timing, spend)
    });
    let stopped = |error| Error::new(ErrorCode::Internal, "the fitting of a model stopped").caused_by(error);
    let (timing, spend) = fitting.await.map_err(stopped)?;
    Ok(FittedModel { key, timing, spend, validation: None })
}

fn fit_timing(model: Model, counts: &Counted<3>) -> std::result::Result<FittedTiming, String> {
    let [frequency, recency, tenure] = &counts.columns;
    let fit = fit_timing_on(model, [frequency, recency, tenure], Some(&counts.n))?;
    let n_of = |is_of: &dyn Fn(f64) -> bool| {
        let of = frequency.iter().zip(&counts.n).filter(|(frequency, _)| is_of(**frequency));
        of.map(|(_, n)| n).sum::<f64>() as u64
    };
    Ok(FittedTiming {
        fit,
        n_customers: n_of(&|_| true),
        n_repeaters: n_of(&|frequency| frequency > 0.0),
        n_distinct: counts.n.len() as u64,
    })
}

/// Fits a model of when subjects buy on columns of [`purchases_of`] them with how many customers each row stands for; in words why it cannot
/// be where it cannot.
pub(super) fn fit_timing_on(
    model: Model,
    [frequency, recency, tenure]: [&[f64]; 3],
    weights: Option<&[f64]>,
) -> std::result::Result<Fit<TimingModel>, String> {
    let purchases = match weights {
        Some(weights) => RepeatPurchases::weighted(frequency, recency, tenure, weights),
        None => RepeatPurchases::new(frequency, recency, tenure),
    };
    let purchases = purchases.map_err(|error| error.to_string())?;
    let options = FitOptions::default();
    let fit = match model {
        Model::BgNbd => BetaGeo::fit(&purchases, &options).map(timing),
        Model::MbgNbd => ModifiedBetaGeo::fit(&purchases, &options).map(timing),
        Model::ParetoNbd => Pareto::fit(&purchases, &options).map(timing),
    };
    fit.map_err(|error: FitError| error.to_string())
}

fn timing<M: Into<TimingModel>>(fit: Fit<M>) -> Fit<TimingModel> {
    Fit { model: fit.model.into(), names: fit.names, optimum: fit.optimum }
}

fn fit_spend(counts: &Counted<2>, n_left_out: u64) -> std::result::Result<FittedSpend, String> {
    let [frequency, spend] = &counts.columns;
    let data = SpendData::new(frequency, spend, Some(&counts.n)).map_err(|error| error.to_string())?;
    let fit = fitted_spend(&data)?;
    Ok(FittedSpend { fit, n_customers: data.n_customers() as u64, n_left_out })
}

/// Fits a model of what customers spend on those who bought again, and whose mean spend is positive.
pub(super) fn fit_spend_on(
    frequency: &[f64],
    monetary_value: &[f64],
) -> std::result::Result<Fit<GammaGamma>, String> {
    let rows = frequency.iter().zip(monetary_value);
    let rows = rows.filter(|(frequency, spend)| **frequency > 0.0 && **spend > 0.0);
    let (frequency, spend): (Vec<f64>, Vec<f64>) = rows.unzip();
    let data = SpendData::new(&frequency, &spend, None).map_err(|error| error.to_string())?;
    fitted_spend(&data)
}

fn fitted_spend(data: &SpendData) -> std::result::Result<Fit<GammaGamma>, String> {
    let fit = GammaGamma::fit(data, &FitOptions::default()).map_err(|error| error.to_string())?;
    match fit.model.population_mean() {
        Some(_) => Ok(fit),
        None => Err("so few spend so much that the mean over all would be infinite".to_owned()),
    }
}

/// What a model predicts of a subject, as an expression; none where it could not be fitted.
pub(super) fn expr(model: &FittedModel, prediction: Prediction, subject: Subject) -> Option<Expr> {
    let timing = model.timing.as_ref().ok()?;
    let number = |name: &str| cast(ident(name), DataType::Float64);
    if let Some(bound) = prediction.bound {
        let spend = model.spend.as_ref()?.as_ref().ok()?;
        let terms = (f64::from(prediction.horizon_days), prediction.discount_rate);
        let bounds = Bounds::new(&timing.fit, &spend.fit, terms, bound.level);
        let columns = purchases_of(subject).into_iter().chain([spend_of(subject)]).map(number);
        // Both ends are asked of the same call, which the engine makes once.
        let ends = value_bounds().call(columns.chain([lit(bounds.to_text())]).collect());
        let place = match bound.end {
            End::Low => 1_i64,
            End::High => 2,
        };
        return Some(array_element(ends, lit(place)));
    }
    let spend = match prediction.predicts.needs_spend() {
        true => Some(model.spend.as_ref()?.as_ref().ok()?.fit.model),
        false => None,
    };
    let constant = Predicted { timing: timing.fit.model, spend, prediction }.to_text();
    let mut arguments: Vec<Expr> = purchases_of(subject).into_iter().map(number).collect();
    arguments.push(if spend.is_some() { number(spend_of(subject)) } else { lit(f64::NAN) });
    arguments.push(lit(constant));
    Some(predicted().call(arguments))
}

/// The same of those alone whom the score is about.
pub(super) fn among(score: &ScoreColumn, expr: Expr) -> EngineResult<Expr> {
    Ok(match &score.among {
        None => expr,
        Some(among) => {
            let branch = (Box::new(among.clone().is_true()), Box::new(expr));
            Expr::Case(Case::new(None, vec![branch], None))
        }
    })
}
