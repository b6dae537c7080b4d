//! The demo shop's planted dirt, and how much of it a run finds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use strata_pipeline::demo::{self, DemoOptions, EXPORTS, TRUTH};
use strata_pipeline::project::Project;
use strata_pipeline::run::{Options, Session, run};
use strata_pipeline::{init, quality, query};

/// The least number of found pieces per hundred planted, and the least precision. Bots are planted in larger shops only.
const LEAST: [(&str, u64, f64); 13] = [
    ("absurd_amount", 50, 1.0),
    ("blocked_identifier", 95, 0.0),
    ("currency_symbol", 95, 0.0),
    ("duplicate_row", 95, 0.5),
    ("guest_checkout", 70, 0.0),
    ("impossible_age", 100, 0.0),
    ("missing_value", 95, 0.0),
    ("mixed_date_format", 95, 0.0),
    ("negative_amount", 90, 1.0),
    ("second_account_other_case", 95, 0.0),
    ("second_account_other_email", 70, 0.0),
    ("shared_email", 40, 0.0),
    ("test_order", 100, 1.0),
];

#[tokio::test(flavor = "multi_thread")]
async fn planted_dirt_is_found() {
    let folder = tempfile::TempDir::new().unwrap();
    let options = DemoOptions { n_customers: 360, seed: 0, parquet: false };
    demo::write(folder.path(), &options, &|_| ()).unwrap();
    let shop = folder.path().join("shop");
    let files: Vec<PathBuf> = vec![folder.path().join(EXPORTS)];
    init::create(&files, &shop, chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap(), false).unwrap();
    let project = Project::open(&shop).unwrap();
    let as_of = project.instant("2026-07-01").unwrap();
    let options = Options { as_of, rewind: false, session: Session::default() };
    run(project.clone(), options, Arc::new(|_| ())).await.unwrap();

    let view = query::open(&project, &Session::default()).await.unwrap();
    let rows = quality::recovery(&view, &project, &folder.path().join(TRUTH)).await.unwrap();
    let found: BTreeMap<&str, &quality::Recovery> = rows.iter().map(|row| (row.kind.as_str(), row)).collect();
    for (kind, least, precision) in LEAST {
        let row = found[kind];
        assert!(row.n_found() * 100 >= row.n_planted * least, "{row:?}");
        assert!(row.precision.unwrap_or(1.0) >= precision, "{row:?}");
    }
    let sum: u64 = rows.iter().filter(|row| row.kind != "all").map(|row| row.n_planted).sum();
    assert_eq!(found["all"].n_planted, sum);
    assert!(found["all"].n_found() < sum, "typing errors in names are not found, and not said to be");

    let error = quality::recovery(&view, &project, &folder.path().join(EXPORTS)).await.unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("truth")), "{error:?}");
}
