//! Tests of personas: three examples read aloud, what is told and what is not, names, and the law of figures over random evidence.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::name::WORDS;
use super::*;
use crate::guideline::{Domain, Firing, MeasuredScale, RuleBook, Seen, TestGoal, is_protected};
use crate::survey::AspectsDimension;

mod examples;
mod law;

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 30).unwrap()
}

fn segment(name: &str, n: u64) -> Segment {
    Segment { name: name.to_owned(), n, n_customers: 15_000, stability: None, date: date() }
}

fn evidence(variable: &str, label: &str, facet: Facet, value: Value, effect: f64) -> Evidence {
    let kind = match value {
        Value::Share { .. } | Value::Level { .. } => EffectKind::CohenH,
        _ => EffectKind::HedgesG,
    };
    Evidence {
        id: variable.to_owned(),
        variable: variable.to_owned(),
        label: label.to_owned(),
        facet,
        source: "behaviour: orders".to_owned(),
        state: State::Observed,
        n: 1_240,
        n_rest: 13_760,
        value,
        effect: Effect { kind, value: effect, interval: (effect - 0.08, effect + 0.08) },
        q: Some(0.0001),
        coverage: 1.0,
        reliability: None,
        accuracy: None,
        date: date(),
    }
}

fn share(segment: f64, rest: f64) -> Value {
    let people = |share: f64, n: f64| (share * n).round() as u64;
    Value::Share { segment, rest, people: people(segment, 1_240.0), people_rest: people(rest, 13_760.0) }
}

fn mean(segment: f64, rest: f64, unit: &str) -> Value {
    Value::Mean { segment, rest, unit: unit.to_owned() }
}

fn sundays() -> Evidence {
    evidence("share_sunday", "buy on Sundays", Facet::Behaviours, share(0.42, 0.29), 0.27)
}

fn written(segment: &Segment, evidence: &[Evidence]) -> Persona {
    let input = Input { segment, evidence, representative: None, guidelines: &Firing::default() };
    let persona = write(&input, &mut Names::default()).unwrap();
    persona.check().unwrap();
    persona
}

/// The sentence of one piece of evidence, with usual spaces.
fn said(evidence: Evidence) -> String {
    let persona = written(&segment("s", 1_240), &[evidence]);
    persona.sentences.first().map_or(String::new(), |sentence| sentence.text.replace('\u{a0}', " "))
}

#[test]
fn sentences_say_how_much_more_and_both_figures() {
    use Facet::*;
    let level = Value::Level {
        level: "the North".to_owned(),
        segment: 0.1,
        rest: 0.55,
        people: 124,
        people_rest: 7_568,
    };
    let score = |segment, rest, of| Value::Score { segment, rest, of };
    let range = Value::Range { low: 35.0, high: 49.0, unit: "years".to_owned() };
    for (evidence, expected) in [
        (sundays(), "Somewhat more of them buy on Sundays: 42 %, against 29 % of others."),
        (
            evidence("region", "live in {level}", Demographics, level, -1.03),
            "Far fewer of them live in the North: 10 %, against 55 % of others.",
        ),
        (
            evidence("orders", "place {value}", Behaviours, mean(3.24, 2.1, "orders a year"), 0.62),
            "They place 3.2 orders a year on average, clearly more than others (2.1 orders a year).",
        ),
        (
            evidence("order_value", "order value", SpendingAndBudget, mean(31.4, 42.0, "EUR"), -0.3),
            "Their average order value is EUR 31, somewhat lower than that of others (EUR 42).",
        ),
        (
            evidence("PRI", "price consciousness", Psychographics, score(3.9, 3.4, Some(5.0)), 0.55),
            "They score clearly higher on price consciousness: 3.9 of 5, against 3.4 for others.",
        ),
        (
            evidence("SAV", "saving time and effort", Goals, score(0.42, -0.1, None), 0.5),
            "Saving time and effort matters clearly more to them than to others: +0.42 points against −0.10, from each person's own average.",
        ),
        (
            evidence("years", "are {value} old", Demographics, range, 0.9),
            "Half of them are 35 to 49 years old, on the whole far above others.",
        ),
    ] {
        assert_eq!(said(evidence), expected);
    }
}

