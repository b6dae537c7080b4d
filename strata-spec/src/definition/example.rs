//! Reads the examples of a segment: a subject made up, its rows, and whether it must be a member.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::{Example, Properties};
use crate::document::{Entry, Errors, Section, listed, suggestion};
use crate::manifest::parse::as_of;
use crate::table::{Subject, Table};

type Row = BTreeMap<String, serde_json::Value>;

/// The examples of a segment of `subject`.
pub(super) fn examples(
    list: &Entry,
    subject: Subject,
    properties: &Properties,
    errors: &mut Errors,
) -> Vec<Example> {
    let entries = list.list(&format!("write each example as [[{}]]", list.path), errors).unwrap_or_default();
    entries.iter().filter_map(|entry| example(&entry.section(errors)?, subject, properties, errors)).collect()
}

fn example(
    section: &Section,
    subject: Subject,
    properties: &Properties,
    errors: &mut Errors,
) -> Option<Example> {
    let tables = Table::ALL.into_iter().filter(|table| *table != subject.table()).map(Table::as_str);
    let known: Vec<&str> =
        [subject.singular(), "member", "as_of", "scores"].into_iter().chain(tables).collect();
    section.only(&known, errors);
    let mut example = Example {
        as_of: section.get("as_of").and_then(|entry| as_of(&entry, errors)),
        subject: Row::new(),
        scores: section.get("scores").map_or(BTreeMap::new(), |entry| scores(&entry, errors)),
        rows: BTreeMap::new(),
        member: None,
    };
    for entry in section.entries() {
        if entry.name == subject.singular() {
            example.subject = entry
                .section(errors)
                .map_or_else(Row::new, |columns| row(&columns, subject.table(), properties, errors));
        } else if let Some(table) = Table::parse(&entry.name).filter(|_| known.contains(&entry.name.as_str()))
        {
            let items = entry.list("write it as `[{ column = \"…\" }]`, one table for each row", errors);
            let rows = items
                .unwrap_or_default()
                .into_iter()
                .filter_map(|item| item.section(errors).map(|columns| (columns, table)));
            let rows: Vec<(Section, Table)> = rows.collect();
            let rows = rows.iter().map(|(columns, table)| row(columns, *table, properties, errors)).collect();
            example.rows.insert(entry.name, rows);
        }
    }
    let member = section.get("member");
    if member.is_none() {
        errors.push(section.missing("member", "true"));
    }
    let member = member?;
    example.member = match member.value() {
        DeValue::Boolean(truth) => Some(*truth),
        DeValue::String(word) if word == "undecided" => None,
        _ => {
            errors.push(
                member.wrong("`true`, `false` or `\"undecided\"`", "`\"undecided\"` is for want of data"),
            );
            return None;
        }
    };
    Some(example)
}

/// The scores that are given. That there are such scores is checked where examples are evaluated.
fn scores(entry: &Entry, errors: &mut Errors) -> BTreeMap<String, f64> {
    let Some(section) = entry.section(errors) else { return BTreeMap::new() };
    let given = section.entries().into_iter().filter_map(|entry| {
        let score = entry.number().filter(|score| score.is_finite());
        if score.is_none() {
            errors.push(entry.wrong("a finite number", "write it as `5`, without quotes"));
        }
        score.map(|score| (entry.name, score))
    });
    given.collect()
}

fn row(section: &Section, table: Table, properties: &Properties, errors: &mut Errors) -> Row {
    let declared = properties.get(&table);
    let known = || {
        let own = table.columns().iter().map(|column| column.name);
        own.chain(declared.into_iter().flat_map(|declared| declared.keys().map(String::as_str)))
    };
    let mut row = Row::new();
    for entry in section.entries() {
        if !known().any(|name| name == entry.name) {
            let hint = suggestion(&entry.name, known(), || {
                format!(
                    "examples give rows as they are, before any trait; {table} has {}",
                    listed(known(), "and")
                )
            });
            errors.push(entry.key().error(format!("{table} has no column `{}`", entry.name), hint));
        }
        if let Some(value) = json(&entry, errors) {
            row.insert(entry.name, value);
        }
    }
    row
}

fn json(entry: &Entry, errors: &mut Errors) -> Option<serde_json::Value> {
    let value = match entry.value() {
        DeValue::String(text) => Some(text.as_ref().into()),
        DeValue::Boolean(truth) => Some((*truth).into()),
        DeValue::Datetime(datetime) => Some(datetime.to_string().into()),
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(Into::into),
        DeValue::Float(digits) => {
            digits.as_str().parse().ok().and_then(serde_json::Number::from_f64).map(Into::into)
        }
        DeValue::Array(_) | DeValue::Table(_) => None,
    };
    if value.is_none() {
        errors.push(
            entry.wrong(
                "a text, a finite number, a date, `true` or `false`",
                "leave it out where it is missing",
            ),
        );
    }
    value
}
