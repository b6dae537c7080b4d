//! `strata check`: are the manifest and all definitions sound, and what did the last run refuse?

use std::path::Path;

use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::run::Session;
use strata_pipeline::{check, query};

use super::{Shape, output};

pub(super) async fn run(folder: &Path, session: Session) -> Result<(), Error> {
    let project = Project::open(folder)?;
    let sound = check::definitions(&project)?;
    output::line(format!(
        "{} sources with {} files, {} traits, {} scores, {} segmentations, {} segments: sound",
        sound.n_sources,
        sound.n_files,
        sound.n_traits,
        sound.n_scores,
        sound.n_segmentations,
        sound.n_segments
    ))?;
    if sound.n_examples > 0 {
        output::note(format!(
            "{} examples of segments are well-formed; they are not evaluated yet",
            sound.n_examples
        ));
    }
    for left_out in &sound.left_out {
        output::line(format!("left out: {} {}: {}", left_out.kind, left_out.name, left_out.reason))?;
    }
    let Ok(view) = query::open(&project, &session).await else {
        output::note("there has been no run yet, so nothing is known of the data; `strata run` makes one");
        return Ok(());
    };
    for (stage, summary) in &view.complete.summaries {
        for warning in &summary.warnings {
            output::line(format!("{stage}: {warning}"))?;
        }
    }
    output::line("")?;
    let refused = "select source, \"table\", reason, count(*) as n_rows, min(line) as first_line, min(file) as file \
                   from rejected group by 1, 2, 3 order by n_rows desc, reason limit 50";
    let rows = view.sql(refused).await?;
    output::rows(rows, Shape { json: false, csv: false }, None).await
}
