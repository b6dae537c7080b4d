//! Who moved from which class to which since the last evaluation at an earlier instant, in every segmentation that anybody moved in.

use strata_spec::name::UNASSIGNED;

use super::super::data::{MigrationData, Move, ReportData};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::ask;
use crate::run::evaluated_before;

/// These are followed in any case and come first.
const FIRST: [&str; 4] = ["rfm", "journey", "clv_tier", "company_journey"];
/// So many are followed, those with the most movers.
const MOST: usize = 8;

/// Adds the migrations, where there are two dates to compare.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    let Some(before) = evaluated_before(view.engine(), &view.complete).await? else { return Ok(()) };
    let (from, to) = (before.as_of, view.complete.as_of);
    let local = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&project.timezone).naive_local();
    for name in followed(view).await? {
        let Some(segmentation) = data.segmentation(&name) else { continue };
        let rows = view.migration(&name, from, to).await?.rows(usize::MAX).await?;
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
        data.migrations.push(MigrationData {
            segmentation: name,
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

/// The names of the segmentations that are followed.
async fn followed(view: &View) -> Result<Vec<String>> {
    // Whoever moved has left a class since the run before, and the run has counted them.
    let query = "select segmentation, sum(n_left) as n from segment where segmentation is not null \
                 group by 1 having sum(n_left) > 0 order by n desc, segmentation";
    let moved = ask(view, "count who moved", query).await?;
    let mut names: Vec<String> = FIRST.map(str::to_owned).to_vec();
    let others =
        moved.iter().map(|row| row.text(0).to_owned()).filter(|name| !FIRST.contains(&name.as_str()));
    let n_first = moved.iter().filter(|row| FIRST.contains(&row.text(0))).count();
    names.extend(others.take(MOST.saturating_sub(n_first)));
    Ok(names)
}
