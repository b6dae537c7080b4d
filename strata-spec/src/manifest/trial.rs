//! Manifests as tests write them: a project's least, and one section.

use super::Manifest;

/// What is read of a manifest with such a section, or its faults: the place, the message and the hint of each.
pub(super) fn read<T>(section: &str, of: impl Fn(Manifest) -> T) -> Result<T, String> {
    let text = format!("[project]\ntitle = \"T\"\n{section}\n");
    Manifest::parse(&[("strata.toml".to_owned(), text)]).map(of).map_err(|errors| {
        let told = errors.iter().map(|error| {
            let at = error.position.map(|at| format!("{}:{}: ", at.line, at.column));
            let hint = error.hint.as_deref().unwrap_or_default();
            format!("{}{} | {hint}", at.unwrap_or_default(), error.message)
        });
        told.collect::<Vec<_>>().join("\n")
    })
}
