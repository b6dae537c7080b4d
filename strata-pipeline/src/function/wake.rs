//! When time alone changes what is said of a time: the functions behind wake times.
//!
//! Each gives the first instant after `as_of` at which something that is said of a time, a day or a zone can become something
//! else, and null where it never does. What it gives may be too early, and never too late.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate};
use chrono_tz::Tz;
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, ListArray, TimestampMicrosecondArray};
use strata_lake::arrow::datatypes::{
    DataType, Date32Type, Field, Float64Type, Int64Type, TimestampMicrosecondType,
};
use strata_lake::datafusion::common::{Result, exec_datafusion_err};
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_spec::condition::{CalendarUnit, Interval};

use super::aggregate::decoded;
use super::calendar::{midnight, next_anniversary, period_start};
use super::moving::{DAY, MINUTE, Moving, change_of_clocks, day_again, day_at, marks_of, next_midnight};
use super::scalar::{constant, scalar, timestamp, zone};
use super::stretch::{Stretch, at_present};

/// What is asked of a moving time: whether it has reached another (`reached`), has passed it (`passed`), or both; or also whether
/// it is one microsecond from it (`around`), as the first instant of a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Reached,
    Passed,
    Either,
    Around,
}

impl Turn {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Turn::Reached => "reached",
            Turn::Passed => "passed",
            Turn::Either => "either",
            Turn::Around => "around",
        }
    }

    fn of(column: &ArrayRef) -> Turn {
        match constant(column) {
            "reached" => Turn::Reached,
            "passed" => Turn::Passed,
            "around" => Turn::Around,
            _ => Turn::Either,
        }
    }

    /// The whole numbers of which a count has to come to be at least one, or no longer, for what is asked to be answered otherwise; none
    /// of a number beyond all counts.
    fn counts(self, number: f64, most: i64) -> Option<Vec<i64>> {
        let [below, above] = around(number, most)?;
        Some(match self {
            Turn::Reached => vec![number.ceil() as i64],
            Turn::Passed => vec![above],
            Turn::Either | Turn::Around => vec![below, above],
        })
    }

    /// What is seen of it, which changes when what is asked changes.
    fn seen<T: Ord>(self, moving: &T, of: &T) -> [bool; 2] {
        let (reached, passed) = (moving >= of, moving > of);
        match self {
            Turn::Reached => [reached, reached],
            Turn::Passed => [passed, passed],
            Turn::Either | Turn::Around => [reached, passed],
        }
    }

    /// When `as_of`, moved by a length, is seen otherwise beside a time.
    fn of_time(self, time: i64, as_of: i64, moving: Moving) -> Option<i64> {
        if self != Turn::Around {
            return moving.first_change(as_of, &[time], |at| self.seen(&at, &time));
        }
        let near = [time - 1, time];
        moving.first_change(as_of, &near, |at| near.map(|near| at.cmp(&near)))
    }
}

/// `wake_time(time, turn, as_of, months, days, seconds, zone)`: when `as_of`, moved by that length, reaches or passes a time.
pub(crate) fn wake_time() -> ScalarUDF {
    scalar("wake_time", with_moving(&[timestamp(), DataType::Utf8]), timestamp(), |arguments| {
        let Some((as_of, moving)) = moving(&arguments[2..])? else { return none() };
        let turn = Turn::of(&arguments[1]);
        let times = arguments[0].as_primitive::<TimestampMicrosecondType>();
        instants(times.iter().map(|time| turn.of_time(time?, as_of, moving)))
    })
}

/// `wake_day(day, turn, as_of, months, days, seconds, zone)`: when the day in which `as_of`, moved by that length, lies reaches or
/// passes another.
pub(crate) fn wake_day() -> ScalarUDF {
    scalar("wake_day", with_moving(&[DataType::Date32, DataType::Utf8]), timestamp(), |arguments| {
        let Some((as_of, moving)) = moving(&arguments[2..])? else { return none() };
        let turn = Turn::of(&arguments[1]);
        instants(days(&arguments[0]).map(|day| {
            let day = day?;
            let marks = marks_of(day, moving.timezone);
            moving
                .first_change(as_of, &marks, |at| day_at(at, moving.timezone).map(|at| turn.seen(&at, &day)))
        }))
    })
}

