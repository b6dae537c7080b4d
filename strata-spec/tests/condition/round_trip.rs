//! What is written back reads as the same condition, in text and in JSON; and no text breaks the reader.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use sqlparser::keywords::ALL_KEYWORDS;
use strata_spec::condition::{Condition, Term};
use strata_spec::table::Subject;

use crate::arbitrary::{Place, condition, term};

fn subject_and_condition() -> impl Strategy<Value = (Subject, Condition)> {
    select(Subject::ALL.to_vec())
        .prop_flat_map(|subject| (Just(subject), condition(Place { subject, rows: None }, 3)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_reads_as_what_was_written((subject, condition) in subject_and_condition()) {
        for text in [condition.to_string(), condition.text(subject)] {
            let read = Condition::parse(&text, subject).map_err(|error| TestCaseError::fail(format!("{error}")))?;
            prop_assert_eq!(&read, &condition, "{}", text);
            prop_assert_eq!(read.to_string(), condition.to_string());
        }
    }

    #[test]
    fn json_reads_as_what_was_written((subject, condition) in subject_and_condition()) {
        let json = condition.to_json();
        let sent: Value = serde_json::from_str(&json.to_string()).unwrap();
        prop_assert_eq!(&sent, &json);
        let read = Condition::from_json(&sent, subject).map_err(|error| TestCaseError::fail(format!("{error}")))?;
        prop_assert_eq!(&read, &condition, "{}", json);
        prop_assert_eq!(read.to_json(), json);
    }

    #[test]
    fn terms_read_as_what_was_written(term in term(Place { subject: Subject::Customers, rows: None }, 3)) {
        let text = term.to_string();
        let read = Term::parse(&text, Subject::Customers).map_err(|error| TestCaseError::fail(format!("{error}")))?;
        prop_assert_eq!(&read, &term, "{}", text);
        let read = Term::from_json(&term.to_json(), Subject::Customers);
        prop_assert_eq!(read, Ok(term));
    }

    #[test]
    fn a_laid_out_text_reads_as_what_was_written((subject, condition) in subject_and_condition(), width in 0..120_usize) {
        let text = condition.format(subject, width);
        let read = Condition::parse(&text, subject).map_err(|error| TestCaseError::fail(format!("{error}")))?;
        prop_assert_eq!(&read, &condition, "{}", text);
        prop_assert_eq!(&read.format(subject, width), &text);
        prop_assert_eq!(condition.format(subject, usize::MAX), condition.text(subject));
    }

    #[test]
    fn every_condition_can_be_said((_, condition) in subject_and_condition()) {
        let sentence = condition.sentence();
        prop_assert!(!sentence.trim().is_empty());
    }

    #[test]
    fn any_words_are_read_or_refused_with_a_place_and_a_hint(words in prop::collection::vec(word(), 0..24)) {
        let text = words.join(" ");
        if let Err(error) = Condition::parse(&text, Subject::Customers) {
            prop_assert!(!error.message.is_empty() && error.hint.is_some(), "{}: {}", text, error);
            prop_assert!(error.position.is_some() || text.trim().is_empty(), "{}: {}", text, error);
            prop_assert!(!error.message.contains("Expected") && !error.message.contains("sql parser"), "{}", error);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..96), subject in select(Subject::ALL.to_vec())) {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = Condition::parse(&text, subject) {
            prop_assert!(!error.message.is_empty() && error.hint.is_some(), "{:?}: {}", text, error);
        }
    }

    #[test]
    fn any_json_is_read_or_refused_with_its_path(json in json_soup(), subject in select(Subject::ALL.to_vec())) {
        match Condition::from_json(&json, subject) {
            Ok(condition) => prop_assert_eq!(Condition::from_json(&condition.to_json(), subject), Ok(condition)),
            Err(error) => prop_assert!(error.place.is_some_and(|place| place.starts_with('$')), "{}", json),
        }
    }
}

/// JSON of the builder's keys, in places where they may or may not stand.
fn json_soup() -> impl Strategy<Value = Value> {
    let keys = vec![
        "all",
        "any",
        "not",
        "at_least",
        "of",
        "left",
        "operator",
        "right",
        "term",
        "in",
        "between",
        "like",
        "negated",
        "is",
        "in_last",
        "time",
        "in_segment",
        "in_class",
        "sequence",
        "step",
        "no_step",
        "where",
        "within",
        "same",
        "filter",
        "changed",
        "from",
        "to",
        "window",
        "entered",
        "was",
        "value",
        "at",
        "was_in",
        "since",
        "member_since",
        "rank",
        "among",
        "truth",
        "column",
        "aggregate",
        "table",
        "call",
        "sql",
        "date",
        "interval",
        "as_of",
        "events",
    ];
    let texts = vec![
        "events",
        "orders",
        "=",
        "+",
        "a",
        "30 days",
        "vip",
        "count",
        "every",
        "lower",
        "a = 1",
        "2026-03-01",
        "VIP",
        "",
    ];
    let leaf = prop_oneof![
        4 => select(texts).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        2 => Just(serde_json::json!({ "column": "a" })),
    ];
    leaf.prop_recursive(5, 48, 4, move |inner| {
        let entry = (select(keys.clone()).prop_map(str::to_owned), inner.clone());
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
            3 => prop::collection::vec(entry, 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Words that a condition might be made of.
fn word() -> impl Strategy<Value = String> {
    let known = vec![
        "a",
        "orders",
        "orders.amount",
        "customer.city",
        "5",
        "1.5",
        "'x'",
        "'30 days'",
        "\"Q s\"",
        "(",
        "(",
        ")",
        ")",
        ",",
        "and",
        "or",
        "not",
        "=",
        "<",
        "+",
        "-",
        "*",
        "in",
        "in (",
        "is null",
        "is distinct from",
        "between",
        "like",
        "count(",
        "sum(",
        "filter (where",
        "in_last(",
        "at_least(",
        "case when",
        "then",
        "else",
        "end",
        "interval",
        "date",
        "timestamp",
        "floor(",
        "trim(",
        "coalesce(",
        "percentile(",
        "sequence(",
        "step(events,",
        "no_step(",
        "same(",
        "within(",
        "changed(",
        "was_in(",
        "entered('vip'",
        "left(",
        "has_been(",
        "has_been(plan, 'x')",
        "percent_rank(",
        "within_polygon(",
        "every(",
        "active_periods(",
        "reachable('email')",
        "::",
        "[",
        "{",
        "?",
        "$1",
        ":",
        "'",
        "\"",
        "--",
        "/*",
    ];
    prop_oneof![
        6 => select(known).prop_map(str::to_owned),
        1 => select(ALL_KEYWORDS.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,3}",
    ]
}

/// Words such as `date`, `interval` or `all` can be columns; those that cannot stand bare are quoted when written.
#[test]
fn every_keyword_can_be_a_column() {
    let mut wrong = std::collections::BTreeSet::new();
    for keyword in ALL_KEYWORDS {
        let quoted = format!("\"{keyword}\"");
        let texts = [
            quoted.clone(),
            format!("not {quoted} or lower({quoted}) = {quoted} and {quoted} in ({quoted}, 5)"),
            format!(
                "count(orders.{quoted}) filter (where {quoted} and {quoted} > customer.{quoted}) + {quoted} > -5"
            ),
            format!("case when {quoted} then {quoted} else {quoted} end between {quoted} and {quoted}"),
            format!("at_least(1, {quoted}) and in_last({quoted}, '30 days') and {quoted} is null"),
        ];
        for text in texts {
            let condition =
                Condition::parse(&text, Subject::Customers).unwrap_or_else(|error| panic!("{error}"));
            if Condition::parse(&condition.to_string(), Subject::Customers) != Ok(condition) {
                wrong.insert(*keyword);
            }
        }
    }
    assert!(wrong.is_empty(), "need quotes: {wrong:?}");
}

#[test]
fn deep_and_long_texts_end_in_an_error_not_in_an_overflow() {
    let check = |text: String, message: &str| {
        let error = Condition::parse(&text, Subject::Customers).unwrap_err();
        assert!(error.message.contains(message), "{}", error.message);
    };
    check(format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000)), "nested too deeply");
    check(format!("{}a", "not ".repeat(100_000)), "operators");
    check(format!("{}a{}", "(".repeat(900), ")".repeat(900)), "nested too deeply");
    check(format!("{}a", "not ".repeat(1_900)), "nested too deeply");
    check(format!("{}x{}", "floor(".repeat(900), ")".repeat(900)), "nested too deeply");
    check(format!("{}x", "case when ".repeat(1_900)), "nested too deeply");
    check(format!("{}x", "- ".repeat(1_900)), "nested too deeply");
    check(format!("a{}", " and a".repeat(100_000)), "at most 2000 operators");
    check(format!("1{} > 2", " + 1".repeat(1_500)), "at most 100 parts");

    // Ten thousand levels of what nests.
    for (open, close) in [
        ("(", ")"),
        ("not (", ")"),
        ("every(", ")"),
        ("sequence(step(events, ", "))"),
        ("rank(", ")"),
        ("changed(plan, ", ")"),
        ("has_been(", ") > '1 day'"),
        ("at_least(1, ", ")"),
        ("case when ", " then 1 end"),
    ] {
        let text = format!("{}a{}", open.repeat(10_000), close.repeat(10_000));
        assert!(Condition::parse(&text, Subject::Customers).is_err(), "{open}");
    }

    // Chains that nest without parentheses.
    for step in
        [" is null", " ~ 'a'", " in (1)", " like 'a'", " is distinct from 1", " = 1", " between 1 and 2"]
    {
        check(format!("a{}", step.repeat(400)), if step == " = 1" { "chained" } else { "nested too deeply" });
    }
    // Its normal form would be twice as deep.
    check(format!("{}x > 1", "- ".repeat(40)), "nested too deeply");

    // As deep as it may be, in text and in JSON.
    for (open, close) in [
        ("(a or (b and ", "))"),
        ("floor(", ")"),
        ("case when ", " then a end"),
        ("(1 + ", ")"),
        ("not (a or ", ")"),
    ] {
        let deep = |times: usize| format!("{}c{} = 1", open.repeat(times), close.repeat(times));
        let condition =
            (1..).map_while(|times| Condition::parse(&deep(times), Subject::Customers).ok()).last();
        let condition = condition.unwrap_or_else(|| panic!("`{open}` cannot be read at all"));
        assert_eq!(Condition::parse(&condition.to_string(), Subject::Customers).as_ref(), Ok(&condition));
        assert_eq!(Condition::from_json(&condition.to_json(), Subject::Customers).as_ref(), Ok(&condition));
        assert!(!condition.sentence().is_empty());
    }

    // As long as it may be, on a thread with the customary stack.
    let longest = format!("a{}", " or a = 1 and b".repeat(660));
    let condition = Condition::parse(&longest, Subject::Customers).unwrap();
    assert_eq!(Condition::parse(&condition.to_string(), Subject::Customers).as_ref(), Ok(&condition));
    assert_eq!(Condition::from_json(&condition.to_json(), Subject::Customers).as_ref(), Ok(&condition));

    // A long list is no deep tree.
    let list: Vec<String> = (0..50_000).map(|id| format!("'cus_{id}'")).collect();
    assert!(Condition::parse(&format!("customer_id in ({})", list.join(", ")), Subject::Customers).is_ok());
}

#[test]
fn a_megabyte_of_text_is_read_or_refused() {
    let long = "ä ".repeat(350_000);
    let read = |text: String| Condition::parse(&text, Subject::Customers);
    let condition = read(format!("city = '{long}' and array_has(tags, '{long}')")).unwrap();
    assert_eq!(
        Condition::parse(&condition.format(Subject::Customers, 80), Subject::Customers).as_ref(),
        Ok(&condition)
    );
    assert!(!condition.sentence().is_empty());
    for text in [
        long.clone(),
        format!("regexp_like(city, '{}')", "(".repeat(1_000_000)),
        format!("regexp_like(city, '{}')", "a{1000}".repeat(150_000)),
        format!("within_polygon(latitude, longitude, 'POLYGON {}')", "(".repeat(1_000_000)),
        format!("within_polygon(latitude, longitude, 'POLYGON (({}0 0))')", "0 0, ".repeat(200_000)),
        format!("in_last(x, '{}')", "9 days ".repeat(160_000)),
        format!("in_period(x, '{}')", "fiscal ".repeat(150_000)),
        format!("sequence({})", "step(orders), ".repeat(70_000)),
        format!("in_segment('{}')", "a".repeat(1_000_000)),
        format!("city like '{}'", "%a".repeat(500_000)),
        format!("city like {}", "%a".repeat(500_000)),
        format!("{}(city)", "a".repeat(1_000_000)),
        format!("/*{}", " and a".repeat(150_000)),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.to_string().len() < 3_000, "{}", error.to_string().len());
        assert!(error.hint.is_some_and(|hint| hint.len() < 3_000));
    }
}

#[test]
fn json_nested_too_deeply_ends_in_an_error() {
    let mut json = serde_json::json!({ "is": { "column": "a" } });
    for _ in 0..10_000 {
        json = Value::Object([("not".to_owned(), json)].into_iter().collect());
    }
    let error = Condition::from_json(&json, Subject::Customers).unwrap_err();
    assert!(error.message.contains("nested too deeply"), "{error}");
}
