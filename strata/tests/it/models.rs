//! What was fitted, as the command line shows it.

use serde_json::Value;

use super::project::{MANIFEST, Project};

/// 150 customers over two years, who buy at paces of their own and leave after one purchase in five.
fn shop() -> Project {
    shop_with("")
}

/// The same, with more in its manifest.
fn shop_with(more: &str) -> Project {
    shop_of(&format!("{MANIFEST}{more}"), &[])
}

/// The same by another manifest, with more files.
fn shop_of(manifest: &str, more: &[(&str, &str)]) -> Project {
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
    let files = [("strata.toml", manifest), ("orders.csv", &orders)];
    let project = Project::of(&[&files, more].concat());
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

/// One value within the next year, with the interval in which it lies in four of five cases.
const INTERVAL: &str = r#"
[scores.year]
title = "Value of a year"
model = "mbg_nbd"
predicts = "customer_lifetime_value"
interval = 0.8

[segments.may_bring]
title = "May bring a hundred"
where = "year_high > 100"
"#;

#[test]
fn values_have_intervals_that_conditions_may_ask_for() {
    let project = shop_with(INTERVAL);
    let sql = "select count(*) as n, sum(case when year_low <= year_high then 1 else 0 end) as in_order, \
               sum(case when p_alive > 0.7 then 1 else 0 end) as n_alive, \
               sum(case when p_alive > 0.7 and year between year_low and year_high then 1 else 0 end) as n_inside, \
               sum(case when year_high > 100 then 1 else 0 end) as n_may from score where year is not null";
    let told: Value = serde_json::from_str(&project.good(&["sql", "--json", sql])).unwrap();
    let of = |name: &str| told[0][name].as_i64().unwrap_or_else(|| panic!("{name} of {told}"));
    assert_eq!((of("n"), of("in_order")), (150, 150));
    // Of those who are hardly there any more a little is expected, and nothing at all comes in nine of ten cases; of the others,
    // what is expected lies within.
    assert!(of("n_alive") > 10 && of("n_may") > 10 && of("n_inside") == of("n_alive"), "{told}");
    let listed: Value = serde_json::from_str(&project.good(&["segments", "list", "--json"])).unwrap();
    let segment = listed.as_array().unwrap().iter().find(|each| each["segment"] == "may_bring");
    assert_eq!(segment.unwrap_or(&Value::Null)["n_members"].as_i64(), Some(of("n_may")), "{segment:?}");

    // The share of intervals that held, in the holdout.
    let shown: Value = serde_json::from_str(&project.good(&["models", "show", "mbg_nbd", "--json"])).unwrap();
    let interval = &shown[0]["holdout"]["value"]["interval"];
    assert_eq!(interval["level"], 0.8, "{shown}");
    let (n, n_inside) = (interval["n"].as_f64().unwrap(), interval["n_inside"].as_f64().unwrap());
    assert!(n > 100.0 && (0.6..=0.98).contains(&(n_inside / n)), "{interval}");
    let shown = project.good(&["models", "show", "year_high"]);
    assert!(
        shown.starts_with("year_high: the high end of the 80 % interval of customer_lifetime_value"),
        "{shown}"
    );
}

#[test]
fn a_score_of_one_customer_is_told_with_its_reasons() {
    let project = shop_with(INTERVAL);
    let why = |score: &str, customer: &str| -> Value {
        serde_json::from_str(&project.good(&["models", "why", score, customer, "--json"])).unwrap()
    };
    let sql = "select p.customer_id, p.frequency, p.monetary_value, s.year, s.p_alive from profile p \
               join score s on s.customer_id = p.customer_id where p.frequency > 2 order by s.year desc, p.customer_id limit 1";
    let best: Value = serde_json::from_str(&project.good(&["sql", "--json", sql])).unwrap();
    let customer = best[0]["customer_id"].as_str().unwrap().to_owned();
    let told = why("year", &customer);
    assert_eq!((&told["unit"], &told["value"]), (&Value::from("currency"), &best[0]["year"]));
    let reasons = told["reasons"].as_array().unwrap();
    let figures: Vec<&str> = reasons.iter().filter_map(|reason| reason["figure"].as_str()).collect();
    assert_eq!(figures.len(), 4, "{told}");
    for figure in ["frequency", "recency", "days_since_last_purchase", "monetary_value"] {
        assert!(figures.contains(&figure), "{figure} is not in {told}");
    }
    let effect = |figure: &str| {
        reasons.iter().find(|each| each["figure"] == figure).and_then(|each| each["effect"].as_f64()).unwrap()
    };
    // Whoever is expected to bring most spends more than is usual, and that is what lifts the value.
    let above = |figure: &str| {
        let reason = reasons.iter().find(|each| each["figure"] == figure).unwrap();
        reason["value"].as_f64().unwrap() > reason["usual"].as_f64().unwrap()
    };
    for figure in ["frequency", "monetary_value"] {
        assert_eq!(effect(figure) > 0.0, above(figure), "{figure} of {told}");
    }
    let sizes: Vec<f64> = reasons.iter().filter_map(|each| each["effect"].as_f64()).map(f64::abs).collect();
    assert!(sizes.is_sorted_by(|one, other| one >= other), "{told}");
    let said = project.good(&["models", "why", "year", &customer]);
    assert!(said.starts_with(&format!("year of the customer {customer} is EUR ")), "{said}");
    assert!(said.contains("It is raised by EUR "), "{said}");

    // A model stands for the value that it predicts; a rank says between which cuts one lies.
    assert_eq!(why("mbg_nbd", &customer)["score"], "expected_value");
    let rank = why("f_score", &customer);
    let note = rank["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with(&format!("part {} of 5 has n_orders: ", rank["value"].as_f64().unwrap())),
        "{note}"
    );
    assert_eq!(rank["reasons"][0]["figure"], "n_orders");
    // Of a rank whose greatest value comes first, the last part has the least.
    let recent = project.good(&["sql", "--csv", "select customer_id from score where r_score = 5 limit 1"]);
    let rank = why("r_score", recent.lines().nth(1).unwrap().trim_end());
    let note = rank["notes"][0].as_str().unwrap();
    assert!(note.starts_with("part 5 of 5 has days_since_last_order: up to "), "{note}");

    for (score, customer, words) in [
        ("year_low", customer.as_str(), &["has no reasons of its own", "strata models why year"][..]),
        ("year", "nobody", &["the last run knew no customer `nobody`"][..]),
        ("yeer", customer.as_str(), &["did you mean `year`?"][..]),
    ] {
        let outcome = project.strata(&["models", "why", score, customer]);
        assert_ne!(outcome.code, Some(0), "{score} {customer}");
        for word in words {
            assert!(outcome.stderr.contains(word), "{word} is not in {}", outcome.stderr);
        }
    }
}

#[test]
fn companies_are_valued_by_a_model_of_their_own() {
    // Each customer is a company of one: what is known of both is the same.
    let manifest = MANIFEST.replace(
        "amount = \"amount\"\n",
        "amount = \"amount\"\ncompany_id = \"customer\"\n\n[sources.accounts]\npath = \"accounts.csv\"\n\n\
         [sources.accounts.companies.columns]\ncompany_id = \"account\"\n",
    );
    let accounts: String = (0..150).map(|n| format!("c{n}\n")).collect();
    let project = shop_of(&manifest, &[("accounts.csv", &format!("account\n{accounts}"))]);
    let query = "select count(c.company_expected_value) as n, \
                 max(abs(s.expected_value - c.company_expected_value)) as off, max(abs(s.p_alive - c.company_p_alive)) as off_alive \
                 from score s join company_score c on c.company_id = s.customer_id";
    let found: Value = serde_json::from_str(&project.good(&["sql", query, "--json"])).unwrap();
    assert_eq!(found[0]["n"], 150, "{found}");
    assert!(
        found[0]["off"].as_f64().unwrap() < 1e-6 && found[0]["off_alive"].as_f64().unwrap() < 1e-9,
        "{found}"
    );
    let tiers = "select count(*) as n from membership where subject = 'companies' \
                 and segmentation = 'company_expected_value_tier' and segment = 'top'";
    let found: Value = serde_json::from_str(&project.good(&["sql", tiers, "--json"])).unwrap();
    assert_eq!(found[0]["n"], 15, "{found}");

    let listed = project.good(&["models", "list"]);
    assert!(
        listed.contains("\nmbg_nbd of companies") && listed.contains("\nmbg_nbd of customers"),
        "{listed}"
    );
    let shown = project.good(&["models", "show", "mbg_nbd"]);
    for words in
        ["MBG/NBD model of when companies buy", "of the first company", "Of the mean company it expected"]
    {
        assert!(shown.contains(words), "{words} is not in\n{shown}");
    }
    let why = project.good(&["models", "why", "company_expected_value", "c1"]);
    assert!(why.starts_with("company_expected_value of the company c1 is EUR"), "{why}");
    let report = project.path("report.html");
    project.good(&["report", "-o", report.to_str().unwrap()]);
    let report = std::fs::read_to_string(report).unwrap();
    let companies = report.split("id=\"expected-companies\"").nth(1).unwrap();
    assert!(companies.contains("Of 150 companies that have bought, EUR"), "{companies:.600}");
}
