//! scikit-learn 1.9.1 on `psych::bfi`: level of education (five) by the five items of agreeableness, 2,493 people with all six answers.

use super::close;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::tests::data::table;
use crate::psychometrics::typing::discriminant::Sums;
use crate::psychometrics::typing::logit::{LogitSettings, fit, softmax};
use crate::psychometrics::typing::temperature;

struct People {
    /// Row after row.
    rows: Vec<f64>,
    types: Vec<u16>,
}

fn people(test: &str) -> Option<People> {
    let all = table(test, "bfi.csv")?;
    let names = ["A1", "A2", "A3", "A4", "A5", "education"];
    let places: Vec<usize> = names.iter().map(|name| all.place_of(name, "test").unwrap()).collect();
    let own: Answers<'_> = all.of_items(&places);
    let complete = own.complete();
    let rows = complete.iter().flat_map(|row| (0..5).map(|item| own.column(item)[*row])).collect();
    let types = complete.iter().map(|row| own.column(5)[*row] as u16 - 1).collect();
    Some(People { rows, types })
}

/// `LinearDiscriminantAnalysis(solver="lsqr", shrinkage=1e-3)`.
#[test]
fn discriminant_analysis_is_that_of_scikit_learn() {
    let Some(people) = people("discriminant_analysis_is_that_of_scikit_learn") else { return };
    let columns: Vec<Vec<f64>> =
        (0..5).map(|item| people.rows.iter().skip(item).step_by(5).copied().collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let everybody: Vec<usize> = (0..people.types.len()).collect();
    let centre = [3.0; 5];
    let sums = Sums::of(&columns, &centre, &people.types, 5, &everybody);
    assert_eq!(sums.n, [220.0, 277.0, 1202.0, 387.0, 407.0]);
    let scores = sums.clouds(&[0, 1, 2, 3, 4], &centre, 1e-3).scores(&[0, 1, 2, 3, 4]).unwrap();
    let expected = [
        [0.10189732, 0.17755009, 0.60353948, 0.05612454, 0.06088857],
        [0.10491226, 0.12250244, 0.50553398, 0.13603623, 0.1310151],
    ];
    for (row, expected) in people.rows.chunks(5).zip(expected) {
        scores.posterior(row).iter().zip(expected).for_each(|(p, expected)| close(*p, expected, 1e-8));
    }
    let is_right = |(row, own): &(&[f64], &u16)| scores.most_likely(|place| row[place]) == usize::from(**own);
    let right = people.rows.chunks(5).zip(&people.types).filter(is_right).count();
    close(right as f64 / people.types.len() as f64, 0.48014440433212996, 1e-12);
}

/// `LogisticRegression(C=0.1, solver="newton-cholesky", tol=1e-13)`, that is a ridge of 10; the temperature by `scipy.optimize.minimize_scalar` on three times its scores.
#[test]
fn regression_and_temperature_are_those_of_scikit_learn() {
    let Some(people) = people("regression_and_temperature_are_those_of_scikit_learn") else { return };
    let settings = LogitSettings { ridge: 10.0, tolerance: 1e-14, ..LogitSettings::default() };
    let logit = fit(&people.rows, 5, &people.types, 5, None, &settings).unwrap();
    assert!(logit.converged, "{logit:?}");
    let expected = [
        (-0.7027337660, 0.1198485713, 0.0245697314),
        (-1.1466939820, 0.1758045583, -0.0512210220),
        (-0.0020232872, 0.0682236938, -0.0392568883),
        (1.0602057723, -0.1596763881, 0.0729670417),
        (0.7912452629, -0.2042004353, -0.0070588629),
    ];
    for (own, (intercept, first, last)) in logit.coefficients.iter().zip(expected) {
        // The search ends where F is exact to ten digits, which leaves intercepts, that have no ridge, about seven.
        close(own[0], intercept, 1e-6);
        close(own[1], first, 1e-7);
        close(own[5], last, 1e-7);
    }
    let mut exaggerated = vec![];
    let mut loss = 0.0;
    for (row, own) in people.rows.chunks(5).zip(&people.types) {
        let mut scores = vec![0.0; 5];
        logit.scores(row, &mut scores);
        exaggerated.extend(scores.iter().map(|score| 3.0 * score));
        softmax(&mut scores);
        loss -= scores[usize::from(*own)].ln();
    }
    close(loss / people.types.len() as f64, 1.368783512163053, 1e-9);
    close(temperature::fit(&exaggerated, &people.types, 5), 2.9950533, 1e-6);
}
