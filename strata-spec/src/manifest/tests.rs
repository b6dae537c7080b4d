//! Tests of what a project's definitions become when they are laid over shipped ones, and of their versions.

use super::Manifest;
use super::parse::parse_over;
use crate::definition::order::Grouping;
use crate::definition::shipped::read;
use crate::definition::{Classes, Definitions, Layer, Origin, Version};

const SHIPPED: &str = r#"
[traits.n_orders]
value = "count(orders)"
[traits.is_regular]
value = "n_orders >= 5"
[scores.order_rank]
by = "n_orders"
[segmentations.buying]
layer = "behavioural"
[[segmentations.buying.classes]]
name = "frequent"
where = "order_rank = 5"
[[segmentations.buying.classes]]
name = "rare"
where = "n_orders >= 1"
[segments.loyal]
where = "in_class('buying', 'frequent')"
"#;

fn laid_over_shipped(project: &str) -> Result<Definitions, Vec<String>> {
    let told =
        |errors: Vec<crate::error::SpecError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
    let shipped = read(&[("shipped/s.toml", SHIPPED)]).map_err(told)?;
    let text = format!("[project]\ntitle = \"T\"\n{project}");
    let manifest = parse_over(&shipped, &[("strata.toml".to_owned(), text)]).map_err(told)?;
    Ok(manifest.definitions)
}

#[test]
fn a_project_adds_to_what_is_shipped_and_replaces_it() {
    let definitions = laid_over_shipped(
        "[segmentations.buying]\nby = \"country\"\n[segments.own]\nwhere = \"is_regular and in_segment('loyal')\"\n",
    )
    .unwrap();
    let buying = &definitions.segmentations["buying"];
    assert!(matches!(buying.classes, Classes::By(_)));
    assert_eq!((buying.header.origin, buying.header.layer), (Origin::Project, Layer::Composite));
    assert_eq!(definitions.traits["n_orders"].header.origin, Origin::Shipped);
    assert_eq!(definitions.segments["own"].header.origin, Origin::Project);
    let order = definitions.grouping_order().unwrap();
    assert_eq!(order.iter().map(Grouping::as_str).collect::<Vec<_>>(), ["buying", "loyal", "own"]);
    let traits: Vec<&str> = definitions.trait_order().unwrap().iter().map(|name| name.as_str()).collect();
    assert_eq!(traits, ["n_orders", "is_regular"]);
}

#[test]
fn the_classes_of_countries_are_called_by_their_names() {
    let text = "[segmentations.lands]\nby = \"country\"\n[segmentations.towns]\nby = \"city\"\n";
    let definitions = laid_over_shipped(text).unwrap();
    for (segmentation, value, expected) in [
        ("lands", "DE", "Germany"),
        ("lands", "Atlantis", "Atlantis"),
        ("towns", "DE", "DE"),
        ("buying", "DE", "DE"),
    ] {
        let found = definitions.segmentations[segmentation].classes.value_title(value);
        assert_eq!(found, expected, "{segmentation} {value}");
    }
}

#[test]
fn what_replaces_a_shipped_definition_must_serve_those_that_use_it() {
    for (project, expected) in [
        (
            "[[segmentations.buying.classes]]\nname = \"often\"\nwhere = \"n_orders >= 9\"\n",
            "shipped/s.toml:17:10: segments.loyal.where: the segmentation `buying` has no class `frequent`",
        ),
        (
            "[traits.n_orders]\nsubject = \"companies\"\nvalue = \"count(orders)\"\n",
            "shipped/s.toml:5:10: traits.is_regular.value: `n_orders` is a trait of companies, not of customers",
        ),
        (
            "[segmentations.buying]\nby = \"case when in_segment('loyal') then 'a' end\"\n",
            "strata.toml:4:17: segmentations.buying.by: definitions use each other in a circle: `buying → loyal → buying`",
        ),
        (
            "[traits.order_rank]\nvalue = \"1\"\n",
            "strata.toml:3:9: `order_rank` is the name of a score already",
        ),
        ("[scores.n_orders]\nby = \"age\"\n", "strata.toml:3:9: `n_orders` is the name of a trait already"),
        (
            "[properties.customers]\nN_Orders = \"integer\"\n",
            "strata.toml:4:1: `n_orders` is the name of a shipped trait of customers",
        ),
    ] {
        let errors = laid_over_shipped(project).unwrap_err();
        assert!(
            errors.iter().any(|error| error.starts_with(expected)),
            "{expected}\nnot in\n{}",
            errors.join("\n")
        );
    }
}

