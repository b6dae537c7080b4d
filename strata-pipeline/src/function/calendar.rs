//! Days of a time zone and periods of the calendar: where they begin, and how far it is from one instant to another.

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use strata_spec::condition::{CalendarUnit, Interval};

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

/// An instant moved by an interval, forward (`sign` 1) or back (−1): months and days on the calendar of the time
/// zone, keeping the time of day; then the exact part. A local time that a change of clocks skips is moved past the
/// gap; of one that comes twice, the earlier is meant.
pub(crate) fn shift(at: DateTime<Utc>, by: Interval, sign: i32, timezone: Tz) -> Option<DateTime<Utc>> {
    let exact = TimeDelta::try_seconds(by.seconds.checked_mul(i64::from(sign))?)?;
    if by.months == 0 && by.days == 0 {
        return at.checked_add_signed(exact);
    }
    let local = at.with_timezone(&timezone).naive_local();
    let moved = move_days(move_months(local, by.months.checked_mul(sign)?)?, by.days.checked_mul(sign)?)?;
    let resolved = timezone.from_local_datetime(&moved).earliest().map_or_else(
        || Some(midnight(moved.date(), timezone) + (moved - moved.date().and_hms_opt(0, 0, 0)?)),
        |at| Some(at.to_utc()),
    )?;
    resolved.checked_add_signed(exact)
}

fn move_months(at: NaiveDateTime, months: i32) -> Option<NaiveDateTime> {
    let size = Months::new(months.unsigned_abs());
    if months < 0 { at.checked_sub_months(size) } else { at.checked_add_months(size) }
}

fn move_days(at: NaiveDateTime, days: i32) -> Option<NaiveDateTime> {
    let size = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 { at.checked_sub_days(size) } else { at.checked_add_days(size) }
}

/// The first day of a period of the calendar: `offset` units after the one that holds `day`. The fiscal year begins with
/// the month `fiscal_year_start`, 1 to 12.
pub(crate) fn period_start(
    day: NaiveDate,
    unit: CalendarUnit,
    offset: i32,
    fiscal_year_start: u32,
) -> Option<NaiveDate> {
    let month_start = |months_back: u32| {
        day.with_day(1).and_then(|first| first.checked_sub_months(Months::new(months_back)))
    };
    let months_of_fiscal_year = (day.month0() + 13 - fiscal_year_start.clamp(1, 12)) % 12;
    let start = match unit {
        CalendarUnit::Day => day,
        CalendarUnit::Week => {
            day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))?
        }
        CalendarUnit::Month => month_start(0)?,
        CalendarUnit::Quarter => month_start(day.month0() % 3)?,
        CalendarUnit::Year => month_start(day.month0())?,
        CalendarUnit::FiscalQuarter => month_start(months_of_fiscal_year % 3)?,
        CalendarUnit::FiscalYear => month_start(months_of_fiscal_year)?,
    };
    let by = length_of(unit, offset)?;
    let at = start.and_hms_opt(0, 0, 0)?;
    Some(move_days(move_months(at, by.months)?, by.days)?.date())
}

/// So many units of the calendar as a length of time; none where they are too many to count.
pub(crate) fn length_of(unit: CalendarUnit, count: i32) -> Option<Interval> {
    let (months, days) = match unit {
        CalendarUnit::Day => (0, 1),
        CalendarUnit::Week => (0, 7),
        CalendarUnit::Month => (1, 0),
        CalendarUnit::Quarter | CalendarUnit::FiscalQuarter => (3, 0),
        CalendarUnit::Year | CalendarUnit::FiscalYear => (12, 0),
    };
    Some(Interval { months: count.checked_mul(months)?, days: count.checked_mul(days)?, seconds: 0 })
}

/// The next anniversary of a date on or after a day; 29 February is celebrated on 1 March in common years.
pub(crate) fn next_anniversary(of: NaiveDate, on_or_after: NaiveDate) -> Option<NaiveDate> {
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
    fn periods_begin() {
        use CalendarUnit::{FiscalQuarter, FiscalYear, Quarter, Week, Year};
        let cases = [
            (Week, 0, 1, "2024-05-19", "2024-05-13"),
            (Week, -1, 1, "2024-05-20", "2024-05-13"),
            (Quarter, 1, 1, "2024-05-17", "2024-07-01"),
            (Year, 0, 4, "2024-02-29", "2024-01-01"),
            (FiscalYear, 0, 1, "2024-02-29", "2024-01-01"),
            (FiscalYear, 0, 4, "2024-03-31", "2023-04-01"),
            (FiscalYear, 0, 4, "2024-04-01", "2024-04-01"),
            (FiscalYear, -1, 12, "2024-12-01", "2023-12-01"),
            (FiscalQuarter, 0, 2, "2024-01-31", "2023-11-01"),
            (FiscalQuarter, 1, 2, "2024-01-31", "2024-02-01"),
            (FiscalQuarter, 0, 1, "2024-06-30", "2024-04-01"),
        ];
        for (unit, offset, fiscal_year_start, of, expected) in cases {
            let found = period_start(day(of), unit, offset, fiscal_year_start);
            assert_eq!(
                found,
                Some(day(expected)),
                "{unit:?} {offset} of {of}, from month {fiscal_year_start}"
            );
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
