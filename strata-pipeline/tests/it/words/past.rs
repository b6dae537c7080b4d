//! What properties were, and who was in what.

use strata_pipeline::compile::Earlier;
use strata_pipeline::spec::table::{Subject, Table};

use super::Rows;

/// The plan of `up` was free, then pro since February; `down` came in February with pro and went to free; `same` has always
/// had free; `lost` has none any more; `new` became known at the last run.
const CUSTOMERS: &str = "
    customer_id | plan
    up | pro
    down | free
    same | free
    lost |
    new | pro";

const HISTORY: &str = "
    subject | subject_id | property | value | previous | since
    customers | | | | | 2024-01-01
    companies | | | | | 2024-01-01
    companies | up | plan | free | pro | 2024-03-01
    customers | up | plan | pro | free | 2024-02-01
    customers | up | city | B | A | 2024-03-01
    customers | down | | | | 2024-02-01
    customers | down | plan | free | pro | 2024-03-01
    customers | lost | plan | | free | 2024-03-01
    customers | new | | | | 2024-03-31
    customers | same | plan | pro | free | 2024-04-01";

fn rows<'a>() -> Rows<'a> {
    Rows {
        manifest: "[properties.customers]\nplan = \"text\"\n",
        tables: &[(Table::Customers, CUSTOMERS)],
        history: Some(HISTORY),
        ..Rows::default()
    }
}

#[tokio::test]
async fn properties_change() {
    rows()
        .check(&[
            ("changed(plan)", "down lost up"),
            ("changed(plan, in_last('30 days'))", ""),
            ("changed(plan, in_last('31 days'))", "down lost"),
            ("changed(plan, in_last('59 days'))", "down lost"),
            ("changed(plan, in_last('60 days'))", "down lost up"),
            ("changed(plan, in_period('last month'))", "up"),
            ("changed_from(plan, 'free')", "lost up"),
            ("changed_from(plan, 'free', 'pro')", "up"),
            ("changed_to(plan, 'free')", "down"),
            ("changed_to(plan, 'free', in_period('this month'))", "down"),
            ("changed(city)", "up"),
            ("changed(country)", ""),
            ("not changed(plan)", "new same"),
        ])
        .await;
}

#[tokio::test]
async fn properties_were() {
    rows()
        .check(&[
            ("was(plan, 'free')", "down lost same up"),
            ("was(plan, 'pro')", "down new up"),
            ("was(plan, 'none')", ""),
            // Before everything, at its beginning, and at the edges of a change.
            ("was(plan, 'free', date '2023-12-31')", ""),
            ("was(plan, 'free', date '2024-01-01')", "lost same up"),
            ("was(plan, 'free', timestamp '2024-01-31 23:59:59')", "lost same up"),
            ("was(plan, 'free', date '2024-02-01')", "lost same"),
            ("was(plan, 'pro', date '2024-01-31')", ""),
            ("was(plan, 'pro', date '2024-02-01')", "down up"),
            ("was(plan, 'free', date '2024-03-01')", "down same"),
            ("was(plan, 'pro', as_of - interval '1 day')", "up"),
            ("was(plan, 'pro', date '2024-03-31')", "new up"),
            ("was(plan, 'pro', date '2025-01-01')", "new up"),
            // A window whose begin is the end of a stretch, and one of which all lies before.
            ("was(plan, 'free', in_period('last month'))", "lost same"),
            ("was(plan, 'pro', in_period('last month'))", "down up"),
            ("was(plan, 'pro', ago_between('60 days', '40 days'))", "down up"),
            ("was(plan, 'free', ago_between('61 days', '59 days'))", "lost same up"),
            ("was(plan, 'free', in_last('1 day'))", "down same"),
            ("was(plan, 'pro', ago_between('10 years', '91 days'))", ""),
            ("was(plan, 'pro', ago_between('10 years', '7 days'))", "down up"),
        ])
        .await;
}

