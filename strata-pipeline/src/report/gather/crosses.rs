//! Two divisions held against each other: those that memberships were counted for anyway, and categories by orders.

use strata_spec::definition::Layer;
use strata_spec::name::UNASSIGNED;

use super::super::data::{ClassData, Cross, ReportData, SegmentationData, Side};
use super::portrait::Shared;
use crate::error::Result;
use crate::query::View;
use crate::query::ask::ask;

/// Rows by columns, and where they stand: each row's segmentation is one whose shares tell.
const PAIRS: [(&str, &str, Layer); 3] = [
    ("industry", "company_size", Layer::Firmographic),
    ("company_size", "industry", Layer::Firmographic),
    ("journey", "clv_tier", Layer::Journey),
];

/// More rows are not shown.
const MOST_ROWS: usize = 12;

/// A cell in which chance would put fewer says nothing, and is shown empty.
const FEWEST: f64 = 5.0;

/// A heat map with more columns is not read.
const MOST_COLUMNS: usize = 12;

/// Adds all that the data has.
pub(super) async fn gather(view: &View, data: &mut ReportData, shared: &Shared) -> Result<()> {
    let mut crosses: Vec<Cross> = Vec::new();
    for (rows, columns, layer) in PAIRS {
        let sides = data.segmentation(rows).zip(data.segmentation(columns));
        // One of two that are each other turned about is enough.
        let is_new = !crosses.iter().any(|cross| cross.layer == layer);
        if let Some((rows, columns)) = sides.filter(|_| is_new) {
            crosses.extend(of_members(rows, columns, layer, shared));
        }
    }
    crosses.extend(categories(view, data).await?);
    crosses.retain(tells);
    data.plots.crosses = crosses;
    Ok(())
}

/// Whether chance alone would fill at least two cells, so that there is anything to compare with.
fn tells(cross: &Cross) -> bool {
    let sides = cross.rows.iter().flat_map(|row| cross.columns.iter().map(move |column| (row.n, column.n)));
    let by_chance = |(row, column): (u64, u64)| row as f64 * column as f64 / cross.n_all as f64;
    sides.filter(|sides| by_chance(*sides) >= FEWEST).count() >= 2
}

fn named(segmentation: &SegmentationData) -> Vec<&ClassData> {
    segmentation.classes.iter().filter(|class| class.name != UNASSIGNED && class.n_members > 0).collect()
}

/// Members of both classes.
fn of_members(
    rows: &SegmentationData,
    columns: &SegmentationData,
    layer: Layer,
    shared: &Shared,
) -> Option<Cross> {
    let n = |row: &str, column: &str| {
        let others = shared.get(&(Some(columns.name.clone()), column.to_owned()));
        others.and_then(|others| others.get(&(rows.name.clone(), row.to_owned()))).copied().unwrap_or(0)
    };
    let (row_classes, column_classes) = (named(rows), named(columns));
    let cells = |row: &ClassData| column_classes.iter().map(|column| n(&row.name, &column.name)).collect();
    let lines = row_classes.iter().map(|row| (row.label().0, cells(row))).collect();
    cross(
        lines,
        column_classes.iter().map(|column| column.label().0).collect(),
        Cross {
            layer,
            counted: columns.subject.to_string(),
            rows_title: rows.title.clone(),
            columns_title: columns.title.clone(),
            rows: Vec::new(),
            columns: Vec::new(),
            n: Vec::new(),
            n_all: 0,
        },
    )
}

