//! Shares outside their usual range, shifted traits and changes of life, against what was made to change.

use std::fmt::Write;
use std::sync::Arc;

use strata_pipeline::drift::{
    Ask, Drift, Kind, Level, LifeChanges, MODERATE, Move, Row, SIGNIFICANT, drift, life_changes,
};
use strata_pipeline::run::{Options, Session, run};
use strata_spec::table::Subject;

use crate::support::{Trial, number, text};

const MANIFEST: &str = r#"
[project]
title = "Drifting"
[properties.customers]
plan = "text"
level = "integer"
app = "text"
[properties.companies]
size = "integer"
[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
plan = "plan"
level = "level"
app = "app"
[sources.firms]
path = "firms.csv"
[sources.firms.companies.columns]
company_id = "id"
size = "size"
[traits.rank]
value = "level"
[traits.steady]
value = "case when bucket('steady') < 0.5 then 'one' when bucket('steady') < 0.9 then 'other' end"
[traits.offer]
value = "plan"
[traits.staff]
subject = "companies"
value = "size"
[segments.pro]
where = "plan = 'pro'"
[segments.steady_half]
where = "bucket('half') < 0.5"
[segments.with_app]
where = "app = 'yes'"
[segments.large]
subject = "companies"
where = "size >= 100"
"#;

/// How many of 600 customers have which plan, level and app.
struct People {
    n_pro: usize,
    n_level_two: usize,
    with_app: fn(usize) -> bool,
}

fn write(trial: &Trial, people: &People, sizes: impl Fn(usize) -> usize) {
    let mut rows = "id,plan,level,app\n".to_owned();
    for who in 0..600 {
        let plan = if who < people.n_pro { "pro" } else { "free" };
        let level = if who < people.n_level_two { 2 } else { 1 };
        let app = if (people.with_app)(who) { "yes" } else { "no" };
        writeln!(rows, "c{who},{plan},{level},{app}").unwrap();
    }
    trial.write("people.csv", &rows);
    let mut rows = "id,size\n".to_owned();
    for which in 0..300 {
        writeln!(rows, "f{which},{}", sizes(which)).unwrap();
    }
    trial.write("firms.csv", &rows);
}

fn row<'a>(found: &'a Drift, kind: Kind, name: &str) -> &'a Row {
    found.rows.iter().find(|row| row.kind == kind && row.name == name).unwrap()
}

