//! Random sequences, and random conditions about what held before.

use strata_pipeline::spec::table::{Kind, Table};

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
}
