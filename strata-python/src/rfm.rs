//! Summaries and scores of a table of orders.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, UInt64Array};
use arrow::buffer::ScalarBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Int64Type};
use pyo3::prelude::*;
use strata_models::orders::{
    Orders, OrdersError, Period, SummaryOptions, recent_summary, repeat_summary, train_test,
};
use strata_models::rank::scores;

use crate::arrow::Table;
use crate::column::{instants, numbers};
use crate::error::Refusal;

/// Frequency, recency, tenure (`T`) and monetary value of each customer.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are the keywords of one Python function")]
pub(crate) fn rfm_summary(
    py: Python<'_>,
    orders: &Table,
    customer_id: &str,
    time: &str,
    amount: Option<&str>,
    observation_end: Option<i64>,
    freq: &str,
    time_scaler: f64,
    include_first_transaction: bool,
) -> PyResult<Table> {
    let time_scaler = scaler(time_scaler)?;
    let options = SummaryOptions {
        end: observation_end,
        period: period(freq)?,
        time_scaler,
        with_first: include_first_transaction,
    };
    let table = py.detach(|| {
        let columns = Columns::of(orders, customer_id, time, amount)?;
        let summary = repeat_summary(&columns.orders()?, &options);
        let mut table = vec![
            (customer_id.to_owned(), columns.ids(&summary.customer)?),
            ("frequency".to_owned(), whole(&summary.frequency)),
            ("recency".to_owned(), real(summary.recency)),
            ("T".to_owned(), real(summary.tenure)),
        ];
        if amount.is_some() {
            table.push(("monetary_value".to_owned(), real(summary.monetary_value)));
        }
        Table::of(table)
    });
    Ok(table?)
}

/// The summary as of the end of calibration, and what each of its customers did from then to the end of the test.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are the keywords of one Python function")]
pub(crate) fn rfm_train_test_split(
    py: Python<'_>,
    orders: &Table,
    customer_id: &str,
    time: &str,
    amount: Option<&str>,
    train_end: i64,
    test_end: Option<i64>,
    freq: &str,
    time_scaler: f64,
) -> PyResult<Table> {
    let period = period(freq)?;
    let scaler = scaler(time_scaler)?;
    let table = py.detach(|| {
        let columns = Columns::of(orders, customer_id, time, amount)?;
        let orders = columns.orders()?;
        let options = SummaryOptions { end: test_end, period, time_scaler: scaler, with_first: false };
        let (train, test) = train_test(&orders, train_end, &options)
            .map_err(|error: OrdersError| Refusal::new(error.to_string()).with_hint(error.hint()))?;
        let mut table = vec![
            (customer_id.to_owned(), columns.ids(&train.customer)?),
            ("frequency".to_owned(), whole(&train.frequency)),
            ("recency".to_owned(), real(train.recency)),
            ("T".to_owned(), real(train.tenure)),
        ];
        if amount.is_some() {
            table.push(("monetary_value".to_owned(), real(train.monetary_value)));
        }
        table.push(("test_frequency".to_owned(), whole(&test.frequency)));
        if amount.is_some() {
            table.push(("test_monetary_value".to_owned(), real(test.monetary_value)));
        }
        table.push(("test_T".to_owned(), real(vec![test.tenure; test.frequency.len()])));
        Table::of(table)
    });
    Ok(table?)
}

/// Recency, frequency and monetary scores of each customer.
#[pyfunction]
pub(crate) fn rfm_scores(
    py: Python<'_>,
    orders: &Table,
    customer_id: &str,
    time: &str,
    amount: &str,
    as_of: Option<i64>,
    tiles: u32,
) -> PyResult<Table> {
    if tiles == 0 {
        return Err(Refusal::new("`tiles` is 0").with_hint("give the number of parts, as 5").into());
    }
    let table = py.detach(|| {
        let columns = Columns::of(orders, customer_id, time, Some(amount))?;
        let summary = recent_summary(&columns.orders()?, as_of);
        let score = |values: &[f64], descending: bool| -> ArrayRef {
            let scores = scores(values, tiles, descending);
            Arc::new(Int64Array::from_iter_values(scores.into_iter().map(i64::from)))
        };
        let (r, f, m) = (
            score(&summary.days_since_last_order, true),
            score(&summary.n_orders, false),
            score(&summary.revenue, false),
        );
        Table::of(vec![
            (customer_id.to_owned(), columns.ids(&summary.customer)?),
            ("days_since_last_order".to_owned(), whole(&summary.days_since_last_order)),
            ("n_orders".to_owned(), whole(&summary.n_orders)),
            ("revenue".to_owned(), real(summary.revenue)),
            ("r_score".to_owned(), r),
            ("f_score".to_owned(), f),
            ("m_score".to_owned(), m),
        ])
    });
    Ok(table?)
}

