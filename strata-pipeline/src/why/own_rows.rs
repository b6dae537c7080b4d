//! Reads all rows that say anything of one subject: its own, of each table that a program reads, with those of its company; what its
//! properties were, where it was, and what of it was computed beside all others.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::{try_join, try_join_all};
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::compute::concat_batches;
use strata_lake::arrow::datatypes::TimestampMicrosecondType;
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::{SessionContext, ident};
use strata_spec::condition::Group;
use strata_spec::error::ErrorCode;
use strata_spec::table::{Subject, Table};

use super::held::Held;
use super::target::Target;
use super::{Standing, unknown_subject};
use crate::compile::{Earlier, Program, ROW, instant};
use crate::error::{Context, Error, Result};
use crate::layout;
use crate::preview::{Basis, held_places};
use crate::project::Project;
use crate::run::PROPERTY_HISTORY;
use crate::segment::MEMBERSHIP;

/// What is known of a subject.
pub(super) struct OwnRows<'a> {
    basis: &'a Basis<'a>,
    held: Arc<Held>,
    company: Option<String>,
    stays: Vec<Stay>,
    notes: Vec<String>,
}

/// A stay in a segment or class.
#[derive(Debug, Clone)]
struct Stay {
    group: (Option<String>, String),
    entered_at: i64,
    left_at: Option<i64>,
}

/// Where the subject was, as runs up to a moment would have noted it.
#[derive(Clone)]
pub(super) struct Memberships {
    subject: Subject,
    id: String,
    stays: Vec<Stay>,
}

