//! What is wrong with the invented shop's data.

use strata_models::psychometrics::gate::Use;

use crate::survey::kano::{Group, OfSegment, Told, Wanted};
use crate::survey::{ScaleQuality, SurveyQuality};
use strata_spec::definition::Layer;

use super::super::data::{
    Change, ColumnQuality, Flagged, Freshness, Gap, IdentityData, LayerQuality, QualityData, Reason,
};
use super::midnight;

/// Missing, invalid, duplicated, stale, outlying and inconsistent rows of a column.
type Column = (&'static str, &'static str, u64, [u64; 6]);

const COLUMNS: [Column; 18] = [
    ("shop", "customers.birth_date", 5_204, [1_770, 58, 0, 0, 12, 0]),
    ("shop", "customers.phone", 5_204, [2_480, 96, 31, 0, 0, 44]),
    ("shop", "customers.email", 5_204, [120, 41, 88, 0, 0, 0]),
    ("shop", "customers.region", 5_204, [196, 0, 0, 212, 0, 61]),
    ("shop", "customers.gender", 5_204, [471, 0, 0, 0, 0, 0]),
    ("shop", "customers.customer_id", 5_204, [0, 0, 0, 0, 0, 0]),
    ("shop", "customers.country", 5_204, [0, 0, 0, 0, 0, 0]),
    ("shop", "orders.ordered_at", 9_876, [140, 72, 0, 0, 0, 0]),
    ("shop", "orders.amount", 9_876, [0, 14, 0, 0, 37, 0]),
    ("shop", "orders.order_id", 9_876, [0, 0, 66, 0, 0, 0]),
    ("shop", "orders.channel", 9_876, [0, 0, 0, 0, 0, 0]),
    ("pos", "customers.phone", 2_310, [640, 12, 9, 0, 0, 44]),
    ("pos", "orders.amount", 2_310, [0, 0, 0, 0, 6, 0]),
    ("web", "events.customer_id", 61_200, [38_400, 0, 0, 0, 0, 0]),
    ("web", "events.category", 61_200, [21_800, 310, 0, 0, 0, 0]),
    ("web", "events.event_id", 61_200, [0, 0, 240, 0, 0, 0]),
    ("crm", "companies.n_employees", 210, [0, 2, 0, 38, 1, 0]),
    ("crm", "companies.industry", 210, [0, 0, 0, 0, 0, 0]),
];

pub(super) fn quality() -> QualityData {
    QualityData {
        columns: COLUMNS
            .map(|(source, column, n_rows, faults)| {
                let [n_missing, n_invalid, n_duplicated, n_stale, n_outlying, n_inconsistent] = faults;
                ColumnQuality {
                    source: source.to_owned(),
                    column: column.to_owned(),
                    n_rows,
                    n_missing,
                    n_invalid,
                    n_duplicated,
                    n_stale,
                    n_outlying,
                    n_inconsistent,
                }
            })
            .to_vec(),
        layers: vec![
            layer(
                Layer::Demographic,
                0.72,
                &[("date of birth", 0.34, "Age", 0.34), ("gender", 0.09, "Gender", 0.09)],
            ),
            layer(Layer::Geographic, 0.96, &[("region", 0.04, "State or region", 0.04)]),
            layer(Layer::Firmographic, 1.0, &[]),
            layer(Layer::Behavioural, 0.93, &[("category", 0.07, "Favourite category", 0.14)]),
            layer(Layer::Journey, 1.0, &[]),
            layer(Layer::Value, 0.85, &[("order", 0.15, "Lifetime value", 0.15)]),
            layer(Layer::Psychometric, 0.13, &[("survey answer", 0.87, "Attention to price", 0.87)]),
        ],
        freshness: [
            ("shop", 30, 15_080, Some(14_402)),
            ("web", 30, 61_200, Some(52_911)),
            ("pos", 18, 2_310, Some(2_310)),
            ("crm", 2, 210, None),
        ]
        .map(|(source, day, n_rows, n_rows_before)| Freshness {
            source: source.to_owned(),
            last: midnight(2026, 6, day),
            n_rows,
            n_rows_before,
        })
        .to_vec(),
        changes: vec![Change { what: "customers.phone missing (shop)".to_owned(), before: 0.31, now: 0.477 }],
        flagged: [("Events of bots", 4_120, 61_200), ("Test orders", 17, 9_876)]
            .map(|(what, n, n_of)| Flagged { what: what.to_owned(), n, n_of })
            .to_vec(),
        identity: Some(IdentityData {
            n_ids: 7_940,
            n_customers: 4_812,
            joined: reasons(&[("E-mail", 2_204), ("Phone", 611), ("Anonymous id after log-in", 313)]),
            refused: reasons(&[
                ("shared by too many: the value says nothing", 96),
                ("two people with one e-mail", 41),
                ("would give one customer more ids than allowed", 3),
            ]),
        }),
    }
}

