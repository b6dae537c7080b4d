//! Text into sequences: `sequence(step(events, name = 'Viewed'), step(orders, '3 days'), same(product_id))`.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, visit_expressions};

use super::parse::{Reader, literal_text, start_of};
use super::parse_aggregate::bare_table;
use super::parse_call::Call;
use super::parse_term::table_names;
use super::vocabulary::{self, CLAUSES, example};
use super::{Condition, Interval, Key, Scope, Sequence, Step, Term};
use crate::error::{SpecError, nearest};
use crate::table::Table;

impl Reader<'_> {
    pub(super) fn sequence(self, call: &Call<'_>) -> Result<Condition, SpecError> {
        if self.rows.is_some() {
            return Err(self
                .error(call.start, "a sequence cannot stand inside an aggregate or another sequence")
                .with_hint("it goes through the subject's rows itself: join the two by `and`"));
        }
        if call.distinct {
            return Err(self.error(call.start, "`sequence` takes no `distinct`").with_hint("leave it out"));
        }
        let here = self.deeper()?;
        let (mut steps, mut keys, mut within) = (Vec::new(), Vec::new(), None);
        for argument in &call.arguments {
            let clause = here.clause(argument)?;
            match clause.name.as_str() {
                "step" | "no_step" => steps.push(here.step(&clause)?),
                "same" => keys.push(clause),
                _ if within.is_some() => {
                    return Err(here
                        .error(clause.start, "a sequence has one `within`")
                        .with_hint("the time between two steps stands in the later one"));
                }
                _ => within = Some(here.total(&clause)?),
            }
        }
        let sequence = Sequence { steps, same: Vec::new(), within, filter: None, at: self.at(call.start) };
        let mut sequence = sequence.checked().map_err(|error| self.placed(call.start, error))?;
        let tables = sequence.tables();
        sequence.same = keys.iter().map(|key| here.key(key, &tables)).collect::<Result<_, _>>()?;
        sequence.filter = call.filter.map(|filter| here.rows_of_all(filter, &tables)).transpose()?;
        Ok(Condition::Sequence(Box::new(sequence)))
    }

    /// A part of a sequence, with a number of arguments that it can have.
    fn clause<'e>(self, argument: &'e Expr) -> Result<Call<'e>, SpecError> {
        let parts = || CLAUSES.iter().map(|form| form.name);
        let listed = || parts().map(|name| format!("`{name}(…)`")).collect::<Vec<_>>().join(", ");
        let Expr::Function(function) = argument else {
            return Err(self
                .error(start_of(argument), format!("a sequence is made of {}", listed()))
                .with_hint(format!("write `{}`", example("step"))));
        };
        let clause = self.call(function)?;
        let Some(form) = vocabulary::find(CLAUSES, &clause.name) else {
            let error = self.error(clause.start, format!("`{}` is not part of a sequence", clause.written));
            return Err(match nearest(&clause.name, parts()) {
                Some(near) => error.with_hint(format!("did you mean `{near}`? write `{}`", example(near))),
                None => error.with_hint(format!("a sequence is made of {}", listed())),
            });
        };
        self.check_arguments(&clause, &form.arguments)?;
        if let Call { filter: Some(_), .. } | Call { distinct: true, .. } = clause {
            return Err(self
                .error(clause.start, format!("`{}` takes no `filter` and no `distinct`", clause.name))
                .with_hint(format!("write `{}`", example(&clause.name))));
        }
        Ok(clause)
    }

    fn total(self, clause: &Call<'_>) -> Result<Interval, SpecError> {
        match clause.arguments.as_slice() {
            [length] => self.length(length),
            _ => Err(self.error(clause.start, "`within` takes a length of time")),
        }
    }

    fn step(self, clause: &Call<'_>) -> Result<Step, SpecError> {
        let (what, within) = match clause.arguments.as_slice() {
            [what @ .., length] if matches!(length, Expr::Interval(_)) || literal_text(length).is_some() => {
                let place = start_of(length);
                let within = self.length(length)?.checked_as_window();
                (what, Some(within.map_err(|error| self.placed(place, error))?))
            }
            all => (all, None),
        };
        let (table, condition) = match what {
            [table] if bare_table(table).is_some() => (bare_table(table), None),
            [condition] => (self.named_table(condition), Some(condition)),
            [table, condition] => {
                let Some(table) = bare_table(table) else {
                    let error = self.error(start_of(table), format!("`{table}` is not a table"));
                    let near = nearest(&table.to_string(), Table::ALL.map(Table::as_str));
                    return Err(match near {
                        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                        None => error.with_hint(format!("the tables are {}", table_names())),
                    });
                };
                (Some(table), Some(condition))
            }
            _ => (None, None),
        };
        let table =
            table.ok_or_else(|| {
                let place = what.first().map_or(clause.start, |first| start_of(first));
                self.error(place, format!("`{}` does not say of which table", clause.name))
                    .with_hint(format!("write `{}`; the tables are {}", example(&clause.name), table_names()))
            })?;
        self.refuse_table(clause.start, table)?;
        let inside = Reader { rows: Some(table), ..self };
        let condition = condition.map(|condition| inside.condition(condition)).transpose()?;
        // `step(events, true)` is `step(events)`.
        let condition = condition.filter(|condition| *condition != Condition::All(Vec::new()));
        let absent = clause.name == "no_step";
        Ok(Step { absent, table, condition, within, at: self.at(clause.start) })
    }

    /// The first table that stands before a column.
    fn named_table(self, expression: &Expr) -> Option<Table> {
        let found = visit_expressions(expression, |part| match part {
            Expr::CompoundIdentifier(parts) => {
                match parts.first().and_then(|first| Table::parse(&first.value.to_lowercase())) {
                    Some(table) => ControlFlow::Break(table),
                    None => ControlFlow::Continue(()),
                }
            }
            _ => ControlFlow::Continue(()),
        });
        found.break_value()
    }

    /// One column for all tables, or a term for each.
    fn key(self, clause: &Call<'_>, tables: &[Table]) -> Result<Key, SpecError> {
        if let [name @ Expr::Identifier(_)] = clause.arguments.as_slice() {
            let column = Reader { rows: tables.first().copied(), ..self }.term(name)?;
            if !matches!(column, Term::Column(_)) {
                return Err(self
                    .error(start_of(name), format!("`{column}` is the same in all rows anyway"))
                    .with_hint(format!("write `{}`", example("same"))));
            }
            return Ok(Key { terms: tables.iter().map(|&table| (table, column.clone())).collect() });
        }
        let mut terms: Vec<(Table, Term)> = Vec::new();
        for argument in &clause.arguments {
            let start = start_of(argument);
            let table = self.named_table(argument).ok_or_else(|| {
                self.error(start, "`same` does not say of which table this is")
                    .with_hint("write `same(events.product_id, order_lines.sku)`, or one name alone that all tables have")
            })?;
            if !tables.contains(&table) {
                return Err(self
                    .error(start, format!("no step is of the table `{table}`"))
                    .with_hint("a key speaks of the tables that the steps name"));
            }
            if terms.iter().any(|(other, _)| *other == table) {
                return Err(self
                    .error(start, format!("`same` names two keys of `{table}`"))
                    .with_hint("write a `same` for each: `same(session_id), same(product_id)`"));
            }
            terms.push((table, Reader { rows: Some(table), ..self }.term(argument)?));
        }
        if let Some(missing) = tables.iter().find(|table| !terms.iter().any(|(other, _)| other == *table)) {
            return Err(self
                .error(clause.start, format!("`same` names no key of `{missing}`"))
                .with_hint("what is the same in all rows needs a name in each of their tables"));
        }
        terms.sort_by_key(|(table, _)| tables.iter().position(|other| other == table));
        Ok(Key { terms })
    }

    /// The filter of a whole sequence: rows of several tables have no columns in common but their times.
    fn rows_of_all(self, filter: &Expr, tables: &[Table]) -> Result<Condition, SpecError> {
        let inside = Reader { rows: tables.first().copied(), ..self };
        let condition = inside.condition(filter)?;
        let of_rows = condition.columns().into_iter().find(|column| column.scope == Scope::Row);
        match of_rows {
            Some(column) if tables.len() > 1 => Err(self
                .error(
                    start_of(filter),
                    format!("the filter of a sequence over two tables cannot speak of a column, as `{}`", column.name),
                )
                .with_hint("put it into the steps; a window alone, as `in_last('90 days')`, is of each table's own time")),
            _ => Ok(condition),
        }
    }
}
