//! A project that uses everything a manifest can say, and what it becomes.

use std::collections::BTreeMap;

use serde_json::json;
use strata_spec::condition::references::Reference;
use strata_spec::definition::{
    Bound, Classes, ClusterLayer, ClusterModel, Clusters, End, Layer, Model, Origin, Prediction, Predicts,
    Scoring,
};
use strata_spec::manifest::{
    ColumnSource, DECISIONS, DateOrder, DecimalMark, Decision, Format, FormatKind, Identifier, Identity,
    Keep, Manifest, Priority, Questions, Source, TableMapping,
};
use strata_spec::name::{SegmentationName, SourceName};
use strata_spec::table::{Kind, Subject, Table};

const MANIFEST: &str = r##"
[project]
title = "CDNOW"
timezone = "Europe/Berlin"
currency = "EUR"
as_of = 1997-09-30
seed = 7

[currencies]
USD = 0.92
JPY = 1

[properties.customers]
loyalty_tier = "text"
"Preferred Store" = "integer"

[sources.shop]
path = "data/orders*.csv"
format = "csv"
delimiter = ";"
quote = "'"
encoding = "windows-1252"
comment = "#"
header = false
namespace = "shop"
timezone = "America/New_York"
date_order = "day_first"
decimal = "comma"
keep = "all"
[sources.shop.orders]
where = "Status <> 'test'"
[sources.shop.orders.columns]
order_id = "Name"
amount = { sql = "\"Total\" - \"Tip\"" }
ordered_at = "Created at"
[sources.shop.customers.columns]
customer_id = "Email"
loyalty_tier = "Tier"

[sources.a_survey]
path = "survey"
[sources.a_survey.responses]
questions = "rest"
[sources.b_survey]
path = "survey2.parquet"
[sources.b_survey.responses]
questions = ["q1", "q2"]
columns = { customer_id = "id" }
"##;

const SEGMENTS: &str = r#"
[traits.zz_orders_90d]
value = "count(orders) filter (where in_last('90 days'))"
unit = "orders"
about = "Lately."
needs_any = ["orders.ordered_at", "zz_is_gold"]

[traits.zz_is_gold]
layer = "value"
value = "loyalty_tier = 'gold'"

[scores.zz_rank]
by = "zz_orders_90d"
descending = true
tiles = 4
among = "zz_orders_90d > 0"

[segmentations.zz_buying]
title = "How often they buy"
layer = "behavioural"
[[segmentations.zz_buying.classes]]
name = "18_plus"
where = "zz_orders_90d >= 3"
[[segmentations.zz_buying.classes]]
name = "occasional"
title = "Now and then"
where = "zz_rank = 4"

[segments.zz_big]
subject = "companies"
where = "n_employees > 100 and count(customers) > 2"

[segments.zz_lapsing]
goal = "win-back"
where = """
  in_class('zz_buying', '18_plus')
  and "Preferred Store" = 3
  and company.industry = 'Retail'
"""
include = ["cus_1042"]
exclude = ["cus_0007"]
[[segments.zz_lapsing.examples]]
customer = { country = "DE", "Preferred Store" = 3, income = 1.5, birth_date = 1990-01-02 }
orders = [{ ordered_at = "2024-01-03", amount = 20 }]
member = false
[[segments.zz_lapsing.examples]]
member = "undecided"
"#;

