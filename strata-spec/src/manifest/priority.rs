//! Reads `[identity.priority.…]`: whose word counts first for single columns of customers and companies.

use super::Source;
use crate::definition::Properties;
use crate::document::{Entry, Errors, Section, listed, suggestion};
use crate::name::SourceName;
use crate::table::{Subject, Table};

/// The sources whose word counts first for one column, before the others in the manifest's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priority {
    /// The table of customers or of companies.
    pub table: Table,
    /// One of its columns, or a property declared for it.
    pub column: String,
    /// The sources, the first first.
    pub sources: Vec<SourceName>,
}

/// The priorities under `[identity]`. Each source named has to say something of the column.
pub(super) fn priorities(
    section: &Section,
    sources: &[Source],
    properties: &Properties,
    errors: &mut Errors,
) -> Vec<Priority> {
    let tables = Subject::ALL.map(|subject| (subject.as_str(), subject));
    let Some(priority) = section.get("priority").and_then(|entry| entry.section(errors)) else {
        return Vec::new();
    };
    priority.only(&tables.map(|(name, _)| name), errors);
    let mut found = Vec::new();
    for (name, subject) in tables {
        let Some(section) = priority.get(name).and_then(|entry| entry.section(errors)) else { continue };
        let columns = columns(subject, properties);
        for entry in section.entries() {
            if !columns.contains(&entry.name.as_str()) {
                let hint = suggestion(&entry.name, columns.iter().copied(), || {
                    format!("the columns are {}", listed(columns.iter().copied(), "and"))
                });
                let message = format!("{subject} have no column `{}` that sources can differ in", entry.name);
                errors.push(entry.key().error(message, hint));
                continue;
            }
            let listed = listed_sources(&entry, subject.table(), sources, errors);
            found.push(Priority { table: subject.table(), column: entry.name, sources: listed });
        }
    }
    found
}

/// What sources can say differently of one subject: everything but its id.
fn columns(subject: Subject, properties: &Properties) -> Vec<&str> {
    let own = subject.table().columns().iter().map(|column| column.name);
    let declared = properties.get(&subject.table()).into_iter().flatten().map(|(name, _)| name.as_str());
    own.chain(declared).filter(|name| *name != subject.id_column()).collect()
}

fn listed_sources(entry: &Entry, table: Table, sources: &[Source], errors: &mut Errors) -> Vec<SourceName> {
    let maps = |source: &&Source| {
        let mut mappings = source.tables.iter().filter(|mapping| mapping.table == table);
        mappings.any(|mapping| mapping.columns.iter().any(|(name, _)| *name == entry.name))
    };
    let able: Vec<&str> = sources.iter().filter(maps).map(|source| source.name.as_str()).collect();
    let mut found = Vec::new();
    for text in entry.texts(errors) {
        match sources.iter().find(|source| source.name.as_str() == text.value) {
            Some(source) if able.contains(&source.name.as_str()) => found.push(source.name.clone()),
            Some(source) => errors.push(text.error(
                format!("source `{}` says nothing of `{table}.{}`", source.name, entry.name),
                format!("the sources that map it: {}", listed(able.iter().copied(), "and")),
            )),
            None => {
                let hint = suggestion(&text.value, able.iter().copied(), || {
                    format!("the sources that map it: {}", listed(able.iter().copied(), "and"))
                });
                errors.push(text.error(format!("there is no source `{}`", text.value), hint));
            }
        }
    }
    found
}