#[tokio::test]
async fn properties_have_been() {
    rows()
        .check(&[
            ("since(plan, 'pro') = date '2024-02-01'", "up ?down lost same"),
            ("since(plan, 'free') = date '2024-01-01'", "same ?lost new up"),
            ("since(plan, 'free') = date '2024-03-01'", "down ?lost new up"),
            ("since(plan, 'pro') = as_of", "new ?down lost same"),
            ("has_been(plan, 'free') >= interval '30 days'", "down same ?lost new up"),
            ("has_been(plan, 'free') >= interval '31 days'", "same ?lost new up"),
            ("since(plan, 'free') is null", "lost new up"),
        ])
        .await;
}

#[tokio::test]
async fn values_are_compared_by_their_kind() {
    let rows = Rows {
        manifest: "[project]\ntitle = \"Kinds\"\ntimezone = \"Europe/Berlin\"\n[properties.customers]\nlevel = \"integer\"\nshare = \"number\"\ntrial_end = \"timestamp\"\nis_member = \"boolean\"\nday = \"date\"\n",
        tables: &[(
            Table::Customers,
            "customer_id | level | share | trial_end | is_member | day\n a | 2 | 0.5 | 2024-03-01 | true | 2024-03-01",
        )],
        history: Some(
            "subject | subject_id | property | value | previous | since
             customers | | | | | 2024-01-01
             customers | a | level | 2 | 1 | 2024-02-01
             customers | a | share | 0.5 | 5.0 | 2024-02-01
             customers | a | trial_end | 2024-03-01T00:00:00Z | 2023-12-31T23:00:00Z | 2024-02-01
             customers | a | is_member | true | false | 2024-02-01
             customers | a | day | 2024-03-01 | 2024-02-01 | 2024-02-01",
        ),
        ..Rows::default()
    };
    rows.check(&[
        ("changed_from(level, 1.0, 2)", "a"),
        ("changed_from(level, 1.5)", ""),
        ("changed_from(share, 5)", "a"),
        ("changed_to(share, 0.5)", "a"),
        ("changed_from(is_member, false, true)", "a"),
        ("changed_from(day, '2024-02-01')", "a"),
        ("changed_from(trial_end, date '2024-01-01')", "a"),
        ("changed_to(trial_end, timestamp '2024-03-01 00:00:00')", "a"),
        ("was(level, 1, date '2024-01-15') and was(level, 2)", "a"),
    ])
    .await;
    let refusal = rows.refusal("was(level, 'high')");
    assert!(
        refusal.contains("in the values of `level`: a number cannot be compared with a text"),
        "{refusal}"
    );
    let refusal = rows.refusal("changed(email)");
    assert!(refusal.contains("no history is kept of `email`") && refusal.contains("declared"), "{refusal}");
}

/// `back` was in from January to February, and is again; `stayed` passed to a new version in February; `out` was in until
/// now.
const MEMBERSHIP: &str = "
    subject | subject_id | segmentation | segment | entered_at | left_at
    customers | back | | vip | 2024-01-01 | 2024-02-01
    customers | stayed | | vip | 2024-01-01 | 2024-02-01
    customers | stayed | | vip | 2024-02-01 |
    customers | out | | vip | 2024-02-01 |
    customers | rewound | | vip | 2024-02-01 | 2024-05-01
    customers | stayed | | other | 2024-03-01 |
    companies | never | | vip | 2024-01-01 |
    customers | back | tier | gold | 2024-01-01 | 2024-03-01
    customers | back | tier | silver | 2024-03-01 |
    customers | never | | vip | 2024-04-01 |";

