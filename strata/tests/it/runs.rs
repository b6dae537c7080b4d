//! Runs one after the other: equal when nothing changed, and a record of who came and went when something did.

use serde_json::Value;

use super::project::{MANIFEST, ORDERS, Project, lines};

/// Every row of every table that can be asked, but for the runs themselves.
fn contents(project: &Project, tables: &Value) -> Vec<(String, Vec<String>)> {
    let names = tables.as_object().unwrap().keys();
    let rows = |name: &String| {
        let mut rows = project.sql(&format!("select * from {name}"));
        rows.sort();
        (name.clone(), rows)
    };
    names.map(rows).collect()
}

/// The members of a segment: the first column of its export.
fn members(project: &Project, arguments: &[&str]) -> Vec<String> {
    let exported = lines(&project.good(&[&["export"], arguments].concat()));
    exported.iter().map(|line| line.split(',').next().unwrap().to_owned()).collect()
}

fn fact(run: &Value, stage: &str, name: &str) -> i64 {
    run["stages"][stage]["facts"][name].as_i64().unwrap_or_else(|| panic!("no {stage}.{name} in {run}"))
}

/// The intervals of the segment `regulars`.
fn stays(project: &Project) -> Vec<String> {
    project.sql(
        "select subject_id, entered_at::date as since, left_at::date as until from membership \
         where segment = 'regulars' and segmentation is null order by subject_id, since",
    )
}

#[test]
fn a_run_repeated_gives_equal_tables() {
    let project = Project::shop();
    let first = project.run(&[]);
    let before = contents(&project, &first["tables"]);
    let second = project.run(&[]);
    assert_eq!(second["run_id"], first["run_id"]);
    assert_eq!(second["tables"], first["tables"]);
    assert_eq!(contents(&project, &second["tables"]), before);
    assert_eq!(project.sql("select count(*) from run"), ["1"]);

    // The same in a lake that knows nothing of the first.
    let elsewhere = Project::shop();
    let (here, there) = (std::fs::metadata(project.path("orders.csv")), elsewhere.path("orders.csv"));
    let copy = std::fs::File::options().append(true).open(there).unwrap();
    copy.set_modified(here.unwrap().modified().unwrap()).unwrap();
    let third = elsewhere.run(&[]);
    assert_eq!(third["run_id"], first["run_id"]);
    assert_eq!(contents(&elsewhere, &third["tables"]), before);
}

#[test]
fn a_later_run_tells_who_entered_and_who_left() {
    let project = Project::shop();
    let where_now = "where = \"count(orders) filter (where in_last('100 days')) >= 1\"";
    project.edit("where = \"count(orders) >= 2\"", where_now);
    project.run(&["--as-of", "2024-06-01"]);
    assert_eq!(stays(&project), ["anna,2024-06-01,", "ben,2024-06-01,"]);

    project.append("orders.csv", "o4,ben,2024-07-10,40\no5,carl,2024-07-11,50\n");
    project.run(&["--as-of", "2024-08-01"]);
    let expected = ["anna,2024-06-01,2024-08-01", "ben,2024-06-01,", "carl,2024-08-01,"];
    assert_eq!(stays(&project), expected);
    let sizes = "select n_members, n_entered, n_left from segment where segment = 'regulars'";
    assert_eq!(project.sql(sizes), ["2,1,1"]);

    for (arguments, expected) in [
        (&["regulars"][..], &["ben", "carl"][..]),
        (&["regulars", "--at", "2024-08-01"], &["ben", "carl"]),
        (&["regulars", "--at", "2024-07-31"], &["anna", "ben"]),
        (&["regulars", "--at", "2024-06-01T00:00:00Z"], &["anna", "ben"]),
        (&["regulars", "--at", "2024-05-31"], &[]),
    ] {
        assert_eq!(members(&project, arguments), expected, "{arguments:?}");
    }

    // Back again, for a second stay.
    project.append("orders.csv", "o6,anna,2024-08-20,60\n");
    project.run(&["--as-of", "2024-09-01"]);
    let expected = ["anna,2024-06-01,2024-08-01", "anna,2024-09-01,", "ben,2024-06-01,", "carl,2024-08-01,"];
    assert_eq!(stays(&project), expected);
    assert_eq!(project.sql("select count(distinct run_id), max(sequence) from run"), ["3,3"]);
}

