//! What customers say: topics, feelings, what hurts and classifiers of one's own, from texts whose subject is known.

use serde_json::Value;

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"

[properties.customers]
kind = "text"

[sources.people]
path = "people.csv"

[sources.people.customers.columns]
customer_id = "id"
kind = "kind"

[sources.reviews]
path = "reviews.csv"

[sources.reviews.feedback.columns]
feedback_id = "id"
customer_id = "who"
given_at = "at"
text = "text"

[segmentations.kind]
by = "kind"
"#;

const LATE: [&str; 4] = [
    "The parcel arrived a week late, the courier was terrible and the delivery was a horrible mess.",
    "Awful delivery again: the courier lost my parcel and nobody at the depot cared, I am angry.",
    "My parcel was late and damaged, the worst courier and the worst delivery I have ever had.",
    "Bad delivery, the parcel was left in the rain by the courier and everything was ruined.",
];
const GOOD: [&str; 4] = [
    "I love this jacket, the fabric is wonderful and the stitching of the sleeves is perfect.",
    "Great jacket, the fabric feels fantastic and the colour of the sleeves is beautiful.",
    "The fabric of the jacket is excellent, warm and soft, and I am very happy with the fit of the sleeves.",
    "A wonderful jacket with lovely sleeves, the fabric is brilliant and I would buy it again.",
];

/// 80 customers complain about deliveries and 80 praise a jacket; one of them tells something that nobody else does. Ten write in German.
pub(crate) fn shop() -> Project {
    let (mut people, mut reviews) = ("id,kind\n".to_owned(), "id,who,at,text\n".to_owned());
    for who in 0..170 {
        let (kind, text) = match who {
            0..80 => ("late", LATE[who % 4]),
            80..160 => ("glad", GOOD[who % 4]),
            _ => (
                "german",
                "Die Lieferung kam leider viel zu spät, und der Fahrer war wirklich sehr unfreundlich zu mir.",
            ),
        };
        let secret = if who == 90 { " My xylophone xylophone xylophone agrees." } else { "" };
        people.push_str(&format!("c{who},{kind}\n"));
        reviews.push_str(&format!("r{who},c{who},2024-03-01,\"{text}{secret}\"\n"));
    }
    let project =
        Project::of(&[("strata.toml", MANIFEST), ("people.csv", &people), ("reviews.csv", &reviews)]);
    project.good(&["run"]);
    project
}

