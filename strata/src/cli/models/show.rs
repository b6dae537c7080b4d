//! One model or score as text: parameters with what they mean, and predictions held against what happened.

use strata_pipeline::error::Error;
use strata_pipeline::models::{
    self, Accuracy, Amount, Classifier, Contest, Course, Figure, Fit, FrequencyGroup, Holdout, Kind,
    Measures, Model, Part, Purchases, Rank, Told,
};
use strata_pipeline::spec::table::Subject;

use super::{count, lines};
use crate::cli::prose::{Rung, ladder, wrapped};
use crate::cli::{output, table};

type Cells = Vec<Option<String>>;

/// So many points of the course of purchases are shown.
const POINTS: usize = 12;

/// A model, or a score with the model that it asks.
pub(super) fn show(
    all: &[Model],
    model: &Model,
    asked: &Model,
    currency: Option<&str>,
    width: Option<usize>,
) -> Result<(), Error> {
    if let Kind::Prediction(prediction) = &model.is {
        let horizon = match prediction.predicts.as_str() {
            "probability_alive" | "expected_spend" | "days_to_next_purchase" => String::new(),
            "customer_lifetime_value" => format!(
                " over {} days, at a discount of {:.0} % a year",
                prediction.horizon_days,
                prediction.discount_rate * 100.0
            ),
            _ => format!(" over {} days", prediction.horizon_days),
        };
        let what = prediction.bound.as_ref().map_or_else(String::new, |bound| {
            format!("the {} end of the {:.0} % interval of ", bound.end.as_str(), 100.0 * bound.level)
        });
        let said = format!("{}: {what}{}{horizon}, by {}", model.name, prediction.predicts, prediction.model);
        lines(wrapped(&said, "", "  ", width))?;
        output::line("")?;
    }
    let amount = |value: f64| money(value, currency);
    match &asked.is {
        Kind::Rank(rank) => ranked(asked, rank, width),
        Kind::Purchases(purchases) => fitted(all, asked, purchases, &amount, width),
        Kind::Classifier(told) => match told.as_ref() {
            Told::Is(classifier) => learned(asked, classifier, width),
            Told::Not { reason } => {
                output::line(format!("{}: a classifier that could not be trained", asked.name))?;
                lines(wrapped(reason, "", "  ", width))
            }
        },
        Kind::Clusters(found) => lines(super::clusters::text(asked, found, width)),
        Kind::Prediction(prediction) => {
            output::line(format!("no run has fitted the model {}", prediction.model))
        }
    }
}

fn ranked(model: &Model, rank: &Rank, width: Option<usize>) -> Result<(), Error> {
    let first = if rank.descending { "the greatest" } else { "the least" };
    output::line(format!(
        "{}: {} of {} in {} parts by {}; 1 has {first}",
        model.name,
        count(rank.n_ranked),
        model.subject,
        rank.tiles,
        rank.by
    ))?;
    output::line("")?;
    let heads = ["up to score", rank.by.as_str(), "share the value", "of them below"].map(str::to_owned);
    let rows: Vec<Cells> = rank
        .cuts
        .iter()
        .enumerate()
        .map(|(place, cut)| {
            let cells =
                [(place + 1).to_string(), cut.value.to_string(), count(cut.n_ties), count(cut.n_ties_below)];
            cells.map(Some).to_vec()
        })
        .collect();
    lines(table::lines(&heads, &[true; 4], &rows, width))
}

fn learned(model: &Model, classifier: &Classifier, width: Option<usize>) -> Result<(), Error> {
    output::line(format!("{}: classifier of churn, {}", model.name, classifier.title()))?;
    output::line("")?;
    for sentence in classifier.sentences() {
        lines(wrapped(&sentence, "", "  ", width))?;
    }
    let uses = |from_the_end: usize| match from_the_end {
        0 => "measured at",
        1 => "calibrated at",
        _ => "trained at",
    };
    let n_dates = classifier.dates.len();
    let dates: Vec<Cells> = classifier
        .dates
        .iter()
        .enumerate()
        .map(|(place, date)| {
            vec![
                Some(uses(n_dates - 1 - place).to_owned()),
                Some(date.at.format("%Y-%m-%d").to_string()),
                Some(count(date.n_customers)),
            ]
        })
        .collect();
    titled("when", &["", "date", "customers"], &[false, false, true], &dates, width)?;
    let figure = |figure: &Figure| match (figure.value, figure.low, figure.high) {
        (Some(value), Some(low), Some(high)) => Some(format!("{value:.3} ({low:.3}–{high:.3})")),
        (Some(value), ..) => Some(format!("{value:.3}")),
        (None, ..) => None,
    };
    let row = |name: &str, accuracy: &Accuracy| -> Cells {
        vec![
            Some(name.to_owned()),
            figure(&accuracy.auc),
            figure(&accuracy.lift_of_top_tenth),
            figure(&accuracy.log_loss),
            figure(&accuracy.brier),
            Some(format!("{:.3}", accuracy.expected_calibration_error)),
        ]
    };
    let mut rows = vec![
        row("logistic regression", &classifier.logistic_regression),
        row("boosted trees", &classifier.boosted_trees),
    ];
    rows.extend(classifier.recency_alone.as_ref().map(|accuracy| row("days since the last order", accuracy)));
    rows.push(row("the same for everybody", &classifier.base_rate));
    let measured = classifier.accuracy();
    let title = format!(
        "at the last date: {} of {} bought no more in time (95 % intervals)",
        count(measured.n_churned),
        count(measured.n)
    );
    let heads = ["", "AUC", "lift of top tenth", "log loss", "Brier", "calibration error"];
    titled(&title, &heads, &[false, true, true, true, true, true], &rows, width)?;
    let bands: Vec<Cells> = classifier
        .reliability
        .iter()
        .map(|band| {
            let share = |share: f64| Some(format!("{:.1} %", 100.0 * share));
            vec![Some(count(band.n)), share(band.expected), share(band.observed)]
        })
        .collect();
    titled(
        "what was expected and what came, by tenths",
        &["customers", "expected", "came"],
        &[true; 3],
        &bands,
        width,
    )?;
    let importance: Vec<Cells> = classifier
        .importance
        .iter()
        .map(|one| {
            vec![
                Some(one.feature.clone()),
                Some(format!("{:+.4}", one.log_loss)),
                Some(format!("{:+.4}", one.auc)),
            ]
        })
        .collect();
    let heads = ["feature", "log loss rises by", "AUC falls by"];
    titled("what it learned from: without the feature", &heads, &[false, true, true], &importance, width)
}

