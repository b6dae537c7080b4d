//! Customers held against a market, with numbers computed by hand.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use strata_pipeline::check;
use strata_pipeline::error::Error;
use strata_pipeline::market::{self, MarketIndex};
use strata_pipeline::project::Project;
use strata_pipeline::run::{Options, Session, run};

use crate::support::{Trial, number, tables, text};

const AS_OF: &str = "2026-01-01";

const SHOP: &str = r#"
[project]
title = "Shop"
[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
country = "country"
age = "age"
[sources.orders]
path = "orders.csv"
[sources.orders.orders.columns]
order_id = "id"
customer_id = "customer"
ordered_at = "at"
amount = "amount"

[segmentations.generation_by_age]
classes = [
    { name = "young", where = "age_years < 30" },
    { name = "old", where = "age_years >= 30" },
]
[segmentations.german]
classes = [
    { name = "german_young", where = "in_class('generation_by_age', 'young') and country = 'DE'" },
    { name = "others", where = "country is not null" },
]
[segments.germans]
where = "country = 'DE'"
[segments.young_buyers]
where = "age_years < 30 and n_orders >= 1"
"#;

/// A market of 1,000: 300 young Germans, 200 old ones, 100 young Austrians, 300 old ones, and 100 Germans of no age.
const CELLS: &str = "nation,age band,people\n\
    Germany,18-29,300\n\
    Deutschland,30-64,200\n\
    AUT,18-29,100\n\
    Österreich,30-64,300\n\
    DE,,100\n";

const MARKET: &str = r#"
[market]
path = "market.csv"
count = "people"
[market.columns]
country = "nation"
age = { sql = "case \"age band\" when '18-29' then 24 when '30-64' then 47 end" }
"#;

/// 40 customers: 20 young Germans, 4 old ones, 10 young Austrians, 4 old ones, and 2 Germans of no age.
fn shop(market: &str) -> Trial {
    let trial = Trial::new(&format!("{SHOP}{market}"));
    let mut people = "id,country,age\n".to_owned();
    let groups = [("DE", "25", 20), ("DE", "50", 4), ("AT", "25", 10), ("AT", "50", 4), ("DE", "", 2)];
    for (country, age, n) in groups {
        for each in 0..n {
            writeln!(people, "{country}{age}-{each},{country},{age}").unwrap();
        }
    }
    trial.write("people.csv", &people);
    trial.write("orders.csv", "id,customer,at,amount\n1,DE25-0,2025-03-01,10\n2,AT50-1,2025-04-01,20\n");
    trial.write("market.csv", CELLS);
    trial
}

async fn index(trial: &Trial) -> MarketIndex {
    let mut markets = market::read(&trial.view().await).await.unwrap();
    assert_eq!(markets.len(), 1);
    markets.remove(0)
}

async fn rows_of(trial: &Trial, division: &str) -> Vec<Map<String, Value>> {
    trial
        .ask(&format!(
            "select * from market_index where coalesce(segmentation, segment) = '{division}' order by position"
        ))
        .await
}

async fn failure(trial: &Trial) -> Error {
    let project = match Project::open(trial.folder()) {
        Ok(project) => project,
        Err(error) => return error,
    };
    let options = Options { as_of: project.instant(AS_OF).unwrap(), ..Options::default() };
    run(project, options, std::sync::Arc::new(|_| ())).await.unwrap_err()
}

/// Everything that an error says.
fn said(error: &Error) -> String {
    let mut said = format!("{error}\n{}", error.hint().unwrap_or_default());
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        write!(said, "\n{next}").unwrap();
        cause = next.source();
    }
    said
}

