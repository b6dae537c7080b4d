//! Random conditions, as text, and whole manifests of them.

use strata_pipeline::spec::condition::CalendarUnit;
use strata_pipeline::spec::definition::Properties;
use strata_pipeline::spec::table::{Kind, Subject, Table};

use super::chance::Chance;
use super::random_term::{Rows, Writer, qualified};

/// What the manifests of random definitions declare.
const PROPERTIES: &str = r#"
[properties.customers]
plan = "text"
tags = "text"
email_consent = "text"
sms_consent = "boolean"
renewed_at = "timestamp"
[properties.companies]
opened_on = "date"
is_partner = "boolean"
[properties.orders]
n_parcels = "integer"
is_gift = "boolean"
due_on = "date"
[properties.order_lines]
n_pieces = "integer"
is_gift = "boolean"
[properties.events]
n_clicks = "integer"
is_mobile = "boolean"
seen_at = "timestamp"
[properties.responses]
n_words = "integer"
is_public = "boolean"
"#;

/// Patterns of `like`, with characters that stand for themselves behind a backslash.
const PATTERNS: [&str; 16] = [
    "%e%",
    "W_b",
    "web%",
    "%",
    "ä%l",
    "",
    "x_y%",
    "%n",
    "x\\_y\\%z",
    "%\\%%",
    "x\\%%",
    "%\\\\%",
    "\\",
    "we\\b",
    "%\\",
    "_\\\\_",
];

/// Regular expressions, some of which are as good as patterns of `like`.
const EXPRESSIONS: [&str; 12] = [
    "^w",
    "b|l",
    "[a-z]{3}$",
    "^$",
    "(?i)ÄP",
    "\\s",
    "\\\\",
    "^\\\\$",
    "a\\\\b",
    ".*",
    "x_y%",
    "^(web|a\\\\b)$",
];

/// The text of a manifest with so many random segments, and a segmentation of a few.
pub(crate) fn manifest(chance: &mut Chance, subject: Subject, properties: &Properties, n: usize) -> String {
    let fiscal_year_start = chance.between(1, 12);
    let mut text = format!(
        "[project]\ntitle = \"Random\"\nfiscal_year_start = {fiscal_year_start}\n{PROPERTIES}\n[traits.own_trait]\nsubject = \"{subject}\"\n"
    );
    let mut writer = Writer { chance, subject, properties, n_segments: 0, has_ladder: false };
    text.push_str(&format!("value = '''{}'''\n", writer.placeless(|writer| writer.number(None, 1))));
    for number in 0..n {
        let depth = writer.chance.below(4);
        text.push_str(&writer.segment(number, depth));
    }
    text.push_str(&format!("[segmentations.ladder]\nsubject = \"{subject}\"\n"));
    for class in 0..3 {
        let condition = writer.condition(None, 1);
        text.push_str(&format!(
            "[[segmentations.ladder.classes]]\nname = \"c{class}\"\nwhere = '''{condition}'''\n"
        ));
    }
    writer.has_ladder = true;
    (n..n + 3).for_each(|number| text.push_str(&writer.segment(number, 1)));
    text
}

/// The properties that the manifests declare.
pub(crate) fn properties() -> Properties {
    let text = format!("[project]\ntitle = \"Random\"\n{PROPERTIES}");
    let files = [("strata.toml".to_owned(), text)];
    strata_pipeline::spec::manifest::Manifest::parse(&files).unwrap().properties
}

