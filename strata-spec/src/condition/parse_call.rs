//! Text into calls: windows, memberships, patterns, functions, and figures over a table's rows.

use std::ops::{ControlFlow, RangeInclusive};

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function as SqlFunction, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArguments, Spanned, Value, ValueWithSpan, visit_expressions,
};
use sqlparser::tokenizer::Location;

use super::parse::{Reader, literal_text};
use super::parse_term::{aggregate_of, table_names};
use super::{
    Aggregate, AggregateFunction, Condition, Function, Interval, Literal, Pattern, PatternKind, Scope, Term,
    Window, interval,
};
use crate::error::{SpecError, nearest};
use crate::name::{SegmentName, SegmentationName};
use crate::table::{Kind, Subject, Table};

/// The functions that are conditions, with the least and the greatest number of arguments.
const CONDITIONS: [(&str, RangeInclusive<usize>); 11] = [
    ("at_least", 2..=usize::MAX),
    ("in_last", 1..=2),
    ("in_next", 1..=2),
    ("ago_between", 2..=3),
    ("in_period", 1..=2),
    ("in_segment", 1..=1),
    ("in_class", 2..=2),
    ("regexp_like", 2..=3),
    ("starts_with", 2..=3),
    ("ends_with", 2..=3),
    ("contains", 2..=3),
];

/// Other databases' words for ours.
const OTHER_WORDS: [(&str, &str); 19] = [
    ("average", "avg"),
    ("mean", "avg"),
    ("ifnull", "coalesce"),
    ("nvl", "coalesce"),
    ("isnull", "is null"),
    ("len", "length"),
    ("char_length", "length"),
    ("ceiling", "ceil"),
    ("pow", "power"),
    ("log", "ln"),
    ("now", "as_of"),
    ("today", "as_of"),
    ("current_date", "as_of"),
    ("current_timestamp", "as_of"),
    ("getdate", "as_of"),
    ("datediff", "days_between"),
    ("date_diff", "days_between"),
    ("percentile_cont", "percentile"),
    ("regexp_matches", "regexp_like"),
];

/// A function's name and arguments, stripped of what the language lacks.
struct Call<'e> {
    /// As written.
    written: &'e str,
    /// In lower case.
    name: String,
    start: Location,
    arguments: Vec<&'e Expr>,
    distinct: bool,
    /// `count(*)`.
    star: bool,
    filter: Option<&'e Expr>,
}

