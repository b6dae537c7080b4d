//! Why one customer has a score: the figures that push it up and down, each with its usual value.
//!
//! | score | what a figure's part is |
//! | --- | --- |
//! | of a classifier | the learner's own contributions: of a regression those of its terms, of trees Shapley values |
//! | predicted by a model of purchases | what the same model would say of the customer with the usual figure in its place |
//! | a rank | which cuts the value lies between |
//!
//! Everything is as the last run left it.

use serde::Serialize;
use serde_json::Value;
use strata_models::learn::calibrate::Calibration;
use strata_models::learn::model::Model as Learned;
use strata_spec::definition::{Predicts, purchases_of, spend_of};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::table::MODEL;
use super::{Amount, Kind, Model, Prediction, Purchases, Rank, Told, asked_by, named, read, scores_of};
use crate::error::{Error, Result};
use crate::function::Predicted;
use crate::query::View;
use crate::query::ask::{Row, ask, columns_of};

/// The days since the last purchase, which are no column of their own.
const SILENCE: &str = "days_since_last_purchase";

/// Why a customer has a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// Whether it is a customer or a company.
    pub subject: Subject,
    /// Its id.
    pub id: String,
    /// The score.
    pub score: String,
    /// What it is of this one; none where it says nothing.
    pub value: Option<f64>,
    /// What it is of others: of a classifier the share that bought no more, of others the median.
    pub usual: Option<f64>,
    /// In what both are measured: `probability`, `currency`, `days`, `purchase days` or `part`.
    pub unit: &'static str,
    /// By what it comes about, the weightiest first.
    pub reasons: Vec<Reason>,
    /// What is to be known besides.
    pub notes: Vec<String>,
}

/// What one figure does to a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// The figure: a trait, or the days since the last purchase.
    pub figure: String,
    /// What it is of this customer; none where it is missing.
    pub value: Option<f64>,
    /// The median of all that have the score.
    pub usual: Option<f64>,
    /// By how much it lifts the score, in the score's unit; below zero, it lowers it. None where that cannot be told.
    pub effect: Option<f64>,
    /// Of a classifier, what it adds to the log-odds, against an average customer. These add up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_odds: Option<f64>,
}

/// Says why. `model` is a score, or a model, which stands for the value that it predicts, or else for the first score that asks it.
///
/// # Errors
/// `NotFound` when there is no such model or customer, or the model could not be fitted; `InvalidDefinition` when it gives no reasons.
pub async fn why(view: &View, model: &str, id: &str) -> Result<Why> {
    let all = read(view).await?;
    let candidates = named(&all, model)?;
    let mut missing = None;
    // Customers and companies may each have one of the name.
    for found in candidates {
        match of_one(view, &all, found, id).await {
            Err(error) if error.code() == ErrorCode::NotFound && missing.is_none() => missing = Some(error),
            Err(error) if error.code() == ErrorCode::NotFound => {}
            done => return done,
        }
    }
    Err(missing.unwrap_or_else(|| Error::new(ErrorCode::NotFound, format!("nothing is known of `{model}`"))))
}

