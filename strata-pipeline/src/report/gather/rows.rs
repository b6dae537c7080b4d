//! Questions to the lake and their answers, cell by cell.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::error::{Context, Result};
use crate::query::View;

/// A row of an answer.
pub(super) struct Row(Vec<Option<String>>);

/// The columns of a table; none where there is no such table.
pub(super) struct Columns(BTreeSet<String>);

/// Asks the tables of the last complete run.
pub(super) async fn ask(view: &View, what: &str, query: &str) -> Result<Vec<Row>> {
    let answer = view
        .engine()
        .sql(query, &view.complete.tables)
        .await
        .context(format!("cannot {what} for the report"))?;
    let rows = crate::query::Answer(answer).rows(usize::MAX).await?;
    Ok(rows.cells.into_iter().map(Row).collect())
}

pub(super) async fn columns_of(view: &View, table: &str) -> Result<Columns> {
    let Some(version) = view.complete.tables.get(table) else { return Ok(Columns(BTreeSet::new())) };
    let frame = view.engine().table(table, *version).await.context(format!("cannot open table `{table}`"))?;
    Ok(Columns(frame.schema().fields().iter().map(|field| field.name().clone()).collect()))
}

/// An instant in SQL.
pub(super) fn instant_literal(instant: DateTime<Utc>) -> String {
    format!("timestamp '{}'", instant.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
}

impl Columns {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

impl Row {
    /// A cell as text, where it is not null.
    pub(super) fn maybe(&self, place: usize) -> Option<&str> {
        self.0.get(place)?.as_deref()
    }

    /// A cell as text; empty where it is null.
    pub(super) fn text(&self, place: usize) -> &str {
        self.maybe(place).unwrap_or_default()
    }

    /// A cell as a number, where it is one.
    pub(super) fn number(&self, place: usize) -> Option<f64> {
        self.maybe(place)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A cell as a count, where it is one.
    pub(super) fn whole(&self, place: usize) -> Option<u64> {
        self.maybe(place)?.parse().ok()
    }

    /// A cell as a count; 0 where it is null.
    pub(super) fn count(&self, place: usize) -> u64 {
        self.whole(place).unwrap_or(0)
    }
}
