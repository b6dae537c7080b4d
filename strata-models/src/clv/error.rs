//! What the models refuse, each with the place, the reason and what to do.

/// A row that a model cannot take.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InputError {
    /// Columns of one table have unequal lengths.
    #[error(
        "column `{column}` has {found} rows where `{other}` has {expected}; give every column a value for each customer"
    )]
    Lengths {
        /// The column that differs.
        column: &'static str,
        /// How many rows it has.
        found: usize,
        /// The column it is compared with.
        other: &'static str,
        /// How many rows that has.
        expected: usize,
    },
    /// A value is outside of what its column may hold.
    #[error("row {row}, column `{column}`: {value} {reason}; {hint}")]
    Value {
        /// The row, from 0.
        row: usize,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: f64,
        /// Why it cannot be.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A covariate cannot be used.
    #[error("covariate `{name}`: {reason}; {hint}")]
    Covariate {
        /// What it is called.
        name: String,
        /// Why.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// The table has too few customers who say anything.
    #[error("{found} customers {who} where a fit needs at least {needed}; {hint}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// What they would have done.
        who: &'static str,
        /// How many it takes.
        needed: usize,
        /// What to do.
        hint: &'static str,
    },
}

/// A number that a model or a prediction cannot have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{parameter}` of {of} is {value}; {hint}")]
pub struct ParameterError {
    /// The model or prediction.
    pub of: &'static str,
    /// The parameter.
    pub parameter: &'static str,
    /// What was given.
    pub value: f64,
    /// What to give.
    pub hint: &'static str,
}

impl ParameterError {
    /// Refuses parameters of a model that are not all positive and finite.
    pub(crate) fn check(
        of: &'static str,
        names: &[&'static str],
        values: &[f64],
    ) -> Result<(), ParameterError> {
        let wrong = names.iter().zip(values).find(|(_, value)| !(**value > 0.0 && value.is_finite()));
        wrong.map_or(Ok(()), |(parameter, value)| {
            let hint = "give a finite number above 0, or fit the model";
            Err(ParameterError { of, parameter, value: *value, hint })
        })
    }
}

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The data are not enough for the model.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The likelihood is not finite wherever the search begins.
    #[error(
        "the likelihood of {model} is not finite at any start; check that times are in one unit and of ordinary size"
    )]
    NoStart {
        /// The model.
        model: &'static str,
    },
    /// An option is outside of what it may be.
    #[error("option `{option}` is {value}; {hint}")]
    Option {
        /// The option.
        option: &'static str,
        /// What was given.
        value: f64,
        /// What to do.
        hint: &'static str,
    },
}
