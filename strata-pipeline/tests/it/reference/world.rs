//! All that is known at one instant: the rows of the canonical tables, and what held before.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use strata_pipeline::spec::condition::{Condition, Group};
use strata_pipeline::spec::definition::{Classes, Definitions, Properties, Segment, Segmentation};
use strata_pipeline::spec::name::UNASSIGNED;
use strata_pipeline::spec::table::{Subject, Table};

use super::value::{Row, Truth, Value};

/// Rows, definitions, and the instant at which they are looked at.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) timezone: Tz,
    pub(crate) fiscal_year_start: u32,
    pub(crate) definitions: Definitions,
    pub(crate) properties: Properties,
    pub(crate) tables: BTreeMap<Table, Vec<Row>>,
    /// What properties were, in the order of time.
    pub(crate) spells: Vec<Spell>,
    /// Who was in which segment or class.
    pub(crate) stays: Vec<Stay>,
}

/// A value that a property of a subject had from an instant on, until the next.
#[derive(Debug, Clone)]
pub(crate) struct Spell {
    pub(crate) subject: Subject,
    pub(crate) id: String,
    pub(crate) property: String,
    pub(crate) value: Value,
    pub(crate) since: DateTime<Utc>,
}

/// A stay of a subject in a segment or class.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) subject: Subject,
    pub(crate) id: String,
    pub(crate) group: Group,
    pub(crate) entered_at: DateTime<Utc>,
    pub(crate) left_at: Option<DateTime<Utc>>,
}

/// One customer or company of a world.
#[derive(Clone, Copy)]
pub(crate) struct One<'w> {
    pub(crate) world: &'w World,
    pub(crate) subject: Subject,
    pub(crate) own: &'w Row,
    pub(crate) id: &'w str,
}

impl World {
    pub(crate) fn rows(&self, table: Table) -> impl Iterator<Item = &Row> {
        self.tables.get(&table).into_iter().flatten().filter(move |row| self.exists(table, row))
    }

    /// Nothing after `as_of` exists.
    fn exists(&self, table: Table, row: &Row) -> bool {
        match row.get(table.time_column()) {
            Some(Value::Time(at)) => *at <= self.as_of,
            _ => true,
        }
    }

    /// Everyone, or every company.
    pub(crate) fn everyone(&self, subject: Subject) -> Vec<One<'_>> {
        let of_row = |own| {
            let id = text(own, subject.id_column())?;
            Some(One { world: self, subject, own, id })
        };
        self.rows(subject.table()).filter_map(of_row).collect()
    }
}

impl<'w> One<'w> {
    /// The subject's rows of a table.
    pub(crate) fn rows(&self, table: Table) -> Vec<&'w Row> {
        let is_own = |row: &&Row| text(row, self.subject.id_column()) == Some(self.id);
        self.world.rows(table).filter(is_own).collect()
    }

    /// The company that a customer belongs to.
    pub(crate) fn company(&self) -> Option<&'w Row> {
        let id = text(self.own, Subject::Companies.id_column())?;
        self.world
            .rows(Table::Companies)
            .find(|company| text(company, Subject::Companies.id_column()) == Some(id))
    }

    /// Whether the condition of a segment is true of the subject.
    pub(crate) fn meets(&self, condition: &Condition) -> Truth {
        self.condition(condition, None)
    }

    /// Whether the subject is in a segment: who is unknown is not.
    pub(crate) fn is_member(&self, segment: &Segment) -> bool {
        let listed = |ids: &[String]| ids.iter().any(|id| id == self.id);
        let holds = self.meets(&segment.condition) == Some(true);
        (holds || listed(&segment.include)) && !listed(&segment.exclude)
    }

    /// The class of the subject.
    pub(crate) fn class(&self, segmentation: &Segmentation) -> String {
        match &segmentation.classes {
            Classes::By(term) => self.term(term, None).as_text().unwrap_or(UNASSIGNED.to_owned()),
            Classes::Rules(classes) => classes
                .iter()
                .find(|class| self.meets(&class.condition) == Some(true))
                .map_or(UNASSIGNED.to_owned(), |class| class.name.clone()),
        }
    }

    /// Whether the subject is in a segment or class now.
    pub(crate) fn is_in(&self, group: &Group) -> bool {
        match group {
            Group::Segment(name) => self.is_member(&self.world.definitions.segments[name]),
            Group::Class { segmentation, class } => {
                self.class(&self.world.definitions.segmentations[segmentation]) == *class
            }
        }
    }
}

pub(crate) fn text<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.get(column).and_then(Value::text)
}
