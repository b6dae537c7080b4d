//! One column of a table between Python and Arrow: from bytes and lists on the way in, to bytes and lists on the way out.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::buffer::ScalarBuffer;
use arrow::compute::{CastOptions, cast, cast_with_options, concat};
use arrow::datatypes::{
    ArrowNativeType, DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    UInt64Type,
};
use arrow::error::ArrowError;
use pyo3::buffer::{Element, PyBuffer};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::error::Refusal;

/// A missing instant among whole numbers, as NumPy has it.
const NOT_A_TIME: i64 = i64::MIN;

/// What Python says a column is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Truth,
    Whole,
    Number,
    /// Microseconds since 1970 in UTC.
    Instant,
    Text,
}

impl Kind {
    pub(crate) fn named(name: &str) -> Result<Kind, Refusal> {
        match name {
            "truth" => Ok(Kind::Truth),
            "whole" => Ok(Kind::Whole),
            "number" => Ok(Kind::Number),
            "instant" => Ok(Kind::Instant),
            "text" => Ok(Kind::Text),
            _ => Err(Refusal::new(format!("there is no kind of column `{name}`"))),
        }
    }

    /// The column that an array of NumPy or of Python's own, or a list of values makes.
    pub(crate) fn column(self, values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
        Ok(match self {
            Kind::Number => match words(values)? {
                Some(numbers) => Arc::new(Float64Array::new(numbers, None)),
                None => Arc::new(Float64Array::from(values.extract::<Vec<Option<f64>>>()?)),
            },
            Kind::Whole => match words(values)? {
                Some(numbers) => Arc::new(Int64Array::new(numbers, None)),
                None => Arc::new(Int64Array::from(values.extract::<Vec<Option<i64>>>()?)),
            },
            Kind::Instant => {
                let instants = match words::<i64>(values)? {
                    Some(instants) => {
                        let instants = instants.iter().map(|at| (*at != NOT_A_TIME).then_some(*at));
                        TimestampMicrosecondArray::from_iter(instants)
                    }
                    None => TimestampMicrosecondArray::from(values.extract::<Vec<Option<i64>>>()?),
                };
                Arc::new(instants.with_timezone("UTC"))
            }
            Kind::Truth => Arc::new(BooleanArray::from(values.extract::<Vec<Option<bool>>>()?)),
            Kind::Text => Arc::new(StringArray::from(values.extract::<Vec<Option<String>>>()?)),
        })
    }
}

/// A copy of what an array holds in one piece, each a word; none of what is no array.
fn words<T: ArrowNativeType + Element>(values: &Bound<'_, PyAny>) -> PyResult<Option<ScalarBuffer<T>>> {
    if values.is_instance_of::<PyList>() {
        return Ok(None);
    }
    Ok(Some(PyBuffer::<T>::get(values)?.to_vec(values.py())?.into()))
}

/// Whether a column is the numbers of an array, one by one, to the bit.
pub(crate) fn is_of(column: &ArrayRef, values: &Bound<'_, PyAny>) -> bool {
    let (Some(column), Ok(array)) = (column.as_primitive_opt::<Float64Type>(), PyBuffer::<f64>::get(values))
    else {
        return false;
    };
    array.as_slice(values.py()).is_some_and(|cells| {
        let pairs = || cells.iter().zip(column.values());
        cells.len() == column.len()
            && column.null_count() == 0
            && pairs().all(|(cell, value)| cell.get().to_bits() == value.to_bits())
    })
}

/// The chunks of a column as one array.
pub(crate) fn joined(chunks: &[ArrayRef], kind: &DataType) -> Result<ArrayRef, Refusal> {
    match chunks {
        [] => Ok(arrow::array::new_empty_array(kind)),
        [one] => Ok(Arc::clone(one)),
        many => {
            let many: Vec<&dyn Array> = many.iter().map(AsRef::as_ref).collect();
            concat(&many).map_err(|error| Refusal::new(format!("cannot join the parts of a column: {error}")))
        }
    }
}

/// A column as numbers, each row of which must have one; where it is of numbers already, it is not copied.
pub(crate) fn numbers(name: &str, column: &ArrayRef) -> Result<ScalarBuffer<f64>, Refusal> {
    let column = converted(name, column, &DataType::Float64, "numbers")?;
    refuse_missing(name, &column)?;
    Ok(column.as_primitive::<Float64Type>().values().clone())
}

