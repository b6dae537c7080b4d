//! In which space each source's customer ids are unique, and what these spaces are called.
//!
//! An export of a known system says whose ids it holds. Of two other files the values decide: what occurs in both is
//! likely to mean the same, unless both merely count from one.

use super::draft::{Draft, names_in};
use super::group::values;
use super::identity::part;
use super::unknown::OWN_SPACE;
use super::values::{Shared, ValueSample};
use super::words::tokens;
use super::{Explained, FileSample};

/// The space of a source's customer ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Space {
    /// What the ids are, in words.
    pub(super) title: String,
    /// What it is called in the manifest.
    name: String,
    /// How many sources have ids of it.
    pub(super) n_sources: usize,
    /// Why the source's ids are taken for ids of it.
    pub(super) why: Option<String>,
}

impl Space {
    /// The space of full names.
    pub(super) fn of_names(n_sources: usize) -> Space {
        Space { title: "full name".to_owned(), name: "name".to_owned(), n_sources, why: None }
    }
}

/// Columns of small numbers are one space only where so many of the smaller one's values are shared.
const SHARED_COUNTED: f64 = 0.8;
/// Of long or lettered ids so many are enough, since they do not meet by chance.
const SHARED_OTHERS: f64 = 0.02;

/// The space of each draft's own ids; none for drafts without.
pub(super) fn spaces(files: &[FileSample], drafts: &[Draft]) -> Vec<Option<Space>> {
    let columns: Vec<Option<IdColumn>> = drafts.iter().map(|draft| IdColumn::of(files, draft)).collect();
    let mut group_of: Vec<usize> = (0..drafts.len()).collect();
    let mut reasons: Vec<Option<String>> = vec![None; drafts.len()];
    // Lists of customers first, so that the others are compared with them.
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|&at| !drafts[at].is_list());
    for (n_before, &at) in order.iter().enumerate() {
        let Some(column) = &columns[at] else { continue };
        for &before in &order[..n_before] {
            let Some(earlier) = &columns[before] else { continue };
            let (mine, theirs) = (group_of[at], group_of[before]);
            let vendors = |group: usize| {
                let members = columns.iter().zip(&group_of).filter(move |(_, each)| **each == group);
                members.flat_map(|(column, _)| column).find_map(|column| column.vendor)
            };
            let two_systems =
                matches!((vendors(mine), vendors(theirs)), (Some(one), Some(other)) if one != other);
            if mine == theirs || two_systems {
                continue;
            }
            let Some(reason) = column.is_of(earlier, &drafts[before], files) else { continue };
            reasons[at] = reasons[at].take().or(reason);
            group_of.iter_mut().filter(|each| **each == mine).for_each(|each| *each = theirs);
        }
    }
    let group = |at: usize| {
        let members = order.iter().copied();
        members.filter(|&each| columns[each].is_some() && group_of[each] == group_of[at]).collect::<Vec<_>>()
    };
    let is_first = |at: usize| columns[at].is_some() && group(at).first() == Some(&at);
    let n_spaces = (0..drafts.len()).filter(|&at| is_first(at)).count();
    let space = |at: usize| {
        columns[at].as_ref()?;
        let members = group(at);
        let system = members.iter().find_map(|&each| columns[each].as_ref()?.vendor);
        let first = members.first().map_or(at, |&first| first);
        let title = match system {
            Some(system) => system.to_owned(),
            None if n_spaces == 1 => OWN_SPACE.to_owned(),
            None => format!("{OWN_SPACE} of {}", paths(files, &drafts[first])),
        };
        let name = match system {
            Some(system) => plain(&system.split(' ').next().unwrap_or_default().to_lowercase()),
            None => plain(&super::project::common_stem(&file_paths(files, &drafts[first]))),
        };
        Some(Space { title, name, n_sources: members.len(), why: reasons[at].clone() })
    };
    (0..drafts.len()).map(space).collect()
}