fn fitted(
    all: &[Model],
    model: &Model,
    purchases: &Purchases,
    amount: Amount<'_>,
    width: Option<usize>,
) -> Result<(), Error> {
    output::line(format!("{}: {} model of when {} buy", model.name, purchases.title(), model.subject))?;
    let scores: Vec<&str> = models::scores_of(all, model).iter().map(|score| score.name.as_str()).collect();
    if !scores.is_empty() {
        lines(wrapped(&format!("asked by {}", scores.join(", ")), "", "  ", width))?;
    }
    output::line("")?;
    for sentence in models::sentences(purchases, amount) {
        lines(wrapped(&sentence, "", "  ", width))?;
    }
    if let Some(fit) = purchases.timing.get() {
        let meaning = |name: &str| models::meaning(purchases.family, fit, name);
        parameters("when they buy", fit, &meaning, width)?;
    }
    if let Some(fit) = purchases.spend.as_ref().and_then(Told::get) {
        let meaning = |name: &str| models::spend_meaning(model.subject, fit, name, amount);
        parameters("what they spend", fit, &meaning, width)?;
    }
    for warning in models::warnings(model) {
        lines(wrapped(&format!("note: {warning}"), "", "  ", width))?;
    }
    match purchases.held_out() {
        Some(holdout) => held_out(model.subject, holdout, width),
        None => Ok(()),
    }
}

/// A table under a line that says what it is.
fn titled(
    title: &str,
    heads: &[&str],
    numeric: &[bool],
    rows: &[Cells],
    width: Option<usize>,
) -> Result<(), Error> {
    output::line("")?;
    lines(wrapped(title, "", "  ", width))?;
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    lines(table::lines(&heads, numeric, rows, width))
}

fn parameters(
    what: &str,
    fit: &Fit,
    meaning: &dyn Fn(&str) -> Option<String>,
    width: Option<usize>,
) -> Result<(), Error> {
    let mut on = format!("{what}: fitted on {}", count(fit.n_customers));
    if let Some(n) = fit.n_repeaters {
        on.push_str(&format!(", {} of whom bought on a second day", count(n)));
    }
    if let Some(n) = fit.n_left_out.filter(|n| *n > 0) {
        on.push_str(&format!(", {} without a positive mean left out", count(n)));
    }
    if let Some(value) = fit.log_likelihood {
        on.push_str(&format!("; log-likelihood {value:.1}"));
    }
    let rungs: Vec<Rung> = fit
        .parameters
        .iter()
        .map(|each| Rung {
            numbers: vec![
                each.name.clone(),
                digits(each.value),
                each.standard_error.map_or_else(|| "–".to_owned(), digits),
            ],
            texts: meaning(&each.name).into_iter().collect(),
        })
        .collect();
    output::line("")?;
    lines(wrapped(&on, "", "  ", width))?;
    lines(ladder(&["", "value", "std. error", "meaning"], &rungs, width))
}

fn held_out(subject: Subject, holdout: &Holdout, width: Option<usize>) -> Result<(), Error> {
    let of = if holdout.is_everybody { "" } else { ", a sample" };
    let rule = |is_money: bool| move |name: &str| models::rule(subject, name, holdout.days, is_money).0;
    output::line("")?;
    output::line(format!(
        "held out: the {:.0} days since {}; {} {subject}{of}",
        holdout.days,
        holdout.at.format("%Y-%m-%d"),
        count(holdout.n_customers)
    ))?;
    if let Some(value) = &holdout.value {
        let title = format!("revenue in that time, for each {}", subject.singular());
        contest(&title, value, &rule(true), width)?;
    }
    let title = format!("days with a purchase in that time, for each {}", subject.singular());
    contest(&title, &holdout.purchases, &rule(false), width)?;
    by_frequency(subject, &holdout.by_frequency, width)?;
    if let Some(value) = &holdout.value {
        by_prediction(subject, &value.by_prediction, width)?;
    }
    holdout.course.as_ref().map_or(Ok(()), |of_all| course(subject, of_all, width))
}

