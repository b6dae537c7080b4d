//! Identity held to hand-made cases, and to a plain graph search and its own rules on random ones.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const FREE: KindRule = KindRule { most_values: u32::MAX, most_customers: u32::MAX, weak: false };
const WEAK: KindRule = KindRule { weak: true, ..FREE };
const NO_RULES: Rules<'static> = Rules { kinds: &[FREE, FREE, FREE], apart: &[], together: &[], person: &[] };
const HAND: Evidence = Evidence::Hand;

/// A claim as it is written here: record, kind, value.
type Written = (u32, u8, u64);

fn claims(of: &[Written]) -> Vec<Claim> {
    of.iter().map(|(record, kind, value)| Claim { record: *record, kind: *kind, value: *value }).collect()
}

fn by(kind: u8, value: u64) -> Evidence {
    Evidence::Identifier { kind, value }
}

fn refused(record: u32, into: u32, by: Evidence, reason: Refusal) -> Refused {
    Refused { record, into, by, reason }
}

fn check(of: &[Written], rules: &Rules<'_>, customer_of: &[u32], expected: &[Refused]) {
    let found = resolve(customer_of.len(), &mut claims(of), rules).unwrap();
    assert_eq!(found.customer_of, customer_of, "{of:?} {rules:?}");
    assert_eq!(found.refused, expected, "{of:?} {rules:?}");
}

#[test]
fn equal_values_of_one_kind_join() {
    check(&[], &NO_RULES, &[0, 1, 2], &[]);
    check(&[(2, 1, 7), (0, 1, 7)], &NO_RULES, &[0, 1, 0], &[]);
    // The same number as another kind of identifier is another value.
    check(&[(0, 0, 7), (1, 1, 7)], &NO_RULES, &[0, 1], &[]);
    // Through a third record, by two kinds; a repeated claim changes nothing.
    check(&[(1, 1, 5), (3, 1, 5), (3, 1, 5), (3, 2, 6), (0, 2, 6)], &NO_RULES, &[0, 0, 2, 0], &[]);
}

#[test]
fn a_value_that_everybody_has_joins_nobody() {
    let rules = Rules { kinds: &[FREE, FREE, KindRule { most_customers: 3, ..FREE }], ..NO_RULES };
    let everybody = |n: u32| -> Vec<Written> { (0..n).map(|record| (record, 2, 49)).collect() };
    let told_apart = |n: u32| (0..n).map(|record| (record, 0, u64::from(record)));
    let shared =
        |n: u32, n_records: u32| refused(1, 0, by(2, 49), Refusal::Shared { n_customers: n, n_records });

    let with_ids = |n: u32| [everybody(n), told_apart(n).collect()].concat();
    check(&with_ids(4), &rules, &[0, 1, 2, 3], &[shared(4, 4)]);
    check(&with_ids(3), &rules, &[0, 0, 0], &[]);
    // Four records of one customer are one holder.
    let of_one = |record| (record, 0, 1);
    check(&[everybody(4), (0..4).map(of_one).collect()].concat(), &rules, &[0; 4], &[]);
    // Nothing tells these apart, neither ids nor persons.
    check(&everybody(5), &rules, &[0; 5], &[]);
    check(&everybody(5), &Rules { person: &[1, 2, 3, 3, 0], ..rules }, &[0; 5], &[]);
    let persons = Rules { person: &[1, 2, 3, 4, 0], ..rules };
    check(&everybody(5), &persons, &[0, 1, 2, 3, 4], &[shared(4, 5)]);
}

