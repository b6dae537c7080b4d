//! Small cases with known answers.

use super::{close, random};
use crate::learn::explain::sigmoid;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::typing::abstain::Abstention;
use crate::psychometrics::typing::conformal::{Threshold, TypeSet};
use crate::psychometrics::typing::discriminant::Clouds;
use crate::psychometrics::typing::gate::{Reason, Skill, SkillGates, Verdict, skill};
use crate::psychometrics::typing::golden::{GoldenSettings, TypingTool, choose};
use crate::psychometrics::typing::impute::{Donors, pool, segment_means};
use crate::psychometrics::typing::state::{State, state_of};
use crate::psychometrics::typing::temperature;
use crate::psychometrics::typing::validate::validate;

fn tool() -> TypingTool {
    let clouds = Clouds {
        means: vec![vec![1.0, 0.0], vec![-1.0, 2.0]],
        covariance: vec![vec![2.0, 0.5], vec![0.5, 1.0]],
        prior: vec![0.75, 0.25],
    };
    TypingTool::new(vec!["a".to_owned(), "b".to_owned()], clouds, 0.8).unwrap()
}

#[test]
fn a_missing_answer_is_integrated_out() {
    // One item alone is normal with means 1 and −1 and variance 2: log-odds 2 · x / 2 + ln 3.
    let found = tool().assign_one(&[0.3, f64::NAN]);
    close(found.posterior[0], sigmoid(0.3 + 3.0_f64.ln()), 1e-12);
    // The other has means 0 and 2 and variance 1: log-odds 2 − 2 x + ln 3.
    let found = tool().assign_one(&[f64::NAN, 1.7]);
    close(found.posterior[0], sigmoid(2.0 - 3.4 + 3.0_f64.ln()), 1e-12);
    // Both: S⁻¹ = [1, −0.5; −0.5, 2] / 1.75, difference of means d = (2, −2), middle (0, 1): d S⁻¹ (x − middle) + ln 3.
    let (x, y) = (0.3, 1.7 - 1.0);
    let log_odds = (2.0 * (x - 0.5 * y) - 2.0 * (-0.5 * x + 2.0 * y)) / 1.75 + 3.0_f64.ln();
    let found = tool().assign_one(&[0.3, 1.7]);
    close(found.posterior[0], sigmoid(log_odds), 1e-12);
}

#[test]
fn who_is_not_likely_enough_is_not_typed() {
    assert_eq!(tool().assign_one(&[3.0, 0.0]).of_type, Some(0));
    assert_eq!(tool().assign_one(&[-1.0, f64::NAN]).of_type, None);
    let nothing = tool().assign_one(&[f64::NAN, f64::NAN]);
    assert_eq!((nothing.of_type, nothing.posterior), (None, vec![0.75, 0.25]));
    let text = serde_json::to_string(&tool()).unwrap();
    assert_eq!(serde_json::from_str::<TypingTool>(&text).unwrap(), tool());
    let answers = Answers::from_rows(vec!["a".to_owned()], &[1.0]).unwrap();
    let error = tool().assign(&answers).unwrap_err().to_string();
    assert!(error.contains("needs item `b`"), "{error}");
}

#[test]
fn one_telling_item_is_enough() {
    let rows: Vec<f64> = (0..200).flat_map(|row| [f64::from(row % 7), f64::from(row % 2), 1.0]).collect();
    let types: Vec<u16> = (0..200).map(|row| row % 2).collect();
    let names = ["noise", "telling", "constant"].map(str::to_owned).to_vec();
    let answers = Answers::from_rows(names, &rows).unwrap();
    let golden = choose(&answers, &types, 2, &GoldenSettings::default(), &mut random(1)).unwrap();
    assert_eq!(golden.steps.len(), 1);
    assert_eq!((golden.steps[0].item.as_str(), golden.steps[0].accuracy), ("telling", 1.0));
    assert_eq!((golden.base_rate, golden.n_complete), (0.5, 200));
    assert!(golden.refused.is_some_and(|step| step.accuracy <= 1.0));
    let error = choose(&answers, &types[1..], 2, &GoldenSettings::default(), &mut random(1)).unwrap_err();
    assert!(error.to_string().contains("types has 199 values"), "{error}");
    let error = choose(&answers, &types, 3, &GoldenSettings::default(), &mut random(1)).unwrap_err();
    assert!(error.to_string().contains("type 2 has 0 respondents"), "{error}");
}

