//! What segments share, as the rows of the table `overlap`.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::pair::{Pair, Relation};
use super::{Ask, Overlap, overlap};
use crate::error::{Error, Result};
use crate::query::View;

/// The table of what segments share.
pub const OVERLAP: &str = "overlap";

/// Any two segments and classes of the view's run that share somebody and are not classes of one segmentation: `subject`, `first`,
/// `second` (a segment, or `segmentation/class`), `n_first`, `n_second`, `n_both`, `jaccard` and `relation`.
pub(crate) async fn batch(view: &View) -> Result<RecordBatch> {
    let mut rows = Vec::new();
    for subject in Subject::ALL {
        if view.complete.tables.contains_key(subject.profile_table()) {
            let all = overlap(view, &Ask { subject, ..Ask::default() }).await?;
            rows.extend(all.pairs.iter().map(|pair| Row::of(&all, pair)));
        }
    }
    let texts = |of: fn(&Row) -> &str| {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringArray>()) as ArrayRef
    };
    let counts = |of: fn(&Row) -> u64| {
        let counts = rows.iter().map(|row| i64::try_from(of(row)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from_iter_values(counts)) as ArrayRef
    };
    let jaccard = Float64Array::from_iter_values(rows.iter().map(|row| row.pair.jaccard()));
    let columns = [
        ("subject", texts(|row| row.subject.as_str())),
        ("first", texts(|row| &row.first)),
        ("second", texts(|row| &row.second)),
        ("n_first", counts(|row| row.pair.n_first)),
        ("n_second", counts(|row| row.pair.n_second)),
        ("n_both", counts(|row| row.pair.n_both)),
        ("jaccard", Arc::new(jaccard)),
        ("relation", texts(|row| row.relation.as_str())),
        ("run_id", Arc::new(StringArray::from(vec![view.complete.run_id.as_str(); rows.len()]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).map_err(
        |error| Error::new(ErrorCode::Internal, "cannot describe what segments share").caused_by(error),
    )
}

struct Row {
    subject: Subject,
    first: String,
    second: String,
    pair: Pair,
    relation: Relation,
}

impl Row {
    fn of(all: &Overlap, pair: &Pair) -> Row {
        Row {
            subject: all.subject,
            first: all.sets[pair.first].name.clone(),
            second: all.sets[pair.second].name.clone(),
            pair: *pair,
            relation: pair.relation(),
        }
    }
}