fn contest(
    title: &str,
    contest: &Contest,
    rule: &dyn Fn(&str) -> String,
    width: Option<usize>,
) -> Result<(), Error> {
    let row = |name: String, measures: &Measures| -> Cells {
        let share = |share: Option<f64>| share.map(|share| format!("{:.1} %", share * 100.0));
        let number = |value: Option<f64>| value.map(|value| format!("{value:.2}"));
        vec![
            Some(name),
            number(measures.mean_predicted),
            share(measures.relative_bias),
            number(measures.mean_absolute_error),
            number(measures.root_mean_squared_error),
            number(measures.normalised_gini),
            number(measures.spearman),
            share(measures.top_decile),
        ]
    };
    let rules = contest.baselines.iter().map(|each| row(rule(&each.name), &each.measures));
    let mut rows: Vec<Cells> =
        [row("the model".to_owned(), &contest.model)].into_iter().chain(rules).collect();
    let mut happened: Cells = vec![None; 8];
    happened[0] = Some("what happened".to_owned());
    happened[1] = contest.model.mean_actual.map(|mean| format!("{mean:.2}"));
    happened[5] = Some("1.00".to_owned());
    happened[6] = Some("1.00".to_owned());
    happened[7] = contest.model.top_decile_best.map(|share| format!("{:.1} %", share * 100.0));
    rows.push(happened);
    let heads = ["", "mean", "bias", "abs. error", "rms error", "Gini", "Spearman", "top tenth"];
    let numeric = [false, true, true, true, true, true, true, true];
    titled(title, &heads, &numeric, &rows, width)
}

fn by_frequency(subject: Subject, groups: &[FrequencyGroup], width: Option<usize>) -> Result<(), Error> {
    if groups.is_empty() {
        return Ok(());
    }
    let rows: Vec<Cells> = groups
        .iter()
        .map(|group| {
            let more = if group.and_more { "+" } else { "" };
            vec![
                Some(format!("{}{more}", group.frequency)),
                Some(count(group.n)),
                group.expected.map(|mean| format!("{mean:.2}")),
                group.actual.map(|mean| format!("{mean:.2}")),
                group.standard_error.map(|error| format!("{error:.2}")),
            ]
        })
        .collect();
    let heads = ["repeats before", subject.as_str(), "expected", "came", "std. error"];
    titled("days with a purchase, by how often they had bought again", &heads, &[true; 5], &rows, width)
}

fn by_prediction(subject: Subject, parts: &[Part], width: Option<usize>) -> Result<(), Error> {
    if parts.is_empty() {
        return Ok(());
    }
    let rows: Vec<Cells> = parts
        .iter()
        .rev()
        .map(|part| {
            vec![
                Some(part.part.to_string()),
                Some(count(part.n)),
                part.expected.map(|mean| format!("{mean:.2}")),
                part.actual.map(|mean| format!("{mean:.2}")),
            ]
        })
        .collect();
    let title =
        format!("revenue of each {}, by tenths of what was expected, the highest first", subject.singular());
    titled(&title, &["tenth", subject.as_str(), "expected", "came"], &[true; 4], &rows, width)
}

fn course(subject: Subject, course: &Course, width: Option<usize>) -> Result<(), Error> {
    let step = course.points.len().div_ceil(POINTS).max(1);
    let from_the_end = course.points.iter().rev().step_by(step);
    let mut points: Vec<_> = from_the_end.collect();
    points.reverse();
    let rows: Vec<Cells> = points
        .into_iter()
        .map(|point| {
            let is_held_out = course.held_out_from.is_some_and(|from| point.days > from + 1e-6);
            let off = point.expected.zip(point.actual).filter(|(_, actual)| *actual > 0.0);
            vec![
                Some(format!("{:.0}", point.days)),
                point.expected.map(|n| format!("{n:.0}")),
                point.actual.map(|n| format!("{n:.0}")),
                off.map(|(expected, actual)| format!("{:+.1} %", (expected / actual - 1.0) * 100.0)),
                Some(if is_held_out { "held out" } else { "known" }.to_owned()),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let title = format!(
        "repeat purchases of all so far, by days since the first purchase of the first {}",
        subject.singular()
    );
    titled(&title, &["day", "expected", "came", "off by", ""], &[true, true, true, true, false], &rows, width)
}

/// An amount in the project's currency.
pub(super) fn money(value: f64, currency: Option<&str>) -> String {
    let number = match value {
        value if value >= 1000.0 => count(value.round() as u64),
        value => format!("{value:.2}"),
    };
    currency.map_or_else(|| number.clone(), |currency| format!("{currency} {number}"))
}

/// Four digits that say something.
pub(super) fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 || (size < 1e-4 && size > 0.0) => format!("{value:.3e}"),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}