/// Gives each source of customers the namespace of its ids, where there are ids of more than one space. Sources that know
/// customers by something else are given the first one's: an address is no id of any system.
pub(super) fn name_spaces(drafts: &mut [Draft]) {
    let mut titles: Vec<(String, String)> = Vec::new();
    for space in drafts.iter().filter(|draft| draft.maps_customers()).filter_map(|draft| draft.space.as_ref())
    {
        if !titles.iter().any(|(title, _)| *title == space.title) {
            let taken = |name: &String| titles.iter().any(|(_, other)| other == name);
            let numbered = (2..).map(|number| format!("{}_{number}", space.name));
            let name = std::iter::once(space.name.clone()).chain(numbered).find(|name| !taken(name));
            titles.extend(name.map(|name| (space.title.clone(), name)));
        }
    }
    let [(_, first), _, ..] = titles.as_slice() else { return };
    for draft in drafts.iter_mut().filter(|draft| draft.maps_customers()) {
        let title = draft.space.as_ref().map(|space| space.title.as_str());
        let named = titles.iter().find(|(each, _)| Some(each.as_str()) == title);
        draft.namespace = Some(match named {
            Some((title, name)) => {
                Explained { value: name.clone(), why: format!("what makes its ids unique: the {title}") }
            }
            None => Explained {
                value: first.clone(),
                why: "it has no ids of its own; its e-mail addresses and the like are none of any system"
                    .to_owned(),
            },
        });
    }
}

/// The column in which a draft's own ids stand.
struct IdColumn {
    header: String,
    values: ValueSample,
    /// What the ids are, where the file is a known system's.
    vendor: Option<&'static str>,
}

impl IdColumn {
    fn of(files: &[FileSample], draft: &Draft) -> Option<IdColumn> {
        let (space, key) = draft.keys.own.as_ref().filter(|_| !draft.tables.is_empty())?;
        let header = names_in(&key.source).into_iter().next()?;
        let mut sample = ValueSample::default();
        for file in draft.files.iter().map(|&index| &files[index]) {
            if let Some(at) = file.columns.iter().position(|column| *column == header) {
                sample.merge(&values(file, at));
            }
        }
        Some(IdColumn { header, values: sample, vendor: system(space) })
    }

    /// Whether the ids are of one space with those of an earlier draft, and why.
    fn is_of(&self, earlier: &IdColumn, draft: &Draft, files: &[FileSample]) -> Option<Option<String>> {
        if let (Some(mine), Some(theirs)) = (self.vendor, earlier.vendor) {
            return (mine == theirs).then_some(None);
        }
        let Shared { n, of } = self.values.shared(&earlier.values);
        let same_header = tokens(&self.header) == tokens(&earlier.header);
        let counted = self.values.is_counted() && earlier.values.is_counted();
        let enough = if counted && !same_header { SHARED_COUNTED } else { SHARED_OTHERS };
        if n > 0 && n as f64 >= enough * of as f64 {
            let paths = paths(files, draft);
            return Some(Some(format!("{} ids compared occur in {paths} too", part(n, of))));
        }
        let alike = n == 0 && same_header && self.values.resembles(&earlier.values);
        alike.then(|| {
            Some(format!(
                "taken for one because {} heads a column of {} too",
                self.header,
                paths(files, draft)
            ))
        })
    }
}

/// The name of the system's ids, unless the space is open.
fn system(space: &str) -> Option<&'static str> {
    let exports = strata_spec::vendor::exports().iter().flat_map(|export| &export.customer.own);
    exports.map(|own| own.space.as_str()).find(|each| *each == space && *each != OWN_SPACE)
}

fn file_paths<'a>(files: &'a [FileSample], draft: &Draft) -> Vec<&'a str> {
    draft.files.iter().map(|&index| files[index].path.as_str()).collect()
}

fn paths(files: &[FileSample], draft: &Draft) -> String {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    match file_paths(files, draft).as_slice() {
        [] => String::new(),
        [only] => name(only),
        [first, ..] => format!("{} and others", name(first)),
    }
}

/// A namespace's name: small letters, digits and `_`, and not what identifiers are called.
fn plain(text: &str) -> String {
    let mut name = tokens(text).join("_");
    name.retain(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    let name = name.trim_matches('_');
    match strata_spec::manifest::Identifier::parse(name) {
        _ if name.is_empty() => "source".to_owned(),
        Some(identifier) => format!("{identifier}_file"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn namespaces_are_plain_names() {
        for (text, expected) in [
            ("Shopify", "shopify"),
            ("Kunden Übersicht", "kunden_uebersicht"),
            ("email", "email_file"),
            ("顧客", "source"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
