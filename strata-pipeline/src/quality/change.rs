//! How fresh the sources are, and what is different from the run before.

use std::collections::BTreeMap;

use strata_spec::table::{SOURCE, Table};

use super::column::{counted, mappings};
use super::found::{Change, ColumnQuality, Freshness};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{ask, ask_at, instant_literal};
use crate::run::complete_before;

/// Shares that differ by less are much the same.
const LEAST: f64 = 0.02;

/// More changes are not told.
const MOST: usize = 12;

/// A fault and how to count it.
type Fault = (&'static str, fn(&ColumnQuality) -> u64);

const FAULTS: [Fault; 2] = [("missing", |column| column.n_missing), ("invalid", |column| column.n_invalid)];

/// How many rows each source gave.
const ROWS: &str = r#"select "table", sum(n_rows) from batch group by 1"#;

/// When each source was last heard of. A source without dates is left out.
pub(super) async fn freshness(view: &View, project: &Project) -> Result<Vec<Freshness>> {
    let tables = Table::ALL.into_iter().filter(|table| view.complete.tables.contains_key(table.as_str()));
    let latest: Vec<String> = tables
        .map(|table| {
            let time = table.time_column();
            format!("select {SOURCE}, max({time}) as last from {table} where {time} <= {{as_of}} group by 1")
        })
        .collect();
    if latest.is_empty() || !view.complete.tables.contains_key("batch") {
        return Ok(Vec::new());
    }
    let query = format!(
        "select {SOURCE}, cast(max(last) as bigint) from ({}) group by 1 order by 1",
        latest.join(" union all ").replace("{as_of}", &instant_literal(view.complete.as_of))
    );
    let now = rows_of(ask(view, "count the rows of the sources", ROWS).await?);
    let before = match complete_before(view.engine(), &view.complete).await? {
        // The table as it was may have been cleaned away since: then nothing is known of the time before.
        Some(before) => ask_at(view, "count earlier rows", ROWS, &before.tables).await.map(rows_of).ok(),
        None => None,
    };
    let mut freshness = Vec::new();
    for row in ask(view, "look for the latest dates", &query).await? {
        let source = row.text(0).to_owned();
        let at = row.text(1).parse().ok().and_then(chrono::DateTime::from_timestamp_micros);
        let (Some(at), Some(n_rows)) = (at, now.get(&source)) else { continue };
        freshness.push(Freshness {
            last: at.with_timezone(&project.timezone).naive_local(),
            n_rows: *n_rows,
            n_rows_before: before.as_ref().and_then(|before| before.get(&source)).copied(),
            source,
        });
    }
    Ok(freshness)
}

fn rows_of(rows: Vec<crate::query::ask::Row>) -> BTreeMap<String, u64> {
    let source = |row: &crate::query::ask::Row| row.text(0).strip_prefix("raw.").map(str::to_owned);
    rows.iter().filter_map(|row| Some((source(row)?, row.count(1)))).collect()
}

/// Shares of missing and invalid values that are different from the run before.
pub(super) async fn changes(view: &View, project: &Project) -> Result<Vec<Change>> {
    let Some(before) = complete_before(view.engine(), &view.complete).await? else { return Ok(Vec::new()) };
    let (before, now) = (counted(&mappings(&before), project), counted(&mappings(&view.complete), project));
    Ok(differences(&before, &now))
}

fn differences(before: &[ColumnQuality], now: &[ColumnQuality]) -> Vec<Change> {
    let mut changes = Vec::new();
    for column in now {
        let same = |other: &&ColumnQuality| {
            (&other.source, &other.column) == (&column.source, &column.column) && other.n_rows > 0
        };
        let Some(before) = before.iter().find(same).filter(|_| column.n_rows > 0) else { continue };
        for (fault, read) in FAULTS {
            let share = |column: &ColumnQuality| read(column) as f64 / column.n_rows as f64;
            let (before, now) = (share(before), share(column));
            if (now - before).abs() >= LEAST {
                let what = format!("{} {fault} ({})", column.column, column.source);
                changes.push(Change { what, before, now });
            }
        }
    }
    let size = |change: &Change| (change.now - change.before).abs();
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.what.cmp(&b.what)));
    changes.truncate(MOST);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, n_rows: u64, n_missing: u64, n_invalid: u64) -> ColumnQuality {
        let (source, column) = ("shop".to_owned(), name.to_owned());
        ColumnQuality { source, column, n_rows, n_missing, n_invalid, ..ColumnQuality::default() }
    }

    #[test]
    fn shares_that_differ_are_told_the_largest_first() {
        let before = [
            column("a.x", 100, 10, 0),
            column("a.y", 100, 10, 0),
            column("a.gone", 9, 9, 0),
            column("a.z", 0, 0, 0),
        ];
        let now = [
            column("a.x", 200, 22, 6),
            column("a.y", 100, 50, 0),
            column("a.new", 9, 9, 0),
            column("a.z", 5, 5, 0),
        ];
        let found = differences(&before, &now);
        let found: Vec<_> =
            found.iter().map(|change| (change.what.as_str(), change.before, change.now)).collect();
        assert_eq!(found, [("a.y missing (shop)", 0.1, 0.5), ("a.x invalid (shop)", 0.0, 0.03)]);
    }
}
