//! What is gathered of a small shop, against figures computed by hand.
//!
//! Ann has ordered on 1 and 8 January and, at half past midnight in Berlin, on 9 March; Bob twice on 5 February; Cleo once
//! on 1 May; Dan never.

use std::path::Path;
use std::sync::Arc;

use strata_spec::table::Subject;
use tempfile::TempDir;

use super::super::data::{Difference, Portrait, ReportData};
use super::crosses::categories;
use super::{clusters, gather};
use crate::models::{Clusters, Kind, Model, Prediction};
use crate::project::Project;
use crate::query::{self, View};
use crate::run::{Options, Session, run};

const MANIFEST: &str = r#"
[project]
title = "Shop"
timezone = "Europe/Berlin"

[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
birth_date = "born"
gender = "gender"
region = "region"

[sources.shop]
path = "orders.csv"
[sources.shop.orders.columns]
order_id = "id"
customer_id = "customer"
ordered_at = "at"
amount = "amount"

[sources.lines]
path = "lines.csv"
[sources.lines.order_lines.columns]
order_id = "order"
category = "category"
quantity = "n"
unit_price = "price"

[sources.visits]
path = "visits.csv"
[sources.visits.events.columns]
customer_id = "who"
occurred_at = "at"
name = "what"

[segments.again]
title = "Have ordered again"
where = "n_orders >= 2"
"#;

const PEOPLE: &str = "\
id,born,gender,region
ann,1990-06-15,female,Bayern
bob,1980-01-01,male,Bayern
cleo,,female,Wien
dan,2001-12-31,male,Wien
";

const ORDERS: &str = "\
id,customer,at,amount
o1,ann,2024-01-01T10:00:00Z,10
o2,ann,2024-01-08T10:30:00Z,20
o3,ann,2024-03-08T23:30:00Z,30
o4,bob,2024-02-05T12:00:00Z,100
o5,bob,2024-02-05T18:00:00Z,40
o6,cleo,2024-05-01T09:00:00Z,5
";

/// The second line of tea makes no second order of it.
const LINES: &str = "\
order,category,n,price
o1,Tea,1,4
o1,Tea,1,2
o1,Cups,1,4
o2,Tea,2,10
o4,Cups,1,100
o6,Tea,1,5
";

const VISITS: &str = "\
who,at,what
dan,2024-05-20T10:00:00Z,Added to Cart
cleo,2024-04-30T10:00:00Z,page_view
";

async fn shop(dates: &[&str]) -> (TempDir, View, ReportData) {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    for (name, text) in [
        ("strata.toml", MANIFEST),
        ("people.csv", PEOPLE),
        ("orders.csv", ORDERS),
        ("lines.csv", LINES),
        ("visits.csv", VISITS),
    ] {
        write(name, text);
    }
    for date in dates {
        evaluate(folder.path(), date).await;
    }
    let project = Project::open(folder.path()).unwrap();
    let view = query::open(&project, &Session::default()).await.unwrap();
    let data = gather(&view, &project).await.unwrap();
    (folder, view, data)
}

async fn evaluate(folder: &Path, date: &str) {
    let project = Project::open(folder).unwrap();
    let as_of = project.instant(date).unwrap();
    run(project, Options { as_of, ..Options::default() }, Arc::new(|_| ())).await.unwrap();
}

fn mean_orders(portrait: &Portrait) -> Option<(f64, f64, f64, u64, u64)> {
    portrait.differences.iter().find_map(|difference| match difference {
        Difference::Mean { name, mean, mean_of_rest, deviation, n_known, n_known_of_rest, .. }
            if name == "n_orders" =>
        {
            Some((*mean, *mean_of_rest, *deviation, *n_known, *n_known_of_rest))
        }
        _ => None,
    })
}

fn share_of(portrait: &Portrait, class_of: &str) -> Option<(f64, f64, u64, u64)> {
    portrait.differences.iter().find_map(|difference| match difference {
        Difference::Share { class, share, share_of_rest, n_known, n_known_of_rest, .. }
            if class == class_of =>
        {
            Some((*share, *share_of_rest, *n_known, *n_known_of_rest))
        }
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_small_shop_has_the_figures_computed_by_hand() {
    let (_folder, view, data) = shop(&["2024-03-01", "2024-06-01"]).await;
    portraits(&data);
    plots(&data);

    // So few orders are not shown.
    assert_eq!(data.plots.crosses, []);
    let categories = categories(&view, &data).await.unwrap().unwrap();
    let rows: Vec<_> = categories.rows.iter().map(|side| (side.title.as_str(), side.n)).collect();
    assert_eq!(rows, [("Tea", 3), ("Cups", 2)]);
    assert_eq!(categories.n_all, 5);

    let journey = data.migrations.iter().find(|migration| migration.segmentation == "journey").unwrap();
    let mut moves: Vec<_> = journey
        .moves
        .iter()
        .filter(|each| each.from != each.to)
        .map(|each| (each.from.as_deref(), each.to.as_deref(), each.n, each.revenue))
        .collect();
    moves.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(
        moves,
        [
            (Some("unknown"), Some("intent"), 1, Some(0.0)),
            (Some("active"), Some("lapsed"), 1, Some(140.0)),
            (Some("unknown"), Some("onboard"), 1, Some(5.0)),
        ]
    );
    assert_eq!(journey.from.to_string(), "2024-03-01 00:00:00");
    let followed: Vec<&str> = data.migrations.iter().map(|each| each.segmentation.as_str()).collect();
    assert!(followed.contains(&"engagement") && followed.len() <= 8, "{followed:?}");

    let drift = data.drift.as_ref().unwrap();
    assert_eq!((drift.n_runs, drift.before.is_some()), (1, true));
    assert!(drift.rows.iter().any(|row| row.name == "Have ordered again"), "segments go by their titles");

    let quality = data.quality.as_ref().unwrap();
    let missing: Vec<_> = quality.columns.iter().filter(|column| column.n_missing > 0).collect();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(
        (missing[0].column.as_str(), missing[0].n_rows, missing[0].n_missing),
        ("customers.birth_date", 4, 1)
    );
    let shop = quality.freshness.iter().find(|source| source.source == "shop").unwrap();
    assert_eq!((shop.n_rows, shop.n_rows_before), (6, Some(6)));
    assert_eq!(shop.last.to_string(), "2024-05-01 11:00:00");
}

fn portraits(data: &ReportData) {
    let region = data.segmentation("region").unwrap();
    let bayern = &region.classes.iter().find(|class| class.name == "Bayern").unwrap().portrait;
    // Of 3, 2, 1 and 0 orders the deviation is the root of 5 / 4.
    assert_eq!(bayern.n_orders, Some(5));
    assert_eq!(mean_orders(bayern), Some((2.5, 0.5, 1.25_f64.sqrt(), 2, 2)));
    assert_eq!(share_of(bayern, "female"), Some((0.5, 0.5, 2, 2)));
    // Ann's last order lies 83 whole days back, Bob's 116.
    assert_eq!(bayern.median_days_since_last_order, Some(99.5));
    let again = &data.segments[0].portrait;
    assert_eq!(mean_orders(again), Some((2.5, 0.5, 1.25_f64.sqrt(), 2, 2)));
    assert_eq!(share_of(again, "Bayern"), Some((1.0, 0.0, 2, 2)));
}

fn plots(data: &ReportData) {
    let plots = &data.plots;
    let ages = plots.ages.as_ref().unwrap();
    let bands: Vec<_> = ages.bands.iter().map(|band| (band.from, band.n.clone(), band.n_other)).collect();
    assert_eq!(ages.genders, ["Women", "Men"]);
    assert_eq!(bands, [(20, vec![0, 1], 0), (30, vec![1, 0], 0), (40, vec![0, 1], 0)]);
    assert_eq!(ages.n_unknown, 1);

    let cadence = plots.cadence.as_ref().unwrap();
    let gaps = cadence.gaps.as_ref().unwrap();
    let counts: Vec<_> = gaps.bins.iter().map(|bin| (bin.from, bin.n)).collect();
    assert_eq!(counts, [(1.0, 1), (8.0, 0), (15.0, 0), (31.0, 0), (61.0, 1)]);
    assert_eq!(gaps.median, Some(34.0));
    assert_eq!(cadence.weekdays, Some([4, 0, 1, 0, 0, 1, 0]));
    let hours = cadence.hours.as_ref().unwrap();
    assert_eq!((hours[0][11], hours[0][13], hours[0][19], hours[2][11], hours[5][0]), (2, 1, 1, 1, 1));

    let funnel: Vec<_> = plots.funnel.iter().map(|step| (step.title.as_str(), step.n)).collect();
    assert_eq!(
        funnel,
        [
            ("On file", 4),
            ("Visited or clicked", 4),
            ("Put something in the cart", 4),
            ("Ordered", 3),
            ("Ordered again", 2)
        ]
    );
    let clv = plots.clv.as_ref().unwrap();
    assert_eq!(clv.bins.iter().map(|bin| bin.n).sum::<u64>(), 3);
    assert_eq!(clv.bins.iter().filter_map(|bin| bin.revenue).sum::<f64>(), 205.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_tells_no_migrations() {
    let (_folder, _, data) = shop(&["2024-06-01"]).await;
    assert_eq!(data.migrations, []);
    assert!(data.drift.unwrap().too_few().unwrap().contains("no earlier run"));
    assert_eq!(data.life_changes.unwrap().from, None);
    assert_eq!(data.quality.unwrap().changes, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_alone_make_a_report() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("people.csv"), PEOPLE).unwrap();
    let manifest = MANIFEST.split("[sources.shop]").next().unwrap();
    std::fs::write(folder.path().join("strata.toml"), manifest).unwrap();
    evaluate(folder.path(), "2024-06-01").await;
    let project = Project::open(folder.path()).unwrap();
    let view = query::open(&project, &Session::default()).await.unwrap();
    let data = gather(&view, &project).await.unwrap();
    assert_eq!((data.figures.n_customers, data.figures.n_orders), (4, None));
    assert_eq!((data.plots.cadence, data.plots.clv), (None, None));
    assert_eq!(data.plots.funnel, []);
    assert_eq!(data.plots.ages.unwrap().n_unknown, 1);
}

/// Ann has ordered again since 8 January, Bob since 5 February; until his orders she had brought most, and since then he has.
#[tokio::test]
async fn stories_of_segments_that_rank_and_of_others_are_told_together() {
    let folder = TempDir::new().unwrap();
    let best = "[segments.best]\nwhere = \"row_number(revenue) <= 1 and n_orders >= 1\"\n";
    for (name, text) in
        [("people.csv", PEOPLE), ("orders.csv", ORDERS), ("lines.csv", LINES), ("visits.csv", VISITS)]
    {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::write(folder.path().join("strata.toml"), format!("{MANIFEST}{best}")).unwrap();
    evaluate(folder.path(), "2024-06-01").await;
    let project = Project::open(folder.path()).unwrap();
    let view = query::open(&project, &Session::default()).await.unwrap();
    let data = gather(&view, &project).await.unwrap();
    let story = |name: &str| {
        let story = data.stories.iter().find(|story| story.segment == name).unwrap();
        let months = story.months.iter().map(|month| (month.n_members, month.n_entered, month.n_left));
        months.rev().take(5).collect::<Vec<_>>()
    };
    // 1 June, May, April, March and February.
    assert_eq!(story("again"), [(2, 0, 0), (2, 0, 0), (2, 0, 0), (2, 1, 0), (1, 1, 0)]);
    assert_eq!(story("best"), [(1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 1, 1), (1, 1, 0)]);
}

#[test]
fn groups_go_by_the_titles_of_their_traits() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("strata.toml"), MANIFEST).unwrap();
    let project = Project::open(folder.path()).unwrap();
    let model = |name: &str, is: Kind| Model {
        name: name.to_owned(),
        subject: Subject::Customers,
        version: "1".to_owned(),
        is,
    };
    let features = ["days_since_last_order", "r_score", "income", "shoe_size"].map(str::to_owned).to_vec();
    let asks = Prediction {
        model: "mbg_nbd".to_owned(),
        predicts: "churn_risk".to_owned(),
        horizon_days: 90,
        discount_rate: 0.1,
        bound: None,
    };
    let found = Clusters { features, ..Clusters::default() };
    let all = vec![
        model("habits_cluster", Kind::Clusters(Box::new(found))),
        model("churn_risk", Kind::Prediction(asks)),
    ];
    let groups = clusters::groups(&project, all);
    assert_eq!((groups.len(), groups[0].score.as_str()), (1, "habits_cluster"));
    let titles: Vec<_> =
        groups[0].features.iter().map(|feature| (feature.title.as_str(), feature.unit.as_deref())).collect();
    assert_eq!(
        titles,
        [
            ("Days since the last order", Some("days")),
            ("Recency score", None),
            ("Yearly income", Some("currency")),
            ("shoe_size", None)
        ]
    );
}
