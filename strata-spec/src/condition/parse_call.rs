//! Text into calls: windows, memberships, patterns, functions. `parse_aggregate` holds the figures over rows,
//! `parse_sequence` the sequences, `parse_state` what held at other times.

use std::ops::RangeInclusive;

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function as SqlFunction, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArguments, Spanned, Value, ValueWithSpan,
};
use sqlparser::tokenizer::Location;

use super::parse::{Reader, literal_text, snippet, start_of};
use super::polygon::Polygon;
use super::vocabulary::{self, CONDITIONS, TERMS, example};
use super::{
    AggregateFunction, Channel, Condition, Function, Group, Interval, Literal, Pattern, PatternKind, Term,
    Window, interval,
};
use crate::error::{SpecError, nearest};
use crate::table::{Subject, Table};

/// Other databases' words for ours.
const OTHER_WORDS: [(&str, &str); 26] = [
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
    ("st_within", "within_polygon"),
    ("st_contains", "within_polygon"),
    ("list_contains", "array_has"),
    ("array_contains", "array_has"),
    ("bool_and", "every"),
    ("ntile", "percent_rank"),
    ("dense_rank", "rank"),
];

/// A function's name and arguments, stripped of what the language lacks.
pub(super) struct Call<'e> {
    /// As written.
    pub(super) written: &'e str,
    /// In lower case.
    pub(super) name: String,
    pub(super) start: Location,
    pub(super) arguments: Vec<&'e Expr>,
    pub(super) distinct: bool,
    /// `count(*)`.
    pub(super) star: bool,
    pub(super) filter: Option<&'e Expr>,
}

