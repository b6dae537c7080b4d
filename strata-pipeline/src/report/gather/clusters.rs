//! The groups that segmentations are made of, with the titles of the traits that they were looked for in.

use super::super::data::{Feature, Groups, ReportData};
use crate::error::Result;
use crate::models::{self, Kind};
use crate::project::Project;
use crate::query::View;

/// Adds them; nothing where no segmentation is made of groups.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    for model in models::read(view).await? {
        let Kind::Clusters(found) = model.is else { continue };
        let features = found.features.iter().map(|name| feature(project, name)).collect();
        data.groups.push(Groups { score: model.name, subject: model.subject, found: *found, features });
    }
    Ok(())
}

/// What a trait is called: by its definition, by that of a score, or else by its name.
fn feature(project: &Project, name: &str) -> Feature {
    let definitions = &project.manifest.definitions;
    let known = definitions.traits.get(name);
    let score = definitions.scores.get(name).map(|score| &score.header.title);
    let title = known.map(|known| &known.header.title).or(score).filter(|title| !title.is_empty());
    Feature {
        name: name.to_owned(),
        title: title.map_or_else(|| name.to_owned(), Clone::clone),
        unit: known.and_then(|known| known.unit.clone()),
    }
}
