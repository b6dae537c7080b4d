//! Reads `[sources.…]`: where files lie, how they are written, and what their columns mean.

use toml::de::DeValue;

use super::{
    ColumnSource, DateOrder, DecimalMark, Format, FormatKind, Identifier, Keep, Questions, Source,
    TableMapping,
};
use crate::definition::Properties;
use crate::document::{Entry, Errors, Section, Text, listed, suggestion};
use crate::name::SourceName;
use crate::table::Table;

/// The keys that say where files lie and how they are written.
pub(super) const FILE_KEYS: [&str; 10] = [
    "path",
    "format",
    "delimiter",
    "quote",
    "encoding",
    "comment",
    "header",
    "timezone",
    "date_order",
    "decimal",
];

/// The other keys of a source that are not tables.
const OWN_KEYS: [&str; 2] = ["namespace", "keep"];

/// The sources of a project, in the order of the file.
pub(super) fn sources(section: &Section, properties: &Properties, errors: &mut Errors) -> Vec<Source> {
    section.entries().iter().filter_map(|entry| source(entry, properties, errors)).collect()
}

fn source(entry: &Entry, properties: &Properties, errors: &mut Errors) -> Option<Source> {
    let name = SourceName::new(entry.name.as_str());
    let name = name.map_err(|fault| errors.push(entry.key().located(fault))).ok();
    let section = entry.section(errors)?;
    let files = files(&section, name, "\"data/orders*.csv\"", errors);
    let namespace = section.text("namespace", errors).and_then(|text| namespace(&text, errors));
    let keeps = [("latest", Keep::Latest), ("all", Keep::All)];
    let keep = section.get("keep").and_then(|entry| entry.word(&keeps, errors)).unwrap_or_default();
    let tables = tables(&section, properties, errors);
    Some(Source { namespace, keep, tables, ..files? })
}

/// Where a section's files lie and how they are written, as a source that feeds no table yet.
pub(super) fn files(
    section: &Section,
    name: Option<SourceName>,
    example: &str,
    errors: &mut Errors,
) -> Option<Source> {
    let path = section.required_text("path", example, errors);
    let format = format(section, errors);
    let timezone = section.text("timezone", errors).map(|text| text.value);
    let orders = [("day_first", DateOrder::DayFirst), ("month_first", DateOrder::MonthFirst)];
    let date_order = section.get("date_order").and_then(|entry| entry.word(&orders, errors));
    let marks = [("comma", DecimalMark::Comma), ("point", DecimalMark::Point)];
    let decimal = section.get("decimal").and_then(|entry| entry.word(&marks, errors));
    Some(Source {
        name: name?,
        path: path?.value,
        format,
        namespace: None,
        timezone,
        date_order,
        decimal,
        keep: Keep::default(),
        tables: Vec::new(),
    })
}

/// A namespace stands before an id and a colon, beside the names of identifiers.
fn namespace(text: &Text, errors: &mut Errors) -> Option<String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !text.value.is_empty() && text.value.chars().all(plain) && Identifier::parse(&text.value).is_none() {
        return Some(text.value.clone());
    }
    errors.push(text.error(
        format!("`{}` cannot be a namespace", text.value),
        "use small letters, digits and `_`, as `shop`; `email`, `phone` and `anonymous_id` mean something else",
    ));
    None
}

fn format(section: &Section, errors: &mut Errors) -> Format {
    let kinds =
        [("csv", FormatKind::Csv), ("jsonl", FormatKind::JsonLines), ("parquet", FormatKind::Parquet)];
    let kind = section.get("format").and_then(|entry| entry.word(&kinds, errors));
    let of_csv = |key: &str, errors: &mut Errors| {
        let entry = section.get(key)?;
        if let Some(FormatKind::JsonLines | FormatKind::Parquet) = kind {
            errors.push(entry.key().error(
                format!("`{}` speaks of CSV, and the format is another", entry.path),
                format!("remove `{key}`"),
            ));
        }
        Some(entry)
    };
    let delimiter = of_csv("delimiter", errors).and_then(|entry| delimiter(&entry, errors));
    let quote = of_csv("quote", errors).and_then(|entry| character(&entry, CHARACTER_HINT, errors));
    let comment = of_csv("comment", errors).and_then(|entry| character(&entry, CHARACTER_HINT, errors));
    let header = of_csv("header", errors).and_then(|entry| entry.truth(errors));
    Format {
        kind,
        delimiter,
        quote,
        comment,
        header,
        encoding: section.text("encoding", errors).map(|text| text.value),
    }
}

const CHARACTER_HINT: &str = "as `\";\"`, or `\"\\t\"` for a tab";

/// A character, or the word for any run of blanks and tabs, which a blank stands for.
fn delimiter(entry: &Entry, errors: &mut Errors) -> Option<char> {
    if entry.value().as_str() == Some("whitespace") {
        return Some(' ');
    }
    let hint = "as `\";\"`, `\"\\t\"` for a tab, or `\"whitespace\"` for any run of blanks and tabs";
    character(entry, hint, errors)
}

/// One ASCII character, which is all that a reader of bytes can look for.
fn character(entry: &Entry, hint: &str, errors: &mut Errors) -> Option<char> {
    let text = entry.text(errors)?;
    let mut characters = text.value.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) if only.is_ascii() => Some(only),
        _ => {
            errors.push(
                text.error(
                    format!("`{}` must be one ASCII character, not `{}`", entry.path, text.value),
                    hint,
                ),
            );
            None
        }
    }
}