#[test]
fn a_conformal_threshold_is_an_order_statistic() {
    // ⌈(9 + 1) · 0.9⌉ = 9: the ninth greatest of nine.
    let of_truth = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
    assert_eq!(Threshold::of(&of_truth, 0.9).least, 0.1);
    assert_eq!(Threshold::of(&of_truth, 0.5).least, 0.5);
    assert_eq!(Threshold::of(&of_truth[..8], 0.9).least, 0.0);
    let threshold = Threshold { least: 0.5, n: 9 };
    assert_eq!(threshold.set(&[0.5, 0.5]), TypeSet(0b11));
    assert_eq!(threshold.set(&[0.4, 0.35, 0.25]), TypeSet(0b1));
    assert!(TypeSet(0b10).contains(1) && !TypeSet(0b10).contains(0) && !TypeSet(0b10).contains(64));
}

#[test]
fn a_temperature_undoes_exaggeration() {
    // Three of four are of the more likely type: log-odds ln 3 where 4 ln 3 is said.
    let scores: Vec<f64> = (0..4).flat_map(|_| [4.0 * 3.0_f64.ln(), 0.0]).collect();
    close(temperature::fit(&scores, &[0, 0, 0, 1], 2), 4.0, 1e-9);
    assert_eq!(temperature::fit(&[], &[], 2), 1.0);
}

#[test]
fn skill_is_what_is_gained_on_shares() {
    let probabilities = [0.8, 0.2, 0.2, 0.8, 0.6, 0.4, 0.6, 0.4];
    let found = skill(&probabilities, &[0, 1, 0, 1], 2, 50, &mut random(3)).unwrap();
    close(found.log_loss, -(2.0 * 0.8_f64.ln() + 0.6_f64.ln() + 0.4_f64.ln()) / 4.0, 1e-12);
    close(found.log_loss_of_shares, 2.0_f64.ln(), 1e-12);
    close(found.skill, 1.0 - found.log_loss / 2.0_f64.ln(), 1e-12);
    assert_eq!((found.accuracy, found.balanced_accuracy, found.n), (0.75, 0.75, 4));
    assert!(found.lower < found.skill && found.skill < found.upper, "{found:?}");
    assert_eq!(skill(&[1.0, 0.0], &[0], 2, 5, &mut random(3)), None);
}

#[test]
fn each_gate_has_its_boundary() {
    let good = Skill {
        n: 1000,
        log_loss: 1.0,
        log_loss_of_shares: 1.2,
        skill: 0.05,
        lower: 0.021,
        upper: 0.08,
        accuracy: 0.4,
        balanced_accuracy: 0.325,
        calibration_error: 0.05,
    };
    let shuffled = Skill { skill: -0.001, lower: -0.002, ..good };
    let judge = |skill: Skill, shuffled: &[Skill]| SkillGates::default().judge(&skill, 4, shuffled);
    assert_eq!(judge(good, &[shuffled]), Verdict::Publish);
    let check = |skill: Skill, expected: Reason| {
        assert_eq!(judge(skill, &[shuffled]), Verdict::Refuse(vec![expected]))
    };
    check(Skill { skill: 0.047, ..good }, Reason::Skill { found: 0.047, least: 0.05 });
    check(Skill { lower: 0.02, ..good }, Reason::LowerBound { found: 0.02, least: 0.02 });
    check(
        Skill { balanced_accuracy: 0.324, ..good },
        Reason::BalancedAccuracy { found: 0.324, least: 0.325 },
    );
    check(Skill { calibration_error: 0.051, ..good }, Reason::Calibration { found: 0.051, most: 0.05 });
    let leak = Skill { lower: 0.01, ..shuffled };
    assert_eq!(judge(good, &[shuffled, leak]), Verdict::Refuse(vec![Reason::Shuffle { found: 0.01 }]));
    assert_eq!(judge(good, &[]), Verdict::Refuse(vec![Reason::NoShuffle]));
}

#[test]
fn coverage_is_traded_for_accuracy() {
    // 100 sure rows of which 80 are right, then 100 less sure of which 40 are.
    let row = |row: usize| if row < 100 { [0.9, 0.1] } else { [0.6, 0.4] };
    let probabilities: Vec<f64> = (0..200).flat_map(row).collect();
    let types: Vec<u16> =
        (0..200).map(|row| u16::from(row % 100 >= if row < 100 { 80 } else { 40 })).collect();
    let found = Abstention::of(&probabilities, &types, 2, 0.70);
    let tau = found.tau.unwrap();
    assert_eq!((tau.least, tau.n, tau.coverage, tau.accuracy), (0.9, 100, 0.5, Some(0.8)));
    let at = |place: usize| (found.table[place].n, found.table[place].accuracy);
    assert_eq!(
        (at(0), at(12), at(13), at(19)),
        ((200, Some(0.6)), (200, Some(0.6)), (100, Some(0.8)), (0, None))
    );
    assert_eq!(Abstention::of(&probabilities, &types, 2, 0.60).tau.unwrap().least, 0.6);
    assert_eq!(Abstention::of(&probabilities, &types, 2, 0.81).tau, None);
    assert_eq!(found.assign(&[0.95, 0.05], TypeSet(0b11)), Some(0));
    assert_eq!(found.assign(&[0.2, 0.8], TypeSet(0b11)), None);
    assert_eq!(found.assign(&[0.2, 0.8], TypeSet(0b10)), Some(1));
}

