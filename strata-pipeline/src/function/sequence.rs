//! Whether rows follow each other as a pattern says.
//!
//! Each table's scan gathers the rows that could be a step as [`Moment`]s, and the pattern, a constant, is held against a
//! subject's moments of all its tables together.

use std::collections::BinaryHeap;
use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array};
use strata_lake::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use strata_lake::datafusion::common::{Result, exec_datafusion_err};
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_spec::condition::Interval;

use super::aggregate::{Piece, decoded};
use super::calendar::shift;
use super::scalar::with_constant;
use super::variadic::variadic;

/// `row_key(text, …)`: a number for the keys of a row, null where one is missing: the first 64 bits of BLAKE3 over their
/// lengths and texts.
pub(crate) fn row_key() -> ScalarUDF {
    variadic("row_key", DataType::Utf8, DataType::Int64, |arguments| {
        let columns: Vec<_> = arguments.iter().map(|column| column.as_string::<i32>()).collect();
        let keys = (0..arguments[0].len()).map(|row| {
            let mut hasher = blake3::Hasher::new();
            for column in &columns {
                let text = column.is_valid(row).then(|| column.value(row))?;
                hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
            }
            let mut first = [0; 8];
            first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
            Some(i64::from_le_bytes(first))
        });
        Ok(Arc::new(keys.collect::<Int64Array>()))
    })
}

/// `sequence_holds(moments, moments, pattern)`: whether moments of one or two tables, as `sequence_moments` gathers them,
/// follow each other as a constant pattern says. Never null; a missing side has no moments.
pub(crate) fn sequence_holds() -> ScalarUDF {
    let arguments = vec![DataType::Binary, DataType::Binary, DataType::Utf8];
    with_constant("sequence_holds", arguments, DataType::Boolean, |arguments, pattern| {
        if arguments[0].is_empty() {
            return Ok(Arc::new(BooleanArray::new_null(0)) as ArrayRef);
        }
        let pattern: Pattern = serde_json::from_str(pattern)
            .map_err(|error| exec_datafusion_err!("the pattern of a sequence cannot be read: {error}"))?;
        let walk = Walk::new(&pattern)?;
        let sides = [&arguments[0], &arguments[1]].map(|side| side.as_binary::<i32>());
        let mut moments: Vec<Moment> = Vec::new();
        let holds = (0..arguments[0].len()).map(|row| {
            moments.clear();
            for side in sides.iter().filter(|side| side.is_valid(row)) {
                moments.extend(decoded::<Moment>(side.value(row)));
            }
            moments.sort_unstable();
            Some(walk.holds(&moments))
        });
        Ok(Arc::new(holds.collect::<BooleanArray>()))
    })
}

/// A sequence's steps and windows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pattern {
    /// The zone in whose calendar months and days are counted.
    pub(crate) timezone: String,
    /// The present, in microseconds.
    pub(crate) as_of: i64,
    /// The steps in order; a moment has the bit of each step that its row could be.
    pub(crate) steps: Vec<PatternStep>,
    /// The longest time from the first moment to the last.
    pub(crate) within: Option<Length>,
}

/// A step of a sequence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PatternStep {
    /// Whether there must be no such moment.
    pub(crate) absent: bool,
    /// How long after the moment before.
    pub(crate) within: Option<Length>,
}

/// A length of time: months, days, seconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Length(pub(crate) i32, pub(crate) i32, pub(crate) i64);

/// A row that could be a step. Moments of one key come together, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    key: i64,
    time: i64,
    steps: u16,
}

impl Piece for Moment {
    const BYTES: usize = 18;

    fn reader(columns: &[ArrayRef]) -> Option<impl Fn(usize) -> Option<Moment>> {
        let [times, steps, keys] = columns else { return None };
        let times = times.as_primitive_opt::<TimestampMicrosecondType>()?;
        let steps = steps.as_primitive_opt::<Int64Type>()?;
        let keys = keys.as_primitive_opt::<Int64Type>()?;
        Some(move |row: usize| {
            let known = steps.is_valid(row) && keys.is_valid(row) && steps.value(row) != 0;
            known.then(|| Moment {
                key: keys.value(row),
                time: times.value(row),
                steps: steps.value(row) as u16,
            })
        })
    }

    fn encode(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.key.to_le_bytes());
        bytes.extend_from_slice(&self.time.to_le_bytes());
        bytes.extend_from_slice(&self.steps.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Moment> {
        let (key, rest) = bytes.split_first_chunk()?;
        let (time, rest) = rest.split_first_chunk()?;
        let (steps, _) = rest.split_first_chunk()?;
        Some(Moment {
            key: i64::from_le_bytes(*key),
            time: i64::from_le_bytes(*time),
            steps: u16::from_le_bytes(*steps),
        })
    }

    /// Two at one instant never follow each other, so that one may stand for both.
    fn joined(self, next: Moment) -> Option<Moment> {
        let same = self.key == next.key && self.time == next.time;
        same.then_some(Moment { steps: self.steps | next.steps, ..self })
    }
}

/// A pattern held against moments.
struct Walk<'p> {
    pattern: &'p Pattern,
    timezone: Tz,
}

