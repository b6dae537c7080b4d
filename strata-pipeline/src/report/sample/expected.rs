//! What a model expects of the invented shop's customers.

use chrono::{DateTime, NaiveDate};
use strata_spec::definition::Model as Family;
use strata_spec::table::Subject;

use super::super::data::{AliveBin, CurvePoint, Expected, ExpectedClass, ExpectedDivision, Total};
use crate::models::{
    Baseline, Comparison, Contest, Course, CoursePoint, Fit, FrequencyGroup, Holdout, Measures, Outcome,
    Parameter, Part, Purchases, Told, Verdict,
};

/// A model that beats the revenue of the year before, if not by much.
pub(super) fn expected() -> Expected {
    let letter = |name: &str, value: f64| Parameter {
        name: name.to_owned(),
        value,
        standard_error: Some(value / 20.0),
    };
    let timing = Fit {
        parameters: [("r", 0.62), ("alpha", 48.0), ("a", 0.31), ("b", 1.9)]
            .map(|(name, value)| letter(name, value))
            .to_vec(),
        log_likelihood: Some(-38_211.4),
        is_regular: true,
        n_customers: 3_612,
        n_repeaters: Some(1_904),
        ..Fit::default()
    };
    let curve = (1..=50).map(|part| {
        let customers = f64::from(part) / 50.0;
        CurvePoint { customers, expected: customers.powf(0.34), revenue: Some(customers.powf(0.42)) }
    });
    let alive = [820, 240, 130, 95, 90, 110, 160, 270, 560, 1_137];
    let alive = (0..).zip(alive).map(|(tenth, n)| AliveBin { tenth, n, revenue: Some(n as f64 * 61.0) });
    Expected {
        model: Purchases {
            subject: Subject::Customers,
            family: Family::MbgNbd,
            among: None,
            timing: Told::Is(timing),
            spend: None,
            holdout: Some(Told::Is(holdout())),
        },
        held_out_from: NaiveDate::from_ymd_opt(2025, 7, 1),
        others: vec![("pareto_nbd".to_owned(), "no worse".to_owned())],
        horizon_days: 365,
        level: Some(0.8),
        total: Some(Total { n: 3_612, expected: 214_300.0, last_year: Some(262_900.0) }),
        curve: curve.collect(),
        divisions: vec![
            division(
                "expected_value_tier",
                "Value expected within a year",
                &[
                    ("Top tenth", 361, 98_000.0),
                    ("Next fifth", 722, 71_000.0),
                    ("Next two fifths", 1_445, 40_000.0),
                    ("Lowest three tenths", 1_084, 5_300.0),
                ],
            ),
            division(
                "rfm",
                "Recency and frequency",
                &[
                    ("Champions", 702, 120_400.0),
                    ("Loyal", 410, 51_100.0),
                    ("At risk", 380, 12_900.0),
                    ("Hibernating", 900, 2_100.0),
                ],
            ),
        ],
        alive: alive.collect(),
        companies: None,
    }
}

fn division(name: &str, title: &str, classes: &[(&str, u64, f64)]) -> ExpectedDivision {
    let class = |(title, n, expected): &(&str, u64, f64)| ExpectedClass {
        title: (*title).to_owned(),
        n: *n,
        expected: *expected,
        revenue: Some(expected * 1.8),
        interval: Some((0.0, 2.5 * expected / *n as f64)),
    };
    ExpectedDivision {
        name: name.to_owned(),
        title: title.to_owned(),
        classes: classes.iter().map(class).collect(),
    }
}

fn holdout() -> Holdout {
    let points = (1..=24).map(|step| {
        let days = f64::from(step) * 30.4;
        let expected = 9_000.0 * (1.0 - (-days / 500.0).exp());
        CoursePoint {
            days,
            expected: Some(expected),
            actual: Some(expected * (1.0 + (days / 90.0).sin() * 0.03)),
        }
    });
    let groups = (0..8_u32).map(|frequency| {
        let expected = 0.4 + 0.9 * f64::from(frequency);
        FrequencyGroup {
            frequency,
            and_more: frequency == 7,
            n: 1_400 / u64::from(frequency + 1),
            expected: Some(expected),
            actual: Some(expected * (1.0 + 0.05 * f64::from(frequency % 3) - 0.05)),
            standard_error: Some(0.05 * f64::from(frequency + 1)),
        }
    });
    let mut value = contest(&[("last_period", 0.66, 79.0, 0.45), ("formula", 0.6, 91.0, 0.41)]);
    value.by_prediction = (1..=10)
        .map(|part| {
            let expected = 2.0 * 1.55_f64.powi(i32::try_from(part).unwrap());
            Part { part, n: 280, expected: Some(expected), actual: Some(expected * 1.04) }
        })
        .collect();
    Holdout {
        at: DateTime::from_timestamp(1_751_320_800, 0).unwrap(),
        days: 365.0,
        n_customers: 2_804,
        is_everybody: true,
        purchases: contest(&[("rate_so_far", 0.6, 80.0, 0.4), ("mean_of_all", 0.0, 99.0, 0.1)]),
        value: Some(value),
        by_frequency: groups.collect(),
        course: Some(Course {
            held_out_from: Some(364.8),
            points: points.collect(),
            final_error: Some(0.012),
        }),
    }
}

fn contest(rules: &[(&str, f64, f64, f64)]) -> Contest {
    let measures = |(gini, error, top): (f64, f64, f64)| Measures {
        mean_predicted: Some(58.1),
        mean_actual: Some(56.4),
        mean_absolute_error: Some(error * 0.4),
        root_mean_squared_error: Some(error),
        bias: Some(1.7),
        relative_bias: Some(0.03),
        spearman: Some(gini * 0.8),
        normalised_gini: Some(gini),
        top_decile: Some(top),
        top_decile_best: Some(0.61),
    };
    let comparison = |measure: &str, (name, ..): &(&str, f64, f64, f64)| Comparison {
        measure: measure.to_owned(),
        baseline: (*name).to_owned(),
        advantage: Some(0.02),
        low: Some(0.01),
        high: Some(0.03),
        outcome: Outcome::Model,
    };
    let compared = |measure: &'static str| rules.iter().map(move |rule| comparison(measure, rule));
    Contest {
        verdict: Verdict::Better,
        model: measures((0.71, 76.0, 0.49)),
        baselines: rules
            .iter()
            .map(|(name, gini, error, top)| Baseline {
                name: (*name).to_owned(),
                measures: measures((*gini, *error, *top)),
            })
            .collect(),
        comparisons: compared("root_mean_squared_error").chain(compared("normalised_gini")).collect(),
        by_prediction: Vec::new(),
        interval: None,
    }
}
