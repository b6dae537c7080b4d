//! What chains, paths, attribution and survival refuse, with the place and the reason.

use super::{paths, says};
use crate::journey::attribution::attribute;
use crate::journey::chain::{Counts, To, Transitions};
use crate::journey::order::choose_order;
use crate::journey::paths::{Outcome, Paths};
use crate::journey::survival::aalen_johansen::aalen_johansen;
use crate::journey::survival::kaplan_meier::kaplan_meier;

#[test]
fn ways() {
    let one = |ends: &[usize], steps: &[u16], weights: Option<Vec<f64>>| {
        Paths::new(2, ends.to_vec(), steps.to_vec(), vec![Outcome::Open; 2], weights)
    };
    says(one(&[1], &[0], None), "`outcomes` has 2 values where there are 1");
    says(one(&[1, 1], &[0], None), "customer 1, row 1: the path has no steps");
    says(one(&[1, 2], &[0, 2], None), "row 1, `steps`: code 2 of 2");
    says(one(&[2, 1], &[0, 1], None), "customer 1: its rows end at 1");
    says(one(&[1, 2], &[0, 1], Some(vec![1.0])), "`weights` has 1 values");
    says(one(&[1, 2], &[0, 1], Some(vec![1.0, f64::INFINITY])), "row 1, `weights`: inf");
}

#[test]
fn chains() {
    says(Counts::new(0, 1), "there are no stages");
    says(Counts::new(1, 0), "there are no outcomes");
    says(Counts::new(5000, 1), "`stages` is 5001");
    let mut counts = Counts::new(2, 1).unwrap();
    says(counts.probabilities(1.0), "there are no transitions");
    says(counts.probabilities(-1.0), "`smoothing` is -1");
    says(counts.add(2, To::Stage(0), 1.0), "`from`: code 2 of 2");
    says(counts.add(0, To::Stage(2), 1.0), "`to`: code 2 of 2");
    says(counts.add(0, To::Outcome(1), 1.0), "`outcome`: code 1 of 1");
    says(counts.add(0, To::Outcome(0), -1.0), "`weight`: -1");
    counts.add(0, To::Outcome(0), 1.0).unwrap();
    says(counts.probabilities(0.0), "stage 1 was never left");
    counts.add(1, To::Stage(1), 1.0).unwrap();
    says(counts.probabilities(0.0).unwrap().absorb(), "stage 1 leads to no outcome");
    assert!(counts.probabilities(1.0).unwrap().absorb().is_ok());
    says(Transitions::new(1, 1, vec![0.5, 0.4]), "stage 0: the probabilities of what follows sum to 0.9");
    says(Transitions::new(1, 1, vec![0.5]), "`probabilities` has 1 values where there are 2");
    says(Transitions::new(1, 1, vec![-0.5, 1.5]), "row 0, `probabilities`: -0.5");
    let rarely = Transitions::new(1, 1, vec![1.0, 1e-300]).unwrap();
    says(rarely.absorb(), "stage 0 is left so rarely");
    says(choose_order(&paths(&["0"], 1, None)), "there are no transitions");
}

#[test]
fn attributions() {
    says(attribute(&paths(&["01-", "1"], 2, None)), "there are no conversions");
    says(attribute(&paths(&["0+"], 1, Some(vec![0.0]))), "there are no conversions");
    says(attribute(&paths(&["0+"], 3000, None)), "`channels` is 3000");
}

#[test]
fn durations() {
    says(kaplan_meier(&[], &[], None), "there are no durations");
    says(kaplan_meier(&[1.0], &[], None), "`ended` has 0 values where there are 1");
    says(kaplan_meier(&[-1.0], &[true], None), "row 0, `times`: -1");
    says(kaplan_meier(&[f64::NAN], &[true], None), "row 0, `times`: NaN");
    says(kaplan_meier(&[1.0], &[true], Some(&[])), "`weights` has 0 values");
    says(kaplan_meier(&[1.0], &[true], Some(&[0.0])), "there are no durations");
    says(aalen_johansen(&[1.0], &[None], 0, None), "there are no exits");
    says(aalen_johansen(&[1.0], &[Some(2)], 2, None), "row 0, `exits`: code 2 of 2");
}
