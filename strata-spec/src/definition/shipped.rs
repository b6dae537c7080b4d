//! The definitions that come with Strata: the files of `shipped/`, compiled in.

use std::sync::LazyLock;

use super::{Definitions, Origin, Parsed, Properties, check, parse};
use crate::document::{Document, Errors, Section};
use crate::error::SpecError;

/// Every file of `shipped/`, by the name that errors call it by.
const FILES: &[(&str, &str)] = &[
    ("shipped/demographic.toml", include_str!("../../shipped/demographic.toml")),
    ("shipped/geographic.toml", include_str!("../../shipped/geographic.toml")),
    ("shipped/firmographic.toml", include_str!("../../shipped/firmographic.toml")),
    ("shipped/behavioural.toml", include_str!("../../shipped/behavioural.toml")),
    ("shipped/journey.toml", include_str!("../../shipped/journey.toml")),
    ("shipped/value.toml", include_str!("../../shipped/value.toml")),
];

impl Definitions {
    /// The definitions that come with Strata. They are an error only where their files are wrong, which a test rules out.
    pub fn shipped() -> Result<&'static Definitions, Vec<SpecError>> {
        static DEFINITIONS: LazyLock<Result<Definitions, Vec<SpecError>>> =
            LazyLock::new(|| shipped().map(|parsed| Definitions::collect(parsed.to_vec())));
        DEFINITIONS.as_ref().map_err(Clone::clone)
    }
}

/// The shipped definitions with their texts, for a project to be laid over.
pub(crate) fn shipped() -> Result<&'static [Parsed<'static>], Vec<SpecError>> {
    static PARSED: LazyLock<Result<Vec<Parsed<'static>>, Vec<SpecError>>> = LazyLock::new(|| read(FILES));
    PARSED.as_deref().map_err(Clone::clone)
}

/// Reads files of shipped definitions, which may speak of canonical columns and of each other only.
pub(crate) fn read<'d>(files: &[(&'d str, &'d str)]) -> Result<Vec<Parsed<'d>>, Vec<SpecError>> {
    let (mut parsed, mut errors) = (Vec::new(), Errors::new());
    let properties = Properties::new();
    for (file, text) in files {
        let document = Document { file, text };
        if let Some(table) = document.parse(&mut errors) {
            let root = Section::root(document, table.get_ref());
            root.only(&super::FAMILIES.map(|(section, _)| section), &mut errors);
            parse::parse(&root, Origin::Shipped, &properties, &mut parsed, &mut errors);
        }
    }
    check::check(&parsed, &properties, &mut errors);
    if errors.is_empty() { Ok(parsed) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_definitions_are_sound() {
        let errors = Definitions::shipped().err().unwrap_or_default();
        let messages: Vec<String> =
            errors.iter().map(|error| format!("{error} ({:?})", error.hint)).collect();
        assert!(messages.is_empty(), "{}", messages.join("\n"));
    }
}
