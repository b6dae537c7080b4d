//! `psych::bfi`, 2,800 people and 25 items, against R's psych 2.2.9.

use super::data::{SIX, bfi, bfi_scale, close, table};
use crate::psychometrics::evidence::evidence;
use crate::psychometrics::factors::adequacy::{sampling_adequacy, sphericity};
use crate::psychometrics::factors::number::{average_partials, eigenvalues, parallel_analysis};
use crate::psychometrics::factors::{Extraction, FactorSolution, Rotation, analyse, congruence};
use crate::psychometrics::gate::{Gates, Use};
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
        let pairwise = Moments::of(&keyed, Missing::Pairwise).unwrap();
        let listwise = Moments::of(&keyed, Missing::Listwise).unwrap();
        let (by_pairs, of_complete) = (alpha(&pairwise).unwrap(), alpha(&listwise).unwrap());
        let residual = omega(&pairwise, Extraction::MinimumResidual).unwrap();
        let likely = omega(&listwise, Extraction::MaximumLikelihood).unwrap();
        let found = [
            by_pairs.alpha,
            of_complete.alpha,
            of_complete.n as f64,
            by_pairs.standardised,
            by_pairs.average_r,
            by_pairs.standard_error,
            residual.standardised.unwrap(),
            likely.total.unwrap(),
        ];
        found.iter().zip(expected).for_each(|(found, expected)| close(*found, expected, 1e-6));
    }
}

#[test]
fn bfi_items_of_agreeableness_are_those_of_psych() {
    let Some(answers) = bfi("bfi_items_of_agreeableness_are_those_of_psych") else { return };
    let keyed = answers.keyed(&bfi_scale("A"), SIX).unwrap();
    let found = alpha(&Moments::of(&keyed, Missing::Pairwise).unwrap()).unwrap();
    let expected = [0.308418, 0.563615, 0.587005, 0.394444, 0.488565];
    found.items.iter().zip(expected).for_each(|(item, expected)| close(item.item_rest, expected, 1e-6));
    // R stops its search for a correlation at 10⁻⁴.
    close(ordinal_alpha(&keyed).unwrap(), 0.758992, 5e-5);
    close(polychoric::correlations(&keyed).unwrap().correlations.at(2, 1), 0.555451, 5e-5);
}

#[test]
fn bfi_without_its_key_has_an_item_against_the_rest() {
    let Some(answers) = bfi("bfi_without_its_key_has_an_item_against_the_rest") else { return };
    let raw = answers.of_items(&[0, 1, 2, 3, 4]);
    let found = alpha(&Moments::of(&raw, Missing::Pairwise).unwrap()).unwrap();
    assert!(found.items[0].item_rest < -0.3 && found.items[1].item_rest > 0.2);
}

#[test]
fn bfi_correlations_are_as_adequate_as_in_psych() {
    let Some(answers) = bfi("bfi_correlations_are_as_adequate_as_in_psych") else { return };
    let pairwise = Moments::of(&answers, Missing::Pairwise).unwrap();
    let listwise = Moments::of(&answers, Missing::Listwise).unwrap();
    assert_eq!((pairwise.n, listwise.n), (2800, 2436));
    close(sampling_adequacy(&pairwise).unwrap().overall, 0.845897, 1e-6);
    close(sampling_adequacy(&listwise).unwrap().overall, 0.848645, 1e-6);
    let test = sphericity(&listwise).unwrap();
    close(test.chi_squared, 18146.0656, 1e-4);
    assert_eq!((test.degrees_of_freedom, test.p_value), (300, 0.0));
    close(sphericity(&pairwise).unwrap().chi_squared, 20163.79, 5e-3);
    let expected = [5.134311, 2.751887, 2.142702, 1.852328, 1.548163, 1.073582];
    eigenvalues(&listwise).iter().zip(expected).for_each(|(found, expected)| close(*found, expected, 1e-6));
}

