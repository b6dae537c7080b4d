//! Bad input ends in an error that says what to do, or in a rejected row; never in a panic, never in silence.

use std::time::{Duration, UNIX_EPOCH};

use super::project::{MANIFEST, ORDERS, Project};

/// Runs the shop with one part of its manifest replaced.
fn check_manifest(old: &str, new: &str, code: i32, says: &[&str]) {
    let project = Project::shop();
    project.edit(old, new);
    project.strata(&["run"]).refused(new, code, says);
    // What a run refused is not in the lake.
    assert!(!project.path("lake/run").exists(), "{new}");
}

/// Runs the shop with these segments added.
fn check_segments(segments: &str, says: &[&str]) {
    let project = Project::shop();
    project.append("strata.toml", segments);
    for command in ["run", "check"] {
        project.strata(&[command]).refused(segments, 2, says);
    }
}

/// Runs the shop with its orders replaced; compares what was rejected and the customers that remain.
fn check_orders(orders: impl AsRef<[u8]>, rejected: &[&str], customers: &[&str]) -> Project {
    let project = Project::shop();
    project.write("orders.csv", orders);
    check_rejected(&project, rejected, customers);
    project
}

fn check_rejected(project: &Project, rejected: &[&str], customers: &[&str]) {
    project.good(&["run"]);
    let found = project.sql("select file, line, reason from rejected order by file, line, reason");
    assert_eq!(found, rejected);
    assert_eq!(project.sql("select customer_id from profile order by 1"), customers);
    // The command that a user asks says so too.
    let shown = project.good(&["check"]);
    for row in rejected {
        let reason = row.splitn(3, ',').nth(2).unwrap().trim_matches('"');
        let shortened: String = reason.chars().take(40).collect();
        assert!(shown.contains(&shortened), "{shortened:?} is not in\n{shown}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let path = "path = \"orders.csv\"";
    let cases: [(&str, i32, &[&str]); 4] = [
        (
            "path = \"order.csv\"",
            3,
            &["source `orders`", "order.csv does not exist", "did you mean orders.csv?"],
        ),
        ("path = \"exports/*.csv\"", 3, &["source `orders`", "matches no data file"]),
        (
            "path = \"orders.csv\"\nencoding = \"utf-88\"",
            3,
            &["orders.csv", "utf-88 is not an encoding", "windows-1252"],
        ),
        ("", 2, &["strata.toml:7:10", "`sources.orders.path` is missing"]),
    ];
    for (new, code, says) in cases {
        check_manifest(path, new, code, says);
    }
}

#[test]
fn a_file_without_content_is_an_error() {
    let cases: [(&[u8], &str); 3] = [
        (b"", "orders.csv is empty"),
        (b"PK\x03\x04rest of a workbook", "orders.csv is a zip archive"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "orders.csv is not text"),
    ];
    for (content, says) in cases {
        let project = Project::shop();
        project.write("orders.csv", content);
        project.strata(&["run"]).refused(says, 3, &["orders.csv", says]);
    }
}

#[test]
fn a_header_alone_is_a_shop_without_orders() {
    let project = check_orders("id,customer,date,amount\n", &[], &[]);
    assert_eq!(project.sql("select sum(n_members) from segment"), ["0"]);
    assert!(project.good(&["segments", "list"]).contains("regulars"));
}

#[test]
fn rows_that_cannot_be_read_are_rejected_and_the_others_kept() {
    let ragged = format!("{ORDERS}o4,carl,2024-05-01\no5,dora,2024-05-01,5,5\no6,eve,2024-05-01,6\n");
    check_orders(
        ragged,
        &[
            "orders.csv,5,\"has 3 fields, the header has 4\"",
            "orders.csv,6,\"has 5 fields, the header has 4\"",
        ],
        &["anna", "ben", "eve"],
    );
    let overlong = format!("{ORDERS}o4,{},2024-05-01,5\no5,eve,2024-05-01,6\n", "x".repeat(6 << 20));
    check_orders(overlong, &["orders.csv,5,the record is longer than 4 MiB"], &["anna", "ben", "eve"]);
    let untrue = format!("{ORDERS}o4,carl,soon,5\n,dora,2024-05-01,5\no6,eve,2024-05-01,6\n");
    check_orders(
        untrue,
        &["orders.csv,5,ordered_at is not a date: `soon`", "orders.csv,6,order_id is missing"],
        &["anna", "ben", "eve"],
    );
}

#[test]
fn text_that_breaks_the_declared_encoding_is_rejected() {
    let project = Project::shop();
    project.edit("path = \"orders.csv\"", "path = \"orders.csv\"\nencoding = \"utf-8\"");
    project.append("orders.csv", b"o4,J\xfcrgen,2024-05-01,5\no5,eve,2024-05-01,6\n");
    project.good(&["run"]);
    let rejected = project.sql("select file, line, reason from rejected");
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0].contains("orders.csv,5,") && rejected[0].contains("not valid UTF-8"), "{rejected:?}");
    assert_eq!(project.sql("select customer_id from profile order by 1"), ["anna", "ben", "eve"]);

    // Undeclared, the encoding is detected, and nobody is lost.
    project.edit("encoding = \"utf-8\"", "");
    check_rejected(&project, &[], &["Jürgen", "anna", "ben", "eve"]);
}