/// `wake_period(time, unit, from, to, fiscal_year_start, as_of, zone)`: when the period in which a time lies becomes, or is no
/// longer, one of those from `from` units after the present one to `to`, that one excluded.
pub(crate) fn wake_period() -> ScalarUDF {
    let whole = DataType::Int64;
    let arguments = [timestamp(), DataType::Utf8, whole.clone(), whole.clone(), whole.clone(), whole];
    let arguments = arguments.into_iter().chain([DataType::Utf8]).collect();
    scalar("wake_period", arguments, timestamp(), |arguments| {
        let times = arguments[0].as_primitive::<TimestampMicrosecondType>();
        if times.is_empty() {
            return none();
        }
        let unit = CalendarUnit::parse(constant(&arguments[1]));
        let unit = unit.map_err(|error| exec_datafusion_err!("{error}"))?;
        let [from, to, first_month, as_of] = [2, 3, 4, 5].map(|at: usize| integer(&arguments[at]));
        let timezone = zone(&arguments[6])?;
        let first_month = u32::try_from(first_month).unwrap_or(1);
        let again = day_again(as_of, timezone);
        instants(times.iter().map(|time| {
            let time = time?;
            let day = day_of(time, timezone)?;
            // The present period comes to be so far from that of the time.
            let starts = [1 - to, 1 - from].into_iter().filter_map(|offset| {
                let start = period_start(day, unit, i32::try_from(offset).ok()?, first_month)?;
                Some(midnight(start, timezone).timestamp_micros())
            });
            starts.chain(again).filter(|at| *at > as_of).min()
        }))
    })
}

/// `wake_count(time, as_of, seconds, is_down, threshold, turn)`: when the whole days from a time to `as_of`, moved by so many seconds,
/// or the other way where that is said, reach or pass a number, whichever is asked; without a number, become others.
pub(crate) fn wake_count() -> ScalarUDF {
    let whole = DataType::Int64;
    let arguments =
        vec![timestamp(), whole.clone(), whole, DataType::Boolean, DataType::Float64, DataType::Utf8];
    scalar("wake_count", arguments, timestamp(), |arguments| {
        let times = arguments[0].as_primitive::<TimestampMicrosecondType>();
        if times.is_empty() {
            return none();
        }
        let (as_of, seconds) = (integer(&arguments[1]), integer(&arguments[2]));
        // Counted down, a day is over just after it is full.
        let is_down = arguments[3].as_boolean().value(0);
        let just_after = i64::from(is_down);
        let thresholds = arguments[4].as_primitive::<Float64Type>();
        let turn = Turn::of(&arguments[5]);
        instants(times.iter().zip(thresholds).map(|(time, threshold)| {
            let full = time? - seconds.checked_mul(1_000_000)? + just_after;
            let Some(number) = threshold else {
                return Some(as_of - (as_of - full).rem_euclid(DAY) + DAY);
            };
            let reached = |count: i64| if is_down { full - count * DAY } else { full + count * DAY };
            let counts = turn.counts(number, 4_000_000)?.into_iter();
            counts.map(reached).filter(|at| *at > as_of).min()
        }))
    })
}

