//! Reads the vendor files into the types of this module, and refuses tables and columns that do not exist.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Candidate, CustomerKeys, Export, OwnKey, TableTemplate};
use crate::error::SpecError;
use crate::manifest::{ColumnSource, DateOrder, DecimalMark};
use crate::table::Table;

/// The exports of one file.
pub(super) fn parse(file: &str, text: &str) -> Result<Vec<Export>, SpecError> {
    let parsed: File = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        SpecError::new(error.message()).at(text, offset).in_place(file)
    })?;
    parsed.exports.into_iter().map(|export| checked(export).map_err(|error| error.in_place(file))).collect()
}

fn checked(text: ExportText) -> Result<Export, SpecError> {
    let mut tables = Vec::new();
    for (name, template) in text.tables {
        let unknown = |what: &str| SpecError::new(format!("`{}.{name}` has no {what}", text.id));
        let table = Table::parse(&name).ok_or_else(|| unknown("canonical table of that name"))?;
        if let Some(column) = template.columns.keys().find(|column| table.column(column).is_none()) {
            return Err(unknown(&format!("column `{column}`")));
        }
        let mut given = template.columns;
        let columns = table
            .columns()
            .iter()
            .filter_map(|column| Some((column.name.to_owned(), given.remove(column.name)?.candidates())))
            .collect();
        tables.push(TableTemplate {
            table,
            why: template.why,
            filters: template.filter.map_or_else(Vec::new, |filters| {
                let sql = |sql| Candidate {
                    source: ColumnSource::Sql(sql),
                    needs: Vec::new(),
                    file: None,
                    why: None,
                };
                filters.into_vec().into_iter().map(sql).collect()
            }),
            fallback: template.fallback,
            columns,
        });
    }
    tables.sort_by_key(|template| template.table);
    let own = text.customer.own.map_or_else(Vec::new, OneOrMany::into_vec);
    Ok(Export {
        id: text.id,
        title: text.title,
        signature: text.signature,
        preamble: text.preamble,
        notes: text.notes,
        timezone: text.timezone,
        date_order: text.date_order.map(|order| match order {
            DateOrderText::DayFirst => DateOrder::DayFirst,
            DateOrderText::MonthFirst => DateOrder::MonthFirst,
        }),
        decimal: text.decimal.map(|mark| match mark {
            DecimalText::Point => DecimalMark::Point,
            DecimalText::Comma => DecimalMark::Comma,
        }),
        comment: text.comment,
        customer: CustomerKeys {
            own: own
                .into_iter()
                .map(|key| OwnKey {
                    space: key.space,
                    guests: key.guests,
                    candidate: key.candidate.candidate(),
                })
                .collect(),
            email: text.customer.email,
            phone: text.customer.phone.map_or_else(Vec::new, OneOrMany::candidates),
            anonymous_id: text.customer.anonymous_id.map_or_else(Vec::new, OneOrMany::candidates),
            name: text.customer.name.map_or_else(Vec::new, OneOrMany::candidates),
        },
        tables,
        own_columns: text.questions.then_some(text.own_columns),
        left_out: text.left_out,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    exports: Vec<ExportText>,
}

#[derive(Deserialize)]
struct ExportText {
    id: String,
    title: String,
    signature: Vec<String>,
    #[serde(default)]
    preamble: Vec<String>,
    notes: Vec<String>,
    timezone: Option<String>,
    date_order: Option<DateOrderText>,
    decimal: Option<DecimalText>,
    comment: Option<char>,
    customer: CustomerText,
    #[serde(default)]
    questions: bool,
    #[serde(default)]
    own_columns: Vec<String>,
    left_out: Option<String>,
    /// Whatever else is said is a table, and `checked` refuses a name that is none.
    #[serde(flatten)]
    tables: BTreeMap<String, TableText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DateOrderText {
    DayFirst,
    MonthFirst,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DecimalText {
    Point,
    Comma,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerText {
    own: Option<OneOrMany<OwnText>>,
    #[serde(default)]
    email: Vec<String>,
    phone: Option<OneOrMany<CandidateText>>,
    anonymous_id: Option<OneOrMany<CandidateText>>,
    name: Option<OneOrMany<CandidateText>>,
}

#[derive(Deserialize)]
struct OwnText {
    space: String,
    #[serde(default)]
    guests: bool,
    #[serde(flatten)]
    candidate: CandidateText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    why: Option<String>,
    #[serde(rename = "where")]
    filter: Option<OneOrMany<String>>,
    #[serde(default)]
    fallback: bool,
    #[serde(default)]
    columns: BTreeMap<String, OneOrMany<CandidateText>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

impl OneOrMany<CandidateText> {
    fn candidates(self) -> Vec<Candidate> {
        self.into_vec().into_iter().map(CandidateText::candidate).collect()
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CandidateText {
    Column(String),
    Sql {
        sql: String,
        #[serde(default)]
        needs: Vec<String>,
        file: Option<String>,
        why: Option<String>,
    },
    Named {
        column: String,
        #[serde(default)]
        needs: Vec<String>,
        why: Option<String>,
    },
}

impl CandidateText {
    fn candidate(self) -> Candidate {
        match self {
            CandidateText::Column(column) => {
                Candidate { source: ColumnSource::Column(column), needs: Vec::new(), file: None, why: None }
            }
            CandidateText::Sql { sql, needs, file, why } => {
                Candidate { source: ColumnSource::Sql(sql), needs, file, why }
            }
            CandidateText::Named { column, needs, why } => {
                Candidate { source: ColumnSource::Column(column), needs, file: None, why }
            }
        }
    }
}
