//! The functions that plans need and the engine lacks. All are stateless: their parameters travel as literals, so a
//! plan means the same wherever it runs.

mod aggregate;
mod calendar;
mod scalar;

use strata_lake::datafusion::logical_expr::{AggregateUDF, ScalarUDF};

pub(crate) use aggregate::{
    active_days, distinct_texts, first_day_sum, gap_variation, latest_known, median_gap_days, mode_integer,
    mode_share, mode_text,
};
pub(crate) use calendar::midnight;
pub(crate) use scalar::{
    bucket, bucket_of, certainly, days_between, days_to_anniversary, distance_km, local_date, local_part,
    years_between,
};

/// Every scalar function, to be registered with a session.
pub fn scalars() -> Vec<ScalarUDF> {
    vec![
        bucket(),
        certainly(),
        days_between(),
        days_to_anniversary(),
        distance_km(),
        local_date(),
        local_part(),
        years_between(),
    ]
}

/// Every aggregate function, to be registered with a session.
pub fn aggregates() -> Vec<AggregateUDF> {
    vec![
        active_days(),
        distinct_texts(),
        first_day_sum(),
        gap_variation(),
        latest_known(),
        median_gap_days(),
        mode_integer(),
        mode_share(),
        mode_text(),
    ]
}