/// Orders that hold something of a category, by the class of who placed them.
pub(super) async fn categories(view: &View, data: &ReportData) -> Result<Option<Cross>> {
    let Some(segmentation) = data.segmentation("rfm").or_else(|| data.segmentation("purchase_frequency"))
    else {
        return Ok(None);
    };
    if !view.complete.tables.contains_key("order_lines") {
        return Ok(None);
    }
    let query = format!(
        "select l.category, m.segment, count(*) \
         from (select distinct order_id, customer_id, category from order_lines \
           where category is not null and customer_id is not null) l \
         join (select subject_id, segment from membership where subject = 'customers' and left_at is null \
           and segmentation = '{}') m on m.subject_id = l.customer_id group by 1, 2",
        segmentation.name
    );
    let classes = named(segmentation);
    let mut lines: Vec<(String, Vec<u64>)> = Vec::new();
    for row in ask(view, "count orders by category and class", &query).await? {
        let Some(column) = classes.iter().position(|class| class.name == row.text(1)) else { continue };
        let line = match lines.iter().position(|(category, _)| category == row.text(0)) {
            Some(known) => known,
            None => {
                lines.push((row.text(0).to_owned(), vec![0; classes.len()]));
                lines.len() - 1
            }
        };
        if let Some(cell) = lines.get_mut(line).and_then(|(_, cells)| cells.get_mut(column)) {
            *cell = row.count(2);
        }
    }
    Ok(cross(
        lines,
        classes.iter().map(|class| class.label().0).collect(),
        Cross {
            layer: Layer::Behavioural,
            counted: "orders with the category".to_owned(),
            rows_title: "Category of the order".to_owned(),
            columns_title: segmentation.title.clone(),
            rows: Vec::new(),
            columns: Vec::new(),
            n: Vec::new(),
            n_all: 0,
        },
    ))
}

/// Lines and columns with their sums, the largest lines first; none where there is nothing to compare.
fn cross(mut lines: Vec<(String, Vec<u64>)>, columns: Vec<String>, empty: Cross) -> Option<Cross> {
    let n_of = |cells: &[u64]| cells.iter().sum::<u64>();
    lines.retain(|(_, cells)| n_of(cells) > 0);
    let columns: Vec<Side> = columns
        .into_iter()
        .enumerate()
        .map(|(place, title)| {
            let n = lines.iter().filter_map(|(_, cells)| cells.get(place)).sum();
            Side { title, n }
        })
        .collect();
    if lines.len() < 2 || !(2..=MOST_COLUMNS).contains(&columns.len()) {
        return None;
    }
    lines.sort_by(|(a, a_cells), (b, b_cells)| n_of(b_cells).cmp(&n_of(a_cells)).then_with(|| a.cmp(b)));
    let n_all: u64 = columns.iter().map(|column| column.n).sum();
    lines.truncate(MOST_ROWS);
    let (rows, n) = lines.into_iter().map(|(title, cells)| (Side { title, n: n_of(&cells) }, cells)).unzip();
    Some(Cross { rows, columns, n, n_all, ..empty })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_stand_beside_lines_and_above_columns() {
        let empty = || Cross {
            layer: Layer::Behavioural,
            counted: String::new(),
            rows_title: String::new(),
            columns_title: String::new(),
            rows: Vec::new(),
            columns: Vec::new(),
            n: Vec::new(),
            n_all: 0,
        };
        let columns = || vec!["new".to_owned(), "old".to_owned()];
        let line = |title: &str, cells: [u64; 2]| (title.to_owned(), cells.to_vec());
        let found = cross(
            vec![line("tea", [10, 20]), line("none", [0, 0]), line("cups", [50, 0])],
            columns(),
            empty(),
        );
        let found = found.unwrap();
        assert!(tells(&found));
        let sides =
            |sides: &[Side]| sides.iter().map(|side| (side.title.clone(), side.n)).collect::<Vec<_>>();
        assert_eq!(sides(&found.rows), [("cups".to_owned(), 50), ("tea".to_owned(), 30)]);
        assert_eq!(sides(&found.columns), [("new".to_owned(), 60), ("old".to_owned(), 20)]);
        assert_eq!((found.n, found.n_all), (vec![vec![50, 0], vec![10, 20]], 80));
        let too_few = cross(vec![line("tea", [1, 2]), line("cups", [5, 0])], columns(), empty());
        assert!(!tells(&too_few.unwrap()));
        assert_eq!(cross(vec![line("tea", [10, 20])], columns(), empty()), None);
    }
}
