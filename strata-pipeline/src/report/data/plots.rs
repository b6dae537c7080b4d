//! What the plots of the layers show beyond the sizes of classes. Each is there only where the data has it.

use strata_spec::definition::Layer;

/// Plots by layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PlotData {
    /// Customers by age and gender.
    pub ages: Option<Ages>,
    /// Pauses between orders, and when orders are placed.
    pub cadence: Option<Cadence>,
    /// How far customers have ever come, from the first step to the last; each step counts those of the next one too.
    pub funnel: Vec<Step>,
    /// Buyers by customer lifetime value.
    pub clv: Option<Distribution>,
    /// Two divisions held against each other.
    pub crosses: Vec<Cross>,
    /// Answers on psychometric scales.
    pub scales: Vec<Scale>,
    /// What customers wrote.
    pub feedback: Option<Feedback>,
}

/// Customers by age and gender.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ages {
    /// The width of a band in years.
    pub width: u32,
    /// What the persons of the two genders with most customers are called, the larger first; one or none where the data has
    /// no more.
    pub genders: Vec<String>,
    /// The bands that anyone is in, ascending.
    pub bands: Vec<AgeBand>,
    /// Customers of unknown age.
    pub n_unknown: u64,
}

/// Customers of one age.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AgeBand {
    /// The band's first age in years.
    pub from: u32,
    /// How many of each of `genders`.
    pub n: Vec<u64>,
    /// How many of another or unknown gender.
    pub n_other: u64,
}

/// Pauses between orders, and when orders are placed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cadence {
    /// Days between one purchase day of a customer and the next, all customers together.
    pub gaps: Option<Distribution>,
    /// Orders by weekday, Monday first, of the project's time zone.
    pub weekdays: Option<[u64; 7]>,
    /// Orders by weekday and hour, those of sources that give a date but no time left out; none where nothing is left.
    pub hours: Option<Box<[[u64; 24]; 7]>>,
}

/// Values counted in bins.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Distribution {
    /// The bins, ascending and without gaps, empty ones included.
    pub bins: Vec<Bin>,
    /// The median of the values.
    pub median: Option<f64>,
    /// Their mean.
    pub mean: Option<f64>,
}

/// Values from one limit to the next.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Bin {
    /// The lower limit, which belongs to the bin.
    pub from: f64,
    /// The upper limit, which does not; none for a last bin that is open.
    pub to: Option<f64>,
    /// How many values.
    pub n: u64,
    /// What those with these values have brought, where that is asked.
    pub revenue: Option<f64>,
}

/// A step that customers have reached.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Step {
    /// What it is: `Put something in the cart`.
    pub title: String,
    /// Customers who have come so far or further.
    pub n: u64,
}

/// Two divisions held against each other.
///
/// What is counted must not itself differ between columns for another reason: categories are counted by orders, not by
/// customers, since whoever orders more buys of every category.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cross {
    /// The layer in whose section it stands.
    pub layer: Layer,
    /// What is counted: `companies`, `orders with the category`.
    pub counted: String,
    /// What the rows are, for the heading: `Categories bought`.
    pub rows_title: String,
    /// What the columns are: `Recency and frequency`.
    pub columns_title: String,
    /// The rows, the most members first.
    pub rows: Vec<Side>,
    /// The columns in their order.
    pub columns: Vec<Side>,
    /// How many are in row and column, by row.
    pub n: Vec<Vec<u64>>,
    /// How many are in any column.
    pub n_all: u64,
}

/// A row or column of two divisions held against each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Side {
    /// Its title.
    pub title: String,
    /// How many it has: of a row, those in any column; of a column, those in any row.
    pub n: u64,
}

/// Answers on one psychometric scale.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Scale {
    /// What it measures.
    pub title: String,
    /// What its low end means, and its high end.
    pub ends: Option<(String, String)>,
    /// The lowest value that an answer can give.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// The mean over those who answered.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// Those who answered.
    pub n: u64,
    /// Internal consistency (Cronbach's alpha), where the scale has several items.
    pub reliability: Option<f64>,
}

/// What customers wrote.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Feedback {
    /// Texts.
    pub n_texts: u64,
    /// The mean of the ratings given with them.
    pub mean_rating: Option<f64>,
    /// The highest rating that can be given.
    pub highest_rating: Option<f64>,
    /// What they speak of, the most frequent first.
    pub topics: Vec<Topic>,
}

/// Texts on one topic; one text can have several.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Topic {
    /// The topic.
    pub title: String,
    /// Texts on it that praise.
    pub n_positive: u64,
    /// Texts that neither praise nor complain.
    pub n_neutral: u64,
    /// Texts that complain.
    pub n_negative: u64,
}
