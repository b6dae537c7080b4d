//! Conditions over several lines.

use strata_spec::condition::Condition;
use strata_spec::table::Subject;

fn check(width: usize, text: &str, laid_out: &str) {
    let condition = Condition::parse(text, Subject::Customers).unwrap_or_else(|error| panic!("{error}"));
    let formatted = condition.format(Subject::Customers, width);
    assert_eq!(formatted, laid_out.trim(), "{text}");
    assert_eq!(Condition::parse(&formatted, Subject::Customers), Ok(condition));
}

#[test]
fn what_fits_is_one_line() {
    check(60, "a = 1  AND b", "a = 1 and b");
    check(11, "a = 1 and b", "a = 1 and b");
    check(10, "a = 1 and b", "a = 1\nand b");
    check(0, "true", "true");
}

#[test]
fn one_clause_a_line() {
    check(
        60,
        "count(orders) >= 5 and max(orders.ordered_at) < as_of - interval '60 days' and count(events) filter (where name = 'Email Opened' and in_last('30 days')) = 0 and (country in ('DE', 'AT', 'CH') or company.country in ('DE', 'AT', 'CH')) and not in_segment('vip')",
        "
count(orders) >= 5
and max(orders.ordered_at) < as_of - interval '60 days'
and count(events) filter (
  where name = 'Email Opened' and in_last('30 days')
) = 0
and (
  country in ('DE', 'AT', 'CH')
  or company.country in ('DE', 'AT', 'CH')
)
and not in_segment('vip')",
    );
    check(
        20,
        "a = 1 or b = 2 and c = 3 and not (d = 4 or e = 5 or f = 6)",
        "
a = 1
or b = 2
  and c = 3
  and not (
    d = 4
    or e = 5
    or f = 6
  )",
    );
}

#[test]
fn parts_of_calls_have_lines_of_their_own() {
    check(
        60,
        "sequence(step(events, name = 'Viewed'), step(events, name = 'Bought', '3 days'), same(product_id)) filter (where in_last('90 days') and device = 'phone')",
        "
sequence(
  step(events, name = 'Viewed'),
  step(events, name = 'Bought', '3 days'),
  same(product_id)
) filter (where in_last('90 days') and device = 'phone')",
    );
    check(
        30,
        "at_least(2, n_orders > 1, city = 'Berlin', accepts_marketing)",
        "
at_least(
  2,
  n_orders > 1,
  city = 'Berlin',
  accepts_marketing
)",
    );
    check(
        30,
        "case when age < 18 then 'young' else 'adult' end = 'adult'",
        "
case
  when age < 18 then 'young'
  else 'adult'
end = 'adult'",
    );
}

#[test]
fn lists_fill_their_lines() {
    check(
        40,
        "country in ('DE', 'AT', 'CH', 'FR', 'IT', 'ES', 'PT', 'NL')",
        "
country in ('DE', 'AT', 'CH', 'FR',
  'IT', 'ES', 'PT', 'NL')",
    );
}
