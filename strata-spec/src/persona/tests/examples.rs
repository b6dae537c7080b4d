//! Three personas from evidence made by hand, to be read aloud: of a shop with customers who were asked, and of what little data say.

use super::*;

fn measured(domain: Domain, instrument: &str, scale: &str, g: f64) -> MeasuredScale {
    MeasuredScale {
        domain,
        instrument: instrument.to_owned(),
        scale: scale.to_owned(),
        g,
        ci: (g - 0.17, g + 0.17),
        q: 0.002,
        n: 164,
        reliability: 0.78,
        state: State::Measured,
        mean: None,
    }
}

fn asked(variable: &str, label: &str, facet: Facet, value: Value, effect: f64) -> Evidence {
    Evidence {
        n: 164,
        n_rest: 1_430,
        source: "psychometric: responses".to_owned(),
        state: State::Measured,
        reliability: Some(0.78),
        coverage: 0.13,
        effect: Effect { kind: EffectKind::HedgesG, value: effect, interval: (effect - 0.17, effect + 0.17) },
        ..evidence(variable, label, facet, value, effect)
    }
}

/// The evidence of a segment of that size: as many are known as there are, and complaints come from elsewhere.
fn of(n: u64, mut all: Vec<Evidence>) -> Vec<Evidence> {
    for each in &mut all {
        let known = each.n;
        each.n = each.n.min(n);
        each.n_rest = each.n_rest.min(15_000 - n);
        if let Value::Share { people, .. } | Value::Level { people, .. } = &mut each.value {
            *people = *people * each.n / known;
        }
        if each.facet == Facet::PainPoints {
            each.source = "behaviour: feedback".to_owned();
        }
    }
    all
}

fn weekend() -> Vec<Evidence> {
    let region = Value::Level {
        level: "the North".to_owned(),
        segment: 0.48,
        rest: 0.31,
        people: 595,
        people_rest: 4_266,
    };
    let years = Value::Range { low: 35.0, high: 49.0, unit: "years".to_owned() };
    let score = Value::Score { segment: 3.9, rest: 3.4, of: Some(5.0) };
    let need = Value::Score { segment: 0.64, rest: 0.31, of: None };
    vec![
        evidence("region", "live in {level}", Facet::Demographics, region, 0.35),
        evidence("years_of_age", "are {value} old", Facet::Demographics, years, -0.24),
        asked("attitudes_price_consciousness", "price consciousness", Facet::Psychographics, score, 0.58),
        evidence(
            "share_weekend",
            "place most of their orders at the weekend",
            Facet::Behaviours,
            share(0.62, 0.29),
            0.68,
        ),
        evidence(
            "orders_per_year",
            "place {value}",
            Facet::Behaviours,
            mean(5.24, 3.1, "orders a year"),
            0.55,
        ),
        evidence("share_garden", "buy for the garden", Facet::Preferences, share(0.38, 0.21), 0.38),
        evidence(
            "late_delivery",
            "complain about late delivery",
            Facet::PainPoints,
            share(0.094, 0.041),
            0.22,
        ),
        asked("needs_get_value", "getting good value", Facet::Goals, need, 0.42),
        evidence(
            "newsletter_evening",
            "open the newsletter in the evening",
            Facet::ChannelAndTime,
            share(0.33, 0.17),
            0.38,
        ),
        evidence(
            "average_order_value",
            "order value",
            Facet::SpendingAndBudget,
            mean(42.3, 57.8, "EUR"),
            -0.46,
        ),
    ]
}

fn specialists() -> Vec<Evidence> {
    let score = Value::Score { segment: 4.4, rest: 3.7, of: Some(5.0) };
    let guess = Evidence {
        state: State::Inferred,
        accuracy: Some(0.74),
        source: "psychometric: look-alike".to_owned(),
        coverage: 0.9,
        ..evidence("interests_travel", "are keen on travel", Facet::Preferences, share(0.51, 0.33), 0.37)
    };
    vec![
        asked("attitudes_quality_orientation", "quality orientation", Facet::Psychographics, score, 0.94),
        evidence("n_categories", "buy from {value}", Facet::Behaviours, mean(1.3, 2.9, "categories"), -0.87),
        evidence("share_returned", "send something back", Facet::Behaviours, share(0.08, 0.19), -0.33),
        guess,
        evidence("share_app", "order in the app", Facet::ChannelAndTime, share(0.71, 0.34), 0.76),
        evidence(
            "revenue",
            "spend {value}",
            Facet::SpendingAndBudget,
            mean(1_284.0, 312.0, "EUR a year"),
            1.12,
        ),
    ]
}

