//! How far the data can be trusted: column by column, layer by layer, and as it came.

use chrono::NaiveDateTime;
use strata_spec::definition::Layer;

/// What was found about the data itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quality {
    /// Every column of every source, in any order.
    pub columns: Vec<ColumnQuality>,
    /// The layers that the data has anything of, in any order.
    pub layers: Vec<LayerQuality>,
    /// When each source was last heard of.
    pub freshness: Vec<Freshness>,
    /// What is different from the last complete run, the largest difference first.
    pub changes: Vec<Change>,
    /// Rows that seem to be no customer's doing.
    pub flagged: Vec<Flagged>,
    /// How customers were found behind their ids; none where sources were not joined.
    pub identity: Option<IdentityData>,
}

/// What is wrong with one column of one source. A row can be counted under several of these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnQuality {
    /// The source's name.
    pub source: String,
    /// The canonical table and column that it fills, as `customers.email`.
    pub column: String,
    /// Rows that the source gave for that table.
    pub n_rows: u64,
    /// Rows without a value.
    pub n_missing: u64,
    /// Rows whose value was dropped, or which were refused for it, since it cannot be read or cannot be right.
    pub n_invalid: u64,
    /// Rows whose value repeats another row's, in a column whose values should differ.
    pub n_duplicated: u64,
    /// Rows whose value is older than it should be for what it is used for.
    pub n_stale: u64,
    /// Rows whose value is possible but far from all others.
    pub n_outlying: u64,
    /// Rows whose value differs from what another source says of the same customer, order or company.
    pub n_inconsistent: u64,
}

/// How much of what a layer needs is there.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerQuality {
    /// The layer.
    pub layer: Layer,
    /// From 0 to 1: the mean over the layer's segmentations of the share of subjects in a named class.
    pub score: f64,
    /// What is missing and what that costs, the most costly first.
    pub gaps: Vec<Gap>,
}

/// A value that is missing, and the segmentation that cannot place its subjects for that.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gap {
    /// What is missing, as a noun: `Date of birth`.
    pub what: String,
    /// The share of subjects without it, from 0 to 1.
    pub missing: f64,
    /// The title of the segmentation that needs it.
    pub segmentation: String,
    /// The share of subjects in none of its named classes, from 0 to 1.
    pub unassigned: f64,
}

/// When a source was last heard of.
#[derive(Debug, Clone, PartialEq)]
pub struct Freshness {
    /// The source's name.
    pub source: String,
    /// Its latest instant, on the clock of the project's time zone.
    pub last: NaiveDateTime,
    /// Rows that it gave.
    pub n_rows: u64,
    /// Rows that it had given at the last complete run.
    pub n_rows_before: Option<u64>,
}

/// A share that is different from the last complete run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// Of what, as in `customers.email missing`.
    pub what: String,
    /// The share then, from 0 to 1.
    pub before: f64,
    /// The share now.
    pub now: f64,
}

/// Rows that seem to be no customer's doing. They count like all others until the manifest leaves them out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flagged {
    /// What they are, as in `Events of bots`.
    pub what: String,
    /// How many.
    pub n: u64,
    /// Of how many rows of that table.
    pub n_of: u64,
}

/// How customers were found behind their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IdentityData {
    /// Ids that the sources hold, each counted once a source.
    pub n_ids: u64,
    /// Customers found behind them.
    pub n_customers: u64,
    /// Joins by the kind of identifier that made them, in order of trust: `E-mail`, `Phone`.
    pub joined: Vec<Reason>,
    /// Joins refused by reason, the most frequent first.
    pub refused: Vec<Reason>,
}

/// A reason and how often it held.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reason {
    /// The reason.
    pub what: String,
    /// How often.
    pub n: u64,
}