#[test]
fn an_order_after_its_file_was_written_is_rejected() {
    let project = Project::shop();
    let orders = std::fs::File::options().append(true).open(project.path("orders.csv")).unwrap();
    // 2024-03-10: the third order, of April, cannot have been in it.
    orders.set_modified(UNIX_EPOCH + Duration::from_secs(1_710_028_800)).unwrap();
    check_rejected(&project, &["orders.csv,4,\"dated 2024-04-01, after its file was written\""], &["anna"]);
}

#[test]
fn a_mapped_column_that_the_file_lacks_is_an_error() {
    let says: [&str; 3] = [
        "sources.orders.orders.customer_id",
        "source `orders` has no column `custmer`",
        "did you mean `customer`?",
    ];
    check_manifest("customer_id = \"customer\"", "customer_id = \"custmer\"", 2, &says);
}

#[test]
fn a_wrong_name_in_a_condition_is_an_error_with_its_place() {
    let cases: [(&str, &[&str]); 5] = [
        (
            "[segments.a]\ntitle = \"A\"\nwhere = \"in_segment('b')\"\n\
             [segments.b]\ntitle = \"B\"\nwhere = \"in_segment('a')\"\n",
            &["segments.a.where", "in a circle", "a → b → a"],
        ),
        (
            "[segments.a]\ntitle = \"A\"\nwhere = \"cuont(orders) > 1\"\n",
            &["strata.toml:22:10", "unknown function `cuont`", "\n  |          ^\n", "did you mean `count`?"],
        ),
        (
            "[segments.a]\ntitle = \"A\"\nwhere = \"contry = 'DE'\"\n",
            &["strata.toml:22:10", "`contry`", "\n  |          ^\n", "did you mean `country`?"],
        ),
        (
            "[segments.a]\ntitle = \"A\"\nwhere = \"in_class('rfm', 'champion')\"\n",
            &["no class `champion`", "did you mean `champions`?"],
        ),
        (
            "[segments.a]\ntitle = \"A\"\nwhere = \"in_segment('regular')\"\n",
            &["`regular`", "did you mean `regulars`?"],
        ),
    ];
    for (segments, says) in cases {
        check_segments(segments, says);
    }
}

#[test]
fn several_faults_are_told_at_once() {
    check_segments(
        "[segments.a]\ntitle = \"A\"\nwhere = \"contry = 'DE'\"\nwher = 3\n[segments.b]\ntitle = \"B\"\nwhere = \"n_orders >\"\n",
        &["strata.toml:22:10", "`contry`", "strata.toml:23:1", "unknown key `wher`", "segments.b.where"],
    );
    check_manifest(
        "currency = \"EUR\"",
        "currency = \"Euro\"\nsead = 1",
        2,
        &["`Euro`", "unknown key `sead`", "ISO 4217"],
    );
}

