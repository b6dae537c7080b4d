//! Makes typed rows of raw ones: one plan per mapping, with the reason beside each row that is refused.
//!
//! A row is refused when a required value is missing or cannot be read, or when it is dated after its file was
//! written; but a customer without an id may be known by another identifier. A value of any other column that cannot be read, or cannot be true, is dropped: the row stays without it, and
//! `rejected` says so.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions::core::expr_fn::nullif;
use strata_lake::datafusion::functions::regex::expr_fn::regexp_like;
use strata_lake::datafusion::functions::string::expr_fn::concat_ws;
use strata_lake::datafusion::functions::unicode::expr_fn::{left, strpos};
use strata_lake::datafusion::functions_nested::expr_fn::make_array;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit, not, when};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::definition::Properties;
use strata_spec::manifest::{Identifier, Manifest, Source};
use strata_spec::table::{Kind, PROPERTIES, SOURCE, Table};

use chrono::NaiveDate;

use super::evidence::Evidence;
use super::identity;
use super::mapping::{MappedColumn, Mapping, raw_column};
use super::parse::{Function, call, day_literal};
use super::plan::{joined, microseconds, null, table_columns};
use super::survey;
use crate::compile::data_type;

/// One mapping's rows: the table's columns typed, `properties`, `source`, and beside them `_file`, `_line`, `_batch`,
/// `_modified`, `_reason` (why the row is refused; null when it is good), `_dropped` (which
/// values were dropped and why), and `_reason_kind` and `_dropped_kind` (the same without the values).
#[derive(Debug, Clone)]
pub struct TypedRows {
    /// The canonical table that the rows are meant for.
    pub table: Table,
    /// The source.
    pub source: String,
    /// The rows.
    pub frame: DataFrame,
    pub(crate) mapping: Mapping,
    /// Whether it is known that no row is refused.
    pub(crate) are_all_good: bool,
    /// Whether no two rows have one key, where that is known.
    pub(crate) have_unique_keys: Option<bool>,
}

impl TypedRows {
    /// The rows that are not refused. A filter that lets all through would hide from the engine how many they are.
    pub(crate) fn good(&self) -> EngineResult<DataFrame> {
        if self.are_all_good {
            Ok(self.frame.clone())
        } else {
            self.frame.clone().filter(raw_column("_reason").is_null())
        }
    }

    /// Whether texts have to be parsed to get the rows, which is worth doing once. Telephone numbers are the dearest.
    pub(crate) fn is_parsed(&self) -> bool {
        self.mapping.identifier(Identifier::Phone).is_some()
            || self
                .mapping
                .columns
                .iter()
                .any(|column| column.is_text() && !matches!(column.kind, Kind::Text | Kind::Json))
    }

    /// Whether the manifest maps this column.
    pub(crate) fn maps(&self, column: &str) -> bool {
        self.mapping.column(column).is_some()
    }
}

/// How much of a value a reason quotes.
const QUOTE_LIMIT: i64 = 80;
/// What every telephone number has: three digits, not all of them zeros.
const NUMBER: &str = r"[\d&&[^0]](\D*\d){2}";
/// How long after its file was written a row may be dated: clocks and time zones differ.
const GRACE_MICROSECONDS: i64 = 86_400_000_000;

/// Plans one mapping of `source` over its raw rows without a problem.
pub(crate) fn plan(
    source: &Source,
    zone: &str,
    mapping: &Mapping,
    evidence: &Evidence,
    manifest: &Manifest,
    raw: DataFrame,
) -> EngineResult<TypedRows> {
    let properties = &manifest.properties;
    let mut frame = raw;
    if let Some(filter) = &mapping.filter {
        frame = frame.filter(evidence.settle(filter.clone(), zone)?)?;
    }
    frame = frame.select(read_columns(zone, mapping, evidence, manifest)?)?;
    if !mapping.questions.is_empty() {
        frame = unfold_questions(frame, mapping, evidence)?;
    }
    if mapping.table == Table::Responses && !manifest.surveys.is_empty() {
        frame = survey::found(frame, &manifest.surveys)?;
    }
    // A file of orders also names customers; where it names none, that is a guest and no mistake.
    let subject = match mapping.table {
        Table::Customers => Some("customer_id"),
        Table::Companies => Some("company_id"),
        Table::Feedback => Some("text"),
        _ => None,
    };
    let identifiers = identifiers(&frame);
    if let Some(subject) = subject.filter(|_| mapping.shares_rows) {
        let named = raw_column(subject).is_not_null();
        let named = if subject == "customer_id" { named_by(named, &identifiers) } else { named };
        frame = frame.filter(named)?;
    }
    let has_surveys = mapping.table == Table::Responses && !manifest.surveys.is_empty();
    frame = frame.select(checked_columns(source, mapping, properties, &identifiers, has_surveys)?)?;
    let source = source.name.to_string();
    Ok(TypedRows {
        table: mapping.table,
        source,
        frame,
        mapping: mapping.clone(),
        are_all_good: false,
        have_unique_keys: None,
    })
}

