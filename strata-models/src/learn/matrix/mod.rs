//! What is learned from, checked: named columns of numbers, a label for each row, a weight where wanted.
//!
//! Most bad models are bad tables: a column that holds the answer, a customer number taken for a measurement, a label that
//! nobody has. They are refused here, with the place and a hint, before anything is computed.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use thiserror::Error;

/// A table that nobody has looked at yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawMatrix {
    /// The columns' names, each once.
    pub names: Vec<String>,
    /// The values by column, a row's at the same place in each. NaN is a value that is missing; infinite values are refused.
    pub columns: Vec<Vec<f64>>,
    /// 1 where it happened, 0 where it did not.
    pub labels: Vec<u8>,
    /// How many rows each row stands for; none where each stands for itself.
    pub weights: Option<Vec<f64>>,
}

/// A table that can be learned from: columns of one length without infinite values, both labels present, weights that count.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
    labels: Vec<u8>,
    weights: Option<Vec<f64>>,
    dropped: Vec<Dropped>,
}

/// What to do with columns that should not be learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspects {
    /// Constant columns are dropped; one that holds the label or is an id refuses the table.
    Refuse,
    /// All of these are dropped.
    Drop,
    /// None of these is looked for: the rows are scored, not learned from.
    Keep,
}

/// A column that is not learned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Its name.
    pub column: String,
    /// Why.
    pub reason: Fault,
}

/// What is wrong with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// All its values are one, or all are missing.
    Constant,
    /// It tells the label: one value for each label, or missing exactly where the label is the same.
    EqualsLabel,
    /// It numbers the rows.
    Id,
}

/// Why a table cannot be learned from.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MatrixError {
    /// There is nothing.
    #[error("cannot learn from a table without rows; hint: is the date before the first order?")]
    NoRows,
    /// Names and columns are not as many.
    #[error("cannot learn from {n_columns} columns with {n_names} names; hint: give each column a name")]
    Names {
        /// How many columns there are.
        n_columns: usize,
        /// How many names.
        n_names: usize,
    },
    /// Two columns have one name, or one has none.
    #[error(
        "cannot learn from column {place} named \"{name}\"; hint: names are not empty and each is used once"
    )]
    Name {
        /// The column's place.
        place: usize,
        /// Its name.
        name: String,
    },
    /// Something has not one value for each label.
    #[error(
        "cannot learn from \"{column}\" with {n_values} values for {n_rows} labels; hint: write missing values as NaN"
    )]
    Length {
        /// The column, or `weights`.
        column: String,
        /// How many values it has.
        n_values: usize,
        /// How many labels there are.
        n_rows: usize,
    },
    /// A value is infinite, or so large that its square would be.
    #[error(
        "cannot learn from \"{column}\" in row {row}: the value is infinite or beyond 1e100; hint: was something divided by zero? A missing value is NaN"
    )]
    Infinite {
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
    },
    /// A label is neither 0 nor 1.
    #[error("cannot learn from label {label} in row {row}; hint: a label is 0 or 1")]
    Label {
        /// The row, from 0.
        row: usize,
        /// The label.
        label: u8,
    },
    /// A weight does not count.
    #[error("cannot learn with weight {weight} in row {row}; hint: a weight is finite and not below 0")]
    Weight {
        /// The row, from 0.
        row: usize,
        /// The weight.
        weight: f64,
    },
    /// Nobody, or everybody, has the label.
    #[error(
        "cannot learn from rows that are all labelled {label}; hint: choose an earlier date, more customers or a longer time after the date"
    )]
    OneClass {
        /// The only label that has weight.
        label: u8,
    },
    /// Nothing is left to learn from.
    #[error(
        "cannot learn from {n_dropped} columns of which none can be used; hint: choose columns that differ between customers"
    )]
    NoColumns {
        /// How many columns were given and dropped.
        n_dropped: usize,
    },
    /// A column holds the answer.
    #[error(
        "cannot learn from \"{column}\": it tells the label of every row (suspected leak); hint: was it computed after the date? Leave it out"
    )]
    EqualsLabel {
        /// The column.
        column: String,
    },
    /// A column is an id.
    #[error(
        "cannot learn from \"{column}\": it is an id, a whole number that differs in every row; hint: leave it out"
    )]
    Id {
        /// The column.
        column: String,
    },
    /// A column that a model needs is not there.
    #[error(
        "cannot score without column \"{column}\"; hint: give the columns that the model was trained with"
    )]
    Missing {
        /// The column.
        column: String,
    },
}

