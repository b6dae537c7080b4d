//! What customers chose and wished for: best-worst sets and pairs about features, from the file to segments, personas and the report.

use serde_json::Value;

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[sources.customers]
path = "customers.csv"

[sources.customers.customers.columns]
customer_id = "id"
city = "town"

[sources.form]
path = "form.csv"

[sources.form.responses]
questions = "rest"

[sources.form.responses.columns]
customer_id = "who"
answered_at = "when"
response_id = "form"

[surveys.ads]
instrument = "ad-bws-7-cc0"

[surveys.wishes]
instrument = "kano"

[surveys.wishes.features]
free_returns = "free returns"
fast_delivery = "fast delivery"

[segmentations.town]
title = "Town"
layer = "geographic"
classes = [
    { name = "berlin", title = "Berlin", where = "city = 'Berlin'" },
    { name = "bonn", title = "Bonn", where = "city = 'Bonn'" },
    { name = "ulm", title = "Ulm", where = "city = 'Ulm'" },
]

[segments.savers]
where = "ads_saving >= 0.6 and wishes_free_returns = 'attractive'"
"#;

/// The sets of the questionnaire, by the places of appeals: 1 is information, 2 saving, 3 a story, 7 a purpose.
const SETS: [[usize; 3]; 7] = [[1, 2, 3], [1, 4, 5], [1, 6, 7], [2, 4, 6], [2, 5, 7], [3, 4, 7], [3, 5, 6]];

/// The appeals in the order in which `c0` prefers them at last.
const RANKING: [usize; 7] = [2, 1, 6, 5, 4, 3, 7];

/// 300 customers of three towns, of whom 240 and the 20 of Ulm answered. In Berlin they like to save, in Bonn a story; free returns are a
/// pleasure in Berlin, must be in Bonn and are all the same in Ulm. `c0` answered a second time, `c2` left a set out, `c4` chose what was
/// not in the set.
fn shop() -> Project {
    let mut state = 3_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let (mut customers, mut form) = ("id,town\n".to_owned(), "form,who,when".to_owned());
    for set in 1..=7 {
        form.push_str(&format!(",ad_set{set}_best,ad_set{set}_worst"));
    }
    form.push_str(",How may we contact you?");
    for feature in ["free_returns", "fast_delivery"] {
        form.push_str(&format!(",kano_{feature}_with,kano_{feature}_without"));
    }
    form.push('\n');
    for n in 0..300_usize {
        let town = match n {
            280.. => "Ulm",
            n if n % 2 == 0 => "Berlin",
            _ => "Bonn",
        };
        customers.push_str(&format!("c{n},{town}\n"));
        if (240..280).contains(&n) {
            continue;
        }
        let likes = |appeal: usize| match (town, appeal) {
            ("Berlin", 2) | ("Bonn", 3) => 2.0,
            ("Berlin", 3) | ("Bonn", 2) => -2.0,
            _ => 0.0,
        };
        let mut cells = Vec::new();
        for (place, set) in SETS.iter().enumerate() {
            let mut ranked = set.map(|appeal| (likes(appeal) + 3.0 * (draw() - 0.5), appeal));
            ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
            let (best, worst) = (ranked[0].1.to_string(), ranked[2].1.to_string());
            cells.push(match (n, place) {
                (2, 3) => String::new(),
                (4, 1) => "2".to_owned(),
                _ => best,
            });
            cells.push(worst);
        }
        // Four in five want what the town wants.
        let wants_mail = (n % 10 < 8) == (town == "Berlin");
        cells.push(if wants_mail { "email" } else { "sms" }.to_owned());
        let returns = match (town, n % 10) {
            ("Berlin", _) => "I would like it,3",
            ("Bonn", 1) => "1,5",
            ("Bonn", _) => "3,I would dislike it",
            _ => "3,3",
        };
        let delivery = if n % 5 == 0 { "1,1" } else { "1,3" };
        form.push_str(&format!("f{n},c{n},2024-03-01,{},{returns},{delivery}\n", cells.join(",")));
    }
    let mut cells = Vec::new();
    for set in SETS {
        let mut ranked = set;
        ranked.sort_by_key(|appeal| RANKING.iter().position(|known| known == appeal));
        cells.extend([ranked[0].to_string(), ranked[2].to_string()]);
    }
    cells[0] = "A good price or a discount".to_owned();
    form.push_str(&format!("f900,c0,2024-04-01,{},email,1,3,1,1\n", cells.join(",")));
    let project =
        Project::of(&[("strata.toml", MANIFEST), ("customers.csv", &customers), ("form.csv", &form)]);
    project.good(&["run"]);
    project
}

fn rows(project: &Project, query: &str) -> Vec<Value> {
    serde_json::from_str(&project.good(&["sql", "--json", query])).unwrap()
}

const APPEALS: [&str; 7] = [
    "ads_information",
    "ads_saving",
    "ads_storytelling",
    "ads_humour",
    "ads_peer_opinion",
    "ads_expert_advice",
    "ads_social_purpose",
];

