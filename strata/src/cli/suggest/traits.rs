//! `strata suggest traits`: which traits deserve to define segments.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::suggest::traits::{KeyTrait, KeyTraits, TraitAsk, Verdict, key_traits};

use super::super::output;
use super::super::prose::{Rung, ladder, wrapped};
use super::super::segments::{About, count, json, lines};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What segments are for: repeat_purchase, churn, revenue, response, or a condition or number of the language. Traits that tell
    /// nothing of it are left out
    #[arg(long, value_name = "GOAL")]
    goal: Option<String>,
    /// Whom it is about
    #[arg(long, value_enum, default_value_t = About::Customers)]
    subject: About,
    /// Of whom this holds, as "n_orders >= 2"; of everybody unless given
    #[arg(long, value_name = "CONDITION")]
    among: Option<String>,
    /// How many days lie between a trait and itself, and how far the goal looks ahead
    #[arg(long, default_value_t = 90, value_name = "DAYS")]
    horizon_days: u32,
    /// Which traits, and columns, as country; all traits of the last run unless given
    #[arg(long, value_delimiter = ',', value_name = "TRAITS")]
    features: Vec<String>,
    /// How many traits are taken at most
    #[arg(long, default_value_t = 12, value_name = "N")]
    most: usize,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: Arguments) -> Result<(), Error> {
    let (project, view) = super::super::open(folder, session).await?;
    let ask = TraitAsk {
        goal: arguments.goal,
        subject: arguments.subject.into(),
        among: arguments.among,
        horizon_days: arguments.horizon_days,
        traits: arguments.features,
        most: arguments.most,
    };
    let found = key_traits(&project, &view, &ask).await?;
    if arguments.json {
        return json(&found.json());
    }
    show(&found, output::width())
}

fn show(found: &KeyTraits, width: Option<usize>) -> Result<(), Error> {
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&found.timezone).format("%Y-%m-%d");
    let sample = if found.is_everybody { "" } else { ", a sample" };
    let n_taken = found.taken().count();
    let mut about = format!(
        "{n_taken} of {} traits deserve to define segments: {} {}{sample} as of {}, {} of them held against themselves as of {}",
        found.traits.len(),
        count(found.n_rows as u64),
        found.subject,
        day(found.at),
        count(found.n_again as u64),
        day(found.again_at),
    );
    if let Some(goal) = &found.goal {
        about.push_str(&format!("; the goal: {goal}"));
    }
    if let Some(above) = found.goal_above {
        about.push_str(&format!(", more than {above:.2}"));
    }
    lines(wrapped(&about, "", "", width))?;
    output::line("")?;
    let has_goal = found.goal.is_some();
    let heads = ["verdict", "known", "stable", "goal", "AUC", "trait"];
    let heads: Vec<&str> =
        heads.into_iter().filter(|head| has_goal || !["goal", "AUC"].contains(head)).collect();
    let rungs: Vec<Rung> = found.traits.iter().map(|one| rung(one, has_goal)).collect();
    lines(ladder(&heads, &rungs, width))?;
    output::line("")?;
    let goal = match has_goal {
        true => {
            "; goal: how much of it the trait tells; AUC: how surely a number puts those who reach it above the others, from 0.5"
        }
        false => "",
    };
    let explained = format!(
        "known: the share with a value; stable: how much it is the same at both dates, from 0 to 1{goal}"
    );
    lines(wrapped(&explained, "", "", width))?;
    if let Some(features) = found.features() {
        output::line("")?;
        output::line(features)?;
    }
    Ok(())
}

fn rung(one: &KeyTrait, has_goal: bool) -> Rung {
    let percent = |share: Option<f64>, decimals: usize| {
        share.map_or_else(String::new, |share| format!("{:.decimals$} %", 100.0 * share))
    };
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
    let mut numbers = vec![one.verdict.as_str().to_owned(), percent(one.known, 0), number(one.stability)];
    if has_goal {
        numbers.extend([percent(one.relevance, 1), number(one.auc)]);
    }
    // Of what is taken the figures say why; of the others the name stands above already.
    let own = format!("{} is left out: ", one.name);
    let texts = match one.verdict {
        Verdict::Take => vec![one.name.clone()],
        _ => vec![one.name.clone(), one.sentence.strip_prefix(&own).unwrap_or(&one.sentence).to_owned()],
    };
    Rung { numbers, texts }
}
