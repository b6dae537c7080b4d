//! Definitions as code: their examples are tests, and their conditions have one form.

use super::project::{MANIFEST, ORDERS, Project};

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
