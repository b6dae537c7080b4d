//! Segments in time, as the commands print them: members at a date, changes, a replay, goals.

use serde_json::{Value, json};

use super::project::Project;

const MANIFEST: &str = "
[project]
title = \"Shop\"
as_of = \"2024-06-01\"
[sources.shop]
path = \"orders*.csv\"
keep = \"all\"
[sources.shop.orders.columns]
order_id = \"order\"
customer_id = \"customer\"
ordered_at = \"day\"
amount = \"amount\"
[segments.lately]
title = \"Bought lately\"
where = \"count(orders) filter (where in_last('60 days')) >= 1\"
[segments.lately.goal]
title = \"More of them\"
metric = \"n_members\"
direction = \"increase\"
target = 4
by = \"2024-12-31\"
from = \"2024-02-15\"
";

const FIRST: &str = "order,customer,day,amount
1,ann,2024-01-05,10
2,ben,2024-02-10,20
3,ann,2024-03-01,30
";
/// Cem's order of February arrives in May.
const LATER: &str = "order,customer,day,amount
4,cem,2024-02-20,40
5,ben,2024-05-10,50
";

fn shop() -> Project {
    let project = Project::of(&[("strata.toml", MANIFEST), ("orders1.csv", FIRST)]);
    project.good(&["run", "--as-of", "2024-03-15"]);
    project.write("orders2.csv", LATER);
    project.good(&["run"]);
    project
}

#[test]
fn members_are_told_as_known_then_and_as_known_now() {
    let project = shop();
    let then = project.good(&["segments", "members", "lately", "--at", "2024-03-15", "--csv"]);
    let ids: Vec<&str> = then.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(ids, ["ann", "ben"]);
    let now = project.good(&["segments", "members", "lately", "--at", "2024-03-15", "--known", "now"]);
    assert_eq!(
        now,
        "\
known then  2 customers, as the run of 2024-03-15 00:00 noted
known now   3 customers, by the definition and the data of today
            2 in both, 0 only as known then, 1 only as known now

customer_id  known_then  known_now
───────────  ──────────  ─────────
cem          false       true
ann          true        true
ben          true        true
"
    );
    let json: Value = serde_json::from_str(&project.good(&[
        "segments",
        "members",
        "lately",
        "--at",
        "2024-03-15",
        "--known",
        "now",
        "--json",
    ]))
    .unwrap();
    assert_eq!((&json["n_then"], &json["n_now"], &json["only_now"]), (&json!(2), &json!(3), &json!(["cem"])));
}

#[test]
fn changes_are_listed_with_the_run_that_noted_them() {
    let project = shop();
    let changes = project.good(&["segments", "changes", "lately", "--from", "2024-03-15", "--csv"]);
    assert_eq!(changes.trim().replace('\r', ""), "customer_id,change,at\nann,left,2024-06-01 00:00:00");
}

#[test]
fn a_replay_is_a_table_with_bars() {
    let project = shop();
    let replay = ["segments", "replay", "lately", "--from", "2024-02-01", "--to", "2024-05-01"];
    assert_eq!(
        project.good(&replay),
        "\
placed at least one order in the last 60 days

date        members    share  entered  left
──────────  ───────  ───────  ───────  ────  ────────────────────────
2024-02-01        1  100.0 %                 ████████
2024-03-01        3  100.0 %        2     0  ████████████████████████
2024-04-01        3  100.0 %        0     0  ████████████████████████
2024-05-01        0    0.0 %        0     3
"
    );
    let json: Value = serde_json::from_str(&project.good(&[&replay[..], &["--json"]].concat())).unwrap();
    assert_eq!(json["n_passes"], 1);
    assert_eq!(json["tracks"][0]["moments"][1]["n_entered"], 2);
    let csv = project.good(&[&replay[..], &["--csv"]].concat());
    assert!(csv.starts_with("name,at,n_subjects,n_members,n_undecided,n_entered,n_left"), "{csv}");
    assert_eq!(csv.lines().count(), 5);
    let classes = project.good(&["segments", "replay", "purchase_frequency", "--from", "2024-02-01"]);
    assert!(
        classes.contains("class") && classes.contains("course") && classes.contains("occasional"),
        "{classes}"
    );
}

#[test]
fn goals_say_where_they_stand() {
    let project = shop();
    assert_eq!(
        project.good(&["segments", "goals"]),
        "\
lately: More of them
  measured  how many members
  now       1 (0 to 2), 3 on 2024-03-01
  target    increase to 4 by 2024-12-31
  stands    behind, and farther off than it began; on a straight line it would be 3
  course    ██ ▃
"
    );
    let rows: Value = serde_json::from_str(&project.good(&["segments", "goals", "--json"])).unwrap();
    assert_eq!(rows.as_array().map(Vec::len), Some(4));
    assert_eq!(rows[3]["status"], "behind");
}

#[test]
fn what_cannot_be_answered_is_said() {
    let project = shop();
    let future = ["segments", "replay", "lately", "--to", "2025-01-01"];
    project.strata(&future).refused("the future", 2, &["after the last run's instant", "strata run --as-of"]);
    let typo = ["segments", "replay", "latly"];
    project.strata(&typo).refused("a typo", 4, &["there is no segment `latly`", "did you mean `lately`?"]);
    let members = ["segments", "members", "rfm", "--known", "now"];
    project.strata(&members).refused("a segmentation", 2, &["`rfm` is a segmentation", "rfm/…"]);
}
