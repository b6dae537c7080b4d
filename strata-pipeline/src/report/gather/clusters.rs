//! The groups that segmentations are made of, with the titles of the traits that they were looked for in.

use super::super::data::{Feature, Groups, ReportData};
use super::portrait::OF_TABLES;
use crate::error::Result;
use crate::models::{self, Kind, Model};
use crate::project::Project;
use crate::query::View;

/// Adds them; nothing where no segmentation is made of groups.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    data.groups = groups(project, models::read(view).await?);
    Ok(())
}

/// The groups among what was fitted.
pub(super) fn groups(project: &Project, models: Vec<Model>) -> Vec<Groups> {
    let of = |model: Model| {
        let Kind::Clusters(found) = model.is else { return None };
        let is_of_layers = !found.layers.is_empty();
        let features = found.features.iter().map(|name| match is_of_layers {
            true => layer(project, name),
            false => feature(project, name),
        });
        let features = features.collect();
        Some(Groups { score: model.name, subject: model.subject, found: *found, features })
    };
    models.into_iter().filter_map(of).collect()
}

/// What a segmentation is called that groups were looked for in.
fn layer(project: &Project, name: &str) -> Feature {
    let known = project.manifest.definitions.segmentations.get(name);
    let title = known.map_or_else(|| name.replace('_', " "), |known| known.header.title.clone());
    Feature { name: name.to_owned(), title, unit: None }
}

/// What a trait is called: by its definition, by that of a score, as a column of a table, or else by its name.
fn feature(project: &Project, name: &str) -> Feature {
    let definitions = &project.manifest.definitions;
    let of_trait = definitions.traits.get(name).map(|known| (&*known.header.title, known.unit.as_deref()));
    let of_score = || definitions.scores.get(name).map(|known| (&*known.header.title, None));
    let of_table =
        || OF_TABLES.iter().find(|(column, ..)| *column == name).map(|(_, title, unit)| (*title, *unit));
    let known = of_trait.or_else(of_score).or_else(of_table).filter(|(title, _)| !title.is_empty());
    let (title, unit) = known.unwrap_or((name, None));
    Feature { name: name.to_owned(), title: title.to_owned(), unit: unit.map(str::to_owned) }
}
