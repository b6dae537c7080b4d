//! What held before: values of properties, and stays in segments and classes, as stretches of time.

use chrono::{DateTime, TimeDelta, Utc};
use strata_pipeline::spec::condition::{Arithmetic, Change, Group, Literal, State, Term, When, Window};

use super::calendar::moved;
use super::value::{Value, equal};
use super::world::{One, Spell, Stay};

/// `[begin, end)`; without an end it lasts.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    begin: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
}

impl One<'_> {
    pub(crate) fn changed(&self, change: &Change, window: Option<Window>) -> bool {
        let in_window = |at: DateTime<Utc>| {
            window.is_none_or(|window| self.world.lies_in(&Value::Time(at), window) == Some(true))
        };
        match change {
            Change::Value { column, from, to } => {
                let is = |value: &Value, wanted: &Option<Literal>| {
                    wanted.as_ref().is_none_or(|wanted| self.equals(value, wanted))
                };
                // The first spell is where knowledge begins, and no change.
                self.spells(&column.name).windows(2).any(|pair| {
                    in_window(pair[1].since) && is(&pair[0].value, from) && is(&pair[1].value, to)
                })
            }
            Change::Entered(group) => {
                joined(self.stretches_in(group)).iter().any(|stay| in_window(stay.begin))
            }
            Change::Left(group) => {
                joined(self.stretches_in(group)).iter().filter_map(|stay| stay.end).any(in_window)
            }
        }
    }

    pub(crate) fn was(&self, state: &State, when: &When) -> bool {
        let stretches = self.stretches(state);
        match when {
            When::Ever => !stretches.is_empty(),
            When::At(instant) => {
                let at = self.instant(instant).min(self.world.as_of);
                stretches.iter().any(|stretch| stretch.begin <= at && stretch.end.is_none_or(|end| at < end))
            }
            When::In(window) => stretches.iter().any(|stretch| self.meets_window(*stretch, *window)),
        }
    }

    /// The beginning of the stretch that holds now.
    pub(crate) fn since(&self, state: &State) -> Option<DateTime<Utc>> {
        self.stretches(state).last().filter(|stretch| stretch.end.is_none()).map(|stretch| stretch.begin)
    }

    /// Whether some instant lies in the stretch, in the window, and not after the present. Instants are whole microseconds.
    fn meets_window(&self, stretch: Stretch, window: Window) -> bool {
        let edges = self.world.edges(window);
        let one = TimeDelta::microseconds(1);
        let first = if edges.with_from { edges.from } else { edges.from + one };
        let last = if edges.with_to { edges.to } else { edges.to - one };
        let last = stretch.end.map_or(last, |end| last.min(end - one));
        first.max(stretch.begin) <= last.min(self.world.as_of)
    }

    fn instant(&self, term: &Term) -> DateTime<Utc> {
        match term {
            Term::Literal(literal) => Value::of_literal(literal).instant(self.world.timezone).unwrap(),
            Term::Arithmetic { operator: Arithmetic::Subtract, right, .. } => match **right {
                Term::Literal(Literal::Interval(length)) => {
                    moved(self.world.as_of, length, -1, self.world.timezone)
                }
                ref other => panic!("`{other}` is not a length of time"),
            },
            other => panic!("`{other}` is not an instant"),
        }
    }

    /// When a state held, in the order of time; stretches without a break between them are one.
    fn stretches(&self, state: &State) -> Vec<Stretch> {
        match state {
            State::Value { column, value } => joined(self.stretches_of(&column.name, value)),
            State::Member(group) => joined(self.stretches_in(group)),
        }
    }

    fn stretches_of(&self, property: &str, wanted: &Literal) -> Vec<Stretch> {
        let spells = self.spells(property);
        let ends = spells.iter().skip(1).map(|next| Some(next.since)).chain([None]);
        let stretches = spells.iter().zip(ends);
        let wanted = stretches.filter(|(spell, _)| self.equals(&spell.value, wanted));
        wanted.map(|(spell, end)| Stretch { begin: spell.since, end }).collect()
    }

    /// What the property was. Where nothing is kept, knowledge begins with the present.
    fn spells(&self, property: &str) -> Vec<Spell> {
        let mut spells = self.world.spells.clone();
        spells.retain(|spell| {
            let is_own = spell.subject == self.subject && spell.id == self.id;
            is_own && spell.property == property && spell.since <= self.world.as_of
        });
        spells.sort_by_key(|spell| spell.since);
        if spells.is_empty() {
            spells.push(Spell {
                subject: self.subject,
                id: self.id.to_owned(),
                property: property.to_owned(),
                value: self.named(property),
                since: self.world.as_of,
            });
        }
        spells
    }

    fn equals(&self, value: &Value, literal: &Literal) -> bool {
        equal(value, &Value::of_literal(literal), self.world.timezone) == Some(true)
    }

    /// The stays in a segment or class: those that ended, and the one that lasts, which is decided by who is in it now.
    fn stretches_in(&self, group: &Group) -> Vec<Stretch> {
        let is_in = self.is_in(group);
        let now = self.world.as_of;
        let mut stays: Vec<Stay> = self.world.stays.clone();
        stays.retain(|stay| stay.subject == self.subject && stay.id == self.id && stay.group == *group);
        // What was written at this instant or later is not the past.
        stays.retain(|stay| stay.entered_at < now);
        stays.iter_mut().for_each(|stay| stay.left_at = stay.left_at.filter(|left| *left < now));
        stays.sort_by_key(|stay| stay.entered_at);
        let is_open = stays.last().is_some_and(|stay| stay.left_at.is_none());
        let mut stretches: Vec<Stretch> =
            stays.iter().map(|stay| Stretch { begin: stay.entered_at, end: stay.left_at }).collect();
        match stretches.last_mut() {
            Some(last) if is_open && !is_in => last.end = Some(now),
            _ if is_in && !is_open => stretches.push(Stretch { begin: now, end: None }),
            _ => {}
        }
        stretches
    }
}

/// A stay that goes on under another version of a definition is one stay.
fn joined(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(last) if last.end == Some(stretch.begin) => last.end = stretch.end,
            _ => joined.push(stretch),
        }
    }
    joined
}