#[test]
fn choices_become_preferences_that_segments_and_personas_use() {
    let project = shop();
    let of = |id: &str| {
        let query = format!(
            "select {}, ads_state as state, ads_contact_channel as channel from profile where customer_id = '{id}'",
            APPEALS.join(", ")
        );
        rows(&project, &query)[0].clone()
    };
    // The later form counts, in which the first of the ranking is the best of its three sets and the last the worst.
    let first = of("c0");
    assert_eq!((&first["ads_saving"], &first["ads_social_purpose"]), (&Value::from(1.0), &Value::from(-1.0)));
    // Best of the sets with the fourth and fifth and with the sixth and seventh, second to saving.
    assert!((first["ads_information"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-12, "{first}");
    assert_eq!((&first["state"], &first["channel"]), (&"measured".into(), &"email".into()));
    // A set that is missing, or has what is not in it, leaves no score; what was said of contact stays.
    for id in ["c2", "c4"] {
        let told = of(id);
        assert!(APPEALS.iter().all(|appeal| told[*appeal].is_null()), "{told}");
        assert_eq!((&told["state"], &told["channel"]), (&"unknown".into(), &"email".into()));
    }
    assert_eq!(of("c250")["state"], "unknown");
    let refused = rows(&project, "select reason from rejected where reason like '%ad_set2_best%'");
    assert_eq!(refused.len(), 1, "{refused:?}");
    let sums =
        format!("select max(abs({})) as most, count(ads_saving) as n from profile", APPEALS.join(" + "));
    let sums = &rows(&project, &sums)[0];
    assert!(sums["most"].as_f64().unwrap() < 1e-9, "{sums}");
    assert_eq!(sums["n"], 258);
    let counted = rows(
        &project,
        "select item, scale, points from responses where response_id = 'f900' and item like 'ad_set1%' order by item",
    );
    let told = |row: &Value| (row["scale"].as_str().unwrap().to_owned(), row["points"].as_f64().unwrap());
    assert_eq!(
        counted.iter().map(told).collect::<Vec<_>>(),
        [("ads_saving".to_owned(), 1.0), ("ads_storytelling".to_owned(), -1.0)]
    );

    let n_savers = "select count(*) as n from membership where segmentation is null and segment = 'savers' and left_at is null";
    let expected =
        "select count(*) as n from profile where ads_saving >= 0.6 and wishes_free_returns = 'attractive'";
    let (found, expected) = (&rows(&project, n_savers)[0]["n"], &rows(&project, expected)[0]["n"]);
    assert_eq!(found, expected);
    assert!(found.as_u64().unwrap() > 30, "{found}");
    let uses = rows(&project, "select scale from psychometric_use where name = 'savers' order by scale");
    assert_eq!(
        uses.iter().map(|row| &row["scale"]).collect::<Vec<_>>(),
        ["ads_saving", "wishes_free_returns"]
    );

    let told: Value = serde_json::from_str(&project.good(&["survey", "quality", "--json"])).unwrap();
    assert_eq!(told.as_array().unwrap().len(), 1, "kinds of features lie on no scale");
    assert_eq!((&told[0]["survey"], &told[0]["n_respondents"]), (&"ads".into(), &260.into()));
    assert!(told[0]["notes"][0].as_str().unwrap().starts_with("2 have not answered all sets"), "{told}");
    let saving = &told[0]["scales"][1];
    assert_eq!((&saving["name"], &saving["usage"]), (&"ads_saving".into(), &"Usable".into()), "{saving}");
    let shown = project.good(&["survey", "quality"]);
    assert!(shown.contains("ads_saving: usable"), "{shown}");

    let personas: Value =
        serde_json::from_str(&project.good(&["persona", "show", "--json", "town/berlin"])).unwrap();
    let variables: Vec<&str> = personas[0]["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|sentence| sentence["evidence"][0]["variable"].as_str())
        .collect();
    for told in ["ads_s", "ads_contact_channel_", "wishes_free_returns_wished"] {
        assert!(
            variables.iter().any(|variable| variable.starts_with(told)),
            "{told} is not in {variables:?}"
        );
    }
    let fired: Vec<&str> = personas[0]["guidelines"]["fired"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|fired| fired["rule"]["id"].as_str())
        .collect();
    assert!(fired.contains(&"ad-appeal"), "{fired:?}");
}

#[test]
fn features_are_of_a_kind_to_everybody_and_to_each_class() {
    let project = shop();
    let told: Value =
        serde_json::from_str(&project.good(&["survey", "kano", "--by", "town", "--json"])).unwrap();
    let (returns, delivery) = (&told[0], &told[1]);
    assert_eq!((&returns["feature"], &returns["all"]["n"]), (&"free_returns".into(), &260.into()));
    let close = |group: &Value, satisfaction: f64, dissatisfaction: f64| {
        let figure = |name: &str| group["told"][name].as_f64().unwrap();
        assert!((figure("satisfaction") - satisfaction).abs() < 1e-12, "{group}");
        assert!((figure("dissatisfaction") - dissatisfaction).abs() < 1e-12, "{group}");
    };
    // 120 A, 24 O, 96 M and 20 I.
    assert_eq!(returns["all"]["told"]["category"], "attractive");
    close(&returns["all"], 144.0 / 260.0, -120.0 / 260.0);
    let class = |name: &str| {
        let mut segments = returns["segments"].as_array().unwrap().iter();
        segments.find(|of| of["segment"] == name).unwrap()["group"].clone()
    };
    assert_eq!(class("bonn")["told"]["category"], "must_be");
    close(&class("bonn"), 0.2, -1.0);
    close(&class("berlin"), 1.0, 0.0);
    // Of twenty nothing is told.
    assert_eq!((&class("ulm")["n"], &class("ulm")["told"]), (&20.into(), &Value::Null));
    // 52 of 260 would like it with and without.
    assert_eq!(delivery["all"]["told"]["is_bad_question"], true);
    assert!((delivery["all"]["told"]["questionable_share"].as_f64().unwrap() - 0.2).abs() < 1e-12);

    let shown = project.good(&["survey", "kano", "--by", "town"]);
    for words in
        ["free returns: a pleasure", "- Bonn: expected", "- Ulm: too few answers", "word the question anew"]
    {
        assert!(shown.contains(words), "{words} is not in\n{shown}");
    }
    assert!(!project.good(&["survey", "kano"]).contains("Bonn"));
    let stored = rows(
        &project,
        "select segment, category, n from kano where feature = 'free_returns' and (segmentation = 'town' or segment is null) order by segment",
    );
    let told: Vec<(&Value, &Value)> = stored.iter().map(|row| (&row["segment"], &row["category"])).collect();
    assert_eq!(
        told,
        [
            (&"berlin".into(), &"attractive".into()),
            (&"bonn".into(), &"must_be".into()),
            (&Value::Null, &"attractive".into())
        ]
    );

    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    for words in ["What features are to customers", "Bonn: expected", "Expert advice"] {
        assert!(report.contains(words), "{words} is not in the report");
    }
    let form = project.good(&["survey", "export", "kano", "--format", "csv"]);
    assert!(
        form.contains("kano_fast_delivery_without") && form.contains("If we offered free returns"),
        "{form}"
    );
    project.strata(&["survey", "kano", "--by", "twon"]).refused(
        "no such segmentation",
        4,
        &["did you mean `town`?"],
    );
}

#[test]
fn without_features_there_is_nothing_to_tell() {
    let project = Project::shop();
    project.good(&["run"]);
    let outcome = project.strata(&["survey", "kano"]);
    outcome.refused("no features", 4, &["the project asks about no features", "[surveys.wishes.features]"]);
    let outcome = project.strata(&["survey", "export", "kano"]);
    outcome.refused("no features to ask about", 4, &["no project here names features"]);
    let shown = project.good(&["survey", "show", "ad-bws-7-cc0"]);
    assert!(shown.contains("set 3: A clear list of features"), "{shown}");
    project.edit("[segments.regulars]", "[surveys.wishes]\ninstrument = \"kano\"\n\n[segments.regulars]");
    project.strata(&["check"]).refused(
        "no features named",
        2,
        &["asks about features, and the survey names none"],
    );
}

#[test]
fn a_form_with_sets_is_recognised() {
    let project = Project::of(&[]);
    let mut header = "Submission,email,Submitted at".to_owned();
    let mut row = "s1,ann@example.com,2024-03-01".to_owned();
    for (place, set) in SETS.iter().enumerate() {
        for (asked, choice) in [("most", set[0]), ("least", set[1])] {
            header.push_str(&format!(
                ",Which of these messages would you {asked} like to get from us? ({} of 7)",
                place + 1
            ));
            row.push_str(&format!(",{}", TEXTS[choice - 1]));
        }
    }
    project.write("form.csv", format!("{header}\n{row}\n{}\n", row.replace("s1,ann", "s2,ben")));
    project.good(&["init", "form.csv", "shop"]);
    let manifest = std::fs::read_to_string(project.path("shop/strata.toml")).unwrap();
    assert!(manifest.contains("[surveys.messages]\ninstrument = \"ad-bws-7-cc0\""), "{manifest}");
    assert!(
        !manifest.contains("[sources.form.feedback]"),
        "what was chosen is no text of theirs: {manifest}"
    );
    project.good(&["-C", "shop", "run"]);
    let query = "select messages_saving as saving, messages_information as information from profile order by customer_id";
    let told: Vec<Value> =
        serde_json::from_str(&project.good(&["-C", "shop", "sql", "--json", query])).unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    // The first of each set is the best and the second the worst.
    assert!((told[0]["saving"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-12, "{told:?}");
    assert_eq!(told[0]["information"], 1.0);
}

/// What people read of each appeal.
const TEXTS: [&str; 7] = [
    "A clear list of features and test results",
    "A good price or a discount",
    "A short story that moves me",
    "Something that makes me laugh",
    "What other customers say about it",
    "Advice from an expert",
    "How it helps people or the planet",
];