#[tokio::test]
async fn memberships_of_earlier_runs() {
    let rows = Rows {
        manifest: "[segments.vip]\ntitle = \"VIP\"\nwhere = \"city = 'V'\"\n[segmentations.tier]\ntitle = \"Tier\"\nlayer = \"value\"\n[[segmentations.tier.classes]]\nname = \"gold\"\nwhere = \"country = 'G'\"\n[[segmentations.tier.classes]]\nname = \"silver\"\nwhere = \"country = 'S'\"\n",
        tables: &[(
            Table::Customers,
            "customer_id | city | country\n back | V | S\n stayed | V |\n out | | S\n rewound | V |\n never | |",
        )],
        memberships: Some(MEMBERSHIP),
        ..Rows::default()
    };
    rows.check(&[
        ("entered('vip')", "back out rewound stayed"),
        // New version, same stay.
        ("entered('vip', in_period('last month'))", "out rewound"),
        ("entered('vip', in_last('1 day'))", "back"),
        ("left('vip')", "back out"),
        ("left('vip', in_last('1 day'))", "out"),
        ("left('vip', in_period('last month'))", "back"),
        ("was_in('vip')", "back out rewound stayed"),
        ("was_in('vip', date '2024-01-01')", "back stayed"),
        ("was_in('vip', date '2024-01-31')", "back stayed"),
        ("was_in('vip', date '2024-02-01')", "out rewound stayed"),
        ("was_in('vip', date '2024-03-31')", "back rewound stayed"),
        ("was_in('vip', date '2025-01-01')", "back rewound stayed"),
        ("was_in('vip', as_of - interval '1 day')", "out rewound stayed"),
        ("was_in('vip', in_period('last month'))", "out rewound stayed"),
        ("was_in('vip', ago_between('10 years', '59 days'))", "back out rewound stayed"),
        ("was_in('vip', ago_between('10 years', '61 days'))", "back stayed"),
        ("member_since('vip') = date '2024-01-01'", "stayed ?never out"),
        ("member_since('vip') = as_of", "back ?never out"),
        ("has_been_in('vip') >= interval '1 month'", "rewound stayed ?never out"),
        ("entered('tier', 'silver')", "back out"),
        ("left('tier', 'gold', in_last('31 days'))", "back"),
        ("was_in('tier', 'gold') and member_since('tier', 'silver') < as_of", "back"),
        ("entered('tier', 'unassigned')", "never rewound stayed"),
        ("was_in('vip', as_of - interval '30 days') and not in_segment('vip')", "out"),
    ])
    .await;
    // A month before 30 March is 29 February, as are 30 days: between them lies nothing.
    Rows { as_of: "2024-03-30", ..rows }
        .check(&[
            ("was_in('vip', ago_between('1 month', '30 days'))", ""),
            ("entered('vip', ago_between('1 month', '30 days'))", ""),
        ])
        .await;
    // At the first run everybody enters, and nobody was anywhere.
    Rows { memberships: None, ..rows }
        .check(&[
            ("entered('vip')", "back rewound stayed"),
            ("left('vip')", ""),
            ("was_in('vip', as_of - interval '1 day')", ""),
            ("has_been_in('vip') >= interval '1 day'", "?never out"),
        ])
        .await;
}

#[test]
fn what_is_not_at_hand_is_said() {
    let cases = [
        ("changed(plan)", "earlier values of properties are asked for, and the table `property_history`"),
        ("entered('vip')", "earlier memberships are asked for, and the table `membership`"),
    ];
    let rows = Rows {
        manifest: "[properties.customers]\nplan = \"text\"\n[segments.vip]\ntitle = \"VIP\"\nwhere = \"city = 'V'\"\n",
        ..Rows::default()
    };
    for (condition, expected) in cases {
        let manifest = rows.read(Subject::Customers, &[condition]);
        let program = rows.compiled(&manifest, Subject::Customers).unwrap();
        let error = program.check_past(&Earlier::Unavailable, &Earlier::Unavailable).unwrap_err();
        assert!(error.message.contains(expected) && error.hint.is_some(), "{error}");
        assert!(program.check_past(&Earlier::Nothing, &Earlier::Nothing).is_ok());
    }
}
