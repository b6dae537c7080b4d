//! What a model's files are refused for.

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} {reason}; hint: give the files of all-MiniLM-L6-v2, or of a model that is built like it")]
pub struct EmbedError {
    /// Which file.
    pub file: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl EmbedError {
    pub(super) fn new(file: &'static str, reason: impl Into<String>) -> EmbedError {
        EmbedError { file, reason: reason.into() }
    }
}
