//! What uses what: the definitions that speak of a trait, score, segment, segmentation, table or column, and those that speak of
//! them in turn.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::DateTime;
use serde_json::{Value, json};
use strata_spec::condition::references::Reference;
use strata_spec::definition::{Classes, Definitions, Header, Properties};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::{Subject, Table};

use crate::compile;
use crate::error::{Error, Result};
use crate::project::Project;

/// Something that definitions speak of: its kind (`trait`, `score`, `segmentation`, `segment`, `table` or `column`) and its name
/// (of a column `orders.amount`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thing {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// Who uses a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The thing.
    pub of: Thing,
    /// The definitions that use it: those that speak of it first, then those that use them.
    pub users: Vec<User>,
}

/// A definition that uses something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The definition.
    pub definition: Thing,
    /// Its title.
    pub title: String,
    /// What it uses it through; none where it speaks of it itself.
    pub through: Option<Thing>,
    /// Whether it is left out, since the data does not support it.
    pub is_left_out: bool,
}

/// Who uses what has a name; several things may have it, as a column of two tables.
///
/// # Errors
/// `NotFound` when nothing has that name.
pub fn used_by(project: &Project, name: &str) -> Result<Vec<Usage>> {
    let manifest = &project.manifest;
    let graph = Graph::of(&manifest.definitions, &manifest.properties);
    let things = graph.named(name);
    if things.is_empty() {
        return Err(graph.unknown(name));
    }
    let left_out = left_out(project)?;
    Ok(things.into_iter().map(|of| Usage { users: graph.users_of(&of, &left_out), of }).collect())
}

/// Who uses each of these traits.
///
/// # Errors
/// When a definition does not compile.
pub(crate) fn of_traits(project: &Project, names: impl Iterator<Item = String>) -> Result<Vec<Usage>> {
    let graph = Graph::of(&project.manifest.definitions, &project.manifest.properties);
    let left_out = left_out(project)?;
    let things = names.map(|name| Thing { kind: "trait", name });
    Ok(things.map(|of| Usage { users: graph.users_of(&of, &left_out), of }).collect())
}

/// What the data does not support.
fn left_out(project: &Project) -> Result<BTreeSet<Thing>> {
    // Any instant will do: what the data supports does not depend on it.
    let programs = compile::of_project(project, DateTime::UNIX_EPOCH)?;
    let left_out = programs.into_iter().flat_map(|program| program.left_out);
    Ok(left_out.map(|each| Thing { kind: each.kind, name: each.name }).collect())
}

impl Usage {
    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let users: Vec<Value> = self
            .users
            .iter()
            .map(|user| {
                json!({
                    "kind": user.definition.kind,
                    "name": user.definition.name,
                    "title": user.title,
                    "use": if user.through.is_none() { "direct" } else { "indirect" },
                    "through": user.through.as_ref().map(|thing| &thing.name),
                    "left_out": user.is_left_out,
                })
            })
            .collect();
        json!({ "kind": self.of.kind, "name": self.of.name, "used_by": users })
    }
}

/// What each definition speaks of.
struct Graph<'a> {
    titles: BTreeMap<Thing, &'a str>,
    /// By what is used.
    users: BTreeMap<Thing, BTreeSet<Thing>>,
    columns: BTreeSet<Thing>,
}

