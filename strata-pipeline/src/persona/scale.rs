//! Scales of questionnaires that personas and guidelines may speak of: those whose quality allows means of segments.

use std::collections::BTreeMap;

use strata_models::psychometrics::gate::Use;
use strata_spec::guideline::Domain;
use strata_spec::persona::Facet;
use strata_spec::survey::AspectsDimension;

use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::survey;

/// A scale of one of the project's surveys.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    /// The trait.
    pub(super) name: String,
    /// What it is of.
    pub(super) domain: Domain,
    /// The instrument's id.
    pub(super) instrument: String,
    /// The scale's id within it.
    pub(super) id: String,
    /// In a sentence: `price consciousness`.
    pub(super) label: String,
    /// The greatest score; none where scores are from each person's own average.
    pub(super) of: Option<f64>,
    /// How reliably it measures, 0 to 1.
    pub(super) reliability: f64,
}

impl Scale {
    /// The side of a customer that it shows; none of what is never told.
    pub(super) fn facet(&self) -> Option<Facet> {
        let Domain::Dimension(of) = self.domain else { return Some(Facet::Preferences) };
        match of {
            AspectsDimension::ConsciousNeeds => Some(Facet::Goals),
            AspectsDimension::PersonalInterests => Some(Facet::Preferences),
            AspectsDimension::Attitudes | AspectsDimension::SocialValues | AspectsDimension::Traits => {
                Some(Facet::Psychographics)
            }
            // How somebody felt once says nothing of who somebody is.
            AspectsDimension::Emotions => None,
        }
    }
}

/// The scales of the last run that hold up.
pub(super) async fn all(project: &Project, view: &View) -> Result<Vec<Scale>> {
    let mut scales = Vec::new();
    for measured in survey::read_back(view).await? {
        // A survey that the project asks no more has no traits.
        let Some(asked) =
            project.manifest.surveys.iter().find(|survey| survey.name.as_str() == measured.survey)
        else {
            continue;
        };
        let domain = Domain::of(&asked.instrument);
        let ids: BTreeMap<String, &str> =
            asked.scales().map(|(scale, name)| (name, scale.id.as_str())).collect();
        for scale in measured.scales.iter().filter(|scale| scale.usage != Use::Dropped) {
            let (Some((_, reliability)), Some(id)) = (scale.reliability(), ids.get(&scale.name)) else {
                continue;
            };
            let is_centred = scale.lowest < 0.0;
            scales.push(Scale {
                name: scale.name.clone(),
                domain,
                instrument: measured.instrument.clone(),
                id: (*id).to_owned(),
                label: lower_first(&scale.title),
                of: (!is_centred).then_some(scale.highest),
                reliability: reliability.clamp(0.0, 1.0),
            });
        }
    }
    Ok(scales)
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
