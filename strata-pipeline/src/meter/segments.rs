//! Measures the project's own segments: each, and all of them together. Unlike classes they may share members.

use roaring::RoaringBitmap;
use strata_spec::name::UNASSIGNED;

use super::class::{Merged, coverage, five, merge_findings, number, verdict};
use super::criterion::{Criterion, Judgement, Verdict};
use super::ground::{Ground, Group};
use super::judge;
use super::merge::Pairs;
use super::sets::Set;
use super::table::{About, Finding};
use super::words::{count, first_few, percent};
use crate::overlap::{Pair, REDUNDANT, Relation};

/// What is found of segments. `all` are the classes too, with which a segment may be the same.
pub(super) fn measure(ground: &Ground, segments: &[Set], all: &[Set]) -> Vec<Finding> {
    let about = About { subject: ground.subject, segmentation: None };
    let group = |set: &Set| Group {
        parts: set.parts.clone(),
        ..ground.group(set, &ground.made("segment", &set.name))
    };
    let groups = segments.iter().filter(|set| set.n_members > 0).map(group);
    let pairs = Pairs::new(ground, groups.collect(), true);
    let mut findings = Vec::new();
    let mut place = 0;
    for (position, set) in segments.iter().enumerate() {
        let at = (set.name.as_str(), position);
        let users = ground.uses.users(None, &set.name);
        let measurable = decided(ground, set);
        let mut said = vec![
            (Criterion::Turnover, judge::turnover(ground, &[set])),
            (Criterion::Goal, goal(set)),
            (Criterion::Used, used(&users)),
        ];
        let mut alike = None;
        if set.n_members == 0 {
            said.extend(judge::of_nobody(ground, measurable));
        } else {
            let group = &pairs.groups[place];
            let goal = set.goal.as_deref();
            let (five, made_of, most_alike) = five(ground, &pairs, place, measurable, (goal, &users));
            said.push((Criterion::MadeOf, made_of));
            said.push((Criterion::Detectable, judge::detectable(ground, group.n)));
            said.push((Criterion::ValueShare, judge::value_share(ground, group)));
            said.extend(five);
            alike = most_alike;
            place += 1;
        }
        findings.extend(said.into_iter().map(|(criterion, judgement)| {
            let other = alike.clone().filter(|_| criterion == Criterion::Differentiable);
            Finding { other, ..about.one(at, criterion, judgement) }
        }));
        findings.extend(redundant(set, position, all, &about));
    }
    findings.push(about.whole(Criterion::Coverage, coverage(ground, n_somewhere(segments), "in a segment")));
    let all: Vec<&Set> = segments.iter().collect();
    findings.push(about.whole(Criterion::Turnover, judge::turnover(ground, &all)));
    findings.push(about.whole(Criterion::Classes, number(ground, segments.len(), "segments")));
    let n_empty = segments.len() - pairs.groups.len();
    let steps = pairs.merged();
    let n_merges = steps.len();
    findings.extend(merge_findings(&about, steps));
    let whole = verdict(&findings, Merged { n_before: segments.len(), n_empty, n_merges }, "segments");
    findings.push(about.whole(Criterion::Meter, whole));
    findings
}

/// The share of subjects of whom the data tells whether they belong.
fn decided(ground: &Ground, set: &Set) -> Judgement {
    let n_decided = ground.n_subjects.saturating_sub(set.n_undecided);
    coverage(ground, n_decided, "known to be in it or not")
}

fn goal(set: &Set) -> Judgement {
    let (verdict, reason) = match &set.goal {
        Some(goal) => (Verdict::Met, goal.clone()),
        None => (Verdict::Failed, "it says no `goal`".to_owned()),
    };
    Judgement { value: None, threshold: None, verdict, reason }
}

fn used(users: &[&str]) -> Judgement {
    let reason = match users {
        [] => "no other definition refers to it".to_owned(),
        users => format!("{} refers to it", first_few(users, 3)),
    };
    Judgement {
        value: Some(users.len() as f64),
        threshold: Some(1.0),
        verdict: Verdict::of(!users.is_empty()),
        reason,
    }
}

/// Segments that come later, and classes, with nearly the same members.
fn redundant<'a>(
    set: &'a Set,
    position: usize,
    all: &'a [Set],
    about: &'a About,
) -> impl Iterator<Item = Finding> + 'a {
    let later = all.iter().enumerate().filter(move |(other, _)| *other > position);
    let later = later.filter(|(_, other)| other.name != UNASSIGNED);
    later.filter_map(move |(_, other)| {
        let n_both: u64 = set.parts.iter().zip(&other.parts).map(|(a, b)| a.intersection_len(b)).sum();
        let (n_first, n_second) = (set.n_members, other.n_members);
        if n_both == 0 {
            return None;
        }
        let pair = Pair { first: 0, second: 1, n_first, n_second, n_both };
        let alike = pair.jaccard();
        let name = other.full_name();
        let reason = match pair.relation() {
            Relation::Same => format!("it has the same {} members as {name}", count(n_first)),
            _ if alike >= REDUNDANT => format!("it is {} the same as {name}", percent(alike)),
            _ => return None,
        };
        let judgement = Judgement::at_least(alike, REDUNDANT, reason);
        let judgement = Judgement { verdict: Verdict::Failed, ..judgement };
        let finding = about.one((&set.name, position), Criterion::Redundant, judgement);
        Some(Finding { other: Some(name), ..finding })
    })
}

/// How many subjects are in any segment.
fn n_somewhere(segments: &[Set]) -> u64 {
    let n_parts = segments.first().map_or(0, |set| set.parts.len());
    (0..n_parts)
        .map(|part| {
            let mut any = RoaringBitmap::new();
            segments.iter().filter_map(|set| set.parts.get(part)).for_each(|set| any |= set);
            any.len()
        })
        .sum()
}
