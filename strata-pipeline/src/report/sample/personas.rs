//! Personas as a report shows them.

use chrono::NaiveDate;
use strata_spec::guideline::{Domain, MeasuredScale, RuleBook, TestGoal};
use strata_spec::persona::{
    Effect, EffectKind, Evidence, Facet, Input, Persona, Representative, RepresentativeTrait, Segment, State,
    Typical, Value, write_all,
};
use strata_spec::survey::AspectsDimension;

/// A persona of which much is known, and one of which little is.
pub(crate) fn personas() -> Vec<Persona> {
    let date = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
    let segment =
        |name: &str, n| Segment { name: name.to_owned(), n, n_customers: 15_000, stability: None, date };
    let (loyal, new) = (segment("loyal", 1_240), segment("new_this_month", 25));
    let evidence = [
        evidence(
            date,
            "orders_per_year",
            Facet::Behaviours,
            "place {value}",
            State::Observed,
            Value::Mean { segment: 5.2, rest: 3.1, unit: "orders a year".to_owned() },
        ),
        evidence(
            date,
            "att_price",
            Facet::Psychographics,
            "price consciousness",
            State::Measured,
            Value::Score { segment: 3.9, rest: 3.4, of: Some(5.0) },
        ),
        evidence(
            date,
            "channel",
            Facet::ChannelAndTime,
            "order mostly by this channel: {level}",
            State::Observed,
            Value::Level {
                level: "App & web".to_owned(),
                segment: 0.62,
                rest: 0.29,
                people: 760,
                people_rest: 3_990,
            },
        ),
    ];
    let scale = MeasuredScale {
        domain: Domain::Dimension(AspectsDimension::Attitudes),
        instrument: "attitudes-24-cc0".to_owned(),
        scale: "price".to_owned(),
        g: 0.6,
        ci: (0.45, 0.75),
        q: 0.001,
        n: 1_000,
        reliability: 0.8,
        state: State::Measured,
        mean: None,
    };
    let fired = RuleBook::shipped().fire(&[scale], &[], TestGoal::new(0.05, 0.02).unwrap());
    let nothing = RuleBook::shipped().fire(&[], &[], TestGoal::new(0.05, 0.02).unwrap());
    let typical = Representative {
        is_together: true,
        n_alike: 46,
        traits: vec![RepresentativeTrait {
            label: "order value".to_owned(),
            typical: Typical::Range { low: 38.0, high: 47.0, unit: "EUR".to_owned() },
        }],
    };
    write_all(&[
        Input { segment: &loyal, evidence: &evidence, representative: Some(&typical), guidelines: &fired },
        Input { segment: &new, evidence: &[], representative: None, guidelines: &nothing },
    ])
    .unwrap()
}

fn evidence(date: NaiveDate, name: &str, facet: Facet, label: &str, state: State, value: Value) -> Evidence {
    let is_share = matches!(value, Value::Level { .. });
    Evidence {
        id: name.to_owned(),
        variable: name.to_owned(),
        label: label.to_owned(),
        facet,
        source: "behavioural: orders".to_owned(),
        state,
        n: 1_240,
        n_rest: 13_760,
        value,
        effect: Effect {
            kind: if is_share { EffectKind::CohenH } else { EffectKind::HedgesG },
            value: 0.6,
            interval: (0.5, 0.7),
        },
        q: Some(0.001),
        coverage: 1.0,
        reliability: None,
        accuracy: None,
        date,
    }
}
