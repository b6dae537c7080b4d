//! Columns that say nothing about how customers differ.

use crate::cluster::error::ClusterError;

/// Below so many rows a column of consecutive whole numbers may well be a measurement.
const FEWEST_ROWS_OF_AN_ID: usize = 20;

/// Refuses a column, in which NaN is a missing value, that is no trait: one with an infinite value, one that is the same in all rows
/// or missing in all, one that numbers the rows.
///
/// An id is recognised by its name (`id` or an ending `_id`, in any case) where all values differ, and in 20 rows or more by its values
/// alone: whole numbers, all different, none left out between the least and the greatest.
pub fn refuse(name: &str, values: &[f64]) -> Result<(), ClusterError> {
    let column = || name.to_owned();
    if values.is_empty() {
        return Err(ClusterError::NoRows);
    }
    if let Some(row) = values.iter().position(|value| value.is_infinite()) {
        return Err(ClusterError::NotFinite { column: column(), row, value: values[row] });
    }
    let mut known = values.iter().copied().filter(|value| !value.is_nan());
    let Some(first) = known.next() else { return Err(ClusterError::Constant { column: column() }) };
    let (mut least, mut greatest, mut n_known, mut is_whole) = (first, first, 1_usize, first.fract() == 0.0);
    for value in known {
        (least, greatest, n_known) = (least.min(value), greatest.max(value), n_known + 1);
        is_whole &= value.fract() == 0.0;
    }
    if least == greatest {
        return Err(ClusterError::Constant { column: column() });
    }
    if n_known < values.len() {
        return Ok(());
    }
    // Steps of one and all different: as many values as there are whole numbers in their range.
    let may_number = is_whole && greatest - least == (n_known - 1) as f64 && n_known >= FEWEST_ROWS_OF_AN_ID;
    let lower = name.to_lowercase();
    let is_called_id = lower == "id" || lower.ends_with("_id");
    if (is_called_id || may_number) && all_differ(values) {
        let reason =
            if is_called_id { "its name says so, and all values differ" } else { "it numbers the rows" };
        return Err(ClusterError::Identifier { column: column(), reason });
    }
    Ok(())
}

fn all_differ(values: &[f64]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}
