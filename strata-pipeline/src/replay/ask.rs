//! What is replayed, as conditions.

use strata_spec::condition::{At, Condition, Term};
use strata_spec::definition::{Classes, Segment, Segmentation};
use strata_spec::error::ErrorCode;
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::Ask;
use crate::error::{Error, Result};
use crate::preview::refused;
use crate::project::Project;
use crate::query::{View, quoted};
use crate::why::{Target, find};

/// What is asked, read.
pub(super) struct Asked {
    pub(super) subject: Subject,
    pub(super) name: Option<String>,
    pub(super) sentence: String,
    pub(super) tracked: Vec<Tracked>,
}

/// Something that subjects are in or not.
#[derive(Debug, Clone)]
pub(crate) struct Tracked {
    pub(crate) name: String,
    pub(crate) title: String,
    /// Who is in.
    pub(crate) is_in: Condition,
    /// Whose truth may be unknown, where that is another.
    pub(crate) decided_by: Option<Condition>,
    /// What is measured of those who are in.
    pub(crate) measure: Option<Measure>,
}

/// Something that is measured of members.
#[derive(Debug, Clone)]
pub(crate) enum Measure {
    /// A value of each.
    Value(Term),
    /// For which of them something holds: 1 where it does, 0 where it does not.
    Holds(Condition),
}

impl Tracked {
    /// A segment of the project.
    pub(crate) fn segment(segment: &Segment) -> Tracked {
        Tracked {
            name: segment.name.to_string(),
            title: segment.header.title.clone(),
            is_in: Condition::InSegment(segment.name.clone(), At::default()),
            decided_by: Some(segment.condition.clone()),
            measure: None,
        }
    }

    fn class(segmentation: &Segmentation, class: &str, title: String) -> Tracked {
        let name = segmentation.name.clone();
        Tracked {
            name: format!("{name}/{class}"),
            title,
            is_in: Condition::InClass { segmentation: name, class: class.to_owned(), at: At::default() },
            decided_by: None,
            measure: None,
        }
    }
}

/// Reads what is asked: the name of a definition, or else a condition.
pub(super) async fn read(project: &Project, view: &View, ask: &Ask<'_>) -> Result<Asked> {
    match find(project, ask.what) {
        Ok((Target::Segment(segment), _)) => Ok(Asked {
            subject: segment.header.subject,
            name: Some(segment.name.to_string()),
            sentence: segment.condition.sentence(),
            tracked: vec![Tracked::segment(segment)],
        }),
        Ok((Target::Segmentation(segmentation), class)) => {
            let mut tracked = classes(view, segmentation).await?;
            if let Some(class) = class {
                let name = format!("{}/{class}", segmentation.name);
                tracked.retain(|tracked| tracked.name == name);
                if tracked.is_empty() {
                    tracked.push(Tracked::class(segmentation, &class, class.clone()));
                }
            }
            let one = (tracked.len() == 1).then(|| tracked[0].title.clone());
            Ok(Asked {
                subject: segmentation.header.subject,
                name: Some(ask.what.to_owned()),
                sentence: one.unwrap_or_else(|| segmentation.header.title.clone()),
                tracked,
            })
        }
        // A single word is a name that is not there, unless it is a truth of each subject.
        Err(not_found) => match condition(project, ask) {
            Ok(asked) => Ok(asked),
            Err(_) if is_name(ask.what) => Err(not_found),
            Err(fault) => Err(fault),
        },
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|each| each.is_alphanumeric() || matches!(each, '_' | '-' | '/'))
}

fn condition(project: &Project, ask: &Ask<'_>) -> Result<Asked> {
    let manifest = &project.manifest;
    let condition = manifest.definitions.read_condition(ask.what, ask.subject, &manifest.properties);
    let condition = condition.map_err(|faults| refused(project, ask.what, faults))?;
    let text = condition.text(ask.subject);
    let sentence = condition.sentence();
    let tracked =
        Tracked { name: text, title: sentence.clone(), is_in: condition, decided_by: None, measure: None };
    Ok(Asked { subject: ask.subject, name: None, sentence, tracked: vec![tracked] })
}

/// The classes of a segmentation in their order; where each value is a class, those of the last run.
async fn classes(view: &View, segmentation: &Segmentation) -> Result<Vec<Tracked>> {
    match &segmentation.classes {
        Classes::Rules(classes) => {
            let classes = classes.iter().map(|class| (class.name.as_str(), class.title.clone()));
            let all = classes.chain([(UNASSIGNED, "Unassigned".to_owned())]);
            Ok(all.map(|(name, title)| Tracked::class(segmentation, name, title)).collect())
        }
        by @ Classes::By(_) => {
            let name = segmentation.name.as_str();
            let query = format!(
                "select segment from segment where segmentation = {} order by position",
                quoted(name)
            );
            let known = view.sql(&query).await?.rows(usize::MAX).await?;
            let names: Vec<&str> = known.cells.iter().filter_map(|row| row.first()?.as_deref()).collect();
            if names.is_empty() {
                return Err(Error::new(
                    ErrorCode::NotFound,
                    format!("the last run had no classes of `{name}`"),
                )
                .with_hint("each value is a class: `strata run` finds them"));
            }
            Ok(names.iter().map(|class| Tracked::class(segmentation, class, by.value_title(class))).collect())
        }
    }
}
