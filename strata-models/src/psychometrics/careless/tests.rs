//! By hand.

use super::consistency::{even_odd, synonyms};
use super::distance::distances;
use super::screening::{Instructed, Sign, Survey, differences, screen};
use super::*;
use crate::clv::draw::{normal, uniform};
use crate::psychometrics::answers::Answers;
use crate::psychometrics::error::PsychometricsError;
use crate::psychometrics::instrument::{Instrument, Response, Scale};
use crate::psychometrics::scoring::score;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const NAN: f64 = f64::NAN;

fn answers(rows: &[Vec<f64>]) -> Answers<'static> {
    let items = (0..rows[0].len()).map(|item| format!("i{item}")).collect();
    Answers::from_rows(items, &rows.concat()).unwrap()
}

#[test]
fn runs_by_hand() {
    let found = |row: &[f64]| (long_string(row).longest, long_string(row).average);
    assert_eq!(found(&[1.0, 1.0, 1.0, 2.0]), (3, 2.0));
    assert_eq!(found(&[1.0, NAN, 1.0, 1.0]), (2, 1.5));
    assert_eq!(found(&[NAN, NAN]), (0, 0.0));
    assert_eq!(found(&[]), (0, 0.0));
}

#[test]
fn variability_and_missing_by_hand() {
    assert_eq!(response_variability(&[1.0, NAN, 3.0]), Some(2.0_f64.sqrt()));
    assert_eq!(response_variability(&[4.0, 4.0, 4.0]), Some(0.0));
    assert_eq!((response_variability(&[1.0, NAN]), response_variability(&[])), (None, None));
    assert_eq!((missing_share(&[1.0, NAN, NAN, 2.0]), missing_share(&[])), (0.5, 1.0));
}

#[test]
fn halves_by_hand() {
    // Three scales of two items: person 0 agrees with itself, 1 contradicts itself, 2 does not vary, 3 left too much out.
    let scale = |rows: [[f64; 2]; 4]| answers(&rows.map(|row| row.to_vec()));
    let scales = [
        scale([[1.0, 1.0], [1.0, 5.0], [3.0, 3.0], [1.0, 1.0]]),
        scale([[3.0, 3.0], [3.0, 3.0], [3.0, 3.0], [2.0, NAN]]),
        scale([[5.0, 5.0], [5.0, 1.0], [3.0, 3.0], [3.0, 3.0]]),
    ];
    assert_eq!(even_odd(&scales), [Some(1.0), Some(-1.0), None, None]);
    assert!(even_odd(&[]).is_empty());
}

#[test]
fn distances_leave_out_what_tells_nothing() {
    let rows: Vec<Vec<f64>> = (0..40)
        .map(|i| {
            let (x, y) = (f64::from(i % 5), f64::from(i * i % 7));
            vec![x, y, 4.0, x + y, if i == 3 { NAN } else { f64::from(i % 3) }]
        })
        .collect();
    let found = distances(&answers(&rows)).unwrap();
    assert_eq!(found.dropped, ["i2", "i3"]);
    assert_eq!((found.n_items, found.squares[3]), (3, None));
    // The mean is p (n − 1) / n.
    let sum: f64 = found.squares.iter().flatten().sum();
    assert!((sum - 3.0 * 38.0).abs() < 1e-9, "{sum}");
    let few = distances(&answers(&rows[..5])).unwrap_err().to_string();
    assert!(few.contains("at least 7 respondents"), "{few}");
    let constant = distances(&answers(&vec![vec![1.0]; 9])).unwrap_err();
    assert!(matches!(constant, PsychometricsError::ConstantItem { .. }));
}

#[test]
fn synonyms_are_answered_alike() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut rows: Vec<Vec<f64>> = (0..200)
        .map(|_| {
            (0..4)
                .flat_map(|_| {
                    let trait_ = normal(&mut generator);
                    [trait_ + 0.3 * normal(&mut generator), trait_ + 0.3 * normal(&mut generator)]
                })
                .collect()
        })
        .collect();
    rows[7] = vec![2.0, -2.0, -2.0, 2.0, 1.0, -1.0, -1.0, 1.0];
    let found = synonyms(&answers(&rows), 0.60).unwrap();
    assert_eq!(found.pairs, [(0, 1), (2, 3), (4, 5), (6, 7)]);
    assert!((found.correlations[7].unwrap() + 1.0).abs() < 1e-12);
    assert!(found.correlations.iter().flatten().filter(|r| **r > 0.0).count() > 190);
    assert!(synonyms(&answers(&rows), 1.0).is_err());
}

/// Five scales of four items, half of them reversed, from 1 to 5, and an instructed item.
fn block(has_reversed: bool) -> Instrument {
    let key = |item: usize| if has_reversed && item % 2 == 1 { -1 } else { 1 };
    let scales = (0..5).map(|scale| {
        let names: Vec<String> = (0..4).map(|item| format!("i{}", 5 * item + scale)).collect();
        let items: Vec<(&str, i64)> =
            names.iter().enumerate().map(|(item, name)| (name.as_str(), key(item))).collect();
        Scale::new(&format!("s{scale}"), &items).unwrap()
    });
    Instrument {
        name: "block".to_owned(),
        response: Response { min: 1.0, max: 5.0 },
        min_answered_fraction: 0.75,
        is_ipsatised: false,
        scales: scales.collect(),
    }
}

