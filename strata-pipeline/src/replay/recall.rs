//! Who was in a segment at an earlier date: as runs noted it then, and as it is known now.
//!
//! The two are told apart by when something was known. What runs have noted rests on the definition and the data of then, and
//! nothing that arrives later changes it. What is known now is the definition as it stands over all rows that happened by that
//! date, whenever they arrived.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Value, json};
use strata_lake::arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::ask::{self, Tracked};
use super::count::certain;
use crate::compile::{Question, compile_only};
use crate::error::{Context, Error, Result};
use crate::preview::{Basis, texts, truths};
use crate::project::Project;
use crate::query::{Answer, View, is_of, lasts};
use crate::run::{self, evaluated_by};

/// When something has to have been known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Knowledge {
    /// By the date that is asked about: what runs noted.
    #[default]
    Then,
    /// By the last run.
    Now,
}

/// Who was in a segment or class at a date, by both kinds of knowledge.
#[derive(Debug, Clone, PartialEq)]
pub struct Recall {
    /// Whom it is about.
    pub subject: Subject,
    /// The segment, or `segmentation/class`.
    pub name: String,
    /// The date.
    pub at: DateTime<Utc>,
    /// The instant of the run whose word counted then; none where there had been none.
    pub run: Option<DateTime<Utc>>,
    /// Whether the definition has been edited since that run; none where that run did not have it.
    pub is_edited: Option<bool>,
    /// Who was in as it was known then and as it is known now.
    pub both: BTreeSet<String>,
    /// Who was in as it was known then only.
    pub only_then: BTreeSet<String>,
    /// Who was in as it is known now only.
    pub only_now: BTreeSet<String>,
}

/// Recalls who was in a segment or class.
///
/// # Errors
/// `NotFound` when there is no such segment or class; `InvalidDefinition` when the date is later than the last run's.
pub async fn recall(project: &Project, view: &View, name: &str, at: DateTime<Utc>) -> Result<Recall> {
    let basis = Basis::open(project, view, Some(at)).await?;
    let (subject, tracked) = one(project, view, name).await?;
    let now = known_now(&basis, subject, &tracked).await?;
    let then = known_then(view, subject, name, at).await?;
    let run = evaluated_by(view.engine(), at).await?;
    let is_edited = match &run {
        Some(_) => is_edited(project, view, name, at).await?,
        None => None,
    };
    Ok(Recall {
        subject,
        name: name.to_owned(),
        at,
        run: run.map(|run| run.as_of),
        is_edited,
        both: then.intersection(&now).cloned().collect(),
        only_then: then.difference(&now).cloned().collect(),
        only_now: now.difference(&then).cloned().collect(),
    })
}

/// Who was in a segment or class at a date, as it is known now.
///
/// # Errors
/// As those of [`recall`].
pub async fn members_as_known_now(
    project: &Project,
    view: &View,
    name: &str,
    at: DateTime<Utc>,
) -> Result<(Subject, BTreeSet<String>)> {
    let basis = Basis::open(project, view, Some(at)).await?;
    let (subject, tracked) = one(project, view, name).await?;
    Ok((subject, known_now(&basis, subject, &tracked).await?))
}

/// One segment or class.
async fn one(project: &Project, view: &View, name: &str) -> Result<(Subject, Tracked)> {
    let (subject, mut tracked) = ask::named(project, view, name).await?;
    match (tracked.pop(), tracked.is_empty()) {
        (Some(one), true) => Ok((subject, one)),
        _ => Err(Error::new(ErrorCode::InvalidDefinition, format!("`{name}` is a segmentation"))
            .with_hint(format!("name one of its classes, as `{name}/…`; `strata segments list` shows them"))),
    }
}

