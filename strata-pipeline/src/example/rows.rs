//! The rows of examples as canonical tables in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use serde_json::Value;
use strata_lake::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, new_empty_array};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{Date32Type, Field, Schema};
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::prelude::SessionContext;
use strata_spec::country;
use strata_spec::definition::{Example, Score, Segment};
use strata_spec::error::{SpecError, nearest};
use strata_spec::table::{Kind, Subject, Table};

use super::Case;
use crate::compile::{Setting, Tables, data_type};
use crate::project::Project;

/// A row: a value for each column that has one.
type Row = BTreeMap<String, ScalarValue>;

/// The rows of one example, each with the ids that it needs.
pub(super) struct Rows {
    /// The subject's id.
    pub(super) id: String,
    /// The ids of all subjects that the example speaks of. Two examples with a common one cannot lie in one table.
    pub(super) ids: BTreeSet<String>,
    tables: BTreeMap<Table, Vec<Row>>,
}

/// An error about an example.
pub(super) fn fault(segment: &Segment, number: usize, message: impl Into<String>) -> SpecError {
    SpecError::new(message).in_place(format!("segments.{}, example {number}", segment.name))
}

impl Rows {
    /// Reads the rows of an example. Ids that it does not give are made up.
    pub(super) fn of(
        project: &Project,
        segment: &Segment,
        number: usize,
        example: &Example,
    ) -> Result<Rows, SpecError> {
        let subject = segment.header.subject;
        let known = &project.manifest.definitions.scores;
        if let Some(name) = example.scores.keys().find(|name| !known.contains_key(name.as_str())) {
            let error = fault(segment, number, format!("there is no score `{name}`"));
            return Err(match nearest(name, known.keys().map(|name| name.as_str())) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint("docs/segmentations.md lists the scores"),
            });
        }
        let reader = Reader { project, segment, number };
        let mut own = reader.row(subject.table(), &example.subject)?;
        let id = text_of(&own, subject.id_column());
        let id = id.unwrap_or_else(|| format!("example {number} of {}", segment.name));
        own.insert(subject.id_column().to_owned(), text(&id));
        let mut rows = Rows { ids: BTreeSet::new(), tables: BTreeMap::new(), id };
        for (name, of_table) in &example.rows {
            let Some(table) = Table::parse(name) else { continue };
            for (place, row) in (1..).zip(of_table) {
                let mut row = reader.row(table, row)?;
                rows.complete(&mut row, table, place, subject, &mut own);
                reader.needs(table, &row)?;
                rows.tables.entry(table).or_default().push(row);
            }
        }
        rows.tables.entry(subject.table()).or_default().push(own);
        let of_subjects = Subject::ALL.map(Subject::id_column);
        let all = rows.tables.values().flatten();
        rows.ids =
            all.flat_map(|row| of_subjects.into_iter().filter_map(|name| text_of(row, name))).collect();
        Ok(rows)
    }

    /// Gives a row the ids that it lacks: its own, and that of the subject, to whom all rows of an example belong. A company
    /// in the example of a customer who has none is the customer's.
    fn complete(&self, row: &mut Row, table: Table, place: usize, subject: Subject, own: &mut Row) {
        let (id, company) = (subject.id_column(), Subject::Companies.id_column());
        if table == Table::Companies && subject == Subject::Customers {
            let theirs = text_of(row, company).or_else(|| text_of(own, company));
            let theirs = text(&theirs.unwrap_or_else(|| format!("company of {}", self.id)));
            own.entry(company.to_owned()).or_insert_with(|| theirs.clone());
            row.insert(company.to_owned(), theirs);
        } else if table.column(id).is_some() {
            row.entry(id.to_owned()).or_insert_with(|| text(&self.id));
        }
        let own_ids = table.columns().iter().filter(|column| column.required && column.name.ends_with("_id"));
        for name in own_ids.map(|column| column.name).chain([table.key_column()]) {
            row.entry(name.to_owned()).or_insert_with(|| text(&format!("{table} {place} of {}", self.id)));
        }
    }

    /// The latest instant that its rows name as theirs.
    pub(super) fn latest(&self) -> Option<DateTime<Utc>> {
        let times = self.tables.iter().flat_map(|(table, rows)| {
            rows.iter().filter_map(|row| row.get(table.time_column())).filter_map(|value| match value {
                ScalarValue::TimestampMicrosecond(Some(at), _) => DateTime::from_timestamp_micros(*at),
                _ => None,
            })
        });
        times.max()
    }
}

