//! How far segments are the same: how many any two share, which lie within others, and in which combinations subjects are.
//!
//! Counted exactly, over the sets of the last complete run or of an earlier one (the table `bitmap`); no membership is read.

mod count;
mod pair;
mod table;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::datatypes::Int64Type;
use strata_lake::datafusion::logical_expr::lit;
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use crate::error::{Context, Error, Result};
use crate::preview::texts;
use crate::query::View;
use crate::run::{Complete, evaluated_by};
use crate::segment::bitmap::BITMAP;

pub use count::MOST_COMBINED;
pub use pair::{Pair, REDUNDANT, Relation};
pub use table::OVERLAP;
pub(crate) use table::batch;

/// What is compared.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Whose segments.
    pub subject: Subject,
    /// Segments, classes written `segmentation/class`, and segmentations, which stand for all their classes. Everything if empty.
    pub names: Vec<String>,
    /// The instant of the run whose sets are compared, or a later one before the next run; the last run unless given.
    pub at: Option<DateTime<Utc>>,
}

/// How far segments are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// Whose segments.
    pub subject: Subject,
    /// The instant of the run.
    pub as_of: DateTime<Utc>,
    /// How many subjects there are.
    pub n_subjects: u64,
    /// What is compared: segments first, then classes by segmentation.
    pub sets: Vec<Set>,
    /// Any two that share somebody and are not classes of one segmentation, the most alike first.
    pub pairs: Vec<Pair>,
    /// In which of the sets subjects are together, the most frequent first. None of more than [`MOST_COMBINED`] sets.
    pub combinations: Option<Vec<Combination>>,
}

/// A segment or a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The segment, or the class as `segmentation/class`.
    pub name: String,
    /// The class's segmentation.
    pub segmentation: Option<String>,
    /// How many are in it.
    pub n_members: u64,
}

/// Those who are in exactly these sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combination {
    /// The places of the sets in [`Overlap::sets`]; none of subjects that are in no set.
    pub sets: Vec<usize>,
    /// How many subjects.
    pub n_subjects: u64,
}

/// The sets of one part of the subjects, in the order of [`Overlap::sets`].
type Part = Vec<RoaringBitmap>;

/// Counts what segments share.
///
/// # Errors
/// `NotFound` when there is no segment of a name, no run by that instant, or one from before there were sets.
pub async fn overlap(view: &View, ask: &Ask) -> Result<Overlap> {
    let complete = run_by(view, ask.at).await?;
    let (sets, parts) = read(view, &complete, ask).await?;
    let n_subjects = n_subjects(view, &complete, ask.subject).await?;
    let pairs = pair::pairs(&sets, &parts);
    let combinations =
        (sets.len() <= MOST_COMBINED).then(|| count::combinations(&parts, sets.len(), n_subjects));
    Ok(Overlap { subject: ask.subject, as_of: complete.as_of, n_subjects, sets, pairs, combinations })
}

impl Overlap {
    /// A number of subjects as a share of all; 0 of nobody.
    pub fn share(&self, n: u64) -> f64 {
        if self.n_subjects == 0 { 0.0 } else { n as f64 / self.n_subjects as f64 }
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let name = |at: &usize| self.sets[*at].name.as_str();
        let sets = self.sets.iter().map(|set| json!({ "name": set.name, "n_members": set.n_members }));
        let pairs = self.pairs.iter().map(|pair| {
            json!({
                "first": name(&pair.first),
                "second": name(&pair.second),
                "n_both": pair.n_both,
                "share_of_first": pair.share_of_first(),
                "share_of_second": pair.share_of_second(),
                "jaccard": pair.jaccard(),
                "relation": pair.relation().as_str(),
            })
        });
        let combinations = self.combinations.as_ref().map(|all| {
            let combination = |each: &Combination| {
                let names: Vec<&str> = each.sets.iter().map(name).collect();
                json!({ "segments": names, "n_subjects": each.n_subjects, "share": self.share(each.n_subjects) })
            };
            all.iter().map(combination).collect::<Vec<_>>()
        });
        json!({
            "subject": self.subject.as_str(),
            "as_of": self.as_of.to_rfc3339(),
            "n_subjects": self.n_subjects,
            "sets": sets.collect::<Vec<_>>(),
            "pairs": pairs.collect::<Vec<_>>(),
            "combinations": combinations,
        })
    }
}

/// The run whose word counts at an instant.
async fn run_by(view: &View, at: Option<DateTime<Utc>>) -> Result<Complete> {
    let Some(at) = at else { return Ok(view.complete.clone()) };
    evaluated_by(view.engine(), at).await?.ok_or_else(|| {
        Error::new(ErrorCode::NotFound, format!("there was no run by {}", at.to_rfc3339()))
            .with_hint("`strata sql \"select as_of from run order by 1\"` lists the runs")
    })
}

