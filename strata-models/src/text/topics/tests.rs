//! Topics that are there, found again; and questions to a bank, whose intents people have labelled.

use super::axes::Axes;
use super::*;
use crate::cluster::agreement::adjusted_rand;
use crate::learn::chance::Places;
use crate::text::classify::tests::banking;
use crate::text::error::TextError;

const SUBJECTS: [[&str; 6]; 4] = [
    ["parcel", "courier", "delivery", "doorstep", "tracking", "shipped"],
    ["price", "discount", "expensive", "coupon", "cost", "sale"],
    ["agent", "phone", "answer", "support", "email", "hold"],
    ["screen", "battery", "crash", "update", "login", "password"],
];

/// Texts of four words of a subject each, with grammar around; every twentieth is of words that no other has.
fn texts(n: usize) -> Vec<String> {
    let places = Places::from_seed(5);
    let text = |place: usize| {
        if place % 20 == 7 {
            return format!("zzz{place} qqq{place} with the");
        }
        let word = |nth: usize| SUBJECTS[place % 4][places.below((place * 4 + nth) as u64, 6)];
        format!("The {} was {} and my {} is {}", word(0), word(1), word(2), word(3))
    };
    (0..n).map(text).collect()
}

fn settings() -> TopicSettings {
    TopicSettings { most_topics: 8, ..TopicSettings::default() }
}

#[test]
fn subjects_are_found_with_their_words_and_their_number() {
    let texts = texts(400);
    let found = find(&texts, &settings()).unwrap();
    assert_eq!(found.topics.len(), 4, "{:?}", found.tried);
    for (place, label) in found.labels.iter().enumerate() {
        assert_eq!(label.is_none(), place % 20 == 7, "{place}");
        assert!(label.is_none() || *label == found.labels[place % 4], "{place}");
    }
    for (topic, place) in found.topics.iter().zip(0_u32..) {
        let subject = found.labels[..4].iter().position(|label| *label == Some(place)).unwrap();
        let mut words: Vec<&str> = topic.keywords.iter().map(|keyword| keyword.word.as_str()).collect();
        words.sort_unstable();
        let mut expected = SUBJECTS[subject].to_vec();
        expected.sort_unstable();
        assert_eq!(words, expected);
        assert_eq!(topic.representatives.len(), 3);
        assert!(topic.representatives.iter().all(|text| found.labels[*text] == Some(place)));
    }
    let sizes: Vec<usize> = found.topics.iter().map(|topic| topic.n_texts).collect();
    assert!(sizes.is_sorted_by(|one, other| one >= other), "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 380);
}

#[test]
fn a_kept_model_assigns_other_texts() {
    let texts = texts(400);
    let found = find(&texts, &settings()).unwrap();
    let kept: TopicModel = serde_json::from_str(&serde_json::to_string(&found.model).unwrap()).unwrap();
    assert_eq!(kept.assign(&texts), found.labels);
    let others = ["no parcel from the courier", "What a lovely day", ""];
    assert_eq!(kept.assign(&others), [found.labels[0], None, None]);
    assert_eq!(kept.fitted(&others)[2].fit, 0.0);
}

#[test]
fn the_same_seed_finds_the_same_and_a_given_number_is_kept() {
    let texts = texts(200);
    let given = TopicSettings { n_topics: Some(3), ..settings() };
    let found = find(&texts, &given).unwrap();
    assert_eq!((found.topics.len(), found.tried.len()), (3, 1));
    assert_eq!(find(&texts, &given).unwrap(), found);
}

#[test]
fn what_makes_no_topics_is_refused() {
    let texts = texts(200);
    let refused = |texts: &[String], settings: TopicSettings| find(texts, &settings).unwrap_err().to_string();
    assert!(refused(&texts, TopicSettings { n_topics: Some(1), ..settings() }).contains("`n_topics` is 1"));
    assert!(refused(&texts, TopicSettings { most_topics: 1, ..settings() }).contains("`most_topics` is 1"));
    assert!(refused(&texts, TopicSettings { n_axes: 0, ..settings() }).contains("`n_axes` is 0"));
    assert!(refused(&texts, TopicSettings { least_fit: 1.5, ..settings() }).contains("`least_fit` is 1.5"));
    assert!(refused(&texts[..15], settings()).contains("finding topics needs at least 20 texts"));
    assert_eq!(find::<&str>(&[], &settings()), Err(TextError::NoWords));
    let same = vec!["late parcel again".to_owned(); 50];
    assert!(refused(&same, settings()).contains("no texts with words"), "a word that all have tells nothing");
    let all_the_same = TopicSettings { words: WordSettings::default(), ..settings() };
    assert!(refused(&same, all_the_same).contains("cannot find topics"));
}

/// Banking77: topics know nothing of the 77 intents that people gave the questions, and hang together with them nevertheless, as they do in
/// scikit-learn 1.9.1 (`TfidfVectorizer`, `TruncatedSVD(50)`, `normalize`, `KMeans(40)`): adjusted Rand index .221 to .236 over four seeds;
/// 994 words; singular values 18.18668, 15.43681, 14.35365 and, as the tenth, 10.76764.
#[test]
fn questions_of_bank_customers_fall_into_their_intents() {
    let Some((texts, intents)) = banking("topics of Banking77", "train") else { return };
    let given = TopicSettings { n_topics: Some(40), ..TopicSettings::default() };
    let found = find(&texts, &given).unwrap();
    let mut classes: Vec<&String> = intents.iter().collect();
    classes.sort_unstable();
    classes.dedup();
    let with_topic: Vec<usize> = (0..texts.len()).filter(|place| found.labels[*place].is_some()).collect();
    let topics: Vec<u32> = with_topic.iter().filter_map(|place| found.labels[*place]).collect();
    let codes: Vec<u32> =
        with_topic.iter().map(|place| classes.binary_search(&&intents[*place]).unwrap() as u32).collect();
    let agreement = adjusted_rand(&topics, &codes).unwrap();
    assert!(agreement > 0.22, "{agreement}");
    assert!(with_topic.len() > 9_000, "{}", with_topic.len());

    let words = &found.model.words;
    assert_eq!(words.words.len(), 994);
    let axes = Axes::of(&words.rows(&texts), 50, Places::from_seed(6));
    for (place, expected) in [(0, 18.18668), (1, 15.43681), (2, 14.35365), (9, 10.76764)] {
        let strength = axes.strengths[place];
        assert!((strength - expected).abs() < 1e-4 * expected, "{place}: {strength}");
    }
}
