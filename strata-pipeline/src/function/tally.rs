//! What several figures take from a table's rows, as a constant: which texts a column has to have, in which stretch of time a
//! row has to lie, and what is taken of the rows that do.

use serde::{Deserialize, Serialize};
use strata_lake::arrow::datatypes::{DataType, Field, Fields};
use strata_lake::datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use strata_lake::datafusion::logical_expr::{Expr, lit};

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// What is taken of the rows that count.
    pub(crate) take: Take,
    /// Which of the values it is taken of; a count without one is of rows.
    pub(crate) of: Option<usize>,
    /// Which rows count.
    pub(crate) rows: Rows,
}

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Take {
    /// How many there are.
    Count,
    /// What they are together.
    Sum,
    /// The least.
    Least,
    /// The greatest.
    Greatest,
}

/// The rows that count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rows {
    /// The texts that the key may be; without them, it may be anything or nothing.
    pub(crate) texts: Option<Vec<String>>,
    /// The first instant, in microseconds. A row without a time counts where neither instant is given.
    pub(crate) from: Option<i64>,
    /// The last instant.
    pub(crate) until: Option<i64>,
}

/// The constants of `tallies`: the type of what it gives, and what each figure takes.
///
/// They are dictionaries of one value, because the engine makes a column of each constant for each batch of rows: a byte a row so.
pub(crate) fn constants(tallies: &[Tally], types: &[DataType]) -> Result<[Expr; 2]> {
    let fields = types.iter().zip(tallies).enumerate();
    let fields = fields
        .map(|(at, (kind, tally))| Field::new(figure_name(at), kind.clone(), tally.take != Take::Count));
    let nothing = ScalarValue::try_from(&DataType::Struct(fields.collect()))?;
    let text = serde_json::to_string(tallies)
        .map_err(|error| exec_datafusion_err!("tallies cannot be written: {error}"))?;
    Ok([nothing, ScalarValue::from(text)]
        .map(|value| lit(ScalarValue::Dictionary(Box::new(DataType::Int8), Box::new(value)))))
}

/// The figure at a place, in what `tallies` gives.
pub(crate) fn figure_name(at: usize) -> String {
    at.to_string()
}

/// Reads the second of those constants.
pub(super) fn read(constant: &ScalarValue) -> Result<Vec<Tally>> {
    let text = constant.try_as_str().flatten().unwrap_or_default();
    serde_json::from_str(text).map_err(|error| exec_datafusion_err!("tallies cannot be read: {error}"))
}

/// The figures, of the type of the first constant or of the struct that it stands for.
pub(super) fn fields(shape: &DataType) -> Fields {
    match shape {
        DataType::Struct(of) => of.clone(),
        DataType::Dictionary(_, of) => fields(of),
        _ => Fields::empty(),
    }
}
