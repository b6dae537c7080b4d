//! Scalar functions: certainty, calendar parts in a time zone, differences of times, distance, stable buckets.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, PrimitiveArray, StringArray,
};
use strata_lake::arrow::compute::binary;
use strata_lake::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use strata_lake::datafusion::common::{Result, ScalarValue, exec_err};
use strata_lake::datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

use super::calendar::next_anniversary;
use super::moving::DAY;
use super::zone::Zone;

const EARTH_RADIUS_KM: f64 = 6371.0088;

/// `local_date(time, zone)`: the day in which an instant lies.
pub(crate) fn local_date() -> ScalarUDF {
    scalar("local_date", vec![timestamp(), DataType::Utf8], DataType::Date32, |arguments| {
        let timezone = zone(&arguments[1])?;
        let times = arguments[0].as_primitive::<TimestampMicrosecondType>();
        if timezone == Tz::UTC {
            let days = |time: i64| i32::try_from(time.div_euclid(DAY)).ok();
            return Ok(Arc::new(times.unary_opt::<_, Date32Type>(days)));
        }
        let zone = Zone::of(timezone);
        Ok(Arc::new(times.unary_opt::<_, Date32Type>(|time| zone.day(time))))
    })
}

/// `local_part(time, zone, part)`: `hour` (0–23), `monthday` (1–31), `weekday` (1 Monday – 7), `month` (1–12), `quarter` (1–4) or
/// `year` of an instant.
pub(crate) fn local_part() -> ScalarUDF {
    let arguments = vec![timestamp(), DataType::Utf8, DataType::Utf8];
    scalar("local_part", arguments, DataType::Int64, |arguments| {
        let zone = Zone::of(zone(&arguments[1])?);
        let part = part_of(&arguments[2])?;
        let times = arguments[0].as_primitive::<TimestampMicrosecondType>();
        Ok(Arc::new(times.unary_opt::<_, Int64Type>(|time| part(&zone, time))))
    })
}

/// `certainly(condition)`: whether it is true, and not unknown. The engine's own `is true` looks at each row; this takes the
/// two sets of bits together.
pub(crate) fn certainly() -> ScalarUDF {
    scalar("certainly", vec![DataType::Boolean], DataType::Boolean, |arguments| {
        let condition = arguments[0].as_boolean();
        let is_true = match condition.nulls() {
            Some(known) => condition.values() & known.inner(),
            None => condition.values().clone(),
        };
        Ok(Arc::new(BooleanArray::new(is_true, None)))
    })
}

/// `days_between(from, to)`: whole days, rounded down.
pub(crate) fn days_between() -> ScalarUDF {
    scalar("days_between", vec![timestamp(), timestamp()], DataType::Int64, |arguments| {
        let from = arguments[0].as_primitive::<TimestampMicrosecondType>();
        let to = arguments[1].as_primitive::<TimestampMicrosecondType>();
        let days = |from: i64, to: i64| to.saturating_sub(from).div_euclid(DAY);
        Ok(Arc::new(binary::<_, _, _, Int64Type>(from, to, days)?))
    })
}

/// `years_between(from, to)`: completed years, as in a person's age.
pub(crate) fn years_between() -> ScalarUDF {
    dates("years_between", years)
}

/// Completed years from one day to another.
pub(super) fn years(from: NaiveDate, to: NaiveDate) -> Option<i64> {
    match to.years_since(from) {
        Some(years) => Some(i64::from(years)),
        None => from.years_since(to).map(|years| -i64::from(years)),
    }
}

/// `days_to_anniversary(date, today)`: days to the next anniversary of a date, 0 on the day.
pub(crate) fn days_to_anniversary() -> ScalarUDF {
    dates("days_to_anniversary", |date, today| {
        next_anniversary(date, today).map(|next| (next - today).num_days())
    })
}

/// `distance_km(latitude, longitude, latitude, longitude)`: great-circle distance (haversine, mean Earth radius).
pub(crate) fn distance_km() -> ScalarUDF {
    scalar("distance_km", vec![DataType::Float64; 4], DataType::Float64, |arguments| {
        let [from_latitude, from_longitude, to_latitude, to_longitude] =
            [0, 1, 2, 3].map(|index: usize| arguments[index].as_primitive::<Float64Type>());
        let distances: Float64Array = (0..from_latitude.len())
            .map(|row| {
                Some(haversine_km(
                    [value(from_latitude, row)?, value(from_longitude, row)?],
                    [value(to_latitude, row)?, value(to_longitude, row)?],
                ))
            })
            .collect();
        Ok(Arc::new(distances))
    })
}

/// `bucket(id, salt)`: a number in [0, 1) that depends on nothing but the id and the salt: the first 53 bits of
/// BLAKE3 over `salt`, a zero byte and `id`, divided by 2⁵³.
pub(crate) fn bucket() -> ScalarUDF {
    scalar("bucket", vec![DataType::Utf8, DataType::Utf8], DataType::Float64, |arguments| {
        let ids = arguments[0].as_string::<i32>();
        let salts = arguments[1].as_string::<i32>();
        let buckets: Float64Array =
            ids.iter().zip(salts.iter()).map(|(id, salt)| Some(bucket_of(id?, salt?))).collect();
        Ok(Arc::new(buckets))
    })
}

