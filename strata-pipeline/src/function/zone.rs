//! Local times of many instants: how far a zone is ahead is looked up once for each day, and not for each instant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

pub(super) const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;
const MICROSECONDS_PER_HOUR: i64 = 3_600_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// Days from 1970 that are looked up: until 2050. Instants before and after are looked up one by one.
const N_DAYS: i64 = 80 * 365 + 20;

/// A time zone, with its distance from UTC on the days of these decades.
#[derive(Debug)]
pub(super) struct Zone {
    timezone: Tz,
    /// Local time minus UTC in seconds from each of these UTC days on; none on days that change it, and before and after
    /// these decades. In them no zone changes it twice within two days.
    ahead: Vec<(i64, Option<i32>)>,
}

impl Zone {
    /// The zone, looked up the first time that it is asked for.
    pub(super) fn of(timezone: Tz) -> Arc<Zone> {
        static KNOWN: Mutex<Option<HashMap<Tz, Arc<Zone>>>> = Mutex::new(None);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let zone = known.get_or_insert_default().entry(timezone);
        Arc::clone(zone.or_insert_with(|| Arc::new(Zone::looked_up(timezone))))
    }

    fn looked_up(timezone: Tz) -> Zone {
        let mut begin = ahead(timezone, 0);
        let days = (0..N_DAYS).map(|day| {
            let end = ahead(timezone, (day + 1) * SECONDS_PER_DAY);
            let all_day = begin.filter(|_| begin == end);
            begin = end;
            (day, all_day)
        });
        let mut ahead = vec![(i64::MIN, None)];
        ahead.extend(days);
        ahead.push((N_DAYS, None));
        ahead.dedup_by_key(|(_, ahead)| *ahead);
        ahead.shrink_to_fit();
        Zone { timezone, ahead }
    }

    /// The time of day and the date in the zone at an instant, in microseconds since 1970. None beyond the calendar.
    pub(super) fn local(&self, instant: i64) -> Option<NaiveDateTime> {
        Some(DateTime::from_timestamp_micros(self.shifted(instant)?)?.naive_utc())
    }

    /// The local day of an instant, counted from 1970. None beyond the calendar.
    pub(super) fn day(&self, instant: i64) -> Option<i32> {
        i32::try_from(self.shifted(instant)?.div_euclid(MICROSECONDS_PER_DAY)).ok()
    }

    /// The local hour of an instant, 0 to 23. None beyond the calendar.
    pub(super) fn hour(&self, instant: i64) -> Option<i64> {
        Some(self.shifted(instant)?.rem_euclid(MICROSECONDS_PER_DAY) / MICROSECONDS_PER_HOUR)
    }

    /// The instant at which it is as late in UTC as it is here.
    fn shifted(&self, instant: i64) -> Option<i64> {
        let day = instant.div_euclid(MICROSECONDS_PER_DAY);
        let next = self.ahead.partition_point(|(from, _)| *from <= day);
        let ahead = match self.ahead[next - 1].1 {
            Some(ahead) => ahead,
            None => ahead(self.timezone, instant.div_euclid(1_000_000))?,
        };
        instant.checked_add(i64::from(ahead) * 1_000_000)
    }
}

/// How far a zone is ahead of UTC at an instant, both in seconds.
fn ahead(timezone: Tz, instant: i64) -> Option<i32> {
    let at = DateTime::from_timestamp(instant, 0)?.naive_utc();
    Some(timezone.offset_from_utc_datetime(&at).fix().local_minus_utc())
}

#[cfg(test)]
mod tests {
    use chrono::{Timelike, Utc};

    use super::*;

    /// Zones that change by half an hour or a quarter, at midnight, around Ramadan, or over the dateline.
    #[test]
    fn local_times_are_those_of_chrono() {
        let zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"];
        let zones =
            zones.into_iter().chain(["Pacific/Apia", "Asia/Kathmandu", "America/Havana", "Asia/Beirut"]);
        let from = -20 * 365 * MICROSECONDS_PER_DAY;
        let step = 5 * 3_600_000_000 + 1_234_567;
        for timezone in zones.map(|name| name.parse::<Tz>().unwrap()) {
            let zone = Zone::of(timezone);
            for at in (0..).map(|step_at| from + step_at * step).take_while(|at| *at < -6 * from) {
                let expected = DateTime::<Utc>::from_timestamp_micros(at).unwrap().with_timezone(&timezone);
                let expected = expected.naive_local();
                assert_eq!(zone.local(at), Some(expected), "{at} in {timezone}");
                let day = expected.date().signed_duration_since(chrono::NaiveDate::default()).num_days();
                assert_eq!(zone.day(at).map(i64::from), Some(day), "{at} in {timezone}");
                assert_eq!(zone.hour(at), Some(i64::from(expected.hour())), "{at} in {timezone}");
            }
        }
    }

    #[test]
    fn each_instant_around_a_change_of_clocks_has_its_own_offset() {
        let zone = Zone::of(Tz::Europe__Berlin);
        let change = "2026-03-29T01:00:00Z".parse::<DateTime<Utc>>().unwrap().timestamp_micros();
        let hours: Vec<String> = [change - 1, change].map(|at| zone.local(at).unwrap().to_string()).to_vec();
        assert_eq!(hours, ["2026-03-29 01:59:59.999999", "2026-03-29 03:00:00"]);
    }

    #[test]
    fn beyond_the_calendar_there_is_no_local_time() {
        let zone = Zone::of(Tz::Asia__Kathmandu);
        assert_eq!((zone.local(i64::MAX), zone.day(i64::MIN)), (None, None));
    }
}
