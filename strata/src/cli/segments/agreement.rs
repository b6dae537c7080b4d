//! `strata segments agreement`: a segmentation beside labels that are known from elsewhere.

use std::cmp::Reverse;
use std::path::PathBuf;

use clap::Args;
use strata_pipeline::agreement::{Agreement, Unassigned, agreement};
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{count, json, lines, percent};
use crate::cli::prose::wrapped;
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A segmentation, as rfm
    segmentation: String,
    /// A CSV file with the columns kind (`customer_id`, email, phone, `anonymous_id`), value and the label
    file: PathBuf,
    /// The column with the label
    #[arg(long, default_value = "label", value_name = "COLUMN")]
    label: String,
    /// Count whoever is in no class as a class of its own, so that segmentations of different customers compare
    #[arg(long)]
    unassigned: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let Arguments { segmentation, file, label, unassigned, json: as_json } = arguments;
    let unassigned = if *unassigned { Unassigned::AsAClass } else { Unassigned::LeftOut };
    let found = agreement(project, view, segmentation, file, label, unassigned).await?;
    if *as_json {
        return json(&found.json());
    }
    lines(shown(&found, output::width()))
}

fn shown(found: &Agreement, width: Option<usize>) -> Vec<String> {
    let index = format!(
        "adjusted Rand index {:.3} among {} customers (1: the same division; 0: no more alike than by chance)",
        found.adjusted_rand,
        count(found.n_customers)
    );
    let mut shown = wrapped(&index, "", "  ", width);
    let left_out = [(found.n_unassigned, "in no class"), (found.n_contradicted, "with several labels")];
    let left_out = left_out.into_iter().filter(|(n, _)| *n > 0);
    shown.extend(left_out.map(|(n, who)| format!("left out: {} {who}", count(n))));
    shown.push(String::new());
    // A line for each pair and no cross table, whose heads, names of classes, would not fit a terminal.
    let heads = [found.label.as_str(), "customers", "share", "class"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> =
        (0..found.labels.len()).flat_map(|label| of_label(found, label)).collect();
    shown.extend(table::lines(&heads, &[false, true, true, false], &rows, width));
    shown
}

/// The classes that customers with a label are in, the largest first.
fn of_label(found: &Agreement, label: usize) -> Vec<Vec<Option<String>>> {
    let mut classes: Vec<(u64, &String)> = found
        .classes
        .iter()
        .zip(&found.counts)
        .map(|(class, counts)| (counts[label], class))
        .filter(|(n, _)| *n > 0)
        .collect();
    classes.sort_by_key(|(n, _)| Reverse(*n));
    let of_all = classes.iter().map(|(n, _)| n).sum();
    let row = |(n, class): (u64, &String)| {
        [found.labels[label].clone(), count(n), percent(n, of_all), class.clone()].map(Some).to_vec()
    };
    classes.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_comes_first_and_then_who_is_where() {
        let found = Agreement {
            segmentation: "kinds".to_owned(),
            label: "type".to_owned(),
            n_customers: 1_200,
            n_unassigned: 3,
            n_contradicted: 0,
            adjusted_rand: 0.7514,
            classes: vec!["one".to_owned(), "two".to_owned()],
            labels: vec!["families".to_owned(), "sports".to_owned()],
            counts: vec![vec![600, 10], vec![0, 590]],
        };
        assert_eq!(
            shown(&found, None),
            [
                "adjusted Rand index 0.751 among 1,200 customers (1: the same division; 0: no more alike than by chance)",
                "left out: 3 in no class",
                "",
                "type      customers    share  class",
                "────────  ─────────  ───────  ─────",
                "families        600  100.0 %  one",
                "sports          590   98.3 %  two",
                "sports           10    1.7 %  one",
            ]
        );
        for line in shown(&found, Some(50)) {
            assert!(line.chars().count() <= 50, "{line}");
        }
    }
}
