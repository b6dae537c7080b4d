//! What the tables say of changes between two instants.
//!
//! Who became known in between is left out on both sides: of them everything is new.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use strata_spec::table::Subject;

use super::{Change, MOST_CHANGES};
use crate::error::Result;
use crate::query::View;
use crate::query::ask::{ask, instant_literal};
use crate::run::PROPERTY_HISTORY;
use crate::segment::MEMBERSHIP;

/// A question of one kind of subjects between two instants.
pub(super) struct Between<'a> {
    pub(super) view: &'a View,
    pub(super) subject: Subject,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// How many came into a class or segment, and how many left it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moved {
    /// Since their property changed.
    pub(super) since: [u64; 2],
    /// Between the two instants.
    pub(super) between: [u64; 2],
}

impl Between<'_> {
    /// Each property that changed, of how many subjects, and the most frequent changes.
    pub(super) async fn changes(&self) -> Result<Vec<(String, u64, Vec<Change>)>> {
        let query = format!(
            "with {} select property, was, now, n, n_all from ( \
             select property, was, now, n, sum(n) over (partition by property) as n_all, \
             row_number() over (partition by property order by n desc, was nulls first, now nulls first) as place \
             from (select property, was, now, count(*) as n from changed group by 1, 2, 3)) \
             where place <= {MOST_CHANGES} order by property, place",
            self.changed()
        );
        let mut properties: Vec<(String, u64, Vec<Change>)> = Vec::new();
        for row in ask(self.view, "count the changes of properties", &query).await? {
            let owned = |place| row.maybe(place).map(str::to_owned);
            let change = Change { from: owned(1), to: owned(2), n: row.count(3) };
            match properties.last_mut().filter(|(name, ..)| name == row.text(0)) {
                Some((.., changes)) => changes.push(change),
                None => properties.push((row.text(0).to_owned(), row.count(4), vec![change])),
            }
        }
        Ok(properties)
    }

    /// How many subjects became known in between.
    pub(super) async fn n_new(&self) -> Result<u64> {
        let query = format!("with {} select count(*) from new", self.newcomers());
        let rows = ask(self.view, "count new subjects", &query).await?;
        Ok(rows.first().map_or(0, |row| row.count(0)))
    }

    /// How many subjects came into each class and segment, and left it.
    pub(super) async fn moved(&self) -> Result<BTreeMap<String, [u64; 2]>> {
        let query = format!(
            "with {}, {}, each as ( \
             select t.subject_id, t.name, bool_or({is_in}) as is_in, bool_or({was_in}) as was_in from touched t \
             left anti join new on new.subject_id = t.subject_id group by 1, 2) \
             select name, {}, {} from each group by 1 order by 1",
            self.newcomers(),
            self.touched(),
            entered("was_in"),
            left("was_in"),
            is_in = self.is_in(),
            was_in = self.was_in(),
        );
        let rows = ask(self.view, "count who came and left", &query).await?;
        Ok(rows.iter().map(|row| (row.text(0).to_owned(), [row.count(1), row.count(2)])).collect())
    }

    /// The same of those whose property changed, by property.
    pub(super) async fn moved_with(&self) -> Result<BTreeMap<String, BTreeMap<String, Moved>>> {
        let query = format!(
            "with {}, {}, each as ( \
             select c.property, c.subject_id, t.name, bool_or({is_in}) as is_in, bool_or({was_in}) as was_in, \
             bool_or(t.entered_at < c.since and (t.left_at is null or t.left_at >= c.since)) as was_in_then \
             from changed c join touched t on t.subject_id = c.subject_id group by 1, 2, 3) \
             select property, name, {}, {}, {}, {} from each group by 1, 2 order by 1, 2",
            self.changed(),
            self.touched(),
            entered("was_in_then"),
            left("was_in_then"),
            entered("was_in"),
            left("was_in"),
            is_in = self.is_in(),
            was_in = self.was_in(),
        );
        let mut properties: BTreeMap<String, BTreeMap<String, Moved>> = BTreeMap::new();
        for row in ask(self.view, "count who came and left with a change", &query).await? {
            let moved = Moved { since: [row.count(2), row.count(3)], between: [row.count(4), row.count(5)] };
            properties.entry(row.text(0).to_owned()).or_default().insert(row.text(1).to_owned(), moved);
        }
        Ok(properties)
    }

    /// Who became known in between.
    fn newcomers(&self) -> String {
        format!(
            "new as (select distinct subject_id from {PROPERTY_HISTORY} where subject = '{}' \
             and subject_id is not null and property is null and {})",
            self.subject,
            self.in_between("since"),
        )
    }

    /// Of whom which property is another at the later instant than at the earlier one, and since when it began to change.
    fn changed(&self) -> String {
        format!(
            "{}, ordered as ( \
               select h.subject_id, h.property, h.previous, h.value, h.since, \
               row_number() over (partition by h.property, h.subject_id order by h.since) as nth, \
               row_number() over (partition by h.property, h.subject_id order by h.since desc) as nth_last \
               from (select * from {PROPERTY_HISTORY} where subject = '{}' and subject_id is not null \
               and property is not null and {}) h left anti join new on new.subject_id = h.subject_id), \
             changed as ( \
               select f.property, f.subject_id, f.since, f.previous as was, l.value as now \
               from (select * from ordered where nth = 1) f join (select * from ordered where nth_last = 1) l \
               on l.property = f.property and l.subject_id = f.subject_id \
               where f.previous is distinct from l.value)",
            self.newcomers(),
            self.subject,
            self.in_between("since"),
        )
    }

    /// The stays that began or ended in between. A stay that only passed to a new version of a definition ended and began at once.
    fn touched(&self) -> String {
        format!(
            "touched as (select subject_id, \
             case when segmentation is null then segment else segmentation || '/' || segment end as name, \
             entered_at, left_at from {MEMBERSHIP} where subject = '{}' and ({} or {}))",
            self.subject,
            self.in_between("entered_at"),
            self.in_between("left_at"),
        )
    }

    fn in_between(&self, column: &str) -> String {
        format!("({column} > {} and {column} <= {})", instant_literal(self.from), instant_literal(self.to))
    }

    fn is_in(&self) -> String {
        at(&instant_literal(self.to))
    }

    fn was_in(&self) -> String {
        at(&instant_literal(self.from))
    }
}

/// Whether a stay holds at an instant.
fn at(instant: &str) -> String {
    format!("t.entered_at <= {instant} and (t.left_at is null or t.left_at > {instant})")
}

fn entered(before: &str) -> String {
    format!("count(*) filter (where is_in and not {before})")
}

fn left(before: &str) -> String {
    format!("count(*) filter (where {before} and not is_in)")
}