/// A column as numbers, NaN in rows that have none.
pub(crate) fn numbers_with_gaps(name: &str, column: &ArrayRef) -> Result<Vec<f64>, Refusal> {
    let column = converted(name, column, &DataType::Float64, "numbers")?;
    Ok(column.as_primitive::<Float64Type>().iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// A column as texts, none in rows that have none. Whole numbers among which some are missing are floats, as pandas has them: 1.0 is
/// `1` all the same.
pub(crate) fn texts_with_gaps(name: &str, column: &ArrayRef) -> Result<Vec<Option<String>>, Refusal> {
    if column.data_type().is_floating() {
        let numbers = numbers_with_gaps(name, column)?.into_iter();
        return Ok(numbers.map(|value| (!value.is_nan()).then(|| value.to_string())).collect());
    }
    let column = converted(name, column, &DataType::LargeUtf8, "texts")?;
    Ok(column.as_string::<i64>().iter().map(|value| value.map(str::to_owned)).collect())
}

/// A column as instants in microseconds since 1970 in UTC, each row of which must have one. A time without a zone is UTC's.
pub(crate) fn instants(name: &str, column: &ArrayRef) -> Result<Vec<i64>, Refusal> {
    if column.data_type().is_numeric() {
        return Err(Refusal::new(format!("column `{name}` holds numbers, not times")).with_hint(
            "convert it to dates or times first: whether its numbers are days, seconds or nanoseconds is not guessed",
        ));
    }
    let kind = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let column = converted(name, column, &kind, "times")?;
    refuse_missing(name, &column)?;
    Ok(column.as_primitive::<TimestampMicrosecondType>().values().to_vec())
}

fn converted(name: &str, column: &ArrayRef, kind: &DataType, what: &str) -> Result<ArrayRef, Refusal> {
    let failed = |why: String| Refusal::new(format!("column `{name}` does not hold {what}: {why}"));
    let column_of_values = match column.data_type() {
        DataType::Dictionary(_, values) => cast(column, values).map_err(|error| failed(error.to_string()))?,
        _ => Arc::clone(column),
    };
    let strict = CastOptions { safe: false, ..Default::default() };
    cast_with_options(&column_of_values, kind, &strict).map_err(|error| failed(error.to_string()))
}

fn refuse_missing(name: &str, column: &ArrayRef) -> Result<(), Refusal> {
    if column.logical_null_count() == 0 {
        return Ok(());
    }
    match (0..column.len()).find(|row| column.is_null(*row)) {
        None => Ok(()),
        Some(row) => Err(Refusal::new(format!("column `{name}` has no value in row {row}"))
            .with_hint("leave out rows without a value, or fill them")),
    }
}

/// What a column is on the way out to Python, and its values: bytes in the machine's order where it is numbers, whole numbers
/// or times (what arrays are made of at once), else a list.
pub(crate) fn values<'py>(
    py: Python<'py>,
    name: &str,
    column: &ArrayRef,
) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
    let failed = |error: ArrowError| Refusal::new(format!("cannot convert column `{name}`: {error}"));
    let is_whole = column.null_count() == 0;
    Ok(match column.data_type() {
        DataType::Timestamp(_, zone) => {
            let kind = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
            let column = cast(column, &kind).map_err(failed)?;
            let instants = column.as_primitive::<TimestampMicrosecondType>();
            let instants = instants.iter().map(|at| at.unwrap_or(NOT_A_TIME).to_ne_bytes());
            (if zone.is_some() { "instant" } else { "local" }, bytes(py, instants))
        }
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>();
            let days = days.iter().map(|day| day.map_or(NOT_A_TIME, i64::from).to_ne_bytes());
            ("day", bytes(py, days))
        }
        kind if is_whole && kind.is_integer() && *kind != DataType::UInt64 => {
            let column = cast(column, &DataType::Int64).map_err(failed)?;
            let numbers = column.as_primitive::<Int64Type>().values().iter();
            ("whole", bytes(py, numbers.map(|value| value.to_ne_bytes())))
        }
        kind if kind.is_numeric() => {
            let column = cast(column, &DataType::Float64).map_err(failed)?;
            let numbers = column.as_primitive::<Float64Type>();
            let numbers = numbers.iter().map(|value| value.unwrap_or(f64::NAN).to_ne_bytes());
            ("number", bytes(py, numbers))
        }
        DataType::Boolean => ("truth", list(py, name, column)?),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ("text", list(py, name, column)?),
        _ => ("object", list(py, name, column)?),
    })
}

fn bytes<'py>(py: Python<'py>, words: impl Iterator<Item = [u8; 8]>) -> Bound<'py, PyAny> {
    PyBytes::new(py, words.collect::<Vec<_>>().as_flattened()).into_any()
}

/// A column as a list of Python's own values.
fn list<'py>(py: Python<'py>, name: &str, column: &ArrayRef) -> PyResult<Bound<'py, PyAny>> {
    let failed = |error: ArrowError| Refusal::new(format!("cannot convert column `{name}`: {error}"));
    let as_kind = |kind: DataType| cast(column, &kind).map_err(failed);
    let list = match column.data_type() {
        DataType::Null => PyList::new(py, vec![None::<bool>; column.len()])?,
        DataType::Boolean => PyList::new(py, column.as_boolean().iter().collect::<Vec<_>>())?,
        DataType::UInt64 => PyList::new(py, column.as_primitive::<UInt64Type>().iter())?,
        kind if kind.is_integer() => {
            PyList::new(py, as_kind(DataType::Int64)?.as_primitive::<Int64Type>().iter())?
        }
        kind if kind.is_numeric() => {
            PyList::new(py, as_kind(DataType::Float64)?.as_primitive::<Float64Type>().iter())?
        }
        DataType::List(_) | DataType::LargeList(_) => {
            let rows = match column.as_list_opt::<i32>() {
                Some(rows) => rows.iter().collect::<Vec<_>>(),
                None => column.as_list::<i64>().iter().collect(),
            };
            let row = |row: Option<ArrayRef>| row.map(|row| self::list(py, name, &row)).transpose();
            PyList::new(py, rows.into_iter().map(row).collect::<PyResult<Vec<_>>>()?)?
        }
        DataType::Dictionary(_, of) => return self::list(py, name, &as_kind(of.as_ref().clone())?),
        kind if kind.is_binary() => {
            let binary = as_kind(DataType::LargeBinary)?;
            let binary = binary.as_binary::<i64>().iter();
            PyList::new(
                py,
                binary.map(|bytes| bytes.map(|bytes| PyBytes::new(py, bytes))).collect::<Vec<_>>(),
            )?
        }
        kind if kind.is_string() => {
            let texts = as_kind(DataType::LargeUtf8)?;
            PyList::new(py, texts.as_string::<i64>().iter().collect::<Vec<_>>())?
        }
        other => {
            return Err(Refusal::new(format!(
                "column `{name}` is of a kind that has no Python list: {other}"
            ))
            .with_hint("cast it in the query, or take the table through `to_pyarrow()` or `to_polars()`")
            .into());
        }
    };
    Ok(list.into_any())
}
