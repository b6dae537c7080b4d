//! The plans of a world: its rows as tables of the engine, its definitions as programs, and what these decide.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use strata_lake::arrow::compute::concat_batches;
use strata_lake::arrow::datatypes::{Date32Type, Field, Schema};
use strata_lake::datafusion::dataframe::{DataFrame, DataFrameWriteOptions};
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::prelude::{ParquetReadOptions, SessionContext};
use strata_lake::{Engine, EngineOptions, Functions, Lake, Mode};
use strata_pipeline::compile::{Earlier, Mapped, Program, Setting, Tables, compile};
use strata_pipeline::score::{fit_all, with_scores};
use strata_pipeline::spec::condition::Group;
use strata_pipeline::spec::definition::Origin;
use strata_pipeline::spec::table::{Kind, Subject, Table};
use tempfile::TempDir;

use super::decided::Decided;
use super::value::{Row, Value};
use super::world::{Spell, Stay, World};

/// A session without a lake of its own: the tables are given.
pub(crate) async fn engine(mode: Mode) -> (Engine, TempDir) {
    let folder = TempDir::new().unwrap();
    let options = EngineOptions {
        mode,
        // Few rows in many partitions would only cost planning.
        target_partitions: Some(2),
        functions: Functions {
            scalar: strata_pipeline::function::scalars(),
            aggregate: strata_pipeline::function::aggregates(),
        },
        ..EngineOptions::default()
    };
    (Engine::new(Lake::open(folder.path()).unwrap(), options).await.unwrap(), folder)
}

/// What the plans over these tables decide, for both subjects where there are any; or why a plan does not run.
pub(crate) async fn decide(world: &World, given: &Given) -> Result<Decided, String> {
    let mut decided = Decided::default();
    let mut people: Option<DataFrame> = None;
    for subject in Subject::ALL {
        if world.everyone(subject).is_empty() {
            continue;
        }
        let program = program(world, subject)?;
        let mut tables = given.tables.clone();
        if let Some(people) = people.take() {
            tables = program.with_customer_traits(tables, people).map_err(shown)?;
        }
        let profile = program.profile_after(&tables, &given.history).map_err(shown)?;
        let profile = given.at_rest(profile, subject).await.map_err(shown)?;
        let fitted = fit_all(&program, &profile).await.map_err(shown)?;
        let with_scores = with_scores(&program, &fitted, profile.clone()).map_err(shown)?;
        let divided = program.divide_after(with_scores, &given.memberships).map_err(shown)?;
        for batch in divided.collect().await.map_err(shown)? {
            collect(world, subject, &batch, &mut decided);
        }
        people = Some(profile);
    }
    Ok(decided)
}

