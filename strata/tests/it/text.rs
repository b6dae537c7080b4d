//! What customers say: topics, feelings and what hurts, from texts whose subject is known.

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
fn shop() -> Project {
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
