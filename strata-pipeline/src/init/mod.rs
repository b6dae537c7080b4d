//! From files to a first manifest: recognises known exports by their headers, proposes what the columns of unknown
//! ones mean by header words and values, and says why in a comment on each line.
//!
//! Nothing here is used by a run: what is guessed ends in `strata.toml`, where its owner reads and mends it.

mod create;
mod dates;
mod draft;
mod evidence;
mod exact;
mod fill;
mod group;
mod headless;
mod identity;
mod known;
mod project;
mod spaces;
mod starters;
mod survey;
mod unknown;
mod values;
mod words;
mod write;

use chrono::NaiveDate;
use strata_spec::manifest::{ColumnSource, DateOrder, DecimalMark, FormatKind};
use strata_spec::table::Table;

pub use create::{Created, create};
pub use dates::DateFacts;
pub use starters::starters;
pub use values::ValueSample;
pub use write::write_manifest;

/// What was seen of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSample {
    /// The path as it shall stand in the manifest, with `/` between folders.
    pub path: String,
    /// The header, or the keys of JSON objects with nested ones joined by dots.
    pub columns: Vec<String>,
    /// The first rows as text.
    pub rows: Vec<Vec<Option<String>>>,
    /// For each column what all rows of the file say about dates. Empty where no more than `rows` was read.
    pub dates: Vec<DateFacts>,
    /// For each column a sample of the different values in all rows. Empty where no more than `rows` was read.
    pub values: Vec<ValueSample>,
    /// How the file is written.
    pub dialect: Dialect,
}

/// How a file was found to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialect {
    /// The format.
    pub kind: FormatKind,
    /// The character between fields; a blank stands for any run of blanks and tabs.
    pub delimiter: char,
    /// Whether the first line names the columns.
    pub header: bool,
    /// The label of the character encoding.
    pub encoding: String,
    /// The lines before the header that are no part of the table.
    pub preamble: Vec<String>,
}

/// What is known beside the files.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The name of the project's folder, from which its title is made.
    pub folder: String,
    /// The day on which the manifest is written.
    pub today: NaiveDate,
}

/// A manifest, with the reason for each of its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The project's title.
    pub title: String,
    /// The project's currency, if the files say one.
    pub currency: Option<Explained<String>>,
    /// Other currencies that occur, each of which needs a rate.
    pub other_currencies: Vec<String>,
    /// The day at which to evaluate, where the files end long before today.
    pub as_of: Option<Explained<NaiveDate>>,
    /// Sources, in the order in which their words count.
    pub sources: Vec<ProposedSource>,
    /// Whether some rows have telephone numbers, by which customers join.
    pub phones: bool,
    /// The country of telephone numbers that name none, if the files say one.
    pub country: Option<Explained<String>>,
}

/// A value and why it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained<T> {
    /// The value.
    pub value: T,
    /// Why.
    pub why: String,
}

/// Files of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedSource {
    /// The source's name, unique in the project.
    pub name: String,
    /// A file, or a glob that meets all files of the source.
    pub path: String,
    /// What the files are, in a few words.
    pub title: String,
    /// What its owner should know.
    pub notes: Vec<String>,
    /// The space in which its customer ids are unique, where the project has several.
    pub namespace: Option<Explained<String>>,
    /// How the files are written, where a reader could not tell or should not have to.
    pub dialect: Dialect,
    /// The character that begins lines before the header.
    pub comment: Option<char>,
    /// The time zone of times that name none.
    pub timezone: Option<String>,
    /// The order of day and month.
    pub date_order: Option<Explained<DateOrder>>,
    /// The character before decimals.
    pub decimal: Option<DecimalMark>,
    /// What the rows become; empty where the source is left out.
    pub tables: Vec<ProposedTable>,
    /// Columns that nothing maps.
    pub leftovers: Vec<String>,
    /// Why the source is left out, if it is.
    pub left_out: Option<String>,
}

/// How a source's rows become rows of a canonical table.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedTable {
    /// The canonical table.
    pub table: Table,
    /// What the rows are.
    pub why: Option<String>,
    /// The condition on rows.
    pub filter: Option<String>,
    /// The columns that are questions.
    pub questions: Vec<String>,
    /// The canonical columns, in the table's order.
    pub columns: Vec<ProposedColumn>,
}

/// Where a canonical column comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedColumn {
    /// The canonical column.
    pub name: String,
    /// Its place in the file.
    pub source: ColumnSource,
    /// Why.
    pub why: Option<String>,
}

impl Proposal {
    /// The sources that are mapped to at least one table.
    pub fn mapped(&self) -> impl Iterator<Item = &ProposedSource> {
        self.sources.iter().filter(|source| source.left_out.is_none())
    }
}

/// Proposes a manifest for the files. Files that nothing is known of are part of the proposal too, as sources left
/// out with the reason; where [`Proposal::mapped`] is empty there is nothing to run.
pub fn propose(files: &[FileSample], options: &Options) -> Proposal {
    let mut drafts = group::drafts(files);
    draft::drop_fallbacks(&mut drafts);
    identity::choose(files, &mut drafts);
    project::proposal(files, drafts, options)
}

#[cfg(test)]
mod tests;
