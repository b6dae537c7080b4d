//! The transition matrix of CDNOW's RFM classes, against pairs of classes counted one customer at a time.

use std::collections::BTreeMap;

use serde_json::Value;
use strata_pipeline::run::Session;

use crate::support::{Trial, number, text};

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_moves_are_those_of_single_customers() {
    let trial = Trial::example("cdnow");
    trial.run("1997-06-30", &Session::default()).await;
    trial.run("1997-09-30", &Session::default()).await;
    let project = trial.project();
    let (from, to) = (project.instant("1997-06-30").unwrap(), project.instant("1997-09-30").unwrap());

    let mut classes: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
    for (at, side) in [("1997-06-30", 0), ("1997-09-30", 1)] {
        let query = format!(
            "select subject_id, segment from membership where segmentation = 'rfm' \
             and entered_at <= timestamp '{at}T00:00:00Z' and (left_at is null or left_at > timestamp '{at}T00:00:00Z')"
        );
        for row in trial.ask(&query).await {
            classes.entry(text(&row, "subject_id").to_owned()).or_default()[side] =
                Some(text(&row, "segment").to_owned());
        }
    }
    let mut expected: BTreeMap<[Option<String>; 2], f64> = BTreeMap::new();
    for pair in classes.into_values() {
        *expected.entry(pair).or_default() += 1.0;
    }

    let view = trial.view().await;
    let matrix = view.migration("rfm", from, to).await.unwrap().json().await.unwrap();
    let class = |row: &serde_json::Map<String, Value>, name: &str| row[name].as_str().map(str::to_owned);
    let found: BTreeMap<[Option<String>; 2], f64> = matrix
        .iter()
        .map(|row| ([class(row, "from_class"), class(row, "to_class")], number(row, "n_members")))
        .collect();
    assert_eq!(found, expected);
    assert!(found.keys().any(|[from, to]| from != to), "nobody moved");
    let mut shares: BTreeMap<Option<String>, f64> = BTreeMap::new();
    for row in &matrix {
        *shares.entry(class(row, "from_class")).or_default() += number(row, "share");
    }
    assert!(shares.values().all(|share| (share - 1.0).abs() < 1e-9), "{shares:?}");
    let moved: f64 = matrix.iter().map(|row| number(row, "revenue")).sum();
    let all = trial.ask_one("select sum(revenue) as revenue from profile").await;
    assert!((moved - number(&all, "revenue")).abs() < 0.01);

    assert!(
        view.migration("rmf", from, to)
            .await
            .is_err_and(|error| error.hint().is_some_and(|hint| hint.contains("rfm")))
    );
    assert!(view.migration("rfm", to, from).await.is_err());
}