fn newcomers() -> Vec<Evidence> {
    let score = Value::Score { segment: 3.9, rest: 3.4, of: Some(5.0) };
    let cell = Value::Share { segment: 0.05, rest: 0.2, people: 4, people_rest: 2_700 };
    vec![
        evidence(
            "days_since_first_order",
            "have been with us for {value}",
            Facet::Behaviours,
            mean(21.0, 744.0, "days"),
            -1.4,
        ),
        Evidence {
            n: 12,
            ..asked("attitudes_brand_loyalty", "brand loyalty", Facet::Psychographics, score, 0.6)
        },
        Evidence { n: 80, ..evidence("complaint", "complain", Facet::PainPoints, cell, -0.47) },
        evidence(
            "average_order_value",
            "order value",
            Facet::SpendingAndBudget,
            mean(56.1, 57.8, "EUR"),
            -0.05,
        ),
    ]
}

#[test]
fn three_personas_are_read_aloud() {
    let segments = [
        Segment {
            stability: Some(Stability { jaccard: 0.83, beats_chance: Some(true) }),
            ..segment("weekend_savers", 1_240)
        },
        Segment {
            stability: Some(Stability { jaccard: 0.79, beats_chance: Some(false) }),
            ..segment("app_loyal", 612)
        },
        segment("new_this_month", 340),
    ];
    let goal = TestGoal::new(0.05, 0.02).unwrap();
    let rules = RuleBook::shipped();
    let guidelines = [
        rules.fire(
            &[measured(Domain::Dimension(AspectsDimension::Attitudes), "attitudes-24-cc0", "PRI", 0.58)],
            &[],
            goal,
        ),
        rules.fire(
            &[
                measured(Domain::Dimension(AspectsDimension::Attitudes), "attitudes-24-cc0", "QUA", 0.94),
                measured(Domain::Dimension(AspectsDimension::Traits), "traits-adjectives-40", "N", 0.41),
            ],
            &[Seen { fact: crate::guideline::Fact::AgeDiffers, n: 612 }],
            goal,
        ),
        Firing::default(),
    ];
    let range = |low, high, unit: &str| Typical::Range { low, high, unit: unit.to_owned() };
    let typical = |label: &str, typical| RepresentativeTrait { label: label.to_owned(), typical };
    let representatives = [
        Some(Representative {
            is_together: true,
            n_alike: 46,
            traits: vec![
                typical("region", Typical::Level("North".to_owned())),
                typical("age", range(38.0, 46.0, "years")),
                typical("order value", range(38.0, 47.0, "EUR")),
            ],
        }),
        Some(Representative {
            is_together: false,
            n_alike: 612,
            traits: vec![
                typical("spending", range(900.0, 1_500.0, "EUR a year")),
                typical("categories", range(1.0, 2.0, "")),
            ],
        }),
        None,
    ];
    let evidence = [of(1_240, weekend()), of(612, specialists()), of(340, newcomers())];
    let inputs: Vec<Input<'_>> = (0..3)
        .map(|place| Input {
            segment: &segments[place],
            evidence: &evidence[place],
            representative: representatives[place].as_ref(),
            guidelines: &guidelines[place],
        })
        .collect();
    let personas = write_all(&inputs).unwrap();
    personas.iter().for_each(|persona| persona.check().unwrap());
    insta::assert_snapshot!(markdown(&personas).replace('\u{a0}', " "));
}

/// Each sentence carries its text and, exactly, what it rests on.
#[test]
fn sentences_carry_their_evidence_as_json() {
    let persona = written(&segment("weekend_savers", 1_240), &[sundays()]);
    let json = serde_json::to_value(&persona).unwrap();
    let sentence = &json["sentences"][0];
    assert_eq!(sentence["facet"], "behaviours");
    let evidence = &sentence["evidence"][0];
    assert_eq!((&evidence["n"], &evidence["n_rest"]), (&1_240.into(), &13_760.into()));
    assert_eq!(evidence["effect"]["value"], 0.27);
    assert_eq!(evidence["effect"]["kind"], "cohen_h");
    assert_eq!(evidence["effect"]["interval"], serde_json::json!([0.27 - 0.08, 0.27 + 0.08]));
    assert_eq!(evidence["value"]["share"]["segment"], 0.42);
    assert_eq!((&evidence["source"], &evidence["state"]), (&"behaviour: orders".into(), &"observed".into()));
    assert_eq!(evidence["date"], "2026-09-30");
    let back: Evidence = serde_json::from_value(evidence.clone()).unwrap();
    assert_eq!(back, sundays());
}