/// Beyond this no measure of a customer lies, and within it sums of squares are finite.
const MOST: f64 = 1e100;

/// In a class smaller than this, a column may tell every label by chance.
const LEAST_OF_CLASS: usize = 8;

/// With fewer rows than this, whole numbers may all differ by chance.
const LEAST_FOR_ID: usize = 100;

impl RawMatrix {
    /// Looks at everything once; what is refused, and what is dropped, depends on `suspects`.
    pub fn check(self, suspects: Suspects) -> Result<Matrix, MatrixError> {
        self.check_shape()?;
        self.check_values()?;
        self.check_classes()?;
        let RawMatrix { names, columns, labels, weights } = self;
        let mut matrix = Matrix { names: vec![], columns: vec![], labels, weights, dropped: vec![] };
        let n_columns = names.len();
        for (name, column) in names.into_iter().zip(columns) {
            match fault_of(&column, &matrix.labels, suspects) {
                Some(Fault::EqualsLabel) if suspects == Suspects::Refuse => {
                    return Err(MatrixError::EqualsLabel { column: name });
                }
                Some(Fault::Id) if suspects == Suspects::Refuse => {
                    return Err(MatrixError::Id { column: name });
                }
                Some(reason) => matrix.dropped.push(Dropped { column: name, reason }),
                None => {
                    matrix.names.push(name);
                    matrix.columns.push(column);
                }
            }
        }
        if matrix.names.is_empty() {
            return Err(MatrixError::NoColumns { n_dropped: n_columns });
        }
        Ok(matrix)
    }

    fn check_shape(&self) -> Result<(), MatrixError> {
        let n_rows = self.labels.len();
        if n_rows == 0 {
            return Err(MatrixError::NoRows);
        }
        if self.names.len() != self.columns.len() {
            return Err(MatrixError::Names { n_columns: self.columns.len(), n_names: self.names.len() });
        }
        let mut seen = HashSet::new();
        for (place, name) in self.names.iter().enumerate() {
            if name.is_empty() || !seen.insert(name) {
                return Err(MatrixError::Name { place, name: name.clone() });
            }
        }
        let of_columns = self.names.iter().map(String::as_str).zip(self.columns.iter().map(Vec::len));
        let of_weights = self.weights.iter().map(|weights| ("weights", weights.len()));
        match of_columns.chain(of_weights).find(|(_, n_values)| *n_values != n_rows) {
            Some((column, n_values)) => {
                Err(MatrixError::Length { column: column.to_owned(), n_values, n_rows })
            }
            None => Ok(()),
        }
    }

    fn check_values(&self) -> Result<(), MatrixError> {
        for (name, column) in self.names.iter().zip(&self.columns) {
            if let Some(row) = column.iter().position(|value| value.abs() > MOST) {
                return Err(MatrixError::Infinite { column: name.clone(), row });
            }
        }
        if let Some(row) = self.labels.iter().position(|label| *label > 1) {
            return Err(MatrixError::Label { row, label: self.labels[row] });
        }
        let mut weights = self.weights.iter().flatten().copied().enumerate();
        match weights.find(|(_, weight)| !weight.is_finite() || *weight < 0.0) {
            Some((row, weight)) => Err(MatrixError::Weight { row, weight }),
            None => Ok(()),
        }
    }

    fn check_classes(&self) -> Result<(), MatrixError> {
        let counts = |row: usize| self.weights.as_ref().is_none_or(|weights| weights[row] > 0.0);
        let has =
            |wanted: u8| self.labels.iter().enumerate().any(|(row, label)| *label == wanted && counts(row));
        match (has(0), has(1)) {
            (true, true) => Ok(()),
            (has_no, _) => Err(MatrixError::OneClass { label: u8::from(!has_no) }),
        }
    }
}

