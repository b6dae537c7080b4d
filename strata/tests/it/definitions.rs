//! Definitions as code: their examples are tests, and their conditions have one form.

use super::project::{MANIFEST, ORDERS, Project};

/// A shop with one more segment, whose examples these are.
fn shop(condition: &str, examples: &str) -> Project {
    let project = Project::shop();
    let examples = examples.replace("[[example]]", "[[segments.tried.examples]]");
    project.append("strata.toml", format!("[segments.tried]\nwhere = \"\"\"{condition}\"\"\"\n{examples}"));
    project
}

fn good(condition: &str, examples: &str) {
    let project = shop(condition, examples);
    let n = examples.matches("[[example]]").count();
    let examples = if n == 1 { "example" } else { "examples" };
    let said = format!("{n} {examples} of segments: as expected\n");
    let found = project.good(&["check"]);
    assert!(found.contains(&said), "{condition}: no {said:?} in\n{found}");
}

fn bad(condition: &str, examples: &str, says: &[&str]) {
    shop(condition, examples).strata(&["check"]).refused(condition, 2, says);
}

#[test]
fn examples_are_evaluated_as_a_run_would() {
    good(
        "count(orders) >= 2 and max(orders.ordered_at) < as_of - interval '60 days' and country in ('DE', 'AT')",
        r#"
[[example]]
as_of = "2024-06-01"
customer = { country = "DE" }
orders = [{ ordered_at = "2024-01-03", amount = 20 }, { ordered_at = 2024-03-01, amount = 5 }]
member = true
[[example]]
as_of = "2024-06-01"
customer = { country = "DE" }
orders = [{ ordered_at = "2024-01-03", amount = 20 }]
member = false
[[example]]    # of no known country
as_of = "2024-06-01"
orders = [{ ordered_at = "2024-01-03" }, { ordered_at = "2024-01-04T10:00:00+02:00" }]
member = "undecided"
[[example]]    # without `as_of`, the latest order is of now
customer = { country = "DE" }
orders = [{ ordered_at = "2024-01-03" }, { ordered_at = "2024-01-04" }]
member = false
"#,
    );
    // Traits and other segments take part, events and windows, companies and lists of ids.
    good(
        "in_segment('regulars') or n_orders = 0 and count(events) filter (where name = 'Opened' and in_last('7 days')) = 1 \
         and company.industry = 'Retail'",
        r#"
[[example]]
orders = [{ ordered_at = "2024-01-03" }, { ordered_at = "2024-01-04" }]
member = true
[[example]]
events = [{ name = "Opened", occurred_at = "2024-01-01" }, { name = "Opened", occurred_at = "2024-01-09" }]
companies = [{ industry = "Retail" }]
member = true
[[example]]
events = [{ name = "Opened", occurred_at = "2024-01-08" }, { name = "Opened", occurred_at = "2024-01-09" }]
companies = [{ industry = "Retail" }]
member = false
"#,
    );
    // Equal ids are of different examples.
    good(
        "age > 30\"\"\"\ninclude = [\"one\"]\nexclude = [\"two\"]\ngoal = \"\"\"x",
        r#"
[[example]]
customer = { customer_id = "one" }
member = true
[[example]]
customer = { customer_id = "two", age = 31 }
member = false
[[example]]
customer = { customer_id = "one", age = 31 }
member = true
"#,
    );
}

#[test]
fn an_example_gives_its_scores() {
    good(
        "r_score = 5 and in_class('rfm', 'champions')",
        r#"
[[example]]
scores = { r_score = 5, f_score = 5, m_score = 5 }
orders = [{ ordered_at = "2024-01-03", amount = 20 }]
member = true
[[example]]
scores = { r_score = 1, f_score = 5, m_score = 5 }
orders = [{ ordered_at = "2024-01-03", amount = 20 }]
member = false
"#,
    );
    good("r_score = 5", "[[example]]\nmember = \"undecided\"\n");
    bad(
        "r_score = 5",
        "[[example]]\nscores = { r_scor = 5 }\nmember = true\n",
        &["no score `r_scor`", "`r_score`?"],
    );
}

