//! The CDNOW sample against its published summary (Fader and Hardie; `lifetimes` 0.11.3 ships both).

use std::collections::BTreeMap;
use std::fs;

use strata_pipeline::run::Session;

use crate::support::{Trial, number, repository, text};

const WEEK: f64 = 7.0;

#[tokio::test(flavor = "multi_thread")]
async fn fader_hardie_summary_of_2357_customers() {
    let trial = Trial::example("cdnow");
    trial.run("1997-09-30", &Session::default()).await;

    let totals = trial
        .ask_one(
            "select count(*) as n, count(*) filter (where frequency > 0) as n_repeat, \
             avg(monetary_value) as mean from profile",
        )
        .await;
    assert_eq!((number(&totals, "n"), number(&totals, "n_repeat")), (2357.0, 946.0));
    // Published as 35.08; the mean of the summary's own rounded figures is 35.0786.
    assert!((number(&totals, "mean") - 35.08).abs() < 0.005, "{totals:?}");

    let rows = trial
        .ask("select customer_id, frequency, recency, tenure, monetary_value from profile order by customer_id")
        .await;
    let found: BTreeMap<u64, _> =
        rows.iter().map(|row| (text(row, "customer_id").parse().unwrap(), row)).collect();
    let published = fs::read_to_string(repository().join("examples/cdnow/data/summary.csv")).unwrap();
    let mut n_compared = 0;
    for line in published.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let [id, x, t_x, t, mean_spend] = cells[..] else { panic!("{line}") };
        let row = found[&(id as u64)];
        assert_eq!(number(row, "frequency"), x, "x of {line}");
        for (column, weeks) in [("recency", t_x), ("tenure", t)] {
            assert!((number(row, column) / WEEK - weeks).abs() < 0.006, "{column} of {line}: {row:?}");
        }
        assert!((number(row, "monetary_value") - mean_spend).abs() < 0.006, "spend of {line}: {row:?}");
        n_compared += 1;
    }
    assert_eq!(n_compared, 2357);
}

#[tokio::test(flavor = "multi_thread")]
async fn rfm_fifths_are_equal_and_classes_cover_everyone() {
    let trial = Trial::example("cdnow");
    trial.run("1997-09-30", &Session::default()).await;
    // ntile(5) over 2,357: parts of 472, 472, 471, 471, 471.
    for score in ["r_score", "f_score", "m_score"] {
        let sizes = trial
            .ask(&format!("select {score} as part, count(*) as n from score group by 1 order by 1"))
            .await;
        let sizes: Vec<f64> = sizes.iter().map(|row| number(row, "n")).collect();
        assert_eq!(sizes, [472.0, 472.0, 471.0, 471.0, 471.0], "{score}");
    }
    // The same scores by the engine's own window functions.
    let differing = trial
        .ask_one(
            "with own as (select customer_id, \
               ntile(5) over (order by days_since_last_order desc, customer_id) as r, \
               ntile(5) over (order by n_orders, customer_id) as f, \
               ntile(5) over (order by revenue, customer_id) as m from profile) \
             select count(*) as n from own join score using (customer_id) \
             where r <> r_score or f <> f_score or m <> m_score",
        )
        .await;
    assert_eq!(number(&differing, "n"), 0.0);
    let partitions = trial
        .ask(
            "select segmentation, count(*) as n, count(distinct subject_id) as n_distinct from membership \
              where segmentation is not null and left_at is null group by 1",
        )
        .await;
    assert!(partitions.len() >= 5, "{partitions:?}");
    for row in partitions {
        assert_eq!((number(&row, "n"), number(&row, "n_distinct")), (2357.0, 2357.0), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_stands_alone() {
    let trial = Trial::example("cdnow");
    trial.run("1997-09-30", &Session::default()).await;
    let view = trial.view().await;
    let path = trial.project().root.join("report.html");
    let findings = strata_pipeline::report::write(&view, &trial.project(), &path).await.unwrap();
    assert!(findings.iter().any(|finding| finding.contains("236 of 2,357")), "{findings:?}");
    let page = fs::read_to_string(path).unwrap();
    assert!(page.contains("CDNOW") && page.contains("Champions"));
    for reference in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(reference), "the page refers to something outside: {reference}");
    }
    assert!(!page.contains("NaN"));
}
