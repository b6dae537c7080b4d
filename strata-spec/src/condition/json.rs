//! Conditions as the builder's JSON: `{"all": […]}`, `{"any": […]}`, `{"none": […]}`, `{"not": …}`,
//! `{"at_least": 2, "of": […]}` and leaves. `json_read` reads what stands here.
//!
//! | leaf | JSON |
//! | --- | --- |
//! | comparison | `{"left": {"column": "country"}, "operator": "=", "right": "DE"}` |
//! | between, in | `{"term": …, "between": [1, 5]}`, `{"term": …, "in": ["DE", "AT"], "negated": true}` |
//! | patterns | `{"term": …, "like": "A%", "ignore_case": true}`; so `regexp_like`, `starts_with`, `ends_with`, `contains` |
//! | missing, boolean | `{"term": …, "is_null": true}`, `{"is": {"column": "accepts_marketing"}}` |
//! | windows | `{"in_last": "30 days", "time": …}`, `{"in_next": …}`, `{"ago_between": ["90 days", "30 days"]}`, `{"in_period": "last quarter"}` |
//! | membership | `{"in_segment": "vip"}`, `{"in_class": ["rfm", "champions"]}` |
//! | sequence | `{"sequence": [{"step": "events", "where": …}, {"no_step": "orders", "within": "7 days"}], "same": ["product_id"], "within": "30 days", "filter": …}` |
//! | changes | `{"changed": {"column": "plan"}, "from": "free", "to": "pro", "window": {"in_last": "7 days"}}`, `{"entered": "vip"}`, `{"left": ["rfm", "champions"], "window": …}` |
//! | states | `{"was": {"column": "plan"}, "value": "free", "at": {"date": "2026-03-01"}}`, `{"was_in": "vip", "window": …}` |
//! | anything | `{"sql": "…"}` |
//!
//! Terms are bare constants, `{"column": "city", "of": "company"}`, `{"aggregate": "count", "table": "orders", "of": […],
//! "distinct": true, "filter": …}`, `{"left": …, "operator": "+", "right": …}`, `{"call": "lower", "of": […]}`,
//! `{"date": …}`, `{"timestamp": …}`, `{"interval": "60 days"}`, `{"as_of": true}`, `{"since": {"column": "plan"},
//! "value": "free"}`, `{"member_since": "vip"}`, `{"percent_rank": …, "among": …}`, so `rank` and `row_number`, `{"truth": …}`
//! for a condition as a value, and `{"sql": "…"}` for the rest. Comparisons by an operator and by `in` take `"ignore_case": true`, which is read as
//! `lower(…)` on both sides. A key whose columns have other names in other tables is `{"events": …, "order_lines": …}`.

use serde_json::{Map, Value, json};

use super::print::{Place, instant_words};
use super::{
    Aggregate, Change, Column, Condition, Group, Key, Literal, Scope, Sequence, State, Step, Term, When,
    Window,
};
use crate::table::Table;

impl Condition {
    /// The condition as the builder's JSON.
    pub fn to_json(&self) -> Value {
        condition(self, None)
    }
}

impl Term {
    /// The term as the builder's JSON.
    pub fn to_json(&self) -> Value {
        term(self, None)
    }
}

