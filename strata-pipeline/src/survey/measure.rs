//! From answers to what they are worth.

use std::borrow::Cow;
use std::collections::HashMap;

use strata_models::psychometrics::answers::Answers;
use strata_models::psychometrics::careless::screening::{self, Screening, differences, screen};
use strata_models::psychometrics::error::PsychometricsError;
use strata_models::psychometrics::evidence::evidence;
use strata_models::psychometrics::gate::{Evidence, Gates};
use strata_models::psychometrics::instrument::{Instrument, Key, KeyedItem, Response, Scale};
use strata_models::psychometrics::moments::{Missing, Moments};
use strata_models::psychometrics::scoring::circle::{VALUES, Value, circumplex_fit};
use strata_models::psychometrics::scoring::{Scores, score};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::Survey;
use strata_spec::survey::{AspectsDimension, Rating};
use tokio::task::spawn_blocking;

use super::read::Answered;
use super::standing::{OWN, Person, Scored};
use super::{Respondent, ScaleQuality, SurveyQuality};
use crate::error::{Error, Result};

/// Activities make an interest up; they need not go together.
const FORMATIVE: AspectsDimension = AspectsDimension::PersonalInterests;

/// Measures a survey.
///
/// # Errors
/// Should the statistics refuse what was read, which they cannot.
pub(super) async fn measure(
    survey: &Survey,
    answered: Answered,
    people: HashMap<String, Person>,
    seed: u64,
) -> Result<(SurveyQuality, Vec<Respondent>)> {
    let of = survey.clone();
    aside(survey, move || measured(&of, answered, &people, seed)).await
}

/// What a survey's answers are worth, computed beside what waits.
///
/// # Errors
/// Should the statistics refuse what was read, which they cannot.
pub(super) async fn aside(
    survey: &Survey,
    measured: impl FnOnce() -> Measured + Send + 'static,
) -> Result<(SurveyQuality, Vec<Respondent>)> {
    let failed = || Error::new(ErrorCode::Internal, format!("cannot measure the survey `{}`", survey.name));
    let measured = spawn_blocking(measured).await;
    measured.map_err(|error| failed().caused_by(error))?.map_err(|error| failed().caused_by(error))
}

/// What is measured of a survey, and of those who answered it.
pub(super) type Measured = std::result::Result<(SurveyQuality, Vec<Respondent>), PsychometricsError>;

/// What is to be measured of a survey of which so many have answered.
pub(super) fn unmeasured(survey: &Survey, n_respondents: usize) -> SurveyQuality {
    let instrument = &survey.instrument;
    SurveyQuality {
        survey: survey.name.to_string(),
        instrument: instrument.id.clone(),
        title: instrument.name.clone(),
        dimension: instrument.aspects_dimension.as_str().to_owned(),
        is_validated: instrument.validated,
        reference: None,
        n_respondents,
        n_careless: 0,
        unasked: Vec::new(),
        notes: Vec::new(),
        scales: Vec::new(),
        differences: Vec::new(),
    }
}