#[test]
fn an_edited_segment_is_decided_anew() {
    let project = Project::shop();
    let version = "select distinct version from segment where segment = 'regulars'";
    project.run(&["--as-of", "2024-06-01"]);
    let first = project.sql(version);

    // Only how it is written changes, so nothing does.
    project.edit("count(orders) >= 2", "COUNT( orders )>=2");
    project.run(&["--as-of", "2024-07-01"]);
    assert_eq!(project.sql(version), first);
    assert_eq!(stays(&project), ["anna,2024-06-01,"]);

    project.edit("COUNT( orders )>=2", "count(orders) >= 1");
    project.run(&["--as-of", "2024-08-01"]);
    let second = project.sql(version);
    assert_ne!(second, first);
    let by_version = "select subject_id, version, entered_at::date as since, left_at::date as until from membership \
                      where segment = 'regulars' and segmentation is null order by subject_id, since";
    assert_eq!(
        project.sql(by_version),
        [
            format!("anna,{},2024-06-01,2024-08-01", first[0]),
            format!("anna,{},2024-08-01,", second[0]),
            format!("ben,{},2024-08-01,", second[0]),
        ]
    );
    // Anna was in before and is in now, under whichever version.
    let sizes = "select n_members, n_entered, n_left from segment where segment = 'regulars'";
    assert_eq!(project.sql(sizes), ["2,1,0"]);
}

#[test]
fn a_changed_file_is_read_anew_and_the_others_are_not() {
    let project = Project::shop();
    project.edit("path = \"orders.csv\"", "path = \"orders*.csv\"");
    project.write("orders-2.csv", "id,customer,date,amount\no4,carl,2024-05-01,40\n");
    let read =
        |run: &Value| ["n_files_read", "n_files_known", "n_rows"].map(|name| fact(run, "source", name));
    assert_eq!(read(&project.run(&[])), [2, 0, 4]);
    assert_eq!(read(&project.run(&[])), [0, 2, 4]);

    // Carl's order is corrected, and one is added: the file's earlier rows are gone, the other file's stay.
    project.write("orders-2.csv", "id,customer,date,amount\no4,carl,2024-05-01,44\no5,dora,2024-05-02,50\n");
    assert_eq!(read(&project.run(&[])), [1, 1, 5]);
    let orders = "select order_id, customer_id, amount from orders order by 1";
    assert_eq!(
        project.sql(orders),
        ["o1,anna,10.0", "o2,anna,20.0", "o3,ben,30.0", "o4,carl,44.0", "o5,dora,50.0"]
    );

    project.write("orders-2.csv", "id,customer,date,amount\no5,dora,2024-05-02,50\n");
    assert_eq!(read(&project.run(&[])), [1, 1, 4]);
    assert_eq!(project.sql("select customer_id from profile order by 1"), ["anna", "ben", "dora"]);
}

#[test]
fn members_are_exported_in_every_format() {
    let formula = "=HYPERLINK(\"\"http://x.example\"\")";
    let project = Project::shop();
    project.append("orders.csv", format!("o4,\"{formula}\",2024-05-01,4\no5,\"{formula}\",2024-05-02,5\n"));
    project.good(&["run"]);

    let csv = project.good(&["export", "regulars"]);
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.starts_with("customer_id,entered_at,left_at,"), "{csv}");
    // A spreadsheet shows the text and does not run it.
    assert!(csv.contains(&format!("\"'{formula}\",2024-06-01 00:00:00,,")), "{csv}");

    let json_lines = project.good(&["export", "regulars", "--format", "jsonl"]);
    let rows: Vec<Value> = json_lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = rows.iter().map(|row| row["customer_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["=HYPERLINK(\"http://x.example\")", "anna"]);
    assert_eq!((rows[1]["n_orders"].as_i64(), rows[1]["revenue"].as_f64()), (Some(2), Some(30.0)));

    // The Parquet file serves as the source of another project.
    project.good(&["export", "regulars", "--format", "parquet", "-o", "members.parquet"]);
    let reader = Project::of(&[(
        "strata.toml",
        "[project]\ntitle = \"Members\"\nas_of = \"2024-06-01\"\n[sources.members]\npath = \"members.parquet\"\n\
         [sources.members.customers.columns]\ncustomer_id = \"customer_id\"\n",
    )]);
    std::fs::copy(project.path("members.parquet"), reader.path("members.parquet")).unwrap();
    reader.good(&["run"]);
    assert_eq!(
        reader.sql("select customer_id, n_orders, revenue from raw.members order by 1")[1],
        "anna,2,30.0"
    );
}

#[test]
fn segments_are_listed_as_json() {
    let project = Project::shop();
    project.edit("layer = \"behavioural\"", "layer = \"behavioural\"\ngoal = \"Keep them\"");
    project.good(&["run"]);
    let listed: Value = serde_json::from_str(&project.good(&["segments", "list", "--json"])).unwrap();
    let listed = listed.as_array().unwrap();
    let mut first = listed[0].clone();
    assert_eq!(first["version"].as_str().unwrap().len(), 16);
    first.as_object_mut().unwrap().remove("version");
    first.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let expected = serde_json::json!({
        "layer": "behavioural", "subject": "customers", "segment": "regulars", "title": "Regulars", "goal": "Keep them",
        "n_members": 1, "share": 0.5, "n_undecided": 0, "n_entered": 1, "n_left": 0,
    });
    assert_eq!(first, expected);
    let rfm: Vec<&str> = listed
        .iter()
        .filter(|row| row["segmentation"] == "rfm")
        .map(|row| row["segment"].as_str().unwrap())
        .collect();
    assert_eq!((rfm.len(), rfm[0], rfm[10]), (11, "champions", "unassigned"));
}