async fn of_one(view: &View, all: &[Model], model: &Model, id: &str) -> Result<Why> {
    match &model.is {
        Kind::Rank(rank) => {
            let asked = Asked::of(view, model, id, &[&rank.by]).await?;
            let value = asked.figures[0].value;
            let mut why = asked.why("part");
            why.usual = None;
            why.reasons = asked.figures.clone();
            if let (Some(part), Some(_)) = (why.value, value) {
                let edge = between(rank, part);
                why.notes.push(format!("part {part} of {} has {}: {edge}", rank.tiles, rank.by));
            }
            Ok(why)
        }
        Kind::Classifier(told) => {
            if let Some(reason) = told.reason() {
                return Err(not_fitted(model, reason));
            }
            let accuracy = told.get().map(|classifier| classifier.accuracy().clone());
            let learned = learned(view, model).await?;
            let names: Vec<&str> = learned.learner.names().iter().map(String::as_str).collect();
            let asked = Asked::of(view, model, id, &names).await?;
            let mut why = asked.why("probability");
            why.usual = accuracy
                .filter(|accuracy| accuracy.n > 0)
                .map(|accuracy| accuracy.n_churned as f64 / accuracy.n as f64);
            if why.value.is_some() {
                why.reasons = contributions(&learned, &asked)?;
            }
            if matches!(learned.calibration, Calibration::Isotonic(_)) {
                why.notes.push("points are those of the learner before it was calibrated".to_owned());
            }
            Ok(why)
        }
        Kind::Purchases(purchases) => {
            let mut scores = scores_of(all, model);
            scores.retain(|score| matches!(&score.is, Kind::Prediction(asks) if asks.bound.is_none()));
            let value = Predicts::CustomerLifetimeValue.as_str();
            let of_value = scores
                .iter()
                .find(|score| matches!(&score.is, Kind::Prediction(asks) if asks.predicts == value));
            let Some((score, asks)) = of_value.or(scores.first()).and_then(|score| match &score.is {
                Kind::Prediction(asks) => Some((score, asks)),
                _ => None,
            }) else {
                return Err(Error::new(
                    ErrorCode::InvalidDefinition,
                    format!("no score asks the model `{}`, so it says nothing of a customer", model.name),
                ));
            };
            predicted(view, score, asks, purchases, id).await
        }
        Kind::Prediction(asks) => {
            if let Some(bound) = asks.bound {
                let end = format!("_{}", bound.end.as_str());
                let of = model.name.strip_suffix(&end).unwrap_or(&model.name);
                let message =
                    format!("`{}` is the end of an interval, and has no reasons of its own", model.name);
                return Err(Error::new(ErrorCode::InvalidDefinition, message)
                    .with_hint(format!("ask for the score itself: `strata models why {of} {id}`")));
            }
            let purchases = asked_by(all, model).and_then(Model::purchases);
            match purchases {
                Some(purchases) => predicted(view, model, asks, purchases, id).await,
                None => Err(not_fitted(model, &format!("no run has fitted the model {}", asks.model))),
            }
        }
        Kind::Clusters(_) => {
            let segmentation = model.name.strip_suffix("_cluster").unwrap_or(&model.name);
            let message =
                format!("`{}` is a group that a customer is nearest to, and has no reasons", model.name);
            Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(format!(
                "`strata models show {}` says what each group is like, `strata segments why {segmentation} {id}` since when",
                model.name
            )))
        }
    }
}

/// Between which values a part of a rank lies: from the cut before it to its own.
fn between(rank: &Rank, part: f64) -> String {
    let cut = |place: f64| rank.cuts.get(usize::try_from(place as i64).ok()?).map(|cut| cut.value);
    let (mut low, mut high) = (cut(part - 2.0), cut(part - 1.0));
    if rank.descending {
        std::mem::swap(&mut low, &mut high);
    }
    match (low, high) {
        (Some(low), Some(high)) => format!("from {low} to {high}"),
        (Some(low), None) => format!("from {low} on"),
        (None, Some(high)) => format!("up to {high}"),
        (None, None) => "everything".to_owned(),
    }
}

fn not_fitted(model: &Model, reason: &str) -> Error {
    Error::new(
        ErrorCode::NotFound,
        format!("the last run could not fit what `{}` asks: {reason}", model.name),
    )
    .with_hint("`strata models list` shows what there is")
}

/// The classifier itself, which models as they are read leave out.
async fn learned(view: &View, model: &Model) -> Result<Learned> {
    let query = format!(
        "select parameters from {MODEL} where model = '{}' and kind = 'classifier' and subject = '{}'",
        escaped(&model.name),
        model.subject
    );
    let rows = ask(view, "read the classifier", &query).await?;
    let text = rows.first().map_or("", |row| row.text(0));
    serde_json::from_str(text).map_err(|cause| {
        let message = format!("cannot understand the classifier `{}`", model.name);
        Error::new(ErrorCode::Internal, message).caused_by(cause)
    })
}