fn layer(layer: Layer, score: f64, gaps: &[(&str, f64, &str, f64)]) -> LayerQuality {
    let gap = |(what, missing, segmentation, unassigned): &(&str, f64, &str, f64)| Gap {
        what: (*what).to_owned(),
        missing: *missing,
        segmentation: (*segmentation).to_owned(),
        unassigned: *unassigned,
    };
    LayerQuality { layer, score, gaps: gaps.iter().map(gap).collect() }
}

fn reasons(reasons: &[(&str, u64)]) -> Vec<Reason> {
    reasons.iter().map(|(what, n)| Reason { what: (*what).to_owned(), n: *n }).collect()
}

/// A survey of two scales, one of which may not be used.
pub(crate) fn survey() -> SurveyQuality {
    let scale = |title: &str, omega: f64, usage: Use, reason: &str| ScaleQuality {
        name: title.to_lowercase().replace(' ', "_"),
        title: title.to_owned(),
        low_label: None,
        high_label: None,
        n_items: 3,
        n: 470,
        mean: Some(3.4),
        deviation: Some(0.8),
        lowest: 1.0,
        highest: 5.0,
        alpha: Some(omega),
        omega: Some(omega),
        spearman_brown: None,
        weakest: None,
        standing: None,
        usage,
        reasons: vec![reason.to_owned()],
    };
    SurveyQuality {
        survey: "attitudes".to_owned(),
        instrument: "attitudes-24-cc0".to_owned(),
        title: "Consumer attitudes".to_owned(),
        dimension: "attitudes".to_owned(),
        is_validated: false,
        reference: Some("own respondents".to_owned()),
        n_respondents: 486,
        n_careless: 16,
        unasked: Vec::new(),
        notes: Vec::new(),
        scales: vec![
            scale("Price consciousness", 0.87, Use::Usable, "Reliability (omega) is 0.870."),
            scale(
                "Brand loyalty",
                0.44,
                Use::Dropped,
                "Reliability (omega) is 0.440, below 0.60 a scale is not used.",
            ),
        ],
        differences: Vec::new(),
    }
}

/// A feature that one class sees otherwise than everybody, and one of which too few were asked.
pub(crate) fn wanted() -> Vec<Wanted> {
    let told = |category: &str, satisfaction: f64, dissatisfaction: f64, questionable_share: f64| Told {
        category: category.to_owned(),
        is_clear: true,
        satisfaction: Some(satisfaction),
        dissatisfaction: Some(dissatisfaction),
        questionable_share,
        is_bad_question: questionable_share > 0.1,
    };
    let feature = |id: &str, group: Group, segments: Vec<OfSegment>| Wanted {
        survey: "wishes".to_owned(),
        feature: id.to_owned(),
        title: id.replace('_', " "),
        all: group,
        segments,
    };
    let champions = OfSegment {
        segmentation: Some("rfm".to_owned()),
        segment: "champions".to_owned(),
        title: "Champions".to_owned(),
        group: Group { n: 45, told: Some(told("must_be", 0.3, -0.72, 0.02)) },
    };
    vec![
        feature(
            "free_returns",
            Group { n: 210, told: Some(told("attractive", 0.65, -0.45, 0.12)) },
            vec![champions],
        ),
        feature("gift_wrapping", Group { n: 12, told: None }, Vec::new()),
    ]
}
