//! Words of the language over a few literal rows: who is a member, and of whom that cannot be said.
//!
//! A table is written as lines of cells between bars, the header first; an empty cell is null. Columns that are not written are null.

mod at_once;
mod companies;
mod figures;
mod functions;
mod idioms;
mod past;
mod ranks;
mod sequences;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use strata_lake::Engine;
use strata_lake::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::Date32Type;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_pipeline::compile::{Earlier, Mapped, Program, Setting, Tables, compile};
use strata_pipeline::run::{Session, engine};
use strata_pipeline::score::{fit_all, with_scores};
use strata_pipeline::spec::error::SpecError;
use strata_pipeline::spec::manifest::Manifest;
use strata_pipeline::spec::table::{Kind, Subject, Table};

use crate::support::Trial;

/// Rows, and what is known of earlier times.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) as_of: &'a str,
    /// Sections of a manifest: the project, properties, further definitions.
    pub(super) manifest: &'a str,
    pub(super) tables: &'a [(Table, &'a str)],
    /// `property_history`, where there is one.
    pub(super) history: Option<&'a str>,
    /// `membership`, where there was an earlier run.
    pub(super) memberships: Option<&'a str>,
}

impl Default for Rows<'_> {
    fn default() -> Self {
        Rows { as_of: "2024-03-31", manifest: "", tables: &[], history: None, memberships: None }
    }
}

