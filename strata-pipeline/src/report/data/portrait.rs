//! How the members of a class or a segment differ from everyone else of their subject.

/// Sums over the members, and what sets them apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Portrait {
    /// Their orders together; with their revenue it gives the mean order.
    pub n_orders: Option<u64>,
    /// Half of those of them who have ordered did so within so many days.
    pub median_days_since_last_order: Option<f64>,
    /// Everything that could set them apart, in any order: what is worth a word is decided later.
    pub differences: Vec<Difference>,
}

/// A trait of the members beside the same trait of everyone else of that subject.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Difference {
    /// Means of a number.
    Mean {
        /// The trait's or score's name.
        name: String,
        /// Its title.
        title: String,
        /// Its unit, as the definition states it: `days`, `share`, `currency`, …
        unit: Option<String>,
        /// The mean over the members of whom it is known.
        mean: f64,
        /// The mean over everyone else of whom it is known.
        mean_of_rest: f64,
        /// The standard deviation over members and the rest together.
        deviation: f64,
        /// Members of whom it is known.
        n_known: u64,
        /// Everyone else of whom it is known.
        n_known_of_rest: u64,
    },
    /// Shares of one class of another segmentation, of those who are in any named class of it.
    Share {
        /// The other segmentation's name.
        name: String,
        /// Its title.
        title: String,
        /// The class's title.
        class: String,
        /// The share of the members, from 0 to 1.
        share: f64,
        /// The share of everyone else.
        share_of_rest: f64,
        /// Members who are in a named class of it.
        n_known: u64,
        /// Everyone else who is in a named class of it.
        n_known_of_rest: u64,
    },
}