#[test]
fn two_people_with_one_address_stay_two() {
    const ANNA: u64 = 11;
    const BERT: u64 = 12;
    let weak = Rules { kinds: &[FREE, WEAK, WEAK], ..NO_RULES };
    let shared: Vec<Written> = (0..4).map(|record| (record, 1, 5)).collect();
    let person = refused(1, 0, by(1, 5), Refusal::Person);

    let persons = Rules { person: &[ANNA, BERT, BERT, ANNA], ..weak };
    check(&shared, &persons, &[0, 1, 1, 0], &[person]);
    // Whose the other two records are cannot be said; they are one customer, but neither of the two.
    let ambiguous = refused(2, 0, by(1, 5), Refusal::Ambiguous);
    check(&shared, &Rules { person: &[ANNA, BERT, 0, 0], ..weak }, &[0, 1, 2, 2], &[person, ambiguous]);
    // Where one person is known, the address is hers.
    check(&shared, &Rules { person: &[0, ANNA, 0, ANNA], ..weak }, &[0; 4], &[]);
    // A kind that is not weak joins whatever the names are.
    check(&shared, &Rules { kinds: &[FREE, FREE], ..persons }, &[0; 4], &[]);
    // One external id under both names: the customer is known under both, and each joins it.
    let known_under_both = [shared.as_slice(), &[(0, 0, 1), (1, 0, 1)]].concat();
    check(&known_under_both, &persons, &[0; 4], &[]);
    // Also where more records without a name join it: Carl, at the telephone, is neither of the two.
    let several =
        [(3, 0, 1), (4, 0, 1), (0, 0, 2), (1, 0, 2), (2, 0, 2), (2, 1, 5), (4, 1, 5), (4, 2, 6), (5, 2, 6)];
    let carl = refused(5, 4, by(2, 6), Refusal::Person);
    check(&several, &Rules { person: &[0, 0, 0, ANNA, BERT, 13], ..weak }, &[0, 0, 0, 0, 0, 5], &[carl]);
    // A record without a name does not bridge: it has Anna's telephone (kind 2) and Bert's address (kind 1).
    let bridge = [(1, 1, 5), (2, 1, 5), (0, 2, 6), (2, 2, 6)];
    let refusal = refused(2, 0, by(2, 6), Refusal::Person);
    check(&bridge, &Rules { person: &[ANNA, BERT, 0], ..weak }, &[0, 1, 1], &[refusal]);
}

#[test]
fn a_cap_stops_a_chain() {
    let two = KindRule { most_values: 2, ..FREE };
    let rules = Rules { kinds: &[FREE, two], ..NO_RULES };
    let cap = |record, into, value, n_records| {
        refused(record, into, by(1, value), Refusal::Cap { kind: 1, n_values: 3, n_records })
    };
    // Each record shares one value with the next: 0 -1- 1 -2- 2 -3- 3.
    let chain = [(0, 1, 1), (1, 1, 1), (1, 1, 2), (2, 1, 2), (2, 1, 3), (3, 1, 3)];
    check(&chain, &rules, &[0, 0, 2, 2], &[cap(2, 1, 2, (1, 2))]);
    // A more trusted value joins, unless that would exceed a cap of a less trusted kind.
    let by_id = [(0, 0, 9), (1, 0, 9), (0, 1, 1), (0, 1, 2), (1, 1, 3)];
    let exceeded = refused(1, 0, by(0, 9), Refusal::Cap { kind: 1, n_values: 3, n_records: (1, 1) });
    check(&by_id, &rules, &[0, 1], &[exceeded]);
    // A record that has too many by itself is taken as it is, and does not grow.
    let many = [(0, 1, 1), (0, 1, 2), (0, 1, 3), (1, 1, 3), (2, 1, 1), (2, 1, 4)];
    let grown = refused(2, 0, by(1, 1), Refusal::Cap { kind: 1, n_values: 4, n_records: (1, 1) });
    check(&many, &rules, &[0, 0, 2], &[grown]);

    // Each of 10,000 customers has a value in common with the next; five values are the values of four of them.
    let n = 10_000;
    let five = KindRule { most_values: 5, ..FREE };
    let long: Vec<Written> =
        (0..n).flat_map(|record| [0, 1].map(|next| (record, 1, u64::from(record + next)))).collect();
    let found = resolve(n as usize, &mut claims(&long), &Rules { kinds: &[FREE, five], ..NO_RULES }).unwrap();
    let largest = (0..n).map(|customer| found.customer_of.iter().filter(|other| **other == customer).count());
    assert_eq!(largest.max(), Some(4));
    assert_eq!(found.joins.len() + found.refused.len(), n as usize - 1);
}

#[test]
fn what_is_to_stay_apart_stays_apart() {
    let email = [(0, 1, 5), (1, 1, 5), (2, 1, 5)];
    let apart = Rules { apart: &[(2, 0)], ..NO_RULES };
    check(&email, &apart, &[0, 0, 2], &[refused(2, 0, by(1, 5), Refusal::Apart)]);
    // Also through others, and by hand.
    let through = [(0, 0, 5), (1, 0, 5), (1, 1, 6), (2, 1, 6)];
    check(&through, &apart, &[0, 0, 2], &[refused(2, 1, by(1, 6), Refusal::Apart)]);
    let by_hand = Rules { together: &[(1, 0), (1, 2)], ..apart };
    check(&[], &by_hand, &[0, 0, 2], &[refused(2, 1, HAND, Refusal::Apart)]);
}