async fn known_now(basis: &Basis<'_>, subject: Subject, tracked: &Tracked) -> Result<BTreeSet<String>> {
    let planning = || format!("cannot plan the members of {}", tracked.name);
    let conditions = std::slice::from_ref(&tracked.is_in);
    let question = Question { conditions, ..Question::default() };
    let program = compile_only(&basis.setting(subject), &question);
    let program = program.map_err(|faults| basis.project.refused(faults))?;
    let (program, rows) = basis.evaluate(program, &BTreeSet::new()).await?;
    let memberships = basis.memberships(&program).await?;
    let id: Vec<Expr> = vec![ident(subject.id_column())];
    let answer = program.answer(rows, &memberships, id).context(planning())?;
    let mut answers = run::stream(answer).await.context(planning())?;
    let mut members = BTreeSet::new();
    while let Some(batch) = answers.try_next().await.context(planning())? {
        let ids = texts(&batch, 0)?;
        members.extend(certain(truths(&batch, 1)?).set_indices().map(|row| ids.value(row).to_owned()));
    }
    Ok(members)
}

async fn known_then(
    view: &View,
    subject: Subject,
    name: &str,
    at: DateTime<Utc>,
) -> Result<BTreeSet<String>> {
    let (of, lasts) = (is_of(subject, name), lasts(at));
    let query = format!("select m.subject_id from membership m where {of} and {lasts}");
    let rows = view.sql(&query).await?.rows(usize::MAX).await?;
    Ok(rows.cells.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
}

/// Whether the version of a definition that members had at an instant is another than the project's.
async fn is_edited(project: &Project, view: &View, name: &str, at: DateTime<Utc>) -> Result<Option<bool>> {
    let (target, _) = crate::why::find(project, name)?;
    let header = target.header();
    let (of, lasts) = (is_of(header.subject, name), lasts(at));
    let query = format!("select distinct m.version from membership m where {of} and {lasts}");
    let rows = view.sql(&query).await?.rows(usize::MAX).await?;
    let mut versions = rows.cells.iter().filter_map(|row| row.first()?.as_deref()).peekable();
    Ok(versions.peek().is_some().then(|| versions.any(|version| version != header.version.0)))
}

impl Recall {
    /// How many were in as it was known then.
    pub fn n_then(&self) -> usize {
        self.both.len() + self.only_then.len()
    }

    /// How many were in as it is known now.
    pub fn n_now(&self) -> usize {
        self.both.len() + self.only_now.len()
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        json!({
            "subject": self.subject.as_str(),
            "name": self.name,
            "at": self.at.to_rfc3339(),
            "run": self.run.map(|at| at.to_rfc3339()),
            "is_edited": self.is_edited,
            "n_then": self.n_then(),
            "n_now": self.n_now(),
            "n_both": self.both.len(),
            "only_then": self.only_then,
            "only_now": self.only_now,
        })
    }

    /// As rows: the subject's id, and whether it was in as it was `known_then` and as it is `known_now`. Those of whom the two
    /// differ come first.
    ///
    /// # Errors
    /// When the rows cannot be described.
    pub fn rows(&self, view: &View) -> Result<Answer> {
        let differing = self.only_then.iter().map(|id| (id, true, false));
        let differing = differing.chain(self.only_now.iter().map(|id| (id, false, true)));
        let rows: Vec<(&String, bool, bool)> =
            differing.chain(self.both.iter().map(|id| (id, true, true))).collect();
        let ids = rows.iter().map(|(id, ..)| Some(id.as_str())).collect::<StringArray>();
        let truths = |of: fn(&(&String, bool, bool)) -> bool| {
            Arc::new(rows.iter().map(|row| Some(of(row))).collect::<BooleanArray>()) as ArrayRef
        };
        let columns = [
            (self.subject.id_column(), Arc::new(ids) as ArrayRef),
            ("known_then", truths(|row| row.1)),
            ("known_now", truths(|row| row.2)),
        ];
        let batch = RecordBatch::try_from_iter(columns);
        view.answer(batch.map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot describe who was in").caused_by(error)
        })?)
    }
}
