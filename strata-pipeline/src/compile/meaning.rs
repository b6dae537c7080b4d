//! What a run notes of what its profile's columns mean, so that whoever reads them later knows which ones still mean it.
//!
//! A figure's column is named by the hash of its text; a trait's is not, and both depend on the project's calendar and on the compiler.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Program;
use crate::project::Project;

/// The fact of the stage `profile` that holds it.
pub(crate) const MEANING: &str = "meaning";

/// What the profiles of programs mean.
pub(crate) fn meaning(project: &Project, programs: &[Program]) -> Value {
    let traits = programs.iter().flat_map(Program::trait_names);
    let version = |name| project.manifest.definitions.traits.get(name).map(|known| &known.header.version.0);
    let traits: BTreeMap<&str, &String> = traits.filter_map(|name| Some((name, version(name)?))).collect();
    json!({
        "compiler": COMPILER,
        "timezone": project.timezone.name(),
        "fiscal_year_start": project.manifest.fiscal_year_start,
        "traits": traits,
    })
}

/// What a profile's columns meant when they were stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Whether a figure of the same text is the same figure still.
    pub(crate) figures_last: bool,
    /// The version of each trait.
    pub(crate) traits: BTreeMap<String, String>,
}

impl Meaning {
    /// Reads what a run noted; of a run that noted nothing, nothing lasts.
    pub(crate) fn read(project: &Project, fact: Option<&Value>) -> Meaning {
        let Some(fact) = fact else { return Meaning::default() };
        let is = |key: &str, now: Value| fact.get(key) == Some(&now);
        let traits = fact.get("traits").cloned().and_then(|traits| serde_json::from_value(traits).ok());
        Meaning {
            figures_last: is("compiler", COMPILER.into())
                && is("timezone", project.timezone.name().into())
                && is("fiscal_year_start", project.manifest.fiscal_year_start.into()),
            traits: traits.unwrap_or_default(),
        }
    }
}

/// The compiler is as old as the program it is part of.
const COMPILER: &str = env!("CARGO_PKG_VERSION");