/// `wake_of_count(leaving, entering, count, number, is_beyond)`: when a count of rows can come to be less than a number, or as much,
/// or, where it has to be beyond, no more than it or more: of the rows that count and of those that do not, each can change sides
/// at an instant of its list, and so many have to.
pub(crate) fn wake_of_count() -> ScalarUDF {
    let list = || DataType::List(Arc::new(Field::new_list_field(timestamp(), true)));
    let arguments = vec![list(), list(), DataType::Int64, DataType::Float64, DataType::Boolean];
    scalar("wake_of_count", arguments, timestamp(), |arguments| {
        if arguments[0].is_empty() {
            return none();
        }
        let sides = [0, 1].map(|at: usize| arguments[at].as_list::<i32>());
        let (counts, numbers) =
            (arguments[2].as_primitive::<Int64Type>(), arguments[3].as_primitive::<Float64Type>());
        let is_beyond = arguments[4].as_boolean().value(0);
        instants(counts.iter().zip(numbers).enumerate().map(|(row, (count, number))| {
            let mut sides = sides.map(|lists| times_of(lists, row));
            pass_of_count(&mut sides, count?, number?, is_beyond)
        }))
    })
}

/// What a row's list holds.
fn times_of(lists: &ListArray, row: usize) -> Vec<i64> {
    match lists.is_valid(row) {
        true => lists.value(row).as_primitive::<TimestampMicrosecondType>().iter().flatten().collect(),
        false => Vec::new(),
    }
}

/// When so many rows have changed sides that a count can have passed a number.
fn pass_of_count(
    [leaving, entering]: &mut [Vec<i64>; 2],
    count: i64,
    number: f64,
    is_beyond: bool,
) -> Option<i64> {
    if number.abs() >= 1e15 {
        return None;
    }
    let needed = if is_beyond { number.floor() as i64 + 1 } else { number.ceil() as i64 };
    let (times, n_rows) = match count >= needed {
        true => (leaving, count - needed + 1),
        false => (entering, needed - count),
    };
    let place = usize::try_from(n_rows - 1).ok().filter(|place| *place < times.len())?;
    Some(*times.select_nth_unstable(place).1)
}

/// `wake_years(day, as_of, zone, threshold)`: when the completed years since a day become more or less than a number, or it;
/// without a number, become others.
pub(crate) fn wake_years() -> ScalarUDF {
    let arguments = vec![DataType::Date32, DataType::Int64, DataType::Utf8, DataType::Float64];
    scalar("wake_years", arguments, timestamp(), |arguments| {
        of_days(arguments, |day, today, threshold| {
            let years = |on: NaiveDate| super::scalar::years(day, on).unwrap_or(0);
            let now = years(today);
            match threshold {
                None => first_day(today, 400, |on| years(on) > now),
                Some(number) => {
                    let counts = around(number, 2_000)?.into_iter().filter(|count| *count > now);
                    counts.filter_map(|count| first_day(today, 1_000_000, |on| years(on) >= count)).min()
                }
            }
        })
    })
}

/// `wake_anniversary(day, as_of, zone, threshold)`: when the days to the next anniversary of a day become more or less than a
/// number, or it; without a number, become others.
pub(crate) fn wake_anniversary() -> ScalarUDF {
    let arguments = vec![DataType::Date32, DataType::Int64, DataType::Utf8, DataType::Float64];
    scalar("wake_anniversary", arguments, timestamp(), |arguments| {
        of_days(arguments, |day, today, threshold| {
            let tomorrow = today.succ_opt()?;
            let Some(number) = threshold else { return Some(tomorrow) };
            let next = next_anniversary(day, today)?;
            let after = next_anniversary(day, next.succ_opt()?)?;
            // The days become fewer: it is over for a number when the next lower one is reached.
            let counts = around(number, 400)?.map(|count| count - 1);
            let reached = [next, after].into_iter().flat_map(|next| {
                let before = |count: i64| {
                    let size = Days::new(count.unsigned_abs());
                    if count < 0 { next.checked_add_days(size) } else { next.checked_sub_days(size) }
                };
                counts.map(before).into_iter().chain([next.succ_opt()])
            });
            reached.flatten().filter(|day| *day > today).min()
        })
    })
}