#[test]
fn bfi_has_as_many_factors_as_in_psych() {
    let Some(answers) = bfi("bfi_has_as_many_factors_as_in_psych") else { return };
    let listwise = Moments::of(&answers, Missing::Listwise).unwrap();
    let partials = average_partials(&listwise).unwrap();
    assert_eq!(partials.n_components, 5);
    close(partials.means[5], 0.0146449, 1e-7);
    let parallel = parallel_analysis(&answers, Missing::Listwise, 40, 1).unwrap();
    assert_eq!((parallel.n_factors, parallel.n_components), (6, 5));
    assert_eq!(parallel, parallel_analysis(&answers, Missing::Listwise, 40, 1).unwrap());
}

#[test]
fn bfi_factors_are_those_of_psych() {
    let Some(answers) = bfi("bfi_factors_are_those_of_psych") else { return };
    let listwise = Moments::of(&answers, Missing::Listwise).unwrap();
    let likely = analyse(&listwise, 5, Extraction::MaximumLikelihood, Rotation::Varimax).unwrap();
    let fit = likely.fit.unwrap();
    close(fit.chi_squared, 1490.5865, 1e-4);
    close(fit.rmsea.unwrap(), 0.0538, 5e-5);
    close(fit.tucker_lewis.unwrap(), 0.8812, 5e-5);
    assert_eq!(fit.degrees_of_freedom, 185);
    for (item, expected) in [("N1", 0.8160), ("E2", -0.6740), ("C4", -0.6532), ("A3", 0.6623), ("O3", 0.6143)]
    {
        let place = likely.items.iter().position(|other| other == item).unwrap();
        let row = &likely.loadings[place];
        let greatest =
            row.iter().copied().fold(0.0, |most: f64, l| if l.abs() > most.abs() { l } else { most });
        // R's varimax stops at a relative gain of 10⁻⁵.
        close(greatest, expected, 1e-3);
    }
    let residual = analyse(&listwise, 5, Extraction::MinimumResidual, Rotation::Varimax).unwrap();
    let fit = residual.fit.unwrap();
    close(fit.chi_squared, 1538.52, 5e-3);
    close(fit.rmsea.unwrap(), 0.0548, 5e-5);
}

#[test]
fn bfi_men_and_women_have_the_congruence_of_psych() {
    let Some(answers) = bfi("bfi_men_and_women_have_the_congruence_of_psych") else { return };
    let Some(table) = table("", "bfi.csv") else { return };
    let gender = table.column(table.place_of("gender", "test").unwrap());
    let solution = |code: f64, n: usize| -> FactorSolution {
        let places: Vec<usize> =
            answers.complete().into_iter().filter(|respondent| gender[*respondent] == code).collect();
        assert_eq!(places.len(), n);
        let moments = Moments::of(&answers.of_respondents(&places).unwrap(), Missing::Listwise).unwrap();
        analyse(&moments, 5, Extraction::MinimumResidual, Rotation::Varimax).unwrap()
    };
    let (men, women) = (solution(1.0, 805), solution(2.0, 1631));
    let best = |factor: usize| {
        let of = |other: usize| congruence(&men.factor(factor), &women.factor(other)).unwrap().abs();
        (0..5).map(of).fold(0.0, f64::max)
    };
    let mut found: Vec<f64> = (0..5).map(best).collect();
    found.sort_by(f64::total_cmp);
    for (found, expected) in found.iter().zip([0.95, 0.95, 0.98, 0.99, 0.99]) {
        close(*found, expected, 6e-3);
    }
}

#[test]
fn bfi_openness_is_good_for_means_of_segments_only() {
    let Some(answers) = bfi("bfi_openness_is_good_for_means_of_segments_only") else { return };
    for (name, expected) in [
        ("A", Use::Usable),
        ("C", Use::Usable),
        ("E", Use::Usable),
        ("N", Use::Usable),
        ("O", Use::SegmentMeansOnly),
    ] {
        let keyed = answers.keyed(&bfi_scale(name), SIX).unwrap();
        let evidence = evidence(name, &keyed, 1).unwrap();
        assert_eq!(evidence.item_rest.len(), 5);
        let verdict = Gates::default().judge(&evidence);
        assert_eq!(verdict.usage, expected, "{name} {verdict:?}");
    }
}