#[test]
fn a_hand_joins_what_rules_would_not() {
    let strict = KindRule { most_values: 1, most_customers: 1, weak: true };
    let rules = Rules { kinds: &[strict], person: &[1, 2], together: &[(1, 0)], ..NO_RULES };
    let found = resolve(2, &mut claims(&[(0, 0, 1), (1, 0, 2)]), &rules).unwrap();
    assert_eq!(found.joins, [Join { record: 1, into: 0, by: HAND }]);
    assert_eq!(found.customer_of, [0, 0]);
}

#[test]
fn keeping_apart_undoes_one_join_and_nothing_else() {
    // {0 1 2} and {3 4} by ids, {5 6} by address, {7} alone; address 50 joins the first two.
    let of = [
        (0, 0, 1),
        (1, 0, 1),
        (2, 0, 1),
        (3, 0, 2),
        (4, 0, 2),
        (5, 1, 60),
        (6, 1, 60),
        (2, 1, 50),
        (4, 1, 50),
    ];
    let joined = resolve(8, &mut claims(&of), &NO_RULES).unwrap();
    assert_eq!(joined.customer_of, [0, 0, 0, 0, 0, 5, 5, 7]);
    let join = joined.joins.iter().find(|join| join.by == by(1, 50)).unwrap();
    let apart = [(join.record, join.into)];
    let split = resolve(8, &mut claims(&of), &Rules { apart: &apart, ..NO_RULES }).unwrap();
    assert_eq!(split.customer_of, [0, 0, 0, 3, 3, 5, 5, 7]);
    let others: Vec<&Join> = joined.joins.iter().filter(|other| *other != join).collect();
    assert_eq!(split.joins.iter().collect::<Vec<_>>(), others);
    assert_eq!(split.refused, [refused(join.record, join.into, join.by, Refusal::Apart)]);
}

#[test]
fn input_that_refers_to_nothing_is_refused() {
    let cases: [(&[Written], Rules<'_>, &str); 4] = [
        (&[(2, 0, 1)], NO_RULES, "record 2 of 2 does not exist"),
        (&[(0, 3, 1)], NO_RULES, "kind 3 has no rule among 3"),
        (&[], Rules { apart: &[(0, 9)], ..NO_RULES }, "record 9 of 2 does not exist"),
        (&[], Rules { person: &[1], ..NO_RULES }, "1 fingerprints for 2 records"),
    ];
    for (of, rules, message) in cases {
        let error = resolve(2, &mut claims(of), &rules).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot resolve identities: {message}"));
    }
}

/// Components by repeated relabelling, without any structure that could be wrong.
fn by_graph_search(n_records: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    let mut labels: Vec<u32> = (0..n_records as u32).collect();
    loop {
        let before = labels.clone();
        for (a, b) in edges {
            let least = labels[*a as usize].min(labels[*b as usize]);
            labels[*a as usize] = least;
            labels[*b as usize] = least;
        }
        if labels == before {
            return labels;
        }
    }
}

fn edges(joins: &[Join]) -> Vec<(u32, u32)> {
    joins.iter().map(|join| (join.record, join.into)).collect()
}

const N_RECORDS: u32 = 24;
const RANDOM_KINDS: [KindRule; 3] = [
    KindRule { most_values: 2, most_customers: 3, weak: false },
    KindRule { most_values: 3, most_customers: 2, weak: true },
    KindRule { most_values: u32::MAX, most_customers: 4, weak: true },
];

fn some_claims() -> impl Strategy<Value = Vec<Claim>> {
    let claim =
        (0..N_RECORDS, 0_u8..3, 0_u64..12).prop_map(|(record, kind, value)| Claim { record, kind, value });
    prop::collection::vec(claim, 0..70)
}

fn some_pairs() -> impl Strategy<Value = Vec<(u32, u32)>> {
    let pair = (0..N_RECORDS, 0..N_RECORDS).prop_filter("two records", |(a, b)| a != b);
    prop::collection::vec(pair, 0..6)
}

fn some_persons() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0_u64..4, N_RECORDS as usize)
}

/// The distinct values of a kind that these records carry.
fn n_values(claims: &[Claim], kind: u8, is_in: impl Fn(u32) -> bool) -> usize {
    let of_kind = claims.iter().filter(|claim| claim.kind == kind && is_in(claim.record));
    of_kind.map(|claim| claim.value).collect::<BTreeSet<u64>>().len()
}

