//! Beside the stages: how far can the data be trusted?
//!
//! Reads the tables of the last complete run and the summaries of its stages; writes nothing. `strata check` shows what
//! was found as rows, the report shows it as pictures.
//!
//! | count | a row's value … |
//! | --- | --- |
//! | missing | is not there |
//! | invalid | cannot be read, or cannot be true: it was dropped, or the row refused |
//! | duplicated | repeats the key of another row of the source; or, of e-mail and telephone, another customer's value |
//! | stale | is of a kind that changes, and the newest file of its source was written over a year before the evaluation |
//! | outlying | is a positive number whose logarithm lies more than three interquartile ranges from the middle half of its source's values, and which differs from that half by a factor of more than ten |
//! | inconsistent | differs from what an earlier source says of the same customer or company, case aside |

mod change;
mod column;
mod flagged;
mod found;
mod histogram;
mod identity;
mod layer;
mod outlying;
mod rows;
mod truth;

use crate::error::Result;
use crate::project::Project;
use crate::query::View;

pub use found::{
    Change, ColumnQuality, Flagged, Freshness, Gap, IdentityData, LayerQuality, Quality, Reason,
};
pub(crate) use histogram::{Histogram, STEPS};
pub use rows::rows;
pub use truth::{Recovery, recovery, recovery_rows};

/// Measures the data of the last complete run.
///
/// # Errors
/// When a table cannot be read.
pub async fn measure(view: &View, project: &Project) -> Result<Quality> {
    Ok(Quality {
        columns: column::measure(view, project).await?,
        layers: layer::measure(view, project).await?,
        freshness: change::freshness(view, project).await?,
        changes: change::changes(view, project).await?,
        flagged: flagged::measure(view).await?,
        identity: identity::measure(view).await?,
    })
}
