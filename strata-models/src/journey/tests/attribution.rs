//! Attribution by hand, its properties, and its figures on the data of R's ChannelAttribution.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{close, paths};
use crate::clv::tests::data::shared;
use crate::journey::attribution::{Attribution, attribute};
use crate::journey::paths::{Outcome, Paths};

/// Two paths converted, over 0 and 1 and over 1 alone; one over 0 was lost.
#[test]
fn removal_effects_are_those_by_hand() {
    let found = attribute(&paths(&["01+", "1+", "0-", "0"], 3, Some(vec![1.0, 1.0, 2.0, 9.0]))).unwrap();
    assert_eq!((found.n_converted, found.n_lost, found.n_open), (2.0, 2.0, 9.0));
    close(found.conversion, 0.5, 1e-12);
    // Without 0 one of four converts, without 1 none.
    let effects: Vec<f64> = found.channels.iter().map(|channel| channel.removal_effect).collect();
    [0.5, 1.0, 0.0].iter().zip(effects).for_each(|(expected, found)| close(found, *expected, 1e-12));
    close(found.channels[0].conversions, 2.0 / 3.0, 1e-12);
    close(found.channels[1].share, 2.0 / 3.0, 1e-12);
    let first = |channel: usize| found.channels[channel].first_touch;
    assert_eq!((first(0), first(1), first(2)), (1.0, 1.0, 0.0));
    assert_eq!((found.channels[0].last_touch, found.channels[1].last_touch), (0.0, 2.0));
    assert_eq!((found.channels[0].linear, found.channels[1].linear), (0.5, 1.5));
}

/// A channel taken out of the chain itself: all that comes to it is lost there, and the rest is walked until hardly anybody is left.
fn effect_by_walking(paths: &Paths, removed: usize) -> f64 {
    let n = paths.n_codes();
    let (mut began, mut went, mut converted, mut left) =
        (vec![0.0; n], vec![vec![0.0; n]; n], vec![0.0; n], vec![0.0; n]);
    for path in paths.iter().filter(|path| path.outcome != Outcome::Open) {
        began[usize::from(path.steps[0])] += path.weight;
        path.steps
            .windows(2)
            .for_each(|pair| went[usize::from(pair[0])][usize::from(pair[1])] += path.weight);
        path.steps.iter().for_each(|step| left[usize::from(*step)] += path.weight);
        if path.outcome == Outcome::Converted {
            converted[usize::from(path.steps[path.steps.len() - 1])] += path.weight;
        }
    }
    let conversion = |removed: usize| {
        let total: f64 = began.iter().sum();
        let mut here: Vec<f64> = began.iter().map(|began| began / total).collect();
        let mut arrived = 0.0;
        for _ in 0..20_000 {
            let mut next = vec![0.0; n];
            for from in (0..n).filter(|from| *from != removed && left[*from] > 0.0) {
                arrived += here[from] * converted[from] / left[from];
                next.iter_mut().zip(&went[from]).for_each(|(sum, n)| *sum += here[from] * n / left[from]);
            }
            here = next;
        }
        arrived
    };
    1.0 - conversion(removed) / conversion(usize::MAX)
}