impl<'a> OwnRows<'a> {
    /// Finds a subject.
    pub(super) async fn open(basis: &'a Basis<'a>, subject: Subject, id: &str) -> Result<OwnRows<'a>> {
        let mut rows = OwnRows {
            basis,
            held: Arc::new(Held::new(subject, id)),
            company: None,
            stays: Vec::new(),
            notes: Vec::new(),
        };
        let (own, stays) = try_join(rows.fetch(subject.table()), rows.read_stays()).await?;
        rows.held_mut().tables.insert(subject.table(), own);
        rows.stays = stays;
        let own = rows.held.tables.get(&subject.table());
        if own.is_none_or(|own| own.num_rows() == 0) {
            let all = rows.read(subject.as_str(), ident(subject.id_column()).eq(lit(id))).await?;
            let at = (all.num_rows() > 0).then(|| rows.on_the_clock(basis.as_of));
            return Err(unknown_subject(subject, id, at));
        }
        rows.company = own.and_then(|own| text_of(own, Subject::Companies.id_column(), 0));
        Ok(rows)
    }

    /// Reads what a program needs that is not at hand yet.
    pub(super) async fn read_for(&mut self, program: &Program) -> Result<()> {
        let missing = program.tables().into_iter().filter(|table| !self.held.tables.contains_key(table));
        let missing: Vec<Table> = missing.collect();
        let rows = try_join_all(missing.iter().map(|table| self.fetch(*table))).await?;
        self.held_mut().tables.extend(missing.into_iter().zip(rows));
        if program.asks_for_properties() && self.held.history.is_none() {
            let own = ident("subject_id").eq(lit(self.held.id.as_str())).or(ident("subject_id").is_null());
            let of = ident("subject").eq(lit(self.held.subject.as_str())).and(own);
            let until = ident("since").lt_eq(instant(self.basis.as_of));
            self.held_mut().history = self.read_where_there(PROPERTY_HISTORY, of.and(until)).await?;
        }
        if !program.scores.is_empty() && self.held.scores.is_none() {
            let own = ident(self.held.subject.id_column()).eq(lit(self.held.id.as_str()));
            self.held_mut().scores = self.read_where_there(self.held.subject.score_table(), own).await?;
            let stored = |name: &str| {
                self.held.scores.as_ref().is_some_and(|scores| scores.column_by_name(name).is_some())
            };
            let missing: Vec<&str> =
                program.scores.iter().map(|score| score.name.as_str()).filter(|name| !stored(name)).collect();
            let names: Vec<&str> = program.scores.iter().map(|score| score.name.as_str()).collect();
            self.notes.push(format!(
                "scores hang on other {} and are held as the last run found them: {}",
                self.held.subject,
                names.join(", ")
            ));
            if !missing.is_empty() {
                self.notes.push(format!("no run has found these yet: {}", missing.join(", ")));
            }
        }
        if !program.customer_traits().is_empty() && self.held.customers.is_none() {
            self.held_mut().customers = Some(self.read_customers().await?);
            self.notes.push("traits of its customers are held as the last run found them".to_owned());
        }
        let places = program.place_names();
        if !places.is_empty() && self.held.places.is_none() {
            self.held_mut().places = Some(held_places(self.basis, program, &self.held.id).await?);
            let all = format!("places among all {} are held as they are now", self.held.subject);
            self.notes.push(format!("{all}; everybody was ranked to find them"));
        }
        Ok(())
    }

    pub(super) fn project(&self) -> &'a Project {
        self.basis.project
    }

    /// All that a program can be run over.
    pub(super) fn held(&self) -> &Arc<Held> {
        &self.held
    }

    /// The same, to add to; whoever was handed it before keeps what it was then.
    fn held_mut(&mut self) -> &mut Held {
        Arc::make_mut(&mut self.held)
    }

    pub(super) fn id(&self) -> &str {
        &self.held.id
    }

    pub(super) fn as_of(&self) -> DateTime<Utc> {
        self.basis.as_of
    }

    /// The rows of a table that were read.
    pub(super) fn table(&self, table: Table) -> Option<&RecordBatch> {
        self.held.tables.get(&table)
    }

    pub(super) fn on_the_clock(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.basis.project.timezone).format("%Y-%m-%d %H:%M").to_string()
    }

    pub(super) fn memberships(&self) -> Memberships {
        Memberships { subject: self.held.subject, id: self.held.id.clone(), stays: self.stays.clone() }
    }

    /// Since when the subject is in a segment or class, or no longer, as runs have noted; a stay that goes on under another version
    /// of the definition is one stay.
    pub(super) fn since(&self, group: &Group, is_in: bool) -> Option<DateTime<Utc>> {
        let key = key(group);
        let mut since = None;
        let mut end = None;
        for stay in self.stays.iter().filter(|stay| stay.group == key) {
            if since.is_none() || end != Some(stay.entered_at) {
                since = Some(stay.entered_at);
            }
            end = stay.left_at;
        }
        let at = match (is_in, end) {
            (true, None) => since,
            (false, Some(end)) => Some(end),
            _ => None,
        };
        at.and_then(DateTime::from_timestamp_micros)
    }

    /// The class of a segmentation in which the last run has noted the subject.
    pub(super) fn noted_class(&self, segmentation: &str) -> Option<String> {
        let mut stays = self.stays.iter().filter(|stay| stay.left_at.is_none());
        stays.find(|stay| stay.group.0.as_deref() == Some(segmentation)).map(|stay| stay.group.1.clone())
    }

    /// What is to be known besides.
    pub(super) fn notes(&self, basis: &Basis<'_>, target: &Target<'_>, standing: Standing) -> Vec<String> {
        let mut notes = self.notes.clone();
        let version = basis.version(target.node());
        if version != Some(target.header().version.0.as_str()) {
            let what = match version {
                Some(_) => "was edited since the last run",
                None => "had no part in the last run",
            };
            notes.push(format!("the definition {what}, which has noted nothing of it as it is now"));
        }
        if standing == Standing::Undecided {
            notes.push("who is undecided for want of data is not a member".to_owned());
        }
        notes
    }

    /// The rows of a table that are the subject's, or its company's.
    async fn fetch(&self, table: Table) -> Result<RecordBatch> {
        let (column, id) = match (self.held.subject, table) {
            (Subject::Customers, Table::Companies) => {
                (Subject::Companies.id_column(), self.company.clone().unwrap_or_default())
            }
            (subject, _) => (subject.id_column(), self.held.id.clone()),
        };
        let time = ident(table.time_column());
        let known = time.clone().is_null().or(time.lt_eq(instant(self.basis.as_of)));
        let rows = self.read(table.as_str(), ident(column).eq(lit(id)).and(known)).await?;
        let failed = |error| Error::new(ErrorCode::Internal, "cannot number rows").caused_by(error);
        let places: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows.num_rows() as i64));
        let names = rows.schema();
        let columns =
            names.fields().iter().map(|field| field.name().as_str()).zip(rows.columns().iter().cloned());
        let columns = columns.chain([(ROW, places)]).map(|(name, column)| (name, column, true));
        RecordBatch::try_from_iter_with_nullable(columns).map_err(failed)
    }

    async fn read_where_there(&self, table: &str, of: Expr) -> Result<Option<RecordBatch>> {
        match self.basis.view.complete.tables.contains_key(table) {
            true => self.read(table, of).await.map(Some),
            false => Ok(None),
        }
    }

    /// Some rows of a table, from the part of it in which those of the subject lie.
    async fn read(&self, table: &str, of: Expr) -> Result<RecordBatch> {
        let version = self.basis.version_of(table)?;
        let reading = || format!("cannot read table `{table}`");
        let engine = self.basis.view.engine();
        let provider = layout::where_one_lies(engine, table, version, self.held.subject, &self.held.id).await;
        let frame = self.held.context.read_table(provider.context(reading())?).context(reading())?;
        let schema = Arc::clone(frame.schema().inner());
        // Tables are decoded side by side.
        let batches = SpawnedTask::spawn(frame.filter(of).context(reading())?.collect()).join().await;
        let batches = batches
            .map_err(|error| Error::new(ErrorCode::Internal, reading()).caused_by(error))?
            .context(reading())?;
        concat_batches(&schema, &batches)
            .map_err(|error| Error::new(ErrorCode::Internal, reading()).caused_by(error))
    }

    async fn read_stays(&self) -> Result<Vec<Stay>> {
        let of = ident("subject").eq(lit(self.held.subject.as_str()));
        let of = of.and(ident("subject_id").eq(lit(self.held.id.as_str())));
        let as_of = self.basis.as_of.timestamp_micros();
        let Some(rows) = self.read_where_there(MEMBERSHIP, of).await? else { return Ok(Vec::new()) };
        let times = |name: &str| {
            let column = rows.column_by_name(name)?;
            column.as_primitive_opt::<TimestampMicrosecondType>().cloned()
        };
        let (Some(entered), Some(left)) = (times("entered_at"), times("left_at")) else {
            return Err(Error::new(ErrorCode::Internal, "the table `membership` has no times"));
        };
        let mut stays: Vec<Stay> = (0..rows.num_rows())
            .map(|row| Stay {
                group: (
                    text_of(&rows, "segmentation", row),
                    text_of(&rows, "segment", row).unwrap_or_default(),
                ),
                entered_at: entered.value(row),
                left_at: left.is_valid(row).then(|| left.value(row)).filter(|left| *left <= as_of),
            })
            .filter(|stay| stay.entered_at <= as_of)
            .collect();
        stays.sort_by_key(|stay| stay.entered_at);
        Ok(stays)
    }

    /// What the last run's profile says of a company's customers.
    async fn read_customers(&self) -> Result<RecordBatch> {
        let id = Subject::Customers.id_column();
        if self.basis.as_of != self.basis.view.complete.as_of {
            let message = "traits of a company's customers are known at the last run's instant only";
            return Err(Error::new(ErrorCode::InvalidDefinition, message)
                .with_hint("leave --as-of out, or run at that date: `strata run --as-of DATE`"));
        }
        let people = self.held.tables.get(&Table::Customers);
        let ids = people.map(|people| (0..people.num_rows()).filter_map(|row| text_of(people, id, row)));
        let ids: Vec<Expr> = ids.into_iter().flatten().map(lit).collect();
        let of = if ids.is_empty() { lit(false) } else { ident(id).in_list(ids, false) };
        self.read(Subject::Customers.profile_table(), of).await
    }
}

