//! What is put into a simulation is found again, and nothing else.

use super::{close, random};
use crate::clv::special::normal_quantile;
use crate::learn::chance::Places;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::typing::feature::{Feature, NO_CODE, Values};
use crate::psychometrics::typing::gate::{Reason, Verdict};
use crate::psychometrics::typing::impute::{Donors, segment_means};
use crate::psychometrics::typing::state::*;

/// Persons with types that shift features by `strength` deviations, and items by one.
struct World {
    types: Vec<u16>,
    numbers: Vec<Vec<f64>>,
    region: Vec<u32>,
    rows: Vec<f64>,
}

const N_ITEMS: usize = 12;

fn world(seed: u64, n: usize, strength: f64) -> World {
    let places = Places::from_seed(seed);
    let at = |row: usize, place: usize| (row * 40 + place) as u64;
    let normal = |row: usize, place: usize| normal_quantile(places.share(at(row, place)).max(1e-12));
    let types: Vec<u16> = (0..n).map(|row| places.below(at(row, 0), 4) as u16).collect();
    let number = |column: usize, row: usize| {
        let own = usize::from(types[row]) == column;
        let x = normal(row, 1 + column) + if own { strength } else { 0.0 };
        // Every tenth value is not known.
        if places.below(at(row, 10 + column), 10) == 0 { f64::NAN } else { x }
    };
    let numbers = (0..4).map(|column| (0..n).map(|row| number(column, row)).collect()).collect();
    let region = |row: usize| match places.below(at(row, 20), 5) {
        4 => NO_CODE,
        level => level as u32,
    };
    let item = |row: usize, item: usize| {
        let own = usize::from(types[row]) == item % 4;
        normal(row, 22 + item) + if own { 1.5 } else { 0.0 }
    };
    let rows = (0..n).flat_map(|row| (0..N_ITEMS).map(move |place| (row, place)));
    World {
        numbers,
        region: (0..n).map(region).collect(),
        rows: rows.map(|(row, place)| item(row, place)).collect(),
        types,
    }
}

/// Every fifth person answered all, every fifth after that some golden questions.
fn states(world: &World, seed: u64) -> States {
    let n = world.types.len();
    let names: Vec<String> = (0..N_ITEMS).map(|item| format!("i{item}")).collect();
    let every = |rest: usize| (0..n).filter(|row| row % 5 == rest).collect::<Vec<usize>>();
    let (full, some) = (every(0), every(1));
    let all = Answers::from_rows(names, &world.rows).unwrap();
    let (of_full, of_some) = (all.of_respondents(&full).unwrap(), all.of_respondents(&some).unwrap());
    let types: Vec<u16> = full.iter().map(|row| world.types[*row]).collect();
    let names = ["orders", "spend", "visits", "age"];
    let mut features: Vec<Feature<'_>> = names
        .iter()
        .zip(&world.numbers)
        .map(|(name, column)| Feature { name, values: Values::Numbers(column) })
        .collect();
    features.push(Feature { name: "region", values: Values::Codes(&world.region) });
    let known = Known {
        n_persons: n,
        n_types: 4,
        respondents: Respondents { persons: &full, types: &types, answers: &of_full },
        asked: Some(Asked { persons: &some, answers: &of_some }),
        tool: None,
        features: &features,
        customers: &[],
        margins: &[],
    };
    infer_states(&known, &StateSettings::default(), &mut random(seed)).unwrap()
}

fn accuracy(world: &World, states: &States, wanted: State) -> (usize, f64) {
    let own = states.people.iter().zip(&world.types).filter(|(person, _)| person.state == wanted);
    let (n, right) = own
        .fold((0, 0), |(n, right), (person, own)| (n + 1, right + usize::from(person.of_type == Some(*own))));
    (n, right as f64 / n.max(1) as f64)
}

