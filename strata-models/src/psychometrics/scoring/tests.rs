//! Scoring by hand.

use std::borrow::Cow;

use super::best_worst::{Choice, Design};
use super::circle::{HigherOrder, VALUES, Value, circumplex_fit, direction};
use super::kano::{Category, Counts, category};
use super::norm::Norm;
use super::*;
use crate::clv::symmetric::Symmetric;
use crate::psychometrics::instrument::{KeyedItem, Response};

fn instrument(scales: &[(&str, &[(&str, i64)])], is_ipsatised: bool) -> Instrument {
    Instrument {
        name: "test".to_owned(),
        response: Response { min: 1.0, max: 5.0 },
        min_answered_fraction: 0.75,
        is_ipsatised,
        scales: scales.iter().map(|(name, items)| Scale::new(name, items).unwrap()).collect(),
    }
}

fn answers(items: &[&str], rows: &[&[f64]]) -> Answers<'static> {
    Answers::from_rows(items.iter().map(|item| (*item).to_owned()).collect(), &rows.concat()).unwrap()
}

const FOUR: [(&str, i64); 4] = [("a", 1), ("b", -1), ("c", 1), ("d", -1)];
const NAN: f64 = f64::NAN;

#[test]
fn a_scale_is_the_mean_of_its_keyed_items() {
    let answers = answers(&["d", "c", "b", "a"], &[&[1.0, 4.0, 2.0, 5.0], &[3.0; 4]]);
    let scores = score(&answers, &instrument(&[("s", &FOUR)], false)).unwrap();
    assert_eq!(scores.values, [[(5.0 + 4.0 + 4.0 + 5.0) / 4.0, 3.0]]);
    assert_eq!((scores.scales, scores.person_means), (vec!["s".to_owned()], None));
}

#[test]
fn three_of_four_answers_are_enough_and_two_are_not() {
    let answers = answers(&["a", "b", "c", "d"], &[&[5.0, NAN, 4.0, 5.0], &[5.0, NAN, 4.0, NAN], &[NAN; 4]]);
    let scores = score(&answers, &instrument(&[("s", &FOUR)], false)).unwrap();
    assert_eq!(scores.values[0][0], 10.0 / 3.0);
    assert!(scores.values[0][1].is_nan() && scores.values[0][2].is_nan());
}

#[test]
fn reversing_twice_changes_nothing() {
    let response = Response { min: 1.0, max: 6.0 };
    for x in 1..=6 {
        assert_eq!(response.reversed(response.reversed(f64::from(x))), f64::from(x));
    }
}

#[test]
fn threes_throughout_are_one_constant_of_z() {
    let middle = answers(&["a", "b", "c", "d"], &[&[3.0; 4], &[3.0; 4], &[3.0; 4]]);
    let scores = score(&middle, &instrument(&[("s", &FOUR)], false)).unwrap();
    let norm = Norm::new(2.8961, 1.0293).unwrap();
    let z = norm.z(&scores.values[0]);
    assert!(z.iter().all(|one| *one == z[0]) && (z[0] - 0.100_942).abs() < 1e-6);
    assert!((norm.t(&scores.values[0])[0] - 51.009_42).abs() < 1e-5);
    let error = Norm::of("s", &scores.values[0]).unwrap_err().to_string();
    assert!(error.contains("item `s` has one answer"), "{error}");
}

#[test]
fn own_norms_have_the_mean_0_and_the_deviation_1() {
    let scores = [1.0, 4.5, NAN, 2.0, 3.0];
    let z = Norm::of("s", &scores).unwrap().z(&scores);
    let known: Vec<f64> = z.iter().copied().filter(|z| !z.is_nan()).collect();
    assert_eq!(known.len(), 4);
    assert!(known.iter().sum::<f64>().abs() < 1e-12);
    assert!((known.iter().map(|z| z * z).sum::<f64>() - 3.0).abs() < 1e-12);
    assert!(Norm::of("s", &[1.0, NAN]).is_err() && Norm::new(1.0, 0.0).is_err());
}

#[test]
fn ipsatised_scores_are_centred_on_all_items_of_the_block() {
    // Scales of unequal length: the mean of the block is not the mean of its scales.
    let scales: [(&str, &[(&str, i64)]); 2] =
        [("long", &[("a", 1), ("b", 1), ("c", 1)]), ("short", &[("d", 1)])];
    let answers = answers(
        &["a", "b", "c", "d"],
        &[&[1.0, 2.0, 3.0, 4.0], &[5.0, NAN, 5.0, 2.0], &[1.0, 2.0, NAN, NAN]],
    );
    let mut instrument = instrument(&scales, true);
    instrument.min_answered_fraction = 0.5;
    let scores = score(&answers, &instrument).unwrap();
    assert_eq!(scores.values[0][..2], [-0.5, 1.0]);
    assert_eq!(scores.values[1][..2], [1.5, -2.0]);
    // Half a block is too little to be centred on.
    assert!(scores.values[0][2].is_nan() && scores.values[1][2].is_nan());
    let means = scores.person_means.unwrap();
    assert_eq!(means[..2], [2.5, 4.0]);
    for respondent in 0..3 {
        let centred = centred_items(&answers);
        let sum: f64 = centred.iter().map(|column| column[respondent]).filter(|x| !x.is_nan()).sum();
        assert!(sum.abs() < 1e-12);
    }
}

