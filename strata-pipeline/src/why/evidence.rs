//! The rows that count: which they are the compiled filters say, and the newest of them are shown.

use std::sync::Arc;

use chrono_tz::Tz;
use strata_lake::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use strata_lake::arrow::compute::take_record_batch;
use strata_lake::arrow::datatypes::{DataType, TimestampMicrosecondType};
use strata_spec::condition::{Aggregate, Condition, Node, Scope, Sequence, Term};
use strata_spec::error::ErrorCode;
use strata_spec::table::Table;

use super::Evidence;
use super::clause::for_people;
use super::own_rows::OwnRows;
use crate::compile::ROW;
use crate::error::{Error, Result};
use crate::query::{Rows, json_rows};

/// Rows that are counted: those of a table of which a condition is true.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counted {
    /// The figure, or the sequence.
    pub(super) of: String,
    pub(super) table: Table,
    pub(super) filter: Option<Condition>,
    /// The columns that it speaks of.
    pub(super) columns: Vec<String>,
}

/// So many rows are shown.
const MOST_ROWS: usize = 5;
/// So many columns of them.
const MOST_COLUMNS: usize = 5;

/// What is shown of a table's rows besides.
const fn usual(table: Table) -> &'static [&'static str] {
    match table {
        Table::Customers => &["customer_id", "country"],
        Table::Companies => &["company_id", "name"],
        Table::Orders => &["order_id", "amount"],
        Table::OrderLines => &["product_id", "quantity", "amount"],
        Table::Events => &["name"],
        Table::Responses => &["question", "answer"],
        Table::Feedback => &["text"],
    }
}

/// The evidence of a figure. `places` are those of its rows among all of the table's that were read.
pub(super) fn of(rows: &OwnRows<'_>, counted: &Counted, places: &[u32], timezone: Tz) -> Result<Evidence> {
    let table = counted.table;
    let Some(batch) = rows.table(table) else {
        let message = format!("the rows of {table} were counted and are not at hand");
        return Err(Error::new(ErrorCode::Internal, message));
    };
    let time = table.time_column();
    let mut newest = places.to_vec();
    if let Some(times) =
        batch.column_by_name(time).and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>())
    {
        // The newest first, those without a time last, equal ones in the order of the table.
        let key = |place: &u32| {
            let at = *place as usize;
            std::cmp::Reverse(
                (!strata_lake::arrow::array::Array::is_null(times, at)).then(|| times.value(at)),
            )
        };
        newest.sort_by_key(key);
    }
    newest.truncate(MOST_ROWS);
    let failed = |error| Error::new(ErrorCode::Internal, "cannot show the rows that count").caused_by(error);
    let all = take_record_batch(batch, &UInt32Array::from(newest)).map_err(failed)?;
    let all = without_places(&all)?;
    let mut columns = vec![time];
    columns.extend(counted.columns.iter().map(String::as_str).chain(usual(table).iter().copied()));
    let mut shown: Vec<(&str, ArrayRef)> = Vec::new();
    for name in columns {
        if shown.len() < MOST_COLUMNS
            && shown.iter().all(|(other, _)| *other != name)
            && let Some(column) = all.column_by_name(name)
        {
            shown.push((name, on_the_clock(column, timezone)?));
        }
    }
    let shown = RecordBatch::try_from_iter_with_nullable(
        shown.into_iter().map(|(name, column)| (name, column, true)),
    );
    Ok(Evidence {
        of: counted.of.clone(),
        table,
        n_rows: places.len(),
        newest: Rows::of(&shown.map_err(failed)?)?,
        newest_json: json_rows(&all)?,
    })
}

/// The columns of the rows of a figure that it speaks of.
pub(super) fn columns_of_figure(aggregate: &Aggregate) -> Vec<String> {
    let mut columns = Vec::new();
    let mut visit = |node: Node<'_>| {
        add_column(node, &mut columns);
        true
    };
    aggregate.arguments.iter().for_each(|argument| argument.walk(&mut visit));
    aggregate.filter.iter().for_each(|filter| filter.walk(&mut visit));
    columns
}

/// The rows that could be steps of a sequence, table by table.
pub(super) fn of_sequence(sequence: &Sequence, text: &str) -> Vec<Counted> {
    let of_table = |table: Table| {
        let steps = sequence.steps.iter().filter(|step| step.table == table);
        let conditions: Option<Vec<Condition>> = steps.map(|step| step.condition.clone()).collect();
        let steps = conditions.map(Condition::Any);
        let parts: Vec<Condition> = steps.into_iter().chain(sequence.filter.clone()).collect();
        let filter = (!parts.is_empty()).then_some(Condition::All(parts));
        let mut columns = Vec::new();
        filter.iter().for_each(|filter| {
            filter.walk(&mut |node| {
                add_column(node, &mut columns);
                true
            });
        });
        Counted { of: text.to_owned(), table, filter, columns }
    };
    sequence.tables().into_iter().map(of_table).collect()
}

fn add_column(node: Node<'_>, columns: &mut Vec<String>) {
    if let Node::Term(Term::Column(column)) = node
        && column.scope == Scope::Row
    {
        columns.push(column.name.clone());
    }
}

fn without_places(batch: &RecordBatch) -> Result<RecordBatch> {
    let kept: Vec<usize> = batch
        .schema_ref()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name() != ROW)
        .map(|(at, _)| at)
        .collect();
    batch
        .project(&kept)
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot show the rows that count").caused_by(error))
}

/// Times as the project's clocks show them.
fn on_the_clock(column: &ArrayRef, timezone: Tz) -> Result<ArrayRef> {
    if !matches!(column.data_type(), DataType::Timestamp(..)) {
        return Ok(Arc::clone(column));
    }
    let texts = (0..column.len()).map(|row| for_people(column, row, timezone));
    Ok(Arc::new(texts.collect::<Result<StringArray>>()?))
}
