//! Writes a row, or what is left of it, as a JSON object with its keys in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use strata_lake::arrow::compute::{can_cast_types, cast};
use strata_lake::arrow::datatypes::{DataType, Float64Type, Int64Type};
use strata_lake::arrow::util::display::{ArrayFormatter, FormatOptions};
use strata_lake::datafusion::error::Result;

/// One JSON object per row, of the columns' values under their names; nulls and empty texts are left out, and a row of
/// nothing else is null.
pub(super) fn objects(names: &[String], columns: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let mut sorted: Vec<(&String, Cells)> = Vec::with_capacity(names.len());
    for (name, column) in names.iter().zip(columns) {
        sorted.push((name, Cells::of(column)?));
    }
    sorted.sort_by_key(|(name, _)| *name);
    let mut out = StringBuilder::with_capacity(rows, rows * 16);
    for row in 0..rows {
        // Sorted above, so that the map's own order, whatever it is, changes nothing.
        let object: Map<String, Value> =
            sorted.iter().filter_map(|(name, cells)| Some(((*name).clone(), cells.value(row)?))).collect();
        if object.is_empty() {
            out.append_null();
        } else {
            out.append_value(Value::Object(object).to_string());
        }
    }
    Ok(Arc::new(out.finish()))
}

/// The union of two objects per row; the first's word counts.
pub(super) fn merge(first: &ArrayRef, second: &ArrayRef) -> Result<ArrayRef> {
    let (first, second) = (cast(first, &DataType::Utf8)?, cast(second, &DataType::Utf8)?);
    let merged: StringArray = first
        .as_string::<i32>()
        .iter()
        .zip(second.as_string::<i32>())
        .map(|pair| match pair {
            (Some(first), Some(second)) => Some(merge_texts(first, second)),
            (only, None) | (None, only) => only.map(str::to_owned),
        })
        .collect();
    Ok(Arc::new(merged))
}

fn merge_texts(first: &str, second: &str) -> String {
    let read = |text| serde_json::from_str::<BTreeMap<String, Value>>(text).ok();
    match (read(first), read(second)) {
        (Some(first), Some(mut second)) => {
            second.extend(first);
            Value::Object(second.into_iter().collect()).to_string()
        }
        _ => first.to_owned(),
    }
}

enum Cells {
    Text(ArrayRef),
    Integer(ArrayRef),
    Number(ArrayRef),
    Boolean(ArrayRef),
}

impl Cells {
    fn of(column: &ArrayRef) -> Result<Cells> {
        Ok(match column.data_type() {
            DataType::Boolean => Cells::Boolean(Arc::clone(column)),
            kind if kind.is_signed_integer()
                || matches!(kind, DataType::UInt8 | DataType::UInt16 | DataType::UInt32) =>
            {
                Cells::Integer(cast(column, &DataType::Int64)?)
            }
            kind if kind.is_floating() || matches!(kind, DataType::UInt64) => {
                Cells::Number(cast(column, &DataType::Float64)?)
            }
            kind if can_cast_types(kind, &DataType::Utf8) => Cells::Text(cast(column, &DataType::Utf8)?),
            _ => {
                let format = FormatOptions::default();
                let nested = ArrayFormatter::try_new(column, &format)?;
                let texts: StringArray = (0..column.len())
                    .map(|row| column.is_valid(row).then(|| nested.value(row).to_string()))
                    .collect();
                Cells::Text(Arc::new(texts))
            }
        })
    }

    fn value(&self, row: usize) -> Option<Value> {
        let (Cells::Text(column) | Cells::Integer(column) | Cells::Number(column) | Cells::Boolean(column)) =
            self;
        if column.is_null(row) {
            return None;
        }
        match self {
            Cells::Text(column) => {
                let text = column.as_string::<i32>().value(row).trim();
                (!text.is_empty()).then(|| Value::from(text))
            }
            Cells::Integer(column) => Some(Value::from(column.as_primitive::<Int64Type>().value(row))),
            Cells::Number(column) => Some(Value::from(column.as_primitive::<Float64Type>().value(row))),
            Cells::Boolean(column) => Some(Value::from(column.as_boolean().value(row))),
        }
    }
}
