//! The sum of what each group has on its earliest day.

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array};
use strata_lake::arrow::datatypes::{Date32Type, Float64Type};
use strata_lake::datafusion::common::{Result, exec_err};
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::sum::Sum;
use super::{counted, let_through};

/// The earliest day of every group, and the sum of its values so far.
#[derive(Default)]
pub(super) struct FirstDaySums {
    days: Vec<Option<i32>>,
    sums: Vec<Sum>,
}

impl FirstDaySums {
    /// Adds rows of a day and a value, or of a day and both parts of a sum.
    fn add(&mut self, columns: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        let [days, values @ ..] = columns else { return Ok(()) };
        for values in values {
            let (Some(dates), Some(values)) =
                (days.as_primitive_opt::<Date32Type>(), values.as_primitive_opt::<Float64Type>())
            else {
                return exec_err!("first_day_sum was given {} and {}", days.data_type(), values.data_type());
            };
            for (row, group) in counted(days.as_ref(), groups, filter) {
                let day = dates.value(row);
                let value = if values.is_valid(row) { values.value(row) } else { 0.0 };
                match self.days[group] {
                    Some(first) if first < day => {}
                    Some(first) if first == day => self.sums[group] = self.sums[group].plus(value),
                    _ => (self.days[group], self.sums[group]) = (Some(day), Sum::default().plus(value)),
                }
            }
        }
        Ok(())
    }

    fn make(&mut self, n_groups: usize) {
        self.days.resize(n_groups, None);
        self.sums.resize(n_groups, Sum::default());
    }
}

impl GroupsAccumulator for FirstDaySums {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.make(n_groups);
        self.add(values, groups, filter)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.make(n_groups);
        self.add(states, groups, None)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let days = emit_to.take_needed(&mut self.days);
        let sums = emit_to.take_needed(&mut self.sums);
        let known = days.iter().zip(sums).map(|(day, sum)| day.map(|_| sum.value()));
        Ok(Arc::new(known.collect::<Float64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let days = Date32Array::from(emit_to.take_needed(&mut self.days));
        let sums = emit_to.take_needed(&mut self.sums);
        let part = |part: fn(&Sum) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(sums.iter().map(part)))
        };
        Ok(vec![Arc::new(days), part(|sum| sum.high), part(|sum| sum.low)])
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let nothing_rounded_off = Arc::new(Float64Array::new_null(values[1].len()));
        Ok(vec![let_through(&values[0], filter)?, Arc::clone(&values[1]), nothing_rounded_off])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.days.capacity() * 8 + self.sums.capacity() * size_of::<Sum>()
    }
}