fn condition(value: &Condition, rows: Option<Table>) -> Value {
    let conditions = |of: &[Condition]| of.iter().map(|each| condition(each, rows)).collect::<Vec<_>>();
    let term = |value: &Term| term(value, rows);
    match value {
        Condition::All(of) => json!({ "all": conditions(of) }),
        Condition::Any(of) => json!({ "any": conditions(of) }),
        Condition::Not(inner) => match &**inner {
            Condition::Any(of) => json!({ "none": conditions(of) }),
            other => json!({ "not": condition(other, rows) }),
        },
        Condition::AtLeast { count, of } => json!({ "at_least": count, "of": conditions(of) }),
        Condition::Compare { left, operator, right } => {
            json!({ "left": term(left), "operator": operator.as_str(), "right": term(right) })
        }
        Condition::Between { term: of, low, high, negated } => {
            negatable(json!({ "term": term(of), "between": [term(low), term(high)] }), *negated)
        }
        Condition::In { term: of, values, negated } => {
            let values: Vec<Value> = values.iter().map(term).collect();
            negatable(json!({ "term": term(of), "in": values }), *negated)
        }
        Condition::Like { term: of, pattern, negated } => {
            let mut leaf = object(json!({ "term": term(of) }));
            leaf.insert(pattern.kind.as_str().to_owned(), json!(pattern.text));
            if pattern.ignore_case {
                leaf.insert("ignore_case".to_owned(), json!(true));
            }
            negatable(Value::Object(leaf), *negated)
        }
        Condition::IsNull { term: of, negated } => json!({ "term": term(of), "is_null": !negated }),
        Condition::InWindow { time, window } => {
            let mut leaf = object(self::window(*window));
            if let Some(time) = time {
                leaf.insert("time".to_owned(), term(time));
            }
            Value::Object(leaf)
        }
        Condition::InSegment(name, _) => json!({ "in_segment": name.as_str() }),
        Condition::InClass { segmentation, class, .. } => {
            json!({ "in_class": [segmentation.as_str(), class] })
        }
        Condition::Sequence(of) => sequence(of),
        Condition::Changed { change, window, .. } => changed(change, *window),
        Condition::Was { state, when, .. } => was(state, when),
        Condition::Is(of) => json!({ "is": term(of) }),
    }
}

fn term(value: &Term, rows: Option<Table>) -> Value {
    match value {
        Term::Column(value) => column(value, rows),
        Term::Literal(value) => literal(value),
        Term::AsOf => json!({ "as_of": true }),
        Term::Aggregate(value) => aggregate(value),
        Term::Arithmetic { left, operator, right } => {
            json!({ "left": term(left, rows), "operator": operator.as_str(), "right": term(right, rows) })
        }
        Term::Call { function, arguments, .. } => {
            let of: Vec<Value> = arguments.iter().map(|each| term(each, rows)).collect();
            json!({ "call": function.name(), "of": of })
        }
        Term::Since { state, .. } => Value::Object(self::state(("since", "member_since"), state)),
        Term::Rank { ranking, by, among, .. } => {
            let mut value = Map::new();
            value.insert(ranking.as_str().to_owned(), term(by, rows));
            if let Some(among) = among {
                value.insert("among".to_owned(), condition(among, rows));
            }
            Value::Object(value)
        }
        Term::Truth(of) => json!({ "truth": condition(of, rows) }),
        Term::Case { .. } => {
            json!({ "sql": Place { rows, ..Place::default() }.term_text(value) })
        }
    }
}

fn column(column: &Column, rows: Option<Table>) -> Value {
    match (column.scope, rows) {
        (Scope::Company, _) => json!({ "column": column.name, "of": "company" }),
        (Scope::Subject, Some(_)) => json!({ "column": column.name, "of": "subject" }),
        (Scope::Subject, None) | (Scope::Row, _) => json!({ "column": column.name }),
    }
}

fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Text(text) => json!(text),
        Literal::Integer(number) => json!(number),
        Literal::Number(number) => json!(number),
        Literal::Boolean(value) => json!(value),
        Literal::Date(date) => json!({ "date": date.to_string() }),
        Literal::Timestamp(instant) => json!({ "timestamp": instant_words(*instant) }),
        Literal::Interval(interval) => json!({ "interval": interval.to_string() }),
    }
}

