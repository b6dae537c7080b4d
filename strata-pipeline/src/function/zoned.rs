//! Functions of times and days whose time zone may differ from row to row, and of periods of the calendar.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int64Array, StringArray};
use strata_lake::arrow::datatypes::{DataType, Date32Type, Int64Type, TimestampMicrosecondType};
use strata_lake::datafusion::common::{HashMap, exec_datafusion_err};
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_spec::condition::{CalendarUnit, Interval};

use super::calendar::{midnight, period_start, shift};
use super::scalar::{constant, days_from_epoch, part_of, scalar, timestamp, value, zone};
use super::zone::Zone;

/// `part_in_zone(time, zone, part)`: a part of an instant as `local_part` knows them, in a zone that may be another in each
/// row. Null where there is no such zone.
pub(crate) fn part_in_zone() -> ScalarUDF {
    let arguments = vec![timestamp(), DataType::Utf8, DataType::Utf8];
    scalar("part_in_zone", arguments, DataType::Int64, |arguments| {
        let part = part_of(&arguments[2])?;
        let parts: Int64Array = by_zone(arguments, part).collect();
        Ok(Arc::new(parts))
    })
}

/// `day_in_zone(time, zone)`: the day in which an instant lies, in a zone that may be another in each row.
pub(crate) fn day_in_zone() -> ScalarUDF {
    scalar("day_in_zone", vec![timestamp(), DataType::Utf8], DataType::Date32, |arguments| {
        let days: Date32Array = by_zone(arguments, Zone::day).collect();
        Ok(Arc::new(days))
    })
}

/// `local_midnight(day, zone)`: the instant at which a day begins in a time zone.
pub(crate) fn local_midnight() -> ScalarUDF {
    scalar("local_midnight", vec![DataType::Date32, DataType::Utf8], timestamp(), |arguments| {
        let timezone = zone(&arguments[1])?;
        let days = arguments[0].as_primitive::<Date32Type>();
        let begin = |day: i32| {
            Date32Type::to_naive_date_opt(day).map(|day| midnight(day, timezone).timestamp_micros())
        };
        let instants = days.unary_opt::<_, TimestampMicrosecondType>(begin);
        Ok(Arc::new(instants.with_timezone("UTC")))
    })
}

/// `moved(time, months, days, seconds, zone)`: an instant moved by months and days of a time zone's calendar, then by seconds.
/// Null where that leaves the calendar.
pub(crate) fn moved() -> ScalarUDF {
    let whole = DataType::Int64;
    let arguments = vec![timestamp(), whole.clone(), whole.clone(), whole, DataType::Utf8];
    scalar("moved", arguments, timestamp(), |arguments| {
        let timezone = zone(&arguments[4])?;
        let times = arguments[0].as_primitive::<TimestampMicrosecondType>();
        let parts = [1, 2, 3].map(|index: usize| arguments[index].as_primitive::<Int64Type>());
        let moved = |time: i64| {
            let [months, days, seconds] = parts.map(|part| part.value(0));
            let by = Interval { months: months.try_into().ok()?, days: days.try_into().ok()?, seconds };
            let at = DateTime::from_timestamp_micros(time)?;
            shift(at, by, 1, timezone).map(|at| at.timestamp_micros())
        };
        let moved = times.unary_opt::<_, TimestampMicrosecondType>(moved);
        Ok(Arc::new(moved.with_timezone("UTC")))
    })
}

/// `period_of(day, unit, fiscal_year_start)`: the first day of the calendar period in which a day lies.
pub(crate) fn period_of() -> ScalarUDF {
    let arguments = vec![DataType::Date32, DataType::Utf8, DataType::Int64];
    scalar("period_of", arguments, DataType::Date32, |arguments| {
        let days = arguments[0].as_primitive::<Date32Type>();
        if days.is_empty() {
            return Ok(Arc::new(Date32Array::new_null(0)) as ArrayRef);
        }
        let unit = CalendarUnit::parse(constant(&arguments[1]));
        let unit = unit.map_err(|error| exec_datafusion_err!("{error}"))?;
        let first_month = arguments[2].as_primitive::<Int64Type>().value(0);
        let first_month = u32::try_from(first_month).unwrap_or(1);
        let start = |day: i32| -> Option<i32> {
            let day: NaiveDate = Date32Type::to_naive_date_opt(day)?;
            period_start(day, unit, 0, first_month).map(days_from_epoch)
        };
        Ok(Arc::new(days.unary_opt::<_, Date32Type>(start)))
    })
}

/// What is said of each instant in the zone beside it.
fn by_zone<T>(
    arguments: &[ArrayRef],
    of: impl Fn(&Zone, i64) -> Option<T>,
) -> impl Iterator<Item = Option<T>> {
    let times = arguments[0].as_primitive::<TimestampMicrosecondType>();
    let zones: &StringArray = arguments[1].as_string::<i32>();
    // Names are slow to look up, and there are few.
    let mut known: HashMap<&str, Option<Arc<Zone>>> = HashMap::new();
    (0..times.len()).map(move |row| {
        let (time, name) = (value(times, row)?, zones.is_valid(row).then(|| zones.value(row))?);
        let zone = known.entry(name).or_insert_with(|| name.parse().ok().map(Zone::of));
        of(zone.as_ref()?, time)
    })
}
