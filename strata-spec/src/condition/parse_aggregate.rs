//! Text into figures over a table's rows: which table, which rows, and what inside may speak of what.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Function as SqlFunction, Spanned, visit_expressions};
use sqlparser::tokenizer::Location;

use super::parse::{Reader, start_of};
use super::parse_call::Call;
use super::parse_term::table_names;
use super::vocabulary::example;
use super::{Aggregate, AggregateFunction, CalendarUnit, Literal, Term};
use crate::error::{SpecError, nearest};
use crate::table::{Kind, Subject, Table};

impl Reader<'_> {
    pub(super) fn aggregate(self, function: AggregateFunction, call: &Call<'_>) -> Result<Term, SpecError> {
        if self.rows.is_some() {
            return Err(self.nested(call.start, &call.name));
        }
        if call.star {
            return Err(self
                .error(call.start, format!("`{}(*)` does not say of which table", call.name))
                .with_hint(format!("name it: `count(orders)`; the tables are {}", table_names())));
        }
        if let [argument] = call.arguments[..]
            && let Some(table) = bare_table(argument)
        {
            return self.count_rows(function, call, table);
        }
        let most = function.arguments();
        self.check_arguments(call, &(1.max(*most.start())..=*most.end()))?;
        if call.distinct && function != AggregateFunction::Count {
            return Err(self
                .error(call.start, format!("`{}` takes no `distinct`", call.name))
                .with_hint("`count(distinct orders.channel)` counts different values"));
        }
        let table = self.table_of(function, call)?;
        self.refuse_table(call.start, table)?;
        let inside = Reader { rows: Some(table), ..self };
        let arguments = call.arguments.iter().map(|each| inside.term(each)).collect::<Result<Vec<_>, _>>()?;
        self.check_figure(function, call, &arguments)?;
        let filter = call.filter.map(|filter| inside.condition(filter)).transpose()?;
        let at = self.at(call.start);
        Ok(Term::Aggregate(Box::new(Aggregate {
            function,
            distinct: call.distinct,
            table,
            arguments,
            filter,
            at,
        })))
    }

    /// Checks the arguments that must be constants, since plans are built from them.
    fn check_figure(
        self,
        function: AggregateFunction,
        call: &Call<'_>,
        arguments: &[Term],
    ) -> Result<(), SpecError> {
        let place =
            |index: usize| call.arguments.get(index).map_or(call.start, |argument| start_of(argument));
        let refused = |index: usize, message: &str| {
            let error = self.error(place(index), message);
            Err(error.with_hint(format!("write `{}`", example(&call.name))))
        };
        match (function, arguments) {
            (AggregateFunction::Percentile, [_, share]) if !is_share(share) => {
                refused(1, "a percentile is a constant between 0 and 1")
            }
            (AggregateFunction::Every, [term]) if !super::build::may_be_boolean(term) => {
                refused(0, &format!("`{term}` is neither true nor false"))
            }
            (AggregateFunction::ActivePeriods, [_, unit, least @ ..]) => {
                let Term::Literal(Literal::Text(word)) = unit else {
                    return refused(1, "the unit of the calendar is a constant text");
                };
                CalendarUnit::parse(word).map_err(|error| self.placed(place(1), error))?;
                match least {
                    [] | [Term::Literal(Literal::Integer(1..))] => Ok(()),
                    _ => refused(2, "the least number of rows is a constant of at least 1"),
                }
            }
            _ => Ok(()),
        }
    }

    fn nested(self, start: Location, name: &str) -> SpecError {
        self.error(start, format!("the aggregate `{name}` stands inside another")).with_hint(format!(
            "compute the inner one as a trait and reach it by `{}.` and its name",
            self.subject.singular()
        ))
    }

    /// `count(orders)`.
    fn count_rows(
        self,
        function: AggregateFunction,
        call: &Call<'_>,
        table: Table,
    ) -> Result<Term, SpecError> {
        if function != AggregateFunction::Count {
            let column = table.columns().iter().find(|column| column.kind == Kind::Number);
            let column = column.map_or(table.time_column(), |column| column.name);
            return Err(self
                .error(call.start, format!("`{}` takes a column, not a table", call.name))
                .with_hint(format!("write `{}({table}.{column})`", call.name)));
        }
        if call.distinct {
            return Err(self
                .error(call.start, "rows are always distinct; a column's values may not be")
                .with_hint(format!(
                    "write `count({table})`, or `count(distinct {table}.{})`",
                    table.time_column()
                )));
        }
        self.refuse_table(call.start, table)?;
        let inside = Reader { rows: Some(table), ..self };
        let filter = call.filter.map(|filter| inside.condition(filter)).transpose()?;
        let at = self.at(call.start);
        Ok(Term::Aggregate(Box::new(Aggregate {
            function,
            distinct: false,
            table,
            arguments: Vec::new(),
            filter,
            at,
        })))
    }

    /// The table that the arguments' columns name.
    fn table_of(self, function: AggregateFunction, call: &Call<'_>) -> Result<Table, SpecError> {
        let mut bare = None;
        for argument in &call.arguments {
            let found = visit_expressions(*argument, |expression| match expression {
                Expr::CompoundIdentifier(parts) => {
                    match parts.first().and_then(|first| Table::parse(&first.value.to_lowercase())) {
                        Some(table) => ControlFlow::Break(Ok(table)),
                        None => {
                            bare.get_or_insert((parts[0].clone(), true));
                            ControlFlow::Continue(())
                        }
                    }
                }
                Expr::Function(inner) if is_aggregate(inner) => ControlFlow::Break(Err(inner.clone())),
                Expr::Identifier(name) => {
                    bare.get_or_insert((name.clone(), false));
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Continue(()),
            });
            match found {
                ControlFlow::Break(Ok(table)) => return Ok(table),
                ControlFlow::Break(Err(inner)) => {
                    return Err(self.nested(inner.name.span().start, &inner.name.to_string()));
                }
                ControlFlow::Continue(()) => {}
            }
        }
        let Some((name, is_qualifier)) = bare else {
            return Err(self
                .error(call.start, format!("`{}` names no column of a table", call.name))
                .with_hint(format!("write `{}`", example(&call.name))));
        };
        let (word, start) = (name.value.as_str(), name.span.start);
        let owners = ["customer", "company", "subject"];
        if is_qualifier && !owners.contains(&word) {
            let error = self.error(start, format!("unknown table `{word}`"));
            return Err(match nearest(word, Table::ALL.map(Table::as_str)) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint(format!("the tables are {}", table_names())),
            });
        }
        let error =
            self.error(start, format!("`{}` does not say of which table `{word}` is a column", call.name));
        let written = |table: Table, column: &str| match function {
            AggregateFunction::Count if call.distinct => format!("`count(distinct {table}.{column})`"),
            _ => format!("`{}({table}.{column})`", call.name),
        };
        let having: Vec<String> = self
            .tables()
            .filter(|table| table.column(&word.to_lowercase()).is_some())
            .map(|table| written(table, &word.to_lowercase()))
            .collect();
        if !having.is_empty() {
            return Err(error.with_hint(format!("write {}", having.join(" or "))));
        }
        Err(match nearest(word, self.tables().map(Table::as_str)) {
            Some(near) if function == AggregateFunction::Count => {
                error.with_hint(format!("did you mean `count({near})`?"))
            }
            _ => error.with_hint(format!("write {}, or another table's name", written(Table::Orders, word))),
        })
    }

    /// The tables with many rows per subject.
    fn tables(self) -> impl Iterator<Item = Table> {
        let subject = self.subject;
        Table::ALL.into_iter().filter(move |&table| has_rows(subject, table))
    }

    pub(super) fn refuse_table(self, start: Location, table: Table) -> Result<(), SpecError> {
        if has_rows(self.subject, table) {
            return Ok(());
        }
        let hint = match table.subject() {
            Some(own) if own == self.subject => {
                format!("use its columns without an aggregate, as `{}`", table.time_column())
            }
            _ => "use its columns without an aggregate, as `company.industry`".to_owned(),
        };
        Err(self
            .error(start, format!("`{table}` has at most one row for each of {}", self.subject))
            .with_hint(hint))
    }
}

/// Whether a subject may have many rows in a table.
fn has_rows(subject: Subject, table: Table) -> bool {
    match table {
        Table::Companies => false,
        Table::Customers => subject == Subject::Companies,
        _ => true,
    }
}

/// Whether a term is a constant in [0, 1].
fn is_share(term: &Term) -> bool {
    match term {
        Term::Literal(Literal::Integer(share)) => (0..=1).contains(share),
        Term::Literal(Literal::Number(share)) => (0.0..=1.0).contains(share),
        _ => false,
    }
}

fn is_aggregate(function: &SqlFunction) -> bool {
    AggregateFunction::parse(&function.name.to_string().to_lowercase()).is_some()
}

pub(super) fn bare_table(argument: &Expr) -> Option<Table> {
    match argument {
        Expr::Nested(inner) => bare_table(inner),
        Expr::Identifier(name) if name.quote_style.is_none() => Table::parse(&name.value.to_lowercase()),
        _ => None,
    }
}