impl Writer<'_> {
    fn segment(&mut self, number: usize, depth: usize) -> String {
        self.n_segments = number;
        let condition = self.condition(None, depth);
        format!("[segments.s{number}]\nsubject = \"{}\"\nwhere = '''{condition}'''\n", self.subject)
    }

    pub(crate) fn condition(&mut self, rows: Rows, depth: usize) -> String {
        if depth == 0 {
            return self.leaf(rows, 0);
        }
        match self.chance.below(12) {
            0..2 => self.joined(" and ", rows, depth),
            2..4 => self.joined(" or ", rows, depth),
            4 => format!("not ({})", self.condition(rows, depth - 1)),
            5 => {
                let count = self.chance.between(1, 3);
                let of: Vec<String> = (0..3).map(|_| self.condition(rows, depth - 1)).collect();
                format!("at_least({count}, {})", of.join(", "))
            }
            _ => self.leaf(rows, depth),
        }
    }

    fn joined(&mut self, by: &str, rows: Rows, depth: usize) -> String {
        let of: Vec<String> =
            (0..self.chance.between(2, 3)).map(|_| self.condition(rows, depth - 1)).collect();
        format!("({})", of.join(by))
    }

    fn leaf(&mut self, rows: Rows, depth: usize) -> String {
        match self.chance.below(if rows.is_none() { 34 } else { 18 }) {
            0..4 => self.compared(Kind::Number, rows, depth),
            4..6 => self.compared(Kind::Text, rows, depth),
            6 => self.compared_times(rows, depth),
            7 => self.like(rows, depth),
            8 => {
                let kind = self.chance.one(&[Kind::Text, Kind::Number, Kind::Timestamp, Kind::Boolean]);
                let word = self.chance.of(&["is null", "is not null"]);
                format!("{} {word}", self.term(kind, rows, depth))
            }
            9 => self.in_list(rows, depth),
            10 => {
                let [term, low, high] = [depth, 0, 0].map(|depth| self.number(rows, depth));
                format!("{term} {} {low} and {high}", self.chance.of(&["between", "not between"]))
            }
            11..14 => self.window(rows, depth),
            14 => {
                let word = self.chance.of(&["", " is true", " is not true", " is false", " is not false"]);
                format!("{}{word}", self.column(Kind::Boolean, rows))
            }
            15 => self.list(rows),
            16 => {
                let polygon = "POLYGON ((-1 -1, 2 -1, 2 2, -1 2, -1 -1), (0 0, 1 0, 1 1, 0 1, 0 0))";
                let (latitude, longitude) = (self.number(rows, 0), self.number(rows, 0));
                format!("within_polygon({latitude}, {longitude}, '{polygon}')")
            }
            18 => self.every(depth),
            19..21 => self.inexact(depth),
            21..24 => self.sequence(depth),
            24..26 => self.place(depth),
            26 if self.subject == Subject::Customers => {
                format!("reachable('{}')", self.chance.of(&["email", "sms", "phone", "post"]))
            }
            27 if self.n_segments > 0 => format!("in_segment('s{}')", self.chance.below(self.n_segments)),
            27 if self.has_ladder => "in_class('ladder', 'c1')".to_owned(),
            30..34 => self.past(),
            28 => format!("own_trait {} 1", self.chance.of(&["<", ">", "=", "is distinct from"])),
            _ => self.compared(Kind::Number, rows, depth),
        }
    }

    fn compared(&mut self, kind: Kind, rows: Rows, depth: usize) -> String {
        let by = ["=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"];
        let left = self.term(kind, rows, depth);
        let right = match kind {
            Kind::Text if self.chance.once_in(2) => self.constant_text(),
            _ => self.term(kind, rows, depth.saturating_sub(1)),
        };
        format!("{left} {} {right}", self.chance.of(&by))
    }

    fn compared_times(&mut self, rows: Rows, depth: usize) -> String {
        let left = self.any_time(rows, depth);
        let right = match self.chance.below(3) {
            0 => format!("as_of - interval '{}'", self.length()),
            1 => self.chance.of(&["'2024-02-29'", "date '2024-01-31'", "as_of"]).to_owned(),
            _ => self.any_time(rows, 0),
        };
        let by = ["=", "<>", "<", "<=", ">", ">=", "is distinct from"];
        format!("{left} {} {right}", self.chance.of(&by))
    }

    fn like(&mut self, rows: Rows, depth: usize) -> String {
        let text = self.text(rows, depth);
        let not = self.chance.of(&["", "not "]);
        match self.chance.below(4) {
            0 => {
                let word = self.chance.of(&["like", "ilike"]);
                let pattern = self.chance.of(&PATTERNS);
                format!("{text} {not}{word} '{pattern}'")
            }
            1 => {
                let expression = self.chance.of(&EXPRESSIONS);
                let case = self.chance.of(&["", ", 'i'"]);
                format!("{not}regexp_like({text}, '{expression}'{case})")
            }
            _ => {
                let word = self.chance.of(&["starts_with", "ends_with", "contains"]);
                let part = self.chance.of(&["w", "B", "Äp", "", " ", "lin", "b"]);
                let case = self.chance.of(&["", ", 'i'"]);
                format!("{not}{word}({text}, '{part}'{case})")
            }
        }
    }

    fn in_list(&mut self, rows: Rows, depth: usize) -> String {
        let word = self.chance.of(&["in", "not in"]);
        if self.chance.once_in(2) {
            let text = self.text(rows, depth);
            let (one, other) = (self.constant_text(), self.constant_text());
            return format!("{text} {word} ({one}, {other})");
        }
        if self.chance.once_in(2) {
            let (time, other) = (self.any_time(rows, depth), self.any_time(rows, 0));
            let constant = self.chance.of(&["'2024-02-29'", "date '2024-02-29'", "timestamp '2024-01-01'"]);
            return format!("{time} {word} ({other}, {constant})");
        }
        let number = self.number(rows, depth);
        let other = self.number(rows, 0);
        format!("{number} {word} (1, 0.25, {other})")
    }

    fn list(&mut self, rows: Rows) -> String {
        let name = self.chance.of(&["array_has_any", "array_has_all"]);
        let (list, one) = (self.column(Kind::Text, rows), self.constant_text());
        let other = match self.chance.below(3) {
            0 => "1".to_owned(),
            1 => self.column(Kind::Text, rows),
            _ => "'a'".to_owned(),
        };
        format!("{name}({list}, {one}, {other})")
    }

    fn window(&mut self, rows: Rows, depth: usize) -> String {
        // Inside an aggregate the table's own time is meant where none is named.
        let time = match rows {
            Some(_) if self.chance.once_in(2) => String::new(),
            _ => format!("{}, ", self.any_time(rows, depth.saturating_sub(1))),
        };
        self.window_of(&time)
    }

    pub(crate) fn window_of(&mut self, time: &str) -> String {
        match self.chance.below(6) {
            0..2 => format!("in_last({time}'{}')", self.length()),
            2 => format!("in_next({time}'{}')", self.length()),
            3 => {
                let (longer, shorter) =
                    self.chance.one(&[("90 days", "30 days"), ("1 year", "1 month"), ("7 days", "1 day")]);
                format!("ago_between({time}'{longer}', '{shorter}')")
            }
            _ => format!("in_period({time}'{}')", self.period()),
        }
    }

    fn period(&mut self) -> String {
        let unit = self.chance.one(&CalendarUnit::ALL).as_str();
        match self.chance.below(7) {
            0 => self.chance.of(&["today", "yesterday", "tomorrow"]).to_owned(),
            1 => format!("this {unit}"),
            2 => format!("last {unit}"),
            3 => format!("2 {unit}s ago"),
            4 => format!("last 3 {unit}s"),
            5 => format!("last {unit} to date"),
            _ => format!("next {unit}"),
        }
    }

    fn every(&mut self, depth: usize) -> String {
        let table = self.table();
        // The first column says of which table it is a figure.
        let columns = ["n_parcels", "n_pieces", "n_clicks", "n_words"];
        let column = match table {
            Table::Orders => columns[0],
            Table::OrderLines => columns[1],
            Table::Events => columns[2],
            _ => columns[3],
        };
        let by = self.chance.of(&["=", ">", "<="]);
        format!("every({} {by} 1){}", qualified(table, column), self.filter(table, depth))
    }

    fn place(&mut self, depth: usize) -> String {
        let by = self.placeless(|writer| writer.number(None, depth.saturating_sub(1)));
        let among = match self.chance.below(2) {
            0 => format!(", {}", self.placeless(|writer| writer.condition(None, depth.saturating_sub(1)))),
            _ => String::new(),
        };
        match self.chance.below(4) {
            0 => format!("rank({by}{among}) <= {}", self.chance.between(1, 4)),
            1 => format!("row_number({by}{among}) <= {}", self.chance.between(1, 4)),
            2 => format!("percent_rank({by}{among}) >= {}", self.chance.of(&["0", "0.5", "0.9", "1"])),
            _ => format!("rank({by}{among}) % 2 = 1"),
        }
    }

    /// Places do not nest.
    fn placeless(&mut self, mut write: impl FnMut(&mut Self) -> String) -> String {
        loop {
            let text = write(self);
            if !text.contains("rank(") && !text.contains("row_number(") {
                return text;
            }
        }
    }
}
