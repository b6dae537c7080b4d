//! Goals of segments, measured month by month; every figure counted by hand from the orders.

use strata_models::proportion::wilson;
use strata_pipeline::goal::{self, Progress, Status, read};
use strata_pipeline::run::Session;

use crate::support::Trial;

const MANIFEST: &str = r#"
[project]
title = "Goals"
[sources.shop]
path = "orders.csv"
[sources.shop.orders.columns]
order_id = "order"
customer_id = "customer"
ordered_at = "day"
amount = "amount"

[segments.buyers]
where = "count(orders) filter (where in_last('60 days')) >= 1"
[segments.buyers.goal]
title = "More of them"
metric = "n_members"
direction = "increase"
target = 6
by = "2024-06-30"
from = "2024-01-15"

[segments.lapsed]
where = "not in_segment('buyers')"
[segments.lapsed.goal]
title = "Win them back"
metric = "in_segment('buyers')"
of = "former_members"
direction = "increase"
target = 0.5
by = "2024-12-31"
from = "2024-02-15"

[segments.all]
where = "count(orders) >= 1"
[segments.all.goal]
title = "Smaller parcels"
metric = "avg(orders.amount)"
direction = "decrease"
target = 20
by = "2024-04-01"
from = "2024-02-15"

[segments.in_words]
where = "count(orders) >= 1"
goal = "Be kind to them"
"#;

/// On 1 February, March, April and May: who has bought within 60 days?
const ORDERS: &str = "order,customer,day,amount
1,ann,2023-12-20,10
2,ben,2024-01-10,20
3,cem,2024-01-20,30
4,ann,2024-02-20,40
5,dea,2024-03-05,50
6,ben,2024-03-30,60
7,eva,2024-04-15,70
";

async fn progress(as_of: &str) -> Vec<Progress> {
    let trial = Trial::new(MANIFEST);
    trial.write("orders.csv", ORDERS);
    trial.run(as_of, &Session::default()).await;
    read(&trial.view().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_those_counted_by_hand() {
    let goals = progress("2024-05-01").await;
    let names: Vec<&str> = goals.iter().map(|goal| goal.segment.as_str()).collect();
    assert_eq!(names, ["all", "buyers", "lapsed"]);
    let values = |at: usize| goals[at].points.iter().map(|point| point.value).collect::<Vec<_>>();

    // Ann, Ben and Cem; the same; Ann, Dea and Ben; Dea, Ben and Eva.
    assert_eq!(values(1), [Some(3.0), Some(3.0), Some(3.0), Some(3.0)]);
    let n: Vec<u64> = goals[1].points.iter().map(|point| point.n).collect();
    assert_eq!(n, [3, 3, 4, 5], "all customers known at each date");
    let (low, high) = wilson(3, 5).unwrap();
    assert_eq!(goals[1].points[3].interval, Some((low * 5.0, high * 5.0)));
    assert_eq!(goals[1].status(), Status::Behind);
    assert_eq!(goals[1].done(), Some(0.0));

    // Nobody had lapsed by March; Cem had in April, and has not come back in May.
    assert_eq!(values(2), [None, None, Some(0.0)]);
    assert_eq!(goals[2].points.iter().map(|point| point.n).collect::<Vec<_>>(), [0, 0, 1]);

    // Means of each customer's mean: (25, 20, 30); (25, 40, 30, 50). It was to fall until 1 April, and rose.
    assert_eq!(values(0)[0], Some(25.0));
    assert_eq!(values(0)[1], Some((25.0 + 40.0 + 30.0 + 50.0) / 4.0));
    assert_eq!(goals[0].status(), Status::Missed);
    let sd = (25.0_f64).sqrt();
    let (low, high) = goals[0].points[0].interval.unwrap();
    let reach = 1.959_963_985 * sd / 3.0_f64.sqrt();
    assert!((low - (25.0 - reach)).abs() < 1e-9 && (high - (25.0 + reach)).abs() < 1e-9, "{low} {high}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_straight_line_leads_from_the_first_figure_to_the_target() {
    let goals = progress("2024-05-01").await;
    let buyers = &goals[1];
    let expected: Vec<f64> = buyers.points.iter().filter_map(|point| point.expected).collect();
    assert_eq!(expected.len(), 4);
    assert_eq!(expected[0], 3.0);
    // From 1 February to the end of 30 June are 151 days, to 1 May 90.
    assert!((expected[3] - (3.0 + 3.0 * 90.0 / 151.0)).abs() < 1e-9, "{expected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goal_is_reached_or_on_track() {
    let trial =
        Trial::new(&MANIFEST.replace("target = 6", "target = 2").replace("target = 20", "target = 30"));
    trial.write("orders.csv", ORDERS);
    trial.run("2024-03-15", &Session::default()).await;
    let goals = read(&trial.view().await).await.unwrap();
    assert_eq!(goals[1].status(), Status::Reached);
    assert_eq!(goals[0].status(), Status::Behind);
    trial.write("strata.toml", &MANIFEST.replace("[segments.lapsed.goal]", "[segments.lapsed.aim]"));
    assert!(strata_pipeline::project::Project::open(trial.folder()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_measured_is_refused_before_a_run() {
    for (metric, expected) in [
        ("mode(orders.order_id)", "a goal needs a number"),
        ("n_orders > 'x'", "segments.all.goal.metric"),
        ("max(orders.ordered_at)", "a goal needs a number"),
    ] {
        let trial = Trial::new(&MANIFEST.replace("avg(orders.amount)", metric));
        trial.write("orders.csv", ORDERS);
        let error = goal::check(&trial.project()).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains(expected), "{metric}: {told}");
        assert!(told.contains("strata.toml"), "{metric}: {told}");
    }
}