#[test]
fn types_that_drive_features_are_inferred() {
    let world = world(1, 20_000, 2.0);
    let states = states(&world, 7);
    let report = &states.report;
    assert_eq!(report.verdict, Verdict::Publish, "{:?}", report.skill);
    assert!(report.skill.skill > 0.3 && report.skill.calibration_error < 0.04, "{:?}", report.skill);
    assert!(report.shuffled.iter().all(|skill| skill.skill < 0.005), "{:?}", report.shuffled);
    assert_eq!(report.counts.iter().sum::<usize>(), 20_000);
    assert_eq!(accuracy(&world, &states, State::Measured), (4000, 1.0));
    let (n_typed, typed) = accuracy(&world, &states, State::Typed);
    assert!(n_typed > 3400 && typed > 0.75, "{n_typed} {typed}");
    let (n_inferred, inferred) = accuracy(&world, &states, State::Inferred);
    assert!(n_inferred > 6000 && inferred > 0.68, "{n_inferred} {inferred}");
    // Probabilities of the inferred come true: within four standard errors of their mean.
    let own = states.people.iter().filter(|person| person.state == State::Inferred);
    let expected = own.map(|person| person.probability).sum::<f64>() / n_inferred as f64;
    close(inferred, expected, 0.03);
    // Sets of persons who never answered hold the truth in 90 %. The threshold is from 400 rows, whose own error is 1.5 %.
    let outside = states.people.iter().zip(&world.types).filter(|(person, _)| person.state as usize > 1);
    let (n, hits) = outside
        .fold((0, 0), |(n, hits), (person, own)| (n + 1, hits + usize::from(person.set.contains(*own))));
    close(hits as f64 / f64::from(n), 0.9, 0.045);
    // Over five thresholds the errors are smaller.
    let validation = &report.validation;
    close(validation.coverage.unwrap(), 0.9, 0.025);
    assert!(validation.adjusted_rand.unwrap() > 0.2, "{validation:?}");
    assert!(
        validation.lift_of_top_tenth.iter().all(|lift| lift.is_some_and(|lift| lift > 2.5)),
        "{validation:?}"
    );
    assert_eq!(validation.bands.iter().map(|band| band.n).sum::<u64>(), 4000);
    assert!(report.sizes.iter().all(|size| size.share.is_some_and(|share| (share - 0.25).abs() < 0.03)));
    assert!(report.of_categories.is_some_and(|skill| skill.skill < 0.01));
    assert!(report.golden.steps.len() >= 3 && report.golden.steps.len() <= 8);
}

#[test]
fn weak_types_are_not_published() {
    let world = world(2, 20_000, 0.45);
    let states = states(&world, 7);
    let skill = states.report.skill;
    assert!((0.04..0.05).contains(&skill.skill), "{skill:?}");
    let Verdict::Refuse(reasons) = &states.report.verdict else { panic!("{skill:?}") };
    assert!(reasons.contains(&Reason::Skill { found: skill.skill, least: 0.05 }), "{reasons:?}");
    assert_eq!(states.report.counts[State::Inferred as usize], 0);
    assert!(states.people.iter().all(|person| person.state != State::Unknown || person.of_type.is_none()));
    assert!(states.report.counts[State::Typed as usize] > 2500, "{:?}", states.report.counts);
}

#[test]
fn noise_is_not_published() {
    let world = world(3, 10_000, 0.0);
    let states = states(&world, 7);
    assert!(states.report.skill.skill < 0.005, "{:?}", states.report.skill);
    let Verdict::Refuse(reasons) = &states.report.verdict else { panic!("published") };
    assert!(reasons.iter().any(|reason| matches!(reason, Reason::LowerBound { .. })), "{reasons:?}");
    assert_eq!(states.report.counts[State::Inferred as usize], 0);
}

#[test]
fn states_do_not_depend_on_threads() {
    let world = world(4, 9000, 1.5);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| states(&world, 5))
    };
    assert_eq!(on(1), on(3));
}

/// Scores with r = .5 to their predictions: the variance between imputations is that of the error of the persons' own mean over many
/// worlds, and the total one is not below that of the error of the population's mean.
#[test]
fn imputed_means_are_as_sure_as_they_say() {
    let (n_donors, n_people, n_worlds) = (150, 300, 200);
    let (mut own_squares, mut squares, mut between, mut total) = (0.0, 0.0, 0.0, 0.0);
    for seed in 0..n_worlds {
        let places = Places::from_seed(1000 + seed);
        let normal = |place: usize| normal_quantile(places.share(place as u64).max(1e-12));
        let prediction = |row: usize| 0.5 * normal(2 * row);
        let score = |row: usize| prediction(row) + 0.75_f64.sqrt() * normal(2 * row + 1);
        let donors: Vec<usize> = (0..n_donors).collect();
        let people: Vec<usize> = (n_donors..n_donors + n_people).collect();
        let scores: Vec<f64> = donors.iter().map(|row| score(*row)).collect();
        let of_donors: Vec<f64> = donors.iter().map(|row| prediction(*row)).collect();
        let predictions: Vec<f64> = people.iter().map(|row| prediction(*row)).collect();
        let donors = Donors { scores: &scores, predictions: &of_donors };
        let segments = vec![0; n_people];
        let found = segment_means(donors, &predictions, &segments, 1, 40, &mut random(seed)).unwrap();
        let found = found[0].unwrap();
        // The population mean of the scores is 0.
        squares += found.mean * found.mean;
        let own = people.iter().map(|row| score(*row)).sum::<f64>() / n_people as f64;
        own_squares += (found.mean - own).powi(2);
        between += (1.0 + 1.0 / 40.0) * found.between;
        total += found.total;
        assert!(found.total > found.within && found.within > 0.0);
    }
    // A ratio of variances over 200 worlds has a deviation of 10 %.
    let (ratio, safety) = (between / own_squares, total / squares);
    assert!((0.75..1.35).contains(&ratio), "{ratio}");
    assert!((1.0..2.5).contains(&safety), "{safety}");
}
