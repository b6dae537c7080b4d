//! SQL over a lake's tables: queries only, at pinned versions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider,
};
use datafusion::common::TableReference;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::DataFrame;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;

use crate::error::{LakeError, Result, failed};
use crate::lake::Lake;

/// Plans a query. Only the tables that it names are opened.
pub(crate) async fn query(
    lake: &Lake,
    state: SessionState,
    query: &str,
    tables: &BTreeMap<String, u64>,
) -> Result<DataFrame> {
    let planning = || failed::<DataFusionError>("plan", "the query");
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state.sql_to_statement(query, &dialect).map_err(planning())?;
    require_query(&statement)?;
    let references = state.resolve_table_references(&statement).map_err(planning())?;

    // A catalog of its own: what one query opens must not be seen by the next, which may be pinned elsewhere.
    let catalog = &state.config().options().catalog;
    let (default_catalog, default_schema) = (catalog.default_catalog.clone(), catalog.default_schema.clone());
    let provider = Arc::new(MemoryCatalogProvider::new());
    let schema_of = |name: &str| -> Result<Arc<dyn SchemaProvider>> {
        if let Some(schema) = provider.schema(name) {
            return Ok(schema);
        }
        let schema = Arc::new(MemorySchemaProvider::new());
        provider.register_schema(name, schema.clone()).map_err(planning())?;
        Ok(schema)
    };
    schema_of(&default_schema)?;
    for name in references.iter().map(logical_name).collect::<BTreeSet<_>>() {
        let Some(version) = tables.get(&name) else {
            return Err(LakeError::UnknownTable { table: name, known: tables.keys().cloned().collect() });
        };
        let (schema, table) = name.split_once('.').unwrap_or((&default_schema, &name));
        let opened = lake.provider(&name, *version).await?;
        schema_of(schema)?.register_table(table.to_owned(), opened).map_err(planning())?;
    }
    let catalogs = Arc::new(MemoryCatalogProviderList::new());
    catalogs.register_catalog(default_catalog, provider);
    let state = SessionStateBuilder::new_from_existing(state).with_catalog_list(catalogs).build();

    let plan = state.statement_to_plan(statement).await.map_err(planning())?;
    // A change may also hide inside a query.
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    options.verify_plan(&plan).map_err(planning())?;
    Ok(DataFrame::new(state, plan))
}

fn logical_name(reference: &TableReference) -> String {
    match reference {
        TableReference::Bare { table } => table.to_string(),
        TableReference::Partial { schema, table } => format!("{schema}.{table}"),
        TableReference::Full { catalog, schema, table } => format!("{catalog}.{schema}.{table}"),
    }
}

fn require_query(statement: &Statement) -> Result<()> {
    match statement {
        Statement::Explain(explain) => return require_query(&explain.statement),
        Statement::Statement(statement) => {
            if matches!(**statement, ast::Statement::Query(_) | ast::Statement::ExplainTable { .. }) {
                return Ok(());
            }
        }
        _ => {}
    }
    let text = statement.to_string();
    let keyword = text.split_whitespace().next().unwrap_or_default().to_uppercase();
    Err(LakeError::ReadOnly { statement: keyword })
}
