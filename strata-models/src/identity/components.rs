//! Disjoint sets of records that know what they hold: identifiers, persons, and from whom they are kept apart.

use std::collections::HashMap;

use super::{Claim, Refusal, Rules};

const NO_KIND: u8 = u8::MAX;

/// The customers so far. A component is named by its root, a record of it that may change with every join.
pub(super) struct Components<'a> {
    pub(super) rules: &'a Rules<'a>,
    parent: Vec<u32>,
    /// How many records a root has.
    n_records: Vec<u32>,
    /// The most trusted kind of which a root has a value.
    best_kind: Vec<u8>,
    /// One fingerprint of a root, 0 for none; empty when none is known at all.
    person: Vec<u64>,
    /// All fingerprints of the roots that have several.
    persons: HashMap<u32, Vec<u64>>,
    /// The records from which some record of a root is kept apart.
    foes: HashMap<u32, Vec<u32>>,
    held: Held,
}

/// The values of capped kinds that each component holds. Values are numbered in the order (kind, value), so that those of a
/// kind are a range.
struct Held {
    /// Where the numbers of each kind begin, and where the last kind's end.
    kind_begins: Vec<u32>,
    caps: Vec<u32>,
    /// The ascending numbers of each record's own values: `numbers[begins[record]..begins[record + 1]]`.
    begins: Vec<u32>,
    numbers: Vec<u32>,
    /// The same for roots that have been joined; empty for the others.
    joined: Vec<Vec<u32>>,
}

impl<'a> Components<'a> {
    /// Every record alone. `claims` are sorted by kind, value and record, without repetition.
    pub(super) fn new(n_records: usize, claims: &[Claim], rules: &'a Rules<'a>) -> Components<'a> {
        let mut best_kind = vec![NO_KIND; n_records];
        for claim in claims.iter().rev() {
            best_kind[claim.record as usize] = claim.kind;
        }
        let mut foes: HashMap<u32, Vec<u32>> = HashMap::new();
        for (a, b) in rules.apart {
            foes.entry(*a).or_default().push(*b);
            foes.entry(*b).or_default().push(*a);
        }
        Components {
            rules,
            parent: (0..n_records as u32).collect(),
            n_records: vec![1; n_records],
            best_kind,
            person: rules.person.to_vec(),
            persons: HashMap::new(),
            foes,
            held: Held::new(n_records, claims, rules),
        }
    }

    /// The root of a record, halving the path to it.
    pub(super) fn root(&mut self, record: u32) -> u32 {
        let mut record = record;
        while self.parent[record as usize] != record {
            let grandparent = self.parent[self.parent[record as usize] as usize];
            self.parent[record as usize] = grandparent;
            record = grandparent;
        }
        record
    }

    /// Whether a root holds a value of a kind more trusted than this one.
    pub(super) fn is_known_better(&self, root: u32, kind: u8) -> bool {
        self.best_kind[root as usize] < kind
    }

    /// The fingerprints of a root.
    pub(super) fn persons(&self, root: u32) -> &[u64] {
        let Some(person) = self.person.get(root as usize).filter(|person| **person != 0) else { return &[] };
        match self.persons.get(&root) {
            Some(several) => several,
            None => std::slice::from_ref(person),
        }
    }

    /// Whether both roots have fingerprints, and none in common.
    pub(super) fn differ(&self, root: u32, other: u32) -> bool {
        let (persons, others) = (self.persons(root), self.persons(other));
        !persons.is_empty() && !others.is_empty() && !persons.iter().any(|person| others.contains(person))
    }

    /// What forbids that two roots are joined by an identifier, if anything does.
    pub(super) fn forbids(&mut self, root: u32, other: u32, weak: bool) -> Option<Refusal> {
        if self.are_apart(root, other) {
            return Some(Refusal::Apart);
        }
        if weak && self.differ(root, other) {
            return Some(Refusal::Person);
        }
        let (kind, n_values) = self.held.exceeded(root, other)?;
        let n_records = (self.n_records[root as usize], self.n_records[other as usize]);
        Some(Refusal::Cap { kind, n_values, n_records })
    }

    /// Whether some pair that is to stay apart lies across two roots.
    pub(super) fn are_apart(&mut self, root: u32, other: u32) -> bool {
        let (Some(of_root), Some(of_other)) = (self.foes.get(&root), self.foes.get(&other)) else {
            return false;
        };
        let (asked, sought) = if of_root.len() <= of_other.len() { (root, other) } else { (other, root) };
        let Some(foes) = self.foes.remove(&asked) else { return false };
        let found = foes.iter().any(|foe| self.root(*foe) == sought);
        self.foes.insert(asked, foes);
        found
    }

    /// Joins two different roots and returns the root of both.
    pub(super) fn join(&mut self, a: u32, b: u32) -> u32 {
        let (root, child) =
            if self.n_records[a as usize] >= self.n_records[b as usize] { (a, b) } else { (b, a) };
        self.parent[child as usize] = root;
        self.n_records[root as usize] += self.n_records[child as usize];
        self.best_kind[root as usize] = self.best_kind[root as usize].min(self.best_kind[child as usize]);
        self.join_persons(root, child);
        if let Some(mut fewer) = self.foes.remove(&child) {
            let foes = self.foes.entry(root).or_default();
            if foes.len() < fewer.len() {
                std::mem::swap(foes, &mut fewer);
            }
            foes.append(&mut fewer);
        }
        self.held.join(root, child);
        root
    }

    /// For every record, the least record of its component.
    pub(super) fn first_records(&mut self) -> Vec<u32> {
        let n_records = self.parent.len() as u32;
        let mut first_of_root = vec![u32::MAX; self.parent.len()];
        (0..n_records)
            .map(|record| {
                let first = &mut first_of_root[self.root(record) as usize];
                *first = record.min(*first);
                *first
            })
            .collect()
    }

    fn join_persons(&mut self, root: u32, child: u32) {
        if self.persons(child).is_empty() {
            return;
        }
        let additional: Vec<u64> = {
            let known = self.persons(root);
            self.persons(child).iter().copied().filter(|person| !known.contains(person)).collect()
        };
        self.persons.remove(&child);
        let known = self.persons(root);
        let all: Vec<u64> = known.iter().copied().chain(additional).collect();
        if let [first, rest @ ..] = all.as_slice() {
            self.person[root as usize] = *first;
            if !rest.is_empty() {
                self.persons.insert(root, all);
            }
        }
    }
}

