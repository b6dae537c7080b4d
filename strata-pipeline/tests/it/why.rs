//! Why a customer is in a segment is what the run says of it, and who leaves then is still in a second before.

use chrono::{DateTime, TimeDelta, Utc};
use strata_pipeline::run::Session;
use strata_pipeline::why::{Ask, Standing, Until, why};

use crate::support::{Trial, repository, text};

/// Segments of every family: figures, windows, traits, other segments, classes, places, lists.
const MORE: &str = r#"
[segments.lately]
where = "count(orders) filter (where in_last('100 days')) >= 1"

[segments.quiet]
where = "days_since_last_order > 50 and not in_segment('lately')"

[segments.just_in]
where = "entered('lately', in_last('30 days')) or has_been_in('quiet') >= interval '1 month'"

[segments.top]
where = "row_number(revenue) <= 30 and n_orders >= 2"

[segments.by_hand]
where = "n_orders > 1000"
include = ["0004"]

[segments.often]
where = "count(orders) filter (where in_last('2 years')) >= 3 and n_orders_or_none >= 3"

[traits.n_orders_or_none]
title = "Orders in the last two years, of those who bought twice"
layer = "behavioural"
value = "case when n_orders >= 2 then count(orders) filter (where in_last('2 years')) end"

[segments.returned]
where = "sequence(step(orders), no_step(orders, '60 days'), step(orders, in_last('200 days')))"
"#;

async fn trial(as_of: &str) -> Trial {
    let trial = Trial::example("cdnow");
    let manifest = std::fs::read_to_string(repository().join("examples/cdnow/strata.toml")).unwrap();
    trial.write("strata.toml", &format!("{manifest}{MORE}"));
    trial.run(as_of, &Session::default()).await;
    trial
}

#[tokio::test(flavor = "multi_thread")]
async fn why_says_what_the_run_says() {
    let trial = trial("1997-09-30").await;
    let (project, view) = (trial.project(), trial.view().await);
    let people = trial.ask("select customer_id from customers order by md5(customer_id) limit 4").await;
    let segments =
        trial.ask("select distinct segmentation, segment from segment where subject = 'customers'").await;
    let mut n_members = 0;
    for person in &people {
        let id = text(person, "customer_id");
        let within = trial
            .ask(&format!(
                "select coalesce(segmentation || '/', '') || segment as name, entered_at from membership where subject_id = '{id}'"
            ))
            .await;
        for segment in &segments {
            let name = match text(segment, "segmentation") {
                "" => text(segment, "segment").to_owned(),
                of => format!("{of}/{}", text(segment, "segment")),
            };
            // One class of each segmentation is enough, since all are asked for together.
            let is_own = within.iter().any(|row| text(row, "name") == name);
            if name.contains('/') && !is_own {
                continue;
            }
            let answer = why(&project, &view, &Ask { segment: &name, id, as_of: None }).await.unwrap();
            assert_eq!(answer.standing.is_in(), is_own, "{name} of {id}: {answer:#?}");
            assert_eq!(answer.since.is_some(), is_own, "{name} of {id}");
            n_members += usize::from(is_own);
            let clauses = answer.clauses.iter().filter(|clause| clause.of_earlier_class.is_none());
            if answer.standing == Standing::Member && !name.ends_with("/unassigned") {
                assert!(clauses.clone().all(|clause| clause.truth == Some(true)), "{answer:#?}");
            }
            for evidence in answer.clauses.iter().flat_map(|clause| &clause.evidence) {
                assert_eq!(evidence.newest.cells.len(), evidence.n_rows.min(5));
            }
        }
    }
    assert!(n_members > 20, "{n_members}");
    let by_hand = why(&project, &view, &Ask { segment: "by_hand", id: "0004", as_of: None }).await.unwrap();
    assert_eq!(by_hand.standing, Standing::Included);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_at_an_instant_leaves_at_that_instant() {
    // No order is later than this.
    let trial = trial("1998-07-01").await;
    let (project, view) = (trial.project(), trial.view().await);
    let mut leaving: Vec<(DateTime<Utc>, String, &str, bool)> = Vec::new();
    for name in ["lately", "quiet", "one_order_and_silent", "returned", "just_in"] {
        let people = trial
            .ask("select customer_id from profile where days_since_last_order < 120 order by md5(customer_id) limit 8")
            .await;
        for person in &people {
            let id = text(person, "customer_id");
            let answer = why(&project, &view, &Ask { segment: name, id, as_of: None }).await.unwrap();
            if let Until::Then(at) = answer.until {
                leaving.push((at, id.to_owned(), name, answer.standing.is_in()));
            }
        }
    }
    leaving.sort();
    // Runs go forward in time.
    let first = |is_in: bool, after: DateTime<Utc>| {
        leaving.iter().find(|(at, .., is)| *is == is_in && *at > after).cloned().unwrap()
    };
    let leaves = first(true, DateTime::UNIX_EPOCH);
    let enters = first(false, leaves.0 + TimeDelta::seconds(2));
    for (at, id, name, is_in) in &[leaves, enters] {
        for (at, is_in) in [(*at - TimeDelta::seconds(1), *is_in), (*at, !is_in)] {
            trial.run(&at.to_rfc3339(), &Session::default()).await;
            let found = trial
                .ask(&format!(
                    "select 1 from membership where subject_id = '{id}' and segment = '{name}' and left_at is null"
                ))
                .await;
            assert_eq!(!found.is_empty(), is_in, "{name} of {id} at {at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_known_to_last_until_enough_rows_have_left() {
    let trial = trial("1998-07-01").await;
    let (project, view) = (trial.project(), trial.view().await);
    let best =
        trial.ask("select customer_id, cast(n_orders as varchar) as n from profile order by n_orders desc, customer_id limit 2").await;
    for person in &best {
        let id = text(person, "customer_id");
        // More orders leave the window one by one than instants are looked at.
        assert!(text(person, "n").parse::<u32>().unwrap() > 15, "{person:?}");
        let third = trial
            .ask(&format!(
                "select cast(ordered_at + interval '2 years' as varchar) as at from orders where customer_id = '{id}' \
                 order by ordered_at desc offset 2 limit 1"
            ))
            .await;
        let third: DateTime<Utc> = text(&third[0], "at").parse().unwrap();
        let answer = why(&project, &view, &Ask { segment: "often", id, as_of: None }).await.unwrap();
        assert_eq!(answer.until, Until::Then(third), "{answer:#?}");
        assert!(answer.clauses.iter().all(|clause| clause.until == Until::Then(third)), "{answer:#?}");
    }
}