/// The columns with normalised identifiers, which only projects that join customers have.
fn identifiers(frame: &DataFrame) -> Vec<String> {
    let names = frame.schema().fields().iter().map(|field| field.name());
    names.filter(|name| name.starts_with(identity::PREFIX)).cloned().collect()
}

/// Whether a row names its customer, where an e-mail address or a telephone number does so too.
fn named_by(has_id: Expr, identifiers: &[String]) -> Expr {
    if identifiers.is_empty() {
        return has_id;
    }
    identity::instead_of_id().fold(has_id, |named, identifier| named.or(identifier.is_not_null()))
}

fn object<'a>(names: impl Iterator<Item = &'a String>) -> Expr {
    let arguments: Vec<Expr> = names.flat_map(|name| [lit(name.as_str()), raw_column(name)]).collect();
    if arguments.is_empty() { null(Kind::Json) } else { call(Function::JsonObject, arguments) }
}

/// The first step: values read, and beside them what was given.
fn read_columns(
    zone: &str,
    mapping: &Mapping,
    evidence: &Evidence,
    manifest: &Manifest,
) -> EngineResult<Vec<Expr>> {
    let mut columns = Vec::new();
    let joins = identity::joins(manifest);
    for (name, kind) in table_columns(mapping.table, &manifest.properties) {
        let Some(column) = mapping.column(&name) else {
            columns.push(null(kind).alias(&name));
            continue;
        };
        let raw = evidence.settle(column.raw.clone(), zone)?;
        let value = match name.as_str() {
            "customer_id" if joins => identity::customer_id(raw.clone(), &manifest.identity),
            _ => read(column, raw.clone(), evidence, zone),
        };
        columns.push(value.alias(&name));
        if let Some(given) = given(column) {
            columns.push(call(given, vec![raw]).alias(given_name(&name)));
        }
    }
    if joins {
        for (name, value) in identity::identifier_columns(mapping, &manifest.identity) {
            columns.push(evidence.settle(value, zone)?.alias(name));
        }
    }
    let properties = match mapping.table {
        Table::Customers | Table::Companies | Table::Orders | Table::Events => {
            object(mapping.leftovers.iter())
        }
        Table::OrderLines | Table::Responses | Table::Feedback => null(Kind::Json),
    };
    columns.push(properties.alias(PROPERTIES));
    for name in ["_file", "_line", "_batch", "_modified"] {
        columns.push(raw_column(name));
    }
    for question in &mapping.questions {
        columns.push(call(Function::Text, vec![raw_column(question)]).alias(answer_name(question)));
    }
    Ok(columns)
}

/// A raw value as a value of the column's kind; null where it cannot be read.
fn read(column: &MappedColumn, raw: Expr, evidence: &Evidence, zone: &str) -> Expr {
    let order = || evidence.order_literal(&column.raw);
    let mark = || evidence.mark_literal(&column.raw);
    let typed = column.raw_type == data_type(column.kind);
    match column.kind {
        Kind::Text if column.name == "email" => call(Function::Email, vec![raw]),
        Kind::Text if column.name == "gender" => call(Function::Gender, vec![raw]),
        Kind::Text if column.name == "country" => call(Function::Country, vec![raw]),
        Kind::Text if column.name.ends_with("_id") => call(Function::Id, vec![raw]),
        Kind::Text | Kind::Json => call(Function::Text, vec![raw]),
        Kind::Integer if typed => raw,
        Kind::Integer => call(Function::Integer, vec![raw, mark()]),
        // Not passed through even when typed: a NaN has to become a null.
        Kind::Number => call(Function::Number, vec![raw, mark()]),
        Kind::Boolean if typed => raw,
        Kind::Boolean => call(Function::Boolean, vec![raw]),
        Kind::Date if typed => raw,
        Kind::Date => call(Function::Date, vec![raw, order()]),
        Kind::Timestamp if typed => raw,
        Kind::Timestamp => call(Function::Timestamp, vec![raw, order(), lit(zone)]),
    }
}

