//! Two divisions held against each other: which go together more often than chance would have it. It is a real table, so
//! that it reads without colours.

use super::super::data::{Cross, share};
use super::super::findings::layer::index;
use super::html::{anchor, escape};
use super::number::{count, decimal, percent_in_words};

/// Fewer than this would be there by chance: too few to compare.
const FEWEST: f64 = 5.0;

/// More rows and columns are not shown.
const MOST_ROWS: usize = 12;
const MOST_COLUMNS: usize = 12;

/// The limits between shades, and what the shades mean.
const LIMITS: [f64; 4] = [0.5, 0.8, 1.25, 2.0];
const MEANINGS: [&str; 5] = ["at most half", "less", "about as often", "more", "twice or more"];

pub(super) fn html(cross: &Cross, place: usize) -> String {
    if cross.n_all == 0 || cross.rows.is_empty() || cross.columns.len() < 2 {
        return String::new();
    }
    let columns: Vec<usize> = (0..cross.columns.len().min(MOST_COLUMNS)).collect();
    let heads: String = columns
        .iter()
        .filter_map(|column| cross.columns.get(*column))
        .map(|side| format!(r#"<th scope="col"><span>{}</span></th>"#, escape(&side.title)))
        .collect();
    let rows: String = cross
        .rows
        .iter()
        .enumerate()
        .take(MOST_ROWS)
        .map(|(row, side)| {
            let cells: String = columns.iter().map(|column| cell(cross, row, *column)).collect();
            let of_all = share(side.n as f64, cross.n_all as f64).map(percent_in_words).unwrap_or_default();
            format!(r#"<tr><th scope="row">{} <small>{of_all}</small></th>{cells}</tr>"#, escape(&side.title))
        })
        .collect();
    let left_out = match cross.rows.len().saturating_sub(MOST_ROWS) {
        0 => String::new(),
        n => format!(" {} smaller rows are not shown.", count(n as u64)),
    };
    let legend: String = MEANINGS
        .iter()
        .enumerate()
        .map(|(step, meaning)| format!(r#"<li><i class="d{step}"></i>{meaning}</li>"#))
        .collect();
    let title = format!("{} × {}", cross.rows_title, cross.columns_title);
    format!(
        r#"<figure class="plot cross"><figcaption><h3 id="{id}">{}</h3><p>100 is as often as among all {} {}; beside each row its share of all.{left_out}</p></figcaption><div class="wide-table" tabindex="0" role="region" aria-labelledby="{id}"><table class="cells" style="min-width:{:.1}rem"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div><div class="legend"><ul>{legend}</ul></div></figure>"#,
        escape(&title),
        count(cross.n_all),
        escape(&cross.counted),
        width(columns.len()),
        id = anchor("cross", &format!("{}-{place}", cross.layer.as_str())),
    )
}

/// The least width of a table of cells in rem: its headings need as much.
pub(super) fn width(n_columns: usize) -> f64 {
    9.0 + 4.4 * n_columns as f64
}

fn cell(cross: &Cross, row: usize, column: usize) -> String {
    let n = cross.n.get(row).and_then(|line| line.get(column)).copied().unwrap_or(0);
    let (Some(of_row), Some(of_column)) = (cross.rows.get(row), cross.columns.get(column)) else {
        return "<td></td>".to_owned();
    };
    let expected = share(of_row.n as f64 * of_column.n as f64, cross.n_all as f64).unwrap_or(0.0);
    match index(cross, row, column, n).filter(|_| expected >= FEWEST) {
        None => format!(
            r#"<td class="few tip" data-tip="{} × {}: {}, too few to compare">·</td>"#,
            escape(&of_row.title),
            escape(&of_column.title),
            count(n)
        ),
        Some(index) => {
            let step = LIMITS.iter().take_while(|limit| index > **limit).count();
            let of_column_n = share(n as f64, of_column.n as f64).map(percent_in_words).unwrap_or_default();
            format!(
                r#"<td class="d{step} tip" data-tip="{} × {}: {} ({of_column_n} of the column)">{}</td>"#,
                escape(&of_row.title),
                escape(&of_column.title),
                count(n),
                decimal(index * 100.0, 0)
            )
        }
    }
}
