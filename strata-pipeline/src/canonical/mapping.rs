//! Turns what the manifest says of a source's columns into expressions over its raw table.
//!
//! A column is found by its exact name, else by its name without regard to case and surrounding blanks; SQL expressions
//! find columns in the same way, so that `"created at"` reaches `Created at`.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use strata_lake::datafusion::common::{Column, DFSchema};
use strata_lake::datafusion::logical_expr::{Expr, ExprSchemable};
use strata_lake::datafusion::prelude::{DataFrame, SessionContext};
use strata_lake::datafusion::sql::sqlparser::ast::{Expr as SqlExpr, visit_expressions_mut};
use strata_spec::definition::Properties;
use strata_spec::error::{SpecError, nearest};
use strata_spec::manifest::{ColumnSource, Identifier, Questions, Source, TableMapping};
use strata_spec::table::{Kind, Table};

use super::error::{CanonicalError, Result};

/// The columns that stage 1 adds to a file's own.
pub(crate) const META: [&str; 6] = ["_file", "_line", "_problem", "_text", "_batch", "_modified"];

/// A mapping whose names have been found and whose SQL has been planned.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    /// The canonical table.
    pub(crate) table: Table,
    /// The mapped columns.
    pub(crate) columns: Vec<MappedColumn>,
    /// Identifiers of the customer that the table has no column for.
    pub(crate) identifiers: Vec<MappedColumn>,
    /// Which raw rows are meant.
    pub(crate) filter: Option<Expr>,
    /// Raw columns that are questions of a survey.
    pub(crate) questions: Vec<String>,
    /// Raw columns that no mapping of the source takes.
    pub(crate) leftovers: Vec<String>,
    /// The source maps other tables too, so that a row without the subject of this one is no mistake.
    pub(crate) shares_rows: bool,
}

/// A canonical column or declared property with the raw expression that it comes from.
#[derive(Debug, Clone)]
pub(crate) struct MappedColumn {
    /// Its name.
    pub(crate) name: String,
    /// Its type in the canonical table.
    pub(crate) kind: Kind,
    /// A row without it is refused.
    pub(crate) required: bool,
    /// Where it comes from.
    pub(crate) raw: Expr,
    /// The raw expression's type.
    pub(crate) raw_type: DataType,
    /// The raw column or expression, as the manifest says it.
    pub(crate) label: String,
}

impl MappedColumn {
    /// Whether the raw value is text that has to be read, and may turn out not to be what it should.
    pub(crate) fn is_text(&self) -> bool {
        is_text(&self.raw_type)
    }
}

impl Mapping {
    /// The mapped column of that name.
    pub(crate) fn column(&self, name: &str) -> Option<&MappedColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Where a row's identifier comes from, whether or not the table has a column for it.
    pub(crate) fn identifier(&self, identifier: Identifier) -> Option<&Expr> {
        let mut both = self.columns.iter().chain(&self.identifiers);
        both.find(|column| column.name == identifier.as_str()).map(|column| &column.raw)
    }
}

/// Plans every mapping of `source` over its raw table.
pub(crate) fn resolve(
    ctx: &SessionContext,
    source: &Source,
    properties: &Properties,
    raw: &DataFrame,
) -> Result<Vec<Mapping>> {
    let names = Names::of(source, raw.schema());
    let mut mappings = Vec::with_capacity(source.tables.len());
    for mapping in &source.tables {
        mappings.push(resolve_table(ctx, source, mapping, properties, raw.schema(), &names)?);
    }
    let mut used = BTreeSet::new();
    for mapping in &mappings {
        used.extend(mapping.questions.iter().cloned());
        for column in mapping.columns.iter().chain(&mapping.identifiers) {
            used.extend(column.raw.column_refs().into_iter().map(|column| column.name.clone()));
        }
    }
    let leftovers: Vec<String> =
        names.own().filter(|name| !used.contains(*name)).map(str::to_owned).collect();
    for (mapping, said) in mappings.iter_mut().zip(&source.tables) {
        match said.questions {
            Some(Questions::Rest) => mapping.questions.clone_from(&leftovers),
            _ => mapping.leftovers.clone_from(&leftovers),
        }
    }
    Ok(mappings)
}

/// A raw column by its exact name: names of files' columns have capitals and blanks.
pub(crate) fn raw_column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// Whether a column of this type holds text.
pub(crate) fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null)
}

