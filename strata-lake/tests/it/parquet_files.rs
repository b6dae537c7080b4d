//! Parquet files that go into a table as they are: what comes out is what their rows, read and written anew, give.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strata_lake::arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray,
    ListArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampNanosecondArray, UInt32Array,
};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use strata_lake::datafusion::parquet::arrow::ArrowWriter;
use strata_lake::datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use strata_lake::datafusion::parquet::column::writer::ColumnCloseResult;
use strata_lake::datafusion::parquet::file::metadata::ParquetMetaDataReader;
use strata_lake::datafusion::parquet::file::properties::WriterProperties;
use strata_lake::datafusion::parquet::file::statistics::Statistics;
use strata_lake::datafusion::parquet::file::writer::SerializedFileWriter;
use strata_lake::datafusion::scalar::ScalarValue;
use strata_lake::{Engine, LakeError, ParquetFile, Rows, Write, WriteMode, batches};
use tempfile::TempDir;

use crate::fixtures::{Fixture, ids, lines, named, stream};

const ROWS_PER_GROUP: usize = 20_000;

/// A folder with Parquet files of other people.
struct Exports(TempDir);

impl Exports {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A file with these columns, in row groups of so many rows.
    fn write(&self, name: &str, columns: Vec<(&str, ArrayRef)>, rows_per_group: usize) -> PathBuf {
        let path = self.0.path().join(name);
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, values)| (name, values, name != "id")),
        );
        let batch = batch.unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows_per_group));
        let file = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }

    /// Ids that must be there, names that need not, and values of other kinds.
    fn people(&self, name: &str, from: i64, rows: i64) -> PathBuf {
        let range = || from..from + rows;
        let names = range().map(|n| (n % 11 > 0).then(|| format!("n{}", n % 1_000)));
        let at = TimestampMicrosecondArray::from_iter_values(range().map(|n| n * 1_000_003));
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(Int64Array::from_iter_values(range()))),
            ("name", Arc::new(names.collect::<StringArray>())),
            ("at", Arc::new(at.with_timezone("UTC"))),
            (
                "amount",
                Arc::new(range().map(|n| (n % 5 > 0).then_some(n as f64 / 4.0)).collect::<Float64Array>()),
            ),
            ("yes", Arc::new(range().map(|n| Some(n % 2 == 0)).collect::<BooleanArray>())),
            ("day", Arc::new(Date32Array::from_iter_values(range().map(|n| (n % 30_000) as i32)))),
        ];
        self.write(name, columns, ROWS_PER_GROUP)
    }
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

fn columns_of(path: &Path) -> Schema {
    ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().schema().as_ref().clone()
}

/// The file as it is, each row with its number and its file.
fn whole(path: &Path) -> Option<ParquetFile> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    ParquetFile::open(path, &columns_of(path)).map(|file| {
        file.with_row_number("_line")
            .with_constant("_problem", ScalarValue::Utf8(None))
            .with_constant("_file", ScalarValue::Utf8(Some(name)))
    })
}

/// The rows of the file with the same beside them.
fn anew(path: &Path) -> Rows {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut before = 0;
    let with_origin = read(path).into_iter().map(move |rows| {
        let n = rows.num_rows();
        let first = before + 1;
        before += n as i64;
        let beside: [(&str, ArrayRef); 3] = [
            ("_line", Arc::new(Int64Array::from_iter_values(first..=before))),
            ("_problem", Arc::new(StringArray::new_null(n))),
            ("_file", Arc::new(StringArray::from(vec![name.as_str(); n]))),
        ];
        let schema = rows.schema();
        let own = schema
            .fields()
            .iter()
            .zip(rows.columns())
            .map(|(field, values)| (field.name().as_str(), values.clone()));
        RecordBatch::try_from_iter_with_nullable(own.chain(beside).map(|(name, values)| (name, values, true)))
            .unwrap()
    });
    let rows: Vec<RecordBatch> = with_origin.collect();
    Rows::from(stream(rows))
}

async fn write(fixture: &Fixture, base: Option<u64>, rows: impl Into<Rows>, label: &str) -> u64 {
    fixture.lake().write("raw.shop", Write::append(base, rows, label, 0)).await.unwrap().version
}

/// The names of the data files with a label, whole.
fn data_files(fixture: &Fixture, label: &str) -> Vec<PathBuf> {
    let folder = fixture.lake().root().join("raw/shop");
    let names = fixture.files().into_iter().filter(|name| name.starts_with(&format!("{label}-")));
    names.map(|name| folder.join(name)).collect()
}

fn row_groups(path: &Path) -> usize {
    ParquetMetaDataReader::new().parse_and_finish(&File::open(path).unwrap()).unwrap().num_row_groups()
}

