//! `strata check`: are the manifest and all definitions sound, how good is the data, and what did the last run refuse?

use std::path::{Path, PathBuf};

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::quality::{self, Quality};
use strata_pipeline::query::View;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::{check, example, meter, query};

use super::{Shape, output};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Show how much of what is known to be wrong was found: the folder `truth` that `strata demo` writes
    #[arg(long, value_name = "DIR")]
    truth: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

/// So many findings about segments are told.
const FINDINGS_SHOWN: usize = 5;
/// So many columns with something wrong are shown as a table.
const COLUMNS_SHOWN: usize = 40;

pub(super) async fn run(folder: &Path, session: Session, arguments: Arguments) -> Result<(), Error> {
    let project = Project::open(folder)?;
    if let Some(truth) = &arguments.truth {
        let view = query::open(&project, &session).await?;
        let recovery = quality::recovery(&view, &project, truth).await?;
        return output::rows(quality::recovery_rows(&view, &recovery)?, arguments.shape, None).await;
    }
    let sound = check::definitions(&project)?;
    let n_examples = example::evaluate(&project).await?;
    if arguments.shape.json || arguments.shape.csv {
        let view = query::open(&project, &session).await?;
        let quality = quality::measure(&view, &project).await?;
        return output::rows(quality::rows(&view, &quality.columns)?, arguments.shape, None).await;
    }
    output::line(format!(
        "{} sources with {} files, {} traits, {} scores, {} segmentations, {} segments: sound",
        sound.n_sources,
        sound.n_files,
        sound.n_traits,
        sound.n_scores,
        sound.n_segmentations,
        sound.n_segments
    ))?;
    for (market, n_rows) in &sound.markets {
        output::line(format!("market {market}: {n_rows} rows"))?;
    }
    if n_examples > 0 {
        let examples = if n_examples == 1 { "example" } else { "examples" };
        output::line(format!("{n_examples} {examples} of segments: as expected"))?;
    }
    if let Some(file) = &project.manifest.personas.guidelines {
        let n_rules = project.guidelines.rules.len();
        output::line(format!("guidelines: {n_rules} rules, those of {file} and the shipped ones: sound"))?;
    }
    for left_out in &sound.left_out {
        output::line(format!("left out: {} {}: {}", left_out.kind, left_out.name, left_out.reason))?;
    }
    let view = match query::open(&project, &session).await {
        Ok(view) => view,
        Err(error) if error.code() == ErrorCode::NotFound => {
            output::note(
                "there has been no run yet, so nothing is known of the data; `strata run` makes one",
            );
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for (stage, summary) in &view.complete.summaries {
        for warning in &summary.warnings {
            output::line(format!("{stage}: {warning}"))?;
        }
    }
    let quality = quality::measure(&view, &project).await?;
    columns(&view, &quality).await?;
    others(&quality)?;
    over_segmented(&project, &view).await?;
    output::line("")?;
    let refused = "select source, \"table\", reason, count(*) as n_rows, min(line) as first_line, min(file) as file \
                   from rejected group by 1, 2, 3 order by n_rows desc, reason limit 50";
    let rows = view.sql(refused).await?;
    output::rows(rows, Shape { json: false, csv: false }, None).await
}

/// The columns that something is wrong with.
async fn columns(view: &View, quality: &Quality) -> Result<(), Error> {
    let faulty = quality.faulty();
    output::line("")?;
    output::line(format!(
        "{} of {} columns have something wrong, the least usable first",
        faulty.len(),
        quality.columns.len()
    ))?;
    if faulty.is_empty() {
        return Ok(());
    }
    let rows = quality::rows(view, &faulty)?;
    output::rows(rows, Shape { json: false, csv: false }, Some(COLUMNS_SHOWN)).await
}

/// The worst that the meter found.
async fn over_segmented(project: &Project, view: &View) -> Result<(), Error> {
    // A run from before there was a meter has nothing to say.
    if !view.complete.tables.contains_key(meter::METER) {
        return Ok(());
    }
    let all = meter::overview(meter::read(view).await?);
    let worst = meter::worst(&all, &project.manifest.definitions);
    if worst.is_empty() {
        return Ok(());
    }
    output::line("")?;
    for sentence in worst.iter().take(FINDINGS_SHOWN) {
        output::line(sentence)?;
    }
    match worst.len().checked_sub(FINDINGS_SHOWN) {
        None | Some(0) => output::line("`strata segments meter` says why"),
        Some(more) => output::line(format!("{more} more; `strata segments meter` says why")),
    }
}

/// What is flagged, and what the gaps cost.
fn others(quality: &Quality) -> Result<(), Error> {
    for flagged in &quality.flagged {
        output::line(format!("{}: {} of {} rows", flagged.what, flagged.n, flagged.n_of))?;
    }
    for layer in &quality.layers {
        for gap in &layer.gaps {
            output::line(format!(
                "{}: {} is missing for {:.0} %: {:.0} % are in no class of “{}”",
                layer.layer.as_str(),
                gap.what,
                gap.missing * 100.0,
                gap.unassigned * 100.0,
                gap.segmentation
            ))?;
        }
    }
    Ok(())
}
