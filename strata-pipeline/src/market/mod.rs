//! Customers held against a market: of each class an index, the penetration and what is left to win.
//!
//! A market is a table of people or companies at large, or of counts of them cell by cell (`[market]` in `strata.toml`). Its rows
//! are put into classes by the same compiled conditions as the customers, as far as these say nothing but what a row of the market
//! has columns for. Shares are of those in any class: whom a condition leaves undecided on either side is told apart. What the
//! figures are is said in [`strata_models::market`].
//!
//! | module | its part |
//! | --- | --- |
//! | `compare` | the rows of both sides, put into classes and counted |
//! | `table` | the table `market_index`: written, and read back |
//! | `words` | what deserves a sentence |

mod compare;
mod table;
mod words;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use strata_models::market::measure;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::manifest::Manifest;
use strata_spec::table::Subject;

use crate::error::{Error, Result};
use crate::query::View;

pub(crate) use compare::{Compared, check, compare};
pub use strata_models::market::{Counts, Measures};
pub(crate) use table::batch;
pub use table::{MARKET_INDEX, rows};
pub(crate) use words::sentences_with;
pub use words::{percent, sentences};

/// Customers or companies held against one market.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketIndex {
    /// The market's name.
    pub name: String,
    /// What its rows are.
    pub subject: Subject,
    /// How many rows of its table could be used.
    pub n_rows: u64,
    /// How many people or companies they stand for.
    pub n_market: f64,
    /// Segmentations and segments that could be made of both sides: segmentations first, each kind by name.
    pub divisions: Vec<Division>,
    /// Those that could not.
    pub left_out: Vec<LeftOut>,
}

/// A segmentation, or a segment, of both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Division {
    /// Its name.
    pub name: String,
    /// Whether it is a segment, which has one class: itself.
    pub is_segment: bool,
    /// What shares are of: those who are in any class, or of whom it is known whether they are in the segment.
    pub assigned: Counts,
    /// Those who are in none for want of data, or for want of a class.
    pub unassigned: Counts,
    /// Its classes in their order.
    pub classes: Vec<Class>,
}

/// A class on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How many are in it.
    pub counts: Counts,
}

/// A segmentation or segment of which no row of the market can tell whether it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `segmentation` or `segment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What is missing.
    pub reason: String,
}

/// What the last run found of every market, by name.
///
/// # Errors
/// `NotFound` when the run held its customers against no market.
pub async fn read(view: &View) -> Result<Vec<MarketIndex>> {
    if !view.complete.tables.contains_key(MARKET_INDEX) {
        return Err(Error::new(ErrorCode::NotFound, "the last run held the customers against no market")
            .with_hint("declare one in strata.toml, as docs/market.md says, and run again"));
    }
    table::read(view).await
}

/// The markets with the segmentations and segments of these names only; all where there are none.
///
/// # Errors
/// `NotFound` when no market has one of a name, with the reason where it was left out.
pub fn only(mut markets: Vec<MarketIndex>, names: &[String]) -> Result<Vec<MarketIndex>> {
    if names.is_empty() {
        return Ok(markets);
    }
    for name in names {
        if markets.iter().flat_map(|market| &market.divisions).any(|division| division.name == *name) {
            continue;
        }
        if let Some(left_out) =
            markets.iter().flat_map(|market| &market.left_out).find(|left_out| left_out.name == *name)
        {
            let message = format!("the {} `{name}` cannot be held against a market", left_out.kind);
            return Err(Error::new(ErrorCode::NotFound, message).with_hint(left_out.reason.clone()));
        }
        let known: Vec<&str> =
            markets.iter().flat_map(|market| &market.divisions).map(|each| each.name.as_str()).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("held against the market are {}", known.join(", ")),
        };
        return Err(Error::new(ErrorCode::NotFound, format!("there is no segmentation or segment `{name}`"))
            .with_hint(hint));
    }
    for market in &mut markets {
        market.divisions.retain(|division| names.contains(&division.name));
        market.left_out.retain(|left_out| names.contains(&left_out.name));
    }
    markets.retain(|market| !(market.divisions.is_empty() && market.left_out.is_empty()));
    Ok(markets)
}

/// Takes the tables out of a run's inputs that earlier runs wrote for markets which the project has no more.
pub(crate) fn forget(inputs: &mut BTreeMap<String, u64>, manifest: &Manifest) {
    let is_there = |table: &str| manifest.markets.iter().any(|market| market.source.name.as_str() == table);
    inputs.retain(|table, _| match table.as_str() {
        MARKET_INDEX => !manifest.markets.is_empty(),
        "market" => is_there(table),
        table if table.starts_with("market_") => is_there(table),
        _ => true,
    });
}

impl Division {
    /// What a class says against the whole.
    pub fn measures(&self, class: &Class) -> Measures {
        measure(class.counts, self.assigned)
    }
}

impl MarketIndex {
    /// What was left out, by what is missing in the end: who uses what has no orders has none either.
    pub fn left_out_by_reason(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for each in &self.left_out {
            let root = each.reason.rsplit(": ").next().unwrap_or(&each.reason);
            by_reason.entry(root).or_default().push(&each.name);
        }
        by_reason
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let left_out = self
            .left_out
            .iter()
            .map(|each| json!({ "kind": each.kind, "name": each.name, "reason": each.reason }));
        json!({
            "market": self.name,
            "subject": self.subject.as_str(),
            "n_rows": self.n_rows,
            "n_market": self.n_market,
            "divisions": self.divisions.iter().map(Division::json).collect::<Vec<_>>(),
            "left_out": left_out.collect::<Vec<_>>(),
        })
    }
}

impl Division {
    fn json(&self) -> Value {
        // Customers are whole; what a row of the market stands for need not be.
        let whole = |customers: f64| customers as u64;
        let counts =
            |counts: Counts| json!({ "n_market": counts.n_market, "n_customers": whole(counts.n_customers) });
        let class = |class: &Class| {
            let measures = self.measures(class);
            json!({
                "class": class.name,
                "title": class.title,
                "n_market": class.counts.n_market,
                "share_market": measures.share_market,
                "n_customers": whole(class.counts.n_customers),
                "share_customers": measures.share_customers,
                "index": measures.index,
                "index_low": measures.index_range.map(|range| range.0),
                "index_high": measures.index_range.map(|range| range.1),
                "penetration": measures.penetration,
                "n_potential": measures.n_potential,
                "n_not_reached": measures.n_not_reached,
            })
        };
        json!({
            "name": self.name,
            "kind": if self.is_segment { "segment" } else { "segmentation" },
            "assigned": counts(self.assigned),
            "unassigned": counts(self.unassigned),
            "classes": self.classes.iter().map(class).collect::<Vec<_>>(),
        })
    }
}
