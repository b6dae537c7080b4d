//! What a run looks for of itself: what the goals of segments state, or who buys again where no goal states a figure that can be looked at.
//!
//! This belongs to a run and not to whoever reads it: a search takes as long as a good part of a small run, and a report is to be there
//! at once.

use std::error::Error as _;

use strata_spec::definition::{Metric, Segment};
use strata_spec::error::ErrorCode;
use strata_spec::table::{Subject, Table};

use super::table::Looked;
use super::{Ask, suggest};
use crate::compile::Mapped;
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::ask as ask_lake;

/// So many goals are looked at. Each costs a search.
const MOST_GOALS: usize = 3;
/// With fewer subjects there cannot be enough in both halves.
const FEWEST_SUBJECTS: u64 = 100;

/// A goal that is looked at of itself.
struct Stated {
    /// Whose goal it is.
    segment: Option<String>,
    /// What it is called, where that is not for the goal to say.
    title: Option<String>,
    ask: Ask,
}

/// Suggests segments for each goal that the project states, and for buying again where none is stated or none can be looked at.
///
/// # Errors
/// When a table cannot be read. That a goal cannot be looked at is no error but an answer.
pub(crate) async fn look(project: &Project, view: &View) -> Result<Vec<Looked>> {
    let segments = project.manifest.definitions.segments.values();
    let mut all = Vec::new();
    for stated in segments.filter_map(of_segment).take(MOST_GOALS) {
        all.extend(look_at(project, view, stated).await?);
    }
    if all.iter().all(|looked| looked.reason.is_some()) {
        let has_orders = Mapped::of(&project.manifest).has(Table::Orders, Subject::Customers.id_column());
        if has_orders {
            // What was found comes first.
            all.splice(0..0, look_at(project, view, repeat_purchase()).await?);
        }
    }
    Ok(all)
}

/// Looks at one goal; nothing where the run knew nobody whom it is about.
async fn look_at(project: &Project, view: &View, stated: Stated) -> Result<Option<Looked>> {
    let subject = stated.ask.subject;
    if !view.complete.tables.contains_key(subject.profile_table()) {
        return Ok(None);
    }
    let query = format!("select count(*) from {}", subject.profile_table());
    let n = ask_lake(view, "count who is known", &query).await?.first().map_or(0, |row| row.count(0));
    let found = match n {
        n if n < FEWEST_SUBJECTS => {
            Err(format!("{n} {subject} are known, and it takes {FEWEST_SUBJECTS} at the least"))
        }
        _ => match suggest(project, view, &stated.ask).await {
            Ok(found) => Ok(found),
            // What the data does not let be asked is worth telling; anything else is a failure.
            Err(error) if matches!(error.code(), ErrorCode::InvalidDefinition | ErrorCode::NotFound) => {
                let cause = error.source().map(|cause| format!(": {cause}"));
                Err(format!("{error}{}", cause.unwrap_or_default()))
            }
            Err(error) => return Err(error),
        },
    };
    Ok(Some(Looked::of(&stated.ask, stated.segment, stated.title, found)))
}

fn repeat_purchase() -> Stated {
    let ask = Ask { goal: "repeat_purchase".to_owned(), subject: Subject::Customers, ..Ask::default() };
    Stated { segment: None, title: None, ask }
}

/// Who comes into a segment that is to grow or shrink; of the members of one whose figure is to move, for whom the figure is high.
fn of_segment(segment: &Segment) -> Option<Stated> {
    let goal = segment.goal.as_ref()?;
    let target = goal.target.as_ref()?;
    let (name, title) = (segment.name.as_str(), segment.header.title.as_str());
    let member = format!("in_segment('{name}')");
    let (text, among, title) = match &target.metric {
        Metric::Members | Metric::Share => {
            let title = if title.is_empty() { name } else { title };
            (member.clone(), format!("not {member}"), format!("will be in “{title}”"))
        }
        Metric::Mean(_) | Metric::Holds(_) => {
            (target.metric_text.clone(), member, format!("{}: {}", goal.title, target.metric_text))
        }
    };
    let ask = Ask { goal: text, subject: segment.header.subject, among: Some(among), ..Ask::default() };
    Some(Stated { segment: Some(name.to_owned()), title: Some(title), ask })
}