/// `wake_part(zone, part, as_of, months, days, seconds, zone of these)`: when a part of `as_of`, moved by that length, becomes
/// another in a zone that may differ from row to row.
pub(crate) fn wake_part() -> ScalarUDF {
    scalar("wake_part", with_moving(&[DataType::Utf8, DataType::Utf8]), timestamp(), |arguments| {
        let Some((as_of, moving)) = moving(&arguments[2..])? else { return none() };
        let next: fn(i64, Tz) -> Option<i64> = match constant(&arguments[1]) {
            "hour" => next_hour,
            "month" => |at, zone| next_period(at, CalendarUnit::Month, zone),
            "quarter" => |at, zone| next_period(at, CalendarUnit::Quarter, zone),
            "year" => |at, zone| next_period(at, CalendarUnit::Year, zone),
            _ => next_midnight,
        };
        let zones = arguments[0].as_string::<i32>();
        instants(zones.iter().map(|zone| {
            let timezone: Tz = zone?.parse().ok()?;
            let (ahead, end) = moving.steady(as_of)?;
            let at = as_of + ahead;
            Some(next(at, timezone)? - ahead).into_iter().chain((end < i64::MAX).then_some(end)).min()
        }))
    })
}

/// `wake_stretches(stretches, now, as_of, months, days, seconds, zone)`: when `as_of`, moved by that length, reaches or passes the
/// begin or the end of one of the stretches.
pub(crate) fn wake_stretches() -> ScalarUDF {
    let first = [DataType::Binary, DataType::Boolean];
    scalar("wake_stretches", with_moving(&first), timestamp(), |arguments| {
        let Some((as_of, moving)) = moving(&arguments[2..])? else { return none() };
        let (gathered, now) = (arguments[0].as_binary::<i32>(), arguments[1].as_boolean());
        instants((0..gathered.len()).map(|row| {
            let before = if gathered.is_valid(row) { gathered.value(row) } else { &[] };
            let holds = now.is_valid(row) && now.value(row);
            let stretches = at_present(decoded(before).collect(), holds, as_of);
            let edges = stretches.iter().flat_map(|stretch| stretch.edges());
            let edges = edges.filter(|edge| *edge != Stretch::OPEN);
            edges.filter_map(|edge| Turn::Around.of_time(edge, as_of, moving)).min()
        }))
    })
}

/// The types of arguments of which the last say `as_of` and a length by which it is moved, in a zone.
fn with_moving(first: &[DataType]) -> Vec<DataType> {
    let whole = || DataType::Int64;
    let last = [whole(), whole(), whole(), whole(), DataType::Utf8];
    first.iter().cloned().chain(last).collect()
}

/// What such arguments say; none where there are no rows.
fn moving(arguments: &[ArrayRef]) -> Result<Option<(i64, Moving)>> {
    if arguments[0].is_empty() {
        return Ok(None);
    }
    let [as_of, months, days, seconds] = [0, 1, 2, 3].map(|at: usize| integer(&arguments[at]));
    let part = |part: i64| i32::try_from(part).map_err(|error| exec_datafusion_err!("{error}"));
    let by = Interval { months: part(months)?, days: part(days)?, seconds };
    Ok(Some((as_of, Moving { by, timezone: zone(&arguments[4])? })))
}

fn integer(column: &ArrayRef) -> i64 {
    column.as_primitive::<Int64Type>().value(0)
}

/// What is said of each day beside the present one, as instants.
fn of_days(
    arguments: &[ArrayRef],
    of: impl Fn(NaiveDate, NaiveDate, Option<f64>) -> Option<NaiveDate>,
) -> Result<ArrayRef> {
    if arguments[0].is_empty() {
        return none();
    }
    let (as_of, timezone) = (integer(&arguments[1]), zone(&arguments[2])?);
    let thresholds = arguments[3].as_primitive::<Float64Type>();
    let again = day_again(as_of, timezone);
    instants(days(&arguments[0]).zip(thresholds).map(|(day, threshold)| {
        let day = of(day?, day_at(as_of, timezone)?, threshold);
        let begin = day.map(|day| midnight(day, timezone).timestamp_micros());
        begin.into_iter().chain(again).filter(|at| *at > as_of).min()
    }))
}

