//! Segments before they are saved: previews, what an edit would change, who uses what, how it is computed, and who is covered.

use serde_json::{Value, json};

use super::project::{MANIFEST, ORDERS, Project};

/// The shop with what is known of its people: of Ben no city, and of Carl and Dora no orders.
fn shop(more: &str) -> Project {
    let people = "\n[sources.people]\npath = \"people.csv\"\n[sources.people.customers.columns]\n\
                  customer_id = \"id\"\ncity = \"city\"\n\n";
    let project = Project::of(&[
        ("strata.toml", &format!("{MANIFEST}{people}{more}")),
        ("orders.csv", ORDERS),
        ("people.csv", "id,city\nanna,Berlin\nben,\ncarl,Berlin\ndora,Hamburg\n"),
    ]);
    project.good(&["run"]);
    project
}

fn asked(project: &Project, arguments: &[&str]) -> Value {
    let arguments = [&["segments"], arguments, &["--json"]].concat();
    serde_json::from_str(&project.good(&arguments)).unwrap()
}

#[test]
fn a_preview_counts_members_clauses_and_the_undecided() {
    let project = shop("");
    let preview = asked(&project, &["preview", "COUNT(orders) >= 1 and city = 'Berlin'"]);
    assert_eq!(
        preview,
        json!({
            "subject": "customers",
            "as_of": "2024-06-01T00:00:00+00:00",
            "condition": "count(orders) >= 1 and city = 'Berlin'",
            "sentence": "placed at least one order, and city is Berlin",
            "n_subjects": 4,
            "n_members": 1,
            "n_undecided": 1,
            "clauses": [
                {
                    "condition": "count(orders) >= 1", "sentence": "placed at least one order",
                    "n_alone": 2, "n_undecided": 0, "n_removed": 2, "n_left": 2,
                },
                {
                    "condition": "city = 'Berlin'", "sentence": "city is Berlin",
                    "n_alone": 2, "n_undecided": 1, "n_removed": 1, "n_left": 1,
                },
            ],
            "sample": [{
                "customer_id": "anna", "count(orders)": 2, "city": "Berlin",
                "n_orders": 2, "revenue": 30.0, "days_since_last_order": 92,
            }],
            "scanned": [],
        })
    );
    let shown = project.good(&["segments", "preview", "count(orders) >= 1 and city = 'Berlin'"]);
    assert_eq!(
        shown,
        "\
placed at least one order, and city is Berlin

members    1 of 4 customers, 25.0 %
undecided  1 for want of data

alone  removed  left  clause
─────  ───────  ────
                   4  all customers
    2        2     2  placed at least one order
                        count(orders) >= 1
    2        1     1  city is Berlin
                        city = 'Berlin'
                        1 undecided

customer_id  count(orders)  city    n_orders  revenue  days_since_last_order
───────────  ─────────────  ──────  ────────  ───────  ─────────────────────
anna                     2  Berlin         2     30.0                     92
"
    );
}

#[test]
fn a_preview_takes_what_a_run_has_stored_and_scans_the_rest() {
    let project = shop("[traits.dear_orders]\nvalue = \"count(orders) filter (where amount >= 20)\"\n");
    let found = |condition: &str| {
        let preview = asked(&project, &["preview", condition]);
        (preview["n_members"].clone(), preview["scanned"].clone())
    };
    // The figure of a segment, a trait, a score and a class.
    for stored in ["count(orders) = 2", "dear_orders = 1 and n_orders = 2", "r_score >= 1 and n_orders = 2"] {
        assert_eq!(found(stored), (json!(1), json!([])), "{stored}");
    }
    assert_eq!(found("in_segment('regulars') and not in_class('rfm', 'unassigned')"), (json!(1), json!([])));
    // A trait that is a figure has it; the figures of others are not carried, and new ones cannot be.
    assert_eq!(
        found("count(orders) filter (where amount >= 20) = 1 and sum(orders.amount) = 30.0"),
        (json!(2), json!([]))
    );
    let scanned = json!(["orders"]);
    assert_eq!(found("sum(orders.amount) filter (where amount >= 20) >= 30"), (json!(1), scanned.clone()));

    // The stored column has what the trait meant then.
    project.edit("where amount >= 20", "where amount >= 30");
    assert_eq!(found("dear_orders = 1"), (json!(1), scanned.clone()));
    assert_eq!(asked(&project, &["preview", "dear_orders = 1"])["sample"][0]["customer_id"], "ben");
    assert_eq!(found("n_orders = 2"), (json!(1), json!([])));
    // Days are counted in another time zone now.
    project.edit("currency = \"EUR\"", "currency = \"EUR\"\ntimezone = \"Europe/Berlin\"");
    assert_eq!(found("n_orders = 2"), (json!(1), scanned));
}

