//! The builder's JSON into conditions: the forms that `json` describes. `json_leaf` and `json_state` read the leaves.
//!
//! What a leaf may say is checked in one place for both forms: each leaf is written as text and read by the text's
//! parser. An error's place is the path to the part that is wrong, such as `$.all[1]`.

use serde_json::Value;

use super::json_object::{Json, Object};
use super::parse::Reader;
use super::parse_term::{parse_date, parse_number, parse_timestamp};
use super::print::Place;
use super::{
    Aggregate, AggregateFunction, Arithmetic, At, Column, Condition, Function, Interval, Literal, Scope, Term,
};
use crate::error::{SpecError, nearest};
use crate::table::{Subject, Table};

/// How many keys and indices a path may have: more than any text's tree needs, and well within a thread's stack.
const MAX_DEPTH: usize = 128;

/// The keys that say what a condition is.
const CONDITION_KEYS: [&str; 28] = [
    "all",
    "any",
    "none",
    "not",
    "at_least",
    "operator",
    "between",
    "in",
    "like",
    "regexp_like",
    "starts_with",
    "ends_with",
    "contains",
    "is_null",
    "is",
    "in_last",
    "in_next",
    "ago_between",
    "in_period",
    "in_segment",
    "in_class",
    "sequence",
    "changed",
    "entered",
    "was",
    "was_in",
    "sql",
    // A comparison has a left side too, but also an operator.
    "left",
];

/// The keys that say what a term is.
const TERM_KEYS: [&str; 15] = [
    "column",
    "aggregate",
    "operator",
    "call",
    "date",
    "timestamp",
    "interval",
    "as_of",
    "since",
    "member_since",
    "percent_rank",
    "rank",
    "row_number",
    "truth",
    "sql",
];

const ARITHMETIC: [Arithmetic; 5] =
    [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide, Arithmetic::Modulo];

impl Condition {
    /// Reads the builder's JSON.
    pub fn from_json(value: &Value, subject: Subject) -> Result<Condition, SpecError> {
        let condition = Json::new(subject).condition(value)?;
        // What can be built can be written: the text has limits of depth and length that this form lacks.
        let text = condition.to_string();
        Condition::parse(&text, subject).map_err(|error| error.in_place("$, written as text"))?;
        Ok(condition)
    }
}

impl Term {
    /// Reads the builder's JSON of a term.
    pub fn from_json(value: &Value, subject: Subject) -> Result<Term, SpecError> {
        let term = Json::new(subject).term(value)?;
        Term::parse(&term.to_string(), subject).map_err(|error| error.in_place("$, written as text"))?;
        Ok(term)
    }
}

impl Json {
    /// The object at this place, and the key that says what kind of `what` it is.
    pub(super) fn object<'v>(
        &self,
        value: &'v Value,
        what: &str,
        keys: &[&'static str],
    ) -> Result<(Object<'v>, &'static str), SpecError> {
        if self.depth > MAX_DEPTH {
            let error = self.error("the condition is nested too deeply");
            return Err(error.with_hint("move a part into a trait or a segment of its own"));
        }
        let one_of = format!("{what} has one of the keys {}", keys.join(", "));
        let Value::Object(map) = value else {
            return Err(self.error(format!("expected {what}, found {value}")).with_hint(one_of));
        };
        match keys.iter().find(|key| map.contains_key(**key)) {
            Some(key) => Ok((Object { here: self.clone(), map }, key)),
            None => {
                let near = map.keys().find_map(|key| nearest(key, keys.iter().copied()));
                let error = self.error(format!("{what} has none of its keys"));
                Err(error.with_hint(near.map_or(one_of, |near| format!("did you mean `{near}`?"))))
            }
        }
    }

    pub(super) fn condition(&self, value: &Value) -> Result<Condition, SpecError> {
        if let Value::Bool(value) = value {
            return Condition::is(Term::Literal(Literal::Boolean(*value)));
        }
        let (object, key) = self.object(value, "a condition", &CONDITION_KEYS)?;
        match key {
            "all" => Ok(Condition::all(object.only(&["all"])?.conditions("all")?)),
            "any" => Ok(Condition::any(object.only(&["any"])?.conditions("any")?)),
            "none" => Ok(Condition::not(Condition::any(object.only(&["none"])?.conditions("none")?))),
            "not" => {
                let (inner, here) = object.only(&["not"])?.need("not")?;
                Ok(Condition::not(here.condition(inner)?))
            }
            "at_least" => {
                let object = object.only(&["at_least", "of"])?;
                let (count, here) = object.need("at_least")?;
                let count = count.as_u64().and_then(|count| u32::try_from(count).ok());
                let count = count.ok_or_else(|| here.error("`at_least` is not a whole number"))?;
                Condition::at_least(count, object.conditions("of")?)
                    .map_err(|error| error.in_place(&*self.path))
            }
            "sql" => {
                let text = object.only(&["sql"])?.text("sql")?;
                self.reader(text)
                    .read_condition()
                    .map_err(|error| error.in_place(format!("{}.sql", self.path)))
            }
            _ => {
                let leaf = self.leaf(&object, key)?;
                let text = Place { rows: self.rows, ..Place::default() }.condition_text(&leaf);
                self.reader(&text).read_condition().map_err(|error| error.in_place(&*self.path))
            }
        }
    }

