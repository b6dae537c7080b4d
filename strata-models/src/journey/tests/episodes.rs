//! From memberships to episodes, paths and counts, by hand.

use super::says;
use crate::journey::chain::{CONVERTED, LOST, To};
use crate::journey::episodes::{Absorbing, End, EpisodeRules, Episodes, Memberships, episodes};
use crate::journey::error::JourneyError;
use crate::journey::paths::Outcome;

/// A membership as it is written here: stage, entered, left, last event.
type Written = (u16, i64, Option<i64>, i64);

const RULES: EpisodeRules<'static> =
    EpisodeRules { n_stages: 5, as_of: 1000, unit: 10, lost_after: Some(90), losable: &[0, 1, 2] };

fn made(customers: &[&[Written]], rules: &EpisodeRules<'_>) -> Result<Episodes, JourneyError> {
    let rows: Vec<Written> = customers.concat();
    let mut ends = vec![];
    customers.iter().for_each(|own| ends.push(ends.last().copied().unwrap_or(0) + own.len()));
    let memberships = Memberships {
        ends: &ends,
        stages: &rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        entered: &rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        left: &rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        last_event: Some(&rows.iter().map(|row| row.3).collect::<Vec<_>>()),
    };
    episodes(&memberships, rules)
}

/// Stage 3 is a purchase, 4 what follows it.
const CUSTOMERS: [&[Written]; 6] = [
    // Two memberships of one stage that touch; converted; what follows is an episode and no step.
    &[
        (0, 0, Some(40), 40),
        (0, 40, Some(60), 60),
        (1, 60, Some(100), 100),
        (3, 100, Some(150), 150),
        (4, 150, None, 150),
    ],
    // Silent from 200 on: lost at 290; comes back, and is open.
    &[(1, 200, Some(500), 200), (0, 500, None, 990)],
    // Nothing in between, and the same stage again: two episodes.
    &[(2, 0, Some(20), 20), (2, 50, Some(80), 80)],
    // Was a customer before.
    &[(4, 0, None, 0)],
    &[],
    // Open, and silent for a moment less than it takes.
    &[(2, 911, None, 0)],
];

#[test]
fn episodes_are_those_by_hand() {
    let found = made(&CUSTOMERS, &RULES).unwrap();
    assert_eq!(found.customers, [0, 0, 0, 0, 1, 1, 2, 2, 3, 5]);
    assert_eq!(found.stages, [0, 1, 3, 4, 1, 0, 2, 2, 4, 2]);
    assert_eq!(found.entered, [0, 60, 100, 150, 200, 500, 0, 50, 0, 911]);
    assert_eq!(found.elapsed, [6.0, 4.0, 5.0, 85.0, 9.0, 50.0, 2.0, 3.0, 100.0, 8.9]);
    let (next, lost, open) = (End::Next, End::Lost, End::Open);
    assert_eq!(found.ends, [next(1), next(3), next(4), open, lost, open, next(2), End::Gone, open, open]);
    let ended = [true, true, true, false, true, false, true, false, false, false];
    assert_eq!(found.ended(), ended);
}

#[test]
fn nobody_falls_silent_where_events_are_not_known() {
    let stages = [1];
    let memberships =
        Memberships { ends: &[1], stages: &stages, entered: &[0], left: &[None], last_event: None };
    assert_eq!(episodes(&memberships, &RULES).unwrap().ends, [End::Open]);
    // After a purchase nobody is lost in this sense.
    assert_eq!(made(&[&[(4, 0, None, 0)]], &RULES).unwrap().ends, [End::Open]);
    // Lost at just the instant of the run.
    assert_eq!(made(&[&[(2, 910, None, 0)]], &RULES).unwrap().ends, [End::Lost]);
}

const ACQUISITION: Absorbing<'static> = Absorbing { converted: &[3, 4], lost: &[] };

