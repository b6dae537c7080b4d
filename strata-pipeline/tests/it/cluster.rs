//! The whole main job, from files to memberships, gives on a standalone Ballista cluster what it gives embedded.

use strata_pipeline::Mode;
use strata_pipeline::run::Session;

use crate::support::{Trial, tables};

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_embedded_equals_cluster() {
    let trial = Trial::example("cdnow");
    // In parts, which are computed one by one here and are what whole plans are divided into there.
    let in_parts = Session { worth_dividing: Some(1), ..Session::default() };
    let complete = trial.run("1997-09-30", &in_parts).await;
    let embedded = tables(&trial, &complete).await;
    std::fs::remove_dir_all(trial.project().lake_path()).unwrap();
    let standalone = Session { mode: Mode::Standalone, ..in_parts };
    let complete = trial.run("1997-09-30", &standalone).await;
    let cluster = tables(&trial, &complete).await;
    assert_eq!(embedded.keys().collect::<Vec<_>>(), cluster.keys().collect::<Vec<_>>());
    for (table, expected) in &embedded {
        assert_eq!(expected.len(), cluster[table].len(), "rows of {table}");
        for (expected, found) in expected.iter().zip(&cluster[table]) {
            assert_eq!(expected, found, "a row of {table}");
        }
    }
}
