//! The plans of RFM, from orders to classes, on a standalone Ballista cluster give what they give embedded.

use std::collections::BTreeMap;

use strata_lake::Engine;
use strata_lake::arrow::util::pretty::pretty_format_batches;
use strata_lake::datafusion::prelude::{DataFrame, ident};
use strata_pipeline::Mode;
use strata_pipeline::compile::{Mapped, Program, Setting, Tables, compile};
use strata_pipeline::run::{Session, engine};
use strata_pipeline::score::{fit_all, with_scores};
use strata_pipeline::spec::definition::Definitions;
use strata_pipeline::spec::table::{Subject, Table};

use crate::support::Trial;

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_embedded_equals_cluster() {
    let trial = Trial::example("cdnow");
    let complete = trial.run("1997-09-30", &Session::default()).await;
    let project = trial.project();
    let definitions = rfm();
    let mapped = Mapped::of(&project.manifest);
    let program = compile(&Setting {
        subject: Subject::Customers,
        as_of: complete.as_of,
        timezone: project.timezone,
        definitions: &definitions,
        properties: &project.manifest.properties,
        mapped: &mapped,
    })
    .unwrap();
    let embedded = engine(&project, &Session::default()).await.unwrap();
    let cluster = engine(&project, &Session { mode: Mode::Standalone, ..Session::default() }).await.unwrap();

    let profile = |engine| profile(&program, engine, &complete.tables);
    assert_eq!(rows(profile(&embedded).await).await, rows(profile(&cluster).await).await);

    let written = async |engine: &Engine| engine.table("profile", complete.tables["profile"]).await.unwrap();
    let fitted = fit_all(&program, &written(&embedded).await).await.unwrap();
    assert_eq!(fitted, fit_all(&program, &written(&cluster).await).await.unwrap());

    let divided = async |engine: &Engine| {
        let scored = with_scores(&program, &fitted, written(engine).await).unwrap();
        rows(program.divide(scored).unwrap()).await
    };
    assert_eq!(divided(&embedded).await, divided(&cluster).await);
}

/// The shipped RFM segmentation with what it needs.
fn rfm() -> Definitions {
    let mut rfm = Definitions::shipped().unwrap().clone();
    rfm.traits.retain(|name, _| ["n_orders", "days_since_last_order", "revenue"].contains(&name.as_str()));
    rfm.scores.retain(|name, _| ["r_score", "f_score", "m_score"].contains(&name.as_str()));
    rfm.segmentations.retain(|name, _| name.as_str() == "rfm");
    rfm
}

async fn profile(program: &Program, engine: &Engine, versions: &BTreeMap<String, u64>) -> DataFrame {
    let mut tables = Tables::new();
    for table in Table::ALL {
        tables.insert(table, engine.table(table.as_str(), versions[table.as_str()]).await.unwrap());
    }
    program.profile(&tables).unwrap()
}

async fn rows(frame: DataFrame) -> String {
    let sorted = frame.sort(vec![ident("customer_id").sort(true, false)]).unwrap();
    let batches = sorted.collect().await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 2357);
    pretty_format_batches(&batches).unwrap().to_string()
}
