//! Questions that the report and the quality of data put to the lake, and their answers, cell by cell.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use strata_lake::arrow::datatypes::DataType;

use super::{Answer, View};
use crate::error::{Context, Result};

/// A row of an answer.
pub(crate) struct Row(Vec<Option<String>>);

/// The columns of a table; none where there is no such table.
pub(crate) struct Columns(BTreeMap<String, Measure>);

/// What can be computed with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Number,
    Boolean,
    Other,
}

/// Asks the tables of the last complete run. `what` says what for, as in `count the orders`.
pub(crate) async fn ask(view: &View, what: &str, query: &str) -> Result<Vec<Row>> {
    ask_at(view, what, query, &view.complete.tables).await
}

/// Asks tables at these versions.
pub(crate) async fn ask_at(
    view: &View,
    what: &str,
    query: &str,
    tables: &BTreeMap<String, u64>,
) -> Result<Vec<Row>> {
    let answer = view.engine().sql(query, tables).await.context(format!("cannot {what}"))?;
    let rows = Answer(answer).rows(usize::MAX).await?;
    Ok(rows.cells.into_iter().map(Row).collect())
}

/// The columns of a table of the last complete run.
pub(crate) async fn columns_of(view: &View, table: &str) -> Result<Columns> {
    let Some(version) = view.complete.tables.get(table) else { return Ok(Columns(BTreeMap::new())) };
    let frame = view.engine().table(table, *version).await.context(format!("cannot open table `{table}`"))?;
    let kind = |kind: &DataType| match kind {
        DataType::Boolean => Measure::Boolean,
        kind if kind.is_numeric() => Measure::Number,
        _ => Measure::Other,
    };
    let fields = frame.schema().fields();
    Ok(Columns(fields.iter().map(|field| (field.name().clone(), kind(field.data_type()))).collect()))
}

/// An instant in SQL.
pub(crate) fn instant_literal(instant: DateTime<Utc>) -> String {
    format!("timestamp '{}'", instant.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
}

impl Columns {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A column as a number in SQL, `prefix` before it; yes is 1 and no is 0. None where there is no such column, or it is text.
    pub(crate) fn as_number(&self, name: &str, prefix: &str) -> Option<String> {
        let column = format!("{prefix}\"{}\"", name.replace('"', "\"\""));
        match self.0.get(name)? {
            Measure::Number => Some(format!("cast({column} as double)")),
            Measure::Boolean => Some(format!("cast(cast({column} as int) as double)")),
            Measure::Other => None,
        }
    }
}

impl Row {
    /// A cell as text, where it is not null.
    pub(crate) fn maybe(&self, place: usize) -> Option<&str> {
        self.0.get(place)?.as_deref()
    }

    /// A cell as text; empty where it is null.
    pub(crate) fn text(&self, place: usize) -> &str {
        self.maybe(place).unwrap_or_default()
    }

    /// A cell as a number, where it is one.
    pub(crate) fn number(&self, place: usize) -> Option<f64> {
        self.maybe(place)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A cell as a count, where it is one.
    pub(crate) fn whole(&self, place: usize) -> Option<u64> {
        self.maybe(place)?.parse().ok()
    }

    /// A cell as a count; 0 where it is null.
    pub(crate) fn count(&self, place: usize) -> u64 {
        self.whole(place).unwrap_or(0)
    }
}