#[test]
fn paths_end_with_their_outcome() {
    let made = made(&CUSTOMERS, &RULES).unwrap();
    let weights = [2.0, 1.0, 1.0, 1.0, 1.0, 0.5];
    let found = made.histories(&ACQUISITION, Some(&weights)).unwrap();
    let paths: Vec<(Vec<u16>, Outcome, f64)> =
        found.paths.iter().map(|path| (path.steps.to_vec(), path.outcome, path.weight)).collect();
    assert_eq!(
        paths,
        [
            (vec![0, 1], Outcome::Converted, 2.0),
            (vec![1], Outcome::Lost, 1.0),
            (vec![0], Outcome::Open, 1.0),
            (vec![2, 2], Outcome::Open, 1.0),
            (vec![2], Outcome::Open, 0.5),
        ]
    );
    assert_eq!(found.customers, [0, 1, 1, 2, 5]);
    assert_eq!(found.n_converted_before, 1);
    says(made.histories(&ACQUISITION, Some(&[1.0])), "`weights` has 1 values where there are 6");
    says(made.histories(&Absorbing { converted: &[5], lost: &[] }, None), "row 0, `converted`: code 5 of 5");
}

#[test]
fn a_stage_may_be_a_loss_from_which_one_comes_back() {
    let rules = EpisodeRules { lost_after: None, ..RULES };
    let made =
        made(&[&[(0, 0, Some(9), 0), (2, 9, Some(20), 0), (1, 20, Some(30), 0), (3, 30, None, 0)]], &rules);
    let found = made.unwrap().histories(&Absorbing { converted: &[3], lost: &[2] }, None).unwrap();
    let paths: Vec<(&[u16], Outcome)> = found.paths.iter().map(|path| (path.steps, path.outcome)).collect();
    assert_eq!(paths, [(&[0][..], Outcome::Lost), (&[1][..], Outcome::Converted)]);
}

#[test]
fn ticks_are_steps_of_the_chain() {
    let made = made(&CUSTOMERS, &RULES).unwrap();
    let counts = made.counts_by_tick(&ACQUISITION, 1.0, None).unwrap();
    // Stage 0: six ticks, then on; fifty and open.
    assert_eq!(counts.of(0, To::Stage(0)), 5.0 + 50.0);
    assert_eq!(counts.of(0, To::Stage(1)), 1.0);
    assert_eq!(counts.of(1, To::Stage(1)), 3.0 + 8.0);
    assert_eq!(counts.of(1, To::Outcome(CONVERTED)), 1.0);
    assert_eq!(counts.of(1, To::Outcome(LOST)), 1.0);
    // Two ticks and on to itself, three of which nothing else is known, and eight full ones.
    assert_eq!(counts.of(2, To::Stage(2)), 1.0 + 1.0 + 3.0 + 8.0);
    assert_eq!(counts.of(4, To::Stage(4)), 0.0);
    says(made.counts_by_tick(&ACQUISITION, 0.0, None), "`tick` is 0");
}

#[test]
fn refusals() {
    let says = |rows: &[Written], text: &str| says(made(&[rows], &RULES), text);
    says(&[(5, 0, None, 0)], "row 0, `stages`: code 5 of 5");
    says(&[(0, 9, Some(8), 0)], "customer 0, row 0: the membership ends before it begins");
    says(&[(0, 1001, None, 0)], "customer 0, row 0: the membership ends before it begins");
    says(&[(0, 0, Some(1001), 0)], "customer 0, row 0: the membership ends after the instant of the run");
    says(
        &[(0, 0, None, 0), (1, 5, None, 0)],
        "customer 0, row 1: the membership follows one that is still open",
    );
    says(
        &[(0, 0, Some(6), 0), (1, 5, None, 0)],
        "customer 0, row 1: the membership begins before the one above",
    );
    let refused = |rules: &EpisodeRules<'_>, text: &str| super::says(made(&[], rules), text);
    refused(&EpisodeRules { unit: 0, ..RULES }, "`unit` is 0");
    refused(&EpisodeRules { lost_after: Some(-1), ..RULES }, "`lost_after` is -1");
    refused(&EpisodeRules { losable: &[7], ..RULES }, "row 0, `losable`: code 7 of 5");
}
