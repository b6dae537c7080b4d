//! Who is in which class and segment as sets of numbers: the table `bitmap`, from which any overlap is counted without a look at a
//! single membership.
//!
//! A subject's number is its place among the ids of its part, in ascending order, as the profiles of the run have them. A set is
//! a Roaring bitmap in the portable format (Lemire et al. 2018, "Roaring bitmaps: implementation of an optimized software
//! library", Software: Practice and Experience 48), which every Roaring library reads.

use std::sync::Arc;

use roaring::RoaringBitmap;
use strata_lake::arrow::array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use strata_lake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use strata_lake::datafusion::common::{Result, exec_datafusion_err};

use super::standing::{Divisions, Standing};

/// The table of sets.
pub(crate) const BITMAP: &str = "bitmap";

/// The columns of the table: a row for each part and each class or segment that has a member in it.
pub(super) fn schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let number = |name| Field::new(name, DataType::Int64, true);
    Arc::new(Schema::new(vec![
        text("subject"),
        number("part"),
        text("segmentation"),
        text("segment"),
        number("n_members"),
        Field::new("members", DataType::Binary, true),
        text("run_id"),
    ]))
}

/// The sets of one part.
pub(super) fn batch(
    divisions: &Divisions,
    standing: &Standing,
    part: usize,
    run_id: &str,
) -> Result<RecordBatch> {
    let (mut segmentations, mut segments) = (Vec::new(), Vec::new());
    let (mut n_members, mut members) = (Vec::new(), Vec::new());
    for (division, places) in divisions.all.iter().zip(&standing.places) {
        let classes = places.classes();
        // A bit for each subject in words first: setting it is a step, appending to a set a search.
        let n_bytes = places.of.len().div_ceil(8);
        let mut bits = vec![vec![0_u8; n_bytes]; classes.len() + 1];
        for (subject, number) in places.of.iter().enumerate() {
            bits[*number as usize][subject / 8] |= 1 << (subject % 8);
        }
        for (class, number) in classes {
            let mut set = RoaringBitmap::from_lsb0_bytes(0, &bits[number as usize]);
            set.optimize();
            let mut bytes = Vec::with_capacity(set.serialized_size());
            set.serialize_into(&mut bytes)
                .map_err(|error| exec_datafusion_err!("cannot write a set of members: {error}"))?;
            segmentations.push(division.segmentation());
            segments.push(class);
            n_members.push(i64::try_from(set.len()).unwrap_or(i64::MAX));
            members.push(bytes);
        }
    }
    let n = segments.len();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![divisions.subject.as_str(); n])),
        Arc::new(Int64Array::from(vec![i64::try_from(part).unwrap_or(i64::MAX); n])),
        Arc::new(StringArray::from(segmentations)),
        Arc::new(StringArray::from(segments)),
        Arc::new(Int64Array::from(n_members)),
        Arc::new(members.iter().map(|bytes| Some(bytes.as_slice())).collect::<BinaryArray>()),
        Arc::new(StringArray::from(vec![run_id; n])),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