fn contributions(learned: &Learned, asked: &Asked<'_>) -> Result<Vec<Reason>> {
    let ready = learned.ready().map_err(|cause| {
        let message = format!("cannot ask the classifier `{}`", asked.score);
        Error::new(ErrorCode::Internal, message).caused_by(cause)
    })?;
    let row: Vec<f64> = asked.figures.iter().map(|figure| figure.value.unwrap_or(f64::NAN)).collect();
    let reason = |reason: &strata_models::learn::explain::Reason| Reason {
        effect: Some(reason.probability),
        log_odds: Some(reason.log_odds),
        ..asked.figures[reason.column].clone()
    };
    Ok(ready.explain(&row).reasons.iter().map(reason).collect())
}

/// What a model of purchases says, and what it would say with each usual figure in its place.
async fn predicted(
    view: &View,
    score: &Model,
    asks: &Prediction,
    purchases: &Purchases,
    id: &str,
) -> Result<Why> {
    let unfitted = [Some(&purchases.timing), purchases.spend.as_ref()].into_iter().flatten();
    let predicts = Predicts::ALL.into_iter().find(|predicts| predicts.as_str() == asks.predicts);
    let needs_spend = predicts.is_some_and(Predicts::needs_spend);
    let unfitted = unfitted.take(if needs_spend { 2 } else { 1 });
    if let Some(reason) = unfitted.filter_map(Told::reason).next() {
        return Err(not_fitted(score, reason));
    }
    let model = predicts.and_then(|predicts| model(purchases, asks, predicts));
    let (Some(model), Some(predicts)) = (model, predicts) else {
        return Err(not_fitted(score, "its parameters are not known"));
    };
    let [frequency, recency, tenure] = purchases_of(score.subject);
    let spend = spend_of(score.subject);
    let asked = Asked::of(view, score, id, &[frequency, recency, tenure, spend]).await?;
    let mut why = asked.why(match predicts {
        Predicts::ProbabilityAlive | Predicts::ChurnRisk => "probability",
        other => other.unit(),
    });
    let spend = asked.figures[3].clone();
    let [Some(x), Some(first_to_last), Some(known)] = [0, 1, 2].map(|place| asked.figures[place].value)
    else {
        return Ok(why);
    };
    let silence = known - first_to_last;
    let usual_silence = asked.usual_silence;
    let seen = spend.value;
    // Tenure is not taken apart: it is the time from the first to the last purchase and the time since.
    let with = |x: f64, first_to_last: f64, silence: f64, spend: Option<f64>| {
        model.of(x, first_to_last, first_to_last + silence, spend)
    };
    let now = why.value;
    let effect = |without: Option<f64>| Some(now? - without?);
    // Somebody who bought on one day alone has no time from the first to the last, and nothing to put in its place.
    let repeats = (x > 0.0).then_some(());
    let whole = |figure: Option<f64>| figure.map(f64::round);
    let of_frequency = repeats.and(whole(asked.figures[0].usual)).filter(|usual| *usual > 0.0);
    let of_recency = repeats.and(whole(asked.figures[1].usual)).map(|usual| usual.max(x));
    why.reasons = vec![
        Reason {
            effect: effect(of_frequency.and_then(|usual| with(usual, first_to_last, silence, seen))),
            ..asked.figures[0].clone()
        },
        Reason {
            effect: effect(of_recency.and_then(|usual| with(x, usual, silence, seen))),
            ..asked.figures[1].clone()
        },
        Reason {
            figure: SILENCE.to_owned(),
            value: Some(silence),
            usual: usual_silence,
            effect: effect(whole(usual_silence).and_then(|usual| with(x, first_to_last, usual, seen))),
            log_odds: None,
        },
    ];
    if needs_spend {
        let usual = repeats.and(spend.usual);
        let without = usual.and_then(|usual| with(x, first_to_last, silence, Some(usual)));
        why.reasons.push(Reason { effect: effect(without), ..spend });
    }
    why.reasons.sort_by(|one, other| {
        let size = |reason: &Reason| reason.effect.map_or(-1.0, f64::abs);
        size(other).total_cmp(&size(one))
    });
    if repeats.is_none() {
        let subject = score.subject.singular();
        why.notes.push(format!(
            "this {subject} bought on one day alone: what the model says rests on how long ago that was, and on what others do"
        ));
    }
    why.notes.push(
        "each figure is held against the usual one in its place, the others as they are; these do not add up"
            .to_owned(),
    );
    Ok(why)
}

