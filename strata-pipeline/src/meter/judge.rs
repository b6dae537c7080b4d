//! The five criteria, and what else is said of a class or segment.

use strata_models::proportion::{detectable_uplift, needed_for_test, wilson};

use super::criterion::{Criterion, Judgement, Verdict};
use super::differ::{Apart, Comparison};
use super::ground::{Ground, Group};
use super::sets::Set;
use super::words::{count, first_few, joined, percent};

/// Whether a class or segment is large enough, and worth enough.
pub(super) fn substantial(ground: &Ground, group: &Group) -> Judgement {
    let (needed, faults) = size(ground, group);
    let reason = if faults.is_empty() {
        let worth =
            ground.value_share(group).map(|share| format!(" and brings {} of the revenue", percent(share)));
        let (n, needed) = (count(group.n), count(needed as u64));
        format!("it has {n} members, {needed} are enough,{}", worth.unwrap_or_default())
    } else {
        format!("it {}", faults.join(", and "))
    };
    let judgement = Judgement::at_least(group.n as f64, needed, reason.trim_end_matches(','));
    Judgement { verdict: Verdict::of(faults.is_empty()), ..judgement }
}

/// How many members it takes, and what is wrong with a group's size and worth, as `has 7 members, …`.
pub(super) fn size(ground: &Ground, group: &Group) -> (f64, Vec<String>) {
    let meter = ground.meter;
    let for_test = needed_for_test(meter.base_rate, meter.uplift);
    let of_all = meter.min_share * ground.n_subjects as f64;
    // The formula's own digits must not cost a member more.
    let needed = (for_test.max(of_all) - 1e-6).ceil();
    let (n, takes) = (count(group.n), count(needed as u64));
    let mut faults = Vec::new();
    if (group.n as f64) < needed && for_test >= of_all {
        let (from, to) = (percent(meter.base_rate), percent(meter.base_rate + meter.uplift));
        faults.push(format!("has {n} members, where a test of a rise from {from} to {to} takes {takes}"));
    } else if (group.n as f64) < needed {
        let least = percent(meter.min_share);
        faults.push(format!("has {n} members, where {least} of all are {takes}"));
    }
    if let Some(share) = ground.value_share(group).filter(|share| *share < meter.min_value_share) {
        let (share, least) = (percent(share), percent(meter.min_value_share));
        faults.push(format!("brings {share} of the revenue, where {least} are asked for"));
    }
    (needed, faults)
}

/// The smallest rise that a test among the members can detect.
pub(super) fn detectable(ground: &Ground, n: u64) -> Judgement {
    let (base, wanted) = (ground.meter.base_rate, ground.meter.uplift);
    match detectable_uplift(base, n) {
        Some(uplift) => {
            let points = uplift * 100.0;
            let reason = format!(
                "a test among {} members can see a rise from {} by {points:.1} points or more",
                count(n),
                percent(base)
            );
            Judgement::at_most(uplift, wanted, reason)
        }
        None => Judgement {
            verdict: Verdict::Failed,
            ..Judgement::unknown(Some(wanted), format!("no test among {} members can see a rise", count(n)))
        },
    }
}

/// Its share of the revenue, as the sample has it.
pub(super) fn value_share(ground: &Ground, group: &Group) -> Judgement {
    let least = ground.meter.min_value_share;
    match ground.value_share(group) {
        Some(share) => Judgement::at_least(share, least, format!("{} of the revenue", percent(share))),
        None => Judgement::unknown(Some(least), "no revenue is known"),
    }
}

/// Whether members can be reached.
pub(super) fn accessible(ground: &Ground, group: &Group) -> Judgement {
    let least = ground.meter.min_reachable;
    let Some(n_reachable) = ground.n_reachable(group) else {
        let reason = match ground.subject {
            strata_spec::table::Subject::Customers => {
                "no source maps an address together with the consent to use it"
            }
            strata_spec::table::Subject::Companies => "companies are reached through their people",
        };
        return Judgement::unknown(Some(least), reason);
    };
    let n = group.rows.len() as u64;
    let Some((low, high)) = wilson(n_reachable, n) else {
        return Judgement::unknown(Some(least), "no member is in the sample");
    };
    let share = n_reachable as f64 / n as f64;
    let range = match ground.sample.is_everybody() {
        true => String::new(),
        false => format!(", between {} and {} with 95 % confidence", percent(low), percent(high)),
    };
    let channels = joined(&ground.sample.channels);
    let reason = format!("{} can be reached by {channels} with consent{range}", percent(share));
    Judgement::at_least(share, least, reason)
}

