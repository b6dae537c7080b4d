//! The segmentations of which types are told: those of the psychometric layer that hang on scales of surveys and on nothing else.

use std::collections::BTreeSet;

use strata_spec::condition::references::Reference;
use strata_spec::definition::{Classes, Definitions, Layer, Scoring};
use strata_spec::manifest::{Manifest, Survey};
use strata_spec::table::Subject;

/// A segmentation that surveys decide.
pub(super) struct Asked<'a> {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) surveys: Vec<&'a Survey>,
}

pub(super) fn all(manifest: &Manifest) -> Vec<Asked<'_>> {
    let customers = manifest.definitions.segmentations.values().filter(|segmentation| {
        segmentation.header.layer == Layer::Psychometric && segmentation.header.subject == Subject::Customers
    });
    customers
        .filter_map(|segmentation| {
            let traits = traits_of(&manifest.definitions, &segmentation.classes);
            let mut asked = Asked {
                name: segmentation.name.to_string(),
                title: segmentation.header.title.clone(),
                surveys: Vec::new(),
            };
            let mut n_scales = 0;
            // Few questions tell a type where each is rated: choices among appeals count together only.
            for survey in manifest.surveys.iter().filter(|survey| survey.rating().is_some()) {
                let n_of_survey = survey.scales().filter(|(_, name)| traits.contains(name)).count();
                if n_of_survey > 0 {
                    n_scales += n_of_survey;
                    asked.surveys.push(survey);
                }
            }
            (n_scales > 0 && n_scales == traits.len()).then_some(asked)
        })
        .collect()
}

/// The traits and columns that classes hang on in the end: not the scores between, nor the segmentations.
fn traits_of(definitions: &Definitions, classes: &Classes) -> BTreeSet<String> {
    let references = match classes {
        Classes::By(term) => term.references(),
        Classes::Rules(classes) => classes.iter().flat_map(|class| class.condition.references()).collect(),
    };
    let mut found = BTreeSet::new();
    for (reference, _) in references {
        let name = match reference {
            Reference::Subject(name) | Reference::Property(name) => name,
            Reference::Row(table, column) => format!("{table}.{column}"),
            Reference::Company(column) => format!("company.{column}"),
            Reference::Segment(name) => name.to_string(),
            Reference::Class(name, _) | Reference::Segmentation(name) => name.to_string(),
            Reference::Rows(_) | Reference::Ranked(_) | Reference::Country(_) => continue,
        };
        match definitions.scores.get(name.as_str()).map(|score| &score.how) {
            Some(Scoring::Clusters(clusters)) if clusters.layers.is_empty() => {
                found.extend(clusters.features.iter().cloned());
            }
            Some(Scoring::Rank { by, .. }) => drop(found.insert(by.clone())),
            // What nothing is known of, or a column: it is no scale, and that is all that matters.
            _ => drop(found.insert(name)),
        }
    }
    found
}
