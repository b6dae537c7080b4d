//! Questionnaires from the list to the report: what is asked, what is measured, and what stays unknown.

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

[sources.form]
path = "form.csv"

[sources.form.responses]
questions = "rest"

[sources.form.responses.columns]
customer_id = "who"
answered_at = "when"
response_id = "form"
"#;

pub(crate) const SURVEY: &str = "\n[surveys.attitudes]\ninstrument = \"attitudes-24-cc0\"\n\n[segmentations.mindset]\nlayer = \"psychometric\"\n\
                      model = \"kmeans\"\nclusters = 2\nfeatures = [\"attitudes_price_consciousness\", \"attitudes_brand_loyalty\"]\n";

/// The items of two scales as a form has them, the third of each the other way round.
const ITEMS: [&str; 6] = ["att_pri1", "att_pri2", "att_pri3", "att_loy1", "att_loy2", "att_loy3"];

/// 300 customers, 240 of whom answered: half of them care about prices, the others about brands. `c0` answered in words and a second time,
/// `c1` left two questions of a scale out, `c2` gave an answer that there is not.
pub(crate) fn shop(survey: &str) -> Project {
    let mut state = 5_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let customers: String = (0..300).map(|n| format!("c{n}\n")).collect();
    let mut form = format!("form,who,when,{}\n", ITEMS.join(","));
    for n in 0..240 {
        let of_price = if n % 2 == 0 { 4.2 } else { 2.0 };
        let mut answer = |mean: f64, is_turned: bool| {
            let value = (mean + 2.0 * (draw() - 0.5)).round().clamp(1.0, 5.0);
            if is_turned { 6.0 - value } else { value }
        };
        let answers: Vec<String> = (0..6)
            .map(|item| answer(if item < 3 { of_price } else { 6.0 - of_price }, item % 3 == 2).to_string())
            .collect();
        let answers = match n {
            0 => "Disagree,2,Agree,1,1,5".to_owned(),
            1 => format!("3,,,{}", answers[3..].join(",")),
            2 => format!("9,{}", answers[1..].join(",")),
            _ => answers.join(","),
        };
        form.push_str(&format!("f{n},c{n},2024-03-01,{answers}\n"));
    }
    form.push_str("f900,c0,2024-04-01,Strongly agree,4 - Agree,1,1,1,5\n");
    let manifest = format!("{MANIFEST}{survey}");
    let project = Project::of(&[
        ("strata.toml", &manifest),
        ("customers.csv", &format!("id\n{customers}")),
        ("form.csv", &form),
    ]);
    project.good(&["run"]);
    project
}

fn rows(project: &Project, query: &str) -> Vec<Value> {
    serde_json::from_str(&project.good(&["sql", "--json", query])).unwrap()
}

