//! What is wrong with each column of each source. Most is counted by the stage `canonical` as it reads; the rest is asked
//! of its tables.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use strata_spec::table::{Subject, Table};

use super::found::ColumnQuality;
use super::outlying;
use crate::canonical::{MappingReport, ReasonCount};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{ask, instant_literal};
use crate::run::Complete;

/// A reason of `canonical` for which a row is refused that has the value.
const TOO_LATE: &str = "is after its file was written";

/// What is said of a person or a company that changes in time.
const CHANGING: [&str; 14] = [
    "age",
    "income",
    "occupation",
    "marital_status",
    "household_size",
    "n_children",
    "country",
    "region",
    "city",
    "postal_code",
    "urbanity",
    "n_employees",
    "annual_revenue",
    "education",
];

/// After so many days without a new file a source's word about what changes is stale.
const STALE_DAYS: i64 = 365;

/// Every mapped column of every source, in the manifest's order.
pub(super) async fn measure(view: &View, project: &Project) -> Result<Vec<ColumnQuality>> {
    let mappings = mappings(&view.complete);
    let mut columns = counted(&mappings, project);
    let mapped: BTreeSet<(Table, String)> = columns
        .iter()
        .filter_map(|column| {
            let (table, name) = column.column.split_once('.')?;
            Some((Table::parse(table)?, name.to_owned()))
        })
        .collect();
    let outlying = outlying::measure(view, &mapped.into_iter().collect::<Vec<_>>()).await?;
    let shared = shared(view).await?;
    let stale = stale_sources(view).await?;
    for column in &mut columns {
        let Some((table, name)) = column.column.split_once('.') else { continue };
        let Some(table) = Table::parse(table) else { continue };
        let key = (column.source.clone(), table, name.to_owned());
        column.n_outlying = outlying.get(&key).copied().unwrap_or(0).min(column.n_rows);
        if table == Table::Customers {
            let key = (column.source.clone(), name.to_owned());
            column.n_duplicated += shared.get(&key).copied().unwrap_or(0).min(column.n_rows);
        }
        if table.subject().is_some() && CHANGING.contains(&name) && stale.contains(&column.source) {
            column.n_stale = column.n_rows - (column.n_missing + column.n_invalid).min(column.n_rows);
        }
    }
    Ok(columns)
}

/// What the stage `canonical` of a run counted.
pub(super) fn mappings(complete: &Complete) -> Vec<MappingReport> {
    let report = complete.summaries.get("canonical").and_then(|summary| summary.facts.get("report"));
    let mappings = report.and_then(|report| report.get("mappings")).cloned();
    // A run of a version that counted otherwise says nothing here.
    mappings.and_then(|mappings| serde_json::from_value(mappings).ok()).unwrap_or_default()
}

/// Rows that a source gave for a table.
pub(super) fn n_rows(mapping: &MappingReport) -> u64 {
    let refused: i64 = mapping.refused.iter().map(|refused| refused.n_rows).sum();
    u64::try_from(mapping.n_good + refused).unwrap_or(0)
}

/// The columns as far as `canonical` counted them.
pub(super) fn counted(mappings: &[MappingReport], project: &Project) -> Vec<ColumnQuality> {
    mappings.iter().flat_map(|mapping| columns(mapping, project)).collect()
}

fn columns(mapping: &MappingReport, project: &Project) -> Vec<ColumnQuality> {
    let source = project.manifest.sources.iter().find(|source| source.name.as_str() == mapping.source);
    let Some((source, table)) = source.zip(Table::parse(&mapping.table)) else { return Vec::new() };
    let Some(mapped) = source.tables.iter().find(|each| each.table == table) else { return Vec::new() };
    let n_rows = n_rows(mapping);
    // A file that fills two tables repeats the one's keys for the rows of the other, and is right to do so.
    let n_repeated = match source.tables.len() {
        1 => mapping.repeats.n_identical + mapping.repeats.n_superseded,
        _ => 0,
    };
    mapped
        .columns
        .iter()
        .filter_map(|(name, _)| {
            let n_known = u64::try_from(*mapping.known.get(name)?).unwrap_or(0);
            let faults = || mapping.refused.iter().chain(&mapping.dropped);
            let invalid = faults().filter(|count| is_invalid(count, name));
            let n_invalid = invalid.map(|count| u64::try_from(count.n_rows).unwrap_or(0)).sum();
            let n_too_late =
                mapping.refused.iter().filter(|count| count.reason == format!("{name} {TOO_LATE}"));
            let n_too_late: u64 = n_too_late.map(|count| u64::try_from(count.n_rows).unwrap_or(0)).sum();
            let n_there = n_known + n_invalid - n_too_late;
            let n_inconsistent = mapping.inconsistent.get(name).copied().unwrap_or(0);
            Some(ColumnQuality {
                source: mapping.source.clone(),
                column: format!("{table}.{name}"),
                n_rows,
                n_missing: n_rows.saturating_sub(n_there),
                n_invalid,
                n_duplicated: if name == table.key_column() { n_repeated } else { 0 },
                n_inconsistent: u64::try_from(n_inconsistent).unwrap_or(0),
                ..ColumnQuality::default()
            })
        })
        .collect()
}

/// Whether a reason of `canonical` speaks of a value of this column that is there. Reasons begin with the column's name.
fn is_invalid(count: &ReasonCount, column: &str) -> bool {
    let of_column = count.reason.strip_prefix(column).and_then(|rest| rest.strip_prefix(' '));
    of_column.is_some_and(|fault| fault != "is missing")
}

/// Customers whose e-mail address or telephone another customer has too, by the source that knew them first.
async fn shared(view: &View) -> Result<BTreeMap<(String, String), u64>> {
    let mut shared = BTreeMap::new();
    if !view.complete.tables.contains_key(Subject::Customers.as_str()) {
        return Ok(shared);
    }
    let query = "select source, count(email) - count(distinct email), count(phone) - count(distinct phone) \
                 from customers group by source";
    for row in ask(view, "count shared e-mail addresses", query).await? {
        for (place, column) in [(1, "email"), (2, "phone")] {
            shared.insert((row.text(0).to_owned(), column.to_owned()), row.count(place));
        }
    }
    Ok(shared)
}

/// The sources whose newest file is old.
async fn stale_sources(view: &View) -> Result<BTreeSet<String>> {
    let limit = view.complete.as_of - TimeDelta::days(STALE_DAYS);
    if !view.complete.tables.contains_key("batch") {
        return Ok(BTreeSet::new());
    }
    let query = format!(
        r#"select "table" from batch group by 1 having max(modified_at) < {}"#,
        instant_literal(limit)
    );
    let rows = ask(view, "look for old files", &query).await?;
    Ok(rows.iter().filter_map(|row| row.text(0).strip_prefix("raw.").map(str::to_owned)).collect())
}
