//! `strata text topics`: what customers talk about, how they feel about it, and what hurts.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::voice::{Ask, Feeling, Voice, voice};

use super::super::output;
use super::super::prose::wrapped;
use super::super::segments::{count, json, lines, percent};
use super::super::table;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Compare the classes of a segmentation of customers, as rfm
    #[arg(long, value_name = "SEGMENTATION")]
    by: Option<String>,
    /// How many topics, 2 or more; the texts say unless given
    #[arg(long, value_name = "N")]
    topics: Option<usize>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// With --json: each text's id, sentiment and topic besides
    #[arg(long, requires = "json")]
    texts: bool,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: &Arguments) -> Result<(), Error> {
    let (project, view) = super::super::open(folder, session).await?;
    let asked = Ask { by: arguments.by.as_deref(), n_topics: arguments.topics };
    let mut found = voice(&project, &view, asked).await?;
    if arguments.json {
        if !arguments.texts {
            found.texts.clear();
        }
        let found = serde_json::to_value(&found).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot write down what was said").caused_by(error)
        })?;
        return json(&found);
    }
    tell(&found, arguments.by.as_deref())
}

fn tell(found: &Voice, by: Option<&str>) -> Result<(), Error> {
    let width = output::width();
    let languages: Vec<String> =
        found.languages.iter().map(|(language, n)| format!("{language} {}", count(*n as u64))).collect();
    let about = format!(
        "{} texts of {} customers; by language: {}",
        count(found.n_texts as u64),
        count(found.n_authors as u64),
        languages.join(", ")
    );
    lines(wrapped(&about, "", "  ", width))?;
    let felt = match &found.feeling {
        Some(feeling) => format!(
            "how they feel, from -1 to 1: {:+.2} ({:+.2} to {:+.2}), {} negative, of {} texts in English",
            feeling.mean,
            feeling.interval.0,
            feeling.interval.1,
            percent(feeling.n_negative, feeling.n_texts),
            count(feeling.n_texts),
        ),
        None => "how they feel is not told: no text is in English".to_owned(),
    };
    lines(wrapped(&felt, "", "  ", width))?;
    output::line("")?;
    match &found.no_topics {
        Some(why) => lines(wrapped(&format!("no topics: {why}"), "", "  ", width))?,
        None => topics(found, width)?,
    }
    if let Some(by) = by {
        output::line("")?;
        let heads = [by, "texts", "feel", "from", "to"].map(str::to_owned);
        let rows: Vec<Vec<Option<String>>> = found
            .classes
            .iter()
            .map(|class| {
                let figure = |of: fn(&Feeling) -> f64| {
                    class.feeling.as_ref().map(|feeling| format!("{:+.2}", of(feeling)))
                };
                vec![
                    Some(class.class.clone()),
                    Some(count(class.n_texts as u64)),
                    figure(|feeling| feeling.mean),
                    figure(|feeling| feeling.interval.0),
                    figure(|feeling| feeling.interval.1),
                ]
            })
            .collect();
        lines(table::lines(&heads, &[false, true, true, true, true], &rows, width))?;
    }
    Ok(())
}

fn topics(found: &Voice, width: Option<usize>) -> Result<(), Error> {
    let heads = ["texts", "feel", "negative", "hurts", "words"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = found
        .topics
        .iter()
        .map(|topic| {
            let feeling = topic.feeling.as_ref();
            let times = topic
                .pain
                .as_ref()
                .map(|pain| pain.times.map_or_else(|| "yes".to_owned(), |times| format!("{times:.1} x")));
            vec![
                Some(count(topic.n_texts as u64)),
                feeling.map(|feeling| format!("{:+.2}", feeling.mean)),
                feeling.map(|feeling| percent(feeling.n_negative, feeling.n_texts)),
                times,
                Some(topic.words.join(", ")),
            ]
        })
        .collect();
    lines(table::lines(&heads, &[true, true, true, true, false], &rows, width))?;
    let about = format!(
        "{} texts are about none of these. Hurts: how many times as often texts about it are negative as others (only where that is certain).",
        count(found.n_elsewhere as u64)
    );
    lines(wrapped(&about, "", "", width))
}
