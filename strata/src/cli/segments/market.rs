//! `strata segments market`: customers held against the market.

use clap::Args;
use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::market::{self, Division, MarketIndex};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{count, json, lines};
use crate::cli::prose::wrapped;
use crate::cli::{Shape, output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Segmentations and segments; all unless given
    names: Vec<String>,
    /// How many classes of a segmentation are shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let markets = market::only(market::read(view).await?, &arguments.names)?;
    if arguments.shape.json {
        return json(&Value::Array(markets.iter().map(MarketIndex::json).collect()));
    }
    if arguments.shape.csv {
        return output::rows(market::rows(view, &arguments.names).await?, arguments.shape, None).await;
    }
    let at = view.complete.as_of.with_timezone(&project.timezone);
    output::note(format!("the run as of {}", at.format("%Y-%m-%d %H:%M %Z")));
    let width = output::width();
    for (place, market) in markets.iter().enumerate() {
        if place > 0 {
            output::line("")?;
        }
        show(market, arguments.limit, width)?;
    }
    Ok(())
}

fn show(market: &MarketIndex, limit: usize, width: Option<usize>) -> Result<(), Error> {
    let of = if market.n_rows == 1 { "row" } else { "rows" };
    let stand_for = whole(market.n_market);
    output::line(format!("market {}: {stand_for} in {} {of}", market.name, count(market.n_rows)))?;
    let (segments, segmentations): (Vec<&Division>, Vec<&Division>) =
        market.divisions.iter().partition(|division| division.is_segment);
    for division in segmentations {
        output::line("")?;
        let mut rows = rows(division);
        let n_classes = rows.len();
        rows.truncate(limit);
        if division.unassigned.n_market > 0.0 || division.unassigned.n_customers > 0.0 {
            rows.push(unassigned(division));
        }
        lines(table::lines(&heads(market, &division.name), &NUMERIC, &rows, width))?;
        if n_classes > limit {
            output::line(format!("({} more classes: --limit, or --json for all)", n_classes - limit))?;
        }
    }
    if !segments.is_empty() {
        output::line("")?;
        let rows: Vec<Cells> = segments.into_iter().flat_map(rows).collect();
        lines(table::lines(&heads(market, "segment"), &NUMERIC, &rows, width))?;
    }
    let told = market::sentences(market);
    if !told.is_empty() {
        output::line("")?;
        for sentence in told {
            lines(wrapped(&sentence, "", "  ", width))?;
        }
    }
    if !market.left_out.is_empty() {
        output::line("")?;
        for (reason, names) in market.left_out_by_reason() {
            lines(wrapped(&format!("left out, {reason}: {}", names.join(", ")), "", "  ", width))?;
        }
    }
    Ok(())
}

type Cells = Vec<Option<String>>;

/// The columns that hold numbers.
const NUMERIC: [bool; 7] = [false, true, true, true, true, true, true];

fn heads(market: &MarketIndex, of: &str) -> [String; 7] {
    [of, "market", market.subject.as_str(), "index", "95 %", "reached", "potential"].map(str::to_owned)
}

fn rows(division: &Division) -> Vec<Cells> {
    let row = |class: &market::Class| {
        let measures = division.measures(class);
        vec![
            Some(class.name.clone()),
            Some(whole(class.counts.n_market)),
            Some(whole(class.counts.n_customers)),
            measures.index.map(|index| format!("{index:.0}")),
            measures.index_range.map(|(low, high)| format!("{low:.0}–{high:.0}")),
            measures.penetration.map(market::percent),
            measures.n_potential.map(whole),
        ]
    };
    let is_empty = |class: &&market::Class| class.counts == market::Counts::default();
    division.classes.iter().filter(|class| !is_empty(class)).map(row).collect()
}

fn unassigned(division: &Division) -> Cells {
    let counts = division.unassigned;
    let mut row = vec![None; NUMERIC.len()];
    row[..3].clone_from_slice(
        &["unassigned".to_owned(), whole(counts.n_market), whole(counts.n_customers)].map(Some),
    );
    row
}

/// A number of people, rounded to a whole one.
fn whole(number: f64) -> String {
    count(number.round().max(0.0) as u64)
}
