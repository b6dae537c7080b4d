//! Writes, versions and what a run that did not complete leaves behind.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use strata_lake::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, UInt64Array,
};
use strata_lake::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use strata_lake::datafusion::error::DataFusionError;
use strata_lake::{LakeError, Write, WriteMode, batches};

use crate::fixtures::{Fixture, ids, lines, named, stream};

#[tokio::test]
async fn every_type_of_a_canonical_table_comes_back() {
    let fixture = Fixture::new().await;
    let columns: [(&str, ArrayRef); 6] = [
        ("text", Arc::new(StringArray::from(vec![Some("a"), None]))),
        ("number", Arc::new(Int64Array::from(vec![None, Some(i64::MIN)]))),
        ("amount", Arc::new(Float64Array::from(vec![Some(0.1), Some(-1e300)]))),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(-1), Some(20_000)]))),
        (
            "at",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(-1), Some(1_700_000_000_000_001)])
                    .with_timezone("UTC"),
            ),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let written = fixture.write(None, WriteMode::Replace, "run1", batch.clone()).await;
    assert_eq!((written.version, written.rows), (0, 2));
    assert!(written.bytes > 0);
    let read = fixture.engine.table("raw.shop", 0).await.unwrap().collect().await.unwrap();
    assert_eq!(read[0].columns(), batch.columns());
}

#[tokio::test]
async fn types_that_delta_lacks_are_stored_as_their_nearest() {
    let fixture = Fixture::new().await;
    let columns: [(&str, ArrayRef); 3] = [
        ("text", Arc::new(StringViewArray::from(vec!["a"]))),
        ("count", Arc::new(UInt64Array::from(vec![7]))),
        ("at", Arc::new(TimestampNanosecondArray::from(vec![1_000]).with_timezone("+00:00"))),
    ];
    fixture.write(None, WriteMode::Replace, "run1", RecordBatch::try_from_iter(columns).unwrap()).await;
    let schema = fixture.lake().provider("raw.shop", 0).await.unwrap().schema();
    let types: Vec<_> = schema.fields().iter().map(|field| field.data_type().clone()).collect();
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(types, [DataType::Utf8, DataType::Int64, utc]);
    assert_eq!(fixture.rows(0).await, ["a|7|1970-01-01T00:00:00.000001Z"]);
}

#[tokio::test]
async fn a_replaced_version_can_still_be_read() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.lake().version("raw.shop").await.unwrap(), None);
    fixture.write(None, WriteMode::Replace, "run1", named(&[(1, "old")])).await;
    // The schema goes with the rows.
    let second = fixture.write(Some(0), WriteMode::Replace, "run2", ids([2])).await;
    assert_eq!(second.version, 1);
    assert_eq!(fixture.lake().version("raw.shop").await.unwrap(), Some(1));
    assert_eq!(fixture.rows(0).await, ["1|old"]);
    assert_eq!(fixture.rows(1).await, ["2"]);
    assert_eq!(fixture.lake().tables().unwrap(), ["raw.shop"]);
}

#[tokio::test]
async fn appended_columns_are_null_in_older_rows_and_the_other_way_round() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "batch1", ids([1])).await;
    fixture.write(Some(0), WriteMode::Append, "batch2", named(&[(2, "two")])).await;
    fixture.write(Some(1), WriteMode::Append, "batch3", ids([3])).await;
    assert_eq!(fixture.rows(0).await, ["1"]);
    assert_eq!(fixture.rows(2).await, ["1|", "2|two", "3|"]);
}

#[tokio::test]
async fn a_column_cannot_change_its_type_by_appending() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "batch1", named(&[(1, "one")])).await;
    let names: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_from_iter([("name", names)]).unwrap();
    let refused =
        fixture.lake().write("raw.shop", Write::append(Some(0), stream(vec![batch]), "batch2", 0)).await;
    let refused = refused.unwrap_err().to_string();
    assert_eq!(
        refused,
        "cannot store column `name` of table `raw.shop`: it is Utf8 in the table and Int64 in the rows to append"
    );
}

#[tokio::test]
async fn what_a_crashed_run_committed_does_not_count() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "batch1", ids([1])).await;
    // A run that pins version 0 crashes after two commits: one appends with a new column, one replaces.
    fixture.write(Some(0), WriteMode::Append, "crashed", named(&[(2, "x")])).await;
    fixture.write(None, WriteMode::Replace, "crashed-too", named(&[(3, "y")])).await;
    // The next run starts from version 0 again.
    let next = fixture.write(Some(0), WriteMode::Append, "batch4", ids([4])).await;
    assert_eq!(next.version, 3);
    assert_eq!(fixture.rows(3).await, ["1", "4"]);
    assert_eq!(fixture.rows(1).await, ["1|", "2|x"]);
    // And one that starts from nothing drops them all.
    let anew = fixture.write(None, WriteMode::Append, "batch5", ids([5])).await;
    assert_eq!(fixture.rows(anew.version).await, ["5"]);
}