impl Matrix {
    /// The columns' names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values by column; NaN where missing, never infinite.
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// The labels, 0 or 1; both occur.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// What was left out, in the order of the columns.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// The weight of a row; 1 where none was given.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().and_then(|weights| weights.get(row)).copied().unwrap_or(1.0)
    }

    /// The largest weight, above 0.
    pub(super) fn most_weight(&self) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights.iter().copied().fold(0.0, f64::max))
    }

    /// The sum of the weights, and the part of it that is labelled 1.
    pub fn weight_and_positives(&self) -> (f64, f64) {
        let sum = |rows: &mut dyn Iterator<Item = usize>| rows.map(|row| self.weight(row)).sum::<f64>();
        let is_positive = |row: &usize| self.labels[*row] == 1;
        (sum(&mut (0..self.n_rows())), sum(&mut (0..self.n_rows()).filter(is_positive)))
    }

    /// The columns of these names, in their order: how a model finds its columns.
    pub fn select(&self, names: &[String]) -> Result<Vec<&[f64]>, MatrixError> {
        let find = |name: &String| {
            let place = self.names.iter().position(|own| own == name);
            let column = place.and_then(|place| self.columns.get(place)).map(Vec::as_slice);
            column.ok_or_else(|| MatrixError::Missing { column: name.clone() })
        };
        names.iter().map(find).collect()
    }
}

fn fault_of(column: &[f64], labels: &[u8], suspects: Suspects) -> Option<Fault> {
    if suspects == Suspects::Keep {
        None
    } else if is_constant(column) {
        Some(Fault::Constant)
    } else if tells_label(column, labels) {
        Some(Fault::EqualsLabel)
    } else if is_id(column) {
        Some(Fault::Id)
    } else {
        None
    }
}

/// One value everywhere, or missing everywhere. A column with one value here and none there is not constant.
fn is_constant(column: &[f64]) -> bool {
    column.iter().all(|value| value.is_nan()) || column.iter().all(|value| *value == column[0])
}

/// One value (or missing) for each label.
fn tells_label(column: &[f64], labels: &[u8]) -> bool {
    let n_positive = labels.iter().filter(|label| **label == 1).count();
    if n_positive.min(labels.len() - n_positive) < LEAST_OF_CLASS {
        return false;
    }
    let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
    let first = |wanted: u8| labels.iter().position(|label| *label == wanted).map(|row| column[row]);
    let (Some(no), Some(yes)) = (first(0), first(1)) else { return false };
    let all_known_differ_from_missing = no.is_nan() != yes.is_nan();
    let agrees = |(value, label): (&f64, &u8)| {
        let expected = if *label == 1 { yes } else { no };
        same(*value, expected) || (all_known_differ_from_missing && value.is_nan() == expected.is_nan())
    };
    !same(no, yes) && column.iter().zip(labels).all(agrees)
}

/// Whole numbers, none missing, all different, that lie as densely as only numbering makes them, rise or fall from row to row, or
/// are as large as only time stamps and hashes are.
///
/// Were n of 4n numbers drawn by chance, about n/8 pairs would be equal: from 100 rows on, none is hardly ever seen.
fn is_id(column: &[f64]) -> bool {
    let n = column.len();
    if n < LEAST_FOR_ID || column.iter().any(|value| value.fract() != 0.0) {
        return false;
    }
    let (least, most) =
        column.iter().fold((f64::MAX, f64::MIN), |(least, most), value| (value.min(least), value.max(most)));
    let rises = column.windows(2).all(|pair| pair[0] < pair[1]);
    let falls = column.windows(2).all(|pair| pair[0] > pair[1]);
    if rises || falls {
        return true;
    }
    let is_dense = most - least < 4.0 * n as f64;
    (is_dense || least >= 1e9) && {
        let mut seen = HashSet::with_capacity(n);
        column.iter().all(|value| seen.insert((value + 0.0).to_bits()))
    }
}
