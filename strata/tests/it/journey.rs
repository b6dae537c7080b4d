//! The way of customers through stages: moves, times, exits, ends and who is stuck, of a shop whose figures can be worked out by hand.

use serde_json::{Value, json};

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"

[properties.customers]
stage = "text"

[sources.people]
path = "people.csv"

[sources.people.customers.columns]
customer_id = "id"
stage = "stage"

[sources.visits]
path = "visits.csv"

[sources.visits.events.columns]
customer_id = "who"
occurred_at = "at"
name = "what"

[segmentations.way]
title = "Their way"
layer = "journey"

[[segmentations.way.classes]]
name = "onboard"
title = "Has ordered"
where = "stage = 'onboard'"

[[segmentations.way.classes]]
name = "consider"
title = "Weighs a purchase"
where = "stage = 'consider'"

[[segmentations.way.classes]]
name = "aware"
title = "Knows the shop"
where = "stage = 'aware'"

[[segmentations.way.classes]]
name = "unknown"
title = "No sign of them"
where = "stage = 'unknown'"
"#;

/// Thirty days lie between each two.
const DATES: [&str; 5] = ["2024-01-01", "2024-01-31", "2024-03-01", "2024-03-31", "2024-04-30"];

/// Six of those who know the shop look in of late; nobody else is ever seen.
const VISITS: &str = "\
who,at,what
a30,2024-04-20T10:00:00Z,page_view
a31,2024-04-20T10:00:00Z,page_view
a32,2024-04-20T10:00:00Z,page_view
a33,2024-04-20T10:00:00Z,page_view
a34,2024-04-20T10:00:00Z,page_view
b0,2024-04-25T10:00:00Z,page_view
";

/// Five know the shop on the first date and ever after. Forty know it from the second date on: of these, twenty weigh a purchase and ten are
/// lost a month later. Of the twenty, twelve order after one month, and two are lost after two.
fn stage(who: usize, date: usize) -> Option<&'static str> {
    match (who, date) {
        (0..40, 0) => None,
        (0..40, 1) => Some("aware"),
        (0..12, 2) => Some("consider"),
        (0..12, _) => Some("onboard"),
        (12..14, 4) => Some("unknown"),
        (12..20, _) => Some("consider"),
        (20..30, _) => Some("unknown"),
        _ => Some("aware"),
    }
}

fn people(date: usize) -> String {
    let mut people = "id,stage\n".to_owned();
    for who in 0..45 {
        let id = if who < 40 { format!("a{who}") } else { format!("b{}", who - 40) };
        if let Some(stage) = stage(who, date) {
            people.push_str(&format!("{id},{stage}\n"));
        }
    }
    people
}

/// The shop after so many of the dates.
fn shop(n_dates: usize) -> Project {
    let project = Project::of(&[("strata.toml", MANIFEST), ("visits.csv", VISITS)]);
    for (place, date) in DATES.iter().enumerate().take(n_dates) {
        project.write("people.csv", people(place));
        project.good(&["run", "--as-of", date]);
    }
    project
}

fn show(project: &Project, more: &[&str]) -> Value {
    serde_json::from_str(&project.good(&[&["journey", "show", "--json"], more].concat())).unwrap()
}

fn stage_of<'a>(journey: &'a Value, name: &str) -> &'a Value {
    journey["stages"].as_array().unwrap().iter().find(|stage| stage["name"] == name).unwrap()
}