#[test]
fn guesses_say_that_they_are() {
    let guess = Evidence { state: State::Inferred, accuracy: Some(0.74), ..sundays() };
    assert_eq!(
        said(guess),
        "Somewhat more of them buy on Sundays: 42 %, against 29 % of others (estimated, accuracy 74 %)."
    );
    let typed = Evidence { state: State::Typed, accuracy: Some(0.8), ..sundays() };
    assert!(said(typed).ends_with("(from a few questions, accuracy 80 %)."));
}

#[test]
fn bands_begin_where_they_should() {
    for (effect, band) in [
        (0.199, None),
        (-0.2, Some(Band::Somewhat)),
        (0.499, Some(Band::Somewhat)),
        (0.5, Some(Band::Clearly)),
        (-0.8, Some(Band::Clearly)),
        (0.81, Some(Band::Far)),
        (f64::NAN, None),
    ] {
        assert_eq!(Band::of(effect), band, "{effect}");
    }
}

/// Each of these is not told, and the persona says why.
#[test]
fn what_is_not_told_is_said_to_be_unknown() {
    let cell = |people, people_rest| Value::Share { segment: 0.42, rest: 0.29, people, people_rest };
    let uncertain = Effect { kind: EffectKind::CohenH, value: 0.27, interval: (0.0, 0.6) };
    for (evidence, why) in [
        (Evidence { n: 29, value: cell(12, 4_000), ..sundays() }, Why::TooFew),
        (Evidence { n_rest: 29, value: cell(521, 12), ..sundays() }, Why::TooFew),
        (Evidence { value: cell(9, 4_000), ..sundays() }, Why::SmallCell),
        (Evidence { value: cell(521, 9), ..sundays() }, Why::SmallCell),
        (Evidence { value: cell(1_231, 4_000), ..sundays() }, Why::SmallCell),
        (Evidence { value: cell(521, 13_751), ..sundays() }, Why::SmallCell),
        (evidence("x", "buy", Facet::Behaviours, share(0.42, 0.40), 0.04), Why::NoDifference),
        (Evidence { effect: uncertain, ..sundays() }, Why::NoDifference),
        (Evidence { q: Some(0.05), ..sundays() }, Why::NoDifference),
        (Evidence { coverage: 0.0, ..sundays() }, Why::NoDifference),
        (
            Evidence {
                value: Value::Level {
                    level: "Religious".to_owned(),
                    segment: 0.42,
                    rest: 0.29,
                    people: 521,
                    people_rest: 3_990,
                },
                ..sundays()
            },
            Why::Sensitive,
        ),
        (Evidence { variable: "interests_alcohol".to_owned(), ..sundays() }, Why::Sensitive),
    ] {
        let persona = written(&segment("s", 1_240), std::slice::from_ref(&evidence));
        assert!(persona.sentences.is_empty(), "{evidence:?}");
        let of = |facet| persona.unknown.iter().find(|unknown| unknown.facet == facet).unwrap().why;
        assert_eq!((of(Facet::Behaviours), of(Facet::Goals)), (why, Why::NoData), "{evidence:?}");
        assert!(persona.summary.ends_with("Nothing that is known sets them apart from others."));
    }
    for told in [
        Evidence { value: cell(10, 10), ..sundays() },
        Evidence { n: 30, value: cell(12, 4_000), ..sundays() },
    ] {
        assert_eq!(written(&segment("s", 1_240), &[told]).sentences.len(), 1);
    }
}

