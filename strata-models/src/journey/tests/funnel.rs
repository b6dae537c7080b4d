//! Funnels by hand, and held against every way there is through a customer's events.

use proptest::prelude::*;

use super::says;
use crate::journey::funnel::{Funnel, FunnelEvents, funnel};
use crate::proportion::wilson;

/// Customers with their events (time, step).
fn follow(customers: &[&[(i64, u8)]], n_steps: usize, window: i64) -> Funnel {
    let rows: Vec<(i64, u8)> = customers.concat();
    let (times, steps): (Vec<i64>, Vec<u8>) = rows.into_iter().unzip();
    let ends: Vec<usize> = customers
        .iter()
        .scan(0, |end, own| {
            *end += own.len();
            Some(*end)
        })
        .collect();
    funnel(&FunnelEvents { ends: &ends, times: &times, steps: &steps }, n_steps, window).unwrap()
}

#[test]
fn shares_and_times_are_those_by_hand() {
    let found = follow(
        &[
            &[(0, 0), (4, 1), (10, 2)],
            &[(0, 0), (6, 1), (17, 2)],
            &[(0, 1), (1, 2)],
            &[(3, 0)],
            &[],
            &[(0, 0), (8, 1), (9, 1), (10, 2)],
        ],
        3,
        10,
    );
    assert_eq!(found.reached, [3, 2, 0, 1, 0, 3]);
    let n: Vec<(u64, u64)> = found.steps.iter().map(|step| (step.n_customers, step.n_dropped)).collect();
    assert_eq!(n, [(4, 2), (3, 1), (2, 1)]);
    assert_eq!(found.steps[1].conversion, Some(0.75));
    assert_eq!(found.steps[1].conversion_interval, wilson(3, 4));
    assert_eq!(found.steps[2].conversion_from_first, Some(0.5));
    assert_eq!(found.steps[2].conversion_from_first_interval, wilson(2, 4));
    assert_eq!(found.steps[0].conversion, Some(4.0 / 6.0));
    // From the first to the second 4, 6 and 9 (the last possible one), from the second to the third 6 and 1.
    let medians: Vec<Option<f64>> = found.steps.iter().map(|step| step.median_time).collect();
    assert_eq!(medians, [None, Some(6.0), Some(3.5)]);
}

#[test]
fn a_later_beginning_may_succeed_where_the_first_one_expired() {
    let check = |events: &[(i64, u8)], n: u8| assert_eq!(follow(&[events], 3, 10).reached, [n], "{events:?}");
    check(&[(0, 0), (8, 0), (9, 1), (15, 2)], 3);
    check(&[(0, 0), (1, 1), (11, 2)], 2);
    // The later beginning has no second step of its own, the earlier one has: it goes on.
    check(&[(0, 0), (1, 1), (5, 0), (10, 2)], 3);
    check(&[(0, 0), (1, 1), (5, 0), (12, 2)], 2);
    check(&[(0, 0), (1, 1), (5, 0), (6, 1), (12, 2)], 3);
    // Equal times are in the order of steps.
    check(&[(4, 0), (4, 1), (4, 2)], 3);
    check(&[(i64::MAX - 1, 0), (i64::MAX, 1)], 2);
    check(&[(i64::MIN, 0), (i64::MAX, 1)], 1);
}

#[test]
fn nobody_has_no_shares() {
    let found = follow(&[&[]], 2, 0);
    assert_eq!(found.steps[0].conversion, Some(0.0));
    assert_eq!((found.steps[1].conversion, found.steps[1].conversion_interval), (None, None));
    assert_eq!(follow(&[], 1, 0).steps[0].conversion, None);
}

/// The furthest that any beginning leads to: from each first step on, every later step as soon as it comes.
fn furthest(events: &[(i64, u8)], window: i64) -> u8 {
    let begins = events.iter().enumerate().filter(|(_, event)| event.1 == 0);
    let from = |(place, (begin, _)): (usize, &(i64, u8))| {
        let mut reached = 1;
        for (time, step) in &events[place + 1..] {
            if *step == reached && *time <= begin + window {
                reached += 1;
            }
        }
        reached
    };
    begins.map(from).max().unwrap_or(0)
}

fn some_customers() -> impl Strategy<Value = Vec<Vec<(i64, u8)>>> {
    let events = prop::collection::vec((0_i64..40, 0_u8..4), 0..24).prop_map(|mut events| {
        events.sort_unstable();
        events
    });
    prop::collection::vec(events, 1..6)
}

proptest! {
    #[test]
    fn customers_count_at_the_furthest_step_of_any_beginning(customers in some_customers(), window in 0_i64..30) {
        let slices: Vec<&[(i64, u8)]> = customers.iter().map(Vec::as_slice).collect();
        let found = follow(&slices, 4, window);
        let expected: Vec<u8> = customers.iter().map(|events| furthest(events, window)).collect();
        prop_assert_eq!(&found.reached, &expected);
        for (step, found) in found.steps.iter().enumerate() {
            let n = expected.iter().filter(|n| usize::from(**n) > step).count() as u64;
            prop_assert_eq!(found.n_customers, n);
            prop_assert!(found.median_time.is_none_or(|time| time >= 0.0 && time <= window as f64));
            prop_assert_eq!(found.median_time.is_some(), n > 0 && step > 0);
        }
    }
}

/// More customers than are followed in one go: nobody falls between two.
#[test]
fn many_customers_are_followed_as_few_are() {
    let one: [&[(i64, u8)]; 3] = [&[(0, 0), (2, 1)], &[(1, 0)], &[]];
    let many: Vec<&[(i64, u8)]> = one.iter().copied().cycle().take(30_000).collect();
    let found = follow(&many, 2, 5);
    assert_eq!((found.steps[0].n_customers, found.steps[1].n_customers), (20_000, 10_000));
    assert_eq!(found.steps[1].median_time, Some(2.0));
}

#[test]
fn refusals() {
    let ask = |ends: &[usize], times: &[i64], steps: &[u8], n_steps, window| {
        funnel(&FunnelEvents { ends, times, steps }, n_steps, window)
    };
    says(ask(&[], &[], &[], 0, 1), "`steps` is 0");
    says(ask(&[], &[], &[], 33, 1), "`steps` is 33");
    says(ask(&[], &[], &[], 2, -1), "`window` is -1");
    says(ask(&[1], &[1], &[], 2, 1), "`steps` has 0 values where there are 1");
    says(ask(&[2], &[1], &[0], 2, 1), "customer 0: its rows end at 2");
    says(ask(&[0], &[1], &[0], 2, 1), "customer 1: its rows end at 0");
    says(ask(&[0, 1], &[1], &[2], 2, 1), "row 0, `steps`: code 2 of 2");
    says(ask(&[1, 3], &[9, 2, 1], &[0, 0, 0], 2, 1), "customer 1, row 2: the event is before");
    says(ask(&[2], &[1, 1], &[1, 0], 2, 1), "customer 0, row 1: the event is before");
}