impl Rows<'_> {
    /// Checks who is in segments of customers with these conditions. Of whom it cannot be said stands behind a `?`.
    pub(super) async fn check(&self, expected: &[(&str, &str)]) {
        self.check_of(Subject::Customers, expected).await;
    }

    pub(super) async fn check_of(&self, subject: Subject, expected: &[(&str, &str)]) {
        let conditions: Vec<&str> = expected.iter().map(|(condition, _)| *condition).collect();
        let found = self.members_of(subject, &conditions).await;
        for ((condition, expected), found) in expected.iter().zip(found) {
            assert_eq!(found, *expected, "{condition}");
        }
    }

    /// Who is in segments with these conditions.
    pub(super) async fn members_of(&self, subject: Subject, conditions: &[&str]) -> Vec<String> {
        let manifest = self.read(subject, conditions);
        let engine = session().await;
        let found = self.members(&manifest, &engine, subject).await;
        (0..conditions.len()).map(|at| found[&format!("s{at}")].clone()).collect()
    }

    /// What is wrong with a condition: the message, and the hint.
    pub(super) fn refusal(&self, condition: &str) -> String {
        let manifest = self.read(Subject::Customers, &[condition]);
        let fault = self.compiled(&manifest, Subject::Customers).map(drop).unwrap_err();
        fault
            .iter()
            .map(|error| format!("{} / {}", error.message, error.hint.clone().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn read(&self, subject: Subject, conditions: &[&str]) -> Manifest {
        let mut text = self.manifest.to_owned();
        if !text.contains("[project]") {
            text = format!("[project]\ntitle = \"Words\"\n{text}");
        }
        text.push_str(
            "\n[sources.x]\npath = \"x.csv\"\n[sources.x.customers.columns]\ncustomer_id = \"id\"\n",
        );
        for (at, condition) in conditions.iter().enumerate() {
            text.push_str(&format!(
                "[segments.s{at}]\ntitle = \"{at}\"\nsubject = \"{subject}\"\nwhere = '''\n{condition}\n'''\n"
            ));
        }
        Manifest::parse(&[("strata.toml".to_owned(), text)]).unwrap()
    }

    pub(super) fn compiled(&self, manifest: &Manifest, subject: Subject) -> Result<Program, Vec<SpecError>> {
        let mapped = Mapped::columns(Subject::ALL.map(|subject| (subject.table(), subject.id_column())));
        compile(&Setting {
            subject,
            as_of: instant(self.as_of),
            timezone: manifest.timezone.parse().unwrap(),
            fiscal_year_start: manifest.fiscal_year_start,
            definitions: &manifest.definitions,
            properties: &manifest.properties,
            mapped: &mapped,
        })
    }

    async fn members(
        &self,
        manifest: &Manifest,
        engine: &Engine,
        subject: Subject,
    ) -> BTreeMap<String, String> {
        let mut tables = self.read_tables(manifest, engine);
        let history = match self.history {
            Some(text) => Earlier::Rows(frame(engine, text, &HISTORY)),
            None => Earlier::Unavailable,
        };
        let memberships = match self.memberships {
            Some(text) => Earlier::Rows(frame(engine, text, &MEMBERSHIP)),
            None => Earlier::Nothing,
        };
        if subject == Subject::Companies {
            let customers = self.compiled(manifest, Subject::Customers).unwrap();
            let companies = self.compiled(manifest, subject).unwrap();
            let profile = customers.profile_after(&tables, &history).unwrap();
            tables = companies.with_customer_traits(tables, profile).unwrap();
        }
        let program = self.compiled(manifest, subject).unwrap();
        let profile = program.profile_after(&tables, &history).unwrap();
        let fitted = fit_all(&program, &profile).await.unwrap();
        let scored = with_scores(&program, &fitted, profile).unwrap();
        let divided = program.divide_after(scored, &memberships).unwrap().collect().await.unwrap();
        let segments = program.levels.iter().flatten().map(|division| division.name.clone());
        segments.map(|name| (name.clone(), members(&divided, &name))).collect()
    }

    fn read_tables(&self, manifest: &Manifest, engine: &Engine) -> Tables {
        let all = Table::ALL.into_iter().map(|table| {
            let text = self.tables.iter().find(|(each, _)| *each == table).map_or("", |(_, text)| *text);
            let own = table.columns().iter().map(|column| (column.name.to_owned(), column.kind));
            let declared = manifest.properties.get(&table).into_iter().flatten();
            let columns: Vec<(String, Kind)> =
                own.chain(declared.map(|(name, kind)| (name.clone(), *kind))).collect();
            (table, frame(engine, text, &columns))
        });
        all.collect()
    }
}

const HISTORY: [(&str, Kind); 6] = [
    ("subject", Kind::Text),
    ("subject_id", Kind::Text),
    ("property", Kind::Text),
    ("value", Kind::Text),
    ("previous", Kind::Text),
    ("since", Kind::Timestamp),
];

const MEMBERSHIP: [(&str, Kind); 6] = [
    ("subject", Kind::Text),
    ("subject_id", Kind::Text),
    ("segmentation", Kind::Text),
    ("segment", Kind::Text),
    ("entered_at", Kind::Timestamp),
    ("left_at", Kind::Timestamp),
];

async fn session() -> Engine {
    let trial = Trial::new(
        "[project]\ntitle = \"Words\"\n[sources.x]\npath = \"x.csv\"\n[sources.x.customers.columns]\ncustomer_id = \"id\"\n",
    );
    engine(&trial.project(), &Session::default()).await.unwrap()
}

/// A date is its midnight in UTC.
fn instant(text: &str) -> DateTime<Utc> {
    let date = text.parse::<NaiveDate>().map(|day| day.and_hms_opt(0, 0, 0).unwrap().and_utc());
    date.unwrap_or_else(|_| text.parse().unwrap())
}

fn frame<N: AsRef<str>>(engine: &Engine, text: &str, columns: &[(N, Kind)]) -> DataFrame {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = lines.next().map(cells).unwrap_or_default();
    for name in &header {
        assert!(columns.iter().any(|(column, _)| column.as_ref() == name), "there is no column `{name}`");
    }
    let rows: Vec<Vec<String>> = lines.map(cells).collect();
    let arrays = columns.iter().map(|(name, kind)| {
        let at = header.iter().position(|each| each == name.as_ref());
        let values = rows.iter().map(|row| at.map(|at| row[at].as_str()).filter(|cell| !cell.is_empty()));
        (name.as_ref(), array(*kind, values), true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(arrays).unwrap();
    engine.context().read_batch(batch).unwrap()
}

fn array<'a>(kind: Kind, values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    match kind {
        // `''` is an empty text.
        Kind::Text | Kind::Json => {
            Arc::new(values.map(|value| value.map(|value| value.trim_matches('\''))).collect::<StringArray>())
        }
        Kind::Integer => {
            Arc::new(values.map(|value| value.map(|n| n.parse().unwrap())).collect::<Int64Array>())
        }
        Kind::Number => {
            Arc::new(values.map(|value| value.map(|n| n.parse().unwrap())).collect::<Float64Array>())
        }
        Kind::Boolean => {
            Arc::new(values.map(|value| value.map(|truth| truth == "true")).collect::<BooleanArray>())
        }
        Kind::Date => Arc::new(
            values
                .map(|value| value.map(|day| Date32Type::from_naive_date(day.parse().unwrap())))
                .collect::<Date32Array>(),
        ),
        Kind::Timestamp => {
            let times: TimestampMicrosecondArray =
                values.map(|value| value.map(|time| instant(time).timestamp_micros())).collect();
            Arc::new(times.with_timezone("UTC"))
        }
    }
}

/// The ids of the members, and behind a `?` those who are undecided.
fn members(divided: &[RecordBatch], segment: &str) -> String {
    let (mut members, mut undecided) = (Vec::new(), Vec::new());
    for batch in divided {
        let ids = batch.column(0).as_string::<i32>();
        let truth = |name: String| batch.column_by_name(&name).map(|column| column.as_boolean().clone());
        let Some(is_in) = truth(format!("_in_{segment}")) else { return String::new() };
        let unknown = truth(format!("_undecided_{segment}")).unwrap();
        for row in 0..batch.num_rows() {
            if is_in.value(row) {
                members.push(ids.value(row).to_owned());
            }
            if unknown.value(row) {
                undecided.push(ids.value(row).to_owned());
            }
        }
    }
    members.sort();
    undecided.sort();
    match undecided.is_empty() {
        true => members.join(" "),
        false => format!("{} ?{}", members.join(" "), undecided.join(" ")).trim().to_owned(),
    }
}
