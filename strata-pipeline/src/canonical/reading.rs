//! Reads the sources: the rows of each, typed and counted, before anything is held against what another says.
//!
//! Sources are read side by side, since in each there is something for one core alone. Who is who is found out as soon as those
//! have been read whose rows may join customers.

use std::collections::BTreeMap;

use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use strata_lake::datafusion::prelude::{DataFrame, SessionContext};
use strata_spec::error::SpecError;
use strata_spec::manifest::{Manifest, Source};
use strata_spec::name::SourceName;

use super::error::{Result, While};
use super::evidence::{self, Decision};
use super::identity::{self, Applied, Asked};
use super::mapping::{self, raw_column};
use super::rejected;
use super::repeats::keys;
use super::report::{self, MappingReport, ReasonCount};
use super::tables::{Keep, Kept};
use super::typed::TypedRows;
use super::{plain, plan_source};

/// How many sources are read side by side, of those that may join customers and of the others.
const SOURCES_AT_ONCE: usize = 2;

/// What a source says.
pub(super) struct Reading {
    /// Its raw table.
    pub(super) raw: DataFrame,
    pub(super) decisions: Vec<Decision>,
    /// Raw rows that could not be read at all, by problem.
    pub(super) problems: Vec<ReasonCount>,
    /// The rows refused and the values dropped.
    pub(super) rejected: Vec<DataFrame>,
    /// The rows of each of its mappings, in the manifest's order, with what became of them.
    pub(super) rows: Vec<(TypedRows, MappingReport)>,
}

/// What is needed to read any source.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) ctx: &'a SessionContext,
    pub(super) manifest: &'a Manifest,
    pub(super) raw: &'a BTreeMap<SourceName, DataFrame>,
    pub(super) keep: &'a Keep<'a>,
}

impl<'a> Reader<'a> {
    /// What all sources say, in the manifest's order, and who is who among their customers.
    pub(super) async fn read(self) -> Result<(Vec<Reading>, Option<Applied>)> {
        let sources = self.manifest.sources.iter();
        let (first, others): (Vec<_>, Vec<_>) = sources.enumerate().partition(|(_, source)| may_join(source));
        let mut asked = Asked::default();
        others.iter().for_each(|(_, source)| asked.add_source(source));
        let who = async {
            let first = self.read_all(first).await?;
            let read = || first.iter().flat_map(|(_, reading)| &reading.rows);
            read().for_each(|(rows, report)| asked.add_rows(rows, report.is_known("customer_id")));
            let rows: Vec<TypedRows> = read().map(|(rows, _)| rows.clone()).collect();
            let applied = identity::find(self.manifest, &rows, asked).await?;
            Ok((first, applied))
        };
        let ((first, applied), others) = futures::try_join!(who, self.read_all(others))?;
        let mut all: Vec<(usize, Reading)> = first.into_iter().chain(others).collect();
        all.sort_by_key(|(at, _)| *at);
        Ok((all.into_iter().map(|(_, reading)| reading).collect(), applied))
    }

    async fn read_all(self, sources: Vec<(usize, &'a Source)>) -> Result<Vec<(usize, Reading)>> {
        let reading = sources
            .into_iter()
            .map(|(at, source)| self.read_one(source).map(move |read| Ok((at, read?))).boxed());
        // Gathered first, since the compiler does not see that a stream of borrowing futures may be sent.
        let reading: Vec<_> = reading.collect();
        stream::iter(reading).buffered(SOURCES_AT_ONCE).try_collect().await
    }

    async fn read_one(self, source: &Source) -> Result<Reading> {
        let Some(raw) = self.raw.get(&source.name) else {
            return Err(SpecError::new(format!("source `{}` has not been read", source.name)).into());
        };
        let raw = plain(raw.clone(), source)?;
        let mappings = mapping::resolve(self.ctx, source, &self.manifest.properties, &raw)?;
        let evidence = evidence::weigh(source, &mappings, &raw).await?;
        let reading = || format!("read source `{}`", source.name);
        // Filtered before it is counted: column statistics then spare the scan of files without problems.
        let bad = raw.clone().filter(raw_column("_problem").is_not_null()).operation(reading)?;
        let problems = report::by_reason(bad, "_problem").await.operation(reading)?;
        let (mut sound, mut rejected) = (raw.clone(), Vec::new());
        if !problems.is_empty() {
            sound = sound.filter(raw_column("_problem").is_null()).operation(reading)?;
            rejected.push(rejected::problems(source.name.as_str(), &raw).operation(reading)?);
        }
        let mut all = Vec::new();
        for rows in plan_source(self.ctx, self.manifest, source, &evidence, sound.clone())? {
            all.push(self.count(rows, &raw, &mut rejected).await?);
        }
        Ok(Reading { raw, decisions: evidence.decisions().to_vec(), problems, rejected, rows: all })
    }

    /// The rows of a mapping, read once where that is worth it, and what became of them.
    async fn count(
        self,
        mut rows: TypedRows,
        raw: &DataFrame,
        rejected: &mut Vec<DataFrame>,
    ) -> Result<(TypedRows, MappingReport)> {
        let (table, source) = (rows.table, rows.source.clone());
        let reading = || format!("read the {table} of source `{source}`");
        if rows.is_parsed() {
            let name = format!("_{}_of_{}", rows.table, rows.source);
            let kept = Kept { name, frame: rows.frame.clone(), layout: None };
            rows.frame = (self.keep)(kept).await.operation(reading)?;
        }
        let keys = if rows.table.subject().is_some() { Vec::new() } else { keys(&rows) };
        let (counts, unique) = report::of_mapping(&rows, &keys).await.operation(reading)?;
        rows.are_all_good = counts.refused.is_empty();
        rows.have_unique_keys = unique;
        if !counts.refused.is_empty() {
            rejected.push(rejected::refused(&rows, raw).operation(reading)?);
        }
        if !counts.dropped.is_empty() {
            rejected.push(rejected::dropped(&rows, raw).operation(reading)?);
        }
        Ok((rows, counts))
    }
}

/// Whether a source's rows may carry several identifiers of a customer, as only these join.
fn may_join(source: &Source) -> bool {
    source.tables.iter().any(|mapping| {
        let names = mapping.columns.iter().map(|(name, _)| name.as_str());
        names.filter(|name| identity::is_identifier(name)).count() > 1
    })
}
