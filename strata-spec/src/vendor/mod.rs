//! Exports that people bring: how to recognise the file of a known system and what its columns mean.
//!
//! The knowledge is data, in `vendors/*.toml`, and it ends in the manifest that `strata init` writes: an explicit
//! mapping that its owner can read and edit. A run never asks this module anything.

mod parse;

use std::sync::LazyLock;

use self::parse::parse;
use crate::manifest::{ColumnSource, DateOrder, DecimalMark};
use crate::table::Table;

/// In a template's SQL: the expression that names the row's customer, chosen once all files of a project are known.
pub const CUSTOMER: &str = "{customer}";

/// In a template's SQL, inside quotes: the file's name without its extension.
pub const STEM: &str = "{stem}";

/// One file that one system exports.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// Its id, as `shopify.orders`.
    pub id: String,
    /// Its title for people.
    pub title: String,
    /// The columns that must all be there.
    pub signature: Vec<String>,
    /// What must stand in the comment lines before the header, one line each.
    pub preamble: Vec<String>,
    /// What its owner should know about the file.
    pub notes: Vec<String>,
    /// The time zone of times that name none.
    pub timezone: Option<String>,
    /// The order of day and month.
    pub date_order: Option<DateOrder>,
    /// The character before decimals.
    pub decimal: Option<DecimalMark>,
    /// The character that begins lines before the header.
    pub comment: Option<char>,
    /// The ways in which a row can name its customer.
    pub customer: CustomerKeys,
    /// The tables that its rows become part of.
    pub tables: Vec<TableTemplate>,
    /// In a survey: the columns that the system adds itself; every other column is a question.
    pub own_columns: Option<Vec<String>>,
    /// Why a file that lacks what every table needs is left out.
    pub left_out: Option<String>,
}

/// The ways in which a row can name its customer. Each is a list of alternatives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CustomerKeys {
    /// The system's own id.
    pub own: Vec<OwnKey>,
    /// The column with the e-mail address.
    pub email: Vec<String>,
    /// The telephone number.
    pub phone: Vec<Candidate>,
    /// The id of the device or browser.
    pub anonymous_id: Vec<Candidate>,
    /// The full name, where nothing better is known.
    pub name: Vec<Candidate>,
}

/// A system's own id of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnKey {
    /// The name of the space in which it is unique.
    pub space: String,
    /// Whether some rows have none, since guests have not.
    pub guests: bool,
    /// Where it stands.
    pub candidate: Candidate,
}

/// How rows become rows of one canonical table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableTemplate {
    /// The canonical table.
    pub table: Table,
    /// What the rows are, in a few words.
    pub why: Option<String>,
    /// The conditions on rows, of which the first that the file's columns allow is taken. None given: every row.
    pub filters: Vec<Candidate>,
    /// Only if no other source has this table.
    pub fallback: bool,
    /// Canonical columns in the table's order, each with its alternatives.
    pub columns: Vec<(String, Vec<Candidate>)>,
}

/// One place that a canonical column may come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The column or expression, in the spelling of the template.
    pub source: ColumnSource,
    /// Columns that must be there beside those that the expression names.
    pub needs: Vec<String>,
    /// What the file's name must contain.
    pub file: Option<String>,
    /// Why it is so.
    pub why: Option<String>,
}

/// Every export that is known.
pub fn exports() -> &'static [Export] {
    &EXPORTS
}

/// The export that a file with these columns, and these comment lines before its header, is. Of several that fit,
/// the one with the longest signature.
pub fn recognise(columns: &[String], preamble: &[String]) -> Option<&'static Export> {
    exports()
        .iter()
        .filter(|export| export.fits(columns, preamble))
        .rev()
        .max_by_key(|export| export.signature.len())
}

/// The column of that name, whatever its case and the spaces around it.
pub fn find_column<'a>(columns: &'a [String], name: &str) -> Option<&'a str> {
    let wanted = normal(name);
    columns.iter().find(|column| normal(column) == wanted).map(String::as_str)
}

impl Export {
    fn fits(&self, columns: &[String], preamble: &[String]) -> bool {
        (!self.signature.is_empty() || !self.preamble.is_empty())
            && self.signature.iter().all(|name| find_column(columns, name).is_some())
            && self.preamble.iter().all(|words| preamble.iter().any(|line| line.contains(words.as_str())))
    }
}

impl Candidate {
    /// The source in the spelling of a file's own columns, or none where the file lacks a column.
    pub fn resolve(&self, columns: &[String], file_name: &str) -> Option<ColumnSource> {
        let named = self.file.as_ref().is_none_or(|part| file_name.to_lowercase().contains(part));
        if !named || self.needs.iter().any(|name| find_column(columns, name).is_none()) {
            return None;
        }
        match &self.source {
            ColumnSource::Column(name) => {
                find_column(columns, name).map(|column| ColumnSource::Column(column.to_owned()))
            }
            ColumnSource::Sql(sql) => respell(sql, columns).map(ColumnSource::Sql),
        }
    }
}

/// A column's name as SQL.
pub fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// The columns that a SQL text names in double quotes, in the order of their first appearance.
pub fn columns_of(sql: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in pieces(sql) {
        if let Piece::Name(name) = piece
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

/// The SQL text with each quoted name spelt as the file spells it; none where the file lacks one.
fn respell(sql: &str, columns: &[String]) -> Option<String> {
    pieces(sql)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => Some(text),
            Piece::Name(name) => find_column(columns, &name).map(quoted),
        })
        .collect()
}

enum Piece {
    /// Anything but a quoted name, text literals included.
    Text(String),
    /// A name that stood in double quotes.
    Name(String),
}