async fn measured(trial: &Trial) -> Drift {
    drift(&trial.view().await, &Ask::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_injected_shift_is_found_and_what_has_not_shifted_is_not() {
    let trial = Trial::new(MANIFEST);
    // Of 600 between 19 and 21 in a hundred, then 60.
    let pros = [120, 126, 120, 114, 120, 126];
    for (month, n_pro) in (1..).zip(pros) {
        write(&trial, &People { n_pro, n_level_two: 300, with_app: |_| false }, |which| 10 + which);
        trial.run(&format!("2024-0{month}-01"), &Session::default()).await;
        let found = measured(&trial).await;
        let pro = row(&found, Kind::Share, "pro");
        assert_eq!(pro.n_earlier, month - 1);
        let expected = if month <= 5 { Level::TooFewRuns } else { Level::None };
        assert_eq!(pro.level, expected, "{month}");
        assert_eq!(found.too_few().is_some(), month <= 5, "{month}");
        assert_eq!(found.notable(Kind::Psi).len(), 0, "{month}");
        assert_eq!(found.rows.iter().any(|row| row.kind == Kind::Psi), month > 1);
    }

    write(&trial, &People { n_pro: 360, n_level_two: 150, with_app: |_| false }, |which| {
        10 + which + which / 2
    });
    trial.run("2024-07-01", &Session::default()).await;
    let found = measured(&trial).await;
    let pro = row(&found, Kind::Share, "pro");
    assert_eq!((pro.level, pro.value, pro.before), (Level::Alert, 0.6, Some(0.21)));
    // By chance alone the share of 600 would reach further than the moving range of 0.01: 0.2016667 ± 3 standard deviations, by Wilson.
    assert!(pro.high.unwrap() > 0.24 && pro.high.unwrap() < 0.27, "{pro:?}");
    assert!(
        pro.sentence().unwrap().starts_with("pro has 60.0 % of customers, above its usual 15"),
        "{pro:?}"
    );
    let steady = row(&found, Kind::Share, "steady_half");
    assert_eq!((steady.level, steady.n_earlier), (Level::None, 6));
    let names: Vec<&str> = found.notable(Kind::Share).iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["pro", "large"], "companies have grown, too");

    // Halves that become quarters: ¼ ln 3.
    let rank = row(&found, Kind::Psi, "rank");
    assert!((rank.value - 3.0_f64.ln() / 4.0).abs() < 1e-9, "{rank:?}");
    assert_eq!((rank.level, rank.low, rank.high), (Level::Alert, Some(MODERATE), Some(SIGNIFICANT)));
    assert_eq!(row(&found, Kind::Psi, "offer").level, Level::Alert);
    let steady = row(&found, Kind::Psi, "steady");
    assert_eq!((steady.level, steady.value), (Level::None, 0.0));
    let staff = row(&found, Kind::Psi, "staff");
    assert_eq!((staff.subject, staff.level), (Subject::Companies, Level::Alert), "{staff:?}");

    // A definition that was edited begins anew.
    let manifest = MANIFEST
        .replace("plan = 'pro'", "plan = 'pro' and level >= 1")
        .replace("value = \"level\"", "value = \"level + 1\"");
    trial.write("strata.toml", &manifest);
    trial.run("2024-08-01", &Session::default()).await;
    let found = measured(&trial).await;
    let pro = row(&found, Kind::Share, "pro");
    assert_eq!((pro.level, pro.n_earlier, pro.before), (Level::TooFewRuns, 0, None));
    assert!(!found.rows.iter().any(|row| row.name == "rank"), "another trait is no shift");
    assert_eq!(row(&found, Kind::Share, "steady_half").n_earlier, 7);

    // Between any two runs.
    let project = trial.project();
    let at = |date: &str| Some(project.instant(date).unwrap());
    let view = trial.view().await;
    let found = drift(&view, &Ask { from: at("2024-01-01"), to: at("2024-07-15") }).await.unwrap();
    assert_eq!((found.before, found.as_of), (at("2024-01-01"), at("2024-07-01").unwrap()));
    assert_eq!(row(&found, Kind::Share, "pro").level, Level::Alert);
    let none = drift(&view, &Ask { from: at("2024-07-01"), to: at("2024-07-20") }).await.unwrap_err();
    assert!(none.to_string().contains("no run between"), "{none}");
    let none = drift(&view, &Ask { from: at("2023-01-01"), to: None }).await.unwrap_err();
    assert!(none.to_string().contains("no run by"), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shares_of_cdnow_are_those_of_its_memberships_at_the_instants_of_its_runs() {
    let trial = Trial::example("cdnow");
    let dates = ["04-30", "05-31", "06-30", "07-31", "08-31", "09-30"];
    for date in dates {
        trial.run(&format!("1997-{date}"), &Session::default()).await;
    }
    let mut shares = Vec::new();
    for date in dates {
        let at = format!("timestamp '1997-{date}T00:00:00Z'");
        let of = |segment: &str| {
            format!(
                "(select count(*) from membership where segmentation = 'rfm' and segment = '{segment}' \
                 and entered_at <= {at} and (left_at is null or left_at > {at}))"
            )
        };
        let n =
            "(select count(distinct subject_id) from membership where segmentation = 'rfm' and entered_at <= "
                .to_owned()
                + &at + ")";
        let row = trial.ask_one(&format!("select {} as n, {n} as n_all", of("champions"))).await;
        shares.push(number(&row, "n") / number(&row, "n_all"));
    }
    let found = measured(&trial).await;
    let champions = row(&found, Kind::Share, "rfm/champions");
    let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-12, "{one} is not {other}");
    close(champions.value, shares[5]);
    close(champions.before.unwrap(), shares[4]);
    let mean = shares[..5].iter().sum::<f64>() / 5.0;
    let range = shares[..5].windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f64>() / 4.0;
    let (low, high) = (mean - range * 3.0 / 1.128, mean + range * 3.0 / 1.128);
    assert!(champions.low.unwrap() <= low.max(0.0) + 1e-12 && champions.high.unwrap() >= high - 1e-12);

    // Within a month nobody's first order moved, and everybody's is a month older.
    assert_eq!(row(&found, Kind::Psi, "main_quarter").level, Level::None);
    assert_eq!(row(&found, Kind::Psi, "tenure").level, Level::Alert);

    // The table says what the question says.
    let rows = trial.ask("select * from drift").await;
    let expected: Vec<String> = found
        .rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {:.9} {}",
                row.subject,
                row.kind.as_str(),
                row.name,
                row.value,
                row.level.as_str()
            )
        })
        .collect();
    let written: Vec<String> = rows
        .iter()
        .map(|row| {
            let [subject, kind, name, alert] =
                ["subject", "kind", "name", "alert"].map(|name| text(row, name));
            format!("{subject} {kind} {name} {:.9} {alert}", number(row, "value"))
        })
        .collect();
    assert_eq!(written, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_parts_drifts_as_what_lies_in_one_piece() {
    let found = async |worth_dividing: Option<u64>| {
        let trial = Trial::example("cdnow");
        for date in ["1997-06-30", "1997-09-30"] {
            trial.run(date, &Session { worth_dividing, ..Session::default() }).await;
        }
        measured(&trial).await
    };
    assert_eq!(found(None).await, found(Some(100)).await);
}

/// Of 600 customers 100 change from free to pro, and every second of these takes the app; of the others every tenth.
async fn life() -> (Trial, LifeChanges) {
    let trial = Trial::new(MANIFEST);
    write(&trial, &People { n_pro: 0, n_level_two: 0, with_app: |_| false }, |_| 10);
    trial.run("2024-01-01", &Session::default()).await;
    let with_app = |who: usize| if who < 100 { who.is_multiple_of(2) } else { who.is_multiple_of(10) };
    write(&trial, &People { n_pro: 100, n_level_two: 0, with_app }, |which| if which < 3 { 200 } else { 10 });
    // Of whom nothing was known nothing has changed.
    let people = std::fs::read_to_string(trial.folder().join("people.csv")).unwrap();
    trial.write("people.csv", &format!("{people}new,pro,2,yes\n"));
    trial.run("2024-02-01", &Session::default()).await;
    let found = life_changes(&trial.view().await, &Ask::default()).await.unwrap();
    (trial, found)
}

fn moved<'a>(found: &'a LifeChanges, property: &str, segment: &str) -> &'a Move {
    let property = found.properties.iter().find(|each| each.name == property).unwrap();
    property.moves.iter().find(|each| each.segment == segment && each.entered).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_of_life_goes_with_is_told_against_the_others() {
    let (trial, found) = life().await;
    let properties: Vec<_> =
        found.properties.iter().map(|each| (each.name.as_str(), each.n_changed, each.n_others)).collect();
    assert_eq!(properties, [("app", 100, 500), ("plan", 100, 500), ("size", 3, 297)]);
    let plan = &found.properties[1];
    let changes: Vec<_> =
        plan.changes.iter().map(|each| (each.from.as_deref(), each.to.as_deref(), each.n)).collect();
    assert_eq!(changes, [(Some("free"), Some("pro"), 100)]);
    let app = moved(&found, "plan", "with_app");
    assert_eq!((app.n, app.share, app.n_others, app.share_of_others), (50, 0.5, 50, Some(0.1)));
    assert!((app.lift.unwrap() - 5.0).abs() < 1e-12);
    let pro = moved(&found, "plan", "pro");
    assert_eq!((pro.n, pro.n_others, pro.lift), (100, 0, None));
    assert_eq!(moved(&found, "size", "large").n, 3);
    assert_eq!(found.properties[2].subject, Subject::Companies);
    assert!(plan.telling().any(|each| each.segment == "with_app"));

    // Whoever goes back is where they were; whoever only moved before the change did not move with it.
    let with_app = |who: usize| if who < 100 { who.is_multiple_of(2) } else { who.is_multiple_of(10) };
    write(&trial, &People { n_pro: 40, n_level_two: 20, with_app }, |_| 10);
    trial.run("2024-03-01", &Session::default()).await;
    let project = trial.project();
    let at = |date: &str| Some(project.instant(date).unwrap());
    let view = trial.view().await;
    let found = life_changes(&view, &Ask { from: at("2024-01-01"), to: at("2024-03-01") }).await.unwrap();
    let properties: Vec<_> =
        found.properties.iter().map(|each| (each.name.as_str(), each.n_changed)).collect();
    assert_eq!(properties, [("app", 100), ("plan", 40), ("level", 20)]);
    let level = &found.properties[2];
    assert!(!level.moves.iter().any(|each| each.segment == "with_app"), "{level:?}");
    assert_eq!(moved(&found, "plan", "with_app").n, 20);

    let none = life_changes(&view, &Ask { from: at("2024-03-01"), to: at("2024-02-01") }).await.unwrap_err();
    assert!(none.to_string().contains("before the second"), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_says_that_there_was_none_before() {
    let trial = Trial::new(MANIFEST);
    write(&trial, &People { n_pro: 0, n_level_two: 0, with_app: |_| false }, |_| 10);
    trial.run("2024-01-01", &Session::default()).await;
    let found = measured(&trial).await;
    assert_eq!(found.before, None);
    assert!(found.too_few().unwrap().contains("no earlier run"));
    let rows = trial.ask("select distinct kind, alert from drift").await;
    let rows: Vec<_> = rows.iter().map(|row| (text(row, "kind"), text(row, "alert"))).collect();
    assert_eq!(rows, [("share", "too_few_runs")]);
    let life = life_changes(&trial.view().await, &Ask::default()).await.unwrap();
    assert_eq!((life.from, life.properties.len()), (None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rewind_made_forgotten_is_no_earlier_run() {
    let trial = Trial::new(MANIFEST);
    for (date, n_pro) in [("2024-01-01", 60), ("2024-03-01", 600), ("2024-02-01", 120), ("2024-04-01", 180)] {
        write(&trial, &People { n_pro, n_level_two: 300, with_app: |_| false }, |_| 10);
        let project = trial.project();
        let as_of = project.instant(date).unwrap();
        let options = Options { as_of, rewind: true, session: Session::default() };
        run(project, options, Arc::new(|_| ())).await.unwrap();
    }
    let found = measured(&trial).await;
    assert_eq!((found.n_runs, found.before), (2, trial.project().instant("2024-02-01").ok()));
    let pro = row(&found, Kind::Share, "pro");
    assert_eq!((pro.n_earlier, pro.value, pro.before), (2, 0.3, Some(0.2)));
}
