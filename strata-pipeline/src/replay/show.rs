//! A replay as JSON and as rows.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use strata_lake::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use strata_spec::error::ErrorCode;

use super::{Moment, Replay, Track};
use crate::error::{Error, Result};
use crate::query::{Answer, View};

impl Replay {
    /// Those who were in as a share of all who were known at that date; none of nobody.
    pub fn share(&self, date: usize, moment: &Moment) -> Option<f64> {
        let n = *self.n_subjects.get(date)?;
        (n > 0).then(|| moment.n_members as f64 / n as f64)
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let tracks = self.tracks.iter().map(|track| {
            let moments = self.dates.iter().zip(&track.moments).enumerate().map(|(date, (at, moment))| {
                json!({
                    "at": at.to_rfc3339(),
                    "n_members": moment.n_members,
                    "share": self.share(date, moment),
                    "n_undecided": moment.n_undecided,
                    "n_entered": moment.n_entered,
                    "n_left": moment.n_left,
                })
            });
            json!({ "name": track.name, "title": track.title, "moments": moments.collect::<Vec<_>>() })
        });
        let dates = self.dates.iter().zip(&self.n_subjects);
        let dates = dates.map(|(at, n)| json!({ "at": at.to_rfc3339(), "n_subjects": n }));
        json!({
            "subject": self.subject.as_str(),
            "name": self.name,
            "sentence": self.sentence,
            "dates": dates.collect::<Vec<_>>(),
            "tracks": tracks.collect::<Vec<_>>(),
            "n_passes": self.n_passes,
            "notes": self.notes,
        })
    }

    /// As rows: `name`, `at`, `n_subjects`, `n_members`, `n_undecided`, `n_entered`, `n_left`.
    ///
    /// # Errors
    /// When the rows cannot be described.
    pub fn rows(&self, view: &View) -> Result<Answer> {
        let tracks = self.tracks.iter().flat_map(|track| {
            let dates = self.dates.iter().zip(&self.n_subjects).zip(&track.moments);
            dates.map(move |((at, n_subjects), moment)| Row { track, at, n_subjects: *n_subjects, moment })
        });
        let rows: Vec<Row> = tracks.collect();
        let times = rows.iter().map(|row| row.at.timestamp_micros());
        let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
        let names = rows.iter().map(|row| Some(row.track.name.as_str())).collect::<StringArray>();
        let counts = |of: fn(&Row) -> Option<u64>| {
            let counts = rows.iter().map(|row| of(row).and_then(|n| i64::try_from(n).ok()));
            Arc::new(counts.collect::<Int64Array>()) as ArrayRef
        };
        let columns = [
            ("name", Arc::new(names) as ArrayRef),
            ("at", Arc::new(times)),
            ("n_subjects", counts(|row| Some(row.n_subjects))),
            ("n_members", counts(|row| Some(row.moment.n_members))),
            ("n_undecided", counts(|row| Some(row.moment.n_undecided))),
            ("n_entered", counts(|row| row.moment.n_entered)),
            ("n_left", counts(|row| row.moment.n_left)),
        ];
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
        view.answer(
            batch.map_err(|error| {
                Error::new(ErrorCode::Internal, "cannot describe a replay").caused_by(error)
            })?,
        )
    }
}

struct Row<'a> {
    track: &'a Track,
    at: &'a DateTime<Utc>,
    n_subjects: u64,
    moment: &'a Moment,
}
