//! How unlike two rows are that have numbers, ranks and categories at once, some of them missing.
//!
//! `d(a, b) = Σ_j w_j δ_j d_j / Σ_j w_j δ_j`, between 0 and 1, where δ is 1 for columns in which both rows
//! have a value, and otherwise 0. For numbers, `d_j = |a − b| / range_j`; for ranks the same of their places;
//! for categories 0 if they are the same, otherwise 1. Two rows that both say no to a trait that is rare have
//! little in common: for asymmetric columns δ is 0 there.
//!
//! Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics 27,
//! 857–871. Kaufman, L. and Rousseeuw, P. J. (1990). Finding Groups in Data, chapter 1 (R: `cluster::daisy`).

use rayon::prelude::*;

use super::error::ClusterError;

/// The most rows of which all pairs are compared: 200 million numbers in 0.8 GB.
pub const MOST_ROWS: usize = 20_000;

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// How it is called.
    pub name: &'a str,
    /// What it counts, above 0; 1 as a rule.
    pub weight: f64,
    /// Its values.
    pub values: Values<'a>,
}

/// The values of a column; none where nothing is known.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// Finite numbers.
    Numbers(&'a [Option<f64>]),
    /// Places in an order, one apart.
    Ordinal(&'a [Option<u16>]),
    /// Categories without an order; yes or no where both count alike.
    Nominal(&'a [Option<u16>]),
    /// Yes or no, where two times no is no likeness.
    Asymmetric(&'a [Option<bool>]),
}

/// The dissimilarities of all pairs of rows, each once.
#[derive(Debug, Clone, PartialEq)]
pub struct Dissimilarities {
    n_rows: usize,
    /// Row 1 with row 0, row 2 with rows 0 and 1, and so on.
    values: Vec<f32>,
}

impl Dissimilarities {
    /// Gower's dissimilarities of all rows of these columns. The result does not depend on the number of threads.
    ///
    /// Refuses no columns, fewer than two or more than [`MOST_ROWS`] rows, columns of different lengths or
    /// with one value, numbers that are not finite, weights that are not above 0, and rows that have no
    /// column in common.
    pub fn gower(columns: &[Column<'_>]) -> Result<Dissimilarities, ClusterError> {
        let n_rows = columns.first().ok_or(ClusterError::NoColumns)?.values.len();
        check_rows(n_rows)?;
        let columns: Vec<Scaled> =
            columns.iter().map(|column| Scaled::new(column, n_rows)).collect::<Result<_, _>>()?;
        let mut values = vec![0.0; n_rows * (n_rows - 1) / 2];
        let mut rows = vec![];
        let mut rest = &mut values[..];
        for row in 1..n_rows {
            let (own, others) = rest.split_at_mut(row);
            rows.push((row, own));
            rest = others;
        }
        rows.into_par_iter().try_for_each(|(row, own)| {
            for (other, value) in own.iter_mut().enumerate() {
                *value = dissimilarity(&columns, row, other)?;
            }
            Ok::<(), ClusterError>(())
        })?;
        Ok(Dissimilarities { n_rows, values })
    }

    /// Given dissimilarities, finite and not negative: row 1 with row 0, row 2 with rows 0 and 1, and so on.
    pub fn new(n_rows: usize, values: Vec<f32>) -> Result<Dissimilarities, ClusterError> {
        check_rows(n_rows)?;
        let expected = n_rows * (n_rows - 1) / 2;
        if values.len() != expected {
            let column = "dissimilarities".to_owned();
            return Err(ClusterError::Lengths { column, n_values: values.len(), n_rows: expected });
        }
        if let Some(row) = values.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
            let (column, value) = ("dissimilarities".to_owned(), f64::from(values[row]));
            return Err(ClusterError::NotFinite { column, row, value });
        }
        Ok(Dissimilarities { n_rows, values })
    }

    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// How unlike two rows are.
    pub fn between(&self, one: usize, other: usize) -> f64 {
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        if low == high { 0.0 } else { f64::from(self.values[high * (high - 1) / 2 + low]) }
    }

    /// All pairs: row 1 with row 0, row 2 with rows 0 and 1, and so on.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// How unlike one row is to each.
    pub(super) fn of(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        let start = row * row.saturating_sub(1) / 2;
        let before = self.values[start..start + row].iter().copied();
        let after = (row + 1..self.n_rows).map(move |other| self.values[other * (other - 1) / 2 + row]);
        before.chain(std::iter::once(0.0)).chain(after).map(f64::from)
    }
}

/// Rows whose dissimilarities are taken as they are needed and not kept. Two rows that have no column in common are wholly unlike.
pub(crate) struct Rows {
    n_rows: usize,
    columns: Vec<Scaled>,
}

impl Rows {
    /// Refuses what [`Dissimilarities::gower`] refuses, but that one row is enough and so are columns with one value, which tell nothing.
    pub(crate) fn new(columns: &[Column<'_>]) -> Result<Rows, ClusterError> {
        let n_rows = columns.first().ok_or(ClusterError::NoColumns)?.values.len();
        if n_rows != 1 {
            check_rows(n_rows)?;
        }
        let told = |column: &Column<'_>| match Scaled::new(column, n_rows) {
            Err(ClusterError::Constant { .. }) => None,
            scaled => Some(scaled),
        };
        Ok(Rows { n_rows, columns: columns.iter().filter_map(told).collect::<Result<_, _>>()? })
    }

    /// How unlike one row is to each, itself included.
    pub(crate) fn of(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        let is_told = !self.columns.is_empty();
        (0..self.n_rows).map(move |other| match dissimilarity(&self.columns, row, other) {
            _ if other == row || !is_told => 0.0,
            Ok(value) => f64::from(value),
            Err(_) => 1.0,
        })
    }
}

fn check_rows(n_rows: usize) -> Result<(), ClusterError> {
    match n_rows {
        0 | 1 => Err(ClusterError::NoRows),
        2..=MOST_ROWS => Ok(()),
        _ => {
            let hint = "compare all pairs of at most 20000 rows, such as a sample; k-prototypes takes more";
            Err(ClusterError::Option { option: "number of rows", value: n_rows as f64, hint })
        }
    }
}

impl Values<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Values::Numbers(values) => values.len(),
            Values::Ordinal(values) | Values::Nominal(values) => values.len(),
            Values::Asymmetric(values) => values.len(),
        }
    }
}

