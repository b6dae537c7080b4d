//! A journey as a report shows it.

use chrono::DateTime;
use strata_spec::table::Subject;

use crate::journey::{
    Absorbed, AbsorbedFrom, Days, Exit, Flow, Journey, Judged, Move, Role, Share, Stage, Told,
};

/// Three stages of which much is known, and one of which nothing is.
pub(crate) fn journey() -> Journey {
    let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
    Journey {
        segmentation: "journey".to_owned(),
        title: "Where they stand".to_owned(),
        subject: Subject::Customers,
        n_subjects: 15_000,
        since: at(1_751_328_000),
        as_of: at(1_782_864_000),
        n_dates: 13,
        days_between: Some(30.0),
        is_cut: true,
        is_replayed: false,
        stages: vec![
            stage("active", Role::Converted, 6_000),
            stage("consider", Role::Way, 4_000),
            stage("aware", Role::Way, 3_000),
            nobody("unknown"),
        ],
        flow: Told::Known(Flow {
            n_moves: 1_000,
            n_movers: 900,
            moves: vec![
                step("aware", "consider", 600, 0.75),
                step("aware", "unknown", 200, 0.25),
                step("consider", "active", 150, 0.75),
                step("consider", "aware", 50, 0.25),
            ],
            order: 1,
            bic_gain: -12.0,
            contexts: Vec::new(),
        }),
        outcome: Told::Known(Absorbed {
            converted: vec!["active".to_owned()],
            lost: vec!["unknown".to_owned()],
            n_converted: 150,
            n_lost: 200,
            n_open: 650,
            n_converted_before: 5_850,
            order: 1,
            from: vec![AbsorbedFrom {
                stage: "aware".to_owned(),
                before: None,
                n: 800,
                converted: 0.6,
                lost: 0.4,
                moves: 2.1,
                moves_deviation: 1.2,
                days: Some(74.0),
            }],
        }),
    }
}

fn stage(name: &str, role: Role, n_now: u64) -> Stage {
    let share = Some(Share { share: 0.25, standard_error: 0.01 });
    Stage {
        name: name.to_owned(),
        title: "They stand here".to_owned(),
        role,
        n_now,
        n_before: 40,
        n_begun: 800,
        n_open: 300,
        days: Told::Known(Days {
            n: 800,
            n_ended: 500,
            quartiles: [Some(31.0), Some(62.0), None],
            longest: 200.0,
        }),
        exits: Told::Known(vec![Exit {
            to: "unknown".to_owned(),
            n: 200,
            shares: [share, share, share, None],
        }]),
        stuck: Told::Known(Judged { late_after: 92.0, quiet_after: 31.0, n: 800, n_stuck: 17 }),
    }
}

fn nobody(name: &str) -> Stage {
    Stage {
        n_now: 2_000,
        n_begun: 3,
        n_open: 3,
        days: Told::Unknown { why: "3 were seen to enter it, and 10 are needed".to_owned() },
        exits: Told::Unknown { why: "3 were seen to enter it, and 10 are needed".to_owned() },
        stuck: Told::Unknown { why: "it is an end of the journey".to_owned() },
        ..stage(name, Role::Lost, 0)
    }
}

fn step(from: &str, to: &str, n: u64, share: f64) -> Move {
    Move { from: from.to_owned(), to: to.to_owned(), n, share, interval: (share - 0.05, share + 0.05) }
}
