//! How much of what is wrong was found, where it is known what is wrong: `truth/dirt.csv` of the demo shop.
//!
//! The truth says what was planted and where. Whether it was found is decided by what the lake says alone: its tables, and
//! what the run counted.
//!
//! | dirt | found where |
//! | --- | --- |
//! | a value that cannot be | `rejected` has that row of that file, with a reason about that column |
//! | a missing value | the column counts a value as missing for it; of one column no more are found than it counts |
//! | a value written otherwise | the table holds what was meant; or, where another source's word counts, `rejected` says nothing |
//! | a repeated row | its tables hold its key once, and the run counted repeats in its source; or its line is flagged |
//! | a negative amount | the order is taken for a return, or the line is flagged |
//! | an absurd amount | it is outlying |
//! | a test order, a bot | it is flagged |
//! | an identifier that identifies nobody | it was dropped, or no customer is known by it |
//! | a second account or address, a misspelt address | both belong to one customer, or are proposed as duplicates |
//! | a shared address | several customers have it |

mod judge;
mod lake;
mod planted;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};

use crate::error::{Context, Result};
use crate::project::Project;
use crate::query::{Answer, View};

use judge::judge;
use lake::Lake;

/// How much of one kind of dirt was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// The kind, as `dirt.csv` calls it; `all` for the sum.
    pub kind: String,
    /// Pieces planted.
    pub n_planted: u64,
    /// How they were found, with how many.
    pub found: BTreeMap<&'static str, u64>,
    /// Of what Strata flags as such, the share that was planted; none where right values are told the same way.
    pub precision: Option<f64>,
}

impl Recovery {
    /// Pieces found, however.
    pub fn n_found(&self) -> u64 {
        self.found.values().sum()
    }
}

/// Holds the last complete run against a folder with the truth: a row for each kind in the order of their names, and one for all.
///
/// # Errors
/// `InvalidInput` when the truth cannot be read or says nothing.
pub async fn recovery(view: &View, project: &Project, truth: &Path) -> Result<Vec<Recovery>> {
    let lake = Lake::read(view, project).await?;
    let mut all = Recovery { kind: "all".to_owned(), n_planted: 0, found: BTreeMap::new(), precision: None };
    let mut rows = Vec::new();
    for (kind, pieces) in planted::read(view, project, truth).await? {
        let judgement = judge(&kind, &pieces, &lake).await?;
        let mut found = BTreeMap::new();
        for how in judgement.found.into_iter().flatten() {
            *found.entry(how).or_default() += 1;
            *all.found.entry(how).or_default() += 1;
        }
        let n_planted = pieces.len() as u64;
        all.n_planted += n_planted;
        rows.push(Recovery { kind, n_planted, found, precision: judgement.precision });
    }
    rows.push(all);
    Ok(rows)
}

/// The same as rows: `kind`, `n_planted`, `n_found`, `share`, `precision`, `how`.
///
/// # Errors
/// When the rows cannot be described.
pub fn recovery_rows(view: &View, rows: &[Recovery]) -> Result<Answer> {
    let count = |read: fn(&Recovery) -> u64| {
        let counts = rows.iter().map(|row| i64::try_from(read(row)).ok());
        Arc::new(counts.collect::<Int64Array>()) as ArrayRef
    };
    let how = |row: &Recovery| {
        let ways: Vec<String> = row.found.iter().map(|(how, n)| format!("{how} {n}")).collect();
        (row.kind != "all").then(|| ways.join(", "))
    };
    let share = |row: &Recovery| Some(rounded(row.n_found() as f64 / row.n_planted.max(1) as f64));
    let columns = [
        ("kind", Arc::new(rows.iter().map(|row| Some(&row.kind)).collect::<StringArray>()) as ArrayRef),
        ("n_planted", count(|row| row.n_planted)),
        ("n_found", count(Recovery::n_found)),
        ("share", Arc::new(rows.iter().map(share).collect::<Float64Array>())),
        ("precision", Arc::new(rows.iter().map(|row| row.precision.map(rounded)).collect::<Float64Array>())),
        ("how", Arc::new(rows.iter().map(how).collect::<StringArray>())),
    ];
    let operation = "cannot describe what was found";
    let batch = RecordBatch::try_from_iter(columns)
        .map_err(strata_lake::datafusion::error::DataFusionError::from)
        .context(operation)?;
    view.engine().context().read_batch(batch).map(Answer).context(operation)
}

fn rounded(share: f64) -> f64 {
    (share * 1_000.0).round() / 1_000.0
}
