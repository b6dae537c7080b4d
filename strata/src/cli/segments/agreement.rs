//! `strata segments agreement`: a segmentation beside labels that are known from elsewhere.

use std::path::PathBuf;

use clap::Args;
use strata_pipeline::agreement::{Agreement, agreement};
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{count, json, lines};
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
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let Arguments { segmentation, file, label, json: as_json } = arguments;
    let found = agreement(project, view, segmentation, file, label).await?;
    if *as_json {
        return json(&found.json());
    }
    lines(shown(&found, output::width()))
}

fn shown(found: &Agreement, width: Option<usize>) -> Vec<String> {
    let mut shown = vec![format!(
        "adjusted Rand index {:.3} among {} customers (1: the same division; 0: no more alike than by chance)",
        found.adjusted_rand,
        count(found.n_customers)
    )];
    let left_out = [(found.n_unassigned, "in no class"), (found.n_contradicted, "with several labels")];
    let left_out = left_out.into_iter().filter(|(n, _)| *n > 0);
    shown.extend(left_out.map(|(n, who)| format!("left out: {} {who}", count(n))));
    shown.push(String::new());
    let mut heads = vec![found.label.clone()];
    heads.extend(found.classes.iter().cloned());
    let mut numeric = vec![true; heads.len()];
    numeric[0] = false;
    let row = |(at, label): (usize, &String)| {
        let counts = found.counts.iter().map(|of_class| Some(count(of_class[at])));
        [Some(label.clone())].into_iter().chain(counts).collect()
    };
    let rows: Vec<Vec<Option<String>>> = found.labels.iter().enumerate().map(row).collect();
    shown.extend(table::lines(&heads, &numeric, &rows, width));
    shown
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
        let text = shown(&found, None);
        assert!(text[0].starts_with("adjusted Rand index 0.751 among 1,200 customers"), "{}", text[0]);
        assert_eq!(text[1], "left out: 3 in no class");
        assert_eq!(text[3], "type      one  two");
        assert_eq!(text[5], "families  600    0");
        assert_eq!(text[6], "sports     10  590");
    }
}