/// The function that says what was given for a value that may turn out unreadable; none where every value can be read.
fn given(column: &MappedColumn) -> Option<Function> {
    match column.kind {
        Kind::Text if column.name == "gender" => Some(Function::GivenGender),
        Kind::Text | Kind::Json => None,
        _ if column.is_text() => Some(Function::Given),
        // 2.5 persons; 1e300 seconds
        Kind::Integer | Kind::Timestamp if column.raw_type.is_numeric() => Some(Function::Given),
        _ => None,
    }
}

fn given_name(name: &str) -> String {
    format!("_given_{name}")
}

fn answer_name(question: &str) -> String {
    format!("_answer_{question}")
}

/// One row per question that was answered.
fn unfold_questions(frame: DataFrame, mapping: &Mapping, evidence: &Evidence) -> EngineResult<DataFrame> {
    let names: Vec<String> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut columns: Vec<Expr> = names
        .iter()
        .filter(|name| {
            !name.starts_with("_answer_") && !matches!(name.as_str(), "question" | "answer" | "answer_number")
        })
        .map(|name| raw_column(name))
        .collect();
    let questions = mapping.questions.iter().map(|question| lit(question.trim())).collect();
    let answers = mapping.questions.iter().map(|question| raw_column(&answer_name(question))).collect();
    columns.push(make_array(questions).alias("question"));
    columns.push(make_array(answers).alias("answer"));
    let unfolded = frame.select(columns)?.unnest_columns(&["question", "answer"])?;
    let answered = unfolded.filter(raw_column("answer").is_not_null())?;
    let mark = evidence.mark_literal(&raw_column("answer"));
    answered.with_column("answer_number", call(Function::Number, vec![raw_column("answer"), mark]))
}

/// A ground for refusing a row or dropping a value.
pub(super) struct Ground {
    pub(super) when: Expr,
    pub(super) kind: String,
    pub(super) reason: Expr,
}

/// The second step: the table's columns as they will be, with the reasons.
fn checked_columns(
    source: &Source,
    mapping: &Mapping,
    properties: &Properties,
    identifiers: &[String],
    has_surveys: bool,
) -> EngineResult<Vec<Expr>> {
    let mut refused = Vec::new();
    let mut dropped = Vec::new();
    let mut columns = Vec::new();
    for (name, kind) in table_columns(mapping.table, properties) {
        let value = raw_column(&name);
        let Some(column) = mapping.column(&name) else {
            columns.push(value);
            continue;
        };
        let unreadable = given(column).map(|_| unreadable(column));
        if column.required {
            let mut missing = missing(column, unreadable.is_some());
            if (mapping.table, name.as_str()) == (Table::Customers, "customer_id") {
                missing.when = not(named_by(not(missing.when), identifiers));
            }
            refused.push(missing);
            refused.extend(unreadable);
        } else {
            dropped.extend(unreadable);
        }
        let untrue = untrue(mapping.table, &name, kind, &value);
        let kept = match (&untrue, column.required) {
            (Some(ground), false) => when(ground.when.clone(), null(kind)).otherwise(value)?,
            _ => value,
        };
        columns.push(kept.alias(&name));
        if let Some(ground) = untrue {
            if column.required { &mut refused } else { &mut dropped }.push(ground);
        }
    }
    if has_surveys {
        dropped.push(survey::not_counted());
    }
    columns.push(raw_column(PROPERTIES));
    columns.push(lit(source.name.as_str()).alias(SOURCE));
    columns.extend(identifiers.iter().map(|name| raw_column(name)));
    for name in ["_file", "_line", "_batch", "_modified"] {
        columns.push(raw_column(name));
    }
    columns.push(first_of(&refused, |ground| ground.reason.clone())?.alias("_reason"));
    columns.push(first_of(&refused, |ground| lit(ground.kind.as_str()))?.alias("_reason_kind"));
    columns.push(all_of(&dropped, |ground| ground.reason.clone())?.alias("_dropped"));
    columns.push(all_of(&dropped, |ground| lit(ground.kind.as_str()))?.alias("_dropped_kind"));
    Ok(columns)
}

