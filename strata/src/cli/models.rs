//! `strata models …`: what the last run fitted, and whether it is to be trusted.

mod clusters;
mod show;

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::models::{self, Kind, Model};
use strata_pipeline::query::View;
use strata_pipeline::run::Session;

use super::prose::wrapped;
use super::segments::{count, json, lines};
use super::{Shape, output, table};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Models and scores of the last run: what asks what, how many it was fitted on, and how its predictions held up
    List {
        #[command(flatten)]
        shape: Shape,
    },
    /// One model or score: its parameters and what they mean, and what it predicted held against what happened
    Show(Show),
    /// Why one customer has a score: what pushes it up and down, beside what is usual
    Why(Why),
}

#[derive(Debug, Args)]
pub(super) struct Why {
    /// A score, as churn_probability or expected_value; or a model, for the value that it predicts
    model: String,
    /// The id of a customer; of a company, where the score is one of companies
    customer: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// A model or score, as mbg_nbd or expected_value
    name: String,
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    let (project, view) = super::open(folder, session).await?;
    let all = models::read(&view).await?;
    match command {
        Command::Why(asked) => why(&view, project.manifest.currency.as_deref(), &asked).await,
        Command::List { shape } => list(&view, &all, shape).await,
        Command::Show(Show { name, shape }) => {
            let found = models::named(&all, &name)?;
            if shape.json {
                return json(&Value::Array(found.into_iter().map(Model::json).collect()));
            }
            // What a score says is what its model says.
            let asked: Vec<&Model> =
                found.iter().map(|model| models::asked_by(&all, model).unwrap_or(model)).collect();
            if shape.csv {
                return output::rows(models::answer(&view, &asked)?, shape, None).await;
            }
            let at = view.complete.as_of.with_timezone(&project.timezone);
            output::note(format!("the run as of {}", at.format("%Y-%m-%d %H:%M %Z")));
            let currency = currency(&view, project.manifest.currency.as_deref());
            for (place, (model, asked)) in found.iter().zip(asked).enumerate() {
                if place > 0 {
                    output::line("")?;
                }
                show::show(&all, model, asked, currency.as_deref(), output::width())?;
            }
            Ok(())
        }
    }
}

async fn why(view: &View, named: Option<&str>, asked: &Why) -> Result<(), Error> {
    let why = models::why(view, &asked.model, &asked.customer).await?;
    let currency = currency(view, named);
    let amount = |value: f64| show::money(value, currency.as_deref());
    if asked.json {
        return json(&why.json(&amount));
    }
    let width = output::width();
    // A text of the data must not move the terminal's cursor.
    let said = why.sentences(&amount).into_iter().map(|said| said.replace(char::is_control, " "));
    said.into_iter().try_for_each(|said| lines(wrapped(&said, "", "  ", width)))
}

/// The currency that the project names, or else the one that the data was found to be in.
fn currency(view: &View, named: Option<&str>) -> Option<String> {
    let found = || view.complete.summaries.get("canonical")?.facts.get("currency")?.as_str();
    named.or_else(found).map(str::to_owned)
}

/// What a model is called, with whose it is where customers and companies have one of the name.
fn named(all: &[Model], model: &Model) -> String {
    match all.iter().any(|other| other.name == model.name && other.subject != model.subject) {
        true => format!("{} of {}", model.name, model.subject),
        false => model.name.clone(),
    }
}

async fn list(view: &View, all: &[Model], shape: Shape) -> Result<(), Error> {
    if shape.json {
        return json(&Value::Array(all.iter().map(|model| listed(all, model)).collect()));
    }
    if shape.csv {
        return output::rows(models::list_answer(view, all)?, shape, None).await;
    }
    if all.is_empty() {
        return output::line("the last run fitted nothing: no score has what it needs");
    }
    let width = output::width();
    let heads = ["model", "kind", "by", "fitted on", "verdict"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = all
        .iter()
        .map(|model| {
            vec![
                Some(named(all, model)),
                Some(model.kind().to_owned()),
                by(model).map(str::to_owned),
                model.n_customers().map(count),
                verdict(all, model).map(str::to_owned),
            ]
        })
        .collect();
    lines(table::lines(&heads, &[false, false, false, true, false], &rows, width))?;
    output::line("")?;
    for model in all {
        let scores: Vec<&str> =
            models::scores_of(all, model).iter().map(|score| score.name.as_str()).collect();
        let asked = (!scores.is_empty()).then(|| format!("asked by {}", scores.join(", ")));
        for said in asked.into_iter().chain(models::warnings(model)) {
            lines(wrapped(&format!("{}: {said}", named(all, model)), "", "  ", width))?;
        }
    }
    output::note(
        "`strata models show NAME` says what a model found and how it held up against rules of thumb",
    );
    Ok(())
}

/// What a score is made of: the trait that is ranked, or the model that is asked.
fn by(model: &Model) -> Option<&str> {
    match &model.is {
        Kind::Rank(rank) => Some(&rank.by),
        Kind::Prediction(prediction) => Some(&prediction.model),
        Kind::Clusters(clusters) => {
            Some(&clusters.model).filter(|model| !model.is_empty()).map(String::as_str)
        }
        Kind::Purchases(_) | Kind::Classifier(_) => None,
    }
}

/// How a model stands, or the one that a score asks.
fn verdict(all: &[Model], model: &Model) -> Option<&'static str> {
    models::standing_of(model).or_else(|| models::asked_by(all, model).and_then(models::standing_of))
}

fn listed(all: &[Model], model: &Model) -> Value {
    let scores = models::scores_of(all, model);
    serde_json::json!({
        "model": model.name,
        "kind": model.kind(),
        "subject": model.subject.as_str(),
        "scores": scores.iter().map(|score| &score.name).collect::<Vec<_>>(),
        "n_customers": model.n_customers(),
        "verdict": model.verdict(),
        "warnings": models::warnings(model),
        "version": model.version,
    })
}