/// The canonical tables that hold the rows of several examples.
pub(super) fn tables(
    session: &SessionContext,
    setting: &Setting<'_>,
    cases: &[Case<'_>],
) -> EngineResult<Tables> {
    let mut tables = Tables::new();
    for table in Table::ALL {
        let rows: Vec<&Row> =
            cases.iter().filter_map(|case| case.rows.tables.get(&table)).flatten().collect();
        let mut fields = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        for name in setting.columns_of(table) {
            let of = data_type(setting.kind_of(table, name).unwrap_or(Kind::Text));
            let null = ScalarValue::try_from(&of)?;
            let values = rows.iter().map(|row| row.get(name).cloned().unwrap_or_else(|| null.clone()));
            columns.push(match rows.is_empty() {
                true => new_empty_array(&of),
                false => ScalarValue::iter_to_array(values)?,
            });
            fields.push(Field::new(name, of, true));
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        tables.insert(table, session.read_batch(batch)?);
    }
    Ok(tables)
}

/// The scores that examples give; null where one gives none.
pub(super) fn scores(
    setting: &Setting<'_>,
    names: &BTreeSet<String>,
    cases: &[Case<'_>],
) -> EngineResult<RecordBatch> {
    let ids: StringArray = cases.iter().map(|case| Some(case.rows.id.as_str())).collect();
    let mut columns = vec![(setting.subject.id_column(), Arc::new(ids) as ArrayRef)];
    for name in names {
        let given: Float64Array = cases.iter().map(|case| case.example.scores.get(name).copied()).collect();
        let kind = setting.definitions.scores.get(name.as_str()).map_or(Kind::Number, Score::kind);
        columns.push((name, cast(&given, &data_type(kind))?));
    }
    Ok(RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )?)
}

/// Reads the rows of one example.
struct Reader<'p> {
    project: &'p Project,
    segment: &'p Segment,
    number: usize,
}

impl Reader<'_> {
    fn row(&self, table: Table, values: &BTreeMap<String, Value>) -> Result<Row, SpecError> {
        let declared = self.project.manifest.properties.get(&table);
        let kind_of = |name: &str| {
            let own = table.column(name).map(|column| column.kind);
            own.or_else(|| declared?.get(name).copied()).unwrap_or(Kind::Text)
        };
        let read = |(name, value): (&String, &Value)| {
            let kind = kind_of(name);
            let read = self.value(value, kind).ok_or_else(|| {
                self.fault(format!("{table}.{name}: {value} is not {}", described(kind)))
                    .with_hint(format!("write it as {}", written(kind)))
            })?;
            self.country(name, value)?;
            Ok((name.clone(), read))
        };
        values.iter().map(read).collect()
    }

    /// Every row must be one that the stage `canonical` could have written.
    fn needs(&self, table: Table, row: &Row) -> Result<(), SpecError> {
        let missing = |name: &&str| !row.contains_key(*name);
        match table.columns().iter().filter(|column| column.required).map(|column| column.name).find(missing)
        {
            None => Ok(()),
            Some(name) => {
                let error = self.fault(format!("a row of {table} has no `{name}`"));
                Err(error.with_hint("no row without it comes into the table; docs/tables.md has its columns"))
            }
        }
    }

    /// Countries are codes in all tables.
    fn country(&self, name: &str, value: &Value) -> Result<(), SpecError> {
        let code = value.as_str().and_then(country::code).filter(|code| value.as_str() != Some(code));
        match code {
            Some(code) if name == "country" => Err(self
                .fault(format!("no country is called {value} once it is read"))
                .with_hint(format!("write `{code}`: countries are codes"))),
            _ => Ok(()),
        }
    }

    fn value(&self, value: &Value, kind: Kind) -> Option<ScalarValue> {
        Some(match kind {
            Kind::Text | Kind::Json => text(value.as_str()?),
            Kind::Integer => ScalarValue::Int64(Some(value.as_i64()?)),
            Kind::Number => ScalarValue::Float64(Some(value.as_f64()?)),
            Kind::Boolean => ScalarValue::Boolean(Some(value.as_bool()?)),
            Kind::Date => {
                let day: NaiveDate = value.as_str()?.parse().ok()?;
                ScalarValue::Date32(Some(Date32Type::from_naive_date(day)))
            }
            Kind::Timestamp => {
                let at = self.instant(value.as_str()?)?.timestamp_micros();
                ScalarValue::TimestampMicrosecond(Some(at), Some("UTC".into()))
            }
        })
    }

    /// A day's midnight, a time with its zone, or one in the project's.
    fn instant(&self, text: &str) -> Option<DateTime<Utc>> {
        if let Ok(at) = self.project.instant(text) {
            return Some(at);
        }
        let local: NaiveDateTime = text.replacen(' ', "T", 1).parse().ok()?;
        self.project.timezone.from_local_datetime(&local).earliest().map(|at| at.to_utc())
    }

    fn fault(&self, message: String) -> SpecError {
        fault(self.segment, self.number, message)
    }
}

fn text(value: &str) -> ScalarValue {
    ScalarValue::Utf8(Some(value.to_owned()))
}

fn text_of(row: &Row, name: &str) -> Option<String> {
    match row.get(name)? {
        ScalarValue::Utf8(text) => text.clone(),
        _ => None,
    }
}

fn described(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "a text",
        Kind::Integer => "a whole number",
        Kind::Number => "a number",
        Kind::Boolean => "true or false",
        Kind::Date => "a date",
        Kind::Timestamp => "a time",
    }
}

fn written(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "`\"a text\"`",
        Kind::Integer => "`3`",
        Kind::Number => "`3.5`",
        Kind::Boolean => "`true`",
        Kind::Date => "`\"2026-03-31\"`",
        Kind::Timestamp => "`\"2026-03-31\"` or `\"2026-03-31T14:00:00Z\"`",
    }
}
