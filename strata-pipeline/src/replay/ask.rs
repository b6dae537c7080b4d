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
    /// Whether it is measured of those who were in at the date before, wherever they are now.
    pub(crate) is_of_former: bool,
}

/// Something that is measured of members.
#[derive(Debug, Clone)]
pub(crate) enum Measure {
    /// A value of each.
    Value(Term),
    /// For which of them something holds: 1 where it does, 0 where it does not.
    Holds(Box<Condition>),
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
            is_of_former: false,
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
            is_of_former: false,
        }
    }
}

/// Reads what is asked: the name of a definition, or else a condition.
pub(super) async fn read(project: &Project, view: &View, ask: &Ask<'_>) -> Result<Asked> {
    let not_found = match find(project, ask.what) {
        Ok((target, _)) => {
            let (subject, tracked) = named(project, view, ask.what).await?;
            let sentence = match (&target, tracked.as_slice()) {
                (Target::Segment(segment), _) => segment.condition.sentence(),
                (_, [class]) => class.title.clone(),
                _ => target.header().title.clone(),
            };
            return Ok(Asked { subject, name: Some(ask.what.to_owned()), sentence, tracked });
        }
        Err(not_found) => not_found,
    };
    // A single word is a name that is not there, unless it is a truth of each subject.
    match condition(project, ask) {
        Err(_) if is_name(ask.what) => Err(not_found),
        asked => asked,
    }
}

/// A segment, a class, or all classes of a segmentation, and whom they are about.
pub(super) async fn named(project: &Project, view: &View, name: &str) -> Result<(Subject, Vec<Tracked>)> {
    let (target, class) = find(project, name)?;
    let tracked = match target {
        Target::Segment(segment) => vec![Tracked::segment(segment)],
        Target::Segmentation(segmentation) => {
            let mut tracked = classes(view, segmentation).await?;
            if let Some(class) = class {
                tracked.retain(|tracked| tracked.name == name);
                if tracked.is_empty() {
                    tracked.push(Tracked::class(segmentation, &class, class.clone()));
                }
            }
            tracked
        }
    };
    Ok((target.header().subject, tracked))
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
    let tracked = Tracked {
        name: text,
        title: sentence.clone(),
        is_in: condition,
        decided_by: None,
        measure: None,
        is_of_former: false,
    };
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
