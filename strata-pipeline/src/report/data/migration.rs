//! Who went from which class to which between two instants.

use chrono::NaiveDateTime;
use strata_spec::table::Subject;

/// The moves between the classes of one segmentation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MigrationData {
    /// The segmentation's name.
    pub segmentation: String,
    /// Its title.
    pub title: String,
    /// What it divides.
    pub subject: Subject,
    /// The earlier instant, on the clock of the project's time zone.
    pub from: NaiveDateTime,
    /// The later instant.
    pub to: NaiveDateTime,
    /// Its classes in their order: name and title, `unassigned` included where anyone is in it at either instant.
    pub classes: Vec<(String, String)>,
    /// Every pair of classes that anyone is in, those who stayed included.
    pub moves: Vec<Move>,
}

/// Subjects who were in one class at the earlier instant and are in another, or the same, at the later one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Move {
    /// The class's name at the earlier instant; none for those who were not on file.
    pub from: Option<String>,
    /// The class's name at the later instant; none for those who are no longer on file.
    pub to: Option<String>,
    /// How many they are.
    pub n: u64,
    /// What they have brought until the later instant.
    pub revenue: Option<f64>,
}
