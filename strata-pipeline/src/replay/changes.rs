//! Who entered and who left between two dates.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringArray};
use strata_spec::error::ErrorCode;

use super::recall::{Knowledge, members_as_known_now};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::{Answer, View, instant, is_of};
use crate::why::find;

/// Who entered a segment or class after `from` and by `to`, and who left it, as rows: the subject's id, `change` (`entered` or
/// `left`), and `at`.
///
/// As it was known then, there is a row for each time that a run noted it, with the run's instant; who went on under another
/// version of the definition has neither entered nor left. As it is known now, there is one for each who was in at one of the
/// two dates and not at the other, and nothing is said of when.
///
/// # Errors
/// `NotFound` when there is no such segment or class; `InvalidDefinition` when the dates are not in order, or later than the
/// last run's.
pub async fn changes(
    project: &Project,
    view: &View,
    name: &str,
    [from, to]: [DateTime<Utc>; 2],
    knowledge: Knowledge,
) -> Result<Answer> {
    if from >= to {
        let message = "the first date must lie before the second";
        return Err(Error::new(ErrorCode::InvalidDefinition, message)
            .with_hint("as `--from 2026-01-01 --to 2026-04-01`"));
    }
    match knowledge {
        Knowledge::Then => noted(project, view, name, [from, to]).await,
        Knowledge::Now => {
            let (subject, before) = members_as_known_now(project, view, name, from).await?;
            let (_, after) = members_as_known_now(project, view, name, to).await?;
            let entered = after.difference(&before).map(|id| (id.as_str(), "entered"));
            let left = before.difference(&after).map(|id| (id.as_str(), "left"));
            let mut changes: Vec<(&str, &str)> = entered.chain(left).collect();
            changes.sort_unstable();
            let (ids, kinds): (Vec<&str>, Vec<&str>) = changes.into_iter().unzip();
            let columns: [(&str, ArrayRef); 2] = [
                (subject.id_column(), Arc::new(StringArray::from(ids))),
                ("change", Arc::new(StringArray::from(kinds))),
            ];
            let batch = RecordBatch::try_from_iter(columns);
            view.answer(batch.map_err(|error| {
                Error::new(ErrorCode::Internal, "cannot describe the changes").caused_by(error)
            })?)
        }
    }
}

async fn noted(project: &Project, view: &View, name: &str, [from, to]: [DateTime<Utc>; 2]) -> Result<Answer> {
    // A segment that is gone from the project has its memberships still.
    let subject = match find(project, name) {
        Ok((target, _)) => target.header().subject,
        Err(_) => view.subject_of(name).await?,
    };
    let (id, of) = (subject.id_column(), is_of(subject, name));
    let within = |time: &str| format!("m.{time} > {} and m.{time} <= {}", instant(from), instant(to));
    view.sql(&format!(
        "with stays as (select m.subject_id, m.entered_at, m.left_at from membership m where {of}), \
         moved as ( \
           select m.subject_id, 'entered' as change, m.entered_at as at from stays m where {} \
             and not exists (select 1 from stays b where b.subject_id = m.subject_id and b.left_at = m.entered_at) \
           union all \
           select m.subject_id, 'left' as change, m.left_at as at from stays m where {} \
             and not exists (select 1 from stays b where b.subject_id = m.subject_id and b.entered_at = m.left_at)) \
         select subject_id as {id}, change, at from moved order by at, change, subject_id",
        within("entered_at"),
        within("left_at"),
    ))
    .await
}