/// The model of a score from its row.
fn model(purchases: &Purchases, asks: &Prediction, predicts: Predicts) -> Option<Predicted> {
    let timing: Vec<f64> = purchases.timing.get()?.parameters.iter().map(|one| one.value).collect();
    let spend = match purchases.spend.as_ref().and_then(Told::get).filter(|_| predicts.needs_spend()) {
        None => None,
        Some(fit) => {
            let parameters: Vec<f64> = fit.parameters.iter().map(|one| one.value).collect();
            Some(<[f64; 3]>::try_from(parameters).ok()?)
        }
    };
    let prediction = strata_spec::definition::Prediction {
        model: purchases.family,
        predicts,
        horizon_days: asks.horizon_days,
        discount_rate: asks.discount_rate,
        bound: None,
    };
    Predicted::new(<[f64; 4]>::try_from(timing).ok()?, spend, prediction).ok()
}

/// A score of one subject, with figures of it beside the usual ones.
struct Asked<'a> {
    subject: Subject,
    id: &'a str,
    score: &'a str,
    value: Option<f64>,
    usual: Option<f64>,
    figures: Vec<Reason>,
    usual_silence: Option<f64>,
    has_bought: bool,
}

impl<'a> Asked<'a> {
    async fn of(view: &View, score: &'a Model, id: &'a str, names: &[&str]) -> Result<Asked<'a>> {
        let (subject, key) = (score.subject, score.subject.id_column());
        let [frequency, recency, tenure] = purchases_of(subject);
        let profile = columns_of(view, subject.profile_table()).await?;
        let known = columns_of(view, subject.score_table()).await?;
        let none = || "cast(null as double)".to_owned();
        let of_score = known.as_number(&score.name, "s.").unwrap_or_else(none);
        let number = |name: &str| profile.as_number(name, "p.").unwrap_or_else(none);
        let figures: Vec<String> = names.iter().map(|name| number(name)).collect();
        let from = format!(
            "{} p left join {} s on s.{key} = p.{key}",
            subject.profile_table(),
            subject.score_table()
        );
        let one = format!(
            "select {of_score} as score, {} is not null as has_bought, {} from {from} where p.{key} = '{}'",
            number(frequency),
            numbered(&figures, |figure| figure.to_owned()),
            escaped(id),
        );
        let rows = ask(view, "read what is known of one", &one).await?;
        let Some(own) = rows.first() else {
            let one = subject.singular();
            return Err(Error::new(ErrorCode::NotFound, format!("the last run knew no {one} `{id}`"))
                .with_hint(format!("`{}` is a score of {subject}: give the id of a {one}", score.name)));
        };
        let silence = format!("{} - {}", number(tenure), number(recency));
        let usual = format!(
            "select median({of_score}), median({silence}), {} from {from} where {of_score} is not null",
            numbered(&figures, |figure| format!("median({figure})")),
        );
        let rows = ask(view, "read what is usual", &usual).await?;
        let usual = |place: usize| rows.first().and_then(|row: &Row| row.number(place));
        let figure = |(place, name): (usize, &&str)| Reason {
            figure: (*name).to_owned(),
            value: own.number(2 + place),
            usual: usual(2 + place),
            effect: None,
            log_odds: None,
        };
        Ok(Asked {
            subject,
            id,
            score: &score.name,
            value: own.number(0),
            usual: usual(0),
            figures: names.iter().enumerate().map(figure).collect(),
            usual_silence: usual(1),
            has_bought: own.text(1) == "true",
        })
    }

    fn why(&self, unit: &'static str) -> Why {
        let mut notes = Vec::new();
        if self.value.is_none() {
            let one = self.subject.singular();
            notes.push(match self.has_bought {
                false => format!("this {one} has bought nothing, and `{}` speaks of nobody who has not", self.score),
                true => format!("`{}` says nothing of this {one}: it lacks the figures, or is not among those whom the score is about", self.score),
            });
        }
        Why {
            subject: self.subject,
            id: self.id.to_owned(),
            score: self.score.to_owned(),
            value: self.value,
            usual: self.usual,
            unit,
            reasons: Vec::new(),
            notes,
        }
    }
}

