//! Parquet: plain types, row numbers, own names.

use std::fs::File;
use std::sync::Arc;

use strata_lake::arrow::array::{
    ArrayRef, DictionaryArray, Int64Array, LargeStringArray, ListArray, StringArray, StringViewArray,
    TimestampMillisecondArray, TimestampNanosecondArray,
};
use strata_lake::arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit, TimestampMicrosecondType};
use strata_lake::datafusion::parquet::arrow::ArrowWriter;

use super::*;

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn columns_have_plain_types_and_rows_have_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let micro = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
    let dictionary: DictionaryArray<Int32Type> = vec!["p", "q", "p"].into_iter().collect();
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None, Some(vec![])]);
    let columns: Vec<(&str, ArrayRef, DataType)> = vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2, i64::MAX])), DataType::Int64),
        ("view", Arc::new(StringViewArray::from(vec!["a", "b", "c"])), DataType::Utf8),
        ("large", Arc::new(LargeStringArray::from(vec![Some("a"), None, Some("")])), DataType::Utf8),
        ("dictionary", Arc::new(dictionary), DataType::Utf8),
        (
            "zoned",
            Arc::new(TimestampNanosecondArray::from(vec![1_500, 2_000, 3_000]).with_timezone("+02:00")),
            micro(Some("UTC")),
        ),
        ("naive", Arc::new(TimestampMillisecondArray::from(vec![1, 2, 3])), micro(None)),
        ("list", Arc::new(list.clone()), list.data_type().clone()),
        ("_line", Arc::new(StringArray::from(vec!["x", "y", "z"])), DataType::Utf8),
    ];
    write(&path, columns.iter().map(|(name, array, _)| (*name, array.clone())).collect());

    let options = ReadOptions { batch_rows: 2, ..ReadOptions::default() };
    let mut reader = read(&path, &options).unwrap();
    let schema = reader.schema();
    for (index, (name, _, expected)) in columns.iter().enumerate() {
        assert_eq!(schema.field(index).data_type(), expected, "{name}");
    }
    assert_eq!(reader.dialect().columns.last().unwrap(), "_line_2");
    let batches: Vec<RecordBatch> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!(reader.bytes_read(), path.metadata().unwrap().len());
    let lines = |batch: &RecordBatch| {
        batch.column_by_name(LINE).unwrap().as_primitive::<Int64Type>().values().to_vec()
    };
    assert_eq!(batches.iter().map(lines).collect::<Vec<_>>(), [vec![1, 2], vec![3]]);
    assert!(batches.iter().all(|batch| batch.schema() == schema));
    let zoned = batches[0].column_by_name("zoned").unwrap().as_primitive::<TimestampMicrosecondType>();
    assert_eq!(zoned.values().to_vec(), [1, 2]);
    let plain = batches[0].column_by_name("dictionary").unwrap().as_string::<i32>();
    assert_eq!((plain.value(0), plain.value(1)), ("p", "q"));
    assert_eq!(batches[1].column_by_name(PROBLEM).unwrap().null_count(), 1);
}

#[test]
fn damage_is_named_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let values: Vec<String> = (0..5000).map(|i| format!("{}", i * 7919 % 10_007)).collect();
    write(&path, vec![("a", Arc::new(StringArray::from(values)))]);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 30]).unwrap();
    let error = rows(&path, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("from its footer"), "{error}");
    let mut spoilt = whole;
    spoilt[4..64].fill(0xff);
    std::fs::write(&path, spoilt).unwrap();
    let error = rows(&path, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("from row 1 on"), "{error}");
}
