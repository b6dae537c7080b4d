//! A preview says of a condition what a run says of a segment with it, whether its figures are stored or scanned anew.

use std::collections::BTreeMap;

use strata_pipeline::preview::{Ask, condition, diff};
use strata_pipeline::run::Session;
use strata_pipeline::spec::table::Subject;

use crate::support::{Trial, number, repository, text};

/// Of every family: figures with and without filters, traits, scores, classes, other segments, what may be unknown.
const CONDITIONS: [&str; 8] = [
    "true",
    "count(orders) >= 3 and max(orders.ordered_at) < as_of - interval '60 days'",
    "n_orders = 1 or median_gap_days(orders.ordered_at) > 20",
    "median_gap_days(orders.ordered_at) > 20 and avg(orders.amount) > 30 and not in_segment('big_baskets')",
    "r_score >= 4 and f_score >= 3",
    "in_class('rfm', 'champions') and sum(orders.n_items) filter (where in_last('90 days')) >= 3",
    "at_least(2, n_orders >= 2, revenue > 100, median_gap_days < 30)",
    "bucket('half') < 0.5 and created_at >= date '1997-02-01'",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_a_run_would_say() {
    let trial = Trial::example("cdnow");
    trial.run("1997-09-30", &Session::default()).await;
    let (project, view) = (trial.project(), trial.view().await);
    let mut scanned = BTreeMap::new();
    let ask = |text| Ask { text, subject: Subject::Customers, as_of: None };
    for text in CONDITIONS {
        scanned.insert(text, condition(&project, &view, &ask(text)).await.unwrap());
    }

    let manifest = std::fs::read_to_string(repository().join("examples/cdnow/strata.toml")).unwrap();
    let segments =
        CONDITIONS.iter().enumerate().map(|(n, text)| format!("[segments.s{n}]\nwhere = \"{text}\"\n"));
    trial.write("strata.toml", &format!("{manifest}{}", segments.collect::<String>()));
    let edited = trial.project();
    let changes = diff(&edited, &view, None).await.unwrap().changes;
    assert_eq!(changes.len(), CONDITIONS.len());
    trial.run("1997-09-30", &Session::default()).await;

    let (project, view) = (trial.project(), trial.view().await);
    let sizes =
        trial.ask("select segment, n_members, n_undecided from segment where segmentation is null").await;
    let sizes: BTreeMap<&str, (f64, f64)> = sizes
        .iter()
        .map(|row| (text(row, "segment"), (number(row, "n_members"), number(row, "n_undecided"))))
        .collect();
    for (n, text) in CONDITIONS.iter().enumerate() {
        let before = &scanned[text];
        let size = sizes[format!("s{n}").as_str()];
        assert_eq!((before.n_members as f64, before.n_undecided as f64), size, "{text}");
        assert_eq!(before.n_subjects, 2_357);
        let change = changes.iter().find(|change| change.name == format!("s{n}")).unwrap();
        assert_eq!(change.differences[0].n_entering, before.n_members, "{text}");
        // A clause leaves as many as the whole when it is the last.
        assert_eq!(before.clauses.last().unwrap().n_left, before.n_members, "{text}");
        let removed: u64 = before.clauses.iter().map(|clause| clause.n_removed).sum();
        assert_eq!(removed, before.n_subjects - before.n_members, "{text}");

        let mut after = condition(&project, &view, &ask(text)).await.unwrap();
        assert_eq!(after.scanned, [], "{text}: the run has stored its figures");
        after.scanned.clone_from(&before.scanned);
        assert_eq!(&after, before, "{text}");
    }
    assert!(scanned.values().any(|preview| !preview.scanned.is_empty()), "some figures were new");
    assert!(sizes.values().any(|(_, n_undecided)| *n_undecided > 0.0), "some are undecided");
}
