//! Who was in at each date, counted.

use strata_lake::arrow::array::{Array, BooleanArray, Float64Array};
use strata_lake::arrow::buffer::BooleanBuffer;

/// Who was in a segment or class at a date.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moment {
    /// Who was in.
    pub n_members: u64,
    /// Who could not be decided for want of data.
    pub n_undecided: u64,
    /// Who was in and had not been at the date before; none at the first.
    pub n_entered: Option<u64>,
    /// Who had been in at the date before and was not any more; none at the first.
    pub n_left: Option<u64>,
    /// What was measured of those who were in.
    pub values: Values,
}

/// Values, summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Values {
    /// How many there are: members of whom the value is known.
    pub n: u64,
    /// Their mean; 0 of none.
    pub mean: f64,
    /// The sum of squared deviations from it.
    pub deviation: f64,
}

impl Values {
    /// Adds a value (Welford 1962, "Note on a method for calculating corrected sums of squares and products").
    pub(super) fn add(&mut self, value: f64) {
        self.n += 1;
        let from_old = value - self.mean;
        self.mean += from_old / self.n as f64;
        self.deviation += from_old * (value - self.mean);
    }

    /// The standard deviation of the values; none of fewer than two.
    pub fn standard_deviation(&self) -> Option<f64> {
        (self.n > 1).then(|| (self.deviation / (self.n - 1) as f64).max(0.0).sqrt())
    }
}

/// Who is in at one date, of a batch of subjects.
pub(super) struct Standing {
    /// Who is known and in for sure.
    pub(super) members: BooleanBuffer,
    /// Who is known and undecided.
    pub(super) n_undecided: usize,
}

impl Standing {
    pub(super) fn of(known: &BooleanBuffer, is_in: &BooleanArray, decided_by: &BooleanArray) -> Standing {
        let members = certain(is_in);
        let n_undecided = match decided_by.nulls() {
            Some(nulls) => known.count_set_bits() - (known & nulls.inner()).count_set_bits(),
            None => 0,
        };
        Standing { members: &members & known, n_undecided }
    }
}

/// Where a truth is known and true.
pub(super) fn certain(truth: &BooleanArray) -> BooleanBuffer {
    match truth.nulls() {
        Some(nulls) => truth.values() & nulls.inner(),
        None => truth.values().clone(),
    }
}

impl Moment {
    pub(super) fn add(&mut self, now: &Standing) {
        self.n_members += now.members.count_set_bits() as u64;
        self.n_undecided += now.n_undecided as u64;
    }

    /// Adds the values of some subjects.
    pub(super) fn measure(&mut self, of: &BooleanBuffer, values: &Float64Array) {
        for row in of.set_indices().filter(|row| values.is_valid(*row)) {
            self.values.add(values.value(row));
        }
    }

    /// Counts who came and went between two dates.
    pub(super) fn compare(&mut self, before: &BooleanBuffer, now: &BooleanBuffer) {
        let both = (before & now).count_set_bits();
        self.changed(now.count_set_bits() - both, before.count_set_bits() - both);
    }

    pub(super) fn changed(&mut self, n_entered: usize, n_left: usize) {
        *self.n_entered.get_or_insert(0) += n_entered as u64;
        *self.n_left.get_or_insert(0) += n_left as u64;
    }
}
