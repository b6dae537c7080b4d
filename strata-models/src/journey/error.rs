//! What the journey refuses, each with the place, the reason and what to do.

/// Why nothing can be said of a journey.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JourneyError {
    /// There is nothing to count.
    #[error("there are no {what}; hint: {hint}")]
    Nothing {
        /// What there should be.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// Columns of one table have unequal lengths.
    #[error("`{column}` has {found} values where there are {expected}; hint: give each row a value")]
    Lengths {
        /// The column.
        column: &'static str,
        /// How many values it has.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// The ends of runs do not divide the rows.
    #[error(
        "customer {customer}: its rows end at {end}, which is out of order or beyond the last row; hint: give ascending ends, the last one the number of rows"
    )]
    Ends {
        /// The customer, or path, from 0; their number where rows are left over.
        customer: usize,
        /// The end that was given.
        end: usize,
    },
    /// A value is no number that can be counted with.
    #[error(
        "row {row}, `{column}`: {value} is not a finite number of at least 0; hint: leave the row out, or correct it"
    )]
    Value {
        /// The column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// A code stands for nothing.
    #[error("row {row}, `{column}`: code {code} of {n_codes}; hint: number from 0, without gaps")]
    Code {
        /// The column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
        /// What stands there.
        code: usize,
        /// How many codes there are.
        n_codes: usize,
    },
    /// Rows of one customer contradict each other or the calendar.
    #[error("customer {customer}, row {row}: {reason}; hint: {hint}")]
    Rows {
        /// The customer, from 0.
        customer: usize,
        /// The row, from 0.
        row: usize,
        /// Why not.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A setting is out of its range.
    #[error("`{option}` is {value}; hint: {hint}")]
    Option {
        /// The setting.
        option: &'static str,
        /// What was given.
        value: f64,
        /// What to give.
        hint: &'static str,
    },
    /// Nobody was seen to leave a stage.
    #[error(
        "stage {stage} was never left, so nothing is known of what follows it; hint: smooth towards the other stages, or leave it out"
    )]
    EmptyRow {
        /// The stage, from 0.
        stage: usize,
    },
    /// Probabilities of one stage do not sum up.
    #[error(
        "stage {stage}: the probabilities of what follows sum to {sum}; hint: give probabilities that sum to 1"
    )]
    RowSum {
        /// The stage, from 0.
        stage: usize,
        /// Their sum.
        sum: f64,
    },
    /// A stage that leads to no outcome.
    #[error(
        "stage {stage} leads to no outcome, however long one waits; hint: wait for outcomes, or smooth towards the other stages"
    )]
    Unreachable {
        /// The stage, from 0.
        stage: usize,
    },
    /// The chain leaves its stages too rarely for the digits of a number.
    #[error(
        "stage {stage} is left so rarely that the expected steps cannot be computed; hint: count in longer ticks, or leave the stage out"
    )]
    Singular {
        /// The stage, from 0.
        stage: usize,
    },
}

/// Refuses a column of another length.
pub(super) fn same_length(column: &'static str, found: usize, expected: usize) -> Result<(), JourneyError> {
    if found == expected { Ok(()) } else { Err(JourneyError::Lengths { column, found, expected }) }
}

/// Refuses values that are negative, infinite or NaN.
pub(super) fn countable(column: &'static str, values: &[f64]) -> Result<(), JourneyError> {
    match values.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
        Some(row) => Err(JourneyError::Value { column, row, value: values[row] }),
        None => Ok(()),
    }
}

/// Refuses ends that do not divide `n_rows` rows.
pub(super) fn divided(ends: &[usize], n_rows: usize) -> Result<(), JourneyError> {
    let mut begin = 0;
    for (customer, end) in ends.iter().enumerate() {
        if *end < begin || *end > n_rows {
            return Err(JourneyError::Ends { customer, end: *end });
        }
        begin = *end;
    }
    if begin == n_rows { Ok(()) } else { Err(JourneyError::Ends { customer: ends.len(), end: begin }) }
}