#[test]
fn answers_become_traits_by_the_key() {
    let project = shop(SURVEY);
    let of = |id: &str| {
        let query = format!(
            "select attitudes_price_consciousness as price, attitudes_brand_loyalty as loyalty, attitudes_state as state \
             from profile where customer_id = '{id}'"
        );
        rows(&project, &query)[0].clone()
    };
    // The later form counts: 5, 4 and, turned round, 5; 1, 1 and 1.
    let first = of("c0");
    assert!((first["price"].as_f64().unwrap() - 14.0 / 3.0).abs() < 1e-12, "{first}");
    assert_eq!((first["loyalty"].as_f64(), first["state"].as_str()), (Some(1.0), Some("measured")));
    // One answer of three is too little for a scale, and none is no answer at all.
    assert_eq!((&of("c1")["price"], of("c1")["loyalty"].is_number()), (&Value::Null, true));
    assert_eq!((&of("c299")["price"], of("c299")["state"].as_str()), (&Value::Null, Some("unknown")));
    // An answer that there is not counts nothing, and is not lost.
    assert_eq!(of("c2")["price"], Value::Null);
    let dropped = rows(&project, "select reason from rejected where reason like '%att_pri1%'");
    assert_eq!(dropped.len(), 1);
    assert!(dropped[0]["reason"].as_str().unwrap().contains("it is not a number from 1 to 5"), "{dropped:?}");
    let kept =
        rows(&project, "select answer, points from responses where customer_id = 'c2' and item = 'att_pri1'");
    assert_eq!((&kept[0]["answer"], &kept[0]["points"]), (&Value::from("9"), &Value::Null));

    // Whoever answered nothing is in no cluster.
    let classes = rows(
        &project,
        "select p.attitudes_state as state, m.segment = 'unassigned' as is_out, count(*) as n from profile p join membership m \
         on m.subject_id = p.customer_id where m.segmentation = 'mindset' and m.left_at is null group by 1, 2 order by 1, 2",
    );
    let told: Vec<(&str, &Value, i64)> = classes
        .iter()
        .map(|row| (row["state"].as_str().unwrap(), &row["is_out"], row["n"].as_i64().unwrap()))
        .collect();
    assert_eq!(told, [("measured", &Value::Bool(false), 240), ("unknown", &Value::Bool(true), 60)]);
}

#[test]
fn answers_expire() {
    let survey = "\n[surveys.attitudes]\ninstrument = \"attitudes-24-cc0\"\nretention = \"2 months\"\n";
    let project = shop(survey);
    // Of all forms the second one of `c0` is the only one of the last two months, to the second.
    let measured = rows(&project, "select customer_id from profile where attitudes_state = 'measured'");
    assert_eq!(measured.iter().map(|row| row["customer_id"].as_str().unwrap()).collect::<Vec<_>>(), ["c0"]);
    let respondents = rows(&project, "select count(*) as n from respondent");
    assert_eq!(respondents[0]["n"], 1);
}

#[test]
fn scales_are_used_as_far_as_their_items_agree() {
    let project = shop(SURVEY);
    let told: Value = serde_json::from_str(&project.good(&["survey", "quality", "--json"])).unwrap();
    let survey = &told[0];
    assert_eq!((&survey["survey"], &survey["n_respondents"]), (&Value::from("attitudes"), &Value::from(240)));
    assert_eq!(survey["unasked"].as_array().unwrap().len(), 18);
    let scale = |name: &str| {
        let scales = survey["scales"].as_array().unwrap();
        scales.iter().find(|scale| scale["name"] == name).unwrap().clone()
    };
    let price = scale("attitudes_price_consciousness");
    assert_eq!(price["usage"], "Usable", "{price}");
    assert!(price["omega"].as_f64().unwrap() > 0.8 && price["n"].as_u64().unwrap() >= 230, "{price}");
    assert_eq!(scale("attitudes_privacy_concern")["usage"], "Dropped");
    let shown = project.good(&["survey", "quality"]);
    assert!(shown.contains("attitudes_privacy_concern: not usable"), "{shown}");
    let stored = rows(&project, "select scale, verdict from scale where verdict = 'usable' order by scale");
    assert_eq!(stored.len(), 2, "{stored:?}");
    assert_eq!(rows(&project, "select count(*) as n from respondent")[0]["n"], 240);

    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    for words in
        ["Consumer attitudes", "of the others it is unknown", "Nobody has been asked about social values"]
    {
        assert!(report.contains(words), "{words} is not in the report");
    }
    assert!(!report.contains("Five questions to begin with"));
}

#[test]
fn without_a_survey_the_report_says_what_is_unknown_and_what_to_ask() {
    let project = Project::shop();
    project.good(&["run"]);
    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    let from = report.find("Five questions to begin with").expect("questions to ask");
    let list = &report[from..from + report[from..].find("</ol>").unwrap()];
    assert_eq!(list.matches("<li>").count(), 5, "{list}");
    // Statements to agree with, and no lone adjectives.
    assert!(list.contains("I compare prices before I buy.") && !list.contains("disappointed"), "{list}");
    assert!(report.contains("Nobody has been asked about attitudes, social values"));
    let outcome = project.strata(&["survey", "quality"]);
    outcome.refused("a project without surveys", 4, &["the project has no surveys", "[surveys.attitudes]"]);
}

