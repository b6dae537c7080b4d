//! Rows of categories, checked: what each customer answered to each item, or that nothing is known.

use crate::cluster::error::ClusterError;

/// The most categories that an item may have. More of them are ids, and each would cost every class a parameter.
pub const MOST_CATEGORIES: usize = 1000;

/// One item: a question, or a layer of labels, and what each row has there.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// How it is called.
    pub name: &'a str,
    /// How many categories it has, from 2 to [`MOST_CATEGORIES`].
    pub n_categories: usize,
    /// The category of each row, from 0; none where it is not known.
    pub answers: &'a [Option<u16>],
}

/// The answers of all rows to all items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    items: Vec<(String, usize)>,
    /// Row after row; [`MISSING`] where nothing is known.
    codes: Vec<u16>,
}

/// Stands for an answer that is not known.
pub(super) const MISSING: u16 = u16::MAX;

impl Answers {
    /// These items side by side. Refuses no items, no rows, items of different lengths, fewer than two or too
    /// many categories, and answers that are none of them.
    pub fn new(items: &[Item<'_>]) -> Result<Answers, ClusterError> {
        let n_rows = items.first().ok_or(ClusterError::NoColumns)?.answers.len();
        if n_rows == 0 {
            return Err(ClusterError::NoRows);
        }
        let mut codes = vec![MISSING; n_rows * items.len()];
        for (place, item) in items.iter().enumerate() {
            check(item, n_rows)?;
            let column = codes[place..].iter_mut().step_by(items.len());
            for (row, (code, answer)) in column.zip(item.answers).enumerate() {
                if let Some(answer) = *answer {
                    *code = category(item, row, answer)?;
                }
            }
        }
        let items = items.iter().map(|item| (item.name.to_owned(), item.n_categories)).collect();
        Ok(Answers { items, codes })
    }

    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.codes.len() / self.items.len()
    }

    /// The name of each item and how many categories it has.
    pub fn items(&self) -> &[(String, usize)] {
        &self.items
    }

    /// The answer of a row to an item; none where it is not known.
    pub(in crate::cluster) fn at(&self, row: usize, item: usize) -> Option<u16> {
        let code = self.codes[row * self.items.len() + item];
        (code != MISSING).then_some(code)
    }

    /// The answers of each row, [`MISSING`] where there is none.
    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, u16> {
        self.codes.chunks_exact(self.items.len())
    }
}

fn check(item: &Item<'_>, n_rows: usize) -> Result<(), ClusterError> {
    let (column, n_categories) = (item.name.to_owned(), item.n_categories);
    if item.answers.len() != n_rows {
        return Err(ClusterError::Lengths { column, n_values: item.answers.len(), n_rows });
    }
    if n_categories < 2 {
        return Err(ClusterError::Constant { column });
    }
    if n_categories > MOST_CATEGORIES {
        return Err(ClusterError::Categories { column, n_categories, most: MOST_CATEGORIES });
    }
    Ok(())
}

fn category(item: &Item<'_>, row: usize, answer: u16) -> Result<u16, ClusterError> {
    if usize::from(answer) < item.n_categories {
        return Ok(answer);
    }
    let (column, n_categories) = (item.name.to_owned(), item.n_categories);
    Err(ClusterError::NoSuchCategory { column, row, category: usize::from(answer), n_categories })
}