#[test]
fn two_sources_that_claim_one_id_are_told_apart() {
    let order = "order_id = \"id\"\ncustomer_id = \"customer\"\nordered_at = \"date\"\namount = \"amount\"";
    let person = "customer_id = \"id\"\nemail = \"email\"";
    let more = format!(
        "[sources.other]\npath = \"other.csv\"\n[sources.other.orders.columns]\n{order}\n\
         [sources.crm]\npath = \"crm.csv\"\n[sources.crm.customers.columns]\n{person}\n\
         [sources.news]\npath = \"news.csv\"\n[sources.news.customers.columns]\n{person}\n"
    );
    let project = Project::of(&[
        ("strata.toml", &format!("{MANIFEST}{more}")),
        ("orders.csv", ORDERS),
        ("other.csv", "id,customer,date,amount\no3,ben,2024-04-01,30\no4,ben,2024-05-01,40\n"),
        ("crm.csv", "id,email\nanna,anna@a.example\nben,ben@b.example\n"),
        ("news.csv", "id,email\nanna,another@a.example\nben,ben@b.example\n"),
    ]);
    check_rejected(
        &project,
        &[
            "news.csv,2,\"claims id anna, which source crm already holds for another e-mail\"",
            "other.csv,2,order o3 already came from source orders",
        ],
        &["anna", "ben"],
    );
    assert_eq!(
        project.sql("select customer_id, email from customers order by 1"),
        ["anna,anna@a.example", "ben,ben@b.example"]
    );
    assert_eq!(
        project.sql("select order_id, source from orders order by 1"),
        ["o1,orders", "o2,orders", "o3,orders", "o4,other"]
    );
}

#[test]
fn several_currencies_need_rates() {
    let project = Project::shop();
    project.edit("amount = \"amount\"", "amount = \"amount\"\ncurrency = \"currency\"");
    project.write(
        "orders.csv",
        "id,customer,date,amount,currency\no1,anna,2024-01-01,10,EUR\no2,ben,2024-01-02,10,USD\n",
    );
    project.strata(&["run"]).refused(
        "no rate",
        2,
        &["1 orders in USD", "counts in EUR", "[currencies]", "`USD = …`"],
    );
    project.append("strata.toml", "[currencies]\nUSD = 0.5\n");
    check_rejected(&project, &[], &["anna", "ben"]);
    assert_eq!(project.sql("select sum(amount) from orders"), ["15.0"]);
}

#[test]
fn the_instant_of_a_run_is_checked() {
    let project = Project::shop();
    for wrong in ["2024-13-01", "yesterday", "2024-06-01T10:00:00"] {
        project.strata(&["run", "--as-of", wrong]).refused(
            wrong,
            2,
            &[&format!("`{wrong}` is neither a date nor a time")],
        );
    }
    project.good(&["run"]);
    let before = project.sql("select run_id from membership limit 1");
    project.strata(&["run", "--as-of", "2024-03-15"]).refused(
        "back",
        5,
        &["2024-03-15", "lies before the last run's, 2024-06-01", "--rewind"],
    );
    assert_eq!(project.sql("select run_id from membership limit 1"), before);

    project.good(&["run", "--as-of", "2024-03-15", "--rewind"]);
    assert_eq!(project.sql("select distinct entered_at from membership"), ["2024-03-15 00:00:00"]);
    assert_eq!(project.sql("select customer_id from profile order by 1"), ["anna"]);
}

#[test]
fn without_a_project_or_a_run_there_is_nothing_to_ask() {
    let asking: [&[&str]; 7] = [
        &["sql", "select 1"],
        &["report"],
        &["export", "regulars"],
        &["segments", "list"],
        &["segments", "preview", "true"],
        &["segments", "coverage", "rfm"],
        &["segments", "diff"],
    ];
    let (nowhere, new) = (Project::of(&[]), Project::shop());
    for arguments in asking {
        nowhere.strata(arguments).refused("no project", 4, &["no project in", "strata.toml", "strata init"]);
        new.strata(arguments).refused("no run", 4, &["no complete run yet", "strata run"]);
    }
    nowhere.strata(&["run"]).refused("no project", 4, &["no project in"]);
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let project = Project::shop();
    project.good(&["run"]);
    let cases: [(&[&str], i32, &[&str]); 7] = [
        (&["sql", "drop table orders"], 2, &["only queries", "`DROP`"]),
        (&["sql", "insert into orders select * from orders"], 2, &["only queries", "`INSERT`"]),
        (&["sql", "copy orders to 'stolen.csv'"], 2, &["only queries"]),
        (&["sql", "select nothing from orders"], 2, &["nothing", "the tables are"]),
        (&["sql", "selec 1"], 2, &["cannot"]),
        (&["export", "regular"], 4, &["no segment `regular`", "did you mean `regulars`?"]),
        (&["export", "rfm/champion"], 4, &["no segment `rfm/champion`", "did you mean `rfm/champions`?"]),
    ];
    for (arguments, code, says) in cases {
        project.strata(arguments).refused(&arguments.join(" "), code, says);
    }
    assert_eq!(project.sql("select count(*) from orders"), ["3"]);
    assert!(!project.path("stolen.csv").exists());
}
