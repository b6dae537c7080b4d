//! Who the rows are about: customers and companies that sources declare, those that other rows name, and whom a person
//! belongs to.

use std::collections::BTreeMap;

use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions::core::expr_fn::coalesce;
use strata_lake::datafusion::logical_expr::lit;
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::table::{SOURCE, Subject, Table};

use super::super::error::{Result, While};
use super::super::identity::Applied;
use super::super::mapping::raw_column;
use super::super::plan::{count_rows, empty, union_all, written};
use super::super::repeats::Repeats;
use super::super::report::ReasonCount;
use super::super::typed::TypedRows;
use super::super::{identity, subjects};
use super::Work;

impl Work<'_> {
    /// Gives the rows of all sources the ids of their customers.
    pub(super) async fn identify(&mut self, applied: Option<&Applied>) -> Result<()> {
        let Some(applied) = applied else { return Ok(()) };
        self.renamed = Some(self.keep("_renamed", applied.renamed.clone()).await?);
        self.report.identity = applied.report.clone();
        for at in 0..self.rows.len() {
            self.refuse_nobodies(at).await?;
        }
        Ok(())
    }

    /// `identity` and `identity_refused`.
    pub(super) async fn identities(&self, applied: Option<Applied>) -> Result<(DataFrame, DataFrame)> {
        let planning = || "plan the identities".to_owned();
        let Some(applied) = applied else {
            let columns = identity::IDENTITY.map(|(name, kind)| (name.to_owned(), kind));
            let refused = identity::REFUSED.map(|(name, kind)| (name.to_owned(), kind));
            let nothing = |columns| empty(self.ctx, columns).operation(planning);
            return Ok((nothing(&columns)?, nothing(&refused)?));
        };
        let refused = applied.refused.clone();
        Ok((applied.identity().await.operation(planning)?, refused))
    }

    /// Rows of a mapping, in `frame`, with the ids of their customers.
    pub(super) fn named(&self, rows: &TypedRows, frame: DataFrame) -> EngineResult<DataFrame> {
        match &self.renamed {
            Some(renamed) if rows.table.column("customer_id").is_some() => {
                identity::renamed(rows, frame, self.manifest, renamed)
            }
            _ => Ok(frame),
        }
    }

    /// Refuses rows of customers who have no id, and whose other identifiers fit several customers.
    async fn refuse_nobodies(&mut self, at: usize) -> Result<()> {
        let planning = || "plan the identities".to_owned();
        let (rows, report) = (&self.rows[at], &self.report.mappings[at]);
        let n_refused: i64 = report.refused.iter().map(|count| count.n_rows).sum();
        let n_with_id = report.known.get("customer_id").copied().unwrap_or_default();
        if rows.table != Table::Customers || n_with_id == report.n_good + n_refused {
            return Ok(());
        }
        let good = rows.good().and_then(|good| self.named(rows, good)).operation(planning)?;
        let shares_rows = rows.mapping.shares_rows;
        let nobodies = good.filter(raw_column("customer_id").is_null()).operation(planning)?;
        let n_nobodies = count_rows(nobodies.clone()).await.operation(planning)?;
        if n_nobodies == 0 {
            return Ok(());
        }
        let reason = "customer_id is missing, and the other identifiers fit several customers";
        // A file of orders also names customers; where it cannot be said whom, that is a guest and no mistake.
        if !shares_rows {
            let columns = ["_file", "_batch", "_line", SOURCE].map(raw_column);
            let columns = columns.into_iter().chain([lit(reason).alias("_reason")]);
            let refused = nobodies.select(columns.collect::<Vec<_>>()).operation(planning)?;
            self.refuse(refused, Table::Customers).await?;
        }
        let n_rows = i64::try_from(n_nobodies).unwrap_or(i64::MAX);
        let report = &mut self.report.mappings[at];
        report.n_good -= n_rows;
        if !shares_rows {
            report.refused.push(ReasonCount { reason: reason.to_owned(), n_rows });
        }
        Ok(())
    }

    /// The subjects that sources declare, one row each.
    pub(super) async fn declared(&mut self, subject: Subject) -> Result<Option<DataFrame>> {
        let planning = || format!("plan {subject}");
        let properties = &self.manifest.properties;
        let mut all: Option<DataFrame> = None;
        let mut have_email = false;
        let priorities = &self.manifest.identity.priority;
        let priorities: Vec<_> = priorities.iter().filter(|each| each.table == subject.table()).collect();
        let mut parts = Vec::new();
        for (at, rows) in self.of(subject.table()) {
            let each = self.without_repeats(at, &rows).await?;
            parts.push((at, rows.clone(), each.clone()));
            let each = subjects::with_words(each, &rows.source, &priorities).operation(planning)?;
            all = Some(match all {
                None => each,
                Some(earlier) => {
                    let both = have_email && rows.maps("email");
                    let (merged, refused) =
                        subjects::across_sources(earlier, each, subject, properties, both)
                            .operation(planning)?;
                    if let Some(refused) = refused {
                        self.report.n_claimed_twice += self.refuse(refused, subject.table()).await?;
                    }
                    merged
                }
            });
            have_email |= rows.maps("email");
        }
        let Some(all) = all else { return Ok(None) };
        let all = subjects::by_priority(all, &priorities).operation(planning)?;
        let all = all.select(written(subject.table(), properties)).operation(planning)?;
        // What one source says of each once is read again for less than it takes to write it.
        let repeats = parts.iter().any(|(at, ..)| self.report.mappings[*at].repeats != Repeats::default());
        let all = match parts.len() > 1 || repeats {
            true => self.keep(&format!("_declared_{subject}"), all).await?,
            false => all,
        };
        // Without priorities the first source's word always counts.
        let always_heard = usize::from(priorities.is_empty());
        for (at, rows, each) in parts.into_iter().skip(always_heard) {
            let found = subjects::inconsistent(&rows, each, &all, subject).await;
            self.report.mappings[at].inconsistent =
                found.operation(|| format!("compare the {subject} of source `{}`", rows.source))?;
        }
        Ok(Some(all))
    }

    /// Which company each customer belongs to, where any source says.
    pub(super) fn employers(&self, customers: Option<&DataFrame>) -> EngineResult<Option<DataFrame>> {
        let said = self.of(Table::Customers).iter().any(|(_, rows)| rows.maps("company_id"));
        let Some(customers) = customers.filter(|_| said) else { return Ok(None) };
        let known = customers.clone().filter(raw_column("company_id").is_not_null())?;
        known
            .select(vec![
                raw_column("customer_id").alias("_employee"),
                raw_column("company_id").alias("_employer"),
            ])
            .map(Some)
    }

    /// Gives rows without a company that of their customer.
    pub(super) fn with_employer(
        &self,
        rows: DataFrame,
        table: Table,
        employer: Option<&DataFrame>,
    ) -> EngineResult<DataFrame> {
        let columns = written(table, &self.manifest.properties);
        let Some(employer) = employer else { return rows.select(columns) };
        let both = rows.join(employer.clone(), JoinType::Left, &["customer_id"], &["_employee"], None)?;
        let company = coalesce(vec![raw_column("company_id"), raw_column("_employer")]).alias("company_id");
        let own = raw_column("company_id");
        both.select(
            columns
                .into_iter()
                .map(|column| if column == own { company.clone() } else { column })
                .collect::<Vec<_>>(),
        )
    }

    /// Declared subjects, and a bare row for whoever else occurs.
    pub(super) async fn everybody(
        &mut self,
        subject: Subject,
        declared: Option<DataFrame>,
        tables: &BTreeMap<Table, DataFrame>,
        naming: &[Table],
    ) -> Result<DataFrame> {
        let planning = || format!("plan {subject}");
        let columns = |table: Table| {
            let seen = raw_column(table.time_column()).alias("_seen");
            vec![raw_column(subject.id_column()), raw_column(SOURCE), seen]
        };
        // Where no mapping brings the id, nobody is named, and nothing needs a scan.
        let brings = |rows: &TypedRows| {
            let identified = self.renamed.is_some() && rows.table.column("customer_id").is_some();
            rows.maps(subject.id_column()) || (identified && subject == Subject::Customers)
        };
        let named = self.rows.iter().any(|rows| rows.table != subject.table() && brings(rows));
        let mut mentions = Vec::new();
        for table in naming.iter().filter(|table| named && self.filled.contains(table)) {
            if let Some(frame) = tables.get(table) {
                mentions.push(frame.clone().select(columns(*table)).operation(planning)?);
            }
        }
        let mut parts: Vec<DataFrame> = declared.iter().cloned().collect();
        if let Some(mentions) = union_all(mentions).operation(planning)? {
            let sources = &self.manifest.sources;
            let bare =
                subjects::bare(mentions, declared.as_ref(), subject, sources, &self.manifest.properties);
            parts.push(bare.operation(planning)?);
        }
        self.finish(subject.table(), parts).await
    }
}
