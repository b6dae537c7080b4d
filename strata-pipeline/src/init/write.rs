//! The text of a proposed manifest: every guess on a line of its own, with the reason behind it.

use std::fmt::Write as _;

use strata_spec::manifest::{ColumnSource, DateOrder, DecimalMark, FormatKind};

use super::{Proposal, ProposedSource, ProposedTable};

/// Comments are broken at this width.
const WIDTH: usize = 118;

/// `strata.toml` for a proposal.
pub fn write_manifest(proposal: &Proposal) -> String {
    let mut text = String::new();
    comment(
        &mut text,
        "What this project is called, where its data comes from, and what the columns of its files mean.",
    );
    comment(
        &mut text,
        "`strata init` wrote this from the files that it saw. The remarks say why; correct what is wrong.",
    );
    line(&mut text, "", None);
    line(&mut text, "[project]", None);
    line(&mut text, &format!("title = {}", string(&proposal.title)), None);
    match &proposal.currency {
        Some(currency) => {
            line(&mut text, &format!("currency = {}", string(&currency.value)), Some(&currency.why))
        }
        None if !has_amounts(proposal) => {}
        None => {
            line(&mut text, "# currency = \"EUR\"", Some("no file says in which currency its amounts are"))
        }
    }
    line(&mut text, "# timezone = \"Europe/Berlin\"", Some("in which days begin and end; UTC unless said"));
    if let Some(as_of) = &proposal.as_of {
        line(&mut text, &format!("as_of = {}", string(&as_of.value.to_string())), Some(&as_of.why));
    }
    if let (Some(own), false) = (&proposal.currency, proposal.other_currencies.is_empty()) {
        line(&mut text, "", None);
        comment(
            &mut text,
            &format!("What one unit of each other currency is worth in {}: fill in the rates.", own.value),
        );
        line(&mut text, "[currencies]", None);
        for currency in &proposal.other_currencies {
            line(&mut text, &format!("# {currency} = 1.0"), None);
        }
    }
    write_identity(&mut text, proposal);
    write_surveys(&mut text, proposal);
    for source in &proposal.sources {
        line(&mut text, "", None);
        write_source(&mut text, source);
    }
    text
}

fn write_identity(text: &mut String, proposal: &Proposal) {
    if !proposal.phones {
        return;
    }
    line(text, "", None);
    comment(
        text,
        "How customers of several sources are found to be one: by ids, e-mail addresses, telephone numbers and devices.",
    );
    match &proposal.country {
        Some(country) => {
            line(text, "[identity]", None);
            line(text, &format!("country = {}", string(&country.value)), Some(&country.why));
        }
        None => {
            line(text, "# [identity]", None);
            line(
                text,
                "# country = \"DE\"",
                Some(
                    "the country of telephone numbers without a calling code; unless it is said they join nobody",
                ),
            );
        }
    }
}

/// The questionnaires whose questions were found: their scales become traits.
fn write_surveys(text: &mut String, proposal: &Proposal) {
    for found in super::survey::instruments(proposal) {
        line(text, "", None);
        comment(
            text,
            &format!(
                "{} of {} questions of “{}” are in {}: what they measure are traits of customers.",
                found.n_found, found.n_items, found.instrument.name, found.source
            ),
        );
        line(text, &format!("[surveys.{}]", found.name()), None);
        line(text, &format!("instrument = {}", string(&found.instrument.id)), None);
    }
}

fn has_amounts(proposal: &Proposal) -> bool {
    const AMOUNTS: [&str; 3] = ["amount", "unit_price", "value"];
    let mut columns = proposal.mapped().flat_map(|source| &source.tables).flat_map(|table| &table.columns);
    columns.any(|column| AMOUNTS.contains(&column.name.as_str()))
}

fn write_source(text: &mut String, source: &ProposedSource) {
    let mut part = String::new();
    comment(text, &format!("{}: {}.", source.path, source.title));
    source.notes.iter().for_each(|note| comment(text, note));
    line(&mut part, &format!("[sources.{}]", source.name), None);
    line(&mut part, &format!("path = {}", string(&source.path)), None);
    if let Some(namespace) = &source.namespace {
        line(&mut part, &format!("namespace = {}", string(&namespace.value)), Some(&namespace.why));
    }
    write_dialect(&mut part, source);
    if let Some(timezone) = &source.timezone {
        line(&mut part, &format!("timezone = {}", string(timezone)), None);
    }
    if let Some(order) = &source.date_order {
        let word = match order.value {
            DateOrder::DayFirst => "day_first",
            DateOrder::MonthFirst => "month_first",
        };
        line(&mut part, &format!("date_order = {}", string(word)), Some(&order.why));
    }
    if let Some(decimal) = source.decimal {
        let word = match decimal {
            DecimalMark::Point => "point",
            DecimalMark::Comma => "comma",
        };
        line(&mut part, &format!("decimal = {}", string(word)), None);
    }
    source.tables.iter().for_each(|table| write_table(&mut part, &source.name, table));
    let names = source.leftovers.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ");
    let Some(reason) = &source.left_out else {
        if !names.is_empty() {
            comment(text, &format!("Not mapped, kept with each row as properties: {names}"));
        }
        text.push_str(&part);
        return;
    };
    comment(text, &format!("Left out: {reason}."));
    if !names.is_empty() {
        comment(text, &format!("Its columns: {names}"));
    }
    part.lines().for_each(|each| line(text, &format!("# {each}"), None));
}

