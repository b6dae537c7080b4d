//! Questions to the lake as the last complete run left it, and their answers as rows, files or JSON.
//!
//! Stages write; faces read through here. Every answer comes from the versions that the last complete run names.

pub(crate) mod ask;
mod migration;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use strata_lake::Engine;
use strata_lake::arrow::array::{Array, RecordBatch};
use strata_lake::arrow::compute::concat_batches;
use strata_lake::arrow::datatypes::SchemaRef;
use strata_lake::arrow::util::display::{ArrayFormatter, FormatOptions};
use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::Subject;

use crate::error::{Context, Error, Result};
use crate::layout::WORTH_DIVIDING;
use crate::project::Project;
use crate::run::{Complete, Run, Session, Summary, engine, last_complete};

pub(crate) use write::json_rows;
pub use write::{Format, write};

/// The id of a profile beside that of a subject.
const PROFILE_KEY: &str = "_profile_key";

/// The lake as the last complete run left it.
pub struct View {
    engine: Engine,
    /// The run.
    pub complete: Complete,
    /// Traits that are told of groups and never of a person.
    withheld: BTreeSet<String>,
}

/// An answer that has not been computed yet.
pub struct Answer(pub(crate) DataFrame);

/// An answer in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// Whether each column holds numbers, which are set flush right.
    pub numeric: Vec<bool>,
    /// The cells as text; none where missing.
    pub cells: Vec<Vec<Option<String>>>,
}

/// Opens the lake at the last complete run.
///
/// # Errors
/// `NotFound` when there has been none.
pub async fn open(project: &Project, session: &Session) -> Result<View> {
    let none = || {
        Error::new(ErrorCode::NotFound, "this project has no complete run yet")
            .with_hint("`strata run` makes one")
    };
    if !project.lake_path().is_dir() {
        return Err(none());
    }
    let engine = engine(project, session).await?;
    let complete = last_complete(&engine).await?.ok_or_else(none)?;
    Ok(View { engine, complete, withheld: withheld(project) })
}

/// The scales of which no list of people says anything.
fn withheld(project: &Project) -> BTreeSet<String> {
    let surveys = project.manifest.surveys.iter();
    let scales = surveys.flat_map(|survey| survey.scales().map(move |(scale, name)| (survey, scale, name)));
    scales.filter(|(survey, scale, _)| survey.is_of_groups_only(scale)).map(|(_, _, name)| name).collect()
}

impl View {
    /// The currency that the project names, or else the one that the data was found to be in.
    pub(crate) fn currency(&self, project: &Project) -> Option<String> {
        let found = || self.complete.summaries.get("canonical")?.facts.get("currency")?.as_str();
        project.manifest.currency.clone().or_else(|| found().map(str::to_owned))
    }

    /// The lake as the stages of a run that is under way have left it.
    pub(crate) fn of_run(run: &Run, engine: &Engine, summaries: &BTreeMap<String, Summary>) -> View {
        let complete = Complete {
            run_id: run.run_id.clone(),
            as_of: run.as_of,
            // It will be the last of all.
            sequence: i64::MAX,
            tables: run.inputs.clone(),
            summaries: summaries.clone(),
        };
        View { engine: engine.clone(), complete, withheld: withheld(&run.project) }
    }

    /// The last complete run as one that reads its tables again.
    pub(crate) fn as_run(&self, project: &Project) -> Run {
        Run {
            run_id: self.complete.run_id.clone(),
            as_of: self.complete.as_of,
            seed: project.manifest.seed,
            inputs: self.complete.tables.clone(),
            worth_dividing: WORTH_DIVIDING,
            before: None,
            project: Arc::new(project.clone()),
            progress: Arc::new(|_| ()),
        }
    }

    /// The session.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The tables that can be asked, with their versions. The table of runs is among them.
    pub async fn tables(&self) -> Result<BTreeMap<String, u64>> {
        let mut tables = self.complete.tables.clone();
        let operation = "cannot look for earlier runs";
        if let Some(version) = self.engine.lake().version(crate::run::RUN_TABLE).await.context(operation)? {
            tables.insert(crate::run::RUN_TABLE.to_owned(), version);
        }
        Ok(tables)
    }

    /// A query in SQL over the lake's tables. What is not a query is refused.
    ///
    /// # Errors
    /// When the text is not SQL, or names tables or columns that are not there.
    pub async fn sql(&self, query: &str) -> Result<Answer> {
        let tables = self.tables().await?;
        match self.engine.sql(query, &tables).await {
            Ok(frame) => Ok(Answer(frame)),
            Err(error) => {
                let names = tables.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                Err(Error::new(ErrorCode::InvalidDefinition, "cannot run the query")
                    .with_hint(format!("the tables are {names}"))
                    .caused_by(error))
            }
        }
    }

