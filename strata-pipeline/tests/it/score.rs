//! Models of a shop whose customers come, buy at their own pace and leave: what they foretell, what they are refused, and what is too
//! good to be true.

use std::fmt::Write;

use serde_json::Value;
use strata_pipeline::run::Session;

use crate::support::{Trial, number, text};

const MANIFEST: &str = r#"
[project]
title = "Shop"
[properties.customers]
bought_lately = "boolean"
[sources.crm]
path = "crm.csv"
[sources.crm.customers.columns]
customer_id = "id"
bought_lately = "lately"
[sources.shop]
path = "orders.csv"
[sources.shop.orders.columns]
order_id = "order"
customer_id = "id"
ordered_at = "at"
amount = "amount"
[sources.web]
path = "events.csv"
[sources.web.events.columns]
customer_id = "id"
occurred_at = "at"
name = "name"
[scores.own_risk]
model = "classifier"
horizon_days = 90
features = ["days_since_last_order", "n_orders", "n_orders_90d", "tenure", "n_events_30d"]
[scores.leaking_risk]
model = "classifier"
horizon_days = 90
features = ["days_since_last_order", "n_orders", "leak"]
[traits.leak]
value = "case when bought_lately then 1 else 0 end"
"#;

/// The days of two years; the run is on the last.
const DAYS: u32 = 730;
const AS_OF: &str = "2025-12-31";

/// A generator of chance that is the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn day(n: u32) -> String {
    let date = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(u64::from(n));
    date.to_string()
}

/// Customers who buy every 10 to 60 days, look around before they do, and leave after a purchase with a probability of 0.12.
fn shop(n_customers: u32) -> Trial {
    let trial = Trial::new(MANIFEST);
    let mut chance = Chance(7);
    let mut orders = String::from("order,id,at,amount\n");
    let mut events = String::from("id,at,name\n");
    let mut crm = String::from("id,lately\n");
    let mut n_orders = 0;
    for id in 0..n_customers {
        let pace = 10.0 + 50.0 * chance.next();
        let spend = 20.0 + 80.0 * chance.next();
        let mut at = chance.next() * 600.0;
        let mut last = 0;
        while at < f64::from(DAYS) {
            last = at as u32;
            n_orders += 1;
            let amount = spend * (0.7 + 0.6 * chance.next());
            writeln!(orders, "o{n_orders},c{id},{},{amount:.2}", day(last)).unwrap();
            writeln!(events, "c{id},{},page_view", day(last)).unwrap();
            if chance.next() < 0.12 {
                break;
            }
            at += 1.0 - pace * chance.next().max(1e-9).ln();
        }
        writeln!(crm, "c{id},{}", last >= DAYS - 90).unwrap();
    }
    crm.push_str("nobody,false\n");
    for (name, rows) in [("orders.csv", orders), ("events.csv", events), ("crm.csv", crm)] {
        trial.write(name, &rows);
    }
    trial
}

async fn diagnostics(trial: &Trial, model: &str) -> Value {
    let row = trial.ask_one(&format!("select diagnostics from model where model = '{model}'")).await;
    serde_json::from_str(text(&row, "diagnostics")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn classifiers_learn_from_the_past_and_leaks_are_told() {
    let trial = shop(900);
    let complete = trial.run(AS_OF, &Session::default()).await;
    let own = diagnostics(&trial, "own_risk").await;
    // Three dates at least, a horizon apart, and none later than a horizon before the run.
    let dates = own["dates"].as_array().unwrap();
    assert_eq!(dates.last().unwrap()["at"], "2025-10-02T00:00:00+00:00", "{own}");
    assert!(dates.len() >= 3, "{own}");
    assert_eq!(own["suspected_leak"].as_array().unwrap().len(), 0, "{own}");
    let auc = own[own["chosen"].as_str().unwrap()]["auc"]["value"].as_f64().unwrap();
    assert!((0.75..0.999).contains(&auc), "{own}");
    let leaking = diagnostics(&trial, "leaking_risk").await;
    let suspected = leaking["suspected_leak"].as_array().unwrap();
    assert_eq!((suspected.len(), suspected[0]["feature"].as_str()), (1, Some("leak")), "{leaking}");
    let warnings = &complete.summaries["score"].warnings;
    let told = |word: &str| warnings.iter().any(|warning| warning.contains(word));
    assert!(told("leaking_risk") && !told("own_risk"), "{warnings:?}");
    // Everybody who has bought has a probability, and whoever has not has none.
    let row = trial
        .ask_one(
            "select count(own_risk) as n, min(own_risk) as low, max(own_risk) as high, count(frequency) as n_bought, \
             corr(own_risk, cast(days_since_last_order as double)) as with_silence \
             from score join profile using (customer_id)",
        )
        .await;
    assert_eq!(number(&row, "n"), number(&row, "n_bought"));
    assert!(number(&row, "low") > 0.0 && number(&row, "high") < 1.0, "{row:?}");
    assert!(number(&row, "with_silence") > 0.5, "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn predictions_are_what_their_definitions_say() {
    let trial = shop(400);
    trial.run(AS_OF, &Session::default()).await;
    let row = trial
        .ask_one(
            "select count(*) filter (where frequency is null and p_alive is not null) as n_too_many, \
             count(*) filter (where frequency is not null and p_alive is null) as n_too_few, \
             count(*) filter (where p_alive < 0 or p_alive > 1 or churn_risk < 0 or churn_risk > 1) as n_beyond, \
             count(*) filter (where (days_to_next_purchase is null) <> (p_alive <= 0.5)) as n_undue, \
             count(*) filter (where expected_value > expected_purchases * expected_spend * 1.000001) as n_dear, \
             count(*) filter (where expected_value < expected_purchases * expected_spend / 1.1) as n_cheap, \
             count(*) filter (where days_to_next_purchase <= 90 and churn_risk > 0.5000001) as n_late \
             from profile join score using (customer_id)",
        )
        .await;
    for column in ["n_too_many", "n_too_few", "n_beyond", "n_undue", "n_dear", "n_cheap", "n_late"] {
        assert_eq!(number(&row, column), 0.0, "{column}: {row:?}");
    }
    let tiers = trial
        .ask(
            "select segment, count(*) as n from membership where segmentation = 'expected_value_tier' \
             and left_at is null group by 1 order by 1",
        )
        .await;
    let n = |name: &str| {
        tiers.iter().find(|row| text(row, "segment") == name).map_or(0.0, |row| number(row, "n"))
    };
    assert!((n("top") - 40.0).abs() <= 1.0 && n("unassigned") == 1.0, "{tiers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_to_fit_is_said_and_fails_no_run() {
    let trial = Trial::new(MANIFEST);
    trial.write("crm.csv", "id,lately\nc1,false\nc2,true\n");
    trial.write(
        "orders.csv",
        "order,id,at,amount\no1,c1,2025-11-01,10\no2,c2,2025-12-01,20\no3,c2,2025-12-20,30\n",
    );
    trial.write("events.csv", "id,at,name\nc1,2025-11-01,page_view\n");
    let complete = trial.run(AS_OF, &Session::default()).await;
    let warnings = complete.summaries["score"].warnings.join("\n");
    assert!(warnings.contains("no mbg_nbd model of customers could be fitted"), "{warnings}");
    assert!(warnings.contains("the classifier `own_risk` could not be trained"), "{warnings}");
    let row = trial.ask_one("select count(*) as n, count(p_alive) as known from score").await;
    assert_eq!((number(&row, "n"), number(&row, "known")), (2.0, 0.0));
}