#[test]
fn every_subject_is_in_exactly_one_class_of_each_segmentation() {
    let project = companies();
    let whole = "select subject, segmentation, sum(n_members) as n from segment where segmentation is not null group by 1, 2";
    let n_of = |subject: &str, table: &str| {
        project.sql(&format!(
            "select count(*) - count(*) filter (where n = (select count(*) from {table})), count(*) >= 3 from ({whole}) \
             where subject = '{subject}'"
        ))
    };
    assert_eq!(n_of("customers", "profile"), ["0,true"]);
    assert_eq!(n_of("companies", "company_profile"), ["0,true"]);
    let twice = "select subject, subject_id, segmentation from membership where segmentation is not null \
                 and left_at is null group by 1, 2, 3 having count(*) > 1";
    assert_eq!(project.sql(twice), [""; 0]);
}

#[test]
fn companies_are_divided_by_what_they_are_and_what_their_people_do() {
    let project = companies();
    assert_eq!(
        project.sql(
            "select company_id, n_people, company_n_orders, company_revenue from company_profile order by 1"
        ),
        ["A,2,2,30.0", "B,1,1,30.0", "C,0,0,0.0"]
    );
    let classes = "select subject_id, segment from membership where segmentation = 'company_size' order by 1";
    assert_eq!(project.sql(classes), ["A,small", "B,enterprise", "C,small"]);
    assert_eq!(members(&project, &["key_accounts"]), ["A"]);
    assert_eq!(members(&project, &["company_size/enterprise"]), ["B"]);
    // From a person to the account.
    assert_eq!(members(&project, &["people_in_retail"]), ["anna", "carl"]);
}

/// Three accounts, four people of whom one belongs to none, and the shop's orders.
fn companies() -> Project {
    let more = r#"
[sources.accounts]
path = "accounts.csv"
[sources.accounts.companies.columns]
company_id = "id"
name = "name"
industry = "industry"
n_employees = "employees"

[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
company_id = "account"

[segments.key_accounts]
title = "Key accounts"
subject = "companies"
where = "in_class('company_size', 'small') and count(orders) >= 1"

[segments.people_in_retail]
title = "People in retail"
where = "company.industry = 'Retail'"
"#;
    let project = Project::of(&[
        ("strata.toml", &format!("{MANIFEST}{more}")),
        ("orders.csv", ORDERS),
        (
            "accounts.csv",
            "id,name,industry,employees\nA,Acme,Retail,20\nB,Bolt,Steel,5000\nC,Coop,Retail,30\n",
        ),
        ("people.csv", "id,account\nanna,A\nben,B\ncarl,A\ndora,\n"),
    ]);
    project.good(&["run"]);
    project
}

#[test]
fn a_column_that_is_renamed_in_its_file_is_missed() {
    let project = Project::shop();
    project.run(&[]);
    project.write("orders.csv", ORDERS.replacen("amount", "total", 1));
    project.strata(&["run"]).refused("renamed", 2, &["source `orders` has no column `amount`"]);
    // What was complete stays.
    assert_eq!(project.sql("select sum(amount) from orders"), ["60.0"]);
}

#[test]
fn a_source_is_what_its_files_hold_now_or_held_ever() {
    for (keep, n_orders) in [("latest", 1), ("all", 4)] {
        let project = Project::shop();
        project.edit("path = \"orders.csv\"", &format!("path = \"orders*.csv\"\nkeep = \"{keep}\""));
        project.run(&[]);
        std::fs::remove_file(project.path("orders.csv")).unwrap();
        project.write("orders_2.csv", "id,customer,date,amount\no4,cara,2024-05-01,5\n");
        project.run(&[]);
        assert_eq!(project.sql("select count(*) from orders"), [n_orders.to_string()], "keep = {keep}");
        // The lake's history makes no difference to a repeated run.
        project.run(&[]);
        assert_eq!(
            project.sql("select count(*) from orders"),
            [n_orders.to_string()],
            "keep = {keep}, again"
        );
    }
}

#[test]
fn a_reader_that_goes_early_is_no_failure() {
    let project = Project::shop();
    project.good(&["run"]);
    for arguments in [&["export", "regulars"][..], &["segments", "list", "--csv"], &["segments", "list"]] {
        // A pipe that nobody reads any more.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = project.command(arguments).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("error"), "{arguments:?}: {said}");
    }
}
