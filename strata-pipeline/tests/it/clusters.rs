//! Segmentations that are made of clusters: found where there are groups, named, kept from run to run, and refused where there are none.

use serde_json::Value;
use strata_pipeline::agreement::{Unassigned, agreement};
use strata_pipeline::run::Session;

use crate::support::{Trial, number, text};

const MANIFEST: &str = r#"
[project]
title = "Habits"
[properties.customers]
visits = "number"
basket = "number"
distance = "number"
channel = "text"
[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
visits = "visits"
basket = "basket"
distance = "distance"
channel = "channel"
[segmentations.habits]
title = "Habits"
layer = "behavioural"
model = "kmeans"
features = ["visits", "basket", "distance"]
[segmentations.mixed]
layer = "behavioural"
model = "k_prototypes"
clusters = 2
features = ["visits", "channel"]
[segments.regulars]
where = "habits_cluster is not null and visits > 15"
"#;

/// Numbers between 0 and 1 that follow from a place.
fn even(place: usize) -> f64 {
    let x = (place as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// About normal: six of these.
fn normal(place: usize) -> f64 {
    ((0..6).map(|n| even(place * 6 + n)).sum::<f64>() - 3.0) * 1.4
}

/// Three kinds of customers, and somebody of whom nothing is known.
fn groups(from: usize) -> String {
    let mut people = "id,visits,basket,distance,channel\nc_unknown,,,,\n".to_owned();
    for who in 0..600 {
        let (visits, basket, distance) = [(20.0, 15.0, 2.0), (4.0, 90.0, 30.0), (5.0, 20.0, 12.0)][who % 3];
        let near = |middle: f64, n: usize| middle + middle / 12.0 * normal(from + who * 3 + n);
        let channel = if (who % 3 == 0) != (who % 25 == 0) { "store" } else { "web" };
        people += &format!(
            "c{who},{:.3},{:.3},{:.3},{channel}\n",
            near(visits, 0),
            near(basket, 1),
            near(distance, 2)
        );
    }
    people
}

async fn report(trial: &Trial, name: &str) -> Value {
    let row = trial.ask_one(&format!("select diagnostics from model where model = '{name}_cluster'")).await;
    serde_json::from_str(text(&row, "diagnostics")).unwrap()
}

/// How many customers are in each class of `habits`.
async fn sizes(trial: &Trial) -> Vec<(String, f64)> {
    let query = "select segment, count(*) as n from membership \
                 where segmentation = 'habits' and left_at is null group by 1 order by 1";
    let rows = trial.ask(query).await;
    rows.iter().map(|row| (text(row, "segment").to_owned(), number(row, "n"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_found_named_and_known_again() {
    let trial = Trial::new(MANIFEST);
    trial.write("people.csv", &groups(0));
    trial.run("2025-03-01", &Session::default()).await;
    let told = report(&trial, "habits").await;
    assert_eq!(
        (told["verdict"].as_str(), told["n_clusters"].as_u64()),
        (Some("natural_groups"), Some(3)),
        "{told}"
    );
    assert_eq!(told["readable"], true);
    let first = sizes(&trial).await;
    assert_eq!(first.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [200.0, 200.0, 200.0, 1.0], "{first:?}");
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        names.contains(&"unassigned") && names.iter().any(|name| name.starts_with("high_visits")),
        "{names:?}"
    );
    let clusters = told["clusters"].as_array().unwrap();
    let of_visits = clusters.iter().find(|one| one["typical"]["visits"].as_f64() > Some(15.0)).unwrap();
    assert!(
        of_visits["standardised"]["visits"].as_f64() > Some(1.0)
            && of_visits["silhouette"].as_f64() > Some(0.5)
    );
    let rule = &of_visits["rules"][0];
    assert!(rule["precision"].as_f64() >= Some(0.9) && rule["coverage"].as_f64() >= Some(0.9), "{rule}");
    // A rule is a condition of the language, that says what the cluster says.
    let condition = rule["text"].as_str().unwrap();
    let count = format!("select count(*) as n from profile join score using (customer_id) where {condition}");
    let both = format!("{count} and habits_cluster = '{}'", of_visits["name"].as_str().unwrap());
    let (n, n_both) = (trial.ask_one(&count).await, trial.ask_one(&both).await);
    assert!(number(&n_both, "n") >= 190.0 && number(&n, "n") <= 210.0);
    assert_eq!(told["map"].as_array().map(Vec::len), Some(600));

    agrees_with_what_is_known(&trial).await;

    // Numbers and texts together.
    let mixed = report(&trial, "mixed").await;
    assert_eq!((mixed["verdict"].as_str(), mixed["n_clusters"].as_u64()), (Some("as_told"), Some(2)));

    // Another draw of the same kinds: clusters come in another order and keep their names.
    trial.write("people.csv", &groups(50_000));
    trial.run("2025-04-01", &Session::default()).await;
    assert_eq!(sizes(&trial).await, first);
    let again = report(&trial, "habits").await;
    assert!(again["clusters"].as_array().unwrap().iter().all(|one| one["known_before"] == true), "{again}");
    assert!(again["matching"]["adjusted_rand"].as_f64() > Some(0.95));
}

/// The kinds that customers were made of are the clusters; who has two labels, none or no class is left out.
async fn agrees_with_what_is_known(trial: &Trial) {
    let mut labels = "kind,value,kind_of_customer,note\n".to_owned();
    for who in 0..600 {
        labels += &format!("customer_id,c{who},{},\n", ["near", "dear", "far"][who % 3]);
    }
    labels += "customer_id,c1,near,\ncustomer_id,c2,near,a typo\ncustomer_id,nobody,far,\ncustomer_id,c_unknown,far,\n";
    trial.write("labels.csv", &labels);
    let (project, view) = (trial.project(), trial.view().await);
    let file = trial.folder().join("labels.csv");
    let ask = async |name, label| agreement(&project, &view, name, &file, label, Unassigned::LeftOut).await;
    let found = ask("habits", "kind_of_customer").await.unwrap();
    assert_eq!((found.n_customers, found.n_unassigned, found.n_contradicted), (599, 1, 1));
    assert_eq!(found.labels, ["dear", "far", "near"]);
    let most = |label: usize| found.counts.iter().map(|of_class| of_class[label]).max();
    assert!((0..3).all(|label| most(label) >= Some(195)), "{found:?}");
    assert!(found.adjusted_rand > 0.97 && found.json()["adjusted_rand"] == found.adjusted_rand);
    for (name, label, hint) in [
        ("habit", "kind_of_customer", "did you mean `habits`?"),
        ("habits", "kind_of_customers", "did you mean `kind_of_customer`?"),
    ] {
        assert_eq!(ask(name, label).await.unwrap_err().hint(), Some(hint));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_has_no_clusters_unless_told_and_what_cannot_be_clustered_is_said() {
    let noise = |columns: usize| {
        let mut people = "id,visits,basket,distance,channel\n".to_owned();
        for who in 0..500 {
            let cells: Vec<String> = (0..3)
                .map(|n| if n < columns { format!("{:.4}", even(who * 3 + n)) } else { "7".into() })
                .collect();
            people += &format!("c{who},{},web\n", cells.join(","));
        }
        people
    };
    let trial = Trial::new(MANIFEST);
    trial.write("people.csv", &noise(3));
    let complete = trial.run("2025-03-01", &Session::default()).await;
    let told = report(&trial, "habits").await;
    assert_eq!(told["verdict"], "do_not_segment", "{told}");
    assert!(told["sentence"].as_str().unwrap().starts_with("Do not segment"));
    assert_eq!(sizes(&trial).await, [("unassigned".to_owned(), 500.0)]);
    assert!(complete.tables.contains_key("model"));

    // A number that is given is found; what was found against it stands beside it.
    let given = MANIFEST.replace("model = \"kmeans\"\n", "model = \"kmeans\"\nclusters = 3\n");
    let trial = Trial::new(&given);
    trial.write("people.csv", &noise(3));
    trial.run("2025-03-01", &Session::default()).await;
    let told = report(&trial, "habits").await;
    assert_eq!((told["verdict"].as_str(), told["n_clusters"].as_u64()), (Some("as_told"), Some(3)));
    assert!(!told["reasons"].as_array().unwrap().is_empty());
    assert_eq!(sizes(&trial).await.len(), 3);

    let trial = Trial::new(MANIFEST);
    trial.write("people.csv", &noise(2));
    trial.run("2025-03-01", &Session::default()).await;
    let told = report(&trial, "habits").await;
    assert!(told["reason"].as_str().unwrap().contains("column `distance` has one value, or none"), "{told}");
}

const LAYERED: &str = r#"
[project]
title = "Portraits"
[properties.customers]
visits = "number"
basket = "text"
channel = "text"
mood = "text"
[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
visits = "visits"
basket = "basket"
channel = "channel"
mood = "mood"
[segmentations.visiting]
classes = [
  { name = "often", where = "percent_rank(visits) >= 0.66" },
  { name = "sometimes", where = "percent_rank(visits) >= 0.33" },
  { name = "seldom", where = "visits is not null" },
]
[segmentations.basket_kind]
by = "basket"
[segmentations.channel_kind]
by = "channel"
[segmentations.mood_kind]
by = "mood"
[segmentations.portrait]
title = "Portrait"
model = "latent_class"
layers = ["visiting", "basket_kind", "channel_kind", "mood_kind"]
[segments.of_first]
where = "portrait_cluster is not null and in_class('visiting', 'often')"
"#;

/// Three kinds of customers who differ in three layers, each told right four times in five; a fourth is known of one in twenty.
fn layered() -> String {
    let mut people = "id,visits,basket,channel,mood\nc_unknown,,,,\n".to_owned();
    for who in 0..1_500 {
        let kind = who % 3;
        let of = |n: usize| match even(who * 7 + n) < 0.8 {
            true => kind,
            false => (even(who * 7 + n + 3) * 3.0) as usize,
        };
        let visits = 10.0 * of(0) as f64 + even(who * 7 + 6);
        // Of one in ten the channel is not known.
        let channel = if who % 10 == 0 { "" } else { ["web", "store", "app"][of(1)] };
        let mood = if who % 20 == 0 { ["calm", "merry", "bold"][kind] } else { "" };
        let basket = ["small", "mixed", "large"][of(2)];
        people += &format!("c{who},{visits:.3},{basket},{channel},{mood}\n");
    }
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_that_run_through_layers_are_found_and_beat_each_layer() {
    let trial = Trial::new(LAYERED);
    trial.write("people.csv", &layered());
    trial.run("2025-03-01", &Session::default()).await;
    let told = report(&trial, "portrait").await;
    assert_eq!(
        (told["verdict"].as_str(), told["n_clusters"].as_u64(), told["n_rows"].as_u64()),
        (Some("natural_groups"), Some(3), Some(1_500)),
        "{told}"
    );
    let weights: Vec<f64> =
        told["layers"].as_array().unwrap().iter().map(|layer| layer["weight"].as_f64().unwrap()).collect();
    assert_eq!(weights, [1.0, 1.0, 1.0, 0.0], "{told}");
    assert!(
        told["reasons"][0].as_str().unwrap().contains("`mood_kind` is known of 5 % of customers"),
        "{told}"
    );

    let mut labels = "kind,value,kind_of_customer\n".to_owned();
    (0..1_500).for_each(|who| labels += &format!("customer_id,c{who},{}\n", ["a", "b", "c"][who % 3]));
    trial.write("labels.csv", &labels);
    let (project, view) = (trial.project(), trial.view().await);
    let file = trial.folder().join("labels.csv");
    let mut found = Vec::new();
    for name in ["portrait", "visiting", "basket_kind", "channel_kind"] {
        let compared =
            agreement(&project, &view, name, &file, "kind_of_customer", Unassigned::AsAClass).await.unwrap();
        assert_eq!((compared.n_customers, compared.n_unassigned), (1_500, 0), "{name}");
        found.push(compared.adjusted_rand);
    }
    assert!(found[1..].iter().all(|layer| found[0] > layer + 0.1), "{found:?}");

    // Who is in no layer is in no class, and everybody else is in one, whatever is missing.
    let query = "select count(*) as n, count(portrait_cluster) as known from score";
    let row = trial.ask_one(query).await;
    assert_eq!((number(&row, "n"), number(&row, "known")), (1_501.0, 1_500.0));
    // A rule is a condition of the language.
    let rules = told["clusters"].as_array().unwrap().iter().flat_map(|one| one["rules"].as_array().unwrap());
    let rules: Vec<&str> = rules.map(|rule| rule["text"].as_str().unwrap()).collect();
    assert!(!rules.is_empty(), "{told}");
    for rule in rules {
        assert!(rule.contains("in_class('"), "{rule}");
        let read = trial.project().manifest.definitions.read_condition(
            rule,
            strata_pipeline::spec::table::Subject::Customers,
            &trial.project().manifest.properties,
        );
        assert!(read.is_ok(), "{rule}: {read:?}");
    }
}

/// The same, and of each but one in ten a gender that the kind tells: four women to a man in the first, as many in the second, one to four in
/// the third.
fn with_gender() -> String {
    let mut lines = layered().lines().map(str::to_owned).collect::<Vec<_>>();
    for (place, line) in lines.iter_mut().enumerate() {
        line.push_str(match place {
            0 => ",gender",
            1 => ",",
            _ => {
                let who = place - 2;
                let women = [0.8, 0.5, 0.2][who % 3];
                match (who % 10 == 3, even(who * 7 + 90_001) < women) {
                    (true, _) => ",",
                    (false, true) => ",female",
                    (false, false) => ",male",
                }
            }
        });
    }
    lines.join("\n") + "\n"
}

/// The kind that most members of a class are of.
async fn kind_of(trial: &Trial, class: &Value) -> f64 {
    let query = format!(
        "select cast(substr(subject_id, 2) as bigint) % 3 as kind, count(*) as n from membership \
         where segmentation = 'portrait' and segment = '{}' group by 1 order by 2 desc limit 1",
        class.as_str().unwrap()
    );
    number(&trial.ask_one(&query).await, "kind")
}

#[tokio::test(flavor = "multi_thread")]
async fn covariates_explain_classes_and_move_nobody() {
    let with = LAYERED.replace("mood = \"mood\"\n[", "mood = \"mood\"\ngender = \"gender\"\n[");
    let explained = with.replace("\"mood_kind\"]\n", "\"mood_kind\"]\ncovariates = [\"gender\"]\n");
    assert!(explained.contains("covariates") && explained.contains("gender = "));
    let mut members = Vec::new();
    for manifest in [&with, &explained] {
        let trial = Trial::new(manifest);
        trial.write("people.csv", &with_gender());
        trial.run("2025-03-01", &Session::default()).await;
        let query =
            "select subject_id, segment, version from membership where segmentation = 'portrait' order by 1";
        members.push(trial.ask(query).await);
        let told = report(&trial, "portrait").await;
        if manifest == &with {
            assert!(told["explained"].is_null(), "{told}");
            continue;
        }
        let found = &told["explained"];
        assert_eq!(
            (found["n"].as_u64(), found["effects"].as_array().unwrap().len()),
            (Some(1_350), 2),
            "{told}"
        );
        assert!(found["notes"][0].as_str().unwrap().starts_with("150 are left out"), "{found}");
        let reference = kind_of(&trial, &found["reference"]).await;
        for effect in found["effects"].as_array().unwrap() {
            // The odds of women are 4, 1 and a quarter.
            let steps = reference - kind_of(&trial, &effect["group"]).await;
            let of_women = 4.0_f64.powf(steps);
            let truth = if effect["level"] == "female" { of_women } else { 1.0 / of_women };
            let (low, high) = (effect["low"].as_f64().unwrap(), effect["high"].as_f64().unwrap());
            assert!(low < truth && truth < high, "{truth} is not between the ends of {effect}");
            assert!(effect["odds_ratio"].as_f64().unwrap().ln().abs() > 0.7, "{effect}");
        }
    }
    assert_eq!(members[0], members[1]);
}
