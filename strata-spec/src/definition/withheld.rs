//! What may be told of groups and never of a person: no score, segment or class may hang on it. Feelings pass, and some traits say
//! something of somebody's health; whoever is addressed for them is addressed for a weakness.

use std::collections::BTreeSet;

use super::{Family, Parsed};
use crate::condition::references::Reference;
use crate::document::Errors;
use crate::manifest::Survey;

const HINT: &str = "report its mean per segment instead, as `strata sql \"select avg(…) from profile\"` does; no person is told apart by it";

/// Adds an error for every score, segment and segmentation that hangs on what is of groups only, also through traits of the project.
pub(crate) fn check(all: &[Parsed], surveys: &[Survey], errors: &mut Errors) {
    let mut withheld = BTreeSet::new();
    let mut of_surveys = BTreeSet::new();
    for survey in surveys {
        of_surveys.insert(survey.state());
        for (scale, name) in survey.scales() {
            if survey.is_of_groups_only(scale) {
                withheld.insert(name.clone());
            }
            of_surveys.insert(name);
        }
    }
    let uses = |parsed: &Parsed, withheld: &BTreeSet<String>| {
        parsed.parts.iter().flat_map(|part| &part.references).any(|(reference, _)| is_in(withheld, reference))
    };
    // A trait that is made of it is of groups only as well; whether a survey was answered is not.
    loop {
        let more = all.iter().filter(|parsed| {
            let name = &parsed.name.value;
            parsed.family == Family::Trait && !of_surveys.contains(name) && !withheld.contains(name)
        });
        let more: Vec<String> =
            more.filter(|parsed| uses(parsed, &withheld)).map(|parsed| parsed.name.value.clone()).collect();
        if more.is_empty() {
            break;
        }
        withheld.extend(more);
    }
    for parsed in all.iter().filter(|parsed| parsed.family != Family::Trait) {
        for part in &parsed.parts {
            let wrong = part.references.iter().find(|(reference, _)| is_in(&withheld, reference));
            if let Some((Reference::Subject(name), at)) = wrong {
                let message = format!(
                    "the {} `{}` cannot hang on `{name}`, which is told of groups and never of a person",
                    parsed.family.word(),
                    parsed.name.value
                );
                errors.push(part.text.inner_error(at.0, &message, Some(HINT.to_owned())));
            }
        }
    }
}

fn is_in(withheld: &BTreeSet<String>, reference: &Reference) -> bool {
    matches!(reference, Reference::Subject(name) if withheld.contains(name))
}

#[cfg(test)]
mod tests {
    use crate::manifest::Manifest;

    /// The faults of a project that asks how people felt, with these definitions.
    fn faults(definitions: &str) -> Vec<String> {
        let text = format!(
            "[project]\ntitle = \"T\"\n[surveys.traits]\ninstrument = \"traits-adjectives-40\"\n[surveys.feelings]\ninstrument = \"core-affect-12-cc0\"\n{definitions}"
        );
        match Manifest::parse(&[("strata.toml".to_owned(), text)]) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn nobody_is_told_apart_by_feelings_or_neuroticism() {
        for (definitions, message) in [
            (
                "[segments.tense]\nwhere = \"traits_neuroticism >= 4\"\n",
                "the segment `tense` cannot hang on `traits_neuroticism`",
            ),
            (
                "[traits.tension]\nvalue = \"traits_neuroticism * 2\"\n[segments.tense]\nwhere = \"tension >= 8\"\n",
                "the segment `tense` cannot hang on `tension`",
            ),
            (
                "[scores.tension]\nby = \"traits_neuroticism\"\ntiles = 4\n",
                "the score `tension` cannot hang on `traits_neuroticism`",
            ),
            (
                "[segmentations.mood]\nlayer = \"psychometric\"\nmodel = \"kmeans\"\nfeatures = [\"traits_neuroticism\", \"traits_extraversion\"]\n",
                "cannot hang on `traits_neuroticism`",
            ),
        ] {
            let found = faults(definitions);
            assert!(found.iter().any(|fault| fault.contains(message)), "{message} is not in {found:?}");
        }
    }

    #[test]
    fn whoever_answered_and_other_scales_may_be_told_apart() {
        let found = faults(
            "[segments.asked]\nwhere = \"feelings_state = 'measured'\"\n[segments.outgoing]\nwhere = \"traits_extraversion >= 4\"\n",
        );
        assert!(found.is_empty(), "{found:?}");
    }
}
