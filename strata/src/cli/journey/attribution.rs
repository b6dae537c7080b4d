//! `strata journey attribution`: over which channels customers come to order.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::journey::{AttributionAsk, attribution};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;
use strata_pipeline::spec::error::ErrorCode;

use crate::cli::prose::wrapped;
use crate::cli::segments::{count, json, lines, percent};
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The column of events by which touches are told apart, as campaign or device; the channel unless given
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// How much time may lie between a touch and what follows it
    #[arg(long, value_name = "DURATION", default_value = "30 days")]
    within: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let asked = AttributionAsk { by: arguments.by.as_deref(), within: &arguments.within };
    let found = attribution(project, view, &asked).await?;
    if arguments.json {
        let found = serde_json::to_value(&found).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot write the attribution down").caused_by(error)
        })?;
        return json(&found);
    }
    let width = output::width();
    let day = found.since.with_timezone(&project.timezone).format("%Y-%m-%d");
    let about = format!(
        "{} of {} orders since {day} followed a touch within {} ({}); {} touches, {} paths without an order, {} open",
        count(found.n_converted),
        count(found.n_orders),
        arguments.within,
        percent(found.n_converted, found.n_orders),
        count(found.n_touches),
        count(found.n_lost),
        count(found.n_open),
    );
    lines(wrapped(&about, "", "  ", width))?;
    output::line("")?;
    let heads =
        [found.by.as_str(), "removal effect", "share", "orders", "first touch", "last touch", "linear"];
    let rows: Vec<Vec<Option<String>>> = found
        .channels
        .iter()
        .map(|credit| {
            let orders = |n: f64| Some(format!("{n:.1}"));
            vec![
                Some(credit.channel.clone()),
                Some(format!("{:.3}", credit.removal_effect)),
                Some(format!("{:.1} %", credit.share * 100.0)),
                orders(credit.orders),
                orders(credit.first_touch),
                orders(credit.last_touch),
                orders(credit.linear),
            ]
        })
        .collect();
    let numeric = [false, true, true, true, true, true, true];
    lines(table::lines(&heads.map(str::to_owned), &numeric, &rows, width))?;
    let about = format!(
        "This is {}: it says over what those came who ordered, not who would not have ordered without it. Only a group held back tells that. \
         orders: by removal effects in a Markov chain; first and last touch and linear (evenly over all touches) stand beside them.",
        found.caveat
    );
    lines(wrapped(&about, "", "", width))
}
