//! What a run looks for of itself: what the goals of segments state, or who buys again where no goal states a figure.
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

/// Suggests segments for each goal that the project states.
///
/// # Errors
/// When a table cannot be read. That a goal cannot be looked at is no error but an answer.
pub(crate) async fn look(project: &Project, view: &View) -> Result<Vec<Looked>> {
    let mut all = Vec::new();
    for stated in stated(project) {
        let subject = stated.ask.subject;
        if !view.complete.tables.contains_key(subject.profile_table()) {
            continue;
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
        all.push(Looked::of(&stated.ask, stated.segment, stated.title, found));
    }
    Ok(all)
}

/// The goals of segments that have figures, in the order of the segments' names.
fn stated(project: &Project) -> Vec<Stated> {
    let segments = project.manifest.definitions.segments.values();
    let stated: Vec<Stated> = segments.filter_map(of_segment).take(MOST_GOALS).collect();
    if !stated.is_empty() {
        return stated;
    }
    let subject = Subject::Customers;
    let has_orders = Mapped::of(&project.manifest).has(Table::Orders, subject.id_column());
    let ask = Ask { goal: "repeat_purchase".to_owned(), subject, ..Ask::default() };
    has_orders.then_some(Stated { segment: None, title: None, ask }).into_iter().collect()
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
