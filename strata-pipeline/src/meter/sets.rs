//! The classes and segments of a run with their sizes, which are exact, and their members as sets of numbers.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use strata_lake::datafusion::logical_expr::lit;
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use crate::error::{Context, Error, Result};
use crate::overlap::{Key, add};
use crate::query::View;
use crate::query::ask::{Row, ask};
use crate::segment::bitmap::BITMAP;

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
    let mut members = members(view, subject).await?;
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

async fn members(view: &View, subject: Subject) -> Result<BTreeMap<Key, BTreeMap<i64, RoaringBitmap>>> {
    let reading = || "cannot read the sets of members";
    let version = view.complete.tables.get(BITMAP);
    let version = version.ok_or_else(|| Error::new(ErrorCode::NotFound, "there are no sets of members"))?;
    let table = view.engine().table(BITMAP, *version).await.context(reading())?;
    let columns = ["segmentation", "segment", "part", "members"].map(|name| ident(name).alias(name));
    let rows = table
        .filter(ident("subject").eq(lit(subject.as_str())))
        .and_then(|rows| rows.select(columns.to_vec()))
        .context(reading())?;
    let mut members = BTreeMap::new();
    for batch in rows.collect().await.context(reading())? {
        add(&batch, &mut members)?;
    }
    Ok(members)
}