async fn answer(engine: &Engine, query: &str, version: u64) -> Vec<String> {
    let tables = BTreeMap::from([("raw.shop".to_owned(), version)]);
    lines(engine.sql(query, &tables).await.unwrap()).await
}

const QUESTIONS: [&str; 10] = [
    "select * from raw.shop order by id",
    "select _line, id from raw.shop where id % 7 = 3 order by _line, id limit 20 offset 3000",
    "select _line, name, _file from raw.shop where _line between 19990 and 20010 or _line > 49995",
    "select name, _line from raw.shop where name = 'n5' and _line > 30000",
    "select count(*), count(name), count(_problem), min(_line), max(_line), sum(id * _line), sum(amount) from raw.shop",
    "select _file, count(*), sum(_line) from raw.shop group by _file",
    "select count(*), sum(_line) from raw.shop where _file = 'one.parquet'",
    "select count(*), sum(_line) from raw.shop where _file > 'p' and _problem is null",
    "select count(*) from raw.shop where _problem is not null",
    "select at, day, yes from raw.shop where at > '1970-01-01T13:00:00Z' and yes",
];

#[tokio::test]
async fn a_file_as_it_is_gives_what_its_rows_give() {
    let exports = Exports::new();
    let (one, two) =
        (exports.people("one.parquet", 0, 50_000), exports.people("two.parquet", 50_000, 17_000));
    let (taken, written, mixed) = (Fixture::new().await, Fixture::new().await, Fixture::new().await);
    for (n, path) in [&one, &two].into_iter().enumerate() {
        let base = n.checked_sub(1).map(|base| base as u64);
        let label = format!("b{n}");
        write(&taken, base, whole(path).unwrap(), &label).await;
        write(&written, base, anew(path), &label).await;
        let either = if n == 0 { Rows::from(whole(path).unwrap()) } else { anew(path) };
        write(&mixed, base, either, &label).await;
    }
    assert_eq!(row_groups(&data_files(&taken, "b0")[0]), 3, "as the file has them");
    assert_eq!(row_groups(&data_files(&written, "b0")[0]), 1);
    let schema = written.lake().provider("raw.shop", 1).await.unwrap().schema();
    for other in [&taken, &mixed] {
        assert_eq!(other.lake().provider("raw.shop", 1).await.unwrap().schema(), schema);
    }
    for question in QUESTIONS {
        let expected = answer(&written.engine, question, 1).await;
        assert!(!expected.is_empty(), "{question}");
        for other in [&taken, &mixed] {
            assert_eq!(answer(&other.engine, question, 1).await, expected, "{question}");
        }
    }
}

#[cfg(feature = "cluster")]
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_reads_such_a_file_alike() {
    use strata_lake::{EngineOptions, Mode};
    let exports = Exports::new();
    let fixture = Fixture::new().await;
    write(&fixture, None, whole(&exports.people("one.parquet", 0, 50_000)).unwrap(), "b0").await;
    write(&fixture, Some(0), anew(&exports.people("two.parquet", 50_000, 17_000)), "b1").await;
    let options =
        EngineOptions { mode: Mode::Standalone, target_partitions: Some(2), ..EngineOptions::default() };
    let cluster = Engine::new(fixture.lake().clone(), options).await.unwrap();
    for question in QUESTIONS {
        assert_eq!(
            answer(&cluster, question, 1).await,
            answer(&fixture.engine, question, 1).await,
            "{question}"
        );
    }
}

#[tokio::test]
async fn labels_count_for_files_as_they_do_for_rows() {
    let exports = Exports::new();
    let fixture = Fixture::new().await;
    write(&fixture, None, whole(&exports.people("one.parquet", 0, 100)).unwrap(), "b1").await;
    write(&fixture, Some(0), whole(&exports.people("two.parquet", 100, 200)).unwrap(), "b2").await;
    write(&fixture, Some(1), stream(vec![named(&[(7, "rows")])]), "b3").await;
    let counted = "select count(*), max(_line), count(_file) from raw.shop";
    assert_eq!(answer(&fixture.engine, counted, 2).await, ["301|200|300"]);
    let replacing = Write {
        mode: WriteMode::ReplaceLabels(BTreeSet::from(["b1".to_owned()])),
        ..Write::append(Some(2), whole(&exports.people("one.parquet", 0, 50)).unwrap(), "b4", 0)
    };
    let written = fixture.lake().write("raw.shop", replacing).await.unwrap();
    assert_eq!((written.version, written.rows), (3, 50));
    assert!(written.bytes > 0);
    assert_eq!(answer(&fixture.engine, counted, 3).await, ["251|200|250"]);
    assert_eq!(
        answer(&fixture.engine, counted, 2).await,
        ["301|200|300"],
        "an older version keeps its files"
    );
    let dropping = Write {
        mode: WriteMode::ReplaceLabels(BTreeSet::from(["b2".to_owned(), "b4".to_owned()])),
        ..Write::append(Some(3), batches(ids([]).schema(), []), "none", 0)
    };
    fixture.lake().write("raw.shop", dropping).await.unwrap();
    assert_eq!(answer(&fixture.engine, counted, 4).await, ["1||0"]);
}

