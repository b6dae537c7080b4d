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

/// The holders of the value at hand; kept, so that the lists are not allocated for each of millions of values.
#[derive(Default)]
struct Holders {
    /// Those that go first: of a weak kind, those of whom a person is known; else all.
    known: Vec<Holder>,
    unknown: Vec<Holder>,
    /// Those found so far that rules keep apart.
    apart: Vec<Holder>,
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
    let by_value = || claims.chunk_by(|a, b| a.value == b.value).filter(|group| group.len() > 1);
    // Who is told apart by more trusted kinds is asked before this kind joins anybody, so it does not depend on the order of values.
    let first_refused = resolution.refused.len();
    for group in by_value() {
        resolution.refused.extend(shared(components, group, rule));
    }
    let mut shared_by_too_many: Vec<u64> = Vec::new();
    for refused in &resolution.refused[first_refused..] {
        if let Evidence::Identifier { value, .. } = refused.by {
            shared_by_too_many.push(value);
        }
    }
    let mut holders = Holders::default();
    for group in by_value() {
        if shared_by_too_many.binary_search(&group[0].value).is_err() {
            join_by_value(components, group, rule, &mut holders, resolution);
        }
    }
}

/// The refusal of a value that too many share: customers told apart by more trusted kinds, or known persons, whichever
/// is more.
fn shared(components: &mut Components<'_>, group: &[Claim], rule: KindRule) -> Option<Refused> {
    let [first, second, ..] = group else { return None };
    let n_records = group.len() as u32;
    if n_records <= rule.most_customers {
        return None;
    }
    let (kind, value) = (first.kind, first.value);
    let roots: Vec<u32> = group.iter().map(|claim| components.root(claim.record)).collect();
    let told_apart = roots.into_iter().filter(|root| components.is_known_better(*root, kind));
    let n_told_apart = n_distinct(told_apart.map(u64::from).collect());
    let persons = group.iter().filter_map(|claim| components.rules.person.get(claim.record as usize));
    let n_persons = n_distinct(persons.copied().filter(|person| *person != 0).collect());
    let n_customers = n_told_apart.max(n_persons);
    let reason = Refusal::Shared { n_customers, n_records };
    let refused = Refused {
        record: second.record,
        into: first.record,
        by: Evidence::Identifier { kind, value },
        reason,
    };
    (n_customers > rule.most_customers).then_some(refused)
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
    holders: &mut Holders,
    resolution: &mut Resolution,
) {
    let Holders { known, unknown, apart } = holders;
    for list in [&mut *known, unknown, apart] {
        list.clear();
    }
    for claim in group {
        let holder = Holder { root: components.root(claim.record), record: claim.record };
        let list =
            if rule.weak && components.persons(holder.root).is_empty() { &mut *unknown } else { &mut *known };
        list.push(holder);
    }
    let mut joins = Joins {
        by: Evidence::Identifier { kind: group[0].kind, value: group[0].value },
        weak: rule.weak,
        resolution,
    };
    joins.make(components, known, apart);
    let differs = |(n, a): (usize, &Holder)| apart[..n].iter().any(|b| components.differ(a.root, b.root));
    if !(rule.weak && apart.iter().enumerate().any(differs)) {
        joins.make(components, unknown, apart);
        return;
    }
    let into = apart[0].record;
    apart.clear();
    joins.make(components, unknown, apart);
    let (by, reason) = (joins.by, Refusal::Ambiguous);
    let ambiguous = apart.iter().map(|holder| Refused { record: holder.record, into, by, reason });
    resolution.refused.extend(ambiguous);
}

/// The joins by one value.
struct Joins<'r> {
    by: Evidence,
    weak: bool,
    resolution: &'r mut Resolution,
}

impl Joins<'_> {
    /// Joins each holder to the first of those that stay apart with whom nothing forbids it. Who is forbidden with all of
    /// them stays apart as well.
    fn make(&mut self, components: &mut Components<'_>, holders: &[Holder], apart: &mut Vec<Holder>) {
        for holder in holders {
            let (root, record) = (components.root(holder.record), holder.record);
            if apart.iter().any(|other| other.root == root) {
                continue;
            }
            match self.join_first(components, Holder { root, record }, apart) {
                Ok(()) => {}
                Err(refused) => {
                    self.resolution.refused.extend(refused);
                    if apart.len() < MOST_APART {
                        apart.push(Holder { root, record });
                    }
                }
            }
        }
    }

    /// Joins a holder to the first of those apart with whom nothing forbids it, or says what forbids it with the first.
    fn join_first(
        &mut self,
        components: &mut Components<'_>,
        holder: Holder,
        apart: &mut [Holder],
    ) -> Result<(), Option<Refused>> {
        let (record, by) = (holder.record, self.by);
        let mut refused = None;
        for other in apart {
            let Some(reason) = components.forbids(holder.root, other.root, self.weak) else {
                other.root = components.join(other.root, holder.root);
                self.resolution.joins.push(Join { record, into: other.record, by });
                return Ok(());
            };
            refused.get_or_insert(Refused { record, into: other.record, by, reason });
        }
        Err(refused)
    }
}
