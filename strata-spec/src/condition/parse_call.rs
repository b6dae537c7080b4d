//! Text into calls: windows, memberships, patterns, functions. `parse_aggregate` holds the figures over rows.

use std::ops::RangeInclusive;

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function as SqlFunction, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArguments, Spanned, Value, ValueWithSpan,
};
use sqlparser::tokenizer::Location;

use super::parse::{Reader, literal_text, snippet, start_of};
use super::parse_term::aggregate_of;
use super::{
    AggregateFunction, Condition, Function, Interval, Literal, Pattern, PatternKind, Term, Window, interval,
};
use crate::error::{SpecError, nearest};
use crate::name::{SegmentName, SegmentationName};
use crate::table::Table;

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
                    self.error(start_of(count), format!("`{}` is not a whole number", snippet(count)))
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
                    interval::parse_period(words).map_err(|error| self.placed(start_of(period), error))?;
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

    fn refuse_aggregate_parts(self, call: &Call<'_>) -> Result<(), SpecError> {
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
    fn length(self, expression: &Expr) -> Result<Interval, SpecError> {
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

    fn text_argument<'e>(self, call: &Call<'_>, expression: &'e Expr) -> Result<&'e str, SpecError> {
        literal_text(expression).ok_or_else(|| {
            self.error(start_of(expression), format!("`{}` takes constant texts", call.name))
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
        let name = SegmentName::new(text).map_err(|error| self.placed(start_of(name), error))?;
        Ok(Condition::InSegment(name, self.at(call.start)))
    }

    fn in_class(self, call: &Call<'_>, segmentation: &Expr, class: &Expr) -> Result<Condition, SpecError> {
        self.refuse_in_aggregate(call)?;
        let text = self.text_argument(call, segmentation)?;
        let class = self.text_argument(call, class)?.to_owned();
        let segmentation =
            SegmentationName::new(text).map_err(|error| self.placed(start_of(segmentation), error))?;
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
                .map_err(|error| self.placed(start_of(flags), error))?,
        };
        let pattern = Pattern { kind, text: self.pattern_text(pattern)?, ignore_case };
        Ok(Condition::Like { term: self.term(term)?, pattern, negated: false })
    }

    fn unknown_function(self, call: &Call<'_>) -> SpecError {
        let error = self.error(call.start, format!("unknown function `{}`", call.written));
        if let Some((_, ours)) = OTHER_WORDS.iter().find(|(other, _)| *other == call.name) {
            return error.with_hint(format!("the word for it is `{ours}`"));
        }
        let aggregates = AggregateFunction::ALL.iter().map(|each| each.name());
        let functions = Function::ALL.iter().map(|each| each.name());
        let names = aggregates.chain(functions).chain(CONDITIONS.iter().map(|(name, _)| *name));
        match nearest(&call.name, names.clone()) {
            Some(near) => error.with_hint(format!("did you mean `{near}`? write `{}`", example(near))),
            None => {
                let names: Vec<&str> = names.collect();
                error.with_hint(format!("the functions are {}", names.join(", ")))
            }
        }
    }
}

/// How a function is written, for hints.
pub(super) fn example(name: &str) -> String {
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
