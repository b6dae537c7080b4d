//! What was fitted, as the command line shows it.

use serde_json::Value;

use super::project::{MANIFEST, Project};

/// 150 customers over two years, who buy at paces of their own and leave after one purchase in five.
fn shop() -> Project {
    let mut state = 7_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut orders = "id,customer,date,amount\n".to_owned();
    let mut n = 0;
    for customer in 0..150 {
        let pace = 20.0 + 120.0 * draw();
        let spend = 10.0 + 60.0 * draw();
        let mut day = 300.0 * draw();
        while day < 730.0 {
            n += 1;
            let date = date_of(day as u32);
            orders.push_str(&format!("o{n},c{customer},{date},{:.2}\n", spend * (0.5 + draw())));
            if draw() < 0.2 {
                break;
            }
            day += 1.0 - pace * (1.0 - draw()).ln();
        }
    }
    let project = Project::of(&[("strata.toml", MANIFEST), ("orders.csv", &orders)]);
    project.good(&["run"]);
    project
}

/// The date of a day from 1 June 2022 on, as 2022-06-01.
fn date_of(day: u32) -> String {
    let lengths = [30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31];
    let (year, mut left) = (day / 365, day % 365);
    for (place, length) in (0_u32..).zip(lengths) {
        if left < length {
            let month = 6 + place;
            let (year, month) = if month > 12 { (2023 + year, month - 12) } else { (2022 + year, month) };
            return format!("{year}-{month:02}-{:02}", left + 1);
        }
        left -= length;
    }
    unreachable!("a year has 365 days")
}

#[test]
fn models_are_listed_with_what_asks_them_and_how_they_stand() {
    let project = shop();
    let listed = project.good(&["models", "list"]);
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    for (name, words) in [
        ("mbg_nbd ", "150  "),
        (
            "mbg_nbd: asked by ",
            "churn_risk, days_to_next_purchase, expected_purchases, expected_spend, expected_value",
        ),
        ("expected_value ", "prediction  mbg_nbd"),
        ("r_score ", "rank        days_since_last_order"),
    ] {
        assert!(line(name).contains(words), "{words} is not in\n{listed}");
    }
    let json: Value = serde_json::from_str(&project.good(&["models", "list", "--json"])).unwrap();
    let model = &json[0];
    assert_eq!((&model["model"], &model["n_customers"]), (&Value::from("mbg_nbd"), &Value::from(150)));
    assert!(["better", "no_worse", "worse"].contains(&model["verdict"].as_str().unwrap()), "{model}");
    let csv = project.good(&["models", "list", "--csv"]);
    assert!(csv.starts_with("model,kind,subject,scores,n_customers,verdict,warnings,version\r\n"), "{csv}");

    let shown = project.good(&["models", "show", "mbg_nbd"]);
    for words in [
        "mbg_nbd: MBG/NBD model of when customers buy",
        "242 days ago, it would have put first a tenth of customers",
        "when they buy: fitted on 150, ",
        "leave after a purchase, the first included: ",
        "mean spend of a customer on a day: EUR ",
        "held out: the 242 days since 2023-10-0",
        "the revenue of the 242 days before",
        "repeats before  customers  expected",
        "held out\n",
    ] {
        assert!(shown.contains(words), "{words} is not in\n{shown}");
    }
    let json: Value = serde_json::from_str(&project.good(&["models", "show", "mbg_nbd", "--json"])).unwrap();
    assert_eq!(json[0]["timing"]["parameters"][1]["name"], "alpha");
    assert_eq!(json[0]["holdout"]["value"]["baselines"][0]["baseline"], "last_period");
    let csv = project.good(&["models", "show", "mbg_nbd", "--csv"]);
    assert!(
        csv.starts_with("model,subject,part,at,figure,value\r\nmbg_nbd,customers,timing,r,value,"),
        "{csv}"
    );

    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    for plot in ["tracking", "by-frequency", "by-prediction", "held-by", "gone"] {
        assert!(report.contains(&format!(r#" id="{plot}-d">"#)), "{plot} is not in the report");
    }
    assert!(report.contains("Expected by class: Recency and frequency"));

    // A score is shown with the model that it asks.
    let score = project.good(&["models", "show", "expected_value"]);
    assert!(score.starts_with(
        "expected_value: customer_lifetime_value over 365 days, at a discount of 10 % a year, by mbg_nbd\n\n"
    ));
    assert!(score.ends_with(&shown), "{score}");
    let rank = project.good(&["models", "show", "f_score"]);
    assert!(rank.starts_with("f_score: 150 of customers in 5 parts by n_orders; 1 has the least"), "{rank}");

    let outcome = project.strata(&["models", "show", "mbg_nbt"]);
    outcome.refused(
        "a name that is not there",
        4,
        &["nothing that the last run fitted is called `mbg_nbt`", "did you mean `mbg_nbd`?"],
    );
}

#[test]
fn what_could_not_be_fitted_says_why() {
    let project = Project::shop();
    project.good(&["run"]);
    let shown = project.good(&["models", "show", "p_alive"]);
    assert!(shown.contains("No MBG/NBD model could be fitted: "), "{shown}");
    assert!(!shown.contains("held out"), "{shown}");
    assert!(project.good(&["models", "list"]).contains("not fitted"));
}
