//! Stage 3: what is known of each subject at `as_of`?
//!
//! Reads the canonical tables, runs the aggregates and traits of the compiled program with one scan per table, and
//! writes `profile` (customers) and `company_profile` (companies): one row per subject. Where the tables of customers lie in
//! parts, those of the profile are computed from them one by one.

use std::collections::BTreeMap;

use strata_lake::Engine;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::{Subject, Table};

use crate::compile::{self, Earlier, Program, Tables};
use crate::error::{Context, Result};
use crate::layout::Layout;
use crate::run::{self, PROPERTY_HISTORY, Run, Summary};

/// Runs the stage.
///
/// # Errors
/// When a definition does not compile, or a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine) -> Result<Summary> {
    let mut tables = canonical(run, engine).await?;
    let mut summary = Summary::default();
    let mut left_out: BTreeMap<String, String> = BTreeMap::new();
    let programs = compile::of_project(&run.project, run.as_of)?;
    summary.facts.insert(compile::MEANING.into(), compile::meaning(&run.project, &programs));
    for program in programs {
        let table = program.subject.profile_table();
        let layout = Layout::like(run, engine, program.subject.as_str(), program.subject).await?;
        if let (false, Some(version)) =
            (program.customer_traits().is_empty(), summary.written.get(Subject::Customers.profile_table()))
        {
            tables = with_customer_traits(engine, &program, tables, *version).await?;
        }
        let history = match program.asks_for_properties() {
            true => Earlier::Rows(run::read(run, engine, PROPERTY_HISTORY).await?),
            false => Earlier::Unavailable,
        };
        let profile = plan(run, &program, &tables, &history)?;
        // What is said of a customer's company is looked up among all companies, and few properties change.
        let whole: &[&str] = match program.subject {
            Subject::Customers => &[Table::Companies.as_str(), PROPERTY_HISTORY],
            Subject::Companies => &[PROPERTY_HISTORY],
        };
        let (version, rows) = run::replace_part_by_part(run, engine, table, profile, &layout, whole).await?;
        summary.written.insert(table.to_owned(), version);
        summary.facts.insert(format!("n_{}", program.subject), rows.into());
        summary
            .facts
            .insert(format!("n_{}_traits", program.subject.singular()), program.trait_names().count().into());
        left_out.extend(program.left_out.into_iter().map(|left_out| (left_out.name, left_out.reason)));
    }
    summary.facts.insert("left_out".into(), serde_json::json!(left_out));
    Ok(summary)
}

fn plan(
    run: &Run,
    program: &Program,
    tables: &Tables,
    history: &Earlier,
) -> Result<strata_lake::datafusion::dataframe::DataFrame> {
    let profile = program
        .profile_after(tables, history)
        .context(format!("cannot plan the profile of {}", program.subject))?;
    let mut columns: Vec<Expr> = profile.schema().fields().iter().map(|field| ident(field.name())).collect();
    columns.push(lit(run.run_id.clone()).alias("run_id"));
    profile.select(columns).context(format!("cannot plan the profile of {}", program.subject))
}

/// The tables of companies know of their customers what the customers' profile says, which was written first.
async fn with_customer_traits(
    engine: &Engine,
    program: &Program,
    tables: Tables,
    version: u64,
) -> Result<Tables> {
    let operation = || format!("cannot read the profile of {}", Subject::Customers);
    let profile = engine.table(Subject::Customers.profile_table(), version).await.context(operation())?;
    program.with_customer_traits(tables, profile).context(operation())
}

async fn canonical(run: &Run, engine: &Engine) -> Result<Tables> {
    let mut tables = Tables::new();
    for table in Table::ALL {
        tables.insert(table, run::read(run, engine, table.as_str()).await?);
    }
    Ok(tables)
}