#[tokio::test]
async fn taken_twice_a_file_is_one_and_its_log_is_deltas() {
    let exports = Exports::new();
    let path = exports.people("one.parquet", 0, 45_000);
    let log = async || {
        let fixture = Fixture::new().await;
        write(&fixture, None, whole(&path).unwrap(), "b1").await;
        assert_eq!(write(&fixture, Some(0), whole(&path).unwrap(), "b1").await, 0);
        let files = data_files(&fixture, "b1");
        let [file] = files.as_slice() else { panic!("{files:?}") };
        // Whoever reads the log finds an ordinary file with all columns of the table in it.
        let batches = read(file);
        let last = batches.last().unwrap();
        let lines = last.column_by_name("_line").unwrap().as_any().downcast_ref::<Int64Array>().unwrap();
        assert_eq!(lines.value(last.num_rows() - 1), 45_000);
        let entry = fixture.lake().root().join(format!("raw/shop/_delta_log/{:020}.json", 0));
        let entry = std::fs::read_to_string(entry).unwrap();
        let actions: Vec<serde_json::Value> =
            entry.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let add = actions.iter().find_map(|action| action.get("add")).unwrap();
        assert_eq!(add["path"], file.file_name().unwrap().to_string_lossy().as_ref());
        assert_eq!(add["size"], file.metadata().unwrap().len());
        assert_eq!(add["stats"], "{\"numRecords\":45000}");
        assert_eq!(add["partitionValues"], serde_json::json!({}));
        let metadata = actions.iter().find_map(|action| action.get("metaData")).unwrap();
        assert!(metadata["schemaString"].as_str().unwrap().contains("_line"));
        (std::fs::read(file).unwrap(), actions)
    };
    assert_eq!(log().await, log().await);
}

#[tokio::test]
async fn what_is_beside_a_file_has_its_bounds() {
    let exports = Exports::new();
    let fixture = Fixture::new().await;
    write(&fixture, None, whole(&exports.people("one.parquet", 0, 50_000)).unwrap(), "b0").await;
    let file = File::open(&data_files(&fixture, "b0")[0]).unwrap();
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
    for group in metadata.row_groups() {
        let of = |name: &str| {
            let chunk = group.columns().iter().find(|chunk| chunk.column_path().string() == name).unwrap();
            let bounds = chunk.statistics().unwrap();
            let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
            (text(bounds.min_bytes_opt()), text(bounds.max_bytes_opt()), bounds.null_count_opt())
        };
        let one = || Some("one.parquet".to_owned());
        assert_eq!(of("_file"), (one(), one(), Some(0)));
        assert_eq!(of("_problem"), (None, None, Some(group.num_rows().unsigned_abs())));
    }
}

#[test]
fn a_file_is_taken_only_where_nothing_would_change() {
    let exports = Exports::new();
    let texts = || StringArray::from(vec!["a", "b", "a"]);
    let check = |column: ArrayRef, as_read: DataType, taken: bool| {
        let path = exports.write("t.parquet", vec![("c", column.clone())], ROWS_PER_GROUP);
        let columns = Schema::new(vec![Field::new("c", as_read, true)]);
        assert_eq!(ParquetFile::open(&path, &columns).is_some(), taken, "{}", column.data_type());
    };
    let dictionary: DictionaryArray<Int32Type> = vec!["a", "b", "a"].into_iter().collect();
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None, Some(vec![])]);
    let utc = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let micros = || TimestampMicrosecondArray::from(vec![1, 2, 3]);
    check(Arc::new(texts()), DataType::Utf8, true);
    check(Arc::new(LargeStringArray::from(vec!["a", "b", "c"])), DataType::Utf8, true);
    check(Arc::new(StringViewArray::from(vec!["a", "b", "c"])), DataType::Utf8, true);
    check(Arc::new(dictionary), DataType::Utf8, true);
    check(Arc::new(micros().with_timezone("Europe/Berlin")), utc(), true);
    // Read as text since another file has text, or as what the lake stores instead.
    check(Arc::new(Int64Array::from(vec![1, 2, 3])), DataType::Utf8, false);
    check(Arc::new(UInt32Array::from(vec![1, 2, 3])), DataType::UInt32, false);
    check(Arc::new(TimestampNanosecondArray::from(vec![1, 2, 3]).with_timezone("UTC")), utc(), false);
    check(Arc::new(micros()), DataType::Timestamp(TimeUnit::Microsecond, None), false);
    check(Arc::new(list.clone()), list.data_type().clone(), false);
    check(cast(&texts(), &DataType::Binary).unwrap(), DataType::Utf8, false);

    let two = |one: &'static str, other: &'static str| {
        vec![(one, Arc::new(texts()) as ArrayRef), (other, Arc::new(texts()) as ArrayRef)]
    };
    let names =
        |names: [&str; 2]| Schema::new(names.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
    for (in_file, as_read, taken) in [
        (["a", "b"], ["a", "b"], true),
        (["a", "A"], ["a", "A_2"], false),
        (["a", "_line"], ["a", "_line_2"], false),
        (["a", "A"], ["a", "A"], false),
    ] {
        let path = exports.write("t.parquet", two(in_file[0], in_file[1]), ROWS_PER_GROUP);
        assert_eq!(ParquetFile::open(&path, &names(as_read)).is_some(), taken, "{in_file:?}");
    }
}

