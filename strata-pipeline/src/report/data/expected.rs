//! What a model expects of customers, and whether it can be trusted.

use chrono::NaiveDate;

use crate::models::Purchases;

/// A model of purchases, what it expects, and of whom.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expected {
    /// The model behind the scores.
    pub model: Purchases,
    /// The day from which on it was held out, in the project's time zone.
    pub held_out_from: Option<NaiveDate>,
    /// Other models of customers, and how each stands.
    pub others: Vec<(String, String)>,
    /// How far ahead the expected value looks, in days.
    pub horizon_days: u32,
    /// The level of the intervals of the expected value, where there are any.
    pub level: Option<f64>,
    /// Everything expected, where the model speaks of money.
    pub total: Option<Total>,
    /// What is held by the first customers, in the order of each value; from the first part of them to all.
    pub curve: Vec<CurvePoint>,
    /// By class of a segmentation.
    pub divisions: Vec<ExpectedDivision>,
    /// Customers by the probability that they are customers still, ascending.
    pub alive: Vec<AliveBin>,
    /// The same of companies in short, where they are known.
    pub companies: Option<ExpectedCompanies>,
}

/// What is expected of companies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExpectedCompanies {
    /// The model behind their scores.
    pub model: Purchases,
    /// How far ahead the expected value looks, in days.
    pub horizon_days: u32,
    /// Everything expected, where the model speaks of money.
    pub total: Option<Total>,
}

/// What is expected of all together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Total {
    /// Subjects that something is expected of.
    pub n: u64,
    /// What they are expected to bring.
    pub expected: f64,
    /// What they have brought in the last 365 days, where that is known.
    pub last_year: Option<f64>,
}

/// The first customers up to a part of all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct CurvePoint {
    /// How many of all, as a share.
    pub customers: f64,
    /// Their share of the expected value, when they are led by it.
    pub expected: f64,
    /// Their share of the revenue so far, when they are led by that.
    pub revenue: Option<f64>,
}

/// A segmentation with what is expected of its classes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ExpectedDivision {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its classes in their order, those that nothing is expected of left out.
    pub classes: Vec<ExpectedClass>,
}

/// What is expected of a class.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ExpectedClass {
    /// What to call it.
    pub title: String,
    /// Of how many something is expected.
    pub n: u64,
    /// Of all of them.
    pub expected: f64,
    /// What they have brought so far.
    pub revenue: Option<f64>,
    /// Between which amounts what one of them brings lies: the median of either end.
    pub interval: Option<(f64, f64)>,
}

/// Customers with a like probability to be customers still.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct AliveBin {
    /// Its lower limit, in tenths.
    pub tenth: u32,
    /// How many they are.
    pub n: u64,
    /// What they have brought so far.
    pub revenue: Option<f64>,
}