fn missing(column: &MappedColumn, has_given: bool) -> Ground {
    let kind = format!("{} is missing", column.name);
    let value = if has_given { raw_column(&given_name(&column.name)) } else { raw_column(&column.name) };
    Ground { when: value.is_null(), reason: lit(kind.as_str()), kind }
}

fn unreadable(column: &MappedColumn) -> Ground {
    let expected = match column.kind {
        Kind::Date | Kind::Timestamp => "a date",
        Kind::Number => "a number",
        Kind::Integer => "a whole number",
        Kind::Boolean => "yes or no",
        Kind::Text if column.name == "gender" => "a gender",
        Kind::Text | Kind::Json => "a text",
    };
    let kind = format!("{} is not {expected}", column.name);
    let given = raw_column(&given_name(&column.name));
    let quote = left(given.clone(), lit(QUOTE_LIMIT));
    let reason = joined(vec![lit(format!("{kind}: `")), quote, lit("`")]);
    Ground { when: given.is_not_null().and(raw_column(&column.name).is_null()), kind, reason }
}

/// Values that can be read and cannot be true.
fn untrue(table: Table, name: &str, kind: Kind, value: &Expr) -> Option<Ground> {
    let quoted = |kind: &str| joined(vec![lit(format!("{kind}: ")), cast(value.clone(), DataType::Utf8)]);
    if name == table.time_column() {
        let latest = raw_column("_modified") + microseconds(GRACE_MICROSECONDS);
        let day = cast(cast(value.clone(), DataType::Date32), DataType::Utf8);
        return Some(Ground {
            when: value.clone().gt(latest),
            kind: format!("{name} is after its file was written"),
            reason: joined(vec![lit("dated "), day, lit(", after its file was written")]),
        });
    }
    match (name, kind) {
        ("birth_date", Kind::Date) => {
            let kind = "birth_date is before 1900 or in the future".to_owned();
            let earliest = day_literal(NaiveDate::from_ymd_opt(1900, 1, 1)?);
            let written = cast(raw_column("_modified"), DataType::Date32);
            let when = value.clone().lt(earliest).or(value.clone().gt(written));
            Some(Ground { when, reason: quoted(&kind), kind })
        }
        ("age", Kind::Integer) => {
            // A system without an age writes 0; who is not yet one year old is no customer.
            let kind = "age is not between 1 and 120".to_owned();
            let when = value.clone().lt(lit(1_i64)).or(value.clone().gt(lit(120_i64)));
            Some(Ground { when, reason: quoted(&kind), kind })
        }
        ("email", Kind::Text) => {
            let kind = "email is not an e-mail address".to_owned();
            let when = strpos(value.clone(), lit("@")).eq(lit(0));
            Some(Ground { when, reason: quoted(&kind), kind })
        }
        ("phone", Kind::Text) => {
            let kind = "phone is not a telephone number".to_owned();
            let when = regexp_like(value.clone(), lit(NUMBER), None).is_false();
            Some(Ground { when, reason: quoted(&kind), kind })
        }
        _ => None,
    }
}

/// What the first ground that holds says.
fn first_of(grounds: &[Ground], says: impl Fn(&Ground) -> Expr) -> EngineResult<Expr> {
    let mut grounds = grounds.iter();
    let Some(first) = grounds.next() else { return Ok(null(Kind::Text)) };
    let mut chain = when(first.when.clone(), says(first));
    for ground in grounds {
        chain = chain.when(ground.when.clone(), says(ground));
    }
    chain.end()
}

/// What all grounds that hold say.
fn all_of(grounds: &[Ground], says: impl Fn(&Ground) -> Expr) -> EngineResult<Expr> {
    if grounds.is_empty() {
        return Ok(null(Kind::Text));
    }
    let mut said = Vec::with_capacity(grounds.len());
    for ground in grounds {
        said.push(when(ground.when.clone(), says(ground)).end()?);
    }
    Ok(nullif(concat_ws(lit("; "), said), lit("")))
}
