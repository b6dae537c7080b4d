//! Days of a time zone: where they begin, and in which one an instant lies.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The instant at which a day begins in a time zone. Where midnight is skipped by a change of clocks, the day begins
/// at the first instant after the gap; where it comes twice, at the earlier one.
pub(crate) fn midnight(day: NaiveDate, timezone: Tz) -> DateTime<Utc> {
    let naive = day.and_time(NaiveTime::MIN);
    match timezone.from_local_datetime(&naive).earliest() {
        Some(instant) => instant.to_utc(),
        // A gap is at most a day long (the dateline): an hour later, and so on, there is such a time.
        None => (1..=24)
            .filter_map(|hours| {
                timezone.from_local_datetime(&(naive + chrono::TimeDelta::hours(hours))).earliest()
            })
            .map(|after| after.to_utc())
            .next()
            .unwrap_or_else(|| Utc.from_utc_datetime(&naive)),
    }
}

/// The next anniversary of a date on or after a day; 29 February is celebrated on 1 March in common years.
pub(crate) fn next_anniversary(of: NaiveDate, on_or_after: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    let in_year = |year| {
        of.with_year(year).or_else(|| {
            NaiveDate::from_ymd_opt(year, 2, 28).and_then(|day| day.checked_add_days(Days::new(1)))
        })
    };
    in_year(on_or_after.year()).filter(|day| *day >= on_or_after).or_else(|| in_year(on_or_after.year() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn midnights_of_changing_clocks() {
        let cases = [
            ("2024-06-01", "Europe/Berlin", "2024-05-31T22:00:00Z"),
            ("2024-03-31", "Africa/Cairo", "2024-03-30T22:00:00Z"),
            // In Beirut clocks went from 00:00 to 01:00 on that day.
            ("2022-03-27", "Asia/Beirut", "2022-03-26T22:00:00Z"),
            ("2024-11-03", "America/Havana", "2024-11-03T04:00:00Z"),
        ];
        for (date, zone, expected) in cases {
            let expected: DateTime<Utc> = expected.parse().unwrap();
            assert_eq!(midnight(day(date), zone.parse().unwrap()), expected, "{date} in {zone}");
        }
    }

    #[test]
    fn anniversaries() {
        let cases = [
            ("1980-05-17", "2024-05-17", "2024-05-17"),
            ("1980-05-17", "2024-05-18", "2025-05-17"),
            ("2000-02-29", "2023-01-01", "2023-03-01"),
            ("2000-02-29", "2024-01-01", "2024-02-29"),
        ];
        for (of, today, expected) in cases {
            assert_eq!(next_anniversary(day(of), day(today)), Some(day(expected)), "{of} seen on {today}");
        }
    }
}
