//! Local times of many instants: a zone's offset is looked up once for each day, and not for each instant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDateTime};
use chrono_tz::Tz;

use super::moving::{DAY, MINUTE, offset};

/// Days from 1970 that are looked up: until 2050. Instants before and after are looked up one by one.
const N_DAYS: i64 = 80 * 365 + 20;

/// A time zone, with its offsets from UTC in these decades. Instants are in microseconds since 1970, and what lies beyond the
/// calendar has no local time.
#[derive(Debug)]
pub(super) struct Zone {
    timezone: Tz,
    /// Local time minus UTC in seconds from each of these UTC days on; none on days that change it, and before and after
    /// these decades. In them no zone changes it twice within two days.
    offsets: Vec<(i64, Option<i32>)>,
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
        let mut begin = offset(0, timezone);
        let days = (0..N_DAYS).map(|day| {
            let end = offset((day + 1) * DAY, timezone);
            let all_day = begin.filter(|_| begin == end);
            begin = end;
            (day, all_day)
        });
        let mut offsets = vec![(i64::MIN, None)];
        offsets.extend(days);
        offsets.push((N_DAYS, None));
        offsets.dedup_by_key(|(_, offset)| *offset);
        offsets.shrink_to_fit();
        Zone { timezone, offsets }
    }

    /// The date and the time of day at an instant.
    pub(super) fn local(&self, instant: i64) -> Option<NaiveDateTime> {
        Some(DateTime::from_timestamp_micros(self.shifted(instant)?)?.naive_utc())
    }

    /// The local day of an instant, counted from 1970.
    pub(super) fn day(&self, instant: i64) -> Option<i32> {
        i32::try_from(self.shifted(instant)?.div_euclid(DAY)).ok()
    }

    /// The local hour of an instant, 0 to 23.
    pub(super) fn hour(&self, instant: i64) -> Option<i64> {
        Some(self.shifted(instant)?.rem_euclid(DAY) / (60 * MINUTE))
    }

    /// The local day of the week of an instant, 1 for a Monday to 7. 1970 began with a Thursday.
    pub(super) fn weekday(&self, instant: i64) -> Option<i64> {
        Some((i64::from(self.day(instant)?) + 3).rem_euclid(7) + 1)
    }

    /// A part of the local date of an instant.
    pub(super) fn of_date(&self, instant: i64, part: fn(NaiveDateTime) -> u32) -> Option<i64> {
        self.local(instant).map(|at| i64::from(part(at)))
    }

    /// The instant at which it is as late in UTC as it is here.
    fn shifted(&self, instant: i64) -> Option<i64> {
        let day = instant.div_euclid(DAY);
        let next = self.offsets.partition_point(|(from, _)| *from <= day);
        let offset = match self.offsets[next - 1].1 {
            Some(offset) => offset,
            None => offset(instant, self.timezone)?,
        };
        instant.checked_add(i64::from(offset) * 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Timelike, Utc};

    use super::*;

    /// Zones that change by half an hour or a quarter, at midnight, around Ramadan, or over the dateline.
    #[test]
    fn local_times_are_those_of_chrono() {
        let zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"];
        let zones =
            zones.into_iter().chain(["Pacific/Apia", "Asia/Kathmandu", "America/Havana", "Asia/Beirut"]);
        let from = -20 * 365 * DAY;
        let step = 300 * MINUTE + 1_234_567;
        for timezone in zones.map(|name| name.parse::<Tz>().unwrap()) {
            let zone = Zone::of(timezone);
            for at in (0..).map(|step_at| from + step_at * step).take_while(|at| *at < -6 * from) {
                let expected = DateTime::<Utc>::from_timestamp_micros(at).unwrap().with_timezone(&timezone);
                let expected = expected.naive_local();
                assert_eq!(zone.local(at), Some(expected), "{at} in {timezone}");
                let day = expected.date().signed_duration_since(chrono::NaiveDate::default()).num_days();
                assert_eq!(zone.day(at).map(i64::from), Some(day), "{at} in {timezone}");
                assert_eq!(zone.hour(at), Some(i64::from(expected.hour())), "{at} in {timezone}");
                let weekday = i64::from(expected.weekday().number_from_monday());
                assert_eq!(zone.weekday(at), Some(weekday), "{at} in {timezone}");
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