fn pieces(sql: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                // A doubled quote inside a literal ends it and begins another, which comes to the same here.
                text.push(character);
                for inner in characters.by_ref() {
                    text.push(inner);
                    if inner == '\'' {
                        break;
                    }
                }
            }
            '"' => {
                let mut name = String::new();
                while let Some(inner) = characters.next() {
                    if inner != '"' {
                        name.push(inner);
                    } else if characters.next_if_eq(&'"').is_some() {
                        name.push('"');
                    } else {
                        break;
                    }
                }
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Name(name));
            }
            other => text.push(other),
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn normal(name: &str) -> String {
    name.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}').to_lowercase()
}

const FILES: [(&str, &str); 9] = [
    ("analytics.toml", include_str!("../../vendors/analytics.toml")),
    ("bigcommerce.toml", include_str!("../../vendors/bigcommerce.toml")),
    ("hubspot.toml", include_str!("../../vendors/hubspot.toml")),
    ("klaviyo.toml", include_str!("../../vendors/klaviyo.toml")),
    ("mailchimp.toml", include_str!("../../vendors/mailchimp.toml")),
    ("shopify.toml", include_str!("../../vendors/shopify.toml")),
    ("stripe.toml", include_str!("../../vendors/stripe.toml")),
    ("surveys.toml", include_str!("../../vendors/surveys.toml")),
    ("woocommerce.toml", include_str!("../../vendors/woocommerce.toml")),
];

#[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them all")]
static EXPORTS: LazyLock<Vec<Export>> = LazyLock::new(|| {
    FILES.iter().flat_map(|(file, text)| parse(file, text).expect("shipped vendor files are valid")).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn every_shipped_file_is_valid_and_ids_are_unique() {
        let mut ids = Vec::new();
        for (file, text) in FILES {
            ids.extend(
                parse(file, text).unwrap_or_else(|error| panic!("{error}")).into_iter().map(|each| each.id),
            );
        }
        ids.sort();
        let all = ids.len();
        ids.dedup();
        assert_eq!((ids.len(), all), (18, 18));
    }

    #[test]
    fn every_shipped_expression_is_a_sql_expression() {
        let dialect = sqlparser::dialect::GenericDialect {};
        let check = |export: &Export, candidate: &Candidate| {
            if let ColumnSource::Sql(sql) = &candidate.source {
                let sql = sql.replace(CUSTOMER, "\"Customer\"");
                let mut parser = sqlparser::parser::Parser::new(&dialect).try_with_sql(&sql).unwrap();
                parser.parse_expr().unwrap_or_else(|error| panic!("{}: {sql}: {error}", export.id));
                assert_eq!(
                    parser.peek_token().token,
                    sqlparser::tokenizer::Token::EOF,
                    "{}: {sql}",
                    export.id
                );
            }
        };
        for export in exports() {
            export.customer.own.iter().for_each(|key| check(export, &key.candidate));
            let customer = &export.customer;
            let others = customer.name.iter().chain(&customer.phone).chain(&customer.anonymous_id);
            others.for_each(|candidate| check(export, candidate));
            for table in &export.tables {
                table.filters.iter().for_each(|candidate| check(export, candidate));
                table
                    .columns
                    .iter()
                    .flat_map(|(_, each)| each)
                    .for_each(|candidate| check(export, candidate));
            }
        }
    }

    #[test]
    fn a_table_or_column_that_does_not_exist_is_refused() {
        for (tables, wrong) in [
            ("[exports.odrers]", "`x.odrers` has no canonical table"),
            ("[exports.orders.columns]\namuont = \"Total\"", "`x.orders` has no column `amuont`"),
        ] {
            let text = format!(
                "[[exports]]\nid = \"x\"\ntitle = \"X\"\nsignature = []\nnotes = []\n[exports.customer]\n{tables}\n"
            );
            let error = parse("x.toml", &text).unwrap_err();
            assert!(error.message.starts_with(wrong), "{error}");
        }
    }

    #[test]
    fn files_are_recognised_by_their_columns() {
        for (names, expected) in [
            (
                &["\u{feff}name ", "FINANCIAL STATUS", "Lineitem quantity", "Lineitem name"][..],
                Some("shopify.orders"),
            ),
            (&["Record ID", "Deal Name", "Close Date", "Email"], Some("hubspot.deals")),
            (&["Record ID", "Email", "Company name"], Some("hubspot.contacts")),
            (&["Record ID", "Company name"], Some("hubspot.companies")),
            (&["Name", "Email"], None),
        ] {
            let found = recognise(&columns(names), &[]).map(|export| export.id.as_str());
            assert_eq!(found, expected, "{names:?}");
        }
        let preamble = columns(&["# Start date: 20240101", "# End date: 20240131"]);
        let found = recognise(&columns(&["Country", "Sessions"]), &preamble).map(|export| export.id.as_str());
        assert_eq!(found, Some("ga4.report"));
    }

    #[test]
    fn expressions_take_the_spelling_of_the_file() {
        let file = columns(&["TOTAL", "a \"b\""]);
        for (sql, expected) in [
            ("number(\"Total\") - 1", Some("number(\"TOTAL\") - 1")),
            (
                "case when \"A \"\"B\"\"\" = 'say \"x\"' then 1 end",
                Some("case when \"a \"\"b\"\"\" = 'say \"x\"' then 1 end"),
            ),
            ("\"Refunded\" is null", None),
        ] {
            assert_eq!(respell(sql, &file).as_deref(), expected);
        }
        assert_eq!(columns_of("\"x\" + \"y\" + \"x\" + 'z'"), ["x", "y"]);
    }
}