    /// Rows that were computed as an answer, to be written as any other.
    pub(crate) fn answer(&self, rows: RecordBatch) -> Result<Answer> {
        self.engine.context().read_batch(rows).map(Answer).context("cannot show the rows")
    }

    /// Every class and segment with its size and its share of all subjects: segments first, then segmentations by name, their
    /// classes in order. `columns` is what to show, in SQL.
    ///
    /// # Errors
    /// When the table `segment` cannot be read.
    pub async fn segments(&self, columns: &str) -> Result<Answer> {
        let n_of = |subject: Subject| match self.complete.tables.get(subject.profile_table()) {
            Some(_) => format!("select count(*) from {}", subject.profile_table()),
            None => "select 0".to_owned(),
        };
        self.sql(&format!(
            "select {columns} from (select s.*, n_members / nullif(case subject when 'companies' then ({}) \
             else ({}) end, 0)::double as share from segment s) \
             order by segmentation nulls first, position, segment",
            n_of(Subject::Companies),
            n_of(Subject::Customers),
        ))
        .await
    }

    /// The members of a segment, or of a class written `segmentation/class`, with their profiles, in the order of their ids. At an
    /// instant, or at the last run.
    ///
    /// # Errors
    /// `NotFound` when there is no such segment or class.
    pub async fn members(&self, name: &str, at: Option<DateTime<Utc>>) -> Result<Answer> {
        Ok(self.first_members(name, at, usize::MAX).await?.0)
    }

    /// The first `n` of them, and how many there are.
    ///
    /// # Errors
    /// As those of [`View::members`].
    pub async fn first_members(
        &self,
        name: &str,
        at: Option<DateTime<Utc>>,
        n: usize,
    ) -> Result<(Answer, usize)> {
        let subject = self.subject_of(name).await?;
        let (id, of) = (subject.id_column(), is_of(subject, name));
        let stays = at.map_or_else(|| "m.left_at is null".to_owned(), lasts);
        let members = self
            .sql(&format!(
                "select m.subject_id as {id}, m.entered_at, m.left_at from membership m \
                 where {of} and {stays} order by 1, 2"
            ))
            .await?;
        self.with_profiles(members, subject, n).await
    }

    /// The first `n` subjects with their profiles, in their order by id, and how many there are. The subjects are found first: the
    /// engine would take memberships for more than there are profiles, and hold all of these in memory.
    async fn with_profiles(&self, subjects: Answer, subject: Subject, n: usize) -> Result<(Answer, usize)> {
        let id = subject.id_column();
        let finding = || format!("cannot find the {subject}");
        let schema = Arc::clone(subjects.0.schema().inner());
        let found = subjects.0.collect().await.context(finding())?;
        let found = concat_batches(&schema, &found)
            .map_err(|error| Error::new(ErrorCode::Internal, finding()).caused_by(error))?;
        let n_found = found.num_rows();
        let subjects = self.answer(found.slice(0, n.min(n_found)))?.0;
        let table = subject.profile_table();
        if !self.complete.tables.contains_key(table) {
            return Ok((Answer(subjects), n_found));
        }
        let profile = self.engine.table(table, self.complete.tables[table]).await;
        let profile = profile.context(format!("cannot open table `{table}`"))?;
        let own = profile.schema().fields().iter().map(|field| field.name().clone());
        let own: Vec<String> = own
            .filter(|name| {
                !name.starts_with('_') && name != "run_id" && name != id && !self.withheld.contains(name)
            })
            .collect();
        let columns = own.iter().map(|name| ident(name).alias(name)).chain([ident(id).alias(PROFILE_KEY)]);
        let joined = profile.select(columns.collect::<Vec<_>>()).and_then(|profile| {
            let joined = subjects.join(profile, JoinType::Left, &[id], &[PROFILE_KEY], None)?;
            joined.drop_columns(&[PROFILE_KEY])?.sort_by(vec![ident(id)])
        });
        joined.map(|joined| (Answer(joined), n_found)).context(finding())
    }

