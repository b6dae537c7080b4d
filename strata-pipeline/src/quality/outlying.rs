//! Values that are possible but far from all others.

use std::collections::BTreeMap;

use strata_spec::table::{Kind, Table};

use super::histogram::{Histogram, STEPS};
use crate::error::Result;
use crate::query::View;
use crate::query::ask::ask;

/// Numbers that have bounds of their own, or whose size means nothing.
const UNMEASURED: [&str; 6] = ["age", "latitude", "longitude", "founded_year", "answer_number", "rating"];

/// Outlying values by source and canonical column, of the columns given.
pub(super) async fn measure(
    view: &View,
    columns: &[(Table, String)],
) -> Result<BTreeMap<(String, Table, String), u64>> {
    let mut found = BTreeMap::new();
    for (table, column) in columns.iter().filter(|(table, column)| is_measured(*table, column)) {
        found.extend(
            histograms(view, *table, column)
                .await?
                .into_iter()
                .map(|(source, histogram)| ((source, *table, column.clone()), histogram.n_outlying())),
        );
    }
    Ok(found)
}

/// The sizes of a column's positive values, by source.
pub(super) async fn histograms(
    view: &View,
    table: Table,
    column: &str,
) -> Result<BTreeMap<String, Histogram>> {
    // Each column alone is a scan of that column alone; together they would have to be unfolded row by row.
    let query =
        format!("select source, {}, count(*) from {table} where {column} > 0 group by 1, 2", bin(column));
    let mut by_source: BTreeMap<String, Histogram> = BTreeMap::new();
    for row in ask(view, &format!("look at the sizes of {table}.{column}"), &query).await? {
        let Some(bin) = row.text(1).parse().ok() else { continue };
        by_source.entry(row.text(0).to_owned()).or_default().add(bin, row.count(2));
    }
    Ok(by_source)
}

/// The bin of a positive value, in SQL.
pub(super) fn bin(column: &str) -> String {
    format!("cast(floor(ln(cast({column} as double)) * {STEPS:.1}) as bigint)")
}

fn is_measured(table: Table, column: &str) -> bool {
    let kind = table.column(column).map(|column| column.kind);
    matches!(kind, Some(Kind::Number | Kind::Integer)) && !UNMEASURED.contains(&column)
}
