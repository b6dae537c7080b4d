//! A replay of many dates says at each date what a preview at that date says, and what a run there notes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use strata_pipeline::preview;
use strata_pipeline::replay::{Ask, Dates, Replay, replay};
use strata_pipeline::run::Session;
use strata_pipeline::spec::table::Subject;

use crate::support::{Trial, repository, text};

/// Segments of every family: figures, windows, calendars, traits, other segments, lists, sequences, histories.
const MORE: &str = r#"
[segments.lately]
where = "count(orders) filter (where in_last('100 days')) >= 1"

[segments.quiet]
where = "days_since_last_order > 50 and not in_segment('lately')"

[segments.by_hand]
where = "n_orders > 3"
include = ["0004"]
exclude = ["0005"]

[segments.returned]
where = "sequence(step(orders), no_step(orders, '60 days'), step(orders, in_last('200 days')))"

[segments.typical]
where = "median(orders.amount) between 10 and 40 and last_value(orders.amount) > 15"

[segments.was_lately]
where = "was_in('lately', date '1997-06-01') and not in_segment('lately')"

[segments.top]
where = "row_number(revenue) <= 30 and n_orders >= 2"
"#;

const CONDITIONS: [&str; 6] = [
    "count(orders) >= 2",
    "sum(orders.amount) filter (where in_period('last month')) > 20",
    "days_since_last_order between 10 and 40",
    "n_orders = 1 and created_at < as_of - interval '2 months'",
    "active_periods(orders.ordered_at, 'month') >= 3",
    "avg(orders.amount) > 30 or first_value(orders.amount) > 50",
];

async fn trial() -> Trial {
    let trial = Trial::example("cdnow");
    let manifest = std::fs::read_to_string(repository().join("examples/cdnow/strata.toml")).unwrap();
    trial.write("strata.toml", &format!("{manifest}{MORE}"));
    trial
}