#[test]
fn files_in_bad_order_are_not_taken() {
    let exports = Exports::new();
    let numbers = |rows: i64| vec![("n", Arc::new(Int64Array::from_iter_values(0..rows)) as ArrayRef)];
    let columns = Schema::new(vec![Field::new("n", DataType::Int64, true)]);
    let taken = |path: &Path| ParquetFile::open(path, &columns).is_some();
    for (rows, rows_per_group, expected) in
        [(40_000, 20_000, true), (40_000, 10_000, false), (1_000, 20_000, true), (0, 20_000, false)]
    {
        let path = exports.write("n.parquet", numbers(rows), rows_per_group);
        assert_eq!(taken(&path), expected, "{rows} rows, {rows_per_group} in a row group");
    }
    let path = exports.write("n.parquet", numbers(1_000), ROWS_PER_GROUP);
    let bytes = std::fs::read(&path).unwrap();
    // The beginning is lost, and offsets point behind the end; the footer is lost; there is no such file.
    std::fs::write(&path, &bytes[bytes.len() / 2..]).unwrap();
    assert!(!taken(&path));
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(!taken(&path));
    std::fs::remove_file(&path).unwrap();
    assert!(!taken(&path));
}

#[tokio::test]
async fn what_a_footer_claims_of_values_is_not_believed() {
    let exports = Exports::new();
    let path = exports.write(
        "n.parquet",
        vec![("n", Arc::new(Int64Array::from_iter_values(0..100)))],
        ROWS_PER_GROUP,
    );
    let source = File::open(&path).unwrap();
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&source).unwrap();
    let schema = metadata.file_metadata().schema_descr().root_schema_ptr();
    let lying = exports.0.path().join("lying.parquet");
    let sink = File::create(&lying).unwrap();
    let mut writer = SerializedFileWriter::new(sink, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let chunk = metadata.row_group(0).column(0);
    let claim = Statistics::int64(Some(200), Some(300), None, Some(100), false);
    let claimed = ColumnCloseResult {
        bytes_written: chunk.compressed_size() as u64,
        rows_written: 100,
        metadata: chunk.clone().into_builder().set_statistics(claim).build().unwrap(),
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    group.append_column(&source, claimed).unwrap();
    group.close().unwrap();
    writer.close().unwrap();

    let fixture = Fixture::new().await;
    write(&fixture, None, whole(&lying).unwrap(), "b1").await;
    assert_eq!(answer(&fixture.engine, "select _line from raw.shop where n = 41", 0).await, ["42"]);
    assert_eq!(answer(&fixture.engine, "select count(n), max(n) from raw.shop", 0).await, ["100|99"]);
}

#[tokio::test]
async fn a_file_that_does_not_fit_leaves_nothing_behind() {
    let exports = Exports::new();
    let path = exports.people("one.parquet", 0, 100);
    let fixture = Fixture::new().await;
    let refused = |rows: ParquetFile| fixture.lake().write("raw.shop", Write::append(None, rows, "b1", 0));
    let colliding = refused(whole(&path).unwrap().with_constant("Name", ScalarValue::Utf8(None)));
    assert!(matches!(colliding.await.unwrap_err(), LakeError::Column { .. }));
    // Cut short after it was looked at.
    let taken = whole(&path).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(40).unwrap();
    let error = refused(taken).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot write to table `raw.shop`");
    assert_eq!(fixture.files(), [""; 0]);
    // A table that holds the column as another type refuses the file as it would its rows.
    let path = exports.people("one.parquet", 0, 100);
    let names: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let other = RecordBatch::try_from_iter([("name", names)]).unwrap();
    write(&fixture, None, stream(vec![other]), "b0").await;
    let later = Write::append(Some(0), whole(&path).unwrap(), "b1", 0);
    assert!(matches!(fixture.lake().write("raw.shop", later).await.unwrap_err(), LakeError::Column { .. }));
    assert!(data_files(&fixture, "b1").is_empty());
}