impl Memberships {
    /// As the rows of the table `membership`.
    pub(super) fn earlier(&self, context: &SessionContext) -> EngineResult<Earlier> {
        let texts = |of: &dyn Fn(&Stay) -> Option<String>| -> ArrayRef {
            Arc::new(self.stays.iter().map(of).collect::<StringArray>())
        };
        let times = |of: &dyn Fn(&Stay) -> Option<i64>| -> ArrayRef {
            let times = self.stays.iter().map(of).collect::<TimestampMicrosecondArray>();
            Arc::new(times.with_timezone("UTC"))
        };
        let columns = [
            ("subject", texts(&|_| Some(self.subject.as_str().to_owned()))),
            ("subject_id", texts(&|_| Some(self.id.clone()))),
            ("segmentation", texts(&|stay| stay.group.0.clone())),
            ("segment", texts(&|stay| Some(stay.group.1.clone()))),
            ("entered_at", times(&|stay| Some(stay.entered_at))),
            ("left_at", times(&|stay| stay.left_at)),
        ];
        let columns = columns.into_iter().map(|(name, column)| (name, column, true));
        let frame = context.read_batch(RecordBatch::try_from_iter_with_nullable(columns)?)?;
        Ok(Earlier::Rows(frame))
    }

    /// Notes where the subject is at an instant, as a run would.
    pub(super) fn note(&mut self, now: &BTreeMap<Group, bool>, at: DateTime<Utc>) {
        let at = at.timestamp_micros();
        for (group, is_in) in now {
            let key = key(group);
            let open = self.stays.iter_mut().rfind(|stay| stay.group == key && stay.left_at.is_none());
            match (open, is_in) {
                (Some(open), false) => open.left_at = Some(at),
                (None, true) => self.stays.push(Stay { group: key, entered_at: at, left_at: None }),
                _ => {}
            }
        }
    }
}

fn key(group: &Group) -> (Option<String>, String) {
    match group {
        Group::Segment(name) => (None, name.to_string()),
        Group::Class { segmentation, class } => (Some(segmentation.to_string()), class.clone()),
    }
}

fn text_of(rows: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let texts = rows.column_by_name(column)?.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row).to_owned())
}
