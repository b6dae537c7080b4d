//! Values of one subject, or of one row.

use strata_pipeline::spec::condition::{Arithmetic, Column, Interval, Scope, Term};
use strata_pipeline::spec::table::{Subject, Table};

use super::calendar::moved;
use super::condition::At;
use super::value::{Row, Value};
use super::world::{One, text};

impl One<'_> {
    pub(crate) fn term(&self, term: &Term, at: At<'_>) -> Value {
        match term {
            Term::Column(column) => self.column(column, at),
            Term::Literal(literal) => Value::of_literal(literal),
            Term::AsOf => Value::Time(self.world.as_of),
            Term::Aggregate(aggregate) => self.figure(aggregate),
            Term::Arithmetic { left, operator, right } => {
                self.arithmetic(&self.term(left, at), *operator, &self.term(right, at))
            }
            Term::Call { function, arguments, .. } => self.call(*function, arguments, at),
            Term::Case { branches, otherwise } => {
                let chosen = branches.iter().find(|(when, _)| self.condition(when, at) == Some(true));
                match (chosen, otherwise) {
                    (Some((_, value)), _) => self.term(value, at),
                    (None, Some(value)) => self.term(value, at),
                    (None, None) => Value::Null,
                }
            }
            Term::Since { state, .. } => self.since(state).map_or(Value::Null, Value::Time),
            Term::Rank { ranking, by, among, .. } => self.place(*ranking, by, among.as_deref()),
            Term::Truth(condition) => Value::of_truth(self.condition(condition, at)),
        }
    }

    fn column(&self, column: &Column, at: At<'_>) -> Value {
        let name = column.name.as_str();
        match (column.scope, at) {
            (Scope::Row, Some((table, row))) => self.of_row(table, row, name),
            (Scope::Company, _) => self.company().map_or(Value::Null, |company| cell(company, name)),
            (Scope::Subject | Scope::Row, _) => self.named(name),
        }
    }

    /// A column of a row. To a company, the traits of its customers are columns of theirs.
    fn of_row(&self, table: Table, row: &Row, name: &str) -> Value {
        if self.has_column(table, name) || table != Table::Customers {
            return cell(row, name);
        }
        let subject = Subject::Customers;
        let id = text(row, subject.id_column()).unwrap();
        One { world: self.world, subject, own: row, id }.named(name)
    }

    /// A column of the subject, a trait or a score.
    pub(crate) fn named(&self, name: &str) -> Value {
        let definitions = &self.world.definitions;
        if self.has_column(self.subject.table(), name) {
            return cell(self.own, name);
        }
        if let Some(definition) = definitions.traits.get(name) {
            return self.term(&definition.value, None);
        }
        match definitions.scores.get(name) {
            Some(score) => self.score(score),
            None => panic!("{} have no `{name}`", self.subject),
        }
    }

    pub(crate) fn has_column(&self, table: Table, name: &str) -> bool {
        let declared = self.world.properties.get(&table);
        table.column(name).is_some() || declared.is_some_and(|declared| declared.contains_key(name))
    }

    fn arithmetic(&self, left: &Value, by: Arithmetic, right: &Value) -> Value {
        match (left, right) {
            (Value::Null, _) | (_, Value::Null) => Value::Null,
            (time, Value::Length(length)) => self.time_moved(time, by, *length),
            (Value::Integer(left), Value::Integer(right)) if by != Arithmetic::Divide => match by {
                Arithmetic::Add => Value::Integer(left + right),
                Arithmetic::Subtract => Value::Integer(left - right),
                Arithmetic::Multiply => Value::Integer(left * right),
                Arithmetic::Divide | Arithmetic::Modulo if *right == 0 => Value::Null,
                Arithmetic::Divide | Arithmetic::Modulo => Value::Integer(left % right),
            },
            (left, right) => {
                let (left, right) = (left.number().unwrap(), right.number().unwrap());
                match by {
                    Arithmetic::Add => Value::Number(left + right),
                    Arithmetic::Subtract => Value::Number(left - right),
                    Arithmetic::Multiply => Value::Number(left * right),
                    Arithmetic::Divide | Arithmetic::Modulo if right == 0.0 => Value::Null,
                    Arithmetic::Divide => Value::Number(left / right),
                    Arithmetic::Modulo => Value::Number(left % right),
                }
            }
        }
    }

    /// A time, or a day, moved by a length of time. Of a day, what is left of a day is lost.
    fn time_moved(&self, time: &Value, by: Arithmetic, length: Interval) -> Value {
        let sign = if by == Arithmetic::Add { 1 } else { -1 };
        match time {
            Value::Time(at) => Value::Time(moved(*at, length, sign, self.world.timezone)),
            Value::Date(day) => {
                let midnight = day.and_hms_opt(0, 0, 0).unwrap().and_utc();
                Value::Date(moved(midnight, length, sign, chrono_tz::UTC).date_naive())
            }
            other => panic!("{other:?} is not a time"),
        }
    }
}

fn cell(row: &Row, name: &str) -> Value {
    row.get(name).cloned().unwrap_or(Value::Null)
}