#[test]
fn a_segment_of_few_is_not_described() {
    let alike = Representative {
        is_together: true,
        n_alike: 12,
        traits: vec![RepresentativeTrait {
            label: "region".to_owned(),
            typical: Typical::Level("North".to_owned()),
        }],
    };
    let few = segment("few", FEWEST - 1);
    let given = [Evidence {
        n: 29,
        value: Value::Share { segment: 0.42, rest: 0.29, people: 12, people_rest: 4_000 },
        ..sundays()
    }];
    let input = Input {
        segment: &few,
        evidence: &given,
        representative: Some(&alike),
        guidelines: &Firing::default(),
    };
    let persona = write(&input, &mut Names::default()).unwrap();
    persona.check().unwrap();
    assert_eq!((persona.sentences.len(), persona.representative), (0, None));
    assert!(figures(&persona.summary).is_empty() && persona.unknown.len() == 8, "{}", persona.summary);
    assert!(persona.unknown.iter().all(|unknown| unknown.why == Why::TooFew));
    let many = segment("many", FEWEST);
    let shown = |alike: &Representative| {
        let input = Input { segment: &many, representative: Some(alike), ..input.clone() };
        write(&input, &mut Names::default()).unwrap().representative.is_some()
    };
    assert!(shown(&alike) && !shown(&Representative { n_alike: 9, ..alike.clone() }));
}

#[test]
fn a_facet_tells_its_two_most_distinctive() {
    let of = |id: &str, effect: f64, reliability: Option<f64>| Evidence {
        id: id.to_owned(),
        label: id.to_owned(),
        reliability,
        ..evidence("v", "", Facet::Behaviours, share(0.42, 0.29), effect)
    };
    let mut all = vec![of("a", 0.3, None), of("b", 0.9, Some(0.09)), of("c", 0.5, None), of("d", 0.3, None)];
    let ids = |all: &[Evidence]| -> Vec<String> {
        written(&segment("s", 1_240), all).sentences.iter().map(|each| each.evidence[0].id.clone()).collect()
    };
    assert_eq!(ids(&all), ["c", "a"]);
    all.reverse();
    assert_eq!(ids(&all), ["c", "a"], "the order given does not matter");
}

#[test]
fn evidence_that_cannot_be_is_refused() {
    let effect = |value, low, high| Effect { kind: EffectKind::CohenH, value, interval: (low, high) };
    let range = Value::Range { low: 2.0, high: 1.0, unit: String::new() };
    for (evidence, message) in [
        (Evidence { coverage: 1.2, ..sundays() }, "coverage is 1.2"),
        (Evidence { q: Some(f64::NAN), ..sundays() }, "q is NaN"),
        (Evidence { state: State::Inferred, ..sundays() }, "it was inferred and its accuracy is not known"),
        (Evidence { value: share(1.2, 0.3), ..sundays() }, "a share is 1.2"),
        (Evidence { n: 100, ..sundays() }, "more people have it than are known"),
        (Evidence { value: range, ..sundays() }, "a range goes from 2 to 1"),
        (Evidence { value: mean(f64::INFINITY, 1.0, ""), ..sundays() }, "a figure is inf"),
        (Evidence { value: mean(1e12, 1.0, ""), ..sundays() }, "a figure is 1000000000000"),
        (
            Evidence { effect: effect(0.3, 0.4, 0.5), ..sundays() },
            "the effect 0.3 is not between 0.4 and 0.5",
        ),
        (
            Evidence { effect: effect(-0.3, -0.4, -0.2), ..sundays() },
            "the effect -0.3 points the other way than the figures",
        ),
    ] {
        let segment = segment("s", 1_240);
        let given = [evidence];
        let input = Input {
            segment: &segment,
            evidence: &given,
            representative: None,
            guidelines: &Firing::default(),
        };
        let error = write(&input, &mut Names::default()).unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.place.as_deref()),
            (message, Some("evidence `share_sunday`"))
        );
        assert!(error.hint.is_some());
    }
    let few = segment("few", 1_239);
    let given = [sundays()];
    let input =
        Input { segment: &few, evidence: &given, representative: None, guidelines: &Firing::default() };
    let error = write(&input, &mut Names::default()).unwrap_err();
    assert_eq!(error.message, "it is known of 1240 of 1239 members");
    let (segment, twice) = (segment("s", 1_240), [sundays(), sundays()]);
    let input =
        Input { segment: &segment, evidence: &twice, representative: None, guidelines: &Firing::default() };
    let error = write(&input, &mut Names::default()).unwrap_err();
    assert_eq!(error.message, "two pieces of evidence are called `share_sunday`");
}

