//! Time in stages by hand, by other routes, and as R's survival has it.

use proptest::prelude::*;

use super::close;
use crate::clv::tests::data::shared;
use crate::journey::survival::aalen_johansen::aalen_johansen;
use crate::journey::survival::kaplan_meier::{Survival, kaplan_meier};

/// A number that has not ended stands with a plus, as is usual.
fn curve(words: &str) -> Survival {
    let times: Vec<f64> =
        words.split_whitespace().map(|word| word.trim_end_matches('+').parse().unwrap()).collect();
    let ended: Vec<bool> = words.split_whitespace().map(|word| !word.ends_with('+')).collect();
    kaplan_meier(&times, &ended, None).unwrap()
}

/// Two end at 2, where one is censored: that one was at risk.
#[test]
fn ties_and_censoring_are_as_by_hand() {
    let found = curve("2 2+ 1 2 5+");
    let survival: Vec<f64> = found.steps.iter().map(|step| step.survival).collect();
    assert_eq!(found.steps.len(), 2);
    close(survival[0], 0.8, 1e-15);
    close(survival[1], 0.4, 1e-15);
    assert_eq!((found.steps[1].n_at_risk, found.steps[1].n_ended, found.last_time), (4.0, 2.0, 5.0));
    let variance: f64 = 1.0 / 20.0 + 2.0 / 8.0;
    close(found.steps[1].standard_error, 0.4 * variance.sqrt(), 1e-15);
    let (low, high) = found.interval_at(3.0).unwrap();
    let reach = 1.959_963_985 * variance.sqrt() / 0.4_f64.ln().abs();
    close(low, (-(0.4_f64.ln().abs().ln() + reach).exp()).exp(), 1e-12);
    close(high, (-(0.4_f64.ln().abs().ln() - reach).exp()).exp(), 1e-12);
    assert_eq!((found.at(0.5), found.at(1.0), found.interval_at(0.5)), (1.0, survival[0], None));
}

#[test]
fn quantiles_on_a_flat_stretch_are_its_middle() {
    assert_eq!(curve("1 2 3 4").quantile(0.5), Some(2.5));
    assert_eq!(curve("1 2 3").quantile(0.5), Some(2.0));
    // The last stretch ends at the last time of all.
    assert_eq!(curve("1 2 6+ 8+").quantile(0.5), Some(5.0));
    assert_eq!(curve("1 2+ 3+").quantile(0.5), None);
    assert_eq!(curve("4+").quantile(0.1), None);
    assert_eq!(curve("0 3").quantile(0.0), Some(0.0));
    assert_eq!((curve("1 3").quantile(1.0), curve("1 3").quantile(1.5)), (Some(3.0), None));
    let zero = curve("1 3");
    assert_eq!((zero.at(3.0), zero.standard_error_at(3.0), zero.interval_at(3.0)), (0.0, 0.0, None));
}

/// R, `survfit(Surv(time, status) ~ x, aml)`: medians 31 and 23.
#[test]
fn aml_has_the_medians_of_r() {
    let Some(text) = shared("aml_has_the_medians_of_r", "psychometrics/survival_aml.csv") else { return };
    for (group, median) in [("\"Maintained\"", 31.0), ("\"Nonmaintained\"", 23.0)] {
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split(',').collect())
            .filter(|row: &Vec<&str>| row[2] == group)
            .collect();
        let times: Vec<f64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
        let ended: Vec<bool> = rows.iter().map(|row| row[1] == "1").collect();
        assert_eq!(kaplan_meier(&times, &ended, None).unwrap().quantile(0.5), Some(median), "{group}");
    }
}

