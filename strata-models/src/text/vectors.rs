//! Texts as points: each as many numbers, none of which need be 0.

use super::error::TextError;
use super::words::SparseRows;

/// Points of texts, in the order of the texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    n_dimensions: usize,
    values: Vec<f32>,
}

impl Vectors {
    /// Points one after another.
    ///
    /// # Errors
    /// Numbers that are not so many a point, or that are none.
    pub fn new(n_dimensions: usize, values: Vec<f32>) -> Result<Vectors, TextError> {
        if n_dimensions == 0 || !values.len().is_multiple_of(n_dimensions) {
            let hint = "give as many numbers of each text";
            return Err(TextError::Option { option: "n_dimensions", value: n_dimensions as f64, hint });
        }
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(Vectors { n_dimensions, values }),
            false => Err(TextError::NoNumber),
        }
    }

    /// How many numbers a point has.
    pub fn n_dimensions(&self) -> usize {
        self.n_dimensions
    }

    /// How many points.
    pub fn len(&self) -> usize {
        self.values.len() / self.n_dimensions
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A point.
    pub fn row(&self, place: usize) -> &[f32] {
        &self.values[place * self.n_dimensions..(place + 1) * self.n_dimensions]
    }

    /// The points at these places as rows.
    pub(crate) fn rows(&self, places: &[usize]) -> SparseRows {
        let mut rows = SparseRows::new(self.n_dimensions);
        places.iter().for_each(|place| {
            rows.push((0_u32..).zip(self.row(*place).iter().map(|value| f64::from(*value))))
        });
        rows
    }
}
