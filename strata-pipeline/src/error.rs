//! The one error of the pipeline: a code that faces translate, what failed, why, and what to do about it.

use std::error::Error as StdError;
use std::fmt;

use strata_lake::LakeError;
use strata_lake::datafusion::error::DataFusionError;
use strata_spec::error::{ErrorCode, SpecError};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An operation that failed. `Display` names the operation and its object; the cause is the source, and is printed
/// once, at the edge.
#[derive(Debug)]
pub struct Error {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a kind, with what failed.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Error {
        Error { code, message: message.into(), hint: None, source: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause. A cause that says the disk is full, or that a resource limit was reached, decides the code.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        let cause = cause.into();
        if let Some(code) = code_of_cause(cause.as_ref()) {
            self.code = code;
            self.hint = self.hint.or_else(|| hint_of_code(code).map(str::to_owned));
        }
        self.source = Some(cause);
        self
    }

    /// Several faults of definitions as one error, which shows them all.
    pub fn of_definitions(mut errors: Vec<SpecError>) -> Error {
        // A condition may be looked at more than once, as a whole and clause by clause.
        let mut said: Vec<SpecError> = Vec::with_capacity(errors.len());
        errors.retain(|error| {
            let is_new = !said.contains(error);
            said.extend(is_new.then(|| error.clone()));
            is_new
        });
        let hint = match errors.as_slice() {
            [only] => only.hint.clone(),
            _ => None,
        };
        let shown: Vec<String> = errors
            .iter()
            .map(|error| match (&error.hint, errors.len()) {
                (Some(hint), 2..) => format!("{error}\n  hint: {hint}"),
                _ => error.to_string(),
            })
            .collect();
        Error { code: ErrorCode::InvalidDefinition, message: shown.join("\n"), hint, source: None }
    }

    /// What kind of failure it is.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// Says what was being done when a lower error came up.
pub(crate) trait Context<T> {
    /// Names the operation and its object.
    fn context(self, message: impl Into<String>) -> Result<T>;
}

impl<T> Context<T> for std::result::Result<T, DataFusionError> {
    fn context(self, message: impl Into<String>) -> Result<T> {
        self.map_err(|error| Error::new(ErrorCode::Internal, message).caused_by(error))
    }
}

impl<T> Context<T> for std::result::Result<T, LakeError> {
    fn context(self, message: impl Into<String>) -> Result<T> {
        self.map_err(|error| Error::new(ErrorCode::Storage, message).caused_by(error))
    }
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, message: impl Into<String>) -> Result<T> {
        self.map_err(|error| Error::new(ErrorCode::Storage, message).caused_by(error))
    }
}

impl From<SpecError> for Error {
    fn from(error: SpecError) -> Error {
        Error::of_definitions(vec![error])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

fn code_of_cause(cause: &(dyn StdError + 'static)) -> Option<ErrorCode> {
    let mut next = Some(cause);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
            if matches!(io.kind(), StorageFull | FileTooLarge | QuotaExceeded) {
                return Some(ErrorCode::StorageFull);
            }
        }
        if let Some(DataFusionError::ResourcesExhausted(_)) = error.downcast_ref::<DataFusionError>() {
            return Some(ErrorCode::ResourceLimit);
        }
        next = error.source();
    }
    None
}

fn hint_of_code(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::StorageFull => {
            Some("free some space and run again; the lake still holds the last complete run")
        }
        ErrorCode::ResourceLimit => Some("raise the limit with --memory, or close other programs"),
        _ => None,
    }
}