#[test]
fn a_preview_of_the_past_has_no_later_rows() {
    let project = shop("");
    let preview = asked(&project, &["preview", "count(orders) >= 1", "--as-of", "2024-02-01"]);
    assert_eq!((&preview["n_members"], &preview["sample"][0]["customer_id"]), (&json!(1), &json!("anna")));
    assert_eq!(preview["sample"][0]["count(orders)"], 1);
    let recent = ["preview", "r_score >= 1 and count(orders) filter (where in_last('40 days')) = 1"];
    assert_eq!(asked(&project, &recent)["n_members"], 0);
    assert_eq!(asked(&project, &[&recent[..], &["--as-of", "2024-04-02"]].concat())["n_members"], 2);
    project.strata(&["segments", "preview", "true", "--as-of", "2024-06-02"]).refused(
        "later",
        2,
        &["2024-06-02", "lies after the last run's instant, 2024-06-01", "strata run --as-of"],
    );
}

#[test]
fn a_preview_of_companies_is_about_companies() {
    let accounts = "[sources.accounts]\npath = \"accounts.csv\"\n[sources.accounts.companies.columns]\n\
                    company_id = \"id\"\nname = \"name\"\nindustry = \"industry\"\n";
    let project = Project::of(&[
        ("strata.toml", &format!("{MANIFEST}{accounts}")),
        ("orders.csv", ORDERS),
        ("accounts.csv", "id,name,industry\nA,Acme,Retail\nB,Bolt,Steel\nC,Coop,\n"),
    ]);
    project.good(&["run"]);
    let preview = asked(&project, &["preview", "industry <> 'Steel'", "--subject", "companies"]);
    assert_eq!((&preview["n_members"], &preview["n_undecided"]), (&json!(1), &json!(1)));
    assert_eq!(preview["sample"][0]["name"], "Acme");
    shop("").strata(&["segments", "preview", "true", "--subject", "companies"]).refused(
        "no companies",
        4,
        &["the last run knew no companies"],
    );
}

#[test]
fn a_condition_that_cannot_be_is_refused_with_its_place() {
    let project = shop("");
    let cases: [(&str, &[&str]); 16] = [
        (
            "contry = 'DE'",
            &["condition:1:1: customers has no column", "\n  | contry = 'DE'\n  | ^\n", "`country`?"],
        ),
        (
            "n_orders >= 1\nand in_segment('regular')",
            &["condition:2:5", "no segment `regular`", "`regulars`?"],
        ),
        ("in_class('rfm', 'champion')", &["has no class `champion`", "`champions`?"]),
        ("n_orders >=", &["condition:1:12: expected a value"]),
        ("country = 'Germany'", &["no country is called `Germany`", "`'DE'`"]),
        (
            "n_orders >= 1 and\n  n_orders = 'two'",
            &[
                "condition:2:3: in `n_orders`",
                "a number cannot be compared with a text\n  | ",
                "'two'\n  |   ^\nhint: ",
            ],
        ),
        ("'two' > 1", &["condition:1:1: ", "\n  | 'two' > 1\n  | ^\nhint: "]),
        (
            "sum(orders.channel) > 1",
            &["1:1: `sum` needs a number and was given a text\n  | sum", "^\nhint: write `sum("],
        ),
        ("avg(orders.channel) > 1", &["`avg` needs a number", "hint: write `avg("]),
        ("n_orders in (1, 'x')", &["1:1: in `n_orders` and `'x'`", "^\nhint: "]),
        ("in_last(city, '3 days')", &["1:9: a window needs a time, not a text", "^\nhint: "]),
        ("interval '3 days' > 5", &["`interval '3 days'` is a length of time, not a value", "^\nhint: "]),
        ("nullif(city, 5) = 'x'", &["1:1: a text cannot be compared with a number", "^\nhint: "]),
        ("created_at < as_of - interval '300000 years'", &["1:1: the time lies outside", "^\nhint: "]),
        ("city", &["1:1: `city` is a text, not a condition", "^\nhint: "]),
        ("city like '\u{1b}[31m' and contry = 1", &["\n  | city like '\u{fffd}[31m' and contry"]),
    ];
    for (condition, says) in cases {
        project.strata(&["segments", "preview", condition]).refused(condition, 2, says);
    }
    // Said once, and in a file at its line.
    let said = project.strata(&["segments", "preview", "sum(orders.channel) > 1"]).stderr;
    assert_eq!(said.matches("needs a number").count(), 1, "{said}");
    project.append("strata.toml", "[segments.odd]\nwhere = \"\"\"\nn_orders > 1\nand city > 5\"\"\"\n");
    for arguments in [&["check"][..], &["segments", "diff"], &["segments", "explain-plan", "odd"]] {
        project.strata(arguments).refused(
            "a definition",
            2,
            &[
                "strata.toml:",
                "segments.odd.where: in `city` and `5`",
                "\n  | and city > 5",
                "\n  |     ^\nhint: ",
            ],
        );
    }
    project.edit("[segments.odd]\nwhere = \"\"\"\nn_orders > 1\nand city > 5\"\"\"\n", "");
    // A column that the sources have been mapped to since.
    project.edit("city = \"city\"", "city = \"city\"\ntier = \"tier\"");
    project.append("strata.toml", "[properties.customers]\ntier = \"text\"\n");
    project.strata(&["segments", "preview", "tier = 'gold'"]).refused(
        "mapped since",
        4,
        &["the last run knew no column `tier` of customers", "strata run"],
    );
}

