//! A random world: few customers, with rows where windows begin and end, and missing values everywhere.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use strata_pipeline::spec::condition::{CalendarUnit, Group, Interval, Window};
use strata_pipeline::spec::manifest::Manifest;
use strata_pipeline::spec::name::{SegmentName, SegmentationName};
use strata_pipeline::spec::table::{Kind, Subject, Table};

use super::calendar::{midnight, moved};
use super::chance::Chance;
use super::value::{Row, Value};
use super::world::{Spell, Stay, World};

/// The lengths of time of windows and steps.
pub(crate) const LENGTHS: [&str; 8] =
    ["1 day", "24 hours", "7 days", "30 days", "1 month", "3 months", "1 year", "2 days 90 minutes"];

/// The texts of columns and constants.
pub(crate) const TEXTS: [&str; 16] = [
    "web",
    "store",
    "Web",
    "Berlin",
    "äpfel",
    "Äpfel",
    "",
    "\t web\n",
    "a,b , web",
    "[\"a\", 1, null, \"web\"]",
    "Europe/Berlin",
    "Asia/Tokyo",
    "granted",
    "x_y%z",
    "\\",
    "a\\b",
];

/// Zones whose clocks change at the usual hours, at midnight, by half an hour, by a day, and not at all.
const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Beirut",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "America/Sao_Paulo",
];

/// Instants on leap days, ends of months, New Year, changes of clocks, and between seconds.
const INSTANTS: [&str; 10] = [
    "2024-02-29T12:00:00Z",
    "2024-03-31T00:30:00Z",
    "2024-03-31T10:00:00.000001Z",
    "2024-10-27T00:30:00Z",
    "2023-12-31T23:59:59.999999Z",
    "2024-01-01T00:00:00Z",
    "2022-03-27T08:15:00Z",
    "2024-11-03T06:30:00Z",
    "2012-01-01T03:00:00Z",
    "2025-03-30T05:00:00.5Z",
];

/// The tables that hold rows of customers.
pub(crate) const ROWS: [Table; 4] = [Table::Orders, Table::OrderLines, Table::Events, Table::Responses];

/// A world with these definitions, and random rows at a random instant.
pub(crate) fn world(chance: &mut Chance, manifest: Manifest) -> World {
    let timezone: Tz = chance.of(&ZONES).parse().unwrap();
    let as_of = instant(chance, timezone);
    let mut world = World {
        as_of,
        timezone,
        fiscal_year_start: manifest.fiscal_year_start,
        definitions: manifest.definitions,
        properties: manifest.properties,
        tables: BTreeMap::new(),
        spells: Vec::new(),
        stays: Vec::new(),
    };
    let edges = landmarks(&world);
    let companies = ids(Subject::Companies, 3);
    let customers = ids(Subject::Customers, 7);
    for (table, owners) in [(Table::Companies, &companies), (Table::Customers, &customers)] {
        let rows = owners.iter().map(|id| {
            let mut row = random_row(chance, &world, table, &edges);
            let subject = table.subject().unwrap();
            if subject == Subject::Customers {
                set(&mut row, Subject::Companies.id_column(), belongs(chance, &companies));
            }
            set(&mut row, subject.id_column(), Some(id.clone()));
            row
        });
        let rows = rows.collect();
        world.tables.insert(table, rows);
    }
    for table in ROWS {
        let mut rows = Vec::new();
        for customer in customers.iter().map(Some).chain([None]) {
            let mut times: Vec<DateTime<Utc>> = Vec::new();
            for _ in 0..chance.below(7) {
                let mut row = random_row(chance, &world, table, &edges);
                set(&mut row, Subject::Customers.id_column(), customer.cloned());
                let employer = world.tables[&Table::Customers]
                    .iter()
                    .find(|row| row.get("customer_id").and_then(Value::text) == customer.map(String::as_str));
                let employer = employer.and_then(|row| row.get("company_id")?.text().map(str::to_owned));
                // Some bought for another company, or before they were known.
                let employer = if chance.once_in(4) { belongs(chance, &companies) } else { employer };
                set(&mut row, Subject::Companies.id_column(), employer);
                if row.contains_key(table.time_column()) {
                    let time = row_time(chance, &world, &times, &edges);
                    times.push(time);
                    row.insert(table.time_column().to_owned(), Value::Time(time));
                }
                rows.push(row);
            }
        }
        world.tables.insert(table, rows);
    }
    remember(chance, &mut world, &edges);
    world
}

