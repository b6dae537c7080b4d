//! What answers are used for: every score, segmentation and segment that hangs on a scale, as the rows of the table `psychometric_use`.
//!
//! A run writes it anew, and the lake keeps what earlier runs wrote: who asks later what a scale was used for finds it there.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringArray};
use strata_spec::error::ErrorCode;

use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::ask::ask;
use crate::query::{View, quoted};
use crate::usage::{self, Usage, User};

/// The table of uses: a row for each scale and definition.
pub const PSYCHOMETRIC_USE: &str = "psychometric_use";

/// A list of fewer people would tell what few have answered.
pub const FEWEST_LISTED: usize = 10;

/// Refuses to list so few members of a segment or of a class written `segmentation/class`, where it hangs on what they have answered.
///
/// # Errors
/// `InvalidDefinition` where the list would tell what few people have answered; and when the table cannot be read.
pub async fn may_be_listed(view: &View, name: &str, n_members: usize) -> Result<()> {
    if n_members == 0 || n_members >= FEWEST_LISTED || !view.complete.tables.contains_key(PSYCHOMETRIC_USE) {
        return Ok(());
    }
    let of = name.split('/').next().unwrap_or(name);
    let query = format!(
        "select min(scale) from {PSYCHOMETRIC_USE} where kind in ('segment', 'segmentation') and name = {}",
        quoted(of)
    );
    let rows = ask(view, "look up what answers are used for", &query).await?;
    let Some(scale) = rows.first().and_then(|row| row.maybe(0)) else { return Ok(()) };
    let message = format!(
        "`{name}` has {n_members} members and hangs on `{scale}`: a list would tell what few people have answered"
    );
    Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(format!(
        "lists of what people answered have {FEWEST_LISTED} members or more; widen the definition"
    )))
}

/// The rows of the table.
pub(crate) fn uses(project: &Project, run_id: &str) -> Result<RecordBatch> {
    let surveys = &project.manifest.surveys;
    let scales: Vec<(String, String)> = surveys
        .iter()
        .flat_map(|survey| survey.traits().into_iter().map(|told| (survey.name.to_string(), told)))
        .collect();
    let usages = usage::of_traits(project, scales.iter().map(|(_, scale)| scale.clone()))?;
    let own = scales.iter().map(|(survey, _)| survey).zip(&usages);
    // A trait, such as whether a survey was answered, is no use yet: what hangs on it is.
    let rows: Vec<(&String, &Usage, &User)> = own
        .flat_map(|(survey, usage)| usage.users.iter().map(move |user| (survey, usage, user)))
        .filter(|(_, _, user)| user.definition.kind != "trait" && !user.is_left_out)
        .collect();
    let texts = |of: &dyn Fn(&String, &Usage, &User) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|(survey, usage, user)| of(survey, usage, user)).collect::<StringArray>())
    };
    let columns = [
        ("survey", texts(&|survey, _, _| Some(survey.clone()))),
        ("scale", texts(&|_, usage, _| Some(usage.of.name.clone()))),
        ("kind", texts(&|_, _, user| Some(user.definition.kind.to_owned()))),
        ("name", texts(&|_, _, user| Some(user.definition.name.clone()))),
        ("title", texts(&|_, _, user| Some(user.title.clone()))),
        ("through", texts(&|_, _, user| user.through.as_ref().map(|thing| thing.name.clone()))),
        ("run_id", texts(&|_, _, _| Some(run_id.to_owned()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).map_err(
        |error| Error::new(ErrorCode::Internal, "cannot describe what answers are used for").caused_by(error),
    )
}
