//! Signs of careless answers against R's careless 1.2.2: `psych::bfi` (2,436 complete of 2,800) and `careless::careless_dataset`.

use super::data::{SIX, bfi, bfi_scale, close, table};
use crate::psychometrics::answers::Answers;
use crate::psychometrics::careless::consistency::even_odd;
use crate::psychometrics::careless::distance::distances;
use crate::psychometrics::careless::screening::{Survey, screen};
use crate::psychometrics::careless::{long_string, response_variability};
use crate::psychometrics::instrument::Instrument;
use std::collections::BTreeMap;

const SCALES: [&str; 5] = ["A", "C", "E", "N", "O"];

fn complete(test: &str) -> Option<Answers<'static>> {
    let answers = bfi(test)?;
    Some(answers.of_respondents(&answers.complete()).unwrap())
}

fn row(answers: &Answers<'_>, respondent: usize) -> Vec<f64> {
    (0..answers.n_items()).map(|item| answers.column(item)[respondent]).collect()
}

#[test]
fn bfi_runs_and_variability_are_those_of_careless() {
    let Some(answers) = complete("bfi_runs_and_variability_are_those_of_careless") else { return };
    assert_eq!(answers.n_respondents(), 2436);
    let rows: Vec<Vec<f64>> = (0..2436).map(|respondent| row(&answers, respondent)).collect();
    let mut runs = BTreeMap::new();
    rows.iter().for_each(|row| *runs.entry(long_string(row).longest).or_insert(0) += 1);
    let expected =
        [(1, 2), (2, 504), (3, 974), (4, 535), (5, 270), (6, 84), (7, 46), (8, 12), (9, 4), (10, 1), (25, 4)];
    assert_eq!(runs, BTreeMap::from(expected));
    let variability: Vec<f64> = rows.iter().map(|row| response_variability(row).unwrap()).collect();
    let (mean, deviation) = crate::group::mean_and_deviation(&variability).unwrap();
    close(mean, 1.593617, 1e-6);
    close(deviation, 0.340898, 1e-6);
    assert_eq!(variability.iter().filter(|x| **x == 0.0).count(), 4);
}

#[test]
fn bfi_distances_are_those_of_careless() {
    let Some(answers) = complete("bfi_distances_are_those_of_careless") else { return };
    let found = distances(&answers).unwrap();
    let squares: Vec<f64> = found.squares.iter().map(|square| square.unwrap()).collect();
    close(squares.iter().sum::<f64>() / 2436.0, 24.9897, 5e-5);
    close(squares.iter().copied().fold(0.0, f64::max), 106.2805, 5e-5);
    let cutoff = found.cutoff(0.001);
    close(cutoff, 52.6197, 5e-5);
    assert_eq!(squares.iter().filter(|square| **square > cutoff).count(), 84);
    assert!(found.dropped.is_empty());
}

#[test]
fn bfi_halves_agree_as_in_careless() {
    let Some(answers) = complete("bfi_halves_agree_as_in_careless") else { return };
    let scales = SCALES.map(|scale| answers.keyed(&bfi_scale(scale), SIX).unwrap());
    let found: Vec<f64> = even_odd(&scales).into_iter().flatten().collect();
    close(found.iter().sum::<f64>() / found.len() as f64, 0.679979, 1e-6);
    assert_eq!(found.iter().filter(|r| **r < 0.0).count(), 183);
}

#[test]
fn bfi_screening_leaves_out_few_and_says_why() {
    let Some(answers) = complete("bfi_screening_leaves_out_few_and_says_why") else { return };
    let block = Instrument {
        name: "bfi".to_owned(),
        response: SIX,
        min_answered_fraction: 0.75,
        is_ipsatised: false,
        scales: SCALES.map(bfi_scale).to_vec(),
    };
    let survey =
        Survey { answers: &answers, blocks: &[block], instructed: &[], said_not_to_use: None, seconds: None };
    let found = screen(&survey).unwrap();
    let share = found.n_excluded() as f64 / 2436.0;
    assert!(share > 0.005 && share < 0.05, "{share}");
    assert!(found.respondents.iter().filter(|one| one.is_excluded).all(|one| one.signs.len() >= 2));
}

#[test]
fn careless_dataset_has_the_indices_of_its_package() {
    let test = "careless_dataset_has_the_indices_of_its_package";
    let Some(answers) = table(test, "careless_dataset.csv") else { return };
    let expected = [
        (6, 1.5625, 0.863075, 44.05238),
        (4, 1.470588, 1.035098, 40.08368),
        (3, 1.515152, 0.968904, 49.12763),
    ];
    let found = distances(&answers).unwrap();
    for (respondent, (longest, average, variability, square)) in expected.into_iter().enumerate() {
        let row = row(&answers, respondent);
        let runs = long_string(&row);
        assert_eq!(runs.longest, longest);
        close(runs.average, average, 1e-6);
        close(response_variability(&row).unwrap(), variability, 1e-6);
        close(found.squares[respondent].unwrap(), square, 1e-5);
    }
    let cutoff = found.cutoff(0.01);
    assert_eq!(found.squares.iter().flatten().filter(|square| **square > cutoff).count(), 23);
}
