//! The four states: whose type is measured, typed by a few questions, inferred from behaviour, or unknown, and why.

use serde_json::Value;

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[sources.customers]
path = "customers.csv"

[sources.customers.customers.columns]
customer_id = "id"
birth_date = "born"

[sources.orders]
path = "orders.csv"

[sources.orders.orders.columns]
order_id = "order"
customer_id = "who"
ordered_at = "when"
amount = "amount"

[sources.form]
path = "form.csv"

[sources.form.responses]
questions = "rest"

[sources.form.responses.columns]
customer_id = "who"
answered_at = "when"
response_id = "form"

[surveys.attitudes]
instrument = "attitudes-24-cc0"

[segmentations.mindset]
title = "Mindset"
layer = "psychometric"
classes = [
    { name = "price", where = "attitudes_price_consciousness >= 3" },
    { name = "brand", where = "attitudes_price_consciousness < 3" },
]
"#;

/// Customers by number: the first answer all three statements about prices, the next the first one only, the others none.
const MEASURED: usize = 1200;
const TYPED: usize = 1300;
const ALL: usize = 1700;
/// Under age, though it answered.
const MINOR: usize = 7;

/// Every other customer minds prices. Where behaviour tells, those order four times for little, and the others once for much.
fn shop(behaviour_tells: bool) -> Project {
    let mut state = 11_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut customers = "id,born\n".to_owned();
    let mut orders = "order,who,when,amount\n".to_owned();
    let mut form = "form,who,when,att_pri1,att_pri2,att_pri3\n".to_owned();
    for n in 0..ALL {
        let born = if n == MINOR { "2010-05-01" } else { "1980-05-01" };
        customers.push_str(&format!("c{n},{born}\n"));
        let minds_prices = n % 2 == 0;
        let (high, low) = if minds_prices { ("5", "1") } else { ("1", "5") };
        match n {
            0..MEASURED => form.push_str(&format!("f{n},c{n},2024-03-01,{high},{high},{low}\n")),
            MEASURED..TYPED => form.push_str(&format!("f{n},c{n},2024-03-01,{high},,\n")),
            _ => {}
        }
        let is_odd_one = draw() < 0.1;
        let orders_often = if behaviour_tells { minds_prices != is_odd_one } else { draw() < 0.5 };
        for order in 0..if orders_often { 4 } else { 1 } {
            let amount = if orders_often { 8.0 } else { 90.0 } + (4.0 * draw()).round();
            orders.push_str(&format!("o{n}-{order},c{n},2024-0{}-10,{amount}\n", 1 + order));
        }
    }
    let project = Project::of(&[
        ("strata.toml", MANIFEST),
        ("customers.csv", &customers),
        ("orders.csv", &orders),
        ("form.csv", &form),
    ]);
    project.good(&["run"]);
    project
}

fn rows(project: &Project, query: &str) -> Vec<Value> {
    serde_json::from_str(&project.good(&["sql", "--json", query])).unwrap()
}

fn count(project: &Project, condition: &str) -> u64 {
    rows(project, &format!("select count(*) as n from psychometric_state where {condition}"))[0]["n"]
        .as_u64()
        .unwrap()
}

#[test]
fn types_are_measured_typed_inferred_or_unknown() {
    let project = shop(true);
    let said = project.good(&["survey", "states", "--json"]);
    let typing = serde_json::from_str::<Value>(&said).unwrap()[0].clone();
    assert_eq!(typing["reasons"], Value::Array(vec![]), "{typing}");
    assert_eq!(typing["questions"][0]["item"], "att_pri1", "{typing}");
    // The minor has answered, and is not told of.
    assert_eq!(count(&project, "state = 'measured'"), MEASURED as u64 - 1);
    assert_eq!(
        count(&project, &format!("customer_id = 'c{MINOR}' and state = 'unknown' and segment is null")),
        1
    );
    // One answer tells the type of whoever gave no more, and it is the right one.
    let is_even = "cast(substr(customer_id, 2) as int) % 2 = 0";
    let right = format!("(segment = 'price') = ({is_even})");
    assert_eq!(count(&project, "state = 'typed'"), (TYPED - MEASURED) as u64);
    assert_eq!(count(&project, &format!("state = 'typed' and {right}")), (TYPED - MEASURED) as u64);
    // Of the others nine in ten behave as their type does.
    let n_inferred = count(&project, "state = 'inferred'");
    let n_right = count(&project, &format!("state = 'inferred' and {right}"));
    assert!(n_inferred > 300, "{n_inferred}");
    assert!(n_right * 100 >= n_inferred * 80, "{n_right} of {n_inferred}");
    // Nobody is in a class for it.
    let members = "select count(*) as n from membership where segmentation = 'mindset' and left_at is null and segment <> 'unassigned'";
    assert_eq!(rows(&project, members)[0]["n"], MEASURED);
    let of_run = rows(&project, "select sum(n_inferred) as n from typing")[0]["n"].as_u64();
    assert_eq!(of_run, Some(n_inferred));

    // What the scale is used for is written down.
    let uses = rows(
        &project,
        "select kind, name from psychometric_use where scale = 'attitudes_price_consciousness'",
    );
    assert_eq!(
        uses.iter().map(|row| (&row["kind"], &row["name"])).collect::<Vec<_>>(),
        [(&"segmentation".into(), &"mindset".into())]
    );

    let form = project.good(&["survey", "export", "pulse", "--golden", "mindset", "--format", "csv"]);
    assert!(form.contains("att_pri1") && !form.contains("att_loy1"), "{form}");
    let of_none = project.strata(&["survey", "export", "pulse", "--golden", "mindsets"]);
    of_none.refused("no such segmentation", 4, &["no questions that tell the types of `mindsets`"]);
    project.strata(&["survey", "states", "rfm"]).refused("not of surveys", 4, &["they decide `mindset`"]);
    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    assert!(report.contains("Mindset: how it is known") && report.contains("I compare prices before I buy."));
}

#[test]
fn without_skill_nothing_is_inferred_and_the_reason_is_said() {
    let project = shop(false);
    assert_eq!(count(&project, "state = 'inferred'"), 0);
    assert_eq!(count(&project, "state = 'typed'"), (TYPED - MEASURED) as u64);
    let said = project.good(&["survey", "states"]);
    assert!(said.contains("No type is inferred") && said.contains("skill"), "{said}");
}
