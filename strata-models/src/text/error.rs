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
}