impl<'a> Graph<'a> {
    fn of(definitions: &'a Definitions, properties: &'a Properties) -> Graph<'a> {
        let mut columns = BTreeSet::new();
        for table in Table::ALL {
            let declared = properties.get(&table).into_iter().flat_map(BTreeMap::keys).map(String::as_str);
            let names = table.columns().iter().map(|column| column.name).chain(declared);
            columns.extend(names.map(|name| column(table, name)));
        }
        let mut graph = Graph { titles: BTreeMap::new(), users: BTreeMap::new(), columns };
        for (name, this) in &definitions.traits {
            graph.add("trait", name.as_str(), &this.header, this.value.references(), definitions);
        }
        for (name, this) in &definitions.scores {
            let columns = this.columns().into_iter();
            let mut references: Vec<_> =
                columns.map(|name| (Reference::Subject(name.to_owned()), Default::default())).collect();
            let needed = this.how.segmentations().cloned();
            references.extend(needed.map(|name| (Reference::Segmentation(name), Default::default())));
            references.extend(this.among.iter().flat_map(|among| among.references()));
            graph.add("score", name.as_str(), &this.header, references, definitions);
        }
        for (name, this) in &definitions.segmentations {
            let references = match &this.classes {
                Classes::By(term) => term.references(),
                Classes::Rules(classes) => {
                    classes.iter().flat_map(|class| class.condition.references()).collect()
                }
            };
            graph.add("segmentation", name.as_str(), &this.header, references, definitions);
        }
        for (name, this) in &definitions.segments {
            graph.add("segment", name.as_str(), &this.header, this.condition.references(), definitions);
        }
        graph
    }

    fn add<A>(
        &mut self,
        kind: &'static str,
        name: &str,
        header: &'a Header,
        references: Vec<(Reference, A)>,
        definitions: &Definitions,
    ) {
        let user = Thing { kind, name: name.to_owned() };
        for (reference, _) in references {
            if let Some(used) = self.used(&reference, header.subject, definitions) {
                self.users.entry(used).or_default().insert(user.clone());
            }
        }
        self.titles.insert(user, &header.title);
    }

    fn used(&self, reference: &Reference, subject: Subject, definitions: &Definitions) -> Option<Thing> {
        let thing = |kind, name: &str| Some(Thing { kind, name: name.to_owned() });
        match reference {
            Reference::Subject(name) => {
                // Traits and scores have names that no column has.
                match name.as_str() {
                    name if definitions.traits.contains_key(name) => thing("trait", name),
                    name if definitions.scores.contains_key(name) => thing("score", name),
                    name => Some(column(subject.table(), name)),
                }
            }
            Reference::Company(name) => Some(column(Table::Companies, name)),
            Reference::Rows(table) => thing("table", table.as_str()),
            // A company's definition speaks of the traits of its customers as of columns.
            Reference::Row(Table::Customers, name) if definitions.traits.contains_key(name.as_str()) => {
                thing("trait", name)
            }
            Reference::Row(table, name) => Some(column(*table, name)),
            Reference::Property(name) => Some(column(subject.table(), name)),
            Reference::Segment(name) => thing("segment", name.as_str()),
            Reference::Class(name, _) | Reference::Segmentation(name) => thing("segmentation", name.as_str()),
            // What is held against it or ranked is named beside it.
            Reference::Country(_) | Reference::Ranked(_) => None,
        }
    }

    /// Whatever a name may mean: `orders.amount` a column, `amount` the columns of that name in every table.
    fn named(&self, name: &str) -> Vec<Thing> {
        let definitions = self.titles.keys().filter(|thing| thing.name == name).cloned();
        let tables = Table::parse(name).map(|table| Thing { kind: "table", name: table.to_string() });
        let is = |thing: &&Thing| {
            let bare = thing.name.split_once('.').map(|(_, column)| column);
            thing.name == name || bare == Some(name)
        };
        definitions.chain(tables).chain(self.columns.iter().filter(is).cloned()).collect()
    }

    /// The users of a thing by the shortest way that leads to them.
    fn users_of(&self, of: &Thing, left_out: &BTreeSet<Thing>) -> Vec<User> {
        let mut found: BTreeMap<&Thing, Option<&Thing>> = BTreeMap::new();
        let mut waiting = VecDeque::from([of]);
        while let Some(used) = waiting.pop_front() {
            for user in self.users.get(used).into_iter().flatten() {
                if !found.contains_key(user) {
                    found.insert(user, (used != of).then_some(used));
                    waiting.push_back(user);
                }
            }
        }
        let mut users: Vec<User> = found
            .into_iter()
            .map(|(definition, through)| User {
                definition: definition.clone(),
                title: self.titles.get(definition).copied().unwrap_or_default().to_owned(),
                through: through.cloned(),
                is_left_out: left_out.contains(definition),
            })
            .collect();
        let rank = |user: &User| {
            let kind = ["trait", "score", "segmentation", "segment"]
                .iter()
                .position(|kind| *kind == user.definition.kind);
            (user.through.is_some(), kind, user.definition.name.clone())
        };
        users.sort_by_key(rank);
        users
    }

    fn unknown(&self, name: &str) -> Error {
        let error = Error::new(ErrorCode::NotFound, format!("nothing is called `{name}`"));
        let tables = Table::ALL.map(Table::as_str);
        let known = self.titles.keys().chain(&self.columns).map(|thing| thing.name.as_str());
        match nearest(name, known.chain(tables)) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint(
                "name a trait, score, segment or segmentation, or a column as `orders.amount`; docs/segmentations.md and docs/tables.md list them",
            ),
        }
    }
}

fn column(table: Table, name: &str) -> Thing {
    Thing { kind: "column", name: format!("{table}.{name}") }
}
