//! Orders by calendar month, weekday and hour of the project's time zone.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Timelike};

use super::super::data::{Month, ReportData};
use crate::error::Result;
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{ask, instant_literal};

/// Orders are summed in slots of a quarter of an hour: time zones differ by multiples of it, so each slot lies in one month.
const SLOT_MICROSECONDS: f64 = 900e6;

/// More months than this are not shown: the earliest are left out.
const MOST_MONTHS: usize = 240;

/// Orders may begin so many days into a month, or end so many before its last, and still cover it.
const QUIET_DAYS: u64 = 3;

/// Orders by weekday and hour, Monday first.
type Week = Box<[[u64; 24]; 7]>;

/// Adds the figures over all orders, the months, and the times of the week.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    if !view.complete.tables.contains_key("orders") {
        return Ok(());
    }
    let query = format!(
        "select floor(cast(ordered_at as bigint) / {SLOT_MICROSECONDS:.1}), count(*), sum(amount), count(amount), \
           source from orders where ordered_at <= {} group by 1, 5 order by 1, 5",
        instant_literal(view.complete.as_of)
    );
    let mut days: BTreeMap<NaiveDate, (u64, f64)> = BTreeMap::new();
    let (mut n_orders, mut n_amounts, mut revenue) = (0, 0, 0.0);
    let mut weeks: BTreeMap<String, (Week, u64)> = BTreeMap::new();
    for row in ask(view, "sum up orders by time", &query).await? {
        let (n, amount) = (row.count(1), row.number(2).unwrap_or(0.0));
        n_orders += n;
        n_amounts += row.count(3);
        revenue += amount;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a whole number of slots, made from a 64-bit integer"
        )]
        let at =
            row.number(0).and_then(|slot| DateTime::from_timestamp_micros((slot * SLOT_MICROSECONDS) as i64));
        if let Some(at) = at {
            let at = at.with_timezone(&project.timezone);
            let day = days.entry(at.date_naive()).or_default();
            day.0 += n;
            day.1 += amount;
            let weekday = at.weekday().num_days_from_monday() as usize;
            let (week, n_at_midnight) = weeks.entry(row.text(4).to_owned()).or_default();
            if let Some(cell) = week.get_mut(weekday).and_then(|hours| hours.get_mut(at.hour() as usize)) {
                *cell += n;
            }
            if (at.hour(), at.minute()) == (0, 0) {
                *n_at_midnight += n;
            }
        }
    }
    if n_orders == 0 {
        return Ok(());
    }
    data.figures.n_orders = Some(n_orders);
    data.figures.revenue = (n_amounts > 0).then_some(revenue);
    let span =
        days.first_key_value().zip(days.last_key_value()).map(|((first, _), (last, _))| (*first, *last));
    data.figures.orders_span = span;
    data.months = months(&days, data.as_of.date());
    let cadence = data.plots.cadence.get_or_insert_default();
    cadence.weekdays = Some(added(weeks.values().map(|(week, _)| week)).map(|hours| hours.iter().sum()));
    // Midnight is where a date without a time ends up: a source with most of its orders there knows no hours.
    let timed = weeks.values().filter(|(week, n_at_midnight)| n_at_midnight * 2 < n_of(week));
    let timed = added(timed.map(|(week, _)| week));
    cadence.hours = (n_of(&timed) > 0).then_some(timed);
    Ok(())
}

fn n_of(week: &Week) -> u64 {
    week.iter().flatten().sum()
}

fn added<'a>(weeks: impl Iterator<Item = &'a Week>) -> Week {
    let mut all = Week::default();
    for (hours, more) in weeks.flat_map(|week| (0..7).zip(week.iter())) {
        for (cell, n) in all.get_mut(hours).into_iter().flatten().zip(more) {
            *cell += n;
        }
    }
    all
}

/// Months without gaps. A month whose last day is `as_of` is whole: what is missing of one day does not change its bar.
fn months(days: &BTreeMap<NaiveDate, (u64, f64)>, as_of: NaiveDate) -> Vec<Month> {
    let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value()) else {
        return Vec::new();
    };
    let mut sums: BTreeMap<(i32, u32), (u64, f64)> = BTreeMap::new();
    for (day, (n, amount)) in days {
        let month = sums.entry((day.year(), day.month())).or_default();
        month.0 += n;
        month.1 += amount;
    }
    let mut months = Vec::new();
    let mut begin = last.with_day(1);
    while let Some(start) = begin.filter(|start| {
        months.len() < MOST_MONTHS && (start.year(), start.month()) >= (first.year(), first.month())
    }) {
        let end = start.checked_add_months(Months::new(1));
        let (n_orders, revenue) = sums.get(&(start.year(), start.month())).copied().unwrap_or_default();
        let covers = |end: NaiveDate| {
            let begins = start.checked_add_days(Days::new(QUIET_DAYS)).is_some_and(|latest| *first < latest);
            let ends = last.checked_add_days(Days::new(QUIET_DAYS)).is_some_and(|latest| latest >= end);
            as_of.succ_opt().is_some_and(|tomorrow| end <= tomorrow) && begins && ends
        };
        months.push(Month {
            year: start.year(),
            month: start.month(),
            n_orders,
            revenue,
            is_whole: end.is_some_and(covers),
        });
        begin = start.checked_sub_months(Months::new(1));
    }
    months.reverse();
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn months_have_no_gaps_and_say_whether_they_are_whole() {
        let days = [(1997, 11, 20), (1998, 1, 5), (1998, 2, 27)].map(|(y, m, d)| (day(y, m, d), (1, 10.0)));
        let days = BTreeMap::from(days);
        let found: Vec<_> = months(&days, day(1998, 2, 28))
            .iter()
            .map(|month| (month.year, month.month, month.n_orders, month.is_whole))
            .collect();
        assert_eq!(
            found,
            [(1997, 11, 1, false), (1997, 12, 0, true), (1998, 1, 1, true), (1998, 2, 1, true)]
        );
        assert!(!months(&days, day(1998, 2, 27)).last().unwrap().is_whole);
        assert_eq!(
            months(&BTreeMap::from([(day(1, 1, 1), (1, 1.0)), (day(2020, 1, 1), (1, 1.0))]), day(2020, 2, 1))
                .len(),
            MOST_MONTHS
        );
    }
}
