//! The law of figures: what is printed stands in the evidence, over random evidence, held against the numbers themselves.

use super::*;

#[test]
fn a_figure_that_stands_nowhere_is_found() {
    let persona = written(&segment("s", 1_240), &[sundays()]);
    let with = |text: &str| {
        let mut changed = persona.clone();
        changed.sentences[0].text = text.to_owned();
        changed.check()
    };
    assert_eq!(with("42 % of them buy on Sundays, 29 % of others."), Ok(()));
    for text in
        ["43 % buy on Sundays.", "42.0 % buy on Sundays.", "−42 % buy on Sundays.", "42 % of 1,240 buy."]
    {
        let error = with(text).unwrap_err();
        assert!(error.message.contains("is not in its evidence") && error.hint.is_some(), "{error}");
    }
    let mut changed = persona.clone();
    changed.summary.push_str(" In 2 of 3 cases.");
    assert!(changed.check().is_err());
    let mut changed = persona.clone();
    changed.name = "The 42".to_owned();
    assert!(changed.check().is_err(), "a name has no figures");
    let mut changed = persona;
    changed.unknown[0].text.push_str(" Only 7 have data.");
    assert!(changed.check().is_err());
}

/// Every number that a sentence of this evidence may speak of, in the unit in which it is printed.
fn numbers(evidence: &Evidence) -> Vec<f64> {
    let mut numbers: Vec<f64> = evidence.accuracy.iter().map(|share| share * 100.0).collect();
    match &evidence.value {
        Value::Share { segment, rest, .. } | Value::Level { segment, rest, .. } => {
            numbers.extend([segment * 100.0, rest * 100.0]);
        }
        Value::Mean { segment, rest, .. } => numbers.extend([segment, rest]),
        Value::Score { segment, rest, of } => {
            numbers.extend([Some(*segment), Some(*rest), *of].into_iter().flatten())
        }
        Value::Range { low, high, .. } => numbers.extend([low, high]),
    }
    numbers
}

/// Whether a printed figure is one of the numbers, rounded to as many digits as are printed.
fn is_one_of(figure: &str, numbers: &[f64]) -> bool {
    let text = figure.replace(',', "").replace('−', "-").replace('+', "");
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let printed: f64 = text.parse().unwrap();
    let half = 0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap());
    numbers.iter().any(|number| (number - printed).abs() <= half * (1.0 + 1e-6) + 1e-9 * number.abs())
}

fn value() -> impl Strategy<Value = (Value, f64)> {
    let number = prop_oneof![-1e-3..1e-3, -1.0..1.0, -20.0..200.0, -1e11..1e11].boxed();
    let unit = prop_oneof![Just("EUR"), Just("orders a year"), Just("days"), Just("")].boxed();
    let shares = (0.0..=1.0, 0.0..=1.0, 0_u64..=400, 0_u64..=4_000).boxed();
    prop_oneof![
        shares.clone().prop_map(|(segment, rest, people, people_rest)| {
            (Value::Share { segment, rest, people, people_rest }, segment - rest)
        }),
        shares.prop_map(|(segment, rest, people, people_rest)| {
            let level = "North".to_owned();
            (Value::Level { level, segment, rest, people, people_rest }, segment - rest)
        }),
        (number.clone(), number.clone(), unit.clone()).prop_map(|(segment, rest, unit)| {
            (Value::Mean { segment, rest, unit: unit.to_owned() }, segment - rest)
        }),
        (number.clone(), number.clone(), proptest::option::of(3.0..10.0)).prop_map(
            |(segment, rest, of): (f64, f64, Option<f64>)| {
                (Value::Score { segment, rest, of: of.map(f64::round) }, segment - rest)
            }
        ),
        (number.clone(), number, unit, any::<bool>()).prop_map(|(a, b, unit, is_more)| {
            let value = Value::Range { low: f64::min(a, b), high: f64::max(a, b), unit: unit.to_owned() };
            (value, if is_more { 1.0 } else { -1.0 })
        }),
    ]
}

prop_compose! {
    fn any_evidence()(
        (value, side) in value(),
        effect in 0.0..2.0,
        half in 0.0..0.5,
        (n, n_rest) in (0_u64..=400, 0_u64..=4_000),
        state in prop_oneof![Just(State::Observed), Just(State::Measured), Just(State::Typed), Just(State::Inferred)],
        facet in 0..Facet::ALL.len(),
        label in prop_oneof![Just("order value"), Just("place {value}"), Just("live in {level}"), Just("buy on Sundays")],
        (coverage, reliability, accuracy, q) in (0.0..=1.0, proptest::option::of(0.0..=1.0), 0.0..=1.0, proptest::option::of(0.0..0.1)),
    ) -> Evidence {
        let effect = if side == 0.0 { 0.0 } else { f64::copysign(effect, side) };
        Evidence {
            n: n.max(400),
            n_rest: n_rest.max(4_000),
            state,
            accuracy: Some(accuracy),
            coverage,
            reliability,
            q,
            effect: Effect { kind: EffectKind::HedgesG, value: effect, interval: (effect - half, effect + half) },
            ..evidence("v", label, Facet::ALL[facet], value, effect)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    /// The writer's own check holds, and so does another that knows nothing of how figures are printed.
    #[test]
    fn no_sentence_has_a_figure_that_is_not_in_its_evidence(
        mut all in proptest::collection::vec(any_evidence(), 0..12),
        n in 0_u64..15_000,
    ) {
        for (place, each) in all.iter_mut().enumerate() {
            each.id = format!("e{place}");
            each.n = each.n.min(n);
            if let Value::Share { people, .. } | Value::Level { people, .. } = &mut each.value {
                *people = each.n.min(*people);
            }
        }
        let persona = written(&segment("s", n), &all);
        for sentence in &persona.sentences {
            let known: Vec<f64> = sentence.evidence.iter().flat_map(numbers).collect();
            for figure in figures(&sentence.text) {
                prop_assert!(is_one_of(&figure, &known), "{figure} in {} of {known:?}", sentence.text);
            }
            for each in &sentence.evidence {
                prop_assert!(all.contains(each) && each.n >= 30 && each.effect.value.abs() >= 0.2);
                if let Value::Share { people, .. } | Value::Level { people, .. } = &each.value {
                    prop_assert!(*people >= 10, "a share of {people} people is shown");
                }
                let is_marked = sentence.text.contains("estimated, accuracy");
                prop_assert_eq!(is_marked, each.state == State::Inferred);
            }
        }
        for facet in Facet::ALL {
            let n_told = persona.sentences.iter().filter(|each| each.facet == facet).count();
            let is_unknown = persona.unknown.iter().any(|unknown| unknown.facet == facet);
            prop_assert!(n_told <= 2 && is_unknown == (n_told == 0));
        }
        prop_assert!(n >= 30 || (persona.sentences.is_empty() && figures(&persona.summary).is_empty()));
    }

    /// Whatever a text holds, looking for figures ends, and finds what was put in.
    #[test]
    fn figures_are_found_in_any_text(text in "\\PC{0,40}", number in 0_u32..1_000_000) {
        let found = figures(&format!("{text} {number} {text}"));
        prop_assert!(found.contains(&number.to_string()));
        prop_assert!(found.iter().all(|figure| figure.chars().any(|each| each.is_ascii_digit())));
    }
}