impl Reader<'_> {
    /// A function that is a condition; none if it is a term.
    pub(super) fn condition_call(self, function: &SqlFunction) -> Result<Option<Condition>, SpecError> {
        let call = self.call(function)?;
        let Some((_, range)) = CONDITIONS.iter().find(|(name, _)| *name == call.name) else {
            return Ok(None);
        };
        self.check_arguments(&call, range)?;
        self.refuse_aggregate_parts(&call)?;
        let arguments = call.arguments.as_slice();
        let condition = match (call.name.as_str(), arguments) {
            ("at_least", [count, of @ ..]) => {
                let number = match count {
                    Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) => digits.parse().ok(),
                    _ => None,
                };
                let number = number.ok_or_else(|| {
                    self.error(count.span().start, format!("`{count}` is not a whole number"))
                        .with_hint("write `at_least(2, first, second, third)`")
                })?;
                let of = of.iter().map(|each| self.condition(each)).collect::<Result<Vec<_>, _>>()?;
                Condition::at_least(number, of)
            }
            ("in_last", [time @ .., length]) => self.window(&call, time, Window::Last(self.length(length)?)),
            ("in_next", [time @ .., length]) => self.window(&call, time, Window::Next(self.length(length)?)),
            ("ago_between", [time @ .., from, to]) => {
                let (from, to) = (self.length(from)?, self.length(to)?);
                self.window(&call, time, Window::Ago { from, to })
            }
            ("in_period", [time @ .., period]) => {
                let words = self.text_argument(&call, period)?;
                let (unit, offset) =
                    interval::parse_period(words).map_err(|error| self.placed(period.span().start, error))?;
                self.window(&call, time, Window::Period { unit, offset })
            }
            ("in_segment", [name]) => self.in_segment(&call, name),
            ("in_class", [segmentation, class]) => self.in_class(&call, segmentation, class),
            ("regexp_like", _) => self.pattern_call(&call, PatternKind::Regex),
            ("starts_with", _) => self.pattern_call(&call, PatternKind::StartsWith),
            ("ends_with", _) => self.pattern_call(&call, PatternKind::EndsWith),
            ("contains", _) => self.pattern_call(&call, PatternKind::Contains),
            _ => return Ok(None),
        };
        condition.map(Some).map_err(|error| self.placed(call.start, error))
    }

    /// A function that is a term.
    pub(super) fn term_call(self, function: &SqlFunction) -> Result<Term, SpecError> {
        let call = self.call(function)?;
        if let Some(function) = AggregateFunction::parse(&call.name) {
            return self.aggregate(function, &call);
        }
        let Some(function) = Function::parse(&call.name) else {
            return Err(self.unknown_function(&call));
        };
        self.check_arguments(&call, &function.arguments())?;
        self.refuse_aggregate_parts(&call)?;
        let arguments = call.arguments.iter().map(|each| self.term(each)).collect::<Result<Vec<_>, _>>()?;
        if function == Function::Bucket && !matches!(arguments[..], [Term::Literal(Literal::Text(_))]) {
            return Err(self
                .error(call.start, "`bucket` takes a constant text")
                .with_hint("the text names the sample, as `bucket('newsletter') < 0.1`"));
        }
        Ok(Term::Call { function, arguments, at: self.at(call.start) })
    }

    fn call(self, function: &SqlFunction) -> Result<Call<'_>, SpecError> {
        let start = function.span().start;
        let name = match function.name.0.as_slice() {
            [part] => part.as_ident(),
            _ => None,
        };
        let name = name.ok_or_else(|| self.error(start, format!("unknown function `{}`", function.name)))?;
        let start = name.span.start;
        let refuse = |what: &str, hint: &str| {
            Err(self.error(start, format!("`{}` takes no {what}", name.value)).with_hint(hint))
        };
        if function.over.is_some() {
            return refuse(
                "`over`",
                "an aggregate ranges over all rows of the subject that its filter lets through",
            );
        }
        if function.null_treatment.is_some() || !function.within_group.is_empty() {
            return refuse("such addition", "after the parentheses stands at most `filter (where …)`");
        }
        let mut call = Call {
            written: &name.value,
            name: name.value.to_lowercase(),
            start,
            arguments: Vec::new(),
            distinct: false,
            star: false,
            filter: function.filter.as_deref(),
        };
        let FunctionArguments::List(list) = &function.args else {
            return refuse("sub-select", "give it values in parentheses");
        };
        match list.clauses.first() {
            None => {}
            Some(FunctionArgumentClause::OrderBy(_)) => {
                return refuse("`order by`", "`first_value` and `last_value` go by the table's time");
            }
            Some(_) => {
                return refuse("such addition", "inside the parentheses stand values, separated by commas");
            }
        }
        call.distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => call.arguments.push(expression),
                FunctionArg::Unnamed(_) => call.star = true,
                _ => return refuse("named arguments", "give it values in parentheses, separated by commas"),
            }
        }
        Ok(call)
    }

    fn check_arguments(self, call: &Call<'_>, range: &RangeInclusive<usize>) -> Result<(), SpecError> {
        let given = call.arguments.len();
        if range.contains(&given) && !call.star {
            return Ok(());
        }
        let plural = if *range.end() == 1 { "" } else { "s" };
        let wanted = match (*range.start(), *range.end()) {
            (least, most) if least == most => format!("{least} argument{plural}"),
            (least, usize::MAX) => format!("at least {least} arguments"),
            (least, most) => format!("{least} to {most} argument{plural}"),
        };
        let given = if call.star { "`*`".to_owned() } else { given.to_string() };
        let error = self.error(call.start, format!("`{}` takes {wanted}, not {given}", call.name));
        Err(error.with_hint(format!("write `{}`", example(&call.name))))
    }

    fn refuse_aggregate_parts(self, call: &Call<'_>) -> Result<(), SpecError> {
        let part = match call {
            Call { filter: Some(_), .. } => "filter",
            Call { distinct: true, .. } => "distinct",
            _ => return Ok(()),
        };
        Err(self.error(call.start, format!("`{}` takes no `{part}`", call.name)).with_hint(format!(
            "only aggregates do: `count(distinct orders.channel) filter (where amount > 100)`"
        )))
    }

    fn window(self, call: &Call<'_>, time: &[&Expr], window: Window) -> Result<Condition, SpecError> {
        let time = time.first().map(|time| self.term(time)).transpose()?;
        if time.is_none() && self.rows.is_none() {
            return Err(self
                .error(call.start, format!("`{}` outside an aggregate needs a time column", call.name))
                .with_hint(format!("name it first: `{}`", example(&call.name))));
        }
        Ok(Condition::InWindow { time, window: window.checked()? })
    }

    /// A length of time: `'30 days'`, or `interval '30 days'`.
    fn length(self, expression: &Expr) -> Result<Interval, SpecError> {
        if let Expr::Interval(interval) = expression {
            return self.interval(interval);
        }
        let start = expression.span().start;
        let text = literal_text(expression).ok_or_else(|| {
            self.error(start, format!("`{expression}` is not a length of time"))
                .with_hint("write it as a text in single quotes, as '30 days'")
        })?;
        Interval::parse(text).map_err(|error| self.placed(start, error))
    }

    fn text_argument<'e>(self, call: &Call<'_>, expression: &'e Expr) -> Result<&'e str, SpecError> {
        literal_text(expression).ok_or_else(|| {
            self.error(expression.span().start, format!("`{}` takes constant texts", call.name))
                .with_hint(format!("write `{}`, with single quotes", example(&call.name)))
        })
    }

    fn refuse_in_aggregate(self, call: &Call<'_>) -> Result<(), SpecError> {
        if self.rows.is_some() {
            return Err(self
                .error(call.start, format!("`{}` cannot stand inside an aggregate", call.name))
                .with_hint("memberships are of subjects, not of rows: join the two by `and`"));
        }
        Ok(())
    }

    fn in_segment(self, call: &Call<'_>, name: &Expr) -> Result<Condition, SpecError> {
        self.refuse_in_aggregate(call)?;
        let text = self.text_argument(call, name)?;
        let name = SegmentName::new(text).map_err(|error| self.placed(name.span().start, error))?;
        Ok(Condition::InSegment(name, self.at(call.start)))
    }

    fn in_class(self, call: &Call<'_>, segmentation: &Expr, class: &Expr) -> Result<Condition, SpecError> {
        self.refuse_in_aggregate(call)?;
        let text = self.text_argument(call, segmentation)?;
        let class = self.text_argument(call, class)?.to_owned();
        let segmentation =
            SegmentationName::new(text).map_err(|error| self.placed(segmentation.span().start, error))?;
        Ok(Condition::InClass { segmentation, class, at: self.at(call.start) })
    }

    fn pattern_call(self, call: &Call<'_>, kind: PatternKind) -> Result<Condition, SpecError> {
        let (term, pattern, flags) = match call.arguments[..] {
            [term, pattern] => (term, pattern, None),
            [term, pattern, flags] => (term, pattern, Some(flags)),
            _ => return Err(self.error(call.start, format!("`{}` takes a value and a pattern", call.name))),
        };
        let ignore_case = match flags {
            None => false,
            Some(flags) => Pattern::flags(self.text_argument(call, flags)?)
                .map_err(|error| self.placed(flags.span().start, error))?,
        };
        let pattern = Pattern { kind, text: self.pattern_text(pattern)?, ignore_case };
        Ok(Condition::Like { term: self.term(term)?, pattern, negated: false })
    }

    fn aggregate(self, function: AggregateFunction, call: &Call<'_>) -> Result<Term, SpecError> {
        if self.rows.is_some() {
            return Err(self
                .error(call.start, format!("the aggregate `{}` stands inside another", call.name))
                .with_hint("compute the inner one as a trait and reach it by `customer.` and its name"));
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
        if function == AggregateFunction::Percentile && !is_share(&arguments[1]) {
            return Err(self
                .error(call.arguments[1].span().start, "a percentile is a constant between 0 and 1")
                .with_hint(format!("write `{}`", example(&call.name))));
        }
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
                        Some(table) => ControlFlow::Break(table),
                        None => {
                            bare.get_or_insert((parts[0].clone(), true));
                            ControlFlow::Continue(())
                        }
                    }
                }
                Expr::Identifier(name) => {
                    bare.get_or_insert((name.clone(), false));
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Continue(()),
            });
            if let ControlFlow::Break(table) = found {
                return Ok(table);
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

    fn refuse_table(self, start: Location, table: Table) -> Result<(), SpecError> {
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

    fn unknown_function(self, call: &Call<'_>) -> SpecError {
        let error = self.error(call.start, format!("unknown function `{}`", call.written));
        if let Some((_, ours)) = OTHER_WORDS.iter().find(|(other, _)| *other == call.name) {
            return error.with_hint(format!("the word for it is `{ours}`"));
        }
        let aggregates = AggregateFunction::ALL.iter().map(|each| each.name());
        let functions = Function::ALL.iter().map(|each| each.name());
        let names = aggregates.chain(functions).chain(CONDITIONS.iter().map(|(name, _)| *name));
        match nearest(&call.name, names) {
            Some(near) => error.with_hint(format!("did you mean `{near}`? write `{}`", example(near))),
            None => error.with_hint("the language's description lists all functions"),
        }
    }
}

/// Whether a subject may have many rows in a table.
pub(super) fn has_rows(subject: Subject, table: Table) -> bool {
    match table {
        Table::Companies => false,
        Table::Customers => subject == Subject::Companies,
        _ => true,
    }
}

/// Whether a term is a constant in [0, 1].
pub(super) fn is_share(term: &Term) -> bool {
    match term {
        Term::Literal(Literal::Integer(share)) => (0..=1).contains(share),
        Term::Literal(Literal::Number(share)) => (0.0..=1.0).contains(share),
        _ => false,
    }
}

/// Whether one of the arguments speaks of a column of the aggregate's table, as all but `count(orders)` must.
pub(super) fn speaks_of_rows(arguments: &[Term]) -> bool {
    arguments.iter().any(|term| term.columns().iter().any(|column| column.scope == Scope::Row))
}

fn bare_table(argument: &Expr) -> Option<Table> {
    match argument {
        Expr::Nested(inner) => bare_table(inner),
        Expr::Identifier(name) if name.quote_style.is_none() => Table::parse(&name.value.to_lowercase()),
        _ => None,
    }
}

/// How a function is written, for hints.
fn example(name: &str) -> String {
    match name {
        "at_least" => "at_least(2, first, second, third)".to_owned(),
        "in_last" | "in_next" => format!("{name}(birth_date, '30 days')"),
        "ago_between" => "ago_between(created_at, '90 days', '30 days')".to_owned(),
        "in_period" => "in_period(created_at, 'last quarter')".to_owned(),
        "in_segment" => "in_segment('vip')".to_owned(),
        "in_class" => "in_class('rfm', 'champions')".to_owned(),
        "regexp_like" => "regexp_like(email, '@example')".to_owned(),
        "starts_with" | "ends_with" | "contains" => format!("{name}(city, 'x')"),
        "count" => "count(orders)".to_owned(),
        "percentile" => "percentile(orders.amount, 0.9)".to_owned(),
        "active_days" | "median_gap_days" | "gap_variation" => format!("{name}(orders.ordered_at)"),
        "first_day_sum" => "first_day_sum(orders.ordered_at, orders.amount)".to_owned(),
        "mode" | "mode_share" | "first_value" | "last_value" => format!("{name}(orders.channel)"),
        "nullif" => "nullif(city, 'unknown')".to_owned(),
        "power" => "power(n_orders, 2)".to_owned(),
        "round" => "round(revenue, 2)".to_owned(),
        "days_between" => "days_between(created_at, as_of)".to_owned(),
        "days_since" | "hour_of" | "weekday_of" | "month_of" | "year_of" => format!("{name}(created_at)"),
        "years_since" | "days_to_anniversary" => format!("{name}(birth_date)"),
        "distance_km" => "distance_km(latitude, longitude, 52.52, 13.40)".to_owned(),
        "bucket" => "bucket('newsletter')".to_owned(),
        "lower" | "upper" | "trim" | "length" => format!("{name}(city)"),
        "coalesce" | "concat" | "least" | "greatest" => format!("{name}(first, second)"),
        name if AggregateFunction::parse(name).is_some() => {
            aggregate_of(Table::Orders, "amount").replace("sum", name)
        }
        name => format!("{name}(n_orders)"),
    }
}
