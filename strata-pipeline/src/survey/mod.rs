//! How well surveys measure: who answered, with what care, and what each scale may be used for.
//!
//! Scales are traits (`[surveys]` makes them), so that conditions, clusters and reports know them as any other. Here is what tells whether to
//! believe them. It is measured of the latest answers of each customer, without those who answered without care.

pub mod kano;
mod measure;
mod preference;
mod read;
mod standing;
pub mod states;
mod table;
mod uses;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use strata_models::psychometrics::careless::screening::Difference;
use strata_models::psychometrics::gate::Use;
use strata_spec::survey::{Content, FEWEST_OF_CELL};

use crate::error::Result;
use crate::project::Project;
use crate::query::View;

use standing::OWN;
pub use standing::{StandardScore, Standing};
pub use table::{RESPONDENT, SCALE, STANDARD_SCORE};
pub(crate) use table::{batches, read_back};
pub(crate) use uses::uses;
pub use uses::{FEWEST_LISTED, PSYCHOMETRIC_USE, may_be_listed};

/// What a survey's answers are worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyQuality {
    /// The survey.
    pub survey: String,
    /// The instrument, by its id.
    pub instrument: String,
    /// The instrument, for people.
    pub title: String,
    /// What it measures: one of the six dimensions of ASPECTS.
    pub dimension: String,
    /// Whether published studies support the instrument.
    pub is_validated: bool,
    /// Whom standard scores are held against: a file of norms, or the survey's own respondents; none where nothing is rated.
    #[serde(default)]
    pub reference: Option<String>,
    /// How many customers have answered any of it.
    pub n_respondents: usize,
    /// How many of them answered without care, and do not count below.
    pub n_careless: usize,
    /// Items that nobody has answered.
    pub unasked: Vec<String>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
    /// Its scales.
    pub scales: Vec<ScaleQuality>,
    /// What leaving careless people out changes.
    pub differences: Vec<Difference>,
}

impl SurveyQuality {
    /// Whom standard scores are held against, as a sentence; none where nothing is rated.
    pub fn reference_in_words(&self) -> Option<String> {
        let reference = self.reference.as_ref()?;
        let standings = || self.scales.iter().filter_map(|scale| scale.standing.as_ref());
        if standings().next().is_none() {
            return Some(format!("standard scores are held against {reference}"));
        }
        let mut said = vec![format!("standard scores are held against {reference}")];
        let most = |of: &dyn Fn(&Standing) -> usize| standings().map(of).max().filter(|n| *n > 0);
        if let Some(n) = most(&|standing| standing.n_unknown) {
            said.push(format!(
                "{n} respondents against everybody in it, since their gender or age is not known"
            ));
        }
        if let Some(n) = most(&|standing| standing.n_too_few) {
            said.push(format!(
                "{n} against everybody, since it has fewer than {FEWEST_OF_CELL} people like them"
            ));
        }
        let without = self.scales.iter().filter(|scale| scale.standing.is_none() && scale.n > 0);
        let without: Vec<&str> = without.map(|scale| scale.name.as_str()).collect();
        if !without.is_empty() {
            said.push(format!("{} against {OWN}, since it says nothing of them", without.join(", ")));
        }
        Some(said.join("; "))
    }

    /// What there is to see to, where a scale may not be used.
    pub fn warning(&self) -> Option<String> {
        let unusable = self.scales.iter().filter(|scale| scale.usage == Use::Dropped);
        let names: Vec<&str> = unusable.map(|scale| scale.name.as_str()).collect();
        (!names.is_empty()).then(|| {
            format!(
                "survey `{}`: {} of {} scales are not usable ({}): `strata survey quality` says why",
                self.survey,
                names.len(),
                self.scales.len(),
                names.join(", ")
            )
        })
    }
}

/// What a scale is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaleQuality {
    /// The trait.
    pub name: String,
    /// For people.
    pub title: String,
    /// What people with low scores are like.
    pub low_label: Option<String>,
    /// What people with high scores are like.
    pub high_label: Option<String>,
    /// How many items it has.
    pub n_items: usize,
    /// How many of those who answered with care have a score.
    pub n: usize,
    /// Their mean.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub deviation: Option<f64>,
    /// The least score there can be.
    pub lowest: f64,
    /// The greatest score there can be.
    pub highest: f64,
    /// Cronbach's alpha.
    pub alpha: Option<f64>,
    /// McDonald's total omega.
    pub omega: Option<f64>,
    /// The Spearman-Brown coefficient of two items.
    pub spearman_brown: Option<f64>,
    /// The item that agrees least with the others, and how much.
    pub weakest: Option<(String, f64)>,
    /// Where respondents stand against norms; none where they are the reference themselves.
    #[serde(default)]
    pub standing: Option<Standing>,
    /// What it may be used for.
    pub usage: Use,
    /// Why, sentence by sentence.
    pub reasons: Vec<String>,
}

impl ScaleQuality {
    /// What it may be used for, in words.
    pub fn verdict(&self) -> &'static str {
        match self.usage {
            Use::Usable => "usable",
            Use::SegmentMeansOnly => "means of segments only",
            Use::Dropped => "not usable",
        }
    }

    /// How far its items agree: omega, or what stands for it.
    pub fn reliability(&self) -> Option<(&'static str, f64)> {
        let named = [("omega", self.omega), ("alpha", self.alpha)];
        let pair = self.spearman_brown.filter(|_| self.n_items == 2).map(|r| ("Spearman-Brown", r));
        pair.or_else(|| named.into_iter().find_map(|(name, value)| Some((name, value?))))
    }
}

/// Somebody who answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Respondent {
    /// The customer.
    pub customer_id: String,
    /// The survey.
    pub survey: String,
    /// How many items they have answered.
    pub n_answered: usize,
    /// Whether they answered without care.
    pub is_careless: bool,
    /// What speaks against their answers, in words.
    pub signs: Vec<String>,
    /// Their standard scores on rated scales, where they are adults who answered with care.
    pub standard: Vec<StandardScore>,
}

/// Measures every survey of the project at the view's run.
///
/// # Errors
/// When a table cannot be read.
pub async fn quality(project: &Project, view: &View) -> Result<(Vec<SurveyQuality>, Vec<Respondent>)> {
    let (mut all, mut respondents) = (Vec::new(), Vec::new());
    for survey in &project.manifest.surveys {
        let seed = project.manifest.seed;
        let (quality, of_survey) = match &survey.instrument.content {
            Content::Rating(_) => {
                let answers = read::answers(view, survey).await?;
                let people = match answers.customers.is_empty() {
                    true => HashMap::new(),
                    false => standing::people(view, survey).await?,
                };
                measure::measure(survey, answers, people, seed).await?
            }
            Content::BestWorst { best_worst, .. } => {
                let chosen = read::choices(view, survey, &preference::items(best_worst)).await?;
                preference::measure(survey, best_worst, chosen, seed).await?
            }
            // Kinds of features lie on no scale.
            Content::Kano(_) => continue,
        };
        all.push(quality);
        respondents.extend(of_survey);
    }
    Ok((all, respondents))
}
