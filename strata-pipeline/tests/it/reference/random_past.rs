//! Random sequences, and random conditions about what held before.

use strata_pipeline::spec::condition::CalendarUnit;
use strata_pipeline::spec::table::{Kind, Subject, Table};

use super::random_term::Writer;

impl Writer<'_> {
    pub(crate) fn sequence(&mut self, depth: usize) -> String {
        let tables = [Table::Events, Table::Orders, Table::OrderLines];
        let (first, second) = (self.chance.one(&tables), self.chance.one(&tables));
        let n_steps = self.chance.between(2, 4);
        let mut used = Vec::new();
        let mut n_present = 0;
        let mut clauses = Vec::new();
        for number in 0..n_steps {
            let table = if self.chance.once_in(2) { first } else { second };
            used.push(table);
            let is_absent = number > 0 && self.chance.once_in(2);
            n_present += usize::from(!is_absent);
            // Mostly simple, lest no row ever follows another.
            let rows = match self.chance.below(6) {
                0..3 => String::new(),
                3..5 => format!(", {} is distinct from 'web'", self.column(Kind::Text, Some(table))),
                _ => format!(", {}", self.condition(Some(table), depth.saturating_sub(2))),
            };
            let within = match number {
                0 => String::new(),
                _ if self.chance.once_in(2) => format!(", '{}'", self.length()),
                _ => String::new(),
            };
            clauses.push(format!("{}({table}{rows}{within})", if is_absent { "no_step" } else { "step" }));
        }
        if self.chance.once_in(2) {
            clauses.push(self.key(&used));
        }
        if n_present > 1 && self.chance.once_in(3) {
            clauses.push(format!("within('{}')", self.length()));
        }
        let one_table = used.iter().all(|table| *table == used[0]);
        let filter = match self.chance.below(3) {
            0 if one_table => format!(" filter (where {})", self.condition(Some(used[0]), 0)),
            0 => format!(" filter (where {})", self.window_of("")),
            _ => String::new(),
        };
        format!("sequence({}){filter}", clauses.join(", "))
    }

    /// A column that all tables have, or one of each.
    fn key(&mut self, tables: &[Table]) -> String {
        let has = |wanted| tables.iter().all(|table| wanted == *table);
        let has_product = tables.iter().all(|table| table.column("product_id").is_some());
        match self.chance.below(3) {
            0 if has_product => "same(product_id)".to_owned(),
            1 if has(Table::Orders) => "same(channel), same(currency)".to_owned(),
            1 if has(Table::Events) => "same(channel), same(n_clicks)".to_owned(),
            _ => "same(company_id)".to_owned(),
        }
    }

    /// A condition about what was.
    pub(crate) fn past(&mut self) -> String {
        let group = self.group();
        match self.chance.below(if group.is_none() { 6 } else { 12 }) {
            0 => {
                let (property, _) = self.property();
                format!("changed({property}{})", self.past_window())
            }
            1 => {
                let (property, values) = self.property();
                let (from, to) = (self.chance.of(values), self.chance.of(values));
                let to = if self.chance.once_in(2) { format!(", {to}") } else { String::new() };
                format!("changed_from({property}, {from}{to}{})", self.past_window())
            }
            2 => {
                let (property, values) = self.property();
                format!("changed_to({property}, {}{})", self.chance.of(values), self.past_window())
            }
            3 | 4 => {
                let (property, values) = self.property();
                format!("was({property}, {}{})", self.chance.of(values), self.when())
            }
            5 => {
                let (property, values) = self.property();
                let (value, by) = (self.chance.of(values), self.chance.of(&[">=", "<", ">", "<="]));
                format!("has_been({property}, {value}) {by} interval '{}'", self.length())
            }
            6 => format!("entered({}{})", group.unwrap_or_default(), self.past_window()),
            7 => format!("left({}{})", group.unwrap_or_default(), self.past_window()),
            8 | 9 => format!("was_in({}{})", group.unwrap_or_default(), self.when()),
            10 => {
                format!("member_since({}) {} as_of", group.unwrap_or_default(), self.chance.of(&["<", "="]))
            }
            _ => format!("has_been_in({}) >= interval '{}'", group.unwrap_or_default(), self.length()),
        }
    }

    /// A property whose history the world keeps, with its values.
    fn property(&mut self) -> (&'static str, &'static [&'static str]) {
        self.chance.one(match self.subject {
            Subject::Customers => &[("plan", &["'free'", "'pro'"]), ("n_children", &["0", "1"])],
            Subject::Companies => {
                &[("industry", &["'Retail'", "'Health'"]), ("is_partner", &["true", "false"])]
            }
        })
    }

    /// One of the segments there are already, or a class of the segmentation once that is there.
    fn group(&mut self) -> Option<String> {
        match self.n_segments {
            0 => None,
            _ if self.has_ladder && self.chance.once_in(2) => Some("'ladder', 'c0'".to_owned()),
            // Few, so that the world can keep stays in all of them.
            n => Some(format!("'s{}'", self.chance.below(n.min(3)))),
        }
    }

    fn when(&mut self) -> String {
        match self.chance.below(4) {
            0 => String::new(),
            1 => format!(", as_of - interval '{}'", self.length()),
            2 => format!(
                ", {}",
                self.chance.of(&[
                    "date '2024-02-01'",
                    "date '2022-03-27'",
                    "timestamp '2024-01-01 00:00:00'"
                ])
            ),
            _ => loop {
                let window = self.past_window();
                if !window.is_empty() {
                    return window;
                }
            },
        }
    }

    /// A window that does not lie ahead, or none.
    fn past_window(&mut self) -> String {
        let unit = self.chance.one(&CalendarUnit::ALL).as_str();
        match self.chance.below(6) {
            0 => String::new(),
            1 | 2 => format!(", in_last('{}')", self.length()),
            3 => ", ago_between('1 year', '1 month')".to_owned(),
            4 => format!(", in_period('{} {unit}')", self.chance.of(&["this", "last"])),
            _ => format!(", in_period('last 3 {unit}s')"),
        }
    }
}
