//! Names of columns that plans make up. They begin with an underscore, which no definition's name does.

use strata_spec::condition::{Aggregate, Group};
use strata_spec::name::{SegmentName, SegmentationName};

/// The figure of an aggregate: the hash of its text, so that equal aggregates are one column.
pub(crate) fn aggregate(aggregate: &Aggregate) -> String {
    of_text(&strata_spec::condition::Term::Aggregate(Box::new(aggregate.clone())).to_string())
}

/// What a text of the language means: its hash.
pub(crate) fn of_text(text: &str) -> String {
    format!("_{}", &blake3::hash(text.as_bytes()).to_hex()[..12])
}

/// The stretches of time in which the subject was in a segment or class.
pub(crate) fn stretches(group: &Group) -> String {
    match group {
        Group::Segment(segment) => of_text(&format!("stretches of {segment}")),
        Group::Class { segmentation, class } => of_text(&format!("stretches of {segmentation}/{class}")),
    }
}

/// Whether the subject is certainly in a segment.
pub(crate) fn segment(segment: &SegmentName) -> String {
    member_of(segment.as_str())
}

/// The class that the subject has in a segmentation.
pub(crate) fn segmentation(segmentation: &SegmentationName) -> String {
    class_of(segmentation.as_str())
}

/// The class of a segmentation, as a layer that others are found in.
pub(crate) fn layer(segmentation: &SegmentationName) -> String {
    format!("{LAYER}{segmentation}")
}

/// Whether a column is such a class.
pub(crate) fn is_layer(column: &str) -> bool {
    column.starts_with(LAYER)
}

const LAYER: &str = "_layer_";

pub(crate) fn member_of(segment: &str) -> String {
    format!("_in_{segment}")
}

pub(crate) fn class_of(segmentation: &str) -> String {
    format!("_class_{segmentation}")
}

/// Whether a segment's condition is unknown for the subject.
pub(crate) fn undecided_of(segment: &str) -> String {
    format!("_undecided_{segment}")
}

/// A column of the subject, joined to rows of an aggregate's table.
pub(crate) fn of_subject(column: &str) -> String {
    format!("_subject_{column}")
}

/// A column of the subject's company.
pub(crate) fn of_company(column: &str) -> String {
    format!("_company_{column}")
}

/// The truth of a condition that is asked, by its place.
pub(crate) fn asked(n: usize) -> String {
    format!("_asked_{n}")
}

/// The value of a term that is asked, by its place.
pub(crate) fn asked_term(n: usize) -> String {
    format!("_asked_term_{n}")
}

/// The wake time of a condition of which it is asked, by its place.
pub(crate) fn asked_wake(n: usize) -> String {
    format!("_asked_wake_{n}")
}

/// The rows of a table that are asked for, by their place.
pub(crate) fn asked_rows(n: usize) -> String {
    format!("_asked_rows_{n}")
}