    fn reader<'t>(&self, text: &'t str) -> Reader<'t> {
        Reader { rows: self.rows, ..Reader::new(text, self.subject) }
    }

    pub(super) fn term(&self, value: &Value) -> Result<Term, SpecError> {
        match value {
            Value::Null => return Ok(Term::Literal(Literal::Null)),
            Value::Bool(value) => return Ok(Term::Literal(Literal::Boolean(*value))),
            Value::String(text) => return Ok(Term::Literal(Literal::Text(text.clone()))),
            Value::Number(number) => {
                let literal = parse_number(&number.to_string()).map_err(|error| error.in_place(&*self.path));
                return literal.map(Term::Literal);
            }
            Value::Array(_) | Value::Object(_) => {}
        }
        let (object, key) = self.object(value, "a term", &TERM_KEYS)?;
        let placed = |error: SpecError| error.in_place(format!("{}.{key}", self.path));
        match key {
            "column" => self.column(&object.only(&["column", "of"])?),
            "aggregate" => {
                self.aggregate(&object.only(&["aggregate", "table", "of", "distinct", "filter"])?)
            }
            "operator" => {
                let object = object.only(&["left", "operator", "right"])?;
                let word = object.text("operator")?;
                let operator =
                    ARITHMETIC.into_iter().find(|each| each.as_str() == word).ok_or_else(|| {
                        placed(SpecError::new(format!("unknown operator `{word}` of a term"))).with_hint(
                            "the operators are + - * / %; a comparison as a term is `{\"truth\": …}`",
                        )
                    })?;
                let (left, right) = (Box::new(object.term("left")?), Box::new(object.term("right")?));
                Ok(Term::Arithmetic { left, operator, right })
            }
            "call" => {
                let object = object.only(&["call", "of"])?;
                let name = object.text("call")?;
                let function = Function::parse(name)
                    .ok_or_else(|| unknown("function", name, Function::ALL, Function::name));
                let function = function.map_err(placed)?;
                Ok(Term::Call { function, arguments: object.terms("of")?, at: At::default() })
            }
            "date" => {
                let date = parse_date(object.only(&["date"])?.text("date")?).map_err(placed)?;
                Ok(Term::Literal(Literal::Date(date)))
            }
            "timestamp" => {
                let instant =
                    parse_timestamp(object.only(&["timestamp"])?.text("timestamp")?).map_err(placed)?;
                Ok(Term::Literal(Literal::Timestamp(instant)))
            }
            "interval" => {
                let interval =
                    Interval::parse(object.only(&["interval"])?.text("interval")?).map_err(placed)?;
                Ok(Term::Literal(Literal::Interval(interval)))
            }
            "as_of" => match object.only(&["as_of"])?.flag("as_of")? {
                true => Ok(Term::AsOf),
                false => Err(placed(SpecError::new("`as_of` can only be true"))),
            },
            "truth" => Ok(Term::truth(object.only(&["truth"])?.condition("truth")?)),
            "since" | "member_since" => self.since(&object, key),
            "percent_rank" | "rank" | "row_number" => self.rank(&object, key),
            _ => {
                let text = object.only(&["sql"])?.text("sql")?;
                self.reader(text).read_term().map_err(placed)
            }
        }
    }

    pub(super) fn column(&self, object: &Object<'_>) -> Result<Term, SpecError> {
        let name = object.text("column")?.to_owned();
        if name.is_empty() {
            return Err(self.error("the name of a column is empty"));
        }
        let own = if self.rows.is_some() { Scope::Row } else { Scope::Subject };
        let scope =
            match (object.map.contains_key("of").then(|| object.text("of")).transpose()?, self.subject) {
                (None, _) => own,
                (Some("subject"), _)
                | (Some("customer"), Subject::Customers)
                | (Some("company"), Subject::Companies) => Scope::Subject,
                (Some("company"), Subject::Customers) => Scope::Company,
                (Some(other), _) => {
                    return Err(object
                        .here
                        .inside(".of")
                        .error(format!("a column of {} cannot be `of` `{other}`", self.subject))
                        .with_hint(
                            "`of` is `subject`, or `company` for customers; leave it out for the nearest",
                        ));
                }
            };
        Ok(Term::Column(Column { scope, name, at: At::default() }))
    }

    fn aggregate(&self, object: &Object<'_>) -> Result<Term, SpecError> {
        let name = object.text("aggregate")?;
        let function = AggregateFunction::parse(name).ok_or_else(|| {
            unknown("aggregate", name, AggregateFunction::ALL, AggregateFunction::name)
                .in_place(format!("{}.aggregate", self.path))
        })?;
        let name = object.text("table")?;
        let table = Table::parse(name).ok_or_else(|| {
            unknown("table", name, &Table::ALL, Table::as_str).in_place(format!("{}.table", self.path))
        })?;
        if self.rows.is_some() {
            return Err(self
                .error(format!("the aggregate `{}` stands inside another", function.name()))
                .with_hint("compute the inner one as a trait and name it as a column `of` the subject"));
        }
        let here = Json { rows: Some(table), ..object.here.clone() };
        let object = Object { here, map: object.map };
        let arguments = if object.map.contains_key("of") { object.terms("of")? } else { Vec::new() };
        let distinct = object.flag("distinct")?;
        let filter = match object.map.get("filter") {
            Some(filter) => Some(object.here.inside(".filter").condition(filter)?),
            None => None,
        };
        let at = At::default();
        Ok(Term::Aggregate(Box::new(Aggregate { function, distinct, table, arguments, filter, at })))
    }
}

pub(super) fn unknown<T: Copy>(what: &str, name: &str, all: &[T], named: fn(T) -> &'static str) -> SpecError {
    let names: Vec<&str> = all.iter().map(|&each| named(each)).collect();
    let error = SpecError::new(format!("unknown {what} `{name}`"));
    match nearest(name, names.iter().copied()) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint(format!("it is one of {}", names.join(", "))),
    }
}
