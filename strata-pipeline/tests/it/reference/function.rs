//! Functions of terms.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use strata_pipeline::spec::condition::polygon::{Point, Polygon};
use strata_pipeline::spec::condition::{Channel, Function, Term};
use strata_pipeline::spec::table::{Subject, Table};

use super::condition::At;
use super::list::elements;
use super::value::{Value, compare, equal};
use super::world::One;

impl One<'_> {
    pub(crate) fn call(&self, function: Function, terms: &[Term], at: At<'_>) -> Value {
        let given: Vec<Value> = terms.iter().map(|term| self.term(term, at)).collect();
        let zone = self.world.timezone;
        let known = || given.iter().filter(|value| !value.is_null());
        let number =
            |of: fn(f64) -> Option<f64>| given[0].number().and_then(of).map_or(Value::Null, Value::Number);
        let text = |of: fn(&str) -> String| given[0].text().map_or(Value::Null, |text| Value::Text(of(text)));
        let today = self.world.as_of.with_timezone(&zone).date_naive();
        match function {
            Function::Coalesce => known().next().cloned().unwrap_or(Value::Null),
            Function::NullIf if equal(&given[0], &given[1], zone) == Some(true) => Value::Null,
            Function::NullIf => given[0].clone(),
            Function::Lower => text(str::to_lowercase),
            Function::Upper => text(str::to_uppercase),
            Function::Trim => text(|text| text.trim().to_owned()),
            Function::Length => whole(given[0].text().map(|text| text.chars().count() as i64)),
            Function::Concat if given.iter().any(Value::is_null) => Value::Null,
            Function::Concat => Value::Text(given.iter().filter_map(Value::as_text).collect()),
            Function::Abs => match &given[0] {
                Value::Integer(number) => Value::Integer(number.abs()),
                _ => number(|number| Some(number.abs())),
            },
            Function::Round => {
                let scale = given.get(1).map_or(Some(0.0), Value::number).map(|digits| 10_f64.powf(digits));
                match (given[0].number(), scale) {
                    (Some(number), Some(scale)) => Value::Number((number * scale).round() / scale),
                    _ => Value::Null,
                }
            }
            Function::Floor => number(|number| Some(number.floor())),
            Function::Ceil => number(|number| Some(number.ceil())),
            Function::Ln => number(|number| (number > 0.0).then(|| number.ln())),
            Function::Sqrt => number(|number| (number >= 0.0).then(|| number.sqrt())),
            Function::Power => match (given[0].number(), given[1].number()) {
                (Some(base), Some(exponent)) => Value::Number(base.powf(exponent)),
                _ => Value::Null,
            },
            Function::Least => {
                known().min_by(|a, b| compare(a, b, zone).unwrap()).cloned().unwrap_or(Value::Null)
            }
            Function::Greatest => {
                known().max_by(|a, b| compare(a, b, zone).unwrap()).cloned().unwrap_or(Value::Null)
            }
            Function::DaysBetween => whole_days(given[0].instant(zone), given[1].instant(zone)),
            Function::DaysSince => whole_days(given[0].instant(zone), Some(self.world.as_of)),
            Function::YearsSince => whole(given[0].day(zone).map(|day| completed_years(day, today))),
            Function::DaysToAnniversary => {
                whole(given[0].day(zone).map(|day| days_to_anniversary(day, today)))
            }
            Function::DayOf
            | Function::HourOf
            | Function::MonthDayOf
            | Function::QuarterOf
            | Function::WeekdayOf
            | Function::MonthOf
            | Function::YearOf => part(function, &given[0], given.get(1), zone),
            Function::DistanceKm => {
                let numbers: Option<Vec<f64>> = given.iter().map(Value::number).collect();
                numbers.map_or(Value::Null, |at| Value::Number(distance_km([at[0], at[1]], [at[2], at[3]])))
            }
            Function::WithinPolygon => match (given[0].number(), given[1].number()) {
                (Some(latitude), Some(longitude)) => {
                    let polygon = Polygon::parse(given[2].text().unwrap()).unwrap();
                    Value::Boolean(is_within(Point { longitude, latitude }, &polygon))
                }
                _ => Value::Null,
            },
            Function::ArrayHas | Function::ArrayHasAny | Function::ArrayHasAll => {
                let Some(list) = given[0].text().map(elements) else { return Value::Null };
                let mut has =
                    given[1..].iter().map(|value| value.as_text().is_some_and(|text| list.contains(&text)));
                Value::Boolean(match function {
                    Function::ArrayHasAll => has.all(|has| has),
                    _ => has.any(|has| has),
                })
            }
            Function::ArrayLength => whole(given[0].text().map(|text| elements(text).len() as i64)),
            Function::Bucket => Value::Number(bucket(self.id, given[0].text().unwrap())),
            Function::Consent => self.consent(channel(&given[0]), at),
            Function::Reachable => {
                let channel = channel(&given[0]);
                let address = self.of_customer(channel.address_column(), at);
                let has_address = address.text().is_some_and(|address| !address.is_empty());
                let granted = self.consent(channel, at) == Value::Text("granted".to_owned());
                Value::Boolean(has_address && granted)
            }
        }
    }

    /// A column of the customer: the subject itself, or the row of a company's people.
    fn of_customer(&self, name: &str, at: At<'_>) -> Value {
        match at {
            Some((Table::Customers, row)) => row.get(name).cloned().unwrap_or(Value::Null),
            _ => self.own.get(name).cloned().unwrap_or(Value::Null),
        }
    }

    fn consent(&self, channel: Channel, at: At<'_>) -> Value {
        let declared = self.has_column(Subject::Customers.table(), channel.consent_property());
        let column = if declared { channel.consent_property() } else { Channel::CONSENT };
        let is_granted = match self.of_customer(column, at) {
            Value::Boolean(truth) => Some(truth),
            Value::Text(text) => match text.trim().to_lowercase().as_str() {
                "" => None,
                "granted" | "subscribed" | "opted_in" | "yes" | "true" => Some(true),
                _ => Some(false),
            },
            _ => None,
        };
        let word = |granted| if granted { "granted" } else { "denied" };
        is_granted.map_or(Value::Null, |granted| Value::Text(word(granted).to_owned()))
    }
}

