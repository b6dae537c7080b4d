//! The way to an order: funnels and attribution, of shops whose figures can be worked out by hand.

use serde_json::{Value, json};

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[properties.customers]
kind = "text"

[sources.people]
path = "people.csv"

[sources.people.customers.columns]
customer_id = "id"
kind = "kind"

[sources.visits]
path = "visits.csv"

[sources.visits.events.columns]
customer_id = "who"
occurred_at = "at"
name = "what"
value = "worth"
channel = "over"

[sources.orders]
path = "orders.csv"

[sources.orders.orders.columns]
order_id = "id"
customer_id = "who"
ordered_at = "at"
amount = "amount"

[segmentations.kind]
by = "kind"
"#;

fn shop(visits: &str, orders: &str) -> Project {
    let mut people = "id,kind\n".to_owned();
    for who in 0..10 {
        people.push_str(&format!("c{who},{}\n", if who < 5 { "a" } else { "b" }));
    }
    let visits = format!("who,at,what,worth,over\n{visits}");
    let orders = format!("id,who,at,amount\n{orders}");
    let project = Project::of(&[
        ("strata.toml", MANIFEST),
        ("people.csv", &people),
        ("visits.csv", &visits),
        ("orders.csv", &orders),
    ]);
    project.good(&["run"]);
    project
}

/// Eight of ten view; four of them fill a cart within 30 days, one later; c8 fills one without a view. Two of the four order.
fn funnels() -> Project {
    let mut visits = String::new();
    for who in 0..8 {
        let worth = if who < 4 { 10 } else { 1 };
        visits.push_str(&format!("c{who},2024-01-01T10:00:00Z,view,{worth},web\n"));
    }
    for who in [0, 1, 2, 3, 8] {
        visits.push_str(&format!("c{who},2024-01-03T10:00:00Z,cart,,web\n"));
    }
    visits.push_str("c4,2024-02-15T10:00:00Z,cart,,web\n");
    shop(
        &visits,
        "o1,c0,2024-01-05T10:00:00Z,100\no2,c1,2024-01-07T10:00:00Z,20\no3,c2,2023-12-31T10:00:00Z,70\n",
    )
}

fn asked(project: &Project, arguments: &[&str]) -> Value {
    serde_json::from_str(&project.good(&[&["journey"], arguments, &["--json"]].concat())).unwrap()
}

fn numbers(steps: &Value) -> Vec<u64> {
    steps.as_array().unwrap().iter().map(|step| step["n"].as_u64().unwrap()).collect()
}

