//! The classes and segments of a run with their sizes, which are exact, and their members as sets of numbers.

use roaring::RoaringBitmap;
use strata_spec::table::Subject;

use crate::error::Result;
use crate::overlap::{Key, members};
use crate::query::View;
use crate::query::ask::{Row, ask};

/// A class or a segment.
pub(super) struct Set {
    /// The class's segmentation.
    pub(super) segmentation: Option<String>,
    pub(super) name: String,
    /// What the business wants of a segment.
    pub(super) goal: Option<String>,
    pub(super) n_members: u64,
    pub(super) n_undecided: u64,
    pub(super) n_entered: u64,
    pub(super) n_left: u64,
    /// Its members, part by part.
    pub(super) parts: Vec<RoaringBitmap>,
}

impl Set {
    /// The segment, or the class as `segmentation/class`.
    pub(super) fn full_name(&self) -> String {
        match &self.segmentation {
            Some(segmentation) => format!("{segmentation}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// How many members it had before the run.
    pub(super) fn n_before(&self) -> u64 {
        (self.n_members + self.n_left).saturating_sub(self.n_entered)
    }
}

/// All of a subject: segments first, then segmentations by name, their classes in order.
pub(super) async fn read(view: &View, subject: Subject, n_parts: usize) -> Result<Vec<Set>> {
    let mut members = members(view, &view.complete, subject).await?;
    let query = format!(
        "select segmentation, segment, goal, n_members, n_undecided, n_entered, n_left from segment \
         where subject = '{subject}' order by segmentation nulls first, position, segment"
    );
    let set = |row: &Row| {
        let key = Key { segmentation: row.maybe(0).map(str::to_owned), segment: row.text(1).to_owned() };
        let mut by_part = members.remove(&key).unwrap_or_default();
        let part = |part: usize| by_part.remove(&i64::try_from(part).unwrap_or(-1)).unwrap_or_default();
        Set {
            parts: (0..n_parts).map(part).collect(),
            segmentation: key.segmentation,
            name: key.segment,
            goal: row.maybe(2).map(str::to_owned),
            n_members: row.count(3),
            n_undecided: row.count(4),
            n_entered: row.count(5),
            n_left: row.count(6),
        }
    };
    Ok(ask(view, "list classes and segments", &query).await?.iter().map(set).collect())
}
