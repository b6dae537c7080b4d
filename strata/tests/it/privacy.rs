//! What law and decency ask of whoever profiles: an objection counts at once, and nobody is told apart by what is of groups only.

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[properties.customers]
profiling_consent = "boolean"

[sources.people]
path = "people.csv"

[sources.people.customers.columns]
customer_id = "id"
country = "country"
profiling_consent = "consent"

[sources.orders]
path = "orders.csv"

[sources.orders.orders.columns]
order_id = "order"
customer_id = "who"
ordered_at = "when"
amount = "amount"

[segments.buyers]
where = "count(orders) >= 1"
"#;

const ORDERS: &str =
    "order,who,when,amount\no1,anna,2024-03-01,10\no2,ben,2024-03-01,10\no3,carl,2024-03-01,10\n";

fn shop(of_ben: &str) -> Project {
    let people = format!("id,country,consent\nanna,DE,true\nben,DE,{of_ben}\ncarl,FR,\n");
    Project::of(&[("strata.toml", MANIFEST), ("people.csv", &people), ("orders.csv", ORDERS)])
}

#[test]
fn whoever_objects_to_profiling_leaves_all_segments_at_once() {
    let project = shop("");
    project.good(&["run"]);
    let members = "select subject_id from membership where segment = 'buyers' and left_at is null order by 1";
    assert_eq!(project.sql(members), ["anna", "ben", "carl"]);
    project.write("people.csv", "id,country,consent\nanna,DE,true\nben,DE,false\ncarl,FR,\n");
    project.good(&["run"]);
    // Consent that was given, and none that was asked for, are no objection.
    assert_eq!(project.sql(members), ["anna", "carl"]);
    for table in ["profile", "score"] {
        let query = format!("select customer_id from {table} order by 1");
        assert_eq!(project.sql(&query), ["anna", "carl"], "{table}");
    }
    let of_ben = "select count(*) from membership where subject_id = 'ben' and left_at is null";
    assert_eq!(project.sql(of_ben), ["0"]);
    // Nor would he be in a new definition, at any date.
    let preview = project.good(&["segments", "preview", "count(orders) >= 1", "--json"]);
    assert!(!preview.contains("ben"), "{preview}");
    let replayed = project.good(&[
        "segments",
        "replay",
        "count(orders) >= 1",
        "--from",
        "2024-05-01",
        "--to",
        "2024-06-01",
        "--json",
    ]);
    let replayed: serde_json::Value = serde_json::from_str(&replayed).unwrap();
    assert!(
        replayed.to_string().contains("\"n_members\":2") && !replayed.to_string().contains("\"n_members\":3"),
        "{replayed}"
    );
}

#[test]
fn an_objection_is_true_or_false() {
    let project = shop("");
    project.edit("profiling_consent = \"boolean\"", "profiling_consent = \"text\"");
    project.strata(&["check"]).refused("a text", 2, &["profiling_consent", "boolean"]);
}

const ASKED: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[sources.form]
path = "form.csv"

[sources.form.responses]
questions = "rest"

[sources.form.responses.columns]
customer_id = "who"
answered_at = "when"
response_id = "form"

[sources.people]
path = "form.csv"

[sources.people.customers.columns]
customer_id = "who"

[surveys.traits]
instrument = "traits-adjectives-40"
[surveys.attitudes]
instrument = "attitudes-24-cc0"

[segments.of_few]
where = "attitudes_price_consciousness >= 4"
[segments.of_many]
where = "attitudes_price_consciousness < 4"
"#;

#[test]
fn no_list_says_what_few_have_answered_or_how_somebody_feels() {
    let instrument = strata_pipeline::spec::survey::Instrument::find("traits-adjectives-40").unwrap();
    let items: Vec<String> = instrument.rating().unwrap().items.iter().map(|item| item.id.clone()).collect();
    let mut form = format!("form,who,when,att_pri1,att_pri2,att_pri3,{}\n", items.join(","));
    for n in 0..20 {
        let price = if n < 3 { "5,5,1" } else { "2,2,4" };
        form.push_str(&format!("f{n},c{n},2024-03-01,{price},{}\n", vec!["3"; items.len()].join(",")));
    }
    let project = Project::of(&[("strata.toml", ASKED), ("form.csv", &form)]);
    project.good(&["run"]);
    let known = project.sql("select count(traits_neuroticism) from profile");
    assert_eq!(known, ["20"]);
    let listed = project.good(&["export", "of_many"]);
    let header = listed.lines().next().unwrap();
    assert!(header.contains("traits_extraversion") && !header.contains("neuroticism"), "{header}");
    assert_eq!(listed.lines().count(), 18);
    project.strata(&["export", "of_few"]).refused(
        "of three people",
        2,
        &["`of_few` has 3 members and hangs on `attitudes_price_consciousness`"],
    );
}
