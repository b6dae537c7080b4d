//! The whole main job, from files to memberships, gives on a standalone Ballista cluster what it gives embedded.

use strata_pipeline::Mode;
use strata_pipeline::run::Session;

use crate::support::{Trial, tables};

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_embedded_equals_cluster() {
    let trial = Trial::example("cdnow");
    // In parts, which are computed one by one here and are what whole plans are divided into there.
    let in_parts = Session { worth_dividing: Some(1), ..Session::default() };
    let complete = trial.run("1997-09-30", &in_parts).await;
    let embedded = tables(&trial, &complete).await;
    std::fs::remove_dir_all(trial.project().lake_path()).unwrap();
    let standalone = Session { mode: Mode::Standalone, ..in_parts };
    let complete = trial.run("1997-09-30", &standalone).await;
    let cluster = tables(&trial, &complete).await;
    assert_eq!(embedded.keys().collect::<Vec<_>>(), cluster.keys().collect::<Vec<_>>());
    for (table, expected) in &embedded {
        assert_eq!(expected.len(), cluster[table].len(), "rows of {table}");
        for (expected, found) in expected.iter().zip(&cluster[table]) {
            assert_eq!(expected, found, "a row of {table}");
        }
    }
}

/// Words whose figures are Strata's own functions, whose plans join earlier runs, or that rank.
const WORDS: &str = r#"
[project]
title = "Words"
[properties.customers]
plan = "text"
[sources.crm]
path = "crm.csv"
[sources.crm.customers.columns]
customer_id = "id"
company_id = "company"
plan = "plan"
latitude = "lat"
longitude = "lon"
[sources.shop]
path = "shop.csv"
[sources.shop.orders.columns]
order_id = "order"
customer_id = "id"
ordered_at = "at"
amount = "amount"
[sources.web]
path = "web.csv"
[sources.web.events.columns]
customer_id = "id"
occurred_at = "at"
name = "name"
[traits.busy_months]
title = "Busy months"
layer = "behavioural"
value = "active_periods(orders.ordered_at, 'month', 2)"
[segments.regular]
title = "Regular"
where = "busy_months >= 1 and every(orders.amount > 0)"
[segments.repeats]
title = "Repeats"
where = "sequence(step(orders), step(orders, '30 days'))"
[segments.left_cart]
title = "Left cart"
where = "sequence(step(events, name = 'Added'), no_step(orders, '7 days'))"
[segments.upgraded]
title = "Upgraded"
where = "changed_to(plan, 'pro') and was(plan, 'free', as_of - interval '10 days')"
[segments.best]
title = "Best"
where = "row_number(sum(orders.amount), count(orders) > 0) <= 2 or percent_rank(busy_months) >= 1"
[segments.stayed]
title = "Stayed"
where = "has_been_in('best') >= interval '10 days' or left('best')"
[segments.tagged]
title = "Tagged"
where = "array_has(plan, 'pro') and within_polygon(latitude, longitude, 'POLYGON ((0 0, 10 0, 10 10, 0 0))')"
[segments.hesitant]
title = "Hesitant"
where = """
count(events) filter (where name = 'Added' and in_last('30 days')) = 1
and max(events.occurred_at) filter (where name = 'Added') < as_of - interval '20 days'
and count(events) filter (where name in ('Bought', 'Removed')) = 0
"""
[segments.clients]
title = "Clients"
subject = "companies"
where = "count(customers) filter (where busy_months >= 1) >= 1"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn words_mean_the_same_on_a_cluster() {
    let mut outcomes = Vec::new();
    for session in [Session::default(), Session { mode: Mode::Standalone, ..Session::default() }] {
        let trial = Trial::new(WORDS);
        trial.write(
            "crm.csv",
            "id,company,plan,lat,lon\na,x,free,1,5\nb,x,free,1,5\nc,y,pro,9,1\nd,,free,,\n",
        );
        trial.write(
            "shop.csv",
            "order,id,at,amount\n1,a,2024-01-01,5\n2,a,2024-01-20,7\n3,b,2024-01-02,20\n4,c,2024-01-02,1\n5,c,2024-02-10,1\n",
        );
        trial.write("web.csv", "id,at,name\na,2024-01-19,Added\nb,2024-01-03,Added\nd,2024-01-03,Added\n");
        trial.run("2024-02-01", &session).await;
        trial.write(
            "crm.csv",
            "id,company,plan,lat,lon\na,x,pro,1,5\nb,x,free,1,5\nc,y,pro,9,1\nd,,free,,\ne,,pro,1,5\n",
        );
        trial.write(
            "shop.csv",
            "order,id,at,amount\n1,a,2024-01-01,5\n2,a,2024-01-20,7\n3,b,2024-01-02,20\n4,c,2024-01-02,1\n5,c,2024-02-10,50\n6,c,2024-02-11,50\n",
        );
        let complete = trial.run("2024-02-15", &session).await;
        outcomes.push((trial, complete));
    }
    let mut found = Vec::new();
    for (trial, complete) in &outcomes {
        found.push(tables(trial, complete).await);
    }
    for table in ["membership", "property_history", "profile", "company_profile"] {
        assert_eq!(found[0][table], found[1][table], "{table}");
    }
    let expected = [
        ("regular", "a c"),
        ("repeats", "a c"),
        ("left_cart", "b d"),
        ("upgraded", "a"),
        ("best", "b c"),
        ("stayed", "a b"),
        ("tagged", "a e"),
        ("hesitant", "a"),
        ("clients", "x y"),
    ];
    for (segment, expected) in expected {
        let rows = outcomes[1]
            .0
            .ask(&format!(
                "select subject_id from membership where segment = '{segment}' and left_at is null order by subject_id"
            ))
            .await;
        let members: Vec<&str> = rows.iter().map(|row| crate::support::text(row, "subject_id")).collect();
        assert_eq!(members.join(" "), expected, "{segment}");
    }
}