/// What properties were, and who was in the first segments and classes.
fn remember(chance: &mut Chance, world: &mut World, edges: &[DateTime<Utc>]) {
    let text = |text: &str| Value::Text(text.to_owned());
    let of_customers = [
        ("plan", vec![text("free"), text("pro"), Value::Null]),
        ("n_children", vec![Value::Integer(0), Value::Integer(1), Value::Null]),
    ];
    let of_companies = [
        ("industry", vec![text("Retail"), text("Health"), Value::Null]),
        ("is_partner", vec![Value::Boolean(true), Value::Boolean(false), Value::Null]),
    ];
    for (subject, properties) in [(Subject::Customers, of_customers), (Subject::Companies, of_companies)] {
        let mut rows = world.tables.remove(&subject.table()).unwrap_or_default();
        for row in &mut rows {
            let id = row[subject.id_column()].text().unwrap().to_owned();
            let begin = past_times(chance, world, edges, 1)[0];
            for (property, values) in &properties {
                let later = past_times(chance, world, edges, 4).into_iter().filter(|at| *at > begin);
                let mut value = chance.one(values);
                let mut spells = vec![(begin, value.clone())];
                for since in later {
                    value = chance
                        .one(&values.iter().filter(|other| **other != value).cloned().collect::<Vec<_>>());
                    spells.push((since, value.clone()));
                }
                row.insert((*property).to_owned(), value);
                world.spells.extend(spells.into_iter().map(|(since, value)| Spell {
                    subject,
                    id: id.clone(),
                    property: (*property).to_owned(),
                    value,
                    since,
                }));
            }
            for group in groups() {
                world.stays.extend(stays(chance, world, edges, subject, &id, &group));
            }
        }
        world.tables.insert(subject.table(), rows);
    }
}

/// The segments and classes that random conditions ask about.
fn groups() -> Vec<Group> {
    let segments = (0..3).map(|number| Group::Segment(SegmentName::new(format!("s{number}")).unwrap()));
    let segmentation = SegmentationName::new("ladder").unwrap();
    segments.chain([Group::Class { segmentation, class: "c0".to_owned() }]).collect()
}

/// Stays one after the other, now and then without a gap; the last may last.
fn stays(
    chance: &mut Chance,
    world: &World,
    edges: &[DateTime<Utc>],
    subject: Subject,
    id: &str,
    group: &Group,
) -> Vec<Stay> {
    let mut times = past_times(chance, world, edges, 5);
    times.retain(|at| *at < world.as_of);
    let mut stays = Vec::new();
    let mut left = None;
    let mut times = times.into_iter();
    while let Some(next) = times.next() {
        let (entered_at, left_at) = match left {
            Some(left) if chance.once_in(3) => (left, Some(next)),
            _ => (next, times.next()),
        };
        stays.push(Stay { subject, id: id.to_owned(), group: group.clone(), entered_at, left_at });
        left = left_at;
    }
    stays
}

/// Different instants up to the present, in order, at least one.
fn past_times(
    chance: &mut Chance,
    world: &World,
    edges: &[DateTime<Utc>],
    most: usize,
) -> Vec<DateTime<Utc>> {
    let n = 1 + chance.below(most);
    let mut times: Vec<_> = (0..n).map(|_| time(chance, world, edges).min(world.as_of)).collect();
    times.sort();
    times.dedup();
    times
}

fn ids(subject: Subject, n: usize) -> Vec<String> {
    (0..n).map(|number| format!("{}_{number}", subject.singular())).collect()
}

fn belongs(chance: &mut Chance, companies: &[String]) -> Option<String> {
    (!chance.once_in(4)).then(|| chance.one(companies))
}

fn set(row: &mut Row, column: &str, text: Option<String>) {
    match text {
        Some(text) => row.insert(column.to_owned(), Value::Text(text)),
        None => row.remove(column),
    };
}