#[test]
fn parts_of_respondents_are_scored_like_one() {
    let n = 2 * PART + 17;
    let column = |step: usize| Cow::Owned((0..n).map(|i| (1 + i * step % 5) as f64).collect::<Vec<f64>>());
    let items = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let answers = Answers::new(items, vec![column(1), column(3), column(7), column(4)]).unwrap();
    for is_ipsatised in [false, true] {
        let scales: [(&str, &[(&str, i64)]); 2] =
            [("one", &[("a", 1), ("b", -1)]), ("other", &[("c", 1), ("d", 1)])];
        let scores = score(&answers, &instrument(&scales, is_ipsatised)).unwrap();
        for i in [0, PART - 1, PART, n - 1] {
            let [a, b, c, d] = [0, 1, 2, 3].map(|item| answers.column(item)[i]);
            let mean = if is_ipsatised { (a + 6.0 - b + c + d) / 4.0 } else { 0.0 };
            assert_eq!(scores.values[0][i], (a + 6.0 - b) / 2.0 - mean);
            assert_eq!(scores.values[1][i], (c + d) / 2.0 - mean);
        }
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(found: Result<T, PsychometricsError>, text: &str) {
    let error = found.unwrap_err().to_string();
    assert!(error.contains(text) && error.contains("hint"), "{error}");
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let table = answers(&["a", "b"], &[&[1.0, 2.0], &[3.0, 6.0]]);
    refused(score(&table, &instrument(&[("s", &[("z", 1)])], false)), "scale `s` names item `z`");
    refused(
        score(&table, &instrument(&[("s", &[("b", 1)])], false)),
        "respondent 1, item `b`: 6 is outside of 1 to 5",
    );
    refused(score(&table, &instrument(&[], false)), "no items");
    refused(score(&table, &instrument(&[("s", &[])], false)), "scale `s` has no items");
    refused(score(&table, &instrument(&[("s", &[("a", 1)]), ("t", &[("a", 1)])], false)), "occurs twice");
    refused(Scale::new("s", &[("a", 2)]), "the key of item `a` is 2");
    let mut wrong = instrument(&[("s", &[("a", 1)])], false);
    wrong.min_answered_fraction = 0.0;
    refused(score(&table, &wrong), "`min_answered_fraction` is 0");
    wrong.response.max = 1.0;
    refused(score(&table, &wrong), "`response.max` is 1");
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    refused(Answers::from_rows(names(&["a", "a"]), &[1.0, 2.0]), "occurs twice");
    refused(
        Answers::from_rows(names(&["a", "b"]), &[1.0, 2.0, 3.0]),
        "item `b` has 1 answers where there are 2",
    );
    refused(Answers::from_rows(names(&["a"]), &[]), "no respondents");
    refused(Answers::from_rows(names(&["a"]), &[f64::INFINITY]), "respondent 0, item `a`");
    refused(Answers::from_rows(vec![], &[]), "no items");
}

#[test]
fn instruments_survive_json() {
    let instrument = instrument(&[("s", &FOUR)], true);
    let text = serde_json::to_string(&instrument).unwrap();
    assert_eq!(serde_json::from_str::<Instrument>(&text).unwrap(), instrument);
    assert_eq!(instrument.scales[0].items[1], KeyedItem { item: "b".to_owned(), key: Key::Reversed });
}

#[test]
fn best_worst_scores_sum_to_nothing() {
    let design =
        Design::fano(["INFO", "DEAL", "STORY", "HUMOUR", "PEERS", "EXPERT", "CAUSE"].map(str::to_owned));
    // Every appeal three times, every pair once.
    let times = |objects: &[usize]| {
        design.sets().iter().filter(|set| objects.iter().all(|o| set.contains(o))).count()
    };
    for one in 0..7 {
        assert_eq!(times(&[one]), 3);
        (0..one).for_each(|other| assert_eq!(times(&[one, other]), 1));
    }
    // Always the lowest number best, the highest worst.
    let choices: Vec<Option<Choice>> = design
        .sets()
        .iter()
        .map(|set| Some(Choice { best: *set.iter().min().unwrap(), worst: *set.iter().max().unwrap() }))
        .collect();
    let found = design.score(0, &choices).unwrap().unwrap();
    assert_eq!(found.scores[0], 1.0);
    assert_eq!(found.scores[6], -1.0);
    assert!(found.scores.iter().sum::<f64>().abs() < 1e-12);
    assert!(found.is_positional);
    let mut other = choices.clone();
    other[3] = Some(Choice { best: 5, worst: 1 });
    assert!(!design.score(0, &other).unwrap().unwrap().is_positional);
    other[3] = None;
    assert_eq!(design.score(0, &other).unwrap(), None);
    other[3] = Some(Choice { best: 5, worst: 0 });
    refused(design.score(9, &other), "respondent 9, set 3");
    refused(design.score(9, &other[1..]), "6 choices of 7 sets");
    refused(
        Design::new(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], vec![vec![0, 1], vec![1, 2]]),
        "`b`: shown 2",
    );
    refused(Design::new(vec!["a".to_owned()], vec![vec![0]]), "set 0");
}

#[test]
fn kano_categories_are_those_of_the_evaluation_table() {
    let table = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"];
    let letter = |category| match category {
        Category::MustBe => 'M',
        Category::OneDimensional => 'O',
        Category::Attractive => 'A',
        Category::Indifferent => 'I',
        Category::Reverse => 'R',
        Category::Questionable => 'Q',
    };
    for (functional, row) in (1..).zip(table) {
        for (dysfunctional, expected) in (1..).zip(row.chars()) {
            assert_eq!(letter(category(functional, dysfunctional).unwrap()), expected);
        }
    }
    refused(category(0, 1), "`functional` is 0");
    refused(category(1, 6), "`dysfunctional` is 6");
}

#[test]
fn kano_coefficients_of_the_hand_case() {
    let counts =
        Counts { attractive: 40, one_dimensional: 25, must_be: 20, indifferent: 15, ..Counts::default() };
    assert_eq!((counts.satisfaction(), counts.dissatisfaction()), (Some(0.65), Some(-0.45)));
    assert_eq!((counts.category(), counts.strength()), (Some(Category::Attractive), Some(0.15)));
    assert!(counts.is_enough() && !counts.is_bad_question());
    let tied = Counts { attractive: 10, one_dimensional: 10, must_be: 10, ..Counts::default() };
    assert_eq!(tied.category(), Some(Category::MustBe));
    // The most frequent is A, but more people do not want it than do.
    let split = Counts { attractive: 14, indifferent: 10, reverse: 8, ..Counts::default() };
    assert_eq!(split.category(), Some(Category::Indifferent));
    let bad = Counts { questionable: 4, attractive: 30, ..Counts::default() };
    assert!(bad.is_bad_question());
    let nobody = Counts::default();
    assert_eq!((nobody.satisfaction(), nobody.category(), nobody.strength()), (None, None, None));
    assert!(!nobody.is_enough() && !nobody.is_bad_question());
    let counted = Counts::of(&[(1, 5), (1, 1), (1, 3), (3, 5)]).unwrap();
    assert_eq!(
        (counted.one_dimensional, counted.questionable, counted.attractive, counted.must_be),
        (1, 1, 1, 1)
    );
}

#[test]
fn a_segment_that_follows_a_cosine_points_to_its_peak() {
    for peak in [0.0, 100.0, 216.0, 350.0] {
        let means = VALUES.map(|value| 0.7 * (value.degrees() - peak).to_radians().cos());
        let found = direction(&means).unwrap();
        assert!((found.degrees - peak).abs() < 1e-9 && (found.length - 0.7).abs() < 1e-12, "{found:?}");
    }
    assert_eq!(direction(&[NAN; 10]), None);
    assert!(direction(&[1.0; 10]).unwrap().length < 1e-12);
    assert_eq!((Value::of("TR"), Value::of("XX")), (Some(Value::Tradition), None));
}

#[test]
fn higher_order_values_leave_hedonism_out() {
    let found = HigherOrder::of(&[1.0, 3.0, 99.0, 2.0, 4.0, 1.0, 2.0, 6.0, 5.0, 7.0]);
    let expected = HigherOrder { openness: 2.0, conservation: 3.0, enhancement: 3.0, transcendence: 6.0 };
    assert_eq!(found, expected);
    assert_eq!((found.change_axis(), found.transcendence_axis()), (-1.0, 3.0));
}

#[test]
fn correlations_that_are_cosines_fit_the_circle() {
    let mut cosines = Symmetric::zeros(10);
    for (row, one) in VALUES.iter().enumerate() {
        for (column, other) in VALUES.iter().enumerate() {
            cosines.set(row, column, 0.5 * (one.degrees() - other.degrees()).to_radians().cos());
        }
    }
    let fit = circumplex_fit(&cosines).unwrap();
    assert!((fit.pearson - 1.0).abs() < 1e-9);
    // Rounding parts correlations that should tie.
    assert!(fit.spearman > 0.9, "{}", fit.spearman);
    refused(circumplex_fit(&Symmetric::zeros(10)), "do not differ");
    refused(circumplex_fit(&Symmetric::zeros(9)), "9 scales");
}
