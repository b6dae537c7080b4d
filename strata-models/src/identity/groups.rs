//! The passes of a resolution: joins by hand, then every value of every kind, in order of trust.

use super::components::Components;
use super::{Claim, Evidence, Join, KindRule, Refusal, Refused, Resolution};

/// How many customers that stay apart are tried for each further holder of a value: a bound on time, far above what
/// one identifier's honest holders are.
const MOST_APART: usize = 32;

/// A customer that holds the value at hand: its root, and the record that holds it.
#[derive(Debug, Clone, Copy)]
struct Holder {
    root: u32,
    record: u32,
}

/// Makes the joins that somebody asked for, unless they contradict a pair to keep apart.
pub(super) fn join_by_hand(
    components: &mut Components<'_>,
    together: &[(u32, u32)],
    resolution: &mut Resolution,
) {
    let mut pairs: Vec<(u32, u32)> = together.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    for (into, record) in pairs {
        let (a, b) = (components.root(into), components.root(record));
        if a == b {
            continue;
        }
        if components.are_apart(a, b) {
            resolution.refused.push(Refused { record, into, by: Evidence::Hand, reason: Refusal::Apart });
            continue;
        }
        components.join(a, b);
        resolution.joins.push(Join { record, into, by: Evidence::Hand });
    }
}

/// Makes the joins of one kind. `claims` are all of that kind, sorted by value and record.
pub(super) fn join_by_kind(components: &mut Components<'_>, claims: &[Claim], resolution: &mut Resolution) {
    let Some(kind) = claims.first().map(|claim| claim.kind) else { return };
    let rule = components.rules.kinds[usize::from(kind)];
    // Who is told apart by more trusted kinds is settled before this kind joins anybody, so it does not depend on the order of values.
    let told_apart: Vec<u32> = (0..components.len() as u32)
        .map(|record| {
            let root = components.root(record);
            if components.is_known_better(root, kind) { root } else { u32::MAX }
        })
        .collect();
    for group in claims.chunk_by(|a, b| a.value == b.value) {
        let [first, second, ..] = group else { continue };
        let n_records = group.len() as u32;
        let n_customers =
            if n_records > rule.most_customers { n_customers(components, group, &told_apart) } else { 0 };
        if n_customers > rule.most_customers {
            resolution.refused.push(Refused {
                record: second.record,
                into: first.record,
                by: Evidence::Identifier { kind, value: first.value },
                reason: Refusal::Shared { n_customers, n_records },
            });
            continue;
        }
        join_by_value(components, group, rule, resolution);
    }
}

/// How many customers told apart by more trusted kinds hold a value, or how many known persons, whichever is more.
fn n_customers(components: &Components<'_>, group: &[Claim], told_apart: &[u32]) -> u32 {
    let customers = group.iter().map(|claim| told_apart[claim.record as usize]);
    let n_customers = n_distinct(customers.filter(|root| *root != u32::MAX).map(u64::from).collect());
    let persons = group.iter().filter_map(|claim| components.rules.person.get(claim.record as usize));
    let n_persons = n_distinct(persons.copied().filter(|person| *person != 0).collect());
    n_customers.max(n_persons)
}

fn n_distinct(mut values: Vec<u64>) -> u32 {
    values.sort_unstable();
    values.dedup();
    values.len() as u32
}

fn join_by_value(
    components: &mut Components<'_>,
    group: &[Claim],
    rule: KindRule,
    resolution: &mut Resolution,
) {
    let holders: Vec<Holder> = group
        .iter()
        .map(|claim| Holder { root: components.root(claim.record), record: claim.record })
        .collect();
    if holders.windows(2).all(|pair| pair[0].root == pair[1].root) {
        return;
    }
    let by = Evidence::Identifier { kind: group[0].kind, value: group[0].value };
    let mut apart = Vec::new();
    if !rule.weak {
        join_holders(components, &holders, &mut apart, by, false, resolution);
        return;
    }
    let (known, unknown): (Vec<Holder>, Vec<Holder>) =
        holders.into_iter().partition(|holder| !components.persons(holder.root).is_empty());
    join_holders(components, &known, &mut apart, by, true, resolution);
    let differs = |(n, a): (usize, &Holder)| apart[..n].iter().any(|b| components.differ(a.root, b.root));
    if !apart.iter().enumerate().any(differs) {
        join_holders(components, &unknown, &mut apart, by, true, resolution);
        return;
    }
    let into = apart[0].record;
    let mut unassigned = Vec::new();
    join_holders(components, &unknown, &mut unassigned, by, true, resolution);
    resolution.refused.extend(unassigned.iter().map(|holder| Refused {
        record: holder.record,
        into,
        by,
        reason: Refusal::Ambiguous,
    }));
}

/// Joins each holder to the first of those that stay apart with whom nothing forbids it. Who is forbidden with all of them
/// stays apart as well.
fn join_holders(
    components: &mut Components<'_>,
    holders: &[Holder],
    apart: &mut Vec<Holder>,
    by: Evidence,
    weak: bool,
    resolution: &mut Resolution,
) {
    for holder in holders {
        let (root, record) = (components.root(holder.record), holder.record);
        if apart.iter().any(|other| other.root == root) {
            continue;
        }
        let mut refusal = None;
        let mut joined = false;
        for other in apart.iter_mut() {
            match components.forbids(root, other.root, weak) {
                None => {
                    other.root = components.join(other.root, root);
                    resolution.joins.push(Join { record, into: other.record, by });
                    joined = true;
                    break;
                }
                Some(reason) => {
                    refusal.get_or_insert(Refused { record, into: other.record, by, reason });
                }
            }
        }
        resolution.refused.extend(refusal.filter(|_| !joined));
        if !joined && apart.len() < MOST_APART {
            apart.push(Holder { root, record });
        }
    }
}
