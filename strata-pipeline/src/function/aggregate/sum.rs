//! Sums of numbers that do not depend on the order in which rows come: what each addition rounds off is kept beside the sum.
//!
//! Rows of one subject that come from several files, parts or machines come in any order. Sums of floats that differ in their last
//! digit would make tables that differ from run to run, and models that are fitted on them take other paths.

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use strata_lake::arrow::datatypes::Float64Type;
use strata_lake::datafusion::common::{Result, exec_err};
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::{counted, let_through};

/// A sum so far. Two of the same numbers are equal in value, in whatever order those were added, unless they range over more than a
/// hundred binary digits. It begins at 0, so that it is never the negative zero.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) high: f64,
    /// What the additions to `high` rounded off.
    pub(super) low: f64,
}

impl Sum {
    /// Knuth's two-sum: `high` and the error of `high` are what the two numbers are together, exactly.
    #[inline]
    pub(super) fn plus(self, value: f64) -> Sum {
        let high = self.high + value;
        let taken = high - self.high;
        let rounded_off = (self.high - (high - taken)) + (value - taken);
        // Beyond all numbers there is nothing to round off; what the sum was before no longer counts.
        Sum { high, low: if high.is_finite() { self.low + rounded_off } else { 0.0 } }
    }

    /// The sum, rounded once.
    #[inline]
    pub(super) fn value(self) -> f64 {
        self.high + self.low
    }
}

/// The sum of the numbers of every group that has any.
#[derive(Default)]
pub(super) struct NumberSums(Vec<Option<Sum>>);

impl NumberSums {
    /// Adds columns of numbers: values, or both parts of sums.
    fn add(&mut self, columns: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        for column in columns {
            let Some(values) = column.as_primitive_opt::<Float64Type>() else {
                return exec_err!("number_sum was given {}", column.data_type());
            };
            for (row, group) in counted(column.as_ref(), groups, filter) {
                self.0[group] = Some(self.0[group].unwrap_or_default().plus(values.value(row)));
            }
        }
        Ok(())
    }
}

impl GroupsAccumulator for NumberSums {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.0.resize(n_groups, None);
        self.add(values, groups, filter)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.0.resize(n_groups, None);
        self.add(states, groups, None)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = emit_to.take_needed(&mut self.0);
        Ok(Arc::new(sums.into_iter().map(|sum| sum.map(Sum::value)).collect::<Float64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let sums = emit_to.take_needed(&mut self.0);
        let part = |part: fn(Sum) -> f64| -> ArrayRef {
            Arc::new(sums.iter().map(|sum| sum.map(part)).collect::<Float64Array>())
        };
        Ok(vec![part(|sum| sum.high), part(|sum| sum.low)])
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let highs = let_through(&values[0], filter)?;
        let lows = Arc::new(Float64Array::new_null(highs.len()));
        Ok(vec![highs, lows])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.capacity() * size_of::<Option<Sum>>()
    }
}