fn parsed() -> Result<Manifest, String> {
    let files = [("strata.toml", MANIFEST), ("segments/all.toml", SEGMENTS)];
    let files = files.map(|(file, text)| (file.to_owned(), text.to_owned()));
    Manifest::parse(&files)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn column(name: &str, source: &str) -> (String, ColumnSource) {
    (name.to_owned(), ColumnSource::Column(source.to_owned()))
}

#[test]
fn the_project_itself() -> Result<(), String> {
    let manifest = parsed()?;
    assert_eq!((manifest.title.as_str(), manifest.timezone.as_str()), ("CDNOW", "Europe/Berlin"));
    assert_eq!(manifest.currency.as_deref(), Some("EUR"));
    assert_eq!(manifest.as_of.as_deref(), Some("1997-09-30"));
    assert_eq!(manifest.seed, 7);
    assert_eq!(manifest.currencies, BTreeMap::from([("JPY".to_owned(), 1.0), ("USD".to_owned(), 0.92)]));
    let declared = [("Preferred Store", Kind::Integer), ("loyalty_tier", Kind::Text)]
        .map(|(name, kind)| (name.to_owned(), kind));
    assert_eq!(manifest.properties, BTreeMap::from([(Table::Customers, BTreeMap::from(declared))]));
    Ok(())
}

#[test]
fn what_is_not_said_has_defaults() -> Result<(), Vec<strata_spec::error::SpecError>> {
    let text = "[project]\ntitle = \"T\"\nas_of = \"2024-12-31T08:00:00+01:00\"\n";
    let manifest = Manifest::parse(&[("strata.toml".to_owned(), text.to_owned())])?;
    assert_eq!((manifest.timezone.as_str(), manifest.seed, manifest.currency), ("UTC", 0, None));
    assert_eq!(manifest.as_of.as_deref(), Some("2024-12-31T08:00:00+01:00"));
    assert!(manifest.sources.is_empty() && manifest.properties.is_empty() && manifest.currencies.is_empty());
    Ok(())
}

#[test]
fn sources_stand_in_the_order_of_the_file() -> Result<(), String> {
    let survey = |name: &str, path: &str, questions, columns| -> Result<Source, String> {
        Ok(Source {
            namespace: None,
            name: SourceName::new(name).map_err(|error| error.to_string())?,
            path: path.to_owned(),
            format: Format::default(),
            timezone: None,
            date_order: None,
            decimal: None,
            keep: Keep::Latest,
            tables: vec![TableMapping {
                table: Table::Responses,
                columns,
                filter: None,
                questions: Some(questions),
            }],
        })
    };
    let orders = TableMapping {
        table: Table::Orders,
        columns: vec![
            column("order_id", "Name"),
            ("amount".to_owned(), ColumnSource::Sql("\"Total\" - \"Tip\"".to_owned())),
            column("ordered_at", "Created at"),
        ],
        filter: Some("Status <> 'test'".to_owned()),
        questions: None,
    };
    let customers = TableMapping {
        table: Table::Customers,
        columns: vec![column("customer_id", "Email"), column("loyalty_tier", "Tier")],
        filter: None,
        questions: None,
    };
    let shop = Source {
        format: Format {
            kind: Some(FormatKind::Csv),
            delimiter: Some(';'),
            quote: Some('\''),
            encoding: Some("windows-1252".to_owned()),
            comment: Some('#'),
            header: Some(false),
        },
        namespace: Some("shop".to_owned()),
        timezone: Some("America/New_York".to_owned()),
        date_order: Some(DateOrder::DayFirst),
        decimal: Some(DecimalMark::Comma),
        keep: Keep::All,
        tables: vec![orders, customers],
        ..survey("shop", "data/orders*.csv", Questions::Rest, vec![])?
    };
    let listed = Questions::Columns(vec!["q1".to_owned(), "q2".to_owned()]);
    assert_eq!(
        parsed()?.sources,
        [
            shop,
            survey("a_survey", "survey", Questions::Rest, vec![])?,
            survey("b_survey", "survey2.parquet", listed, vec![column("customer_id", "id")])?,
        ]
    );
    Ok(())
}

#[test]
fn traits_and_scores() -> Result<(), String> {
    let definitions = parsed()?.definitions;
    let orders = &definitions.traits["zz_orders_90d"];
    assert_eq!((orders.header.title.as_str(), orders.unit.as_deref()), ("Zz orders 90d", Some("orders")));
    assert_eq!(orders.header.about.as_deref(), Some("Lately."));
    assert_eq!((orders.header.layer, orders.header.origin), (Layer::Behavioural, Origin::Project));
    assert_eq!(orders.header.needs_any, ["orders.ordered_at", "zz_is_gold"]);
    assert_eq!(definitions.traits["zz_is_gold"].header.layer, Layer::Value);
    let needed: Vec<Reference> =
        orders.value.references().into_iter().map(|(reference, _)| reference).collect();
    assert_eq!(
        needed,
        [Reference::Rows(Table::Orders), Reference::Row(Table::Orders, "ordered_at".to_owned())]
    );
    let rank = &definitions.scores["zz_rank"];
    let how = Scoring::Rank { tiles: 4, by: "zz_orders_90d".to_owned(), descending: true };
    assert_eq!(rank.how, how);
    assert_eq!(rank.among.as_ref().map(ToString::to_string).as_deref(), Some("zz_orders_90d > 0"));
    Ok(())
}

#[test]
fn segmentations_and_segments() -> Result<(), String> {
    let definitions = parsed()?.definitions;
    let buying = &definitions.segmentations["zz_buying"];
    assert_eq!(
        (buying.header.title.as_str(), buying.header.layer),
        ("How often they buy", Layer::Behavioural)
    );
    let Classes::Rules(classes) = &buying.classes else { return Err("no classes".to_owned()) };
    let titles: Vec<_> = classes.iter().map(|class| (class.name.as_str(), class.title.as_str())).collect();
    assert_eq!(titles, [("18_plus", "18 plus"), ("occasional", "Now and then")]);

    assert_eq!(definitions.segments["zz_big"].header.subject, Subject::Companies);
    let lapsing = &definitions.segments["zz_lapsing"];
    assert_eq!(lapsing.header.layer, Layer::Composite);
    assert_eq!(lapsing.goal.as_ref().map(|goal| goal.title.as_str()), Some("win-back"));
    assert_eq!(
        (lapsing.include.as_slice(), lapsing.exclude.as_slice()),
        (&["cus_1042".to_owned()][..], &["cus_0007".to_owned()][..])
    );
    let members: Vec<_> = lapsing.examples.iter().map(|example| example.member).collect();
    assert_eq!(members, [Some(false), None]);
    assert_eq!(
        json!(lapsing.examples[0].subject),
        json!({ "country": "DE", "Preferred Store": 3, "income": 1.5, "birth_date": "1990-01-02" })
    );
    assert_eq!(
        json!(lapsing.examples[0].rows),
        json!({ "orders": [{ "ordered_at": "2024-01-03", "amount": 20 }] })
    );
    Ok(())
}

#[test]
fn identity_is_what_the_project_and_its_owner_say() -> Result<(), Vec<strata_spec::error::SpecError>> {
    let project = "[project]\ntitle = \"T\"\n";
    let parse = |manifest: &str, decisions: &str| {
        let files = [("strata.toml", manifest), (DECISIONS, decisions)];
        Manifest::parse(&files.map(|(name, text)| (name.to_owned(), text.to_owned()))).map(|it| it.identity)
    };
    assert_eq!(parse(project, "")?, Identity::default());
    let columns = "customers.columns]\ncustomer_id = \"id\"\nemail = \"mail\"\n";
    let sources = format!(
        "[sources.shop]\npath = \"s.csv\"\n[sources.shop.{columns}[sources.crm]\npath = \"c.csv\"\n[sources.crm.{columns}\
         [sources.crm.companies.columns]\ncompany_id = \"firm\"\nname = \"firm\"\n"
    );
    let priority = |table: Table, column: &str, sources: &[&str]| Priority {
        table,
        column: column.to_owned(),
        sources: sources.iter().filter_map(|name| SourceName::new(*name).ok()).collect(),
    };
    let said = parse(
        &format!(
            "{project}[identity]\njoin_by = [\"phone\", \"email\"]\nblocked = [\"shop@*\"]\nmax_values = 3\nmax_devices = 9\nmax_shared = 2\ncountry = \"DE\"\n[identity.priority.customers]\nemail = [\"crm\", \"shop\"]\n[identity.priority.companies]\nname = [\"crm\"]\n{sources}"
        ),
        "[[together]]\nidentifiers = [\"shop:1\", \"email:a@b.de\"]\nreason = \"phoned\"\n[[apart]]\nidentifiers = [\"1\", \"2\"]\n",
    )?;
    let decision = |one: &str, other: &str, reason: Option<&str>| Decision {
        identifiers: [one.to_owned(), other.to_owned()],
        reason: reason.map(str::to_owned),
    };
    let expected = Identity {
        join_by: vec![Identifier::Phone, Identifier::Email],
        blocked: vec!["shop@*".to_owned()],
        max_values: 3,
        max_devices: 9,
        max_shared: 2,
        country: Some("DE".to_owned()),
        priority: vec![
            priority(Table::Customers, "email", &["crm", "shop"]),
            priority(Table::Companies, "name", &["crm"]),
        ],
        together: vec![decision("shop:1", "email:a@b.de", Some("phoned"))],
        apart: vec![decision("1", "2", None)],
    };
    assert_eq!(said, expected);
    Ok(())
}

#[test]
fn rows_of_customers_may_carry_identifiers_that_their_table_has_no_column_for() {
    let of = |table: Table| table.identifiers().map(Identifier::as_str).collect::<Vec<_>>();
    assert_eq!(of(Table::Orders), ["email", "phone", "anonymous_id"]);
    assert_eq!(of(Table::Customers), ["anonymous_id"]);
    assert_eq!(of(Table::Events), ["email", "phone"]);
    assert_eq!(of(Table::Companies), [""; 0]);
}

#[test]
fn runs_of_blanks_are_a_delimiter() -> Result<(), Box<dyn std::error::Error>> {
    for (delimiter, expected) in [("whitespace", ' '), (" ", ' '), ("\\t", '\t')] {
        let text = format!(
            "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\ndelimiter = \"{delimiter}\"\n[sources.a.feedback.columns]\ntext = \"t\"\n"
        );
        let manifest =
            Manifest::parse(&[("strata.toml".to_owned(), text)]).map_err(|errors| format!("{errors:?}"))?;
        assert_eq!(manifest.sources[0].format.delimiter, Some(expected));
    }
    Ok(())
}

#[test]
fn scores_that_models_predict() {
    let text = "[project]\ntitle = \"T\"\n\
                [scores.zz_year]\nmodel = \"pareto_nbd\"\npredicts = \"customer_lifetime_value\"\ndiscount_rate = 0\n\
                [scores.zz_risk]\nmodel = \"classifier\"\nhorizon_days = 30\nfeatures = [\"n_orders\", \"frequency\"]\n";
    let manifest = Manifest::parse(&[("strata.toml".to_owned(), text.to_owned())]).unwrap();
    let scores = &manifest.definitions.scores;
    let year = &scores["zz_year"];
    let wanted = Prediction {
        model: Model::ParetoNbd,
        predicts: Predicts::CustomerLifetimeValue,
        horizon_days: 365,
        discount_rate: 0.0,
        bound: None,
    };
    assert_eq!((&year.how, year.kind()), (&Scoring::Prediction(wanted), Kind::Number));
    assert_eq!(year.columns(), ["frequency", "recency", "tenure", "monetary_value"]);
    let risk = &scores["zz_risk"];
    assert_eq!((risk.columns(), risk.kind()), (vec!["frequency", "n_orders"], Kind::Number));
    // Another horizon is another definition.
    let other = text.replace("horizon_days = 30", "horizon_days = 60");
    let other = Manifest::parse(&[("strata.toml".to_owned(), other)]).unwrap();
    assert_ne!(other.definitions.scores["zz_risk"].header.version, risk.header.version);
    assert_eq!(other.definitions.scores["zz_year"].header.version, year.header.version);
}

const CLUSTERED: &str = "[project]\ntitle = \"T\"\n\
    [segmentations.zz_habits]\ntitle = \"Habits\"\nlayer = \"behavioural\"\nmodel = \"kmeans\"\nclusters = 4\n\
    features = [\"n_orders\", \"frequency\"]\namong = \"n_orders > 0\"\n\
    [segments.zz_first]\nwhere = \"zz_habits_cluster = 'often' or zz_habits_cluster is null\"\n";

#[test]
fn segmentations_made_of_clusters() {
    let of = |text: &str| Manifest::parse(&[("strata.toml".to_owned(), text.to_owned())]);
    let definitions = of(CLUSTERED).unwrap().definitions;
    let score = &definitions.scores["zz_habits_cluster"];
    let features = vec!["n_orders".to_owned(), "frequency".to_owned()];
    let wanted = Clusters {
        model: ClusterModel::KMeans,
        features,
        layers: vec![],
        covariates: vec![],
        n_clusters: Some(4),
    };
    assert_eq!((&score.how, score.kind()), (&Scoring::Clusters(wanted), Kind::Text));
    assert_eq!(score.among.as_ref().map(ToString::to_string).as_deref(), Some("n_orders > 0"));
    assert_eq!((score.header.title.as_str(), score.header.layer), ("Habits: cluster", Layer::Behavioural));
    let Classes::By(term) = &definitions.segmentations["zz_habits"].classes else { panic!("not by value") };
    assert_eq!(term.to_string(), "zz_habits_cluster");
    let more = of(&CLUSTERED.replace("clusters = 4\n", "")).unwrap().definitions;
    assert_ne!(more.scores["zz_habits_cluster"].header.version, score.header.version);

    for (from, to, message) in [
        ("kmeans", "k_means", "there is no model `k_means` of clusters"),
        ("clusters = 4", "clusters = 1", "`segmentations.zz_habits.clusters`"),
        (
            "model = \"kmeans\"\nclusters = 4",
            "model = \"k_prototypes\"",
            "`segmentations.zz_habits.clusters` is missing",
        ),
        ("clusters = 4", "clusters = 31", "a whole number from 2 to 30"),
        ("clusters = 4", "by = \"country\"", "`segmentations.zz_habits.by` does not belong here"),
        ("[\"n_orders\", \"frequency\"]", "[\"n_orders\"]", "two or more traits"),
        ("\"frequency\"]", "\"frequencies\"]", "frequencies"),
        ("features = [\"n_orders\", \"frequency\"]\n", "", "features"),
    ] {
        let faults = of(&CLUSTERED.replace(from, to)).unwrap_err();
        let told = format!("{faults:?}");
        assert!(told.contains(message), "{to}: {told}");
    }
}

const LAYERED: &str = "[project]\ntitle = \"T\"\n\
    [segmentations.zz_portrait]\nmodel = \"latent_class\"\nlayers = [\"zz_age\", \"zz_often\"]\n\
    weights = { zz_often = 0.5 }\n\
    [segmentations.zz_age]\nby = \"country\"\n\
    [[segmentations.zz_often.classes]]\nname = \"yes\"\nwhere = \"n_orders > 3\"\n";

#[test]
fn segmentations_made_of_layers() {
    let of = |text: &str| Manifest::parse(&[("strata.toml".to_owned(), text.to_owned())]);
    let definitions = of(LAYERED).unwrap().definitions;
    let score = &definitions.scores["zz_portrait_cluster"];
    let layer = |name: &str, weight| {
        let segmentation = SegmentationName::new(name.to_owned()).unwrap();
        ClusterLayer { segmentation, weight }
    };
    assert_eq!(score.how.layers(), [layer("zz_age", None), layer("zz_often", Some(0.5))]);
    let order = definitions.grouping_order().unwrap();
    let place = |name: &str| order.iter().position(|grouping| grouping.as_str() == name).unwrap();
    assert!(place("zz_portrait") > place("zz_age") && place("zz_portrait") > place("zz_often"));
    // A weight is part of what a definition means.
    let other = of(&LAYERED.replace("0.5", "0.4")).unwrap().definitions;
    assert_ne!(other.scores["zz_portrait_cluster"].header.version, score.header.version);

    for (from, to, message) in [
        ("\"latent_class\"", "\"kmeans\"\nclusters = 3", "`kmeans` takes traits and no layers"),
        ("layers = ", "features = [\"country\", \"email\"]\nlayers = ", "has `features` and `layers`"),
        ("[\"zz_age\", \"zz_often\"]", "[\"zz_often\"]", "two or more layers"),
        ("\"zz_age\", ", "\"zz_often\", ", "named twice"),
        ("\"zz_age\", ", "\"zz_aeg\", ", "there is no segmentation `zz_aeg`"),
        ("= 0.5", "= 11", "a number from 0 to 10"),
        ("zz_often = 0.5", "zz_oftn = 0.5", "zz_oftn"),
        ("\"zz_age\", ", "\"zz_portrait\", ", "circle: `zz_portrait → zz_portrait`"),
        ("n_orders > 3", "zz_portrait_cluster = 'a'", "circle: `zz_often → zz_portrait → zz_often`"),
        ("n_orders > 3", "in_class('zz_portrait', 'a')", "circle: `zz_often → zz_portrait → zz_often`"),
    ] {
        let faults = of(&LAYERED.replace(from, to)).unwrap_err();
        let told = format!("{faults:?}");
        assert!(told.contains(message), "{to}: {told}");
    }
}

#[test]
fn an_interval_makes_two_scores_more() {
    let of = |text: &str| Manifest::parse(&[("strata.toml".to_owned(), text.to_owned())]);
    let text = "[project]\ntitle = \"T\"\n\
                [scores.zz_year]\ntitle = \"Value\"\nmodel = \"mbg_nbd\"\npredicts = \"customer_lifetime_value\"\ninterval = 0.8\n\
                among = \"n_orders >= 1\"\n[segments.zz_sure]\nwhere = \"zz_year_low >= 100 and zz_year_high < 500\"\n";
    let manifest = of(text).unwrap();
    let scores = &manifest.definitions.scores;
    let bound = |name: &str| match &scores[name].how {
        Scoring::Prediction(prediction) => prediction.bound,
        other => panic!("{name} is {other:?}"),
    };
    assert_eq!(bound("zz_year"), None);
    for end in End::ALL {
        let name = format!("zz_year_{}", end.as_str());
        assert_eq!(bound(&name), Some(Bound { end, level: 0.8 }));
        assert_eq!(scores[name.as_str()].header.title, format!("Value, {} end", end.as_str()));
        assert_eq!(scores[name.as_str()].among, scores["zz_year"].among);
    }
    // The level is part of what the ends mean, and not of what is expected.
    let wider = of(&text.replace("0.8", "0.9")).unwrap();
    let version = |manifest: &Manifest, name: &str| manifest.definitions.scores[name].header.version.clone();
    assert_ne!(version(&wider, "zz_year_low"), version(&manifest, "zz_year_low"));
    assert_ne!(version(&manifest, "zz_year_high"), version(&manifest, "zz_year_low"));
    assert_eq!(version(&wider, "zz_year"), version(&manifest, "zz_year"));

    let taken = "[scores.zz_year_low]\nby = \"revenue\"\n";
    for (text, message) in [
        (text.replace("customer_lifetime_value", "churn_risk"), "`churn_risk` has no interval"),
        (text.replace("interval = 0.8", "interval = 80"), "a share from 0.5 to 0.95"),
        (text.replace("interval = 0.8", "interval = 0.99"), "a share from 0.5 to 0.95"),
        (text.replace("[segments", &format!("{taken}[segments")), "the score `zz_year_low` is defined twice"),
        (
            text.replace("[scores.zz_year]", &format!("{taken}[scores.zz_year]")),
            "the score `zz_year_low` is defined twice",
        ),
    ] {
        let told = format!("{:?}", of(&text).unwrap_err());
        assert!(told.contains(message), "{message} is not in {told}");
    }
}
