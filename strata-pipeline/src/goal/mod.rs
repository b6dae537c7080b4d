//! How far segments have come towards their goals.
//!
//! A goal's figure is taken at the ends of months counted back from the run, over everything that is known today, as a replay
//! does; beside it stands where it would be on a straight line from where it began to the target.

mod measure;
mod table;

use chrono::{DateTime, NaiveDate, Utc};
use strata_spec::definition::Direction;
use strata_spec::table::Subject;

pub use measure::check;
pub(crate) use table::batch;
pub use table::{GOAL_PROGRESS, read};

/// The goal of a segment, measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Whom the segment is about.
    pub subject: Subject,
    /// The segment.
    pub segment: String,
    /// The goal in words.
    pub title: String,
    /// The figure as the definition has it: `n_members`, `share`, a value or a condition.
    pub metric: String,
    /// Of whom it is taken: `members` or `former_members`.
    pub of: String,
    /// Whether it is a share, from 0 to 1.
    pub is_share: bool,
    /// The way it is to move.
    pub direction: Direction,
    /// Where it is to arrive.
    pub target: f64,
    /// By when.
    pub by: NaiveDate,
    /// The figure from month to month, the earliest first.
    pub points: Vec<Point>,
}

/// A goal's figure at one date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The date.
    pub at: DateTime<Utc>,
    /// Of how many subjects the figure was taken.
    pub n: u64,
    /// The figure; none of nobody.
    pub value: Option<f64>,
    /// The interval in which it lies with 95 % confidence.
    pub interval: Option<(f64, f64)>,
    /// Where it would be on the straight line.
    pub expected: Option<f64>,
    /// How it stands.
    pub status: Status,
}

/// How a goal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The figure is where it was to arrive, or beyond.
    Reached,
    /// It is on the straight line to the target, or ahead of it.
    OnTrack,
    /// It is behind it.
    Behind,
    /// The date has passed, and the figure is not there.
    Missed,
    /// There was nobody to measure.
    Unknown,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 5] =
        [Status::Reached, Status::OnTrack, Status::Behind, Status::Missed, Status::Unknown];

    /// `reached`, `on_track`, `behind`, `missed` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Reached => "reached",
            Status::OnTrack => "on_track",
            Status::Behind => "behind",
            Status::Missed => "missed",
            Status::Unknown => "unknown",
        }
    }

    fn parse(text: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl Progress {
    /// How much of the way from the first figure to the target has been gone; negative where it went the other way. None where it
    /// began at the target.
    pub fn done(&self) -> Option<f64> {
        let (first, last) = (self.points.first()?.value?, self.points.last()?.value?);
        let way = self.target - first;
        (way != 0.0).then(|| (last - first) / way)
    }

    /// How it stands now.
    pub fn status(&self) -> Status {
        self.points.last().map_or(Status::Unknown, |point| point.status)
    }

    /// Whether the figure counts subjects.
    pub fn is_count(&self) -> bool {
        self.metric == "n_members"
    }
}