/// Honest people, and a few who are not: at 0 one who fails the instruction, at 1 one who says so, at 2 one of threes, at 3 one at random and
/// in a hurry.
fn people(n: usize) -> (Vec<Vec<f64>>, Vec<bool>, Vec<f64>) {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|_| {
            let traits: [f64; 5] = std::array::from_fn(|_| normal(&mut generator));
            let mut row: Vec<f64> = (0..20)
                .map(|item| {
                    let sign = if item / 5 % 2 == 1 { -1.0 } else { 1.0 };
                    (3.0 + sign * traits[item % 5] + 0.5 * normal(&mut generator)).round().clamp(1.0, 5.0)
                })
                .collect();
            row.push(2.0);
            row
        })
        .collect();
    rows[0][20] = 3.0;
    rows[2][..20].fill(3.0);
    (0..20).for_each(|item| rows[3][item] = (1.0 + 5.0 * uniform(&mut generator)).floor());
    let said = (0..n).map(|respondent| respondent == 1).collect();
    let seconds = (0..n).map(|respondent| if respondent == 3 { 12.0 } else { 120.0 }).collect();
    (rows, said, seconds)
}

#[test]
fn the_rule_leaves_out_those_who_did_not_read() {
    let (rows, said, seconds) = people(600);
    let table = answers(&rows);
    let instructed = [Instructed { item: "i20".to_owned(), pass: 2.0 }];
    let blocks = [block(true)];
    let survey = Survey {
        answers: &table,
        blocks: &blocks,
        instructed: &instructed,
        said_not_to_use: Some(&said),
        seconds: Some(&seconds),
    };
    let found = screen(&survey).unwrap();
    let signs = |respondent: usize| &found.respondents[respondent].signs;
    assert!(signs(0).contains(&Sign::FailedInstructed { item: "i20".to_owned() }));
    assert!(signs(1).contains(&Sign::SaidNotToUse));
    assert!(signs(2).contains(&Sign::LongString { longest: 20, length: 20 }));
    assert!(signs(2).contains(&Sign::Variability { variability: 0.0 }));
    assert!(signs(3).contains(&Sign::Fast { seconds_per_item: 0.6 }));
    assert!([0, 1, 3].iter().all(|respondent| found.respondents[*respondent].is_excluded));
    // Two signs, none of them strong: an even temper is not carelessness.
    assert!(!found.respondents[2].is_excluded);
    assert!(found.n_excluded() < 20, "{}", found.n_excluded());
    assert_eq!(found.clean().len() + found.n_excluded(), 600);
    assert_eq!(signs(2)[0].to_string(), "20 equal answers in a row of 20");
    let scores = score(&table, &blocks[0]).unwrap();
    let difference = &differences(&scores, &found)[0];
    assert!(
        difference.standardised.unwrap().abs() < 0.1 && difference.with_all != difference.without_excluded
    );
}

#[test]
fn runs_do_not_count_where_nothing_is_reversed() {
    let (rows, ..) = people(100);
    let table = answers(&rows);
    let blocks = [block(false)];
    let survey =
        Survey { answers: &table, blocks: &blocks, instructed: &[], said_not_to_use: None, seconds: None };
    let found = screen(&survey).unwrap();
    let has_run = |sign: &Sign| matches!(sign, Sign::LongString { .. });
    assert!(
        found.respondents.iter().all(|one| one.long_string_share.is_none() && !one.signs.iter().any(has_run))
    );
    assert!(found.respondents[0].seconds_per_item.is_none());
}

#[test]
fn what_cannot_be_screened_is_said_or_refused() {
    let (rows, said, _) = people(10);
    let table = answers(&rows);
    let blocks = [block(true)];
    let survey =
        Survey { answers: &table, blocks: &blocks, instructed: &[], said_not_to_use: None, seconds: None };
    let notes = screen(&survey).unwrap().notes;
    assert!(notes[0].starts_with("no distances: a Mahalanobis distance needs at least 22"), "{notes:?}");
    #[track_caller]
    fn refused(survey: &Survey<'_>, text: &str) {
        let error = screen(survey).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
    refused(&Survey { blocks: &[], ..survey }, "the survey has no items");
    refused(&Survey { said_not_to_use: Some(&said[1..]), ..survey }, "`said_not_to_use` is 9");
    refused(&Survey { seconds: Some(&[]), ..survey }, "`seconds` is 0");
    let unknown = [Instructed { item: "zz".to_owned(), pass: 1.0 }];
    refused(&Survey { instructed: &unknown, ..survey }, "the list of instructed items names item `zz`");
}