/// What is asked for, and its members part by part.
async fn read(view: &View, complete: &Complete, ask: &Ask) -> Result<(Vec<Set>, Vec<Part>)> {
    let bitmaps = members(view, complete, ask.subject).await?;
    let wanted = wanted(bitmaps.keys(), &ask.names)?;
    let places: BTreeMap<i64, usize> = {
        let mut parts: Vec<i64> = bitmaps.values().flat_map(BTreeMap::keys).copied().collect();
        parts.sort_unstable();
        parts.dedup();
        parts.into_iter().zip(0..).collect()
    };
    let mut sets = Vec::new();
    let mut parts: Vec<Part> = places.iter().map(|_| Vec::new()).collect();
    for (key, mut by_part) in bitmaps.into_iter().filter(|(key, _)| wanted.contains(key)) {
        let n_members = by_part.values().map(RoaringBitmap::len).sum();
        for (part, place) in &places {
            parts[*place].push(by_part.remove(part).unwrap_or_default());
        }
        sets.push(Set { name: key.to_string(), segmentation: key.segmentation, n_members });
    }
    Ok((sets, parts))
}

/// The members of every segment and class as a run left them: by part the numbers of subjects.
pub(crate) async fn members(
    view: &View,
    complete: &Complete,
    subject: Subject,
) -> Result<BTreeMap<Key, BTreeMap<i64, RoaringBitmap>>> {
    let reading = || "cannot read the sets of members";
    let version = complete.tables.get(BITMAP).ok_or_else(|| {
        let at = complete.as_of.to_rfc3339();
        Error::new(ErrorCode::NotFound, format!("the run as of {at} wrote no sets of members"))
            .with_hint("`strata run` writes them from now on")
    })?;
    let table = view.engine().table(BITMAP, *version).await.context(reading())?;
    let columns = ["segmentation", "segment", "part", "members"].map(|name| ident(name).alias(name));
    let rows = table
        .filter(ident("subject").eq(lit(subject.as_str())))
        .and_then(|rows| rows.select(columns.to_vec()))
        .context(reading())?;
    let mut bitmaps = BTreeMap::new();
    for batch in rows.collect().await.context(reading())? {
        add(&batch, &mut bitmaps)?;
    }
    Ok(bitmaps)
}

/// A segment, or a class of a segmentation. Segments come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) segmentation: Option<String>,
    pub(crate) segment: String,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.segmentation {
            Some(segmentation) => write!(f, "{segmentation}/{}", self.segment),
            None => f.write_str(&self.segment),
        }
    }
}

/// Adds the sets of a batch of the table `bitmap`.
fn add(batch: &RecordBatch, bitmaps: &mut BTreeMap<Key, BTreeMap<i64, RoaringBitmap>>) -> Result<()> {
    let damaged = || Error::new(ErrorCode::Storage, "the table `bitmap` is damaged");
    let (segmentations, segments) = (texts(batch, 0)?, texts(batch, 1)?);
    let parts = batch.column(2).as_primitive_opt::<Int64Type>().ok_or_else(damaged)?;
    let members = batch.column(3).as_binary_opt::<i32>().ok_or_else(damaged)?;
    for row in 0..batch.num_rows() {
        let key = Key {
            segmentation: segmentations.is_valid(row).then(|| segmentations.value(row).to_owned()),
            segment: segments.value(row).to_owned(),
        };
        let set = RoaringBitmap::deserialize_from(members.value(row));
        let set = set.map_err(|error| damaged().caused_by(error))?;
        bitmaps.entry(key).or_default().insert(parts.value(row), set);
    }
    Ok(())
}

/// Those that names mean. Without names, all but who is in no class.
fn wanted<'a>(all: impl Iterator<Item = &'a Key> + Clone, names: &[String]) -> Result<Vec<Key>> {
    if names.is_empty() {
        return Ok(all
            .filter(|key| key.segmentation.is_none() || key.segment != UNASSIGNED)
            .cloned()
            .collect());
    }
    let mut wanted = Vec::new();
    for name in names {
        let named = |key: &&Key| key.to_string() == *name || key.segmentation.as_deref() == Some(name);
        let found: Vec<Key> = all.clone().filter(named).cloned().collect();
        if found.is_empty() {
            let error = Error::new(ErrorCode::NotFound, format!("nobody is in a segment or class `{name}`"));
            let known: Vec<String> = all.clone().map(Key::to_string).collect();
            return Err(match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint("`strata segments list` shows them all"),
            });
        }
        wanted.extend(found);
    }
    Ok(wanted)
}

async fn n_subjects(view: &View, complete: &Complete, subject: Subject) -> Result<u64> {
    let query = format!("select count(*) from {}", subject.profile_table());
    let counted = crate::query::ask::ask_at(view, "count the subjects", &query, &complete.tables).await?;
    Ok(counted.first().map_or(0, |row| row.count(0)))
}
