//! What a model owes to each column: how much worse it gets when the column is dealt out anew among the rows.

use rand_chacha::rand_core::RngCore;

use super::{ChurnError, Parts};
use crate::learn::chance::Places;
use crate::learn::measure::{auc, log_loss};
use crate::learn::model::{Model, Ready};

/// What a model owes to a column, on rows that it has not seen. Of columns that say the same, each is owed little.
///
/// Breiman, L. (2001). Random forests. Machine Learning 45, 5–32, section 10.
#[derive(Debug, Clone, PartialEq)]
pub struct Importance {
    /// The column's name.
    pub column: String,
    /// By how much the log loss rises when the column is permuted; near 0, or below by chance, where it is of no use.
    pub log_loss: f64,
    /// By how much the area under the curve falls.
    pub auc: f64,
}

/// Over as many permutations figures are averaged.
pub(super) const N_PERMUTATIONS: usize = 3;

/// By column, the most important first; `n_rows` of the rows are looked at, drawn by chance.
pub(super) fn importance(
    model: &Model,
    parts: &Parts,
    n_rows: usize,
    random: &mut impl RngCore,
) -> Result<Vec<Importance>, ChurnError> {
    let rows = some_rows(parts.test.n_rows(), n_rows, Places::new(random));
    let mut seen = Seen::of(model, parts, &rows)?;
    let (loss, area) = seen.figures();
    let mut found = Vec::new();
    for column in 0..seen.columns.len() {
        let original = seen.columns[column].clone();
        let (mut losses, mut areas) = (0.0, 0.0);
        for _ in 0..N_PERMUTATIONS {
            let order = Places::new(random).order(rows.len());
            seen.columns[column] = order.iter().map(|row| original[*row]).collect();
            let (loss, area) = seen.figures();
            losses += loss;
            areas += area;
        }
        seen.columns[column] = original;
        let n = N_PERMUTATIONS as f64;
        let name = model.learner.names()[column].clone();
        found.push(Importance { column: name, log_loss: losses / n - loss, auc: area - areas / n });
    }
    found.sort_by(|a, b| b.log_loss.total_cmp(&a.log_loss));
    Ok(found)
}

/// Some rows, ascending.
pub(super) fn some_rows(n: usize, n_wanted: usize, places: Places) -> Vec<usize> {
    let mut rows = places.order(n);
    rows.truncate(n_wanted.max(1));
    rows.sort_unstable();
    rows
}

/// Rows of the last block, of which a column may be replaced, and a model that looks at them.
pub(super) struct Seen<'a> {
    pub(super) columns: Vec<Vec<f64>>,
    labels: Vec<u8>,
    ready: Ready<'a>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(model: &'a Model, parts: &Parts, rows: &[usize]) -> Result<Seen<'a>, ChurnError> {
        let of_test = |source| ChurnError::Block { date: parts.test_date, source };
        let selected = parts.test.select(model.learner.names()).map_err(of_test)?;
        let columns = selected.iter().map(|column| rows.iter().map(|row| column[*row]).collect()).collect();
        let labels = rows.iter().map(|row| parts.test.labels()[*row]).collect();
        Ok(Seen { columns, labels, ready: model.ready()? })
    }

    /// Log loss and area under the curve as the columns are now; 0 and a half where they are not defined.
    pub(super) fn figures(&self) -> (f64, f64) {
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let probabilities = self.ready.probabilities(&columns);
        let loss = log_loss(&probabilities, &self.labels).unwrap_or(0.0);
        (loss, auc(&probabilities, &self.labels).unwrap_or(0.5))
    }
}
