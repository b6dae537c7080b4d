//! Files that set their columns apart by blanks and name none, from nothing but the files to segments: `strata init`, then
//! `strata run`.

use std::fs;
use std::path::Path;

use strata_pipeline::init;
use strata_pipeline::run::Session;

use crate::support::{Trial, number, shared_data, text};

/// A project as `strata init` makes it of a file, run.
async fn first_analysis(file: &Path) -> Trial {
    let trial = Trial::new("");
    let folder = trial.folder();
    let today = "2024-06-01".parse().unwrap();
    init::create(&[file.to_owned()], folder, today, true).unwrap();
    let as_of = trial.project().manifest.as_of.unwrap();
    trial.run(&as_of, &Session::default()).await;
    trial
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_blanks_without_a_header_needs_no_word_of_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("purchases.txt");
    let lines = [
        " 00001 19970101  1   11.77",
        " 00002 19970112  1   12.00",
        " 00002 19970112  5   77.00",
        " 00003 19970102  2   20.76",
        " 00003 19970330  2",
        " 00003 19970402  2   19.54",
    ];
    fs::write(&file, lines.join("\r\n")).unwrap();
    let trial = first_analysis(&file).await;
    let rows = trial.ask("select customer_id, n_orders, revenue from profile order by customer_id").await;
    let found: Vec<(&str, f64, f64)> = rows
        .iter()
        .map(|row| (text(row, "customer_id"), number(row, "n_orders"), number(row, "revenue")))
        .collect();
    assert_eq!(found, [("00001", 1.0, 11.77), ("00002", 2.0, 89.0), ("00003", 2.0, 40.3)]);
    let rejected = trial.ask("select line, reason from rejected").await;
    assert_eq!(rejected.len(), 1, "{rejected:?}");
    assert_eq!(
        (number(&rejected[0], "line"), text(&rejected[0], "reason")),
        (5.0, "has 3 fields, the first line has 4")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cdnow_sample_as_it_was_published() {
    let Some(path) = shared_data("cdnow/CDNOW_sample.txt") else { return };
    let trial = first_analysis(&path).await;
    let found = trial
        .ask_one(
            "select count(*) as n, count(distinct customer_id) as n_customers, count(n_items) as n_items, \
             count(amount) as n_amounts, cast(min(ordered_at) as text) as first, cast(max(ordered_at) as text) as last \
             from orders",
        )
        .await;
    assert_eq!((number(&found, "n_customers"), number(&found, "n")), (2_357.0, 6_919.0));
    assert_eq!((number(&found, "n_items"), number(&found, "n_amounts")), (6_919.0, 6_919.0));
    assert!(text(&found, "first").starts_with("1997-01-01"), "{found:?}");
    assert!(text(&found, "last").starts_with("1998-06-30"), "{found:?}");
    assert_eq!(trial.ask("select * from rejected").await.len(), 0);
}

#[test]
fn the_whole_cdnow_text_has_a_line_of_names() {
    let Some(path) = shared_data("cdnow/CDNOW_master.txt.gz") else { return };
    let trial = Trial::new("");
    init::create(&[path], trial.folder(), "2024-06-01".parse().unwrap(), true).unwrap();
    let manifest = fs::read_to_string(trial.folder().join("strata.toml")).unwrap();
    for line in [
        "delimiter = \"whitespace\"",
        "customer_id = \"customer_id\"",
        "ordered_at = \"date\"",
        "amount = \"dollar_value\"",
        "n_items = \"number_of_cds\"",
    ] {
        assert!(manifest.lines().any(|each| each.starts_with(line)), "{line} is not in\n{manifest}");
    }
    assert!(!manifest.contains("header = false"), "{manifest}");
}
