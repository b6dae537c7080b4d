//! Who moved from which class to which since the last evaluation at an earlier instant.

use strata_spec::name::UNASSIGNED;

use super::super::data::{MigrationData, Move, ReportData};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::run::evaluated_before;

/// The segmentations that are followed, the most telling first.
const FOLLOWED: [&str; 4] = ["rfm", "journey", "clv_tier", "company_journey"];

/// Adds the migrations, where there are two dates to compare.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    let Some(before) = evaluated_before(view.engine(), &view.complete).await? else { return Ok(()) };
    let (from, to) = (before.as_of, view.complete.as_of);
    let local = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&project.timezone).naive_local();
    for name in FOLLOWED {
        let Some(segmentation) = data.segmentation(name) else { continue };
        let rows = view.migration(name, from, to).await?.rows(usize::MAX).await?;
        let mut moves = Vec::new();
        for row in &rows.cells {
            let [from, to, n, _, revenue] = row.as_slice() else { continue };
            moves.push(Move {
                from: from.clone(),
                to: to.clone(),
                n: n.as_deref().and_then(|n| n.parse().ok()).unwrap_or(0),
                revenue: revenue.as_deref().and_then(|sum| sum.parse().ok()),
            });
        }
        // Whoever was not on file or not yet divided came from nowhere: with nobody else there is nothing to follow.
        if !moves.iter().any(|each| each.from.is_some()) {
            continue;
        }
        let anyone = |name: &str| {
            moves.iter().any(|each| each.from.as_deref() == Some(name) || each.to.as_deref() == Some(name))
        };
        let shown =
            segmentation.classes.iter().filter(|class| class.name != UNASSIGNED || anyone(&class.name));
        let classes = shown.map(|class| (class.name.clone(), class.title.clone())).collect();
        let (title, subject) = (segmentation.title.clone(), segmentation.subject);
        let segmentation = name.to_owned();
        data.migrations.push(MigrationData {
            segmentation,
            title,
            subject,
            from: local(from),
            to: local(to),
            classes,
            moves,
        });
    }
    Ok(())
}