    /// Whom a segment or class of the last run is about.
    pub(crate) async fn subject_of(&self, name: &str) -> Result<Subject> {
        let (segmentation, segment) = parts_of(name);
        let known =
            self.sql("select distinct subject, segmentation, segment from segment order by 1, 2, 3").await?;
        let known = known.rows(usize::MAX).await?;
        let mut names = Vec::with_capacity(known.cells.len());
        for row in &known.cells {
            let [Some(subject), within, Some(of)] = row.as_slice() else { continue };
            if within.as_deref() == segmentation && of == segment {
                let is_company = subject == Subject::Companies.as_str();
                return Ok(if is_company { Subject::Companies } else { Subject::Customers });
            }
            names.push(match within {
                Some(within) => format!("{within}/{of}"),
                None => of.clone(),
            });
        }
        let error = Error::new(ErrorCode::NotFound, format!("there is no segment `{name}`"));
        Err(match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint(
                "`strata segments list` shows them all; a class is written `segmentation/class`, as `rfm/champions`",
            ),
        })
    }

    /// The columns of a profile that people want to see: all but the id, which leads anyway, and made-up ones.
    async fn profile_columns(&self, subject: Subject) -> Result<String> {
        let table = subject.profile_table();
        let version = self.complete.tables.get(table).copied().unwrap_or_default();
        let profile =
            self.engine.table(table, version).await.context(format!("cannot open table `{table}`"))?;
        let names = profile.schema().fields().iter().map(|field| field.name());
        let wanted =
            names.filter(|name| !name.starts_with('_') && *name != "run_id" && *name != subject.id_column());
        Ok(wanted.map(|name| format!("p.\"{}\"", name.replace('"', "\"\""))).collect::<Vec<_>>().join(", "))
    }
}

impl Answer {
    /// The first rows as text.
    ///
    /// # Errors
    /// When the query fails while it runs.
    pub async fn rows(self, limit: usize) -> Result<Rows> {
        let schema = self.0.schema().inner().clone();
        let limited = match limit {
            usize::MAX => self.0,
            limit => self.0.limit(0, Some(limit)).context("cannot limit the query")?,
        };
        let batches = limited.collect().await.context("cannot run the query")?;
        let mut cells = Vec::new();
        for batch in &batches {
            cells.extend(texts(batch)?);
        }
        Ok(Rows {
            columns: schema.fields().iter().map(|field| field.name().clone()).collect(),
            numeric: schema.fields().iter().map(|field| field.data_type().is_numeric()).collect(),
            cells,
        })
    }

    /// All rows as Arrow batches, with their schema.
    ///
    /// # Errors
    /// When the query fails while it runs.
    pub async fn batches(self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let schema = self.0.schema().inner().clone();
        Ok((schema, self.0.collect().await.context("cannot run the query")?))
    }

    /// All rows as JSON objects.
    ///
    /// # Errors
    /// When the query fails while it runs.
    pub async fn json(self) -> Result<Vec<Map<String, Value>>> {
        let mut lines = Vec::new();
        write(self, Format::JsonLines, &mut lines).await?;
        write::objects(&lines)
    }
}

impl Rows {
    /// The rows of a batch.
    pub(crate) fn of(batch: &RecordBatch) -> Result<Rows> {
        let fields = batch.schema_ref().fields();
        Ok(Rows {
            columns: fields.iter().map(|field| field.name().clone()).collect(),
            numeric: fields.iter().map(|field| field.data_type().is_numeric()).collect(),
            cells: texts(batch)?,
        })
    }
}

/// The cells of a batch as text.
fn texts(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>> {
    let options = FormatOptions::default().with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S"));
    let formatters = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot show a column as text").caused_by(error))?;
    Ok((0..batch.num_rows())
        .map(|row| {
            let columns = batch.columns().iter().zip(&formatters);
            columns.map(|(column, text)| column.is_valid(row).then(|| text.value(row).to_string())).collect()
        })
        .collect())
}

/// The segmentation, if it is a class, and the segment or class.
fn parts_of(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((segmentation, class)) => (Some(segmentation), class),
        None => (None, name),
    }
}

/// Whether a membership `m` is one of a segment or class, in SQL.
pub(crate) fn is_of(subject: Subject, name: &str) -> String {
    let (segmentation, segment) = parts_of(name);
    let within = match segmentation {
        Some(segmentation) => format!("m.segmentation = {}", quoted(segmentation)),
        None => "m.segmentation is null".to_owned(),
    };
    format!("m.subject = '{subject}' and {within} and m.segment = {}", quoted(segment))
}

/// Whether a membership `m` lasts at an instant, in SQL.
pub(crate) fn lasts(at: DateTime<Utc>) -> String {
    let at = instant(at);
    format!("m.entered_at <= {at} and (m.left_at is null or m.left_at > {at})")
}

/// An instant in SQL.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    format!("timestamp '{}'", at.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
}

pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