impl Reader<'_> {
    /// A function that is a condition; none if it is a term.
    pub(super) fn condition_call(self, function: &SqlFunction) -> Result<Option<Condition>, SpecError> {
        let call = self.call(function)?;
        let Some(form) = vocabulary::find(CONDITIONS, &call.name) else { return Ok(None) };
        self.check_arguments(&call, &form.arguments)?;
        if call.name == "sequence" {
            return self.sequence(&call).map(Some);
        }
        self.refuse_aggregate_parts(&call)?;
        if let Some((time, window)) = self.window_of(&call)? {
            let condition = self.window(&call, time, window);
            return condition.map(Some).map_err(|error| self.placed(call.start, error));
        }
        let arguments = call.arguments.as_slice();
        let condition = match (call.name.as_str(), arguments) {
            ("at_least", [count, of @ ..]) => {
                let number = match count {
                    Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) => digits.parse().ok(),
                    _ => None,
                };
                let number = number.ok_or_else(|| {
                    self.error(start_of(count), format!("`{}` is not a whole number", snippet(count)))
                        .with_hint("write `at_least(2, first, second, third)`")
                })?;
                let of = of.iter().map(|each| self.condition(each)).collect::<Result<Vec<_>, _>>()?;
                Condition::at_least(number, of)
            }
            ("in_segment" | "in_class", _) => self.member(&call),
            ("regexp_like", _) => self.pattern_call(&call, PatternKind::Regex),
            ("starts_with", _) => self.pattern_call(&call, PatternKind::StartsWith),
            ("ends_with", _) => self.pattern_call(&call, PatternKind::EndsWith),
            ("contains", _) => self.pattern_call(&call, PatternKind::Contains),
            _ => self.state_call(&call),
        };
        condition.map(Some).map_err(|error| self.placed(call.start, error))
    }

    /// The window of a call such as `in_last(created_at, '30 days')`, and what stands before it; none if it is another.
    pub(super) fn window_of<'c, 'e>(
        self,
        call: &'c Call<'e>,
    ) -> Result<Option<(&'c [&'e Expr], Window)>, SpecError> {
        let (time, window) = match (call.name.as_str(), call.arguments.as_slice()) {
            ("in_last", [time @ .., length]) => (time, Window::Last(self.length(length)?)),
            ("in_next", [time @ .., length]) => (time, Window::Next(self.length(length)?)),
            ("ago_between", [time @ .., from, to]) => {
                (time, Window::Ago { from: self.length(from)?, to: self.length(to)? })
            }
            ("in_period", [time @ .., period]) => {
                let words = self.text_argument(call, period)?;
                let window =
                    interval::parse_period(words).map_err(|error| self.placed(start_of(period), error))?;
                (time, window)
            }
            _ => return Ok(None),
        };
        Ok(Some((time, window)))
    }

    /// A function that is a term.
    pub(super) fn term_call(self, function: &SqlFunction) -> Result<Term, SpecError> {
        let call = self.call(function)?;
        if let Some(function) = AggregateFunction::parse(&call.name) {
            return self.aggregate(function, &call);
        }
        if let Some(form) = vocabulary::find(TERMS, &call.name) {
            self.check_arguments(&call, &form.arguments)?;
            self.refuse_aggregate_parts(&call)?;
            return self.state_term(&call).map_err(|error| self.placed(call.start, error));
        }
        let Some(function) = Function::parse(&call.name) else {
            return Err(self.unknown_function(&call));
        };
        self.check_arguments(&call, &function.arguments())?;
        self.refuse_aggregate_parts(&call)?;
        let arguments = call.arguments.iter().map(|each| self.term(each)).collect::<Result<Vec<_>, _>>()?;
        self.check_constants(function, &call, &arguments)?;
        Ok(Term::Call { function, arguments, at: self.at(call.start) })
    }

    /// Checks the arguments that must be constants, since plans are built from them.
    fn check_constants(
        self,
        function: Function,
        call: &Call<'_>,
        arguments: &[Term],
    ) -> Result<(), SpecError> {
        let place = call.arguments.last().map_or(call.start, |last| start_of(last));
        match (function, arguments) {
            (Function::Bucket, [Term::Literal(Literal::Text(_))]) => Ok(()),
            (Function::Bucket, _) => Err(self
                .error(call.start, "`bucket` takes a constant text")
                .with_hint("the text names the sample, as `bucket('newsletter') < 0.1`")),
            (Function::WithinPolygon, [_, _, Term::Literal(Literal::Text(text))]) => {
                Polygon::parse(text).map(drop).map_err(|error| self.placed(place, error))
            }
            (Function::WithinPolygon, _) => Err(self
                .error(place, "the polygon is a constant text")
                .with_hint(format!("write `{}`", function.example()))),
            (Function::Consent | Function::Reachable, [Term::Literal(Literal::Text(name))]) => {
                let own = self.rows.is_none() && self.subject == Subject::Customers;
                if !own && self.rows != Some(Table::Customers) {
                    return Err(self
                        .error(call.start, format!("`{}` is asked of customers only", call.name))
                        .with_hint(
                            "from a company: `count(customers) filter (where reachable('email')) > 0`",
                        ));
                }
                if Channel::parse(name).is_some() {
                    return Ok(());
                }
                let names = Channel::ALL.map(Channel::as_str);
                let error = self.error(place, format!("unknown channel '{name}'"));
                Err(match nearest(name, names) {
                    Some(near) => error.with_hint(format!("did you mean '{near}'?")),
                    None => error.with_hint(format!("the channels are {}", names.join(", "))),
                })
            }
            (Function::Consent | Function::Reachable, _) => Err(self
                .error(place, format!("`{}` takes the name of a channel", call.name))
                .with_hint(format!("write `{}`", function.example()))),
            (zoned, [_, Term::Literal(zone)])
                if zoned.takes_timezone() && !matches!(zone, Literal::Text(_)) =>
            {
                Err(self.error(place, format!("`{zone}` is not a time zone")).with_hint(format!(
                    "write `{}(created_at, 'Europe/Berlin')`, or a property that holds the name of one",
                    call.name
                )))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn call(self, function: &SqlFunction) -> Result<Call<'_>, SpecError> {
        let start = function.name.span().start;
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

    pub(super) fn check_arguments(
        self,
        call: &Call<'_>,
        range: &RangeInclusive<usize>,
    ) -> Result<(), SpecError> {
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

    pub(super) fn refuse_aggregate_parts(self, call: &Call<'_>) -> Result<(), SpecError> {
        let part = match call {
            Call { filter: Some(_), .. } => "filter",
            Call { distinct: true, .. } => "distinct",
            _ => return Ok(()),
        };
        Err(self
            .error(call.start, format!("`{}` takes no `{part}`", call.name))
            .with_hint("only aggregates do: `count(distinct orders.channel) filter (where amount > 100)`"))
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
    pub(super) fn length(self, expression: &Expr) -> Result<Interval, SpecError> {
        if let Expr::Interval(interval) = expression {
            return self.interval(interval);
        }
        let start = start_of(expression);
        let text = literal_text(expression).ok_or_else(|| {
            self.error(start, format!("`{}` is not a length of time", snippet(expression)))
                .with_hint("write it as a text in single quotes, as '30 days'")
        })?;
        Interval::parse(text).map_err(|error| self.placed(start, error))
    }

    pub(super) fn text_argument<'e>(
        self,
        call: &Call<'_>,
        expression: &'e Expr,
    ) -> Result<&'e str, SpecError> {
        literal_text(expression).ok_or_else(|| {
            self.error(start_of(expression), format!("`{}` takes constant texts", call.name))
                .with_hint(format!("write `{}`, with single quotes", example(&call.name)))
        })
    }

    pub(super) fn refuse_in_aggregate(self, call: &Call<'_>) -> Result<(), SpecError> {
        if self.rows.is_some() {
            return Err(self
                .error(call.start, format!("`{}` cannot stand inside an aggregate", call.name))
                .with_hint("it is of the subject, not of its rows: join the two by `and`"));
        }
        Ok(())
    }

    /// `in_segment('vip')` and `in_class('rfm', 'champions')`.
    fn member(self, call: &Call<'_>) -> Result<Condition, SpecError> {
        self.refuse_in_aggregate(call)?;
        let at = self.at(call.start);
        Ok(match self.group(call, &call.arguments)? {
            Group::Segment(name) => Condition::InSegment(name, at),
            Group::Class { segmentation, class } => Condition::InClass { segmentation, class, at },
        })
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
                .map_err(|error| self.placed(start_of(flags), error))?,
        };
        let place = start_of(pattern);
        let pattern = Pattern { kind, text: self.pattern_text(pattern)?, ignore_case }.checked();
        let pattern = pattern.map_err(|error| self.placed(place, error))?;
        Ok(Condition::Like { term: self.term(term)?, pattern, negated: false })
    }

    fn unknown_function(self, call: &Call<'_>) -> SpecError {
        let error = self.error(call.start, format!("unknown function `{}`", call.written));
        if let Some((_, ours)) = OTHER_WORDS.iter().find(|(other, _)| *other == call.name) {
            return error.with_hint(format!("the word for it is `{ours}`"));
        }
        if vocabulary::find(vocabulary::CLAUSES, &call.name).is_some() {
            let error =
                self.error(call.start, format!("`{}` stands inside `sequence(…)` only", call.written));
            return error.with_hint(format!("write `{}`", example("sequence")));
        }
        let names = vocabulary::words();
        match nearest(&call.name, names.clone()) {
            Some(near) => error.with_hint(format!("did you mean `{near}`? write `{}`", example(near))),
            None => {
                let names: Vec<&str> = names.collect();
                error.with_hint(format!("the functions are {}", names.join(", ")))
            }
        }
    }
}