fn measured(survey: &Survey, answered: Answered, people: &HashMap<String, Person>, seed: u64) -> Measured {
    let mut quality = unmeasured(survey, answered.customers.len());
    let Some(rating) = survey.rating() else { return Ok((quality, Vec::new())) };
    quality.reference = Some(survey.norms_file.clone().unwrap_or_else(|| OWN.to_owned()));
    let given: Vec<usize> = answered.points.iter().map(|column| n_known(column)).collect();
    let is_unasked = |(item, n): (&String, &usize)| (*n == 0).then(|| item.clone());
    quality.unasked = answered.items.iter().zip(&given).filter_map(is_unasked).collect();
    if answered.customers.is_empty() {
        quality.notes.push("nobody has answered".to_owned());
        quality.scales = scales(survey, rating, None, seed);
        return Ok((quality, Vec::new()));
    }
    let keyed = block(survey, rating);
    let customers = answered.customers;
    let answers = Answers::new(answered.items, columns(rating, answered.points))?;
    let asked = screening::Survey {
        answers: &answers,
        blocks: std::slice::from_ref(&keyed),
        instructed: &[],
        said_not_to_use: None,
        seconds: None,
    };
    let screening = screen(&asked)?;
    quality.n_careless = screening.n_excluded();
    quality.notes.extend(screening.notes.iter().cloned());
    let scores = score(&answers, &keyed)?;
    quality.differences = differences(&scores, &screening);
    let mut respondents = respondents(survey, customers, &answers, &screening);
    let clean = screening.clean();
    let kept = answers.of_respondents(&clean)?;
    let of_kept = |values: &Vec<f64>| clean.iter().map(|place| values[*place]).collect::<Vec<f64>>();
    let scores = Scores { values: scores.values.iter().map(of_kept).collect(), ..scores };
    let known = Known { keyed: &keyed, answers: &kept, scores: &scores };
    quality.scales = scales(survey, rating, Some(&known), seed);
    stand(survey, &clean, &scores, people, &mut quality.scales, &mut respondents);
    Ok((quality, respondents))
}

/// Adds where all stand on each scale, and the standard scores of those who answered with care (their places are `clean`). Of what is told
/// of groups only nobody has a score.
fn stand(
    survey: &Survey,
    clean: &[usize],
    scores: &Scores,
    people: &HashMap<String, Person>,
    scales: &mut [ScaleQuality],
    respondents: &mut [Respondent],
) {
    let mut all = Vec::new();
    let customers: Vec<&str> = clean.iter().map(|place| respondents[*place].customer_id.as_str()).collect();
    for (((scale, name), of_scale), scores) in survey.scales().zip(scales).zip(&scores.values) {
        let scored = Scored { name: &name, scale: &scale.id, customers: &customers, scores, people };
        let (standard, standing) = scored.stand(survey.norms.as_ref());
        of_scale.standing = standing;
        if !survey.is_of_groups_only(scale) {
            all.extend(standard);
        }
    }
    for (place, standard) in all {
        respondents[clean[place]].standard.push(standard);
    }
}

/// What is known of those who answered with care.
struct Known<'a> {
    keyed: &'a Instrument,
    answers: &'a Answers<'a>,
    scores: &'a Scores,
}

/// The items as the statistics take them. Their answers are those that were given, not yet turned round.
fn block(survey: &Survey, rating: &Rating) -> Instrument {
    let scale = |(scale, name): (&strata_spec::survey::Scale, String)| {
        let items = rating.items.iter().filter(|item| item.scale == scale.id);
        let keyed = items.map(|item| KeyedItem {
            item: item.id.clone(),
            key: if item.key < 0 { Key::Reversed } else { Key::Forward },
        });
        Scale { name, items: keyed.collect() }
    };
    Instrument {
        name: survey.instrument.id.clone(),
        response: Response { min: rating.response.min as f64, max: rating.response.max as f64 },
        min_answered_fraction: rating.scoring.min_answered_fraction,
        is_ipsatised: rating.scoring.is_ipsatised,
        scales: survey.scales().map(scale).collect(),
    }
}

/// Points turned back into what was answered.
fn columns(rating: &Rating, points: Vec<Vec<f64>>) -> Vec<Cow<'static, [f64]>> {
    let ends = (rating.response.min + rating.response.max) as f64;
    let column = |(item, points): (&strata_spec::survey::Item, Vec<f64>)| match item.key < 0 {
        true => points.iter().map(|points| ends - points).collect(),
        false => points,
    };
    rating.items.iter().zip(points).map(|pair| Cow::Owned(column(pair))).collect()
}

fn respondents(
    survey: &Survey,
    customers: Vec<String>,
    answers: &Answers<'_>,
    screening: &Screening,
) -> Vec<Respondent> {
    let one = |(place, customer_id): (usize, String)| {
        let screened = &screening.respondents[place];
        let is_answered = |item: &usize| !answers.column(*item)[place].is_nan();
        Respondent {
            customer_id,
            survey: survey.name.to_string(),
            n_answered: (0..answers.n_items()).filter(is_answered).count(),
            is_careless: screened.is_excluded,
            signs: screened.signs.iter().map(ToString::to_string).collect(),
            standard: Vec::new(),
        }
    };
    customers.into_iter().enumerate().map(one).collect()
}

