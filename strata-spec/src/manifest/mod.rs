//! A project's manifest, `strata.toml`: what the project is called, where its data comes from, what its columns mean.

mod answered;
mod identity;
mod market;
mod meter;
pub(crate) mod parse;
mod personas;
mod priority;
mod source;
mod survey;
#[cfg(test)]
mod tests;
mod text;
#[cfg(test)]
mod trial;

use std::collections::BTreeMap;

use crate::definition::{Definitions, Properties};
use crate::name::SourceName;
use crate::table::Table;

pub use identity::{DECISIONS, Decision, Identifier, Identity};
pub use market::{Market, N_MARKET};
pub use meter::Meter;
pub use personas::{GUIDELINES, Personas};
pub use priority::Priority;
pub use survey::Survey;
pub use text::{EMBEDDINGS, Text};

/// A project, as `strata.toml` and the files under `segments/` say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Its title.
    pub title: String,
    /// The IANA time zone in which days, weeks and calendar periods are counted; `UTC` unless said.
    pub timezone: String,
    /// The month in which the fiscal year begins, 1 to 12; 1 unless said.
    pub fiscal_year_start: u32,
    /// The currency that amounts are stated in (ISO 4217).
    pub currency: Option<String>,
    /// The instant at which a run evaluates everything unless told otherwise: a date or an RFC 3339 time.
    pub as_of: Option<String>,
    /// The seed of everything random; 0 unless said.
    pub seed: u64,
    /// What one unit of each other currency is worth in the project's.
    pub currencies: BTreeMap<String, f64>,
    /// Where the data comes from, in the order of the file: of two sources that both know a customer, the earlier one's word counts.
    pub sources: Vec<Source>,
    /// The markets that customers are held against.
    pub markets: Vec<Market>,
    /// The questionnaires that customers were asked.
    pub surveys: Vec<Survey>,
    /// How customers of several sources are found to be one.
    pub identity: Identity,
    /// From what on a segment is worth having.
    pub meter: Meter,
    /// What personas rest on besides the data.
    pub personas: Personas,
    /// What the reading of texts rests on besides the data.
    pub text: Text,
    /// Columns that the project declares beyond the canonical ones.
    pub properties: Properties,
    /// The project's own definitions laid over the shipped ones.
    pub definitions: Definitions,
}

impl Manifest {
    /// Everything whose files are read: the sources, then the markets.
    pub fn inputs(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().chain(self.markets.iter().map(|market| &market.source))
    }

    /// What errors call one of these: "source `shop`", "market `dach`".
    pub fn called(&self, input: &Source) -> String {
        match self.markets.iter().find(|market| market.source.name == input.name) {
            Some(market) => format!("market `{}`", market.name),
            None => format!("source `{}`", input.name),
        }
    }
}

/// A set of files of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name.
    pub name: SourceName,
    /// A file, a glob or a folder, relative to the manifest's folder.
    pub path: String,
    /// How the files are written; detected where not said.
    pub format: Format,
    /// The space in which its customer ids are unique; sources that name none share one.
    pub namespace: Option<String>,
    /// The time zone of times that name none; the project's unless said.
    pub timezone: Option<String>,
    /// How dates such as 03/04/2024 are read; decided per column by evidence where not said.
    pub date_order: Option<DateOrder>,
    /// How numbers such as 1.234 are read; decided per column by evidence where not said.
    pub decimal: Option<DecimalMark>,
    /// What becomes of a file's earlier content when the file changes.
    pub keep: Keep,
    /// The tables that its rows become part of, at least one.
    pub tables: Vec<TableMapping>,
}

/// How a source's files are written. Everything that is not said is detected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Format {
    /// `csv`, `jsonl` or `parquet`.
    pub kind: Option<FormatKind>,
    /// The character between fields; a blank stands for any run of blanks and tabs.
    pub delimiter: Option<char>,
    /// The character around fields.
    pub quote: Option<char>,
    /// The label of the character encoding, as `utf-8` or `windows-1252`.
    pub encoding: Option<String>,
    /// The character that begins lines to be skipped before the header.
    pub comment: Option<char>,
    /// Whether the first line names the columns; where it does not, they are `column_1`, `column_2` and so on.
    pub header: Option<bool>,
}

/// The formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatKind {
    /// Delimited text.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

/// The order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 31/12/2024.
    DayFirst,
    /// 12/31/2024.
    MonthFirst,
}

/// The character before a number's decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// 1,234.56
    Point,
    /// 1.234,56
    Comma,
}

/// What becomes of a file's earlier content when the file changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The files are a full export: the source is what they hold now.
    #[default]
    Latest,
    /// A file holds only what is new: everything that was ever read stays, also of files that are gone.
    All,
}

/// How a source's rows become rows of one canonical table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableMapping {
    /// The canonical table.
    pub table: Table,
    /// Canonical columns and declared properties, each with where it comes from, in the order of the file.
    pub columns: Vec<(String, ColumnSource)>,
    /// A SQL condition on the source's columns that a row must meet to be a row of this table.
    pub filter: Option<String>,
    /// For `responses`: the source's columns that are questions, each of which becomes a row of its own.
    pub questions: Option<Questions>,
}

/// Where a canonical column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnSource {
    /// A column of the source.
    Column(String),
    /// A SQL expression over the source's columns.
    Sql(String),
}

/// Which of a survey export's columns are questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Questions {
    /// Every column that nothing else maps.
    Rest,
    /// These.
    Columns(Vec<String>),
}