/// A row with a value in most columns.
fn random_row(chance: &mut Chance, world: &World, table: Table, edges: &[DateTime<Utc>]) -> Row {
    let declared =
        world.properties.get(&table).into_iter().flatten().map(|(name, kind)| (name.as_str(), *kind, false));
    let columns = table.columns().iter().map(|column| (column.name, column.kind, column.required));
    let mut row = Row::new();
    for (name, kind, required) in columns.chain(declared) {
        if required || !chance.once_in(4) {
            row.insert(name.to_owned(), random_value(chance, world, kind, edges));
        }
    }
    row
}

fn random_value(chance: &mut Chance, world: &World, kind: Kind, edges: &[DateTime<Utc>]) -> Value {
    match kind {
        Kind::Text | Kind::Json => Value::Text(chance.of(&TEXTS).to_owned()),
        Kind::Integer => Value::Integer(chance.between(-2, 4)),
        // Quarters: their sums are exact in whatever order they are taken.
        Kind::Number => Value::Number(chance.between(-6, 12) as f64 / 4.0),
        Kind::Boolean => Value::Boolean(chance.once_in(2)),
        Kind::Date => Value::Date(day(chance, world, edges)),
        Kind::Timestamp => Value::Time(time(chance, world, edges)),
    }
}

fn day(chance: &mut Chance, world: &World, edges: &[DateTime<Utc>]) -> NaiveDate {
    if chance.once_in(6) {
        return NaiveDate::from_ymd_opt(2000, 2, 29).unwrap();
    }
    let day = time(chance, world, edges).with_timezone(&world.timezone).date_naive();
    day + TimeDelta::days(chance.between(-1, 1))
}

fn time(chance: &mut Chance, world: &World, edges: &[DateTime<Utc>]) -> DateTime<Utc> {
    let near = [0, 0, 0, 1, -1, 1_000_000, -1_000];
    match chance.below(3) {
        0 => world.as_of - TimeDelta::minutes(chance.between(-20_000, 800_000)),
        _ => chance.one(edges) + TimeDelta::microseconds(chance.one(&near)),
    }
}

/// Now and then a row lies at an instant of another, or as long after it as windows are.
fn row_time(
    chance: &mut Chance,
    world: &World,
    times: &[DateTime<Utc>],
    edges: &[DateTime<Utc>],
) -> DateTime<Utc> {
    if times.is_empty() || chance.once_in(2) {
        return time(chance, world, edges);
    }
    let other = chance.one(times);
    if chance.once_in(3) {
        return other;
    }
    let length = Interval::parse(chance.of(&LENGTHS)).unwrap();
    moved(other, length, 1, world.timezone) + TimeDelta::microseconds(chance.between(-1, 1))
}

/// The present: one of those that are easy to get wrong, any other, or when clocks change.
fn instant(chance: &mut Chance, zone: Tz) -> DateTime<Utc> {
    if chance.once_in(2) {
        return chance.of(&INSTANTS).parse().unwrap();
    }
    let any = DateTime::from_timestamp_micros(chance.between(1_300_000_000_000_000, 1_800_000_000_000_000));
    let changes = clock_changes(zone, any.unwrap());
    if changes.is_empty() || chance.once_in(2) { any.unwrap() } else { chance.one(&changes) }
}

/// When the clocks of a zone were changed in the year before an instant, and will be in the weeks after it.
fn clock_changes(zone: Tz, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    // Changes are at whole half hours.
    let begin = at.duration_trunc(TimeDelta::hours(1)).unwrap() - TimeDelta::days(400);
    let halves = (0..48 * 430).map(|half| begin + TimeDelta::minutes(30 * half));
    halves.filter(|half| offset(*half) != offset(*half - TimeDelta::minutes(30))).collect()
}

/// Where windows begin and end, leap days do, and clocks are changed.
fn landmarks(world: &World) -> Vec<DateTime<Utc>> {
    let leap_day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let mut all = window_edges(world);
    all.extend([leap_day, leap_day + TimeDelta::days(1)].map(|day| midnight(day, world.timezone)));
    for change in clock_changes(world.timezone, world.as_of) {
        // The hour that is skipped, or comes twice.
        all.extend([-60, -30, 0, 30, 60].map(|minutes| change + TimeDelta::minutes(minutes)));
    }
    all
}