fn near(value: &Value, expected: f64) {
    let found = value.as_f64().unwrap_or(f64::NAN);
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn a_journey_is_what_can_be_worked_out_by_hand() {
    let project = shop(5);
    let journey = show(&project, &[]);
    assert_eq!((&journey["segmentation"], &journey["n_subjects"]), (&json!("way"), &json!(45)));
    assert_eq!((&journey["n_dates"], &journey["days_between"]), (&json!(5), &json!(30.0)));

    let aware = stage_of(&journey, "aware");
    // Those of the first date do not count where times are told.
    assert_eq!(
        (&aware["n_now"], &aware["n_before"], &aware["n_begun"], &aware["n_open"]),
        (&json!(15), &json!(5), &json!(40), &json!(10))
    );
    // 30 of 40 left after 30 days, and ten have been there for 90: the curve lies at a quarter from 30 to 90.
    assert_eq!(aware["days"]["quartiles"], json!([30.0, 30.0, 60.0]));
    assert_eq!((&aware["days"]["n_ended"], &aware["days"]["longest"]), (&json!(30), &json!(90.0)));
    let exits = aware["exits"].as_array().unwrap();
    assert_eq!(exits.iter().map(|exit| &exit["to"]).collect::<Vec<_>>(), ["consider", "unknown"]);
    for (exit, share) in exits.iter().zip([0.5, 0.25]) {
        near(&exit["shares"][0]["share"], share);
        near(&exit["shares"][1]["share"], share);
        assert_eq!(exit["shares"][2], Value::Null, "nothing is known beyond the longest stay");
    }
    let consider = stage_of(&journey, "consider");
    // 12 of 20 left after 30 days, and 2 of the 8 others after 60: 0.4 and 0.3 are left.
    assert_eq!(consider["days"]["quartiles"], json!([30.0, 30.0, null]));
    near(&consider["exits"][0]["shares"][0]["share"], 0.6);
    assert_eq!(consider["stuck"]["why"], "20 were seen to enter it, and 30 are needed");

    let flow = &journey["flow"];
    assert_eq!((&flow["n_moves"], &flow["n_movers"], &flow["order"]), (&json!(44), &json!(30), &json!(1)));
    let moves: Vec<(&str, &str, u64)> = flow["moves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| {
            (each["from"].as_str().unwrap(), each["to"].as_str().unwrap(), each["n"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        moves,
        [
            ("consider", "onboard", 12),
            ("consider", "unknown", 2),
            ("aware", "consider", 20),
            ("aware", "unknown", 10)
        ]
    );

    let outcome = &journey["outcome"];
    assert_eq!((&outcome["converted"], &outcome["lost"]), (&json!(["onboard"]), &json!(["unknown"])));
    assert_eq!(
        (&outcome["n_converted"], &outcome["n_lost"], &outcome["n_open"]),
        (&json!(12), &json!(12), &json!(21))
    );
    let from =
        |stage: &str| outcome["from"].as_array().unwrap().iter().find(|from| from["stage"] == stage).unwrap();
    // One move as all 44 are counts beside the 30 and the 14 of the two stages.
    let stays = 20.0 / 44.0 / 15.0;
    let from_consider = (12.0 + 12.0 / 44.0) / 15.0 / (1.0 - stays);
    let on = (20.0 + 20.0 / 44.0) / 31.0;
    near(&from("consider")["converted"], from_consider);
    near(&from("aware")["converted"], 12.0 / 44.0 / 31.0 + on * from_consider);
    near(&from("aware")["moves"], 1.0 + on / (1.0 - stays));
    assert!(from("aware")["days"].as_f64() > from("consider")["days"].as_f64(), "{outcome}");
}

#[test]
fn those_who_are_stuck_are_late_and_quiet() {
    let project = shop(5);
    let aware = show(&project, &[])["stages"][2].clone();
    // Three of four have left by 60 days, and a quarter by 30. Ten have been there for 90 days and five for 120 at least; five of the ten and
    // one of the five have looked in of late.
    assert_eq!(aware["stuck"], json!({ "late_after": 60.0, "quiet_after": 30.0, "n": 40, "n_stuck": 9 }));
    let listed: Value = serde_json::from_str(&project.good(&["journey", "stuck", "--json"])).unwrap();
    let of = |column: &str| -> Vec<Value> {
        listed.as_array().unwrap().iter().map(|row| row[column].clone()).collect()
    };
    assert_eq!(of("customer_id"), ["b1", "b2", "b3", "b4", "a35", "a36", "a37", "a38", "a39"]);
    assert_eq!(of("days")[3..5], [json!(120.0), json!(90.0)]);
    assert_eq!(of("entry_seen")[3..5], [json!(false), json!(true)]);
    assert_eq!(of("quiet_days")[0], Value::Null, "nobody has ever seen a sign of life");
    let told = project.good(&["journey", "stuck"]);
    assert!(
        told.contains("aware: 9 stuck.") && told.contains("consider: nobody can be said to be stuck"),
        "{told}"
    );
    let of_end = project.good(&["journey", "stuck", "--stage", "onboard"]);
    assert!(of_end.contains("onboard: nobody can be said to be stuck: 12 were seen to enter it"), "{of_end}");
}

#[test]
fn what_is_not_known_is_said() {
    let project = shop(1);
    let journey = show(&project, &[]);
    assert_eq!((&journey["n_dates"], &journey["days_between"]), (&json!(1), &Value::Null));
    assert_eq!(stage_of(&journey, "aware")["days"]["why"], "nobody was seen to enter any stage");
    let once = journey["flow"]["why"].as_str().unwrap();
    assert!(once.contains("looked once, on 2024-01-01"), "{once}");
    let told = project.good(&["journey", "show"]);
    assert!(told.contains("one date, 2024-01-01") && told.contains("who moved is not told"), "{told}");
    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    assert!(report.contains(r#"id="way""#) && report.contains("nothing of how they came there"));

    // What another definition said is no part of the history of this one.
    project.edit("stage = 'aware'", "stage in ('aware', 'heard')");
    project.write("people.csv", people(1));
    project.good(&["run", "--as-of", DATES[1]]);
    let journey = show(&project, &[]);
    assert_eq!((&journey["n_dates"], &journey["is_cut"]), (&json!(1), &json!(true)));
}

#[test]
fn ends_can_be_named_and_what_is_no_journey_is_refused() {
    let project = shop(3);
    let journey = show(&project, &["--converted", "consider"]);
    let outcome = &journey["outcome"];
    assert_eq!((&outcome["n_converted"], &outcome["n_lost"]), (&json!(20), &json!(10)), "{outcome}");
    for (arguments, code, says) in [
        (&["journey", "show", "wya"][..], 4, &["there is no segmentation `wya`", "did you mean `way`?"][..]),
        (&["journey", "show", "--lost", "unknwon"], 4, &["`way` has no class `unknwon`", "`unknown`"]),
        (&["journey", "show", "--lost", "aware", "--converted", "aware"], 2, &["`aware` cannot be both"]),
        (&["journey", "stuck", "--stage", "awaer"], 4, &["`way` has no class `awaer`", "`aware`"]),
    ] {
        project.strata(arguments).refused(&format!("{arguments:?}"), code, says);
    }
}

const REPLAYED: &str = r#"
[project]
title = "Shop"
as_of = "2024-04-30"

[sources.people]
path = "people.csv"

[sources.people.customers.columns]
customer_id = "id"
created_at = "since"

[sources.orders]
path = "orders.csv"

[sources.orders.orders.columns]
order_id = "id"
customer_id = "who"
ordered_at = "at"
amount = "amount"

[segmentations.way]
title = "Their way"
layer = "journey"

[[segmentations.way.classes]]
name = "onboard"
title = "Has ordered"
where = "n_orders >= 1"

[[segmentations.way.classes]]
name = "aware"
title = "Has not"
where = "true"
"#;

#[test]
fn one_run_is_enough_for_what_the_definition_says_of_earlier_dates() {
    // Twenty are known from the middle of January on, and twelve of them order in the second month after.
    let (mut people, mut orders) = ("id,since\n".to_owned(), "id,who,at,amount\n".to_owned());
    for who in 0..20 {
        people.push_str(&format!("c{who},2024-01-15\n"));
        if who < 12 {
            orders.push_str(&format!("o{who},c{who},2024-03-10,10\n"));
        }
    }
    let project = Project::of(&[("strata.toml", REPLAYED), ("people.csv", &people), ("orders.csv", &orders)]);
    project.good(&["run"]);
    let replay = ["--replay", "--from", "2024-01-01", "--every", "30 days"];
    let journey = show(&project, &replay);
    assert_eq!((&journey["is_replayed"], &journey["n_dates"]), (&json!(true), &json!(5)));
    let aware = stage_of(&journey, "aware");
    // First seen on 31 January, on 31 March those who ordered are seen to have left, and the others are there after 90 days.
    assert_eq!((&aware["n_begun"], &aware["n_open"], &aware["n_now"]), (&json!(20), &json!(8), &json!(8)));
    assert_eq!(aware["days"]["quartiles"], json!([60.0, 60.0, null]));
    near(&aware["exits"][0]["shares"][1]["share"], 0.6);
    assert_eq!(journey["flow"]["moves"][0]["n"], json!(12));
    assert!(journey["outcome"]["why"].as_str().unwrap().contains("--lost"), "{journey}");
    // What runs noted is one date.
    assert_eq!(show(&project, &[])["n_dates"], json!(1));
    project.strata(&["journey", "show", "--replay", "--from", "2024-07-01"]).refused(
        "a date after the last run",
        2,
        &["the first date lies after the last"],
    );
}