#[tokio::test]
async fn rows_of_a_label_can_be_replaced() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "b1", ids([1])).await;
    fixture.write(Some(0), WriteMode::Append, "b1-x", ids([2])).await;
    fixture.write(Some(1), WriteMode::Append, "b2", ids([3])).await;
    // `b1-x` begins with `b1` and is another label.
    let mode = WriteMode::ReplaceLabels(BTreeSet::from(["b1".to_owned(), "b2".to_owned()]));
    let written = fixture.write(Some(2), mode, "b3", ids([4])).await;
    assert_eq!(fixture.rows(written.version).await, ["2", "4"]);
}

#[tokio::test]
async fn a_write_that_changes_nothing_makes_no_version() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Append, "batch1", ids([1])).await;
    let files = fixture.files();
    let again = fixture.write(Some(0), WriteMode::Append, "batch1", ids([1])).await;
    assert_eq!(again.version, 0);
    let nothing = fixture.write(Some(0), WriteMode::Append, "batch2", ids([])).await;
    assert_eq!((nothing.version, nothing.rows), (0, 0));
    let replaced = fixture.write(Some(0), WriteMode::Replace, "batch1", ids([1])).await;
    assert_eq!(replaced.version, 0);
    assert_eq!(fixture.files(), files);
    // Other content under the same label is another file, and the older version keeps its own.
    let other = fixture.write(None, WriteMode::Replace, "batch1", ids([2])).await;
    assert_eq!(fixture.rows(0).await, ["1"]);
    assert_eq!(fixture.rows(other.version).await, ["2"]);
}

#[tokio::test]
async fn a_repeated_run_makes_equal_files_and_an_equal_log() {
    let log = async || {
        let fixture = Fixture::new().await;
        fixture.write(None, WriteMode::Append, "run1", named(&[(1, "one")])).await;
        fixture.write(Some(0), WriteMode::Append, "run2", ids([2])).await;
        let folder = fixture.lake().root().join("raw/shop/_delta_log");
        // As values: the table's settings stand in no fixed order.
        let entry = |version| -> Vec<serde_json::Value> {
            let text = std::fs::read_to_string(folder.join(format!("{version:020}.json"))).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        (fixture.files(), entry(0), entry(1))
    };
    assert_eq!(log().await, log().await);
}

#[tokio::test]
async fn an_empty_table_has_a_schema() {
    let fixture = Fixture::new().await;
    let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false)]));
    let write = Write::replace(batches(schema, []), "run1", 0);
    assert_eq!(fixture.lake().write("raw.shop", write).await.unwrap().rows, 0);
    let frame = fixture.engine.table("raw.shop", 0).await.unwrap();
    assert_eq!(frame.schema().field(0).name(), "id");
    assert_eq!(frame.count().await.unwrap(), 0);
    // Rows that come later take the place of the empty file.
    fixture.write(Some(0), WriteMode::Append, "run2", ids([1])).await;
    assert_eq!(fixture.rows(1).await, ["1"]);
    let tables = std::collections::BTreeMap::from([("raw.shop".to_owned(), 1)]);
    let counted = fixture.engine.sql("select count(*) from raw.shop", &tables).await.unwrap();
    assert_eq!(lines(counted).await, ["1"]);
}

#[tokio::test]
async fn long_tables_are_split_and_keep_their_order() {
    let fixture = Fixture::new().await;
    let parts = vec![ids(0..7), ids(7..8), ids(8..20)];
    let write = Write { max_rows_per_file: 5, ..Write::replace(stream(parts), "run1", 0) };
    assert_eq!(fixture.lake().write("raw.shop", write).await.unwrap().rows, 20);
    assert_eq!(fixture.files().len(), 4);
    let read = fixture.engine.table("raw.shop", 0).await.unwrap();
    let read = read.collect_partitioned().await.unwrap();
    // Which file is read first is the engine's choice; within a file rows stand in the order in which they were written.
    let mut read: Vec<Vec<i64>> = read
        .iter()
        .flatten()
        .map(|batch| batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec())
        .collect();
    read.sort_by_key(|file| file[0]);
    let files: Vec<Vec<i64>> = [0..5, 5..10, 10..15, 15..20].into_iter().map(Iterator::collect).collect();
    assert_eq!(read, files);
}

#[tokio::test]
async fn many_versions_make_a_checkpoint_and_all_stay_readable() {
    let fixture = Fixture::new().await;
    let mut base = None;
    for id in 0..21 {
        let written = fixture.write(base, WriteMode::Append, &format!("batch{id}"), ids([id])).await;
        base = Some(written.version);
    }
    assert_eq!(base, Some(20));
    let log = fixture.lake().root().join("raw/shop/_delta_log");
    assert!(log.join("_last_checkpoint").exists());
    assert_eq!(fixture.rows(20).await.len(), 21);
    assert_eq!(fixture.rows(3).await, ["0", "1", "2", "3"]);
    // A base before the checkpoint, whose files the write after it must bring back.
    let back = fixture.write(Some(1), WriteMode::Append, "later", ids([99])).await;
    assert_eq!(fixture.rows(back.version).await, ["0", "1", "99"]);
    let dropped = fixture.write(None, WriteMode::Replace, "drop", ids([7])).await;
    let again = fixture.write(Some(back.version), WriteMode::Append, "more", ids([100])).await;
    assert_eq!(again.version, dropped.version + 1);
    assert_eq!(fixture.rows(again.version).await, ["0", "1", "100", "99"]);
}

