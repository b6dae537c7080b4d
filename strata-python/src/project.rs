//! Projects: open, run, ask.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use pyo3::prelude::*;
use strata_pipeline::preview::{Ask, condition};
use strata_pipeline::project::Project as Opened;
use strata_pipeline::query;
use strata_pipeline::run::{Options, Progress, Session, run};
use strata_pipeline::spec::table::Subject;

use crate::arrow::Table;
use crate::error::Refusal;
use crate::runtime::{raised, wait};

/// A folder with `strata.toml`.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct Project {
    root: PathBuf,
    session: Session,
}

#[pymethods]
impl Project {
    /// Opens the project in a folder, and checks its definitions.
    #[new]
    #[pyo3(signature = (root, memory_mib=None, partitions=None))]
    fn new(
        py: Python<'_>,
        root: PathBuf,
        memory_mib: Option<usize>,
        partitions: Option<usize>,
    ) -> PyResult<Project> {
        let session = Session {
            memory_bytes: memory_mib.map(|mebibytes| mebibytes << 20),
            partitions,
            ..Session::default()
        };
        py.detach(|| Opened::open(&root)).map_err(|error| raised(&error))?;
        Ok(Project { root, session })
    }

    /// Brings everything up to date; returns the outcome as JSON. `now` is the instant where neither the caller nor the
    /// manifest names one.
    fn run(
        &self,
        py: Python<'_>,
        as_of: Option<&str>,
        now: &str,
        rewind: bool,
        progress: Option<Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let project = self.open(py)?;
        let text = as_of.or(project.manifest.as_of.as_deref()).unwrap_or(now);
        let as_of = project.instant(text).map_err(|error| raised(&error))?;
        let options = Options { as_of, rewind, session: self.session.clone() };
        let complete = wait(
            py,
            |report| run(project, options, Arc::from(report)),
            |said: Progress| match &progress {
                None => Ok(()),
                Some(progress) => {
                    let (event, of, share) = told(said);
                    progress.call1((event, of, share)).map(|_| ())
                }
            },
        )?;
        Ok(complete.json().to_string())
    }

    /// The answer to a query in SQL.
    fn sql(&self, py: Python<'_>, query: String) -> PyResult<Table> {
        let project = self.open(py)?;
        self.answer(py, project, Question::Sql(query))
    }

    /// The members of a segment or class with their profiles.
    fn members(&self, py: Python<'_>, name: String, at: Option<&str>) -> PyResult<Table> {
        let project = self.open(py)?;
        let at = at.map(|text| project.instant(text)).transpose().map_err(|error| raised(&error))?;
        self.answer(py, project, Question::Members(name, at))
    }

    /// Whom a condition holds for, as JSON.
    fn preview(&self, py: Python<'_>, text: String, subject: &str, as_of: Option<&str>) -> PyResult<String> {
        let project = self.open(py)?;
        let subject = Subject::ALL.into_iter().find(|known| known.as_str() == subject).ok_or_else(|| {
            let known: Vec<&str> = Subject::ALL.iter().map(|known| known.as_str()).collect();
            Refusal::new(format!("there are no subjects `{subject}`"))
                .with_hint(format!("subjects are {}", known.join(" or ")))
        })?;
        let as_of = as_of.map(|text| project.instant(text)).transpose().map_err(|error| raised(&error))?;
        let session = self.session.clone();
        let work = async move {
            let view = query::open(&project, &session).await?;
            let preview = condition(&project, &view, &Ask { text: &text, subject, as_of }).await?;
            Ok(preview.json().to_string())
        };
        wait(py, |_| work, silent)
    }
}

impl Project {
    /// The project as its files say now.
    fn open(&self, py: Python<'_>) -> PyResult<Opened> {
        py.detach(|| Opened::open(&self.root)).map_err(|error| raised(&error))
    }

    /// All rows of an answer of the last complete run.
    fn answer(&self, py: Python<'_>, project: Opened, question: Question) -> PyResult<Table> {
        let session = self.session.clone();
        let work = async move {
            let view = query::open(&project, &session).await?;
            let answer = match question {
                Question::Sql(query) => view.sql(&query).await?,
                Question::Members(name, at) => view.members(&name, at).await?,
            };
            answer.batches().await
        };
        let (schema, batches) = wait(py, |_| work, silent)?;
        Ok(Table::new(schema, batches))
    }
}

/// What is asked of the last complete run.
enum Question {
    Sql(String),
    Members(String, Option<DateTime<Utc>>),
}

/// What a progress function is called with: `"stage"`, `"reading"` or `"done"`, of what, and the share of a file that is read.
fn told(progress: Progress) -> (&'static str, String, Option<f64>) {
    match progress {
        Progress::Stage(stage) => ("stage", stage.to_owned(), None),
        Progress::Done(stage) => ("done", stage.to_owned(), None),
        Progress::Reading { file, done, total } => {
            let share = if total > 0 { done as f64 / total as f64 } else { 1.0 };
            ("reading", file, Some(share))
        }
    }
}

fn silent(_: ()) -> PyResult<()> {
    Ok(())
}