/// R, `survfit(Surv(etime, event) ~ 1, mgus2)`.
#[test]
fn mgus2_has_the_incidences_of_r() {
    let test = "mgus2_has_the_incidences_of_r";
    let Some(text) = shared(test, "psychometrics/survival_mgus2_cr.csv") else { return };
    let rows: Vec<(&str, &str)> = text.lines().skip(1).map(|line| line.split_once(',').unwrap()).collect();
    assert_eq!(rows.len(), 1_384);
    let times: Vec<f64> = rows.iter().map(|row| row.0.parse().unwrap()).collect();
    let exit = |word: &str| ["pcm", "death"].iter().position(|name| *name == word.trim_matches('"'));
    let exits: Vec<Option<u16>> = rows.iter().map(|row| exit(row.1).map(|exit| exit as u16)).collect();
    let found = aalen_johansen(&times, &exits, 2, None).unwrap();
    for (months, pcm, death) in
        [(60.0, 0.034_104, 0.320_367), (120.0, 0.063_722, 0.531_818), (240.0, 0.099_814, 0.724_028)]
    {
        close(found.at(0, months).unwrap().0, pcm, 5.1e-7);
        close(found.at(1, months).unwrap().0, death, 5.1e-7);
    }
    // The standard errors, against leaving one row out at a time.
    let n = times.len();
    for (exit, months) in [(0, 60.0), (1, 60.0), (0, 240.0), (1, 240.0)] {
        let without = |row: usize| {
            let mut weights = vec![1.0; n];
            weights[row] = 0.0;
            aalen_johansen(&times, &exits, 2, Some(&weights)).unwrap().at(exit, months).unwrap().0
        };
        let shares: Vec<f64> = (0..n).map(without).collect();
        let mean = shares.iter().sum::<f64>() / n as f64;
        let squares: f64 = shares.iter().map(|share| (share - mean).powi(2)).sum();
        let jackknife = (squares * (n as f64 - 1.0) / n as f64).sqrt();
        close(found.at(exit, months).unwrap().1 / jackknife, 1.0, 0.01);
    }
}

type Rows = Vec<(u8, Option<u16>, u8)>;

fn some_rows() -> impl Strategy<Value = Rows> {
    let exit = prop_oneof![Just(None), Just(Some(0_u16)), Just(Some(1))];
    prop::collection::vec((0_u8..12, exit, 1_u8..4), 1..40)
}

proptest! {
    #[test]
    fn weights_are_frequencies_and_order_does_not_matter(rows in some_rows()) {
        let columns = |rows: &[(u8, Option<u16>, u8)]| {
            let times: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let exits: Vec<Option<u16>> = rows.iter().map(|row| row.1).collect();
            (times, exits, rows.iter().map(|row| f64::from(row.2)).collect::<Vec<f64>>())
        };
        let (times, exits, weights) = columns(&rows);
        let mut repeated: Rows = rows.iter().flat_map(|row| vec![*row; usize::from(row.2)]).collect();
        repeated.reverse();
        let (all_times, all_exits, _) = columns(&repeated);
        let one = aalen_johansen(&times, &exits, 2, Some(&weights)).unwrap();
        let other = aalen_johansen(&all_times, &all_exits, 2, None).unwrap();
        prop_assert_eq!(one, other);
    }

    #[test]
    fn incidences_and_what_remains_are_all(rows in some_rows()) {
        let times: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let exits: Vec<Option<u16>> = rows.iter().map(|row| row.1).collect();
        let found = aalen_johansen(&times, &exits, 2, None).unwrap();
        let ended: Vec<bool> = exits.iter().map(Option::is_some).collect();
        let curve = kaplan_meier(&times, &ended, None).unwrap();
        for (place, time) in found.times.iter().enumerate() {
            let sum = found.remaining[place] + found.exits[0][place] + found.exits[1][place];
            prop_assert!((sum - 1.0).abs() < 1e-12);
            prop_assert!((found.remaining[place] - curve.at(*time)).abs() < 1e-12);
        }
        // With one exit the variance is Greenwood's.
        let one_exit: Vec<Option<u16>> = exits.iter().map(|exit| exit.map(|_| 0)).collect();
        let single = aalen_johansen(&times, &one_exit, 1, None).unwrap();
        for time in &single.times {
            let (share, error) = single.at(0, *time).unwrap();
            prop_assert!((share + curve.at(*time) - 1.0).abs() < 1e-12);
            prop_assert!((error.powi(2) - curve.standard_error_at(*time).powi(2)).abs() < 1e-12);
        }
    }

    /// At each time the definition over all rows.
    #[test]
    fn curves_are_those_of_the_definition(rows in some_rows()) {
        let times: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let ended: Vec<bool> = rows.iter().map(|row| row.1.is_some()).collect();
        let found = kaplan_meier(&times, &ended, None).unwrap();
        let mut survival = 1.0;
        for time in (0..12).map(f64::from) {
            let at_risk = times.iter().filter(|other| **other >= time).count() as f64;
            let n = times.iter().zip(&ended).filter(|(other, ended)| **other == time && **ended).count() as f64;
            survival *= if at_risk > 0.0 { 1.0 - n / at_risk } else { 1.0 };
            prop_assert!((found.at(time) - survival).abs() < 1e-12);
        }
    }
}