/// A column as numbers, NaN where nothing is known.
struct Scaled {
    weight: f64,
    kind: Kind,
    /// Divided by their range where differences count.
    values: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Difference,
    Same,
    SameYes,
}

impl Scaled {
    fn new(column: &Column<'_>, n_rows: usize) -> Result<Scaled, ClusterError> {
        let name = || column.name.to_owned();
        if column.values.len() != n_rows {
            return Err(ClusterError::Lengths { column: name(), n_values: column.values.len(), n_rows });
        }
        if !(column.weight.is_finite() && column.weight > 0.0) {
            let hint = "weigh columns by finite numbers above 0, and leave the others out";
            return Err(ClusterError::Option { option: "weight of a column", value: column.weight, hint });
        }
        let codes =
            |values: &[Option<u16>]| values.iter().map(|code| code.map_or(f64::NAN, f64::from)).collect();
        let (kind, mut values): (Kind, Vec<f64>) = match column.values {
            Values::Numbers(values) => {
                if let Some((row, Some(value))) =
                    values.iter().enumerate().find(|(_, value)| value.is_some_and(|value| !value.is_finite()))
                {
                    return Err(ClusterError::NotFinite { column: name(), row, value: *value });
                }
                (Kind::Difference, values.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
            }
            Values::Ordinal(values) => (Kind::Difference, codes(values)),
            Values::Nominal(values) => (Kind::Same, codes(values)),
            Values::Asymmetric(values) => {
                let number = |yes: &Option<bool>| yes.map_or(f64::NAN, |yes| f64::from(u8::from(yes)));
                (Kind::SameYes, values.iter().map(number).collect())
            }
        };
        // A minimum with NaN is the other number.
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low >= high {
            return Err(ClusterError::Constant { column: name() });
        }
        if kind == Kind::Difference {
            // Halves, so that the range of the largest numbers is one.
            let half_range = 0.5 * high - 0.5 * low;
            values.iter_mut().for_each(|value| *value = (0.5 * *value - 0.5 * low) / half_range);
        }
        Ok(Scaled { weight: column.weight, kind, values })
    }
}

fn dissimilarity(columns: &[Scaled], one: usize, other: usize) -> Result<f32, ClusterError> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for column in columns {
        let (a, b) = (column.values[one], column.values[other]);
        if a.is_nan() || b.is_nan() || (column.kind == Kind::SameYes && a + b == 0.0) {
            continue;
        }
        weight += column.weight;
        sum += column.weight
            * match column.kind {
                Kind::Difference => (a - b).abs(),
                Kind::Same | Kind::SameYes => f64::from(u8::from(a != b)),
            };
    }
    if weight > 0.0 {
        return Ok((sum / weight) as f32);
    }
    let (model, reason) = ("Gower's dissimilarity", "two rows have no column in which they can be compared");
    Err(ClusterError::NotFound { model, reason, hint: "leave out rows that have hardly any values" })
}

#[cfg(test)]
pub(super) mod tests;