fn shown(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The tables of a world as the engine has them.
pub(crate) struct Given {
    pub(super) tables: Tables,
    pub(super) history: Earlier,
    pub(super) memberships: Earlier,
    /// Where they are files.
    files: Option<Files>,
}

impl Given {
    /// A profile as the next stage finds it: computed, and kept as the other tables are.
    async fn at_rest(&self, profile: DataFrame, subject: Subject) -> EngineResult<DataFrame> {
        let Some(files) = &self.files else { return profile.cache().await };
        let schema = Arc::new(profile.schema().as_arrow().clone());
        let batch = concat_batches(&schema, &profile.collect().await?)?;
        Ok(files.with(subject.profile_table(), batch).await)
    }
}

/// A folder of files, as a cluster needs them: a scan crosses its wire as a list of files.
struct Files {
    reader: SessionContext,
    folder: PathBuf,
}

impl Files {
    /// Rows, written and to be read.
    async fn with(&self, name: &str, batch: RecordBatch) -> DataFrame {
        let file = self.folder.join(format!("{name}.parquet")).to_string_lossy().into_owned();
        let (writer, _folder) = engine(Mode::Embedded).await;
        let rows = writer.context().read_batch(batch).unwrap();
        let options = DataFrameWriteOptions::new().with_single_file_output(true);
        rows.write_parquet(&file, options, None).await.unwrap();
        self.reader.read_parquet(file, ParquetReadOptions::default()).await.unwrap()
    }
}

fn program(world: &World, subject: Subject) -> Result<Program, String> {
    // Of the shipped definitions, those take part that the world's own use, and hardly any besides.
    let companies = (Table::Companies, Subject::Companies.id_column());
    let mapped = Mapped::columns((!world.everyone(Subject::Companies).is_empty()).then_some(companies));
    let setting = Setting {
        subject,
        as_of: world.as_of,
        timezone: world.timezone,
        fiscal_year_start: world.fiscal_year_start,
        definitions: &world.definitions,
        properties: &world.properties,
        mapped: &mapped,
    };
    compile(&setting).map_err(|errors| format!("{errors:#?}"))
}

fn collect(world: &World, subject: Subject, batch: &RecordBatch, decided: &mut Decided) {
    let ids = batch.column_by_name(subject.id_column()).unwrap().as_string::<i32>();
    let with = |column: &str| -> BTreeSet<String> {
        let truths = batch.column_by_name(column).unwrap().as_boolean();
        let is_true = |row: &usize| truths.is_valid(*row) && truths.value(*row);
        (0..batch.num_rows()).filter(is_true).map(|row| ids.value(row).to_owned()).collect()
    };
    let own = |header: &strata_pipeline::spec::definition::Header| {
        header.origin == Origin::Project && header.subject == subject
    };
    for name in world.definitions.segments.iter().filter(|(_, each)| own(&each.header)).map(|(name, _)| name)
    {
        decided.members.entry(name.to_string()).or_default().extend(with(&format!("_in_{name}")));
        decided.undecided.entry(name.to_string()).or_default().extend(with(&format!("_undecided_{name}")));
    }
    for name in
        world.definitions.segmentations.iter().filter(|(_, each)| own(&each.header)).map(|(name, _)| name)
    {
        let classes = batch.column_by_name(&format!("_class_{name}")).unwrap().as_string::<i32>();
        let found = decided.classes.entry(name.to_string()).or_default();
        for row in 0..batch.num_rows() {
            found.entry(classes.value(row).to_owned()).or_default().insert(ids.value(row).to_owned());
        }
    }
}

/// The world's rows in memory.
pub(crate) fn in_memory(world: &World, engine: &Engine) -> Given {
    let frame = |batch| engine.context().read_batch(batch).unwrap();
    Given {
        tables: batches(world).into_iter().map(|(table, batch)| (table, frame(batch))).collect(),
        history: Earlier::Rows(frame(history(world))),
        memberships: Earlier::Rows(frame(memberships(world))),
        files: None,
    }
}

/// The world's rows as files.
#[cfg(feature = "cluster")]
pub(crate) async fn in_files(world: &World, engine: &Engine, folder: &std::path::Path) -> Given {
    let files = Files { reader: engine.context().clone(), folder: folder.to_owned() };
    let mut tables = Tables::new();
    for (table, batch) in batches(world) {
        tables.insert(table, files.with(table.as_str(), batch).await);
    }
    Given {
        tables,
        history: Earlier::Rows(files.with("history", history(world)).await),
        memberships: Earlier::Rows(files.with("membership", memberships(world)).await),
        files: Some(files),
    }
}

/// The table `property_history`: a row for each change, and rows that say when the history of a subject begins.
fn history(world: &World) -> RecordBatch {
    let mut rows = Vec::new();
    for subject in Subject::ALL {
        let mut begins: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
        let mut last: BTreeMap<(&str, &str), &Value> = BTreeMap::new();
        let mut spells: Vec<&Spell> = world.spells.iter().filter(|spell| spell.subject == subject).collect();
        spells.sort_by_key(|spell| spell.since);
        for spell in spells {
            let begin = begins.entry(&spell.id).or_insert(spell.since);
            *begin = spell.since.min(*begin);
            if let Some(previous) = last.insert((spell.id.as_str(), spell.property.as_str()), &spell.value) {
                rows.push((Some(spell.id.as_str()), Some(spell), Some(previous), subject, spell.since));
            }
        }
        let of_all = begins.values().min().copied().unwrap_or(world.as_of);
        rows.extend(begins.into_iter().map(|(id, begin)| (Some(id), None, None, subject, begin)));
        rows.push((None, None, None, subject, of_all));
    }
    let texts = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
        Arc::new((0..rows.len()).map(of).collect::<StringArray>())
    };
    let columns = [
        ("subject", texts(&|row| Some(rows[row].3.as_str().to_owned()))),
        ("subject_id", texts(&|row| rows[row].0.map(str::to_owned))),
        ("property", texts(&|row| rows[row].1.map(|spell| spell.property.clone()))),
        ("value", texts(&|row| rows[row].1.and_then(|spell| spell.value.as_text()))),
        ("previous", texts(&|row| rows[row].2.and_then(Value::as_text))),
        ("since", times(rows.iter().map(|row| Some(row.4)))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
}

/// The table `membership`, as a run before left it.
fn memberships(world: &World) -> RecordBatch {
    let names = |stay: &Stay| match &stay.group {
        Group::Segment(name) => (None, name.to_string()),
        Group::Class { segmentation, class } => (Some(segmentation.to_string()), class.clone()),
    };
    let texts = |of: &dyn Fn(&Stay) -> Option<String>| -> ArrayRef {
        Arc::new(world.stays.iter().map(of).collect::<StringArray>())
    };
    let columns = [
        ("subject", texts(&|stay| Some(stay.subject.as_str().to_owned()))),
        ("subject_id", texts(&|stay| Some(stay.id.clone()))),
        ("segmentation", texts(&|stay| names(stay).0)),
        ("segment", texts(&|stay| Some(names(stay).1))),
        ("entered_at", times(world.stays.iter().map(|stay| Some(stay.entered_at)))),
        ("left_at", times(world.stays.iter().map(|stay| stay.left_at))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
}

fn times(times: impl Iterator<Item = Option<DateTime<Utc>>>) -> ArrayRef {
    let microseconds = times.map(|at| at.map(|at| at.timestamp_micros()));
    Arc::new(microseconds.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

fn batches(world: &World) -> BTreeMap<Table, RecordBatch> {
    Table::ALL.into_iter().map(|table| (table, batch(world, table))).collect()
}

fn batch(world: &World, table: Table) -> RecordBatch {
    let none = Vec::new();
    let rows = world.tables.get(&table).unwrap_or(&none);
    let declared =
        world.properties.get(&table).into_iter().flatten().map(|(name, kind)| (name.as_str(), *kind));
    let columns = table.columns().iter().map(|column| (column.name, column.kind)).chain(declared);
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
        .map(|(name, kind)| {
            let array = array(kind, rows.iter().map(|row| row.get(name)));
            (Field::new(name, array.data_type().clone(), true), array)
        })
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn array<'r>(kind: Kind, cells: impl Iterator<Item = Option<&'r Value>>) -> ArrayRef {
    macro_rules! of {
        ($array:ident, $variant:ident, |$value:ident| $native:expr) => {
            Arc::new(
                cells
                    .map(|cell| match cell {
                        Some(Value::$variant($value)) => Some($native),
                        Some(Value::Null) | None => None,
                        Some(other) => panic!("{other:?} in a column of {}", kind.as_str()),
                    })
                    .collect::<$array>(),
            )
        };
    }
    match kind {
        Kind::Text | Kind::Json => of!(StringArray, Text, |text| text.clone()),
        Kind::Integer => of!(Int64Array, Integer, |number| *number),
        Kind::Number => of!(Float64Array, Number, |number| *number),
        Kind::Boolean => of!(BooleanArray, Boolean, |truth| *truth),
        Kind::Date => of!(Date32Array, Date, |day| Date32Type::from_naive_date(*day)),
        Kind::Timestamp => times(cells.map(|cell| match cell {
            Some(Value::Time(at)) => Some(*at),
            Some(Value::Null) | None => None,
            Some(other) => panic!("{other:?} in a column of times"),
        })),
    }
}

/// One column of a row, for messages.
pub(crate) fn described(row: &Row) -> String {
    let cells = row.iter().filter(|(_, value)| !value.is_null());
    cells.map(|(name, value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(" ")
}
