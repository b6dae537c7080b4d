//! What models of timing know of customers, taken from a table once and asked many times.

use arrow::buffer::ScalarBuffer;
use pyo3::prelude::*;
use strata_models::clv::purchases::RepeatPurchases;

use super::{optional, refused};
use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// The purchases of the customers of a table, those alike taken together.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct Customers {
    purchases: RepeatPurchases,
    /// What they were made of: to look whether a table is still the same takes a tenth of the time of making them anew.
    columns: [ScalarBuffer<f64>; 3],
}

#[pymethods]
impl Customers {
    /// Checks a table of frequency, recency and tenure; `weights` say how many customers a row stands for.
    #[new]
    fn new(py: Python<'_>, data: &Table, tenure: &str, weights: Option<&str>) -> PyResult<Customers> {
        let customers: Result<_, Refusal> = py.detach(|| {
            let columns = columns(data, tenure)?;
            let [frequency, recency, tenure] = &columns;
            let purchases = match optional(data, weights)? {
                None => RepeatPurchases::new(frequency, recency, tenure),
                Some(weights) => RepeatPurchases::weighted(frequency, recency, tenure, &weights),
            };
            Ok(Customers { purchases: purchases.map_err(refused)?, columns })
        });
        Ok(customers?)
    }

    /// Whether a table still holds these customers, row by row. What follows from them need not be made anew then.
    fn are_of(&self, py: Python<'_>, data: &Table, tenure: &str) -> PyResult<bool> {
        Ok(py.detach(|| Ok::<_, Refusal>(self.columns == columns(data, tenure)?))?)
    }
}

impl Customers {
    pub(super) fn purchases(&self) -> &RepeatPurchases {
        &self.purchases
    }
}

fn columns(data: &Table, tenure: &str) -> Result<[ScalarBuffer<f64>; 3], Refusal> {
    let column = |name: &str| numbers(name, &data.column(name)?);
    Ok([column("frequency")?, column("recency")?, column(tenure)?])
}
