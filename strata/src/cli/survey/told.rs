//! What a command tells of each of several things, or of the one that is named.

use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::spec::error::ErrorCode;

use super::super::output;
use super::super::segments::json;

/// Which of them, and how.
pub(super) struct Asked<'a> {
    /// The one; all unless given.
    pub(super) name: Option<&'a str>,
    /// Whether as JSON.
    pub(super) json: bool,
    /// How it begins to be said that there is none of a name, and which there are.
    pub(super) refusal: [&'a str; 2],
}

impl Asked<'_> {
    /// Tells them one after the other, or as a JSON list.
    pub(super) fn tell<T>(
        &self,
        mut all: Vec<T>,
        name_of: impl Fn(&T) -> &str,
        in_json: impl Fn(&[T]) -> serde_json::Result<Value>,
        show: impl Fn(&T, Option<usize>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(name) = self.name {
            let known: Vec<String> = all.iter().map(|one| format!("`{}`", name_of(one))).collect();
            all.retain(|one| name_of(one) == name);
            if all.is_empty() {
                let [none, there_are] = self.refusal;
                return Err(Error::new(ErrorCode::NotFound, format!("{none} `{name}`"))
                    .with_hint(format!("{there_are} {}", known.join(", "))));
            }
        }
        if self.json {
            return json(&in_json(&all).map_err(|error| {
                Error::new(ErrorCode::Internal, "cannot write down what was found").caused_by(error)
            })?);
        }
        let width = output::width();
        for (place, one) in all.iter().enumerate() {
            if place > 0 {
                output::line("")?;
            }
            show(one, width)?;
        }
        Ok(())
    }
}