fn close(row: &Map<String, Value>, column: &str, expected: f64) {
    let found = number(row, column);
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{column} is {found}, not {expected}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_of_a_market_are_put_into_the_classes_of_customers() {
    let trial = shop(MARKET);
    trial.run(AS_OF, &Session::default()).await;
    let rows = rows_of(&trial, "generation_by_age").await;
    assert_eq!(rows.iter().map(|row| text(row, "segment")).collect::<Vec<_>>(), ["young", "old"]);
    // 400 of 900 in the market, 30 of 38 customers; 100 of the market and 2 customers have no age.
    let young = &rows[0];
    for (column, expected) in [
        ("n_market", 400.0),
        ("share_market", 400.0 / 900.0),
        ("n_customers", 30.0),
        ("share_customers", 30.0 / 38.0),
        ("index", 100.0 * (30.0 / 38.0) / (400.0 / 900.0)),
        ("penetration", 0.075),
        ("n_potential", 0.0),
        ("n_not_reached", 370.0),
        ("n_market_assigned", 900.0),
        ("n_customers_assigned", 38.0),
        ("n_market_unassigned", 100.0),
        ("n_customers_unassigned", 2.0),
    ] {
        close(young, column, expected);
    }
    // Wilson: 30 of 38 is 63.654 % to 88.925 %; over 44.444 %.
    assert!((number(young, "index_low") - 143.22).abs() < 0.01, "{}", young["index_low"]);
    assert!((number(young, "index_high") - 200.08).abs() < 0.01, "{}", young["index_high"]);
    // As reached as the whole is, 500 people would hold 500 · 38 / 900 customers: 13.1 more than the 8 there are.
    close(&rows[1], "n_potential", 500.0 * 38.0 / 900.0 - 8.0);
    close(&rows[1], "penetration", 8.0 / 500.0);

    // Countries are named as sources name them, and a class by its value is the same on both sides.
    let rows = rows_of(&trial, "country").await;
    let countries: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "segment"), number(row, "n_market"), number(row, "n_customers")))
        .collect();
    assert_eq!(countries, [("DE", 600.0, 26.0), ("AT", 400.0, 14.0)]);

    // Through another segmentation; and a segment, of all of whom it is known.
    let rows = rows_of(&trial, "german").await;
    assert_eq!((number(&rows[0], "n_market"), number(&rows[0], "n_customers")), (300.0, 20.0));
    let rows = rows_of(&trial, "germans").await;
    assert_eq!(rows[0]["segmentation"], Value::Null);
    close(&rows[0], "index", 100.0 * (26.0 / 40.0) / (600.0 / 1000.0));
}