fn tables(section: &Section, properties: &Properties, errors: &mut Errors) -> Vec<TableMapping> {
    let names = Table::ALL.map(Table::as_str);
    let keys = [&FILE_KEYS[..], &OWN_KEYS].concat();
    let mut mappings = Vec::new();
    let mut tables_seen = false;
    for entry in section.entries() {
        if keys.contains(&entry.name.as_str()) {
            continue;
        }
        tables_seen |= entry.is_table();
        match Table::parse(&entry.name) {
            Some(table) => mappings.extend(mapping(table, &entry, properties, errors)),
            None if entry.is_table() => {
                let hint =
                    suggestion(&entry.name, names, || format!("the tables are {}", listed(names, "and")));
                errors.push(entry.key().error(format!("there is no table `{}`", entry.name), hint));
            }
            None => errors.push(entry.unknown(&keys)),
        }
    }
    if !tables_seen {
        errors.push(section.error(
            format!("`{}` feeds no table", section.path),
            format!(
                "add a section as [{}.orders] with the columns below it; the tables are {}",
                section.path,
                listed(names, "and")
            ),
        ));
    }
    mappings
}

fn mapping(
    table: Table,
    entry: &Entry,
    properties: &Properties,
    errors: &mut Errors,
) -> Option<TableMapping> {
    let section = entry.section(errors)?;
    section.only(&["where", "columns", "questions"], errors);
    let questions = section.get("questions").and_then(|entry| questions(table, &entry, errors));
    let columns = match section.get("columns") {
        Some(entry) => columns(table, &entry.section(errors)?, properties, errors),
        None => Vec::new(),
    };
    let missing: Vec<&str> = table
        .columns()
        .iter()
        .filter(|column| column.required)
        .filter(|column| section.get("questions").is_none() || !["question", "answer"].contains(&column.name))
        .map(|column| column.name)
        .filter(|name| !columns.iter().any(|(mapped, _)| mapped == name))
        .collect();
    if let Some(first) = missing.first() {
        let survey = if table == Table::Responses {
            ", or `questions = \"rest\"` for a survey with a column for each question"
        } else {
            ""
        };
        errors.push(section.error(
            format!("`{}` maps no {}", section.path, listed(missing.iter().copied(), "and no")),
            format!("add `{first} = \"the file's column\"` under [{}.columns]{survey}", section.path),
        ));
    }
    Some(TableMapping {
        table,
        columns,
        filter: section.text("where", errors).map(|text| text.value),
        questions,
    })
}

pub(super) fn columns(
    table: Table,
    section: &Section,
    properties: &Properties,
    errors: &mut Errors,
) -> Vec<(String, ColumnSource)> {
    let declared = properties.get(&table);
    let mut known: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
    known.extend(table.identifiers().map(|identifier| identifier.as_str()));
    known.extend(declared.into_iter().flat_map(|declared| declared.keys().map(String::as_str)));
    let mut columns = Vec::new();
    for entry in section.entries() {
        if !known.contains(&entry.name.as_str()) {
            let hint = suggestion(&entry.name, known.iter().copied(), || {
                format!(
                    "declare it (`{} = \"text\"` under [properties.{table}]), or leave it out: what is not mapped is kept as JSON; {table} has {}",
                    entry.name,
                    listed(known.iter().copied(), "and")
                )
            });
            errors.push(entry.key().error(format!("{table} has no column `{}`", entry.name), hint));
        }
        // A column whose source is wrong is mapped all the same, lest it be reported as missing too.
        let source = column_source(&entry, errors).unwrap_or(ColumnSource::Column(String::new()));
        columns.push((entry.name, source));
    }
    columns
}

pub(super) fn column_source(entry: &Entry, errors: &mut Errors) -> Option<ColumnSource> {
    match entry.value() {
        DeValue::String(_) => entry.text(errors).map(|text| ColumnSource::Column(text.value)),
        DeValue::Table(_) => {
            let section = entry.section(errors)?;
            section.only(&["sql"], errors);
            match section.get("sql") {
                Some(sql) => sql.text(errors).map(|text| ColumnSource::Sql(text.value)),
                None => {
                    errors.push(entry.error(
                        format!("`{}` says not where the column comes from", entry.path),
                        "write `\"the file's column\"`, or `{ sql = \"…\" }`",
                    ));
                    None
                }
            }
        }
        _ => {
            errors.push(entry.wrong(
                "the name of a column of the file",
                "write `\"the file's column\"`, or `{ sql = \"…\" }`",
            ));
            None
        }
    }
}

fn questions(table: Table, entry: &Entry, errors: &mut Errors) -> Option<Questions> {
    if table != Table::Responses {
        errors.push(entry.key().error(
            format!("{table} has no questions"),
            "only [sources.….responses] has; remove `questions`",
        ));
        return None;
    }
    let hint = "write `\"rest\"` for every column that nothing else maps, or a list of columns";
    if entry.value().as_str() == Some("rest") {
        return Some(Questions::Rest);
    }
    if !entry.value().is_array() {
        errors.push(entry.wrong("`\"rest\"` or a list", hint));
        return None;
    }
    let columns = entry.texts(errors);
    if columns.is_empty() {
        errors.push(entry.error(format!("`{}` names no column", entry.path), hint));
    }
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].iter().any(|earlier| earlier.value == column.value) {
            errors.push(column.error(format!("`{}` is listed twice", column.value), "keep one of the two"));
        }
    }
    Some(Questions::Columns(columns.into_iter().map(|column| column.value).collect()))
}
