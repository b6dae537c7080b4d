//! Reads `[personas]`: what descriptions of segments take from the project besides its data.

use crate::document::{Errors, Section};

/// What personas of the project rest on besides its data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Personas {
    /// The file with the project's own guidelines, relative to the manifest's folder.
    pub guidelines: Option<String>,
}

/// The key that names the file of guidelines, as errors about it call it.
pub const GUIDELINES: &str = "personas.guidelines";

pub(super) fn personas(section: &Section, errors: &mut Errors) -> Personas {
    section.only(&["guidelines"], errors);
    let Some(file) = section.text("guidelines", errors) else { return Personas::default() };
    // Every TOML file there is read as one of definitions.
    if file.value.trim_start_matches("./").starts_with("segments/") {
        let hint = "keep it beside strata.toml, as `guidelines.toml`: files under `segments/` hold definitions alone";
        errors.push(file.error(format!("`{}` would be read as definitions", file.value), hint));
    }
    Personas { guidelines: Some(file.value) }
}

#[cfg(test)]
mod tests {
    use crate::manifest::trial::read;

    fn parse(text: &str) -> Result<Option<String>, String> {
        read(text, |manifest| manifest.personas.guidelines)
    }

    #[test]
    fn a_project_names_its_file_of_guidelines() {
        assert_eq!(parse(""), Ok(None));
        assert_eq!(parse("[personas]"), Ok(None));
        assert_eq!(parse("[personas]\nguidelines = \"own.toml\""), Ok(Some("own.toml".to_owned())));
        for (text, told) in [
            (
                "[personas]\nguideline = \"own.toml\"",
                "4:1: unknown key `guideline` in [personas] | did you mean `guidelines`?",
            ),
            (
                "[personas]\nguidelines = true",
                "4:14: `personas.guidelines` must be a text, not true | write it in quotes: `\"…\"`",
            ),
            (
                "[personas]\nguidelines = \"./segments/own.toml\"",
                "4:14: `./segments/own.toml` would be read as definitions | keep it beside strata.toml, as `guidelines.toml`: files under `segments/` hold definitions alone",
            ),
        ] {
            assert_eq!(parse(text), Err(told.to_owned()));
        }
    }
}