proptest! {
    #[test]
    fn without_rules_customers_are_connected_components(mut claims in some_claims(), together in some_pairs()) {
        let rules = Rules { together: &together, ..NO_RULES };
        let found = resolve(N_RECORDS as usize, &mut claims, &rules).unwrap();
        let mut edges = together.clone();
        for a in &claims {
            edges.extend(claims.iter().filter(|b| (a.kind, a.value) == (b.kind, b.value)).map(|b| (a.record, b.record)));
        }
        prop_assert_eq!(found.customer_of, by_graph_search(N_RECORDS as usize, &edges));
        prop_assert!(found.refused.is_empty());
    }

    #[test]
    fn joins_are_a_spanning_forest_of_evidence(
        mut claims in some_claims(), apart in some_pairs(), together in some_pairs(), person in some_persons(),
    ) {
        let rules = Rules { kinds: &RANDOM_KINDS, apart: &apart, together: &together, person: &person };
        let found = resolve(N_RECORDS as usize, &mut claims, &rules).unwrap();
        prop_assert_eq!(&found.customer_of, &by_graph_search(N_RECORDS as usize, &edges(&found.joins)));
        let n_customers = found.customer_of.iter().collect::<BTreeSet<_>>().len();
        prop_assert_eq!(found.joins.len(), N_RECORDS as usize - n_customers);
        for join in &found.joins {
            let Evidence::Identifier { kind, value } = join.by else { continue };
            let both = [join.record, join.into].map(|record| claims.contains(&Claim { record, kind, value }));
            prop_assert_eq!(both, [true, true]);
        }
    }

    #[test]
    fn rules_hold(
        mut claims in some_claims(), apart in some_pairs(), together in some_pairs(), person in some_persons(),
    ) {
        let rules = Rules { kinds: &RANDOM_KINDS, apart: &apart, together: &together, person: &person };
        let found = resolve(N_RECORDS as usize, &mut claims, &rules).unwrap();
        for (a, b) in &apart {
            prop_assert_ne!(found.customer_of[*a as usize], found.customer_of[*b as usize]);
        }
        // What a hand joined, or one record has, may exceed a cap: then no join adds to it.
        let hand: Vec<Join> = found.joins.iter().filter(|join| join.by == HAND).copied().collect();
        let blocks = by_graph_search(N_RECORDS as usize, &edges(&hand));
        for kind in 0..RANDOM_KINDS.len() as u8 {
            for customer in 0..N_RECORDS {
                let of_customer = n_values(&claims, kind, |record| found.customer_of[record as usize] == customer);
                let largest = (0..N_RECORDS)
                    .filter(|block| found.customer_of[*block as usize] == customer)
                    .map(|block| n_values(&claims, kind, |record| blocks[record as usize] == block))
                    .max();
                let most = largest.unwrap_or(0).max(RANDOM_KINDS[usize::from(kind)].most_values as usize);
                prop_assert!(of_customer <= most, "kind {kind} of customer {customer}");
            }
        }
        // Weak joins alone never bring together different persons: with the strong ones contracted, and one known
        // name leading to all records of that name, every name of a customer reaches every other.
        let strong = |join: &&Join| !matches!(join.by, Evidence::Identifier { kind: 1.., .. });
        let mut links: Vec<(u32, u32)> = edges(&found.joins.iter().filter(strong).copied().collect::<Vec<_>>());
        for a in 0..N_RECORDS {
            let same = |b: &u32| {
                let persons = (person[a as usize], person[*b as usize]);
                persons.0 != 0 && persons.0 == persons.1 && found.customer_of[a as usize] == found.customer_of[*b as usize]
            };
            links.extend((0..N_RECORDS).filter(same).map(|b| (a, b)));
        }
        let names = by_graph_search(N_RECORDS as usize, &links);
        // A record without a name may have come by a weak join and have brought strong company of no name.
        for customer in 0..N_RECORDS {
            let of_customer = (0..N_RECORDS as usize).filter(|record| found.customer_of[*record] == customer && person[*record] != 0);
            let groups: BTreeSet<u32> = of_customer.map(|record| names[record]).collect();
            prop_assert!(groups.len() <= 1, "customer {customer} is {groups:?}");
        }
    }

    #[test]
    fn the_order_of_input_does_not_matter(
        (mut claims, mut shuffled) in some_claims().prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle())),
        (apart, apart_shuffled) in some_pairs().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle())),
        (together, together_shuffled) in
            some_pairs().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle())),
        person in some_persons(),
    ) {
        let rules = Rules { kinds: &RANDOM_KINDS, apart: &apart, together: &together, person: &person };
        let rules_shuffled = Rules { apart: &apart_shuffled, together: &together_shuffled, ..rules };
        let found = resolve(N_RECORDS as usize, &mut claims, &rules).unwrap();
        prop_assert_eq!(found, resolve(N_RECORDS as usize, &mut shuffled, &rules_shuffled).unwrap());
    }
}