/// What a table of orders holds, as slices.
struct Columns {
    ids: ArrayRef,
    /// The row of each customer's first mention, in the order of ids.
    first_rows: Vec<usize>,
    customer: Vec<usize>,
    at: Vec<i64>,
    amount: Option<ScalarBuffer<f64>>,
}

impl Columns {
    fn of(orders: &Table, customer_id: &str, time: &str, amount: Option<&str>) -> Result<Columns, Refusal> {
        let ids = orders.column(customer_id)?;
        let (first_rows, customer) = numbered(customer_id, &ids)?;
        let at = instants(time, &orders.column(time)?)?;
        let amount = amount.map(|amount| numbers(amount, &orders.column(amount)?)).transpose()?;
        Ok(Columns { ids, first_rows, customer, at, amount })
    }

    fn orders(&self) -> Result<Orders<'_>, Refusal> {
        Orders::new(&self.customer, self.first_rows.len(), &self.at, self.amount.as_deref())
            .map_err(|error: OrdersError| Refusal::new(error.to_string()).with_hint(error.hint()))
    }

    /// The ids of customers, of the kind that they came in.
    fn ids(&self, customers: &[usize]) -> Result<ArrayRef, Refusal> {
        let rows = customers.iter().map(|customer| self.first_rows[*customer] as u64);
        take(&self.ids, &UInt64Array::from_iter_values(rows), None)
            .map_err(|error| Refusal::new(format!("cannot take the ids of customers: {error}")))
    }
}

/// The row of each id's first mention, in the order of ids (numbers as numbers, others as text), and for each row the number of
/// its id in that order.
fn numbered(name: &str, ids: &ArrayRef) -> Result<(Vec<usize>, Vec<usize>), Refusal> {
    let failed = |error| Refusal::new(format!("column `{name}` holds no ids: {error}"));
    if let Some(row) = (0..ids.len()).find(|row| ids.is_null(*row)) {
        return Err(Refusal::new(format!("column `{name}` has no value in row {row}"))
            .with_hint("leave out orders whose customer is not known"));
    }
    if ids.data_type().is_integer() && *ids.data_type() != DataType::UInt64 {
        let ids = cast(ids, &DataType::Int64).map_err(failed)?;
        return Ok(in_order(ids.as_primitive::<Int64Type>().values().iter().copied()));
    }
    let ids = cast(ids, &DataType::LargeUtf8).map_err(failed)?;
    let ids = ids.as_string::<i64>();
    Ok(in_order((0..ids.len()).map(|row| ids.value(row))))
}

fn in_order<T: Ord + Hash + Copy>(ids: impl Iterator<Item = T>) -> (Vec<usize>, Vec<usize>) {
    let mut known: HashMap<T, usize> = HashMap::new();
    let mut first: Vec<(T, usize)> = Vec::new();
    let mentioned: Vec<usize> = ids
        .enumerate()
        .map(|(row, id)| {
            *known.entry(id).or_insert_with(|| {
                first.push((id, row));
                first.len() - 1
            })
        })
        .collect();
    let mut order: Vec<usize> = (0..first.len()).collect();
    order.sort_unstable_by_key(|mention| first[*mention].0);
    let mut place = vec![0; first.len()];
    order.iter().enumerate().for_each(|(at, mention)| place[*mention] = at);
    let first_rows = order.iter().map(|mention| first[*mention].1).collect();
    (first_rows, mentioned.into_iter().map(|mention| place[mention]).collect())
}

fn period(freq: &str) -> Result<Period, Refusal> {
    match freq {
        "h" => Ok(Period::Hour),
        "D" => Ok(Period::Day),
        "W" => Ok(Period::Week),
        "M" => Ok(Period::Month),
        other => Err(Refusal::new(format!("`freq` is `{other}`"))
            .with_hint("purchases are joined by hour (h), day (D), week (W) or month (M)")),
    }
}

fn scaler(time_scaler: f64) -> Result<f64, Refusal> {
    if time_scaler.is_finite() && time_scaler > 0.0 {
        return Ok(time_scaler);
    }
    let refusal = Refusal::new(format!("`time_scaler` is {time_scaler}"));
    Err(refusal.with_hint("give a positive number, as 7 for weeks of days"))
}

/// Counts, which are whole.
fn whole(counts: &[f64]) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(counts.iter().map(|count| *count as i64)))
}

fn real(values: Vec<f64>) -> ArrayRef {
    Arc::new(Float64Array::from(values))
}
