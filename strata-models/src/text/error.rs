//! What the reading of texts refuses, each with the place, the reason and what to do.

/// Why texts cannot be read, learned from or grouped.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TextError {
    /// A line of a lexicon that is not a term and what it means.
    #[error("{lexicon}, line {line}: {reason}; hint: write a term, a tab and {expected}")]
    Lexicon {
        /// Which lexicon.
        lexicon: &'static str,
        /// The line, from 1.
        line: usize,
        /// Why not.
        reason: &'static str,
        /// What stands behind the tab.
        expected: &'static str,
    },
    /// There is nothing to read.
    #[error("there are no texts with words; hint: give texts of two letters and more")]
    NoWords,
    /// Two lists that belong together have unequal lengths.
    #[error("there are {found} {what} where there are {expected} texts; hint: give each text one")]
    Lengths {
        /// What there should be one of for each text.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many texts.
        expected: usize,
    },
    /// A text has no label.
    #[error("text {place} has an empty label; hint: label it, or leave it out")]
    EmptyLabel {
        /// The text, from 0.
        place: usize,
    },
    /// There is nothing to tell apart.
    #[error("all texts have the label `{class}`; hint: give texts of two classes or more")]
    OneClass {
        /// The class.
        class: String,
    },
    /// A class has too few labels to learn from.
    #[error(
        "class `{class}` has {found} labels of at least {needed}; hint: label more texts, or join it with another class"
    )]
    TooFewLabels {
        /// The class.
        class: String,
        /// How many labels it has.
        found: usize,
        /// How many it needs.
        needed: usize,
    },
    /// Too few texts.
    #[error("{what} needs at least {needed} texts and there are {found}; hint: collect more")]
    TooFewTexts {
        /// What needs them.
        what: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// A point of a text that is nowhere.
    #[error("a text's point has a number that is none; hint: check the model's files")]
    NoNumber,
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
    /// A kept model does not hold together.
    #[error("the classifier's {what} are {found}, not {expected}; hint: train it again")]
    Model {
        /// Which part.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A classifier is given what it does not look at.
    #[error("the classifier looks at {looks_at} and is given {given}; hint: train it again")]
    Features {
        /// What it looks at.
        looks_at: &'static str,
        /// What it is given.
        given: &'static str,
    },
    /// There are no stop words of a language.
    #[error(
        "there are no stop words of the language `{language}`; hint: give a two-letter code such as `en`"
    )]
    Language {
        /// The language as given.
        language: String,
    },
    /// The texts could not be clustered.
    #[error("cannot find topics")]
    Cluster(#[from] crate::cluster::error::ClusterError),
}
