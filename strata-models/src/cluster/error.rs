//! What clustering refuses, each with the place, the reason and what to do.

/// Why rows cannot be clustered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClusterError {
    /// There is nothing.
    #[error("there are no rows to cluster; hint: choose a condition that somebody meets")]
    NoRows,
    /// Nothing to cluster by.
    #[error(
        "there are no columns to cluster by; hint: name two or more traits that differ between customers"
    )]
    NoColumns,
    /// Values do not fill a table.
    #[error(
        "column `{column}` has {n_values} values where there are {n_rows} rows; hint: give each row a value"
    )]
    Lengths {
        /// The column.
        column: String,
        /// How many values it has.
        n_values: usize,
        /// How many there should be.
        n_rows: usize,
    },
    /// A value is not a number that distances can be taken of.
    #[error(
        "row {row}, column `{column}`: {value} is not a finite number; hint: fill or leave out what is missing"
    )]
    NotFinite {
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// What stands there.
        value: f64,
    },
    /// A column says nothing.
    #[error("column `{column}` has one value, or none, in all rows; hint: leave it out")]
    Constant {
        /// The column.
        column: String,
    },
    /// What differs in a column is too rare for the quantiles that bound it.
    #[error(
        "column `{column}` is {value} but in {n_other} rows, which the quantiles cut off; hint: leave it out, or take wider quantiles"
    )]
    NearlyConstant {
        /// The column.
        column: String,
        /// What it is nearly always.
        value: f64,
        /// How many rows have another value.
        n_other: usize,
    },
    /// A column is spread too far, or too little, for a number to hold.
    #[error(
        "column `{column}` has no spread that a number can hold, at values up to {value}; hint: change its unit"
    )]
    Spread {
        /// The column.
        column: String,
        /// The greatest value, by its amount.
        value: f64,
    },
    /// A column numbers the rows.
    #[error(
        "column `{column}` is an id: {reason}; hint: leave it out, a number that names a customer measures nothing"
    )]
    Identifier {
        /// The column.
        column: String,
        /// What it was recognised by.
        reason: &'static str,
    },
    /// A column of categories has more of them than can be told apart.
    #[error(
        "column `{column}` has {n_categories} categories of at most {most}; hint: join rare ones, or leave it out"
    )]
    Categories {
        /// The column.
        column: String,
        /// How many categories it has.
        n_categories: usize,
        /// How many there may be.
        most: usize,
    },
    /// A code that is no category.
    #[error(
        "row {row}, column `{column}`: category {category} of {n_categories}, counted from 0; hint: give the number of categories that there are"
    )]
    NoSuchCategory {
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// The code that stands there.
        category: usize,
        /// How many categories the column has.
        n_categories: usize,
    },
    /// A column that the ones before it tell.
    #[error("column `{column}` is a sum of multiples of the others; hint: leave it out")]
    Collinear {
        /// The column.
        column: String,
    },
    /// A model is asked about columns that it does not know.
    #[error(
        "these are other {what} than the model's: {found}, not {expected}; hint: give those of the fit, in their order"
    )]
    OtherColumns {
        /// What differs.
        what: &'static str,
        /// Those of the model.
        expected: String,
        /// Those that were given.
        found: String,
    },
    /// A method cannot take a column.
    #[error("column `{column}` holds {kind}; hint: {hint}")]
    Kind {
        /// The column.
        column: String,
        /// What it holds.
        kind: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// Fewer different rows than clusters.
    #[error(
        "{n_distinct} different rows cannot make {n_clusters} clusters; hint: ask for fewer, or add columns"
    )]
    TooFewRows {
        /// How many rows differ from each other.
        n_distinct: usize,
        /// How many clusters were asked for.
        n_clusters: usize,
    },
    /// Rows and centres are of different spaces.
    #[error(
        "rows of {n_columns} columns where the model has {expected}; hint: give the columns that it was fitted to, in their order"
    )]
    Columns {
        /// How many columns were given.
        n_columns: usize,
        /// How many the model has.
        expected: usize,
    },
    /// A value is so large that its square is no number any more.
    #[error(
        "row {row}, column `{column}`: {value} is too large to be squared; hint: measure in larger units"
    )]
    TooLarge {
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// What stands there.
        value: f64,
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
    /// The search ended at something that is no model.
    #[error("{model} found no clusters: {reason}; hint: {hint}")]
    NotFound {
        /// The model.
        model: &'static str,
        /// Why.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
}