fn near(value: &Value, expected: f64) {
    let found = value.as_f64().unwrap_or(f64::NAN);
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn a_funnel_counts_those_who_go_through_its_steps_in_time() {
    let project = funnels();
    let found = asked(&project, &["funnel", "view", "cart", "orders", "--within", "30 days", "--by", "kind"]);
    assert_eq!((&found["n_customers"], numbers(&found["steps"])), (&json!(10), vec![8, 4, 2]));
    let cart = &found["steps"][1];
    assert_eq!(
        (&cart["conversion"], &cart["n_dropped"], &cart["median_days"]),
        (&json!(0.5), &json!(4), &json!(2.0))
    );
    // Wilson's interval of 4 among 8, as it is published.
    let interval = [0.215_213, 0.784_787];
    for (found, expected) in cart["conversion_interval"].as_array().unwrap().iter().zip(interval) {
        assert!((found.as_f64().unwrap() - expected).abs() < 1e-4, "{cart}");
    }
    near(&found["steps"][2]["conversion_from_first"], 0.25);
    near(&found["steps"][2]["median_days"], 3.0);
    let classes = found["classes"].as_array().unwrap();
    let of = |name: &str| classes.iter().find(|class| class["class"] == name).unwrap();
    assert_eq!(numbers(&of("a")["steps"]), [5, 4, 2]);
    assert_eq!(numbers(&of("b")["steps"]), [3, 0, 0]);

    let later = asked(&project, &["funnel", "view", "cart", "--within", "60 days"]);
    assert_eq!(numbers(&later["steps"]), [8, 5]);
    let steps = ["funnel", "name = 'view' and value >= 5", "Cart", "step(orders, amount >= 50)"];
    assert_eq!(numbers(&asked(&project, &steps)["steps"]), [4, 4, 1]);
    let told = project.good(&["journey", "funnel", "view", "cart", "orders", "--by", "kind"]);
    assert!(told.contains("10 customers") && told.contains("50.0 %"), "{told}");
}

#[test]
fn what_is_no_funnel_is_refused() {
    let project = funnels();
    for (arguments, code, says) in [
        (&["view"][..], 2, &["two steps or more"][..]),
        (&["veiw", "cart"], 4, &["no event is called `veiw`", "did you mean `view`?"]),
        (&["view", "nmae = 'cart'"], 2, &["nmae", "did you mean `name`?"]),
        (&["view", "cart", "--within", "1 month"], 2, &["as long for everybody"]),
        (&["view", "cart", "--by", "knid"], 4, &["`knid`", "did you mean `kind`?"]),
        (&["view", "step(events, name = 'cart', '3 days')"], 2, &["at any time"]),
    ] {
        let arguments = [&["journey", "funnel"], arguments].concat();
        project.strata(&arguments).refused(&format!("{arguments:?}"), code, says);
    }
    let project = Project::shop();
    project.good(&["run"]);
    for arguments in [&["journey", "funnel", "view", "orders"][..], &["journey", "attribution"]] {
        project.strata(arguments).refused("a shop without events", 4, &["the last run has no events"]);
    }
}

/// c0 orders after a visit and a mail, c1 after a visit alone; c2 has a mail and does not order. c3 visits (twice within ten minutes, which is
/// one visit), has a mail two months later, and orders too late after it; c4 has visited a week ago. c5 got a mail and did nothing.
const VISITS: &str = "\
c0,2024-01-01T10:00:00Z,page_view,,web
c0,2024-01-02T10:00:00Z,Clicked Email,,
c1,2024-01-01T10:00:00Z,page_view,,web
c2,2024-01-01T10:00:00Z,Clicked Email,,
c3,2024-01-01T10:00:00Z,page_view,,web
c3,2024-01-01T10:10:00Z,page_view,,web
c3,2024-03-01T10:00:00Z,Clicked Email,,
c4,2024-05-25T10:00:00Z,page_view,,web
c5,2024-01-01T10:00:00Z,Received Email,,
";

#[test]
fn attribution_is_what_can_be_worked_out_by_hand() {
    let project = shop(
        VISITS,
        "o0,c0,2024-01-03T10:00:00Z,1\no1,c1,2024-01-02T10:00:00Z,1\no3,c3,2024-04-15T10:00:00Z,1\no5,c5,2024-01-02T10:00:00Z,1\n",
    );
    let found = asked(&project, &["attribution"]);
    assert_eq!(found["caveat"], "association, not incrementality");
    let n_of = |name: &str| found[name].as_u64().unwrap();
    assert_eq!([n_of("n_touches"), n_of("n_orders"), n_of("n_converted")], [7, 4, 2]);
    assert_eq!([n_of("n_lost"), n_of("n_open")], [3, 1]);
    // Of three who begin with a visit one goes on to a mail and one orders; of three who come to a mail one orders.
    near(&found["conversion"], 0.4);
    let channels = found["channels"].as_array().unwrap();
    assert_eq!(channels.iter().map(|each| &each["channel"]).collect::<Vec<_>>(), ["web", "email"]);
    for (channel, expected) in
        channels.iter().zip([[2.0 / 3.0, 8.0 / 7.0, 2.0, 1.0, 1.5], [0.5, 6.0 / 7.0, 0.0, 1.0, 0.5]])
    {
        let figures = ["removal_effect", "orders", "first_touch", "last_touch", "linear"];
        for (figure, expected) in figures.iter().zip(expected) {
            near(&channel[figure], expected);
        }
    }
    let told = project.good(&["journey", "attribution"]);
    assert!(told.contains("2 of 4 orders") && told.contains("association, not incrementality"), "{told}");
    let by = project.strata(&["journey", "attribution", "--by", "chanel"]);
    by.refused("a column that there is not", 4, &["`chanel`", "did you mean `channel`?"]);
    let by = project.strata(&["journey", "attribution", "--within", "1 hour"]);
    by.refused("no time at all", 4, &["no order followed a touch in time", "--within"]);
}
