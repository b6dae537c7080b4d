//! What became of a segment from month to month, and how segments overlap.

use chrono::NaiveDate;
use strata_spec::table::Subject;

use crate::goal::Progress;

/// A segment over two years.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Story {
    /// The segment's name.
    pub segment: String,
    /// Its title.
    pub title: String,
    /// What it holds.
    pub subject: Subject,
    /// What it means, in plain English.
    pub sentence: String,
    /// The dates, a month apart, the earliest first.
    pub months: Vec<StoryMonth>,
    /// The segments and classes that share most with it, the most alike first.
    pub alike: Vec<Alike>,
    /// How far its goal has come, if it has one that is measured; its instants are those of the project's clock.
    pub goal: Option<Progress>,
}

/// A segment at one date.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct StoryMonth {
    /// The date, on the clock of the project's time zone.
    pub day: NaiveDate,
    /// Who was in.
    pub n_members: u64,
    /// Who was known.
    pub n_subjects: u64,
    /// Who was in and had not been a month before.
    pub n_entered: u64,
    /// Who had been in a month before and was not any more.
    pub n_left: u64,
}

/// A segment or class that shares members.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alike {
    /// Its name, a class's as `segmentation/class`.
    pub name: String,
    /// The share of the segment's members who are in it.
    pub share: f64,
    /// The share of those in either who are in both.
    pub jaccard: f64,
}

/// In which of the project's own segments subjects are together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Together {
    /// The segments' titles, with their sizes.
    pub sets: Vec<(String, u64)>,
    /// The places of the segments that subjects are in, and how many they are; the most frequent first.
    pub combinations: Vec<(Vec<usize>, u64)>,
    /// Pairs that are as good as one, in sentences.
    pub redundant: Vec<String>,
}
