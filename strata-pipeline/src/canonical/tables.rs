//! Orders the work: subjects that sources declare, then orders, lines, events and the rest, then everybody they name.

mod people;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::BoxFuture;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::logical_expr::lit;
use strata_lake::datafusion::prelude::{DataFrame, SessionContext};
use strata_spec::manifest::{Manifest, Source};
use strata_spec::name::SourceName;
use strata_spec::table::{SOURCE, Subject, Table};

use super::currency::{self, Rates};
use super::error::{Result, While};
use super::fingerprint::are_known;
use super::identity::Applied;
use super::mapping::raw_column;
use super::plan::{count_rows, empty, union_all, written, written_columns};
use super::reading::{Reader, Reading};
use super::rejected::{self, REJECTED};
use super::repeats::{Repeats, without_repeats};
use super::report::{self, Report};
use super::typed::TypedRows;
use super::{lines, orders, subjects};
use crate::layout::{self, Layout};

/// A plan whose rows are to be kept.
pub struct Kept {
    /// Under which name: canonical tables under their own, intermediate ones under names that begin with `_`.
    pub name: String,
    /// The plan.
    pub frame: DataFrame,
    /// How the rows are to lie; intermediate ones as they come.
    pub layout: Option<Layout>,
}

/// Keeps a plan's rows and gives a plan that reads them back, so that what several tables need is computed once.
pub type Keep<'a> = dyn Fn(Kept) -> BoxFuture<'a, EngineResult<DataFrame>> + Send + Sync + 'a;

/// Keeps nothing: each plan that needs another's rows computes them again.
pub fn unkept<'a>(kept: Kept) -> BoxFuture<'a, EngineResult<DataFrame>> {
    Box::pin(async move { Ok(kept.frame) })
}

/// What the stage writes.
pub struct Planned {
    /// Every canonical table, with all its columns, empty where no source has rows for it.
    pub tables: BTreeMap<Table, DataFrame>,
    /// The rows refused and the values dropped.
    pub rejected: DataFrame,
    /// The identifiers of every customer who has more than a customer id.
    pub identity: DataFrame,
    /// The joins of customers that were not made.
    pub identity_refused: DataFrame,
    /// In how many parts the tables of customers lie.
    pub n_parts: usize,
    /// What was decided and counted.
    pub report: Report,
}

/// Plans every canonical table from the raw tables of `manifest`'s sources. So many rows are worth dividing into parts.
pub async fn plan_tables<'a>(
    ctx: &'a SessionContext,
    manifest: &'a Manifest,
    raw: &'a BTreeMap<SourceName, DataFrame>,
    keep: &'a Keep<'a>,
    worth_dividing: u64,
) -> Result<Planned> {
    let mut work = Work {
        ctx,
        manifest,
        keep,
        rows: Vec::new(),
        raw: BTreeMap::new(),
        renamed: None,
        filled: BTreeSet::new(),
        returned: Vec::new(),
        withdrawn: Vec::new(),
        rejected: Vec::new(),
        report: Report::default(),
        worth_dividing,
        n_parts: 1,
    };
    let (readings, applied) = Reader { ctx, manifest, raw, keep }.read().await?;
    for (source, reading) in manifest.sources.iter().zip(readings) {
        work.take_in(source, reading);
    }
    work.n_parts = layout::n_parts(work.n_good_rows(|_| true), worth_dividing);
    let (rates, uses) = currency::rates(manifest, &work.rows).await?;
    work.report.currencies = uses;
    work.report.currency.clone_from(&rates.project);
    work.identify(applied.as_ref()).await?;
    work.tables(&rates, applied).await
}

struct Work<'a> {
    ctx: &'a SessionContext,
    manifest: &'a Manifest,
    keep: &'a Keep<'a>,
    rows: Vec<TypedRows>,
    /// The raw tables by source.
    raw: BTreeMap<String, DataFrame>,
    /// Which customer a key means, where identifiers join customers.
    renamed: Option<DataFrame>,
    /// The tables that some source has rows for.
    filled: BTreeSet<Table>,
    /// Events that take the place of orders known only by their lines.
    returned: Vec<DataFrame>,
    /// The ids of orders that are events instead.
    withdrawn: Vec<DataFrame>,
    rejected: Vec<DataFrame>,
    report: Report,
    worth_dividing: u64,
    /// In how many parts the tables of customers lie.
    n_parts: usize,
}

