//! `strata check` says of a dirty file what is wrong with it, column by column.

use serde_json::Value;

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Dirty"
as_of = "2024-06-01"

[identity]
join_by = []

[sources.shop]
path = "shop.csv"
[sources.shop.customers.columns]
customer_id = "id"
email = "email"
birth_date = "born"
income = "income"
region = "region"

[sources.crm]
path = "crm.csv"
[sources.crm.customers.columns]
customer_id = "id"
region = "region"

[sources.web]
path = "web.csv"
[sources.web.events.columns]
anonymous_id = "device"
occurred_at = "at"
name = "what"
"#;

/// Two dozen ordinary customers, and what is wrong below.
fn shop() -> String {
    let ordinary: String =
        (1..=24).map(|n| format!("{n},p{n}@shop.de,1990-01-01,{},Bayern\n", 30_000 + n * 500)).collect();
    // A day of birth that cannot be, one that is no date, an income of another magnitude, one that is no number, an e-mail
    // address that somebody else has, a row without an id, a tester, and a customer who stands there twice.
    let dirty = "\
25,p25@shop.de,1850-01-01,31000,Wien
26,p26@shop.de,soon,90000000,Wien
27,p1@shop.de,1991-02-03,a lot,Wien
,p28@shop.de,1991-02-03,32000,Wien
29,test@shop.de,1991-02-03,,
24,p24@shop.de,1990-01-01,42000,Bayern
";
    format!("id,email,born,income,region\n{ordinary}{dirty}")
}

/// Of customer 1 it says another region, of 2 the same in other words, of 25 the same.
const CRM: &str = "id,region\n1,Hessen\n2, bayern\n25,Wien\n";

/// One device asks 70 pages within a minute, another two.
fn web() -> String {
    let bot: String = (0..70).map(|n| format!("bot,2024-05-01T10:00:{:02}Z,page_view\n", n % 60)).collect();
    format!(
        "device,at,what\n{bot}phone,2024-05-01T10:00:00Z,page_view\nphone,2024-05-01T10:00:01Z,page_view\n"
    )
}

fn project() -> Project {
    let project = Project::of(&[("strata.toml", MANIFEST), ("crm.csv", CRM)]);
    project.write("shop.csv", shop());
    project.write("web.csv", web());
    project.run(&[]);
    project
}

#[test]
fn every_fault_of_a_dirty_file_is_counted_in_its_column() {
    let rows: Vec<Value> = serde_json::from_str(&project().good(&["check", "--json"])).unwrap();
    let check = |source: &str, column: &str, expected: [i64; 7]| {
        let found = rows.iter().find(|row| row["source"] == source && row["column"] == column).unwrap();
        let counts =
            ["n_rows", "n_missing", "n_invalid", "n_duplicated", "n_stale", "n_outlying", "n_inconsistent"]
                .map(|name| found[name].as_i64().unwrap());
        assert_eq!(counts, expected, "{source} {column}");
    };
    check("shop", "customer_id", [30, 1, 0, 1, 0, 0, 0]);
    check("shop", "email", [30, 0, 0, 1, 0, 0, 0]);
    check("shop", "birth_date", [30, 0, 2, 0, 0, 0, 0]);
    check("shop", "income", [30, 1, 1, 0, 0, 1, 0]);
    check("shop", "region", [30, 1, 0, 0, 0, 0, 0]);
    check("crm", "region", [3, 0, 0, 0, 0, 0, 1]);
    check("web", "anonymous_id", [72, 0, 0, 0, 0, 0, 0]);
    let born = rows.iter().find(|row| row["column"] == "birth_date").unwrap();
    assert!((born["usable"].as_f64().unwrap() - 28.0 / 30.0).abs() < 1e-9);
    assert_eq!(born["table"], "customers");
}

#[test]
fn the_check_tells_the_worst_columns_and_who_is_no_customer() {
    let project = project();
    let told = project.good(&["check"]);
    for expected in [
        "6 of 10 columns have something wrong, the least usable first",
        "Events of bots: 70 of 72 rows",
        "Test customers: 1 of 28 rows",
    ] {
        assert!(told.contains(expected), "no {expected:?} in\n{told}");
    }
    let csv = project.good(&["check", "--csv"]);
    assert!(
        csv.starts_with("source,table,column,n_rows,n_missing,n_invalid,n_duplicated,n_stale,n_outlying"),
        "{csv}"
    );
}

#[test]
fn rows_of_a_project_that_has_not_run_are_refused_with_what_to_do() {
    let project = Project::of(&[("strata.toml", MANIFEST), ("crm.csv", CRM)]);
    project.write("shop.csv", shop());
    project.write("web.csv", web());
    project.strata(&["check", "--json"]).refused("no run", 4, &["no complete run"]);
}

#[test]
fn what_was_planted_is_held_against_what_was_found() {
    let project = project();
    project.write(
        "dirt.csv",
        "kind,file,line,key,column,written,truth,person_id\n\
         missing_value,shop.csv,29,,id,,28,\n\
         bot,web.csv,2,,device,bot,70 pages,\n\
         impossible_birth_date,shop.csv,26,25,born,1850-01-01,1985-01-01,\n\
         impossible_birth_date,shop.csv,2,1,born,1990-01-01,1985-01-01,\n",
    );
    let csv = project.good(&["check", "--truth", "dirt.csv", "--csv"]);
    assert_eq!(
        csv.replace('\r', ""),
        "kind,n_planted,n_found,share,precision,how\n\
         bot,1,1,1.0,1.0,flagged 1\n\
         impossible_birth_date,2,1,0.5,,rejected 1\n\
         missing_value,1,1,1.0,,counted 1\n\
         all,4,3,0.75,,\n"
    );
    project.strata(&["check", "--truth", "nowhere"]).refused(
        "no truth",
        3,
        &["cannot read nowhere", "truth"],
    );
}