fn aggregate(aggregate: &Aggregate) -> Value {
    let rows = Some(aggregate.table);
    let mut value =
        object(json!({ "aggregate": aggregate.function.name(), "table": aggregate.table.as_str() }));
    if !aggregate.arguments.is_empty() {
        let of: Vec<Value> = aggregate.arguments.iter().map(|each| term(each, rows)).collect();
        value.insert("of".to_owned(), json!(of));
    }
    if aggregate.distinct {
        value.insert("distinct".to_owned(), json!(true));
    }
    if let Some(filter) = &aggregate.filter {
        value.insert("filter".to_owned(), condition(filter, rows));
    }
    Value::Object(value)
}

fn window(window: Window) -> Value {
    match window {
        Window::Last(length) => json!({ "in_last": length.to_string() }),
        Window::Next(length) => json!({ "in_next": length.to_string() }),
        Window::Ago { from, to } => json!({ "ago_between": [from.to_string(), to.to_string()] }),
        period => json!({ "in_period": period.period_words() }),
    }
}

fn sequence(sequence: &Sequence) -> Value {
    let step = |step: &Step| {
        let word = if step.absent { "no_step" } else { "step" };
        let mut value = Map::new();
        value.insert(word.to_owned(), json!(step.table.as_str()));
        if let Some(of) = &step.condition {
            value.insert("where".to_owned(), condition(of, Some(step.table)));
        }
        if let Some(within) = step.within {
            value.insert("within".to_owned(), json!(within.to_string()));
        }
        Value::Object(value)
    };
    let key = |key: &Key| match key.shared_column() {
        Some(column) => json!(column.name),
        None => {
            let terms =
                key.terms.iter().map(|(table, of)| (table.as_str().to_owned(), term(of, Some(*table))));
            Value::Object(terms.collect())
        }
    };
    let mut value = object(json!({ "sequence": sequence.steps.iter().map(step).collect::<Vec<_>>() }));
    if !sequence.same.is_empty() {
        value.insert("same".to_owned(), json!(sequence.same.iter().map(key).collect::<Vec<_>>()));
    }
    if let Some(within) = sequence.within {
        value.insert("within".to_owned(), json!(within.to_string()));
    }
    if let Some(filter) = &sequence.filter {
        let rows = sequence.steps.first().map(|step| step.table);
        value.insert("filter".to_owned(), condition(filter, rows));
    }
    Value::Object(value)
}

fn changed(change: &Change, of: Option<Window>) -> Value {
    let mut value = match change {
        Change::Value { column: of, from, to } => {
            let mut value = object(json!({ "changed": column(of, None) }));
            value.extend(from.iter().map(|from| ("from".to_owned(), literal(from))));
            value.extend(to.iter().map(|to| ("to".to_owned(), literal(to))));
            value
        }
        Change::Entered(group) => object(json!({ "entered": self::group(group) })),
        Change::Left(group) => object(json!({ "left": self::group(group) })),
    };
    value.extend(of.map(|of| ("window".to_owned(), window(of))));
    Value::Object(value)
}

fn was(of: &State, when: &When) -> Value {
    let mut value = state(("was", "was_in"), of);
    match when {
        When::Ever => {}
        When::At(instant) => {
            value.insert("at".to_owned(), term(instant, None));
        }
        When::In(of) => {
            value.insert("window".to_owned(), window(*of));
        }
    }
    Value::Object(value)
}

/// A state under the word for a property or for a group.
fn state((of_property, of_group): (&str, &str), state: &State) -> Map<String, Value> {
    let mut value = Map::new();
    match state {
        State::Value { column: of, value: has } => {
            value.insert(of_property.to_owned(), column(of, None));
            value.insert("value".to_owned(), literal(has));
        }
        State::Member(group) => {
            value.insert(of_group.to_owned(), self::group(group));
        }
    }
    value
}

fn group(group: &Group) -> Value {
    match group {
        Group::Segment(name) => json!(name.as_str()),
        Group::Class { segmentation, class } => json!([segmentation.as_str(), class]),
    }
}

fn negatable(leaf: Value, negated: bool) -> Value {
    let mut leaf = object(leaf);
    if negated {
        leaf.insert("negated".to_owned(), json!(true));
    }
    Value::Object(leaf)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
