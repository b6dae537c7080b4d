//! Stage 2: what did the sources say, in one language?
//!
//! Reads `raw.*`; writes the canonical tables (typed, cleaned, each thing once) and `rejected` (every row refused and
//! every value dropped, with its reason). The rules are those that Kimball & Caserta, *The Data Warehouse ETL Toolkit* (2004),
//! call conforming: one meaning, one unit and one key for what several systems say differently.
//!
//! | module | its part |
//! | --- | --- |
//! | `mapping` | the manifest's words as expressions over raw columns |
//! | `evidence` | how ambiguous dates and numbers are read, by counting |
//! | `typed` | typed rows, with a reason beside each refused one |
//! | `identity` | which rows of which sources are one customer |
//! | `repeats`, `fingerprint` | rows that say the same twice |
//! | `currency`, `orders`, `lines`, `subjects` | what the rules of each table are |
//! | `reading` | all sources read, and who is who |
//! | `tables` | all of it in order |
//! | `market` | markets, beside the tables of customers |
//! | `rejected`, `report` | where every row went |
//! | `history` | what has changed about subjects since the run before |
//! | `stage` | reads the raw tables, writes the canonical ones |

mod currency;
mod error;
mod evidence;
mod fingerprint;
mod history;
mod identity;
mod lines;
mod mapping;
pub(crate) mod market;
mod orders;
mod parse;
mod plan;
mod reading;
mod rejected;
mod repeats;
mod report;
mod stage;
mod subjects;
mod survey;
mod tables;
mod typed;

#[cfg(test)]
mod tests;

use strata_lake::datafusion::common::Column;
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::{DataFrame, SessionContext};
use strata_spec::error::SpecError;
use strata_spec::manifest::{Manifest, Source};

pub use currency::CurrencyUse;
pub use error::{CanonicalError, Result};
pub use evidence::{Decision, Evidence};
pub(crate) use identity::normal::IdentifierReader;
pub use identity::{IDENTITY, IdentityReport, KindCount, REFUSED, RefusedCount};
pub(crate) use identity::{Kind as IdentifierKind, parse_identifier};
pub use parse::functions;
pub use rejected::REJECTED;
pub use repeats::Repeats;
pub use report::{MappingReport, ReasonCount, Report};
pub use stage::run;
pub use tables::{Keep, Kept, Planned, plan_tables, unkept};
pub use typed::TypedRows;

use error::While;

/// Decides, by one scan of a source's raw table, how its ambiguous dates and numbers are read.
pub async fn plan_evidence(
    ctx: &SessionContext,
    manifest: &Manifest,
    source: &Source,
    raw: DataFrame,
) -> Result<Evidence> {
    let raw = plain(raw, source)?;
    let mappings = mapping::resolve(ctx, source, &manifest.properties, &raw)?;
    evidence::weigh(source, &mappings, &raw).await
}

/// Plans the typed rows of each of a source's mappings, in the manifest's order. `raw` are its rows without a problem.
pub fn plan_source(
    ctx: &SessionContext,
    manifest: &Manifest,
    source: &Source,
    evidence: &Evidence,
    raw: DataFrame,
) -> Result<Vec<TypedRows>> {
    let raw = plain(raw, source)?;
    let zone = source.timezone.as_ref().unwrap_or(&manifest.timezone);
    if zone.parse::<chrono_tz::Tz>().is_err() {
        let error = SpecError::new(format!("`{zone}` is no time zone"))
            .with_hint("names are as `Europe/Berlin` or `UTC`");
        return Err(error.in_place(format!("strata.toml: sources.{}.timezone", source.name)).into());
    }
    let mut all = Vec::new();
    for mapping in mapping::resolve(ctx, source, &manifest.properties, &raw)? {
        let rows = typed::plan(source, zone, &mapping, evidence, manifest, raw.clone());
        all.push(rows.operation(|| format!("plan the {} of source `{}`", mapping.table, source.name))?);
    }
    Ok(all)
}

/// The raw table with bare column names: files name columns with dots, capitals and blanks.
fn plain(raw: DataFrame, source: &Source) -> Result<DataFrame> {
    let columns: Vec<Expr> = raw
        .schema()
        .iter()
        .map(|(qualifier, field)| {
            Expr::Column(Column::new(qualifier.cloned(), field.name())).alias(field.name())
        })
        .collect();
    raw.select(columns).operation(|| format!("read the raw table of source `{}`", source.name))
}
