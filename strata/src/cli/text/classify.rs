//! `strata text classify`: what customers say, sorted by a classifier that the project trained.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::voice::{LabelShare, Sorted, Sorting, sort};

use super::super::output;
use super::super::prose::wrapped;
use super::super::segments::{count, json, lines, percent};
use super::super::table;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The classifier; the only one that there is unless given
    name: Option<String>,
    /// Compare the classes of a segmentation of customers, as rfm
    #[arg(long, value_name = "SEGMENTATION")]
    by: Option<String>,
    /// Leave texts alone whose label is less likely, 0.5 to 1; 0.5 unless given
    #[arg(long, value_name = "SHARE")]
    least: Option<f64>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// With --json: each text's id, label and probability besides
    #[arg(long, requires = "json")]
    texts: bool,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: &Arguments) -> Result<(), Error> {
    let (project, view) = super::super::open(folder, session).await?;
    let Arguments { name, by, least, .. } = arguments;
    let asked = Sorting { classifier: name.as_deref(), by: by.as_deref(), least: *least };
    let mut found = sort(&project, &view, asked).await?;
    if arguments.json {
        if !arguments.texts {
            found.texts.clear();
        }
        let found = serde_json::to_value(&found).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot write down what was sorted").caused_by(error)
        })?;
        return json(&found);
    }
    tell(&found, by.as_deref())
}

fn tell(found: &Sorted, by: Option<&str>) -> Result<(), Error> {
    let width = output::width();
    let say = |text: &str| lines(wrapped(text, "", "  ", width));
    let n_texts = found.n_texts as u64;
    let n_unsure = found.n_unsure as u64;
    let rightly = found.accuracy.map_or_else(
        || "of the texts that it was tried with it would have sorted none".to_owned(),
        |accuracy| format!("of the texts that it was tried with it sorted {:.1} % rightly", accuracy * 100.0),
    );
    say(&format!(
        "{} texts by classifier `{}`: {} ({}) are left alone, since no label is as likely as {}; {rightly}",
        count(n_texts),
        found.classifier,
        count(n_unsure),
        percent(n_unsure, n_texts),
        found.least,
    ))?;
    if let Some(n_foreign) = found.n_foreign.filter(|n| *n > 0) {
        say(&format!(
            "Of these {} are in another language than English, which alone embeddings of sentences are for.",
            count(n_foreign as u64)
        ))?;
    }
    if found.has_unused_embeddings {
        say(
            "The classifier goes by words, though the project names embeddings of sentences: train it again to use them.",
        )?;
    }
    if !found.is_worthwhile {
        say(
            "The classifier was not certainly better than always saying the most frequent label: this tells nothing.",
        )?;
    }
    output::line("")?;
    let heads = ["label", "texts", "share", "from", "to"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = found.labels.iter().map(row).collect();
    if rows.is_empty() {
        say("Fewer than 20 texts have a label: too few to tell shares.")?;
    } else {
        lines(table::lines(&heads, &[false, true, true, true, true], &rows, width))?;
    }
    if let Some(by) = by {
        output::line("")?;
        let heads = [by, "label", "texts", "share", "from", "to"].map(str::to_owned);
        let mut rows: Vec<Vec<Option<String>>> = Vec::new();
        for class in &found.classes {
            let of_class = |cells: Vec<Option<String>>| [vec![Some(class.class.clone())], cells].concat();
            rows.extend(class.labels.iter().map(|label| of_class(row(label))));
            let (n_sorted, n_unsure) = (class.n_texts - class.n_unsure, class.n_unsure);
            let others =
                [("(too few to tell)", n_sorted, class.labels.is_empty()), ("(left alone)", n_unsure, true)];
            for (what, n, _) in others.into_iter().filter(|(_, n, is_shown)| *is_shown && *n > 0) {
                let cells = [Some(what.to_owned()), Some(count(n as u64)), None, None, None];
                rows.push(of_class(cells.to_vec()));
            }
        }
        lines(table::lines(&heads, &[false, false, true, true, true, true], &rows, width))?;
    }
    say(
        "Shares are of the texts that have a label, where those are 20 and more; intervals hold if labels are right.",
    )
}

fn row(label: &LabelShare) -> Vec<Option<String>> {
    let share = |share: f64| format!("{:.1} %", share * 100.0);
    let (low, high) = label.interval;
    let shares = [label.share, low, high].map(|each| Some(share(each)));
    [vec![Some(label.label.clone()), Some(count(label.n_texts))], shares.to_vec()].concat()
}
