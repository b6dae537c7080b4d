//! `psych::bfi`, 2,800 people and 25 items, against R's psych 2.2.9.

use super::data::{SIX, bfi, bfi_scale, close};
use crate::psychometrics::factors::adequacy::{sampling_adequacy, sphericity};
use crate::psychometrics::factors::number::{average_partials, eigenvalues, parallel_analysis};
use crate::psychometrics::factors::{Extraction, Rotation, analyse, congruence};
use crate::psychometrics::moments::{Missing, Moments};
use crate::psychometrics::reliability::omega::omega;
use crate::psychometrics::reliability::{alpha, ordinal_alpha, polychoric};

/// R, `psych::alpha` and `psych::omega(nfactors = 1)`: α pairwise and listwise with n, standardised α, mean r, standard error, ω of
/// minimum residuals (standardised) and ω of the greatest likelihood (listwise, in units of the answers).
const SCALES: [(&str, [f64; 8]); 5] = [
    ("A", [0.703018, 0.703756, 2709.0, 0.713029, 0.331968, 0.008952, 0.723211, 0.712129]),
    ("C", [0.726735, 0.729277, 2707.0, 0.730073, 0.351045, 0.008117, 0.731204, 0.733022]),
    ("E", [0.761733, 0.760933, 2713.0, 0.761795, 0.390100, 0.007027, 0.763981, 0.767334]),
    ("N", [0.813963, 0.813303, 2694.0, 0.814675, 0.467854, 0.005607, 0.818808, 0.812845]),
    ("O", [0.600173, 0.602546, 2726.0, 0.607268, 0.236206, 0.011859, 0.617117, 0.610374]),
];

#[test]
fn bfi_scales_are_as_reliable_as_in_psych() {
    let Some(answers) = bfi("bfi_scales_are_as_reliable_as_in_psych") else { return };
    for (name, expected) in SCALES {
        let keyed = answers.keyed(&bfi_scale(name), SIX).unwrap();
        let [pairwise, listwise] =
            [Missing::Pairwise, Missing::Listwise].map(|missing| Moments::of(&keyed, missing).unwrap());
        let (p, l) = (alpha(&pairwise).unwrap(), alpha(&listwise).unwrap());
        let minres = omega(&pairwise, Extraction::MinimumResidual).unwrap();
        let likely = omega(&listwise, Extraction::MaximumLikelihood).unwrap();
        let lm = omega(&listwise, Extraction::MinimumResidual).unwrap();
        println!(
            ">> {name} {} {} {} {} {} {} {:?} {:?} lm {:?}\n>> {expected:?}",
            p.alpha,
            l.alpha,
            l.n,
            p.standardised,
            p.average_r,
            p.standard_error,
            minres.standardised,
            likely.total,
            lm.standardised
        );
        println!(
            ">>  {:?} {:?}",
            p.items.iter().map(|i| i.item_rest).collect::<Vec<_>>(),
            l.items.iter().map(|i| i.item_rest).collect::<Vec<_>>()
        );
    }
    let keyed = answers.keyed(&bfi_scale("A"), SIX).unwrap();
    println!(
        ">> ordinal {:?} .758992; {:?} .555451",
        ordinal_alpha(&keyed),
        polychoric::correlations(&keyed).unwrap().correlations.at(2, 1)
    );
}

#[test]
fn bfi_factors() {
    let Some(answers) = bfi("x") else { return };
    for (name, e) in SCALES {
        let keyed = answers.keyed(&bfi_scale(name), SIX).unwrap();
        let l = Moments::of(&keyed, Missing::Listwise).unwrap();
        let p = Moments::of(&keyed, Missing::Pairwise).unwrap();
        let mut sum = 0.0;
        for i in 0..5 {
            for j in 0..5 {
                if i != j {
                    sum += p.covariances.at(i, j)
                        / (p.covariances.at(i, i) * p.covariances.at(j, j)).sqrt()
                        / 20.0;
                }
            }
        }
        println!(
            ">> {name} {:?} {} {} cov2cor {} {}",
            e,
            alpha(&l).unwrap().standardised,
            alpha(&l).unwrap().average_r,
            sum,
            alpha(&l).unwrap().standard_error
        );
    }
    for missing in [Missing::Pairwise, Missing::Listwise] {
        let pa = parallel_analysis(&answers, missing, 100, 1).unwrap();
        println!(
            ">> pa {} {} {:?} {:?} {:?}",
            pa.n_factors, pa.n_components, pa.factors, pa.factors_by_chance, pa.components_by_chance
        );
    }
}
