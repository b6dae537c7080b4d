//! What was found, in the language, and names for it.

use std::collections::BTreeSet;

use strata_models::cluster::rules::{Condition as Found, Test};
use strata_models::subgroup::Subgroup;
use strata_spec::condition::Condition;

use super::Ask;
use super::feature::{Feature, FeatureKind};
use super::goal::Goal;
use super::observe::YES;
use crate::error::Result;
use crate::preview::refused;
use crate::project::Project;

/// A group as a segment.
#[derive(Debug, Clone)]
pub(super) struct Worded {
    pub(super) name: String,
    /// With who can reach the goal.
    pub(super) full: Condition,
    /// Without, which may be the same.
    pub(super) short: Condition,
}

/// Names are that long at most, with room for a number.
const LONGEST: usize = 60;

/// Says all groups as segments, each with a name that nothing else has.
///
/// # Errors
/// When a condition cannot be read back, which would be a defect.
pub(super) fn all(
    groups: &[Subgroup],
    features: &[Feature],
    goal: &Goal,
    ask: &Ask,
    project: &Project,
) -> Result<Vec<Worded>> {
    let definitions = &project.manifest.definitions;
    let segments = definitions.segments.keys().map(ToString::to_string);
    let segmentations = definitions.segmentations.keys().map(ToString::to_string);
    let mut taken: BTreeSet<String> = segments.chain(segmentations).collect();
    let population = goal.population.as_ref().map(|population| population.text(ask.subject));
    let mut worded = Vec::with_capacity(groups.len());
    for group in groups {
        let clauses: Vec<String> = group.conditions.iter().map(|found| clause(found, features)).collect();
        let among = ask.among.as_ref().map(|among| format!("({among})"));
        let read = |clauses: Vec<String>| {
            let text = clauses.join(" and ");
            let properties = &project.manifest.properties;
            let read = definitions.read_condition(&text, ask.subject, properties);
            read.map_err(|faults| refused(project, &text, faults))
        };
        let short: Vec<String> = among.into_iter().chain(clauses).collect();
        let full: Vec<String> = population.iter().cloned().chain(short.iter().cloned()).collect();
        let base = name(&group.conditions, features);
        let mut free = base.clone();
        for n in 2.. {
            if taken.insert(free.clone()) {
                break;
            }
            free = format!("{base}_{n}");
        }
        worded.push(Worded { name: free, full: read(full)?, short: read(short)? });
    }
    Ok(worded)
}

fn is_truth(found: &Found, features: &[Feature]) -> bool {
    features.iter().any(|feature| feature.name == found.column && feature.kind == FeatureKind::Truth)
}

fn clause(found: &Found, features: &[Feature]) -> String {
    let column = &found.column;
    match &found.test {
        Test::Below(bound) => format!("{column} < {bound}"),
        Test::AtLeast(bound) => format!("{column} >= {bound}"),
        Test::In(values) if is_truth(found, features) => {
            if values.iter().any(|value| value == YES) {
                column.clone()
            } else {
                format!("not {column}")
            }
        }
        Test::In(values) => {
            let values: Vec<String> =
                values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
            match values.as_slice() {
                [value] => format!("{column} = {value}"),
                values => format!("{column} in ({})", values.join(", ")),
            }
        }
    }
}

/// A name made of the conditions: `n_orders_from_3_and_main_channel_web`.
fn name(conditions: &[Found], features: &[Feature]) -> String {
    let parts = conditions.iter().map(|found| match &found.test {
        Test::Below(bound) => format!("{} below {bound}", found.column),
        Test::AtLeast(bound) => format!("{} from {bound}", found.column),
        Test::In(values) if is_truth(found, features) => {
            let is_so = values.iter().any(|value| value == YES);
            if is_so { found.column.clone() } else { format!("not {}", found.column) }
        }
        Test::In(values) => format!("{} {}", found.column, values.join(" ")),
    });
    // What does not fit is left out whole: half a number would be another.
    let mut name = String::new();
    for part in parts.map(|part| plain(&part)) {
        let longer = if name.is_empty() { part } else { format!("{name}_and_{part}") };
        if longer.len() > LONGEST && !name.is_empty() {
            break;
        }
        name = longer;
    }
    name.truncate(LONGEST);
    // A column that a project declares may begin with what a name may not.
    if name.starts_with(|first: char| first.is_ascii_lowercase()) {
        name
    } else {
        format!("s_{name}").chars().take(LONGEST).collect()
    }
}

/// A text in the letters of a name.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for each in text.replace(" -", " minus ").to_lowercase().chars() {
        if each.is_ascii_alphanumeric() || each == '_' {
            name.push(each);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use strata_spec::condition::Term;
    use strata_spec::table::Subject;

    #[test]
    fn conditions_and_names_are_the_languages() {
        let feature = |name: &str, kind| Feature {
            name: name.to_owned(),
            term: Term::parse(name, Subject::Customers).unwrap(),
            kind,
        };
        let features = [
            feature("n_orders", FeatureKind::Number),
            feature("has_children", FeatureKind::Truth),
            feature("main_channel", FeatureKind::Text),
        ];
        let found = |column: &str, test| Found { column: column.to_owned(), test, or_missing: false };
        let cases = [
            (found("n_orders", Test::AtLeast(3.0)), "n_orders >= 3", "n_orders_from_3"),
            (found("n_orders", Test::Below(-0.5)), "n_orders < -0.5", "n_orders_below_minus_0_5"),
            (found("has_children", Test::In(vec!["yes".into()])), "has_children", "has_children"),
            (found("has_children", Test::In(vec!["no".into()])), "not has_children", "not_has_children"),
            (
                found("main_channel", Test::In(vec!["L'été".into()])),
                "main_channel = 'L''été'",
                "main_channel_l_t",
            ),
        ];
        for (found, text, expected) in &cases {
            assert_eq!(clause(found, &features), *text);
            assert_eq!(name(std::slice::from_ref(found), &features), *expected);
            assert!(Condition::parse(text, Subject::Customers).is_ok(), "{text}");
        }
        let all: Vec<Found> = cases.iter().map(|(found, ..)| found.clone()).collect();
        let long = name(&all, &features);
        assert_eq!(long, "n_orders_from_3_and_n_orders_below_minus_0_5");
    }
}