#[test]
fn topics_are_found_felt_and_told_by_words_that_several_used() {
    let project = shop();
    let told = project.good(&["text", "topics", "--by", "kind", "--topics", "2", "--json", "--texts"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((told["n_texts"].as_u64(), told["n_authors"].as_u64()), (Some(170), Some(170)));
    assert_eq!(
        (told["languages"]["eng"].as_u64(), told["languages"]["deu"].as_u64()),
        (Some(160), Some(10)),
        "{told}"
    );
    assert_eq!(told["feeling"]["n_texts"].as_u64(), Some(160));

    let texts = told["texts"].as_array().unwrap();
    let of = |id: &str| texts.iter().find(|text| text["feedback_id"] == id).unwrap();
    assert_eq!(of("r165")["sentiment"], Value::Null, "another language has no sentiment");
    let topic_of = |range: std::ops::Range<usize>| {
        let mut topics: Vec<&Value> = range.map(|who| &of(&format!("r{who}"))["topic"]).collect();
        topics.dedup();
        assert_eq!(topics.len(), 1, "{topics:?}");
        topics[0].as_u64().unwrap() as usize
    };
    let (late, glad) = (topic_of(0..80), topic_of(80..90));
    assert_ne!(late, glad);
    let topics = told["topics"].as_array().unwrap();
    let words = |topic: usize| topics[topic]["words"].to_string();
    assert!(words(late).contains("courier") && words(glad).contains("jacket"), "{topics:?}");
    assert!(!told["topics"].to_string().contains("xylophone"), "what one customer said is not shown");
    let mean = |topic: usize| topics[topic]["feeling"]["mean"].as_f64().unwrap();
    assert!(mean(late) < -0.4 && mean(glad) > 0.5, "{topics:?}");
    assert!(topics[late]["pain"]["share"].as_f64() > Some(0.9), "{topics:?}");
    assert_eq!(topics[glad]["pain"], Value::Null);

    let classes = told["classes"].as_array().unwrap();
    let class = |name: &str| classes.iter().find(|class| class["class"] == name).unwrap();
    assert!(class("late")["feeling"]["interval"][1].as_f64() < Some(0.0), "{classes:?}");
    assert!(class("glad")["feeling"]["interval"][0].as_f64() > Some(0.0), "{classes:?}");
    assert_eq!(class("german")["feeling"], Value::Null);

    let shown = project.good(&["text", "topics", "--topics", "2"]);
    assert!(shown.contains("170 texts of 170 customers") && shown.contains("courier"), "{shown}");
}

#[test]
fn what_cannot_be_read_is_refused() {
    let project = shop();
    let outcome = project.strata(&["text", "topics", "--by", "knid"]);
    outcome.refused("a segmentation that there is not", 4, &["`knid`", "did you mean `kind`?"]);
    let outcome = Project::shop();
    outcome.good(&["run"]);
    outcome.strata(&["text", "topics"]).refused("a shop without texts", 4, &["feedback"]);
}

/// Texts with labels, 40 of each of two, one of them twice, one without a label and one without a text.
fn labels() -> String {
    let mut labels = "body,team\n,logistics\nA text without a label,\n".to_owned();
    let times = ["today", "yesterday", "again", "on Monday", "at night"];
    for n in 0..40 {
        let late = ["my parcel", "the courier", "our delivery", "a delivery"][n / 5 % 4];
        let good = ["the fabric", "my jacket", "the sleeves", "the stitching"][n / 5 % 4];
        let (when, how) = (times[n % 5], ["really", "quite"][n / 20]);
        labels.push_str(&format!(
            "{late} was {how} late {when},logistics\n{good} is {how} fine {when},range\n"
        ));
    }
    labels.push_str("my parcel was really late today,logistics\nthe xylophone jacket is fine,range\n");
    labels
}

const TRAIN: [&str; 7] = ["text", "train", "labels.csv", "--text", "body", "--label", "team"];

fn object(told: &str) -> Value {
    serde_json::from_str(told).unwrap()
}

#[test]
fn a_classifier_of_ones_own_labels_sorts_what_customers_say() {
    let project = shop();
    project.write("labels.csv", labels());
    let trained = object(&project.good(&[&TRAIN[..], &["--json"]].concat()));
    assert_eq!((&trained["classifier"], &trained["file"]), (&"team".into(), &"classifiers/team.json".into()));
    assert_eq!((trained["n_left_out"].as_u64(), trained["n_repeated"].as_u64()), (Some(2), Some(1)));
    assert_eq!((&trained["goes_by"], &trained["n_foreign"]), (&"words".into(), &0.into()));
    assert!(trained["n_words"].as_u64() > Some(5), "{trained}");
    let validation = &trained["validation"];
    assert_eq!(validation["n_texts"].as_u64(), Some(81));
    assert!(validation["accuracy"].as_f64() > Some(0.9) && validation["majority"].as_f64() < Some(0.6));
    assert_eq!(validation["classes"][1]["n_texts"].as_u64(), Some(41), "{validation}");
    assert_eq!(validation["certainty"][0]["least"].as_f64(), Some(0.5));
    let kept = std::fs::read_to_string(project.path("classifiers/team.json")).unwrap();
    assert!(kept.contains("parcel") && !kept.contains("xylophone"), "what stands in one text is not kept");

    let sorted = object(&project.good(&["text", "classify", "--by", "kind", "--json", "--texts"]));
    let label = |of: &Value, name: &str| {
        let labels = of["labels"].as_array().unwrap();
        labels.iter().find(|label| label["label"] == name).unwrap().clone()
    };
    let late = label(&sorted, "logistics");
    assert_eq!((late["n_texts"].as_u64(), late["share"].as_f64()), (Some(80), Some(0.5)), "{sorted}");
    // Wilson, 80 of 160.
    assert!((late["interval"][0].as_f64().unwrap() - 0.4234).abs() < 1e-4, "{late}");
    assert_eq!(sorted["n_unsure"].as_u64(), Some(10), "no German word is known");
    assert_eq!((&sorted["goes_by"], &sorted["n_foreign"]), (&"words".into(), &Value::Null));
    let class = |name: &str| {
        let classes = sorted["classes"].as_array().unwrap();
        classes.iter().find(|class| class["class"] == name).unwrap().clone()
    };
    assert_eq!(label(&class("late"), "logistics")["share"].as_f64(), Some(1.0));
    assert_eq!(label(&class("glad"), "range")["n_texts"].as_u64(), Some(80));
    let german = class("german");
    assert_eq!((german["n_unsure"].as_u64(), &german["labels"]), (Some(10), &Value::Array(vec![])));
    let texts = sorted["texts"].as_array().unwrap();
    let text = |id: &str| texts.iter().find(|text| text["feedback_id"] == id).unwrap();
    assert_eq!((&text("r3")["label"], &text("r165")["label"]), (&"logistics".into(), &Value::Null));

    let shown = project.good(&["text", "classify", "team", "--by", "kind"]);
    assert!(shown.contains("10 (5.9 %) are left alone") && shown.contains("(left alone)"), "{shown}");
    // Whoever must be surer sorts less.
    let surer = object(&project.good(&["text", "classify", "--least", "0.99", "--json"]));
    assert!(surer["n_unsure"].as_u64() > Some(10) && surer["texts"] == Value::Array(vec![]), "{surer}");
    let shown = project.good(&TRAIN);
    assert!(shown.contains("kept as classifiers/team.json") && shown.contains("precision"), "{shown}");
}

#[test]
fn classifiers_that_cannot_be_are_refused() {
    let project = shop();
    project.write("labels.csv", labels());
    let sort = |more: &[&str]| project.strata(&[&["text", "classify"], more].concat());
    let train = |more: &[&str]| project.strata(&[&TRAIN[..3], more].concat());
    sort(&[]).refused("nothing was trained", 4, &["no classifier", "strata text train"]);
    train(&["--text", "bodi", "--label", "team"]).refused("a column", 3, &["`bodi`", "did you mean `body`?"]);
    train(&["--text", "body", "--label", "x9"]).refused("a column", 3, &["`x9`", "body, team"]);
    train(&["--text", "body", "--label", "team", "--name", "My Team"]).refused("a name", 3, &["--name"]);
    project.write("labels.csv", "body,team\nOne text,a\nAnother text,a\n");
    project.strata(&TRAIN).refused("one label", 3, &["all texts have the label `a`"]);
    project.write("labels.csv", labels().replace("fine today,range", "fine today,other"));
    project.strata(&TRAIN).refused("few labels", 3, &["`other` has 8 labels of at least 20"]);
    std::fs::remove_file(project.path("labels.csv")).unwrap();
    project.strata(&TRAIN).refused("no file", 3, &["labels.csv"]);
    assert!(!project.path("classifiers").exists(), "what is refused leaves nothing behind");

    project.write("labels.csv", labels());
    project.good(&TRAIN);
    sort(&["teem"]).refused("a classifier", 4, &["`teem`", "did you mean `team`?"]);
    sort(&["--least", "0.2"]).refused("a least probability", 3, &["0.2", "0.5 to 1"]);
    sort(&["--by", "knid"]).refused("a segmentation", 4, &["did you mean `kind`?"]);
    project.good(&[&TRAIN[..], &["--name", "second"]].concat());
    sort(&[]).refused("two classifiers", 3, &["several", "second, team"]);
    project.write("classifiers/team.json", "{}");
    sort(&["team"]).refused("a broken file", 3, &["classifiers/team.json", "train it again"]);

    let silent = Project::shop();
    silent.good(&["run"]);
    silent.write("labels.csv", labels());
    silent.good(&TRAIN);
    silent.strata(&["text", "classify"]).refused("a shop without texts", 4, &["feedback"]);
}

/// 240 customers of whom 180 complain about deliveries, and 360 of whom 60 do; the others praise a jacket. All of it was written lately.
#[test]
fn what_members_complain_of_is_told_of_them() {
    let (mut people, mut reviews) = ("id,kind\n".to_owned(), "id,who,at,text\n".to_owned());
    for who in 0..600 {
        let (kind, complains) = if who < 240 { ("vexed", who % 4 != 3) } else { ("calm", who % 6 == 0) };
        let text = if complains { LATE[who / 7 % 4] } else { GOOD[who / 7 % 4] };
        people.push_str(&format!("c{who},{kind}\n"));
        reviews.push_str(&format!("r{who},c{who},2024-05-20,\"{text}\"\n"));
    }
    let project =
        Project::of(&[("strata.toml", MANIFEST), ("people.csv", &people), ("reviews.csv", &reviews)]);
    project.good(&["run"]);
    let personas = object(&project.good(&["persona", "show", "kind", "--json"]));
    let of = |class: &str| {
        let mut all = personas.as_array().unwrap().iter();
        all.find(|persona| persona["segment"]["name"] == format!("kind/{class}")).unwrap()
    };
    let complaints = |persona: &Value| -> Vec<Value> {
        let sentences = persona["sentences"].as_array().unwrap().iter();
        sentences.filter(|said| said["evidence"][0]["variable"] == "complaints").cloned().collect()
    };
    let said = complaints(of("vexed"));
    assert!(!said.is_empty(), "{personas}");
    for said in &said {
        let evidence = &said["evidence"][0];
        assert_eq!((evidence["n"].as_u64(), evidence["n_rest"].as_u64()), (Some(240), Some(360)), "{said}");
        assert_eq!((&evidence["facet"], &evidence["state"]), (&"pain_points".into(), &"observed".into()));
        assert_eq!(evidence["source"], "behavioural: feedback");
        let level = &evidence["value"]["level"];
        assert!(level["segment"].as_f64().unwrap() > 3.0 * level["rest"].as_f64().unwrap(), "{said}");
        let text = said["text"].as_str().unwrap();
        assert!(text.contains("more of them complain, where they have written, in words like “"), "{text}");
        assert!(LATE.iter().all(|late| !text.contains(late)), "no text is quoted: {text}");
    }
    // What others complain of is no pain of these.
    assert_eq!(complaints(of("calm")), [] as [Value; 0]);
    let guards = |persona: &Value| persona["guidelines"]["guards"].to_string();
    assert!(guards(of("vexed")).contains("affect-negative"), "{}", guards(of("vexed")));
    assert!(!guards(of("calm")).contains("affect-negative"), "{}", guards(of("calm")));
    let told = project.good(&["persona", "show", "kind/vexed", "--markdown"]);
    assert!(told.contains("what they wrote in the last 30 days is negative on the whole, n = 240"), "{told}");
}
