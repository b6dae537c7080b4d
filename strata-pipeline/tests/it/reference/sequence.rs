//! Sequences: every choice of rows is tried.

use chrono::{DateTime, Utc};
use strata_pipeline::spec::condition::{Interval, Sequence, Step};
use strata_pipeline::spec::table::Table;

use super::calendar::moved;
use super::value::{Row, Value, equal};
use super::world::One;

/// A row that does what a step says: when, and with which keys.
#[derive(Debug, Clone)]
struct Candidate {
    at: DateTime<Utc>,
    keys: Vec<Value>,
}

impl One<'_> {
    pub(crate) fn sequence(&self, sequence: &Sequence) -> bool {
        let candidates: Vec<Vec<Candidate>> =
            sequence.steps.iter().map(|step| self.candidates(sequence, step)).collect();
        self.goes_on(sequence, &candidates, &mut Vec::new())
    }

    fn candidates(&self, sequence: &Sequence, step: &Step) -> Vec<Candidate> {
        let rows = self.rows(step.table).into_iter();
        rows.filter_map(|row| self.candidate(sequence, step, row)).collect()
    }

    fn candidate(&self, sequence: &Sequence, step: &Step, row: &Row) -> Option<Candidate> {
        let Some(Value::Time(at)) = row.get(step.table.time_column()) else { return None };
        let here = Some((step.table, row));
        let conditions = [&sequence.filter, &step.condition].into_iter().flatten();
        let does_all = conditions.into_iter().all(|each| self.condition(each, here) == Some(true));
        let key = |table: Table, terms: &[(Table, _)]| {
            let (_, term) = terms.iter().find(|(other, _)| *other == table).unwrap();
            self.term(term, here)
        };
        let keys: Vec<Value> = sequence.same.iter().map(|each| key(step.table, &each.terms)).collect();
        let all_known = keys.iter().all(|key| !key.is_null());
        (does_all && all_known).then_some(Candidate { at: *at, keys })
    }

    /// Whether rows can be chosen for the steps that have none yet. `chosen` holds a step's place and its row.
    fn goes_on(
        &self,
        sequence: &Sequence,
        candidates: &[Vec<Candidate>],
        chosen: &mut Vec<(usize, Candidate)>,
    ) -> bool {
        let first_open = chosen.last().map_or(0, |(place, _)| place + 1);
        let next = (first_open..sequence.steps.len()).find(|place| !sequence.steps[*place].absent);
        let Some(next) = next else {
            return self.nothing_forbids(sequence, candidates, chosen);
        };
        for candidate in &candidates[next] {
            if self.may_follow(sequence, &sequence.steps[next], chosen, candidate) {
                chosen.push((next, candidate.clone()));
                let found = self.goes_on(sequence, candidates, chosen);
                chosen.pop();
                if found {
                    return true;
                }
            }
        }
        false
    }

    fn may_follow(
        &self,
        sequence: &Sequence,
        step: &Step,
        chosen: &[(usize, Candidate)],
        candidate: &Candidate,
    ) -> bool {
        let (Some((_, first)), Some((_, last))) = (chosen.first(), chosen.last()) else { return true };
        let in_time = |since: DateTime<Utc>, length: Option<Interval>| {
            length.is_none_or(|length| candidate.at <= self.plus(since, length))
        };
        candidate.at > last.at
            && self.same_keys(first, candidate)
            && in_time(last.at, step.within)
            && in_time(first.at, sequence.within)
    }

    /// Whether no row does what an absent step forbids.
    fn nothing_forbids(
        &self,
        sequence: &Sequence,
        candidates: &[Vec<Candidate>],
        chosen: &[(usize, Candidate)],
    ) -> bool {
        let absent = sequence.steps.iter().enumerate().filter(|(_, step)| step.absent);
        absent.into_iter().all(|(place, step)| {
            let (_, before) = chosen.iter().rfind(|(other, _)| *other < place).unwrap();
            let after = chosen.iter().find(|(other, _)| *other > place);
            let is_forbidden = |at: DateTime<Utc>| match (step.within, after) {
                (Some(length), _) => at <= self.plus(before.at, length),
                (None, Some((_, after))) => at < after.at,
                (None, None) => true,
            };
            let is_over = step.within.is_none_or(|length| self.plus(before.at, length) <= self.world.as_of);
            let is_met = candidates[place]
                .iter()
                .any(|other| other.at > before.at && self.same_keys(before, other) && is_forbidden(other.at));
            is_over && !is_met
        })
    }

    fn same_keys(&self, left: &Candidate, right: &Candidate) -> bool {
        let mut pairs = left.keys.iter().zip(&right.keys);
        pairs.all(|(left, right)| equal(left, right, self.world.timezone) == Some(true))
    }

    fn plus(&self, at: DateTime<Utc>, length: Interval) -> DateTime<Utc> {
        moved(at, length, 1, self.world.timezone)
    }
}
