//! One finding of a tidy check, printed as one line that an editor can jump to.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) what: String,
    /// The rule, and what it is good for.
    pub(crate) why: &'static str,
    /// What to do instead.
    pub(crate) hint: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, what, why, hint } = self;
        write!(f, "{path}:{line}: {what}; {why}; {hint}")
    }
}

/// The form in which the tests of the checks state their expectations: `path:line: what`.
#[cfg(test)]
pub(crate) fn places(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|v| format!("{}:{}: {}", v.path, v.line, v.what)).collect()
}
