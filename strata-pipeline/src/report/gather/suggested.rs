//! The segments that the run suggests, with the days of the search on the project's clocks.

use super::super::data::{ReportData, Suggested};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::suggest;

/// Adds them; nothing where no run has looked.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    let found = suggest::read(view).await?;
    let with_days = found.into_iter().map(|found| {
        let days = found.at.map(|at| at.map(|at| at.with_timezone(&project.timezone).date_naive()));
        Suggested { found, days }
    });
    data.suggested = with_days.collect();
    Ok(())
}