fn write_dialect(text: &mut String, source: &ProposedSource) {
    if source.dialect.kind != FormatKind::Csv {
        let word = match source.dialect.kind {
            FormatKind::Csv => "csv",
            FormatKind::JsonLines => "jsonl",
            FormatKind::Parquet => "parquet",
        };
        line(text, &format!("format = {}", string(word)), None);
        return;
    }
    match source.dialect.delimiter {
        ',' => {}
        ' ' => line(text, "delimiter = \"whitespace\"", Some("any run of blanks and tabs")),
        other => line(text, &format!("delimiter = {}", string(&other.to_string())), None),
    }
    if !source.dialect.header {
        line(text, "header = false", Some("the first line is a row: the columns are numbered"));
    }
    if !source.dialect.encoding.eq_ignore_ascii_case("utf-8") {
        line(text, &format!("encoding = {}", string(&source.dialect.encoding.to_lowercase())), None);
    }
    if let Some(character) = source.comment {
        line(
            text,
            &format!("comment = {}", string(&character.to_string())),
            Some("begins the lines before the header"),
        );
    }
}

fn write_table(text: &mut String, source: &str, table: &ProposedTable) {
    line(text, "", None);
    line(text, &format!("[sources.{source}.{}]", table.table), table.why.as_deref());
    if let Some(filter) = &table.filter {
        line(text, &format!("where = {}", sql_string(filter)), None);
    }
    if !table.questions.is_empty() {
        line(text, "questions = [", None);
        for question in &table.questions {
            line(text, &format!("    {},", string(question)), None);
        }
        line(text, "]", None);
    }
    if table.columns.is_empty() {
        return;
    }
    line(text, &format!("[sources.{source}.{}.columns]", table.table), None);
    let lines: Vec<(String, Option<&str>)> = table
        .columns
        .iter()
        .map(|column| {
            let value = match &column.source {
                ColumnSource::Column(name) => string(name),
                ColumnSource::Sql(sql) => format!("{{ sql = {} }}", sql_string(sql)),
            };
            (format!("{} = {value}", column.name), column.why.as_deref())
        })
        .collect();
    lines.iter().for_each(|(each, why)| line(text, each, *why));
}

/// A line, with the reason behind it where both fit, else above it.
fn line(text: &mut String, content: &str, why: Option<&str>) {
    let Some(why) = why.map(one_line) else {
        text.push_str(content);
        text.push('\n');
        return;
    };
    if content.chars().count() + why.chars().count() + 3 > WIDTH {
        comment(text, &why);
        text.push_str(content);
    } else {
        // Writing to a string cannot fail.
        let _ = write!(text, "{content}  # {why}");
    }
    text.push('\n');
}

/// A comment, broken between words.
fn comment(text: &mut String, words: &str) {
    let mut width = 0;
    for word in one_line(words).split(' ') {
        let length = word.chars().count() + 1;
        if width == 0 || width + length > WIDTH {
            text.push_str(if width == 0 { "# " } else { "\n# " });
            width = 1;
        } else {
            text.push(' ');
        }
        text.push_str(word);
        width += length;
    }
    text.push('\n');
}

/// A text without line breaks and other control characters, which TOML does not allow in comments.
fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_control() || character == ' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A column's name in a list.
fn shown(name: &str) -> String {
    if name.contains(',') || name.is_empty() { format!("'{name}'") } else { name.to_owned() }
}

/// SQL as a TOML string; a space at its end keeps a quote there apart from those of TOML.
fn sql_string(sql: &str) -> String {
    if sql.contains('"') && sql.ends_with('\'') { string(&format!("{sql} ")) } else { string(sql) }
}

/// A TOML string in the form that is easiest to read: as it is where it holds quotes, else between double quotes.
fn string(value: &str) -> String {
    let control = value.chars().any(char::is_control);
    let plain = !value.contains(['"', '\\']);
    if plain && !control {
        return format!("\"{value}\"");
    }
    if !control && !value.contains('\'') {
        return format!("'{value}'");
    }
    if !control && !value.contains("'''") && !value.ends_with('\'') {
        return format!("'''{value}'''");
    }
    let mut text = String::from("\"");
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(text, "\\u{:04X}", u32::from(control));
            }
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_as_they_were() {
        for value in [
            "plain",
            "",
            "say \"x\"",
            "it's",
            "\"a\" <> ''",
            "'''\"",
            "back\\slash",
            "two\nlines\r\n",
            "\u{7}bell \"x\"",
            "nullif(\"a\", 'NULL')",
        ] {
            let text = format!("value = {}", string(value));
            let parsed: toml::Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(parsed["value"].as_str(), Some(value), "{text}");
        }
    }

    #[test]
    fn comments_are_broken_and_hold_no_control_characters() {
        let mut text = String::new();
        comment(&mut text, &format!("first\nsecond {}", "word ".repeat(60)));
        assert!(text.starts_with("# first second word"));
        assert!(
            text.lines().all(|line| line.starts_with("# ") && line.chars().count() <= WIDTH + 2),
            "{text}"
        );
    }
}
