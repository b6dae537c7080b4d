//! From errors of Strata to exceptions of `strata.errors`: a class for each code, with the code and what to do about it.

use std::error::Error as StdError;
use std::fmt;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use strata_spec::error::ErrorCode;

/// What is wrong with data or an argument that Python handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    message: String,
    hint: Option<String>,
}

impl Refusal {
    /// What is wrong.
    pub(crate) fn new(message: impl Into<String>) -> Refusal {
        Refusal { message: message.into(), hint: None }
    }

    /// What a model refuses, whose text ends with what to do about it.
    pub(crate) fn of(error: &impl fmt::Display) -> Refusal {
        let text = error.to_string();
        match text.split_once("; hint: ") {
            Some((message, hint)) => Refusal::new(message).with_hint(hint),
            None => Refusal::new(text),
        }
    }

    /// Adds what to do about it.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Refusal {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl StdError for Refusal {}

impl From<Refusal> for PyErr {
    fn from(refusal: Refusal) -> PyErr {
        exception(ErrorCode::InvalidInput, &refusal, refusal.hint.as_deref())
    }
}

/// The exception for an error, its causes told in one text: Python shows a `__cause__` as a second traceback, and these
/// causes have none.
pub(crate) fn exception(code: ErrorCode, error: &dyn StdError, hint: Option<&str>) -> PyErr {
    let mut message = error.to_string();
    let mut said = message.clone();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        // Some libraries repeat their cause in their own text.
        if !said.contains(&text) {
            message.push_str(&format!("\n  caused by: {text}"));
            said = text;
        }
        cause = next.source();
    }
    Python::attach(|py| match instance(py, code, &message, hint) {
        Ok(error) => PyErr::from_value(error),
        Err(_) => PyRuntimeError::new_err(message),
    })
}

fn instance<'py>(
    py: Python<'py>,
    code: ErrorCode,
    message: &str,
    hint: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    py.import("strata.errors")?.getattr(class(code))?.call1((message, code.as_str(), hint))
}

/// The class of `strata.errors` for a code.
fn class(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidDefinition => "InvalidDefinitionError",
        ErrorCode::InvalidInput => "InvalidInputError",
        ErrorCode::NotFound => "NotFoundError",
        ErrorCode::Conflict => "ConflictError",
        ErrorCode::StorageFull => "StorageFullError",
        ErrorCode::Storage => "StorageError",
        ErrorCode::ResourceLimit => "ResourceLimitError",
        ErrorCode::Cancelled => "CancelledError",
        ErrorCode::CheckFailed => "CheckFailedError",
        ErrorCode::Internal => "InternalError",
    }
}