fn days(column: &ArrayRef) -> impl Iterator<Item = Option<NaiveDate>> {
    column.as_primitive::<Date32Type>().iter().map(|day| Date32Type::to_naive_date_opt(day?))
}

fn instants(of: impl Iterator<Item = Option<i64>>) -> Result<ArrayRef> {
    Ok(Arc::new(of.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
}

fn none() -> Result<ArrayRef> {
    instants(std::iter::empty())
}

/// The day of whose period a time is one. Where clocks go back over midnight, what comes after the first is of the new day.
fn day_of(time: i64, timezone: Tz) -> Option<NaiveDate> {
    let day = day_at(time, timezone)?;
    let next = day.succ_opt()?;
    Some(if time >= midnight(next, timezone).timestamp_micros() { next } else { day })
}

/// The whole numbers that a count has to reach for its comparison with a number to change; none of a number beyond all counts.
fn around(number: f64, most: i64) -> Option<[i64; 2]> {
    (number.abs() < most as f64).then(|| [number.floor() as i64, number.floor() as i64 + 1])
}

/// The first day after `today`, so many days on at most, of which something is true that stays true from then on.
fn first_day(today: NaiveDate, most: u64, is_so: impl Fn(NaiveDate) -> bool) -> Option<NaiveDate> {
    let day = |ahead: u64| today.checked_add_days(Days::new(ahead));
    let (mut before, mut after) = (0, most);
    while day(after).is_none() {
        after /= 2;
    }
    if !is_so(day(after)?) {
        return None;
    }
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if is_so(day(middle)?) { after = middle } else { before = middle }
    }
    day(after)
}

/// The next full hour on the clocks of a time zone, or a change of these before it.
fn next_hour(after: i64, timezone: Tz) -> Option<i64> {
    let local = DateTime::from_timestamp_micros(after)?.with_timezone(&timezone).naive_local();
    let past = local.and_utc().timestamp_micros().rem_euclid(60 * MINUTE);
    let next = after - past + 60 * MINUTE;
    Some(change_of_clocks(after, next, timezone).map_or(next, |change| change.min(next)))
}

/// The begin of the next period of the calendar, or an instant before it at which clocks go back over midnight.
fn next_period(after: i64, unit: CalendarUnit, timezone: Tz) -> Option<i64> {
    let start = period_start(day_at(after, timezone)?, unit, 1, 1)?;
    let start = midnight(start, timezone).timestamp_micros();
    [start].into_iter().chain(day_again(after, timezone)).filter(|at| *at > after).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_passes_a_number_when_enough_rows_have_changed_sides() {
        let pass = |count, number, is_beyond| {
            pass_of_count(&mut [vec![40, 10, 30, 20], vec![7, 5, 6]], count, number, is_beyond)
        };
        // Four count. At least four, three and one of them: one, two and all have to leave.
        assert_eq!(
            [4.0, 3.0, 1.0, 2.5].map(|least| pass(4, least, false)),
            [Some(10), Some(20), Some(40), Some(20)]
        );
        // More than three is at least four, and more than two and a half at least three.
        assert_eq!([3.0, 2.5].map(|most| pass(4, most, true)), [Some(10), Some(20)]);
        // It takes one, three and more than there are for it to become five, seven and eight.
        assert_eq!([5.0, 7.0, 8.0].map(|least| pass(4, least, false)), [Some(5), Some(7), None]);
        // No count is less than nothing, or as much as everything.
        assert_eq!([0.0, -3.0, f64::INFINITY, f64::NAN].map(|least| pass(4, least, false)), [None; 4]);
    }
}
