//! The CDNOW sample against its published summary (Fader and Hardie; `lifetimes` 0.11.3 ships both).

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
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

/// Fader, Hardie and Lee (2005) for BG/NBD; the BTYDplus run and `lifetimes` for MBG/NBD; Fader and Hardie (2013) for Gamma-Gamma. The
/// papers count weeks and the profile counts days.
#[tokio::test(flavor = "multi_thread")]
async fn models_have_the_published_parameters() {
    let trial = Trial::example("cdnow");
    let own = "\n[scores.own_purchases]\nmodel = \"bg_nbd\"\npredicts = \"expected_purchases\"\nhorizon_days = 364\n";
    let manifest = fs::read_to_string(trial.folder().join("strata.toml")).unwrap();
    trial.write("strata.toml", &(manifest + own));
    trial.run("1997-09-30", &Session::default()).await;
    for (model, [r, alpha, a, b]) in
        [("bg_nbd", [0.243, 4.414, 0.793, 2.426]), ("mbg_nbd", [0.525, 6.183, 0.891, 1.614])]
    {
        let row = trial.ask_one(&format!("select * from model where model = '{model}'")).await;
        let parameters: Value = serde_json::from_str(text(&row, "parameters")).unwrap();
        let timing = |letter: &str| parameters["timing"][letter].as_f64().unwrap();
        let found = [timing("r"), timing("alpha") / WEEK, timing("a"), timing("b")];
        for (found, published) in found.into_iter().zip([r, alpha, a, b]) {
            assert!((found / published - 1.0).abs() < 3e-3, "{model}: {found} is not {published}");
        }
    }
    let row = trial.ask_one("select * from model where model = 'mbg_nbd'").await;
    let parameters: Value = serde_json::from_str(text(&row, "parameters")).unwrap();
    for (letter, published) in [("p", 6.25), ("q", 3.74), ("v", 15.44)] {
        let found = parameters["spend"][letter].as_f64().unwrap();
        assert!((found / published - 1.0).abs() < 3e-3, "{letter}: {found}");
    }
    // `lifetimes` foretells 2,089.419 purchases in the 52 weeks to come.
    let total =
        trial.ask_one("select sum(own_purchases) as n, count(own_purchases) as n_of from score").await;
    assert!((number(&total, "n") / 2089.419 - 1.0).abs() < 1e-3, "{total:?}");
    assert_eq!(number(&total, "n_of"), 2357.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn predictions_are_held_against_what_happened() {
    let trial = Trial::example("cdnow");
    trial.run("1998-06-30", &Session::default()).await;
    let row = trial.ask_one("select * from model where model = 'mbg_nbd'").await;
    let diagnostics: Value = serde_json::from_str(text(&row, "diagnostics")).unwrap();
    let holdout = &diagnostics["holdout"];
    assert_eq!(holdout["at"].as_str().unwrap(), "1997-12-31T00:00:00+00:00");
    assert_eq!(holdout["days"].as_f64().unwrap(), 181.0);
    assert_eq!(holdout["n_customers"].as_u64().unwrap(), 2357);
    assert!(holdout["is_everybody"].as_bool().unwrap());
    // What happened, by SQL over the orders.
    let actual = trial
        .ask_one(
            "select count(distinct customer_id || cast(date_trunc('day', ordered_at) as varchar)) as days, \
             sum(amount) as revenue from orders \
             where ordered_at > timestamp '1997-12-31' and ordered_at <= timestamp '1998-06-30'",
        )
        .await;
    for (what, total) in [("purchases", "days"), ("value", "revenue")] {
        let mean = holdout[what]["model"]["mean_actual"].as_f64().unwrap();
        assert!(
            (mean * 2357.0 - number(&actual, total)).abs() < 1e-6 * number(&actual, total),
            "{what}: {mean}"
        );
    }
    let points = holdout["course"]["points"].as_array().unwrap();
    let last = points.last().unwrap();
    let frequency = trial.ask_one("select sum(frequency) as n from profile").await;
    assert_eq!(last["actual"].as_f64().unwrap(), number(&frequency, "n"));
    // The models of the literature are off by a few percent here.
    assert!(holdout["course"]["final_error"].as_f64().unwrap().abs() < 0.1, "{}", holdout["course"]);
    // Closer than every rule of thumb; in whom it puts first it is not told apart from all of them.
    let value = &holdout["value"];
    assert_eq!(value["verdict"], "no_worse", "{value}");
    let of_errors = value["comparisons"].as_array().unwrap().iter();
    let mut of_errors = of_errors.filter(|one| one["measure"] == "root_mean_squared_error");
    assert!(of_errors.all(|one| one["outcome"] == "model"), "{value}");
    assert!(value["model"]["relative_bias"].as_f64().unwrap().abs() < 0.05, "{value}");
    let groups = holdout["by_frequency"].as_array().unwrap();
    assert_eq!(groups.iter().map(|group| group["n"].as_u64().unwrap()).sum::<u64>(), 2357);
}