impl Work<'_> {
    /// Takes in what a source says.
    fn take_in(&mut self, source: &Source, reading: Reading) {
        self.report.decisions.extend(reading.decisions);
        self.report.problems.extend(reading.problems);
        self.rejected.extend(reading.rejected);
        self.raw.insert(source.name.to_string(), reading.raw);
        for (rows, counts) in reading.rows {
            self.rows.push(rows);
            self.report.mappings.push(counts);
        }
    }

    async fn tables(mut self, rates: &Rates, applied: Option<Applied>) -> Result<Planned> {
        let mut tables = BTreeMap::new();
        let customers = self.declared(Subject::Customers).await?;
        let companies = self.declared(Subject::Companies).await?;
        let employer = self.employers(customers.as_ref()).operation(|| "plan customers".to_owned())?;

        let decided = self.decided_orders(rates).await?;
        let (raw_lines, from_lines) = self.lines(decided.as_ref()).await?;
        let placed = self.placed_orders(decided.as_ref(), from_lines, employer.as_ref()).await?;
        let lines = self.finished_lines(raw_lines, &placed, rates).await?;
        let events = self.events(decided, employer.as_ref()).await?;
        tables.insert(Table::Orders, placed);
        tables.insert(Table::OrderLines, lines);
        tables.insert(Table::Events, events);
        for table in [Table::Responses, Table::Feedback] {
            let rows = self.once(table).await?;
            let frame = self.finish(table, rows).await?;
            tables.insert(table, frame);
        }
        let naming = [Table::Orders, Table::Events, Table::Responses, Table::Feedback];
        let everybody = self.everybody(Subject::Customers, customers, &tables, &naming).await?;
        tables.insert(Table::Customers, everybody);
        let naming = [Table::Customers, Table::Orders, Table::Events, Table::Responses, Table::Feedback];
        let everybody = self.everybody(Subject::Companies, companies, &tables, &naming).await?;
        tables.insert(Table::Companies, everybody);

        let (identity, identity_refused) = self.identities(applied).await?;
        let columns = REJECTED.map(|(name, kind)| (name.to_owned(), kind));
        let rejected = match union_all(self.rejected).operation(|| "plan rejected rows".to_owned())? {
            Some(rejected) => rejected,
            None => empty(self.ctx, &columns).operation(|| "plan rejected rows".to_owned())?,
        };
        Ok(Planned {
            tables,
            rejected,
            identity,
            identity_refused,
            n_parts: self.n_parts,
            report: self.report,
        })
    }

    fn of(&self, table: Table) -> Vec<(usize, TypedRows)> {
        let numbered = self.rows.iter().enumerate();
        numbered.filter(|(_, rows)| rows.table == table).map(|(at, rows)| (at, rows.clone())).collect()
    }

    /// The good rows of the mapping at `at` without repeats, which are noted, with the ids of their customers.
    async fn without_repeats(&mut self, at: usize, rows: &TypedRows) -> Result<DataFrame> {
        let finding = || format!("find repeated {} of source `{}`", rows.table, rows.source);
        let Some(subject) = rows.table.subject() else {
            let once = self.as_given(at, rows).await?;
            return self.named(rows, once).operation(finding);
        };
        let good = rows.good().and_then(|good| self.named(rows, good));
        let good = good.and_then(|good| good.filter(raw_column(subject.id_column()).is_not_null()));
        let good = good.operation(finding)?;
        let (once, repeats) =
            subjects::within_source(rows, good, self.n_good(at), subject).await.operation(finding)?;
        self.report.mappings[at].repeats = repeats;
        Ok(once)
    }

    /// The same with the customers' ids that the source gives: most rows are dropped or counted before their customer matters.
    async fn as_given(&mut self, at: usize, rows: &TypedRows) -> Result<DataFrame> {
        let finding = || format!("find repeated {} of source `{}`", rows.table, rows.source);
        let (once, repeats) = without_repeats(rows, self.n_good(at)).await.operation(finding)?;
        self.report.mappings[at].repeats = repeats;
        Ok(once)
    }

    fn n_good(&self, at: usize) -> u64 {
        u64::try_from(self.report.mappings[at].n_good).unwrap_or_default()
    }

    /// How many good rows the sources have for some tables.
    fn n_good_rows(&self, of: impl Fn(Table) -> bool) -> u64 {
        let mappings = self.rows.iter().enumerate().filter(|(_, rows)| of(rows.table));
        mappings.map(|(at, _)| self.n_good(at)).sum()
    }

    /// Keeps what several tables need.
    async fn keep(&self, name: &str, frame: DataFrame) -> Result<DataFrame> {
        let kept = Kept { name: name.to_owned(), frame, layout: None };
        (self.keep)(kept).await.operation(|| format!("write `{name}`"))
    }

    /// Notes the rows of any source that the rules of a table refuse, each with its `_reason`; returns how many.
    async fn refuse(&mut self, refused: DataFrame, table: Table) -> Result<u64> {
        let planning = || format!("compare the sources of {table}");
        let n_rows = count_rows(refused.clone()).await.operation(planning)?;
        if n_rows == 0 {
            return Ok(0);
        }
        for count in report::by_reason(refused.clone(), SOURCE).await.operation(planning)? {
            let source = &count.reason;
            let Some(raw) = self.raw.get(source) else { continue };
            let of_source =
                refused.clone().filter(raw_column(SOURCE).eq(lit(source.as_str()))).operation(planning)?;
            let noted = rejected::of_source(of_source, source, table.as_str(), raw_column("_reason"), raw);
            self.rejected.push(noted.operation(planning)?);
        }
        Ok(n_rows)
    }

    async fn decided_orders(&mut self, rates: &Rates) -> Result<Option<DataFrame>> {
        let planning = || "plan orders".to_owned();
        let mut decided = Vec::new();
        let (mut worth_keeping, mut can_be_events) = (false, false);
        for (at, rows) in self.of(Table::Orders) {
            let once = self.without_repeats(at, &rows).await?;
            worth_keeping |= self.report.mappings[at].repeats != Repeats::default();
            can_be_events |= orders::can_be_events(&rows);
            decided.push(orders::decide(&rows, once, rates, &self.manifest.properties).operation(planning)?);
        }
        worth_keeping |= decided.len() > 1;
        let (all, refused) = orders::across_sources(decided).operation(planning)?;
        for refused in refused {
            self.report.n_claimed_twice += self.refuse(refused, Table::Orders).await?;
        }
        let Some(all) = all else { return Ok(None) };
        // From here on nothing is refused, and the raw rows are not needed.
        let mut all = all.drop_columns(&["_file", "_batch", "_line"]).operation(planning)?;
        // Rows without rules between sources are computed again for less than it takes to write them and to read them back.
        if worth_keeping {
            all = self.keep("_decided_orders", all).await?;
        }
        if can_be_events {
            self.report.withdrawn_orders =
                report::by_reason(all.clone(), "_event").await.operation(planning)?;
        }
        if !self.report.withdrawn_orders.is_empty() {
            self.withdrawn.push(orders::withdrawn(all.clone()).operation(planning)?);
        }
        Ok(Some(all))
    }

    /// All lines, and the orders that are known by their lines only.
    async fn lines(&mut self, decided: Option<&DataFrame>) -> Result<(Vec<DataFrame>, Vec<DataFrame>)> {
        let planning = || "plan order_lines".to_owned();
        let (mut all, mut from_lines) = (Vec::new(), Vec::new());
        for (at, rows) in self.of(Table::OrderLines) {
            let once = self.as_given(at, &rows).await?;
            let given = lines::with_amounts(&rows, once).operation(planning)?;
            // A source that has orders of its own was heard about each: what it refused stays refused.
            let has_orders =
                self.rows.iter().any(|other| other.table == Table::Orders && other.source == rows.source);
            if rows.maps("ordered_at") && !has_orders && !self.are_heard_of(&given, decided).await? {
                from_lines.push(self.orders_of_lines(&rows, given.clone(), decided).await?);
            }
            all.push(self.named(&rows, given).operation(planning)?);
        }
        Ok((all, from_lines))
    }

    /// Whether other sources tell of every order that these lines name.
    async fn are_heard_of(&self, lines: &DataFrame, decided: Option<&DataFrame>) -> Result<bool> {
        let Some(decided) = decided else { return Ok(false) };
        let known = are_known(lines, decided, &raw_column("order_id")).await;
        known.operation(|| "look for orders that are known by their lines".to_owned())
    }

    /// The orders that only these lines know. A return among them is an event, and its lines go.
    async fn orders_of_lines(
        &mut self,
        rows: &TypedRows,
        lines: DataFrame,
        decided: Option<&DataFrame>,
    ) -> Result<DataFrame> {
        let planning = || "plan orders from their lines".to_owned();
        let properties = &self.manifest.properties;
        let unheard_of = orders::unheard_of(lines, decided).operation(planning)?;
        let lines = self.named(rows, unheard_of).operation(planning)?;
        let orders = orders::from_lines(rows, lines, properties).operation(planning)?;
        let orders = self.keep(&format!("_orders_of_{}", rows.source), orders).await?;
        let returned = report::by_reason(orders.clone(), "_event").await.operation(planning)?;
        let mut placed = orders.clone();
        if !returned.is_empty() {
            self.report.withdrawn_orders.extend(returned);
            self.returned.push(orders::as_events(orders.clone(), properties).operation(planning)?);
            self.withdrawn.push(orders::withdrawn(orders).operation(planning)?);
            placed = placed.filter(raw_column("_event").is_null()).operation(planning)?;
        }
        placed.select(written(Table::Orders, properties)).operation(planning)
    }

    async fn placed_orders(
        &mut self,
        decided: Option<&DataFrame>,
        from_lines: Vec<DataFrame>,
        employer: Option<&DataFrame>,
    ) -> Result<DataFrame> {
        let planning = || "plan orders".to_owned();
        let properties = &self.manifest.properties;
        let mut parts = Vec::new();
        if let Some(decided) = decided {
            let mut placed = decided.clone();
            if !self.report.withdrawn_orders.is_empty() {
                placed = placed.filter(raw_column("_event").is_null()).operation(planning)?;
            }
            parts.push(placed.select(written(Table::Orders, properties)).operation(planning)?);
        }
        if let Some(frame) = union_all(from_lines).operation(planning)? {
            self.report.n_orders_from_lines = count_rows(frame.clone()).await.operation(planning)?;
            parts.push(frame);
        }
        let filled = parts.into_iter().map(|part| self.with_employer(part, Table::Orders, employer));
        let filled = filled.collect::<EngineResult<Vec<_>>>().operation(planning)?;
        let placed = self.finish(Table::Orders, filled).await?;
        let nobody = raw_column("customer_id").is_null().and(raw_column("company_id").is_null());
        let guests = placed.clone().filter(nobody).operation(planning)?;
        self.report.n_guest_orders = count_rows(guests).await.operation(planning)?;
        Ok(placed)
    }

    async fn finished_lines(
        &mut self,
        all: Vec<DataFrame>,
        placed: &DataFrame,
        rates: &Rates,
    ) -> Result<DataFrame> {
        let planning = || "plan order_lines".to_owned();
        let properties = &self.manifest.properties;
        let mappings = || self.of(Table::OrderLines).into_iter();
        let may_lack_date = mappings().any(|(at, _)| !self.report.mappings[at].is_known("ordered_at"));
        let n_once: u64 = mappings().map(|(at, _)| self.report.mappings[at].n_once()).sum();
        let mut parts = Vec::new();
        if let Some(mut lines) = union_all(all).operation(planning)? {
            let told = self.told(rates).operation(planning)?;
            if let Some(telling) = lines::telling(placed, &self.withdrawn, &told).operation(planning)? {
                // Where few orders tell anything, the engine is to know how few.
                let telling = match told.as_slice() {
                    [] | ["company_id"] => self.keep("_telling_orders", telling).await?,
                    _ => telling,
                };
                lines = lines::with_orders(lines, telling, &told, rates, properties).operation(planning)?;
            }
            if may_lack_date {
                let undated = lines::undated(&lines).operation(planning)?;
                self.report.n_undated_lines = self.refuse(undated, Table::OrderLines).await?;
                lines = lines.filter(raw_column("ordered_at").is_not_null()).operation(planning)?;
            }
            parts.push(lines);
        }
        let lines = self.finish(Table::OrderLines, parts).await?;
        let n_written = count_rows(lines.clone()).await.operation(planning)?;
        // Whatever else becomes of a line, it is in the table or was refused.
        self.report.n_lines_of_withdrawn_orders =
            n_once.saturating_sub(self.report.n_undated_lines + n_written);
        Ok(lines)
    }

    /// What lines lack and their orders may tell.
    fn told(&self, rates: &Rates) -> EngineResult<Vec<&'static str>> {
        let converts = rates.rate(&raw_column(lines::CURRENCY))?.is_some();
        let mappings = self.of(Table::OrderLines);
        let lacking = |column: &str| {
            mappings
                .iter()
                .any(|(at, rows)| !rows.maps(column) || !self.report.mappings[*at].is_known(column))
        };
        let told = |column: &&str| if *column == lines::CURRENCY { converts } else { lacking(column) };
        Ok(lines::TOLD.into_iter().filter(told).collect())
    }

    async fn events(
        &mut self,
        decided: Option<DataFrame>,
        employer: Option<&DataFrame>,
    ) -> Result<DataFrame> {
        let planning = || "plan events".to_owned();
        let mut parts = self.once(Table::Events).await?;
        if let Some(decided) = decided.filter(|_| !self.report.withdrawn_orders.is_empty()) {
            parts.push(orders::as_events(decided, &self.manifest.properties).operation(planning)?);
        }
        parts.append(&mut self.returned);
        let filled = parts.into_iter().map(|part| self.with_employer(part, Table::Events, employer));
        let filled = filled.collect::<EngineResult<Vec<_>>>().operation(planning)?;
        self.finish(Table::Events, filled).await
    }

    /// The rows of a table that has no rules beyond those of every table.
    async fn once(&mut self, table: Table) -> Result<Vec<DataFrame>> {
        let mut parts = Vec::new();
        for (at, rows) in self.of(table) {
            parts.push(self.without_repeats(at, &rows).await?);
        }
        Ok(parts)
    }

    /// The union of `parts` as the table is written.
    async fn finish(&mut self, table: Table, parts: Vec<DataFrame>) -> Result<DataFrame> {
        let planning = || format!("plan {table}");
        let properties = &self.manifest.properties;
        if !parts.is_empty() {
            self.filled.insert(table);
        }
        let selected = parts.into_iter().map(|part| part.select(written(table, properties)));
        let selected = selected.collect::<EngineResult<Vec<_>>>().operation(planning)?;
        let frame = match union_all(selected).operation(planning)? {
            Some(frame) => frame,
            None => empty(self.ctx, &written_columns(table, properties)).operation(planning)?,
        };
        let of = table.subject().unwrap_or(Subject::Customers);
        let n_parts = match of {
            Subject::Customers => self.n_parts,
            Subject::Companies => {
                layout::n_parts(self.n_good_rows(|each| each == table), self.worth_dividing)
            }
        };
        let layout = Some(Layout { of, by: of.id_column(), order: order(table), n_parts });
        let name = table.as_str().to_owned();
        (self.keep)(Kept { name, frame, layout }).await.operation(|| format!("write `{table}`"))
    }
}

/// In what order a table's rows are written. Rows that are equal in all of these are equal in what matters.
fn order(table: Table) -> Vec<&'static str> {
    if table.subject().is_some() {
        return vec![table.key_column()];
    }
    let apart: &[&str] = match table {
        Table::OrderLines => &["order_id", "product_id", "quantity", "amount"],
        Table::Events => &["name", "session_id", "value"],
        Table::Responses => &["question", "answer"],
        Table::Feedback => &["text"],
        _ => &[],
    };
    ["customer_id", table.time_column(), table.key_column()]
        .into_iter()
        .chain(apart.iter().copied())
        .collect()
}