#[test]
fn an_example_that_fails_says_why() {
    bad(
        "count(orders) >= 2 and city = 'Berlin' and not in_segment('regulars')",
        r#"
[[example]]
as_of = "2024-06-01"
orders = [{ ordered_at = "2024-01-03" }]
member = false
[[example]]
as_of = "2024-06-01T08:30:00Z"
orders = [{ ordered_at = "2024-01-03" }, { ordered_at = "2024-01-04" }]
member = true
"#,
        &[
            "segments.tried, example 2: expected a member, found not a member (as of 2024-06-01 08:30)\n",
            "  true     count(orders) >= 2\n",
            "  unknown  city = 'Berlin'\n",
            "  false    not in_segment('regulars')\n",
        ],
    );
    let both = "[[example]]\nmember = true\n[[example]]\ncustomer = { age = 31 }\nmember = \"undecided\"\n";
    bad(
        "age > 30",
        both,
        &[
            "segments.tried, example 1: expected a member, found undecided",
            "segments.tried, example 2: expected undecided, found a member",
        ],
    );
    bad(
        "age > 30",
        "[[example]]\nas_of = \"2024-01-01\"\ncustomer = { age = 31, created_at = \"2024-01-02\" }\nmember = true\n",
        &["expected a member, found not a member", "who is created later, and does not exist then"],
    );
}

#[test]
fn rows_that_no_table_could_have_are_refused() {
    for (example, says) in [
        ("customer = { age = \"old\" }", &["customers.age: \"old\" is not a whole number", "`3`"][..]),
        ("orders = [{ amount = 3 }]", &["a row of orders has no `ordered_at`", "docs/tables.md"]),
        ("orders = [{ ordered_at = \"soon\" }]", &["orders.ordered_at: \"soon\" is not a time"]),
        ("customer = { country = \"Austria\" }", &["no country is called \"Austria\"", "write `AT`"]),
        ("as_of = \"soon\"", &["`soon` is not an instant"]),
    ] {
        bad("age > 30", &format!("[[example]]\n{example}\nmember = true\n"), says);
    }
}

#[test]
fn files_are_formatted_and_nothing_else_in_them_changes() {
    let project = Project::shop();
    project.edit("where = \"count(orders) >= 2\"", "where = \"COUNT( orders )>=2\"   # twice");
    std::fs::create_dir(project.path("segments")).unwrap();
    let long = "count(orders) >= 5 AND max(orders.ordered_at) < as_of - interval '60 days' and (country='DE' or city='Wien')";
    project.write(
        "segments/more.toml",
        format!("# mine\n\n[segments.more]\nwhere='''{long}'''\ntitle   = 'More'\n"),
    );
    project.write("segments/said.toml", "[segments.said]\nwhere = \"\"\"\n  age>3 -- grown\n\"\"\"\n");

    let before = std::fs::read_to_string(project.path("strata.toml")).unwrap();
    project.strata(&["fmt", "--check"]).refused(
        "check",
        9,
        &["2 of 3 files would be formatted: strata.toml, segments/more.toml", "`strata fmt`"],
    );
    assert_eq!(std::fs::read_to_string(project.path("strata.toml")).unwrap(), before);

    let outcome = project.strata(&["fmt"]);
    assert_eq!(
        outcome.stdout,
        "strata.toml: formatted 1 condition\nsegments/more.toml: formatted 1 condition\n"
    );
    assert_eq!(outcome.stderr, "segments/said.toml:2:9: has a comment inside, and stays as it is\n");
    let after = std::fs::read_to_string(project.path("strata.toml")).unwrap();
    assert_eq!(after, before.replace("\"COUNT( orders )>=2\"", "\"count(orders) >= 2\""));
    assert_eq!(
        std::fs::read_to_string(project.path("segments/more.toml")).unwrap(),
        "# mine\n\n[segments.more]\nwhere=\"\"\"\n  count(orders) >= 5\n  and max(orders.ordered_at) < as_of - interval '60 days'\n  \
         and (country = 'DE' or city = 'Wien')\n\"\"\"\ntitle   = 'More'\n"
    );
    let again = project.good(&["fmt", "--check"]);
    assert_eq!(again, "3 conditions in 3 files: nothing to format\n");

    // All or nothing.
    project.edit("count(orders) >= 2", "COUNT(orders) >= 2");
    project.write("segments/wrong.toml", "[segments.wrong]\nwhere = \"age >\"\n");
    project.strata(&["fmt"]).refused("wrong", 2, &["segments/wrong.toml:2:15", "expected a value"]);
    assert!(std::fs::read_to_string(project.path("strata.toml")).unwrap().contains("COUNT(orders)"));
    Project::of(&[("orders.csv", ORDERS)]).strata(&["fmt"]).refused("none", 4, &["no project in"]);
    let bare = Project::of(&[("strata.toml", MANIFEST)]);
    assert_eq!(bare.good(&["fmt"]), "1 condition in 1 file: nothing to format\n");
}