#[test]
fn what_a_survey_tool_exports_becomes_answers() {
    let project = Project::shop();
    project.write(
        "hotjar.csv",
        "Number,User,Date Submitted,I compare prices before I buy.,att_pri2,The price of a product hardly affects my choice.,Anything else?\n\
         1,anna,2024-03-01,Agree,5,2,no\n2,ben,2024-03-02,Perhaps,9,1,\n",
    );
    let outcome =
        project.strata(&["survey", "import", "hotjar.csv", "--respondent", "User", "-o", "answers.csv"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for words in
        ["item `att_pri1` by its text", "Anything else?: not read", "4 answers in 2 records; 2 refused"]
    {
        assert!(outcome.stderr.contains(words), "{words} is not in\n{}", outcome.stderr);
    }
    let manifest = std::fs::read_to_string(project.path("strata.toml")).unwrap();
    let source = "\n[sources.answers]\npath = \"answers.csv\"\n[sources.answers.responses.columns]\ncustomer_id = \"customer_id\"\n\
                  question = \"question\"\nanswer = \"answer\"\nanswered_at = \"answered_at\"\nsurvey = \"survey\"\n\
                  [surveys.attitudes]\ninstrument = \"attitudes-24-cc0\"\n";
    project.write("strata.toml", format!("{manifest}{source}"));
    project.good(&["run"]);
    let query = "select attitudes_price_consciousness as price from profile where customer_id = 'anna'";
    let price = rows(&project, query)[0]["price"].as_f64().unwrap();
    assert!((price - 13.0 / 3.0).abs() < 1e-12, "{price}");
    let outcome = project.strata(&["survey", "import", "orders.csv"]);
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("no answer was found"), "{}", outcome.stderr);
}

#[test]
fn questionnaires_are_listed_shown_and_written_as_forms() {
    let project = Project::shop();
    let listed: Value = serde_json::from_str(&project.good(&["survey", "list", "--json"])).unwrap();
    let ids: Vec<&str> =
        listed.as_array().unwrap().iter().filter_map(|one| one["instrument"].as_str()).collect();
    assert!(ids.contains(&"interests-48-cc0") && ids.contains(&"pvq-40"), "{ids:?}");
    let shown = project.good(&["survey", "show", "attitudes-24-cc0"]);
    assert!(shown.contains("  - att_pri3: The price of a product hardly affects my choice."), "{shown}");
    let form: Value = serde_json::from_str(&project.good(&[
        "survey",
        "export",
        "attitudes-24-cc0",
        "--format",
        "typeform",
    ]))
    .unwrap();
    assert!(form["fields"].as_array().is_some_and(|fields| !fields.is_empty()));
    for form in ["1", "2", "3"] {
        let csv = project.good(&["survey", "export", "full", "--form", form, "--format", "csv"]);
        assert!(csv.lines().count() > 60, "{csv}");
    }
    project.good(&["survey", "export", "pulse", "-o", project.path("pulse.html").to_str().unwrap()]);
    assert!(std::fs::read_to_string(project.path("pulse.html")).unwrap().starts_with("<!doctype html>"));
    for (arguments, words) in [
        (&["survey", "export", "pulse", "--form", "2"][..], "has no form 2"),
        (&["survey", "export", "pvq-40"][..], "pvq-40"),
        (&["survey", "show", "attitudes"][..], "no instrument is called `attitudes`"),
    ] {
        let outcome = project.strata(arguments);
        assert_ne!(outcome.code, Some(0), "{arguments:?}");
        assert!(outcome.stderr.contains(words), "{words} is not in {}", outcome.stderr);
    }
}
