//! The mean of the latest value of each key that a group has: what somebody who answered a questionnaire twice says now.

use std::sync::Arc;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use strata_lake::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use strata_lake::datafusion::common::Result;
use strata_lake::datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::gather::{Gathered, Piece, decoded};

/// A value of a key at a time. Those of one key come together, the latest last; of values at one instant, the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dated {
    key: i64,
    /// Microseconds; the least number for a row without a time, so that any other is later.
    time: i64,
    value: Ordered,
}

/// A number as whole numbers in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ordered(i64);

impl Ordered {
    fn of(value: f64) -> Ordered {
        Ordered(Ordered::turned(value.to_bits().cast_signed()))
    }

    fn value(self) -> f64 {
        f64::from_bits(Ordered::turned(self.0).cast_unsigned())
    }

    /// The bits of numbers below zero count downwards.
    fn turned(bits: i64) -> i64 {
        if bits < 0 { bits ^ i64::MAX } else { bits }
    }
}

impl Piece for Dated {
    const BYTES: usize = 24;

    fn reader(columns: &[ArrayRef]) -> Option<impl Fn(usize) -> Option<Dated>> {
        let keys = columns.first()?.as_primitive_opt::<Int64Type>()?;
        let times = columns.get(1)?.as_primitive_opt::<TimestampMicrosecondType>()?;
        let values = columns.get(2)?.as_primitive_opt::<Float64Type>()?;
        Some(|row: usize| {
            let time = if times.is_valid(row) { times.value(row) } else { i64::MIN };
            let value = values.is_valid(row).then(|| values.value(row))?;
            Some(Dated { key: keys.value(row), time, value: Ordered::of(value) })
        })
    }

    fn encode(self, bytes: &mut Vec<u8>) {
        for part in [self.key, self.time, self.value.0] {
            bytes.extend_from_slice(&part.to_le_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Option<Dated> {
        let part = |at: usize| Some(i64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        Some(Dated { key: part(0)?, time: part(8)?, value: Ordered(part(16)?) })
    }

    fn joined(self, next: Dated) -> Option<Dated> {
        (self.key == next.key).then_some(next)
    }
}

/// The latest values of all groups.
pub(super) struct LatestMeans {
    gathered: Gathered<Dated>,
    /// So many keys a group must have to have a mean.
    least: usize,
}

impl LatestMeans {
    pub(super) fn new(least: u64) -> LatestMeans {
        LatestMeans { gathered: Gathered::new(), least: usize::try_from(least).unwrap_or(usize::MAX).max(1) }
    }

    fn mean(&self, bytes: &[u8]) -> Option<f64> {
        let n = bytes.len() / Dated::BYTES;
        let sum: f64 = decoded::<Dated>(bytes).map(|dated| dated.value.value()).sum();
        (n >= self.least).then(|| sum / n as f64)
    }
}

impl GroupsAccumulator for LatestMeans {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.gathered.update_batch(values, groups, filter, n_groups)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.gathered.merge_batch(states, groups, n_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let gathered = self.gathered.emitted(emit_to);
        let means = gathered.iter().map(|bytes| bytes.and_then(|bytes| self.mean(bytes)));
        Ok(Arc::new(means.collect::<Float64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.gathered.state(emit_to)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.gathered.convert_to_state(values, filter)
    }

    fn size(&self) -> usize {
        self.gathered.size()
    }
}
