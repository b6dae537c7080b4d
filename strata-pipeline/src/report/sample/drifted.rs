//! What has drifted in a shop of the samples.

use chrono::{DateTime, Utc};
use strata_spec::table::Subject;

use crate::drift::{Change, Drift, Kind, Level, LifeChanges, Move, Property, Row};

/// One share outside its range, one within, one too young for any; and three traits.
pub(super) fn drift() -> Drift {
    let row = |kind, name: &str, value, limits: Option<(f64, f64)>, level| Row {
        subject: Subject::Customers,
        kind,
        name: name.to_owned(),
        value,
        before: (kind == Kind::Share).then_some(0.08),
        low: limits.map(|(low, _)| low),
        high: limits.map(|(_, high)| high),
        level,
        n_earlier: if level == Level::TooFewRuns { 2 } else { 9 },
    };
    let index = Some((0.1, 0.25));
    Drift {
        as_of: DateTime::<Utc>::UNIX_EPOCH,
        before: Some(DateTime::<Utc>::UNIX_EPOCH),
        n_runs: 9,
        rows: vec![
            row(Kind::Share, "Recency and frequency: Champions", 0.123, Some((0.07, 0.09)), Level::Alert),
            row(Kind::Share, "Recency and frequency: Loyal", 0.2, Some((0.18, 0.23)), Level::None),
            row(Kind::Share, "New segment", 0.01, None, Level::TooFewRuns),
            row(Kind::Psi, "Orders", 0.31, index, Level::Alert),
            row(Kind::Psi, "Revenue", 0.14, index, Level::Watch),
            row(Kind::Psi, "Tenure", 0.02, index, Level::None),
        ],
    }
}

/// A move to another city, with what it goes with.
pub(super) fn life_changes() -> LifeChanges {
    LifeChanges {
        from: Some(DateTime::<Utc>::UNIX_EPOCH),
        to: DateTime::<Utc>::UNIX_EPOCH,
        properties: vec![Property {
            subject: Subject::Customers,
            name: "city".to_owned(),
            n_changed: 120,
            n_others: 2_880,
            changes: vec![
                Change { from: Some("Berlin".to_owned()), to: Some("Bonn".to_owned()), n: 31 },
                Change { from: None, to: Some("Ulm".to_owned()), n: 12 },
            ],
            moves: vec![Move {
                segment: "Furnishing".to_owned(),
                entered: true,
                n: 36,
                share: 0.3,
                n_others: 144,
                share_of_others: Some(0.05),
                lift: Some(6.0),
                z: 11.2,
            }],
        }],
    }
}