prop_compose! {
    fn some_paths()(
        of in prop::collection::vec((prop::collection::vec(0_u16..4, 1..6), any::<bool>(), 1_u8..9), 1..12),
    ) -> Paths {
        let (mut ends, mut steps, mut outcomes, mut weights) = (vec![], vec![], vec![], vec![]);
        for (place, (path, converted, weight)) in of.into_iter().enumerate() {
            steps.extend(path);
            ends.push(steps.len());
            outcomes.push(if converted || place == 0 { Outcome::Converted } else { Outcome::Lost });
            weights.push(f64::from(weight));
        }
        Paths::new(4, ends, steps, outcomes, Some(weights)).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_chain_converts_at_the_observed_rate(paths in some_paths()) {
        let found = attribute(&paths).unwrap();
        let rate = found.n_converted / (found.n_converted + found.n_lost);
        prop_assert!((found.conversion - rate).abs() < 1e-12, "{} {rate}", found.conversion);
        let ascribed = |of: fn(&crate::journey::attribution::Credit) -> f64| found.channels.iter().map(of).sum::<f64>();
        for sum in [ascribed(|c| c.conversions), ascribed(|c| c.first_touch), ascribed(|c| c.last_touch), ascribed(|c| c.linear)] {
            prop_assert!((sum - found.n_converted).abs() < 1e-9);
        }
    }

    #[test]
    fn removal_effects_are_those_of_a_chain_without_the_channel(paths in some_paths()) {
        let found = attribute(&paths).unwrap();
        for (channel, credit) in found.channels.iter().enumerate() {
            let walked = effect_by_walking(&paths, channel);
            prop_assert!((credit.removal_effect - walked).abs() < 1e-9, "{} {walked}", credit.removal_effect);
        }
    }

    #[test]
    fn repeated_touches_change_no_removal_effect(paths in some_paths()) {
        let (effects, other) = (attribute(&paths).unwrap(), attribute(&without_repetition(&paths)).unwrap());
        for (one, other) in effects.channels.iter().zip(&other.channels) {
            prop_assert!((one.removal_effect - other.removal_effect).abs() < 1e-10);
        }
    }
}

fn without_repetition(paths: &Paths) -> Paths {
    let (mut ends, mut steps, mut outcomes, mut weights) = (vec![], vec![], vec![], vec![]);
    for path in paths.iter() {
        let mut own = path.steps.to_vec();
        own.dedup();
        steps.extend(own);
        ends.push(steps.len());
        outcomes.push(path.outcome);
        weights.push(path.weight);
    }
    Paths::new(paths.n_codes(), ends, steps, outcomes, Some(weights)).unwrap()
}

/// The paths of ChannelAttribution's `PathData`, and the names of its channels.
fn path_data(test: &str) -> Option<(Paths, Vec<String>)> {
    let text = shared(test, "psychometrics/channelattribution_pathdata.csv")?;
    let mut codes: BTreeMap<String, u16> = BTreeMap::new();
    let (mut ends, mut steps, mut outcomes, mut weights) = (vec![], vec![], vec![], vec![]);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').map(|cell| cell.trim_matches('"')).collect();
        for (place, outcome) in [(1, Outcome::Converted), (3, Outcome::Lost)] {
            for name in cells[0].split(" > ") {
                let next = codes.len() as u16;
                steps.push(*codes.entry(name.to_owned()).or_insert(next));
            }
            ends.push(steps.len());
            outcomes.push(outcome);
            weights.push(cells[place].parse().unwrap());
        }
    }
    let mut names = vec![String::new(); codes.len()];
    codes.iter().for_each(|(name, code)| names[usize::from(*code)].clone_from(name));
    Some((Paths::new(names.len(), ends, steps, outcomes, Some(weights)).unwrap(), names))
}

/// ChannelAttribution 2.2.4, `PathData`: the exact solution of its chain, its simulation of a million paths within 2 %, and its heuristics.
#[test]
fn path_data_has_the_figures_of_channel_attribution() {
    let Some((paths, names)) = path_data("path_data_has_the_figures_of_channel_attribution") else { return };
    let found = attribute(&paths).unwrap();
    assert_eq!((found.n_converted, found.n_lost), (19_785.0, 68_602.0));
    close(found.conversion, 0.223_845_135_6, 5e-11);
    close(found.conversion, 19_785.0 / 88_387.0, 1e-12);
    let of = |found: &Attribution, name: &str| found.channels[names.iter().position(|n| n == name).unwrap()];
    let effects = [
        ("alpha", 0.558_399_49, 5344.9477),
        ("iota", 0.405_835_00, 3884.6147),
        ("eta", 0.349_026_33, 3340.8474),
        ("beta", 0.264_038_54, 2527.3522),
        ("theta", 0.206_010_46, 1971.9129),
        ("lambda", 0.134_022_12, 1282.8472),
    ];
    for (name, effect, conversions) in effects {
        close(of(&found, name).removal_effect, effect, 5.1e-9);
        close(of(&found, name).conversions, conversions, 5.1e-5);
    }
    let rest = [
        ("epsilon", 599.5707),
        ("zeta", 381.0626),
        ("kappa", 274.3633),
        ("gamma", 171.1454),
        ("delta", 4.6136),
        ("mi", 1.7224),
    ];
    rest.iter().for_each(|(name, conversions)| close(of(&found, name).conversions, *conversions, 5.1e-5));
    for (name, simulated) in [("alpha", 5365.04), ("iota", 3873.07), ("eta", 3329.12)] {
        close(of(&found, name).conversions, simulated, 0.02 * simulated);
    }
    close(of(&found, "alpha").removal_effect, 0.5566, 0.02 * 0.5566);
    assert_eq!((of(&found, "alpha").first_touch, of(&found, "iota").first_touch), (6308.0, 4606.0));
    assert_eq!((of(&found, "alpha").last_touch, of(&found, "iota").last_touch), (8447.0, 3355.0));
    close(of(&found, "alpha").linear, 7_574.718_594, 5.1e-7);
    close(of(&found, "eta").linear, 3_539.951_157, 5.1e-7);
    let other = attribute(&without_repetition(&paths)).unwrap();
    for (one, other) in found.channels.iter().zip(&other.channels) {
        close(one.removal_effect, other.removal_effect, 1e-10);
    }
}
