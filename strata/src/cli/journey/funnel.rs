//! `strata journey funnel`: steps in their order, and where customers drop off.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::journey::{FunnelAsk, FunnelStep, funnel};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;
use strata_pipeline::spec::error::ErrorCode;

use crate::cli::prose::wrapped;
use crate::cli::segments::{count, json, lines};
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The steps in their order: each the name of an event, a condition on events, `orders` for an order, or step(orders, amount >= 50)
    #[arg(required = true, value_name = "STEP")]
    steps: Vec<String>,
    /// In which time after the first step the others have to come
    #[arg(long, value_name = "DURATION", default_value = "30 days")]
    within: String,
    /// Tell the classes of a segmentation of customers apart, as rfm
    #[arg(long, value_name = "SEGMENTATION")]
    by: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let asked = FunnelAsk { steps: &arguments.steps, within: &arguments.within, by: arguments.by.as_deref() };
    let found = funnel(project, view, &asked).await?;
    if arguments.json {
        let found = serde_json::to_value(&found).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot write the funnel down").caused_by(error)
        })?;
        return json(&found);
    }
    let width = output::width();
    let about = format!(
        "{} customers; each counts once, by the furthest that any beginning leads within {}",
        count(found.n_customers),
        arguments.within
    );
    lines(wrapped(&about, "", "  ", width))?;
    output::line("")?;
    let mut heads = vec![
        "step",
        "customers",
        "of the step before",
        "at least",
        "at most",
        "of the first",
        "dropped off",
        "after",
    ];
    let mut numeric = vec![false, true, true, true, true, true, true, true];
    let mut rows: Vec<Vec<Option<String>>> = found.steps.iter().map(row).collect();
    if let Some(by) = &arguments.by {
        heads.insert(0, by);
        numeric.insert(0, false);
        rows.iter_mut().for_each(|row| row.insert(0, Some("(all)".to_owned())));
        for class in found.classes.iter().filter(|class| class.n_customers > 0) {
            rows.extend(class.steps.iter().enumerate().map(|(place, step)| {
                let name = (place == 0).then(|| class.class.clone());
                [name].into_iter().chain(row(step)).collect()
            }));
        }
    }
    let heads: Vec<String> = heads.into_iter().map(str::to_owned).collect();
    lines(table::lines(&heads, &numeric, &rows, width))?;
    let about = "of the step before: of the first step, of all customers; at least and at most: between these the share lies with 95 % confidence (Wilson); \
                 after: the median time from the step before";
    lines(wrapped(about, "", "", width))
}

fn row(step: &FunnelStep) -> Vec<Option<String>> {
    let part = |share: Option<f64>| share.map(|share| format!("{:.1} %", share * 100.0));
    vec![
        Some(step.step.clone()),
        Some(count(step.n)),
        part(step.conversion),
        part(step.conversion_interval.map(|(low, _)| low)),
        part(step.conversion_interval.map(|(_, high)| high)),
        part(step.conversion_from_first),
        Some(count(step.n_dropped)),
        step.median_days.map(length),
    ]
}

/// A length of time in the unit that tells it.
fn length(days: f64) -> String {
    match days {
        days if days < 1.0 / 24.0 => format!("{:.0} min", days * 24.0 * 60.0),
        days if days < 2.0 => format!("{:.1} h", days * 24.0),
        days => format!("{days:.1} d"),
    }
}
