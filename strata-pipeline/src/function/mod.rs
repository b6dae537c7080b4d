//! The functions that plans need and the engine lacks. All are stateless: their parameters travel as literals, so a
//! plan means the same wherever it runs.

mod aggregate;
mod calendar;
mod classifier;
mod clusters;
mod list;
mod logic;
mod moving;
mod or_zero;
mod polygon;
mod prediction;
mod scalar;
mod sequence;
mod stretch;
mod survey;
mod tally;
mod value_bounds;
mod variadic;
mod wake;
mod zone;
mod zoned;

use strata_lake::datafusion::logical_expr::{AggregateUDF, ScalarUDF};

pub(crate) use aggregate::{
    active_days, distinct_texts, first_day_sum, frequent_days, gap_variation, latest_known, latest_mean,
    median_gap_days, mode_integer, mode_share, mode_text, number_sum, sequence_moments, stretches, tallies,
};
pub(crate) use calendar::{length_of, midnight, period_start, shift};
pub(crate) use classifier::classified;
pub(crate) use clusters::clustered;
pub(crate) use list::{text_list_has_all, text_list_has_any, text_list_length};
pub(crate) use logic::{both, either, over_columns};
pub(crate) use moving::{MINUTE, day_again, next_midnight};
pub(crate) use or_zero::or_zero;
pub(crate) use polygon::within_polygon;
pub(crate) use prediction::{Predicted, predicted};
pub(crate) use scalar::{
    bucket, bucket_of, certainly, days_between, days_to_anniversary, distance_km, local_date, local_part,
    years_between,
};
pub(crate) use sequence::{Length, Pattern, PatternStep, row_key, sequence_holds};
pub(crate) use stretch::{began_within, ended_within, held_since, held_within};
pub(crate) use survey::survey_answer;
pub(crate) use tally::{Rows, Take, Tally, constants as tally_constants, figure_name as tally_name};
pub(crate) use value_bounds::{Bounds, value_bounds};
pub(crate) use wake::{
    Turn, wake_anniversary, wake_count, wake_day, wake_of_count, wake_part, wake_period, wake_stretches,
    wake_time, wake_years,
};
pub(crate) use zoned::{day_in_zone, local_midnight, moved, part_in_zone, period_of};

/// Every scalar function, to be registered with a session.
pub fn scalars() -> Vec<ScalarUDF> {
    vec![
        began_within(),
        both(),
        bucket(),
        certainly(),
        classified(),
        clustered(),
        day_in_zone(),
        days_between(),
        days_to_anniversary(),
        distance_km(),
        either(),
        ended_within(),
        held_since(),
        held_within(),
        local_date(),
        local_midnight(),
        local_part(),
        moved(),
        or_zero(),
        part_in_zone(),
        period_of(),
        predicted(),
        row_key(),
        sequence_holds(),
        survey_answer(),
        text_list_has_all(),
        text_list_has_any(),
        text_list_length(),
        value_bounds(),
        wake_anniversary(),
        wake_count(),
        wake_day(),
        wake_of_count(),
        wake_part(),
        wake_period(),
        wake_stretches(),
        wake_time(),
        wake_years(),
        within_polygon(),
        years_between(),
    ]
}

/// Every aggregate function, to be registered with a session.
pub fn aggregates() -> Vec<AggregateUDF> {
    vec![
        active_days(),
        distinct_texts(),
        first_day_sum(),
        frequent_days(),
        gap_variation(),
        latest_known(),
        latest_mean(),
        median_gap_days(),
        mode_integer(),
        mode_share(),
        mode_text(),
        number_sum(),
        sequence_moments(),
        stretches(),
        tallies(),
    ]
}