#[tokio::test]
async fn a_write_that_fails_leaves_no_file_and_no_version() {
    let fixture = Fixture::new().await;
    let schema = ids([]).schema();
    let failing = |error: fn() -> DataFusionError| {
        let items =
            (0..30_i64).map(move |n| if n < 29 { Ok(ids(n * 10..n * 10 + 10)) } else { Err(error()) });
        Write { max_rows_per_file: 50, ..Write::replace(batches(schema.clone(), items), "run1", 0) }
    };
    let full =
        fixture.lake().write("raw.shop", failing(|| io::Error::from(io::ErrorKind::StorageFull).into()));
    let full = full.await.unwrap_err();
    assert!(full.is_storage_full());
    assert_eq!(full.to_string(), "cannot write to table `raw.shop`");
    let other = fixture.lake().write("raw.shop", failing(|| DataFusionError::Execution("no".to_owned())));
    assert!(!other.await.unwrap_err().is_storage_full());
    assert_eq!(fixture.files(), [""; 0]);
    assert_eq!(fixture.lake().version("raw.shop").await.unwrap(), None);
    assert_eq!(fixture.lake().tables().unwrap(), [""; 0]);
}

#[tokio::test]
async fn parts_have_files_of_their_own_and_go_in_together_or_not_at_all() {
    let fixture = Fixture::new().await;
    let parts = |last: Result<RecordBatch, DataFusionError>| {
        let schema = ids([]).schema();
        let whole = |from: i64| batches(schema.clone(), (from..from + 3).map(|n| Ok(ids([n]))));
        let last = batches(schema.clone(), [Ok(ids([7])), last]);
        Write { max_rows_per_file: 2, ..Write::replace_by(vec![whole(1), whole(4), last], "run1", 0) }
    };
    let failing = parts(Err(DataFusionError::Execution("no".to_owned())));
    fixture.lake().write("raw.shop", failing).await.unwrap_err();
    assert_eq!(fixture.files(), [""; 0]);
    let written = fixture.lake().write("raw.shop", parts(Ok(ids([8, 9])))).await.unwrap();
    assert_eq!(written.rows, 9);
    assert_eq!(fixture.rows(written.version).await, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let numbers: Vec<String> = fixture.files().iter().map(|name| name[5..10].to_owned()).collect();
    assert_eq!(numbers, ["00000", "00001", "01000", "01001", "02000", "02001"]);
}

#[tokio::test]
async fn texts_come_back_whether_they_are_mostly_different_or_not() {
    let fixture = Fixture::new().await;
    let texts =
        |text: fn(i64) -> String| Arc::new(StringArray::from_iter_values((0..5_000).map(text))) as ArrayRef;
    let columns = [("few", texts(|n| (n % 3).to_string())), ("different", texts(|n| n.to_string()))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let written = fixture.write(None, WriteMode::Replace, "run1", batch).await;
    let rows = fixture.rows(written.version).await;
    assert_eq!(rows.len(), 5_000);
    let expected: BTreeSet<String> = (0..5_000).map(|n| format!("{}|{n}", n % 3)).collect();
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn a_write_that_is_cancelled_leaves_no_file() {
    let fixture = Fixture::new().await;
    let endless = batches(ids([]).schema(), (0..).map(|n| Ok(ids([n]))));
    let write = fixture.lake().write("raw.shop", Write::replace(endless, "run1", 0));
    let partial = || fixture.files().iter().any(|name| name.starts_with('.'));
    tokio::select! {
        _ = write => panic!("the stream has no end"),
        () = async { while !partial() { tokio::task::yield_now().await } } => {}
    }
    // The thread that encodes sees the channel close, and then removes its file.
    while partial() {
        tokio::task::yield_now().await;
    }
    assert_eq!(fixture.files(), [""; 0]);
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_an_error() {
    let fixture = Fixture::new().await;
    let counts: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX]));
    let batch = RecordBatch::try_from_iter([("count", counts)]).unwrap();
    let refused = fixture.lake().write("raw.shop", Write::replace(stream(vec![batch]), "run1", 0)).await;
    assert!(matches!(refused, Err(LakeError::Failed { .. })));
    assert_eq!(fixture.files(), [""; 0]);
}

#[tokio::test]
async fn versions_and_tables_that_are_not_there_are_errors() {
    let fixture = Fixture::new().await;
    fixture.write(None, WriteMode::Replace, "run1", ids([1])).await;
    assert!(fixture.lake().provider("raw.shop", 1).await.is_err());
    let unknown = fixture.lake().provider("orders", 0).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no table `orders`");
    assert_eq!(unknown.hint().unwrap(), "the tables are raw.shop");
    let refused =
        fixture.lake().write("raw.shop", Write::append(Some(9), stream(vec![ids([1])]), "b", 0)).await;
    assert!(refused.is_err());
}
