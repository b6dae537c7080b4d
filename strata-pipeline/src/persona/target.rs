//! Whom personas are written of.

use std::fmt;

use strata_spec::definition::{Definitions, Origin};
use strata_spec::error::ErrorCode;
use strata_spec::name::UNASSIGNED;
use strata_spec::persona::Stability;
use strata_spec::table::Subject;

use crate::error::{Error, Result};
use crate::models::{self, Kind};
use crate::overlap::Key;
use crate::project::Project;
use crate::query::ask::ask;
use crate::query::{View, quoted};
use crate::why::{Target as Named, find};

/// A segment or class with its members.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    /// The segmentation; none of a segment.
    pub(super) segmentation: Option<String>,
    /// The segment or class.
    pub(super) segment: String,
    /// How many members it has.
    pub(super) n_members: u64,
    /// Whether it would be found again, where it was found in data.
    pub(super) stability: Option<Stability>,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.segmentation {
            Some(segmentation) => write!(f, "{segmentation}/{}", self.segment),
            None => f.write_str(&self.segment),
        }
    }
}

impl Target {
    /// Under which its members are kept as a set.
    pub(super) fn key(&self) -> Key {
        Key { segmentation: self.segmentation.clone(), segment: self.segment.clone() }
    }
}

/// A class that has more classes beside it than this is a row of a list; of segments, each of which somebody has written, none is.
const MOST_CLASSES: usize = 30;
/// What is described where the project defines nothing itself.
const CUSTOMARY: &str = "rfm";

/// The segments and classes that are meant, the largest first within each segmentation; classes without members are left out.
pub(super) async fn all(project: &Project, view: &View, of: Option<&str>) -> Result<Vec<Target>> {
    let definitions = &project.manifest.definitions;
    let (names, class) = match of {
        Some(name) => {
            let (named, class) = find(project, name)?;
            if named.header().subject != Subject::Customers {
                let error = Error::new(ErrorCode::NotFound, format!("`{name}` is of companies"));
                return Err(error.with_hint("personas are of people: name a segment of customers"));
            }
            let segmentation = match named {
                Named::Segmentation(this) => Some(this.name.to_string()),
                Named::Segment(_) => None,
            };
            let segment = if segmentation.is_none() { Some(name.to_owned()) } else { class };
            (vec![segmentation], segment)
        }
        None => (own(definitions), None),
    };
    let mut targets = Vec::new();
    for segmentation in names {
        let place = match &segmentation {
            Some(name) => format!("segmentation = {}", quoted(name)),
            None => "segmentation is null".to_owned(),
        };
        let query = format!(
            "select segment, n_members from segment where subject = 'customers' and {place} and n_members > 0 \
             and segment <> '{UNASSIGNED}' order by n_members desc, segment"
        );
        let rows = ask(view, "list segments", &query).await?;
        if segmentation.is_some() && rows.len() > MOST_CLASSES && class.is_none() {
            continue;
        }
        let stability = match &segmentation {
            Some(name) => stability(view, name).await?,
            None => None,
        };
        let is_own = |name: &str| segmentation.is_some() || of.is_some() || is_of_project(definitions, name);
        for row in rows.iter().filter(|row| class.as_deref().is_none_or(|class| class == row.text(0))) {
            if is_own(row.text(0)) {
                targets.push(Target {
                    segmentation: segmentation.clone(),
                    segment: row.text(0).to_owned(),
                    n_members: row.count(1),
                    stability,
                });
            }
        }
    }
    if let (true, Some(name)) = (targets.is_empty(), of) {
        let error = Error::new(ErrorCode::NotFound, format!("nobody is in `{name}`"));
        return Err(error.with_hint("`strata segments list` shows which have members"));
    }
    Ok(targets)
}

/// The segmentations that a project defines, and its segments; where it defines neither, what is customary.
fn own(definitions: &Definitions) -> Vec<Option<String>> {
    let about = |header: &strata_spec::definition::Header| {
        header.origin == Origin::Project && header.subject == Subject::Customers
    };
    let segmentations = definitions.segmentations.iter().filter(|(_, this)| about(&this.header));
    let mut own: Vec<Option<String>> = segmentations.map(|(name, _)| Some(name.to_string())).collect();
    if definitions.segments.values().any(|this| about(&this.header)) {
        own.insert(0, None);
    }
    if own.is_empty() {
        own.extend(
            definitions
                .segmentations
                .keys()
                .any(|name| name.as_str() == CUSTOMARY)
                .then(|| Some(CUSTOMARY.to_owned())),
        );
    }
    own
}

fn is_of_project(definitions: &Definitions, segment: &str) -> bool {
    let found = definitions.segments.iter().find(|(name, _)| name.as_str() == segment);
    found.is_some_and(|(_, this)| this.header.origin == Origin::Project)
}

/// How stable the clusters are that a segmentation is made of.
async fn stability(view: &View, segmentation: &str) -> Result<Option<Stability>> {
    let of = |model: models::Model| match model.is {
        Kind::Clusters(found) if found.segmentation == segmentation => {
            let chosen = found.chosen()?;
            let jaccard = chosen.jaccard?;
            Some(Stability { jaccard, beats_chance: chosen.jaccard_null.map(|null| jaccard > null) })
        }
        _ => None,
    };
    Ok(models::read(view).await?.into_iter().find_map(of))
}