/// Whether a group differs from those that it is held against, in anything else than what they are made of; and whether in what
/// they are made of. `others` are their names with the comparisons. Returns the one that it is most like besides.
pub(super) fn differentiable(
    ground: &Ground,
    others: &[(String, &Comparison)],
) -> (Judgement, Judgement, Option<String>) {
    let otherwise = told_apart(ground, others, |comparison| &comparison.otherwise);
    let made_of = told_apart(ground, others, |comparison| &comparison.made_of);
    let most = |(_, comparison): &&(String, &Comparison)| {
        comparison.otherwise.most.map_or(f64::INFINITY, |(_, g)| g)
    };
    let alike = others
        .iter()
        .filter(|(_, comparison)| comparison.otherwise.differs(ground.meter) == Some(false))
        .min_by(|a, b| most(a).total_cmp(&most(b)));
    let judgement = match alike {
        Some((name, comparison)) => {
            let words = comparison.otherwise.words(&ground.sample.variables);
            let n_alike = others
                .iter()
                .filter(|(_, comparison)| comparison.otherwise.differs(ground.meter) == Some(false))
                .count();
            let more = match n_alike {
                1 => String::new(),
                n => format!(" and {} more", count(n as u64 - 1)),
            };
            Judgement { reason: format!("nothing tells it from {name}{more}: at most, {words}"), ..otherwise }
        }
        None => otherwise,
    };
    let made_of = Judgement {
        reason: match made_of.verdict {
            Verdict::Met => "differs in what it is made of".to_owned(),
            Verdict::Failed => "does not differ everywhere even in what it is made of".to_owned(),
            Verdict::Unknown => "what it is made of is no trait that both have".to_owned(),
        },
        ..made_of
    };
    (judgement, made_of, alike.map(|(name, _)| name.clone()))
}

/// The share of others that a group is told from.
fn told_apart(
    ground: &Ground,
    others: &[(String, &Comparison)],
    side: fn(&Comparison) -> &Apart,
) -> Judgement {
    let known: Vec<bool> =
        others.iter().filter_map(|(_, comparison)| side(comparison).differs(ground.meter)).collect();
    if known.is_empty() {
        return Judgement::unknown(Some(1.0), "too few members have a trait in common with others");
    }
    let n_apart = known.iter().filter(|is_apart| **is_apart).count();
    let share = n_apart as f64 / known.len() as f64;
    let (_, strongest) = others
        .iter()
        .filter_map(|(_, comparison)| side(comparison).most)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(place, _)| (place, ground.sample.variables.numbers[place].name.as_str()))
        .unzip();
    let by = strongest.map(|name| format!(", most by {name}")).unwrap_or_default();
    Judgement::at_least(share, 1.0, format!("differs from each that it is held against{by}"))
}

/// Whether something can be done with it, as far as the project shows.
pub(super) fn actionable(ground: &Ground, group: &Group, goal: Option<&str>, users: &[&str]) -> Judgement {
    let met = |reason: String| Judgement { value: None, threshold: None, verdict: Verdict::Met, reason };
    if let Some(goal) = goal {
        return met(format!("it has a goal: {goal}"));
    }
    if !users.is_empty() {
        return met(format!("{} uses it", first_few(users, 3)));
    }
    let response = ground.response(group).made_of;
    let said = "it has no goal and nothing uses it";
    match response.differs_in_any() {
        Some(true) => {
            let numbers = &ground.sample.variables.numbers;
            let by_number = response
                .most
                .filter(|(_, g)| *g >= ground.meter.min_hedges_g)
                .and_then(|(place, _)| numbers.get(place))
                .map(|number| number.name.as_str());
            let categories = &ground.sample.variables.categories;
            let names: Vec<&str> = by_number
                .into_iter()
                .chain(
                    response.categories.iter().filter_map(|place| categories.get(*place).map(String::as_str)),
                )
                .collect();
            met(format!("its members differ from the rest in {}", first_few(&names, 3)))
        }
        Some(false) => Judgement {
            verdict: Verdict::Failed,
            ..Judgement::unknown(
                None,
                format!("{said}, and its members do not differ from the rest in response, channel or timing"),
            )
        },
        None if ground.knows_response() => {
            Judgement::unknown(None, format!("{said}, and too few members have answered to anything"))
        }
        None => Judgement::unknown(
            None,
            format!("{said}, and no trait about response, channel or timing is known"),
        ),
    }
}

/// How many came and went at the run.
pub(super) fn turnover(ground: &Ground, sets: &[&Set]) -> Judgement {
    let most = ground.meter.max_turnover;
    let sum = |of: fn(&Set) -> u64| sets.iter().map(|set| of(set)).sum::<u64>();
    let (before, entered, left) = (sum(Set::n_before), sum(|set| set.n_entered), sum(|set| set.n_left));
    if !ground.has_history || before == 0 {
        return Judgement::unknown(Some(most), "there was nobody in it before this run");
    }
    let share = (entered + left) as f64 / (before + entered) as f64;
    let reason = format!("{} entered and {} left at the last run", count(entered), count(left));
    Judgement::at_most(share, most, reason)
}

/// What each of the five says of a class, in their order.
pub(super) type Five = [(Criterion, Judgement); 5];

/// The five of a class or segment that nobody is in.
pub(super) fn of_nobody(ground: &Ground, measurable: Judgement) -> Five {
    let nobody = |threshold| Judgement::unknown(threshold, "nobody is in it");
    let empty = Judgement { verdict: Verdict::Failed, value: Some(0.0), ..nobody(None) };
    [
        (Criterion::Measurable, measurable),
        (Criterion::Substantial, empty),
        (Criterion::Accessible, nobody(Some(ground.meter.min_reachable))),
        (Criterion::Differentiable, nobody(Some(1.0))),
        (Criterion::Actionable, nobody(None)),
    ]
}
