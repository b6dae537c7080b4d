//! `strata text train`: a classifier of texts from labels of one's own.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json as object;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::voice::{Kept, Labels, train};

use super::super::output;
use super::super::prose::wrapped;
use super::super::segments::{count, json, lines, percent};
use super::super::table;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A CSV file of texts that somebody has labelled
    file: PathBuf,
    /// Its column with the texts
    #[arg(long, value_name = "COLUMN")]
    text: String,
    /// Its column with their labels
    #[arg(long, value_name = "COLUMN")]
    label: String,
    /// What to call the classifier; as the column of labels unless given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<(), Error> {
    let project = Project::open(folder)?;
    let Arguments { file, text, label, name, .. } = arguments;
    let kept = train(&project, Labels { file, text, label }, name.as_deref())?;
    if arguments.json {
        return json(&object!({
            "classifier": kept.name,
            "file": kept.file(),
            "n_left_out": kept.n_left_out,
            "n_repeated": kept.n_repeated,
            "n_foreign": kept.n_foreign,
            "goes_by": kept.goes_by(),
            "n_words": kept.n_words(),
            "validation": kept.validation,
        }));
    }
    tell(&kept)
}

fn tell(kept: &Kept) -> Result<(), Error> {
    let width = output::width();
    let say = |text: &str| lines(wrapped(text, "", "  ", width));
    let found = &kept.validation;
    let n_texts = found.n_texts as u64;
    say(&format!(
        "classifier `{}`, learned from {} texts with {} labels ({} rows without a text or label were left out, {} repeated another)",
        kept.name,
        count(n_texts),
        found.classes.len(),
        count(kept.n_left_out),
        count(kept.n_repeated),
    ))?;
    if kept.model.is_some() {
        say(&format!(
            "It goes by embeddings of sentences, which are for English: {} rows in another language were left out.{}",
            count(kept.n_foreign),
            found
                .by_words
                .map(|right| format!(" By words it would be right for {}.", share(right)))
                .unwrap_or_default(),
        ))?;
    }
    say(&format!(
        "right for {} of texts that it had not seen ({} to {}); always saying the most frequent label is right for {}, naive Bayes for {}",
        share(found.accuracy),
        share(found.interval.0),
        share(found.interval.1),
        share(found.majority),
        share(found.bayes),
    ))?;
    if !found.is_worthwhile() {
        say(
            "It is not certainly better than always saying the most frequent label: its answers tell nothing yet.",
        )?;
    }
    output::line("")?;
    let heads = ["label", "texts", "precision", "recall"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = found
        .classes
        .iter()
        .map(|class| {
            let (precision, recall) = (class.precision.map(share), class.recall.map(share));
            vec![Some(class.class.clone()), Some(count(class.n_texts)), precision, recall]
        })
        .collect();
    lines(table::lines(&heads, &[false, true, true, true], &rows, width))?;
    output::line("")?;
    let heads = ["least", "sorted", "right"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = found
        .certainty
        .iter()
        .map(|point| {
            let sorted = percent(point.n_sure as u64, n_texts);
            vec![Some(format!("{:.1}", point.least)), Some(sorted), point.accuracy.map(share)]
        })
        .collect();
    lines(table::lines(&heads, &[true, true, true], &rows, width))?;
    say(
        "Least: the probability below which a text is left alone (0.5 unless `strata text classify --least` says otherwise), how many texts are \
         sorted then, and how many of those rightly.",
    )?;
    let curve: Vec<String> = found
        .curve
        .iter()
        .map(|point| format!("{} of {}", share(point.accuracy), count(point.n_labels.round() as u64)))
        .collect();
    say(&format!("Right by how many labels it learned from: {}.", curve.join(", ")))?;
    say(&format!("kept as {}", kept.file().display()))
}

fn share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
