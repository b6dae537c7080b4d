//! What has changed beyond the usual since earlier runs, named as readers know it.

use std::collections::BTreeMap;

use strata_spec::table::Subject;

use super::super::data::ReportData;
use crate::drift::{self, Ask, Kind};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;

/// Adds what has drifted, and changes of life.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    let titles = titles(data);
    let traits = &project.manifest.definitions.traits;
    let mut found = drift::drift(view, &Ask::default()).await?;
    for row in &mut found.rows {
        let title = match row.kind {
            Kind::Share => titles.get(&(row.subject, row.name.clone())),
            Kind::Psi => traits.get(row.name.as_str()).map(|known| &known.header.title),
        };
        if let Some(title) = title.filter(|title| !title.is_empty()) {
            row.name.clone_from(title);
        }
    }
    data.drift = Some(found);
    let mut changes = drift::life_changes(view, &Ask::default()).await?;
    for property in &mut changes.properties {
        for each in &mut property.moves {
            if let Some(title) = titles.get(&(property.subject, each.segment.clone())) {
                each.segment.clone_from(title);
            }
        }
    }
    data.life_changes = Some(changes);
    Ok(())
}

/// What classes and segments are called.
fn titles(data: &ReportData) -> BTreeMap<(Subject, String), String> {
    let classes = data.segmentations.iter().flat_map(|segmentation| {
        segmentation.classes.iter().map(|class| {
            let name = format!("{}/{}", segmentation.name, class.name);
            ((segmentation.subject, name), format!("{}: {}", segmentation.title, class.label().0))
        })
    });
    let segments =
        data.segments.iter().map(|segment| ((segment.subject, segment.name.clone()), segment.title.clone()));
    classes.chain(segments).collect()
}
