//! Columns of categories: which there are, and which of them each row has.

use std::collections::{BTreeSet, HashMap};

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use pyo3::prelude::*;
use strata_models::cluster::error::ClusterError;
use strata_models::cluster::latent_class::answers::MOST_CATEGORIES;

use super::refused;
use crate::arrow::Table;
use crate::error::Refusal;

/// A column with its categories.
pub(super) type Named = (String, Categories);

/// The categories of a column in their order, as Python has them.
#[derive(Debug, Clone, PartialEq, FromPyObject, IntoPyObject)]
pub(crate) enum Categories {
    /// `false` and `true`.
    Truth(Vec<bool>),
    /// Codes of a list.
    Whole(Vec<i64>),
    /// Names.
    Text(Vec<String>),
}

/// The values of a column, none where nothing is known.
enum Values {
    Truth(Vec<Option<bool>>),
    Whole(Vec<Option<i64>>),
    Text(LargeStringArray),
}

/// What each column of a table is made of: `number`, `whole`, or `category` for texts and truths.
#[pyfunction]
pub(crate) fn kinds_of_columns(table: &Table, names: Vec<String>) -> PyResult<Vec<&'static str>> {
    let kind = |name: &String| {
        let column = table.column(name)?;
        Ok(match column.data_type() {
            kind if kind.is_integer() => "whole",
            kind if kind.is_numeric() => "number",
            _ => "category",
        })
    };
    names.iter().map(kind).collect()
}

impl Categories {
    /// The categories that occur in a column.
    pub(super) fn of(name: &str, column: &ArrayRef) -> Result<Categories, Refusal> {
        let categories = match values(name, column)? {
            Values::Truth(_) => Categories::Truth(vec![false, true]),
            Values::Whole(values) => {
                let distinct: BTreeSet<i64> = values.into_iter().flatten().collect();
                Categories::Whole(distinct.into_iter().collect())
            }
            Values::Text(values) => {
                let distinct: BTreeSet<&str> = values.iter().flatten().collect();
                Categories::Text(distinct.into_iter().map(str::to_owned).collect())
            }
        };
        let n_categories = categories.len();
        if n_categories > MOST_CATEGORIES {
            let column = name.to_owned();
            return Err(refused(
                ClusterError::Categories { column, n_categories, most: MOST_CATEGORIES },
                &[],
            ));
        }
        Ok(categories)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Categories::Truth(values) => values.len(),
            Categories::Whole(values) => values.len(),
            Categories::Text(values) => values.len(),
        }
    }

    /// The place of each row's category among these; none where nothing is known. Refuses one that is not among them.
    pub(super) fn codes(&self, name: &str, column: &ArrayRef) -> Result<Vec<Option<u16>>, Refusal> {
        fn coded<T: Copy, U: std::fmt::Display>(
            name: &str,
            values: impl Iterator<Item = Option<T>>,
            place: impl Fn(T) -> Option<u16>,
            shown: impl Fn(T) -> U,
        ) -> Result<Vec<Option<u16>>, Refusal> {
            let code = |(row, value): (usize, Option<T>)| {
                let Some(value) = value else { return Ok(None) };
                place(value).map(Some).ok_or_else(|| {
                    let message = format!(
                        "row {row}, column `{name}`: `{}` is none of the categories of the fit",
                        shown(value)
                    );
                    Refusal::new(message).with_hint("leave it empty, or fit to rows that have it")
                })
            };
            values.enumerate().map(code).collect()
        }
        match (self, values(name, column)?) {
            (Categories::Truth(_), Values::Truth(values)) => {
                coded(name, values.into_iter(), |value| Some(u16::from(value)), |value| value)
            }
            (Categories::Whole(known), Values::Whole(values)) => {
                let places: HashMap<i64, u16> = known.iter().copied().zip(0..).collect();
                coded(name, values.into_iter(), |value| places.get(&value).copied(), |value| value)
            }
            (Categories::Text(known), Values::Text(values)) => {
                let places: HashMap<&str, u16> = known.iter().map(String::as_str).zip(0..).collect();
                coded(name, values.iter(), |value| places.get(value).copied(), |value| value)
            }
            // A column in which nothing is known says nothing of its kind.
            (_, values) if values.are_unknown() => Ok(vec![None; column.len()]),
            _ => Err(Refusal::new(format!("column `{name}` is of another kind than in the fit"))
                .with_hint("give texts for texts, whole numbers for whole numbers")),
        }
    }
}

impl Values {
    fn are_unknown(&self) -> bool {
        match self {
            Values::Truth(values) => values.iter().all(Option::is_none),
            Values::Whole(values) => values.iter().all(Option::is_none),
            Values::Text(values) => values.null_count() == values.len(),
        }
    }
}

fn values(name: &str, column: &ArrayRef) -> Result<Values, Refusal> {
    let failed = |error| Refusal::new(format!("column `{name}` holds no categories: {error}"));
    match column.data_type() {
        DataType::Boolean => Ok(Values::Truth(column.as_boolean().iter().collect())),
        DataType::UInt64 => text(column).map_err(failed),
        kind if kind.is_integer() => {
            let column = cast(column, &DataType::Int64).map_err(failed)?;
            Ok(Values::Whole(column.as_primitive::<Int64Type>().iter().collect()))
        }
        kind if kind.is_numeric() => whole(name, &cast(column, &DataType::Float64).map_err(failed)?),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            text(column).map_err(failed)
        }
        kind => Err(Refusal::new(format!("column `{name}` holds {kind}, which are no categories"))
            .with_hint("give texts, whole numbers, or truths")),
    }
}

fn text(column: &ArrayRef) -> Result<Values, arrow::error::ArrowError> {
    Ok(Values::Text(cast(column, &DataType::LargeUtf8)?.as_string::<i64>().clone()))
}

/// Whole numbers among which some are missing are floats, as pandas has them.
fn whole(name: &str, column: &ArrayRef) -> Result<Values, Refusal> {
    let whole = |(row, value): (usize, Option<f64>)| match value {
        None => Ok(None),
        Some(value) if value.is_nan() => Ok(None),
        Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => Ok(Some(value as i64)),
        Some(value) => Err(Refusal::new(format!("row {row}, column `{name}`: {value} is no category"))
            .with_hint("give categories as texts or whole numbers; put a measure into ranges")),
    };
    let values = column.as_primitive::<Float64Type>().iter().enumerate().map(whole);
    Ok(Values::Whole(values.collect::<Result<_, _>>()?))
}