#[test]
fn a_diff_says_who_would_enter_and_leave() {
    let project = shop(
        "[traits.dear_orders]\nvalue = \"count(orders) filter (where amount >= 20)\"\n\
         [segments.spenders]\nwhere = \"dear_orders >= 1\"\n[segments.gone]\nwhere = \"city = 'Berlin'\"\n\
         [segments.steady]\nwhere = \"dear_orders >= 0\"\n\
         [[segmentations.buying.classes]]\nname = \"often\"\nwhere = \"n_orders >= 2\"\n\
         [[segmentations.buying.classes]]\nname = \"once\"\nwhere = \"n_orders >= 1\"\n",
    );
    let nothing = asked(&project, &["diff"]);
    assert_eq!((&nothing["changes"], &nothing["n_unmoved"]), (&json!([]), &json!(0)));

    project.edit("where = \"count(orders) >= 2\"", "where = \"COUNT( orders ) >= 1\"\nexclude = [\"anna\"]");
    project.edit("where amount >= 20", "where amount >= 30");
    project.edit(
        "[segments.gone]\nwhere = \"city = 'Berlin'\"",
        "[segments.late]\nwhere = \"city = 'Hamburg'\"",
    );
    project.edit("where = \"n_orders >= 2\"", "where = \"n_orders >= 1\"");
    let diff = asked(&project, &["diff"]);
    let shown: Vec<Value> = diff["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| json!([change["name"], change["kind"], change["change"], change["through"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!(["gone", "segment", "removed", []]),
            json!(["late", "segment", "new", []]),
            json!(["regulars", "segment", "changed", []]),
            json!(["spenders", "segment", "through", ["dear_orders"]]),
            json!(["buying", "segmentation", "changed", []]),
        ]
    );
    assert_eq!(diff["n_unmoved"], 1, "steady");
    let text = project.good(&["segments", "diff"]);
    let (table, rest) = text.split_once("\n\n").unwrap();
    let expected = "\
segment            before  now  enter  leave  change
─────────────────  ──────  ───  ─────  ─────  ───────────────────
gone                    2    0      0      2  removed
late                    0    1      1      0  new
regulars                1    1      1      1  changed
spenders                2    1      0      1  through dear_orders
buying/often            1    2      1      0  changed
buying/once             1    0      0      1  changed
buying/unassigned       2    2      0      0  changed";
    assert_eq!(table, expected);
    let expected = "\
leave gone: anna, carl
enter late: dora
enter regulars: ben
leave regulars: anna
leave spenders: anna
enter buying/often: ben
leave buying/once: ben
unmoved by what they use: 1
";
    assert!(rest.starts_with(expected), "{rest}");

    let one = asked(&project, &["diff", "regulars"]);
    assert_eq!(one["changes"].as_array().unwrap().len(), 1);
    assert_eq!(one["changes"][0]["differences"][0]["entering"], json!(["ben"]));
    project.strata(&["segments", "diff", "regular"]).refused(
        "unknown",
        4,
        &["`regular`", "did you mean `regulars`?"],
    );

    // What a run then does is what was said.
    project.good(&["run"]);
    let sizes = "select segment, n_members from segment where segmentation is null order by 1";
    assert_eq!(project.sql(sizes), ["late,1", "regulars,1", "spenders,1", "steady,4"]);
    assert_eq!(asked(&project, &["diff"])["changes"], json!([]));
}

