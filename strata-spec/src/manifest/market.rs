//! Reads `[market]` and `[markets.…]`: tables of people or companies at large, which customers are held against.

use super::source::{FILE_KEYS, column_source, columns, files};
use super::{ColumnSource, Manifest, Source, TableMapping};
use crate::condition::Condition;
use crate::document::{Entry, Errors, Section, Text};
use crate::error::SpecError;
use crate::name::{MarketName, SourceName};
use crate::table::{Subject, Table};

/// The section of a market that needs no name, and what its table in the lake is called.
const MARKET: &str = "market";

/// What `[markets.index]` would call its table: that of what was found of all markets has the name.
const TAKEN: &str = "market_index";

/// The column of a market's table that says how many a row stands for.
pub const N_MARKET: &str = "n_market";

/// A table of the market: people or companies, or counts of them cell by cell, customers or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    /// What errors and outputs call it: `market`, or the `dach` of `[markets.dach]`.
    pub name: String,
    /// Its section in `strata.toml`: `market` or `markets.dach`.
    pub section: String,
    /// What its rows are: people, who look like customers, or companies.
    pub subject: Subject,
    /// Its files, which feed one mapping: that of the subject's table, without an id. Its name is that of the market's table in
    /// the lake, `market` or `market_dach`.
    pub source: Source,
    /// How many people or companies a row stands for; one unless given.
    pub count: Option<ColumnSource>,
    /// Who of the customers is held against this market; all unless given.
    pub among: Option<Condition>,
}

impl Market {
    /// The subject's columns that its rows have.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.source.tables.iter().flat_map(|mapping| &mapping.columns).map(|(name, _)| name.as_str())
    }
}

/// A market on its way from text to type: what `among` says can be read when all definitions are known.
pub(super) struct Draft<'d> {
    market: Market,
    among: Option<Text<'d>>,
}

/// The markets of a project, the one without a name first.
pub(super) fn markets<'d>(
    root: &Section<'_, 'd>,
    manifest: &Manifest,
    errors: &mut Errors,
) -> Vec<Draft<'d>> {
    let mut drafts = Vec::new();
    if let Some(entry) = root.get(MARKET) {
        drafts.extend(draft(&entry, MARKET.to_owned(), manifest, errors));
    }
    if let Some(section) = root.get("markets").and_then(|entry| entry.section(errors)) {
        for entry in section.entries() {
            match MarketName::new(entry.name.as_str()) {
                Ok(name) => drafts.extend(draft(&entry, format!("{MARKET}_{name}"), manifest, errors)),
                Err(fault) => errors.push(entry.key().located(fault)),
            }
        }
    }
    drafts
}

/// Markets whose `among` is read as the condition of a segment would be.
pub(super) fn finished(drafts: Vec<Draft>, manifest: &Manifest, errors: &mut Errors) -> Vec<Market> {
    let finish = |Draft { mut market, among }: Draft| {
        if let Some(text) = among {
            let read = manifest.definitions.read_condition(&text.value, market.subject, &manifest.properties);
            match read {
                Ok(condition) => market.among = Some(condition),
                Err(faults) => errors.extend(faults.into_iter().map(|fault| inner(&text, fault))),
            }
        }
        market
    };
    drafts.into_iter().map(finish).collect()
}

fn inner(text: &Text, fault: SpecError) -> SpecError {
    text.inner_error(fault.position, &fault.message, fault.hint)
}

fn draft<'d>(
    entry: &Entry<'_, 'd>,
    table: String,
    manifest: &Manifest,
    errors: &mut Errors,
) -> Option<Draft<'d>> {
    let section = entry.section(errors)?;
    section.only(&[&FILE_KEYS[..], &["subject", "count", "where", "among", "columns"]].concat(), errors);
    if manifest.sources.iter().any(|source| source.name.as_str() == table) {
        errors.push(entry.key().error(
            format!("a source is called `{table}`, and so is the market's own table"),
            format!("give one of the two another name: [sources.{table}] or [{}]", section.path),
        ));
    }
    if table == TAKEN {
        errors.push(entry.key().error(
            format!("a market cannot be called `{}`", entry.name),
            format!("the table `{TAKEN}` holds what was found of all markets; choose another name"),
        ));
    }
    let table = SourceName::new(table).map_err(|fault| errors.push(entry.key().located(fault))).ok();
    let subjects = Subject::ALL.map(|subject| (subject.as_str(), subject));
    let subject = section.get("subject").map(|entry| entry.word(&subjects, errors));
    let subject = subject.unwrap_or(Some(Subject::default()));
    let files = files(&section, table, "\"data/market.csv\"", errors);
    let count = section.get("count").map(|entry| column_source(&entry, errors));
    let filter = section.text("where", errors).map(|text| text.value);
    let among = section.text("among", errors);
    let of = subject.unwrap_or_default().table();
    let columns = described(&section, of, manifest, errors);
    let mapping = TableMapping { table: of, columns: columns?, filter, questions: None };
    let market = Market {
        name: if section.path == MARKET { MARKET.to_owned() } else { entry.name.clone() },
        section: section.path.clone(),
        subject: subject?,
        source: Source { tables: vec![mapping], ..files? },
        count: count.unwrap_or(None),
        among: None,
    };
    Some(Draft { market, among })
}

/// The columns that a market maps: those that describe whom a row stands for. Which one it is, no row of a market says.
fn described(
    section: &Section,
    table: Table,
    manifest: &Manifest,
    errors: &mut Errors,
) -> Option<Vec<(String, ColumnSource)>> {
    let Some(entry) = section.get("columns") else {
        errors.push(section.error(
            format!("`{}` maps no column", section.path),
            format!(
                "add `columns = {{ country = \"the file's column\" }}`: columns of {table}, as under [sources.….{table}.columns]"
            ),
        ));
        return None;
    };
    let section = entry.section(errors)?;
    for column in section.entries() {
        let identifies = table.identifiers().any(|identifier| identifier.as_str() == column.name);
        if identifies || (table.column(&column.name).is_some() && !table.keeps_history_of(&column.name)) {
            errors.push(column.key().error(
                format!("a market has no column `{}`: nobody in it is known", column.name),
                "remove it; a market maps what describes people or companies, as `country`, `age` or `industry`",
            ));
        } else if column.name == N_MARKET {
            errors.push(column.key().error(
                format!("`{N_MARKET}` is the market's own column: how many a row stands for"),
                "leave it out, and write `count = \"the file's column\"` above",
            ));
        }
    }
    let columns = columns(table, &section, &manifest.properties, errors);
    if columns.is_empty() {
        errors.push(entry.error(
            format!("`{}` names no column", section.path),
            "name at least one column that segments speak of, as `country = \"country\"`",
        ));
    }
    Some(columns)
}
