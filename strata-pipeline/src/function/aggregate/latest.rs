//! The latest value of each group that is not null, whatever its type.
//!
//! Values stay in the columns that they came in: a batch leaves behind a column of those that were the latest when it came,
//! and a group remembers where its own lies. When most of what was kept is out of date, the columns are made anew.

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, new_null_array};
use strata_lake::arrow::compute::{interleave, take};
use strata_lake::arrow::datatypes::{DataType, Int64Type};
use strata_lake::datafusion::common::{Result, exec_err};
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::{counted, let_through};

/// The latest value of every group, and its rank.
pub(super) struct LatestKnown {
    /// The first holds one null, for groups without a value.
    kept: Vec<ArrayRef>,
    n_kept: usize,
    /// Which kept column, and which row of it.
    places: Vec<(usize, usize)>,
    ranks: Vec<Option<i64>>,
}

impl LatestKnown {
    /// No groups yet; values are of type `kind`.
    pub(super) fn new(kind: DataType) -> LatestKnown {
        LatestKnown { kept: vec![new_null_array(&kind, 1)], n_kept: 0, places: Vec::new(), ranks: Vec::new() }
    }

    fn add(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.places.resize(n_groups, (0, 0));
        self.ranks.resize(n_groups, None);
        let [values, ranks] = columns else { return Ok(()) };
        let Some(ranks) = ranks.as_primitive_opt::<Int64Type>() else {
            return exec_err!("latest_known was given a rank of type {}", ranks.data_type());
        };
        let mut later = Vec::new();
        for (row, group) in counted(values.as_ref(), groups, filter).filter(|(row, _)| ranks.is_valid(*row)) {
            let rank = Some(ranks.value(row));
            if rank > self.ranks[group] {
                self.ranks[group] = rank;
                self.places[group] = (self.kept.len(), later.len());
                later.push(row as i64);
            }
        }
        if !later.is_empty() {
            self.n_kept += later.len();
            self.kept.push(take(values, &Int64Array::from(later), None)?);
        }
        if self.n_kept > 4 * n_groups.max(1 << 12) {
            let null = self.kept[0].clone();
            let latest = self.gathered(&self.places)?;
            self.n_kept = latest.len();
            self.kept = vec![null, latest];
            self.places = (0..n_groups).map(|group| (1, group)).collect();
        }
        Ok(())
    }

    fn gathered(&self, places: &[(usize, usize)]) -> Result<ArrayRef> {
        let kept: Vec<&dyn Array> = self.kept.iter().map(AsRef::as_ref).collect();
        Ok(interleave(&kept, places)?)
    }
}

impl GroupsAccumulator for LatestKnown {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.add(values, groups, filter, n_groups)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.add(states, groups, None, n_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        emit_to.take_needed(&mut self.ranks);
        let places = emit_to.take_needed(&mut self.places);
        self.gathered(&places)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let ranks = Int64Array::from(emit_to.take_needed(&mut self.ranks));
        let places = emit_to.take_needed(&mut self.places);
        Ok(vec![self.gathered(&places)?, Arc::new(ranks)])
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        Ok(vec![let_through(&values[0], filter)?, Arc::clone(&values[1])])
    }

    fn size(&self) -> usize {
        let kept: usize = self.kept.iter().map(|column| column.get_array_memory_size()).sum();
        size_of_val(self) + kept + self.places.capacity() * 16 + self.ranks.capacity() * 16
    }
}
