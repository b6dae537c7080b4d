//! The plans of a world: its rows as tables of the engine, its definitions as programs, and what these decide.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::{DataType, Date32Type, Field, Schema, TimeUnit};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::{Engine, EngineOptions, Functions, Lake, Mode};
use strata_pipeline::compile::{Mapped, Program, Setting, Tables, compile};
use strata_pipeline::score::{fit_all, with_scores};
use strata_pipeline::spec::definition::Origin;
use strata_pipeline::spec::table::{Kind, Subject, Table};
use tempfile::TempDir;

use super::decided::Decided;
use super::value::{Row, Value};
use super::world::World;

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

/// What the plans over these tables decide, for both subjects where there are any.
pub(crate) async fn decide(world: &World, tables: Tables) -> Decided {
    let mut decided = Decided::default();
    let mut tables = tables;
    for subject in Subject::ALL {
        if !tables.contains_key(&subject.table()) {
            continue;
        }
        let program = program(world, subject);
        let profile = program.profile(&tables).unwrap().cache().await.unwrap();
        let fitted = fit_all(&program, &profile).await.unwrap();
        let divided = program.divide(with_scores(&program, &fitted, profile).unwrap()).unwrap();
        for batch in divided.collect().await.unwrap() {
            collect(world, subject, &batch, &mut decided);
        }
        tables.remove(&Table::Feedback);
    }
    decided
}

fn program(world: &World, subject: Subject) -> Program {
    // Nothing is mapped, so that of the shipped definitions only those take part that the world's own use.
    let mapped = Mapped::columns([]);
    let setting = Setting {
        subject,
        as_of: world.as_of,
        timezone: world.timezone,
        definitions: &world.definitions,
        properties: &world.properties,
        mapped: &mapped,
    };
    compile(&setting).unwrap_or_else(|errors| panic!("{errors:#?}"))
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
pub(crate) fn in_memory(world: &World, engine: &Engine) -> Tables {
    let frames = batches(world).into_iter();
    frames.map(|(table, batch)| (table, engine.context().read_batch(batch).unwrap())).collect()
}

/// The world's rows as files, as a cluster needs them: a scan crosses its wire as a list of files.
#[cfg(feature = "cluster")]
pub(crate) async fn in_files(world: &World, engine: &Engine, folder: &std::path::Path) -> Tables {
    use strata_lake::datafusion::dataframe::DataFrameWriteOptions;
    use strata_lake::datafusion::prelude::ParquetReadOptions;
    let (writer, _folder) = self::engine(Mode::Embedded).await;
    let mut tables = Tables::new();
    for (table, batch) in batches(world) {
        let file = folder.join(format!("{table}.parquet")).to_string_lossy().into_owned();
        let rows: DataFrame = writer.context().read_batch(batch).unwrap();
        rows.write_parquet(&file, DataFrameWriteOptions::new().with_single_file_output(true), None)
            .await
            .unwrap();
        let read = engine.context().read_parquet(file, ParquetReadOptions::default()).await.unwrap();
        tables.insert(table, read);
    }
    tables
}

fn batches(world: &World) -> BTreeMap<Table, RecordBatch> {
    let has_rows = |table: &Table| world.tables.contains_key(table) || *table == Table::Customers;
    Table::ALL.into_iter().filter(has_rows).map(|table| (table, batch(world, table))).collect()
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
        Kind::Timestamp => {
            let times: Arc<TimestampMicrosecondArray> =
                of!(TimestampMicrosecondArray, Time, |at| at.timestamp_micros());
            let utc = Some("UTC".into());
            debug_assert_eq!(times.data_type(), &DataType::Timestamp(TimeUnit::Microsecond, None));
            Arc::new(Arc::unwrap_or_clone(times).with_timezone_opt(utc))
        }
    }
}

/// One column of a row, for messages.
pub(crate) fn described(row: &Row) -> String {
    let cells = row.iter().filter(|(_, value)| !value.is_null());
    cells.map(|(name, value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(" ")
}
