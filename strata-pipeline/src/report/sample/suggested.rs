//! Segments suggested for the invented shop, made up.

use chrono::{NaiveDate, TimeZone, Utc};
use strata_models::subgroup::Estimate;
use strata_spec::table::Subject;

use super::super::data::Suggested;
use crate::suggest::{Likeness, Looked, Suggestion};

/// A goal that is a share, one that is a number of both signs, one by which nothing stood out, and one that could not be looked at.
pub(super) fn suggested() -> Vec<Suggested> {
    let shares = vec![
        suggestion(
            ("n_orders_180d_from_3", "n_orders_180d >= 3", "number of orders 180d is at least 3"),
            (531, 290, 0.0004),
            [[0.766, 0.714, 0.811], [0.221, 0.173, 0.278]],
            Some(("rfm/champions", 394, 0.74)),
        ),
        suggestion(
            (
                "main_channel_web",
                "main_channel = 'web' and days_since_last_order < 100 and holiday_share >= 0.1",
                "main channel is “web”, and days since the last order are under 100, and share of orders in the holidays is at least 0.1",
            ),
            (96, 41, 0.031),
            [[0.683, 0.53, 0.805], [0.508, 0.464, 0.553]],
            None,
        ),
    ];
    let amounts = vec![suggestion(
        ("margin_from_4", "margin_365d >= 4.5", "margin in a year is at least 4.5"),
        (1_204, 610, 0.000_02),
        [[18.25, 12.5, 24.0], [-3.75, -6.5, -1.0]],
        Some(("lapsing_regulars", 3, 0.002)),
    )];
    let amounts = amounts.into_iter().map(|one| Suggestion { lift: None, ..one }).collect();
    let again = looked("repeat_purchase", "buys again within 90 days", 0.524);
    let margin =
        Looked { is_share: false, is_everybody: false, ..looked("sum(margin)", "margin to come", 2.5) };
    let chance = Looked {
        segment: Some("lapsing_regulars".to_owned()),
        among: Some("not in_segment('lapsing_regulars')".to_owned()),
        ..looked("in_segment('lapsing_regulars')", "will be in “Lapsing regulars”", 0.04)
    };
    let early = Looked {
        reason: Some(
            "12 customers to be asked about were known on 2024-01-03 in one half, and it takes 50".to_owned(),
        ),
        at: None,
        mean_of_all: f64::NAN,
        ..looked("churn", "churn", 0.0)
    };
    let days = [(2024, 1, 3), (2024, 4, 2)]
        .map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap());
    [Looked { suggestions: shares, ..again }, Looked { suggestions: amounts, ..margin }, chance, early]
        .into_iter()
        .map(|found| Suggested { days: found.at.map(|_| days), found })
        .collect()
}

fn looked(goal: &str, title: &str, mean_of_all: f64) -> Looked {
    let at = [(2024, 1, 3), (2024, 4, 2)]
        .map(|(year, month, day)| Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap());
    Looked {
        subject: Subject::Customers,
        segment: None,
        goal: goal.to_owned(),
        title: title.to_owned(),
        among: None,
        horizon_days: 90,
        reason: None,
        is_share: true,
        at: Some(at),
        n_searched: 399,
        n_checked: 521,
        mean_of_all,
        is_everybody: true,
        n_subjects: 3_940,
        n_features: 75,
        n_left_out: 8,
        suggestions: Vec::new(),
    }
}

/// Name, condition and sentence; members, those it was checked on and the chance; means inside and outside; what it is like.
fn suggestion(
    (name, condition, sentence): (&str, &str, &str),
    (n_members, n_rows, chance): (u64, usize, f64),
    means: [[f64; 3]; 2],
    like: Option<(&str, u64, f64)>,
) -> Suggestion {
    let [inside, outside] = means.map(|[value, low, high]| Estimate { value, low, high });
    let difference = Estimate { value: 0.2, low: 0.1, high: 0.3 };
    Suggestion {
        name: name.to_owned(),
        condition: condition.to_owned(),
        sentence: sentence.to_owned(),
        n_members,
        n_rows,
        mean: inside.value,
        inside,
        outside,
        difference,
        lift: Some(Estimate { value: 1.5, low: 1.2, high: 1.8 }),
        chance: chance / 10.0,
        adjusted_chance: chance,
        most_like: like.map(|(name, n_both, jaccard)| Likeness { name: name.to_owned(), n_both, jaccard }),
    }
}
