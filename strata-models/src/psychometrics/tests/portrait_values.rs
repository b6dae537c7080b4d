//! `smacof::PVQ40`: the Portrait Values Questionnaire, 146 complete of 151 people, recoded 7 − x; figures computed in R.

use super::data::{close, table};
use crate::psychometrics::answers::Answers;
use crate::psychometrics::instrument::{Instrument, Key, KeyedItem, Response, Scale};
use crate::psychometrics::moments::{Missing, Moments};
use crate::psychometrics::reliability::alpha;
use crate::psychometrics::scoring::circle::{HigherOrder, VALUES, circumplex_fit};
use crate::psychometrics::scoring::score;

const CENTRED: [f64; 10] = [
    0.872603, -0.375685, -0.062900, -0.350000, -0.955594, 0.283219, -0.308904, -0.709589, 0.364041, 0.548973,
];

const ALPHA: [f64; 10] = [0.649, 0.797, 0.844, 0.846, 0.757, 0.730, 0.819, 0.577, 0.779, 0.755];

#[test]
fn pvq40_values_lie_on_their_circle() {
    let Some(raw) = table("pvq40_values_lie_on_their_circle", "smacof_PVQ40.csv") else { return };
    let answers = raw.of_respondents(&raw.complete()).unwrap();
    assert_eq!((raw.n_respondents(), answers.n_respondents()), (151, 146));
    // The data have 1 for "very much like me", so that all items are reversed; and one 0, which R recodes to 7 like any number. Reversed
    // within 0 to 7 every answer x is 7 − x.
    let scale_of = |code: &str| Scale {
        name: code.to_owned(),
        items: answers
            .items()
            .iter()
            .filter(|item| item[..2].to_uppercase() == code)
            .map(|item| KeyedItem { item: item.clone(), key: Key::Reversed })
            .collect(),
    };
    let response = Response { min: 0.0, max: 7.0 };
    let instrument = Instrument {
        name: "PVQ40".to_owned(),
        response,
        min_answered_fraction: 0.7,
        is_ipsatised: true,
        scales: VALUES.map(|value| scale_of(value.code())).to_vec(),
    };
    let scores = score(&answers, &instrument).unwrap();
    let moments = |values: &[f64]| crate::group::mean_and_deviation(values).unwrap();
    let (mean, deviation) = moments(scores.person_means.as_ref().unwrap());
    close(mean, 4.108562, 1e-6);
    close(deviation, 0.513133, 1e-6);
    scores.values.iter().zip(CENTRED).for_each(|(values, expected)| close(moments(values).0, expected, 1e-6));
    for (scale, expected) in instrument.scales.iter().zip(ALPHA) {
        let keyed = answers.keyed(scale, response).unwrap();
        close(alpha(&Moments::of(&keyed, Missing::Listwise).unwrap()).unwrap().alpha, expected, 5.1e-4);
    }
    let higher: Vec<HigherOrder> = (0..146)
        .map(|person| HigherOrder::of(&std::array::from_fn(|value| scores.values[value][person])))
        .collect();
    let correlation = |one: fn(&HigherOrder) -> f64, other: fn(&HigherOrder) -> f64| {
        let (one, other): (Vec<f64>, Vec<f64>) = higher.iter().map(|h| (one(h), other(h))).unzip();
        crate::group::correlation(&one, &other).unwrap()
    };
    close(correlation(|h| h.openness, |h| h.conservation), -0.7730, 5e-5);
    close(correlation(|h| h.enhancement, |h| h.transcendence), -0.7320, 5e-5);
    let columns = scores.values.into_iter().map(std::borrow::Cow::Owned).collect();
    let centred = Answers::new(scores.scales, columns).unwrap();
    let fit = circumplex_fit(&Moments::of(&centred, Missing::Listwise).unwrap().correlations).unwrap();
    close(fit.pearson, 0.873233, 1e-6);
    // With equal cosines as ties, scipy 1 `spearmanr` of cosines rounded to nine digits; where their last bits part them it is .880306.
    close(fit.spearman, 0.882981, 1e-6);
}
