//! Respondents in parts, so that what is measured was not learned from; rows of one customer are in one part.

use std::collections::HashMap;

use crate::learn::chance::Places;

/// The part of each row and, within it, one of two halves.
#[derive(Debug, Clone)]
pub(super) struct Folds {
    of_row: Vec<u16>,
    second_half: Vec<bool>,
}

impl Folds {
    /// Customers dealt to `n_folds` parts in a random order.
    pub(super) fn of(customers: &[u64], n_folds: usize, places: Places) -> Folds {
        let mut number_of: HashMap<u64, usize> = HashMap::with_capacity(customers.len());
        let numbers: Vec<usize> = customers
            .iter()
            .map(|customer| {
                let next = number_of.len();
                *number_of.entry(*customer).or_insert(next)
            })
            .collect();
        let order = places.order(number_of.len());
        let deal = |row: &usize| order[*row];
        Folds {
            of_row: numbers.iter().map(|row| (deal(row) % n_folds) as u16).collect(),
            second_half: numbers.iter().map(|row| (deal(row) / n_folds) % 2 == 1).collect(),
        }
    }

    /// The rows whose part is such.
    pub(super) fn rows(&self, is_wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.of_row.len()).filter(|row| is_wanted(usize::from(self.of_row[*row]))).collect()
    }

    /// The rows of a part, divided.
    pub(super) fn halves(&self, fold: usize) -> (Vec<usize>, Vec<usize>) {
        self.rows(|of_row| of_row == fold).into_iter().partition(|row| !self.second_half[*row])
    }
}