impl Held {
    fn new(n_records: usize, claims: &[Claim], rules: &Rules<'_>) -> Held {
        let caps: Vec<u32> = rules.kinds.iter().map(|rule| rule.most_values).collect();
        let capped = |claim: &&Claim| caps[usize::from(claim.kind)] != u32::MAX;
        let mut begins = vec![0_u32; n_records + 1];
        for claim in claims.iter().filter(capped) {
            begins[claim.record as usize + 1] += 1;
        }
        for record in 0..n_records {
            begins[record + 1] += begins[record];
        }
        let mut ends = begins.clone();
        let mut numbers = vec![0_u32; begins[n_records] as usize];
        let mut kind_begins = vec![0_u32; caps.len() + 1];
        let mut number = 0;
        let mut last: Option<&Claim> = None;
        for claim in claims.iter().filter(capped) {
            if last.is_some_and(|last| (last.kind, last.value) != (claim.kind, claim.value)) {
                number += 1;
            }
            let end = &mut ends[claim.record as usize];
            numbers[*end as usize] = number;
            *end += 1;
            kind_begins[usize::from(claim.kind) + 1] = number + 1;
            last = Some(claim);
        }
        for kind in 0..caps.len() {
            // A kind without values ends where it begins.
            kind_begins[kind + 1] = kind_begins[kind + 1].max(kind_begins[kind]);
        }
        let is_any_capped = !numbers.is_empty();
        let joined = if is_any_capped { vec![Vec::new(); n_records] } else { Vec::new() };
        Held { kind_begins, caps, begins, numbers, joined }
    }

    fn of(&self, root: u32) -> &[u32] {
        let root = root as usize;
        match self.joined.get(root) {
            None => &[],
            Some(joined) if joined.is_empty() => {
                &self.numbers[self.begins[root] as usize..self.begins[root + 1] as usize]
            }
            Some(joined) => joined,
        }
    }

    /// The first kind of which two roots together would hold too many values, and how many.
    fn exceeded(&self, a: u32, b: u32) -> Option<(u8, u32)> {
        let (more, fewer) = sorted_by_length(self.of(a), self.of(b));
        let mut rest = fewer;
        while let Some(first) = rest.first() {
            let kind = self.kind_begins.partition_point(|begin| begin <= first) - 1;
            let end = self.kind_begins[kind + 1];
            let (of_kind, others) = rest.split_at(rest.partition_point(|number| *number < end));
            rest = others;
            let n_new = of_kind.iter().filter(|number| more.binary_search(number).is_err()).count();
            let n_more = more.partition_point(|number| *number < end)
                - more.partition_point(|number| *number < self.kind_begins[kind]);
            let n_values = n_more + n_new;
            let most = (self.caps[kind] as usize).max(n_more).max(of_kind.len());
            if n_values > most {
                return Some((kind as u8, n_values as u32));
            }
        }
        None
    }

    fn join(&mut self, root: u32, child: u32) {
        if self.joined.is_empty() {
            return;
        }
        let (more, fewer) =
            if self.of(root).len() >= self.of(child).len() { (root, child) } else { (child, root) };
        let additional: Vec<u32> = {
            let known = self.of(more);
            self.of(fewer).iter().copied().filter(|number| known.binary_search(number).is_err()).collect()
        };
        let mut all = std::mem::take(&mut self.joined[more as usize]);
        if all.is_empty() {
            all.extend_from_slice(self.of(more));
        }
        if !additional.is_empty() {
            all.extend(additional);
            // Two ascending runs: the stable sort merges them in linear time.
            all.sort();
        }
        self.joined[fewer as usize] = Vec::new();
        self.joined[root as usize] = all;
    }
}

fn sorted_by_length<'a>(a: &'a [u32], b: &'a [u32]) -> (&'a [u32], &'a [u32]) {
    if a.len() >= b.len() { (a, b) } else { (b, a) }
}