#[test]
fn coverage_says_whom_each_class_gets() {
    let project = shop(
        "[segments.berliners]\nwhere = \"city = 'Berlin'\"\n\
         [segmentations.priority]\ntitle = \"Whom first\"\n\
         [[segmentations.priority.classes]]\nname = \"regulars\"\nwhere = \"in_segment('regulars')\"\n\
         [[segmentations.priority.classes]]\nname = \"berliners\"\nwhere = \"in_segment('berliners')\"\n\
         [[segmentations.priority.classes]]\nname = \"hamburgers\"\nwhere = \"city = 'Hamburg' and n_orders >= 1\"\n\
         [segmentations.cities]\nby = \"city\"\n",
    );
    let shown = project.good(&["segments", "coverage", "priority"]);
    assert_eq!(
        shown,
        "\
Whom first: 2 of 4 customers are in a class, 50.0 %

match  get   share  class
─────  ───  ──────
    1    1  25.0 %  regulars
                      is in the segment regulars
                      in_segment('regulars')
    2    1  25.0 %  berliners
                      is in the segment berliners
                      in_segment('berliners')
    0    0   0.0 %  hamburgers
                      city is Hamburg, and number of orders is at least 1
                      city = 'Hamburg' and n_orders >= 1
                      1 undecided
         2  50.0 %  unassigned
"
    );
    let coverage = asked(&project, &["coverage", "priority"]);
    assert_eq!(coverage["share_unassigned"], 0.5);
    assert_eq!(coverage["classes"][1]["n_matching"], 2);
    let cities = asked(&project, &["coverage", "cities"]);
    let cities: Vec<(&str, u64)> = cities["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| (class["name"].as_str().unwrap(), class["n_members"].as_u64().unwrap()))
        .collect();
    assert_eq!(cities, [("Berlin", 2), ("Hamburg", 1)]);
    for (name, says) in [("priorty", "did you mean `priority`?"), ("company_size", "is left out")] {
        project.strata(&["segments", "coverage", name]).refused(name, 4, &[says]);
    }
}

#[test]
fn what_uses_a_definition_is_found_through_others() {
    // No run is needed.
    let project = Project::shop();
    project.append(
        "strata.toml",
        "[traits.double]\nvalue = \"2 * n_orders\"\n[segments.many]\ntitle = \"Many\"\nwhere = \"double >= 4\"\n\
         [segments.best]\nwhere = \"in_segment('many') and sum(orders.amount) > 10\"\n",
    );
    let users = |name: &str| -> Vec<(String, String, String)> {
        let usages = asked(&project, &["used-by", name]);
        let word = |user: &Value, key: &str| user[key].as_str().unwrap_or("").to_owned();
        usages[0]["used_by"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| (word(user, "name"), word(user, "use"), word(user, "through")))
            .collect()
    };
    let user = |name: &str, how: &str, through: &str| (name.to_owned(), how.to_owned(), through.to_owned());
    assert_eq!(users("many"), [user("best", "direct", "")]);
    let of_trait = users("n_orders");
    for expected in [
        user("double", "direct", ""),
        user("f_score", "direct", ""),
        user("rfm", "indirect", "f_score"),
        user("many", "indirect", "double"),
        user("best", "indirect", "many"),
    ] {
        assert!(of_trait.contains(&expected), "{expected:?} is not in {of_trait:?}");
    }
    assert!(users("orders.amount").contains(&user("best", "direct", "")));
    assert!(users("orders").contains(&user("regulars", "direct", "")));
    let shown = project.good(&["segments", "used-by", "double"]);
    assert_eq!(
        shown,
        "\
trait double: used by 1 directly, by 1 through others

directly
  segment: many

through others
  segment: best (by many)
"
    );
    assert_eq!(project.good(&["segments", "used-by", "best"]), "segment best: nothing uses it\n");
    project.strata(&["segments", "used-by", "order.amount"]).refused(
        "unknown",
        4,
        &["did you mean `orders.amount`?"],
    );
}

#[test]
fn the_plan_says_what_is_shared() {
    let project = Project::shop();
    project.append(
        "strata.toml",
        "[segments.again]\nwhere = \"count(orders) >= 3 and n_orders < 9 and max(orders.amount) > 5\"\n\
         [segments.both]\nwhere = \"in_segment('again') and in_segment('regulars')\"\n",
    );
    let shown = project.good(&["segments", "explain-plan", "both"]);
    assert_eq!(
        shown,
        "\
customers: 2 figures, used 4 times, from 1 scan

scan of orders
  count(orders)
      for again, regulars, n_orders
  max(orders.amount)
      for again

then, step by step
  1. traits: n_orders
  2. segments: regulars
  3. segments: again
  4. segments: both
"
    );
    let all = asked(&project, &["explain-plan"]);
    let orders = all[0]["scans"].as_array().unwrap().iter().find(|scan| scan["table"] == "orders").unwrap();
    let shared =
        &orders["figures"].as_array().unwrap().iter().find(|each| each["figure"] == "count(orders)").unwrap();
    let users = shared["used_by"].as_array().unwrap();
    for user in [("trait", "n_orders"), ("segment", "regulars"), ("segment", "again")] {
        assert!(users.contains(&json!({ "kind": user.0, "name": user.1 })), "{user:?} is not in {users:?}");
    }
    assert_eq!(all[0]["steps"][0]["what"], "traits");
    project.strata(&["segments", "explain-plan", "bth"]).refused("unknown", 4, &["did you mean `both`?"]);
}