async fn replayed(trial: &Trial, what: &str, from: &str, to: &str, every: &str) -> Replay {
    let (project, view) = (trial.project(), trial.view().await);
    let at = |text: &str| Some(project.instant(text).unwrap());
    let dates = Dates { from: at(from), to: at(to), every: Some(every.to_owned()) };
    replay(&project, &view, &Ask { what, subject: Subject::Customers, dates }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn at_each_date_it_says_what_a_preview_says() {
    let trial = trial().await;
    trial.run("1997-05-15", &Session::default()).await;
    trial.run("1998-06-30", &Session::default()).await;
    let (project, view) = (trial.project(), trial.view().await);
    let names = ["lately", "quiet", "returned", "typical", "was_lately", "top", "journey/active"];
    for what in CONDITIONS.into_iter().chain(names) {
        let replay = replayed(&trial, what, "1997-03-31", "1998-06-30", "3 months").await;
        assert_eq!(replay.dates.len(), 6, "{what}");
        assert_eq!(replay.n_passes, if what == "top" { 6 } else { 1 }, "{what}");
        let condition = match what.split_once('/') {
            Some((segmentation, class)) => format!("in_class('{segmentation}', '{class}')"),
            None if names.contains(&what) => format!("in_segment('{what}')"),
            None => what.to_owned(),
        };
        for (date, at) in replay.dates.iter().enumerate() {
            let ask = preview::Ask { text: &condition, subject: Subject::Customers, as_of: Some(*at) };
            let seen = preview::condition(&project, &view, &ask).await.unwrap();
            let moment = &replay.tracks[0].moments[date];
            assert_eq!(moment.n_members, seen.n_members, "{what} at {at}");
            assert_eq!(replay.n_subjects[date], seen.n_subjects, "{what} at {at}");
            if !names.contains(&what) {
                assert_eq!(moment.n_undecided, seen.n_undecided, "{what} at {at}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_and_went_is_what_runs_note() {
    let trial = trial().await;
    let dates = ["1997-09-01", "1997-12-01", "1998-03-01", "1998-06-01"];
    for date in dates {
        trial.run(date, &Session::default()).await;
    }
    // More dates than one pass has, so that a pass begins in the middle: by week, of which some are those of the runs.
    for what in ["quiet", "by_hand", "returned", "rfm", "purchase_frequency"] {
        let replay = replayed(&trial, what, "1997-09-01", "1998-06-01", "3 months").await;
        for track in &replay.tracks {
            let (of, name) = match track.name.split_once('/') {
                Some((of, class)) => (format!("segmentation = '{of}'"), class),
                None => ("segmentation is null".to_owned(), track.name.as_str()),
            };
            for (date, at) in replay.dates.iter().enumerate() {
                let now = members(&trial, &of, name, *at).await;
                let moment = &track.moments[date];
                assert_eq!(moment.n_members as usize, now.len(), "{} at {at}", track.name);
                if date == 0 {
                    assert_eq!((moment.n_entered, moment.n_left), (None, None));
                    continue;
                }
                let before = members(&trial, &of, name, replay.dates[date - 1]).await;
                let (n_entered, n_left) = (now.difference(&before).count(), before.difference(&now).count());
                assert_eq!(moment.n_entered, Some(n_entered as u64), "{} at {at}", track.name);
                assert_eq!(moment.n_left, Some(n_left as u64), "{} at {at}", track.name);
            }
        }
    }
}

async fn members(trial: &Trial, of: &str, name: &str, at: DateTime<Utc>) -> BTreeSet<String> {
    let at = at.format("%Y-%m-%dT%H:%M:%SZ");
    let query = format!(
        "select subject_id from membership where {of} and segment = '{name}' and entered_at <= timestamp '{at}' \
         and (left_at is null or left_at > timestamp '{at}')"
    );
    trial.ask(&query).await.iter().map(|row| text(row, "subject_id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_passes_are_as_one() {
    let trial = trial().await;
    trial.run("1998-06-30", &Session::default()).await;
    let weeks = replayed(&trial, "quiet", "1997-06-02", "1998-06-29", "7 days").await;
    assert_eq!((weeks.dates.len(), weeks.n_passes), (57, 2));
    let months = replayed(&trial, "quiet", "1997-06-02", "1998-06-29", "28 days").await;
    let by_date: BTreeMap<DateTime<Utc>, u64> = weeks
        .dates
        .iter()
        .copied()
        .zip(weeks.tracks[0].moments.iter().map(|moment| moment.n_members))
        .collect();
    for (at, moment) in months.dates.iter().zip(&months.tracks[0].moments) {
        assert_eq!(by_date[at], moment.n_members, "{at}");
    }
    // Who came and went between any two dates is what the number of members differs by.
    for pair in weeks.tracks[0].moments.windows(2) {
        let [before, now] = pair else { unreachable!() };
        let (entered, left) = (now.n_entered.unwrap(), now.n_left.unwrap());
        assert_eq!(before.n_members + entered, now.n_members + left);
    }
    assert!(weeks.tracks[0].moments.iter().any(|moment| moment.n_left > Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_replayed_is_said() {
    let trial = trial().await;
    trial.run("1998-06-30", &Session::default()).await;
    let (project, view) = (trial.project(), trial.view().await);
    let ask = |what: &'static str, dates: Dates| Ask { what, subject: Subject::Customers, dates };
    let at = |text: &str| Some(project.instant(text).unwrap());
    let cases = [
        (ask("quit", Dates::default()), "there is no segment `quit`"),
        (ask("rfm/champion", Dates::default()), "`rfm` has no class `champion`"),
        (ask("n_ordres > 3", Dates::default()), "n_ordres"),
        (ask("quiet", Dates { to: at("1999-01-01"), ..Dates::default() }), "after the last run"),
        (
            ask("quiet", Dates { from: at("1998-06-30"), to: at("1998-06-01"), every: None }),
            "lies after the last",
        ),
        (ask("quiet", Dates { every: Some("0 days".into()), ..Dates::default() }), "not a step forward"),
        (ask("quiet", Dates { every: Some("a month".into()), ..Dates::default() }), "month"),
        (
            ask("quiet", Dates { from: at("1990-01-01"), every: Some("1 day".into()), to: None }),
            "more than 1000 dates",
        ),
    ];
    for (ask, expected) in cases {
        let error = replay(&project, &view, &ask).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{}: {error}", ask.what);
    }
    let usual = replay(&project, &view, &ask("quiet", Dates::default())).await.unwrap();
    assert_eq!(usual.dates.len(), 25);
    assert_eq!(usual.dates.last(), Some(&view.complete.as_of));
}