fn whole(number: Option<i64>) -> Value {
    number.map_or(Value::Null, Value::Integer)
}

fn channel(name: &Value) -> Channel {
    Channel::parse(name.text().unwrap()).unwrap()
}

fn whole_days(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Value {
    let microseconds = from.zip(to).map(|(from, to)| (to - from).num_microseconds().unwrap());
    whole(microseconds.map(|span| span.div_euclid(TimeDelta::days(1).num_microseconds().unwrap())))
}

/// The years of an age; before the date, those of the age that is to come.
fn completed_years(from: NaiveDate, to: NaiveDate) -> i64 {
    if to < from {
        return -completed_years(to, from);
    }
    let had_birthday = (to.month(), to.day()) >= (from.month(), from.day());
    i64::from(to.year() - from.year() - i32::from(!had_birthday))
}

/// 29 February is celebrated on 1 March where there is none.
fn days_to_anniversary(date: NaiveDate, today: NaiveDate) -> i64 {
    let is_anniversary = |day: &NaiveDate| {
        let same = (day.month(), day.day()) == (date.month(), date.day());
        let leap_day = (date.month(), date.day()) == (2, 29) && !day.leap_year();
        same || (leap_day && (day.month(), day.day()) == (3, 1))
    };
    let next = today.iter_days().find(is_anniversary).unwrap();
    (next - today).num_days()
}

/// A part of a time in a zone. A zone that there is not makes it null; a day has no clock and lies in no zone.
fn part(function: Function, value: &Value, named: Option<&Value>, project: Tz) -> Value {
    let zone = match named {
        None => Some(project),
        Some(name) => name.text().and_then(|name| name.parse().ok()),
    };
    let (day, hour) = match (value, zone) {
        (Value::Date(day), _) => (*day, 0),
        (Value::Time(at), Some(zone)) => {
            let local = at.with_timezone(&zone);
            (local.date_naive(), local.hour())
        }
        _ => return Value::Null,
    };
    Value::Integer(i64::from(match function {
        Function::HourOf => hour,
        Function::MonthDayOf => day.day(),
        Function::QuarterOf => day.month0() / 3 + 1,
        Function::WeekdayOf => day.weekday().number_from_monday(),
        Function::MonthOf => day.month(),
        Function::YearOf => day.year().unsigned_abs(),
        _ => return Value::Date(day),
    }))
}

/// Great-circle distance by the haversine formula; the mean radius of the Earth is 6371.0088 km.
fn distance_km(from: [f64; 2], to: [f64; 2]) -> f64 {
    let [latitude, longitude] = from.map(f64::to_radians);
    let [other_latitude, other_longitude] = to.map(f64::to_radians);
    let square = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = square(other_latitude - latitude)
        + latitude.cos() * other_latitude.cos() * square(other_longitude - longitude);
    2.0 * 6371.0088 * chord.sqrt().asin()
}

/// On an edge, or to the west of an odd number of edges at the point's latitude.
fn is_within(point: Point, polygon: &Polygon) -> bool {
    let mut is_inside = false;
    for ring in &polygon.rings {
        for (index, from) in ring.iter().enumerate() {
            let to = &ring[(index + 1) % ring.len()];
            let (x1, y1, x2, y2) = (from.longitude, from.latitude, to.longitude, to.latitude);
            let (x, y) = (point.longitude, point.latitude);
            let is_on_line = (x2 - x1) * (y - y1) == (y2 - y1) * (x - x1);
            let is_in_box = x >= x1.min(x2) && x <= x1.max(x2) && y >= y1.min(y2) && y <= y1.max(y2);
            if is_on_line && is_in_box {
                return true;
            }
            if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
                is_inside = !is_inside;
            }
        }
    }
    is_inside
}

/// The first 53 bits of BLAKE3 over the salt, a zero byte and the id, as a number in [0, 1).
fn bucket(id: &str, salt: &str) -> f64 {
    let hash = blake3::hash(format!("{salt}\0{id}").as_bytes());
    let first = hash.as_bytes()[..8].iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    (first >> 11) as f64 / 2_f64.powi(53)
}