#[test]
fn agreement_with_measured_types_by_hand() {
    // Twenty rows: the type is 1 for the ten last, and told rightly but for the first and the last.
    let row = |row: usize| if (1..10).contains(&row) || row == 19 { [0.9, 0.1] } else { [0.2, 0.8] };
    let probabilities: Vec<f64> = (0..20).flat_map(row).collect();
    let types: Vec<u16> = (0..20).map(|row| u16::from(row >= 10)).collect();
    let sets = vec![TypeSet(0b01); 20];
    let found = validate(&probabilities, &sets, &types, 2);
    // Pairs within cells: 2 C(9, 2) + 2 C(1, 2) = 72; within margins 90; expected 90² / 190.
    let expected = 90.0 * 90.0 / 190.0;
    close(found.adjusted_rand.unwrap(), (72.0 - expected) / (90.0 - expected), 1e-12);
    // Ten rows have the probability .8 of type 1, nine of them rightly: a lift of .9 / .5 in any part of them.
    close(found.lift_of_top_tenth[1].unwrap(), 1.8, 1e-12);
    assert_eq!(found.coverage, Some(0.5));
    let bands: Vec<(u64, f64)> = found.bands.iter().map(|band| (band.n, band.observed)).collect();
    assert_eq!(bands, [(10, 0.9), (10, 0.9)]);
}

#[test]
fn what_is_known_better_comes_first() {
    let typed = tool().assign_one(&[3.0, 0.0]);
    let unsure = tool().assign_one(&[-1.0, f64::NAN]);
    let inferred = Some((Some(1), 0.9, TypeSet(0b10)));
    let state = |measured, typed, inferred| {
        let person = state_of(measured, typed, inferred);
        (person.state, person.of_type)
    };
    assert_eq!(state(Some(1), Some(&typed), inferred), (State::Measured, Some(1)));
    assert_eq!(state(None, Some(&typed), inferred), (State::Typed, Some(0)));
    assert_eq!(state(None, Some(&unsure), inferred), (State::Inferred, Some(1)));
    assert_eq!(state(None, None, Some((None, 0.5, TypeSet(0b11)))), (State::Unknown, None));
    assert_eq!(state(None, None, None), (State::Unknown, None));
    let may = [State::Measured, State::Typed, State::Inferred, State::Unknown].map(State::may_drive);
    assert_eq!(may, [true, true, false, false]);
}

#[test]
fn rubins_rules_by_hand() {
    let found = pool(&[(1.0, 0.5), (2.0, 0.7), (3.0, 0.9)], 10).unwrap();
    close(found.mean, 2.0, 1e-12);
    close(found.within, 0.7, 1e-12);
    close(found.between, 1.0, 1e-12);
    close(found.total, 0.7 + 4.0 / 3.0, 1e-12);
    close(found.degrees_of_freedom, 2.0 * (1.0 + 0.7 * 0.75_f64).powi(2), 1e-12);
    assert_eq!(pool(&[(1.0, 0.5)], 10), None);
}

#[test]
fn imputation_is_refused_without_what_it_needs() {
    let donors = Donors { scores: &[1.0, 2.0, 3.0], predictions: &[1.0, 2.0, 2.0] };
    let refused = |donors: Donors<'_>, predictions: &[f64], segments: &[u32], m: usize, text: &str| {
        let error =
            segment_means(donors, predictions, segments, 2, m, &mut random(1)).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    refused(donors, &[1.0], &[0], 19, "`n_imputations` is 19");
    refused(Donors { scores: &[1.0], predictions: &[1.0] }, &[1.0], &[0], 20, "`number of donors` is 1");
    refused(donors, &[1.0], &[0, 1], 20, "segments has 2 values for 1 persons");
    refused(donors, &[f64::NAN], &[0], 20, "predictions, person 0");
    refused(donors, &[1.0], &[2], 20, "`segment` is 2");
    let found = segment_means(donors, &[1.0, 2.0], &[0, 0], 2, 20, &mut random(1)).unwrap();
    assert!(found[0].is_some() && found[1].is_none());
}