fn scales(survey: &Survey, rating: &Rating, known: Option<&Known<'_>>, seed: u64) -> Vec<ScaleQuality> {
    let circumplex = known.and_then(|known| circle(rating, known));
    let one = |(place, (scale, name)): (usize, (&strata_spec::survey::Scale, String))| {
        let scores = known.map_or(&[][..], |known| &known.scores.values[place]);
        let found = known.map(|known| {
            let keyed = known.answers.keyed(&known.keyed.scales[place], known.keyed.response)?;
            evidence(&name, &keyed, seed)
        });
        let (mut evidence, fault) = match found {
            Some(Ok(evidence)) => (evidence, None),
            Some(Err(error)) => (nothing(&name, scale.n_items), Some(error.to_string())),
            None => (nothing(&name, scale.n_items), None),
        };
        evidence.is_formative = survey.instrument.aspects_dimension == FORMATIVE;
        evidence.circumplex_r = circumplex;
        evidence.n_clean = n_known(scores);
        let verdict = Gates::default().judge(&evidence);
        let (mean, deviation) = mean_and_deviation(scores);
        let (min, max) = (rating.response.min as f64, rating.response.max as f64);
        let is_centred = rating.scoring.is_ipsatised;
        let weakest = evidence.item_rest.iter().min_by(|(_, one), (_, other)| one.total_cmp(other)).cloned();
        ScaleQuality {
            name,
            title: scale.name.clone(),
            low_label: scale.low_label.clone(),
            high_label: scale.high_label.clone(),
            n_items: scale.n_items,
            n: n_known(scores),
            mean,
            deviation,
            lowest: if is_centred { min - max } else { min },
            highest: if is_centred { max - min } else { max },
            alpha: evidence.alpha,
            omega: evidence.omega,
            spearman_brown: evidence.spearman_brown,
            weakest,
            standing: None,
            usage: verdict.usage,
            reasons: fault.into_iter().chain(verdict.reasons).collect(),
        }
    };
    survey.scales().enumerate().map(one).collect()
}

pub(super) fn nothing(name: &str, n_items: usize) -> Evidence {
    Evidence {
        scale: name.to_owned(),
        n_clean: 0,
        n_items,
        is_formative: false,
        omega: None,
        alpha: None,
        spearman_brown: None,
        item_rest: Vec::new(),
        eigenvalues: None,
        n_dimensions: None,
        circumplex_r: None,
    }
}

/// How the ten values lie on their circle; none of an instrument that has no circle, or where too few have answered.
fn circle(rating: &Rating, known: &Known<'_>) -> Option<f64> {
    let place = |value: Value| rating.scales.iter().position(|scale| Value::of(&scale.id) == Some(value));
    let places = VALUES.iter().map(|value| place(*value)).collect::<Option<Vec<usize>>>()?;
    let names = places.iter().map(|place| rating.scales[*place].id.clone()).collect();
    let columns = places.iter().map(|place| Cow::Borrowed(known.scores.values[*place].as_slice())).collect();
    let scores = Answers::new(names, columns).ok()?;
    let moments = Moments::of(&scores, Missing::Listwise).ok()?;
    circumplex_fit(&moments.correlations).ok().map(|fit| fit.pearson)
}

pub(super) fn n_known(values: &[f64]) -> usize {
    values.iter().filter(|value| !value.is_nan()).count()
}

pub(super) fn mean_and_deviation(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let n = n_known(values) as f64;
    if n == 0.0 {
        return (None, None);
    }
    let known = || values.iter().filter(|value| !value.is_nan());
    let mean = known().sum::<f64>() / n;
    let squares: f64 = known().map(|value| (value - mean).powi(2)).sum();
    (Some(mean), (n > 1.0).then(|| (squares / (n - 1.0)).sqrt()))
}
