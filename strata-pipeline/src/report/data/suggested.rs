//! Segments that a run suggests.

use chrono::NaiveDate;

use crate::suggest::Looked;

/// A goal that the run looked at of itself, and the conditions that stood out by it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Suggested {
    /// What was found, or why nobody could look.
    pub found: Looked,
    /// The days as of which it was searched and checked, on the project's clocks.
    pub days: Option<[NaiveDate; 2]>,
}
