//! Measures a segmentation: each of its classes, and the whole.

use strata_spec::name::UNASSIGNED;

use super::criterion::{Criterion, Judgement, Verdict};
use super::ground::Ground;
use super::judge::{self, Five};
use super::merge::{Pairs, Step};
use super::sets::Set;
use super::table::{About, Finding};
use super::words::{count, percent};

/// Of a segmentation by value that has more classes, only the first, which are the largest, are looked at one by one.
const MOST_CLASSES: usize = 200;

/// What is found of a segmentation.
pub(super) fn measure(ground: &Ground, segmentation: &str, sets: &[Set]) -> Vec<Finding> {
    let about = About { subject: ground.subject, segmentation: Some(segmentation.to_owned()) };
    let all: Vec<&Set> = sets.iter().filter(|set| set.name != UNASSIGNED).collect();
    let classes = &all[..all.len().min(MOST_CLASSES)];
    let n_unassigned: u64 = sets.iter().filter(|set| set.name == UNASSIGNED).map(|set| set.n_members).sum();
    let n_assigned = ground.n_subjects.saturating_sub(n_unassigned);
    let coverage = coverage(ground, n_assigned, "in a class");

    let made = ground.made("segmentation", segmentation);
    let groups = classes.iter().filter(|set| set.n_members > 0).map(|set| ground.group(set, &made));
    let pairs = Pairs::new(ground, groups.collect(), false);
    let mut findings = Vec::new();
    let mut place = 0;
    for (position, set) in classes.iter().enumerate() {
        let mut said = vec![(Criterion::Turnover, judge::turnover(ground, &[*set]))];
        let mut alike = None;
        if set.n_members == 0 {
            said.extend(judge::of_nobody(ground, coverage.clone()));
        } else {
            let group = &pairs.groups[place];
            let users = ground.uses.users(Some(segmentation), &set.name);
            let (five, made_of, most_alike) = five(ground, &pairs, place, coverage.clone(), (None, &users));
            said.push((Criterion::MadeOf, made_of));
            said.push((Criterion::Detectable, judge::detectable(ground, group.n)));
            said.push((Criterion::ValueShare, judge::value_share(ground, group)));
            said.extend(five);
            alike = most_alike;
            place += 1;
        }
        findings.extend(said.into_iter().map(|(criterion, judgement)| {
            let other = alike.clone().filter(|_| criterion == Criterion::Differentiable);
            Finding { other, ..about.one((&set.name, position), criterion, judgement) }
        }));
    }
    findings.push(about.whole(Criterion::Coverage, coverage));
    findings.push(about.whole(Criterion::Turnover, judge::turnover(ground, &all)));
    findings.push(about.whole(Criterion::Classes, number(ground, all.len(), "classes")));
    let n_empty = classes.iter().filter(|set| set.n_members == 0).count();
    let steps = pairs.merged();
    let n_merges = steps.len();
    findings.extend(merge_findings(&about, steps));
    let whole = verdict(&findings, Merged { n_before: all.len(), n_empty, n_merges }, "classes");
    findings.push(about.whole(Criterion::Meter, whole));
    findings
}

/// The five criteria of a group, whether it differs in what it is made of, and the one that it is most like.
pub(super) fn five(
    ground: &Ground,
    pairs: &Pairs,
    place: usize,
    measurable: Judgement,
    (goal, users): (Option<&str>, &[&str]),
) -> (Five, Judgement, Option<String>) {
    let group = &pairs.groups[place];
    let rest;
    let mut others = pairs.others(place);
    if pairs.groups.len() == 1 {
        rest = ground.compare_with_rest(group);
        others = vec![("the rest".to_owned(), &rest)];
    }
    let (differentiable, made_of, alike) = judge::differentiable(ground, &others);
    let five = [
        (Criterion::Measurable, measurable),
        (Criterion::Substantial, judge::substantial(ground, group)),
        (Criterion::Accessible, judge::accessible(ground, group)),
        (Criterion::Differentiable, differentiable),
        (Criterion::Actionable, judge::actionable(ground, group, goal, users)),
    ];
    (five, made_of, alike)
}

/// The share of subjects that are somewhere.
pub(super) fn coverage(ground: &Ground, n: u64, somewhere: &str) -> Judgement {
    let least = ground.meter.min_coverage;
    if ground.n_subjects == 0 {
        return Judgement::unknown(Some(least), format!("there are no {}", ground.subject));
    }
    let share = n as f64 / ground.n_subjects as f64;
    let reason = format!("{} of {} are {somewhere}", percent(share), ground.subject);
    Judgement::at_least(share, least, reason)
}

/// How many there are.
pub(super) fn number(ground: &Ground, n: usize, what: &str) -> Judgement {
    let most = ground.meter.max_classes;
    Judgement::at_most(n as f64, most as f64, format!("{} {what}", count(n as u64)))
}

/// What is to be merged, in order.
pub(super) fn merge_findings(about: &About, steps: Vec<Step>) -> impl Iterator<Item = Finding> {
    steps.into_iter().enumerate().map(|(position, step)| {
        let judgement = Judgement {
            value: Some(step.cost),
            threshold: None,
            verdict: Verdict::Failed,
            reason: step.reason,
        };
        let finding = about.one((&step.first, position), Criterion::Merge, judgement);
        Finding { other: Some(step.second), ..finding }
    })
}

/// How many there were, and what of them is too many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Merged {
    pub(super) n_before: usize,
    pub(super) n_empty: usize,
    pub(super) n_merges: usize,
}

/// The share of criteria that are failed, and the sentence.
pub(super) fn verdict(findings: &[Finding], merged: Merged, what: &str) -> Judgement {
    let of = |criterion: Criterion, verdict: Verdict| {
        let is_one = |finding: &&Finding| finding.criterion == criterion && finding.verdict == verdict;
        findings.iter().filter(|finding| finding.segment.is_some()).filter(is_one).count()
    };
    let sum = |verdict| Criterion::FIVE.iter().map(|criterion| of(*criterion, verdict)).sum::<usize>();
    let (n_failed, n_met) = (sum(Verdict::Failed), sum(Verdict::Met));
    let n_known = n_failed + n_met;
    if n_known == 0 {
        return Judgement::unknown(None, format!("nothing is known of the {what}"));
    }
    let failed: Vec<String> = Criterion::FIVE
        .iter()
        .filter(|criterion| of(**criterion, Verdict::Failed) > 0)
        .map(|criterion| {
            let (n_failed, n_met) = (of(*criterion, Verdict::Failed), of(*criterion, Verdict::Met));
            format!("{} by {n_failed} of {}", criterion.as_str(), n_failed + n_met)
        })
        .collect();
    let fails = match failed.is_empty() {
        true => format!("all {n_known} criteria that are known are met"),
        false => format!("{n_failed} of {n_known} criteria are failed: {}", failed.join(", ")),
    };
    let Merged { n_before, n_empty, n_merges } = merged;
    let nobody = if n_empty > 0 { format!(", {n_empty} of them with nobody in it,") } else { String::new() };
    let too_many = match n_merges {
        0 => String::new(),
        _ => format!("{n_before} {what}{nobody} where {} would do; ", n_before - n_empty - n_merges),
    };
    Judgement {
        value: Some(100.0 * n_failed as f64 / n_known as f64),
        threshold: None,
        verdict: Verdict::of(n_merges == 0),
        reason: too_many + &fails,
    }
}
