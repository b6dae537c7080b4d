//! What the data cannot support, and what is missing for it.

use super::super::data::{LeftOut, ReportData};
use crate::project::Project;
use crate::query::View;

pub(super) fn gather(view: &View, project: &Project, data: &mut ReportData) {
    let facts = view.complete.summaries.get("profile").and_then(|summary| summary.facts.get("left_out"));
    let Some(all) = facts.and_then(|facts| facts.as_object()) else { return };
    for (name, reason) in all {
        let Some(segmentation) = project.manifest.definitions.segmentations.get(name.as_str()) else {
            data.n_figures_left_out += 1;
            continue;
        };
        data.left_out.push(LeftOut {
            title: segmentation.header.title.clone(),
            layer: segmentation.header.layer,
            reason: root(reason.as_str().unwrap_or_default()).to_owned(),
        });
    }
    data.left_out.sort_by(|a, b| (a.layer, &a.title).cmp(&(b.layer, &b.title)));
}

/// Where a chain of reasons ends: `it uses this: it uses that: no source maps customers.birth_date`.
fn root(reason: &str) -> &str {
    reason.rsplit(": ").next().unwrap_or(reason)
}