#[test]
fn whoever_uses_a_wrong_definition_is_not_told_that_there_is_none() {
    let errors =
        laid_over_shipped("[traits.x]\nvalue = \"1 +\"\n[segments.y]\nwhere = \"x > 1\"\n").unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn files_that_are_no_project() {
    let errors = Manifest::parse(&[]).unwrap_err();
    assert_eq!(errors[0].to_string(), "a project needs `strata.toml`");
}

/// Versions of the trait, score, segmentation or segment `x` of a text.
fn version(text: &str) -> Version {
    let definitions = laid_over_shipped(text).unwrap();
    let headers = [
        definitions.traits.get("x").map(|this| &this.header),
        definitions.scores.get("x").map(|this| &this.header),
        definitions.segmentations.get("x").map(|this| &this.header),
        definitions.segments.get("x").map(|this| &this.header),
    ];
    headers.into_iter().flatten().next().unwrap().version.clone()
}

#[test]
fn versions_are_equal_exactly_where_meanings_are() {
    // Texts of one list mean the same; texts of different lists do not.
    let meanings: &[&[&str]] = &[
        &[
            "[segments.x]\nwhere = \"age > 3 and country in ('DE')\"",
            "[segments.x]\ntitle = \"Ex\"\nabout = \"…\"\nlayer = \"value\"\ngoal = \"g\"\nwhere = '''\n age>3\n  AND (country IN ( 'DE' ))'''",
            "[segments.x]\ninclude = []\nwhere = \"age > 3 and country in ('DE')\"\n[[segments.x.examples]]\nmember = false",
        ],
        &["[segments.x]\nwhere = \"age > 3 and country in ('AT')\""],
        &["[segments.x]\nwhere = \"age >= 3 and country in ('DE')\""],
        &["[segments.x]\nwhere = \"age > 3 or country in ('DE')\""],
        &[
            "[segments.x]\nwhere = \"true\"\ninclude = [\"a\", \"b\"]",
            "[segments.x]\nwhere = \"true\"\ninclude = [\"b\", \"a\", \"a\"]",
        ],
        &["[segments.x]\nwhere = \"true\"\ninclude = [\"ab\"]"],
        &["[segments.x]\nwhere = \"true\"\nexclude = [\"a\", \"b\"]"],
        &["[segments.x]\nwhere = \"true\"\ninclude = [\"a\"]\nexclude = [\"b\"]"],
        &["[segments.x]\nwhere = \"true\"\nsubject = \"companies\""],
        &[
            "[traits.x]\nvalue = \"count(orders) filter (where in_last('90 days'))\"",
            "[traits.x]\nunit = \"orders\"\nvalue = \"COUNT( orders ) FILTER (WHERE in_last( '90 days' ))\"",
        ],
        &["[traits.x]\nvalue = \"count(orders) filter (where in_last('91 days'))\""],
        &["[scores.x]\nby = \"age\"", "[scores.x]\nby = \"age\"\ntiles = 5\ndescending = false"],
        &["[scores.x]\nby = \"age\"\ntiles = 4"],
        &["[scores.x]\nby = \"age\"\ndescending = true"],
        &["[scores.x]\nby = \"age\"\namong = \"age > 1\"", "[scores.x]\nby = \"age\"\namong = \"age>1\""],
        &["[scores.x]\nby = \"income\""],
        &[
            "[segmentations.x]\nby = \"country\"",
            "[segmentations.x]\nby = \" country \"\nlayer = \"geographic\"",
        ],
        &["[segmentations.x]\nby = \"city\""],
        &[
            "[[segmentations.x.classes]]\nname = \"a\"\nwhere = \"age > 1\"\n[[segmentations.x.classes]]\nname = \"b\"\nwhere = \"true\"",
            "[[segmentations.x.classes]]\nname = \"a\"\ntitle = \"A!\"\nwhere = \"(age > 1)\"\n[[segmentations.x.classes]]\nname = \"b\"\nwhere = \"true\"",
        ],
        &[
            "[[segmentations.x.classes]]\nname = \"b\"\nwhere = \"true\"\n[[segmentations.x.classes]]\nname = \"a\"\nwhere = \"age > 1\"",
        ],
        &["[[segmentations.x.classes]]\nname = \"a\"\nwhere = \"age > 1\""],
        &["[[segmentations.x.classes]]\nname = \"b\"\nwhere = \"age > 1\""],
    ];
    let mut seen = std::collections::BTreeMap::new();
    for texts in meanings {
        let versions: Vec<Version> = texts.iter().map(|text| version(text)).collect();
        for (text, each) in texts.iter().zip(&versions) {
            assert_eq!(each, &versions[0], "{text}");
            assert!(each.0.len() == 16 && each.0.bytes().all(|digit| digit.is_ascii_hexdigit()), "{each:?}");
        }
        assert_eq!(seen.insert(versions[0].clone(), texts[0]), None, "{}", texts[0]);
    }
}

#[test]
fn versions_outlast_the_growth_of_the_language() {
    let shipped = Definitions::shipped().unwrap();
    let versions = [
        &shipped.traits["n_orders"].header,
        &shipped.scores["r_score"].header,
        &shipped.segmentations["purchase_frequency"].header,
        &shipped.segmentations["rfm"].header,
    ]
    .map(|header| header.version.0.as_str());
    assert_eq!(versions, ["836b2d02b8174920", "07795c70e806b699", "644199f8d99ac88c", "ec0aa31e9a56b2f1"]);
}

#[test]
fn what_held_at_other_times_is_known_by_its_names() {
    let definitions = laid_over_shipped(
        r#"
        fiscal_year_start = 4
        [properties.customers]
        plan = "text"
        [segmentations.waterfall]
        classes = [
          { name = "first", where = "in_segment('loyal')" },
          { name = "second", where = "entered('loyal', in_last('30 days')) or was_in('buying', 'rare')" },
        ]
        [segments.moved]
        where = "changed_to(plan, 'pro') and has_been(city, 'Bonn') < '30 days' and left('waterfall', 'first')"
        [segments.top]
        where = "percent_rank(n_orders, is_regular) >= 0.9 and reachable('email')"
        [segments.accounts]
        subject = "companies"
        where = "count(customers) filter (where is_regular) >= 3 and every(customers.city = company.city)"
        [segments.forgotten]
        where = "sequence(step(events, name = 'Added to Cart'), no_step(order_lines, '7 days'), same(product_id))"
        "#,
    )
    .unwrap();
    let order = definitions.grouping_order().unwrap();
    let place = |name: &str| order.iter().position(|grouping| grouping.as_str() == name);
    // Who left a class now is known only when it is known who is in it now.
    assert!(place("loyal") < place("waterfall") && place("waterfall") < place("moved"), "{order:?}");
}

#[test]
fn the_fiscal_year_begins_in_january_unless_said() {
    let start = |line: &str| {
        let text = format!("[project]\ntitle = \"T\"\n{line}");
        Manifest::parse(&[("strata.toml".to_owned(), text)]).map(|manifest| manifest.fiscal_year_start)
    };
    assert_eq!((start(""), start("fiscal_year_start = 10")), (Ok(1), Ok(10)));
}