/// Columns that have a name of their own each, for a figure may be asked twice.
fn numbered(figures: &[String], column: impl Fn(&str) -> String) -> String {
    let columns = figures.iter().enumerate();
    columns
        .map(|(place, figure)| format!("{} as figure_{place}", column(figure)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn escaped(text: &str) -> String {
    text.replace('\'', "''")
}

impl Why {
    /// So many reasons of either direction are told in sentences.
    const MOST: usize = 4;

    /// Everything in sentences: the score first, then what pushes it up, then what pushes it down, then what is to be known besides.
    pub fn sentences(&self, amount: Amount<'_>) -> Vec<String> {
        let one = self.subject.singular();
        let mut said = vec![match self.value {
            None => format!("{} says nothing of the {one} {}.", self.score, self.id),
            Some(value) => {
                let beside = self.usual.map_or_else(String::new, |usual| match self.is_learned() {
                    true => format!(
                        "; of those that it was measured on, {} bought no more",
                        self.told(usual, amount)
                    ),
                    false => format!("; usual is {}", self.told(usual, amount)),
                });
                format!("{} of the {one} {} is {}{beside}.", self.score, self.id, self.told(value, amount))
            }
        }];
        for is_up in [true, false] {
            let pushes = |reason: &&Reason| {
                reason.effect.is_some_and(|effect| effect != 0.0 && (effect > 0.0) == is_up)
            };
            said.extend(self.reasons.iter().filter(pushes).take(Self::MOST).map(|reason| {
                let verb = if is_up { "raised" } else { "lowered" };
                let size = reason.effect.unwrap_or_default().abs();
                format!("It is {verb} by {}: {}.", self.change(size, amount), reason.told())
            }));
        }
        let silent = self.reasons.iter().filter(|reason| reason.effect.is_none());
        said.extend(silent.map(|reason| format!("Besides, {}.", reason.told())));
        said.extend(self.notes.iter().map(|note| format!("Note: {note}.")));
        said
    }

    /// Everything as one JSON object.
    pub fn json(&self, amount: Amount<'_>) -> Value {
        let mut json = serde_json::json!(self);
        json["sentences"] = self.sentences(amount).into();
        json
    }

    fn is_learned(&self) -> bool {
        self.reasons.iter().any(|reason| reason.log_odds.is_some())
    }

    fn told(&self, value: f64, amount: Amount<'_>) -> String {
        match self.unit {
            "probability" => format!("{:.1} %", 100.0 * value),
            "currency" => amount(value),
            "part" => format!("part {value}"),
            unit => format!("{value:.1} {unit}"),
        }
    }

    fn change(&self, size: f64, amount: Amount<'_>) -> String {
        match self.unit {
            "probability" => format!("{:.1} points", 100.0 * size),
            _ => self.told(size, amount),
        }
    }
}

impl Reason {
    fn told(&self) -> String {
        let number = |value: f64| match value {
            value if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
            value => format!("{value:.2}"),
        };
        let value = self.value.map_or_else(|| "missing".to_owned(), number);
        let usual = self
            .usual
            .map_or_else(|| "usually missing".to_owned(), |usual| format!("usually {}", number(usual)));
        format!("{} is {value}, {usual}", self.figure)
    }
}
