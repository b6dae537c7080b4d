//! Which columns can be stored, and as what.
//!
//! Delta has fewer types than the engine. A write relaxes each column to the type that Delta gives back when it is
//! read, so that a file holds exactly the table's types. Every column may be null: what must not be missing is a
//! question of meaning, asked before a row is written.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::error::ArrowError;
use deltalake::kernel::StructType;
use deltalake::kernel::engine::arrow_conversion::{TryIntoArrow, TryIntoKernel};

use crate::error::{LakeError, Result};

/// The schema in which rows of `schema` are stored.
pub(crate) fn storable(table: &str, schema: &Schema) -> Result<SchemaRef> {
    let fields = schema.fields().iter().map(|field| {
        let refused = |reason: String| LakeError::Column {
            table: table.to_owned(),
            column: field.name().clone(),
            reason,
        };
        let data_type = storable_type(field.data_type()).map_err(refused)?;
        let single = Schema::new(vec![Field::new(field.name(), data_type, true)]);
        // Through Delta's type and back: names inside lists and maps then are those that its readers expect.
        let kernel = to_delta(&single).map_err(|error| refused(error.to_string()))?;
        from_delta(&kernel).map_err(|error| refused(error.to_string())).map(|schema| schema.field(0).clone())
    });
    let fields = fields.collect::<Result<Vec<Field>>>()?;
    let mut seen = HashMap::new();
    for field in &fields {
        if let Some(other) = seen.insert(field.name().to_lowercase(), field.name()) {
            return Err(LakeError::Column {
                table: table.to_owned(),
                column: field.name().clone(),
                reason: format!("there is a column `{other}`, and names must differ in more than case"),
            });
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// The columns of `base`, then those of `new` that it lacks.
pub(crate) fn union(table: &str, base: &Schema, new: &Schema) -> Result<SchemaRef> {
    let mut fields: Vec<Arc<Field>> = base.fields().to_vec();
    for field in new.fields() {
        let refused =
            |reason| LakeError::Column { table: table.to_owned(), column: field.name().clone(), reason };
        match base.fields().iter().find(|known| known.name().eq_ignore_ascii_case(field.name())) {
            None => fields.push(field.clone()),
            Some(known) if known.name() != field.name() => {
                return Err(refused(format!("the table calls it `{}`", known.name())));
            }
            Some(known) if known.data_type() != field.data_type() => {
                return Err(refused(format!(
                    "it is {} in the table and {} in the rows to append",
                    known.data_type(),
                    field.data_type()
                )));
            }
            Some(_) => {}
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// The batch with its columns, in order, cast to the types of `schema`. A value that does not fit is an error.
pub(crate) fn conform(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> std::result::Result<RecordBatch, ArrowError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        if column.data_type() == field.data_type() {
            Ok(Arc::clone(column))
        } else {
            cast_with_options(column, field.data_type(), &options)
        }
    });
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
    RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
    )
}

/// As Delta's own schema.
pub(crate) fn to_delta(schema: &Schema) -> std::result::Result<StructType, ArrowError> {
    schema.try_into_kernel()
}

/// As the engine's schema.
pub(crate) fn from_delta(schema: &StructType) -> std::result::Result<Schema, ArrowError> {
    schema.try_into_arrow()
}

fn storable_type(data_type: &DataType) -> std::result::Result<DataType, String> {
    let child = |field: &Field| {
        storable_type(field.data_type()).map(|data_type| Arc::new(Field::new(field.name(), data_type, true)))
    };
    Ok(match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Dictionary(_, values) => storable_type(values)?,
        // Delta knows signed integers only: take the next that holds every value. Beyond i64 the cast is an error.
        DataType::UInt8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Date32,
        DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Timestamp(_, None) => return Err("a timestamp needs a time zone".to_owned()),
        DataType::Null => return Err("nothing tells its type, for it only ever is null".to_owned()),
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            DataType::List(child(field)?)
        }
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|field| child(field)).collect::<std::result::Result<_, _>>()?)
        }
        DataType::Map(_, _)
        | DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(_, _)
        | DataType::Utf8
        | DataType::Binary
        | DataType::Date32 => data_type.clone(),
        other => return Err(format!("the type {other} cannot be stored")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_relax_to_what_delta_gives_back() {
        let utc = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let check = |from: DataType, expected: Option<DataType>| {
            let stored = storable("t", &Schema::new(vec![Field::new("c", from.clone(), false)]));
            let stored = stored.ok().map(|schema| schema.field(0).clone());
            assert_eq!(stored, expected.map(|to| Field::new("c", to, true)), "{from}");
        };
        check(DataType::Utf8View, Some(DataType::Utf8));
        check(DataType::UInt64, Some(DataType::Int64));
        check(DataType::UInt8, Some(DataType::Int16));
        check(DataType::Float64, Some(DataType::Float64));
        check(DataType::Timestamp(TimeUnit::Nanosecond, Some("Europe/Berlin".into())), Some(utc()));
        check(
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            Some(DataType::Utf8),
        );
        check(
            DataType::List(Arc::new(Field::new("item", DataType::Utf8View, true))),
            Some(DataType::List(Arc::new(Field::new("element", DataType::Utf8, true)))),
        );
        check(DataType::Timestamp(TimeUnit::Microsecond, None), None);
        check(DataType::Null, None);
    }

    #[test]
    fn names_that_differ_in_case_alone_are_refused() {
        let column = |name| Field::new(name, DataType::Int64, true);
        assert!(storable("t", &Schema::new(vec![column("Id"), column("id")])).is_err());
        assert!(union("t", &Schema::new(vec![column("Id")]), &Schema::new(vec![column("id")])).is_err());
    }
}
