//! What changed about subjects from run to run, and what segments say of it.

use std::sync::Arc;
use strata_pipeline::project::Project;
use strata_pipeline::run::{Options, Session, run};

use crate::support::{Trial, number, text};

const MANIFEST: &str = r#"
[project]
title = "Plans"
[properties.customers]
plan = "text"
level = "integer"
[sources.crm]
path = "crm.csv"
[sources.crm.customers.columns]
customer_id = "id"
email = "email"
city = "city"
plan = "plan"
[segments.upgraded]
title = "Upgraded"
where = "changed_from(plan, 'free', 'pro', in_last('60 days'))"
[segments.pro]
title = "Pro"
where = "plan = 'pro'"
[segments.came_and_went]
title = "Came and went"
where = "left('pro', in_last('60 days'))"
[segments.loyal]
title = "Loyal"
where = "has_been_in('pro') >= interval '30 days' and has_been(plan, 'pro') >= interval '30 days'"
"#;

const JANUARY: &str = "id,email,city,plan\na,a@x.de,Berlin,free\nb,b@x.de,Berlin,pro\nc,c@x.de,,pro\n";
const FEBRUARY: &str =
    "id,email,city,plan\na,new@x.de,Berlin,pro\nb,b@x.de,Bonn,pro\nc,c@x.de,Ulm,\nd,d@x.de,Ulm,free\n";

async fn history(trial: &Trial) -> Vec<String> {
    let rows = trial
        .ask(
            "select subject, subject_id, property, previous, value, arrow_cast(since, 'Utf8') as since \
             from property_history order by since, subject_id, property, subject",
        )
        .await;
    let cell = |row: &serde_json::Map<String, serde_json::Value>, name: &str| match text(row, name) {
        "" => "-".to_owned(),
        text => text.trim_end_matches("T00:00:00Z").to_owned(),
    };
    rows.iter()
        .map(|row| {
            ["since", "subject", "subject_id", "property", "previous", "value"]
                .map(|name| cell(row, name))
                .join(" ")
        })
        .collect()
}

async fn members(trial: &Trial, segment: &str) -> String {
    let rows = trial
        .ask(&format!(
            "select subject_id from membership where segment = '{segment}' and segmentation is null \
             and left_at is null order by subject_id"
        ))
        .await;
    rows.iter().map(|row| text(row, "subject_id").to_owned()).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_noted_and_asked_for() {
    let trial = Trial::new(MANIFEST);
    let session = Session::default();
    trial.write("crm.csv", JANUARY);
    let complete = trial.run("2024-01-01", &session).await;
    let first = ["2024-01-01 companies - - - -", "2024-01-01 customers - - - -"];
    assert_eq!(sorted(history(&trial).await), first);
    assert_eq!(complete.summaries["canonical"].facts["n_property_changes"], 0);
    assert_eq!(members(&trial, "upgraded").await, "");
    assert_eq!(members(&trial, "loyal").await, "");

    trial.write("crm.csv", FEBRUARY);
    trial.run("2024-02-01", &session).await;
    let second = [
        "2024-01-01 companies - - - -",
        "2024-01-01 customers - - - -",
        "2024-02-01 customers a plan free pro",
        "2024-02-01 customers b city Berlin Bonn",
        "2024-02-01 customers c city - Ulm",
        "2024-02-01 customers c plan pro -",
        "2024-02-01 customers d - - -",
    ];
    assert_eq!(sorted(history(&trial).await), second);
    assert_eq!(members(&trial, "upgraded").await, "a");
    assert_eq!(members(&trial, "came_and_went").await, "c");
    assert_eq!(members(&trial, "loyal").await, "b");

    // Running twice is running once.
    trial.run("2024-02-01", &session).await;
    assert_eq!(sorted(history(&trial).await), second);
    assert_eq!(members(&trial, "upgraded").await, "a");

    // A property that no source had before begins, and has not changed.
    let manifest = MANIFEST.replace("plan = \"plan\"\n", "plan = \"plan\"\nlevel = \"level\"\n");
    trial.write("strata.toml", &manifest);
    trial.write(
        "crm.csv",
        &FEBRUARY
            .replace("id,", "level,id,")
            .replace("\nb,", "\n2,b,")
            .replace("\na,", "\n1,a,")
            .replace("\nc,", "\n1,c,")
            .replace("\nd,", "\n1,d,"),
    );
    trial.run("2024-03-01", &session).await;
    let mut third = second.map(str::to_owned).to_vec();
    third.push("2024-03-01 customers - level - -".to_owned());
    assert_eq!(sorted(history(&trial).await), third);
    assert_eq!(members(&trial, "loyal").await, "b");
    trial.run("2024-03-02", &session).await;
    assert_eq!(members(&trial, "loyal").await, "a b");
    assert_eq!(sorted(history(&trial).await), third);

    // Whoever goes back in time forgets what came after.
    trial.write("strata.toml", MANIFEST);
    trial
        .write("crm.csv", "id,email,city,plan\na,a@x.de,Berlin,free\nb,b@x.de,Berlin,basic\nc,c@x.de,,pro\n");
    rewind(&trial.project(), "2024-01-15").await;
    let rewound = [first[0], first[1], "2024-01-15 customers b plan pro basic"];
    assert_eq!(sorted(history(&trial).await), rewound);
    assert_eq!(members(&trial, "came_and_went").await, "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_noted_where_nothing_changes() {
    let trial = Trial::new(MANIFEST);
    trial.write("crm.csv", JANUARY);
    trial.run("2024-01-01", &Session::default()).await;
    trial.run("2024-02-01", &Session::default()).await;
    let rows = trial.ask_one("select count(*) as n from property_history").await;
    assert_eq!(number(&rows, "n"), 2.0);
}

async fn rewind(project: &Project, as_of: &str) {
    let as_of = project.instant(as_of).unwrap();
    let options = Options { as_of, rewind: true, session: Session::default() };
    run(project.clone(), options, Arc::new(|_| ())).await.unwrap();
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}