/// What the market's side calls a class's customers is what the stage `segment` found of them.
#[tokio::test(flavor = "multi_thread")]
async fn customers_are_counted_as_memberships_are() {
    let trial = shop(MARKET);
    trial.run(AS_OF, &Session { worth_dividing: Some(10), ..Session::default() }).await;
    let differing = trial
        .ask(
            "select i.segment from market_index i join segment s on s.segment = i.segment \
             and coalesce(s.segmentation, '') = coalesce(i.segmentation, '') where s.n_members <> i.n_customers",
        )
        .await;
    assert_eq!(differing, Vec::<Map<String, Value>>::new());
    let n = trial.ask_one("select count(*) as n, count(distinct segmentation) as m from market_index").await;
    assert!(number(&n, "n") > 8.0 && number(&n, "m") > 3.0, "{n:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_of_more_than_a_market_has_is_left_out_with_the_reason() {
    let trial = shop(MARKET);
    trial.run(AS_OF, &Session::default()).await;
    let index = index(&trial).await;
    let reason = |name: &str| {
        let left_out = index.left_out.iter().find(|left_out| left_out.name == name);
        left_out.map(|left_out| left_out.reason.clone())
    };
    assert_eq!(reason("young_buyers").as_deref(), Some("it uses `n_orders`: no row has orders"));
    assert!(reason("rfm").is_some_and(|reason| reason.contains("ranks customers among each other")));
    assert_eq!(reason("germans"), None);
    let asked = market::only(vec![index.clone()], &["young_buyers".to_owned()]).unwrap_err();
    assert!(said(&asked).contains("n_orders"), "{asked}");
    let unknown = market::only(vec![index], &["german_s".to_owned()]).unwrap_err();
    assert!(said(&unknown).contains("did you mean `german"), "{unknown}");
}

/// Of own definitions too: ids, places among all, and columns that the market lacks.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_market_is_nobody_in_particular() {
    let own = r#"
[segments.a_tenth]
where = "bucket('a') < 0.1"
[segments.oldest]
where = "percent_rank(age) >= 0.9"
[segments.of_the_north]
where = "latitude > 54"
[segments.lately_german]
where = "was(country, 'DE', in_last('30 days'))"
"#;
    let trial = shop(&format!("{MARKET}{own}"));
    trial.run(AS_OF, &Session::default()).await;
    let index = index(&trial).await;
    for name in ["a_tenth", "oldest", "of_the_north", "lately_german"] {
        assert!(index.left_out.iter().any(|left_out| left_out.name == name), "{name}: {:?}", index.left_out);
        assert!(!index.divisions.iter().any(|division| division.name == name));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_used_are_refused_with_the_reason() {
    let trial = shop(MARKET);
    trial.write(
        "market.csv",
        "nation,age band,people\nDE,18-29,300\nDE,30-64,-5\nAT,18-29,many\nAT,30-64,\nFR,18-29,0.5\n",
    );
    let run = trial.run(AS_OF, &Session::default()).await;
    assert_eq!(
        run.summaries["canonical"].warnings,
        [
            "market `market`: 3 rows were refused: n_market is missing (1), n_market is negative (1), n_market is not a number (1)"
        ]
    );
    let rows = trial
        .ask("select source, \"table\", file, line, reason from rejected where source = 'market' order by line")
        .await;
    let found: Vec<_> = rows.iter().map(|row| (number(row, "line"), text(row, "reason"))).collect();
    assert_eq!(
        found,
        [
            (3.0, "n_market is negative: -5.0"),
            (4.0, "n_market is not a number: `many`"),
            (5.0, "n_market is missing"),
        ]
    );
    assert_eq!((text(&rows[0], "table"), text(&rows[0], "file")), ("market", "market.csv"));
    let all = trial.ask("select country, age, n_market from market order by country").await;
    assert_eq!(all.len(), 2);
    assert_eq!((text(&all[0], "country"), number(&all[1], "n_market")), ("DE", 0.5));
    assert_eq!(index(&trial).await.n_market, 300.5);
}

/// An age that is no age makes a cell one of no age, which is told.
#[tokio::test(flavor = "multi_thread")]
async fn values_that_cannot_be_used_are_dropped_and_told() {
    let trial = shop(&MARKET.replace("then 24", "then 24.5"));
    let run = trial.run(AS_OF, &Session::default()).await;
    assert_eq!(
        run.summaries["canonical"].warnings,
        ["market `market`: 2 rows were kept without a value: age is not a whole number (2)"]
    );
    let dropped = trial.ask("select reason from rejected where source = 'market'").await;
    assert_eq!(dropped.len(), 2);
    assert_eq!(text(&dropped[0], "reason"), "value dropped: age is not a whole number: `24.5`");
    let rows = rows_of(&trial, "generation_by_age").await;
    assert_eq!(number(&rows[0], "n_market_unassigned"), 500.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_an_error_with_its_place_and_a_hint() {
    let replaced = |from: &str, to: &str| MARKET.replace(from, to);
    let cases = [
        (replaced("market.csv", "markt.csv"), "", &["market `market`", "did you mean market.csv?"][..]),
        (replaced("\"nation\"", "\"nations\""), "", &["market.columns.country", "did you mean `nation`?"]),
        (replaced("\"people\"", "\"peoples\""), "", &["market.count", "did you mean `people`?"]),
        (replaced("country =", "customer_id ="), "", &["strata.toml:", "nobody in it is known"]),
        (replaced("country =", "contry ="), "", &["did you mean `country`?"]),
        (replaced("count =", "counts ="), "", &["unknown key `counts`", "did you mean `count`?"]),
        (replaced("count =", "subject = \"people\"\ncount ="), "", &["cannot be `people`"]),
        (
            replaced("count =", "among = \"n_orders > 0\"\ncount ="),
            "",
            &["market.among", "no row has orders"],
        ),
        (replaced("count =", "among = \"contry = 'DE'\"\ncount ="), "", &["did you mean `country`?"]),
        ("[market]\npath = \"market.csv\"\n".to_owned(), "", &["maps no column", "country"]),
        ("[market]\npath = \"market.csv\"\ncolumns = {}\n".to_owned(), "", &["names no column"]),
        (MARKET.to_owned(), "nation,age band,people\n", &["no row that can be used", "no rows"]),
        (
            MARKET.to_owned(),
            "nation,age band,people\nDE,,-1\n",
            &["no row that can be used", "n_market is negative"],
        ),
        (MARKET.replace("[market", "[markets.index"), "", &["a market cannot be called `index`"]),
        (MARKET.replace("[market", "[markets.Dach"), "", &["cannot be the name of a market"]),
        (
            MARKET.replace("[market", "[markets.dach").replace("\"nation\"", "\"nations\""),
            "",
            &["markets.dach.columns.country", "market `dach`"],
        ),
        (
            format!(
                "{MARKET}[sources.market]\npath = \"people.csv\"\n[sources.market.customers.columns]\ncustomer_id = \"id\"\n"
            ),
            "",
            &["a source is called `market`"],
        ),
    ];
    for (manifest, file, expected) in cases {
        let trial = shop(&manifest);
        if !file.is_empty() {
            trial.write("market.csv", file);
        }
        let said = said(&failure(&trial).await);
        for part in expected {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_another_when_the_market_is_and_the_same_when_it_is_the_same() {
    let trial = shop(MARKET);
    let first = trial.run(AS_OF, &Session::default()).await;
    let rows = tables(&trial, &first).await;
    let again = trial.run(AS_OF, &Session { partitions: Some(3), ..Session::default() }).await;
    assert_eq!(first.run_id, again.run_id);
    assert_eq!(tables(&trial, &again).await["market_index"], rows["market_index"]);
    assert_eq!(tables(&trial, &again).await["market"], rows["market"]);

    trial.write("market.csv", &CELLS.replace("300", "301"));
    let other = trial.run(AS_OF, &Session::default()).await;
    assert_ne!(first.run_id, other.run_id);
    assert_ne!(tables(&trial, &other).await["market_index"], rows["market_index"]);

    // A market that the project has no more leaves no table behind.
    trial.write("strata.toml", SHOP);
    let without = trial.run(AS_OF, &Session::default()).await;
    assert!(!without.tables.contains_key("market_index") && !without.tables.contains_key("market"));
    let none = market::read(&trial.view().await).await.unwrap_err();
    assert!(said(&none).contains("docs/market.md"), "{none}");
}

/// Several markets, one row a person, of whom only some customers are: those among them are held against each.
#[tokio::test(flavor = "multi_thread")]
async fn customers_outside_of_a_market_are_not_held_against_it() {
    let markets = r#"
[markets.austria]
path = "austria.jsonl"
among = "country = 'AT'"
columns = { age = "years" }
[markets.all]
path = "market.csv"
count = "people"
columns = { country = "nation" }
"#;
    let trial = shop(markets);
    let people: String = [20, 25, 40, 50, 60].map(|age| format!("{{\"years\": {age}}}\n")).concat();
    trial.write("austria.jsonl", &people);
    trial.run(AS_OF, &Session::default()).await;
    let markets = market::read(&trial.view().await).await.unwrap();
    assert_eq!(markets.iter().map(|market| market.name.as_str()).collect::<Vec<_>>(), ["austria", "all"]);
    let ages = markets[0].divisions.iter().find(|division| division.name == "generation_by_age").unwrap();
    assert_eq!((ages.assigned.n_market, ages.assigned.n_customers), (5.0, 14.0));
    let young = ages.measures(&ages.classes[0]);
    assert!((young.index.unwrap() - 100.0 * (10.0 / 14.0) / (2.0 / 5.0)).abs() < 1e-9);
    // More customers than market: the two are not counted alike, and that is said.
    assert!(market::sentences(&markets[0]).iter().any(|sentence| sentence.contains("counted alike")));
    let rows = trial.ask("select place, age, n_market from market_austria order by age").await;
    assert_eq!((rows.len(), text(&rows[0], "place")), (5, "austria.jsonl:1"));
    assert_eq!((number(&rows[0], "age"), number(&rows[0], "n_market")), (20.0, 1.0));
    let sound = check::definitions(&trial.project()).unwrap();
    assert_eq!(sound.markets, [("austria".to_owned(), 5), ("all".to_owned(), 5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_held_against_a_market_of_companies() {
    let trial = Trial::new(
        r#"
[project]
title = "B2B"
[sources.accounts]
path = "accounts.csv"
[sources.accounts.companies.columns]
company_id = "id"
industry = "sector"
n_employees = "employees"
[market]
path = "market.csv"
subject = "companies"
count = "companies"
where = "kind = 'active'"
columns = { industry = "branch", n_employees = "staff" }
"#,
    );
    trial.write("accounts.csv", "id,sector,employees\na,retail,5\nb,retail,500\nc,media,20\n");
    trial.write(
        "market.csv",
        "branch,staff,companies,kind\nretail,5,100,active\nretail,600,20,active\nmedia,10,80,active\nmedia,10,999,closed\n",
    );
    trial.run(AS_OF, &Session::default()).await;
    let rows = rows_of(&trial, "industry").await;
    let retail = &rows[0];
    assert_eq!((text(retail, "segment"), text(retail, "subject")), ("retail", "companies"));
    close(retail, "n_market", 120.0);
    close(retail, "index", 100.0 * (2.0 / 3.0) / (120.0 / 200.0));
    close(retail, "penetration", 2.0 / 120.0);
    assert!(!rows_of(&trial, "company_size").await.is_empty());
}

/// The example of a brand development index in Farris, Bendle, Pfeifer & Reibstein, *Marketing Metrics* (2006), section 2.3:
/// Oaties sells a packet a week to every 100th childless household and to every 80th household of all, an index of 0.8.
#[tokio::test(flavor = "multi_thread")]
async fn brand_development_index_of_marketing_metrics() {
    let trial = Trial::new(
        r#"
[project]
title = "Oaties"
[sources.households]
path = "households.csv"
[sources.households.customers.columns]
customer_id = "id"
n_children = "children"
[market]
path = "market.csv"
count = "n"
columns = { n_children = "children" }
[segmentations.childless]
classes = [
    { name = "childless", where = "n_children = 0" },
    { name = "with_children", where = "n_children > 0" },
]
"#,
    );
    trial.write("market.csv", "children,n\n0,6000\n2,4000\n");
    let mut buyers = "id,children\n".to_owned();
    (0..125).for_each(|each| writeln!(buyers, "{each},{}", if each < 60 { 0 } else { 1 }).unwrap());
    trial.write("households.csv", &buyers);
    trial.run(AS_OF, &Session::default()).await;
    let rows = rows_of(&trial, "childless").await;
    close(&rows[0], "index", 80.0);
    close(&rows[0], "penetration", 1.0 / 100.0);
}

#[cfg(feature = "cluster")]
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_says_what_is_said_embedded() {
    let trial = shop(MARKET);
    let in_parts = Session { worth_dividing: Some(1), ..Session::default() };
    let complete = trial.run(AS_OF, &in_parts).await;
    let embedded = tables(&trial, &complete).await;
    std::fs::remove_dir_all(trial.project().lake_path()).unwrap();
    let standalone = Session { mode: strata_pipeline::Mode::Standalone, ..in_parts };
    let complete = trial.run(AS_OF, &standalone).await;
    let cluster = tables(&trial, &complete).await;
    for table in ["market", "market_index", "rejected"] {
        assert_eq!(embedded[table], cluster[table], "{table}");
    }
}