fn resolve_table(
    ctx: &SessionContext,
    source: &Source,
    mapping: &TableMapping,
    properties: &Properties,
    schema: &DFSchema,
    names: &Names,
) -> Result<Mapping> {
    let table = mapping.table;
    let place = |name: &str| format!("strata.toml: sources.{}.{table}.{name}", source.name);
    let mut columns = Vec::with_capacity(mapping.columns.len());
    let mut identifiers = Vec::new();
    for (name, from) in &mapping.columns {
        let declared = properties.get(&table).and_then(|declared| declared.get(name)).copied();
        let is_identifier = table.identifiers().any(|identifier| identifier.as_str() == name);
        let identifier = is_identifier.then_some(Kind::Text);
        let Some(kind) = table.column(name).map(|column| column.kind).or(declared).or(identifier) else {
            let error = SpecError::new(format!("`{table}` has no column `{name}`"))
                .with_hint(format!("declare it: under [properties.{table}], `{name} = \"text\"`"));
            return Err(error.in_place(place(name)).into());
        };
        let (raw, label) = match from {
            ColumnSource::Column(column) => {
                let found = names.find(column).map_err(|error| error.in_place(place(name)))?;
                (raw_column(found), column.clone())
            }
            ColumnSource::Sql(sql) => (plan_sql(ctx, sql, schema, names, &place(name))?, sql.clone()),
        };
        let raw_type = raw.get_type(schema).map_err(|error| sql_error(&label, &error, &place(name)))?;
        let required = table.column(name).is_some_and(|column| column.required);
        let of_table = if is_identifier { &mut identifiers } else { &mut columns };
        of_table.push(MappedColumn { name: name.clone(), kind, required, raw, raw_type, label });
    }
    let by_questions = |name: &str| mapping.questions.is_some() && matches!(name, "question" | "answer");
    for needed in table.columns().iter().filter(|column| column.required && !by_questions(column.name)) {
        if !columns.iter().any(|column| column.name == needed.name) {
            let error = SpecError::new(format!(
                "no column is mapped to `{}`, which every row of `{table}` needs",
                needed.name
            ))
            .with_hint(format!("it holds {}", needed.about));
            return Err(error.in_place(place(needed.name)).into());
        }
    }
    let filter = match &mapping.filter {
        Some(sql) => {
            let filter = plan_sql(ctx, sql, schema, names, &place("where"))?;
            filter.get_type(schema).map_err(|error| sql_error(sql, &error, &place("where")))?;
            Some(filter)
        }
        None => None,
    };
    let mut questions = Vec::new();
    if let Some(Questions::Columns(headers)) = &mapping.questions {
        for header in headers {
            questions
                .push(names.find(header).map_err(|error| error.in_place(place("questions")))?.to_owned());
        }
    }
    Ok(Mapping {
        table,
        columns,
        identifiers,
        filter,
        questions,
        leftovers: Vec::new(),
        shares_rows: source.tables.len() > 1,
    })
}

/// The names of a raw table's columns.
struct Names {
    source: String,
    all: Vec<String>,
}

impl Names {
    fn of(source: &Source, schema: &DFSchema) -> Names {
        let all = schema.fields().iter().map(|field| field.name().clone()).collect();
        Names { source: source.name.to_string(), all }
    }

    /// The file's own columns.
    fn own(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str).filter(|name| !META.contains(name))
    }

    fn find(&self, wanted: &str) -> std::result::Result<&str, SpecError> {
        let fold = |name: &str| name.trim().trim_start_matches('\u{feff}').to_lowercase();
        let exact = self.all.iter().find(|name| *name == wanted);
        if let Some(found) = exact.or_else(|| self.all.iter().find(|name| fold(name) == fold(wanted))) {
            return Ok(found);
        }
        let error = SpecError::new(format!("source `{}` has no column `{wanted}`", self.source));
        Err(match nearest(wanted, self.own()) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint(format!("its columns are {}", self.own().collect::<Vec<_>>().join(", "))),
        })
    }
}

fn plan_sql(ctx: &SessionContext, sql: &str, schema: &DFSchema, names: &Names, place: &str) -> Result<Expr> {
    let state = ctx.state();
    let dialect = state.config().options().sql_parser.dialect;
    let mut parsed = state
        .sql_to_expr_with_alias(sql, &dialect)
        .map_err(|error| CanonicalError::from(sql_error(sql, &error, place)))?;
    let unknown = visit_expressions_mut(&mut parsed.expr, |each| {
        if let SqlExpr::Identifier(identifier) = each {
            match names.find(&identifier.value) {
                Ok(found) => {
                    identifier.value = found.to_owned();
                    identifier.quote_style = Some('"');
                }
                Err(error) => return ControlFlow::Break(error),
            }
        }
        ControlFlow::Continue(())
    });
    if let ControlFlow::Break(error) = unknown {
        return Err(error.in_place(place).into());
    }
    let planned = state
        .create_logical_expr_from_sql_expr(parsed, schema)
        .map_err(|error| CanonicalError::from(sql_error(sql, &error, place)))?;
    let mut planned = planned.unalias();
    let mut needs_other_rows = false;
    planned = unqualified(planned).map_err(|error| sql_error(sql, &error, place))?;
    planned
        .apply(|each| {
            needs_other_rows |= matches!(
                each,
                Expr::AggregateFunction(_)
                    | Expr::WindowFunction(_)
                    | Expr::ScalarSubquery(_)
                    | Expr::InSubquery(_)
                    | Expr::Exists(_)
                    | Expr::Unnest(_)
            );
            Ok(if needs_other_rows { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })
        .map_err(|error| sql_error(sql, &error, place))?;
    if needs_other_rows {
        let error = SpecError::new(format!("`{sql}` looks at other rows, and a column is made of one row"))
            .with_hint("leave out aggregates, window functions and subqueries");
        return Err(error.in_place(place).into());
    }
    Ok(planned)
}

/// The raw table's columns carry no qualifier in this stage's plans.
fn unqualified(expression: Expr) -> strata_lake::datafusion::error::Result<Expr> {
    use strata_lake::datafusion::common::tree_node::Transformed;
    Ok(expression
        .transform(|each| {
            Ok(match each {
                Expr::Column(column) if column.relation.is_some() => {
                    Transformed::yes(raw_column(&column.name))
                }
                other => Transformed::no(other),
            })
        })?
        .data)
}

fn sql_error(sql: &str, error: &strata_lake::datafusion::error::DataFusionError, place: &str) -> SpecError {
    // The engine's message has its class before it, which says nothing to the author of a mapping.
    let message = error.strip_backtrace();
    let message = message.split_once(": ").map_or(message.as_str(), |(_, message)| message);
    SpecError::new(format!("`{sql}` cannot be used: {message}"))
        .with_hint("write SQL over the source's columns; number(x) and timestamp(x) read text")
        .in_place(place)
}
