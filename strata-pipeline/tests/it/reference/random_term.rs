//! Random terms of a given kind, as text. All compile: what stands beside what is chosen by kind.

use strata_pipeline::spec::condition::CalendarUnit;
use strata_pipeline::spec::definition::Properties;
use strata_pipeline::spec::table::{Kind, Subject, Table};

use super::chance::Chance;
use super::random_world::{LENGTHS, ROWS, TEXTS};

/// Writes random conditions and terms of one subject.
pub(crate) struct Writer<'a> {
    pub(crate) chance: &'a mut Chance,
    pub(crate) subject: Subject,
    pub(crate) properties: &'a Properties,
    /// How many segments there are already, called `s0` and so on.
    pub(crate) n_segments: usize,
    /// Whether there is the segmentation `ladder`.
    pub(crate) has_ladder: bool,
}

/// The table of the aggregate in which a term stands.
pub(crate) type Rows = Option<Table>;

/// Numbers that no quotient of a few quarters comes near to.
const ODD: [&str; 6] = ["0.12347", "0.56789", "1.23457", "3.45679", "-0.98767", "12.34567"];

impl Writer<'_> {
    pub(crate) fn term(&mut self, kind: Kind, rows: Rows, depth: usize) -> String {
        match kind {
            Kind::Text | Kind::Json => self.text(rows, depth),
            Kind::Integer | Kind::Number => self.number(rows, depth),
            Kind::Boolean => self.column(Kind::Boolean, rows),
            Kind::Date => self.day(rows, depth),
            Kind::Timestamp => self.time(rows, depth),
        }
    }

    /// A column of a kind. Where rows are, mostly one of theirs.
    pub(crate) fn column(&mut self, kind: Kind, rows: Rows) -> String {
        let own = self.columns(self.subject.table(), kind);
        let companies = self.columns(Table::Companies, kind);
        let reaches_company = self.subject == Subject::Customers && !companies.is_empty();
        match rows {
            Some(table) => {
                let theirs = self.columns(table, kind);
                if reaches_company && self.chance.once_in(8) {
                    format!("company.{}", self.chance.one(&companies))
                } else if theirs.is_empty() || self.chance.once_in(5) {
                    format!("{}.{}", self.subject.singular(), self.chance.one(&own))
                } else {
                    self.chance.one(&theirs)
                }
            }
            None if reaches_company && self.chance.once_in(6) => {
                format!("company.{}", self.chance.one(&companies))
            }
            None => self.chance.one(&own),
        }
    }

    fn columns(&self, table: Table, kind: Kind) -> Vec<String> {
        let declared =
            self.properties.get(&table).into_iter().flatten().map(|(name, kind)| (name.as_str(), *kind));
        let columns = table.columns().iter().map(|column| (column.name, column.kind)).chain(declared);
        // A country's constant is checked against the names of countries.
        let columns = columns.filter(|(name, of)| *of == kind && *name != "country");
        columns.map(|(name, _)| name.to_owned()).collect()
    }

    pub(crate) fn constant_text(&mut self) -> String {
        format!("'{}'", self.chance.of(&TEXTS))
    }

    pub(crate) fn length(&mut self) -> &'static str {
        self.chance.of(&LENGTHS)
    }

    pub(crate) fn text(&mut self, rows: Rows, depth: usize) -> String {
        if depth == 0 {
            return self.column(Kind::Text, rows);
        }
        match self.chance.below(if rows.is_none() { 14 } else { 10 }) {
            0 => format!("lower({})", self.text(rows, depth - 1)),
            1 => format!("upper({})", self.text(rows, depth - 1)),
            2 => format!("trim({})", self.text(rows, depth - 1)),
            3 => {
                let (left, right) = (self.text(rows, depth - 1), self.text(rows, depth - 1));
                format!("concat({left}, {right})")
            }
            4 => {
                let (left, right) = (self.text(rows, depth - 1), self.constant_text());
                format!("nullif({left}, {right})")
            }
            5 => {
                let (left, right) = (self.text(rows, depth - 1), self.text(rows, depth - 1));
                format!("coalesce({left}, {right}, 'web')")
            }
            6 => self.case(Kind::Text, rows, depth),
            10..12 => {
                let name = self.chance.of(&["min", "max", "mode", "first_value", "last_value"]);
                self.figure(name, Kind::Text, "", depth)
            }
            12 if self.subject == Subject::Customers => {
                format!("consent('{}')", self.chance.of(&["email", "sms", "phone", "post"]))
            }
            _ => self.column(Kind::Text, rows),
        }
    }

    pub(crate) fn number(&mut self, rows: Rows, depth: usize) -> String {
        let constants = ["0", "1", "2", "-1", "0.25", "1.5", "3"];
        if depth == 0 {
            return match self.chance.below(4) {
                0 => self.chance.of(&constants).to_owned(),
                1 => self.column(Kind::Integer, rows),
                _ => self.column(Kind::Number, rows),
            };
        }
        match self.chance.below(if rows.is_none() { 30 } else { 18 }) {
            0..4 => {
                let (left, right) = (self.number(rows, depth - 1), self.number(rows, depth - 1));
                format!("({left} {} {right})", self.chance.of(&["+", "-", "*", "/", "%"]))
            }
            4 => format!(
                "{}({})",
                self.chance.of(&["abs", "round", "floor", "ceil"]),
                self.number(rows, depth - 1)
            ),
            5 => {
                let (left, right) = (self.number(rows, depth - 1), self.number(rows, depth - 1));
                format!("{}({left}, {right})", self.chance.of(&["least", "greatest", "coalesce", "nullif"]))
            }
            6 => format!("length({})", self.text(rows, depth - 1)),
            7 => format!("array_length({})", self.column(Kind::Text, rows)),
            8 => self.calendar_part(rows, depth),
            9 => {
                let (from, to) = (self.any_time(rows, depth - 1), self.any_time(rows, depth - 1));
                format!("days_between({from}, {to})")
            }
            10 => {
                let name = self.chance.of(&["days_since", "years_since", "days_to_anniversary"]);
                format!("{name}({})", self.any_time(rows, depth - 1))
            }
            11 => self.case(Kind::Number, rows, depth),
            12 => "bucket('salt')".to_owned(),
            18..30 => self.number_figure(depth),
            _ => self.number(rows, 0),
        }
    }

    fn number_figure(&mut self, depth: usize) -> String {
        match self.chance.below(12) {
            0..3 => {
                let table = self.table();
                format!("count({table}){}", self.filter(table, depth))
            }
            3 => self.figure("count", Kind::Text, "", depth),
            4 => self.figure("count", Kind::Text, "distinct ", depth),
            5 => self.figure("count", Kind::Number, "distinct ", depth),
            6 => self.time_figure("active_days", depth),
            7 => self.time_figure("median_gap_days", depth),
            8 => self.periods(depth),
            9 => {
                let name = self.chance.of(&["first_value", "last_value", "median"]);
                self.figure(name, Kind::Number, "", depth)
            }
            _ => {
                let name = self.chance.of(&["sum", "avg", "min", "max"]);
                self.figure(name, Kind::Number, "", depth)
            }
        }
    }

    /// A comparison of a figure whose last digits depend on the way it is computed.
    pub(crate) fn inexact(&mut self, depth: usize) -> String {
        let figure = match self.chance.below(8) {
            0 => self.figure("stddev", Kind::Number, "", depth),
            1 => self.time_figure("gap_variation", depth),
            2 => self.figure("mode_share", Kind::Text, "", depth),
            3 => {
                let (table, column) = self.table_and_column(Kind::Number);
                let share = self.chance.of(&["0", "0.25", "0.5", "0.9", "1"]);
                format!("percentile({column}, {share}){}", self.filter(table, depth))
            }
            4 => {
                let (table, column) = self.table_and_column(Kind::Number);
                let time = qualified(table, table.time_column());
                format!("first_day_sum({time}, {column}){}", self.filter(table, depth))
            }
            5 => {
                let (table, column) = self.table_and_column(Kind::Number);
                let keys = self.columns(table, Kind::Text);
                let key = qualified(table, &self.chance.one(&keys));
                let least = self.chance.of(&["1", "2"]);
                format!("latest_mean({column}, {key}, {least}){}", self.filter(table, depth))
            }
            6 => format!("distance_km(latitude, longitude, {}, 1.5) / 100", self.number(None, 0)),
            _ => {
                let name = self.chance.of(&["ln", "sqrt"]);
                format!("{name}({})", self.number(None, depth))
            }
        };
        format!("{figure} {} {}", self.chance.of(&["<", ">", "<=", ">="]), self.chance.of(&ODD))
    }

    fn calendar_part(&mut self, rows: Rows, depth: usize) -> String {
        let parts = ["hour_of", "monthday_of", "quarter_of", "weekday_of", "month_of", "year_of"];
        let zone = match self.chance.below(3) {
            0 => ", 'America/New_York'".to_owned(),
            1 => format!(", {}", self.column(Kind::Text, rows)),
            _ => String::new(),
        };
        format!("{}({}{zone})", self.chance.of(&parts), self.any_time(rows, depth - 1))
    }

    pub(crate) fn any_time(&mut self, rows: Rows, depth: usize) -> String {
        if self.chance.once_in(3) { self.day(rows, depth) } else { self.time(rows, depth) }
    }

    pub(crate) fn time(&mut self, rows: Rows, depth: usize) -> String {
        if depth == 0 {
            return match self.chance.below(8) {
                0 => "as_of".to_owned(),
                1 => "timestamp '2024-01-15 12:00:00'".to_owned(),
                _ => self.column(Kind::Timestamp, rows),
            };
        }
        match self.chance.below(if rows.is_none() { 8 } else { 4 }) {
            0 => {
                let (time, sign) = (self.time(rows, depth - 1), self.chance.of(&["+", "-"]));
                format!("{time} {sign} interval '{}'", self.length())
            }
            1 => {
                let (left, right) = (self.time(rows, 0), self.time(rows, 0));
                format!("{}({left}, {right})", self.chance.of(&["least", "greatest", "coalesce"]))
            }
            4..7 => {
                let table = self.table();
                let time = qualified(table, table.time_column());
                format!("{}({time}){}", self.chance.of(&["min", "max"]), self.filter(table, depth))
            }
            _ => self.time(rows, 0),
        }
    }

    fn day(&mut self, rows: Rows, depth: usize) -> String {
        let has_days = !self.columns(rows.unwrap_or(self.subject.table()), Kind::Date).is_empty();
        match self.chance.below(5) {
            0 => "date '2024-02-29'".to_owned(),
            1 if depth > 0 => format!("day_of({})", self.time(rows, depth - 1)),
            2 if depth > 0 => {
                let lengths = ["1 day", "1 month", "1 year"];
                format!("day_of({}) + interval '{}'", self.time(rows, 0), self.chance.of(&lengths))
            }
            _ if has_days => self.column(Kind::Date, rows),
            _ => format!("day_of({})", self.time(rows, 0)),
        }
    }

    fn case(&mut self, kind: Kind, rows: Rows, depth: usize) -> String {
        let condition = self.condition(rows, depth - 1);
        let (value, other) = (self.term(kind, rows, depth - 1), self.term(kind, rows, depth - 1));
        if self.chance.once_in(3) {
            format!("case when {condition} then {value} end")
        } else {
            format!("case when {condition} then {value} else {other} end")
        }
    }

    pub(crate) fn table(&mut self) -> Table {
        self.chance.one(&ROWS)
    }

    fn figure(&mut self, name: &str, kind: Kind, distinct: &str, depth: usize) -> String {
        let (table, mut argument) = self.table_and_column(kind);
        if kind == Kind::Number && self.chance.once_in(4) {
            let columns = self.columns(table, kind);
            let other = qualified(table, &self.chance.one(&columns));
            argument = format!("{argument} {} {other}", self.chance.of(&["+", "-", "*", "/"]));
        }
        format!("{name}({distinct}{argument}){}", self.filter(table, depth))
    }

    fn table_and_column(&mut self, kind: Kind) -> (Table, String) {
        let table = self.table();
        let columns = self.columns(table, kind);
        (table, qualified(table, &self.chance.one(&columns)))
    }

    fn time_figure(&mut self, name: &str, depth: usize) -> String {
        let table = self.table();
        format!("{name}({}){}", qualified(table, table.time_column()), self.filter(table, depth))
    }

    fn periods(&mut self, depth: usize) -> String {
        let table = self.table();
        let unit = self.chance.one(&CalendarUnit::ALL).as_str();
        let least = self.chance.of(&["", ", 1", ", 2"]);
        let time = qualified(table, table.time_column());
        format!("active_periods({time}, '{unit}'{least}){}", self.filter(table, depth))
    }

    pub(crate) fn filter(&mut self, table: Table, depth: usize) -> String {
        if self.chance.once_in(3) {
            return String::new();
        }
        format!(" filter (where {})", self.condition(Some(table), depth.saturating_sub(1)))
    }
}

pub(crate) fn qualified(table: Table, column: &str) -> String {
    format!("{table}.{column}")
}