/// The last moment of a chain of moments, and until when its last may be.
#[derive(Debug, Clone, Copy)]
struct Chain {
    time: i64,
    deadline: i64,
}

impl<'p> Walk<'p> {
    fn new(pattern: &'p Pattern) -> Result<Walk<'p>> {
        let zone = &pattern.timezone;
        let timezone = zone.parse().map_err(|_| exec_datafusion_err!("`{zone}` is not a time zone"))?;
        Ok(Walk { pattern, timezone })
    }

    fn holds(&self, moments: &[Moment]) -> bool {
        moments.chunk_by(|a, b| a.key == b.key).any(|same_key| self.holds_of(same_key))
    }

    /// Goes from step to step, and keeps all moments at which a chain of the steps so far can end. Of several chains that
    /// end at one moment, only the latest deadline matters.
    fn holds_of(&self, moments: &[Moment]) -> bool {
        let steps = &self.pattern.steps;
        let times = |step: usize| -> Vec<i64> {
            let mut times: Vec<i64> = moments
                .iter()
                .filter(|moment| moment.steps >> step & 1 == 1)
                .map(|moment| moment.time)
                .collect();
            times.dedup();
            times
        };
        let first = times(0).into_iter();
        let deadline = |time| self.pattern.within.map_or(i64::MAX, |length| self.plus(time, length));
        let mut chains: Vec<Chain> = first.map(|time| Chain { time, deadline: deadline(time) }).collect();
        let mut at = 0;
        loop {
            let next = (at + 1..steps.len()).find(|step| !steps[*step].absent);
            let mut until_next = Vec::new();
            let end = next.unwrap_or(steps.len());
            for (absent, step) in steps.iter().enumerate().take(end).skip(at + 1) {
                let forbidden = times(absent);
                match (step.within, next) {
                    (Some(length), _) => chains.retain(|chain| {
                        let end = self.plus(chain.time, length);
                        end <= self.pattern.as_of && last_until(&forbidden, end) <= Some(chain.time)
                    }),
                    (None, Some(_)) => until_next.push(forbidden),
                    (None, None) => {
                        chains.retain(|chain| forbidden.last().copied() <= Some(chain.time));
                    }
                }
            }
            let Some(next) = next else { return !chains.is_empty() };
            chains = self.extended(&chains, &times(next), steps[next].within, &until_next);
            if chains.is_empty() {
                return false;
            }
            at = next;
        }
    }

    /// The chains that go on at one of `times`, with no forbidden time between.
    fn extended(
        &self,
        chains: &[Chain],
        times: &[i64],
        within: Option<Length>,
        forbidden: &[Vec<i64>],
    ) -> Vec<Chain> {
        let limit = |time| within.map_or(i64::MAX, |length| self.plus(time, length));
        let mut before = chains.iter().peekable();
        // Deadline, limit and time: what has become too old stays so, and goes once it comes up.
        let mut open: BinaryHeap<(i64, i64, i64)> = BinaryHeap::new();
        let mut extended = Vec::new();
        for &time in times {
            while let Some(chain) = before.next_if(|chain| chain.time < time) {
                open.push((chain.deadline, limit(chain.time), chain.time));
            }
            let since = forbidden.iter().map(|times| last_until(times, time - 1)).max().flatten();
            while open.peek().is_some_and(|(_, limit, last)| *limit < time || Some(*last) < since) {
                open.pop();
            }
            if let Some((deadline, ..)) = open.peek()
                && *deadline >= time
            {
                extended.push(Chain { time, deadline: *deadline });
            }
        }
        extended
    }

    /// An instant and a length of time after it; where the calendar ends, forever.
    fn plus(&self, time: i64, Length(months, days, seconds): Length) -> i64 {
        if months == 0 && days == 0 {
            return time.saturating_add(seconds.saturating_mul(1_000_000));
        }
        DateTime::from_timestamp_micros(time)
            .and_then(|at| shift(at, Interval { months, days, seconds }, 1, self.timezone))
            .map_or(i64::MAX, |at| at.timestamp_micros())
    }
}

/// The last of some times in order that is not after an instant.
fn last_until(times: &[i64], end: i64) -> Option<i64> {
    let n = times.partition_point(|time| *time <= end);
    times[..n].last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn days(days: i64) -> Option<Length> {
        Some(Length(0, 0, days * 86_400))
    }

    fn present(within: Option<Length>) -> PatternStep {
        PatternStep { absent: false, within }
    }

    fn absent(within: Option<Length>) -> PatternStep {
        PatternStep { absent: true, within }
    }

    /// Moments are written as `day steps`, and after a `/` the key.
    #[track_caller]
    fn check(steps: &[PatternStep], within: Option<Length>, cases: &[(&str, bool)]) {
        let pattern = Pattern { timezone: "UTC".to_owned(), as_of: 100 * DAY, steps: steps.to_vec(), within };
        let walk = Walk::new(&pattern).unwrap();
        for (text, expected) in cases {
            let mut moments: Vec<Moment> = text
                .split(',')
                .filter(|moment| !moment.trim().is_empty())
                .map(|moment| {
                    let (moment, key) = moment.split_once('/').unwrap_or((moment, "0"));
                    let (day, steps) = moment.trim().split_once(' ').unwrap();
                    let bits = steps.bytes().map(|step| 1 << (step - b'a')).sum();
                    let time = (day.parse::<f64>().unwrap() * DAY as f64) as i64;
                    Moment { key: key.trim().parse().unwrap(), time, steps: bits }
                })
                .collect();
            moments.sort_unstable();
            assert_eq!(walk.holds(&moments), *expected, "{text}");
        }
    }

    #[test]
    fn steps_come_one_after_the_other() {
        let cases = [
            ("", false),
            ("1 a", false),
            ("1 a, 2 b", true),
            ("1 b, 2 a", false),
            // At one instant is not after, and one row is not two.
            ("1 a, 1 b", false),
            ("1 ab", false),
            ("1 ab, 2 ab", true),
            ("1 a/1, 2 b/2", false),
            ("1 a/1, 2 b/2, 3 b/1", true),
        ];
        check(&[present(None), present(None)], None, &cases);
    }

    #[test]
    fn windows_are_between_neighbours_and_overall() {
        let step = [present(None), present(days(3))];
        check(&step, None, &[("1 a, 4 b", true), ("1 a, 4.1 b", false), ("1 a, 2 a, 4.1 b", true)]);
        let three = [present(None), present(days(3)), present(days(3))];
        let cases = [
            ("1 a, 4 b, 6 c", true),
            ("1 a, 4 b, 6.1 c", false),
            // A later beginning saves it, where it can still reach the second step.
            ("1 a, 2 a, 4 b, 6.1 c", true),
            ("1 a, 4 b, 4 a, 6.1 c", false),
            ("1 a, 3 b, 3.5 a, 6 b, 8 c", true),
        ];
        check(&three, days(5), &cases);
    }

    #[test]
    fn calendar_lengths_need_not_keep_the_order() {
        // From 30 January 23:00 a month leads to the end of 28 February, from 31 January 01:00 to its beginning.
        let at = |text: &str| text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp_micros();
        let moment = |text: &str, steps| Moment { key: 0, time: at(text), steps };
        let pattern = Pattern {
            timezone: "UTC".to_owned(),
            as_of: at("2024-01-01T00:00:00Z"),
            steps: vec![present(None), present(Some(Length(1, 0, 0)))],
            within: Some(Length(1, 0, 0)),
        };
        let rows = [
            moment("2023-01-30T23:00:00Z", 1),
            moment("2023-01-31T01:00:00Z", 1),
            moment("2023-02-28T12:00:00Z", 2),
        ];
        assert!(Walk::new(&pattern).unwrap().holds(&rows));
        assert!(!Walk::new(&pattern).unwrap().holds(&rows[1..]));
    }

    #[test]
    fn absent_steps_with_a_length() {
        let last = [present(None), absent(days(7))];
        let cases = [
            ("1 a", true),
            ("1 a, 8 b", false),
            ("1 a, 8.1 b", true),
            // At the same instant is not after.
            ("1 a, 1 b", true),
            ("1 a, 5 b, 6 a", true),
            ("1 a, 5 b, 5 a", true),
            // The time must be over.
            ("93 a", true),
            ("93.1 a", false),
            ("1 a/1, 2 b/2", true),
            ("1 a/1, 2 b/1", false),
        ];
        check(&last, None, &cases);
        // The next step may lie inside the time, and does not end it.
        let between = [present(None), absent(days(7)), present(None)];
        let cases = [
            ("1 a, 3 c", true),
            ("1 a, 3 c, 5 b", false),
            ("1 a, 5 b, 9 c", false),
            ("1 a, 3 bc", false),
            ("1 a, 8.5 b, 9 c", true),
            ("95 a, 97 c", false),
        ];
        check(&between, None, &cases);
    }

    #[test]
    fn absent_steps_without_a_length() {
        let between = [present(None), absent(None), present(None)];
        let cases = [
            ("1 a, 3 c", true),
            ("1 a, 2 b, 3 c", false),
            ("1 a, 2 b, 3 a, 4 c", true),
            ("1 a, 1 b, 3 c", true),
            ("1 a, 3 bc", true),
            ("1 a, 3 c, 4 b", true),
        ];
        check(&between, None, &cases);
        let last = [present(None), absent(None)];
        check(
            &last,
            None,
            &[("1 a", true), ("1 a, 2 b", false), ("1 a, 1 b", true), ("1 a, 2 b, 3 a", true)],
        );
        let two = [present(None), absent(None), absent(days(2)), present(days(5))];
        let cases = [
            ("1 a, 6 d", true),
            ("1 a, 6.1 d", false),
            ("1 a, 3 c, 6 d", false),
            ("1 a, 3.1 c, 6 d", true),
            ("1 a, 4 b, 6 d", false),
        ];
        check(&two, None, &cases);
    }
}