/// A part of the local time of an instant.
pub(super) type Part = fn(&Zone, i64) -> Option<i64>;

/// The part of a local time that a constant names.
pub(super) fn part_of(name: &ArrayRef) -> Result<Part> {
    Ok(match constant(name) {
        "hour" | "" => Zone::hour,
        "weekday" => Zone::weekday,
        "monthday" => |zone, at| zone.of_date(at, |local| local.day()),
        "month" => |zone, at| zone.of_date(at, |local| local.month()),
        "quarter" => |zone, at| zone.of_date(at, |local| local.month0() / 3 + 1),
        "year" => |zone, at| zone.of_date(at, |local| local.year().unsigned_abs()),
        other => return exec_err!("a time has no part `{other}`"),
    })
}

/// The bucket of one id.
pub(crate) fn bucket_of(id: &str, salt: &str) -> f64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(salt.as_bytes()).update(&[0]).update(id.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    (u64::from_be_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64
}

fn haversine_km(from: [f64; 2], to: [f64; 2]) -> f64 {
    let [latitude, longitude] = [from[0].to_radians(), from[1].to_radians()];
    let [other_latitude, other_longitude] = [to[0].to_radians(), to[1].to_radians()];
    let half_chord = ((other_latitude - latitude) / 2.0).sin().powi(2)
        + latitude.cos() * other_latitude.cos() * ((other_longitude - longitude) / 2.0).sin().powi(2);
    2.0 * EARTH_RADIUS_KM * half_chord.sqrt().min(1.0).asin()
}

fn dates(name: &str, function: fn(NaiveDate, NaiveDate) -> Option<i64>) -> ScalarUDF {
    scalar(name, vec![DataType::Date32, DataType::Date32], DataType::Int64, move |arguments| {
        let from = arguments[0].as_primitive::<Date32Type>();
        let to = arguments[1].as_primitive::<Date32Type>();
        let results: Int64Array = from
            .iter()
            .zip(to.iter())
            .map(|(from, to)| {
                function(Date32Type::to_naive_date_opt(from?)?, Date32Type::to_naive_date_opt(to?)?)
            })
            .collect();
        Ok(Arc::new(results))
    })
}

pub(super) fn scalar(
    name: &str,
    arguments: Vec<DataType>,
    returns: DataType,
    function: impl Fn(&[ArrayRef]) -> Result<ArrayRef> + Send + Sync + 'static,
) -> ScalarUDF {
    let on_values = move |values: &[ColumnarValue]| {
        let all_constant = values.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let result = function(&ColumnarValue::values_to_arrays(values)?)?;
        if all_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    };
    create_udf(name, arguments, returns, Volatility::Immutable, Arc::new(on_values))
}

/// A function whose last argument is a constant text, which is not written out for each row.
pub(super) fn with_constant(
    name: &str,
    arguments: Vec<DataType>,
    returns: DataType,
    function: impl Fn(&[ArrayRef], &str) -> Result<ArrayRef> + Send + Sync + 'static,
) -> ScalarUDF {
    let of = name.to_owned();
    let on_values = move |values: &[ColumnarValue]| {
        let Some((last, values)) = values.split_last() else {
            return exec_err!("`{of}` was given no arguments");
        };
        let text = match last {
            ColumnarValue::Scalar(ScalarValue::Utf8(Some(text))) => text.as_str(),
            ColumnarValue::Array(texts) => constant(texts),
            ColumnarValue::Scalar(_) => "",
        };
        let all_constant = values.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let result = function(&ColumnarValue::values_to_arrays(values)?, text)?;
        Ok(match all_constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?),
            false => ColumnarValue::Array(result),
        })
    };
    create_udf(name, arguments, returns, Volatility::Immutable, Arc::new(on_values))
}

pub(super) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

pub(super) fn value<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}

pub(super) fn constant(array: &ArrayRef) -> &str {
    let array: &StringArray = array.as_string::<i32>();
    if array.is_empty() || array.is_null(0) { "" } else { array.value(0) }
}

pub(super) fn zone(array: &ArrayRef) -> Result<Tz> {
    let name = constant(array);
    if array.is_empty() {
        return Ok(Tz::UTC);
    }
    name.parse().or_else(|_| exec_err!("`{name}` is not a time zone"))
}

pub(super) fn days_from_epoch(day: NaiveDate) -> i32 {
    Date32Type::from_naive_date(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn berlin_to_vienna_is_about_524_km() {
        let distance = haversine_km([52.52, 13.405], [48.2082, 16.3738]);
        assert!((distance - 523.9).abs() < 1.0, "{distance}");
    }

    #[test]
    fn buckets_are_stable_even_and_independent_of_each_other() {
        assert_eq!(bucket_of("cus_1", "a"), bucket_of("cus_1", "a"));
        assert_ne!(bucket_of("cus_1", "a"), bucket_of("cus_1", "b"));
        let share = (0..10_000).filter(|id| bucket_of(&id.to_string(), "salt") < 0.1).count();
        assert!((900..1100).contains(&share), "{share} of 10,000 ids are below 0.1");
    }
}
