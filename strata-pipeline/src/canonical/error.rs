//! What stops the stage: a mapping or setting that cannot be used, or a query that fails.

use strata_lake::datafusion::error::DataFusionError;
use strata_spec::error::SpecError;

/// An error of this stage.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// The manifest and the data do not fit each other.
    #[error(transparent)]
    Definition(#[from] SpecError),
    /// The engine could not plan or run a query.
    #[error("cannot {operation}")]
    Query {
        /// What was to be done, with its object.
        operation: String,
        /// Why it could not.
        #[source]
        source: Box<DataFusionError>,
    },
}

/// The result of this stage's functions.
pub type Result<T> = std::result::Result<T, CanonicalError>;

/// Adds to an engine's error what was to be done.
pub(crate) trait While<T> {
    /// Names the operation, as in "cannot *read orders of source `shop`*".
    fn operation(self, operation: impl FnOnce() -> String) -> Result<T>;
}

impl<T> While<T> for std::result::Result<T, DataFusionError> {
    fn operation(self, operation: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| CanonicalError::Query { operation: operation(), source: Box::new(source) })
    }
}
