//! Recency against frequency as a map: how many customers share two scores, what they bring, and which class they are
//! in. It is a real table, so that it reads without colours.

use super::super::data::{Cell, Grid, ReportData, share};
use super::html::escape;
use super::number::{count, decimal, decimals_of};

/// Shades of the map.
const STEPS: usize = 5;

pub(super) fn html(data: &ReportData, grid: &Grid) -> String {
    if grid.cells.is_empty() || grid.n_recency == 0 || grid.n_frequency == 0 {
        return String::new();
    }
    let map = Map::of(data, grid);
    let rows: String = (1..=grid.n_frequency).rev().map(|frequency| map.row(frequency)).collect();
    let heads: String =
        (1..=grid.n_recency).map(|recency| format!(r#"<th scope="col">{recency}</th>"#)).collect();
    let unit = data.currency.as_deref().map(|currency| format!(", {}", escape(currency))).unwrap_or_default();
    let outside = match grid.n_outside {
        0 => String::new(),
        n => format!(" {} without an order have no scores.", count(n)),
    };
    let meaning = if map.is_money {
        format!("In each cell: customers, and below their mean revenue{unit}, which the shade shows.")
    } else {
        "In each cell: customers, whose number the shade shows.".to_owned()
    };
    format!(
        r#"<figure class="map"><table class="heat"><caption>{meaning}{outside}</caption><tbody>{rows}</tbody><tfoot><tr><td class="corner"></td>{heads}</tr></tfoot></table>
<p class="axis x" aria-hidden="true"><span>long ago</span><span>last order: recency score</span><span>lately</span></p>{}{}</figure>"#,
        map.legend(),
        map.keys(),
    )
}

struct Map<'a> {
    grid: &'a Grid,
    is_money: bool,
    decimals: usize,
    /// What the shades stand for: the values of the inhabited cells, ascending.
    values: Vec<f64>,
    /// Each class with the cell that carries its name: its leftmost one in its topmost row.
    places: Vec<(&'a str, (u32, u32))>,
}

impl<'a> Map<'a> {
    fn of(data: &ReportData, grid: &'a Grid) -> Map<'a> {
        let is_money = data.revenue_of(strata_spec::table::Subject::Customers).is_some();
        let mut values: Vec<f64> = grid.cells.iter().filter_map(|cell| value(cell, is_money)).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let mut places: Vec<(&str, (u32, u32))> = Vec::new();
        for frequency in (1..=grid.n_frequency).rev() {
            for recency in 1..=grid.n_recency {
                if let Some(class) = class_at(grid, recency, frequency)
                    && !places.iter().any(|(known, _)| *known == class)
                {
                    places.push((class, (recency, frequency)));
                }
            }
        }
        Map { grid, is_money, decimals: decimals_of(values.iter().copied()), values, places }
    }

    fn row(&self, frequency: u32) -> String {
        let cells: String = (1..=self.grid.n_recency).map(|recency| self.cell(recency, frequency)).collect();
        format!(
            r#"<tr><th scope="row">{}{frequency}</th>{cells}</tr>"#,
            match frequency {
                _ if frequency == self.grid.n_frequency =>
                    r#"<span class="axis y"><span>seldom</span><span>orders: frequency score</span><span>often</span></span>"#,
                _ => "",
            }
        )
    }

    fn cell(&self, recency: u32, frequency: u32) -> String {
        let class = class_at(self.grid, recency, frequency);
        let label = class
            .and_then(|class| self.places.iter().position(|place| *place == (class, (recency, frequency))))
            .map(|place| {
                let name = class.map(escape).unwrap_or_default();
                format!(r#"<span class="name"><b>{}</b> <i>{name}</i></span>"#, key(place))
            })
            .unwrap_or_default();
        let differs = |recency: Option<u32>, frequency: Option<u32>| {
            recency
                .zip(frequency)
                .is_none_or(|(recency, frequency)| class_at(self.grid, recency, frequency) != class)
        };
        // Lines stand where classes meet.
        let mut edges = String::new();
        if differs(recency.checked_sub(1), Some(frequency)) {
            edges.push_str(" el");
        }
        if differs(Some(recency), frequency.checked_add(1)) {
            edges.push_str(" et");
        }
        match self.grid.cells.iter().find(|cell| (cell.recency, cell.frequency) == (recency, frequency)) {
            None => format!(r#"<td class="q{edges}">{label}<span class="many">0</span></td>"#),
            Some(cell) => {
                let value = value(cell, self.is_money);
                let step = value.map_or_else(|| "q".to_owned(), |value| format!("q{}", self.step(value)));
                let mean = value
                    .filter(|_| self.is_money)
                    .map(|value| format!(r#"<span class="mean">{}</span>"#, decimal(value, self.decimals)))
                    .unwrap_or_default();
                format!(
                    r#"<td class="{step}{edges}">{label}<span class="many">{}</span>{mean}</td>"#,
                    count(cell.n_members)
                )
            }
        }
    }

    /// Each shade has as many values as the next, so that one large cell does not make all others look alike; the
    /// legend says what each stands for.
    fn step(&self, value: f64) -> usize {
        let place = self.values.iter().position(|known| *known >= value).unwrap_or(0);
        let n = self.values.len().max(1);
        // Few values use the shades from the lightest to the darkest.
        if n <= STEPS {
            if n == 1 { STEPS / 2 } else { place * (STEPS - 1) / (n - 1) }
        } else {
            place * STEPS / n
        }
    }

    fn legend(&self) -> String {
        let steps: String = (0..STEPS)
            .filter_map(|step| {
                let mut values = self.values.iter().copied().filter(|value| self.step(*value) == step);
                let first = values.next()?;
                let last = values.next_back().unwrap_or(first);
                let shown = |value: f64| decimal(value, if self.is_money { self.decimals } else { 0 });
                let range = match shown(first) == shown(last) {
                    true => shown(first),
                    false => format!("{} to {}", shown(first), shown(last)),
                };
                Some(format!(r#"<li><i class="q{step}"></i>{range}</li>"#))
            })
            .collect();
        let what = if self.is_money { "Mean revenue per customer" } else { "Customers" };
        format!(r#"<div class="legend"><span>{what}</span><ul>{steps}</ul></div>"#)
    }

    /// What the letters stand for, where a narrow screen has no room for names.
    fn keys(&self) -> String {
        let keys: String = self
            .places
            .iter()
            .enumerate()
            .map(|(place, (class, _))| format!("<li><b>{}</b> {}</li>", key(place), escape(class)))
            .collect();
        if keys.is_empty() { keys } else { format!(r#"<ul class="keys">{keys}</ul>"#) }
    }
}

fn class_at(grid: &Grid, recency: u32, frequency: u32) -> Option<&str> {
    grid.cells
        .iter()
        .find(|cell| (cell.recency, cell.frequency) == (recency, frequency))
        .and_then(|cell| cell.class.as_deref())
}

fn value(cell: &Cell, is_money: bool) -> Option<f64> {
    match is_money {
        true => share(cell.revenue?, cell.n_members as f64),
        false => Some(cell.n_members as f64),
    }
}

/// A, B, … Z, A1, B1, …
fn key(place: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0));
    match place / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}