#[test]
fn names_are_made_of_what_sets_apart_and_what_is_done() {
    let price = evidence(
        "attitudes_price_consciousness",
        "price consciousness",
        Facet::Psychographics,
        Value::Score { segment: 3.9, rest: 3.4, of: Some(5.0) },
        0.6,
    );
    let name = |all: &[Evidence]| written(&segment("s", 1_240), all).name;
    assert_eq!(name(&[sundays(), price.clone()]), "Price-minded Weekend Shoppers");
    // One variable is not both; what is guessed, demographic or protected names nobody.
    assert_eq!(name(&[sundays()]), "Everyday Weekend Shoppers");
    let guess = Evidence { state: State::Inferred, accuracy: Some(0.9), ..price.clone() };
    assert_eq!(name(&[sundays(), guess]), "Everyday Weekend Shoppers");
    let demographic = Evidence { facet: Facet::Demographics, ..price.clone() };
    assert_eq!(name(&[sundays(), demographic]), "Everyday Weekend Shoppers");
    let nervous = Evidence { variable: "traits_neuroticism_price".to_owned(), ..price.clone() };
    assert_eq!(name(&[sundays(), nervous]), "Everyday Weekend Shoppers");
    assert_eq!(name(&[]), "Everyday Customers");
    let less = Evidence {
        effect: Effect { kind: EffectKind::HedgesG, value: -0.6, interval: (-0.7, -0.5) },
        value: Value::Score { segment: 3.1, rest: 3.4, of: Some(5.0) },
        ..price
    };
    assert_eq!(name(&[sundays(), less]), "Price-relaxed Weekend Shoppers");
}

#[test]
fn no_two_personas_have_one_name_and_none_has_a_figure() {
    let (segment, given) = (segment("s", 1_240), [sundays()]);
    let input =
        Input { segment: &segment, evidence: &given, representative: None, guidelines: &Firing::default() };
    let write = || -> Vec<String> {
        write_all(&vec![input.clone(); 120]).unwrap().into_iter().map(|persona| persona.name).collect()
    };
    let names = write();
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), 120);
    assert_eq!(names, write(), "the same evidence has the same names");
    assert!(names.iter().all(|name| figures(name).is_empty()));
    assert_eq!(
        (names[0].as_str(), names[1].as_str()),
        ("Everyday Weekend Shoppers", "Versatile Weekend Shoppers")
    );
}

#[test]
fn the_words_of_names_stand_once_and_hurt_nobody() {
    let entries = WORDS.adjectives.iter().chain(&WORDS.nouns);
    let words: Vec<&String> = entries
        .flat_map(|entry| entry.more.iter().chain(&entry.less))
        .chain(&WORDS.any_adjectives)
        .chain(&WORDS.any_nouns)
        .collect();
    let all: std::collections::BTreeSet<&String> = words.iter().copied().collect();
    assert_eq!(all.len(), words.len());
    let birth = [
        "young",
        "old",
        "millennial",
        "boomer",
        "mum",
        "mom",
        "dad",
        "parent",
        "lady",
        "ladies",
        "men",
        "women",
        "girl",
        "boy",
        "senior",
        "family",
        "poor",
        "rich",
        "wealthy",
        "cheap",
        "lazy",
        "gen",
    ];
    for word in words {
        assert!(!is_protected(word), "{word}");
        let parts: Vec<String> =
            word.split(|each: char| !each.is_alphabetic()).map(str::to_lowercase).collect();
        assert!(birth.iter().all(|birth| parts.iter().all(|part| part != birth)), "{word}");
    }
}

#[test]
fn badges_ask_for_more_than_noise_gives() {
    let badge = |jaccard, beats_chance| Badge::of(Some(Stability { jaccard, beats_chance }));
    for (found, expected) in [
        (badge(0.9, Some(true)), Badge::HighlyStable),
        (badge(0.75, Some(true)), Badge::Stable),
        (badge(0.9, Some(false)), Badge::UsefulCut),
        (badge(0.9, None), Badge::UsefulCut),
        (badge(0.6, Some(true)), Badge::Pattern),
        (badge(0.59, Some(true)), Badge::Unstable),
        (badge(f64::NAN, Some(true)), Badge::Unstable),
        (Badge::of(None), Badge::Untested),
    ] {
        assert_eq!(found, expected);
    }
}
