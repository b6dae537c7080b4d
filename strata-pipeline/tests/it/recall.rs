//! Who was in a segment at an earlier date, as it was known then and as it is known now; who came and went between two dates.

use std::collections::BTreeSet;

use strata_pipeline::replay::{Knowledge, Recall, changes, recall};
use strata_pipeline::run::Session;

use crate::support::{Trial, text};

const MANIFEST: &str = r#"
[project]
title = "Late"
[sources.shop]
path = "orders*.csv"
keep = "all"
[sources.shop.orders.columns]
order_id = "order"
customer_id = "customer"
ordered_at = "day"
amount = "amount"
[segments.lately]
where = "count(orders) filter (where in_last('60 days')) >= 2"
"#;

const EDITED: &str = "count(orders) filter (where in_last('60 days')) >= 1";

/// Anna buys twice before February, Ben's second order of January arrives in March, and Cleo buys in March.
async fn trial() -> Trial {
    let trial = Trial::new(MANIFEST);
    trial.write(
        "orders1.csv",
        "order,customer,day,amount\n1,anna,2024-01-05,10\n2,anna,2024-01-20,10\n3,ben,2024-01-10,10\n4,cleo,2024-01-11,5\n",
    );
    trial.run("2024-02-01", &Session::default()).await;
    trial.write(
        "orders2.csv",
        "order,customer,day,amount\n5,ben,2024-01-25,10\n6,cleo,2024-03-01,5\n7,cleo,2024-03-02,5\n",
    );
    trial.run("2024-04-01", &Session::default()).await;
    trial
}

async fn recalled(trial: &Trial, at: &str) -> Recall {
    let (project, view) = (trial.project(), trial.view().await);
    recall(&project, &view, "lately", project.instant(at).unwrap()).await.unwrap()
}

fn ids(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_late_changes_what_is_known_and_not_what_was_known() {
    let trial = trial().await;
    let february = recalled(&trial, "2024-02-01").await;
    assert_eq!(february.both, ids(&["anna"]));
    assert_eq!(february.only_now, ids(&["ben"]));
    assert_eq!(february.only_then, ids(&[]));
    assert_eq!((february.n_then(), february.n_now()), (1, 2));
    assert_eq!(february.is_edited, Some(false));
    // Between two runs the word of the former counts, while what is known now is of the date itself.
    let march = recalled(&trial, "2024-03-20").await;
    assert_eq!((march.both.clone(), march.only_then.clone()), (ids(&[]), ids(&["anna"])));
    // On 20 March two orders of Ben's lie 55 and 70 days back.
    assert_eq!(march.only_now, ids(&["cleo"]));
    let before = recalled(&trial, "2024-01-22").await;
    assert_eq!((before.run, before.is_edited), (None, None));
    assert_eq!(before.only_now, ids(&["anna"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_definition_is_told() {
    let trial = trial().await;
    let manifest = MANIFEST.replace("count(orders) filter (where in_last('60 days')) >= 2", EDITED);
    trial.write("strata.toml", &manifest);
    let february = recalled(&trial, "2024-02-01").await;
    assert_eq!(february.is_edited, Some(true));
    assert_eq!(february.both, ids(&["anna"]));
    assert_eq!(february.only_now, ids(&["ben", "cleo"]));
}

async fn changed(trial: &Trial, from: &str, to: &str, knowledge: Knowledge) -> Vec<String> {
    let (project, view) = (trial.project(), trial.view().await);
    let dates = [from, to].map(|date| project.instant(date).unwrap());
    let rows = changes(&project, &view, "lately", dates, knowledge).await.unwrap().json().await.unwrap();
    let at = |row| text(row, "at").trim_end_matches("T00:00:00Z").to_owned();
    rows.iter()
        .map(|row| format!("{} {} {}", text(row, "customer_id"), text(row, "change"), at(row)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn comings_and_goings_are_told_by_both() {
    let trial = trial().await;
    let noted = changed(&trial, "2024-01-01", "2024-04-01", Knowledge::Then).await;
    assert_eq!(noted, ["anna entered 2024-02-01", "cleo entered 2024-04-01", "anna left 2024-04-01"]);
    let later = changed(&trial, "2024-02-01", "2024-04-01", Knowledge::Then).await;
    assert_eq!(later, ["cleo entered 2024-04-01", "anna left 2024-04-01"]);
    let known = changed(&trial, "2024-02-01", "2024-04-01", Knowledge::Now).await;
    assert_eq!(known, ["anna left ", "ben left ", "cleo entered "]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_is_neither_entering_nor_leaving() {
    let trial = trial().await;
    trial.write("strata.toml", &MANIFEST.replace("'60 days'", "'61 days'"));
    trial.run("2024-04-02", &Session::default()).await;
    let noted = changed(&trial, "2024-04-01", "2024-05-01", Knowledge::Then).await;
    assert_eq!(noted, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recalled_is_said() {
    let trial = trial().await;
    let (project, view) = (trial.project(), trial.view().await);
    let at = |date: &str| project.instant(date).unwrap();
    let late = recall(&project, &view, "lately", at("2024-05-01")).await.unwrap_err();
    assert!(late.to_string().contains("after the last run's instant"), "{late}");
    let unknown = recall(&project, &view, "latly", at("2024-03-01")).await.unwrap_err();
    assert!(unknown.hint().unwrap().contains("`lately`"), "{unknown}");
    let whole = recall(&project, &view, "rfm", at("2024-03-01")).await.unwrap_err();
    assert!(whole.to_string().contains("is a segmentation"), "{whole}");
    let backwards = changes(&project, &view, "lately", [at("2024-03-01"), at("2024-02-01")], Knowledge::Then);
    assert!(backwards.await.is_err_and(|error| error.to_string().contains("before the second")));
}