fn window_edges(world: &World) -> Vec<DateTime<Utc>> {
    let lengths = LENGTHS.map(|text| Interval::parse(text).unwrap());
    let mut windows: Vec<Window> =
        lengths.into_iter().flat_map(|each| [Window::Last(each), Window::Next(each)]).collect();
    for unit in CalendarUnit::ALL {
        windows.extend((-2..=1).map(|offset| Window::Period { unit, offset }));
        windows.extend((-1..=0).map(|offset| Window::ToDate { unit, offset }));
        windows.push(Window::Periods { unit, count: -3 });
    }
    windows.into_iter().map(|window| world.edges(window)).flat_map(|edges| [edges.from, edges.to]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{Datelike, Timelike};

    use super::super::random;
    use super::*;

    /// Without these, agreement says little.
    #[test]
    fn worlds_have_what_is_easy_to_get_wrong() {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut see = |what, is_there: bool| *seen.entry(what).or_default() += usize::from(is_there);
        let mut instants = Vec::new();
        let mut never_null: Vec<String> = Vec::new();
        for seed in 0..40 {
            let world = random::random(seed, Subject::Customers, 1);
            instants.push(world.as_of);
            let local = |at: DateTime<Utc>| at.with_timezone(&world.timezone);
            let edges = window_edges(&world);
            let changes = clock_changes(world.timezone, world.as_of);
            see("the present between seconds", world.as_of.nanosecond() != 0);
            see(
                "the present on a leap day",
                (local(world.as_of).month(), local(world.as_of).day()) == (2, 29),
            );
            see("the present at a change of clocks", changes.contains(&world.as_of));
            for table in ROWS {
                let rows = &world.tables[&table];
                let times: Vec<(DateTime<Utc>, &Row)> = rows
                    .iter()
                    .filter_map(|row| match row.get(table.time_column()) {
                        Some(Value::Time(at)) => Some((*at, row)),
                        _ => None,
                    })
                    .collect();
                for (at, row) in &times {
                    let near = |other: &DateTime<Utc>, most| (*at - *other).abs() <= most;
                    let owner = row.get("customer_id");
                    see("a row on an edge", edges.contains(at));
                    let microsecond = TimeDelta::microseconds(1);
                    see(
                        "a row beside an edge",
                        edges.iter().any(|edge| near(edge, microsecond) && edge != at),
                    );
                    see("a row at the present", *at == world.as_of);
                    see("a row after the present", *at > world.as_of);
                    see("a row on a leap day", (local(*at).month(), local(*at).day()) == (2, 29));
                    see(
                        "a row near a change of clocks",
                        changes.iter().any(|each| near(each, TimeDelta::hours(1))),
                    );
                    let others = || times.iter().filter(|(_, other)| other.get("customer_id") == owner);
                    see("rows at one instant", others().filter(|(other, _)| other == at).count() > 1);
                    let within = TimeDelta::milliseconds(1);
                    see(
                        "rows within a second",
                        others().any(|(other, _)| other != at && near(other, within)),
                    );
                    see("a row of nobody", owner.is_none());
                    let employer = |row: &Row| row.get("company_id").cloned();
                    let own =
                        world.tables[&Table::Customers].iter().find(|each| each.get("customer_id") == owner);
                    see("a row of another company", own.is_some_and(|own| employer(own) != employer(row)));
                }
            }
            for (table, rows) in &world.tables {
                let declared =
                    world.properties.get(table).into_iter().flatten().map(|(name, _)| name.as_str());
                let own = table.columns().iter().filter(|column| !column.required).map(|column| column.name);
                for name in own.chain(declared) {
                    let missing = rows.iter().any(|row| row.get(name).is_none_or(Value::is_null));
                    let name = format!("{table}.{name}");
                    match missing {
                        true => never_null.retain(|other| *other != name),
                        false if seed == 0 => never_null.push(name),
                        false => {}
                    }
                }
            }
        }
        instants.sort();
        instants.dedup();
        assert!(instants.len() > 20, "{instants:?}");
        assert_eq!(never_null, Vec::<String>::new());
        let rare: Vec<_> = seen.iter().filter(|(_, times)| **times == 0).collect();
        assert!(rare.is_empty(), "{rare:?} of {seen:?}");
        assert!(seen["a row on an edge"] > 50 && seen["rows within a second"] > 10, "{seen:?}");
    }
}
