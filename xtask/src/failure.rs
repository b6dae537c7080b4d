//! What can go wrong before a check has anything to say.

use std::io;
use std::path::PathBuf;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot {doing} {}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("cannot run `{command}`")]
    Start {
        command: String,
        #[source]
        cause: io::Error,
    },
    #[error("`{command}` failed: {stderr}")]
    Command { command: String, stderr: String },
    #[error("cannot read {path} as TOML")]
    Toml {
        path: String,
        #[source]
        cause: Box<toml::de::Error>,
    },
    #[error("cannot read the output of `{command}` as JSON")]
    Json {
        command: String,
        #[source]
        cause: serde_json::Error,
    },
    #[error("{path}: {expected} is missing")]
    Missing { path: String, expected: String },
}
